// The canonical protocol (7.1 to 7.3, 7.6) through the dialect that speaks it: HELLO, options, wildcards, resuming,
// pausing, lists; and what becomes of messages that are wrong.
#include "tests/support/hft_session.hpp"

#include <mutated_text.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <array>
#include <functional>
#include <map>
#include <random>

using namespace tickplant;
using namespace tickplant::fanout;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

using HftSession = tests::hft_session;

TEST_F(HftSession, GivesPlainClientsNoLines) {
  const auto ack = answer(subscribe({"AAPL"}));
  EXPECT_FALSE(ack.contains("v"));
  EXPECT_FALSE(ack.contains("mode"));
  EXPECT_EQ(ack["results"][0]["stream"], "NASDAQ:AAPL/STATE");
  ASSERT_EQ(last.rows.size(), 1u);
  EXPECT_FALSE(last.rows[0].options->is_extended());
}

TEST_F(HftSession, SaysHelloOnceAndBeforeTheFirstSubscription) {
  const auto welcome = hello({{"numbers", "string"}, {"stamps", true}, {"id", 7}});
  EXPECT_EQ(welcome["type"], "WELCOME");
  EXPECT_EQ(welcome["requestId"], 7);
  EXPECT_TRUE(client->is_extended());
  EXPECT_EQ(hello()["code"], 4301);
  say(subscribe({"AAPL"}));
  ASSERT_EQ(last.rows.size(), 1u);
  EXPECT_EQ(last.rows[0].options->extras, uint32_t{TP_EXTRA_SEQUENCE | TP_EXTRA_STAMPS | TP_EXTRA_NUMBER_STRINGS});
  start();
  say(subscribe({"AAPL"}));
  EXPECT_EQ(hello()["code"], 4301);
  EXPECT_FALSE(client->is_extended());
}

TEST_F(HftSession, ClosesOnAnotherVersion) {
  const auto error = hello({{"version", 2}});
  EXPECT_EQ(error["code"], 4000);
  EXPECT_EQ(error["field"], "version");
  ASSERT_TRUE(last.close);
  EXPECT_EQ(last.close->first, 4000);
}

