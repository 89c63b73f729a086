// Collectors that are dead, slow or broken: producers notice nothing, drops are counted, memory and waits are bounded.
#include "collector.hpp"
#include "runtime/telemetry/log.hpp"
#include "spans.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace tickplant::telemetry::testing {
namespace {

using namespace std::chrono_literals;
using manner = collector::manner;
using clock = std::chrono::steady_clock;

class OtlpFaults : public ::testing::Test {
protected:
  void SetUp() override { set_log_level(level::off); } // the faults are meant
  void TearDown() override { set_log_level(level::info); }

  static void record(tracer& traces, int count) {
    sampler ids{9};
    for (int i = 0; i < count; ++i) traces.record(root(ids));
  }
  static void expect_all_failed(tracer& traces, uint64_t count) {
    const auto counted = traces.counters();
    EXPECT_EQ(counted.recorded, count);
    EXPECT_EQ(counted.failed_export, count);
    EXPECT_EQ(counted.exported, 0u);
  }
};

class FailingCollector : public OtlpFaults, public ::testing::WithParamInterface<manner> {};

TEST_P(FailingCollector, IsCountedAndTheProcessGoesOn) {
  collector bad{GetParam()};
  tracer traces{options_for(bad.url())};
  record(traces, 10);
  ASSERT_TRUE(traces.flush(patience));
  expect_all_failed(traces, 10);
  EXPECT_EQ(bad.requests().size(), 1u) << "asked once";
  record(traces, 5);
  ASSERT_TRUE(traces.flush(patience));
  expect_all_failed(traces, 15);
}

INSTANTIATE_TEST_SUITE_P(OtlpFaults, FailingCollector,
                         ::testing::Values(manner::fails, manner::unavailable, manner::garbage, manner::hangs_up));

TEST_F(OtlpFaults, ADeadCollectorIsCounted) {
  const closed_port nobody;
  tracer traces{options_for(nobody.url())};
  record(traces, 10);
  ASSERT_TRUE(traces.flush(patience));
  expect_all_failed(traces, 10);
}

TEST_F(OtlpFaults, AHangingCollectorEndsWithTheTimeout) {
  collector hanging{manner::hangs};
  tracer traces{options_for(hanging.url(), 200ms)};
  record(traces, 3);
  ASSERT_TRUE(traces.flush(patience));
  expect_all_failed(traces, 3);
}

TEST_F(OtlpFaults, AFullQueueDropsAndCountsWhileTheCollectorHangs) {
  collector hanging{manner::hangs};
  auto options = options_for(hanging.url());
  options.queue = 64;
  tracer traces{options};
  record(traces, 1);
  ASSERT_TRUE(hanging.wait_for_requests(1)) << "the thread is busy from here on";
  record(traces, 1'000);
  const auto counted = traces.counters();
  EXPECT_EQ(counted.recorded, 65u);
  EXPECT_EQ(counted.dropped_queue, 936u);
}

TEST_F(OtlpFaults, TheDestructorWaitsNoLongerThanItSays) {
  collector hanging{manner::hangs};
  auto traces = std::make_unique<tracer>(options_for(hanging.url()));
  record(*traces, 2'000);
  ASSERT_TRUE(hanging.wait_for_requests(1));
  const auto begin = clock::now();
  traces.reset();
  // The bound, and room for a busy machine; eight batches would have taken 12 s.
  EXPECT_LT(clock::now() - begin, 2 * tracer::most_shutdown);
}

TEST_F(OtlpFaults, TheDestructorOfADeadCollectorIsQuick) {
  const closed_port nobody;
  const auto begin = clock::now();
  {
    tracer traces{options_for(nobody.url())};
    record(traces, 4'000);
  }
  EXPECT_LT(clock::now() - begin, 5s);
}

TEST_F(OtlpFaults, ACollectorThatComesBackGetsSpansAgain) {
  collector bad{manner::fails}, good{manner::good};
  tracer traces{options_for(bad.url())};
  record(traces, 4);
  ASSERT_TRUE(traces.flush(patience));
  traces.configure(options_for(good.url()));
  ASSERT_TRUE(traces.flush(patience));
  record(traces, 6);
  ASSERT_TRUE(traces.flush(patience));
  EXPECT_EQ(traces.counters().failed_export, 4u);
  EXPECT_EQ(traces.counters().exported, 6u);
}

TEST_F(OtlpFaults, AFailureIsAskedAgainAfterAWhile) {
  collector bad{manner::unavailable};
  tracer traces{options_for(bad.url())};
  record(traces, 1);
  ASSERT_TRUE(bad.wait_for_requests(1));
  record(traces, 1);
  ASSERT_TRUE(bad.wait_for_requests(2)) << "without flush: the back-off has an end";
}

TEST_F(OtlpFaults, TheLogTellsOnceThatACollectorFails) {
  collector bad{manner::fails};
  configure_log({.rate = 0});
  ::testing::internal::CaptureStderr();
  {
    tracer traces{options_for("http://user:secret@127.0.0.1:" + std::to_string(bad.port()))};
    for (int i = 0; i < 3; ++i) {
      record(traces, 1);
      ASSERT_TRUE(traces.flush(patience));
    }
  }
  const auto said = ::testing::internal::GetCapturedStderr();
  configure_log({});
  size_t lines = 0;
  for (size_t at = said.find("takes no spans"); at != said.npos; at = said.find("takes no spans", at + 1)) ++lines;
  EXPECT_EQ(lines, 1u) << said;
  EXPECT_EQ(said.find("secret"), said.npos) << said;
}

} // namespace
} // namespace tickplant::telemetry::testing
