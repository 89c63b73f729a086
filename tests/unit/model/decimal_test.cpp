#include "runtime/model/decimal.hpp"

#include <gtest/gtest.h>

#include <random>

namespace tickplant::model {
namespace {

struct reading {
  const char* text;
  int exponent;
  int64_t mantissa;
};

TEST(Decimal, ReadsTextAtAnExponent) {
  const reading table[] = {
    {"0", 0, 0},
    {"12", 0, 12},
    {"-12.5", -1, -125},
    {"+12.5", -2, 1250},
    {".5", -1, 5},
    {"5.", -1, 50},
    {"61685.99000000", -2, 6168599},
    {"0.00000001", -8, 1},
    {"1e-7", -8, 10},
    {"1.5E3", 0, 1500},
    {"1000", 3, 1},
    {"9223372036854775807", 0, INT64_MAX},
    {"-9223372036854775807", 0, -INT64_MAX},
    {"100000000000000000000000e-20", 0, 1000},
    {"0.000000000000000000000000000", -2, 0},
    {"0e99999999", -2, 0},
    {"00000000000000000000000000012", 0, 12},
  };
  for (const reading& r : table) {
    const decimal d = parse_decimal(r.text, r.exponent);
    EXPECT_EQ(d.fault, decimal_fault::none) << r.text;
    EXPECT_EQ(d.mantissa, r.mantissa) << r.text;
  }
}

TEST(Decimal, SaysWhyATextCannotBeRead) {
  const auto fault = [](const char* text, int exponent) { return parse_decimal(text, exponent).fault; };
  for (const char* text :
       {"", "-", ".", "-.", "1.2.3", "1a", " 1", "1 ", "0x10", "e5", "1e", "1e+", "--1", "NaN", "inf", "1,5"})
    EXPECT_EQ(fault(text, -2), decimal_fault::malformed) << text;
  EXPECT_EQ(fault("0.001", -2), decimal_fault::inexact);
  EXPECT_EQ(fault("15", 1), decimal_fault::inexact);
  EXPECT_EQ(fault("1e-999999999", -18), decimal_fault::inexact);
  EXPECT_EQ(fault("9223372036854775808", 0), decimal_fault::overflow);
  EXPECT_EQ(fault("-9223372036854775808", 0), decimal_fault::overflow) << "that number means not given";
  EXPECT_EQ(fault("92233720368547758.08", -3), decimal_fault::overflow);
  EXPECT_EQ(fault("1e999999999", 0), decimal_fault::overflow);
  EXPECT_EQ(fault("123456789012345678901234567890", 0), decimal_fault::overflow);
  EXPECT_EQ(fault("999999999999999999999000", 0), decimal_fault::overflow);
}

TEST(Decimal, FindsTheExponentThatATextNeeds) {
  const auto check = [](const char* text, int64_t mantissa, int exponent) {
    const decimal d = parse_decimal(text);
    ASSERT_TRUE(d) << text;
    EXPECT_EQ(d.mantissa, mantissa) << text;
    EXPECT_EQ(d.exponent, exponent) << text;
  };
  check("0.01000000", 1, -2);
  check("0.00001000", 1, -5);
  check("1.00000000", 1, 0);
  check("100", 100, 0);
  check("0", 0, 0);
  check("0.000", 0, 0);
  check("-2.50", -25, -1);
  check("1e-7", 1, -7);
  EXPECT_EQ(parse_decimal("1e-400").fault, decimal_fault::overflow);
  EXPECT_EQ(parse_decimal("x").fault, decimal_fault::malformed);
}

TEST(Decimal, RescalesExactlyOrNotAtAll) {
  EXPECT_EQ(rescale(int64_t{125}, -2, -4), 12500);
  EXPECT_EQ(rescale(int64_t{12500}, -4, -2), 125);
  EXPECT_EQ(rescale(int64_t{-12500}, -4, -2), -125);
  EXPECT_EQ(rescale(int64_t{12501}, -4, -2), std::nullopt);
  EXPECT_EQ(rescale(int64_t{1}, 0, -18), 1'000'000'000'000'000'000);
  EXPECT_EQ(rescale(int64_t{10}, 0, -18), std::nullopt);
  EXPECT_EQ(rescale(int64_t{0}, 9, -128), 0);
  EXPECT_EQ(rescale(int64_t{7}, -128, 127), std::nullopt);
  EXPECT_EQ(rescale(int64_t{TP_NONE}, -2, -4), TP_NONE);
}

TEST(Decimal, PrintsEveryDecimal) {
  EXPECT_EQ(to_text(int64_t{150}, -2), "1.50");
  EXPECT_EQ(to_text(int64_t{5}, -2), "0.05");
  EXPECT_EQ(to_text(int64_t{-5}, -2), "-0.05");
  EXPECT_EQ(to_text(int64_t{0}, -3), "0.000");
  EXPECT_EQ(to_text(int64_t{0}, 3), "0");
  EXPECT_EQ(to_text(int64_t{12}, 3), "12000");
  EXPECT_EQ(to_text(int64_t{12}, 0), "12");
  EXPECT_EQ(to_text(INT64_MAX, -18), "9.223372036854775807");
  EXPECT_EQ(to_text(int64_t{TP_NONE}, 0), "");
  EXPECT_EQ(to_text(tp_wide{0, INT64_MIN}, 0), "-170141183460469231731687303715884105728");
  EXPECT_EQ(to_text(tp_wide{UINT64_MAX, INT64_MAX}, -18), "170141183460469231731.687303715884105727");
  EXPECT_LE(to_text(tp_wide{0, INT64_MIN}, 9).size(), longest_decimal);
  EXPECT_LE(to_text(tp_wide{0, INT64_MIN}, -18).size(), longest_decimal);
}

TEST(Decimal, PrintsWhatItReads) {
  std::mt19937_64 random{11};
  for (int i = 0; i < 20'000; ++i) {
    const auto mantissa = static_cast<int64_t>(random()) >> (random() % 63);
    const int exponent = least_exponent + static_cast<int>(random() % 28);
    if (mantissa == TP_NONE) continue;
    const std::string text = to_text(mantissa, exponent);
    const decimal read = parse_decimal(text, exponent);
    ASSERT_TRUE(read) << text << " at " << exponent;
    ASSERT_EQ(read.mantissa, mantissa) << text;
  }
}

TEST(Wide, AddsAndSubtractsAcrossTheWords) {
  tp_wide total{0, 0};
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(add_to(total, INT64_MAX));
  EXPECT_EQ(to_text(total, 0), "46116860184273879035");
  EXPECT_EQ(narrow(total), std::nullopt);
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(subtract_from(total, INT64_MAX));
  EXPECT_EQ(narrow(total), -INT64_MAX);
  ASSERT_TRUE(subtract_from(total, -INT64_MAX));
  EXPECT_EQ(narrow(total), 0);
  ASSERT_TRUE(subtract_from(total, INT64_MIN));
  EXPECT_EQ(to_text(total, 0), "9223372036854775808");
}

TEST(Wide, RefusesASumThatDoesNotFit) {
  tp_wide most{UINT64_MAX, INT64_MAX};
  EXPECT_FALSE(add_to(most, 1));
  EXPECT_TRUE(compare(most, tp_wide{UINT64_MAX, INT64_MAX}) == 0) << "unchanged";
  EXPECT_TRUE(add_to(most, -1));
  tp_wide least{0, INT64_MIN};
  EXPECT_FALSE(add_to(least, -1));
  EXPECT_TRUE(add_to(least, 1));
  tp_wide sum{UINT64_MAX, -1}; // -1: the carry undoes what the high words seem to overflow
  EXPECT_TRUE(add_to(sum, tp_wide{1, INT64_MIN}));
  EXPECT_TRUE(compare(sum, tp_wide{0, INT64_MIN}) == 0);
}

TEST(Wide, MultipliesExactly) {
  EXPECT_EQ(to_text(multiply(INT64_MAX, INT64_MAX), 0), "85070591730234615847396907784232501249");
  EXPECT_EQ(to_text(multiply(INT64_MIN, 2), 0), "-18446744073709551616");
  EXPECT_EQ(narrow(multiply(-3, 7)), -21);
}

TEST(Wide, ComparesAndRescales) {
  EXPECT_TRUE(compare(to_wide(-1), to_wide(0)) < 0);
  EXPECT_TRUE(compare(tp_wide{0, 1}, tp_wide{UINT64_MAX, 0}) > 0);
  const auto finer = rescale(multiply(INT64_MAX, 10), -2, -4);
  ASSERT_TRUE(finer);
  EXPECT_EQ(to_text(*finer, -4), to_text(multiply(INT64_MAX, 10), -2) + "00");
  EXPECT_FALSE(rescale(tp_wide{0, INT64_MAX}, 0, -1));
}

} // namespace
} // namespace tickplant::model
