// Replays of a session's own past into books that lost their state: which instruments, how far, what is still missing.
// One pass over the history serves every instrument that asked before it began. Pure: no host, no time.
#pragma once

#include "message_ring.hpp"
#include "mold.hpp"
#include "symbol_map.hpp"

#include <memory>
#include <span>

namespace tickplant::nasdaq {

/// Runs beside the live flow, which is kept here too while a pass is on, so that the pass can catch up with it. Memory
/// is taken at the first pass and then kept. One thread.
class history_replay {
public:
  static constexpr size_t most_waiting = 1'024; // instruments in the queue
  static constexpr uint32_t everything = UINT32_MAX;

  explicit history_replay(uint32_t hold_messages) : hold_messages_(hold_messages) {}

  bool is_active() const { return active_; }
  bool covers_everything() const { return active_ && everything_; }
  bool has_waiting() const { return !waiting_.empty(); }
  uint64_t position() const { return position_; }

  /// Adds an instrument, or everything, to the next pass. True also if the running or next pass serves it anyway; false
  /// if the queue is full.
  bool request(uint32_t instrument);
  /// Begins a pass over what was requested; `known` tells which locates are defined.
  void begin(const symbol_map& symbols);
  /// The instruments of the running pass; empty where it is for everything.
  std::span<const uint16_t> targets() const { return targets_; }
  /// By locate, for the decoder.
  const interest* interests(const symbol_map& symbols) const {
    return everything_ ? symbols.interests() : filter_.data();
  }
  halt_table& halts() { return halts_; }

  void offer(const mold_packet& packet) {
    const uint8_t* block = packet.blocks;
    for (uint64_t n = packet.sequence; n < packet.end(); ++n, block = next_block(block))
      offer(n, block + 2, be16(block));
  }
  void offer(uint64_t sequence, const uint8_t* data, uint16_t size) {
    if (sequence >= position_) ring_->put(sequence, data, size, position_);
  }

  /// Hands out what follows without a hole below `end`; returns how many messages that were.
  template <class Deliver>
  uint64_t drain(uint64_t end, Deliver&& deliver) {
    const uint64_t first = position_;
    while (position_ < end && ring_->holds(position_)) {
      const auto& slot = ring_->get(position_);
      deliver(position_++, slot.data, slot.length);
    }
    return position_ - first;
  }

  std::optional<number_range> first_missing(uint64_t from, uint64_t below, uint64_t longest) const {
    const auto range = ring_->first_missing(std::max(from, position_), below, longest);
    if (range.to + 1 <= range.from) return std::nullopt;
    return range;
  }

  /// Ends the pass; what waits stays.
  void end();
  /// Ends the pass and forgets what waits.
  void abandon();

private:
  uint32_t hold_messages_;
  bool active_ = false, everything_ = false, everything_waits_ = false;
  uint64_t position_ = 1;
  std::unique_ptr<message_ring> ring_;
  std::vector<uint16_t> waiting_, targets_;
  std::vector<interest> filter_;
  halt_table halts_;
};

} // namespace tickplant::nasdaq
