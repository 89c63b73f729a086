// Issue 5: data types that never come for an instrument are told, symbol by symbol, and the rest of what was asked for
// is granted (protocol.md 7.2, 7.6).
#include "tests/support/hft_session.hpp"

#include <gmock/gmock.h>

#include <array>

using namespace tickplant;
using namespace tickplant::fanout;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct HftOffers : tests::hft_session {
  HftOffers() {
    names.set_venues({"NASDAQ", "LSE", "CONS"});
    names.add(model::instrument_id{10}, tests::make_instrument("AAPL", "CONS"));
    names.add(model::instrument_id{11}, tests::make_instrument("*", "CONS"));
    names.complete("CONS");
  }
  /// What is said to a request, whose id each answer echoes.
  std::vector<json> ask(json request) {
    request["requestId"] = 5;
    auto all = say(request);
    for (const auto& one : all) EXPECT_EQ(one.value("requestId", 0), 5) << one;
    return all;
  }
  static void expect_refused(const json& error, const std::string& text) {
    EXPECT_EQ(error.value("code", 0), 4303) << error;
    EXPECT_EQ(error.value("field", ""), "dataTypes") << error;
    EXPECT_THAT(error.value("message", ""), HasSubstr(text));
  }
};

TEST_F(HftOffers, AConsolidatedInstrumentIsGrantedWithoutTrades) {
  hello();
  const auto told = ask(subscribe({"CONS:AAPL", "NASDAQ:AAPL"}, {{"dataTypes", {"QUOTES", "TRADES"}}}));
  ASSERT_EQ(told.size(), 2u) << json(told);
  EXPECT_EQ(told[0]["message"], "Subscribed to 2 symbols");
  EXPECT_EQ(told[0]["dataTypes"], json({"QUOTES", "TRADES"}));
  const auto& results = told[0]["results"];
  EXPECT_FALSE(results[0].contains("code")) << results;
  EXPECT_EQ(results[0]["streams"], json({"CONS:AAPL/STATE"}));
  EXPECT_EQ(results[0]["dataTypes"], json({"QUOTES"})) << "less than the others get";
  EXPECT_EQ(results[1]["streams"], json({"NASDAQ:AAPL/STATE", "NASDAQ:AAPL/TRADES"}));
  EXPECT_FALSE(results[1].contains("dataTypes")) << results;
  expect_refused(told[1], "CONS:AAPL: a consolidated instrument has no TRADES of its own");
  EXPECT_THAT(rows(), ElementsAre("+10", "+0"));
  EXPECT_EQ(last.rows[0].options->data_types, uint32_t{TP_DATA_QUOTES});
}

TEST_F(HftOffers, TheAnswerNamesNoDataTypeThatNobodyGets) {
  hello();
  const auto told = ask(subscribe({"CONS:AAPL"}, {{"dataTypes", {"QUOTES", "TRADES"}}}));
  ASSERT_EQ(told.size(), 2u) << json(told);
  EXPECT_EQ(told[0]["dataTypes"], json({"QUOTES"}));
}

TEST_F(HftOffers, TradesAloneOfAConsolidatedInstrumentAreRefused) {
  hello();
  auto told = ask(subscribe({"CONS:AAPL"}, {{"dataTypes", {"TRADES"}}}));
  ASSERT_EQ(told.size(), 1u) << json(told);
  expect_refused(told[0], "subscribe to those of its venues");
  EXPECT_THAT(rows(), IsEmpty());
  told = ask(subscribe({"CONS:AAPL", "MSFT"}, {{"dataTypes", {"TRADES"}}}));
  ASSERT_EQ(told.size(), 2u) << json(told);
  const auto& refused = told[0]["results"][0];
  EXPECT_EQ(refused["code"], 4303);
  EXPECT_EQ(refused["name"], "SUBSCRIPTION_FAILED");
  EXPECT_THAT(refused.value("reason", ""), HasSubstr("has no TRADES"));
  EXPECT_FALSE(refused.contains("status") || refused.contains("streams")) << refused;
  EXPECT_THAT(rows(), ElementsAre("+1"));
  told = ask(subscribe({"CONS:>"}, {{"dataTypes", {"TRADES"}}}));
  ASSERT_EQ(told.size(), 1u) << json(told);
  expect_refused(told[0], "CONS:>: a consolidated");
}

