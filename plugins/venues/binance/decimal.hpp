// Exact decimals: text to scaled integers, without floating point. Accepts any number of digits, fraction or none, and
// the exponent form; a sign of minus, NaN, or more digits than fit are faults, never a rounded value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tickplant::binance {

/// The finest exponent that an instrument is given: beyond it prices of common size would not fit 64 bits.
inline constexpr int finest_exponent = -12;

enum class decimal_fault : uint8_t {
  none,
  malformed, // not a number, or negative
  finer,     // exact only with a finer exponent: see `exponent`
  overflow   // does not fit 63 bits at this exponent
};

struct scaled {
  int64_t mantissa;
  decimal_fault fault;
  int8_t exponent; // of `mantissa`; with `finer`: the exponent that the text needs
};

/// Reads `text` as mantissa x 10^exponent; `exponent` from -18 to 0.
scaled parse_scaled(std::string_view text, int exponent) noexcept;

/// Readable bytes that a text needs behind its end to be read in words. All texts of a frame have them.
inline constexpr size_t padding_of_text = 16;

/// The same for a text with that padding; faster.
scaled parse_scaled_padded(std::string_view text, int exponent) noexcept;

/// Reads `text` with the coarsest exponent from -18 to 0 at which it is exact; nothing if malformed or too long.
std::optional<scaled> parse_exact(std::string_view text) noexcept;

/// The exponent that a step size asks for: 0.01000000 gives -2, 1.0 and 10 give 0, a rule that is off (0) gives
/// nothing.
std::optional<int8_t> exponent_of_step(std::string_view step) noexcept;

/// Reads an unsigned whole number up to 2^63 - 1, quoted or not by the caller's choice of text.
std::optional<uint64_t> parse_id(std::string_view text) noexcept;

} // namespace tickplant::binance
