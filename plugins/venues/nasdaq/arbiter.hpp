// Sequence rules of MoldUDP64 over any number of lines that carry the same numbers: first arrival of a MESSAGE wins,
// what comes too early is held. Pure: no time, no host; what is in order goes to a sink.
#pragma once

#include "message_ring.hpp"
#include "mold.hpp"

namespace tickplant::nasdaq {

/// One thread. A sink has
///   void blocks(uint64_t first, const uint8_t* block, uint32_t count);        // message blocks of a packet
///   void held(uint64_t sequence, const uint8_t* data, uint16_t length);       // a message out of the hold buffer
/// It must not call back into the arbiter.
class arbiter {
public:
  struct outcome {
    uint32_t fresh = 0;    // messages delivered or held
    uint32_t known = 0;    // messages that were there before
    bool overflow = false; // too far ahead for the hold buffer: nothing was taken
  };

  explicit arbiter(uint32_t hold_messages) : ring_(hold_messages) {}

  /// Forgets everything; the next number expected is `next`.
  void reset(uint64_t next) {
    ring_.clear();
    next_ = high_ = next;
    elastic_ = paused_ = false;
  }

  uint64_t next() const { return next_; }
  /// One past the highest number heard of.
  uint64_t high() const { return high_; }
  bool complete() const { return next_ == high_; }
  const message_ring& ring() const { return ring_; }

  /// Elastic: messages that find no place are dropped, since they will be asked for again; there is no overflow.
  void set_elastic(bool on) { elastic_ = on; }

  /// Paused: what comes is held, though it is in order.
  void pause() { paused_ = true; }
  template <class Sink>
  void go_on(Sink& sink) {
    paused_ = false;
    drain(sink);
  }
  /// The lowest number held from `next` on; `high` if none is.
  uint64_t lowest_held() const {
    const auto held = ring_.held_between(next_, high_);
    return held.empty() ? high_ : held.front();
  }

  /// A heartbeat or end of session: numbers below `sequence` exist.
  void hear_of(uint64_t sequence) { high_ = std::max(high_, sequence); }

  template <class Sink>
  outcome offer(const mold_packet& packet, Sink& sink) {
    outcome result;
    const uint64_t end = packet.end();
    if (end <= next_) {
      result.known = packet.count;
      return result;
    }
    if (packet.sequence > next_ || paused_) return hold(packet);
    const uint8_t* block = packet.blocks;
    const auto skip = static_cast<uint32_t>(next_ - packet.sequence);
    for (uint32_t i = 0; i < skip; ++i) block = next_block(block);
    result.known = skip;
    for (uint64_t n = next_; n < std::min(end, high_); ++n) result.known += ring_.holds(n);
    result.fresh = packet.count - result.known;
    const uint64_t first = next_;
    next_ = end;
    high_ = std::max(high_, end);
    sink.blocks(first, block, packet.count - skip);
    drain(sink);
    return result;
  }

  /// Gives up what is missing below `upto`: delivers what is held there, then goes on from `upto`.
  template <class Sink>
  void skip_to(uint64_t upto, Sink& sink) {
    // By what is held, not by number: `upto` comes from a packet and may be any number.
    for (const uint64_t n : ring_.held_between(next_, upto)) give(n, sink);
    next_ = std::max(next_, upto);
    high_ = std::max(high_, upto);
    drain(sink);
  }

  /// The first missing range in [from, below), cut after `longest` numbers.
  std::optional<number_range> first_missing(uint64_t from, uint64_t below, uint64_t longest) const {
    const auto range = ring_.first_missing(std::max(from, next_), std::min(below, high_), longest);
    if (range.to + 1 <= range.from) return std::nullopt;
    return range;
  }

private:
  outcome hold(const mold_packet& packet) {
    outcome result;
    if (!elastic_ && packet.end() > next_ + ring_.capacity()) {
      result.overflow = true;
      return result;
    }
    const uint8_t* block = packet.blocks;
    for (uint64_t n = packet.sequence; n < packet.end(); ++n, block = next_block(block)) {
      if (n < next_ || ring_.holds(n))
        ++result.known;
      else if (ring_.put(n, block + 2, sdk::be16(block), next_))
        ++result.fresh;
    }
    high_ = std::max(high_, packet.end());
    return result;
  }

  template <class Sink>
  void drain(Sink& sink) {
    while (!paused_ && next_ < high_ && ring_.holds(next_)) give(next_++, sink);
  }

  template <class Sink>
  void give(uint64_t sequence, Sink& sink) {
    const auto& slot = ring_.get(sequence);
    sink.held(sequence, slot.data, slot.length);
  }

  message_ring ring_;
  uint64_t next_ = 1, high_ = 1;
  bool elastic_ = false, paused_ = false;
};

} // namespace tickplant::nasdaq
