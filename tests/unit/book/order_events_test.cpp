// What each kind of event does to an order book.
#include "tests/unit/book/feed_fixture.hpp"

namespace tickplant::book::testing {
namespace {

struct OrderEvents : feed_fixture, ::testing::WithParamInterface<uint32_t> {
  void SetUp() override {
    open({.order_refs = GetParam()});
    live();
    add_book(0);
    add_book(1);
  }
};

INSTANTIATE_TEST_SUITE_P(References, OrderEvents, ::testing::Values(TP_REFS_DENSE, TP_REFS_SPARSE),
                         [](const auto& i) { return i.param == TP_REFS_DENSE ? "Dense" : "Sparse"; });

TEST_P(OrderEvents, AddJoinsItsLevel) {
  send({add(0, 1, TP_BID, 100, 10), add(0, 2, TP_BID, 100, 5), add(0, 3, TP_BID, 99, 1), add(0, 4, TP_ASK, 101, 7)});
  const publication p = view(0);
  EXPECT_EQ(levels(p.bids), (side_levels{{100, 15, 2}, {99, 1, 1}}));
  EXPECT_EQ(levels(p.asks), (side_levels{{101, 7, 1}}));
  EXPECT_EQ(p.bid, 100);
  EXPECT_EQ(p.bid_quantity, 15);
  EXPECT_EQ(p.ask, 101);
  EXPECT_EQ(p.ask_quantity, 7);
  EXPECT_EQ(p.sequence, 4u);
  EXPECT_EQ(feed_->live_orders(), 4u);
}

TEST_P(OrderEvents, BooksDoNotMix) {
  send({add(0, 1, TP_BID, 100, 10), add(1, 2, TP_BID, 100, 5)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 10, 1}}));
  EXPECT_EQ(levels(view(1).bids), (side_levels{{100, 5, 1}}));
  send(remove(0, 2)); // an order of the other book
  EXPECT_EQ(refused(refusal::unknown_order), 1u);
  EXPECT_EQ(levels(view(1).bids), (side_levels{{100, 5, 1}}));
}

TEST_P(OrderEvents, ExecutionToZeroRemoves) {
  send({add(0, 1, TP_BID, 100, 10), execute(0, 1, 4)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 6, 1}}));
  send(execute(0, 1, 6));
  EXPECT_TRUE(view(0).bids.empty());
  EXPECT_EQ(feed_->live_orders(), 0u);
  send(remove(0, 1));
  EXPECT_EQ(refused(refusal::unknown_order), 1u);
}

TEST_P(OrderEvents, OverExecutionTakesWhatIsLeft) {
  send({add(0, 1, TP_BID, 100, 10), execute(0, 1, 11, 77)});
  EXPECT_EQ(refused(refusal::over_execution), 1u);
  EXPECT_TRUE(view(0).bids.empty());
  EXPECT_EQ(view(0).day.volume.low, 10u);
}

TEST_P(OrderEvents, ExecutionSaysWhatIsLeft) {
  tp_event e = execute(0, 1, 4, 0, TP_PRINT | TP_LEFT);
  e.extra = 25; // an iceberg shows its next part
  send({add(0, 1, TP_BID, 100, 10), add(0, 2, TP_BID, 100, 1), e});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 26, 2}}));
  EXPECT_EQ(view(0).day.volume.low, 4u);
  e.extra = 0;
  send(e);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 1, 1}}));
  e.order = 2;
  e.extra = static_cast<uint64_t>(int64_t{-1});
  send(e);
  EXPECT_EQ(refused(refusal::bad_quantity), 1u);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 1, 1}}));
}

TEST_P(OrderEvents, ReduceTakesAPartAway) {
  send({add(0, 1, TP_ASK, 100, 10), reduce(0, 1, 3)});
  EXPECT_EQ(levels(view(0).asks), (side_levels{{100, 7, 1}}));
  send(reduce(0, 1, 7));
  EXPECT_TRUE(view(0).asks.empty());
  EXPECT_EQ(view(0).day.trades, 0u);
}

TEST_P(OrderEvents, ReplaceKeepsSideAndGoesToTheBack) {
  send({add(0, 1, TP_ASK, 100, 10), add(0, 2, TP_ASK, 100, 3), replace(0, 1, 9, 100, 4)});
  EXPECT_EQ(levels(view(0).asks), (side_levels{{100, 7, 2}}));
  send({replace(0, 9, 10, 102, 4), remove(0, 2)});
  EXPECT_EQ(levels(view(0).asks), (side_levels{{102, 4, 1}}));
  send(remove(0, 1));
  EXPECT_EQ(refused(refusal::unknown_order), 1u) << "the old reference is gone";
  send(replace(0, 10, 10, 103, 5));
  EXPECT_EQ(levels(view(0).asks), (side_levels{{103, 5, 1}})) << "the same reference may be used again";
}

TEST_P(OrderEvents, ReplaceByNonsenseStillTakesTheOldOrder) {
  send({add(0, 1, TP_ASK, 100, 10), replace(0, 1, 2, 0, 4)});
  EXPECT_TRUE(view(0).asks.empty());
  EXPECT_EQ(refused(refusal::bad_price), 1u);
}

