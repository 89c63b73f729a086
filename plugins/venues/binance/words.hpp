// Texts read eight characters at a time: the first one is in the lowest byte of its word. What is asked for must have
// eight readable bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace tickplant::binance {

static_assert(std::endian::native == std::endian::little, "the characters' order in a word");

inline uint64_t word_at(const char* from) {
  uint64_t out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

constexpr uint64_t eight_of(char c) {
  return static_cast<unsigned char>(c) * 0x0101010101010101ull;
}

/// The top bit of each character that is `c`; exact up to the first hit, 0 if there is none.
constexpr uint64_t places_of(char c, uint64_t word) {
  const uint64_t x = word ^ eight_of(c);
  return (x - 0x0101010101010101) & ~x & 0x8080808080808080;
}

/// How many characters lie before the first of those `places`; 8 if there is none.
constexpr unsigned before_first(uint64_t places) {
  return static_cast<unsigned>(std::countr_zero(places)) / 8;
}

} // namespace tickplant::binance
