#include "runtime/tools/conformance/faults.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tickplant::conformance {
namespace {

using sdk::testing::step_kind;

/// Hundred numbered units on each of two lines, a millisecond apart.
tape numbered() {
  tape t;
  for (uint8_t i = 0; i < 100; ++i) {
    for (const char* line : {"a", "b"}) t.steps.push_back({step_kind::unit, 0, line, {i, 1, 2, 3}, 0});
    t.steps.push_back({step_kind::wait, 1'000'000, {}, {}, 0});
  }
  return t;
}

std::vector<int> numbers_of(const tape& t, const std::string& line) {
  std::vector<int> numbers;
  for (const auto& s : t.steps)
    if (s.kind == step_kind::unit && s.line == line) numbers.push_back(s.data.empty() ? -1 : s.data[0]);
  return numbers;
}

uint64_t length_of(const tape& t) {
  uint64_t ns = 0;
  for (const auto& s : t.steps) ns += s.kind == step_kind::wait ? s.ns : 0;
  return ns;
}

TEST(TapeFaults, LoseOnlyOfTheChosenLines) {
  const auto t = lose(numbered(), {"a"}, 0.3, 7);
  EXPECT_EQ(numbers_of(t, "b").size(), 100u);
  EXPECT_GT(numbers_of(t, "a").size(), 50u);
  EXPECT_LT(numbers_of(t, "a").size(), 90u);
  EXPECT_EQ(length_of(t), length_of(numbered()));
  EXPECT_TRUE(numbers_of(lose_line(numbered(), "b"), "b").empty());
}

TEST(TapeFaults, SpareTheLastQuarter) {
  const auto t = spare_the_end(numbered(), [](const tape& begin) { return lose_line(begin, "a"); });
  EXPECT_EQ(numbers_of(t, "b").size(), 100u);
  EXPECT_EQ(numbers_of(t, "a").size(), 25u);
  EXPECT_EQ(numbers_of(t, "a").front(), 75);
  EXPECT_EQ(length_of(t), length_of(numbered()));
}

TEST(TapeFaults, AreTheSameForTheSameSeed) {
  EXPECT_EQ(to_text(lose(numbered(), {"a", "b"}, 0.1, 3)), to_text(lose(numbered(), {"a", "b"}, 0.1, 3)));
  EXPECT_NE(to_text(lose(numbered(), {"a", "b"}, 0.1, 3)), to_text(lose(numbered(), {"a", "b"}, 0.1, 4)));
}

TEST(TapeFaults, ReorderLosesNothing) {
  const auto t = reorder(numbered(), {"a"}, 0.2, 8, 1);
  auto numbers = numbers_of(t, "a");
  EXPECT_FALSE(std::ranges::is_sorted(numbers));
  std::ranges::sort(numbers);
  EXPECT_EQ(numbers, numbers_of(numbered(), "a"));
  EXPECT_TRUE(std::ranges::is_sorted(numbers_of(t, "b")));
}

TEST(TapeFaults, DelayMovesALineAlone) {
  const auto t = delay(numbered(), "b", 2'500'000);
  EXPECT_EQ(numbers_of(t, "a"), numbers_of(numbered(), "a"));
  EXPECT_EQ(numbers_of(t, "b"), numbers_of(numbered(), "b"));
  EXPECT_EQ(t.steps[0].line, "a");
  EXPECT_EQ(t.steps[1].kind, step_kind::wait);
  EXPECT_EQ(length_of(t), 99'000'000u + 2'500'000u); // to the last unit
}

TEST(TapeFaults, DuplicateTruncateAndGarbageChangeWhatTheyShould) {
  EXPECT_GT(numbers_of(duplicate(numbered(), {"a"}, 0.5, 1), "a").size(), 120u);
  const auto cut = truncate(numbered(), {"a"}, 0.5, 1);
  EXPECT_TRUE(std::ranges::any_of(cut.steps, [](const auto& s) { return s.line == "a" && s.data.size() < 4; }));
  EXPECT_TRUE(std::ranges::none_of(cut.steps, [](const auto& s) { return s.line == "b" && s.data.size() < 4; }));
  EXPECT_GT(numbers_of(add_garbage(numbered(), {"b"}, 0.5, 1), "b").size(), 120u);
  EXPECT_EQ(numbers_of(flood(numbered(), {"a"}, 1'000, 1), "a").size(), 1'100u);
}

TEST(TapeFaults, CutAStreamOnce) {
  tape t;
  t.reactions.push_back({"s", false, {}, UINT32_MAX, {{step_kind::bytes, 0, "s", {1, 2, 3, 4, 5, 6, 7, 8}, 0}}, {}});
  t.steps.push_back({step_kind::wait, 1, {}, {}, 0});
  const auto cut = cut_stream(t, "s", 5);
  ASSERT_EQ(cut.reactions.size(), 2u);
  EXPECT_EQ(cut.reactions[0].times, 1u);
  EXPECT_LT(cut.reactions[0].steps[0].data.size(), 8u);
  EXPECT_EQ(cut.reactions[0].steps[1].kind, step_kind::close);
  EXPECT_EQ(cut.reactions[1].steps[0].data.size(), 8u);
}

TEST(TapeFaults, CutAStreamWhereItSpeaksAndNotInAReactionThatNeverTakesPlace) {
  tape t;
  for (int i = 0; i < 100; ++i)
    t.reactions.push_back({"s", false, {i}, UINT32_MAX, {{step_kind::bytes, 0, "s", {1, 2, 3, 4}, 0}}, {}});
  t.steps.push_back({step_kind::wait, 1, {}, {}, 0});
  std::vector<uint32_t> reacted(100);
  reacted[42] = 3;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const auto cut = cut_stream(t, "s", seed, reacted);
    ASSERT_EQ(cut.reactions.size(), 101u);
    EXPECT_EQ(cut.reactions[42].times, 1u);
    EXPECT_EQ(cut.reactions[42].steps.back().kind, step_kind::close);
  }
}

TEST(TapeFaults, ACutReactionIsOneOfTheTimesThatTheTapeGivesIt) {
  tape t;
  t.reactions.push_back({"s", false, {}, 1, {{step_kind::bytes, 0, "s", {1, 2, 3, 4}, 0}}, {}});
  t.reactions.push_back({"s", false, {}, UINT32_MAX, {{step_kind::wait, 1, {}, {}, 0}}, {}});
  t.steps.push_back({step_kind::wait, 1, {}, {}, 0});
  const auto cut = cut_stream(t, "s", 1);
  ASSERT_EQ(cut.reactions.size(), 2u);
  EXPECT_EQ(cut.reactions[0].steps.back().kind, step_kind::close);
  EXPECT_EQ(cut.reactions[1].steps[0].kind, step_kind::wait);
}

TEST(TapeFaults, AnswerFirstOtherwiseThenAsTheTapeSays) {
  tape t;
  t.steps.push_back({step_kind::http, 0, "/depth", {'{', '}'}, 200});
  t.steps.push_back({step_kind::wait, 5'000'000'000, {}, {}, 0});
  const auto changed = answer_first(t, 429, "slow");
  ASSERT_EQ(changed.steps.size(), 3u);
  EXPECT_EQ(changed.steps[0].status, 429);
  EXPECT_EQ(changed.steps[1].kind, step_kind::wait);
  EXPECT_EQ(changed.steps[2].status, 200);
}

} // namespace
} // namespace tickplant::conformance
