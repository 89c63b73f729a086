// Lets log lines through at a bounded rate, so that a storm of gaps cannot fill a disk; counters tell the rest. Pure.
#pragma once

#include <cstdint>

namespace tickplant::binance {

class log_gate {
public:
  /// False where this minute has had its lines.
  bool pass(uint64_t now_ns) {
    constexpr uint64_t minute_ns = 60'000'000'000;
    constexpr uint32_t most_in_a_minute = 120;
    if (now_ns / minute_ns != minute_) {
      minute_ = now_ns / minute_ns;
      passed_ = 0;
    }
    return ++passed_ <= most_in_a_minute;
  }

private:
  uint64_t minute_ = 0;
  uint32_t passed_ = 0;
};

} // namespace tickplant::binance
