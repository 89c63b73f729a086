// The generated market keeps the promises S0-56 to S0-59.
#include "market.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace {

using namespace tickplant::synthetic;

TEST(SyntheticMarket, ListsTheNamesWithTheirBasePricesAndVolatilities) { // S0-56
  std::map<std::string, std::pair<double, double>> listed;
  for (const auto& name : listed_names()) listed[name.symbol] = {name.base_price, name.volatility};
  EXPECT_EQ(listed.size(), 8u);
  EXPECT_EQ(listed["AAPL"], std::pair(175.0, 0.02));
  EXPECT_EQ(listed["TSLA"], std::pair(800.0, 0.04));
  EXPECT_EQ(listed["BRK.A"], std::pair(515'000.0, 0.012));
}

TEST(SyntheticMarket, GivesTheSameWalkForTheSameSeed) {
  for (const auto& name : listed_names()) {
    walker one{name, 7}, other{name, 7}, stranger{name, 8};
    bool differs = false;
    for (int i = 0; i < 1'000; ++i) {
      one.tick(1);
      other.tick(1);
      stranger.tick(1);
      ASSERT_EQ(one.bids, other.bids);
      ASSERT_EQ(one.asks, other.asks);
      ASSERT_EQ(one.last, other.last);
      ASSERT_EQ(one.volume, other.volume);
      differs |= one.bids != stranger.bids;
    }
    EXPECT_TRUE(differs) << name.symbol;
  }
}

TEST(SyntheticMarket, StepsWithinTheVolatility) { // S0-57
  walker walk{{"AAPL", 175, 0.02}, 3};
  double before = 175;
  for (int i = 0; i < 10'000; ++i) {
    walk.tick(1);
    const double now = static_cast<double>(walk.last) / 100;
    ASSERT_LE(std::abs(now - before), before * 0.01 + 0.011); // half the volatility, and rounding to the cent twice
    ASSERT_GE(walk.last, 1);
    before = now;
  }
}

TEST(SyntheticMarket, SpreadsAroundTheWalk) { // S0-57: 0.01 % to 0.05 % of the price
  walker walk{{"BRK.A", 515'000, 0.012}, 3};
  for (int i = 0; i < 10'000; ++i) {
    walk.tick(0.1);
    const auto spread = static_cast<double>(walk.asks[0].price - walk.bids[0].price);
    const auto price = static_cast<double>(walk.last);
    ASSERT_GE(spread, price * 0.0001 - 2);
    ASSERT_LE(spread, price * 0.0005 + 2);
  }
}

TEST(SyntheticMarket, KeepsFiveLevelsACentApart) { // S0-59
  for (const auto& name : listed_names()) {
    walker walk{name, 11};
    for (int i = 0; i < 2'000; ++i) {
      walk.tick(0.05);
      ASSERT_LT(walk.bids[0].price, walk.asks[0].price);
      for (size_t l = 0; l < levels_a_side; ++l) {
        ASSERT_EQ(walk.bids[l].price, walk.bids[0].price - static_cast<int64_t>(l));
        ASSERT_EQ(walk.asks[l].price, walk.asks[0].price + static_cast<int64_t>(l));
        for (const level& at : {walk.bids[l], walk.asks[l]}) {
          ASSERT_GE(at.quantity, 100); // S0-58
          ASSERT_LE(at.quantity, 2'099);
          ASSERT_GE(at.orders, 1u);
          ASSERT_LE(at.orders, 10u);
        }
      }
    }
  }
}

TEST(SyntheticMarket, TellsTheDaysFigures) { // S0-58
  walker walk{{"MSFT", 335, 0.018}, 5};
  uint64_t days = 0;
  int64_t before = 0;
  for (int i = 0; i < 20'000; ++i) {
    walk.tick(0.05);
    const double price = static_cast<double>(walk.last);
    ASSERT_NEAR(static_cast<double>(walk.high), price * 1.02, 1.1);
    ASSERT_NEAR(static_cast<double>(walk.low), price * 0.98, 1.1);
    ASSERT_GE(walk.volume, 1'000'000);
    ASSERT_LE(walk.volume, 5'999'999);
    if (walk.begins_day)
      ++days;
    else
      ASSERT_EQ(walk.volume, before + walk.last_quantity);
    before = walk.volume;
  }
  EXPECT_EQ(walk.base, 33'500);
  EXPECT_GE(days, 3u);
  EXPECT_LE(days, 8u);
}

TEST(SyntheticMarket, NeverFallsBelowACent) {
  walker walk{{"PENNY", 0.05, 1.9}, 1};
  for (int i = 0; i < 50'000; ++i) {
    walk.tick(1);
    ASSERT_GE(walk.last, 1);
    ASSERT_GE(walk.bids[0].price, 1);
    ASSERT_LT(walk.bids[0].price, walk.asks[0].price);
    ASSERT_LE(walk.last, 5 * 1'000);
    for (const level& at : walk.bids) ASSERT_TRUE(at.quantity == 0 || at.price >= 1);
  }
}

TEST(SyntheticMarket, StandsStillWithoutAScale) {
  walker walk{{"AAPL", 175, 0.02}, 1};
  for (int i = 0; i < 100; ++i) {
    walk.tick(0);
    ASSERT_EQ(walk.last, 17'500);
  }
}

TEST(SyntheticMarket, NumbersNames) {
  const auto names = numbered_names(1'001);
  EXPECT_EQ(names.front().symbol, "S000");
  EXPECT_EQ(names[99].symbol, "S099");
  EXPECT_EQ(names[1'000].symbol, "S1000");
}

TEST(SyntheticMarket, FewerLevelsChangeNothingElse) {
  walker whole{{"A", 100, 0.02}, 7}, flat{{"A", 100, 0.02}, 7};
  for (int i = 0; i < 100; ++i) {
    whole.tick(1);
    flat.tick(1, 2);
    EXPECT_EQ(flat.last, whole.last);
    for (size_t l = 0; l < levels_a_side; ++l) {
      EXPECT_EQ(flat.bids[l], l < 2 ? whole.bids[l] : level{});
      EXPECT_EQ(flat.asks[l], l < 2 ? whole.asks[l] : level{});
    }
  }
}

} // namespace
