// What events do to price-level books and to quote-only ones.
#include "tests/unit/book/feed_fixture.hpp"

namespace tickplant::book::testing {
namespace {

struct LevelEvents : feed_fixture {
  void SetUp() override {
    open();
    live();
    add_book(0, TP_BOOK_LEVELS);
  }
};

TEST_F(LevelEvents, QuantitiesAreAbsolute) {
  send({set_level(0, TP_BID, 100, 10, 3), set_level(0, TP_BID, 100, 4, 2), set_level(0, TP_ASK, 101, 7)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 4, 2}}));
  EXPECT_EQ(levels(view(0).asks), (side_levels{{101, 7, 0}}));
  send({set_level(0, TP_BID, 100, 0), set_level(0, TP_BID, 90, 0)});
  EXPECT_TRUE(view(0).bids.empty());
  EXPECT_EQ(refusals(), 0u) << "removing what is not there is normal";
  EXPECT_EQ(view(0).sequence, 4u) << "but it is no change";
}

TEST_F(LevelEvents, NonsenseIsRefused) {
  send({set_level(0, TP_BID, 0, 1), set_level(0, TP_BID, 100, -1), set_level(0, 0, 100, 1), add(0, 1, TP_BID, 100, 1)});
  EXPECT_EQ(refused(refusal::bad_price), 1u);
  EXPECT_EQ(refused(refusal::bad_quantity), 1u);
  EXPECT_EQ(refused(refusal::bad_side), 1u);
  EXPECT_EQ(refused(refusal::unknown_kind), 1u);
}

TEST_F(LevelEvents, AVenueEventOfSeveralIsOneChange) {
  at(0).set_interest({TP_WANT_BOOK, 5});
  publication p;
  at(0).publish(p, 1);
  dirty.ids().clear();
  send({unfinished(set_level(0, TP_BID, 100, 1)), unfinished(set_level(0, TP_BID, 99, 1))});
  EXPECT_FALSE(at(0).is_due()) << "half applied";
  EXPECT_TRUE(dirty.ids().empty());
  send(set_level(0, TP_ASK, 101, 1));
  EXPECT_TRUE(at(0).is_due());
  EXPECT_EQ(dirty.ids().size(), 1u);
  EXPECT_EQ(view(0).sequence, 1u);
}

TEST_F(LevelEvents, AVenueEventMayEndAtAnotherInstrument) {
  add_book(1, TP_BOOK_LEVELS);
  send({unfinished(set_level(0, TP_BID, 100, 1)), set_level(1, TP_BID, 50, 1)});
  EXPECT_EQ(view(0).sequence, 1u);
  EXPECT_EQ(view(1).sequence, 1u);
}

TEST_F(LevelEvents, AHalfAppliedBookIsListedAgainAtItsEnd) {
  at(0).set_interest({TP_WANT_BOOK, 5});
  publication p;
  at(0).publish(p, 1);
  dirty.ids().clear();
  send({set_level(0, TP_BID, 100, 1), unfinished(set_level(0, TP_BID, 99, 1))});
  ASSERT_EQ(dirty.ids().size(), 1u);
  EXPECT_FALSE(at(0).is_due());
  dirty.ids().clear(); // the loop's turn is over
  send(set_level(0, TP_ASK, 101, 1));
  ASSERT_EQ(dirty.ids().size(), 1u);
  EXPECT_TRUE(at(0).is_due());
}

TEST_F(LevelEvents, ACrossedBookIsGivenUp) {
  at(0).set_interest({TP_WANT_BOOK, 5});
  send({set_level(0, TP_BID, 100, 1), set_level(0, TP_ASK, 101, 1)});
  publication p;
  at(0).publish(p, 1);
  send({unfinished(set_level(0, TP_BID, 102, 1)), set_level(0, TP_ASK, 101, 0)});
  EXPECT_EQ(at(0).state(), trust::ok) << "crossed only between the events of one venue event";
  send(set_level(0, TP_ASK, 102, 1)); // locked
  EXPECT_EQ(at(0).state(), trust::stale);
  EXPECT_EQ(feed_->counters().crossed, 1u);
  ASSERT_EQ(owner.resynchronise.size(), 1u);
  EXPECT_EQ(owner.resynchronise[0].number, 0u);
  at(0).publish(p, 2);
  EXPECT_EQ(levels(p.bids), (side_levels{{100, 1, 0}})) << "what was published last";
  EXPECT_EQ(levels(p.asks), (side_levels{{101, 1, 0}}));
  EXPECT_EQ(p.reason, "the book is crossed");
}

TEST_F(LevelEvents, TheFresherOfQuoteAndBookIsTheTop) {
  send({numbered(set_level(0, TP_BID, 100, 1), 10), numbered(set_level(0, TP_ASK, 103, 1), 10)});
  send(numbered(quote(0, 101, 5, 102, 6), 11));
  publication p = view(0);
  EXPECT_EQ(p.bid, 101);
  EXPECT_EQ(p.bid_quantity, 5);
  EXPECT_EQ(p.ask, 102);
  EXPECT_EQ(p.ask_quantity, 6);
  EXPECT_EQ(levels(p.bids), (side_levels{{100, 1, 0}})) << "never in the levels";
  EXPECT_EQ(p.venue_sequence, 11u);
  send(numbered(set_level(0, TP_BID, 99, 1), 11)); // the book has caught up
  p = view(0);
  EXPECT_EQ(p.bid, 100);
  EXPECT_EQ(p.ask, 103);
  send(numbered(quote(0, 90, 5, 91, 6), 10)); // late
  EXPECT_EQ(view(0).bid, 100);
}

TEST_F(LevelEvents, AOneSidedQuoteHasOneSide) {
  send(numbered(quote(0, 101, 5, 0, 0), 1));
  const publication p = view(0);
  EXPECT_EQ(p.bid, 101);
  EXPECT_EQ(p.ask, TP_NONE);
  EXPECT_EQ(p.ask_quantity, TP_NONE);
}

TEST_F(LevelEvents, NumbersOfTradesDoNotAgeTheBook) {
  send({numbered(trade(0, 100, 1, 7), 1'000'000), numbered(set_level(0, TP_BID, 99, 1), 5)});
  EXPECT_EQ(refusals(), 0u);
  EXPECT_EQ(view(0).venue_sequence, 5u);
}

TEST_F(LevelEvents, QuoteBooksAreLiveWithTheirChannel) {
  add_book(1, TP_BOOK_QUOTE);
  EXPECT_EQ(at(1).state(), trust::ok);
  send(quote(1, 10, 1, 11, 2));
  EXPECT_EQ(view(1).bid, 10);
  lost();
  EXPECT_EQ(at(1).state(), trust::stale);
  live(0);
  EXPECT_EQ(at(1).state(), trust::ok) << "each quote stands for itself";
  EXPECT_EQ(at(0).state(), trust::stale) << "levels do not";
}

TEST_F(LevelEvents, OrderBooksShowTheQuoteWhileTheVenueShowsNoDepth) {
  open_sparse();
  live();
  add_book(2, TP_BOOK_ORDERS);
  send({add(2, 1, TP_BID, 100, 1), quote(2, 90, 1, 91, 2)});
  EXPECT_EQ(view(2).bid, 100);
  send(status(2, TP_STATE_NO_DEPTH));
  EXPECT_EQ(view(2).bid, 90);
}

} // namespace
} // namespace tickplant::book::testing