TEST_F(HftSession, EchoesWhatItGrantsAndNamesTheLines) {
  hello();
  limits.max_depth = 50;
  const auto ack = answer(subscribe({"AAPL"}, {{"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}},
                                               {"depth", 9'000},
                                               {"onSlow", "DISCONNECT"},
                                               {"fields", {"bid"}}}));
  EXPECT_EQ(ack["depth"], 50);
  EXPECT_EQ(ack["mode"], "ALL");
  EXPECT_EQ(ack["onSlow"], "DISCONNECT");
  EXPECT_EQ(ack["results"][0]["streams"], json({"NASDAQ:AAPL/STATE", "NASDAQ:AAPL/TRADES", "NASDAQ:AAPL/BOOK"}));
  const auto options = *last.rows.at(0).options;
  EXPECT_EQ(options.mode, uint32_t{TP_MODE_ALL});
  EXPECT_EQ(options.on_slow, uint32_t{TP_SLOW_DISCONNECT});
  EXPECT_EQ(options.fields, uint32_t{TP_FIELD_BID});
  const auto merged = answer(subscribe({"MSFT"}, {{"dataTypes", {"TRADES"}}, {"mode", "CONFLATE"}}));
  EXPECT_EQ(merged["results"][0]["streams"], json({"NASDAQ:MSFT/STATE"}));
}

TEST_F(HftSession, UpdatesWhatIsNamedAndKeepsTheRest) {
  hello();
  say(subscribe({"AAPL"}, {{"dataTypes", {"ORDER_BOOK"}}, {"depth", 3}, {"filter", "bid > 1"}}));
  const auto filter = last.rows.at(0).options->filter;
  ASSERT_TRUE(filter);
  const auto ack = answer({{"type", "UPDATE_SUBSCRIPTION"}, {"symbols", {"AAPL"}}, {"frequency", 500}});
  EXPECT_EQ(ack["message"], "Updated 1 symbols");
  EXPECT_EQ(ack["depth"], 3);
  EXPECT_THAT(rows(), ElementsAre("~0"));
  EXPECT_EQ(last.rows[0].options->frequency_ms, 100u);
  EXPECT_EQ(last.rows[0].to->frequency_ms, 500u);
  EXPECT_EQ(last.rows[0].to->filter, filter);
  say({{"type", "UPDATE_SUBSCRIPTION"}, {"symbols", {"AAPL"}}, {"filter", json::object()}});
  EXPECT_FALSE(last.rows.at(0).to->filter) << "an empty filter takes it away";
  const auto missing = say({{"type", "UPDATE_SUBSCRIPTION"}, {"symbols", {"MSFT"}}, {"depth", 1}});
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_EQ(missing[0]["code"], 4303);
}

TEST_F(HftSession, UsesOneFilterForEqualConditions) {
  hello();
  say(subscribe({"AAPL"}, {{"filter", "bid > 1"}}));
  const auto first = *last.rows.at(0).options;
  say(subscribe({"MSFT"}, {{"filter", {{"where", {"bid > 1.0"}}}}}));
  EXPECT_EQ(*last.rows.at(0).options, first) << "so that both are one subscription";
}

TEST_F(HftSession, ExpandsWildcardsAndWhatComesLater) {
  hello();
  auto ack = answer(subscribe({"NASDAQ:*"}));
  EXPECT_EQ(ack["results"][0]["matched"], 3);
  EXPECT_THAT(rows(), ElementsAre("+0", "+1", "+2"));
  EXPECT_TRUE(client->follows_directory());
  names.add(model::instrument_id{9}, tests::make_instrument("NVDA"));
  const std::array came{model::instrument_id{9}};
  last = client->directory_changed(came, {}, 2);
  EXPECT_THAT(rows(), ElementsAre("+9"));
  const auto told = replies(last);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["type"], "STREAM_STATUS");
  EXPECT_EQ(told[0]["symbols"][0]["symbol"], "NVDA");
  names.remove(model::instrument_id{1});
  const std::array gone{model::instrument_id{1}};
  last = client->directory_changed({}, gone, 3);
  EXPECT_THAT(rows(), ElementsAre("-1"));
  EXPECT_EQ(client->symbols(), 3u);
  say({{"type", "UNSUBSCRIBE"}, {"symbols", {"NASDAQ:*"}}});
  EXPECT_THAT(rows(), ElementsAre("-0", "-2", "-9"));
  EXPECT_EQ(client->symbols(), 0u);
  EXPECT_FALSE(client->follows_directory());
}

TEST_F(HftSession, GivesAnInstrumentOnceToTheNameThatAskedForIt) {
  hello();
  say(subscribe({"NASDAQ:AAPL"}, {{"frequency", 0}}));
  say(subscribe({"*:AAPL"}));
  EXPECT_THAT(rows(), ElementsAre("+3")) << "the name beats the wildcard";
  say(subscribe({"AAPL"}, {{"frequency", 250}}));
  EXPECT_THAT(rows(), ElementsAre("~0")) << "of equals the later one decides";
  say({{"type", "UNSUBSCRIBE"}, {"symbols", {"AAPL"}}});
  EXPECT_THAT(rows(), ElementsAre("~0"));
  EXPECT_EQ(last.rows[0].to->frequency_ms, 0u) << "back to the other name's";
  say({{"type", "UNSUBSCRIBE"}, {"symbols", {"NASDAQ:AAPL"}}});
  EXPECT_THAT(rows(), ElementsAre("~0"));
  EXPECT_EQ(last.rows[0].to->frequency_ms, 100u) << "and to the wildcard's";
  EXPECT_EQ(client->symbols(), 2u);
}

TEST_F(HftSession, CountsWhatAWildcardExpandsToAndFillsUpLater) {
  limits.max_symbols = 3;
  start();
  hello();
  say(subscribe({"LSE:AAPL"}));
  const auto told = say(subscribe({"NASDAQ:*"}));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0]["results"][0]["matched"], 2);
  EXPECT_EQ(told[0]["results"][0]["leftOut"], 1);
  EXPECT_EQ(told[1]["code"], 4304);
  EXPECT_EQ(told[1]["message"], "At most 3 symbols a connection; NASDAQ:* lacks 1 of its symbols");
  EXPECT_EQ(say(subscribe({"LSE:*", "NASDAQ:TSLA"})).back()["code"], 4304);
  say({{"type", "UNSUBSCRIBE"}, {"symbols", {"LSE:AAPL"}}});
  EXPECT_EQ(client->symbols(), 3u);
}

TEST_F(HftSession, HoldsWildcardsToTheTier) {
  policy::tier_rules rules;
  rules.name = "basic";
  rules.symbols = std::vector<std::string>{"NASDAQ:A*"};
  client_identity who;
  who.rights =
    std::make_shared<policy::entitlement>(std::make_shared<policy::compiled_tier>(rules), std::vector<std::string>{});
  client->set_identity(who);
  hello();
  EXPECT_EQ(answer(subscribe({">"}))["results"][0]["matched"], 1);
  EXPECT_THAT(rows(), ElementsAre("+0"));
  const auto refused = say(subscribe({"LSE:*"}));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0]["code"], 4305);
  EXPECT_EQ(say(subscribe({"NYSE:*"})).at(0)["code"], 4306) << "no such venue";
}

