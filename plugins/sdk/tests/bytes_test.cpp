#include <tickplant/bytes.hpp>

#include <gtest/gtest.h>

#include <array>

namespace tickplant::sdk {
namespace {

constexpr std::array<uint8_t, 9> row{0xFF, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88};

TEST(SdkBytes, NumbersAreReadInEitherOrderAtAnyAddress) {
  EXPECT_EQ(be16(&row[1]), 0x0102u);
  EXPECT_EQ(be32(&row[1]), 0x01020304u);
  EXPECT_EQ(be64(&row[1]), 0x0102030405060788u);
  EXPECT_EQ(le16(&row[1]), 0x0201u);
  EXPECT_EQ(le32(&row[1]), 0x04030201u);
  EXPECT_EQ(le64(&row[1]), 0x8807060504030201u);
}

template <size_t Size, class Put, class Get, class Number>
void expect_round_trip(Put&& put, Get&& get, Number value) {
  std::array<uint8_t, Size + 2> room{};
  room.fill(0xAA);
  put(&room[1], value);
  EXPECT_EQ(get(&room[1]), value);
  EXPECT_EQ(room.front(), 0xAA) << "nothing in front of the field is touched";
  EXPECT_EQ(room.back(), 0xAA) << "nothing behind it";
}

TEST(SdkBytes, NumbersThatAreWrittenAreReadAgainAndTouchNothingElse) {
  expect_round_trip<2>(put_be16, be16, uint16_t{0x8001});
  expect_round_trip<4>(put_be32, be32, uint32_t{0x80000102});
  expect_round_trip<8>(put_be64, be64, uint64_t{0x8000010203040506});
  expect_round_trip<2>(put_le16, le16, uint16_t{0x8001});
  expect_round_trip<4>(put_le32, le32, uint32_t{0x80000102});
  expect_round_trip<8>(put_le64, le64, uint64_t{0x8000010203040506});
}

TEST(SdkBytes, TheFirstByteIsTheHighestInBigEndianAndTheLowestInLittleEndian) {
  std::array<uint8_t, 4> room{};
  put_be32(room.data(), 0x01020304);
  EXPECT_EQ(room, (std::array<uint8_t, 4>{1, 2, 3, 4}));
  put_le32(room.data(), 0x01020304);
  EXPECT_EQ(room, (std::array<uint8_t, 4>{4, 3, 2, 1}));
}

const uint8_t* bytes_of(const char* text) {
  return reinterpret_cast<const uint8_t*>(text);
}

TEST(SdkBytes, TextsLoseWhatPadsThemAndNothingElse) {
  EXPECT_EQ(alpha(bytes_of("AB C  "), 6), "AB C");
  EXPECT_EQ(alpha(bytes_of("    "), 4), "");
  EXPECT_EQ(alpha(bytes_of("ABCD"), 4), "ABCD");
  EXPECT_EQ(alpha(bytes_of("AB\0 "), 4), std::string_view("AB\0", 3)) << "a zero byte is no padding of an Alpha field";
  EXPECT_EQ(alpha_or_null(bytes_of("AB \0 \0"), 6), "AB");
  EXPECT_EQ(null_terminated(bytes_of("AB \0XY"), 6), "AB");
  EXPECT_EQ(null_terminated(bytes_of("ABCDEF"), 4), "ABCD");
  EXPECT_EQ(null_terminated(bytes_of("\0BCD"), 4), "");
}

TEST(SdkBytes, FingerprintsAreThoseOfFnv1a) {
  EXPECT_EQ(fnv1a(bytes_of(""), 0), 0xCBF29CE484222325u);
  EXPECT_EQ(fnv1a(bytes_of("a"), 1), 0xAF63DC4C8601EC8Cu);
  EXPECT_EQ(fnv1a(bytes_of("foobar"), 6), 0x85944171F73967E8u);
}

TEST(SdkBytes, WrittenTextsArePaddedOrCut) {
  std::array<uint8_t, 6> room{};
  put_alpha(room.data(), 5, "AB");
  EXPECT_EQ(alpha(room.data(), 6), std::string_view("AB   \0", 6)) << "the byte behind the field is as it was";
  put_alpha(room.data(), 5, "ABCDEFG");
  EXPECT_EQ(alpha(room.data(), 5), "ABCDE");
  EXPECT_EQ(room[5], 0);
  put_alpha(room.data(), 5, {});
  EXPECT_EQ(alpha(room.data(), 5), "");
}

} // namespace
} // namespace tickplant::sdk
