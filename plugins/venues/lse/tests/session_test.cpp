// Every row of section E of the notes: faults of the lines and what becomes of them (S0-53).
#include "feed_builder.hpp"

namespace tickplant::lse::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

bytes order(uint64_t n) {
  return add(101, n, 'B', 1, one);
}

struct Session : ::testing::Test {
  world w;
  void SetUp() override {
    auto all = opening(2);
    all.push_back(order(5));
    w.a(unit(1, all));
    w.b(unit(1, all));
    w.forget();
  }
};

TEST_F(Session, BeginsLiveFromNumberOne) {
  world fresh;
  fresh.a(unit(1, opening(1)));
  ASSERT_EQ(fresh.host.streams.size(), 1u);
  EXPECT_EQ(fresh.host.streams[0].state, TP_STREAM_LIVE);
  EXPECT_EQ(fresh.host.streams[0].from, 1u);
}

TEST_F(Session, LossOnOneLineIsFilledByTheOther) {
  w.a(unit(6, {order(6)}));
  w.a(unit(8, {order(8)}));
  EXPECT_THAT(w.sequences(), ElementsAre(6));
  w.b(unit(6, {order(6)}));
  w.b(unit(7, {order(7)}));
  w.pass(50 * ms);
  EXPECT_THAT(w.sequences(), ElementsAre(6, 7, 8));
  EXPECT_THAT(w.host.streams, IsEmpty());
  EXPECT_THAT(w.host.sent, IsEmpty());
  EXPECT_EQ(w.counted("line.a.gaps"), 1u);
  EXPECT_EQ(w.counted("gaps.seen"), 0u);
}

TEST_F(Session, LossOnBothIsAskedForByReplayWhileEverythingIsStale) {
  w.a(unit(9, {order(9), order(10)}));
  w.pass(5 * ms);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_GAP, TP_STREAM_SILENT));
  EXPECT_EQ(w.host.streams[0].from, 6u);
  EXPECT_EQ(w.host.streams[0].to, 8u);
  EXPECT_EQ(w.counted("gaps.seen"), 1u);
  w.log_in("replay");
  ASSERT_EQ(w.sent(0x03).size(), 1u);
  EXPECT_EQ(w.sent(0x03)[0], bytes(mitch_message(0x03).c('A').n(6, 4).n(3, 2)));
  w.a(unit(11, {order(11)})); // the flow goes on, and is kept
  EXPECT_THAT(w.host.events, IsEmpty());
  w.answer("replay", replay_response(6, 3, 'A') + unit(6, {order(6)}) + unit(7, {order(7), order(8)}));
  EXPECT_THAT(w.sequences(), ElementsAre(6, 7, 8, 9, 10, 11));
  EXPECT_EQ(w.counted("gaps.filled"), 1u);
  EXPECT_EQ(w.counted("replay.messages"), 3u);
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
}

TEST_F(Session, AHeartbeatTellsOfALossAtTheEnd) {
  w.a(heartbeat(8));
  w.b(heartbeat(8));
  w.pass(5 * ms);
  EXPECT_THAT(w.states(), Contains(TP_STREAM_GAP));
  w.log_in("replay");
  EXPECT_EQ(w.sent(0x03).at(0), bytes(mitch_message(0x03).c('A').n(6, 4).n(2, 2)));
}

TEST_F(Session, DuplicatesAndOverlapsAreDropped) {
  w.a(unit(6, {order(6), order(7)}));
  w.b(unit(6, {order(6), order(7), order(8)}));
  EXPECT_THAT(w.sequences(), ElementsAre(6, 7, 8));
  EXPECT_EQ(w.counted("duplicates"), 5u + 2u);
}

TEST_F(Session, OutOfOrderUnitsAreSorted) {
  for (const uint64_t n : {8, 6, 9, 7}) w.a(unit(n, {order(n)}));
  w.pass(50 * ms);
  EXPECT_THAT(w.sequences(), ElementsAre(6, 7, 8, 9));
  EXPECT_THAT(w.host.streams, IsEmpty());
}

TEST_F(Session, UnknownTypesUseANumber) {
  w.a(unit(6, {mitch_message('?').n(0, 8), order(7)}));
  EXPECT_THAT(w.sequences(), ElementsAre(7));
  EXPECT_THAT(w.host.streams, IsEmpty());
}

TEST_F(Session, BrokenPacketsLoseNothingElse) {
  auto broken = unit(6, {order(6)});
  broken[8] = 200; // its message runs past the end
  w.a(broken);
  w.a(bytes{1, 2, 3});
  auto cut = unit(6, {order(6)});
  cut.pop_back();
  w.a(cut);
  w.packet(world::a_line, unit(6, {order(6)}), TP_UNIT_TRUNCATED);
  EXPECT_EQ(w.counted("malformed"), 4u);
  EXPECT_THAT(w.host.events, IsEmpty());
  w.b(unit(6, {order(6)}));
  EXPECT_THAT(w.sequences(), ElementsAre(6));
}

TEST_F(Session, OfTwoUnitsInADatagramTheFirstCounts) {
  w.a(unit(6, {order(6)}) + unit(7, {order(7)}));
  EXPECT_THAT(w.sequences(), ElementsAre(6));
  EXPECT_EQ(w.counted("trailing"), 1u);
}

TEST_F(Session, OtherGroupsAreForeign) {
  w.a(unit(6, {order(6)}, 'B'));
  EXPECT_EQ(w.counted("foreign"), 1u);
  EXPECT_THAT(w.host.events, IsEmpty());
}

