#include "runtime/telemetry/sampler.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <random>

namespace tickplant::telemetry {

namespace {

// Spreads one seed over the whole state, and never makes it all zero (SplitMix64).
uint64_t spread(uint64_t& seed) noexcept {
  uint64_t z = seed += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

} // namespace

uint64_t sample_threshold(double share) noexcept {
  constexpr auto all = std::numeric_limits<uint64_t>::max();
  if (!(share > 0)) return 0;
  if (share >= 1) return all;
  const auto threshold = static_cast<uint64_t>(std::ldexp(share, 64));
  return threshold == 0 ? 1 : threshold;
}

sampler::sampler() {
  std::random_device system;
  for (auto& word : state_) word = uint64_t{system()} << 32 | system();
  if (state_ == decltype(state_){}) state_[0] = 1;
}

sampler::sampler(uint64_t seed) noexcept {
  for (auto& word : state_) word = spread(seed);
}

// xoshiro256**: a few shifts, and every bit is good enough for ids.
uint64_t sampler::next() noexcept {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9, shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

trace_id sampler::new_trace_id() noexcept {
  trace_id id;
  do {
    const std::array words{next(), next()};
    std::memcpy(id.data(), words.data(), id.size());
  } while (id == trace_id{});
  return id;
}

span_id sampler::new_span_id() noexcept {
  span_id id;
  do {
    const uint64_t word = next();
    std::memcpy(id.data(), &word, id.size());
  } while (id == span_id{});
  return id;
}

} // namespace tickplant::telemetry
