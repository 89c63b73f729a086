// What clients are told about their requests (7.2, 7.3): which symbols and lines they concern, what is wrong with some
// of them while the others go on, and what to do next.
#include "tests/support/hft_session.hpp"

#include <gmock/gmock.h>

using namespace tickplant;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

using HftAnswers = tests::hft_session;

// One instrument that is gone must not keep the others from going on.
TEST_F(HftAnswers, ResumesTheOthersWhereOneOfThemIsUnknown) {
  hello();
  const auto place = [](const char* stream) { return json{{"stream", stream}, {"epoch", 7}, {"sequence", 9}}; };
  const auto all = say({{"type", "RESUME"}, {"streams", {place("X:Y/TRADES"), place("NASDAQ:AAPL/TRADES")}}});
  ASSERT_EQ(all.size(), 2u) << json(all);
  EXPECT_EQ(all[0]["message"], "Subscribed to 1 symbols");
  EXPECT_EQ(all[0]["results"][0]["code"], 4306);
  EXPECT_EQ(all[1]["code"], 4306);
  EXPECT_EQ(all[1]["field"], "streams");
  EXPECT_EQ(all[1]["message"], "Unknown symbol: X:Y");
  EXPECT_THAT(rows(), ElementsAre("+0 from 1/7/9"));
}

TEST_F(HftAnswers, NamesPlacesOfLinesThatTheSubscriptionDoesNotBring) {
  hello();
  const auto place = [](const char* stream) { return json{{"stream", stream}, {"epoch", 7}, {"sequence", 9}}; };
  const json from = {place("NASDAQ:AAPL/TRADES"), place("NASDAQ:AAPL/BOOK"), place("NASDAQ:MSFT/TRADES"),
                     place("NASDAQ:NOPE/STATE")};
  const auto all = say(subscribe({"NASDAQ:AAPL"}, {{"dataTypes", {"TRADES"}}, {"resume", from}, {"id", "r"}}));
  ASSERT_EQ(all.size(), 2u) << json(all);
  EXPECT_THAT(rows(), ElementsAre("+0 from 1/7/9 from 2/7/9"));
  EXPECT_EQ(all[1]["code"], 4303);
  EXPECT_EQ(all[1]["field"], "resume");
  EXPECT_EQ(all[1]["requestId"], "r");
  EXPECT_EQ(all[1]["message"],
            "Not among the lines that are subscribed, so not resumed: NASDAQ:AAPL/BOOK, NASDAQ:MSFT/TRADES, "
            "NASDAQ:NOPE/STATE");
  EXPECT_EQ(say({{"type", "RESUME"}, {"streams", {place("LSE:AAPL/BOOK")}}, {"mode", "CONFLATE"}}).at(1)["message"],
            "Not among the lines that are subscribed, so not resumed: LSE:AAPL/BOOK");
}

TEST_F(HftAnswers, SaysWhatIsStillThereBehindWhatIsUnsubscribed) {
  hello();
  say(subscribe({"NASDAQ:*", "NASDAQ:AAPL"}, {{"dataTypes", {"TRADES", "ORDER_BOOK"}}}));
  const auto ack = answer({{"type", "UNSUBSCRIBE"}, {"symbols", {"NASDAQ:AAPL", "NASDAQ:MSFT", "LSE:AAPL", "X:*"}}});
  const auto& results = ack["results"];
  EXPECT_EQ(ack["message"], "Unsubscribed from 1 symbols");
  EXPECT_EQ(results[0]["status"], "closed");
  EXPECT_EQ(results[0]["streams"], json({"NASDAQ:AAPL/TRADES", "NASDAQ:AAPL/BOOK"}));
  EXPECT_EQ(results[0]["reason"], "it goes on by NASDAQ:*");
  EXPECT_EQ(results[1]["code"], 4303);
  EXPECT_FALSE(results[1].contains("status")) << "what is refused has none";
  EXPECT_EQ(results[1]["reason"], "not subscribed by this name, but by NASDAQ:*");
  EXPECT_EQ(results[2]["reason"], "not subscribed");
  EXPECT_EQ(results[3]["reason"], "not subscribed");
  for (const auto& result : results) EXPECT_FALSE(result.contains("stream")) << result;
}

