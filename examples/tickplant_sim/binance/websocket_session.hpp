// One stream connection: control messages in, subscribed events out, pings, life time, and the faults of a connection.
#pragma once

#include "tickplant_sim/binance/connection_faults.hpp"
#include "tickplant_sim/binance/stream_hub.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <deque>
#include <memory>

namespace tickplant::sim::binance {

struct session_options {
  std::chrono::milliseconds ping_interval{20'000};
  std::chrono::milliseconds pong_timeout{60'000};
  std::chrono::milliseconds lifetime{24 * 3600 * 1000};
  std::chrono::milliseconds cut_after{0};    // 0: never
  std::chrono::milliseconds silent_after{0}; // from then on nothing leaves, pings neither; 0: never
  std::size_t most_streams = 1024;
  std::uint32_t messages_a_second = 5;
};

struct session_counts {
  std::uint64_t opened = 0;
  std::uint64_t control_messages = 0;
  std::uint64_t over_rate = 0;
  std::uint64_t slow = 0;
  std::uint64_t cut = 0;
  std::uint64_t expired = 0;
  std::uint64_t missed_pongs = 0;
  std::uint64_t silent = 0;
};

/// Keeps itself alive while the connection lives; all calls on the loop. More than 16 MiB waiting for the socket ends
/// the connection.
class websocket_session final : public subscriber, public std::enable_shared_from_this<websocket_session> {
public:
  using request = boost::beast::http::request<boost::beast::http::string_body>;

  websocket_session(boost::beast::tcp_stream stream, stream_hub& hub, const session_options& options,
                    session_counts& counts, connection_faults& faults);
  ~websocket_session() override;

  /// Answers the upgrade and begins. `initial` is what the request's target asked for.
  void start(const request& upgrade, subscriptions initial, bool microseconds);
  /// Announces the shutdown to the client and closes.
  void shut_down();
  /// The same with time between the two.
  void end_after(std::chrono::milliseconds notice);

  const subscriptions& wants() const override { return state_; }
  void deliver(std::string_view stream, std::string_view event) override;
  std::size_t waiting_bytes() const override { return waiting_bytes_; }

private:
  using clock = std::chrono::steady_clock;
  using error_code = boost::system::error_code;

  void on_open();
  void read();
  void on_text();
  bool within_rate();
  void send(std::string text);
  void write();
  void cut_inside(std::size_t kept);
  bool is_mute() const;
  clock::time_point shutdown_notice() const;
  void wait_for_deadline();
  void check_deadlines();
  void ping();
  void announce_shutdown();
  void close(boost::beast::websocket::close_code code);
  void finish_close();
  void drop();

  boost::beast::websocket::stream<boost::beast::tcp_stream> socket_;
  boost::asio::steady_timer timer_;
  stream_hub& hub_;
  session_options options_;
  session_counts& counts_;
  connection_faults& faults_;
  subscriptions state_;
  message_rate rate_;
  std::chrono::steady_clock::time_point ends_{}, stalled_until_{}, next_second_{};
  boost::beast::flat_buffer incoming_;
  std::deque<std::string> outgoing_;
  std::size_t waiting_bytes_ = 0;
  bool microseconds_ = false;
  bool attached_ = false;
  bool open_ = false;
  bool writing_ = false;
  std::uint16_t close_code_ = 0;
  bool announced_ = false;
  bool over_rate_ = false;
  bool pinging_ = false;
  bool awaits_pong_ = false;
  bool is_silent_ = false;
  clock::time_point opened_;
  clock::time_point next_ping_;
  clock::time_point pinged_;
};

} // namespace tickplant::sim::binance
