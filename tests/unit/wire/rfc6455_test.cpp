#include "runtime/wire/close_code.hpp"
#include "runtime/wire/rfc6455.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

namespace tickplant::wire {
namespace {

using ::testing::ElementsAre;

std::vector<unsigned> header_of(uint64_t size, opcode code = opcode::text, bool compressed = false) {
  uint8_t out[max_header_size];
  const size_t used = write_header(out, code, size, compressed);
  EXPECT_EQ(used, header_size(size));
  return {out, out + used};
}

TEST(FrameHeader, UsesTheShortestLength) {
  EXPECT_THAT(header_of(0), ElementsAre(0x81, 0));
  EXPECT_THAT(header_of(125, opcode::binary), ElementsAre(0x82, 125));
  EXPECT_THAT(header_of(126), ElementsAre(0x81, 126, 0, 126));
  EXPECT_THAT(header_of(65'535), ElementsAre(0x81, 126, 0xFF, 0xFF));
  EXPECT_THAT(header_of(65'536), ElementsAre(0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0));
  EXPECT_THAT(header_of(0x0102030405060708), ElementsAre(0x81, 127, 1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(header_of(3, opcode::text, true), ElementsAre(0xC1, 3));
}

TEST(Frame, IsAppendedBehindWhatIsThere) {
  std::vector<uint8_t> out{9};
  append_frame(out, opcode::pong, "ab");
  EXPECT_THAT(out, ElementsAre(9, 0x8A, 2, 'a', 'b'));
}

TEST(Close, CarriesCodeAndReason) {
  std::array<uint8_t, max_control_frame> out;
  ASSERT_EQ(write_close(out, 4103, "slow"), 8u);
  EXPECT_THAT(std::vector<uint8_t>(out.begin(), out.begin() + 8), ElementsAre(0x88, 6, 0x10, 0x07, 's', 'l', 'o', 'w'));
}

TEST(Close, CodesThatMayNotBeSentGiveAnEmptyPayload) {
  std::array<uint8_t, max_control_frame> out;
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
    EXPECT_EQ(write_close(out, static_cast<uint16_t>(code), "why"), 2u) << code;
    EXPECT_EQ(out[1], 0);
  }
}

TEST(Close, LongReasonsAreCutBetweenCharacters) {
  std::string reason(122, 'a');
  reason += "\xE2\x82\xAC";
  EXPECT_EQ(clip_reason(reason), std::string(122, 'a'));
  EXPECT_EQ(clip_reason(std::string(123, 'b')).size(), 123u);
  EXPECT_EQ(clip_reason(std::string(500, 'b')).size(), 123u);
  std::array<uint8_t, max_control_frame> out;
  EXPECT_EQ(write_close(out, 1000, std::string(500, 'b')), max_control_frame);
}

TEST(Mask, GivesTheSameBytesWhereverItIsCut) {
  std::vector<uint8_t> plain(61);
  std::iota(plain.begin(), plain.end(), uint8_t{3});
  const masking_key key{1, 2, 250, 77};
  auto expected = plain;
  for (size_t i = 0; i != expected.size(); ++i) expected[i] = static_cast<uint8_t>(expected[i] ^ key[i % 4]);
  for (size_t cut = 0; cut <= plain.size(); ++cut) {
    auto masked = plain;
    apply_mask(std::span{masked}.first(cut), key);
    apply_mask(std::span{masked}.subspan(cut), key, cut);
    EXPECT_EQ(masked, expected) << cut;
  }
}

} // namespace
} // namespace tickplant::wire
