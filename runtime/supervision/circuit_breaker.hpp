// What becomes of a child that keeps failing, instead of the end of its supervisor: it is left alone for a time, then
// tried once. Closed: restarted as usual. Open: left alone, for longer each time. Half-open: one trial runs; a failure
// opens it again, health for a time closes it. No clock and no chance of its own; one owner.
#pragma once

#include "runtime/supervision/policy.hpp"

#include <cstdint>
#include <deque>
#include <string_view>

namespace tickplant::supervision {

/// `failures` within `period` open it. It is open for `open_first`, doubled each time up to `open_max` and moved by up
/// to `jitter` of itself, but never longer than `open_max`. A trial that is healthy for `healthy` closes it.
struct breaker_rules {
  uint32_t failures = 5;
  nanoseconds period = std::chrono::minutes{10};
  nanoseconds open_first = std::chrono::seconds{30};
  nanoseconds open_max = std::chrono::minutes{15};
  nanoseconds healthy = std::chrono::minutes{1};
  double jitter = 0.2;
};

enum class breaker_state : uint8_t { closed, open, half_open };
/// "closed", "open", "half-open".
std::string_view name_of(breaker_state state);

class circuit_breaker {
public:
  explicit circuit_breaker(breaker_rules rules) : rules_(rules) {}

  /// The child failed at monotonic time `now`; `unit` is a random number in [0, 1). How long it is left alone, or zero
  /// while the breaker is closed: then the usual back-off after `streak()` failures in a row applies.
  nanoseconds fail(nanoseconds now, double unit);
  /// The child is about to be started: an open breaker whose time is over lets it through as the trial.
  void begin(nanoseconds now);
  /// How the child is, asked from time to time while it runs. True if it has just closed the breaker.
  bool observe(nanoseconds now, bool is_well);
  /// Closed at once by an operator, everything forgotten but the count of openings.
  void close(nanoseconds now);

  breaker_state state() const { return state_; }
  nanoseconds since() const { return since_; }
  /// When the next trial is due; of an open breaker only.
  nanoseconds until() const { return until_; }
  uint64_t openings() const { return openings_; }
  /// Failures in a row that count while it is closed.
  uint32_t streak() const { return static_cast<uint32_t>(failures_.size()); }
  const breaker_rules& rules() const { return rules_; }

private:
  void open(nanoseconds now, double unit);
  void change(breaker_state to, nanoseconds now);

  breaker_rules rules_;
  breaker_state state_ = breaker_state::closed;
  nanoseconds since_{0}, until_{0};
  nanoseconds well_since_{-1}; // negative: it is not well
  std::deque<nanoseconds> failures_;
  uint32_t in_a_row_ = 0; // openings since it was closed last
  uint64_t openings_ = 0;
};

} // namespace tickplant::supervision