TEST_F(HftSession, ResumesWhereTheClientWas) {
  hello();
  auto ack = answer({{"type", "RESUME"}, {"stream", "NASDAQ:AAPL/TRADES"}, {"epoch", 7}, {"sequence", 9}});
  EXPECT_EQ(ack["dataTypes"], json({"TRADES"}));
  EXPECT_THAT(rows(), ElementsAre("+0 from 1/7/9"));
  ack = answer({{"type", "RESUME"}, {"stream", "NASDAQ:AAPL/BOOK"}, {"epoch", 7}, {"sequence", 11}});
  EXPECT_EQ(ack["dataTypes"], json({"TRADES", "ORDER_BOOK"})) << "what it had it keeps";
  EXPECT_THAT(rows(), ElementsAre("~0", "+0 from 2/7/11"));
  ack =
    answer(subscribe({"NASDAQ:*"}, {{"dataTypes", {"TRADES"}},
                                    {"resume", {{{"stream", "NASDAQ:MSFT/TRADES"}, {"epoch", 7}, {"sequence", 3}}}}}));
  EXPECT_THAT(rows(), ElementsAre("+1 from 1/7/3", "+2"));
  EXPECT_EQ(say({{"type", "RESUME"}, {"stream", "X:Y/TRADES"}, {"epoch", 7}, {"sequence", 9}}).at(0)["code"], 4306);
}

TEST_F(HftSession, ResumesNothingForPlainClients) {
  EXPECT_EQ(answer({{"type", "RESUME"}, {"stream", "NASDAQ:AAPL/TRADES"}, {"epoch", 7}, {"sequence", 9}})["code"],
            4301);
}

TEST_F(HftSession, TakesSnapshotsBesideWhatIsSubscribed) {
  hello();
  say(subscribe({"AAPL"}));
  const auto ack = answer({{"type", "SNAPSHOT"}, {"symbols", {"AAPL", "MSFT"}}, {"depth", 2}});
  EXPECT_EQ(ack["mode"], "SNAPSHOT_ONLY");
  EXPECT_THAT(rows(), ElementsAre("+0", "+1"));
  EXPECT_EQ(client->symbols(), 1u);
  const auto options = *last.rows[0].options;
  EXPECT_EQ(client->rows_of(options).size(), 2u) << "a subscription that is started anew gets them";
  say({{"type", "SNAPSHOT"}, {"symbols", {"AAPL"}}, {"depth", 2}});
  EXPECT_THAT(rows(), IsEmpty()) << "it is on its way";
  client->finished(options, model::instrument_id{0});
  EXPECT_TRUE(client->has_row_of(options));
  client->finished(options, model::instrument_id{1});
  EXPECT_FALSE(client->has_row_of(options));
  say({{"type", "SNAPSHOT"}, {"symbols", {"AAPL"}}, {"depth", 2}});
  EXPECT_THAT(rows(), ElementsAre("+0"));
}

TEST_F(HftSession, PausesAndListsWhatThereIs) {
  hello();
  say(subscribe({"AAPL", "LSE:*"}, {{"dataTypes", {"TRADES"}}}));
  const auto paused = answer({{"type", "PAUSE"}, {"symbols", {"LSE:*"}}});
  EXPECT_EQ(paused["message"], "Paused 1 symbols");
  EXPECT_THAT(rows(), ElementsAre("p3"));
  const auto list = answer({{"type", "LIST"}});
  ASSERT_EQ(list["symbols"].size(), 2u);
  EXPECT_EQ(list["symbols"][0]["symbol"], "AAPL");
  EXPECT_EQ(list["symbols"][1]["status"], "paused");
  EXPECT_EQ(list["symbols"][1]["matched"], 1);
  EXPECT_EQ(list["streams"][0]["stream"], "NASDAQ:AAPL/TRADES");
  EXPECT_EQ(list["streams"][0]["sequence"], 42);
  answer({{"type", "PAUSE"}, {"paused", false}});
  EXPECT_THAT(rows(), ElementsAre("p3"));
  EXPECT_FALSE(last.rows[0].is_paused);
}

