// Whether a venue's live lines still bring anything: which are up, since when none is, since when all are silent. Fed
// with what happens to lines, asked from time to time. No clock; one owner. A venue without live lines is always well.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace tickplant::supervision {

/// What may last before the venue counts as failed; zero: for ever.
struct line_limits {
  std::chrono::nanoseconds down = std::chrono::seconds{30}; // no live line up
  std::chrono::nanoseconds silent{0};                       // nothing heard on any live line
};

class line_health {
public:
  using nanoseconds = std::chrono::nanoseconds;
  enum class line_state : uint8_t { opening, up, down, ended }; // ended: a file that was read to its end

  explicit line_health(line_limits limits) : limits_(limits) {}

  /// A live line was asked for; others are not told here.
  void opened(uint32_t line, nanoseconds now);
  void changed(uint32_t line, line_state to, nanoseconds now);
  /// The plugin gave it up by itself.
  void closed(uint32_t line);
  /// A unit came. Costs nothing but this where silence is no matter.
  void heard(uint32_t line) {
    if (limits_.silent.count() != 0 && !was_heard_) was_heard_ = lines_.contains(line);
  }

  bool is_well() const { return !is_down(); }
  /// What has lasted too long, as a sentence; empty: nothing.
  std::string problem(nanoseconds now);

private:
  bool is_down() const;

  line_limits limits_;
  std::map<uint32_t, line_state> lines_; // live ones
  nanoseconds down_since_{-1}, heard_at_{-1};
  bool was_heard_ = false; // since it was asked last
};

} // namespace tickplant::supervision
