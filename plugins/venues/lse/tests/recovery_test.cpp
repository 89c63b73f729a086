// The recovery service in MITCH: what is asked for, how a snapshot joins the flow, and what becomes of those that do
// not (notes A8 and E; S0-53).
#include "feed_builder.hpp"

namespace tickplant::lse::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

bytes order(uint64_t n, uint32_t id = 101) {
  return add(id, n, 'B', 1, one);
}
bytes of_segment(const std::string& segment) {
  return mitch_message(0x81).n(0, 4).t(segment, 6).n(0, 4);
}
bytes of_instrument(uint32_t id) {
  return mitch_message(0x81).n(0, 4).t("", 6).n(id, 4);
}
bytes snapshot_unit(const std::vector<bytes>& messages) {
  return unit(0, messages);
}

/// Two segments: 101 and 102 in SET1, 103 in SET2. A hole that no replay can fill: everything from 12 on is held.
struct Recovery : ::testing::Test {
  world w{{"lines.a", "udp://239.1.1.1:1"},
          {"lines.recovery.0", "tcp://192.0.2.2:1"},
          {"lines.recovery.1", "tcp://192.0.2.4:1"},
          {"comp_id", "VEC001"},
          {"password", "mit_1234"}};
  void SetUp() override {
    auto all = opening(2);
    all.push_back(directory(103, "GB0000000009", "SET2"));
    all.push_back(order(6));
    w.a(unit(1, all));
    w.forget();
    w.a(unit(12, {order(12), order(13)}));
    w.pass(5 * ms);
  }
  bytes book(uint32_t id, uint64_t sequence, std::vector<bytes> orders = {}) {
    orders.push_back(symbol_status(id, 'T'));
    return snapshot_unit(orders) + snapshot_complete(sequence, id);
  }
  std::vector<uint32_t> instruments_of(uint8_t kind) const {
    std::vector<uint32_t> list;
    for (const auto& e : w.of_kind(kind)) list.push_back(e.instrument);
    return list;
  }
};

TEST_F(Recovery, AsksForEachSegmentAndEndsLive) {
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_GAP, TP_STREAM_LOST));
  EXPECT_THAT(w.sequences(), ElementsAre(12, 13)); // live events go on, the host holds them
  w.log_in("recovery");
  EXPECT_EQ(w.sent(0x01).at(0), bytes(mitch_message(0x01).t("VEC001", 6).t("mit_1234", 10)));
  EXPECT_THAT(w.sent(0x81), ElementsAre(of_segment("SET1")));
  w.forget();
  w.answer("recovery",
           snapshot_response('A') + book(101, 12, {order(6), order(12)}) + book(102, 13) + segment_complete("SET1"));
  EXPECT_THAT(w.sent(0x81), ElementsAre(of_segment("SET2"))); // one after the other
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_BEGIN), ElementsAre(0, 1));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0, 1));
  EXPECT_EQ(w.of_kind(TP_EV_SNAPSHOT_END)[0].sequence, 12u);
  EXPECT_EQ(w.of_kind(TP_EV_SNAPSHOT_END)[1].sequence, 13u);
  for (const auto& e : w.of_kind(TP_EV_ADD)) {
    EXPECT_TRUE(e.flags & TP_SNAPSHOT);
    EXPECT_EQ(e.sequence, 0u);
  }
  EXPECT_EQ(w.of_kind(TP_EV_STATUS).size(), 2u);
  EXPECT_THAT(w.states(), IsEmpty());
  w.answer("recovery", snapshot_response('A') + book(103, 13) + segment_complete("SET2"));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LIVE));
  EXPECT_EQ(w.counted("recovery.snapshots"), 3u);
  EXPECT_EQ(w.counted("messages.A"), 3u); // those of snapshots are not counted with the flow's
  w.pass(4 * second);
  EXPECT_EQ(w.sent(0x05).size(), 1u);
}

struct AllAnswers : Recovery, ::testing::WithParamInterface<size_t> {};

