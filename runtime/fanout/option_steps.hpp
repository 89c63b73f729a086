// The steps to which options are rounded before they are granted. What clients look at differs in a bounded number of
// ways then: each period costs a loop a tick of its own, and each period and depth is printed for itself.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace tickplant::fanout {

namespace option_steps {
inline constexpr std::array<uint32_t, 24> frequencies_ms{
  0,     1,     2,     5,      10,     20,     25,     50,      100,     200,     250,       500,
  1'000, 2'000, 5'000, 10'000, 20'000, 30'000, 60'000, 120'000, 300'000, 600'000, 1'800'000, 3'600'000};
inline constexpr uint32_t exact_depth = 50;
inline constexpr std::array<uint32_t, 8> depths{75, 100, 150, 200, 300, 500, 750, 1'000};

template <size_t Count>
constexpr uint32_t step_above(const std::array<uint32_t, Count>& steps, uint32_t value) {
  const auto step = std::ranges::lower_bound(steps, value);
  return step == steps.end() ? steps.back() : *step;
}
} // namespace option_steps

/// The least interval that is at least as long, an hour at most. What was granted once is granted again.
constexpr uint32_t granted_frequency(uint32_t asked_ms) {
  return option_steps::step_above(option_steps::frequencies_ms, asked_ms);
}

/// Up to 50 levels a side what was asked for; of more, no less than that.
constexpr uint32_t granted_depth(uint32_t asked) {
  return asked <= option_steps::exact_depth ? asked : option_steps::step_above(option_steps::depths, asked);
}

} // namespace tickplant::fanout
