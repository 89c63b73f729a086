// Sets of small numbers as words of bits.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace tickplant::fanout {

inline constexpr size_t word_bits = 64;

inline void set_bit(std::vector<uint64_t>& words, size_t bit) {
  if (bit / word_bits >= words.size()) words.resize(bit / word_bits + 1);
  words[bit / word_bits] |= uint64_t{1} << (bit % word_bits);
}

inline void clear_bit(std::vector<uint64_t>& words, size_t bit) {
  if (bit / word_bits < words.size()) words[bit / word_bits] &= ~(uint64_t{1} << (bit % word_bits));
}

inline bool has_bit(const std::vector<uint64_t>& words, size_t bit) {
  return bit / word_bits < words.size() && (words[bit / word_bits] >> (bit % word_bits) & 1) != 0;
}

/// Calls visit(bit) for each set bit in order, until it answers false.
template <class Visit>
void for_each_bit(const std::vector<uint64_t>& words, Visit&& visit) {
  for (size_t w = 0; w < words.size(); ++w)
    for (uint64_t rest = words[w]; rest != 0; rest &= rest - 1)
      if (!visit(w * word_bits + static_cast<size_t>(std::countr_zero(rest)))) return;
}

/// A set whose first 64 numbers lie in the object itself: all that nearly every client has.
class slot_bits {
public:
  bool has(size_t bit) const {
    if (bit < word_bits) return (first_ >> bit & 1) != 0;
    return more_ && has_bit(*more_, bit - word_bits);
  }
  void set(size_t bit) {
    if (bit < word_bits) {
      first_ |= uint64_t{1} << bit;
      return;
    }
    if (!more_) more_ = std::make_unique<std::vector<uint64_t>>();
    set_bit(*more_, bit - word_bits);
  }
  void clear(size_t bit) {
    if (bit < word_bits)
      first_ &= ~(uint64_t{1} << bit);
    else if (more_)
      clear_bit(*more_, bit - word_bits);
  }
  bool is_empty() const {
    if (first_ != 0) return false;
    if (more_)
      for (const uint64_t word : *more_)
        if (word != 0) return false;
    return true;
  }
  /// Whether it was there already.
  bool test_and_set(size_t bit) {
    if (bit >= word_bits) {
      const bool was_there = has(bit);
      set(bit);
      return was_there;
    }
    const uint64_t before = first_;
    first_ |= uint64_t{1} << bit;
    return first_ == before;
  }
  /// All change over to `to`.
  void move(slot_bits& to) {
    to.first_ |= std::exchange(first_, 0);
    if (more_) move(*this, to);
  }
  /// Those that are in `mask` too change over to `to`.
  void move(const slot_bits& mask, slot_bits& to) {
    to.first_ |= first_ & mask.first_;
    first_ &= ~mask.first_;
    if (!more_ || !mask.more_) return;
    for (size_t w = 0; w < more_->size() && w < mask.more_->size(); ++w) {
      const uint64_t both = (*more_)[w] & (*mask.more_)[w];
      if (both == 0) continue;
      if (!to.more_) to.more_ = std::make_unique<std::vector<uint64_t>>();
      if (to.more_->size() <= w) to.more_->resize(w + 1);
      (*to.more_)[w] |= both;
      (*more_)[w] &= ~both;
    }
  }
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (uint64_t rest = first_; rest != 0; rest &= rest - 1)
      if (!visit(static_cast<size_t>(std::countr_zero(rest)))) return;
    if (more_) for_each_bit(*more_, [&](size_t bit) { return visit(bit + word_bits); });
  }

private:
  uint64_t first_ = 0;
  std::unique_ptr<std::vector<uint64_t>> more_;
};

inline void set_bit(slot_bits& bits, size_t bit) {
  bits.set(bit);
}
inline void clear_bit(slot_bits& bits, size_t bit) {
  bits.clear(bit);
}
inline bool has_bit(const slot_bits& bits, size_t bit) {
  return bits.has(bit);
}
template <class Visit>
void for_each_bit(const slot_bits& bits, Visit&& visit) {
  bits.for_each(visit);
}

} // namespace tickplant::fanout
