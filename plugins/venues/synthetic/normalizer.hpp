// Ticks of the generated market to events of the SDK: what changed in the levels, the trade, the day's figures. Writes
// into an array that the caller owns; no allocation.
#pragma once

#include "market.hpp"

#include <tickplant/venue.hpp>

#include <span>

namespace tickplant::synthetic {

inline constexpr int8_t price_exponent = -2;
inline constexpr size_t most_events_a_tick = 4 * levels_a_side + 8;

/// Levels as the host knows them: what the latest events of an instrument made of them.
struct shown_levels {
  std::array<level, levels_a_side> bids{}, asks{};
};

/// Writes the events of the walker's latest tick and brings `shown` up to it; how many events there are.
size_t tick_events(const walker& from, uint32_t instrument, uint64_t sequence, uint64_t now_ns, shown_levels& shown,
                   std::span<tp_event, most_events_a_tick> out);

/// The whole book between SNAPSHOT_BEGIN and SNAPSHOT_END, synchronised to `sequence`.
size_t snapshot_events(const shown_levels& shown, uint32_t instrument, uint64_t sequence, uint64_t now_ns,
                       std::span<tp_event, most_events_a_tick> out);

} // namespace tickplant::synthetic
