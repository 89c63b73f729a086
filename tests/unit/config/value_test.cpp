#include "runtime/config/value.hpp"

#include <gtest/gtest.h>

using namespace tickplant::config;
using namespace std::chrono_literals;

namespace {

TEST(ConfigValue, ReadsSizes) {
  EXPECT_EQ(to_bytes("65536"), 65'536u);
  EXPECT_EQ(to_bytes("64KiB"), 65'536u);
  EXPECT_EQ(to_bytes("2MiB"), 2u << 20);
  EXPECT_EQ(to_bytes("1GiB"), 1u << 30);
  for (const auto* text : {"", "KiB", "-1", "1.5KiB", "1KB", "1 KiB", "99999999999999999999", "17179869184GiB"})
    EXPECT_FALSE(to_bytes(text)) << text;
}

TEST(ConfigValue, ReadsFractions) {
  EXPECT_EQ(to_fraction("0"), 0.0);
  EXPECT_EQ(to_fraction("1"), 1.0);
  EXPECT_EQ(to_fraction("0.001"), 0.001);
  EXPECT_EQ(to_fraction("1/1000"), 0.001);
  for (const auto* text : {"", "2", "-0.1", "1/0", "3/2", "/", "1/", "nan", "inf", "0.5x", "-1/2", "1 / 2"})
    EXPECT_FALSE(to_fraction(text)) << text;
  EXPECT_EQ(fraction_text(*to_fraction("1/1000")), "0.001");
}

TEST(ConfigValue, ReadsAddresses) {
  EXPECT_EQ(to_endpoint("127.0.0.1:80")->port, 80);
  EXPECT_EQ(to_endpoint("[::1]:0")->address, "::1");
  EXPECT_EQ(endpoint_text("::1", 9), "[::1]:9");
  for (const auto* text : {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "localhost:80", "::1:80", "[]:80",
                           "[127.0.0.1]:80", "127.0.0.1:80 ", "1.2.3:80"})
    EXPECT_FALSE(to_endpoint(text)) << text;
}

TEST(ConfigValue, WritesDurationsInTheirLargestUnit) {
  EXPECT_EQ(duration_text(0ns), "0ms");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(2min), "2m");
  EXPECT_EQ(duration_text(1500us), "1500us");
}

// Requirement S4-03: the forms of allowed origins.
TEST(ConfigValue, TellsOriginPatterns) {
  for (const auto* text : {"*", "https://app.example.com", "https://*.example.com", "http://localhost:*",
                           "http://localhost:3000", "http://127.0.0.1:8081", "http://[::1]:3000", "http://[::1]"})
    EXPECT_TRUE(is_origin_pattern(text)) << text;
  for (const auto* text :
       {"", "app.example.com", "https://", "https://a.com/", "https://a.com/path", "https://*", "https://a.*.com",
        "https://*a.com", "ftp://a.com", "https://a.com:0", "https://a.com:70000", "https://a.com:", "https://A.com",
        "https://a..com", "https://.a.com", "null", "https://u@a.com", "http://[zz]:1"})
    EXPECT_FALSE(is_origin_pattern(text)) << text;
}

TEST(ConfigValue, QuotesWhatYamlWouldReadOtherwise) {
  EXPECT_EQ(quoted("plain-text_1.5/x"), "plain-text_1.5/x");
  EXPECT_EQ(quoted(""), "\"\"");
  EXPECT_EQ(quoted("a: b"), "\"a: b\"");
  EXPECT_EQ(quoted("null"), "\"null\"");
  EXPECT_EQ(quoted("a\"\\\n"), "\"a\\\"\\\\\\x0a\"");
  EXPECT_EQ(list_text({"a", "*"}), "[a, \"*\"]");
}

} // namespace
