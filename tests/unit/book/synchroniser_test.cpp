// Gaps, losses, snapshots, and what is held meanwhile.
#include "tests/unit/book/feed_fixture.hpp"

namespace tickplant::book::testing {
namespace {

struct Synchroniser : feed_fixture {
  void SetUp() override { open_sparse(); }
};

TEST_F(Synchroniser, ABookBeginsAwaiting) {
  add_book(0);
  EXPECT_EQ(at(0).state(), trust::awaiting);
  send(add(0, 1, TP_BID, 100, 1));
  EXPECT_EQ(feed_->counters().held, 1u);
  live(0); // live, but not known from its first number
  EXPECT_EQ(at(0).state(), trust::awaiting);
  live(1);
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 1, 1}})) << "what was held is applied";
  EXPECT_EQ(owner.states, (std::vector<uint32_t>{TP_STREAM_LIVE, TP_STREAM_LIVE}));
}

TEST_F(Synchroniser, NothingOfAFragmentIsApplied) {
  add_book(0);
  send({add(0, 1, TP_BID, 100, 1), execute(0, 1, 1, 2), trade(0, 100, 5, 3), status(0, TP_STATE_TRADING)});
  const publication p = view(0);
  EXPECT_EQ(p.sequence, 0u);
  EXPECT_EQ(p.day.trades, 0u);
  EXPECT_EQ(p.trading_state, TP_STATE_UNKNOWN);
}

TEST_F(Synchroniser, AnInstrumentThatAppearsInACompleteChannelIsLive) {
  live(1);
  add_book(0);
  EXPECT_EQ(at(0).state(), trust::ok);
  lost();
  add_book(1);
  EXPECT_EQ(at(1).state(), trust::awaiting);
}

TEST_F(Synchroniser, AGapLeavesBooksLive) {
  live();
  add_book(0);
  stream(TP_STREAM_GAP);
  send(add(0, 1, TP_BID, 100, 1));
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(view(0).bids.size(), 1u);
  live(0); // healed
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(view(0).bids.size(), 1u);
  stream(TP_STREAM_SILENT);
  stream(TP_STREAM_CLOSED);
  EXPECT_EQ(at(0).state(), trust::ok);
}

TEST_F(Synchroniser, CountsTheBooksThatSomebodyWantsByTheirState) {
  const auto expect = [&](uint64_t live_ones, uint64_t awaiting, uint64_t stale) {
    const auto counts = feed_->books();
    EXPECT_EQ(counts.live, live_ones);
    EXPECT_EQ(counts.awaiting, awaiting);
    EXPECT_EQ(counts.stale, stale);
  };
  owner.unwanted["S9"] = true;
  ASSERT_EQ(feed_->define(definition(9, TP_BOOK_ORDERS, "S9")), 0);
  add_book(0);
  add_book(1);
  expect(0, 2, 0);
  live();
  expect(2, 0, 0);
  lost(1);
  expect(1, 1, 0); // nobody looks
  at(1).set_interest({.want = TP_WANT_QUOTE});
  expect(1, 0, 1);
  withdraw(0);
  expect(0, 1, 1);
}

TEST_F(Synchroniser, SilenceIsStaleWhereAskedForAndKeepsOrders) {
  open({.silence_is_stale = true});
  live();
  add_book(0);
  send(add(0, 1, TP_BID, 100, 1));
  stream(TP_STREAM_SILENT);
  EXPECT_EQ(at(0).state(), trust::stale);
  EXPECT_EQ(view(0).reason, "nothing heard from the venue");
  EXPECT_EQ(feed_->live_orders(), 1u);
  live(0);
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(view(0).bids.size(), 1u) << "nothing was missed";
}

