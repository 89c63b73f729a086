#include "tickplant_sim/faults.hpp"

#include <gtest/gtest.h>
#include <set>

namespace tickplant::sim {
namespace {

struct run_result {
  std::vector<std::vector<std::uint8_t>> out;
  line_fault_counts counts;
};

run_result run(const line_fault_rates& rates, std::uint64_t seed, std::uint32_t packets = 20'000) {
  line_faults faults{rates, seed};
  run_result result;
  const auto keep = [&](std::span<const std::uint8_t> p) { result.out.emplace_back(p.begin(), p.end()); };
  for (std::uint32_t i = 0; i < packets; ++i) {
    const std::vector<std::uint8_t> packet{static_cast<std::uint8_t>(i >> 16),
                                           static_cast<std::uint8_t>(i >> 8),
                                           static_cast<std::uint8_t>(i),
                                           0,
                                           0,
                                           0,
                                           0,
                                           0,
                                           0,
                                           0};
    faults.pass(packet, keep);
  }
  faults.release_all(keep);
  result.counts = faults.counts();
  return result;
}

int index_of(const std::vector<std::uint8_t>& p) {
  return p[0] << 16 | p[1] << 8 | p[2];
}

TEST(LineFaults, PassEverythingInOrderWithoutRates) {
  const auto result = run({}, 1);
  ASSERT_EQ(result.out.size(), 20'000u);
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(index_of(result.out[static_cast<std::size_t>(i)]), i);
}

TEST(LineFaults, LoseAndDuplicateAtTheirRates) {
  const auto lost = run({.loss = 0.1}, 2);
  EXPECT_NEAR(static_cast<double>(lost.counts.lost), 2'000, 150);
  EXPECT_EQ(lost.out.size(), 20'000 - lost.counts.lost);
  const auto twice = run({.duplicate = 0.05}, 2);
  EXPECT_NEAR(static_cast<double>(twice.counts.duplicated), 1'000, 120);
  EXPECT_EQ(twice.out.size(), 20'000 + twice.counts.duplicated);
}

TEST(LineFaults, ReorderWithinEightPacketsAndLoseNothing) {
  const auto result = run({.reorder = 0.1}, 3);
  EXPECT_NEAR(static_cast<double>(result.counts.reordered), 2'000, 200);
  ASSERT_EQ(result.out.size(), 20'000u);
  std::set<int> seen;
  int displaced = 0;
  for (int i = 0; i < 20'000; ++i) {
    const int index = index_of(result.out[static_cast<std::size_t>(i)]);
    seen.insert(index);
    displaced += index != i ? 1 : 0;
    ASSERT_LE(std::abs(index - i), 9);
  }
  EXPECT_EQ(seen.size(), 20'000u);
  EXPECT_GT(displaced, 2'000);
}

TEST(LineFaults, TruncateToAtLeastOneByte) {
  const auto result = run({.truncate = 0.2}, 4);
  std::size_t cut = 0;
  for (const auto& p : result.out) {
    ASSERT_GE(p.size(), 1u);
    cut += p.size() < 10 ? 1 : 0;
  }
  EXPECT_EQ(cut, result.counts.truncated);
  EXPECT_NEAR(static_cast<double>(cut), 4'000, 250);
}

TEST(LineFaults, RepeatWithTheSameSeedOnly) {
  const line_fault_rates all{0.1, 0.1, 0.1, 0.1};
  EXPECT_EQ(run(all, 5).out, run(all, 5).out);
  EXPECT_NE(run(all, 5).out, run(all, 6).out);
}

TEST(LineFaults, LoseEverythingAtCertainty) {
  EXPECT_TRUE(run({.loss = 1}, 7).out.empty());
}

} // namespace
} // namespace tickplant::sim
