#include <tickplant/text_fields.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tickplant::sdk {
namespace {

TEST(EachLine, GivesWholeLinesAndLeavesThePartOfOne) {
  std::vector<std::string> lines;
  const auto keep = [&](std::string_view line) { lines.emplace_back(line); };
  EXPECT_EQ(each_line("one\ntwo\r\n\nthr", keep), 10u);
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", ""}));
  EXPECT_EQ(each_line("thr", keep), 0u);
  EXPECT_EQ(each_line("", keep), 0u);
}

TEST(EachLine, StopsBehindTheLineThatIsNotLiked) {
  int count = 0;
  EXPECT_EQ(each_line("a\nb\nc\n", [&](std::string_view line) { return ++count, line != "b"; }), 4u);
  EXPECT_EQ(count, 2);
}

TEST(EachLine, GivesTheSameLinesHoweverTheStreamIsCut) {
  const std::string all = "L|1|2.5\nT|7\n\nQ\n";
  for (size_t step = 1; step < all.size(); ++step) {
    std::string unread;
    std::vector<std::string> lines;
    for (size_t at = 0; at < all.size(); at += step) {
      unread += all.substr(at, step);
      unread.erase(0, each_line(unread, [&](std::string_view line) { lines.emplace_back(line); }));
    }
    EXPECT_EQ(lines, (std::vector<std::string>{"L|1|2.5", "T|7", "", "Q"})) << step;
  }
}

TEST(Fields, AreCutAtTheSeparator) {
  const fields<4> f{"L||x", '|'};
  EXPECT_EQ(f.size(), 3u);
  EXPECT_EQ(f[0], "L");
  EXPECT_EQ(f[1], "");
  EXPECT_EQ(f[2], "x");
  EXPECT_EQ(f[3], "");
  EXPECT_EQ(f[99], "");
  EXPECT_EQ(fields<2>("a|b|c|d", '|').size(), 3u) << "more than two";
  EXPECT_EQ(fields<2>("a|b", '|').size(), 2u);
  EXPECT_EQ(fields<2>("", '|').size(), 1u);
}

TEST(ToMantissa, ReadsDecimalsExactly) {
  EXPECT_EQ(to_mantissa("12.5", -2), 1250);
  EXPECT_EQ(to_mantissa("12", -2), 1200);
  EXPECT_EQ(to_mantissa("0.05", -2), 5);
  EXPECT_EQ(to_mantissa("12.500", -2), 1250);
  EXPECT_EQ(to_mantissa("-3", -2), -300);
  EXPECT_EQ(to_mantissa("1200", 2), 12);
  EXPECT_EQ(to_mantissa("0", 2), 0);
  EXPECT_EQ(to_mantissa("7.0", 0), 7);
  EXPECT_EQ(to_mantissa("9223372036854775807", 0), INT64_MAX);
  static_assert(to_mantissa("1.5", -1) == 15);
}

TEST(ToMantissa, RefusesWhatItCannotHold) {
  for (const auto* text : {"", ".", "1.", ".5", "-", "--1", "1e3", "+1", "1 ", "1.2.3", "1.25x"})
    EXPECT_FALSE(to_mantissa(text, -2)) << text;
  EXPECT_FALSE(to_mantissa("1.255", -2));
  EXPECT_FALSE(to_mantissa("1.5", 0));
  EXPECT_FALSE(to_mantissa("1250", 2));
  EXPECT_FALSE(to_mantissa("9223372036854775808", 0));
  EXPECT_FALSE(to_mantissa("92233720368547758.08", -2));
  EXPECT_EQ(to_mantissa("92233720368547758.07", -2), INT64_MAX);
}

} // namespace
} // namespace tickplant::sdk
