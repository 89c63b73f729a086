#include "decimal.hpp"

#include "words.hpp"

#include <algorithm>
#include <array>
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
constexpr uint64_t all_zeros = eight_of('0');

/// Nothing if all eight are digits. Below the first that is none, nothing is carried.
constexpr uint64_t odd_ones(uint64_t eight) {
  return ((eight + eight_of(0x7F - '9')) | (eight - all_zeros)) & 0x8080808080808080;
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
  return before_first(places_of('.', eight));
}

/// Takes the point out at `place`; the characters before it move up, and `first` comes in front.
constexpr uint64_t without_point(uint64_t eight, unsigned place, uint64_t first) {
  const uint64_t before = (uint64_t{1} << (8 * place)) - 1;
  return (eight & ~((before << 8) | 0xFF)) | ((eight & before) << 8) | first;
}

/// The first `count` characters (1 to 8) of the word, moved to its end, digits 0 in front.
constexpr uint64_t digits_at_end(uint64_t eight, size_t count) {
  const size_t half = 4 * count; // twice, as a word cannot be shifted by all of its bits
  return (eight << (64 - 2 * half)) | (all_zeros >> half >> half);
}

/// The first `count` characters (0 to 8) of the word, digits 0 behind them.
constexpr uint64_t digits_at_begin(uint64_t eight, size_t count) {
  const size_t half = 4 * count;
  const uint64_t others = ~uint64_t{0} << half << half;
  return (eight & ~others) | (all_zeros & others);
}

/// Division of multiples of 10^n: times the inverse of 5^n modulo 2^64, rotated by n bits, gives the quotient, and more
/// than `most` for everything that is no multiple.
struct exact_division {
  uint64_t inverse, most;
};

constexpr std::array<exact_division, 9> make_divisions() {
  constexpr uint64_t inverse_of_five = 0xCCCC'CCCC'CCCC'CCCD;
  static_assert(inverse_of_five * 5 == 1);
  std::array<exact_division, 9> all{};
  uint64_t inverse = 1, power = 1;
  for (exact_division& by : all) {
    by = {inverse, UINT64_MAX / power};
    inverse *= inverse_of_five;
    power *= 10;
  }
  return all;
}
constexpr auto divisions = make_divisions();

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
  if ((odd_ones(head) | odd_ones(tail)) != 0) [[unlikely]]
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

/// Up to sixteen characters, with a point or none.
scaled parse_two_words(std::string_view text, int exponent) {
  const size_t size = text.size();
  // A point at either end is no common form, and needs a digit on its other side.
  if (size == 0 || size > 16 || !is_digit(text.front()) || !is_digit(text.back())) return parse_slowly(text, exponent);
  const uint64_t first = word_at(text.data());
  if (size <= 8) return from_words(all_zeros, digits_at_end(first, size), text, exponent);
  return from_words(digits_at_end(first, size - 8), word_at(text.data() + size - 8), text, exponent);
}

} // namespace

scaled parse_scaled_padded(std::string_view text, int exponent) noexcept {
  const size_t size = text.size();
  if (size == 0) [[unlikely]]
    return {0, decimal_fault::malformed, 0};
  const uint64_t first = word_at(text.data());
  // The common form: up to eight digits, and up to eight behind a point, which are read as eight.
  const size_t whole = std::min<size_t>(before_first(places_of('.', first)), size);
  const size_t fraction = size - whole - (whole < size);
  const bool ends_well = whole == size || (text[whole] == '.' && fraction != 0);
  const bool is_common = whole != 0 && fraction <= 8 && ends_well && exponent >= -8;
  if (!is_common) [[unlikely]]
    return parse_two_words(text, exponent);
  const uint64_t head = digits_at_end(first, whole), tail = digits_at_begin(word_at(text.data() + whole + 1), fraction);
  if ((odd_ones(head) | odd_ones(tail)) != 0) [[unlikely]]
    return parse_slowly(text, exponent);
  const exact_division& by = divisions[8 + exponent];
  const uint64_t value = std::rotr((value_of(head) * 100'000'000 + value_of(tail)) * by.inverse, 8 + exponent);
  if (value > by.most) [[unlikely]]
    return parse_slowly(text, exponent);
  return {static_cast<int64_t>(value), decimal_fault::none, static_cast<int8_t>(exponent)};
}

scaled parse_scaled(std::string_view text, int exponent) noexcept {
  char padded[16 + padding_of_text] = {};
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
