#include "runtime/policy/principal_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tickplant::policy {
namespace {

TEST(PrincipalTable, RefusesTheConnectionAboveTheLimitUntilOneLeaves) {
  principal_table table;
  auto first = table.enter("a", 2);
  auto second = table.enter("a", 2);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(table.enter("a", 2));
  EXPECT_TRUE(table.enter("b", 2)); // leaves at once
  first = {};
  EXPECT_EQ(table.connections_of("a"), 1u);
  EXPECT_TRUE(table.enter("a", 2));
  EXPECT_EQ(table.count().refused, 1u);
}

TEST(PrincipalTable, KeepsNothingOfThoseWhoLeft) {
  principal_table table;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(table.enter(std::to_string(i), 1));
  EXPECT_EQ(table.count().subjects, 0u);
  EXPECT_EQ(table.count().connections, 0u);
}

TEST(PrincipalTable, IsBoundedInSubjects) {
  principal_table table{1};
  const auto first = table.enter("a", 5);
  EXPECT_FALSE(table.enter("b", 5));
  EXPECT_TRUE(table.enter("a", 5));
}

TEST(PrincipalTable, TicketsMoveAndOutliveTheTable) {
  principal_table::ticket kept;
  {
    principal_table table;
    auto made = table.enter("a", 1);
    kept = std::move(made);
    EXPECT_FALSE(made); // NOLINT: the moved-from state is what is tested
    EXPECT_EQ(table.connections_of("a"), 1u);
  }
  EXPECT_TRUE(kept);
}

TEST(PrincipalTable, HoldsItsLimitAmongThreads) {
  principal_table table;
  std::atomic<int> now = 0, most = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const auto ticket = table.enter("a", 2);
        if (!ticket) continue;
        const int have = ++now;
        for (int seen = most; have > seen && !most.compare_exchange_weak(seen, have);) {
        }
        --now;
      }
    });
  for (auto& each : threads) each.join();
  EXPECT_LE(most, 2);
  EXPECT_EQ(table.count().connections, 0u);
}

} // namespace
} // namespace tickplant::policy