TEST_F(HftSession, TellsTheNewestOfEachLineInHeartbeats) {
  EXPECT_EQ(answer({{"type", "HEARTBEAT"}}).size(), 2u) << "a plain client's has type and timestamp";
  hello();
  for (const auto& beat : {answer({{"type", "HEARTBEAT"}}), replies(client->beat(1'000'000)).at(0)}) {
    EXPECT_EQ(beat["type"], "HEARTBEAT");
    EXPECT_EQ(beat["streams"][0]["stream"], "NASDAQ:AAPL/TRADES");
    EXPECT_EQ(beat["streams"][0]["epoch"], 7);
  }
}

// So that a quiet line and a dead one can be told apart, whichever of a client's lines it is.
TEST_F(HftSession, NamesAllLinesOverSeveralHeartbeatsAndSaysHowManyAreLeft) {
  hello();
  std::vector<uint32_t> asked;
  host.many_places = [&](uint32_t from) {
    asked.push_back(from);
    line_places found;
    for (uint32_t i = from; i < std::min(from + 2, 5u); ++i)
      found.places.push_back({model::instrument_id{i % 3}, TP_SERIES_TRADES, 7, 40 + i});
    found.more = 5 - std::min(from + 2, 5u);
    found.next = found.more > 0 ? from + 2 : 0;
    return found;
  };
  const auto told = [](const json& beat) {
    std::vector<int> list;
    for (const auto& one : beat["streams"]) list.push_back(one["sequence"]);
    list.push_back(-beat.value("more", 0));
    return list;
  };
  EXPECT_THAT(told(answer({{"type", "HEARTBEAT"}, {"id", 3}})), ElementsAre(40, 41, -3));
  EXPECT_THAT(told(replies(client->beat(1'000'000)).at(0)), ElementsAre(42, 43, -1));
  const auto last_part = answer({{"type", "HEARTBEAT"}});
  EXPECT_THAT(told(last_part), ElementsAre(44, 0));
  EXPECT_FALSE(last_part.contains("more"));
  EXPECT_THAT(told(answer({{"type", "HEARTBEAT"}})), ElementsAre(40, 41, -3)) << "and again from the first";
  EXPECT_THAT(asked, ElementsAre(0, 2, 4, 0));
  // LIST tells them together.
  EXPECT_THAT(told(answer({{"type", "LIST"}})), ElementsAre(40, 41, 42, 43, 44, 0));
}

// What is printed for one client costs all of its loop: how many kinds of it one may have is bounded, and so is the
// sum.
TEST_F(HftSession, RefusesMoreKindsOfOptionsThanOneClientMayHave) {
  hello();
  for (size_t i = 0; i < session::max_option_sets; ++i)
    ASSERT_EQ(answer(subscribe({i == 0 ? "AAPL" : "NASDAQ:*"}, {{"depth", 1 + i}}))["type"], "ACK") << i;
  // A wildcard asked for again has changed its options: that leaves two kinds.
  ASSERT_EQ(answer(subscribe({"MSFT"}, {{"frequency", 1}}))["type"], "ACK");
  start();
  hello();
  std::vector<std::string> asked{"AAPL",        "MSFT",  "TSLA",   "LSE:AAPL", "NASDAQ:AAPL", "NASDAQ:MSFT",
                                 "NASDAQ:TSLA", ">",     "*:AAPL", "*:MSFT",   "*:TSLA",      "NASDAQ:*",
                                 "NASDAQ:>",    "LSE:*", "LSE:>",  "*:*"};
  ASSERT_EQ(asked.size(), session::max_option_sets);
  for (size_t i = 0; i < asked.size(); ++i) say(subscribe({asked[i]}, {{"depth", 1 + i}, {"fields", {"bid"}}}));
  const auto error = answer(subscribe({"*:>"}, {{"frequency", 5}, {"fields", {"ask"}}, {"id", 9}}));
  EXPECT_EQ(error["type"], "ERROR");
  EXPECT_EQ(error["code"], 4304);
  EXPECT_EQ(error["field"], "fields");
  EXPECT_EQ(error["requestId"], 9);
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("At most 16 different sets"));
  EXPECT_TRUE(last.rows.empty());
  EXPECT_EQ(answer(subscribe({"*:>"}, {{"depth", 1}, {"fields", {"bid"}}}))["type"], "ACK")
    << "one that it has already";
}

