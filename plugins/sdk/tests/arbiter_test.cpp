#include <tickplant/arbiter.hpp>

#include <gmock/gmock.h>

#include <random>

namespace tickplant::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A protocol of the tests: messages of a length byte and a tag that repeats their number, back to back.
struct test_packet {
  uint64_t sequence = 0;
  uint32_t count = 0;
  std::vector<uint8_t> bytes;
  uint64_t end() const { return sequence + count; }
};

struct test_protocol {
  using packet = test_packet;
  const uint8_t* first(const test_packet& p) const { return p.bytes.data(); }
  const uint8_t* next(const uint8_t* message) const { return message + message[0]; }
  std::span<const uint8_t> body(const uint8_t* message) const { return {message, message[0]}; }
  void shorten(uint8_t* kept, size_t size) const { kept[0] = static_cast<uint8_t>(size); }
};

test_packet packet(uint64_t first, uint64_t last, uint8_t length = 2) {
  test_packet p{first, static_cast<uint32_t>(last - first + 1), {}};
  for (uint64_t n = first; n <= last; ++n) {
    p.bytes.push_back(length);
    p.bytes.resize(p.bytes.size() + length - 1u, static_cast<uint8_t>(n));
  }
  return p;
}

struct collector {
  std::vector<uint64_t> numbers;
  std::vector<std::pair<uint8_t, uint16_t>> held_sizes; // by the message's own word, by the ring's
  void messages(uint64_t first, const uint8_t* message, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i, message += message[0]) take(first + i, message);
  }
  void held(uint64_t sequence, const uint8_t* body, uint16_t size) {
    take(sequence, body);
    held_sizes.emplace_back(body[0], size);
  }
  void take(uint64_t sequence, const uint8_t* message) {
    EXPECT_EQ(message[1], static_cast<uint8_t>(sequence));
    numbers.push_back(sequence);
  }
};

struct SdkArbiter : ::testing::Test {
  using rules = arbiter<test_protocol>;
  rules::outcome offer(uint64_t first, uint64_t last, rules::origin from = rules::origin::line) {
    return sut.offer(packet(first, last), out, from);
  }
  rules sut{64, 4};
  collector out;
};

TEST_F(SdkArbiter, FirstArrivalOfAMessageWins) {
  EXPECT_EQ(offer(1, 3).fresh, 3u);
  EXPECT_EQ(offer(1, 3).known, 3u);
  const auto overlap = offer(2, 5); // cut in another way
  EXPECT_EQ(overlap.known, 2u);
  EXPECT_EQ(overlap.fresh, 2u);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_TRUE(sut.complete());
}

TEST_F(SdkArbiter, HoldsWhatComesTooEarlyUntilTheGapIsFilled) {
  offer(1, 1);
  EXPECT_EQ(offer(4, 5).fresh, 2u);
  EXPECT_EQ(offer(4, 5).known, 2u);
  EXPECT_EQ(sut.first_missing(0, UINT64_MAX, 100), (number_range{2, 3}));
  EXPECT_EQ(sut.lowest_held(), 4u);
  EXPECT_EQ(sut.whole_from(6), 4u);
  const auto result = offer(2, 4); // 4 is held already
  EXPECT_EQ(result.fresh, 2u);
  EXPECT_EQ(result.known, 1u);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(sut.first_missing(0, UINT64_MAX, 100), std::nullopt);
  EXPECT_EQ(sut.lowest_held(), sut.high());
}

TEST_F(SdkArbiter, HeartbeatsTellOfNumbersThatNobodyHasSeen) {
  offer(1, 1);
  sut.hear_of(5);
  EXPECT_FALSE(sut.complete());
  EXPECT_EQ(sut.first_missing(0, UINT64_MAX, 100), (number_range{2, 4}));
  sut.hear_of(3);
  EXPECT_EQ(sut.high(), 5u);
}

TEST_F(SdkArbiter, GivesUpAGapAndGoesOnBehindIt) {
  offer(3, 3);
  offer(6, 6);
  sut.skip_to(6, out);
  EXPECT_THAT(out.numbers, ElementsAre(3, 6));
  sut.skip_to(uint64_t{1} << 60, out); // any number that a packet may name, at once
  EXPECT_EQ(sut.next(), uint64_t{1} << 60);
}

TEST_F(SdkArbiter, RefusesWhatTheHoldBufferCannotKeep) {
  EXPECT_TRUE(offer(65, 65).overflow);
  EXPECT_TRUE(sut.complete()) << "nothing was taken";
  EXPECT_FALSE(offer(64, 64).overflow);
  sut.reset(1);
  sut.set_elastic(true); // it will be asked for again
  EXPECT_EQ(offer(65, 65).fresh, 1u);
  EXPECT_EQ(offer(1, 1).fresh, 1u);
  EXPECT_EQ(offer(129, 129).fresh, 0u) << "its slot keeps 65, which is needed sooner";
}

TEST_F(SdkArbiter, AReplayAheadOfTheLinesIsNoNewsOfAGap) {
  offer(1, 1);
  offer(5, 6, rules::origin::replay);
  EXPECT_TRUE(sut.complete());
  EXPECT_EQ(offer(200, 200, rules::origin::replay).overflow, false);
  offer(2, 4);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3, 4));
  offer(5, 6);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(SdkArbiter, PausedItHoldsWhatIsInOrder) {
  sut.pause();
  EXPECT_EQ(offer(1, 2).fresh, 2u);
  EXPECT_EQ(offer(1, 2).known, 2u);
  EXPECT_THAT(out.numbers, IsEmpty());
  sut.go_on(out);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2));
}

TEST_F(SdkArbiter, LongMessagesAreHeldShortenedAndSaySo) {
  sut.offer(packet(2, 2, 9), out);
  sut.offer(packet(3, 3, 4), out);
  offer(1, 1);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3));
  EXPECT_THAT(out.held_sizes, ElementsAre(std::pair{uint8_t{4}, uint16_t{9}}, std::pair{uint8_t{4}, uint16_t{4}}));
}

TEST_F(SdkArbiter, GivesTheSameOrderWhateverTheOrderOfArrival) {
  std::mt19937_64 random{7};
  for (int run = 0; run < 200; ++run) {
    rules sorts{64, 4};
    collector to;
    while (sorts.next() <= 200) {
      const uint64_t from = sorts.next() + random() % 20 - std::min<uint64_t>(sorts.next() - 1, random() % 10);
      sorts.offer(packet(from, from + random() % 8), to);
    }
    for (size_t i = 0; i < to.numbers.size(); ++i) ASSERT_EQ(to.numbers[i], i + 1);
  }
}

} // namespace
} // namespace tickplant::sdk
