// The TCP lines of a replay. A line gets its bytes from the next file of --answer with its name, at once and then the
// end of the connection, or from the packets of its server in the capture, as they come. Lines with neither are
// refused. Unread bytes are kept by the rule of the ABI: 0 consumed waits for more, up to the line's max_unit. One
// thread.
#pragma once

#include "runtime/plugin/venue_io.hpp"
#include "runtime/tools/replay/input_window.hpp"
#include "runtime/tools/replay/named_line.hpp"
#include "runtime/tools/replay/record.hpp"
#include "runtime/tools/replay/tcp_flow.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::replay {

class stream_lines {
public:
  /// Opens the files of the answers, reads them at once with `whole`; throws input_fault.
  stream_lines(const std::vector<named_answer>& answers, std::vector<named_line> servers, bool whole);

  /// Why the line cannot be opened; nothing if it is open. `at`: its server.
  std::optional<std::string> open(uint32_t line, const std::string& name, endpoint at, uint32_t max_unit);
  void close(uint32_t line) { lines_.erase(line); }
  bool is_empty() const { return lines_.empty(); }

  /// Whether a record of the capture is a part of a connection, for `take`, rather than a datagram.
  bool is_part(const record& from) const;
  /// False if no open line wants it.
  bool take(const record& from);

  struct ended {
    uint32_t line, state; // TP_LINE_CLOSED or TP_LINE_FAILED
    std::string why;
  };
  struct turn {
    bool did_something = false;
    std::optional<ended> end; // the line is gone; the plugin is to be told
  };
  /// Gives one line what it can have. Throws input_fault.
  turn run(plugin::venue_sink& sink, uint64_t now_ns);

private:
  struct stream {
    uint64_t id = 0; // a number of the plugin may stand for another connection after a call
    uint32_t max_unit = 0;
    std::unique_ptr<input_window> file; // null: captured
    endpoint server;
    std::optional<endpoint> client; // of the captured connection that is followed
    tcp_flow flow;
    std::vector<uint8_t> bytes; // captured and unread, with TP_PADDING more while they are given
    std::optional<ended> end;   // after the unread bytes
    bool has_news = false;
  };
  using key = std::pair<uint64_t, uint64_t>;
  static uint64_t number_of(endpoint at) { return uint64_t{at.address} << 16 | at.port; }

  turn give(uint32_t line, plugin::venue_sink& sink, uint64_t now_ns);
  stream* wanting(const record& from);

  std::vector<named_line> servers_;
  std::map<std::string, std::deque<std::unique_ptr<input_window>>> answers_;
  std::map<uint32_t, stream> lines_;
  std::set<key> begun_; // captured connections whose first bytes are gone: server, client
  uint64_t last_id_ = 0;
};

} // namespace tickplant::replay
