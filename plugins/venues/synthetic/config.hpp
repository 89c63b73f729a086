// The plugin's settings: parsed from the host's key and value pairs, every fault named by its key.
#pragma once

#include <tickplant/config_reader.hpp>

#include <cstdint>
#include <string_view>

namespace tickplant::synthetic {

inline constexpr uint32_t most_instruments = 100'000;

struct options {
  uint64_t seed = 1;
  uint32_t instruments = 0;  // 0: the eight listed names; else S000, S001 and so on
  double hz = 10;            // ticks a second and instrument
  double walk_scale = 1;     // multiplies each step of the walk
  uint32_t levels = 5;       // a side
  bool spread_ticks = false; // over the period, instead of all instruments at once
  uint32_t step_ms = 0;      // spread ticks fall on multiples of this from the period's beginning; 0: each on its own
  uint64_t period_ns() const { return static_cast<uint64_t>(1e9 / hz); }
};

/// Reads all settings; calls `complain` once per fault and keeps the default there.
options read_options(const sdk::settings& settings, const sdk::complain_fn& complain);

} // namespace tickplant::synthetic
