// Which symbols are consolidated, of what, and what is left out.
#include "runtime/consolidation/catalogue.hpp"

#include "tests/unit/consolidation/support.hpp"

#include <gmock/gmock.h>

using namespace tickplant;
using namespace tickplant::consolidation;
using namespace tickplant::tests;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

std::vector<std::string> venues_of(const listing& made) {
  std::vector<std::string> names;
  for (const auto& leg : made.legs) names.push_back(leg.instrument->venue);
  return names;
}

struct Catalogue : testing::Test {
  Catalogue() {
    rules now;
    now.venues = {"NASDAQ", "NYSE", "LSE"};
    names.set_rules(now);
  }
  void add(uint32_t id, model::instrument_ptr instrument) {
    names.add(model::instrument_id{id}, std::move(instrument));
  }
  catalogue names;
};

TEST_F(Catalogue, ConsolidatesASymbolOfTwoVenuesInTheConfigurationsOrder) {
  add(0, traded_at("NYSE", "AAPL"));
  EXPECT_EQ(names.make("AAPL").instrument, nullptr) << "one venue alone";
  add(1, traded_at("NASDAQ", "AAPL", -4));
  const auto made = names.make("AAPL");
  ASSERT_NE(made.instrument, nullptr);
  EXPECT_THAT(venues_of(made), ElementsAre("NASDAQ", "NYSE"));
  EXPECT_EQ(made.instrument->venue, "CONS");
  EXPECT_EQ(made.instrument->symbol, "AAPL");
  EXPECT_EQ(made.instrument->price_exponent, -4);
  EXPECT_EQ(made.legs[0].price_scale, 1);
  EXPECT_EQ(made.legs[1].price_scale, 100);
}

TEST_F(Catalogue, TellsWhatMayHaveChanged) {
  add(0, traded_at("NYSE", "AAPL"));
  add(1, traded_at("NASDAQ", "MSFT"));
  EXPECT_THAT(names.take_changed(), ElementsAre("AAPL", "MSFT"));
  EXPECT_THAT(names.take_changed(), IsEmpty());
  names.remove(model::instrument_id{0});
  names.remove(model::instrument_id{7});
  EXPECT_THAT(names.take_changed(), ElementsAre("AAPL"));
}

TEST_F(Catalogue, ForgetsALegThatIsWithdrawn) {
  add(0, traded_at("NYSE", "AAPL"));
  add(1, traded_at("NASDAQ", "AAPL"));
  add(2, traded_at("LSE", "AAPL"));
  names.remove(model::instrument_id{0});
  EXPECT_THAT(venues_of(names.make("AAPL")), ElementsAre("NASDAQ", "LSE"));
  names.remove(model::instrument_id{1});
  EXPECT_EQ(names.make("AAPL").instrument, nullptr);
}

TEST_F(Catalogue, LeavesOutAnotherCurrencyAndSaysWhy) {
  add(0, traded_at("NASDAQ", "VOD", -2, 0, "USD"));
  add(1, traded_at("LSE", "VOD", -2, 0, "GBX"));
  const auto made = names.make("VOD");
  EXPECT_EQ(made.instrument, nullptr);
  ASSERT_EQ(made.left_out.size(), 1u);
  EXPECT_EQ(made.left_out[0].first, "LSE:VOD");
  EXPECT_THAT(made.left_out[0].second, HasSubstr("currency is GBX, not USD"));
}

TEST_F(Catalogue, LeavesOutAnotherSecurityOfTheSameSymbol) {
  const auto with_isin = [](const char* venue, const char* isin) {
    auto made = *traded_at(venue, "ABC");
    made.isin = isin;
    return std::make_shared<const model::instrument>(made);
  };
  add(0, with_isin("NASDAQ", "US0378331005"));
  add(1, with_isin("NYSE", "US5949181045"));
  add(2, with_isin("LSE", ""));
  const auto made = names.make("ABC");
  EXPECT_THAT(venues_of(made), ElementsAre("NASDAQ", "LSE"));
  EXPECT_THAT(made.left_out[0].second, HasSubstr("ISIN"));
}

