// S0-15: the breaker's ways between closed, open and half-open, on times that the test makes up.
#include "runtime/supervision/circuit_breaker.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace std::chrono_literals;
using namespace tickplant::supervision;

namespace {

constexpr breaker_rules rules{3, 60s, 10s, 60s, 20s, 0.0};

circuit_breaker opened(nanoseconds at) {
  circuit_breaker made{rules};
  for (int i = 0; i < 3; ++i) made.fail(at, 0.5);
  return made;
}

TEST(CircuitBreaker, StaysClosedBelowTheLimit) {
  circuit_breaker b{rules};
  EXPECT_EQ(b.fail(1s, 0.5), 0s);
  EXPECT_EQ(b.streak(), 1u);
  EXPECT_EQ(b.fail(2s, 0.5), 0s);
  EXPECT_EQ(b.state(), breaker_state::closed);
  EXPECT_EQ(b.openings(), 0u);
}

TEST(CircuitBreaker, ForgetsFailuresOlderThanThePeriod) {
  circuit_breaker b{rules};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(b.fail(i * 31s, 0.5), 0s) << "two in any 60 s";
  EXPECT_EQ(b.state(), breaker_state::closed);
}

TEST(CircuitBreaker, OpensAtTheLimitAndLetsOneTrialThroughWhenItsTimeIsOver) {
  circuit_breaker b{rules};
  b.fail(1s, 0.5);
  b.fail(2s, 0.5);
  EXPECT_EQ(b.fail(3s, 0.5), 10s);
  EXPECT_EQ(b.state(), breaker_state::open);
  EXPECT_EQ(b.since(), 3s);
  EXPECT_EQ(b.until(), 13s);
  b.begin(12s);
  EXPECT_EQ(b.state(), breaker_state::open) << "not before its time";
  b.begin(13s);
  EXPECT_EQ(b.state(), breaker_state::half_open);
}

TEST(CircuitBreaker, OpensLongerAfterEachFailedTrialUpToTheMaximum) {
  auto b = opened(0s);
  auto now = b.until();
  for (const auto expected : {20s, 40s, 60s, 60s}) {
    b.begin(now);
    ASSERT_EQ(b.state(), breaker_state::half_open);
    EXPECT_EQ(b.fail(now, 0.5), expected) << "one failure is enough";
    now = b.until();
  }
  EXPECT_EQ(b.openings(), 5u);
}

TEST(CircuitBreaker, ClosesWhenTheTrialHasBeenWellForItsTime) {
  auto b = opened(0s);
  b.begin(10s);
  EXPECT_FALSE(b.observe(11s, true));
  EXPECT_FALSE(b.observe(30s, true));
  EXPECT_TRUE(b.observe(31s, true));
  EXPECT_EQ(b.state(), breaker_state::closed);
  EXPECT_EQ(b.fail(32s, 0.5), 0s) << "counting begins anew";
}

TEST(CircuitBreaker, CountsHealthAnewAfterItWasUnwell) {
  auto b = opened(0s);
  b.begin(10s);
  b.observe(11s, true);
  b.observe(25s, false);
  EXPECT_FALSE(b.observe(31s, true));
  EXPECT_FALSE(b.observe(50s, true));
  EXPECT_TRUE(b.observe(51s, true));
}

TEST(CircuitBreaker, BeginsWithTheShortestTimeAfterItWasClosed) {
  auto b = opened(0s);
  b.begin(10s);
  EXPECT_EQ(b.fail(10s, 0.5), 20s);
  b.begin(30s);
  b.observe(30s, true);
  ASSERT_TRUE(b.observe(50s, true));
  b.fail(51s, 0.5);
  b.fail(51s, 0.5);
  EXPECT_EQ(b.fail(51s, 0.5), 10s);
}

TEST(CircuitBreaker, IsClosedByAnOperatorAtOnce) {
  auto b = opened(0s);
  b.close(1s);
  EXPECT_EQ(b.state(), breaker_state::closed);
  EXPECT_EQ(b.openings(), 1u) << "what happened stays counted";
  EXPECT_EQ(b.fail(2s, 0.5), 0s);
}

TEST(CircuitBreaker, TellsTheRestOfItsTimeToAFailureThatComesLate) {
  auto b = opened(0s);
  EXPECT_EQ(b.fail(4s, 0.5), 6s);
  EXPECT_EQ(b.openings(), 1u);
}

TEST(CircuitBreaker, StaysWithinItsBoundsWhateverHappens) {
  breaker_rules shaky = rules;
  shaky.jitter = 0.5;
  circuit_breaker b{shaky};
  std::mt19937_64 random{7};
  nanoseconds now{0};
  for (int i = 0; i < 100'000; ++i) {
    now += nanoseconds{static_cast<int64_t>(random() % 20'000'000'000)};
    const double unit = static_cast<double>(random() % 1'000) / 1'000;
    const auto before = b.state();
    switch (random() % 4) {
      case 0: {
        const auto wait = b.fail(now, unit);
        ASSERT_GE(wait, 0s);
        ASSERT_LE(wait, shaky.open_max);
        if (b.state() != before) {
          ASSERT_GE(wait, shaky.open_first / 2);
        }
        break;
      }
      case 1: b.begin(now); break;
      case 2: b.observe(now, random() % 3 != 0); break;
      default:
        if (random() % 50 == 0) b.close(now);
    }
    ASSERT_LE(b.streak(), shaky.failures);
    if (before == breaker_state::closed) {
      ASSERT_NE(b.state(), breaker_state::half_open) << "never without opening";
    }
    if (before == breaker_state::open && b.state() == breaker_state::half_open) {
      ASSERT_GE(now, b.since());
    }
  }
  EXPECT_GT(b.openings(), 100u);
}

} // namespace
