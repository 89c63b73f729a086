#include "runtime/support/rate_bucket.hpp"

#include <gtest/gtest.h>

namespace tickplant::support {
namespace {

constexpr uint64_t second = 1'000'000'000;

/// Row 13 of protocol.md, S4-09: 50 messages a second, 100 at once.
TEST(RateBucket, LetsTheBurstThroughAndThenTheRate) {
  const rate_rule rule{50, 100, second};
  rate_bucket bucket;
  uint64_t now = 7 * second;
  int taken = 0;
  for (int i = 0; i != 1'000; ++i) taken += bucket.take(rule, now);
  EXPECT_EQ(taken, 100);
  EXPECT_EQ(bucket.wait_ns(rule, now), second / 50);
  for (int step = 0; step != 10 * 1'000; ++step) { // ten seconds, asked each millisecond
    now += second / 1'000;
    taken += bucket.take(rule, now);
  }
  EXPECT_EQ(taken, 100 + 500);
  now += 60 * second;
  EXPECT_TRUE(bucket.is_full(now));
  taken = 0;
  for (int i = 0; i != 1'000; ++i) taken += bucket.take(rule, now);
  EXPECT_EQ(taken, 100) << "no more is saved up than the burst";
}

/// S1-21: 100 requests in 60 s.
TEST(RateBucket, CountsByTheMinuteToo) {
  const rate_rule rule{100, 100, 60 * second};
  rate_bucket bucket;
  int taken = 0;
  for (int i = 0; i != 120; ++i) taken += bucket.take(rule, second);
  EXPECT_EQ(taken, 100);
  EXPECT_FALSE(bucket.take(rule, second + 599'000'000));
  EXPECT_TRUE(bucket.take(rule, second + 601'000'000));
}

TEST(RateBucket, WithoutARuleNothingIsBound) {
  rate_bucket bucket;
  for (int i = 0; i != 1'000; ++i) EXPECT_TRUE(bucket.take({}, 1));
  EXPECT_EQ(bucket.wait_ns({}, 1), 0u);
}

TEST(RateBucket, AStricterRuleHoldsAtOnceAndALighterOneForgives) {
  const rate_rule wide{1, 100, second}, narrow{1, 2, second};
  rate_bucket bucket;
  for (int i = 0; i != 100; ++i) EXPECT_TRUE(bucket.take(wide, second));
  EXPECT_FALSE(bucket.take(narrow, second));
  EXPECT_LE(bucket.wait_ns(narrow, second), second) << "what the wide rule let through is not paid back";
  EXPECT_TRUE(bucket.take(narrow, 2 * second + 1));
  EXPECT_TRUE(bucket.take({}, second));
}

TEST(RateBucket, AClockThatIsSetBackHoldsNobodyUp) {
  const rate_rule rule{10, 10, second};
  rate_bucket bucket;
  for (int i = 0; i != 10; ++i) EXPECT_TRUE(bucket.take(rule, 1'000 * second));
  EXPECT_FALSE(bucket.take(rule, 10 * second));
  EXPECT_LE(bucket.wait_ns(rule, 10 * second), second);
}

} // namespace
} // namespace tickplant::support
