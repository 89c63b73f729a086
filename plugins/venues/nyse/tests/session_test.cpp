// Rows of the fault table (venue facts, section 11) that the live lines alone settle: arbitration, damage, silence.
#include "feed_builder.hpp"

namespace tickplant::nyse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

bytes order(uint32_t n, uint32_t index = 1) {
  return add(index, n, n, 'B', 100, 10'000);
}

TEST(Session, OpensItsLines) {
  world w;
  ASSERT_EQ(w.host.lines.size(), 6u);
  EXPECT_EQ(w.host.lines[0].name, "a");
  EXPECT_EQ(w.host.lines[0].kind, TP_LINE_UDP_GROUP);
  EXPECT_EQ(w.host.lines[0].pair, w.host.lines[1].pair);
  EXPECT_NE(w.host.lines[0].pair, 0);
  EXPECT_EQ(w.host.lines[2].name, "retransmission");
  EXPECT_EQ(w.host.lines[2].role, TP_ROLE_REREQUEST);
  EXPECT_EQ(w.host.lines[3].name, "refresh");
  EXPECT_EQ(w.host.lines[3].role, TP_ROLE_SNAPSHOT);
  EXPECT_EQ(w.host.lines[4].name, "summary");
  EXPECT_EQ(w.host.lines[5].name, "request");
  EXPECT_EQ(w.host.lines[5].kind, TP_LINE_TCP);
}

TEST(Session, IsLiveFromTheHeartbeatsThatPrimeTheChannel) {
  world w;
  w.heartbeat(1);
  w.b(1, {}, 1);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LIVE));
  EXPECT_EQ(w.host.streams[0].from, 1u);
  EXPECT_EQ(w.counted("heartbeats"), 2u);
}

TEST(Session, TellsTheDirectoryWithTheFirstOrder) {
  world w;
  const uint32_t next = w.open(3);
  EXPECT_FALSE(w.told(TP_STREAM_DIRECTORY));
  w.both(next, {order(2)});
  EXPECT_TRUE(w.told(TP_STREAM_DIRECTORY));
}

TEST(Session, GapOnOneLineIsFilledFromTheOtherWithoutARequest) {
  world w;
  w.connect();
  const uint32_t next = w.open(1);
  w.forget();
  w.a(next + 1, {order(3)});
  w.pass(2 * ms);
  w.b(next, {order(2)});
  w.b(next + 1, {order(3)});
  w.pass(50 * ms);
  EXPECT_THAT(w.sequences(), ElementsAre(next, next + 1));
  EXPECT_EQ(w.counted("gaps.seen"), 0u);
  EXPECT_EQ(w.counted("line.a.gaps"), 1u);
  EXPECT_EQ(w.counted("line.b.gaps"), 0u);
  EXPECT_THAT(w.host.sent, IsEmpty());
}

TEST(Session, DuplicatesAndOldPacketsAreDroppedAndCounted) {
  world w;
  const uint32_t next = w.open(1);
  w.both(next, {order(2)});
  const auto before = w.counted("duplicates");
  w.forget();
  w.a(next, {order(2)});
  w.b(2, {mapping(1, "SYM1")});
  EXPECT_THAT(w.host.events, IsEmpty());
  EXPECT_EQ(w.counted("duplicates"), before + 2);
}

TEST(Session, OutOfOrderWithinTheWindowIsPutInOrder) {
  world w;
  const uint32_t next = w.open(1);
  w.forget();
  for (const uint32_t i : {3u, 0u, 2u, 1u, 7u, 5u, 6u, 4u}) w.a(next + i, {order(2 + i)});
  EXPECT_THAT(w.sequences(), ElementsAre(next, next + 1, next + 2, next + 3, next + 4, next + 5, next + 6, next + 7));
  w.pass(second);
  EXPECT_EQ(w.counted("gaps.seen"), 0u);
}

TEST(Session, OverlapsAfterRepackingAreArbitratedByMessage) {
  world w;
  const uint32_t next = w.open(1);
  w.forget();
  w.a(next, {order(2), order(3)});
  w.b(next + 1, {order(3), order(4), order(5)});
  w.a(next + 2, {order(4)});
  EXPECT_THAT(w.sequences(), ElementsAre(next, next + 1, next + 2, next + 3));
}

