// Durations in buckets of doubling width. Plain numbers of one writer; copy or merge them on the writer's thread.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tickplant::telemetry {

struct histogram {
  /// Bucket i holds durations up to 2^(10 + i) ns: from 1.024 us to 8.59 s; the last one everything longer.
  static constexpr size_t bounds = 24;
  static constexpr unsigned first_bits = 10;

  std::array<uint64_t, bounds + 1> buckets{};
  uint64_t count = 0;
  uint64_t sum_ns = 0;

  static constexpr uint64_t bound_ns(size_t bucket) noexcept { return uint64_t{1} << (first_bits + bucket); }

  static constexpr size_t bucket_of(uint64_t ns) noexcept {
    // A bound belongs to its bucket: one nanosecond less has as many bits as the bound has below its own.
    const auto bits = static_cast<unsigned>(std::bit_width(ns - (ns != 0 ? 1 : 0)));
    return std::min<size_t>(bits > first_bits ? bits - first_bits : 0, bounds);
  }

  constexpr void observe_ns(uint64_t ns) noexcept {
    ++buckets[bucket_of(ns)];
    ++count;
    sum_ns += ns;
  }

  constexpr void merge(const histogram& other) noexcept {
    for (size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
    count += other.count;
    sum_ns += other.sum_ns;
  }
};

} // namespace tickplant::telemetry