TEST_F(HftAnswers, TellsWhatAPatternStandsForToWhoeverWritesOneThatIsNone) {
  hello();
  EXPECT_EQ(answer(subscribe({"NASDAQ:A*", "NOPE"}))["message"],
            "Unknown symbol: NASDAQ:A*, NOPE; * and > stand for a whole part of VENUE:SYMBOL");
  EXPECT_EQ(answer(subscribe({"NYSE:*"}))["message"], "Unknown symbol: NYSE:*; there is no such venue");
  EXPECT_EQ(answer(subscribe({"NOPE"}))["message"], "Unknown symbol: NOPE");
}

TEST_F(HftAnswers, TakesSnapshotsOfWhatHasAnyAndNamesTheLinesThatCome) {
  hello();
  const auto streams_of = [&](std::vector<std::string> types) {
    return answer({{"type", "SNAPSHOT"}, {"symbols", {"MSFT"}}, {"dataTypes", types}})["results"][0]["streams"];
  };
  EXPECT_EQ(streams_of({"ORDER_BOOK"}), json({"NASDAQ:MSFT/BOOK"}));
  EXPECT_EQ(streams_of({"TRADES"}), json({"NASDAQ:MSFT/TRADES"}));
  EXPECT_EQ(streams_of({"QUOTES", "ORDER_BOOK"}), json({"NASDAQ:MSFT/STATE"})) << "the levels are inside";
  const auto refused = answer({{"type", "SNAPSHOT"}, {"symbols", {"MSFT"}}, {"dataTypes", {"SIGNALS"}}});
  EXPECT_EQ(refused["code"], 4303);
  EXPECT_EQ(refused["field"], "dataTypes");
  EXPECT_THAT(rows(), IsEmpty());
  EXPECT_EQ(answer({{"type", "SNAPSHOT"}, {"symbols", {"AAPL"}}})["message"], "Snapshots of 1 symbols");
}

TEST_F(HftAnswers, TellsWhenTheNextRequestIsTaken) {
  limits.requests = {2, 1, 60'000'000'000};
  start();
  answer({{"type", "LIST"}});
  const auto refused = answer({{"type", "LIST"}});
  EXPECT_EQ(refused["code"], 4308);
  EXPECT_EQ(refused["retryAfterMs"], 30'000);
}

TEST_F(HftAnswers, AcknowledgesWhatWentOnBeforeOptionsWereRefused) {
  hello();
  say(subscribe({"NASDAQ:AAPL"}, {{"dataTypes", {"TRADES"}}}));
  host.refuses_fields = true;
  const auto place = [](const char* stream) { return json{{"stream", stream}, {"epoch", 7}, {"sequence", 9}}; };
  const auto all = say(
    {{"type", "RESUME"}, {"streams", {place("NASDAQ:AAPL/TRADES"), place("NASDAQ:MSFT/STATE")}}, {"fields", {"bid"}}});
  ASSERT_EQ(all.size(), 3u) << json(all);
  EXPECT_EQ(all[0]["code"], 4304);
  EXPECT_EQ(all[1]["results"].size(), 1u);
  EXPECT_EQ(all[1]["results"][0]["symbol"], "NASDAQ:AAPL");
  EXPECT_EQ(all[2]["message"], "Not among the lines that are subscribed, so not resumed: NASDAQ:MSFT/STATE");
  EXPECT_THAT(rows(), ElementsAre("+0 from 1/7/9"));
}

TEST_F(HftAnswers, SaysThatThereIsNothingToPause) {
  hello();
  EXPECT_EQ(answer({{"type", "PAUSE"}})["message"], "Nothing is subscribed");
}

} // namespace
