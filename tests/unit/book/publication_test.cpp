// What listeners get, and when.
#include "tests/unit/book/feed_fixture.hpp"

namespace tickplant::book::testing {
namespace {

struct Publication : feed_fixture {
  void SetUp() override {
    open_sparse();
    live();
    add_book(0);
    dirty.ids().clear();
  }
  publication published() {
    publication p;
    at(0).publish(p, 4'000);
    dirty.ids().clear();
    return p;
  }
};

TEST_F(Publication, NobodyListeningIsNoWork) {
  send(add(0, 1, TP_BID, 100, 1));
  EXPECT_TRUE(dirty.ids().empty());
  EXPECT_FALSE(at(0).is_due());
  EXPECT_EQ(view(0).sequence, 1u) << "changes are numbered all the same";
}

TEST_F(Publication, TheFirstAfterInterestIsASnapshot) {
  send(add(0, 1, TP_BID, 100, 1));
  at(0).set_interest({TP_WANT_QUOTE, 0});
  EXPECT_TRUE(at(0).is_due());
  EXPECT_EQ(dirty.ids().size(), 1u);
  EXPECT_TRUE(published().is_snapshot);
  EXPECT_FALSE(at(0).is_due());
  send(add(0, 2, TP_BID, 101, 1));
  EXPECT_FALSE(published().is_snapshot);
  at(0).set_interest({TP_WANT_QUOTE | TP_WANT_BOOK, 5});
  EXPECT_TRUE(published().is_snapshot);
  at(0).set_interest({TP_WANT_QUOTE, 0});
  EXPECT_TRUE(at(0).is_due()) << "whoever asked has not seen the present state";
  EXPECT_FALSE(published().is_snapshot) << "but nothing new is wanted";
  at(0).set_interest({});
  send(add(0, 3, TP_BID, 102, 1));
  at(0).set_interest({TP_WANT_QUOTE, 0});
  EXPECT_TRUE(published().is_snapshot);
}

TEST_F(Publication, AnEngineIsListedOnce) {
  at(0).set_interest({TP_WANT_BOOK, 2});
  published();
  for (uint64_t ref = 1; ref <= 10; ++ref) send(add(0, ref, TP_BID, 100, 1));
  EXPECT_EQ(dirty.ids().size(), 1u);
  published();
  send(add(0, 11, TP_BID, 100, 1));
  EXPECT_EQ(dirty.ids().size(), 1u);
}

TEST_F(Publication, HasTheStateAndItsStamps) {
  at(0).set_interest({TP_WANT_BOOK, 2});
  tp_event e = numbered(add(0, 1, TP_BID, 100, 1), 7);
  e.venue_ns = 1'000;
  feed_->received(2'000);
  send({e, add(0, 2, TP_BID, 99, 1), add(0, 3, TP_BID, 98, 1)});
  e = numbered(add(0, 4, TP_ASK, 105, 2), 8);
  e.venue_ns = 3'000;
  send(e);
  const publication p = published();
  EXPECT_EQ(p.id, id_of(0));
  EXPECT_EQ(p.instrument->symbol, "S0");
  EXPECT_EQ(p.instrument->venue, "TEST");
  EXPECT_EQ(p.epoch, 101u);
  EXPECT_EQ(p.sequence, 4u);
  EXPECT_EQ(p.venue_sequence, 8u);
  EXPECT_EQ(p.venue_ns, 3'000u);
  EXPECT_EQ(p.receive_ns, 2'000u);
  EXPECT_EQ(p.apply_ns, 4'000u);
  EXPECT_EQ(levels(p.bids), (side_levels{{100, 1, 1}, {99, 1, 1}})) << "as deep as asked";
  EXPECT_EQ(levels(p.asks), (side_levels{{105, 2, 1}}));
  EXPECT_EQ(p.state, trust::ok);
}

TEST_F(Publication, StalenessIsTold) {
  at(0).set_interest({TP_WANT_BOOK, 1});
  send({add(0, 1, TP_BID, 100, 1), add(0, 2, TP_BID, 99, 1)});
  published();
  lost();
  EXPECT_TRUE(at(0).is_due());
  const publication p = published();
  EXPECT_EQ(p.state, trust::stale);
  EXPECT_EQ(levels(p.bids), (side_levels{{100, 1, 1}}));
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 1, 1}, {99, 1, 1}}));
  send({snapshot_begin(0), snapshot_end(0, 5)});
  EXPECT_TRUE(published().is_snapshot);
}

TEST_F(Publication, AStaleBookKeepsABoundedTop) {
  for (uint64_t ref = 1; ref <= 100; ++ref) send(add(0, ref, TP_BID, static_cast<int64_t>(ref), 1));
  lost();
  const publication p = view(0, 50);
  ASSERT_EQ(p.bids.size(), 20u);
  EXPECT_EQ(p.bids[0].price, 100);
}

TEST_F(Publication, ReusesMemory) {
  at(0).set_interest({TP_WANT_BOOK, 5});
  send({add(0, 1, TP_BID, 100, 1), add(0, 2, TP_ASK, 101, 1)});
  publication p;
  at(0).publish(p, 1);
  const tp_level* bids = p.bids.data();
  send(remove(0, 2));
  at(0).publish(p, 2);
  EXPECT_EQ(p.bids.data(), bids);
  EXPECT_TRUE(p.asks.empty());
  EXPECT_EQ(p.ask, TP_NONE);
}

TEST_F(Publication, FiguresAddUpTheBook) {
  send({add(0, 1, TP_BID, 100, INT64_MAX), add(0, 2, TP_BID, 99, INT64_MAX), add(0, 3, TP_ASK, 101, 4)});
  const book_figures f = at(0).figures();
  EXPECT_EQ(f.bid_levels, 2u);
  EXPECT_EQ(f.ask_levels, 1u);
  EXPECT_EQ(f.orders, 3u);
  EXPECT_EQ(f.bid_quantity.low, UINT64_MAX - 1);
  EXPECT_EQ(f.ask_quantity.low, 4u);
}

} // namespace
} // namespace tickplant::book::testing
