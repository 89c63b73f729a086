// Exponential backoff with jitter, for whatever is tried again after a failure: 1 s, doubling to 32 s, a quarter up or
// down by chance so that many instances do not come back at the same moment. Pure: `random` is the host's. Nanoseconds.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tickplant::sdk {

/// The pause after so many failures in a row, without jitter.
constexpr uint64_t backoff_pause_ns(uint32_t failures) {
  return uint64_t{1'000'000'000} << std::min(failures, 5u);
}
/// A pause (of 2 ns and more) made up to a quarter longer or shorter.
constexpr uint64_t jittered_ns(uint64_t pause_ns, uint64_t random) {
  return pause_ns * 3 / 4 + random % (pause_ns / 2);
}

/// Failures in a row of one line, server or request.
class backoff {
public:
  uint32_t failures() const { return failures_; }
  void succeed() { failures_ = 0; }
  /// One more failure: how long to wait until the next try.
  uint64_t fail(uint64_t random) {
    const uint64_t pause_ns = jittered_ns(backoff_pause_ns(failures_), random);
    if (failures_ < UINT8_MAX) ++failures_;
    return pause_ns;
  }

private:
  uint8_t failures_ = 0;
};

} // namespace tickplant::sdk
