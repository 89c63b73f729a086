#include <tickplant/line_retries.hpp>

#include <recording_host.hpp>

#include <gmock/gmock.h>

namespace tickplant::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr uint64_t second = 1'000'000'000;

TEST(SdkBackoff, PausesDoubleFromOneSecondTo32) {
  std::vector<uint64_t> pauses;
  for (uint32_t failures = 0; failures < 8; ++failures) pauses.push_back(backoff_pause_ns(failures) / second);
  EXPECT_THAT(pauses, ElementsAre(1, 2, 4, 8, 16, 32, 32, 32));
  EXPECT_EQ(backoff_pause_ns(UINT32_MAX), 32 * second);
}

TEST(SdkBackoff, ChanceMovesAPauseByAQuarterAtMost) {
  EXPECT_EQ(jittered_ns(4 * second, 0), 3 * second);
  EXPECT_EQ(jittered_ns(4 * second, 2 * second - 1), 5 * second - 1);
  EXPECT_EQ(jittered_ns(4 * second, 2 * second), 3 * second);
  for (const uint64_t random : {uint64_t{1}, UINT64_MAX, UINT64_MAX / 3}) {
    EXPECT_GE(jittered_ns(32 * second, random), 24 * second);
    EXPECT_LT(jittered_ns(32 * second, random), 40 * second);
  }
}

TEST(SdkBackoff, GrowsWithEachFailureAndStartsAnewAfterASuccess) {
  backoff pause;
  EXPECT_EQ(pause.fail(0), 3 * second / 4);
  EXPECT_EQ(pause.fail(0), 3 * second / 2);
  EXPECT_EQ(pause.failures(), 2u);
  pause.succeed();
  EXPECT_EQ(pause.fail(0), 3 * second / 4);
  for (int i = 0; i < 1'000; ++i) pause.fail(0); // the count does not wrap around
  EXPECT_EQ(pause.fail(0), 24 * second);
}

struct SdkLineRetries : ::testing::Test {
  uint64_t due_in(uint32_t timer) {
    const auto found = host.timers.find(timer);
    return found == host.timers.end() ? 0 : found->second - host.now_ns;
  }
  testing::recording_host host;
  line_retries<3> retries{host.host(), 64};
};

TEST_F(SdkLineRetries, ALineThatIsDownIsOpenedAgainAfterAPauseThatGrows) {
  retries.down(1, "b", "cut");
  EXPECT_THAT(host.logs, ElementsAre(Pair(int32_t{TP_LOG_WARNING}, "line b is down, trying again: cut")));
  EXPECT_GE(due_in(65), 3 * second / 4);
  EXPECT_LT(due_in(65), 5 * second / 4);
  for (int i = 0; i < 5; ++i) retries.down(1, "b", "cut");
  EXPECT_GE(due_in(65), 24 * second);
  retries.up(1);
  retries.down(1, "b", "cut");
  EXPECT_LT(due_in(65), 5 * second / 4);
}

TEST_F(SdkLineRetries, ALineThatCannotBeOpenedIsAnErrorAndTriedAgain) {
  retries.refused(0, "a", TP_E_LIMIT);
  EXPECT_THAT(host.logs,
              ElementsAre(Pair(int32_t{TP_LOG_ERROR}, "line a cannot be opened: code " + std::to_string(TP_E_LIMIT))));
  EXPECT_GT(due_in(64), 0u);
}

TEST_F(SdkLineRetries, TimersAndLinesOfOthersAreLeftAlone) {
  EXPECT_EQ(retries.line_of(64), 0u);
  EXPECT_EQ(retries.line_of(66), 2u);
  EXPECT_EQ(retries.line_of(63), std::nullopt);
  EXPECT_EQ(retries.line_of(67), std::nullopt);
  retries.up(3);
  retries.down(3, "x", "cut");
  retries.refused(3, "x", TP_E_LIMIT);
  EXPECT_THAT(host.logs, IsEmpty());
  EXPECT_THAT(host.timers, IsEmpty());
}

TEST_F(SdkLineRetries, AllTimersEndTogether) {
  for (const uint32_t line : {0u, 1u, 2u}) retries.down(line, "x", "cut");
  retries.cancel_all();
  EXPECT_THAT(host.timers, IsEmpty());
}

} // namespace
} // namespace tickplant::sdk