TEST_P(AllAnswers, MayComeAtOnceOrInPieces) {
  const auto all = login_response('A') + snapshot_response('A') + book(101, 13, {order(6)}) + book(102, 13) +
                   segment_complete("SET1") + snapshot_response('A') + book(103, 13) + segment_complete("SET2");
  w.up("recovery");
  for (size_t at = 0; at < all.size(); at += GetParam())
    w.answer("recovery", bytes(all.begin() + static_cast<long>(at),
                               all.begin() + static_cast<long>(std::min(all.size(), at + GetParam()))));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0, 1, 2));
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
}
INSTANTIATE_TEST_SUITE_P(Pieces, AllAnswers, ::testing::Values(1, 7, 100'000));

TEST_F(Recovery, ASnapshotAheadOfTheFlowWaitsForIt) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('A') + book(101, 16));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_BEGIN), ElementsAre(0));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), IsEmpty());
  w.a(unit(14, {order(14), order(15)}));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), IsEmpty());
  w.a(unit(16, {order(16), order(17)}));
  ASSERT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0));
  // Behind every event that it includes.
  size_t end = 0, last = 0;
  for (size_t i = 0; i < w.host.events.size(); ++i) {
    if (w.host.events[i].kind == TP_EV_SNAPSHOT_END) end = i;
    if (w.host.events[i].sequence == 16 && w.host.events[i].kind == TP_EV_ADD) last = i;
  }
  EXPECT_GT(end, last);
}

TEST_F(Recovery, AStaleSnapshotIsAskedForAgainAndInTheEndGivenUp) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('A') + book(101, 10) + book(102, 11) + segment_complete("SET1"));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(1)); // 11 is all that came before 12
  EXPECT_EQ(w.counted("recovery.stale"), 1u);
  w.answer("recovery", snapshot_response('A') + book(103, 13) + segment_complete("SET2"));
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_LIVE)));
  for (int i = 1; i < 5; ++i) {
    w.forget();
    w.pass(second);
    ASSERT_THAT(w.sent(0x81), ElementsAre(of_instrument(101))) << i;
    w.answer("recovery", snapshot_response('A') + book(101, 10));
    EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), IsEmpty());
  }
  EXPECT_THAT(w.states(0), ElementsAre(TP_STREAM_LOST));
  w.forget();
  w.pass(30 * second);
  EXPECT_THAT(w.sent(0x81), IsEmpty());
  EXPECT_EQ(w.venue->resynchronise(0, 0, w.host.now_ns), TP_E_LIMIT); // not in a circle
  w.pass(60 * second);
  EXPECT_EQ(w.venue->resynchronise(0, 0, w.host.now_ns), TP_OK);
}

TEST_F(Recovery, AStaleSnapshotIsReplacedByAGoodOne) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('A') + book(101, 10) + book(102, 13) + segment_complete("SET1") +
                         snapshot_response('A') + book(103, 13) + segment_complete("SET2"));
  w.pass(second);
  w.answer("recovery", snapshot_response('A') + book(101, 13, {order(6)}));
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_BEGIN), ElementsAre(0, 1, 2, 0));
}

TEST_F(Recovery, OneFarAheadIsOfAnotherEpoch) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('A') + book(101, 900'000));
  EXPECT_EQ(w.counted("recovery.stale"), 1u);
}

TEST_F(Recovery, ACutConnectionLosesThePartialBookAndAsksAgain) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('A') + book(102, 13) + snapshot_unit({order(6)}));
  w.down("recovery");
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(1));
  w.pass(3 * second);
  w.forget();
  w.log_in("recovery");
  EXPECT_THAT(w.sent(0x81), Contains(of_segment("SET1")));
  w.answer("recovery", snapshot_response('A') + book(101, 13, {order(6)}) + book(102, 13) + segment_complete("SET1") +
                         snapshot_response('A') + book(103, 13) + segment_complete("SET2"));
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_BEGIN), ::testing::UnorderedElementsAre(0, 2)); // 102 was right already
  EXPECT_GT(w.counted("recovery.unneeded"), 0u);
}

