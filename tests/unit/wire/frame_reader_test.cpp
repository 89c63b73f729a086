#include "tests/unit/wire/client_frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::wire {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(FrameReader, ReadsMessagesOfEveryLengthForm) {
  for (const size_t size : {0u, 1u, 7u, 8u, 124u, 125u, 126u, 127u, 65'534u, 65'535u, 65'536u, 70'000u}) {
    const std::string payload(size, 'x');
    for (const size_t piece : {0u, 1u, 2u, 13u, 4'096u}) {
      EXPECT_THAT(events_of(text(payload), piece, 100'000), ElementsAre("text:" + payload)) << size << " by " << piece;
      EXPECT_THAT(events_of(binary(payload), piece, 100'000), ElementsAre("binary:" + payload))
        << size << " by " << piece;
    }
  }
}

TEST(FrameReader, ReadsManyFramesOfOneInputInOrder) {
  const auto bytes = text("a") + frame(0x89, "p") + binary("b") + frame(0x8A, "") + text("c") +
                     frame(0x88, "\x03\xE8"
                                 "bye");
  EXPECT_THAT(events_of(bytes), ElementsAre("text:a", "ping:p", "binary:b", "pong:", "text:c", "close:1000:bye"));
}

TEST(FrameReader, JoinsFragmentsAndLetsControlFramesThroughBetween) {
  const auto bytes = frame(0x01, "Hel") + frame(0x89, "1") + frame(0x00, "") + frame(0x8A, "2") + frame(0x00, "lo ") +
                     frame(0x80, "you") + text("next");
  for (size_t piece = 0; piece != bytes.size(); ++piece)
    EXPECT_THAT(events_of(bytes, piece), ElementsAre("ping:1", "pong:2", "text:Hello you", "text:next")) << piece;
}

TEST(FrameReader, KeepsNothingOnceAMessageIsDone) {
  frame_reader reader;
  const auto first = frame(0x02, std::string(5'000, 'a')), second = frame(0x80, "b");
  std::vector<uint8_t> block(first.begin(), first.end());
  block.insert(block.end(), second.begin(), second.end());
  block.resize(block.size() + frame_padding);
  auto input = std::span{block}.first(first.size());
  EXPECT_EQ(reader.next(input, 65'536).what, frame_event::kind::more);
  EXPECT_TRUE(reader.is_partial());
  EXPECT_GT(reader.held_bytes(), 5'000u);
  input = std::span{block}.subspan(first.size(), second.size());
  EXPECT_EQ(reader.next(input, 65'536).what, frame_event::kind::message);
  EXPECT_EQ(reader.next(input, 65'536).what, frame_event::kind::more);
  EXPECT_FALSE(reader.is_partial());
  EXPECT_EQ(reader.held_bytes(), 0u);
}

TEST(FrameReader, MemoryGrowsWithWhatArrivedNotWithWhatIsPromised) {
  frame_reader reader;
  auto bytes = binary(std::string(60'000, 'x')).substr(0, 100);
  bytes.resize(bytes.size() + frame_padding);
  auto input = std::span{reinterpret_cast<uint8_t*>(bytes.data()), 100};
  EXPECT_EQ(reader.next(input, 65'536).what, frame_event::kind::more);
  EXPECT_LT(reader.held_bytes(), 2'000u);
}

TEST(FrameReader, MarksCompressedMessagesAndLeavesTheirTextToWhoInflates) {
  const auto bytes = frame(0xC1, "\xFF\xFE") + frame(0x41, "\xC0") + frame(0x89, "1") + frame(0x80, "\x80") +
                     frame(0xC2, "b") + text("plain");
  for (const size_t piece : {0u, 1u, 3u, 64u})
    EXPECT_THAT(events_of(bytes, piece, 1'000, true),
                ElementsAre("compressed text:\xFF\xFE", "ping:1", "compressed text:\xC0\x80", "compressed binary:b",
                            "text:plain"))
      << piece;
}

TEST(FrameReader, AllowsRsv1OnAMessagesFirstFrameAlone) {
  for (const size_t piece : {0u, 1u, 3u}) {
    const auto refused = [&](const std::string& bytes) { return events_of(bytes, piece, 1'000, true); };
    EXPECT_THAT(refused(frame(0x41, "a") + frame(0xC0, "b")), ElementsAre(StartsWith("fault:1002:reserved")));
    EXPECT_THAT(refused(frame(0x01, "a") + frame(0xC0, "b")), ElementsAre(StartsWith("fault:1002:reserved")));
    EXPECT_THAT(refused(frame(0xC9, "ping")), ElementsAre(StartsWith("fault:1002:reserved")));
    EXPECT_THAT(refused(frame(0xE1, "a")), ElementsAre(StartsWith("fault:1002:reserved")));
    EXPECT_THAT(refused(frame(0xD1, "a")), ElementsAre(StartsWith("fault:1002:reserved")));
    EXPECT_THAT(refused(text("\xFF")), ElementsAre(StartsWith("fault:1007"))) << "uncompressed text is still checked";
  }
}

struct wrong_case {
  const char* name;
  std::string bytes;
  std::string expected;
};

class FrameReaderRefuses : public ::testing::TestWithParam<wrong_case> {};

TEST_P(FrameReaderRefuses, WithItsCodeHoweverTheInputIsSplit) {
  const auto& [name, bytes, expected] = GetParam();
  for (const size_t piece : {0u, 1u, 3u, 64u})
    EXPECT_THAT(events_of(bytes, piece, 1'000), ElementsAre(StartsWith(expected))) << piece;
}

std::string promised(unsigned first, std::string length) {
  return std::string(1, static_cast<char>(first)) + length + "mask";
}

INSTANTIATE_TEST_SUITE_P(
  Rfc6455, FrameReaderRefuses,
  ::testing::Values(
    wrong_case{"rsv1", frame(0xC1, "a"), "fault:1002:reserved"},
    wrong_case{"rsv2", frame(0xA1, "a"), "fault:1002:reserved"},
    wrong_case{"rsv3", frame(0x91, "a"), "fault:1002:reserved"},
    wrong_case{"rsv_control", frame(0xC9, "a"), "fault:1002:reserved"},
    wrong_case{"opcode3", frame(0x83, "a"), "fault:1002:opcode"},
    wrong_case{"opcode7", frame(0x87, "a"), "fault:1002:opcode"},
    wrong_case{"opcode11", frame(0x8B, "a"), "fault:1002:opcode"},
    wrong_case{"opcode15", frame(0x8F, "a"), "fault:1002:opcode"},
    wrong_case{"unmasked", bytes_of({0x81, "hello", false}), "fault:1002:frame is not masked"},
    wrong_case{"unmasked_ping", bytes_of({0x89, "", false}), "fault:1002:frame is not masked"},
    wrong_case{"fragmented_ping", frame(0x09, "a"), "fault:1002:control frame is fragmented"},
    wrong_case{"long_ping", frame(0x89, std::string(126, 'a')), "fault:1002:control frame is longer"},
    wrong_case{"long_close", frame(0x88, std::string(70'000, 'a')), "fault:1002:control frame is longer"},
    wrong_case{"lone_continuation", frame(0x80, "a"), "fault:1002:continuation without"},
    wrong_case{"text_in_text", frame(0x01, "a") + frame(0x81, "b"), "fault:1002:message begins"},
    wrong_case{"binary_in_text", frame(0x01, "a") + frame(0x02, "b"), "fault:1002:message begins"},
    wrong_case{"length16_not_minimal", bytes_of({0x81, std::string(125, 'a'), true, 2}),
               "fault:1002:length is not minimal"},
    wrong_case{"length64_not_minimal", bytes_of({0x81, std::string(300, 'a'), true, 8}),
               "fault:1002:length is not minimal"},
    wrong_case{"length64_zero", bytes_of({0x82, "", true, 8}), "fault:1002:length is not minimal"},
    wrong_case{"top_bit", promised(0x82, std::string("\xFF\x80\0\0\0\0\0\0\1", 9)),
               "fault:1002:length has its top bit"},
    wrong_case{"huge", promised(0x82, std::string("\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9)), "fault:1009"},
    wrong_case{"over_limit", frame(0x81, std::string(1'001, 'a')), "fault:1009"},
    wrong_case{"fragments_over_limit", frame(0x01, std::string(600, 'a')) + frame(0x80, std::string(401, 'a')),
               "fault:1009"},
    wrong_case{"bad_text", text("abc\xFF"), "fault:1007"},
    wrong_case{"torn_character_at_end", text("abc\xE2\x82"), "fault:1007"},
    wrong_case{"surrogate", text("\xED\xA0\x80"), "fault:1007"}, wrong_case{"overlong", text("\xC0\x80"), "fault:1007"},
    wrong_case{"bad_in_second_fragment", frame(0x01, "\xE2\x82") + frame(0x80, "\x28"), "fault:1007"},
    wrong_case{"torn_at_last_fragment", frame(0x01, "\xE2") + frame(0x80, "\x82"), "fault:1007"},
    wrong_case{"close_of_one_byte", frame(0x88, "\x03"), "fault:1002:close code is cut"},
    wrong_case{"close_bad_reason", frame(0x88, "\x03\xE8\xFF"), "fault:1007:close reason"}),
  [](const auto& one) { return one.param.name; });

TEST(FrameReader, AcceptsAMessageOfExactlyTheLimit) {
  EXPECT_THAT(events_of(frame(0x01, std::string(600, 'a')) + frame(0x80, std::string(400, 'b')), 7, 1'000),
              ElementsAre("text:" + std::string(600, 'a') + std::string(400, 'b')));
}

// Issue 5, "nobody can hurt the others": frames without payload stay below every limit of bytes.
TEST(FrameReader, EndsAMessageThatComesInTooManyFramesHoweverTheyAreSplit) {
  std::string bytes = frame(0x01, "a");
  for (uint32_t i = 1; i < max_message_frames; ++i) bytes += frame(0x00, "");
  const auto last = bytes + frame(0x00, "");
  for (const size_t piece : {0u, 1u, 5u, 4'096u}) {
    EXPECT_THAT(events_of(bytes, piece), IsEmpty()) << piece;
    EXPECT_THAT(events_of(last, piece), ElementsAre("fault:1009:message is in more frames than the limit")) << piece;
  }
  EXPECT_THAT(events_of(bytes + "\x80"), ElementsAre(StartsWith("fault:1009"))) << "its first byte is enough";
}

TEST(FrameReader, CountsFramesByMessageAndNotThoseOfControl) {
  std::string message = frame(0x02, "a");
  for (uint32_t i = 2; i < max_message_frames; ++i) message += frame(0x00, "") + frame(0x89, "");
  message += frame(0x80, "z");
  auto events = events_of(message + message + text("next"));
  std::erase(events, "ping:");
  EXPECT_THAT(events, ElementsAre("binary:az", "binary:az", "text:next"));
}

TEST(FrameReader, TextMayBeSplitInsideACharacterAtEveryByte) {
  const std::string whole = "\xC2\xB5 \xE2\x82\xAC \xF0\x9F\x93\x88 \xED\x9F\xBF \xF4\x8F\xBF\xBF z";
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    const auto bytes = frame(0x01, whole.substr(0, cut)) + frame(0x89, "!") + frame(0x80, whole.substr(cut));
    for (const size_t piece : {0u, 1u, 5u})
      EXPECT_THAT(events_of(bytes, piece), ElementsAre("ping:!", "text:" + whole)) << cut;
  }
}

TEST(FrameReader, BinaryIsNotCheckedForText) {
  EXPECT_THAT(events_of(binary("\xFF\xFE"), 1), ElementsAre("binary:\xFF\xFE"));
}

TEST(FrameReader, JudgesEveryCloseCode) {
  for (unsigned code = 0; code != 5'100; ++code) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    const bool allowed =
      (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    const auto events = events_of(frame(0x88, payload));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0], allowed ? "close:" + std::to_string(code) + ":" : "fault:1002:close code is not allowed")
      << code;
  }
  EXPECT_THAT(events_of(frame(0x88, "")), ElementsAre("close:1005:"));
}

TEST(FrameReader, WaitsSilentlyForTheRest) {
  const auto bytes = text("hello");
  for (size_t size = 0; size != bytes.size(); ++size) EXPECT_THAT(events_of(bytes.substr(0, size)), IsEmpty());
}

} // namespace
} // namespace tickplant::wire
