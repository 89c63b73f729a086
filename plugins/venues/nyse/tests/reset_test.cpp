// Sequence resets, priming, failover and restarts whose reset was lost (venue facts, sections 3, 6, 10 and 11).
#include "feed_builder.hpp"

namespace tickplant::nyse::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

bytes order(uint32_t n, uint32_t index = 1) {
  return add(index, n, n, 'B', 100, 10'000);
}

TEST(Reset, ActsOnceForBothLines) {
  world w;
  w.a(1, {reset()}, 12);
  w.a(2, {mapping(1, "A"), order(1)});
  w.b(1, {reset()}, 12); // arrives when next is beyond 1 already
  w.b(2, {mapping(1, "A"), order(1)});
  EXPECT_EQ(w.counted("resets"), 1u);
  EXPECT_EQ(w.counted("resets_repeated"), 1u);
  EXPECT_THAT(w.sequences(), ElementsAre(3));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LIVE));
}

TEST(Reset, PrimingWithRepeatedResetsAndHeartbeatsIsOneReset) {
  world w;
  for (uint32_t i = 0; i < 5; ++i) {
    w.both(1, {}, 1);
    w.both(1, {reset(noon_s + i, i)}, 12);
    w.pass(second);
  }
  EXPECT_EQ(w.counted("resets"), 1u);
  w.both(2, {mapping(1, "A")});
  w.b(1, {reset(noon_s + 4, 4)}, 12);
  EXPECT_EQ(w.counted("resets"), 1u);
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_LOST)));
}

TEST(Reset, OfANewDayBeginsEverythingAnew) {
  world w;
  w.connect();
  const uint32_t next = w.open(2);
  w.both(next, {order(2)});
  w.a(next + 5, {order(9)}); // a hole is open
  w.forget();
  w.host.now_ns += 24 * 3600 * second;
  w.both(1, {reset(noon_s + 86'400)}, 12);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_RESTARTED, TP_STREAM_LIVE));
  EXPECT_EQ(w.host.streams[1].from, 1u);
  ASSERT_EQ(w.host.events.size(), 1u);
  EXPECT_EQ(w.host.events[0].kind, TP_EV_CLEAR);
  EXPECT_EQ(w.host.events[0].instrument, TP_ALL);
  w.host.events.clear();
  // The scale of the new day is not known before its message 3.
  w.both(2, {order(1)});
  EXPECT_THAT(w.host.events, IsEmpty());
  w.both(3, {mapping(1, "SYM1", 6), order(2)});
  EXPECT_THAT(w.sequences(), ElementsAre(2, 4));
  EXPECT_EQ(w.host.instruments.size(), 2u); // the same instrument
  w.pass(second);
  EXPECT_EQ(w.counted("gaps.lost"), 0u); // the hole was not yet one
}

// RESTARTED would begin the day's totals anew; an empty picture keeps them.
TEST(Reset, WithinTheDayVoidsBooksButNotStatistics) {
  world w;
  const uint32_t next = w.open(2);
  w.both(next, {order(2)});
  w.forget();
  w.both(1, {reset(noon_s + 60)}, 12);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LOST, TP_STREAM_RENUMBERED, TP_STREAM_LIVE));
  EXPECT_THAT(w.kinds(), ElementsAre(TP_EV_SNAPSHOT_BEGIN, TP_EV_SNAPSHOT_END));
  EXPECT_EQ(w.host.events[1].sequence, 1u);
  EXPECT_EQ(w.host.events[1].instrument, TP_ALL);
  w.host.events.clear();
  w.both(2, {mapping(1, "SYM1"), symbol_clear(1, 1), order(1)});
  EXPECT_THAT(w.kinds(), ElementsAre(TP_EV_CLEAR, TP_EV_ADD));
  EXPECT_THAT(w.sequences(), ElementsAre(3, 4));
}

TEST(Reset, OfAnotherProductOrChannelIsNotOurs) {
  world w;
  const uint32_t next = w.open(1);
  w.forget();
  w.a(1, {reset(noon_s + 60, 0, 59, 1)}, 12);
  w.a(1, {reset(noon_s + 60, 0, 11, 2)}, 12);
  EXPECT_EQ(w.counted("foreign"), 2u);
  EXPECT_THAT(w.states(), IsEmpty());
  EXPECT_EQ(w.host.logs.size(), 2u);
  w.a(next, {order(2)});
  EXPECT_THAT(w.sequences(), ElementsAre(next));
}

TEST(Reset, DuringAGapForgetsTheGap) {
  world w;
  w.connect();
  const uint32_t next = w.open(1);
  w.both(next + 2, {order(4)});
  w.pass(20 * ms);
  EXPECT_EQ(w.counted("gaps.seen"), 1u);
  EXPECT_EQ(w.requests().size(), 1u);
  w.both(1, {reset(noon_s + 60)}, 12);
  EXPECT_EQ(w.counted("gaps.lost"), 1u);
  w.pass(60 * second);
  EXPECT_THAT(w.requests(), IsEmpty());
}

// Section 10: priming, reset with flag 10, then for each symbol 3, 32, 34, 105, 106; every packet with flag 10.
TEST(Failover, TellsEachBookWhenItIsThere) {
  world w;
  w.connect();
  const uint32_t next = w.open(2);
  w.both(next, {order(2), order(2, 2)});
  w.forget();
  w.both(1, {reset(noon_s + 60)}, 10);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LOST, TP_STREAM_RENUMBERED));
  w.both(2, {mapping(1, "SYM1"), symbol_clear(1, 50), status(1, 50, 'O', '~', 'O'), add_refresh(1, 51, 7, 'B', 5, 5)},
         10);
  EXPECT_THAT(w.kinds(), ElementsAre(TP_EV_SNAPSHOT_BEGIN, TP_EV_STATUS, TP_EV_ADD));
  for (const auto& e : w.host.events) EXPECT_TRUE(e.flags & TP_SNAPSHOT);
  w.both(6, {add_refresh(1, 52, 8, 'S', 5, 9), mapping(2, "SYM2"), symbol_clear(2, 10)}, 10);
  EXPECT_THAT(w.kinds(), ElementsAre(TP_EV_SNAPSHOT_BEGIN, TP_EV_STATUS, TP_EV_ADD, TP_EV_ADD, TP_EV_SNAPSHOT_END,
                                     TP_EV_SNAPSHOT_BEGIN));
  EXPECT_EQ(w.host.events[4].sequence, 6u);
  EXPECT_EQ(w.host.events[4].instrument, 0u);
  w.both(9, {seconds(noon_s + 60)}, 10);
  w.host.events.clear();
  w.both(10, {order(53)});
  EXPECT_THAT(w.kinds(), ElementsAre(TP_EV_SNAPSHOT_END, TP_EV_ADD));
  EXPECT_EQ(w.host.events[0].instrument, 1u);
  EXPECT_EQ(w.host.events[0].sequence, 9u);
  EXPECT_EQ(w.host.events[1].flags & TP_SNAPSHOT, 0);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LOST, TP_STREAM_RENUMBERED, TP_STREAM_LIVE));
  EXPECT_THAT(w.requests(), IsEmpty()); // the publisher told everything by itself
}

