#include "support.hpp"

namespace tickplant::net {

namespace {

using testing::ElementsAre;

constexpr uint64_t hour = 3'600'000'000'000;

class Timers : public lines_test {};

TEST_F(Timers, FireOnceInTheOrderOfTheirTimes) {
  start();
  lines->set_timer(1, 3'000'000);
  lines->set_timer(2, 1'000'000);
  lines->set_timer(3, 2'000'000);
  EXPECT_TRUE(sink.timers.empty());
  ASSERT_TRUE(run_until([&] { return sink.timers.size() == 3; }));
  EXPECT_THAT(sink.timers, ElementsAre(2u, 3u, 1u));
  settle();
  EXPECT_EQ(sink.timers.size(), 3u);
}

TEST_F(Timers, FireNotBeforeTheirTime) {
  start();
  const auto begin = monotonic_now_ns();
  lines->set_timer(1, 20'000'000);
  ASSERT_TRUE(run_until([&] { return !sink.timers.empty(); }));
  EXPECT_GE(monotonic_now_ns() - begin, 20'000'000u);
}

TEST_F(Timers, MoveBackAndForth) {
  start();
  lines->set_timer(1, 1'000'000);
  lines->set_timer(1, hour);
  lines->set_timer(2, hour);
  lines->set_timer(2, 1'000'000);
  ASSERT_TRUE(run_until([&] { return !sink.timers.empty(); }));
  EXPECT_THAT(sink.timers, ElementsAre(2u));
  lines->set_timer(1, 0);
  ASSERT_TRUE(run_until([&] { return sink.timers.size() == 2; }));
  EXPECT_THAT(sink.timers, ElementsAre(2u, 1u));
}

TEST_F(Timers, CanBeTurnedOff) {
  start();
  lines->set_timer(1, 0);
  lines->set_timer(2, 0);
  lines->set_timer(1, UINT64_MAX);
  lines->set_timer(3, UINT64_MAX);
  lines->set_timer(4, UINT64_MAX - 1);
  ASSERT_TRUE(run_until([&] { return !sink.timers.empty(); }));
  settle();
  EXPECT_THAT(sink.timers, ElementsAre(2u));
}

TEST_F(Timers, ACallbackMayStopOneThatIsDueAsWell) {
  start();
  sink.when_timer = [&](uint32_t id) {
    if (id == 1) lines->set_timer(2, UINT64_MAX);
  };
  lines->set_timer(1, 0);
  lines->set_timer(2, 0);
  lines->set_timer(3, 0);
  ASSERT_TRUE(run_until([&] { return sink.timers.size() == 2; }));
  settle();
  EXPECT_THAT(sink.timers, ElementsAre(1u, 3u));
}

TEST_F(Timers, OneThatSetsItselfToZeroLetsTheLoopGoOn) {
  start();
  sink.when_timer = [&](uint32_t id) { lines->set_timer(id, 0); };
  lines->set_timer(1, 0);
  bool other = false;
  ASSERT_TRUE(run_until([&] { return sink.timers.size() == 1; }));
  loop.post([&] { other = true; });
  ASSERT_TRUE(run_until([&] { return other; }));
  EXPECT_LT(sink.timers.size(), 10u);
  ASSERT_TRUE(run_until([&] { return sink.timers.size() >= 100; }));
}

TEST_F(Timers, AreBoundedInNumber) {
  start();
  for (uint32_t id = 0; id < timer_limit; ++id) lines->set_timer(id, hour);
  lines->set_timer(5000, 0);
  EXPECT_TRUE(has_log("timer 5000 not set"));
  // A timer that is off makes room.
  lines->set_timer(17, UINT64_MAX);
  lines->set_timer(5001, 0);
  ASSERT_TRUE(run_until([&] { return !sink.timers.empty(); }));
  EXPECT_THAT(sink.timers, ElementsAre(5001u));
}

} // namespace
} // namespace tickplant::net