TEST_F(Recovery, ALossInTheMiddleOfASnapshotVoidsIt) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('A') + book(102, 13) + snapshot_unit({order(6)}));
  w.a(unit(20, {order(20)}));
  w.pass(5 * ms);
  w.forget();
  w.answer("recovery",
           snapshot_unit({order(7), symbol_status(101, 'T')}) + snapshot_complete(25, 101) + segment_complete("SET1"));
  EXPECT_THAT(w.of_kind(TP_EV_ADD), IsEmpty());
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), IsEmpty());
  EXPECT_THAT(w.sent(0x81), Contains(of_segment("SET1"))); // once more, for all its books
}

TEST_F(Recovery, AClearBeforeAnotherHoleOfTheLossMakesNothingRight) {
  w.a(unit(25, {order(25)}));
  w.a(unit(20, {clear(101), order(21)})); // between the holes 14 to 19 and 22 to 24
  w.forget();
  w.pass(5 * ms);
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), IsEmpty());
  w.a(unit(26, {clear(101)}));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0));
}

TEST_F(Recovery, ADayStartBeforeAnotherHoleOfTheLossMakesNothingRight) {
  w.a(unit(25, {order(25)}));
  w.a(unit(20, {system_event('O'), order(21)}));
  w.forget();
  w.pass(5 * ms);
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), IsEmpty());
  w.a(unit(26, {system_event('O')}));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(TP_ALL));
}

TEST_F(Recovery, QuotesAreABookOfTheirOwnWithAnEndOfTheirOwn) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('A') +
                         snapshot_unit({order(6), add_attributed(101, 70, 'S', 9, 2 * one, "FIRM", 0x20),
                                        symbol_status(101, 'T')}) +
                         snapshot_complete(13, 101) + snapshot_complete(13, 101, 0x20));
  ASSERT_EQ(w.host.instruments.size(), 4u);
  EXPECT_EQ(w.host.instruments[3].name, "firm quotes");
  EXPECT_EQ(w.host.instruments[3].raw.parent, 0u);
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_BEGIN), ElementsAre(0, 3));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0, 3));
}

TEST_F(Recovery, QuotesMayComeWhenTheFlowHasPassedTheirSnapshot) {
  w.log_in("recovery");
  w.answer("recovery",
           snapshot_response('A') + snapshot_unit({order(6), symbol_status(101, 'T')}) + snapshot_complete(13, 101));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0));
  w.a(unit(14, {order(14), order(15)}));
  w.answer("recovery",
           snapshot_unit({add_attributed(101, 70, 'S', 9, 2 * one, "FIRM", 0x20)}) + snapshot_complete(13, 101, 0x20));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0, 3));
  EXPECT_EQ(w.counted("recovery.stale"), 0u);
}

TEST_F(Recovery, QuotesOfABookThatAClearMadeRightAreNotKnown) {
  w.a(unit(14, {clear(101)}));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0));
  w.a(unit(15, {add_attributed(101, 70, 'S', 9, 2 * one, "FIRM", 0x20)}));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0)); // there may have been others in the hole
}

TEST_F(Recovery, QuotesOfWhichNothingComesAreNone) {
  world other{{"lines.a", "udp://239.1.1.1:1"}, {"lines.recovery", "tcp://192.0.2.2:1"}};
  auto all = opening(1);
  all.push_back(add_attributed(101, 70, 'S', 9, 2 * one, "FIRM", 0x20));
  other.a(unit(1, all));
  other.a(unit(9, {order(9)}));
  other.pass(5 * ms);
  other.log_in("recovery");
  other.answer("recovery", snapshot_response('A') + book(101, 9) + segment_complete("SET1"));
  EXPECT_EQ(other.of_kind(TP_EV_SNAPSHOT_END).size(), 2u);
  EXPECT_EQ(other.states().back(), TP_STREAM_LIVE);
}