TEST(Session, TruncatedPacketsCountAsNotReceived) {
  world w;
  const uint32_t next = w.open(1);
  w.forget();
  auto cut = packet_of(11, next, {order(2), order(3)}, w.host.now_ns);
  cut.resize(cut.size() - 9);
  w.packet(world::line(line_role::a), cut);
  EXPECT_THAT(w.host.events, IsEmpty());
  EXPECT_EQ(w.counted("malformed"), 1u);
  w.packet(world::line(line_role::a), packet_of(11, next, {order(2)}), TP_UNIT_TRUNCATED);
  EXPECT_EQ(w.counted("malformed"), 2u);
  w.b(next, {order(2), order(3)});
  EXPECT_THAT(w.sequences(), ElementsAre(next, next + 1));
}

TEST(Session, BytesBehindThePacketAreIgnored) {
  world w;
  const uint32_t next = w.open(1);
  w.forget();
  auto longer = packet_of(11, next, {order(2)}, w.host.now_ns);
  longer.insert(longer.end(), 20, 0xFF);
  w.packet(world::line(line_role::a), longer);
  EXPECT_THAT(w.sequences(), ElementsAre(next));
  EXPECT_EQ(w.counted("malformed"), 0u);
}

TEST(Session, ASinglePacketFarAheadIsNotBelieved) {
  world w;
  const uint32_t next = w.open(1);
  w.forget();
  w.a(next + 1'000'000, {order(9)});
  EXPECT_EQ(w.counted("wild"), 1u);
  w.both(next, {order(2)});
  EXPECT_THAT(w.sequences(), ElementsAre(next));
  EXPECT_FALSE(w.told(TP_STREAM_LOST));
  // A second one behind it confirms the jump.
  w.a(next + 1'000'000, {order(9)});
  w.b(next + 1'000'001, {order(10)});
  EXPECT_TRUE(w.told(TP_STREAM_LOST));
  EXPECT_EQ(w.counted("gaps.seen"), 1u);
  EXPECT_EQ(w.counted("gaps.lost"), 1u);
}

TEST(Session, AJumpOfASymbolsOwnNumbersLosesThatSymbolAlone) {
  world w;
  w.connect();
  const uint32_t next = w.open(2);
  w.both(next, {order(2)});
  w.forget();
  w.both(next + 1, {order(4), order(2, 2)});
  EXPECT_EQ(w.counted("symbol_jumps"), 1u);
  EXPECT_THAT(w.states(0), ElementsAre(TP_STREAM_LOST));
  EXPECT_THAT(w.states(1), IsEmpty());
  EXPECT_THAT(w.states(), IsEmpty());
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 15u);
  EXPECT_EQ(asked[0].index, 1u);
  EXPECT_EQ(asked[0].product, 11);
  EXPECT_EQ(asked[0].channel, 1);
  EXPECT_EQ(asked[0].source, "TEST");
}

TEST(Session, SilenceOfOneLineIsAnAlarmAndOfBothIsTold) {
  world w;
  uint32_t next = w.open(1);
  for (int i = 0; i < 5; ++i) {
    w.pass(second);
    w.a(next++, {order(next)});
  }
  EXPECT_EQ(w.counted("line.b.silent"), 1u);
  EXPECT_EQ(w.counted("line.a.silent"), 0u);
  EXPECT_FALSE(w.told(TP_STREAM_SILENT));
  w.forget();
  w.pass(10 * second);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_SILENT));
  w.heartbeat(next);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_SILENT, TP_STREAM_LIVE));
}