TEST_P(OrderEvents, ModifyMovesOrStays) {
  send({add(0, 1, TP_BID, 100, 10), add(0, 2, TP_BID, 100, 3), modify(0, 1, 100, 12, TP_KEEP)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 15, 2}}));
  send(modify(0, 1, 101, 5));
  EXPECT_EQ(levels(view(0).bids), (side_levels{{101, 5, 1}, {100, 3, 1}}));
  send(modify(0, 1, 101, 0));
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 3, 1}}));
}

TEST_P(OrderEvents, AWrongCheckMakesTheBookStale) {
  tp_event good = modify(0, 1, 101, 5, TP_CHECK);
  good.ref = 100;
  good.extra = 10;
  send({add(0, 1, TP_BID, 100, 10), good});
  EXPECT_EQ(at(0).state(), trust::ok);
  tp_event bad = event(TP_EV_DELETE, 0, TP_CHECK);
  bad.order = 1;
  bad.ref = 101;
  bad.extra = 6; // it has 5
  send(bad);
  EXPECT_EQ(refused(refusal::check_failed), 1u);
  EXPECT_EQ(at(0).state(), trust::stale);
  ASSERT_EQ(owner.resynchronise.size(), 1u);
  EXPECT_EQ(owner.resynchronise[0].number, 0u);
}

TEST_P(OrderEvents, ADuplicateReplacesWhatItNames) {
  send({add(0, 1, TP_BID, 100, 10), add(0, 1, TP_BID, 99, 4)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{99, 4, 1}}));
  send(add(1, 1, TP_ASK, 50, 2));
  EXPECT_TRUE(view(0).bids.empty()) << "also across books";
  EXPECT_EQ(levels(view(1).asks), (side_levels{{50, 2, 1}}));
  EXPECT_EQ(refused(refusal::duplicate_order), 2u);
  EXPECT_EQ(feed_->live_orders(), 1u);
}

TEST_P(OrderEvents, MarketOrdersStayOutsideThePrices) {
  tp_event market = add(0, 1, TP_BID, 0, 10);
  market.flags |= TP_NO_LIMIT;
  send({market, add(0, 2, TP_BID, 99, 1)});
  EXPECT_EQ(view(0).bid, 99);
  EXPECT_EQ(at(0).figures().orders, 2u);
  EXPECT_EQ(at(0).figures().bid_levels, 1u);
  send(execute(0, 1, 4, 5, TP_PRINT | TP_PRICE)); // price 0
  EXPECT_EQ(refused(refusal::bad_price), 1u);
  tp_event e = execute(0, 1, 4, 5, TP_PRINT | TP_PRICE);
  e.price = 98;
  send(e);
  EXPECT_EQ(view(0).day.last.price, 98);
  send(modify(0, 1, 97, 2)); // it gets a limit
  EXPECT_EQ(levels(view(0).bids), (side_levels{{99, 1, 1}, {97, 2, 1}}));
  send({remove(0, 1), remove(0, 2)});
  EXPECT_EQ(at(0).figures().orders, 0u);
}

TEST_P(OrderEvents, ClearEmptiesOneBookOrAll) {
  send({add(0, 1, TP_BID, 100, 10), add(1, 2, TP_BID, 100, 5), event(TP_EV_CLEAR, 0)});
  EXPECT_TRUE(view(0).bids.empty());
  EXPECT_EQ(view(1).bids.size(), 1u);
  send({add(0, 1, TP_BID, 100, 10), event(TP_EV_CLEAR, TP_ALL)});
  EXPECT_TRUE(view(0).bids.empty());
  EXPECT_TRUE(view(1).bids.empty());
  EXPECT_EQ(feed_->live_orders(), 0u);
  EXPECT_EQ(refusals(), 0u);
}

TEST_P(OrderEvents, OrdersAreFoundWithoutAnInstrument) {
  tp_event e = execute(TP_OF_ORDER, 2, 3, 9);
  send({add(0, 1, TP_BID, 100, 10), add(1, 2, TP_ASK, 50, 5), e});
  EXPECT_EQ(levels(view(1).asks), (side_levels{{50, 2, 1}}));
  EXPECT_EQ(view(1).day.last.price, 50);
  send({replace(TP_OF_ORDER, 2, 3, 51, 1), modify(TP_OF_ORDER, 3, 52, 1), remove(TP_OF_ORDER, 3)});
  EXPECT_TRUE(view(1).asks.empty());
  EXPECT_EQ(refusals(), 0u);
  send(remove(TP_OF_ORDER, 3));
  EXPECT_EQ(refused(refusal::unknown_order), 1u);
}

