// The world of a venue plugin that a capture plays: its lines come up, speak and end as they did, its requests are
// answered as they were, its timers fire by the capture's clock. Nothing here reads a clock or a socket: two playbacks
// of one capture to equal plugins are equal, call by call. One thread.
#pragma once

#include "runtime/capture/reader.hpp"
#include "runtime/plugin/venue_io.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::capture {

struct playback_counts {
  uint64_t records = 0, units = 0, deliveries = 0, stream_bytes = 0, answers = 0;
  uint64_t unrouted = 0; // for lines that the plugin has not open
  uint64_t dropped = 0;  // that the recorder already had to leave out
  uint64_t sent = 0, sessions = 1, leaps = 0;
};

class playback final : public plugin::venue_io {
public:
  /// Reads as it plays. `after_ns`: how long the clock goes on after the last record. Throws capture_fault.
  explicit playback(std::vector<std::string> files, uint64_t after_ns = 0);

  int32_t line_open(const tp_line_spec& spec) override;
  void line_close(uint32_t line) override;
  int32_t send(uint32_t line, uint32_t unit_flags, std::span<const uint8_t> bytes) override;
  int32_t http_get(const tp_http_request& request) override;
  void set_timer(uint32_t id, uint64_t after_ns) override;
  std::optional<uint64_t> clock_ns() const override { return now_ns_; }

  uint64_t now() const { return now_ns_; }
  /// The clock's time of what `step` does next; nothing at the end.
  std::optional<uint64_t> next_ns();
  /// Does the next thing: news that wait, a timer, a delivery of the capture. False at the end. `wake_ns`: when the
  /// caller has something to do. Throws capture_fault.
  bool step(plugin::venue_sink& sink, uint64_t wake_ns = UINT64_MAX);

  const playback_counts& counts() const { return counts_; }
  /// The last file ends inside a record.
  bool is_cut_off() const { return source_.is_cut_off(); }
  const preamble& file() const { return source_.file(); }

private:
  struct line {
    uint16_t kind = 0;
    std::string name;
    bool is_up = false;
    std::vector<uint8_t> unread; // of a stream, with TP_PADDING behind it
    size_t unread_bytes = 0;
    uint64_t deadline_ns = 0; // while it is not up
  };
  struct recorded_line {
    std::string name;
    bool is_up = false;
  };
  struct answer {
    int32_t status = 0;
    std::vector<char> body; // with TP_PADDING behind it
  };
  struct request {
    std::string url;
    uint64_t deadline_ns = 0;
  };
  struct news {
    enum class kind : uint8_t { line, http } what;
    uint32_t number = 0, state = 0;
    std::string why;
    answer reply;
  };

  void load_next();
  uint64_t due_ns() const;
  void fire_due(plugin::venue_sink& sink);
  void tell_news(plugin::venue_sink& sink);
  void play(plugin::venue_sink& sink);
  void play_units(plugin::venue_sink& sink);
  void play_stream(plugin::venue_sink& sink, uint32_t number, std::span<const uint8_t> bytes);
  void play_state();
  void play_answer();
  void end_lines();
  std::optional<uint32_t> open_line_of(uint32_t recorded) const;
  bool is_recorded_up(const std::string& name) const;
  void come_up(uint32_t number);

  reader source_;
  std::optional<record> next_; // borrowed from source_
  uint64_t after_ns_, now_ns_ = 0, end_ns_ = 0, largest_ns_ = 0;
  uint64_t played_ns_ = 0; // when the latest record was played, or leapt to
  bool is_over_ = false;
  std::map<uint32_t, line> lines_;             // by the plugin's number
  std::map<uint32_t, recorded_line> recorded_; // by the number in the file
  std::map<uint32_t, uint64_t> timers_;
  std::set<std::pair<uint64_t, uint32_t>> due_timers_;
  std::map<uint32_t, request> requests_;
  std::map<std::string, std::deque<answer>> unclaimed_; // answers that nobody asked for yet, by URL
  size_t unclaimed_count_ = 0;
  std::deque<news> news_;
  std::vector<std::vector<uint8_t>> held_; // bytes of the units of one delivery
  std::vector<tp_unit> units_;
  playback_counts counts_;
};

} // namespace tickplant::capture