TEST_F(HftSession, RefusesWhatTheLoopHasNoRoomForInsteadOfBeingSilent) {
  hello();
  host.refuses_fields = true;
  const auto error = answer(subscribe({"AAPL"}, {{"fields", {"bid", "ask"}}}));
  EXPECT_EQ(error["code"], 4304);
  EXPECT_EQ(error["field"], "fields");
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("leave fields away"));
  EXPECT_TRUE(last.rows.empty());
  EXPECT_EQ(answer(subscribe({"AAPL"}))["type"], "ACK");
  const auto update = answer({{"type", "UPDATE_SUBSCRIPTION"}, {"symbols", {"AAPL"}}, {"fields", {"bid"}}});
  EXPECT_EQ(update["code"], 4304);
  EXPECT_TRUE(last.rows.empty()) << "what it has stays as it is";
}

TEST_F(HftSession, KeepsNoHistory) {
  const auto error = answer({{"type", "HISTORY"}, {"stream", "NASDAQ:AAPL/TRADES"}, {"count", 5}});
  EXPECT_EQ(error["code"], 4301);
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("no history"));
}

// "Bad input" of the protocol: 10,000 mutated messages, no crash, and what is wrong is answered by an ERROR that names
// the key, or the byte where nothing can be named.
const std::array<std::string, 14> seeds{
  R"({"type":"HELLO","version":1,"encodings":["json"],"compression":true,"numbers":"string","stamps":false,"id":1})",
  R"({"type":"SUBSCRIBE","timestamp":1699459200000,"symbols":["AAPL","NASDAQ:*"],"dataTypes":["QUOTES","TRADES"],"frequency":100,"requestId":"r"})",
  R"({"type":"SUBSCRIBE","symbols":["LSE:AAPL"],"depth":5,"mode":"ALL","onSlow":"DROP_OLDEST","fields":["bid","ask"],"id":3})",
  R"({"type":"SUBSCRIBE","symbols":["MSFT"],"filter":{"min_price":1.5,"venue":"NASDAQ","where":["spread <= 0.02","bid > 1"]}})",
  R"({"type":"SUBSCRIBE","symbols":["TSLA"],"dataTypes":["TRADES"],"resume":{"epoch":7,"sequence":"12"}})",
  R"({"type":"UPDATE_SUBSCRIPTION","symbols":["AAPL"],"frequency":0,"filter":"bid > 1 and ask < 9"})",
  R"({"type":"UNSUBSCRIBE","symbols":["AAPL","NASDAQ:*"]})",
  R"({"type":"RESUME","stream":"NASDAQ:AAPL/TRADES","epoch":7,"sequence":42})",
  R"({"type":"RESUME","streams":[{"stream":"NASDAQ:AAPL/BOOK","epoch":7,"sequence":42}],"depth":5})",
  R"({"type":"SNAPSHOT","symbols":["AAPL"],"depth":3,"dataTypes":["ORDER_BOOK"]})",
  R"({"type":"PAUSE","symbols":["AAPL"],"paused":true})",
  R"({"type":"LIST","symbols":["AAPL"]})",
  R"({"type":"PING","pingId":"0.4fzyo82m","timestamp":1})",
  R"({"type":"AUTH","token":"eyJhbGciOiJIUzI1NiJ9.e30.x","timestamp":1})"};

TEST_F(HftSession, AnswersTenThousandMutatedMessages) {
  limits.max_problems = UINT32_MAX;
  start();
  std::mt19937_64 random{20261130};
  size_t wrong = 0, named = 0, good = 0;
  for (int i = 0; i < 10'000; ++i) {
    if (i % 50 == 0) start();
    const auto text = sdk::testing::mutated_text(seeds, 3, random);
    std::vector<json> told;
    ASSERT_NO_THROW(told = raw(text)) << text; // what is told is JSON
    const json* error = nullptr;
    for (const auto& one : told) {
      ASSERT_TRUE(one.is_object() && one.contains("type")) << text;
      if (one["type"] == "ERROR") error = &one;
    }
    if (!error) {
      ++good;
      EXPECT_TRUE(json::accept(text)) << text;
      continue;
    }
    ++wrong;
    ASSERT_TRUE((*error)["code"].is_number()) << text;
    const auto message = (*error)["message"].get<std::string>();
    const bool names_key = error->contains("field") && !(*error)["field"].get<std::string>().empty();
    // Before the first key nothing can be named but the place, and of what is no object the form that is wanted.
    if (names_key || message.find("near byte") != std::string::npos ||
        message.find("one JSON object") != std::string::npos)
      ++named;
    else
      ADD_FAILURE() << text << " -> " << *error;
    EXPECT_FALSE(message.empty()) << text;
  }
  EXPECT_GT(wrong, 5'000u);
  EXPECT_GT(good, 300u);
  EXPECT_GE(named * 100, wrong * 99);
}

} // namespace
