// A sink that records, and a fixture that runs the event loop until something is true. Peers live on the same loop.
#pragma once

#include "runtime/net/asio_context.hpp"
#include "runtime/net/event_loop.hpp"
#include "runtime/net/venue/venue_lines.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::net {

struct seen_unit {
  uint32_t line, flags;
  uint64_t recv_ns;
  std::string data;
};

struct seen_state {
  uint32_t line, state;
  std::string why;
};

struct seen_answer {
  uint32_t id;
  int32_t status;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string header(const std::string& name) const;
};

class recording_sink : public plugin::venue_sink {
public:
  void on_units(std::span<const tp_unit> units) override;
  int64_t on_stream(const tp_unit& unit) override;
  void on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) override;
  void on_http(const tp_http_answer& answer) override;
  void on_timer(uint32_t id, uint64_t now_ns) override;

  bool has_state(uint32_t line, uint32_t state) const;
  std::string why(uint32_t line, uint32_t state) const;
  std::vector<std::string> texts(uint32_t line) const;

  std::vector<seen_unit> units;
  std::vector<size_t> bursts;
  std::vector<seen_state> states;
  std::vector<seen_answer> answers;
  std::vector<uint32_t> timers;
  std::vector<std::string> stream_views; ///< what each on_stream saw
  size_t calls = 0;
  bool is_inside_request = false; ///< set around requests: calls from inside them are errors

  std::function<void(std::span<const tp_unit>)> when_units;
  std::function<int64_t(const tp_unit&)> reader; ///< empty: consumes all
  std::function<void(const seen_state&)> when_line;
  std::function<void(uint32_t)> when_timer;

private:
  void enter();
};

class lines_test : public testing::Test {
protected:
  void start(std::function<void(venue_lines_options&)> change = {});
  boost::asio::io_context& context() { return context_of(loop); }
  /// False when it is still not so after a generous time.
  bool run_until(const std::function<bool()>& is_so);
  /// Everything that is ready now, some rounds long.
  void settle();
  bool run_until_state(uint32_t line, uint32_t state) {
    return run_until([=, this] { return sink.has_state(line, state); });
  }
  int32_t open(uint32_t line, uint16_t kind, const std::string& address,
               const std::function<void(tp_line_spec&)>& change = {});
  int32_t send(uint32_t line, std::string_view text, uint32_t flags = 0);
  line_status status(uint32_t line) const;
  bool has_log(const std::string& part) const;

  event_loop loop;
  recording_sink sink;
  std::vector<std::string> logs, faults;
  size_t turns_seen = 0;
  std::optional<venue_lines> lines;
};

tp_str to_tp_text(std::string_view text);
/// A UDP port of the loopback address that nobody uses at the moment.
uint16_t free_udp_port();

class udp_sender {
public:
  explicit udp_sender(boost::asio::io_context& context, const std::string& from = "127.0.0.1");
  void send(const std::string& text, uint16_t port, const std::string& to = "127.0.0.1");
  std::string receive(boost::asio::ip::udp::endpoint& from);
  boost::asio::ip::udp::socket socket;
};

class tcp_server {
public:
  explicit tcp_server(boost::asio::io_context& context);
  uint16_t port() const { return acceptor.local_endpoint().port(); }
  std::string address(const std::string& scheme, const std::string& rest = {},
                      const std::string& host = "127.0.0.1") const;
  boost::asio::ip::tcp::acceptor acceptor;
};

} // namespace tickplant::net