TEST_F(Session, RestartAtTheDaysBeginningIsCompleteAgain) {
  w.a(unit(6, {order(6)}));
  w.forget();
  w.a(unit(1, opening(3)));
  w.a(unit(6, {order(61)}));
  EXPECT_THAT(w.host.streams, IsEmpty()); // not yet believed
  w.pass(20 * ms);
  EXPECT_EQ(w.counted("restarts"), 1u);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_RESTARTED, TP_STREAM_LIVE));
  EXPECT_EQ(w.host.streams.back().from, 1u);
  EXPECT_THAT(w.sequences(), ElementsAre(2, 6));
  EXPECT_EQ(w.host.events.back().order, 61u);
}

TEST_F(Session, FailoverInTheMiddleAsksForSnapshots) {
  for (uint64_t n = 6; n < 40; ++n) w.a(unit(n, {order(n)}));
  w.forget();
  w.a(unit(1, {time_message(9 * 3'600), executed(3, 1, 1)}));
  w.b(unit(1, {time_message(9 * 3'600), executed(3, 1, 1)}));
  w.a(unit(3, {executed(4, 1, 2)}));
  w.pass(20 * ms);
  w.a(unit(4, {clear(102), add(102, 90, 'B', 1, one)}));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_RESTARTED));
  EXPECT_TRUE(w.service("recovery"));
  // A clear in the flow makes its book known from there on.
  const auto begin = w.of_kind(TP_EV_SNAPSHOT_BEGIN), end = w.of_kind(TP_EV_SNAPSHOT_END);
  ASSERT_EQ(begin.size(), 1u);
  EXPECT_EQ(begin[0].instrument, 1u);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].sequence, 4u);
}

TEST_F(Session, ASingleOldPacketIsNoRestart) {
  for (uint64_t n = 6; n < 40; ++n) w.a(unit(n, {order(n)}));
  w.forget();
  w.a(unit(1, opening(3)));
  w.pass(20 * ms);
  w.a(unit(40, {order(40)}));
  w.pass(second);
  EXPECT_EQ(w.counted("restarts"), 0u);
  EXPECT_THAT(w.sequences(), ElementsAre(40));
}

TEST_F(Session, ALateLineIsNoRestart) {
  world late;
  for (uint64_t n = 1; n <= 3'000; ++n) late.a(unit(n, {time_message(8 * 3'600)}));
  for (uint64_t n = 1; n <= 1'500; ++n) {
    late.b(unit(n, {time_message(8 * 3'600)}));
    late.pass(ms);
  }
  EXPECT_EQ(late.counted("restarts"), 0u);
  EXPECT_EQ(late.counted("line.b.duplicates"), 1'500u);
}

TEST_F(Session, ClearInTheFlowEmptiesABook) {
  w.a(unit(6, {order(6), clear(101), order(8)}));
  ASSERT_EQ(w.host.events.size(), 3u);
  EXPECT_EQ(w.host.events[1].kind, TP_EV_CLEAR);
  EXPECT_EQ(w.host.events[1].instrument, 0u);
}

TEST_F(Session, SilenceOfBothLinesIsAnAlarmAndOfOneAWarning) {
  for (int i = 0; i < 4; ++i) {
    w.a(heartbeat(6));
    w.pass(second);
  }
  EXPECT_EQ(w.counted("line.b.silent"), 1u);
  EXPECT_THAT(w.host.streams, IsEmpty());
  w.pass(10 * second);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_SILENT));
  w.b(heartbeat(6));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_SILENT, TP_STREAM_LIVE));
}

TEST_F(Session, TheEndOfTheDayMayBeSilent) {
  w.a(unit(6, {system_event('C')}));
  w.pass(60 * second);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_CLOSED));
}

TEST_F(Session, ADayStartMakesLostBooksRightAgain) {
  w.a(unit(6, {modified(1, 1, one, 0)}));
  w.a(unit(70'500, {order(1)}));
  w.a(unit(70'501, {order(2)}));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LOST));
  w.forget();
  w.a(unit(70'502, {system_event('O'), order(3)}));
  const auto end = w.of_kind(TP_EV_SNAPSHOT_END);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].instrument, TP_ALL);
  EXPECT_EQ(end[0].sequence, 70'502u);
  EXPECT_EQ(w.host.events.back().kind, TP_EV_ADD);
}

TEST_F(Session, OneNumberFarAheadIsNotBelieved) {
  w.a(unit(1'000'000, {order(1)}));
  EXPECT_EQ(w.counted("wild"), 1u);
  w.a(unit(6, {order(6)}));
  EXPECT_THAT(w.sequences(), ElementsAre(6));
  EXPECT_THAT(w.host.streams, IsEmpty());
}

TEST_F(Session, ADamagedBookMessageWithoutRecoveryStaysLost) {
  world alone{{"lines.a", "udp://239.1.1.1:1"}};
  alone.a(unit(1, opening(2)));
  alone.a(unit(5, {add(101, 1, '?', 1, one)}));
  EXPECT_THAT(alone.states(0), ElementsAre(TP_STREAM_LOST));
  EXPECT_EQ(alone.venue->resynchronise(0, 0, alone.host.now_ns), TP_E_UNSUPPORTED);
}

TEST_F(Session, LossWithoutServicesIsLostWithTheReason) {
  world alone{{"lines.a", "udp://239.1.1.1:1"}};
  alone.a(unit(1, opening(2)));
  alone.a(unit(8, {order(8)}));
  alone.pass(10 * ms);
  EXPECT_EQ(alone.states().back(), TP_STREAM_LOST);
  EXPECT_THAT(alone.host.streams.back().reason, HasSubstr("lines.replay"));
  EXPECT_EQ(alone.host.events.back().sequence, 8u);
  EXPECT_TRUE(alone.host.events.back().flags & TP_TIME_GUESSED); // a Time message may be among what is missing
}

} // namespace
} // namespace tickplant::lse::testing
