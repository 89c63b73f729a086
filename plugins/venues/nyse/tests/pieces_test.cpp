// The pure parts, each alone: arbitration, what to ask again, proof of a hole, pictures, kept messages, quotas.
#include "feed_builder.hpp"

namespace tickplant::nyse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct collector {
  void messages(uint64_t first, const uint8_t* message, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i, message = next_message(message)) held(first + i, message, 0);
  }
  void held(uint64_t sequence, const uint8_t* message, uint16_t) {
    numbers.push_back(sequence);
    tags.push_back(sdk::le32(message + 4));
  }
  std::vector<uint64_t> numbers;
  std::vector<uint32_t> tags;
};

struct Arbiter : ::testing::Test {
  arbiter::outcome offer(uint32_t from, uint32_t count) {
    std::vector<bytes> messages;
    for (uint32_t i = 0; i < count; ++i) messages.push_back(pillar(99).number(from + i, 4));
    raw = packet_of(11, from, messages);
    return sut.offer(*read_packet(raw.data(), raw.size()), out);
  }
  bytes raw;
  arbiter sut{64, held_bytes};
  collector out;
};

TEST_F(Arbiter, DeliversInOrderAndDropsWhatItHad) {
  offer(1, 3);
  EXPECT_EQ(offer(1, 3).known, 3u);
  const auto overlap = offer(2, 4);
  EXPECT_EQ(overlap.known, 2u);
  EXPECT_EQ(overlap.fresh, 2u);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(Arbiter, HoldsWhatComesTooEarlyAndJoinsDifferentCuts) {
  offer(1, 1);
  offer(4, 2);
  offer(7, 1);
  EXPECT_THAT(out.numbers, ElementsAre(1));
  EXPECT_EQ(sut.first_missing(0, 100, 100), (sdk::number_range{2, 3}));
  offer(2, 3); // cut differently: 2, 3 and 4 again
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3, 4, 5));
  offer(6, 1);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(out.tags, ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_F(Arbiter, RefusesWhatTheBufferCannotHold) {
  offer(1, 1);
  EXPECT_TRUE(offer(66, 1).overflow);
  EXPECT_FALSE(offer(65, 1).overflow);
}

TEST_F(Arbiter, GivesUpAHoleByForce) {
  offer(1, 1);
  offer(3, 1);
  offer(6, 2);
  sut.skip_to(6, out);
  EXPECT_THAT(out.numbers, ElementsAre(1, 3, 6, 7));
  EXPECT_TRUE(sut.complete());
}

struct Retransmissions : ::testing::Test {
  retransmissions::state plan(retransmissions& sut) {
    return sut.plan(
      now,
      [this](uint64_t from) -> std::optional<sdk::number_range> {
        for (const auto& hole : holes)
          if (hole.to >= from) return sdk::number_range{std::max(from, hole.from), hole.to};
        return std::nullopt;
      },
      [this](uint64_t from, uint64_t to) -> std::optional<uint32_t> {
        if (!is_up) return std::nullopt;
        asked.push_back({from, to});
        return static_cast<uint32_t>(asked.size());
      });
  }
  uint64_t now = second;
  bool is_up = true;
  std::vector<sdk::number_range> holes, asked;
};

TEST_F(Retransmissions, SplitsLargeHolesAndMergesNeighbours) {
  retransmissions sut{{1'000, 4, 3, second}};
  holes = {{1, 2'500}};
  EXPECT_EQ(plan(sut), retransmissions::state::waiting);
  EXPECT_THAT(
    asked, ElementsAre(sdk::number_range{1, 1'000}, sdk::number_range{1'001, 2'000}, sdk::number_range{2'001, 2'500}));
  retransmissions other{{1'000, 4, 3, second}};
  asked.clear();
  holes = {{10, 11}, {20, 20}, {900, 1'200}};
  plan(other);
  EXPECT_THAT(asked, ElementsAre(sdk::number_range{10, 1'009}, sdk::number_range{1'010, 1'200}));
}

TEST_F(Retransmissions, TriesAgainAfterItsTimeAndGivesUpAfterItsTries) {
  retransmissions sut{{1'000, 4, 3, second}};
  holes = {{5, 6}};
  plan(sut);
  plan(sut);
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_EQ(sut.due(), now + second);
  for (int i = 0; i < 2; ++i) {
    now += second;
    EXPECT_EQ(plan(sut), retransmissions::state::waiting);
  }
  EXPECT_EQ(asked.size(), 3u);
  now += second;
  EXPECT_EQ(plan(sut), retransmissions::state::exhausted);
  EXPECT_EQ(sut.exhausted(), (sdk::number_range{5, 6}));
  EXPECT_EQ(asked.size(), 3u);
}

TEST_F(Retransmissions, DoesNotAskAgainWhileDataFlows) {
  retransmissions sut{{1'000, 4, 3, second}};
  holes = {{5, 9}};
  plan(sut);
  now += second / 2;
  holes = {{7, 9}};
  plan(sut);
  now += second * 3 / 4;
  plan(sut);
  EXPECT_EQ(asked.size(), 1u);
  holes.clear();
  EXPECT_EQ(plan(sut), retransmissions::state::complete);
}

TEST_F(Retransmissions, AsksForLessWhereTheServerFindsItTooLong) {
  retransmissions sut{{1'000, 1, 3, second}};
  holes = {{1, 800}};
  plan(sut);
  EXPECT_EQ(sut.on_response({1, 1, 800, 11, 1, '3'}, now).what, retransmissions::verdict::split);
  plan(sut);
  EXPECT_EQ(asked.back(), (sdk::number_range{1, 400}));
  EXPECT_EQ(sut.on_response({2, 1, 400, 11, 1, '6'}, now).what, retransmissions::verdict::refused);
  EXPECT_EQ(sut.on_response({9, 1, 400, 11, 1, '0'}, now).what, retransmissions::verdict::not_ours);
}

TEST_F(Retransmissions, WhatWasAskedOnALostConnectionIsAskedAgainWithoutCountingAsATry) {
  retransmissions sut{{1'000, 4, 1, second}};
  holes = {{5, 6}};
  plan(sut);
  sut.forget_sent();
  is_up = false;
  now += 10 * second;
  EXPECT_EQ(plan(sut), retransmissions::state::waiting);
  is_up = true;
  EXPECT_EQ(plan(sut), retransmissions::state::waiting);
  EXPECT_EQ(asked.size(), 2u);
}

struct Proof : ::testing::Test {
  Proof() {
    for (uint32_t i = 1; i <= 3; ++i) {
      auto& s = symbols.add(i, i);
      s.last = 10 * i;
    }
  }
  void feed(const bytes& m) {
    sut.feed(m.data(), symbols);
    ++fed;
  }
  symbol_map symbols;
  hole_proof sut;
  size_t fed = 0;
};

TEST_F(Proof, FindsTheSymbolsOfTheHoleWhenTheirLossesAddUp) {
  sut.begin({100, 102});
  EXPECT_EQ(sut.next(), 103u);
  feed(add(1, 11, 1, 'B', 1, 1)); // lost nothing
  EXPECT_EQ(sut.result(), hole_proof::verdict::open);
  feed(add(2, 23, 1, 'B', 1, 1)); // 21 and 22 are missing
  feed(seconds(noon_s));
  EXPECT_EQ(sut.result(), hole_proof::verdict::open);
  feed(status(3, 32, 'O', '~', 'O')); // 31 is missing
  EXPECT_EQ(sut.result(), hole_proof::verdict::proven);
  EXPECT_THAT(sut.touched(), ElementsAre(1, 2));
}

TEST_F(Proof, IsNeverReachedWhereTheHoleHeldOtherThings) {
  sut.begin({100, 101}); // a message 2 was in it
  feed(add(1, 12, 1, 'B', 1, 1));
  for (uint32_t i = 0; i < 50; ++i) feed(add(2, 21 + i, 1, 'B', 1, 1));
  EXPECT_EQ(sut.result(), hole_proof::verdict::open);
}

TEST_F(Proof, IsImpossibleWhereMoreIsMissingThanTheHoleHeld) {
  sut.begin({100, 100});
  feed(add(1, 13, 1, 'B', 1, 1));
  EXPECT_EQ(sut.result(), hole_proof::verdict::impossible);
  sut.begin({100, 100});
  feed(add(1, 9, 1, 'B', 1, 1)); // numbers went back
  EXPECT_EQ(sut.result(), hole_proof::verdict::impossible);
}

TEST_F(Proof, TakesAClearForWhatItSaysAboutTheNextNumber) {
  sut.begin({100, 101});
  feed(symbol_clear(1, 13)); // 11 and 12 are missing
  EXPECT_EQ(sut.result(), hole_proof::verdict::proven);
  sut.begin({100, 101});
  feed(symbol_clear(1, 11));
  EXPECT_EQ(sut.result(), hole_proof::verdict::open);
}

struct Pictures : ::testing::Test {
  refresh_pictures::outcome take(uint8_t flag, uint32_t sequence, const std::vector<bytes>& messages) {
    raw = packet_of(flag, sequence, messages, send_ns);
    return sut.take(*read_packet(raw.data(), raw.size()), now);
  }
  static bytes order(uint64_t id, uint32_t index = 5) { return add_refresh(index, 0, id, 'B', 1, 1); }
  bytes raw;
  uint64_t now = second, send_ns = noon;
  refresh_pictures sut;
};

TEST_F(Pictures, JoinsThePacketsOfASymbolInAnyOrder) {
  EXPECT_FALSE(take(18, 1, {refresh_head(1, 3, 90, 7), mapping(5, "S"), order(1)}).complete);
  EXPECT_FALSE(take(18, 6, {refresh_head(3, 3), order(3)}).complete);
  const auto done = take(18, 4, {refresh_head(2, 3), order(2)});
  ASSERT_TRUE(done.complete);
  EXPECT_EQ(done.complete->index, 5u);
  EXPECT_EQ(done.complete->last_sequence, 90u);
  EXPECT_EQ(done.complete->last_symbol_sequence, 7u);
  ASSERT_EQ(done.complete->messages.size(), 4u);
  EXPECT_EQ(type_of(done.complete->messages[0]), 3u);
  for (uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(sdk::le64(done.complete->messages[i] + 20), i);
  EXPECT_EQ(sut.unfinished(), 0u);
}

TEST_F(Pictures, AnswersWithOneAndNineteenOfOneAreWhole) {
  EXPECT_TRUE(take(17, 1, {refresh_head(1, 1, 90, 7), order(1)}).complete);
  EXPECT_TRUE(take(19, 3, {refresh_head(1, 1, 91, 7), order(1)}).complete);
}

TEST_F(Pictures, NeverMixTwoRefreshesOfASymbol) {
  take(19, 1, {refresh_head(1, 2, 90, 7), order(1)}); // its second packet is lost
  send_ns += second;
  const auto mixed = take(19, 203, {refresh_head(2, 2), order(2)}); // of a refresh whose first packet is lost
  EXPECT_FALSE(mixed.complete);
  EXPECT_EQ(mixed.abandoned, 1u);
}

TEST_F(Pictures, StartAnewWithTheNextRefreshOfASymbol) {
  take(19, 1, {refresh_head(1, 2, 90, 7), order(1)});
  EXPECT_EQ(take(19, 101, {refresh_head(1, 2, 95, 9), order(3)}).abandoned, 1u);
  const auto done = take(19, 103, {refresh_head(2, 2), order(4)});
  ASSERT_TRUE(done.complete);
  EXPECT_EQ(done.complete->last_sequence, 95u);
  EXPECT_EQ(sdk::le64(done.complete->messages[0] + 20), 3u);
}

TEST_F(Pictures, IgnoreCopiesAndTellWhatIsNoPicture) {
  take(19, 1, {refresh_head(1, 2, 90, 7), order(1)});
  const auto copy = take(19, 1, {refresh_head(1, 2, 90, 7), order(1)});
  EXPECT_FALSE(copy.complete || copy.is_bad || copy.abandoned);
  EXPECT_TRUE(take(19, 3, {refresh_head(3, 2), order(1)}).is_bad);
  EXPECT_TRUE(take(19, 3, {refresh_head(0, 2), order(1)}).is_bad);
  EXPECT_TRUE(take(19, 3, {refresh_head(2, 2)}).is_bad); // names no symbol
  EXPECT_TRUE(take(19, 3, {order(1)}).is_bad);
}

TEST_F(Pictures, AreBoundedAndExpire) {
  uint32_t abandoned = 0;
  for (uint32_t i = 1; i <= 100; ++i) {
    now += ms;
    abandoned += take(19, i * 2, {refresh_head(1, 2, 90, 7), order(1, i)}).abandoned;
  }
  EXPECT_EQ(abandoned, 84u);
  EXPECT_EQ(sut.unfinished(), 16u);
  EXPECT_EQ(sut.expire(now + 1), 16u);
  EXPECT_EQ(sut.unfinished(), 0u);
}

TEST(Unmapped, KeepsMessagesOfASymbolInOrderAndDropsTheOldest) {
  unmapped_messages sut{3};
  EXPECT_EQ(sut.push(1, 7, erased(7, 1, 1).data()), 0u);
  EXPECT_EQ(sut.push(2, 8, erased(8, 1, 2).data()), 0u);
  EXPECT_EQ(sut.push(3, 7, erased(7, 2, 3).data()), 0u);
  EXPECT_EQ(sut.push(4, 7, erased(7, 3, 4).data()), 1u);
  EXPECT_EQ(sut.dropped_through(7), 1u);
  EXPECT_EQ(sut.dropped_through(8), 0u);
  std::vector<uint64_t> got;
  const auto give = [&](uint64_t sequence, const uint8_t* m) {
    got.push_back(sequence);
    EXPECT_EQ(sdk::le64(m + 16), sequence);
  };
  sut.take(7, give);
  EXPECT_THAT(got, ElementsAre(3, 4));
  got.clear();
  sut.take(7, give);
  EXPECT_THAT(got, IsEmpty());
  sut.take(8, give);
  EXPECT_THAT(got, ElementsAre(2));
  EXPECT_EQ(sut.symbols(), 0u);
}

TEST(Quotas, AreCountedByTheDayAndBlockedByTheServersWord) {
  daily_quotas sut{{2, 9, 9, 9, 9}};
  sut.set_day(1);
  EXPECT_TRUE(sut.take(quota::retransmissions));
  EXPECT_TRUE(sut.take(quota::retransmissions));
  EXPECT_FALSE(sut.take(quota::retransmissions));
  sut.block(quota::refreshes);
  EXPECT_FALSE(sut.has(quota::refreshes));
  sut.set_day(1);
  EXPECT_FALSE(sut.has(quota::retransmissions));
  sut.set_day(2);
  EXPECT_TRUE(sut.has(quota::retransmissions));
  EXPECT_TRUE(sut.has(quota::refreshes));
  EXPECT_EQ(sut.used(quota::retransmissions), 0u);
}

TEST(FeedClock, GuessesTheSecondBeforeWhereNanosecondsAreAhead) {
  feed_clock sut;
  sut.set_send_time(10 * second + 100);
  EXPECT_EQ(sut.at(3, 50).ns, 10 * second + 50);
  EXPECT_EQ(sut.at(3, 999'999'000).ns, 9 * second + 999'999'000);
  EXPECT_TRUE(sut.at(3, 50).is_guessed);
  EXPECT_TRUE(sut.set_seconds(3, 9));
  EXPECT_EQ(sut.at(3, 50).ns, 9 * second + 50);
  EXPECT_FALSE(sut.at(3, 50).is_guessed);
}

TEST(SymbolMap, FindsSmallAndFarIndexes) {
  symbol_map sut;
  sut.add(70'000, 0);
  sut.add(0xF000'0000, 1);
  EXPECT_EQ(sut.find(70'000), 0u);
  EXPECT_EQ(sut.find(0xF000'0000), 1u);
  EXPECT_EQ(sut.find(1), symbol_map::none);
  EXPECT_EQ(sut.find(900'000), symbol_map::none);
  EXPECT_EQ(sut.find(0xF000'0001), symbol_map::none);
}

} // namespace
} // namespace tickplant::nyse::testing
