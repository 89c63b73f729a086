#include "runtime/supervision/line_health.hpp"

#include <gmock/gmock.h>

using namespace std::chrono_literals;
using namespace tickplant::supervision;
using testing::HasSubstr;
using state = line_health::line_state;

namespace {

TEST(LineHealth, IsWellWithoutLiveLines) {
  line_health lines{{30s, 10s}};
  EXPECT_TRUE(lines.is_well());
  EXPECT_EQ(lines.problem(24h), "");
  lines.changed(3, state::down, 1s); // nobody said that it is live
  EXPECT_TRUE(lines.is_well());
}

TEST(LineHealth, TellsThatNoLineHasBeenUpForTooLong) {
  line_health lines{{30s, 0s}};
  lines.opened(1, 10s);
  lines.opened(2, 15s);
  EXPECT_FALSE(lines.is_well());
  EXPECT_EQ(lines.problem(39s), "");
  EXPECT_THAT(lines.problem(40s), HasSubstr("no live line has been up for 30 s"));
  lines.changed(2, state::up, 41s);
  EXPECT_EQ(lines.problem(100s), "");
  EXPECT_TRUE(lines.is_well()) << "one of two is enough";
}

TEST(LineHealth, CountsFromTheLastLineThatWentDown) {
  line_health lines{{30s, 0s}};
  for (const uint32_t line : {1u, 2u}) {
    lines.opened(line, 0s);
    lines.changed(line, state::up, 0s);
  }
  lines.changed(1, state::down, 10s);
  EXPECT_EQ(lines.problem(100s), "");
  lines.changed(2, state::down, 100s);
  lines.opened(1, 110s); // a try that fails again does not begin the time anew
  lines.changed(1, state::down, 111s);
  EXPECT_EQ(lines.problem(129s), "");
  EXPECT_NE(lines.problem(130s), "");
}

TEST(LineHealth, ForgetsFailedLinesWhenAnotherComesUp) {
  line_health lines{{30s, 0s}};
  lines.opened(1, 0s);
  lines.changed(1, state::down, 1s);
  lines.opened(7, 2s);
  lines.changed(7, state::up, 3s);
  lines.closed(7); // given up by the plugin: nothing is wanted now
  EXPECT_TRUE(lines.is_well());
  EXPECT_EQ(lines.problem(100s), "");
}

TEST(LineHealth, TakesAFileThatEndedForWell) {
  line_health lines{{30s, 10s}};
  lines.opened(1, 0s);
  lines.changed(1, state::up, 0s);
  lines.changed(1, state::ended, 5s);
  EXPECT_EQ(lines.problem(1h), "");
}

TEST(LineHealth, TellsThatAllLinesAreSilent) {
  line_health lines{{30s, 10s}};
  lines.opened(1, 0s);
  lines.changed(1, state::up, 0s);
  lines.heard(2); // of another role
  EXPECT_EQ(lines.problem(9s), "");
  lines.heard(1);
  EXPECT_EQ(lines.problem(12s), "");
  EXPECT_EQ(lines.problem(21s), "");
  EXPECT_THAT(lines.problem(22s), HasSubstr("nothing has come on any live line for 10 s"));
}

} // namespace
