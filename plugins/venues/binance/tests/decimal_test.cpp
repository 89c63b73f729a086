#include "decimal.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tickplant::binance {
namespace {

struct scaling {
  const char* text;
  int exponent;
  decimal_fault fault;
  int64_t mantissa; // with `finer`: the exponent needed
};

TEST(Decimal, ScalesExactlyOrTellsWhyNot) {
  using enum decimal_fault;
  const scaling table[] = {
    {"61737.63000000", -2, none, 6173763},
    {"61737.63000000", -8, none, 6173763000000},
    {"0.00000000", -5, none, 0},
    {"0", 0, none, 0},
    {"1", -8, none, 100000000},
    {"00012.50", -1, none, 125},
    {"1.", -2, none, 100},
    {".5", -1, none, 5},
    {"5e3", 0, none, 5000},
    {"5E-3", -3, none, 5},
    {"1.25e+2", 0, none, 125},
    {"12500e-2", -1, none, 1250},
    {"0e99999999999", 0, none, 0},
    {"1.0000000000000000000000000000000000000", -8, none, 100000000},
    {"0000000000000000000000000000000000000001.5", -1, none, 15},
    {"92233720368.54775807", -8, none, INT64_MAX},
    {"9223372036854775807", 0, none, INT64_MAX},
    {"92233720368.54775808", -8, overflow, 0},
    {"9223372036854775808", 0, overflow, 0},
    {"100000000000000000", -8, overflow, 0},
    {"1e300", 0, overflow, 0},
    {"123456789012345678901234567890", 0, overflow, 0},
    {"0.001", -2, finer, -3},
    {"61737.63000001", -2, finer, -8},
    {"1e-12", -8, finer, -12},
    {"1e-13", -8, overflow, 0}, // finer than any instrument is given
    {"", -2, malformed, 0},
    {".", -2, malformed, 0},
    {"-1", -2, malformed, 0},
    {"+1", -2, malformed, 0},
    {"-0.5", -2, malformed, 0},
    {"NaN", -2, malformed, 0},
    {"Infinity", -2, malformed, 0},
    {"1.2.3", -2, malformed, 0},
    {"1,5", -2, malformed, 0},
    {" 1", -2, malformed, 0},
    {"1 ", -2, malformed, 0},
    {"0x10", -2, malformed, 0},
    {"1e", -2, malformed, 0},
    {"1e+", -2, malformed, 0},
    {"1e1.5", -2, malformed, 0},
    {"e5", -2, malformed, 0},
    {"null", -2, malformed, 0},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(std::string{"'"} + row.text + "' at " + std::to_string(row.exponent));
    const scaled got = parse_scaled(row.text, row.exponent);
    EXPECT_EQ(got.fault, row.fault);
    if (row.fault == finer)
      EXPECT_EQ(got.exponent, row.mantissa);
    else
      EXPECT_EQ(got.mantissa, row.mantissa);
  }
}

TEST(Decimal, ReadsBackWhatWasWrittenForManyNumbers) {
  std::mt19937_64 chance{7};
  for (int n = 0; n < 200'000; ++n) {
    const int digits = static_cast<int>(chance() % 13);
    const auto mantissa = static_cast<int64_t>(chance() >> (1 + chance() % 62));
    std::string text = std::to_string(mantissa);
    if (digits > 0) {
      if (text.size() <= static_cast<size_t>(digits))
        text.insert(0, static_cast<size_t>(digits) + 1 - text.size(), '0');
      text.insert(text.size() - static_cast<size_t>(digits), ".");
      text.append(chance() % 4, '0');
    }
    const scaled got = parse_scaled(text, -digits);
    ASSERT_EQ(got.fault, decimal_fault::none) << text;
    ASSERT_EQ(got.mantissa, mantissa) << text;
  }
}

TEST(Decimal, ChoosesTheCoarsestExactScaleByItself) {
  const auto money = parse_exact("15310842093.84170100");
  ASSERT_TRUE(money);
  EXPECT_EQ(money->mantissa, 15310842093841701);
  EXPECT_EQ(money->exponent, -6);
  EXPECT_EQ(parse_exact("1200")->mantissa, 1200);
  EXPECT_EQ(parse_exact("1200")->exponent, 0);
  EXPECT_FALSE(parse_exact("123456789012.123456789"));
  EXPECT_FALSE(parse_exact("null"));
}

// More than seventeen characters go the slow way, so zeros in front make it the judge of the fast one.
TEST(Decimal, ReadsShortTextsInWordsAsItReadsLongOnesByCharacter) {
  std::mt19937_64 random{7};
  constexpr std::string_view letters = "0123456789012345678901234567890123456789....00000000e-+ x/:";
  for (int round = 0; round < 400'000; ++round) {
    const size_t size = random() % 17;
    std::string text;
    const bool clean = random() % 4 != 0;
    const size_t point = random() % (size + 1);
    for (size_t i = 0; i < size; ++i)
      text += clean ? (i == point && i > 0 ? '.' : static_cast<char>('0' + random() % (random() % 3 == 0 ? 1 : 10)))
                    : letters[random() % letters.size()];
    const int exponent = -static_cast<int>(random() % 13);
    // What lies behind the text must not matter.
    std::string behind = text;
    for (size_t i = 0; i < padding_of_text; ++i) behind += letters[random() % letters.size()];
    const scaled fast = parse_scaled_padded({behind.data(), size}, exponent);
    const bool begins_well = !text.empty() && text[0] >= '0' && text[0] <= '9';
    const scaled slow =
      begins_well ? parse_scaled("00000000000000000" + text, exponent) : scaled{0, decimal_fault::malformed, 0};
    if (!text.empty() && text[0] == '.') continue; // behind zeros it would be another text
    ASSERT_EQ(fast.fault, slow.fault) << text << " at " << exponent;
    ASSERT_EQ(fast.mantissa, slow.mantissa) << text << " at " << exponent;
    if (fast.fault == decimal_fault::finer) {
      ASSERT_EQ(fast.exponent, slow.exponent) << text;
    }
    const scaled general = parse_scaled(text, exponent);
    ASSERT_EQ(general.fault, fast.fault) << text;
    ASSERT_EQ(general.mantissa, fast.mantissa) << text;
  }
}

TEST(Decimal, TakesTheExponentFromAStep) {
  EXPECT_EQ(exponent_of_step("0.01000000"), int8_t{-2});
  EXPECT_EQ(exponent_of_step("0.00000001"), int8_t{-8});
  EXPECT_EQ(exponent_of_step("1.00000000"), int8_t{0});
  EXPECT_EQ(exponent_of_step("10"), int8_t{0});
  EXPECT_FALSE(exponent_of_step("0.00000000")) << "the rule is off";
  EXPECT_FALSE(exponent_of_step(""));
}

TEST(Decimal, ReadsIdsThatFit63Bits) {
  EXPECT_EQ(parse_id("50093239218"), 50093239218u);
  EXPECT_EQ(parse_id("9223372036854775807"), static_cast<uint64_t>(INT64_MAX));
  for (const char* bad : {"", "-1", "1.0", "9223372036854775808", "18446744073709551616", "1e5", "true"})
    EXPECT_FALSE(parse_id(bad)) << bad;
}

} // namespace
} // namespace tickplant::binance
