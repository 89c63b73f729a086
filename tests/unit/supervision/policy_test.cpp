#include "runtime/supervision/policy.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace tickplant::supervision;
using kind = decision::kind;

namespace {

policy with(strategy how) {
  return {how, {3, 10s}, {100ms, 1s, 0.5}};
}

TEST(SupervisionPolicy, ForgetsTemporaryChildrenAndNormalEndsOfTransientOnes) {
  history past;
  const auto rules = with(strategy::one_for_one);
  EXPECT_EQ(decide(rules, restart::temporary, true, 0, 3, past, 0s, 0.5).what, kind::forget);
  EXPECT_EQ(decide(rules, restart::transient, false, 0, 3, past, 0s, 0.5).what, kind::forget);
  EXPECT_TRUE(past.restarts.empty()) << "what is forgotten does not count";
  EXPECT_EQ(decide(rules, restart::transient, true, 0, 3, past, 0s, 0.5).what, kind::restart);
  EXPECT_EQ(decide(rules, restart::permanent, false, 0, 3, past, 0s, 0.5).what, kind::restart);
}

TEST(SupervisionPolicy, ChoosesTheRangeByStrategy) {
  const auto range = [](strategy how) {
    history past;
    const auto d = decide(with(how), restart::permanent, true, 1, 4, past, 0s, 0.5);
    return std::pair{d.first, d.last};
  };
  EXPECT_EQ(range(strategy::one_for_one), (std::pair<size_t, size_t>{1, 2}));
  EXPECT_EQ(range(strategy::one_for_all), (std::pair<size_t, size_t>{0, 4}));
  EXPECT_EQ(range(strategy::rest_for_one), (std::pair<size_t, size_t>{1, 4}));
}

TEST(SupervisionPolicy, EscalatesAtOneMoreThanTheLimit) {
  history past;
  const auto rules = with(strategy::one_for_one);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(decide(rules, restart::permanent, true, 0, 1, past, i * 1s, 0.5).what, kind::restart);
  EXPECT_EQ(decide(rules, restart::permanent, true, 0, 1, past, 3s, 0.5).what, kind::escalate);
}

TEST(SupervisionPolicy, LetsOldRestartsExpire) {
  history past;
  const auto rules = with(strategy::one_for_one);
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(decide(rules, restart::permanent, true, 0, 1, past, i * 4s, 0.5).what, kind::restart) << i;
}

TEST(SupervisionPolicy, DoublesTheDelayUpToItsCapAndMovesItByTheJitter) {
  history past;
  auto rules = with(strategy::one_for_one);
  rules.limit.restarts = 100;
  for (const auto expected : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms})
    EXPECT_EQ(decide(rules, restart::permanent, true, 0, 1, past, 1s, 0.5).delay, expected);
  EXPECT_EQ(decide(rules, restart::permanent, true, 0, 1, past, 1s, 0.0).delay, 500ms);
  EXPECT_EQ(decide(rules, restart::permanent, true, 0, 1, past, 1s, 0.999).delay / 1ms, 1499);
}

TEST(SupervisionPolicy, StartsTheDelayAnewAfterAQuietPeriod) {
  history past;
  const auto rules = with(strategy::one_for_one);
  decide(rules, restart::permanent, true, 0, 1, past, 0s, 0.5);
  decide(rules, restart::permanent, true, 0, 1, past, 1s, 0.5);
  EXPECT_EQ(decide(rules, restart::permanent, true, 0, 1, past, 60s, 0.5).delay, 100ms);
}

} // namespace
