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

/// protocol.md 7.6, 4102: refuse the newest or close the oldest, by config.
TEST(PrincipalTable, TheOldestGivesWayWhereThatIsWanted) {
  principal_table table;
  std::vector<int> sent_away;
  const auto enter = [&](int number) {
    return table.enter("a", 2, [&sent_away, number] { sent_away.push_back(number); });
  };
  auto first = enter(1), second = enter(2);
  EXPECT_TRUE(sent_away.empty());
  auto third = enter(3);
  EXPECT_TRUE(third);
  EXPECT_EQ(sent_away, (std::vector<int>{1}));
  auto fourth = enter(4); // the first one has not gone yet, and gives no place twice
  EXPECT_TRUE(fourth);
  EXPECT_EQ(sent_away, (std::vector<int>{1, 2}));
  first = {};
  second = {};
  EXPECT_EQ(table.connections_of("a"), 2u);
  third = {};
  auto fifth = enter(5);
  EXPECT_EQ(sent_away.size(), 2u) << "there was room";
  EXPECT_EQ(table.count().sent_away, 2u);
  EXPECT_EQ(table.count().refused, 0u);
}

TEST(PrincipalTable, NobodyIsSentAwayWhoDoesNotGiveWay) {
  principal_table table;
  bool was_sent = false;
  const auto staying = table.enter("a", 1);
  EXPECT_FALSE(table.enter("a", 1, [&] { was_sent = true; })) << "the one that is there came under another rule";
  const auto other = table.enter("b", 1, [&] { was_sent = true; });
  EXPECT_FALSE(table.enter("b", 1)) << "the new one does not ask for it";
  EXPECT_FALSE(table.enter("c", 0, [&] { was_sent = true; }));
  EXPECT_FALSE(was_sent);
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
