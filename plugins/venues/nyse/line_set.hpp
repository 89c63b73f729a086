// The lines of one instance but for the request server's: opened by the host on our behalf, opened again with growing
// pauses when they fail.
#pragma once

#include "config.hpp"

#include <tickplant/backoff.hpp>
#include <tickplant/venue.hpp>

#include <vector>

namespace tickplant::nyse {

/// What a line is for. Its number is first_line + places * (place of its channel) + its role.
enum class line_role : uint8_t { a, b, retransmission, refresh, summary, second_summary, count_ };

class line_set {
public:
  static constexpr uint32_t request = 0, first_line = 8, places = 8;
  static constexpr uint32_t first_timer = 4'096; // timer of a line: first_timer + line

  line_set(sdk::venue_host host, const options& opts);

  void open_all();
  /// What the host says about a line; schedules the next try where it went down.
  void on_line(uint32_t line, uint32_t state, std::string_view why);
  /// Opens a line again if the timer is one of ours.
  bool on_timer(uint32_t id);
  void close_all();

  /// A refresh that comes as a stream is opened when one is wanted, and not again for a while when it ends.
  void want_refresh(size_t channel_place);

  static std::optional<std::pair<size_t, line_role>> role_of(uint32_t line, size_t channels) {
    if (line < first_line || line >= first_line + places * channels) return std::nullopt;
    const auto role = static_cast<line_role>((line - first_line) % places);
    if (role >= line_role::count_) return std::nullopt;
    return std::pair{size_t{(line - first_line) / places}, role};
  }
  static uint32_t number(size_t channel_place, line_role role) {
    return first_line + static_cast<uint32_t>(channel_place) * places + static_cast<uint32_t>(role);
  }
  bool is_stream(uint32_t line) const { return line < lines_.size() && lines_[line].is_stream; }

private:
  struct known_line {
    std::string name, address;
    bool is_stream = false, is_open = false, is_waiting = false;
    sdk::backoff pause;
  };
  void open(uint32_t number);
  void schedule(uint32_t number);

  sdk::venue_host host_;
  const options& options_;
  std::vector<known_line> lines_; // by number; without an address: not configured
};

} // namespace tickplant::nyse
