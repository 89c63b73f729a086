#include "runtime/net/client/timer_wheel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace tickplant::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<uint32_t> advance(timer_wheel& wheel, uint32_t now) {
  std::vector<uint32_t> due;
  wheel.advance(now, due);
  return due;
}

TEST(TimerWheel, GivesOutWhatIsDueOnce) {
  timer_wheel wheel;
  wheel.set(3, 2);
  wheel.set(4, 2);
  wheel.set(5, 3);
  EXPECT_THAT(advance(wheel, 1), IsEmpty());
  EXPECT_THAT(advance(wheel, 2), UnorderedElementsAre(3, 4));
  EXPECT_THAT(advance(wheel, 3), ElementsAre(5));
  EXPECT_THAT(advance(wheel, 2'000), IsEmpty());
}

TEST(TimerWheel, SettingAgainMovesAndFarDeadlinesAreLookedAtOncePerRound) {
  timer_wheel wheel;
  wheel.set(1, 5);
  wheel.set(1, 9);
  wheel.set(2, 100'000);
  EXPECT_EQ(wheel.due_of(2), timer_wheel::span);
  EXPECT_THAT(advance(wheel, 8), IsEmpty());
  EXPECT_THAT(advance(wheel, 9), ElementsAre(1));
  EXPECT_THAT(advance(wheel, 600), ElementsAre(2));
  wheel.set(7, 1); // already past: at the next step
  EXPECT_THAT(advance(wheel, 601), ElementsAre(7));
}

TEST(TimerWheel, AgreesWithAPlainTableOverRandomUse) {
  std::mt19937 random{7};
  const auto below = [&](uint32_t limit) { return std::uniform_int_distribution<uint32_t>{0, limit - 1}(random); };
  timer_wheel wheel;
  std::map<uint32_t, uint32_t> table;
  uint32_t now = 0;
  for (int round = 0; round != 200'000; ++round) {
    const uint32_t index = below(300);
    switch (below(8)) {
      case 0:
        wheel.clear(index);
        table.erase(index);
        break;
      case 1: {
        now += below(20) == 0 ? below(1'500) : below(4);
        auto due = advance(wheel, now);
        std::vector<uint32_t> expected;
        for (auto one = table.begin(); one != table.end();)
          if (one->second <= now) {
            expected.push_back(one->first);
            one = table.erase(one);
          } else {
            ++one;
          }
        std::sort(due.begin(), due.end());
        ASSERT_EQ(due, expected) << "round " << round;
        break;
      }
      default: {
        const uint32_t due = now + 1 + below(timer_wheel::span);
        wheel.set(index, due);
        table[index] = due;
      }
    }
  }
}

} // namespace
} // namespace tickplant::net
