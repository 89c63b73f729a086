// What a supervisor does when a child dies, as a pure function: Erlang/OTP's strategies, restart intensity and
// back-off. No clock and no chance of its own: the caller brings both.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tickplant::supervision {

using nanoseconds = std::chrono::nanoseconds;

/// Which siblings are restarted together with a dead child.
enum class strategy : uint8_t { one_for_one, one_for_all, rest_for_one };

/// Which deaths lead to a restart: all, the abnormal ones, none.
enum class restart : uint8_t { permanent, transient, temporary };

/// At most `restarts` restarts within `period`; one more escalates.
struct intensity {
  size_t restarts = 5;
  nanoseconds period = std::chrono::seconds{10};
};

/// Wait before a restart: `first`, doubled for each death in a row up to `max`, moved by up to `jitter` of itself.
struct backoff {
  nanoseconds first = std::chrono::milliseconds{100};
  nanoseconds max = std::chrono::seconds{30};
  double jitter = 0.2;
};

/// Restarts that still count. A quiet period empties it, and the back-off starts anew.
struct history {
  std::vector<nanoseconds> restarts; // a few; a deque would cost each client half a kilobyte while empty
  uint32_t streak = 0;
};

struct decision {
  enum class kind : uint8_t { forget, restart, escalate } what = kind::forget;
  size_t first = 0, last = 0; // children [first, last) are restarted
  nanoseconds delay{0};
};

struct policy {
  strategy how = strategy::one_for_one;
  intensity limit;
  backoff wait;
};

/// The wait after `streak` failures in a row before; `unit` is a random number in [0, 1).
nanoseconds delay_after(const backoff& wait, uint32_t streak, double unit);

/// The decision on the death of child `index` of `count` at monotonic time `now`; `unit` is a random number in [0, 1).
decision decide(const policy& rules, restart when, bool abnormal, size_t index, size_t count, history& past,
                nanoseconds now, double unit);

} // namespace tickplant::supervision