TEST_F(Recovery, TheHostMayAskForOneBook) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('A') + book(101, 13) + book(102, 13) + segment_complete("SET1") +
                         snapshot_response('A') + book(103, 13) + segment_complete("SET2"));
  w.forget();
  EXPECT_EQ(w.venue->resynchronise(0, 1, w.host.now_ns), TP_OK);
  EXPECT_EQ(w.venue->resynchronise(0, 1, w.host.now_ns), TP_OK); // asked for once
  EXPECT_THAT(w.sent(0x81), ElementsAre(of_instrument(102)));
  w.a(unit(14, {order(14)}));
  // What the flow brought since the host asked is held, so the snapshot may be as old as that.
  w.answer("recovery", snapshot_response('A') + book(102, 13) + book(102, 13));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(1));
  EXPECT_EQ(w.states(), std::vector<uint32_t>{TP_STREAM_LIVE});
  EXPECT_EQ(w.venue->resynchronise(0, 77, w.host.now_ns), TP_E_ARGUMENT);
  EXPECT_EQ(w.venue->resynchronise(3, 1, w.host.now_ns), TP_E_ARGUMENT);
}

TEST_F(Recovery, TheHostMayAskForEverything) {
  EXPECT_EQ(w.venue->resynchronise(0, TP_ALL, w.host.now_ns), TP_OK); // it is being asked for already
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('A') + book(101, 13) + book(102, 13) + segment_complete("SET1") +
                         snapshot_response('A') + book(103, 13) + segment_complete("SET2"));
  w.forget();
  EXPECT_EQ(w.venue->resynchronise(0, TP_ALL, w.host.now_ns), TP_OK);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LOST));
  EXPECT_THAT(w.sent(0x81), ElementsAre(of_segment("SET1")));
}

struct SnapshotRefused : Recovery, ::testing::WithParamInterface<char> {};

TEST_P(SnapshotRefused, GoesOnWithTheNextAndLeavesTheBooksStale) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response(GetParam()));
  EXPECT_EQ(w.counted("recovery.refused"), 1u);
  EXPECT_THAT(w.sent(0x81), ElementsAre(of_segment("SET1"), of_segment("SET2")));
  w.answer("recovery", snapshot_response('A') + book(103, 13) + segment_complete("SET2"));
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_LIVE)));
}
INSTANTIATE_TEST_SUITE_P(Statuses, SnapshotRefused, ::testing::Values('O', 'a', 'd', 'e'));

