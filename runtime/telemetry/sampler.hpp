// Decides which updates are traced and makes their ids. One per loop: a single thread, no lock, no system call.
#pragma once

#include "runtime/telemetry/trace_context.hpp"

#include <array>
#include <cstdint>
#include <limits>

namespace tickplant::telemetry {

/// A share of 0 to 1 as the number that `sampler::decide` compares with; outside of it, and not a number: the nearer
/// end, and 0.
uint64_t sample_threshold(double share) noexcept;

class sampler {
public:
  /// Seeded by the system, so that ids of several processes and loops do not meet.
  sampler();
  /// The same seed makes the same decisions and ids: for tests.
  explicit sampler(uint64_t seed) noexcept;

  /// True with the probability behind `threshold`. Costs a compare when it is 0.
  bool decide(uint64_t threshold) noexcept {
    if (threshold == 0) return false;
    return threshold == std::numeric_limits<uint64_t>::max() || next() < threshold;
  }
  /// Never all zero.
  trace_id new_trace_id() noexcept;
  span_id new_span_id() noexcept;

private:
  uint64_t next() noexcept;

  std::array<uint64_t, 4> state_{};
};

} // namespace tickplant::telemetry
