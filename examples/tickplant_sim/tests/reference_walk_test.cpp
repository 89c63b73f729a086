#include "tickplant_sim/flow/reference_walk.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace tickplant::sim {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start = 1'790'000'000 * second;

TEST(ReferenceWalk, StaysNearItsBaseAndMovesSmoothly) {
  double before = reference_price("IBM", 140, 7, start);
  double lowest = before, highest = before;
  for (int i = 1; i < 36'000; ++i) {
    const double price = reference_price("IBM", 140, 7, start + i * second / 10);
    ASSERT_NEAR(price, 140, 140 * 0.013);
    ASSERT_LT(std::abs(price - before), 0.05) << i;
    lowest = std::min(lowest, price);
    highest = std::max(highest, price);
    before = price;
  }
  EXPECT_GT(highest - lowest, 0.5);
}

TEST(ReferenceWalk, IsAFunctionOfSymbolSeedAndTimeAlone) {
  EXPECT_EQ(reference_price("IBM", 140, 7, start), reference_price("IBM", 140, 7, start));
  EXPECT_NE(reference_price("IBM", 140, 7, start), reference_price("IBM", 140, 8, start));
  EXPECT_NE(reference_price("IBM", 140, 7, start), reference_price("KO", 140, 7, start));
}

TEST(ReferenceWalk, LetsVenuesCrossNowAndThenOnly) {
  // The flow's best prices stand about 0.005 % of the price from its mid.
  int crossed = 0;
  for (int i = 0; i < 6'000; ++i) {
    const auto at = start + i * second / 10;
    const double apart = venue_offset("NASDAQ", "AAPL", 175, 7, at) - venue_offset("NYSE", "AAPL", 175, 7, at);
    ASSERT_LT(std::abs(apart), 0.07);
    crossed += std::abs(apart) > 0.0001 * 175 ? 1 : 0;
  }
  EXPECT_GT(crossed, 60);
  EXPECT_LT(crossed, 3'000);
}

} // namespace
} // namespace tickplant::sim
