// Sequence rules of one channel over any number of lines that carry the same numbers (lines A and B, retransmissions):
// first arrival of a MESSAGE wins, what comes too early is held. Pure: no time, no host.
#pragma once

#include "message_ring.hpp"

#include <optional>

namespace tickplant::nyse {

/// One thread. A sink has
///   void messages(uint64_t first, const uint8_t* message, uint32_t count);  // messages of a packet
///   void held(uint64_t sequence, const uint8_t* message);                   // a message out of the hold buffer
/// It must not call back into the arbiter but for next(), high() and ring().
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
  }

  uint64_t next() const { return next_; }
  /// One past the highest number heard of.
  uint64_t high() const { return high_; }
  bool complete() const { return next_ == high_; }
  const message_ring& ring() const { return ring_; }

  /// Numbers below `sequence` exist: a heartbeat says so.
  void hear_of(uint64_t sequence) { high_ = std::max(high_, sequence); }

  template <class Sink>
  outcome offer(const packet& p, Sink& sink) {
    outcome result;
    const uint64_t end = p.end();
    if (end <= next_) {
      result.known = p.count;
      return result;
    }
    if (p.sequence > next_) return hold(p);
    const uint8_t* message = p.messages;
    const auto skip = static_cast<uint32_t>(next_ - p.sequence);
    for (uint32_t i = 0; i < skip; ++i) message = next_message(message);
    result.known = skip;
    for (uint64_t n = next_; n < std::min(end, high_); ++n) result.known += ring_.holds(n);
    result.fresh = p.count - result.known;
    const uint64_t first = next_;
    next_ = end;
    high_ = std::max(high_, end);
    sink.messages(first, message, p.count - skip);
    drain(sink);
    return result;
  }

  /// Gives up what is missing below `upto`: delivers what is held there, then goes on from `upto`.
  template <class Sink>
  void skip_to(uint64_t upto, Sink& sink) {
    // By what is held, not by number: `upto` comes from a packet and may be any number.
    for (const uint64_t n : ring_.held_between(next_, upto)) sink.held(n, ring_.get(n));
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
  outcome hold(const packet& p) {
    outcome result;
    if (p.end() > next_ + ring_.capacity()) {
      result.overflow = true;
      return result;
    }
    const uint8_t* message = p.messages;
    for (uint64_t n = p.sequence; n < p.end(); ++n, message = next_message(message)) {
      if (ring_.holds(n))
        ++result.known;
      else if (ring_.put(n, message, next_))
        ++result.fresh;
    }
    high_ = std::max(high_, p.end());
    return result;
  }

  template <class Sink>
  void drain(Sink& sink) {
    while (next_ < high_ && ring_.holds(next_)) {
      const uint64_t n = next_++;
      sink.held(n, ring_.get(n));
    }
  }

  message_ring ring_;
  uint64_t next_ = 1, high_ = 1;
};

} // namespace tickplant::nyse
