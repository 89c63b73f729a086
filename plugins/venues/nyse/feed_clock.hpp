// Seconds of each matching-engine partition (message 2, section 7): data messages carry nanoseconds alone. Pure.
#pragma once

#include <array>
#include <cstdint>

namespace tickplant::nyse {

class feed_clock {
public:
  struct time {
    uint64_t ns;
    bool is_guessed;
  };

  /// The time that the packets say about themselves; before the first message 2 it is all that is known.
  void set_send_time(uint64_t ns) { send_ns_ = ns; }

  /// A start-up message may be a month old: what is far from the packet's own time is not believed.
  bool set_seconds(uint32_t partition, uint32_t seconds) {
    const uint64_t ns = uint64_t{seconds} * second;
    const uint64_t apart = ns > send_ns_ ? ns - send_ns_ : send_ns_ - ns;
    if (apart > 3'600 * second && send_ns_ != 0) return false;
    base_[partition & 0xFF] = ns;
    return true;
  }

  time at(uint8_t partition, uint32_t nanoseconds) const {
    if (base_[partition] != 0) [[likely]]
      return {base_[partition] + nanoseconds, false};
    // The message is a little older than its packet, maybe of the second before.
    uint64_t guess = send_ns_ - send_ns_ % second + nanoseconds;
    if (guess > send_ns_ + second / 2 && guess >= second) guess -= second;
    return {guess, true};
  }

  void clear() { base_.fill(0); }

private:
  static constexpr uint64_t second = 1'000'000'000;
  std::array<uint64_t, 256> base_{};
  uint64_t send_ns_ = 0;
};

} // namespace tickplant::nyse
