// Latencies in microseconds as a histogram of constant size, exact to 1/64 of the value.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace tickplant::load {

/// A value, not shared between threads.
class latency_histogram {
public:
  /// Negative ones, of clocks that disagree, count as 0; those above 12 days as 12 days.
  void add(int64_t microseconds) {
    ++buckets_[index(static_cast<uint64_t>(std::max<int64_t>(microseconds, 0)))];
    ++count_;
  }

  uint64_t count() const { return count_; }

  /// The value below or at which `part` (0 to 1) of all lie, rounded up to its bucket's end; 0 when there are none.
  int64_t percentile(double part) const {
    const auto wanted = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(part * static_cast<double>(count_))));
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size() && count_ > 0; ++i)
      if ((seen += buckets_[i]) >= wanted) return static_cast<int64_t>(end(i));
    return 0;
  }

private:
  // Below 128 each value has a bucket; above, each power of two has 64.
  static constexpr unsigned fine_bits = 6, most_bits = 40;
  static constexpr size_t size = (most_bits - fine_bits + 1) << fine_bits;

  static size_t index(uint64_t value) {
    value = std::min(value, (uint64_t{1} << most_bits) - 1);
    const auto bits = static_cast<unsigned>(std::bit_width(value));
    if (bits <= fine_bits + 1) return value;
    const unsigned shift = bits - fine_bits - 1;
    return (size_t{shift} << fine_bits) + (value >> shift);
  }
  static uint64_t end(size_t at) {
    if (at < size_t{2} << fine_bits) return at;
    const auto shift = (at >> fine_bits) - 1;
    return (((at & ((size_t{1} << fine_bits) - 1)) + (size_t{1} << fine_bits) + 1) << shift) - 1;
  }

  std::array<uint64_t, size> buckets_{};
  uint64_t count_ = 0;
};

} // namespace tickplant::load
