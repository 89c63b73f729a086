// Exact decimals: the SDK's writer by table, the dialect's unchecked writer against it.
#include "byte_cursor.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tickplant::hft {
namespace {

std::string between(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

template <class Mantissa>
std::string written(Mantissa mantissa, int exponent) {
  uint8_t out[400];
  sdk::text_writer writer{out, sizeof out};
  writer.put_decimal(mantissa, exponent);
  return {reinterpret_cast<const char*>(out), writer.size()};
}

template <class Mantissa>
std::string by_cursor(Mantissa mantissa, int exponent) {
  const auto size = byte_cursor::decimal_bound(static_cast<size_t>(std::abs(exponent)));
  std::vector<char> out(size); // on the heap: a sanitizer sees a byte too many
  byte_cursor cursor{out.data()};
  cursor.decimal(mantissa, exponent);
  return between(out.data(), cursor.at());
}

struct decimal_case {
  int64_t mantissa;
  int exponent;
  std::string text;
};

TEST(decimal, PrintsExactDigitsWithoutTrailingZeros) {
  const decimal_case cases[] = {
    {0, 0, "0"},
    {0, -8, "0"},
    {0, 5, "0"},
    {17526, -2, "175.26"},
    {17650, -2, "176.5"},
    {17600, -2, "176"},
    {-215, -2, "-2.15"},
    {-5, -2, "-0.05"},
    {5, -8, "0.00000005"},
    {100'000'000, -8, "1"},
    {123'456'789, -8, "1.23456789"},
    {12, 3, "12000"},
    {-12, 3, "-12000"},
    {7, 0, "7"},
    {INT64_MAX, 0, "9223372036854775807"},
    {INT64_MIN, 0, "-9223372036854775808"},
    {INT64_MAX, -18, "9.223372036854775807"},
    {INT64_MAX, -19, "0.9223372036854775807"},
    {INT64_MIN, -20, "-0.09223372036854775808"},
    {1, -128, "0." + std::string(127, '0') + "1"},
    {9, 127, "9" + std::string(127, '0')},
    {1'000'000'000'000'000'000, -18, "1"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(written(c.mantissa, c.exponent), c.text);
    EXPECT_EQ(by_cursor(c.mantissa, c.exponent), c.text);
  }
}

TEST(decimal, PrintsWideNumbersExactly) {
  const struct {
    tp_wide mantissa;
    int exponent;
    std::string text;
  } cases[] = {
    {{0, 0}, -8, "0"},
    {{12'500'000, 0}, 0, "12500000"},
    {{UINT64_MAX, 0}, 0, "18446744073709551615"},
    {{0, 1}, 0, "18446744073709551616"},
    {{0, 1}, -8, "184467440737.09551616"},
    {{UINT64_MAX, -1}, 0, "-1"},
    {{UINT64_MAX, -1}, -3, "-0.001"},
    {{UINT64_MAX, INT64_MAX}, 0, "170141183460469231731687303715884105727"},
    {{0, INT64_MIN}, 0, "-170141183460469231731687303715884105728"},
    {{0, INT64_MIN}, -38, "-1.70141183460469231731687303715884105728"},
    {{0, INT64_MIN}, 2, "-17014118346046923173168730371588410572800"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(written(c.mantissa, c.exponent), c.text);
    EXPECT_EQ(by_cursor(c.mantissa, c.exponent), c.text);
  }
}

TEST(decimal, BothWritersAgreeOnRandomNumbers) {
  std::mt19937_64 random{7};
  for (int i = 0; i < 200'000; ++i) {
    const auto mantissa = static_cast<int64_t>(random()) >> (random() % 64);
    const int exponent = static_cast<int>(random() % 256) - 128;
    ASSERT_EQ(by_cursor(mantissa, exponent), written(mantissa, exponent)) << mantissa << " e " << exponent;
    const tp_wide wide{random() >> (random() % 64), static_cast<int64_t>(random()) >> (random() % 64)};
    ASSERT_EQ(by_cursor(wide, exponent), written(wide, exponent));
  }
}

TEST(decimal, CountsBeyondTheEndOfTheBuffer) {
  uint8_t out[4] = {'x', 'x', 'x', 'x'};
  sdk::text_writer writer{out, 3};
  writer.put_decimal(int64_t{-123456}, -2);
  EXPECT_EQ(writer.size(), 8u);
  EXPECT_EQ(out[3], 'x');
}

TEST(byte_cursor, PrintsEveryNumberOfDigits) {
  for (unsigned i = 0; i < 64; ++i)
    for (const uint64_t value : {(uint64_t{1} << i) - 1, uint64_t{1} << i, (uint64_t{1} << i) + 1}) {
      char out[24];
      byte_cursor cursor{out};
      cursor.number(value);
      EXPECT_EQ(between(out, cursor.at()), std::to_string(value));
    }
  for (uint64_t power = 1, i = 0; i < 20; ++i, power *= 10) {
    char out[48];
    byte_cursor cursor{out};
    cursor.number(power - 1);
    cursor.put(' ');
    cursor.number(power);
    EXPECT_EQ(between(out, cursor.at()), std::to_string(power - 1) + ' ' + std::to_string(power));
  }
}

TEST(byte_cursor, EscapesLikeTheSdk) {
  for (const std::string text : {"AAPL", "", "a\"b\\c", "\n", "€", "\xFF\xFE", "BRK.A", "\x7F"}) {
    char out[64];
    byte_cursor cursor{out};
    cursor.string(text);
    uint8_t wanted[64];
    sdk::text_writer writer{wanted, sizeof wanted};
    writer.put_json_string(text);
    EXPECT_EQ(between(out, cursor.at()), std::string(reinterpret_cast<char*>(wanted), writer.size()));
  }
}

} // namespace
} // namespace tickplant::hft
