#include "runtime/fanout/printer.hpp"

#include "tests/support/fanout_builders.hpp"

#include <gtest/gtest.h>

using namespace tickplant;

namespace {

struct Element : testing::Test {
  book::publication state = tests::make_state(0, tests::make_instrument("AAPL"), TP_NONE);
  tp_element element() { return fanout::to_element(state, 0); }
};

TEST_F(Element, ShowsTheLastTrade) {
  state.day.last.price = 17526;
  state.bid = 100;
  state.ask = 200;
  EXPECT_EQ(element().price, 17526);
  EXPECT_EQ(element().shown_exponent, -2);
}

TEST_F(Element, ShowsTheMiddleWhereNothingTraded) {
  state.bid = 17525;
  state.ask = 17527;
  EXPECT_EQ(element().price, 17526);
  state.ask = 17528;
  EXPECT_EQ(element().price, 175265) << "half a tick takes one digit more";
  EXPECT_EQ(element().shown_exponent, -3);
  state.ask = TP_NONE;
  EXPECT_EQ(element().price, TP_NONE);
}

TEST_F(Element, TakesTheChangeFromThePreviousCloseElseTheOpen) {
  state.day.last.price = 17600;
  state.day.open = 17000;
  EXPECT_EQ(element().change, 600);
  EXPECT_EQ(element().previous_close, 17000);
  state.day.previous_close = 16000;
  EXPECT_EQ(element().change, 1600);
  EXPECT_EQ(element().change_percent, 100'000) << "10.0000 %";
}

TEST_F(Element, RoundsThePercentageHalfAwayFromZero) {
  state.day.last.price = 10'001;
  state.day.previous_close = 30'000;
  EXPECT_EQ(element().change_percent, -666'633); // -66.66333...
  state.day.last.price = 20'000;
  state.day.previous_close = 30'000;
  EXPECT_EQ(element().change_percent, -333'333); // -33.3333333
  state.day.last.price = 40'001;
  EXPECT_EQ(element().change_percent, 333'367); // 33.3366666
}

TEST_F(Element, ComparesAFinerMiddleRightly) {
  state.bid = 100;
  state.ask = 101; // middle 1.005
  state.day.previous_close = 100;
  EXPECT_EQ(element().change, 5);
  EXPECT_EQ(element().shown_exponent, -3);
  EXPECT_EQ(element().change_percent, 5'000) << "0.5 %";
}

TEST_F(Element, HasNoChangeWithoutABase) {
  state.day.last.price = 1;
  EXPECT_EQ(element().change, TP_NONE);
  EXPECT_EQ(element().change_percent, TP_NONE);
  state.day.previous_close = 0;
  EXPECT_EQ(element().change_percent, TP_NONE) << "no division by zero";
}

TEST_F(Element, SurvivesPricesAtTheEdge) {
  state.bid = INT64_MAX;
  state.ask = INT64_MAX - 1;
  EXPECT_EQ(element().price, TP_NONE) << "a middle that does not fit is left out";
  state.day.last.price = INT64_MAX;
  state.day.previous_close = -INT64_MAX;
  EXPECT_EQ(element().change, TP_NONE);
}

} // namespace
