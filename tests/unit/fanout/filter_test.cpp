// S3-15: what a subscription's conditions let through.
#include "runtime/fanout/filter.hpp"

#include "tests/support/fanout_builders.hpp"

#include <gtest/gtest.h>

using namespace tickplant;
using namespace tickplant::fanout;

namespace {

tp_filter number(uint8_t field, uint8_t op, int64_t value, int8_t exponent = 0) {
  return {sizeof(tp_filter), field, op, exponent, 0, value, {}};
}
tp_filter venue(uint8_t op, std::string_view name) {
  return {sizeof(tp_filter), TP_FILTER_VENUE, op, 0, 0, 0, {name.data(), name.size()}};
}

struct Filter : testing::Test {
  book::publication state = tests::make_state(0, tests::make_instrument("AAPL"), 17526); // 175.26
  Filter() {
    state.bid = 17525;
    state.ask = 17527;
    state.day.volume = {1'000'000, 0};
    state.day.previous_close = 17000;
  }
  bool admits(std::initializer_list<tp_filter> conditions) const {
    const std::vector<tp_filter> list{conditions};
    EXPECT_EQ(filter::problem_of(list), "");
    return filter::from(list)->admits(state);
  }
  bool admits_trade(std::initializer_list<tp_filter> conditions, int64_t price) const {
    return filter::from(std::vector<tp_filter>{conditions})->admits_trade(state, price);
  }
};

TEST_F(Filter, OfNoConditionsIsNone) {
  EXPECT_EQ(filter::from({}), nullptr);
}

TEST_F(Filter, ComparesThePriceInEveryWay) {
  const struct {
    uint8_t op;
    bool below, same, above; // for a bound below, at and above the price
  } table[] = {{TP_OP_LESS, false, false, true},    {TP_OP_AT_MOST, false, true, true},
               {TP_OP_EQUAL, false, true, false},   {TP_OP_NOT_EQUAL, true, false, true},
               {TP_OP_AT_LEAST, true, true, false}, {TP_OP_GREATER, true, false, false}};
  for (const auto& row : table) {
    EXPECT_EQ(admits({number(TP_FILTER_PRICE, row.op, 17525, -2)}), row.below) << int{row.op};
    EXPECT_EQ(admits({number(TP_FILTER_PRICE, row.op, 1752600, -4)}), row.same) << int{row.op};
    EXPECT_EQ(admits({number(TP_FILTER_PRICE, row.op, 17526001, -5)}), row.above) << int{row.op};
  }
}

TEST_F(Filter, ComparesExactlyWhateverTheExponents) {
  EXPECT_TRUE(admits({number(TP_FILTER_BID, TP_OP_LESS, 1, 18)}));
  EXPECT_TRUE(admits({number(TP_FILTER_BID, TP_OP_GREATER, 9'000'000'000'000'000'000, -18)}));
  EXPECT_TRUE(admits({number(TP_FILTER_BID, TP_OP_GREATER, -1, 18)}));
  EXPECT_FALSE(admits({number(TP_FILTER_BID, TP_OP_EQUAL, INT64_MAX, 18)}));
  state.bid = INT64_MAX;
  EXPECT_TRUE(admits({number(TP_FILTER_BID, TP_OP_EQUAL, INT64_MAX, -2)}));
  EXPECT_FALSE(admits({number(TP_FILTER_BID, TP_OP_EQUAL, INT64_MAX - 1, -2)}));
  EXPECT_TRUE(admits({number(TP_FILTER_BID, TP_OP_GREATER, INT64_MAX, -18)}));
}

TEST_F(Filter, ExponentsFarApartDoNotOverflow) {
  auto coarse = *state.instrument;
  coarse.price_exponent = -18;
  state.instrument = std::make_shared<const model::instrument>(coarse);
  state.bid = INT64_MAX;
  EXPECT_TRUE(admits({number(TP_FILTER_BID, TP_OP_LESS, INT64_MAX, 18)}));
  EXPECT_TRUE(admits({number(TP_FILTER_BID, TP_OP_GREATER, -INT64_MAX, 18)}));
  state.bid = -INT64_MAX;
  EXPECT_TRUE(admits({number(TP_FILTER_BID, TP_OP_GREATER, -INT64_MAX, 18)}));
  EXPECT_TRUE(admits({number(TP_FILTER_BID, TP_OP_LESS, 0, 18)}));
}

TEST_F(Filter, TakesTheMiddleWhereNothingWasTraded) {
  state.day.last.price = TP_NONE;
  state.ask = 17526; // the middle is 175.255
  EXPECT_TRUE(admits({number(TP_FILTER_PRICE, TP_OP_EQUAL, 175255, -3)}));
  state.ask = TP_NONE;
  EXPECT_FALSE(admits({number(TP_FILTER_PRICE, TP_OP_NOT_EQUAL, 1)})) << "no price meets no condition";
}

TEST_F(Filter, KnowsSpreadVolumeAndChange) {
  EXPECT_TRUE(admits({number(TP_FILTER_SPREAD, TP_OP_AT_MOST, 2, -2)}));
  EXPECT_FALSE(admits({number(TP_FILTER_SPREAD, TP_OP_LESS, 2, -2)}));
  EXPECT_TRUE(admits({number(TP_FILTER_VOLUME, TP_OP_AT_LEAST, 1, 6)}));
  state.day.volume = {0, 1}; // 2^64
  EXPECT_TRUE(admits({number(TP_FILTER_VOLUME, TP_OP_GREATER, INT64_MAX)}));
  EXPECT_TRUE(admits({number(TP_FILTER_CHANGE_PERCENT, TP_OP_EQUAL, 30941, -4)})) << "5.26 of 170";
  state.ask = TP_NONE;
  EXPECT_FALSE(admits({number(TP_FILTER_SPREAD, TP_OP_AT_LEAST, 0)}));
}

TEST_F(Filter, ComparesVenuesWithoutRegardToCase) {
  EXPECT_TRUE(admits({venue(TP_OP_EQUAL, "nasdaq")}));
  EXPECT_FALSE(admits({venue(TP_OP_EQUAL, "NASDA")}));
  EXPECT_FALSE(admits({venue(TP_OP_NOT_EQUAL, "NASDAQ")}));
  EXPECT_TRUE(admits({venue(TP_OP_NOT_EQUAL, "LSE")}));
}

TEST_F(Filter, WantsAllConditions) {
  EXPECT_TRUE(admits({number(TP_FILTER_PRICE, TP_OP_AT_LEAST, 100), number(TP_FILTER_PRICE, TP_OP_AT_MOST, 200)}));
  EXPECT_FALSE(admits({number(TP_FILTER_PRICE, TP_OP_AT_LEAST, 100), number(TP_FILTER_PRICE, TP_OP_AT_MOST, 150)}));
}

TEST_F(Filter, AsksAPrintForItsOwnPriceAndTheStateForTheRest) {
  const auto above_180 = number(TP_FILTER_PRICE, TP_OP_GREATER, 180);
  EXPECT_TRUE(admits_trade({above_180}, 18001));
  EXPECT_FALSE(admits_trade({above_180}, 18000));
  EXPECT_FALSE(admits_trade({above_180, number(TP_FILTER_BID, TP_OP_GREATER, 180)}, 18001));
}

TEST_F(Filter, LetsBreaksThroughThatTellNoPrice) {
  EXPECT_TRUE(admits_trade({number(TP_FILTER_PRICE, TP_OP_GREATER, 180)}, TP_NONE));
  EXPECT_FALSE(admits_trade({venue(TP_OP_EQUAL, "LSE")}, TP_NONE));
}

TEST_F(Filter, SaysWhatIsWrongWithConditions) {
  EXPECT_NE(filter::problem_of(std::vector{number(0, TP_OP_LESS, 1)}), "");
  EXPECT_NE(filter::problem_of(std::vector{number(TP_FILTER_VENUE + 1, TP_OP_LESS, 1)}), "");
  EXPECT_NE(filter::problem_of(std::vector{number(TP_FILTER_BID, 0, 1)}), "");
  EXPECT_NE(filter::problem_of(std::vector{number(TP_FILTER_BID, TP_OP_GREATER + 1, 1)}), "");
  EXPECT_NE(filter::problem_of(std::vector{number(TP_FILTER_BID, TP_OP_LESS, 1, 19)}), "");
  EXPECT_NE(filter::problem_of(std::vector{number(TP_FILTER_BID, TP_OP_LESS, TP_NONE)}), "");
  EXPECT_NE(filter::problem_of(std::vector{venue(TP_OP_LESS, "LSE")}), "");
  EXPECT_NE(filter::problem_of(std::vector{venue(TP_OP_EQUAL, "")}), "");
  EXPECT_NE(filter::problem_of(std::vector(17, number(TP_FILTER_BID, TP_OP_LESS, 1))), "");
  EXPECT_EQ(filter::problem_of(std::vector(16, number(TP_FILTER_BID, TP_OP_LESS, 1))), "");
}

TEST_F(Filter, EqualsOneOfTheSameConditions) {
  const std::vector<tp_filter> list{number(TP_FILTER_BID, TP_OP_LESS, 1), venue(TP_OP_EQUAL, "LSE")};
  EXPECT_EQ(*filter::from(list), *filter::from(list));
  EXPECT_NE(*filter::from(list), *filter::from(std::span{list}.first(1)));
}

} // namespace
