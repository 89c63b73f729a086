#include "decimal.hpp"

#include <algorithm>
#include <cstddef>
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

} // namespace

scaled parse_scaled(std::string_view text, int exponent) noexcept {
  // The common form: digits, a dot, at least as many digits as the exponent asks for, then zeros. 18 digits cannot
  // overflow 63 bits.
  const char* p = text.data();
  const char* const end = p + text.size();
  if (text.size() > 18 || text.empty() || !is_digit(*p)) return parse_slowly(text, exponent);
  int64_t value = 0;
  while (p != end && is_digit(*p)) value = value * 10 + (*p++ - '0');
  int wanted = -exponent;
  if (p != end) {
    if (*p++ != '.') return parse_slowly(text, exponent);
    while (wanted > 0 && p != end && is_digit(*p)) {
      value = value * 10 + (*p++ - '0');
      --wanted;
    }
    while (p != end && *p == '0') ++p;
    if (p != end) return parse_slowly(text, exponent);
  }
  if (wanted > 0) {
    if (value > std::numeric_limits<int64_t>::max() / powers[wanted]) return {0, decimal_fault::overflow, 0};
    value *= powers[wanted];
  }
  return {value, decimal_fault::none, static_cast<int8_t>(exponent)};
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
