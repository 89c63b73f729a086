#include "tickplant_sim/binance/control.hpp"
#include "tickplant_sim/binance/target.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tickplant::sim::binance {
namespace {

using nlohmann::json;

json ask(std::string_view text, subscriptions& state) {
  return json::parse(answer_control(text, state));
}

TEST(Control, SubscribesAndListsAndUnsubscribes) {
  subscriptions state;
  EXPECT_EQ(ask(R"({"method":"SUBSCRIBE","params":["btcusdt@trade","btcusdt@depth@100ms"],"id":1})", state),
            json::parse(R"({"result":null,"id":1})"));
  EXPECT_EQ(ask(R"({"method":"LIST_SUBSCRIPTIONS","id":3})", state),
            json::parse(R"({"result":["btcusdt@depth@100ms","btcusdt@trade"],"id":3})"));
  EXPECT_EQ(ask(R"({"method":"UNSUBSCRIBE","params":["btcusdt@trade","never@there"],"id":"a1"})", state),
            json::parse(R"({"result":null,"id":"a1"})"));
  EXPECT_EQ(state.streams.size(), 1u);
}

TEST(Control, SetsAndGetsTheCombinedProperty) {
  subscriptions state;
  EXPECT_EQ(ask(R"({"method":"GET_PROPERTY","params":["combined"],"id":2})", state)["result"], false);
  EXPECT_EQ(ask(R"({"method":"SET_PROPERTY","params":["combined",true],"id":5})", state),
            json::parse(R"({"result":null,"id":5})"));
  EXPECT_EQ(ask(R"({"method":"GET_PROPERTY","params":["combined"],"id":2})", state),
            json::parse(R"({"result":true,"id":2})"));
}

TEST(Control, RefusesWithTheDocumentedCodes) {
  subscriptions state;
  const std::pair<const char*, int> cases[] = {
    {R"({"method":"SET_PROPERTY","params":["other",true],"id":1})", 0},
    {R"({"method":"GET_PROPERTY","params":["other"],"id":1})", 0},
    {R"({"method":"SET_PROPERTY","params":["combined",1],"id":1})", 1},
    {R"({"method":"DANCE","id":1})", 2},
    {R"({"id":1})", 2},
    {R"({"method":"SUBSCRIBE","params":"btcusdt@trade","id":1})", 2},
    {R"({"method":"SUBSCRIBE","params":[1],"id":1})", 2},
    {R"({"method":"SUBSCRIBE","params":["x"],"id":1.5})", 2},
    {R"({"method":"SUBSCRIBE","params":["x"],"id":"0123456789012345678901234567890123456"})", 2},
    {R"([])", 2},
    {R"({"method":)", 3},
    {"\xff", 3},
    {"", 3}};
  for (const auto& [text, code] : cases) {
    const auto answer = ask(text, state);
    EXPECT_EQ(answer["code"], code) << text;
    EXPECT_TRUE(answer["msg"].is_string());
  }
  EXPECT_TRUE(state.streams.empty());
}

TEST(Control, SurvivesDeepNesting) {
  subscriptions state;
  EXPECT_TRUE(ask(std::string(30'000, '['), state).contains("code"));
  EXPECT_TRUE(ask(R"({"method":)" + std::string(20'000, '[') + std::string(20'000, ']') + "}", state).contains("code"));
}

TEST(Control, AllowsAtMost1024Streams) {
  subscriptions state;
  json names = json::array();
  for (int i = 0; i < 1024; ++i) names.push_back("s" + std::to_string(i) + "@trade");
  EXPECT_TRUE(ask(json{{"method", "SUBSCRIBE"}, {"params", names}, {"id", 1}}.dump(), state).contains("result"));
  EXPECT_EQ(ask(R"({"method":"SUBSCRIBE","params":["one@more"],"id":1})", state)["code"], 2);
  EXPECT_EQ(state.streams.size(), 1024u);
}

TEST(MessageRate, AllowsFiveInAnySecond) {
  constexpr std::int64_t ms = 1'000'000;
  message_rate rate;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(rate.allow((1 + i) * 100 * ms));
  EXPECT_FALSE(rate.allow(1'050 * ms));
  EXPECT_TRUE(rate.allow(1'100 * ms));
  EXPECT_FALSE(rate.allow(1'150 * ms));
}

TEST(StreamTarget, KnowsTheDocumentedPaths) {
  EXPECT_FALSE(parse_stream_target("/ws")->initial.combined);
  EXPECT_TRUE(parse_stream_target("/stream")->initial.combined);
  EXPECT_EQ(parse_stream_target("/ws/btcusdt@trade/ethusdt@trade")->initial.streams.size(), 2u);
  const auto combined = parse_stream_target("/stream?streams=btcusdt%40trade/ethusdt@depth&timeUnit=MICROSECOND");
  EXPECT_TRUE(combined->initial.streams.contains("btcusdt@trade"));
  EXPECT_TRUE(combined->microseconds);
  EXPECT_FALSE(parse_stream_target("/other").has_value());
  EXPECT_FALSE(parse_stream_target("/ws/%4").has_value());
  EXPECT_FALSE(parse_stream_target("/ws/%zz").has_value());
  EXPECT_FALSE(parse_stream_target("/ws/" + std::string(200, 'x')).has_value());
}

} // namespace
} // namespace tickplant::sim::binance
