#include "runtime/config/flatten.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tickplant::config;
using testing::HasSubstr;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

std::string fault_of(std::string_view text) {
  try {
    static_cast<void>(flatten_text(text, "x.yaml"));
  } catch (const document_fault& fault) {
    return fault.what();
  }
  return "no fault";
}

TEST(Flatten, JoinsKeysAndNumbersLists) {
  const auto settings = flatten_text(
    "lines: {a: \"udp://127.0.0.1:1\", b: x}\nsymbols: [BTCUSDT, \"1.0\"]\nempty:\nrate: 0.50\n", "x.yaml");
  EXPECT_EQ(pairs_of(settings), (pairs{{"lines.a", "udp://127.0.0.1:1"},
                                       {"lines.b", "x"},
                                       {"symbols.0", "BTCUSDT"},
                                       {"symbols.1", "1.0"},
                                       {"empty", ""},
                                       {"rate", "0.50"}}));
}

TEST(Flatten, KnowsWhereASettingWasWritten) {
  const auto settings = flatten_text("lines:\n  a: one\n  b: two\n", "x.yaml");
  EXPECT_EQ(place_of(settings, "lines.b").text(), "x.yaml:3:6");
  EXPECT_EQ(place_of(settings, "lines.b.c").text(), "x.yaml:3:6");
  EXPECT_EQ(place_of(settings, "lines").text(), "x.yaml:2:6");
  EXPECT_EQ(place_of(settings, "other").text(), "x.yaml");
}

TEST(Flatten, AnEmptyDocumentHasNoSettings) {
  EXPECT_TRUE(flatten_text("", "x.yaml").empty());
}

TEST(Flatten, NamesThePlaceOfEachFault) {
  EXPECT_EQ(fault_of("a: 1\nb: 2\na: 3\n"), "x.yaml:3:1: the key 'a' is given twice, first at x.yaml:1:1");
  EXPECT_THAT(fault_of("a: [1, 2\nb: 3"), HasSubstr("x.yaml:"));
  EXPECT_EQ(fault_of("- 1\n"), "x.yaml:1:1: wanted keys and values at the top, found something else");
  EXPECT_THAT(fault_of("? [a]\n: 1\n"), HasSubstr("a key has to be a plain word"));
  EXPECT_THROW(static_cast<void>(flatten_file("/nonexistent/x.yaml")), document_fault);
  EXPECT_THROW(static_cast<void>(flatten_file("/")), document_fault);
}

TEST(Flatten, BoundsDepthAndGrowthByAliases) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "{a: ";
  deep += "1" + std::string(40, '}');
  EXPECT_THAT(fault_of(deep), HasSubstr("nested deeper than 32"));
  std::string laughs = "a0: &a0 [1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 12; ++i) {
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 8; ++k) laughs += std::string(k ? "," : "") + "*a" + std::to_string(i - 1);
    laughs += "]\n";
  }
  EXPECT_THAT(fault_of(laughs), HasSubstr("more than 65536 settings"));
}

} // namespace