TEST_F(Recovery, TheDaysLimitEndsTheAsking) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('b'));
  EXPECT_EQ(w.counted("services.stopped"), 1u);
  const auto opened = w.opened("recovery");
  w.pass(3'600 * second);
  EXPECT_EQ(w.opened("recovery"), opened);
  EXPECT_EQ(w.venue->resynchronise(0, 1, w.host.now_ns), TP_E_LIMIT);
  w.pass(24 * 3'600 * second);
  EXPECT_GT(w.opened("recovery"), opened); // a new day, a new try for what is still lost
}

TEST_F(Recovery, AnUnavailableServiceIsAskedLater) {
  w.log_in("recovery");
  w.answer("recovery", snapshot_response('U'));
  EXPECT_THAT(w.sent(0x81).back(), of_segment("SET2"));
  w.answer("recovery", snapshot_response('A') + book(103, 13) + segment_complete("SET2"));
  w.pass(second);
  EXPECT_THAT(w.sent(0x81).back(), of_segment("SET1"));
}

TEST_F(Recovery, StopsAtBothAddressesRestsAndComesBack) {
  for (int i = 0; i < 6; ++i) {
    w.down("recovery", TP_LINE_FAILED);
    w.pass(3 * second);
  }
  EXPECT_EQ(w.opened("recovery"), 6u);
  EXPECT_EQ(w.host.lines.back().address, "tcp://192.0.2.4:1");
  EXPECT_EQ(w.counted("services.stopped"), 1u);
  w.pass(30 * second);
  EXPECT_EQ(w.opened("recovery"), 6u);
  w.pass(28 * second); // the rest is over a minute after the last failure
  ASSERT_EQ(w.opened("recovery"), 7u);
  w.log_in("recovery");
  EXPECT_THAT(w.sent(0x81), ElementsAre(of_segment("SET1")));
}

TEST(RecoveryAfterLateStart, NamesWhatItCanAndAsksByConfiguredSegments) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"lines.recovery", "tcp://192.0.2.2:1"}, {"segments.0", "SET1"}};
  w.a(unit(70'001, {time_message(30'000), order(1)}));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LOST));
  EXPECT_EQ(w.opened("recovery"), 0u); // directory messages may follow, and name what comes
  w.pass(second);
  w.log_in("recovery");
  EXPECT_THAT(w.sent(0x81), ElementsAre(of_segment("SET1")));
  const auto book = snapshot_unit({add(101, 5, 'B', 3, one), symbol_status(101, 'T')});
  w.answer("recovery", snapshot_response('A') + book + snapshot_complete(70'002, 101) + segment_complete("SET1"));
  EXPECT_EQ(w.host.instruments.at(0).symbol, "#101");
  // The host knows it only from here on, so a snapshot from before does not join.
  EXPECT_THAT(w.of_kind(TP_EV_SNAPSHOT_END).size(), 1u);
  EXPECT_EQ(w.of_kind(TP_EV_SNAPSHOT_END)[0].sequence, 70'002u);
  w.a(unit(70'003, {order(2)}));
  EXPECT_EQ(w.host.events.back().kind, TP_EV_ADD);
  EXPECT_EQ(w.host.events.back().instrument, 0u);
}

TEST(RecoveryAfterLateStart, OrdersOfNobodyAreNotEmitted) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"late_start_limit", "0"}};
  w.a(unit(900, {deleted(7, 101), executed(8, 1, 1), order(903)}));
  w.pass(5 * ms);
  EXPECT_THAT(w.host.events, IsEmpty());
  EXPECT_EQ(w.counted("unknown_instrument"), 3u);
  w.a(unit(903, {directory(101, "GB0000000007", "SET1"), executed(8, 1, 1)}));
  EXPECT_EQ(w.of_kind(TP_EV_EXECUTE).size(), 1u);
}

TEST(RecoveryAfterLateStart, ADirectoryMessageLaterBringsNameAndSnapshot) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"lines.recovery", "tcp://192.0.2.2:1"}};
  w.a(unit(70'001, {time_message(30'000), order(1)}));
  EXPECT_EQ(w.counted("unknown_instrument"), 1u);
  w.a(unit(70'003, {directory(101, "GB0000000001"), order(2)}));
  EXPECT_EQ(w.opened("recovery"), 0u);
  w.pass(second);
  w.log_in("recovery");
  EXPECT_THAT(w.sent(0x81), ElementsAre(of_instrument(101)));
  w.answer("recovery",
           snapshot_response('A') + snapshot_unit({symbol_status(101, 'T')}) + snapshot_complete(70'004, 101));
  EXPECT_EQ(w.of_kind(TP_EV_SNAPSHOT_END).size(), 1u);
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
}

TEST(RecoveryAfterLateStart, WithNothingToAskForTheServiceIsCalledOnce) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"lines.recovery", "tcp://192.0.2.2:1"}, {"silence", "1h"}};
  w.a(unit(70'001, {time_message(30'000), order(1)}));
  w.pass(10 * second);
  ASSERT_EQ(w.opened("recovery"), 1u);
  w.log_in("recovery");
  EXPECT_THAT(w.sent(0x81), IsEmpty());
  w.pass(600 * second);
  EXPECT_EQ(w.opened("recovery"), 1u);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LOST));
}

} // namespace
} // namespace tickplant::lse::testing
