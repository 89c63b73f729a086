// Text protocols: whole lines of a stream or a datagram, fields between separators, decimal numbers as mantissas. Pure;
// texts borrow what they were cut from, and nothing is allocated.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace tickplant::sdk {

/// Calls `take` with every line that has its end, without it ("\n" or "\r\n"), until one answers false. The bytes of
/// these lines, for `on_stream` to answer: a part of a line stays, and comes again with the rest.
template <std::invocable<std::string_view> Take>
size_t each_line(std::string_view text, Take&& take) {
  size_t used = 0;
  for (;;) {
    const size_t end = text.find('\n', used);
    if (end == std::string_view::npos) return used;
    auto line = text.substr(used, end - used);
    used = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if constexpr (std::same_as<std::invoke_result_t<Take, std::string_view>, bool>) {
      if (!take(line)) return used;
    } else {
      take(line);
    }
  }
}

/// The fields of a line, `Most` of them at most. A field that is not there is empty.
template <size_t Most>
class fields {
public:
  fields(std::string_view line, char separator) {
    for (;;) {
      if (count_ == Most) {
        ++count_; // there are more: `size` tells
        return;
      }
      const size_t end = line.find(separator);
      at_[count_++] = line.substr(0, end);
      if (end == std::string_view::npos) return;
      line.remove_prefix(end + 1);
    }
  }
  /// How many there are; `Most` + 1 where they are more than that.
  size_t size() const { return count_; }
  std::string_view operator[](size_t number) const { return number < Most ? at_[number] : std::string_view{}; }

private:
  std::array<std::string_view, Most> at_{};
  size_t count_ = 0;
};

/// "12.5" at exponent -2 is 1250, "-3" is -300. Nothing for what is no decimal number, has digits that the exponent
/// cannot hold (zeros at the end are none), or does not fit.
constexpr std::optional<int64_t> to_mantissa(std::string_view text, int exponent) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  auto whole = text.substr(0, point);
  auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return std::nullopt;
  constexpr uint64_t most = INT64_MAX;
  uint64_t value = 0;
  const auto take = [&value](char c) {
    const auto digit = static_cast<uint64_t>(c - '0');
    if (c < '0' || c > '9' || value > (most - digit) / 10) return false;
    value = value * 10 + digit;
    return true;
  };
  const auto drop_zeros = [](std::string_view& digits) {
    if (digits.empty() || digits.back() != '0') return false;
    digits.remove_suffix(1);
    return true;
  };
  while (exponent > -static_cast<int>(fraction.size()) && drop_zeros(fraction)) {
  }
  // What lies below the exponent has to be zeros, and leaves the whole part shorter where the exponent is positive.
  for (int i = 0; i < exponent; ++i)
    if (whole.size() <= 1 ? whole != "0" : !drop_zeros(whole)) return std::nullopt;
  if (static_cast<int>(fraction.size()) > (exponent < 0 ? -exponent : 0)) return std::nullopt;
  for (const char c : whole)
    if (!take(c)) return std::nullopt;
  for (const char c : fraction)
    if (!take(c)) return std::nullopt;
  for (int i = static_cast<int>(fraction.size()); i < -exponent; ++i)
    if (!take('0')) return std::nullopt;
  return is_negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value);
}

} // namespace tickplant::sdk