TEST_F(Synchroniser, AFinerScaleKeepsTheDaysFigures) {
  live();
  add_book(0, TP_BOOK_LEVELS);
  send(trade(0, 100, 5, 3));
  auto finer = definition(0, TP_BOOK_LEVELS, "S0");
  finer.price_exponent = -4;
  finer.quantity_exponent = -3;
  EXPECT_EQ(feed_->define(finer), 1);
  const publication p = view(0);
  EXPECT_EQ(p.day.trades, 1u);
  EXPECT_EQ(p.day.last.price, 10'000);
  EXPECT_EQ(p.day.high, 10'000);
  EXPECT_EQ(p.day.volume.low, 5'000u);
  EXPECT_EQ(owner.resynchronise.size(), 1u) << "levels are asked for again";
}

TEST_F(Synchroniser, LossKeepsTheLastGoodTop) {
  live();
  add_book(0);
  send({add(0, 1, TP_BID, 100, 3), trade(0, 100, 7, 5)});
  lost();
  publication p = view(0);
  EXPECT_EQ(p.state, trust::stale);
  EXPECT_EQ(p.reason, "a hole");
  EXPECT_EQ(levels(p.bids), (side_levels{{100, 3, 1}}));
  EXPECT_EQ(p.bid, 100);
  EXPECT_EQ(p.day.volume.low, 7u);
  EXPECT_EQ(feed_->live_orders(), 0u);
  live(0);
  EXPECT_EQ(view(0).state, trust::stale) << "only a snapshot helps";
  lost();
  EXPECT_EQ(view(0).bid, 100) << "a second loss does not forget it";
}

TEST_F(Synchroniser, ASnapshotAndWhatWasHeldMakeTheBook) {
  live();
  add_book(0);
  send(numbered(add(0, 1, TP_BID, 100, 3), 1));
  lost();
  send({numbered(add(0, 7, TP_BID, 97, 1), 50), numbered(remove(0, 4), 51), numbered(add(0, 8, TP_BID, 98, 1), 52)});
  EXPECT_EQ(feed_->counters().held, 3u);
  send({snapshot_begin(TP_ALL), of_snapshot(add(0, 4, TP_BID, 96, 2)), of_snapshot(add(0, 7, TP_BID, 97, 1))});
  EXPECT_EQ(at(0).state(), trust::stale);
  EXPECT_EQ(view(0).bid, 100) << "a half snapshot is not shown";
  send(snapshot_end(TP_ALL, 50));
  const publication p = view(0);
  EXPECT_EQ(p.state, trust::ok);
  EXPECT_TRUE(p.is_snapshot);
  EXPECT_EQ(p.reason, "");
  EXPECT_EQ(levels(p.bids), (side_levels{{98, 1, 1}, {97, 1, 1}})) << "50 is in the snapshot, 51 and 52 come after it";
  EXPECT_EQ(p.venue_sequence, 52u);
  EXPECT_EQ(refusals(), 0u);
  EXPECT_TRUE(owner.resynchronise.empty());
}

TEST_F(Synchroniser, SnapshotsOfOneInstrumentConcernNoOther) {
  live();
  add_book(0);
  add_book(1);
  send({numbered(add(0, 1, TP_BID, 100, 3), 1), numbered(add(1, 2, TP_BID, 50, 3), 2)});
  lost(0);
  EXPECT_EQ(at(1).state(), trust::ok);
  send(numbered(add(1, 3, TP_BID, 51, 1), 9));
  send({snapshot_begin(0), of_snapshot(add(0, 5, TP_BID, 99, 1)), snapshot_end(0, 8)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{99, 1, 1}}));
  EXPECT_EQ(levels(view(1).bids), (side_levels{{51, 1, 1}, {50, 3, 1}}));
}

TEST_F(Synchroniser, LiveEventsWaitWhileTheSnapshotIsRead) {
  live();
  add_book(0);
  lost();
  send({snapshot_begin(0), numbered(remove(0, 4), 11), of_snapshot(add(0, 4, TP_BID, 96, 2)), snapshot_end(0, 10)});
  EXPECT_TRUE(view(0).bids.empty());
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(Synchroniser, UnnumberedEventsBeforeTheSnapshotAreInIt) {
  live();
  add_book(0);
  lost();
  send({add(0, 4, TP_BID, 96, 2), snapshot_begin(0), of_snapshot(add(0, 4, TP_BID, 96, 2)), add(0, 5, TP_BID, 95, 1),
        snapshot_end(0, 0)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{96, 2, 1}, {95, 1, 1}}));
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(Synchroniser, APictureKeepsTheDaysTotalsAndAHistoryTellsThemAgain) {
  live();
  add_book(0);
  send(numbered(trade(0, 100, 7, 1), 1));
  lost();
  send({snapshot_begin(0), snapshot_end(0, 5)});
  EXPECT_EQ(view(0).day.volume.low, 7u);
  lost();
  send({snapshot_begin(0, TP_SNAPSHOT_HISTORY), of_snapshot(trade(0, 100, 7, 1)), of_snapshot(trade(0, 101, 2, 2)),
        snapshot_end(0, 9)});
  EXPECT_EQ(view(0).day.volume.low, 9u);
  EXPECT_EQ(view(0).day.trades, 2u);
}

TEST_F(Synchroniser, ARefreshOfALiveBookIsNoNewBeginning) {
  live();
  add_book(0, TP_BOOK_LEVELS);
  lost();
  send({snapshot_begin(0), of_snapshot(set_level(0, TP_BID, 100, 1)), snapshot_end(0, 5)});
  at(0).set_interest({TP_WANT_BOOK, 5});
  publication p;
  at(0).publish(p, 1);
  EXPECT_TRUE(p.is_snapshot);
  send({snapshot_begin(0), of_snapshot(set_level(0, TP_BID, 101, 1)), snapshot_end(0, 6)});
  at(0).publish(p, 2);
  EXPECT_FALSE(p.is_snapshot);
  EXPECT_EQ(p.state, trust::ok);
  EXPECT_EQ(levels(p.bids), (side_levels{{101, 1, 0}}));
}

TEST_F(Synchroniser, LevelBooksTakeTradesQuotesAndStatusAtOnce) {
  add_book(0, TP_BOOK_LEVELS);
  send({trade(0, 100, 7, 1), status(0, TP_STATE_TRADING), numbered(quote(0, 99, 1, 101, 1), 5),
        value(0, TP_VAL_OPEN, 98), numbered(set_level(0, TP_BID, 99, 1), 5)});
  publication p = view(0);
  EXPECT_EQ(p.state, trust::awaiting);
  EXPECT_EQ(p.day.volume.low, 7u);
  EXPECT_EQ(p.day.open, 98);
  EXPECT_EQ(p.trading_state, TP_STATE_TRADING);
  EXPECT_EQ(p.bid, 99);
  EXPECT_TRUE(p.bids.empty());
  send({snapshot_begin(0), snapshot_end(0, 4)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{99, 1, 0}}));
  EXPECT_EQ(view(0).day.volume.low, 7u) << "counted once";
}

TEST_F(Synchroniser, ASnapshotThatDoesNotReachTheHeldChangesIsNotTaken) {
  add_book(0, TP_BOOK_LEVELS);
  tp_event change = numbered(set_level(0, TP_BID, 99, 1), 160);
  change.ref = 157; // first update id
  send({change, snapshot_begin(0), of_snapshot(set_level(0, TP_BID, 98, 1)), snapshot_end(0, 150)});
  EXPECT_NE(at(0).state(), trust::ok);
  EXPECT_EQ(refused(refusal::check_failed), 1u);
  ASSERT_EQ(owner.resynchronise.size(), 1u);
  send({change, snapshot_begin(0), of_snapshot(set_level(0, TP_BID, 98, 1)), snapshot_end(0, 156)});
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(view(0).bids.size(), 2u);
}

TEST_F(Synchroniser, ASnapshotThatIsOlderThanWhatWasAppliedIsNotTaken) {
  live();
  add_book(0);
  send({numbered(add(0, 1, TP_BID, 99, 5), 10), numbered(add(0, 2, TP_BID, 98, 5), 11)});
  send({snapshot_begin(0), of_snapshot(add(0, 1, TP_BID, 99, 5)), snapshot_end(0, 10)});
  EXPECT_EQ(at(0).state(), trust::stale) << "11 is in neither";
  EXPECT_EQ(refused(refusal::check_failed), 1u);
  ASSERT_EQ(owner.resynchronise.size(), 1u);
  send({snapshot_begin(0), of_snapshot(add(0, 1, TP_BID, 99, 5)), of_snapshot(add(0, 2, TP_BID, 98, 5)),
        snapshot_end(0, 11)});
  EXPECT_EQ(view(0).bids.size(), 2u);
}

TEST_F(Synchroniser, ASnapshotThatIsOlderThanWhatWasHeldAndDroppedIsNotTaken) {
  live();
  add_book(0);
  lost();
  send({snapshot_begin(0), numbered(add(0, 1, TP_BID, 99, 5), 20)});
  lost(0); // what was held goes
  send({snapshot_begin(0), snapshot_end(0, 15)});
  EXPECT_EQ(at(0).state(), trust::stale);
}

TEST_F(Synchroniser, EventsOfASnapshotThatNobodyBeganAreRefused) {
  live();
  add_book(0);
  send(of_snapshot(add(0, 1, TP_BID, 100, 1)));
  send(snapshot_end(0, 7));
  EXPECT_EQ(refused(refusal::stale_sequence), 2u);
  EXPECT_TRUE(view(0).bids.empty());
  lost();
  send(of_snapshot(add(0, 1, TP_BID, 100, 1)));
  EXPECT_EQ(refused(refusal::stale_sequence), 3u);
  EXPECT_EQ(feed_->live_orders(), 0u);
}

TEST_F(Synchroniser, ASnapshotMayBeginAnew) {
  live();
  add_book(0);
  lost();
  send({snapshot_begin(0), of_snapshot(add(0, 1, TP_BID, 100, 1)), snapshot_begin(0),
        of_snapshot(add(0, 1, TP_BID, 101, 1)), snapshot_end(0, 7)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{101, 1, 1}}));
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(Synchroniser, LossInTheMiddleOfASnapshotDropsIt) {
  live();
  add_book(0);
  lost();
  send({snapshot_begin(0), of_snapshot(add(0, 1, TP_BID, 100, 1))});
  lost();
  EXPECT_EQ(feed_->live_orders(), 0u);
  send(snapshot_end(0, 7));
  EXPECT_EQ(at(0).state(), trust::stale);
}

TEST_F(Synchroniser, InstrumentsDefinedInTheMiddleOfASnapshotTakePart) {
  send(snapshot_begin(TP_ALL)); // GLIMPSE: the directory is part of the snapshot (venues/nasdaq.md 5)
  add_book(0);
  send(of_snapshot(add(0, 1, TP_BID, 100, 1)));
  EXPECT_NE(at(0).state(), trust::ok);
  send({numbered(add(0, 2, TP_BID, 99, 1), 8), snapshot_end(TP_ALL, 7)});
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 1, 1}, {99, 1, 1}}));
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(Synchroniser, ABrokenSnapshotDoesNotTakeLaterInstruments) {
  send(snapshot_begin(TP_ALL));
  add_book(0);
  lost();
  add_book(1);
  send({of_snapshot(add(1, 1, TP_BID, 100, 1)), snapshot_end(TP_ALL, 7)});
  EXPECT_NE(at(0).state(), trust::ok);
  EXPECT_NE(at(1).state(), trust::ok) << "half a picture is none";
}

