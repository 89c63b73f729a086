#include "runtime/wire/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tickplant::wire {
namespace {

std::span<const uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// RFC 3629 by decoding and comparing with the one right form: slow, obvious, and made apart from the checker.
std::string encode(uint32_t point) {
  std::string out;
  const auto add = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xC0 | point >> 6), add(0x80 | (point & 63));
  } else if (point < 0x10000) {
    add(0xE0 | point >> 12), add(0x80 | (point >> 6 & 63)), add(0x80 | (point & 63));
  } else {
    add(0xF0 | point >> 18), add(0x80 | (point >> 12 & 63)), add(0x80 | (point >> 6 & 63)), add(0x80 | (point & 63));
  }
  return out;
}

TEST(Utf8, AcceptsEveryCodePointAndNoSurrogate) {
  for (uint32_t point = 0; point != 0x110000; ++point)
    ASSERT_EQ(is_utf8(bytes(encode(point))), point < 0xD800 || point > 0xDFFF) << point;
  EXPECT_FALSE(is_utf8(bytes(encode(0x110000))));
}

TEST(Utf8, AcceptsExactlyTheRightFormsOfThreeBytes) {
  size_t accepted = 0;
  std::string three(3, 'x');
  for (unsigned a = 0x80; a != 0x100; ++a)
    for (unsigned b = 0; b != 0x100; ++b)
      for (unsigned c = 0x70; c != 0xD0; ++c) {
        three[0] = static_cast<char>(a), three[1] = static_cast<char>(b), three[2] = static_cast<char>(c);
        accepted += is_utf8(bytes(three)) ? 1u : 0u;
      }
  // Three-byte characters: 0x800 to 0xFFFF without 2,048 surrogates. Two-byte ones (1,920) before one of 16 ASCII.
  EXPECT_EQ(accepted, 0x10000u - 0x800u - 2'048u + 1'920u * 16u);
}

TEST(Utf8, FindsABadByteAtEveryPlaceOfALongText) {
  const std::string good(100, 'a');
  for (size_t at = 0; at != good.size(); ++at) {
    auto bad = good;
    bad[at] = '\x80';
    EXPECT_FALSE(is_utf8(bytes(bad))) << at;
    auto wide = good;
    wide.insert(at, "\xF0\x9F\x93\x88");
    EXPECT_TRUE(is_utf8(bytes(wide))) << at;
  }
}

TEST(Utf8, StaysInvalidUntilReset) {
  utf8_checker check;
  EXPECT_FALSE(check.feed(bytes("\xFF")));
  EXPECT_FALSE(check.feed(bytes("a")));
  EXPECT_FALSE(check.complete());
  check.reset();
  EXPECT_TRUE(check.feed(bytes("a")));
}

} // namespace
} // namespace tickplant::wire
