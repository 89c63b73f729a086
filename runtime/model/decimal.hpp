// Exact decimal numbers: value = mantissa * 10^exponent. Text to mantissa, mantissa to text, change of exponent, and
// the 128-bit totals of the ABI (tp_wide). Nothing here rounds or wraps: what cannot be told exactly is an error.
#pragma once

#include <tickplant/dialect.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tickplant::model {

/// Exponents that instruments may have; `instrument::problem_of` refuses others.
inline constexpr int least_exponent = -18, greatest_exponent = 9;

enum class decimal_fault : uint8_t {
  none,
  malformed, // not a decimal number, or nothing but a sign
  inexact,   // digits below the exponent asked for
  overflow   // does not fit; TP_NONE counts as not fitting, since it means "not given"
};

struct decimal {
  int64_t mantissa = TP_NONE;
  int exponent = 0;
  decimal_fault fault = decimal_fault::malformed;
  explicit operator bool() const { return fault == decimal_fault::none; }
};

/// Reads "-12.50", "12", ".5", "1e-7" as a mantissa at `exponent`. Zeros behind the last digit that counts are no
/// fault.
decimal parse_decimal(std::string_view text, int exponent);

/// Reads the same texts with the exponent that they need: the greatest one, at most 0, that keeps every digit that
/// is not a trailing zero. "0.01000000" gives 1 and -2.
decimal parse_decimal(std::string_view text);

/// The same value at another exponent; empty if digits would be lost, or if it does not fit. TP_NONE stays TP_NONE.
std::optional<int64_t> rescale(int64_t mantissa, int from, int to);

/// Bytes that `print_decimal` may write at most, for exponents of instruments.
inline constexpr size_t longest_decimal = 64;

/// Prints a value with all its decimals ("1.50" for 150 at -2), never in exponent form. Writes at most
/// `longest_decimal` bytes for exponents within least..greatest_exponent, and returns the end. TP_NONE prints nothing.
char* print_decimal(char* out, int64_t mantissa, int exponent);
char* print_decimal(char* out, tp_wide mantissa, int exponent);
std::string to_text(int64_t mantissa, int exponent);
std::string to_text(tp_wide mantissa, int exponent);

// ---- 128-bit totals ----

constexpr tp_wide to_wide(int64_t value) {
  return tp_wide{static_cast<uint64_t>(value), value < 0 ? -1 : 0};
}

/// The exact product, which always fits.
tp_wide multiply(int64_t a, int64_t b);

/// `total += value`. False, and `total` as it was, if the sum does not fit 128 bits.
[[nodiscard]] constexpr bool add_to(tp_wide& total, tp_wide value) {
  const uint64_t low = total.low + value.low;
  const uint64_t carry = low < value.low ? 1 : 0;
  int64_t high = 0;
  const bool over = __builtin_add_overflow(total.high, value.high, &high);
  int64_t with_carry = 0;
  const bool over_carry = __builtin_add_overflow(high, static_cast<int64_t>(carry), &with_carry);
  // A negative overflow of the high words may be undone by the carry: -2^63 - 1 + 1.
  if (over != over_carry) return false;
  total = tp_wide{low, with_carry};
  return true;
}

[[nodiscard]] constexpr bool add_to(tp_wide& total, int64_t value) {
  return add_to(total, to_wide(value));
}

/// `total -= value` for values that have been added before.
[[nodiscard]] constexpr bool subtract_from(tp_wide& total, int64_t value) {
  const tp_wide v = to_wide(value);
  const tp_wide negative{~v.low + 1, static_cast<int64_t>(~static_cast<uint64_t>(v.high) + (v.low == 0 ? 1u : 0u))};
  return add_to(total, negative);
}

constexpr std::strong_ordering compare(tp_wide a, tp_wide b) {
  return a.high != b.high ? a.high <=> b.high : a.low <=> b.low;
}

/// The total as 64 bits, empty if it does not fit or would read as TP_NONE.
constexpr std::optional<int64_t> narrow(tp_wide value) {
  const auto low = static_cast<int64_t>(value.low);
  if (value.high != (low < 0 ? -1 : 0) || low == TP_NONE) return std::nullopt;
  return low;
}

/// As `rescale`, for totals.
std::optional<tp_wide> rescale(tp_wide mantissa, int from, int to);

} // namespace tickplant::model