TEST(Session, DataBeforeItsMappingWaitsAndIsNotGuessed) {
  world w;
  w.connect();
  const uint32_t next = w.open(1);
  w.forget();
  w.both(next, {add(9, 1, 90, 'B', 1, 1'000'000), order(2)});
  EXPECT_THAT(w.sequences(), ElementsAre(next + 1));
  EXPECT_EQ(w.counted("unknown_index"), 1u);
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 13u);
  EXPECT_EQ(asked[0].index, 9u);
  w.both(next + 2, {add(9, 2, 91, 'B', 1, 1'000'000)});
  EXPECT_THAT(w.requests(), IsEmpty()); // asked for already
  w.host.events.clear();
  w.refresh(17, 1, {mapping(9, "LATE", 3)});
  EXPECT_THAT(w.sequences(), ElementsAre(next, next + 2));
  EXPECT_EQ(w.host.events[0].price, 1'000'000'000); // 1000.000
  EXPECT_EQ(w.counted("messages.100"), 3u);
  EXPECT_THAT(w.states(w.instrument("LATE")), IsEmpty()); // complete: nothing of it was dropped
}

TEST(Session, ManyUnknownSymbolsAreAskedForAtOnce) {
  world w;
  w.connect();
  uint32_t next = w.open(1);
  w.forget();
  std::vector<bytes> messages;
  for (uint32_t i = 100; i < 120; ++i) messages.push_back(add(i, 1, i, 'B', 1, 1));
  w.both(next, messages);
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 13u);
  EXPECT_EQ(asked[0].index, 0u);
}

TEST(Session, AMappingThatNeverComesIsAskedForOnlyAFewTimes) {
  world w;
  w.connect();
  const uint32_t next = w.open(1);
  w.forget();
  w.both(next, {add(9, 1, 90, 'B', 1, 1)});
  w.pass(3600 * second);
  size_t asked = 0;
  for (const auto& r : w.requests()) asked += r.type == 13;
  EXPECT_EQ(asked, 5u);
}

TEST(Session, PacketsOnLinesOfOtherUseAreForeign) {
  world w;
  const uint32_t next = w.open(1);
  w.forget();
  w.a(next, {order(2)}, 19);                      // a refresh on the live line
  w.refresh(11, 1, {order(2)});                   // live data on the refresh line
  w.packet(999, packet_of(11, next, {order(2)})); // no line of ours
  EXPECT_THAT(w.host.events, IsEmpty());
  EXPECT_EQ(w.counted("foreign"), 3u);
}

TEST(Session, ChannelsOfOneInstanceKeepTheirNumbersApart) {
  world w{{"channels.1.a", "udp://239.1.1.1:1"},
          {"channels.2.a", "udp://239.1.2.1:1"},
          {"lines.request", "tcp://192.0.2.9:1"}};
  EXPECT_EQ(w.host.lines[0].name, "1.a");
  w.packet(world::line(line_role::a, 0), packet_of(12, 1, {reset(noon_s, 0, 11, 1)}));
  w.packet(world::line(line_role::a, 1), packet_of(12, 1, {reset(noon_s, 0, 11, 2)}));
  w.packet(world::line(line_role::a, 0), packet_of(11, 2, {mapping(5, "ONE"), add(5, 1, 1, 'B', 1, 1)}));
  EXPECT_FALSE(w.told(TP_STREAM_DIRECTORY)) << "names of the other channel are not known yet";
  w.packet(world::line(line_role::a, 1), packet_of(11, 2, {mapping(6, "TWO"), add(6, 1, 1, 'B', 1, 1)}));
  EXPECT_TRUE(w.told(TP_STREAM_DIRECTORY));
  ASSERT_EQ(w.host.events.size(), 2u);
  EXPECT_THAT(w.host.channels, ElementsAre(1, 2));
  EXPECT_EQ(w.host.instruments[0].raw.channel, 1u);
  EXPECT_EQ(w.host.instruments[1].raw.channel, 2u);
  EXPECT_EQ(w.host.events[1].instrument, 1u);
}

TEST(Session, StopsWhenTheHostStops) {
  world w;
  const uint32_t next = w.open(1);
  w.host.emit_answer = TP_E_STOPPING;
  w.a(next, {order(2)});
  EXPECT_EQ(w.venue->stop(w.host.now_ns), TP_OK);
  EXPECT_THAT(w.host.timers, IsEmpty());
}

} // namespace
} // namespace tickplant::nyse::testing
