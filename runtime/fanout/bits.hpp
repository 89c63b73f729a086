// Sets of small numbers as words of bits.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
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

} // namespace tickplant::fanout
