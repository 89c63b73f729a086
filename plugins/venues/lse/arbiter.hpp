// Sequence rules of one market data group over lines that carry the same numbers: first arrival of a MESSAGE wins, what
// comes too early is held. Pure: no time, no host; what is in order goes to a sink.
#pragma once

#include "message_ring.hpp"
#include "unit.hpp"

#include <optional>

namespace tickplant::lse {

/// One thread. A sink has
///   void run(uint64_t first, const uint8_t* message, uint32_t count);  // messages that lie back to back
///   void held(uint64_t sequence, const uint8_t* message);              // a message out of the hold buffer
/// It must not call back into the arbiter.
class arbiter {
public:
  /// Where a unit comes from. A replay may bring numbers that the lines have not reached: they are no news of a hole.
  enum class origin : uint8_t { line, replay };

  struct outcome {
    uint32_t fresh = 0;    // messages delivered or held
    uint32_t known = 0;    // messages that were there before
    bool overflow = false; // too far ahead for the hold buffer: nothing was taken
  };

  arbiter(uint32_t hold_messages, size_t longest_message, length_field width)
    : ring_(hold_messages, longest_message), width_(width) {}

  /// Forgets everything; the next number expected is `next`.
  void reset(uint64_t next) {
    ring_.clear();
    next_ = high_ = next;
    elastic_ = false;
  }

  uint64_t next() const { return next_; }
  /// One past the highest number heard of.
  uint64_t high() const { return high_; }
  bool complete() const { return next_ == high_; }

  /// Elastic: messages that find no place are dropped, since they will be asked for again; there is no overflow.
  void set_elastic(bool on) { elastic_ = on; }

  /// A heartbeat: numbers below `sequence` exist.
  void hear_of(uint64_t sequence) { high_ = std::max(high_, sequence); }

  template <class Sink>
  outcome offer(const feed_unit& unit, origin from, Sink& sink) {
    outcome result;
    const uint64_t end = unit.end();
    if (end <= next_) {
      result.known = unit.count;
      return result;
    }
    if (unit.sequence > next_) return hold(unit, from);
    const uint8_t* message = unit.messages;
    const auto skip = static_cast<uint32_t>(next_ - unit.sequence);
    for (uint32_t i = 0; i < skip; ++i) message += message_size(message, width_);
    result.known = skip;
    if (!complete())
      for (uint64_t n = next_; n < std::min(end, high_); ++n) result.known += ring_.holds(n);
    result.fresh = unit.count - result.known;
    const uint64_t first = next_;
    next_ = end;
    high_ = std::max(high_, end);
    sink.run(first, message, unit.count - skip);
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

  /// The number behind the last hole below `upto`: from there on everything is held or still to come.
  uint64_t whole_from(uint64_t upto) const {
    while (upto > next_ && ring_.holds(upto - 1)) --upto;
    return upto;
  }

  /// The first missing range in [from, below), cut after `longest` numbers.
  std::optional<number_range> first_missing(uint64_t from, uint64_t below, uint64_t longest) const {
    const auto range = ring_.first_missing(std::max(from, next_), std::min(below, high_), longest);
    if (range.to + 1 <= range.from) return std::nullopt;
    return range;
  }

private:
  outcome hold(const feed_unit& unit, origin from) {
    outcome result;
    const bool is_far = unit.end() > next_ + ring_.capacity();
    if (is_far && !elastic_ && from == origin::line) {
      result.overflow = true;
      return result;
    }
    const uint8_t* message = unit.messages;
    for (uint64_t n = unit.sequence; n < unit.end(); ++n) {
      const uint32_t size = message_size(message, width_);
      if (ring_.holds(n))
        ++result.known;
      else if (ring_.put(n, message, size, next_))
        ++result.fresh;
      message += size;
    }
    if (from == origin::line) high_ = std::max(high_, unit.end());
    return result;
  }

  template <class Sink>
  void drain(Sink& sink) {
    while (next_ < high_ && ring_.holds(next_)) {
      sink.held(next_, ring_.get(next_));
      ++next_;
    }
  }

  message_ring ring_;
  length_field width_;
  uint64_t next_ = 1, high_ = 1;
  bool elastic_ = false;
};

} // namespace tickplant::lse