TEST_F(Synchroniser, ARestartBeginsAtNothing) {
  live();
  add_book(0);
  send({numbered(add(0, 1, TP_BID, 100, 1), 1'000), numbered(trade(0, 100, 7, 1), 1'001), status(0, TP_STATE_TRADING)});
  stream(TP_STREAM_RESTARTED);
  publication p = view(0);
  EXPECT_EQ(p.state, trust::awaiting);
  EXPECT_EQ(p.day.trades, 0u);
  EXPECT_EQ(p.bid, TP_NONE);
  EXPECT_TRUE(p.bids.empty());
  EXPECT_EQ(p.trading_state, TP_STATE_UNKNOWN);
  EXPECT_EQ(feed_->live_orders(), 0u);
  live(1);
  send(numbered(add(0, 1, TP_BID, 90, 1), 1));
  EXPECT_EQ(view(0).state, trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{90, 1, 1}})) << "small numbers are not old";
}

TEST_F(Synchroniser, NumbersThatBeginAnewWithinTheDayKeepItsFigures) {
  live();
  add_book(0);
  send({numbered(add(0, 1, TP_BID, 100, 1), 1'000), numbered(trade(0, 100, 7, 1), 1'001)});
  stream(TP_STREAM_LOST);
  stream(TP_STREAM_RENUMBERED);
  EXPECT_EQ(view(0).state, trust::stale);
  send(numbered(add(0, 2, TP_BID, 91, 1), 12));
  send({snapshot_begin(0), add(0, 1, TP_BID, 90, 1), snapshot_end(0, 11)});
  EXPECT_EQ(view(0).state, trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{91, 1, 1}, {90, 1, 1}})) << "small numbers are not old";
  EXPECT_EQ(view(0).day.trades, 1u);
}

