#include "tickplant_sim/nasdaq/trading_day.hpp"
#include "tickplant_sim/tests/itch_book_checker.hpp"

#include <gtest/gtest.h>

namespace tickplant::sim {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t second = 1'000 * ms;
constexpr std::uint64_t morning = 36'000 * second;

nasdaq::trading_day_options demo_options(std::uint64_t seed) {
  nasdaq::trading_day_options o;
  o.flow.symbols = nasdaq::demo_symbols();
  o.flow.seed = seed;
  o.halt_every_s = 20;
  return o;
}

nasdaq::block_buffer play(nasdaq::trading_day& day, std::uint64_t from_ms, std::uint64_t to_ms) {
  nasdaq::block_buffer blocks;
  for (auto at = from_ms; at < to_ms; ++at) day.advance({at * ms, morning + at * ms}, blocks);
  return blocks;
}

class TradingDay : public testing::TestWithParam<std::uint64_t> {};

TEST_P(TradingDay, KeepsAConsistentBookThatNeverCrossesAndStaysDeep) {
  nasdaq::trading_day day{demo_options(GetParam())};
  test::itch_book_checker checker;
  std::uint64_t crossed = 0, shallow = 0;
  bool open = false;
  for (std::uint64_t minute = 0; minute < 5; ++minute)
    checker.apply(play(day, minute * 60'000, (minute + 1) * 60'000), [&](char type, std::uint16_t locate) {
      if (type == 'Q') open = true;
      const auto book = checker.books().find(locate);
      if (book == checker.books().end()) return;
      crossed += book->second.crossed() ? 1 : 0;
      shallow += open && (book->second.bids.size() < 5 || book->second.asks.size() < 5) ? 1 : 0;
    });
  EXPECT_EQ(checker.fault(), "");
  EXPECT_EQ(crossed, 0u);
  EXPECT_EQ(shallow, 0u);
  EXPECT_EQ(checker.books().size(), 7u);
  for (const char type : {'S', 'R', 'H', 'Y', 'L', 'V', 'A', 'F', 'E', 'C', 'X', 'D', 'U', 'P', 'Q', 'I', 'N', 'B'})
    EXPECT_GT(checker.by_type().contains(type) ? checker.by_type().at(type) : 0, 0u) << type;
}

INSTANTIATE_TEST_SUITE_P(Seeds, TradingDay, testing::Values(1, 2, 77));

TEST(TradingDay, SendsAboutTheWantedRate) {
  auto options = demo_options(3);
  options.messages_per_second = 5000;
  nasdaq::trading_day day{options};
  test::itch_book_checker checker;
  checker.apply(play(day, 0, 20'000));
  EXPECT_NEAR(static_cast<double>(checker.messages()), 100'000, 2'000);
}

TEST(TradingDay, MovesPricesBelievably) {
  nasdaq::trading_day day{demo_options(4)};
  test::itch_book_checker checker;
  std::uint32_t lowest = 0xFFFFFFFF, highest = 0;
  checker.apply(play(day, 0, 120'000), [&](char, std::uint16_t locate) {
    const auto apple = checker.books().find(1);
    if (locate != 1 || apple == checker.books().end() || apple->second.bids.size() < 5) return;
    lowest = std::min(lowest, apple->second.bids.begin()->first);
    highest = std::max(highest, apple->second.bids.begin()->first);
  });
  EXPECT_GT(highest - lowest, 500u);     // more than five cents in two minutes
  EXPECT_LT(highest - lowest, 100'000u); // less than ten dollars
  EXPECT_NEAR(lowest, 1'750'000, 100'000);
}

TEST(TradingDay, RepeatsWithTheSameSeedAndDiffersWithAnother) {
  nasdaq::trading_day first{demo_options(5)}, second_day{demo_options(5)}, other{demo_options(6)};
  const auto blocks = play(first, 0, 5'000);
  EXPECT_EQ(blocks, play(second_day, 0, 5'000));
  EXPECT_NE(blocks, play(other, 0, 5'000));
}

TEST(TradingDay, EmptiesTheBooksAndEndsWithEndOfMessages) {
  nasdaq::trading_day day{demo_options(7)};
  auto blocks = play(day, 0, 5'000);
  day.finish({5 * second, morning + 5 * second}, blocks);
  test::itch_book_checker checker;
  checker.apply(blocks);
  EXPECT_EQ(checker.fault(), "");
  EXPECT_EQ(checker.live_orders(), 0u);
  ASSERT_GE(blocks.size(), 14u);
  EXPECT_EQ(blocks[blocks.size() - 12], 'S');
  EXPECT_EQ(blocks.back(), 'C');
}

TEST(TradingDay, DoesNotCatchUpAStallOfSeconds) {
  nasdaq::trading_day day{demo_options(8)};
  play(day, 0, 3'000);
  nasdaq::block_buffer blocks;
  day.advance({60 * second, morning + 60 * second}, blocks);
  test::itch_book_checker checker;
  checker.apply(blocks);
  EXPECT_LT(checker.messages(), 300u);
}

} // namespace
} // namespace tickplant::sim
