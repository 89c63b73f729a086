// Events that name their order alone (TP_OF_ORDER), and what was refused or dropped, until a snapshot has it.
#include "tests/unit/book/feed_fixture.hpp"

namespace tickplant::book::testing {
namespace {

struct OrderAlone : feed_fixture {
  void SetUp() override { open_sparse(); }
  void define(uint32_t number) { ASSERT_EQ(feed_->define(definition(number, TP_BOOK_ORDERS, "S0")), 1); }
};

TEST_F(OrderAlone, HistoryThatWasHeldForABookIsToldInItsOrder) {
  define(0);
  send({snapshot_begin(TP_ALL, TP_SNAPSHOT_HISTORY), of_snapshot(numbered(add(0, 1, TP_BID, 100, 5), 1)),
        of_snapshot(numbered(reduce(TP_OF_ORDER, 1, 2), 2))});
  lend(0);
  send({of_snapshot(numbered(reduce(TP_OF_ORDER, 1, 1), 3)), snapshot_end(TP_ALL, 3)});
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 2, 1}}));
  EXPECT_EQ(refusals(), 0u) << refusal_names();
}

TEST_F(OrderAlone, AnOrderMayBeOfAnInstrumentThatNobodyWants) {
  owner.unwanted["S1"] = true;
  add_book(0);
  live(1);
  ASSERT_EQ(feed_->define(definition(1, TP_BOOK_ORDERS, "S1")), 0);
  send({add(0, 1, TP_BID, 100, 5), reduce(TP_OF_ORDER, 7, 1), remove(TP_OF_ORDER, 7)});
  EXPECT_EQ(refusals(), 0u) << refusal_names();
  EXPECT_EQ(feed_->counters().unwanted, 2u);
  feed_->retire(1);
  send(remove(TP_OF_ORDER, 7));
  EXPECT_EQ(refused(refusal::unknown_order), 1u) << "all instruments of the channel are wanted";
  EXPECT_EQ(at(0).state(), trust::ok);
}

TEST_F(OrderAlone, ASecondHistoryThatWasHeldIsNotCoveredByTheFirst) {
  define(0);
  const tp_event first = of_snapshot(numbered(add(0, 1, TP_BID, 100, 5), 1));
  send({snapshot_begin(0, TP_SNAPSHOT_HISTORY), first, snapshot_end(0, 1), numbered(add(0, 2, TP_BID, 99, 1), 2),
        snapshot_begin(0, TP_SNAPSHOT_HISTORY), first, of_snapshot(numbered(add(0, 2, TP_BID, 99, 1), 2)),
        snapshot_end(0, 2)});
  lend(0);
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 5, 1}, {99, 1, 1}}));
  EXPECT_EQ(refusals(), 0u) << refusal_names();
}

TEST_F(OrderAlone, AnUnnumberedSnapshotThatWasHeldHasWhatCameBeforeItsBeginningAlone) {
  define(0);
  send({add(0, 1, TP_BID, 100, 5), snapshot_begin(0), of_snapshot(add(0, 1, TP_BID, 100, 5)), add(0, 2, TP_BID, 99, 1),
        snapshot_end(0, 0), add(0, 3, TP_BID, 98, 1)});
  lend(0);
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 5, 1}, {99, 1, 1}, {98, 1, 1}}));
}

TEST_F(OrderAlone, TheNextSnapshotHasToHaveTheEventForWhichThereWasNoRoom) {
  open({.order_refs = TP_REFS_SPARSE, .hold_events = 2});
  add_book(0);
  for (uint64_t n = 1; n <= 3; ++n) send(numbered(add(0, n, TP_BID, 100, 1), n));
  EXPECT_EQ(refused(refusal::hold_overflow), 1u);
  send({snapshot_begin(0), snapshot_end(0, 2)});
  EXPECT_NE(at(0).state(), trust::ok);
  EXPECT_EQ(refused(refusal::check_failed), 1u);
  send({snapshot_begin(0), snapshot_end(0, 3)});
  EXPECT_EQ(at(0).state(), trust::ok);
}

TEST_F(OrderAlone, TheNextSnapshotHasToHaveTheEventThatWasRefused) {
  open({.order_refs = TP_REFS_SPARSE, .orphans_resynchronise = true});
  add_book(0);
  live(1);
  send(numbered(remove(0, 9), 5));
  ASSERT_EQ(owner.resynchronise.size(), 1u);
  send({snapshot_begin(0), snapshot_end(0, 4)});
  EXPECT_NE(at(0).state(), trust::ok);
  send({snapshot_begin(0), snapshot_end(0, 5)});
  EXPECT_EQ(at(0).state(), trust::ok);
}

TEST_F(OrderAlone, AnUnknownOrderIsJudgedWhenTheLastBookThatWaitedIsRetired) {
  add_book(0);
  add_book(1);
  live(1);
  lost(1);
  send(numbered(remove(TP_OF_ORDER, 9), 1));
  EXPECT_EQ(refused(refusal::unknown_order), 0u);
  feed_->retire(1);
  EXPECT_EQ(refused(refusal::unknown_order), 1u);
  EXPECT_EQ(at(0).state(), trust::ok);
}

} // namespace
} // namespace tickplant::book::testing
