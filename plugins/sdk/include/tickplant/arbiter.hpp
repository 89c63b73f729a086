// Line arbitration and sequence rules of one numbered channel, over any number of lines that carry the same messages
// (A and B, retransmissions, replays): first arrival of a MESSAGE wins, what comes too early is held, what is in order
// goes to a sink. Pure: no time, no host; allocates when it is made. One thread. Nonsense is refused, never an error.
#pragma once

#include <tickplant/message_ring.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace tickplant::sdk {

/// Packets are checked before they come here: every message that one announces lies inside it, and its numbers do not
/// wrap around. How to walk through one is the Protocol's to tell (a small class, kept by value):
///   using packet = ...;                                                  // with sequence, count and end()
///   const uint8_t* first(const packet&) const;                           // message of a packet that has one
///   const uint8_t* next(const uint8_t* message) const;
///   std::span<const uint8_t> body(const uint8_t* message) const;         // what is held of it
///   void shorten(uint8_t* kept, size_t size) const;                      // optional: writes the size that was kept
/// A sink has
///   void messages(uint64_t first, const uint8_t* message, uint32_t count);      // of a packet, in order
///   void held(uint64_t sequence, const uint8_t* body, uint16_t size);           // out of the hold buffer
/// and must not change the arbiter while it is called.
template <class Protocol>
class arbiter {
public:
  using packet = typename Protocol::packet;

  /// Where a packet comes from. A replay may bring numbers that the lines have not reached: they are no news of a gap.
  enum class origin : uint8_t { line, replay };

  struct outcome {
    uint32_t fresh = 0;    // messages delivered or held
    uint32_t known = 0;    // messages that were there before
    bool overflow = false; // too far ahead for the hold buffer: nothing was taken
  };

  /// Holds up to `hold_messages` messages, of each at most `longest` bytes.
  arbiter(size_t hold_messages, size_t longest, Protocol protocol = {})
    : ring_(hold_messages, longest), protocol_(protocol) {}

  /// Forgets everything; the next number expected is `next`.
  void reset(uint64_t next) {
    ring_.clear();
    next_ = high_ = next;
    elastic_ = paused_ = false;
  }

  /// The number that is due.
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

  /// A heartbeat or the end of a session: numbers below `sequence` exist.
  void hear_of(uint64_t sequence) { high_ = std::max(high_, sequence); }

  template <class Sink>
  outcome offer(const packet& p, Sink& sink, origin from = origin::line) {
    outcome result;
    const uint64_t end = p.end();
    if (end <= next_) {
      result.known = p.count;
      return result;
    }
    if (p.sequence > next_ || paused_) return hold(p, from);
    const uint8_t* message = protocol_.first(p);
    const auto skip = static_cast<uint32_t>(next_ - p.sequence);
    for (uint32_t i = 0; i < skip; ++i) message = protocol_.next(message);
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
    for (const uint64_t n : ring_.held_between(next_, upto)) give(n, sink);
    next_ = std::max(next_, upto);
    high_ = std::max(high_, upto);
    drain(sink);
  }

  /// The first missing range in [from, below), cut after `most` numbers.
  std::optional<number_range> first_missing(uint64_t from, uint64_t below, uint64_t most) const {
    return ring_.first_missing(std::max(from, next_), std::min(below, high_), most);
  }
  /// The number behind the last gap below `upto`: from there on everything is held or still to come.
  uint64_t whole_from(uint64_t upto) const {
    while (upto > next_ && ring_.holds(upto - 1)) --upto;
    return upto;
  }
  /// The lowest number held from `next` on; `high` if none is.
  uint64_t lowest_held() const {
    const auto held = ring_.held_between(next_, high_);
    return held.empty() ? high_ : held.front();
  }

private:
  outcome hold(const packet& p, origin from) {
    outcome result;
    if (!elastic_ && from == origin::line && p.end() > next_ + ring_.capacity()) {
      result.overflow = true;
      return result;
    }
    const uint8_t* message = protocol_.first(p);
    for (uint64_t n = p.sequence; n < p.end(); ++n, message = protocol_.next(message)) {
      if (n < next_ || ring_.holds(n))
        ++result.known;
      else if (keep(n, protocol_.body(message)))
        ++result.fresh;
    }
    if (from == origin::line) high_ = std::max(high_, p.end());
    return result;
  }

  bool keep(uint64_t sequence, std::span<const uint8_t> body) {
    uint8_t* const kept = ring_.put(sequence, body, next_);
    if constexpr (requires { protocol_.shorten(kept, size_t{}); })
      if (kept && body.size() > ring_.longest()) protocol_.shorten(kept, ring_.longest());
    return kept != nullptr;
  }

  template <class Sink>
  void drain(Sink& sink) {
    while (!paused_ && next_ < high_ && ring_.holds(next_)) give(next_++, sink);
  }

  template <class Sink>
  void give(uint64_t sequence, Sink& sink) {
    sink.held(sequence, ring_.data(sequence), ring_.size(sequence));
  }

  message_ring ring_;
  [[no_unique_address]] Protocol protocol_;
  uint64_t next_ = 1, high_ = 1;
  bool elastic_ = false, paused_ = false;
};

} // namespace tickplant::sdk
