// What counts for the day's figures.
#include "runtime/model/decimal.hpp"
#include "tests/unit/book/feed_fixture.hpp"

namespace tickplant::book::testing {
namespace {

struct Statistics : feed_fixture {
  void SetUp() override {
    open_sparse();
    live();
    tp_instrument d = definition(0, TP_BOOK_ORDERS, "S0");
    d.previous_close = 95;
    ASSERT_EQ(feed_->define(d), 1);
    lend(0);
  }
  statistics day() { return view(0).day; }
  std::string volume() { return model::to_text(day().volume, 0); }
};

TEST_F(Statistics, ExecutionsTradeAtTheOrdersPrice) {
  tp_event e = execute(0, 1, 4, 9);
  e.venue_ns = 77;
  send({add(0, 1, TP_BID, 100, 10), e});
  EXPECT_EQ(day().last.price, 100);
  EXPECT_EQ(day().last.quantity, 4);
  EXPECT_EQ(day().last.venue_ns, 77u);
  EXPECT_EQ(day().last.aggressor, TP_AGGRESSOR_SELL) << "the other side of the resting bid";
  EXPECT_EQ(day().trades, 1u);
  EXPECT_EQ(volume(), "4");
  EXPECT_EQ(day().previous_close, 95);
}

TEST_F(Statistics, ExecutionsMayNameAnotherPrice) {
  tp_event e = execute(0, 1, 4, 9, TP_PRINT | TP_PRICE);
  e.price = 98;
  send({add(0, 1, TP_ASK, 100, 10), e});
  EXPECT_EQ(day().last.price, 98);
  EXPECT_EQ(day().last.aggressor, TP_AGGRESSOR_BUY);
  EXPECT_EQ(levels(view(0).asks), (side_levels{{100, 6, 1}})) << "the rest keeps its price";
}

TEST_F(Statistics, WhatIsNotPrintedDoesNotCount) {
  send({add(0, 1, TP_ASK, 100, 10), execute(0, 1, 4, 9, 0), trade(0, 90, 5, 10, 0)});
  EXPECT_EQ(day().trades, 0u);
  EXPECT_EQ(day().last.price, TP_NONE);
  EXPECT_EQ(day().open, TP_NONE);
  EXPECT_EQ(volume(), "0");
}

TEST_F(Statistics, TradesMoveOpenHighLowAndLast) {
  for (const int64_t price : {100, 110, 90, 95})
    send(trade(0, price, 10, static_cast<uint64_t>(price), TP_PRINT | TP_BID));
  EXPECT_EQ(day().open, 100);
  EXPECT_EQ(day().high, 110);
  EXPECT_EQ(day().low, 90);
  EXPECT_EQ(day().last.price, 95);
  EXPECT_EQ(day().last.aggressor, TP_AGGRESSOR_BUY);
  EXPECT_EQ(day().trades, 4u);
  EXPECT_EQ(volume(), "40");
  send(trade(0, 95, 1, 5));
  EXPECT_EQ(day().last.aggressor, TP_AGGRESSOR_UNKNOWN);
}

TEST_F(Statistics, TradesWithoutPriceOrQuantityAreRefused) {
  send({trade(0, 0, 10), trade(0, 100, 0), trade(0, 100, -1)});
  EXPECT_EQ(refused(refusal::bad_price), 1u);
  EXPECT_EQ(refused(refusal::bad_quantity), 2u);
  EXPECT_EQ(day().trades, 0u);
}

TEST_F(Statistics, ABreakTakesTheVolumeBackAndNothingElse) {
  tp_event broken = event(TP_EV_BREAK, 0);
  broken.ref = 2;
  send({trade(0, 100, 10, 1), trade(0, 120, 25, 2), broken});
  EXPECT_EQ(volume(), "10");
  EXPECT_EQ(day().trades, 2u);
  EXPECT_EQ(day().last.price, 120);
  EXPECT_EQ(day().high, 120);
  send(broken);
  EXPECT_EQ(volume(), "10") << "a broken trade does not break twice";
  EXPECT_EQ(feed_->counters().unknown_trades, 1u);
  broken.ref = 99;
  send(broken);
  EXPECT_EQ(feed_->counters().unknown_trades, 2u);
}

TEST_F(Statistics, BreaksOfTradesThatDidNotCountAreUnknown) {
  tp_event broken = event(TP_EV_BREAK, 0);
  broken.ref = 9;
  send({add(0, 1, TP_ASK, 100, 10), execute(0, 1, 4, 9, 0), broken});
  EXPECT_EQ(volume(), "0");
  EXPECT_EQ(feed_->counters().unknown_trades, 1u);
}

TEST_F(Statistics, ACorrectionChangesVolumeAndTheLastPriceIfItIsTheLast) {
  tp_event correct = event(TP_EV_CORRECT, 0, TP_PRICE);
  correct.ref = 1;
  correct.quantity = 30;
  correct.price = 101;
  send({trade(0, 100, 10, 1), correct});
  EXPECT_EQ(volume(), "30");
  EXPECT_EQ(day().last.price, 101);
  EXPECT_EQ(day().last.quantity, 30);
  correct.quantity = 5;
  correct.price = 50;
  send({trade(0, 110, 1, 2), correct});
  EXPECT_EQ(volume(), "6");
  EXPECT_EQ(day().last.price, 110);
  tp_event broken = event(TP_EV_BREAK, 0);
  broken.ref = 1;
  send(broken);
  EXPECT_EQ(volume(), "1") << "a break takes back what the correction left";
}

TEST_F(Statistics, OfficialPricesStand) {
  send({trade(0, 100, 1, 1), value(0, TP_VAL_OPEN, 99), value(0, TP_VAL_CLOSE, 105),
        value(0, TP_VAL_PREVIOUS_CLOSE, 94), value(0, TP_VAL_HIGH, 120), value(0, TP_VAL_LOW, 80), trade(0, 130, 1, 2),
        trade(0, 85, 1, 3)});
  EXPECT_EQ(day().open, 99);
  EXPECT_EQ(day().close, 105);
  EXPECT_EQ(day().previous_close, 94);
  EXPECT_EQ(day().high, 130);
  EXPECT_EQ(day().low, 80);
  tp_event unset = value(0, TP_VAL_OPEN, 0);
  unset.flags |= TP_UNSET;
  send({unset, trade(0, 91, 1, 4)});
  EXPECT_EQ(day().open, 91);
}

TEST_F(Statistics, TotalsOfAWindowDoNotTouchOurs) {
  send({trade(0, 100, 10, 1), value(0, TP_VAL_VOLUME, 999), value(0, TP_VAL_TRADES, 999)});
  EXPECT_EQ(volume(), "10");
  EXPECT_EQ(day().trades, 1u);
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(Statistics, ValuesOfAnotherScaleAreConvertedOrRefused) {
  tp_event e = value(0, TP_VAL_CLOSE, 10'500'000'000); // 105.00 at -8, the instrument has -2
  e.flags |= TP_OWN_SCALE;
  e.extra = static_cast<uint8_t>(int8_t{-8});
  send(e);
  EXPECT_EQ(day().close, 10'500);
  e.price = 10'500'000'001;
  send(e);
  EXPECT_EQ(refused(refusal::bad_price), 1u);
  e.price = INT64_MAX;
  e.extra = 9;
  send(e);
  EXPECT_EQ(refused(refusal::bad_price), 2u);
  EXPECT_EQ(day().close, 10'500);
}

TEST_F(Statistics, AuctionsGiveOfficialPrices) {
  tp_event open = trade(0, 101, 1'000, 1);
  open.extra = TP_COND_AUCTION | TP_COND_OPENING;
  tp_event close = trade(0, 107, 1'000, 2);
  close.extra = TP_COND_AUCTION | TP_COND_CLOSING;
  send({trade(0, 100, 1, 3), open, close});
  EXPECT_EQ(day().open, 101);
  EXPECT_EQ(day().close, 107);
}

TEST_F(Statistics, ANewDayBeginsAtNothing) {
  tp_event start = event(TP_EV_PHASE, TP_ALL);
  start.detail = TP_PHASE_DAY_START;
  tp_event broken = event(TP_EV_BREAK, 0);
  broken.ref = 1;
  send({trade(0, 100, 10, 1), value(0, TP_VAL_CLOSE, 105), start, broken});
  EXPECT_EQ(day().trades, 0u);
  EXPECT_EQ(volume(), "0") << "yesterday's trades are not broken today";
  EXPECT_EQ(day().open, TP_NONE);
  EXPECT_EQ(day().last.price, TP_NONE);
  EXPECT_EQ(day().previous_close, 105);
}

TEST_F(Statistics, StatusIsKept) {
  send(status(0, TP_STATE_HALTED));
  EXPECT_EQ(view(0).trading_state, TP_STATE_HALTED);
  send(status(TP_ALL, TP_STATE_TRADING));
  EXPECT_EQ(view(0).trading_state, TP_STATE_TRADING);
  send(status(0, 200));
  EXPECT_EQ(view(0).trading_state, TP_STATE_UNKNOWN);
  const uint64_t before = view(0).sequence;
  send({status(0, TP_STATE_UNKNOWN), event(TP_EV_IMBALANCE, 0)});
  EXPECT_EQ(view(0).sequence, before) << "nothing visible";
}

TEST_F(Statistics, VolumeGrowsBeyond64Bits) {
  for (uint64_t i = 1; i <= 5; ++i) send(trade(0, 100, INT64_MAX, i));
  EXPECT_EQ(volume(), "46116860184273879035");
  tp_event broken = event(TP_EV_BREAK, 0);
  for (uint64_t i = 1; i <= 5; ++i) {
    broken.ref = i;
    send(broken);
  }
  EXPECT_EQ(volume(), "0");
}

} // namespace
} // namespace tickplant::book::testing
