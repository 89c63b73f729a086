// Replays of a session's own past into books that lost their state: which instruments, how far, what is still missing.
// One pass over the history serves every instrument that asked before it began. Pure: no host, no time.
#pragma once

#include "mold.hpp"
#include "recovery_targets.hpp"

#include <tickplant/message_ring.hpp>

#include <memory>

namespace tickplant::nasdaq {

/// Runs beside the live flow, which is kept here too while a pass is on, so that the pass can catch up with it. Memory
/// is taken at the first pass and then kept. One thread.
class history_replay : public recovery_targets {
public:
  explicit history_replay(uint32_t hold_messages) : hold_messages_(hold_messages) {}

  uint64_t position() const { return position_; }

  void begin(const symbol_map& known) {
    if (!ring_) ring_ = std::make_unique<sdk::message_ring>(hold_messages_, held_bytes);
    ring_->clear();
    position_ = 1;
    recovery_targets::begin(known);
  }

  void offer(const mold_packet& packet) {
    const uint8_t* block = packet.blocks;
    for (uint64_t n = packet.sequence; n < packet.end(); ++n, block = next_block(block))
      offer(n, block + 2, sdk::be16(block));
  }
  void offer(uint64_t sequence, const uint8_t* data, uint16_t size) {
    if (sequence >= position_) ring_->put(sequence, {data, size}, position_);
  }

  /// Hands out what follows without a hole below `end`; returns how many messages that were.
  template <class Deliver>
  uint64_t drain(uint64_t end, Deliver&& deliver) {
    const uint64_t first = position_;
    while (position_ < end && ring_->holds(position_)) {
      deliver(position_, ring_->data(position_), ring_->size(position_));
      ++position_;
    }
    return position_ - first;
  }

  std::optional<sdk::number_range> first_missing(uint64_t from, uint64_t below, uint64_t longest) const {
    return ring_->first_missing(std::max(from, position_), below, longest);
  }

private:
  uint32_t hold_messages_;
  uint64_t position_ = 1;
  std::unique_ptr<sdk::message_ring> ring_;
};

} // namespace tickplant::nasdaq