TEST_P(OrderEvents, NonsenseIsRefusedAndCounted) {
  send(add(0, 1, TP_BID, 0, 10));
  send(add(0, 1, TP_BID, -5, 10));
  send(add(0, 1, TP_BID, INT64_MAX, 10));
  send(add(0, 1, TP_BID, TP_NONE, 10));
  EXPECT_EQ(refused(refusal::bad_price), 4u);
  send(add(0, 1, TP_BID, 100, 0));
  send(add(0, 1, TP_BID, 100, -1));
  send(add(0, 1, TP_BID, 100, TP_NONE));
  EXPECT_EQ(refused(refusal::bad_quantity), 3u);
  send(add(0, 1, 0, 100, 1));
  send(add(0, 1, TP_BID | TP_ASK, 100, 1));
  EXPECT_EQ(refused(refusal::bad_side), 2u);
  send(add(2, 1, TP_BID, 100, 1));
  send(add(0xFFFFFFF0u, 1, TP_BID, 100, 1));
  EXPECT_EQ(refused(refusal::unknown_instrument), 2u);
  feed_->emit(channel + 1, {});
  const tp_event other = add(0, 1, TP_BID, 100, 1);
  feed_->emit(channel + 1, {&other, 1});
  EXPECT_EQ(refused(refusal::unknown_instrument), 3u);
  for (const uint8_t kind : {uint8_t{0}, uint8_t{19}, uint8_t{33}, uint8_t{65}, uint8_t{255}}) send(event(kind, 0));
  send(set_level(0, TP_BID, 100, 1));
  EXPECT_EQ(refused(refusal::unknown_kind), 6u);
  send({add(0, 1, TP_BID, 100, 5), execute(0, 1, 0), execute(0, 1, -1), reduce(0, 1, 0), modify(0, 1, 0, 5),
        modify(0, 1, 100, -5)});
  EXPECT_EQ(refused(refusal::bad_quantity), 7u);
  EXPECT_EQ(refused(refusal::bad_price), 5u);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 5, 1}}));
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(view(0).sequence, 1u) << "only the add was visible";
}

TEST_P(OrderEvents, ALevelDoesNotOverflow) {
  send({add(0, 1, TP_BID, 100, INT64_MAX), add(0, 2, TP_BID, 100, 1)});
  EXPECT_EQ(refused(refusal::bad_quantity), 1u);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, INT64_MAX, 1}}));
  EXPECT_EQ(feed_->live_orders(), 1u);
}

TEST_P(OrderEvents, OlderEventsAreRefused) {
  send({numbered(add(0, 1, TP_BID, 100, 5), 10), numbered(add(0, 2, TP_BID, 99, 5), 9)});
  EXPECT_EQ(refused(refusal::stale_sequence), 1u);
  send({numbered(add(0, 3, TP_BID, 98, 5), 10), add(0, 4, TP_BID, 97, 5)}); // same number, no number
  EXPECT_EQ(view(0).bids.size(), 3u);
  EXPECT_EQ(view(0).venue_sequence, 10u);
}

TEST_P(OrderEvents, CrossedOrderBooksAreShownAsTheyAre) {
  at(0).set_interest({TP_WANT_BOOK, 5});
  send({add(0, 1, TP_BID, 101, 5), add(0, 2, TP_ASK, 100, 5)});
  publication p;
  at(0).publish(p, 1);
  EXPECT_EQ(p.state, trust::ok);
  EXPECT_EQ(p.bid, 101);
  EXPECT_EQ(p.ask, 100);
  EXPECT_EQ(at(0).figures().crossed, 1u);
}

struct OrderLimits : feed_fixture {};

TEST_F(OrderLimits, TooManyOrdersMakeTheBookStale) {
  open({.order_refs = TP_REFS_SPARSE, .orders = 100});
  live();
  add_book(0);
  for (uint64_t ref = 1; ref <= 101; ++ref) send(add(0, ref, TP_BID, static_cast<int64_t>(ref), 1));
  EXPECT_EQ(refused(refusal::limit), 1u);
  EXPECT_EQ(at(0).state(), trust::stale);
  EXPECT_EQ(feed_->live_orders(), 0u);
  EXPECT_EQ(owner.resynchronise.size(), 1u);
}

TEST_F(OrderLimits, TooManyLevelsMakeTheBookStale) {
  open({.order_refs = TP_REFS_SPARSE, .levels = 10});
  live();
  add_book(0);
  for (uint64_t ref = 1; ref <= 11; ++ref) send(add(0, ref, TP_BID, static_cast<int64_t>(ref), 1));
  EXPECT_EQ(refused(refusal::limit), 1u);
  EXPECT_EQ(at(0).state(), trust::stale);
  EXPECT_EQ(feed_->live_orders(), 0u);
}

TEST_F(OrderLimits, OrphansMayAskForASnapshot) {
  open({.order_refs = TP_REFS_SPARSE, .orphans_resynchronise = true});
  live();
  add_book(0);
  send({add(0, 1, TP_BID, 100, 1), remove(0, 2)});
  EXPECT_EQ(at(0).state(), trust::stale);
  EXPECT_EQ(owner.resynchronise.size(), 1u);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 1, 1}})) << "the last good top";
}

} // namespace
} // namespace tickplant::book::testing
