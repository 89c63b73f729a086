#include "runtime/supervision/line_groups.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace tickplant::supervision;

namespace {

constexpr auto primary = line_group::primary, backup = line_group::backup;

line_groups with(way_back back) {
  return line_groups{{true, 2, back, 60s}};
}
/// Started and failed so often; the group of the next start.
line_group after_failures(line_groups& groups, int count) {
  for (int i = 0; i < count; ++i) {
    groups.choose();
    groups.ended(true);
  }
  return groups.choose();
}

TEST(LineGroups, KnowsOnlyThePrimaryWithoutABackup) {
  line_groups groups{{}};
  EXPECT_EQ(after_failures(groups, 10), primary);
  groups.gave_up();
  EXPECT_EQ(groups.choose(), primary);
  EXPECT_FALSE(groups.use(backup));
  EXPECT_TRUE(groups.use(primary));
}

TEST(LineGroups, TakesTheBackupAfterFailuresInARow) {
  auto groups = with(way_back::by_operator);
  EXPECT_EQ(after_failures(groups, 1), primary);
  groups.forget_failures(); // it was well for a while
  groups.ended(true);
  EXPECT_EQ(groups.choose(), primary);
  groups.ended(true);
  EXPECT_EQ(groups.choose(), backup);
  EXPECT_EQ(groups.switches(), 1u);
}

TEST(LineGroups, TakesTheBackupWhenTheBreakerOpens) {
  auto groups = with(way_back::by_operator);
  groups.choose();
  groups.ended(true);
  groups.gave_up();
  groups.gave_up();
  EXPECT_EQ(groups.choose(), backup);
}

TEST(LineGroups, GoesBackAtTheNextRestart) {
  auto groups = with(way_back::restart);
  ASSERT_EQ(after_failures(groups, 2), backup);
  groups.ended(true);
  EXPECT_EQ(groups.choose(), primary);
}

TEST(LineGroups, GoesBackAfterATimeOfHealth) {
  auto groups = with(way_back::after);
  EXPECT_FALSE(groups.is_return_due(1h)) << "it is there";
  ASSERT_EQ(after_failures(groups, 2), backup);
  EXPECT_FALSE(groups.is_return_due(59s));
  EXPECT_TRUE(groups.is_return_due(60s));
  groups.ended(true);
  EXPECT_EQ(groups.choose(), backup) << "a death alone is no reason";
}

TEST(LineGroups, StaysUntilAnOperatorSaysSo) {
  auto groups = with(way_back::by_operator);
  ASSERT_EQ(after_failures(groups, 2), backup);
  groups.ended(false);
  EXPECT_EQ(groups.choose(), backup);
  EXPECT_FALSE(groups.is_return_due(24h));
  EXPECT_TRUE(groups.use(primary));
  groups.ended(false);
  EXPECT_EQ(groups.choose(), primary);
}

TEST(LineGroups, AlternatesWhileBothFail) {
  auto groups = with(way_back::by_operator);
  ASSERT_EQ(after_failures(groups, 2), backup);
  groups.ended(true);
  EXPECT_EQ(groups.choose(), backup);
  groups.ended(true);
  EXPECT_EQ(groups.choose(), primary);
  EXPECT_EQ(groups.switches(), 2u);
}

} // namespace
