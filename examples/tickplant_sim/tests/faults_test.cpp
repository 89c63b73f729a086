#include "tickplant_sim/fault_rates.hpp"

#include <array>
#include <functional>
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
    faults.pass(packet, steady_time{}, keep);
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
  const line_fault_rates all{.loss = 0.1, .duplicate = 0.1, .reorder = 0.1, .truncate = 0.1};
  EXPECT_EQ(run(all, 5).out, run(all, 5).out);
  EXPECT_NE(run(all, 5).out, run(all, 6).out);
}

TEST(LineFaults, LoseEverythingAtCertainty) {
  EXPECT_TRUE(run({.loss = 1}, 7).out.empty());
}

/// One packet a millisecond; what leaves, with the time.
std::vector<std::pair<int, int>> run_by_the_clock(const line_fault_rates& rates, const run_state& state, int packets,
                                                  const std::function<void(int)>& at_time = {}) {
  line_faults faults{rates, 11, state};
  std::vector<std::pair<int, int>> out;
  int now = 0;
  const auto keep = [&](std::span<const std::uint8_t> p) { out.emplace_back(now, p[0] << 8 | p[1]); };
  for (; now < packets; ++now) {
    if (at_time) at_time(now);
    const std::array<std::uint8_t, 2> packet{static_cast<std::uint8_t>(now >> 8), static_cast<std::uint8_t>(now)};
    faults.pass(packet, steady_time{} + std::chrono::milliseconds{now}, keep);
  }
  return out;
}

TEST(LineFaults, RunALineLateInItsOrder) {
  const auto out = run_by_the_clock({.late = std::chrono::milliseconds{20}}, always_running, 1'000);
  ASSERT_EQ(out.size(), 980u);
  for (const auto& [time, index] : out) ASSERT_EQ(time, index + 20);
}

TEST(LineFaults, FallSilentForAWhileNowAndThen) {
  const auto out =
    run_by_the_clock({.silence = 0.3, .silence_length = std::chrono::milliseconds{1'500}}, always_running, 60'000);
  int silences = 0;
  for (std::size_t i = 1; i < out.size(); ++i) {
    const int pause = out[i].first - out[i - 1].first;
    if (pause == 1) continue;
    ++silences;
    // A silence may be followed by the next one at its end.
    EXPECT_GE(pause, 1'500);
    EXPECT_LE(pause % 1'500, 1'001);
  }
  EXPECT_GT(silences, 5);
  EXPECT_LT(silences, 20);
}

TEST(LineFaults, RestAndLetHeldPacketsGoWhileFrozen) {
  run_state state;
  const auto out = run_by_the_clock({.loss = 0.5, .reorder = 0.5, .late = std::chrono::milliseconds{50}}, state, 3'000,
                                    [&state](int now) { state.frozen = now >= 1'000 && now < 2'000; });
  std::set<int> passed;
  for (const auto& [time, index] : out) {
    if (index < 1'000) {
      EXPECT_LE(time, 1'000);
    }
    if (index < 1'000 || index >= 2'000) continue;
    EXPECT_EQ(time, index);
    passed.insert(index);
  }
  EXPECT_EQ(passed.size(), 1'000u);
}

TEST(ChannelFaults, RestartInTheirTimeAndNotWhileFaultsRest) {
  run_state state;
  channel_faults faults{{.unknown = 0.25, .reset_every = std::chrono::milliseconds{100}}, 3, state};
  const auto at = [](int ms) { return steady_time{} + std::chrono::milliseconds{5'000 + ms}; };
  EXPECT_FALSE(faults.resets(at(0)));
  EXPECT_FALSE(faults.resets(at(99)));
  EXPECT_TRUE(faults.resets(at(100)));
  EXPECT_FALSE(faults.resets(at(150)));
  state.faults_on = false;
  EXPECT_FALSE(faults.resets(at(260)));
  EXPECT_FALSE(faults.adds_unknown());
  state.faults_on = true;
  EXPECT_TRUE(faults.resets(at(270)));
  for (int i = 0; i < 10'000; ++i) faults.adds_unknown();
  EXPECT_NEAR(static_cast<double>(faults.counts().unknown), 2'500, 200);
  EXPECT_EQ(faults.counts().resets, 2u);
}

TEST(ServiceFaults, HappenAtTheirRatesAndAreRepeatedByTheSameSeed) {
  const service_fault_rates rates{.refuse = 0.2, .cut = 0.1, .stale = 0.3, .delay = std::chrono::milliseconds{40}};
  service_faults one{rates, 5}, same{rates, 5};
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(one.refuses(), same.refuses());
    const auto kept = one.cut(30);
    ASSERT_EQ(kept, same.cut(30));
    if (kept) {
      ASSERT_TRUE(*kept >= 1 && *kept < 30);
    }
    ASSERT_FALSE(one.cut(1).has_value() || same.cut(1).has_value());
    ASSERT_EQ(one.gives_stale(), same.gives_stale());
    const auto wait = one.delay();
    ASSERT_EQ(wait, same.delay());
    ASSERT_TRUE(wait.count() >= 20 && wait.count() <= 60);
  }
  EXPECT_NEAR(static_cast<double>(one.counts().refused), 2'000, 200);
  EXPECT_NEAR(static_cast<double>(one.counts().cut), 1'000, 150);
  EXPECT_NEAR(static_cast<double>(one.counts().stale), 3'000, 250);
  EXPECT_EQ(one.counts().delayed, 10'000u);
}

TEST(ServiceFaults, RestWhileFrozen) {
  run_state state;
  state.frozen = true;
  service_faults faults{{.refuse = 1, .cut = 1, .stale = 1, .delay = std::chrono::milliseconds{40}}, 5, state};
  EXPECT_FALSE(faults.refuses() || faults.cut(100) || faults.gives_stale());
  EXPECT_EQ(faults.delay().count(), 0);
}

} // namespace
} // namespace tickplant::sim
