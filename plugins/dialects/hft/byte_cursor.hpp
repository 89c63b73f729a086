// Writes JSON into memory that is known to suffice: no check per byte, digits by hand. The caller reserves by the
// bounds given here; sdk::text_writer prints the same text with checks, and the tests hold the two together.
#pragma once

#include <tickplant/dialect.hpp>

#include <cstring>

namespace tickplant::hft {

class byte_cursor {
public:
  /// Bytes that one decimal can take, by the size of its exponent.
  static constexpr size_t decimal_bound(size_t exponent_size) { return 48 + exponent_size; }
  /// Bytes that one JSON string can take: the longest escape of a byte has six.
  static constexpr size_t string_bound(size_t size) { return 2 + 6 * size; }

  explicit byte_cursor(char* at) : at_(at) {}
  const char* at() const { return at_; }

  void put(char c) { *at_++ = c; }
  void put(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  template <size_t Size>
  void text(const char (&literal)[Size]) {
    std::memcpy(at_, literal, Size - 1);
    at_ += Size - 1;
  }

  void number(uint64_t value) {
    const unsigned size = digits_of(value);
    digits(value, size);
  }
  void number(int64_t value) {
    if (value < 0) put('-');
    number(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
  }

  /// mantissa * 10^exponent, exact, without trailing zeros of the fraction.
  void decimal(int64_t mantissa, int exponent) {
    if (exponent > 0 || exponent < -max_places) return checked([&](auto& w) { w.put_decimal(mantissa, exponent); });
    uint64_t magnitude = static_cast<uint64_t>(mantissa);
    if (mantissa < 0) {
      put('-');
      magnitude = 0 - magnitude;
    }
    const auto places = static_cast<unsigned>(-exponent);
    const uint64_t whole = magnitude / powers_of_ten[places];
    const uint64_t fraction = magnitude - whole * powers_of_ten[places];
    number(whole);
    if (fraction == 0) return;
    put('.');
    digits(fraction, places);
    while (at_[-1] == '0') --at_;
  }
  void decimal(tp_wide mantissa, int exponent) {
    if (mantissa.high == 0 && mantissa.low <= static_cast<uint64_t>(INT64_MAX))
      return decimal(static_cast<int64_t>(mantissa.low), exponent);
    checked([&](auto& w) { w.put_decimal(mantissa, exponent); });
  }

  /// A JSON string, quotes included.
  void string(std::string_view text) {
    for (const char c : text)
      if (static_cast<uint8_t>(c) < 0x20 || static_cast<uint8_t>(c) >= 0x80 || c == '"' || c == '\\')
        return checked([&](auto& w) { w.put_json_string(text); });
    put('"');
    put(text);
    put('"');
  }
  /// Continues the string that was written last: its closing quote gives way to `joint`, which must need no escape.
  void continue_string(char joint, std::string_view text) {
    char* const closing = --at_;
    string(text);
    *closing = joint;
  }

private:
  static constexpr int max_places = 18;
  static constexpr uint64_t powers_of_ten[] = {1ull,
                                               10ull,
                                               100ull,
                                               1'000ull,
                                               10'000ull,
                                               100'000ull,
                                               1'000'000ull,
                                               10'000'000ull,
                                               100'000'000ull,
                                               1'000'000'000ull,
                                               10'000'000'000ull,
                                               100'000'000'000ull,
                                               1'000'000'000'000ull,
                                               10'000'000'000'000ull,
                                               100'000'000'000'000ull,
                                               1'000'000'000'000'000ull,
                                               10'000'000'000'000'000ull,
                                               100'000'000'000'000'000ull,
                                               1'000'000'000'000'000'000ull,
                                               10'000'000'000'000'000'000ull};
  static constexpr char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                  "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                  "8081828384858687888990919293949596979899";

  static unsigned digits_of(uint64_t value) {
    // 1233 / 4096 is log10(2) from above; the table corrects the one case in which that guess is too high.
    const auto bits = static_cast<unsigned>(64 - __builtin_clzll(value | 1));
    const unsigned guess = (bits * 1233) >> 12;
    return guess + (value >= powers_of_ten[guess] ? 1u : 0u) + (value == 0 ? 1u : 0u);
  }

  /// Exactly `size` digits, zeros in front.
  void digits(uint64_t value, unsigned size) {
    char* end = at_ + size;
    at_ = end;
    for (; size >= 2; size -= 2, value /= 100) {
      end -= 2;
      std::memcpy(end, pairs + 2 * (value % 100), 2);
    }
    if (size != 0) end[-1] = static_cast<char>('0' + value % 10);
  }

  /// The rare cases, out of line: they must not weigh on the common ones.
  template <class Print>
  [[gnu::noinline]] void checked(Print&& print) {
    sdk::text_writer writer{reinterpret_cast<uint8_t*>(at_), SIZE_MAX / 2};
    print(writer);
    at_ += writer.size();
  }

  char* at_;
};

} // namespace tickplant::hft
