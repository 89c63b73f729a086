#include "decimal.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>

namespace tickplant::binance {
namespace {

constexpr int64_t powers[19] = {1,
                                10,
                                100,
                                1'000,
                                10'000,
                                100'000,
                                1'000'000,
                                10'000'000,
                                100'000'000,
                                1'000'000'000,
                                10'000'000'000,
                                100'000'000'000,
                                1'000'000'000'000,
                                10'000'000'000'000,
                                100'000'000'000'000,
                                1'000'000'000'000'000,
                                10'000'000'000'000'000,
                                100'000'000'000'000'000,
                                1'000'000'000'000'000'000};

constexpr bool is_digit(char c) {
  return static_cast<unsigned char>(c - '0') < 10;
}

/// `mantissa` x 10^`exponent`, no trailing zeros in the mantissa; 0 has exponent 0.
struct plain {
  int64_t mantissa;
  int exponent;
  decimal_fault fault;
};

constexpr plain bad(decimal_fault why) {
  return {0, 0, why};
}

/// Reads the exponent form's power; clamped, since anything beyond a few hundred overflows or is zero all the same.
bool read_power(std::string_view text, int& power) {
  bool minus = false;
  size_t i = 0;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) minus = text[i++] == '-';
  if (i == text.size()) return false;
  int value = 0;
  for (; i < text.size(); ++i) {
    if (!is_digit(text[i])) return false;
    value = std::min(value * 10 + (text[i] - '0'), 100'000);
  }
  power = minus ? -value : value;
  return true;
}

plain parse_plain(std::string_view text) {
  constexpr auto limit = std::numeric_limits<int64_t>::max();
  int64_t mantissa = 0;
  int zeros = 0; // digits 0 that may turn out to be trailing
  int fraction = 0;
  bool any = false, dot = false;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      if (dot) return bad(decimal_fault::malformed);
      dot = true;
      continue;
    }
    if (!is_digit(c)) break;
    any = true;
    if (dot) ++fraction;
    if (c == '0') {
      zeros += mantissa != 0;
      continue;
    }
    for (; zeros > 0; --zeros) {
      if (mantissa > limit / 10) return bad(decimal_fault::overflow);
      mantissa *= 10;
    }
    const int64_t digit = c - '0';
    if (mantissa > (limit - digit) / 10) return bad(decimal_fault::overflow);
    mantissa = mantissa * 10 + digit;
  }
  if (!any) return bad(decimal_fault::malformed);
  int power = 0;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return bad(decimal_fault::malformed);
    if (!read_power(text.substr(i + 1), power)) return bad(decimal_fault::malformed);
  }
  if (mantissa == 0) return {0, 0, decimal_fault::none};
  return {mantissa, power - fraction + zeros, decimal_fault::none};
}

/// Multiplies so that the exponent `to` becomes the finer `from`; false if the result does not fit.
bool raise(int64_t& mantissa, int from, int to) {
  if (to - from > 18 || mantissa > std::numeric_limits<int64_t>::max() / powers[to - from]) return false;
  mantissa *= powers[to - from];
  return true;
}

scaled parse_slowly(std::string_view text, int exponent) {
  plain p = parse_plain(text);
  if (p.fault != decimal_fault::none) return {0, p.fault, 0};
  if (p.mantissa == 0) return {0, decimal_fault::none, static_cast<int8_t>(exponent)};
  if (p.exponent < exponent) {
    if (p.exponent < finest_exponent) return {0, decimal_fault::overflow, 0};
    return {0, decimal_fault::finer, static_cast<int8_t>(p.exponent)};
  }
  if (!raise(p.mantissa, exponent, p.exponent)) return {0, decimal_fault::overflow, 0};
  return {p.mantissa, decimal_fault::none, static_cast<int8_t>(exponent)};
}

// Eight characters in one word, the first one in its lowest byte.
constexpr uint64_t all_zeros = 0x3030303030303030;

