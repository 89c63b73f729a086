#include "runtime/telemetry/log_limiter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tickplant::telemetry {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogLimiter : public ::testing::Test {
protected:
  log_limiter limiter(uint32_t rate) {
    return {rate, [this](uint64_t tag, std::string_view component, std::string_view text, uint64_t more) {
              told.push_back(std::to_string(tag) + ' ' + std::string{component} + ": " + std::to_string(more) +
                             " more like " + std::string{text});
            }};
  }

  const log_limiter::clock::time_point start{std::chrono::hours{1}};
  std::vector<std::string> told;
};

TEST_F(LogLimiter, FoldsRunsOfDigits) {
  EXPECT_EQ(fold_digits("gap 1234 to 77, line 3"), "gap # to #, line #");
  EXPECT_EQ(fold_digits(""), "");
  EXPECT_EQ(fold_digits("a1b22"), "a#b#");
}

TEST_F(LogLimiter, ACauseMayWriteItsRateASecond) {
  auto limit = limiter(3);
  int passed = 0;
  for (int i = 0; i < 10; ++i) passed += limit.pass(1, "venue", "gap at " + std::to_string(i), start + i * 10ms);
  EXPECT_EQ(passed, 3);
  EXPECT_THAT(told, IsEmpty());
  EXPECT_TRUE(limit.pass(1, "venue", "gap at 11", start + 1s));
  EXPECT_THAT(told, ElementsAre("1 venue: 7 more like gap at 2"));
}

TEST_F(LogLimiter, AnyOtherLineTellsWhatIsOver) {
  auto limit = limiter(1);
  for (int i = 0; i < 5; ++i) limit.pass(2, "venue", "gap", start);
  EXPECT_TRUE(limit.pass(2, "hub", "something else", start + 999ms));
  EXPECT_THAT(told, IsEmpty());
  EXPECT_TRUE(limit.pass(2, "hub", "another thing", start + 1s));
  EXPECT_THAT(told, ElementsAre("2 venue: 4 more like gap"));
  limit.sum_up(start + 2s, true);
  EXPECT_EQ(told.size(), 1u) << "told once";
}

TEST_F(LogLimiter, CausesDifferByLevelComponentAndText) {
  auto limit = limiter(1);
  EXPECT_TRUE(limit.pass(1, "a", "x", start));
  EXPECT_TRUE(limit.pass(2, "a", "x", start));
  EXPECT_TRUE(limit.pass(1, "b", "x", start));
  EXPECT_TRUE(limit.pass(1, "a", "y", start));
  EXPECT_FALSE(limit.pass(1, "a", "x", start));
}

TEST_F(LogLimiter, TheEndTellsEverything) {
  auto limit = limiter(1);
  for (int i = 0; i < 3; ++i) limit.pass(1, "a", "x", start);
  limit.sum_up(start, false);
  EXPECT_THAT(told, IsEmpty());
  limit.sum_up(start, true);
  EXPECT_THAT(told, ElementsAre("1 a: 2 more like x"));
}

TEST_F(LogLimiter, TheTableIsBoundedAndTheOldestIsToldWhenItGoes) {
  auto limit = limiter(1);
  for (int i = 0; i < 2; ++i) limit.pass(1, "first", "x", start);
  const auto name = [](size_t i) { // letters, as digits are folded
    std::string made;
    for (size_t n = i + 1; n > 0; n /= 26) made += static_cast<char>('a' + n % 26);
    return made;
  };
  for (size_t i = 0; i < 3 * log_limiter::most_causes; ++i) EXPECT_TRUE(limit.pass(1, "flood", name(i), start));
  EXPECT_EQ(limit.causes(), log_limiter::most_causes);
  EXPECT_THAT(told, ElementsAre("1 first: 1 more like x"));
}

TEST_F(LogLimiter, LongTextsAreCutForTheTable) {
  auto limit = limiter(1);
  const std::string text(100'000, 'x');
  for (int i = 0; i < 2; ++i) limit.pass(1, "a", text, start);
  limit.sum_up(start, true);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_LT(told[0].size(), 400u);
}

TEST_F(LogLimiter, ZeroIsNoLimit) {
  auto limit = limiter(0);
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(limit.pass(1, "a", "x", start));
  EXPECT_EQ(limit.causes(), 0u);
}

} // namespace
} // namespace tickplant::telemetry
