#include "runtime/telemetry/sampler.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace tickplant::telemetry {
namespace {

constexpr auto all = std::numeric_limits<uint64_t>::max();

TEST(Sampler, TheEndsAreNoneAndAll) {
  EXPECT_EQ(sample_threshold(0), 0u);
  EXPECT_EQ(sample_threshold(-1), 0u);
  EXPECT_EQ(sample_threshold(std::nan("")), 0u);
  EXPECT_EQ(sample_threshold(1), all);
  EXPECT_EQ(sample_threshold(7), all);
  EXPECT_EQ(sample_threshold(0.5), uint64_t{1} << 63);
  EXPECT_GT(sample_threshold(1e-300), 0u) << "not none";
  sampler chance{1};
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_FALSE(chance.decide(0));
    EXPECT_TRUE(chance.decide(all));
  }
}

TEST(Sampler, TakesItsShare) {
  for (const double share : {0.001, 0.01, 0.25, 0.9}) {
    sampler chance{7};
    const auto threshold = sample_threshold(share);
    constexpr int tries = 1'000'000;
    int taken = 0;
    for (int i = 0; i < tries; ++i) taken += chance.decide(threshold) ? 1 : 0;
    // Five standard deviations: the seed is fixed, so this is decided once and for all.
    EXPECT_NEAR(taken, share * tries, 5 * std::sqrt(tries * share * (1 - share))) << share;
  }
}

TEST(Sampler, IdsAreSetAndDiffer) {
  sampler chance{3};
  std::set<trace_id> traces;
  std::set<span_id> spans;
  for (int i = 0; i < 10'000; ++i) {
    traces.insert(chance.new_trace_id());
    spans.insert(chance.new_span_id());
  }
  EXPECT_EQ(traces.size(), 10'000u);
  EXPECT_EQ(spans.size(), 10'000u);
  EXPECT_FALSE(traces.contains(trace_id{}));
  EXPECT_FALSE(spans.contains(span_id{}));
}

TEST(Sampler, TheSameSeedMakesTheSameIdsAndTheSystemsOthers) {
  EXPECT_EQ(sampler{5}.new_trace_id(), sampler{5}.new_trace_id());
  EXPECT_NE(sampler{5}.new_trace_id(), sampler{6}.new_trace_id());
  EXPECT_NE(sampler{0}.new_trace_id(), trace_id{});
  EXPECT_NE(sampler{}.new_trace_id(), sampler{}.new_trace_id());
}

} // namespace
} // namespace tickplant::telemetry