constexpr bool are_digits(uint64_t eight) {
  return ((eight & 0xF0F0F0F0F0F0F0F0) | (((eight + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) >> 4)) ==
         0x3333333333333333;
}

/// The value of eight digits, by pairs, then fours, then all.
constexpr uint64_t value_of(uint64_t eight) {
  eight -= all_zeros;
  eight = eight * 10 + (eight >> 8);
  constexpr uint64_t pairs = 0x000000FF000000FF;
  return (((eight & pairs) * (100 + (1'000'000ull << 32))) + (((eight >> 16) & pairs) * (1 + (10'000ull << 32)))) >> 32;
}

/// Where the point is: its place from the first character, or 8.
constexpr unsigned point_in(uint64_t eight) {
  const uint64_t x = eight ^ 0x2E2E2E2E2E2E2E2E;
  const uint64_t found = (x - 0x0101010101010101) & ~x & 0x8080808080808080; // exact up to the first hit
  return static_cast<unsigned>(std::countr_zero(found)) / 8;
}

/// Takes the point out at `place`; the characters before it move up, and `first` comes in front.
constexpr uint64_t without_point(uint64_t eight, unsigned place, uint64_t first) {
  const uint64_t before = (uint64_t{1} << (8 * place)) - 1;
  return (eight & ~((before << 8) | 0xFF)) | ((eight & before) << 8) | first;
}

static_assert(std::endian::native == std::endian::little, "the characters' order in a word");

uint64_t load(const char* from) {
  uint64_t out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

/// The first `count` characters (1 to 8) of the word, moved to its end, digits 0 in front.
constexpr uint64_t to_the_end(uint64_t eight, size_t count) {
  if (count == 8) return eight;
  return (eight << (64 - 8 * count)) | (all_zeros >> (8 * count));
}

/// `head` and `tail`: sixteen characters that are the text with zeros in front of it.
scaled from_words(uint64_t head, uint64_t tail, std::string_view text, int exponent) {
  int fraction = 0;
  if (const unsigned in_tail = point_in(tail); in_tail < 8) {
    fraction = static_cast<int>(7 - in_tail);
    tail = without_point(tail, in_tail, head >> 56);
    head = head << 8 | '0';
  } else if (const unsigned in_head = point_in(head); in_head < 8) {
    fraction = static_cast<int>(15 - in_head);
    head = without_point(head, in_head, '0');
  }
  if (!are_digits(head) || !are_digits(tail)) [[unlikely]]
    return parse_slowly(text, exponent);
  auto value = static_cast<int64_t>(value_of(head) * 100'000'000 + value_of(tail));
  const int missing = -exponent - fraction;
  if (missing < 0) {
    const int64_t unit = powers[-missing];
    if (value % unit != 0) return parse_slowly(text, exponent);
    value /= unit;
  } else if (__builtin_mul_overflow(value, powers[missing], &value)) {
    return {0, decimal_fault::overflow, 0};
  }
  return {value, decimal_fault::none, static_cast<int8_t>(exponent)};
}

} // namespace

scaled parse_scaled_padded(std::string_view text, int exponent) noexcept {
  const size_t size = text.size();
  // A point at either end is no common form, and needs a digit on its other side.
  if (size == 0 || size > 16 || !is_digit(text.front()) || !is_digit(text.back())) [[unlikely]]
    return parse_slowly(text, exponent);
  const uint64_t first = load(text.data());
  if (size <= 8) return from_words(all_zeros, to_the_end(first, size), text, exponent);
  return from_words(to_the_end(first, size - 8), load(text.data() + size - 8), text, exponent);
}

scaled parse_scaled(std::string_view text, int exponent) noexcept {
  char padded[24] = {};
  if (text.size() > 16) return parse_slowly(text, exponent);
  std::memcpy(padded, text.data(), text.size());
  return parse_scaled_padded({padded, text.size()}, exponent);
}

std::optional<scaled> parse_exact(std::string_view text) noexcept {
  plain p = parse_plain(text);
  if (p.fault != decimal_fault::none || p.exponent < -18) return std::nullopt;
  if (p.exponent > 0) {
    if (!raise(p.mantissa, 0, p.exponent)) return std::nullopt;
    p.exponent = 0;
  }
  return scaled{p.mantissa, decimal_fault::none, static_cast<int8_t>(p.exponent)};
}

std::optional<int8_t> exponent_of_step(std::string_view step) noexcept {
  const auto value = parse_exact(step);
  if (!value || value->mantissa == 0 || value->exponent < finest_exponent) return std::nullopt;
  return value->exponent;
}

std::optional<uint64_t> parse_id(std::string_view text) noexcept {
  if (text.empty() || text.size() > 19) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0'); // 19 digits fit 64 bits
  }
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
  return value;
}

} // namespace tickplant::binance
