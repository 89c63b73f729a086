// The world of a venue plugin while a capture is played: lines that are always there, timers by the capture's clock,
// REST requests answered from the recording, sends that go nowhere but are remembered. One thread.
#pragma once

#include "runtime/plugin/venue_io.hpp"
#include "runtime/tools/replay/named_line.hpp"
#include "runtime/tools/replay/record.hpp"
#include "runtime/tools/replay/recorded_answers.hpp"
#include "runtime/tools/replay/stream_lines.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tickplant::replay {

/// Which kinds of line the capture can play.
struct world_options {
  bool files = false, datagrams = false, web_sockets = false;
  std::vector<named_line> lines;
  std::vector<named_answer> answers = {}; // of TCP lines
  bool whole = false;                     // reads the answers' files at once
};

struct sent_message {
  uint64_t ns;
  std::string line;
  std::string bytes;
};

class world final : public plugin::venue_io {
public:
  /// `answers` outlives the world. Throws input_fault where a file that answers a TCP line cannot be read.
  world(world_options options, recorded_answers& answers)
    : options_(std::move(options)), answers_(answers), streams_(options_.answers, options_.lines, options_.whole) {}

  int32_t line_open(const tp_line_spec& spec) override;
  void line_close(uint32_t line) override;
  int32_t send(uint32_t line, uint32_t unit_flags, std::span<const uint8_t> bytes) override;
  int32_t http_get(const tp_http_request& request) override;
  void set_timer(uint32_t id, uint64_t after_ns) override;

  /// Moves the clock, which never goes back.
  void set_now(uint64_t ns) { now_ns_ = std::max(now_ns_, ns); }
  uint64_t now() const { return now_ns_; }

  /// When the next timer, answer or time-out falls due; UINT64_MAX: nothing waits.
  uint64_t next_due() const;
  /// Does the first thing that is due at the clock's time; false if nothing is.
  bool run_due(plugin::venue_sink& sink);
  /// Nothing waits for a turn of its own.
  bool is_at_rest() const { return queue_.empty() && streams_.is_empty(); }
  /// Whether a turn may find work, or something else falls due, than when `rest` was called.
  bool is_stirred() const { return stirred_; }
  void rest() { stirred_ = !is_at_rest(); }
  /// Tells what waited for a turn of its own; false if nothing did. Throws input_fault.
  bool run_queued(plugin::venue_sink& sink);
  /// An answer that lies at this place of the capture.
  void arrive(std::string_view key, std::string_view body);
  /// The capture is over: open files end, requests that nothing can answer any more fail.
  void end_of_input();

  /// The line that a record of the capture belongs to.
  std::optional<uint32_t> line_of(const record& from) const {
    return from.kind == record_kind::file_part ? file_ : line_of_packet(from);
  }
  /// The bytes of TCP lines: whether a record holds some, and its turn to come; false if no line wants it.
  bool is_stream_part(const record& from) const {
    return from.kind != record_kind::file_part && streams_.is_part(from);
  }
  bool take_stream_part(const record& from) {
    stirred_ = true;
    return streams_.take(from);
  }
  /// The line that all parts of files belong to, where one is open.
  const std::optional<uint32_t>& file_line() const { return file_; }

  /// The newest 1,024 messages that the plugin sent, and how many there were.
  const std::deque<sent_message>& sent() const { return sent_; }
  uint64_t sent_count() const { return sent_count_; }
  uint64_t requests() const { return requests_; }
  /// Names of the command line that the plugin never opened.
  std::vector<std::string> unopened() const;

private:
  struct open_line {
    uint16_t kind;
    std::string name;
    endpoint at;
  };
  struct line_news {
    uint32_t line, state;
    std::string why;
  };
  struct reply {
    uint32_t id;
    int32_t status;
    answer_ptr body;
  };
  struct request {
    std::string key;
    uint64_t due_ns; // when it fails, or is answered with what was played before
    bool repeats;
  };

  std::optional<uint32_t> line_of_packet(const record& from) const;
  void tell(uint32_t id, int32_t status, answer_ptr body);
  void answer_waiting();
  void find_single_lines();
  std::optional<std::string> why_unplayable(const tp_line_spec& spec, const open_line& line);
  bool run_streams(plugin::venue_sink& sink);

  world_options options_;
  recorded_answers& answers_;
  stream_lines streams_;
  uint64_t now_ns_ = 0;
  std::map<uint32_t, open_line> lines_;
  std::optional<uint32_t> file_, socket_, group_; // the first of their kind
  std::map<uint32_t, uint64_t> timers_;
  std::set<std::pair<uint64_t, uint32_t>> due_timers_;
  std::map<uint32_t, request> waiting_;
  std::deque<std::variant<line_news, reply>> queue_;
  std::deque<sent_message> sent_;
  std::set<std::string> opened_names_;
  uint64_t sent_count_ = 0, requests_ = 0;
  bool ended_ = false;
  bool stirred_ = true; // set by all that changes queue, streams, timers or requests
};

} // namespace tickplant::replay
