#include "feed_builder.hpp"

namespace tickplant::nasdaq::testing {
namespace {

struct collected {
  std::vector<uint64_t> numbers;
  void messages(uint64_t first, const uint8_t* block, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i, block = next_block(block)) check(first + i, block + 2);
  }
  void held(uint64_t sequence, const uint8_t* data, uint16_t) { check(sequence, data); }
  // Every message of these tests carries its own number.
  void check(uint64_t sequence, const uint8_t* data) {
    EXPECT_EQ(sdk::be64(data + 1), sequence);
    numbers.push_back(sequence);
  }
};

struct fixture {
  arbiter rules{1'024, held_bytes};
  collected out;
  std::vector<bytes> kept; // packets are borrowed

  arbiter::outcome offer(uint64_t sequence, uint32_t count) {
    std::vector<bytes> messages;
    for (uint32_t i = 0; i < count; ++i) {
      bytes m(9, 'm');
      sdk::put_be64(m.data() + 1, sequence + i);
      messages.push_back(m);
    }
    const bytes packet = mold(session_a, sequence, messages);
    return rules.offer(*read_mold(packet.data(), packet.size()), out);
  }
};

using ::testing::ElementsAre;

TEST(Arbiter, DeliversWhatIsNextAndDropsWhatIsKnown) {
  fixture f;
  EXPECT_EQ(f.offer(1, 3).fresh, 3u);
  EXPECT_EQ(f.offer(1, 3).known, 3u);
  EXPECT_EQ(f.offer(2, 1).known, 1u);
  EXPECT_EQ(f.offer(4, 1).fresh, 1u);
  EXPECT_THAT(f.out.numbers, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(f.rules.next(), 5u);
}

TEST(Arbiter, SkipsTheKnownPartOfAnOverlappingPacket) {
  fixture f;
  f.offer(1, 3);
  const auto result = f.offer(2, 4);
  EXPECT_EQ(result.known, 2u);
  EXPECT_EQ(result.fresh, 2u);
  EXPECT_THAT(f.out.numbers, ElementsAre(1, 2, 3, 4, 5));
}

TEST(Arbiter, HoldsWhatComesTooEarlyAndDeliversItInOrder) {
  fixture f;
  f.offer(1, 1);
  EXPECT_EQ(f.offer(4, 2).fresh, 2u);
  EXPECT_EQ(f.offer(4, 2).known, 2u);
  EXPECT_EQ(*f.rules.first_missing(0, UINT64_MAX, 100), (sdk::number_range{2, 3}));
  EXPECT_THAT(f.out.numbers, ElementsAre(1));
  const auto result = f.offer(2, 3); // 4 is held already
  EXPECT_EQ(result.fresh, 2u);
  EXPECT_EQ(result.known, 1u);
  EXPECT_THAT(f.out.numbers, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_TRUE(f.rules.complete());
}

TEST(Arbiter, ArbitratesByMessageWherePacketsAreCutInAnotherWay) {
  fixture f;
  for (const auto& [from, count] : {std::pair{1, 2}, {1, 4}, {3, 1}, {4, 5}, {6, 3}, {9, 1}})
    f.offer(static_cast<uint64_t>(from), static_cast<uint32_t>(count));
  EXPECT_THAT(f.out.numbers, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST(Arbiter, HearsOfNumbersItHasNotSeen) {
  fixture f;
  f.offer(1, 1);
  f.rules.hear_of(1);
  EXPECT_TRUE(f.rules.complete());
  f.rules.hear_of(5);
  EXPECT_EQ(*f.rules.first_missing(0, UINT64_MAX, 100), (sdk::number_range{2, 4}));
  EXPECT_EQ(*f.rules.first_missing(0, UINT64_MAX, 2), (sdk::number_range{2, 3}));
}

TEST(Arbiter, SkipsAHoleAndDeliversWhatWasHeldBehindIt) {
  fixture f;
  f.offer(3, 1);
  f.offer(6, 1);
  f.rules.skip_to(6, f.out);
  EXPECT_THAT(f.out.numbers, ElementsAre(3, 6));
  EXPECT_EQ(f.rules.next(), 7u);
  f.rules.skip_to(uint64_t{1} << 60, f.out); // any number a packet may name, at once
  EXPECT_EQ(f.rules.next(), uint64_t{1} << 60);
}

TEST(Arbiter, RefusesWhatTheHoldBufferCannotKeep) {
  fixture f;
  EXPECT_TRUE(f.offer(1'025, 1).overflow);
  EXPECT_FALSE(f.offer(1'024, 1).overflow);
  f.rules.reset(1);
  f.rules.set_elastic(true); // it will be asked for again
  EXPECT_EQ(f.offer(1'025, 1).fresh, 1u);
  EXPECT_EQ(f.offer(1, 1).fresh, 1u);
  EXPECT_EQ(f.offer(2'049, 1).fresh, 0u); // its slot keeps 1,025, which is needed sooner
}

TEST(Arbiter, GivesTheSameOrderWhateverTheOrderOfArrival) {
  uint64_t state = 7;
  const auto random = [&](uint64_t below) {
    state = state * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    return (state >> 33) % below;
  };
  for (int run = 0; run < 200; ++run) {
    fixture f;
    while (f.rules.next() <= 200) {
      const uint64_t from = f.rules.next() + random(20) - std::min<uint64_t>(f.rules.next() - 1, random(10));
      f.offer(from, static_cast<uint32_t>(1 + random(8)));
    }
    for (size_t i = 0; i < f.out.numbers.size(); ++i) ASSERT_EQ(f.out.numbers[i], i + 1);
  }
}

TEST(Mold, RefusesPacketsWhoseBlocksRunPastTheEnd) {
  const bytes good = mold(session_a, 1, {bytes(5, 'x'), bytes{}});
  EXPECT_EQ(read_mold(good.data(), good.size())->count, 2u);
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(read_mold(good.data(), size)) << size;
  const bytes more = mold(session_a, 1, {bytes(5, 'x')}, 2);
  EXPECT_FALSE(read_mold(more.data(), more.size()));
}

TEST(Mold, ReadsHeartbeatsEndsAndTrailingBytes) {
  bytes packet = heartbeat(session_a, 9);
  EXPECT_EQ(read_mold(packet.data(), packet.size())->sequence, 9u);
  packet.push_back(0xFF);
  EXPECT_TRUE(read_mold(packet.data(), packet.size()));
  const bytes end = end_of_session(session_a, 61);
  EXPECT_TRUE(read_mold(end.data(), end.size())->end_of_session);
  EXPECT_EQ(read_mold(end.data(), end.size())->end(), 61u);
}

} // namespace
} // namespace tickplant::nasdaq::testing
