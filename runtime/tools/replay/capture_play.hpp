// Plays a capture that the server recorded: the same calls in the same deliveries, and after each whatever it led to.
// One thread; nothing here reads a clock.
#pragma once

#include "runtime/capture/playback.hpp"
#include "runtime/plugin/venue_host.hpp"
#include "runtime/tools/replay/books.hpp"
#include "runtime/tools/replay/player.hpp"

namespace tickplant::replay {

/// From the first record to the end, and as long afterwards as the playback was told to go on. Throws
/// capture::capture_fault; what was read until then is played.
void play_capture(plugin::venue_host& host, capture::playback& world, books& state, play_counts& counts);

} // namespace tickplant::replay