// The last trade of all venues stands in the states.
TEST_F(HftOffers, TradesInsideStatesComeOfConsolidatedInstrumentsToo) {
  const json wanted{{"dataTypes", {"QUOTES", "TRADES"}}};
  EXPECT_EQ(answer(subscribe({"CONS:AAPL"}, wanted))["dataTypes"], json({"QUOTES", "TRADES"}));
  start();
  hello();
  auto merged = wanted;
  merged["mode"] = "CONFLATE";
  EXPECT_EQ(answer(subscribe({"CONS:AAPL"}, merged))["dataTypes"], json({"QUOTES", "TRADES"}));
  const auto once = answer({{"type", "SNAPSHOT"}, {"symbols", {"CONS:AAPL"}}, {"dataTypes", {"TRADES"}}});
  EXPECT_EQ(once["results"][0]["streams"], json({"CONS:AAPL/TRADES"}));
  const auto told = ask({{"type", "UPDATE_SUBSCRIPTION"}, {"symbols", {"CONS:AAPL"}}, {"mode", "ALL"}});
  ASSERT_EQ(told.size(), 2u) << json(told);
  EXPECT_EQ(told[0]["results"][0]["dataTypes"], json({"QUOTES"}));
  expect_refused(told[1], "CONS:AAPL: ");
}

TEST_F(HftOffers, SignalsComeOfConsolidatedInstrumentsAlone) {
  const auto told = ask(subscribe({"AAPL", "CONS:AAPL", "MSFT"}, {{"dataTypes", {"SIGNALS"}}}));
  ASSERT_EQ(told.size(), 2u) << json(told);
  EXPECT_EQ(told[0]["results"][0]["code"], 4303);
  EXPECT_THAT(told[0]["results"][0].value("reason", ""), HasSubstr("subscribe to those of CONS"));
  EXPECT_FALSE(told[0]["results"][1].contains("code"));
  expect_refused(told[1], "AAPL, MSFT: only consolidated instruments have SIGNALS");
  EXPECT_THAT(rows(), ElementsAre("+10"));
  EXPECT_EQ(answer(subscribe({"CONS:*"}, {{"dataTypes", {"SIGNALS"}}}))["type"], "ACK");
  EXPECT_THAT(rows(), ElementsAre("+11"));
}

TEST_F(HftOffers, WildcardsExpandToWhatCanComeAndAreToldOnce) {
  for (const auto* all : {"NASDAQ:*", ">", "*:AAPL"}) {
    start();
    auto told = ask(subscribe({all}, {{"dataTypes", {"QUOTES", "SIGNALS"}}}));
    ASSERT_EQ(told.size(), 2u) << json(told);
    EXPECT_EQ(told[0]["dataTypes"], json({"QUOTES"}));
    EXPECT_GT(told[0]["results"][0].value("matched", 0), 0) << told[0];
    expect_refused(told[1], std::string{all} + ": only consolidated");
    for (const auto& row : last.rows) EXPECT_EQ(row.options->data_types, uint32_t{TP_DATA_QUOTES});
    told = ask(subscribe({all}, {{"dataTypes", {"SIGNALS"}}}));
    ASSERT_EQ(told.size(), 1u) << json(told);
    expect_refused(told[0], all);
  }
  start();
  const auto whole = ask(subscribe({"CONS:*"}, {{"dataTypes", {"QUOTES", "SIGNALS"}}}));
  EXPECT_EQ(whole.size(), 1u) << json(whole);
}

TEST_F(HftOffers, SignalsAreRefusedWhereNobodyLooksForArbitrage) {
  limits.has_signals = false;
  start();
  const auto told = ask(subscribe({"CONS:AAPL", "AAPL"}, {{"dataTypes", {"QUOTES", "SIGNALS"}}}));
  ASSERT_EQ(told.size(), 2u) << json(told);
  EXPECT_EQ(told[0]["message"], "Subscribed to 2 symbols");
  expect_refused(told[1], "CONS:AAPL, AAPL: this server does not look for arbitrage");
}

TEST_F(HftOffers, SignalsEndWhenNobodyLooksForArbitrageAnyMore) {
  say(subscribe({"CONS:AAPL"}, {{"dataTypes", {"QUOTES", "SIGNALS"}}}));
  say(subscribe({"CONS:*"}, {{"dataTypes", {"SIGNALS"}}}));
  limits.has_signals = false;
  last = client->change_rules(limits, nullptr, 2);
  EXPECT_THAT(rows(), testing::UnorderedElementsAre("~10", "-11"));
  const auto told = replies(last);
  ASSERT_EQ(told.size(), 1u) << json(told);
  expect_refused(told[0], "CONS:*, CONS:AAPL: this server does not look");
  last = client->change_rules(limits, nullptr, 3);
  EXPECT_THAT(replies(last), IsEmpty()) << "told once";
}

