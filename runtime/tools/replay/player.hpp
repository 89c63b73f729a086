// Plays a capture to a plugin instance: units in bursts, timers between them in the order of the capture's clock, and
// after each call whatever the call led to. One thread; nothing here reads a clock.
#pragma once

#include "runtime/plugin/venue_host.hpp"
#include "runtime/tools/replay/books.hpp"
#include "runtime/tools/replay/record.hpp"
#include "runtime/tools/replay/world.hpp"

#include <cstdint>
#include <vector>

namespace tickplant::replay {

struct play_counts {
  uint64_t units = 0, bursts = 0;
  uint64_t unrouted = 0; // datagrams to no line, messages while no connection was open
  uint64_t leaps = 0;    // of the capture's clock, by more than an hour
};

class player {
public:
  /// At most `burst` units in one call. Everything outlives the player.
  player(plugin::venue_host& host, world& world, books& books, size_t burst);

  /// Starts the plugin at the time of the first record and plays to the end, then up to `horizon_ns` more for what is
  /// still on its way. Ends early when the instance breaks. Throws input_fault; what was read until then is played.
  void play(record_source& source, uint64_t horizon_ns);

  const play_counts& counts() const { return counts_; }

private:
  void take(const record& next);
  void take_slowly(const record& next, uint64_t ns);
  void add(const record& next, uint32_t line, uint64_t ns);
  void flush();
  void advance_to(uint64_t ns);
  void settle();
  void settle_if_stirred();
  void run_turns();
  void note_due();

  plugin::venue_host& host_;
  world& world_;
  books& books_;
  size_t burst_;
  uint64_t due_ns_ = 0;        // of what falls due next; only calls of the plugin change it
  std::vector<tp_unit> units_; // as many as a burst has, the first `waiting_` of them filled
  size_t waiting_ = 0;
  play_counts counts_;
};

} // namespace tickplant::replay
