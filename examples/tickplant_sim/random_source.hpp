// The only source of chance in the simulator: small, fast, and the same on every machine for the same seed.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace tickplant::sim {

/// SplitMix64. A value type: copy it to repeat a sequence. Not for secrets.
class random_source {
public:
  explicit random_source(std::uint64_t seed) noexcept : state_{seed} {}

  std::uint64_t next() noexcept {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  /// Uniform in [0, bound); 0 for bound 0.
  std::uint32_t below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }

  /// Uniform in [0, 1).
  double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// True with probability `p`; draws one number whatever `p` is, so that sequences with other rates stay aligned.
  bool chance(double p) noexcept { return unit() < p; }

  /// Whole number >= 0 falling off exponentially with about this mean.
  std::uint32_t distance(double mean) noexcept { return static_cast<std::uint32_t>(-std::log(1.0 - unit()) * mean); }

private:
  std::uint64_t state_;
};

/// The seed of one part of a run ("nasdaq.line_a"), so that a part added or left out does not change the others'.
inline std::uint64_t seed_of(std::uint64_t run_seed, std::string_view part) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325u; // FNV-1a
  for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return random_source{hash ^ random_source{run_seed}.next()}.next();
}

} // namespace tickplant::sim
