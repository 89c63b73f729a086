// Messages kept by their sequence number in a fixed block of memory, for the arbiter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace tickplant::lse {

struct number_range {
  uint64_t from, to; // both inside
  bool operator==(const number_range&) const = default;
};

/// `capacity` slots, the message with number n in slot n modulo capacity. Allocates once. Of a message only the first
/// `longest` bytes are kept: decoders read no more of any type that they know.
class message_ring {
public:
  message_ring(size_t capacity, size_t longest)
    : numbers_(capacity), longest_(longest), stride_((longest + 7) / 8 * 8), bytes_(capacity * stride_) {}

  size_t capacity() const { return numbers_.size(); }
  bool holds(uint64_t sequence) const { return numbers_[sequence % capacity()] == sequence; }
  const uint8_t* get(uint64_t sequence) const { return &bytes_[sequence % capacity() * stride_]; }

  /// Keeps a message. Where another number still waits in its slot (not below `floor`), the lower one stays, because it
  /// is needed sooner. False if it was there already or found no place.
  bool put(uint64_t sequence, const uint8_t* data, size_t size, uint64_t floor) {
    uint64_t& number = numbers_[sequence % capacity()];
    if (number >= floor && number <= sequence && number != 0) return false;
    number = sequence;
    std::memcpy(&bytes_[sequence % capacity() * stride_], data, std::min(size, longest_));
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
    std::vector<uint64_t> found;
    for (const uint64_t n : numbers_)
      if (n != 0 && n >= from && n < below) found.push_back(n);
    std::sort(found.begin(), found.end());
    return found;
  }

  void clear() { std::fill(numbers_.begin(), numbers_.end(), 0); }

private:
  std::vector<uint64_t> numbers_; // 0: empty
  size_t longest_, stride_;
  std::vector<uint8_t> bytes_;
};

} // namespace tickplant::lse
