// Messages kept by their sequence number in a fixed block of memory: the hold buffer behind a gap. Takes all of its
// memory when it is made, none later; copies what it keeps. One thread; what finds no place is refused, never an error.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace tickplant::sdk {

/// Sequence numbers that are missing, or wanted; never empty.
struct number_range {
  uint64_t from = 0, to = 0; // both inside
  uint64_t size() const { return to - from + 1; }
  bool operator==(const number_range&) const = default;
};

/// `capacity` slots (at least one), the message with number n in slot n modulo capacity; 0 is no number. A message
/// keeps its true size, up to 65,535, but only its first `longest` bytes: let that be what your decoder reads of any
/// type.
class message_ring {
public:
  message_ring(size_t capacity, size_t longest)
    : numbers_(capacity), longest_(longest), stride_((size_bytes + longest + 7) / 8 * 8), bytes_(capacity * stride_) {}

  size_t capacity() const { return numbers_.size(); }
  size_t longest() const { return longest_; }
  bool holds(uint64_t sequence) const { return numbers_[slot_of(sequence)] == sequence; }

  /// A message that is held; borrowed until the next `put`.
  const uint8_t* data(uint64_t sequence) const { return &bytes_[slot_of(sequence) * stride_ + size_bytes]; }
  uint16_t size(uint64_t sequence) const {
    uint16_t size;
    std::memcpy(&size, data(sequence) - size_bytes, sizeof size);
    return size;
  }

  /// Keeps a message. Where another number still waits in its slot (not below `floor`), the lower one stays, because it
  /// is needed sooner. The place of the copy; nullptr if the message was there already or found no place.
  uint8_t* put(uint64_t sequence, std::span<const uint8_t> message, uint64_t floor) {
    const size_t slot = slot_of(sequence);
    uint64_t& number = numbers_[slot];
    if (number >= floor && number <= sequence && number != 0) return nullptr;
    number = sequence;
    uint8_t* const at = &bytes_[slot * stride_];
    const auto size = static_cast<uint16_t>(message.size());
    std::memcpy(at, &size, sizeof size);
    if (!message.empty()) std::memcpy(at + size_bytes, message.data(), std::min(message.size(), longest_));
    return at + size_bytes;
  }

  /// The first range of numbers in [from, below) that are not held, cut after `most` numbers.
  std::optional<number_range> first_missing(uint64_t from, uint64_t below, uint64_t most) const {
    while (from < below && holds(from)) ++from;
    uint64_t end = from;
    while (end < below && end - from < most && !holds(end)) ++end;
    if (end == from) return std::nullopt;
    return number_range{from, end - 1};
  }

  /// The numbers held in [from, below), in order. Looks at every slot, and allocates: for rare occasions.
  std::vector<uint64_t> held_between(uint64_t from, uint64_t below) const {
    std::vector<uint64_t> found;
    for (const uint64_t n : numbers_)
      if (n != 0 && n >= from && n < below) found.push_back(n);
    std::sort(found.begin(), found.end());
    return found;
  }

  void clear() { std::fill(numbers_.begin(), numbers_.end(), 0); }

private:
  static constexpr size_t size_bytes = sizeof(uint16_t); // in front of each message

  size_t slot_of(uint64_t sequence) const { return sequence % numbers_.size(); }

  std::vector<uint64_t> numbers_; // 0: empty
  size_t longest_, stride_;
  std::vector<uint8_t> bytes_;
};

} // namespace tickplant::sdk
