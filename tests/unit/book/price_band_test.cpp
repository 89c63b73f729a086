// S0-09: bad ticks by price. What lies outside of its band is not counted and not shown, but stays in the book.
#include "tests/unit/book/feed_fixture.hpp"

namespace tickplant::book::testing {
namespace {

using ::testing::ElementsAre;

struct PriceBand : feed_fixture {
  void begin(uint32_t ppm = 200'000) {
    feed_options options{.order_refs = TP_REFS_DENSE};
    options.band = [ppm](std::string_view symbol) { return symbol == "S0" ? band_rule{ppm, 3} : band_rule{}; };
    open(options);
    add_book(0);
    add_book(1, TP_BOOK_QUOTE);
    live();
    send(trade(0, 10'000, 1));
  }
};

TEST_F(PriceBand, IsOffUnlessSwitchedOn) {
  open_dense();
  add_book(0);
  live();
  send({trade(0, 10'000, 1), trade(0, 1, 1), trade(0, 1'000'000'000, 1)});
  EXPECT_EQ(view(0).day.trades, 3u);
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(PriceBand, TakesWhatIsInsideUpToItsEdges) {
  begin();
  send(trade(0, 12'000, 1));
  EXPECT_EQ(view(0).day.last.price, 12'000);
  send(trade(0, 9'600, 1)); // 20 % of the trade before
  EXPECT_EQ(view(0).day.last.price, 9'600);
  send(trade(0, 11'521, 1));
  EXPECT_EQ(refused(refusal::outside_band), 1u);
  EXPECT_EQ(view(0).day.last.price, 9'600);
  EXPECT_EQ(view(0).day.trades, 3u) << "neither price nor volume of a bad print counts";
}

TEST_F(PriceBand, FollowsAMarketThatHasMovedWhenPrintsInARowAgree) {
  begin();
  send({trade(0, 50'000, 1), trade(0, 100, 1), trade(0, 50'000, 1), trade(0, 50'100, 1)});
  EXPECT_EQ(view(0).day.last.price, 10'000) << "stray prints do not confirm each other";
  send(trade(0, 49'900, 1));
  EXPECT_EQ(view(0).day.last.price, 49'900);
  send(trade(0, 50'500, 1));
  EXPECT_EQ(view(0).day.last.price, 50'500);
  EXPECT_EQ(refused(refusal::outside_band), 4u);
}

TEST_F(PriceBand, CountsGoodPrintsBetweenAsAgainstTheMove) {
  begin();
  for (int i = 0; i < 10; ++i) send({trade(0, 50'000, 1), trade(0, 50'000, 1), trade(0, 10'000, 1)});
  EXPECT_EQ(view(0).day.last.price, 10'000);
  EXPECT_EQ(view(0).day.high, 10'000);
}

TEST_F(PriceBand, TakesTheOfficialPriceOfAnAuction) {
  begin();
  tp_event cross = trade(0, 30'000, 1);
  cross.extra = TP_COND_AUCTION | TP_COND_REOPENING;
  send({cross, trade(0, 30'500, 1)});
  EXPECT_EQ(view(0).day.last.price, 30'500);
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(PriceBand, KeepsOrdersOutsideInTheBookAndShowsTheRest) {
  begin();
  send({add(0, 1, TP_BID, 9'900, 10), add(0, 2, TP_BID, 90'000, 5), add(0, 3, TP_ASK, 10'100, 7),
        add(0, 4, TP_ASK, 1, 3), add(0, 5, TP_ASK, 99'999'999, 1)});
  auto seen = view(0);
  EXPECT_EQ(seen.bid, 9'900);
  EXPECT_EQ(seen.ask, 10'100);
  EXPECT_EQ(levels(seen.bids), (side_levels{{9'900, 10, 1}}));
  EXPECT_EQ(levels(seen.asks), (side_levels{{10'100, 7, 1}}));
  EXPECT_EQ(at(0).figures().orders, 5u);
  // What comes later for such orders finds them.
  send({reduce(0, 2, 1), replace(0, 2, 6, 9'950, 4), remove(0, 4), remove(0, 5)});
  EXPECT_EQ(refusals(), 0u) << refusal_names();
  EXPECT_EQ(levels(view(0).bids), (side_levels{{9'950, 4, 1}, {9'900, 10, 1}}));
}

TEST_F(PriceBand, ExecutesAnOrderOutsideWithoutItsPrint) {
  begin();
  send({add(0, 1, TP_BID, 90'000, 5), execute(0, 1, 2)});
  EXPECT_EQ(refused(refusal::outside_band), 1u);
  EXPECT_EQ(view(0).day.trades, 1u);
  send(execute(0, 1, 3, 0, 0));
  EXPECT_EQ(at(0).figures().orders, 0u) << "its quantity went all the same";
}

TEST_F(PriceBand, CountsPublicationsThatHideATop) {
  begin();
  send({add(0, 1, TP_BID, 9'900, 10), add(0, 2, TP_BID, 90'000, 5)});
  at(0).set_interest({TP_WANT_BOOK, 5});
  publication p;
  at(0).publish(p, 1);
  EXPECT_EQ(p.bid, 9'900);
  EXPECT_EQ(feed_->hidden_tops(), 1u);
  send(remove(0, 2));
  at(0).publish(p, 2);
  EXPECT_EQ(feed_->hidden_tops(), 1u);
}

TEST_F(PriceBand, LeavesOutASideOfAQuote) {
  feed_options options{.order_refs = TP_REFS_NONE};
  options.band = [](std::string_view) { return band_rule{200'000, 3}; };
  open(options);
  add_book(1, TP_BOOK_QUOTE);
  live();
  send({trade(1, 10'000, 1), quote(1, 9'900, 1, 10'100, 1), quote(1, 1, 1, 10'200, 1)});
  const auto seen = view(1);
  EXPECT_EQ(seen.bid, TP_NONE) << "not the old one";
  EXPECT_EQ(seen.ask, 10'200);
  EXPECT_EQ(refused(refusal::outside_band), 1u);
}

TEST_F(PriceBand, BeginsWithThePreviousCloseAndEndsWithTheDay) {
  feed_options options{.order_refs = TP_REFS_DENSE};
  options.band = [](std::string_view) { return band_rule{100'000, 3}; };
  open(options);
  auto definition_of = definition(0, TP_BOOK_ORDERS, "S0");
  definition_of.previous_close = 10'000;
  ASSERT_EQ(feed_->define(definition_of), 1);
  lend(0);
  live();
  send(trade(0, 20'000, 1));
  EXPECT_EQ(refused(refusal::outside_band), 1u);
  send({value(0, TP_VAL_CLOSE, 30'000),
        [] {
          auto e = event(TP_EV_PHASE, 0);
          e.detail = TP_PHASE_DAY_START;
          return e;
        }(),
        trade(0, 30'500, 1)});
  EXPECT_EQ(view(0).day.last.price, 30'500);
}

TEST(PriceBandArithmetic, StaysInRangeAtTheGreatestPrices) {
  price_band band;
  band.set_rule({10'000'000, 1}, (int64_t{1} << 62) - 1);
  EXPECT_TRUE(band.admits(1));
  EXPECT_TRUE(band.admits((int64_t{1} << 62) - 1));
  band.move(1);
  EXPECT_TRUE(band.admits(11));
  EXPECT_FALSE(band.admits(12));
}

} // namespace
} // namespace tickplant::book::testing
