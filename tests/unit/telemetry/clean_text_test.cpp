#include "runtime/telemetry/clean_text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tickplant::telemetry {
namespace {

std::string one_line(std::string_view text) {
  std::string to;
  append_one_line(to, text);
  return to;
}
std::string utf8(std::string_view text) {
  std::string to;
  append_utf8(to, text);
  return to;
}

TEST(CleanText, OneLineHoldsNoBreakAndNoControlCharacter) {
  EXPECT_EQ(one_line("plain"), "plain");
  EXPECT_EQ(one_line("a\nb\r\nc\td"), "a\\nb\\r\\nc\\td");
  EXPECT_EQ(one_line("\x1b[31mred\x7f"), "\\x1b[31mred\\x7f");
  EXPECT_EQ(one_line(std::string_view{"a\0b", 3}), "a\\x00b");
  EXPECT_EQ(one_line("\xc2\x9b"
                     "31m"),
            "\\x9b31m")
    << "the terminal's eight-bit escape";
  EXPECT_EQ(one_line("a\u2028b\u2029"), "a\\u2028b\\u2029");
  EXPECT_EQ(one_line("Zürich €"), "Zürich €");
}

TEST(CleanText, WhatIsNoUtf8IsReplacedByteByByte) {
  EXPECT_EQ(utf8("a\xff"
                 "b"),
            "a\ufffdb");
  EXPECT_EQ(utf8("\xc3"), "\ufffd") << "cut off";
  EXPECT_EQ(utf8("\xc0\xaf"), "\ufffd\ufffd") << "overlong";
  EXPECT_EQ(utf8("\xe0\x9f\xbf"), "\ufffd\ufffd\ufffd") << "overlong";
  EXPECT_EQ(utf8("\xed\xa0\x80"), "\ufffd\ufffd\ufffd") << "surrogate";
  EXPECT_EQ(utf8("\xf4\x90\x80\x80"), "\ufffd\ufffd\ufffd\ufffd") << "beyond Unicode";
  EXPECT_EQ(utf8("\xf0\x9f\x93\x88 line\n"), "\xf0\x9f\x93\x88 line\n");
}

TEST(CleanText, CutsBetweenCharacters) {
  EXPECT_EQ(cut_utf8("abc", 3), "abc");
  EXPECT_EQ(cut_utf8("abc", 2), "ab");
  EXPECT_EQ(cut_utf8("aé", 2), "a");
  EXPECT_EQ(cut_utf8("a€b", 3), "a");
  EXPECT_EQ(cut_utf8("a€b", 4), "a€");
  EXPECT_EQ(cut_utf8("\xf0\x9f\x93\x88", 3), "");
  EXPECT_EQ(cut_utf8("\x80\x80\x80\x80\x80\x80", 5).size(), 5u) << "no UTF-8 anyway";
  EXPECT_EQ(cut_utf8("abc", 0), "");
}

TEST(CleanText, JsonIsReadBackAsItWas) {
  for (const std::string text : {"plain", "\"quoted\" \\ back", "line\nbreak\ttab", "\x01\x1f\x7f", "€ \u2028"}) {
    std::string inside;
    append_json(inside, text);
    EXPECT_EQ(nlohmann::json::parse('"' + inside + '"').get<std::string>(), text);
  }
  std::string broken;
  append_json(broken, "a\xff");
  EXPECT_EQ(nlohmann::json::parse('"' + broken + '"').get<std::string>(), "a\ufffd");
}

} // namespace
} // namespace tickplant::telemetry
