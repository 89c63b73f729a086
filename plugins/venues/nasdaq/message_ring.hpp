// Messages kept by their sequence number in a fixed block of memory, for the arbiter and for replays of the history.
#pragma once

#include "itch_messages.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace tickplant::nasdaq {

struct number_range {
  uint64_t from, to; // both inside
  bool operator==(const number_range&) const = default;
};

/// `capacity` slots, the message with number n in slot n modulo capacity. Allocates once. A message keeps its true
/// length, but only as many bytes as the longest message of ITCH has: nothing reads those behind them.
class message_ring {
public:
  struct slot {
    uint64_t sequence; // 0: empty
    uint16_t length;
    uint8_t data[54];
  };
  static_assert(sizeof(slot) == 64 && sizeof(slot::data) >= longest_message);

  explicit message_ring(size_t capacity) : slots_(capacity) {}

  size_t capacity() const { return slots_.size(); }
  bool holds(uint64_t sequence) const { return at(sequence).sequence == sequence; }
  const slot& get(uint64_t sequence) const { return at(sequence); }

  /// Keeps a message. Where another number still waits in its slot (not below `floor`), the lower one stays, because it
  /// is needed sooner. False if it was there already or found no place.
  bool put(uint64_t sequence, const uint8_t* data, uint16_t length, uint64_t floor) {
    slot& place = slots_[sequence % slots_.size()];
    if (place.sequence >= floor && place.sequence <= sequence && place.sequence != 0) return false;
    place.sequence = sequence;
    place.length = length;
    std::memcpy(place.data, data, std::min<size_t>(length, sizeof place.data));
    return true;
  }

  /// The first range of numbers in [from, below) that are not held, cut after `longest` numbers; from == to + 1 if
  /// none.
  number_range first_missing(uint64_t from, uint64_t below, uint64_t longest) const {
    while (from < below && holds(from)) ++from;
    uint64_t end = from;
    while (end < below && end - from < longest && !holds(end)) ++end;
    return {from, end - 1};
  }

  /// The numbers held in [from, below), in order. Looks at every slot: for rare occasions.
  std::vector<uint64_t> held_between(uint64_t from, uint64_t below) const {
    std::vector<uint64_t> numbers;
    for (const auto& s : slots_)
      if (s.sequence != 0 && s.sequence >= from && s.sequence < below) numbers.push_back(s.sequence);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }

  void clear() {
    for (auto& s : slots_) s.sequence = 0;
  }

private:
  const slot& at(uint64_t sequence) const { return slots_[sequence % slots_.size()]; }

  std::vector<slot> slots_;
};

} // namespace tickplant::nasdaq
