#include "runtime/tools/replay/capture_play.hpp"

#include "runtime/tools/replay/settle.hpp"

#include <stdexcept>

namespace tickplant::replay {

namespace {

/// Turns without a step of the clock before the plugin is taken to run in a circle.
constexpr size_t most_turns = 1'000'000;

} // namespace

void play_capture(plugin::venue_host& host, capture::playback& world, books& state, play_counts& counts) {
  host.start(world.now());
  settle(host, world.now(), state);
  size_t turns = 0;
  uint64_t at = world.now();
  while (!host.is_broken()) {
    // Refused wishes are repeated by the capture's clock too, between two of its steps.
    if (state.next_wish_ns() <= world.now()) settle(host, world.now(), state);
    const uint64_t records = world.counts().records;
    if (!world.step(host, state.next_wish_ns())) break;
    settle(host, world.now(), state);
    turns = world.now() == at && world.counts().records == records ? turns + 1 : 0;
    at = world.now();
    if (turns == most_turns) throw std::runtime_error{"the plugin never comes to rest"};
  }
  counts.units = world.counts().units;
  counts.unrouted = world.counts().unrouted;
  counts.leaps = world.counts().leaps;
  counts.bursts = world.counts().deliveries;
  if (!host.is_broken()) state.publish(world.now());
}

} // namespace tickplant::replay