TEST_F(HftOffers, AnUpdateChangesToWhatCanCome) {
  hello();
  say(subscribe({"CONS:AAPL"}, {{"dataTypes", {"QUOTES"}}}));
  auto told = ask({{"type", "UPDATE_SUBSCRIPTION"}, {"symbols", {"CONS:AAPL"}}, {"dataTypes", {"TRADES"}}});
  ASSERT_EQ(told.size(), 1u) << json(told);
  expect_refused(told[0], "CONS:AAPL: a consolidated");
  EXPECT_THAT(rows(), IsEmpty());
  told = ask({{"type", "UPDATE_SUBSCRIPTION"},
              {"symbols", {"CONS:AAPL"}},
              {"dataTypes", {"QUOTES", "TRADES"}},
              {"frequency", 500}});
  ASSERT_EQ(told.size(), 2u) << json(told);
  EXPECT_EQ(told[0]["frequency"], 500);
  EXPECT_EQ(told[0]["dataTypes"], json({"QUOTES"}));
  expect_refused(told[1], "CONS:AAPL: a consolidated");
  EXPECT_THAT(rows(), ElementsAre("~10"));
}

TEST_F(HftOffers, APlaceOnTradesThatDoNotComeIsToldOnce) {
  hello();
  const json place{{"stream", "CONS:AAPL/TRADES"}, {"epoch", 1}, {"sequence", 1}};
  auto told = ask({{"type", "RESUME"}, {"streams", json::array({place})}});
  ASSERT_EQ(told.size(), 1u) << json(told);
  expect_refused(told[0], "CONS:AAPL: a consolidated");
  EXPECT_THAT(rows(), IsEmpty());
  told = ask(subscribe({"CONS:AAPL"}, {{"dataTypes", {"QUOTES", "TRADES"}}, {"resume", json::array({place})}}));
  ASSERT_EQ(told.size(), 2u) << json(told);
  expect_refused(told[1], "CONS:AAPL: a consolidated");
  EXPECT_THAT(rows(), ElementsAre(testing::StartsWith("+10")));
}

TEST_F(HftOffers, NamesThatAreNotKnownAreJudgedByTheirVenue) {
  hello();
  const auto unknown = ask(subscribe({"CONS:NOPE"}, {{"dataTypes", {"TRADES"}}}));
  ASSERT_EQ(unknown.size(), 1u) << json(unknown);
  EXPECT_EQ(unknown[0]["code"], 4306);
  names.incomplete("CONS");
  auto told = ask(subscribe({"CONS:LATE"}, {{"dataTypes", {"TRADES"}}}));
  ASSERT_EQ(told.size(), 1u) << json(told);
  expect_refused(told[0], "CONS:LATE: a consolidated");
  told = ask(subscribe({"CONS:LATE"}, {{"dataTypes", {"QUOTES", "TRADES"}}}));
  ASSERT_EQ(told.size(), 2u) << json(told);
  EXPECT_EQ(told[0]["results"][0]["status"], "pending");
  names.add(model::instrument_id{12}, tests::make_instrument("LATE", "CONS"));
  last = client->directory_changed(std::array{model::instrument_id{12}}, {}, 2);
  EXPECT_THAT(rows(), ElementsAre("+12"));
  EXPECT_EQ(last.rows[0].options->data_types, uint32_t{TP_DATA_QUOTES});
}

// What is left out prints nothing, so that it uses up no set of options.
TEST_F(HftOffers, OnlyWhatComesCountsAsASetOfOptions) {
  limits.max_symbols = 1'000;
  start();
  hello();
  for (uint32_t n = 0; n < session::max_option_sets; ++n) {
    const auto symbol = "S" + std::to_string(n);
    names.add(model::instrument_id{20 + n}, tests::make_instrument(symbol));
    const auto told = answer(subscribe({symbol}, {{"dataTypes", {"ORDER_BOOK"}}, {"depth", 1 + n}}));
    ASSERT_EQ(told["type"], "ACK") << told;
  }
  EXPECT_EQ(answer(subscribe({"MSFT"}, {{"dataTypes", {"ORDER_BOOK", "TRADES"}}, {"depth", 3}}))["code"], 4304);
  const auto told = ask(subscribe({"CONS:AAPL"}, {{"dataTypes", {"ORDER_BOOK", "TRADES"}}, {"depth", 3}}));
  ASSERT_EQ(told.size(), 2u) << json(told);
  EXPECT_EQ(told[0]["type"], "ACK") << "others have this book";
  expect_refused(told[1], "CONS:AAPL: a consolidated");
}

} // namespace
