// Venues on a feed loop of their own, and on the first network loop (`loops.feed: 0`, docs/decisions/0014): for suites
// that hold with both. Their parameter is the number of feed loops.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace tickplant::testing {

using WithFeedLoops = ::testing::TestWithParam<int>;

inline const auto both_feed_loops = ::testing::Values(1, 0);

inline std::string feed_loops_name(const ::testing::TestParamInfo<int>& tested) {
  return tested.param == 0 ? "VenuesOnTheNetworkLoop" : "VenuesOnALoopOfTheirOwn";
}

} // namespace tickplant::testing
