// Whose books a pass over the past, or a picture, is for: everything, or some instruments; who asks while a pass is on
// waits for the next one. Pure.
#pragma once

#include "symbol_map.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace tickplant::nasdaq {

/// One thread; allocates when a pass begins.
class recovery_targets {
public:
  static constexpr size_t most_waiting = 1'024; // instruments in the queue
  static constexpr uint32_t everything = UINT32_MAX;

  bool is_active() const { return active_; }
  bool covers_everything() const { return active_ && everything_; }
  bool has_waiting() const { return !waiting_.empty(); }
  /// Whether the running pass or the next one is for everything.
  bool serves_everything() const { return covers_everything() || everything_waits_; }

  /// Adds an instrument, or everything, to the next pass. True also if the running or next pass serves it anyway; false
  /// if the queue is full.
  bool request(uint32_t instrument);
  /// The same for a book that was lost after the running pass began, which is of no use to it.
  bool request_anew(uint32_t instrument);
  /// Begins a pass for what was requested; `known` tells which locates are defined.
  void begin(const symbol_map& known);
  /// The instruments of the running pass; empty where it is for everything.
  std::span<const uint16_t> targets() const { return targets_; }
  /// By locate, for the decoder.
  const interest* interests(const symbol_map& known) const { return everything_ ? known.interests() : filter_.data(); }
  halt_table& halts() { return halts_; }

  /// Ends the pass; what waits stays.
  void end();
  /// Ends the pass; its targets wait for the next one.
  void requeue();
  /// Ends the pass and forgets what waits.
  void abandon();

private:
  bool active_ = false, everything_ = false, everything_waits_ = false;
  std::vector<uint16_t> waiting_, targets_;
  std::vector<interest> filter_;
  halt_table halts_;
};

} // namespace tickplant::nasdaq
