#include "runtime/model/decimal.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace tickplant::model {
namespace {

__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

constexpr auto powers_of_ten = [] {
  std::array<int64_t, 19> powers{};
  int64_t power = 1;
  for (int64_t& p : powers) {
    p = power;
    if (power <= INT64_MAX / 10) power *= 10;
  }
  return powers;
}();

int128 join(tp_wide value) {
  return static_cast<int128>((static_cast<uint128>(static_cast<uint64_t>(value.high)) << 64) | value.low);
}

tp_wide split(int128 value) {
  const auto bits = static_cast<uint128>(value);
  return tp_wide{static_cast<uint64_t>(bits), static_cast<int64_t>(static_cast<uint64_t>(bits >> 64))};
}

/// Sign, digits and the place of the last digit, before any exponent is asked for.
struct digits {
  bool negative = false, valid = false, too_long = false;
  int64_t value = 0;    // the digits as one number, without trailing zeros
  int64_t exponent = 0; // of the last of them
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Trailing zeros are taken off while reading, so that "100000000000000000000e-20" fits.
digits read_digits(std::string_view text) {
  digits d;
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) d.negative = text[i++] == '-';
  bool seen = false, behind_point = false;
  int64_t zeros = 0; // seen since the last other digit
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !behind_point) {
      behind_point = true;
      continue;
    }
    if (!is_digit(c)) break;
    seen = true;
    d.exponent -= behind_point ? 1 : 0;
    if (c == '0') {
      ++zeros;
      continue;
    }
    for (; zeros >= 0; --zeros) {
      const int64_t digit = zeros == 0 ? c - '0' : 0;
      if (__builtin_mul_overflow(d.value, int64_t{10}, &d.value) || __builtin_add_overflow(d.value, digit, &d.value)) {
        d.too_long = true;
        d.value = 1; // not zero, so that the zeros that follow are not taken for leading ones
      }
    }
    zeros = 0;
  }
  if (!seen) return d;
  d.exponent += zeros;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    bool minus = false;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) minus = text[i++] == '-';
    int64_t shift = 0;
    const size_t first = i;
    for (; i < text.size() && is_digit(text[i]); ++i)
      shift = std::min<int64_t>(shift * 10 + (text[i] - '0'), 1'000'000);
    if (i == first) return d;
    d.exponent += minus ? -shift : shift;
  }
  d.valid = i == text.size();
  return d;
}

decimal fault_of(decimal_fault fault) {
  return decimal{TP_NONE, 0, fault};
}

decimal place(const digits& d, int exponent) {
  if (!d.valid) return fault_of(decimal_fault::malformed);
  if (d.value == 0) return decimal{0, exponent, decimal_fault::none};
  if (d.exponent < exponent) return fault_of(decimal_fault::inexact);
  const int64_t shift = d.exponent - exponent;
  int64_t mantissa = d.value;
  if (d.too_long || shift >= static_cast<int64_t>(powers_of_ten.size()) ||
      __builtin_mul_overflow(mantissa, powers_of_ten[static_cast<size_t>(shift)], &mantissa))
    return fault_of(decimal_fault::overflow);
  return decimal{d.negative ? -mantissa : mantissa, exponent, decimal_fault::none};
}

template <class Number>
std::optional<Number> shifted(Number mantissa, int from, int to) {
  if (mantissa == 0) return mantissa;
  // 10^38 is the last power in 128 bits: a shift beyond it overflows, or loses digits of any number.
  for (int e = from; e > to; --e)
    if (__builtin_mul_overflow(mantissa, Number{10}, &mantissa)) return std::nullopt;
  for (int e = from; e < to; ++e) {
    if (mantissa % 10 != 0) return std::nullopt;
    mantissa /= 10;
  }
  return mantissa;
}

char* print_digits(char* out, bool negative, uint128 value, int exponent) {
  std::array<char, 48> reversed;
  size_t count = 0;
  for (; value != 0; value /= 10) reversed[count++] = static_cast<char>('0' + static_cast<int>(value % 10));
  if (negative) *out++ = '-';
  const size_t decimals = exponent < 0 ? static_cast<size_t>(-exponent) : 0;
  if (count <= decimals) *out++ = '0';
  for (size_t i = count; i > decimals; --i) *out++ = reversed[i - 1];
  if (decimals > 0) {
    *out++ = '.';
    for (size_t i = decimals; i > 0; --i) *out++ = i <= count ? reversed[i - 1] : '0';
  }
  for (int e = exponent; e > 0 && count > 0; --e) *out++ = '0';
  return out;
}

} // namespace

decimal parse_decimal(std::string_view text, int exponent) {
  return place(read_digits(text), exponent);
}

decimal parse_decimal(std::string_view text) {
  const digits d = read_digits(text);
  if (d.valid && d.value != 0 && d.exponent < 3 * least_exponent) return fault_of(decimal_fault::overflow);
  return place(d, d.value == 0 ? 0 : static_cast<int>(std::min<int64_t>(d.exponent, 0)));
}

std::optional<int64_t> rescale(int64_t mantissa, int from, int to) {
  if (mantissa == TP_NONE) return mantissa;
  const auto result = shifted(mantissa, from, to);
  return result == TP_NONE ? std::nullopt : result;
}

std::optional<tp_wide> rescale(tp_wide mantissa, int from, int to) {
  const auto result = shifted(join(mantissa), from, to);
  return result ? std::optional{split(*result)} : std::nullopt;
}

char* print_decimal(char* out, int64_t mantissa, int exponent) {
  return mantissa == TP_NONE ? out : print_decimal(out, to_wide(mantissa), exponent);
}

char* print_decimal(char* out, tp_wide mantissa, int exponent) {
  const int128 value = join(mantissa);
  // Unsigned before the change of sign, since the least number has no positive twin.
  const uint128 size = value < 0 ? ~static_cast<uint128>(value) + 1 : static_cast<uint128>(value);
  return print_digits(out, value < 0, size, std::clamp(exponent, least_exponent, greatest_exponent));
}

std::string to_text(int64_t mantissa, int exponent) {
  std::array<char, longest_decimal> text;
  return {text.data(), print_decimal(text.data(), mantissa, exponent)};
}

std::string to_text(tp_wide mantissa, int exponent) {
  std::array<char, longest_decimal> text;
  return {text.data(), print_decimal(text.data(), mantissa, exponent)};
}

tp_wide multiply(int64_t a, int64_t b) {
  return split(static_cast<int128>(a) * b);
}

} // namespace tickplant::model
