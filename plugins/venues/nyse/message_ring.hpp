// Messages kept by their sequence number in a fixed block of memory, for the arbiter.
#pragma once

#include "codec.hpp"
#include "messages.hpp"

#include <algorithm>
#include <vector>

namespace tickplant::nyse {

struct number_range {
  uint64_t from, to; // both inside
  uint64_t size() const { return to - from + 1; }
  bool operator==(const number_range&) const = default;
};

/// `capacity` slots, the message with number n in slot n modulo capacity. Allocates once. A message longer than any
/// that is read is kept shortened, and says so in its head.
class message_ring {
public:
  struct slot {
    uint64_t sequence; // 0: empty
    uint8_t data[88];  // what lies behind the message is of an older one: readers go by its size
  };
  static_assert(sizeof(slot) == 96 && sizeof(slot::data) >= longest_message + 8);

  explicit message_ring(size_t capacity) : slots_(capacity) {}

  size_t capacity() const { return slots_.size(); }
  bool holds(uint64_t sequence) const { return at(sequence).sequence == sequence; }
  const uint8_t* get(uint64_t sequence) const { return at(sequence).data; }

  /// Keeps a message. Where another number still waits in its slot (not below `floor`), the lower one stays, because it
  /// is needed sooner. False if it was there already or found no place.
  bool put(uint64_t sequence, const uint8_t* message, uint64_t floor) {
    slot& place = slots_[sequence % slots_.size()];
    if (place.sequence >= floor && place.sequence <= sequence && place.sequence != 0) return false;
    place.sequence = sequence;
    const auto size = static_cast<uint16_t>(std::min<size_t>(size_of(message), sizeof place.data));
    std::memcpy(place.data, message, size);
    sdk::put_le16(place.data, size);
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

} // namespace tickplant::nyse