TEST(Failover, ASymbolLeftOutIsAskedForAtItsEnd) {
  world w;
  w.connect();
  w.open(2);
  w.forget();
  w.both(1, {reset(noon_s + 60)}, 10);
  EXPECT_EQ(w.venue->resynchronise(1, TP_ALL, w.host.now_ns), TP_OK); // the host asks after LOST
  w.both(2, {symbol_clear(1, 50), add_refresh(1, 50, 7, 'B', 5, 5)}, 10);
  EXPECT_THAT(w.requests(), IsEmpty());
  w.both(4, {order(51)});
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 15u);
  EXPECT_EQ(asked[0].index, 2u);
}

TEST(Failover, AHeartbeatEndsTheLastBookWhenNothingFollows) {
  world w;
  w.open(1);
  w.forget();
  w.both(1, {reset(noon_s + 60)}, 10);
  w.both(2, {symbol_clear(1, 50), add_refresh(1, 50, 7, 'B', 5, 5)}, 10);
  w.both(4, {}, 1);
  EXPECT_THAT(w.kinds(), ElementsAre(TP_EV_SNAPSHOT_BEGIN, TP_EV_ADD, TP_EV_SNAPSHOT_END));
  EXPECT_EQ(w.host.events[2].sequence, 3u);
}

// An unrequested refresh of a symbol in the ordinary flow.
TEST(SymbolClear, OfAGoodBookIsAClearAndLiveFlow) {
  world w;
  const uint32_t next = w.open(1);
  w.both(next, {order(2)});
  w.forget();
  w.both(next + 1, {symbol_clear(1, 7), status(1, 7, 'O', '~', 'O'), add_refresh(1, 8, 2, 'B', 100, 10'000)}, 10);
  EXPECT_THAT(w.kinds(), ElementsAre(TP_EV_CLEAR, TP_EV_STATUS, TP_EV_ADD));
  for (const auto& e : w.host.events) EXPECT_EQ(e.flags & TP_SNAPSHOT, 0);
  EXPECT_THAT(w.states(), IsEmpty());
}

TEST(SymbolClear, HealsALostBook) {
  world w;
  const uint32_t next = w.open(1);
  w.both(next, {order(2), order(5)}); // a jump
  EXPECT_THAT(w.states(0), ElementsAre(TP_STREAM_LOST));
  w.forget();
  w.both(next + 2, {symbol_clear(1, 9), add_refresh(1, 9, 2, 'B', 100, 10'000), order(10)});
  EXPECT_THAT(w.kinds(), ElementsAre(TP_EV_SNAPSHOT_BEGIN, TP_EV_ADD, TP_EV_SNAPSHOT_END, TP_EV_ADD));
  EXPECT_THAT(w.states(0), ElementsAre(TP_STREAM_LIVE));
}

TEST(LateRestart, IsBelievedAfterAFewConsistentPackets) {
  world w;
  w.connect();
  uint32_t next = w.open(1);
  for (uint32_t i = 0; i < 50; ++i) w.both(next++, {order(2 + i)});
  w.forget();
  w.pass(2 * second);
  w.both(10, {order(9)});
  w.both(11, {order(10)});
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_LOST)));
  w.both(12, {order(11)});
  EXPECT_THAT(w.states(), Contains(TP_STREAM_LOST));
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 15u);
  EXPECT_EQ(asked[0].index, 0u);
  w.host.events.clear();
  w.both(13, {order(12)});
  EXPECT_THAT(w.sequences(), ElementsAre(13));
}

TEST(LateRestart, IsNotSeenInTheSlowerLinesPackets) {
  world w;
  uint32_t next = w.open(1);
  std::vector<std::pair<uint32_t, bytes>> late;
  for (uint32_t i = 0; i < 20; ++i) {
    late.emplace_back(next, packet_of(11, next, {order(2 + i)}, w.host.now_ns));
    w.a(next++, {order(2 + i)});
  }
  w.forget();
  w.pass(2 * second);
  w.a(next, {order(22)});
  for (const auto& [sequence, content] : late) w.packet(world::line(line_role::b), content);
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_LOST)));
}

} // namespace
} // namespace tickplant::nyse::testing