TEST_F(Synchroniser, TooMuchHeldIsDroppedWhole) {
  open({.order_refs = TP_REFS_SPARSE, .hold_events = 100});
  add_book(0);
  add_book(1);
  for (uint64_t i = 1; i <= 101; ++i) send(numbered(add(static_cast<uint32_t>(i % 2), i, TP_BID, 100, 1), i));
  EXPECT_EQ(refused(refusal::hold_overflow), 1u);
  EXPECT_EQ(feed_->counters().hold_dropped, 101u);
  ASSERT_EQ(owner.resynchronise.size(), 1u);
  EXPECT_EQ(owner.resynchronise[0].channel, channel);
  EXPECT_EQ(owner.resynchronise[0].number, TP_ALL);
  send(numbered(add(0, 500, TP_BID, 100, 1), 500));
  send({snapshot_begin(TP_ALL), snapshot_end(TP_ALL, 499)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 1, 1}}));
  EXPECT_EQ(at(1).state(), trust::ok);
}

TEST_F(Synchroniser, UnknownOrdersWaitWhileABookIsStale) {
  live();
  add_book(0);
  add_book(1);
  send({numbered(add(0, 1, TP_BID, 100, 5), 1), numbered(add(1, 2, TP_ASK, 50, 5), 2)});
  lost(0);
  // 3 was in a lost message of book 0; 9 belongs to nothing at all.
  send({numbered(execute(TP_OF_ORDER, 3, 1, 70), 11), numbered(add(0, 4, TP_BID, 98, 1), 12),
        numbered(replace(TP_OF_ORDER, 4, 6, 97, 1), 13), numbered(reduce(TP_OF_ORDER, 6, 1), 14),
        numbered(execute(TP_OF_ORDER, 2, 1, 71), 15), numbered(remove(TP_OF_ORDER, 9), 16)});
  EXPECT_EQ(refusals(), 0u);
  EXPECT_EQ(levels(view(1).asks), (side_levels{{50, 4, 1}})) << "the other book goes on";
  send({snapshot_begin(0), of_snapshot(add(0, 1, TP_BID, 100, 5)), of_snapshot(add(0, 3, TP_BID, 99, 5)),
        snapshot_end(0, 10)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 5, 1}, {99, 4, 1}}));
  EXPECT_EQ(view(0).day.trades, 1u);
  EXPECT_EQ(refused(refusal::unknown_order), 1u) << "judged when the last book is live: 9";
}