TEST_F(Catalogue, LeavesTestInstrumentsOut) {
  auto test = *traded_at("NASDAQ", "ZVZZT");
  test.is_test = true;
  add(0, std::make_shared<const model::instrument>(test));
  add(1, traded_at("NYSE", "ZVZZT"));
  EXPECT_EQ(names.make("ZVZZT").instrument, nullptr);
}

TEST_F(Catalogue, FollowsAConfiguredCrossListingWithItsFactors) {
  rules now;
  cross_listing vodafone{"VODAFONE", {"LSE:VOD", "NASDAQ:VOD.ADR"}, "GBP", {}, {}};
  vodafone.prices["LSE:VOD"] = {1, -2};         // pence to pounds
  vodafone.prices["NASDAQ:VOD.ADR"] = {79, -3}; // a tenth of the dollar price, 0.79 pounds each
  vodafone.sizes["NASDAQ:VOD.ADR"] = {10, 0};   // ten shares each
  now.listings = {vodafone};
  names.set_rules(now);
  names.take_changed();
  add(0, traded_at("LSE", "VOD", -2, 0, "GBX"));
  EXPECT_THAT(names.take_changed(), ElementsAre("VOD", "VODAFONE"));
  add(1, traded_at("NASDAQ", "VOD.ADR", -4, 0, "USD"));
  const auto made = names.make("VODAFONE");
  ASSERT_NE(made.instrument, nullptr);
  EXPECT_EQ(made.instrument->currency, "GBP");
  EXPECT_EQ(made.instrument->price_exponent, -7);
  EXPECT_EQ(made.legs[0].price_scale, 1'000);
  EXPECT_EQ(made.legs[1].price_scale, 79);
  EXPECT_EQ(made.legs[1].quantity_scale, 10);
}

TEST_F(Catalogue, LeavesOutALegOfACrossListingThatLacksItsFactor) {
  rules now;
  now.listings = {{"VODAFONE", {"LSE:VOD", "NASDAQ:VOD"}, "GBX", {}, {}}};
  names.set_rules(now);
  add(0, traded_at("LSE", "VOD", -2, 0, "GBX"));
  add(1, traded_at("NASDAQ", "VOD", -2, 0, "USD"));
  const auto made = names.make("VODAFONE");
  EXPECT_EQ(made.instrument, nullptr);
  EXPECT_EQ(made.left_out[0].first, "NASDAQ:VOD");
}

TEST_F(Catalogue, MakesNothingByItselfWhereThatIsSwitchedOff) {
  auto now = names.current();
  now.by_symbol = false;
  names.set_rules(now);
  add(0, traded_at("NYSE", "AAPL"));
  add(1, traded_at("NASDAQ", "AAPL"));
  EXPECT_EQ(names.make("AAPL").instrument, nullptr);
}

TEST_F(Catalogue, LeavesOutWhatCannotBeBroughtToACommonExponent) {
  std::vector<candidate> all{candidate_of(0, traded_at("A", "X", 9)), candidate_of(1, traded_at("B", "X", -18)),
                             candidate_of(2, traded_at("C", "X", -18))};
  const auto made = make_listing("X", {}, all);
  ASSERT_EQ(made.legs.size(), 2u);
  EXPECT_EQ(made.left_out[0].first, "A:X");
}

TEST_F(Catalogue, TakesAtMostSixteenLegs) {
  for (uint32_t i = 0; i < 20; ++i) add(i, traded_at("V" + std::to_string(i), "AAPL"));
  const auto made = names.make("AAPL");
  EXPECT_EQ(made.legs.size(), most_legs);
  EXPECT_EQ(made.left_out.size(), 4u);
}

} // namespace
