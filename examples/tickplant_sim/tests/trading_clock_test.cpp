#include "tickplant_sim/nasdaq/trading_clock.hpp"

#include <gtest/gtest.h>

namespace tickplant::sim::nasdaq {
namespace {

TEST(TradingClock, ChangesToDaylightTimeAtTwoOnTheSecondSundayOfMarch) {
  EXPECT_EQ(us_eastern_offset_s(1'741'503'599), -5 * 3600); // 2025-03-09 06:59:59 UTC
  EXPECT_EQ(us_eastern_offset_s(1'741'503'600), -4 * 3600);
}

TEST(TradingClock, ChangesBackAtTwoOnTheFirstSundayOfNovember) {
  EXPECT_EQ(us_eastern_offset_s(1'762'063'199), -4 * 3600); // 2025-11-02 05:59:59 UTC
  EXPECT_EQ(us_eastern_offset_s(1'762'063'200), -5 * 3600);
}

TEST(TradingClock, CountsFromLocalMidnight) {
  constexpr std::int64_t second = 1'000'000'000;
  // 2024-08-08 13:30:00 UTC is 09:30 in New York.
  EXPECT_EQ(nanoseconds_since_midnight(1'723'123'800 * second + 5, {}), 34'200u * second + 5);
  EXPECT_EQ(nanoseconds_since_midnight(1'723'123'800 * second, 0), 48'600u * second);
  // 02:00 UTC is still the evening before.
  EXPECT_EQ(nanoseconds_since_midnight(1'723'082'400 * second, {}), 79'200u * second);
}

} // namespace
} // namespace tickplant::sim::nasdaq