TEST_F(Synchroniser, UnknownOrdersThatASnapshotCoversAreNoOrphans) {
  live();
  add_book(0);
  lost();
  send({numbered(remove(TP_OF_ORDER, 3), 11), numbered(remove(TP_OF_ORDER, 5), 12)});
  send({snapshot_begin(TP_ALL), of_snapshot(add(0, 5, TP_BID, 99, 5)), snapshot_end(TP_ALL, 11)});
  EXPECT_TRUE(view(0).bids.empty()) << "12 removes what the snapshot shows";
  EXPECT_EQ(refusals(), 0u) << "11 happened before it";
}

TEST_F(Synchroniser, UnknownOrdersAreForgottenWithTheirChannel) {
  add_book(0);
  send(numbered(remove(TP_OF_ORDER, 3), 11));
  lost();
  send({snapshot_begin(TP_ALL), snapshot_end(TP_ALL, 11)});
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(Synchroniser, EventsOfAllReachEveryBookAndAreHeldForThoseThatWait) {
  live();
  add_book(0);
  add_book(1);
  lost(1);
  send(numbered(status(TP_ALL, TP_STATE_HALTED), 9));
  EXPECT_EQ(view(0).trading_state, TP_STATE_HALTED);
  EXPECT_EQ(view(1).trading_state, TP_STATE_UNKNOWN);
  send({snapshot_begin(1), snapshot_end(1, 8)});
  EXPECT_EQ(view(1).trading_state, TP_STATE_HALTED);
}

TEST_F(Synchroniser, AClearWaitsInItsPlace) {
  live();
  add_book(0);
  lost();
  send({numbered(add(0, 1, TP_BID, 100, 1), 11), numbered(event(TP_EV_CLEAR, TP_ALL), 12),
        numbered(add(0, 2, TP_BID, 99, 1), 13)});
  send({snapshot_begin(0), of_snapshot(add(0, 9, TP_BID, 50, 1)), snapshot_end(0, 10)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{99, 1, 1}}));
}

TEST_F(Synchroniser, LiveFromANumberMakesALostBookBeginThere) {
  live();
  add_book(0);
  send({numbered(add(0, 1, TP_BID, 100, 1), 5), numbered(trade(0, 100, 1, 1), 6)});
  lost();
  send({numbered(add(0, 2, TP_BID, 99, 1), 7), numbered(add(0, 3, TP_BID, 98, 1), 8)});
  live(8);
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{98, 1, 1}}));
  EXPECT_EQ(view(0).day.trades, 0u) << "all is told from that number on";
}

} // namespace
} // namespace tickplant::book::testing
