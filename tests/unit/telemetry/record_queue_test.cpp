#include "runtime/telemetry/record_queue.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace tickplant::telemetry {
namespace {

TEST(RecordQueue, KeepsTheOrderAndRefusesWhenFull) {
  record_queue<int> queue{3};
  ASSERT_EQ(queue.capacity(), 4u) << "a power of two";
  int got = 0;
  EXPECT_FALSE(queue.pop(got));
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(queue.push(10 * round + i));
    EXPECT_FALSE(queue.push(99));
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(queue.pop(got));
      EXPECT_EQ(got, 10 * round + i);
    }
    EXPECT_FALSE(queue.pop(got));
  }
}

TEST(RecordQueue, ManyProducersLoseNothingThatWasTaken) {
  struct item {
    int producer, number;
  };
  constexpr int producers = 3, items = 30'000;
  record_queue<item> queue{64};
  std::array<std::vector<int>, producers> taken;
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int p = 0; p < producers; ++p)
    threads.emplace_back([&, p] {
      for (int i = 0; i < items; ++i)
        if (queue.push({p, i})) taken[static_cast<size_t>(p)].push_back(i);
      ++done;
    });
  std::array<std::vector<int>, producers> got;
  for (item next{};;) {
    const bool is_over = done == producers;
    bool any = false;
    while (queue.pop(next)) {
      got[static_cast<size_t>(next.producer)].push_back(next.number);
      any = true;
    }
    if (is_over && !any) break;
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(got, taken);
}

} // namespace
} // namespace tickplant::telemetry
