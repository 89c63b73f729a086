#include "tickplant_sim/nasdaq/synthetic_day.hpp"
#include "tickplant_sim/tests/itch_book_checker.hpp"

#include <gtest/gtest.h>
#include <set>

namespace tickplant::sim {
namespace {

nasdaq::synthetic_day_options small_day() {
  nasdaq::synthetic_day_options o;
  o.messages = 200'000;
  o.symbols = 20;
  o.live_orders = 8'000;
  return o;
}

nasdaq::block_buffer write(const nasdaq::synthetic_day_options& o) {
  nasdaq::block_buffer all;
  nasdaq::write_synthetic_day(o, [&](nasdaq::block_buffer& b) { all.insert(all.end(), b.begin(), b.end()); });
  return all;
}

TEST(SyntheticDay, HasExactlyTheWantedMessagesAndEndsEmpty) {
  const auto day = write(small_day());
  test::itch_book_checker checker;
  std::uint64_t crossed = 0;
  checker.apply(day, [&](char, std::uint16_t locate) {
    const auto book = checker.books().find(locate);
    crossed += book != checker.books().end() && book->second.crossed() ? 1 : 0;
  });
  EXPECT_EQ(checker.fault(), "");
  EXPECT_EQ(checker.messages(), 200'000u);
  EXPECT_EQ(checker.live_orders(), 0u);
  EXPECT_EQ(crossed, 0u);
  EXPECT_NEAR(static_cast<double>(checker.most_live_orders()), 8'000, 800);
}

TEST(SyntheticDay, HasARealisticMix) {
  auto options = small_day();
  options.messages = 1'000'000;
  test::itch_book_checker checker;
  checker.apply(write(options));
  const auto part = [&](char type) { return 100.0 * static_cast<double>(checker.by_type().at(type)) / 1e6; };
  EXPECT_NEAR(part('A'), 44, 2);
  EXPECT_NEAR(part('F'), 2, 0.3);
  EXPECT_NEAR(part('E'), 3.3, 0.7);
  EXPECT_NEAR(part('C'), 0.3, 0.1);
  EXPECT_NEAR(part('X'), 1, 0.2);
  EXPECT_NEAR(part('D'), 42, 2);
  EXPECT_NEAR(part('U'), 8, 1);
  EXPECT_NEAR(part('P'), 0.5, 0.1);
}

TEST(SyntheticDay, HoldsEveryMessageTypeWhenExotic) {
  auto options = small_day();
  options.exotic = true;
  test::itch_book_checker checker;
  checker.apply(write(options));
  EXPECT_EQ(checker.fault(), "");
  EXPECT_EQ(checker.messages(), 200'000u);
  for (const char type : std::string{"SRHYLVWKJhAFECXDUPQBINO"}) EXPECT_TRUE(checker.by_type().contains(type)) << type;
}

TEST(SyntheticDay, RepeatsWithTheSameSeed) {
  auto options = small_day();
  const auto day = write(options);
  EXPECT_EQ(day, write(options));
  options.seed = 2;
  EXPECT_NE(day, write(options));
}

TEST(SyntheticDay, NamesWhatIsTooSmall) {
  auto options = small_day();
  EXPECT_EQ(nasdaq::explain_impossible(options), "");
  options.messages = 1000;
  EXPECT_NE(nasdaq::explain_impossible(options).find("--messages must be at least"), std::string::npos);
  options = small_day();
  options.symbols = 0;
  EXPECT_NE(nasdaq::explain_impossible(options).find("--symbols"), std::string::npos);
  options = small_day();
  options.live_orders = 10;
  EXPECT_NE(nasdaq::explain_impossible(options).find("--live-orders"), std::string::npos);
  options = small_day();
  options.time_spread_s = 1e9;
  EXPECT_NE(nasdaq::explain_impossible(options).find("--time-spread"), std::string::npos);
}

TEST(SyntheticDay, WorksAtItsSmallestPossibleSize) {
  auto options = small_day();
  options.messages = 1;
  const auto text = nasdaq::explain_impossible(options);
  options.messages = std::stoull(text.substr(text.find_first_of("0123456789")));
  ASSERT_EQ(nasdaq::explain_impossible(options), "");
  test::itch_book_checker checker;
  checker.apply(write(options));
  EXPECT_EQ(checker.fault(), "");
  EXPECT_EQ(checker.messages(), options.messages);
}

TEST(SyntheticSymbols, AreUniqueAndFitTheField) {
  const auto symbols = nasdaq::synthetic_symbols(17'000, 1);
  std::set<std::string> names;
  for (const auto& s : symbols) {
    EXPECT_LE(s.stock.size(), 8u);
    EXPECT_GE(s.price, 5);
    names.insert(s.stock);
  }
  EXPECT_EQ(names.size(), 17'000u);
}

} // namespace
} // namespace tickplant::sim
