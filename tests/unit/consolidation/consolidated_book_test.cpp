// S0-10: one book over several venues; a venue that is not to be trusted never contributes.
#include "tests/unit/consolidation/support.hpp"

#include <gmock/gmock.h>

using namespace tickplant;
using namespace tickplant::consolidation;
using namespace tickplant::tests;
using testing::HasSubstr;

namespace {

struct ConsolidatedBook : testing::Test {
  ConsolidatedBook() { book.set_interest({TP_WANT_QUOTE, 0}); }
  void settle() {
    ++now;
    book.settle(now, now);
  }
  void take(size_t leg, const book::top_state& says) {
    book.take(leg, says);
    settle();
  }
  uint64_t now = 0;
  consolidated_book book{model::instrument_id{100}, listing_of({-2, -2, -4}), {}, 7};
};

TEST_F(ConsolidatedBook, AwaitsItsFirstVenue) {
  settle();
  const auto seen = shown_by(book);
  EXPECT_EQ(seen.state, book::trust::awaiting);
  EXPECT_EQ(seen.reason, "no venue is good: A not live yet, B not live yet, C not live yet");
  EXPECT_EQ(seen.epoch, 7u);
  EXPECT_EQ(seen.bid, TP_NONE);
}

TEST_F(ConsolidatedBook, ShowsTheBestOfAllVenuesAtTheCommonExponent) {
  take(0, top(100'00, 5, 100'10, 7));
  take(1, top(100'02, 3, 100'12, 9));
  take(2, top(99'9900, 4, 100'0900, 2, -4));
  const auto seen = shown_by(book);
  EXPECT_EQ(seen.state, book::trust::ok);
  EXPECT_EQ(seen.instrument->price_exponent, -4);
  EXPECT_EQ(seen.bid, 100'0200);
  EXPECT_EQ(seen.bid_quantity, 3);
  EXPECT_EQ(seen.ask, 100'0900);
  EXPECT_EQ(seen.ask_quantity, 2);
  EXPECT_EQ(seen.consolidated.bid_leg, 1u);
  EXPECT_EQ(seen.consolidated.ask_leg, 2u);
  ASSERT_EQ(seen.consolidated.legs.size(), 3u);
  EXPECT_EQ(seen.consolidated.legs[0].bid, 100'0000);
  EXPECT_EQ(seen.consolidated.legs[0].ask_quantity, 7);
}

TEST_F(ConsolidatedBook, NamesTheGreatestAtOnePriceAndTellsTheTotal) {
  take(0, top(100'00, 5, 100'10, 7));
  take(1, top(100'00, 8, 100'10, 7));
  take(2, top(100'0000, 1, 100'1100, 2, -4));
  const auto seen = shown_by(book);
  EXPECT_EQ(seen.consolidated.bid_leg, 1u);
  EXPECT_EQ(seen.bid_quantity, 8);
  EXPECT_EQ(seen.consolidated.bid_total, 14);
  EXPECT_EQ(seen.consolidated.ask_leg, 0u) << "of equals the first";
  EXPECT_EQ(seen.consolidated.ask_total, 14);
}

TEST_F(ConsolidatedBook, LeavesOutEveryVenueThatIsNotToBeTrusted) {
  take(0, top(100'00, 5, 100'10, 7));
  for (const uint8_t state :
       {TP_STATE_HALTED, TP_STATE_PAUSED, TP_STATE_QUOTE_ONLY, TP_STATE_AUCTION, TP_STATE_PRE_OPEN, TP_STATE_CLOSED}) {
    auto better = top(100'05, 5, 100'06, 7);
    better.trading_state = state;
    take(1, better);
    const auto seen = shown_by(book);
    EXPECT_EQ(seen.bid, 100'0000) << "trading state " << int{state};
    EXPECT_NE(seen.consolidated.legs[1].status, uint32_t{TP_STATUS_OK});
    EXPECT_FALSE(seen.consolidated.legs[1].reason.empty());
    EXPECT_EQ(seen.consolidated.legs[1].bid, 100'0500) << "its own price stays to be seen";
  }
  take(1, top(100'05, 5, 100'06, 7));
  EXPECT_EQ(shown_by(book).bid, 100'0500);
  auto stale = top(100'05, 5, 100'06, 7);
  stale.state = book::trust::stale;
  stale.reason = "a gap";
  take(1, stale);
  EXPECT_EQ(shown_by(book).bid, 100'0000);
  EXPECT_EQ(shown_by(book).consolidated.legs[1].status, uint32_t{TP_STATUS_STALE});
  EXPECT_EQ(shown_by(book).consolidated.legs[1].reason, "a gap");
}

TEST_F(ConsolidatedBook, CountsAVenueThatNeverTellsItsTradingState) {
  auto silent = top(100'00, 5, 100'10, 7);
  silent.trading_state = TP_STATE_UNKNOWN;
  take(0, silent);
  EXPECT_EQ(shown_by(book).bid, 100'0000);
}

TEST_F(ConsolidatedBook, IsStaleWithTheReasonsWhenNoVenueIsGoodAndKeepsItsTop) {
  take(0, top(100'00, 5, 100'10, 7));
  auto halted = top(100'02, 3, 100'12, 9);
  halted.trading_state = TP_STATE_HALTED;
  take(1, halted);
  book.lose(0, "venue adapter gone");
  settle();
  auto seen = shown_by(book);
  EXPECT_EQ(seen.state, book::trust::stale);
  EXPECT_EQ(seen.reason, "no venue is good: A stale (venue adapter gone), B halted, C not live yet");
  EXPECT_EQ(seen.bid, 100'0000) << "the last good top, marked stale";
  take(0, top(100'01, 5, 100'10, 7));
  book.publish(seen, 1);
  EXPECT_EQ(seen.state, book::trust::ok);
  EXPECT_TRUE(seen.reason.empty());
  EXPECT_TRUE(seen.was_interrupted) << "it was stale between two publications";
  EXPECT_EQ(seen.bid, 100'0100);
}

TEST_F(ConsolidatedBook, ShowsASideThatOnlyOneVenueHas) {
  take(0, top(TP_NONE, TP_NONE, 100'10, 7));
  take(1, top(100'02, 3, TP_NONE, TP_NONE));
  const auto seen = shown_by(book);
  EXPECT_EQ(seen.consolidated.bid_leg, 1u);
  EXPECT_EQ(seen.consolidated.ask_leg, 0u);
  take(1, top(TP_NONE, TP_NONE, TP_NONE, TP_NONE));
  EXPECT_EQ(shown_by(book).bid, TP_NONE);
  EXPECT_EQ(shown_by(book).consolidated.bid_leg, book::consolidated_part::none);
}

TEST_F(ConsolidatedBook, LeavesOutAVenueWhosePricesHaveAnotherExponentThanItsDefinition) {
  take(0, top(100'00, 5, 100'10, 7));
  take(1, top(100'0500, 5, 100'0600, 7, -4)); // its definition said -2
  EXPECT_EQ(shown_by(book).bid, 100'0000);
  EXPECT_EQ(shown_by(book).consolidated.legs[1].reason, "its definition changes");
}

TEST_F(ConsolidatedBook, LeavesOutAPriceThatDoesNotFit) {
  take(0, top(100'00, 5, 100'10, 7));
  take(1, top(INT64_MAX / 10, 5, INT64_MAX / 10 + 1, 7));
  const auto seen = shown_by(book);
  EXPECT_EQ(seen.bid, 100'0000);
  EXPECT_EQ(seen.consolidated.legs[1].reason, "its price is too great to be compared");
}

TEST_F(ConsolidatedBook, MergesLevelsOfGoodVenues) {
  auto a = top(100'00, 5, 100'10, 7);
  a.bids = {{100'00, 5, 2, 0}, {99'90, 4, 1, 0}};
  auto c = top(100'0000, 3, 100'1000, 1, -4);
  c.bids = {{100'0000, 3, 1, 0}, {99'9550, 9, 1, 0}, {99'9000, 6, 3, 0}};
  take(0, a);
  take(1, top(99'97, 8, 100'11, 2)); // tells its top alone
  take(2, c);
  const auto bids = shown_by(book, 10).bids;
  ASSERT_EQ(bids.size(), 4u);
  EXPECT_EQ(bids[0].price, 100'0000);
  EXPECT_EQ(bids[0].quantity, 8);
  EXPECT_EQ(bids[0].orders, 3u);
  EXPECT_EQ(bids[1].price, 99'9700);
  EXPECT_EQ(bids[2].price, 99'9550);
  EXPECT_EQ(bids[3].price, 99'9000);
  EXPECT_EQ(bids[3].quantity, 10);
  EXPECT_EQ(shown_by(book, 2).bids.size(), 2u);
}

TEST_F(ConsolidatedBook, ShowsTheLatestTradeAndAllVolume) {
  auto a = top(100'00, 5, 100'10, 7), c = top(100'0000, 5, 100'1000, 7, -4);
  a.last = {100'05, 10, 50, TP_AGGRESSOR_BUY};
  a.volume = {1'000, 0};
  a.trades = 3;
  c.last = {100'0700, 20, 60, TP_AGGRESSOR_SELL};
  c.volume = {500, 0};
  c.trades = 2;
  take(0, a);
  take(2, c);
  const auto seen = shown_by(book);
  EXPECT_EQ(seen.day.last.price, 100'0700);
  EXPECT_EQ(seen.day.last.quantity, 20);
  EXPECT_EQ(seen.day.volume.low, 1'500u);
  EXPECT_EQ(seen.day.trades, 5u);
}

TEST_F(ConsolidatedBook, IsDueForListenersAlone) {
  book::publication out;
  take(0, top(100'00, 5, 100'10, 7));
  EXPECT_TRUE(book.is_due());
  book.publish(out, 1);
  EXPECT_TRUE(out.is_snapshot);
  EXPECT_FALSE(book.is_due());
  take(0, top(100'01, 5, 100'10, 7));
  book.publish(out, 2);
  EXPECT_FALSE(out.is_snapshot);
  book.set_interest({});
  take(0, top(100'02, 5, 100'10, 7));
  EXPECT_FALSE(book.is_due());
  book.set_interest({TP_WANT_QUOTE, 0});
  EXPECT_TRUE(book.is_due());
  book.publish(out, 3);
  EXPECT_TRUE(out.is_snapshot);
}

TEST_F(ConsolidatedBook, ForgetsWhatLegsSaidWhenItIsMadeOfOthers) {
  take(0, top(100'00, 5, 100'10, 7));
  book.change(listing_of({-3, -2}), {}, 1, 1);
  settle();
  auto seen = shown_by(book);
  EXPECT_EQ(seen.state, book::trust::stale);
  EXPECT_EQ(seen.bid, TP_NONE) << "the old numbers mean something else";
  EXPECT_EQ(seen.instrument->price_exponent, -3);
  take(1, top(100'00, 5, 100'10, 7));
  EXPECT_EQ(shown_by(book).bid, 100'000);
  EXPECT_GT(shown_by(book).sequence, seen.sequence);
}

} // namespace
