// Messages of clients: what zlib writes comes back, and nothing from outside gets out more than it may.
#include "instance.hpp"

#include <gtest/gtest.h>

namespace tickplant::deflate::testing {
namespace {

/// What a client's zlib sends for a text (RFC 7692, section 7.2.1).
std::string sent(std::string_view text, int window_bits = 15, int level = 6, bool is_last = false) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc{};
  std::string out(text.size() * 2 + 100, '\0');
  stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<uint8_t*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, is_last ? Z_FINISH : Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (is_last) return out + '\0';
  return out.substr(0, out.size() - 4);
}

std::string bytes(std::initializer_list<int> list) {
  std::string text;
  for (const int b : list) text.push_back(static_cast<char>(b));
  return text;
}

struct DeflateUnpack : ::testing::Test {
  instance made;
  std::string out;
  int64_t unpack(std::string_view in, size_t limit = 1 << 20) { return made.unpack(in, out, limit); }
};

// RFC 7692, section 7.2.3.
TEST_F(DeflateUnpack, ReadsTheExamplesOfTheStandard) {
  for (const auto& message : {bytes({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}),
                              bytes({0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00}),
                              bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}),
                              bytes({0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00})}) {
    EXPECT_EQ(unpack(message), 5);
    EXPECT_EQ(out, "Hello");
  }
  EXPECT_EQ(unpack(bytes({0x00})), 0) << "an empty message";
}

TEST_F(DeflateUnpack, ReadsWhatZlibWritesInEveryWindow) {
  std::mt19937_64 random{1};
  for (int bits = 9; bits <= 15; ++bits)
    for (int i = 0; i < 60; ++i) {
      const auto text = some_text(random, random() % 50'000);
      const auto message = sent(text, bits, static_cast<int>(random() % 10), i % 3 == 0);
      ASSERT_EQ(unpack(message, text.size()), static_cast<int64_t>(text.size())) << bits << " " << i;
      ASSERT_EQ(out, text);
    }
}

TEST_F(DeflateUnpack, StopsAtTheLimitExactly) {
  std::mt19937_64 random{2};
  for (const size_t size : {1, 2, 100, 4'096, 70'000})
    for (const int level : {0, 1, 6})
      for (const bool is_last : {false, true}) {
        const auto text = some_text(random, size);
        const auto message = sent(text, 15, level, is_last);
        EXPECT_EQ(unpack(message, size), static_cast<int64_t>(size));
        EXPECT_EQ(out, text);
        EXPECT_EQ(unpack(message, size - 1), TP_E_LIMIT) << size << " level " << level << (is_last ? " last" : "");
      }
}

TEST_F(DeflateUnpack, RefusesABombAtTheLimit) {
  const std::string bomb = sent(std::string(50'000'000, '0'));
  EXPECT_LT(bomb.size(), 60'000u);
  EXPECT_EQ(unpack(bomb, 65'536), TP_E_LIMIT);
  EXPECT_EQ(out.substr(0, 65'536), std::string(65'536, '0')) << "filled to the limit and not beyond";
  EXPECT_EQ(unpack(sent("and on")), 6) << "the next message is read as if nothing had been";
}

TEST_F(DeflateUnpack, WritesNothingBeyondItsRoom) {
  const std::string message = sent(std::string(10'000, 'x'));
  std::vector<uint8_t> room(256, 0xAA);
  const auto answer = made.ops().unpack(made.self(), 0, reinterpret_cast<const uint8_t*>(message.data()),
                                        message.size(), room.data(), 100);
  EXPECT_EQ(answer, TP_E_LIMIT);
  for (size_t i = 100; i < room.size(); ++i) ASSERT_EQ(room[i], 0xAA) << i;
}

TEST_F(DeflateUnpack, TakesAMessageOfNothingWithoutRoom) {
  EXPECT_EQ(made.ops().unpack(made.self(), 0, reinterpret_cast<const uint8_t*>("\0"), 1, nullptr, 0), 0);
}

TEST_F(DeflateUnpack, RefusesWhatIsCutOff) {
  const auto message = sent(R"({"type":"SUBSCRIBE","symbols":["AAPL","MSFT","GOOGL"],"frequency":100})");
  for (size_t size = 0; size < message.size(); ++size) {
    const auto answer = unpack(std::string_view{message}.substr(0, size));
    EXPECT_EQ(answer, TP_E_ARGUMENT) << size << " of " << message.size();
  }
}

TEST_F(DeflateUnpack, RefusesWhatFollowsTheEndOfTheStream) {
  const auto message = sent("Hello", 15, 6, true);
  EXPECT_EQ(unpack(message), 5);
  EXPECT_EQ(unpack(message + '\0'), TP_E_ARGUMENT);
  EXPECT_EQ(unpack(message + "Hello"), TP_E_ARGUMENT);
  EXPECT_EQ(unpack(message.substr(0, message.size() - 1)), TP_E_ARGUMENT) << "no header of the block that was cut";
  EXPECT_EQ(unpack(message.substr(0, message.size() - 1) + '\x01'), TP_E_ARGUMENT);
}

TEST_F(DeflateUnpack, RefusesNonsense) {
  for (const auto& message : {bytes({0x07}),                               // block type 3
                              bytes({0x00, 0x05, 0x00, 0x00, 0x00, 0x48}), // a length that is not its complement's
                              bytes({0x04, 0xFF, 0xFF, 0xFF}), bytes({0x02, 0x0F, 0xFF, 0xFF, 0x00})})
    EXPECT_EQ(unpack(message), TP_E_ARGUMENT);
}

// A message that refers to the one before it breaks the agreement, and reads nothing of another client.
TEST_F(DeflateUnpack, BeginsEveryMessageAnew) {
  const std::string secret = "a token of somebody else, long enough to be referred to";
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  std::string messages[2];
  for (auto& m : messages) {
    m.resize(500);
    stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(secret.data()));
    stream.avail_in = static_cast<uInt>(secret.size());
    stream.next_out = reinterpret_cast<uint8_t*>(m.data());
    stream.avail_out = 500;
    ::deflate(&stream, Z_SYNC_FLUSH);
    m.resize(500 - stream.avail_out - 4);
  }
  deflateEnd(&stream);
  ASSERT_LT(messages[1].size(), messages[0].size()) << "the second refers back";
  EXPECT_EQ(unpack(messages[0]), static_cast<int64_t>(secret.size()));
  EXPECT_EQ(unpack(messages[1]), TP_E_ARGUMENT);
}

TEST_F(DeflateUnpack, SurvivesDamagedMessages) {
  std::mt19937_64 random{3};
  int read = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto message = sent(some_text(random, 1 + random() % 300), 15, static_cast<int>(random() % 10));
    for (auto n = 1 + random() % 4; n > 0; --n) message[random() % message.size()] = static_cast<char>(random());
    const auto answer = unpack(message, 2'000);
    answer >= 0 ? ++read : ++refused;
    ASSERT_TRUE(answer == TP_E_ARGUMENT || answer == TP_E_LIMIT || (answer >= 0 && answer <= 2'000)) << answer;
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

} // namespace
} // namespace tickplant::deflate::testing
