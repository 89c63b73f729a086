#include "codec.hpp"
#include "exchange_info.hpp"

#include "driver.hpp"

#include <gtest/gtest.h>

namespace tickplant::binance::testing {
namespace {

class Codec : public ::testing::Test {
protected:
  bool decode(std::string_view text) {
    bytes = std::make_unique<padded>(text);
    return codec.decode(bytes->text());
  }
  const message& only() {
    EXPECT_EQ(codec.messages().size(), 1u);
    return codec.messages()[0];
  }
  decoder codec;
  std::unique_ptr<padded> bytes;
};

constexpr std::string_view diff =
  R"({"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":157,"u":160,"b":[["0.0024","10"],["0.0022","0.00"]],"a":[["0.0026","100"]]})";

TEST_F(Codec, ReadsADepthDiffRawAndCombinedAlike) {
  const std::string combined = R"({"stream":"btcusdt@depth@100ms","data":)" + std::string{diff} + "}";
  const std::string turned = R"({"data":)" + std::string{diff} + R"(,"stream":"btcusdt@depth@100ms"})";
  for (const auto& text : {std::string{diff}, combined, turned}) {
    ASSERT_TRUE(decode(text)) << text;
    const message& m = only();
    ASSERT_EQ(m.kind, message_kind::depth_update);
    depth_update d;
    ASSERT_TRUE(read(m, d));
    EXPECT_EQ(m.symbol(), "BTCUSDT");
    EXPECT_EQ(d.first, 157u);
    EXPECT_EQ(d.last, 160u);
    EXPECT_EQ(d.event_time, 1723161255208u);
    ASSERT_EQ(m.bids.size(), 2u);
    EXPECT_EQ(m.bids[1].price, "0.0022");
    EXPECT_EQ(m.asks[0].quantity, "100");
    EXPECT_EQ(m.stream, text == diff ? "" : "btcusdt@depth@100ms");
  }
}

TEST_F(Codec, AcceptsWhatTheVenueMayDoDifferently) {
  const std::string_view same[] = {
    R"({"a":[["0.0026","100"]],"u":160,"U":157,"b":[],"s":"BTCUSDT","E":1,"e":"depthUpdate"})",    // key order
    R"({"e":"depthUpdate","E":1,"s":"BTCUSDT","U":157,"u":160,"b":[],"a":[["0.0026","100",[]]]})", // third entry, B1
    R"({"e":"depthUpdate","E":1,"s":"BTCUSDT","U":157,"u":160,"b":[],"a":[["0.0026","100",1,{"x":[1]}]]})",
    R"({"e":"depthUpdate","E":1,"s":"BTCUSDT","U":157,"u":160,"b":[],"a":[[0.0026,100]]})", // numbers as numbers
    R"({"e":"depthUpdate","E":"1","s":"BTCUSDT","U":"157","u":"160","b":[],"a":[["0.0026","100"]]})", // texts as ids
    R"( { "e" : "depthUpdate" , "E":null, "s":"BTCUSDT","U":157 , "u":160 ,"b":[ ],"a":[ [ "0.0026" , "100" ] ] } )",
    R"({"e":"depthUpdate","X":{"k":[1,{"b":[["9","9"]]}]},"new":"thing","Z":null,"s":"BTCUSDT","U":157,"u":160,"b":[],"a":[["0.0026","100"]]})",
    R"({"e":"depthUpdate","s":"BTC\u0055SDT","U":157,"u":160,"b":[],"a":[["0.0026","100"]]})",
  };
  for (const auto text : same) {
    ASSERT_TRUE(decode(text)) << text;
    depth_update d;
    ASSERT_TRUE(read(only(), d)) << text;
    EXPECT_EQ(only().symbol(), "BTCUSDT");
    EXPECT_EQ(d.last, 160u);
    ASSERT_EQ(only().asks.size(), 1u) << text;
    EXPECT_EQ(only().asks[0].price, "0.0026") << text;
    EXPECT_EQ(only().asks[0].quantity, "100") << text;
    EXPECT_TRUE(only().bids.empty());
  }
}

TEST_F(Codec, RefusesBrokenFrames) {
  const std::string_view bad[] = {
    "",
    " ",
    "null",
    "12",
    "{",
    "}",
    "[1]",
    "[[]]",
    R"({"e":"depthUpdate")",
    R"({"e":"depthUpdate"}})",
    R"({"e":"depthUpdate"} trailing)",
    R"({"e":"depthUpdate"}{"e":"trade"})",
    R"({"e":"depthUpdate,"E":1})",
    R"({"e" "depthUpdate"})",
    R"({"b":[["1","2"],["1"]]})",
    R"({"b":[["1","2"],[]]})",
    R"({"b":["1","2"]})",
    R"({"b":[[["1"],"2"]]})",
    R"({"b":[["1","2"]})",
    R"({"b":[["1","2"]],"b":[["3","4"]]})",
    R"({"stream":"x","data":7})",
    R"({"stream":"x","data":[{"e":"24hrMiniTicker"},3]})",
    "{\"s\":\"\xff\xfe\"}",
  };
  for (const auto text : bad) {
    EXPECT_FALSE(decode(text)) << text;
    EXPECT_TRUE(codec.messages().empty());
  }
  EXPECT_TRUE(decode(diff)) << "and goes on after them";
}

TEST_F(Codec, MissesKeysAndTypesOfTheTypedView) {
  const std::string_view bad[] = {
    R"({"e":"depthUpdate","s":"X","u":160,"b":[],"a":[]})",
    R"({"e":"depthUpdate","s":"X","U":157,"b":[],"a":[]})",
    R"({"e":"depthUpdate","s":"X","U":157,"u":160,"b":[]})",
    R"({"e":"depthUpdate","s":"X","U":157,"u":160,"b":[],"a":"1"})",
    R"({"e":"depthUpdate","s":"X","U":161,"u":160,"b":[],"a":[]})",
    R"({"e":"depthUpdate","s":"X","U":0,"u":160,"b":[],"a":[]})",
    R"({"e":"depthUpdate","s":"X","U":1.5,"u":160,"b":[],"a":[]})",
    R"({"e":"depthUpdate","s":"X","U":-1,"u":160,"b":[],"a":[]})",
    R"({"e":"depthUpdate","s":"X","U":null,"u":160,"b":[],"a":[]})",
    R"({"e":"depthUpdate","s":"X","U":1,"u":99999999999999999999,"b":[],"a":[]})",
  };
  for (const auto text : bad) {
    ASSERT_TRUE(decode(text)) << text;
    depth_update d;
    EXPECT_FALSE(read(only(), d)) << text;
  }
}

TEST_F(Codec, ReadsTradesAndTellsTheAggressor) {
  ASSERT_TRUE(decode(
    R"({"e":"trade","E":2,"s":"BTCUSDT","t":12345,"p":"0.001","q":"100","b":88,"a":50,"T":123456785,"m":true,"M":true})"));
  trade t;
  ASSERT_TRUE(read(only(), t)) << "b and a are order ids in old recordings";
  EXPECT_EQ(t.id, 12345u);
  EXPECT_EQ(t.time, 123456785u);
  EXPECT_TRUE(t.buyer_is_maker);
  ASSERT_TRUE(decode(
    R"({"e":"aggTrade","E":2,"s":"BTCUSDT","a":5933014,"p":"0.001","q":"100","f":100,"l":105,"T":9,"m":false,"M":true})"));
  agg_trade a;
  ASSERT_TRUE(read(only(), a));
  EXPECT_EQ(a.first, 100u);
  EXPECT_EQ(a.last, 105u);
  EXPECT_FALSE(a.buyer_is_maker);
  ASSERT_TRUE(decode(R"({"e":"trade","s":"BTCUSDT","t":1,"p":"0.001","q":"100","T":9,"m":1})"));
  EXPECT_FALSE(read(only(), t)) << "m must be a truth value";
}

TEST_F(Codec, KnowsTheBookTickerByItsKeysAlone) {
  for (const auto text :
       {R"({"u":400900217,"s":"BNBUSDT","b":"25.35","B":"31.21","a":"25.36","A":"40.66"})",
        R"({"e":"bookTicker","u":400900217,"s":"BNBUSDT","b":"25.35","B":"31.21","a":"25.36","A":"40.66"})"}) {
    ASSERT_TRUE(decode(text));
    EXPECT_EQ(only().kind, message_kind::book_ticker);
    book_ticker q;
    ASSERT_TRUE(read(only(), q));
    EXPECT_EQ(q.update, 400900217u);
    EXPECT_EQ(q.ask_quantity, "40.66");
  }
}

TEST_F(Codec, TellsAnswersFromEvents) {
  ASSERT_TRUE(decode(R"({"result":null,"id":1})"));
  EXPECT_EQ(only().kind, message_kind::answer);
  EXPECT_TRUE(read_answer(only()).good);
  EXPECT_EQ(read_answer(only()).id, 1u);
  ASSERT_TRUE(decode(R"({"result":["btcusdt@aggTrade"],"id":3})"));
  EXPECT_TRUE(read_answer(only()).good);
  for (const auto text :
       {R"({"code":2,"msg":"Invalid request","id":7})", R"({"error":{"code":2,"msg":"Invalid request"},"id":7})"}) {
    ASSERT_TRUE(decode(text));
    EXPECT_EQ(only().kind, message_kind::answer);
    const auto a = read_answer(only());
    EXPECT_FALSE(a.good);
    EXPECT_EQ(a.id, 7u);
    EXPECT_EQ(a.code, "2");
    EXPECT_EQ(a.text, "Invalid request");
  }
}

TEST_F(Codec, SortsTheOtherMessages) {
  const std::pair<std::string_view, message_kind> table[] = {
    {R"({"e":"serverShutdown","E":1})", message_kind::server_shutdown},
    {R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}})", message_kind::server_shutdown},
    {R"({"stream":"x@depth5","data":{"lastUpdateId":160,"bids":[["1","2"]],"asks":[]}})", message_kind::partial_depth},
    {R"({"lastUpdateId":160,"bids":[],"asks":[]})", message_kind::partial_depth},
    {R"({"e":"kline","E":1,"s":"BNBBTC","k":{"t":1,"s":"BNBBTC","o":"0.0010","x":false}})", message_kind::kline},
    {R"({"e":"24hrTicker","s":"X","o":"1"})", message_kind::ticker},
    {R"({"e":"24hrMiniTicker","s":"X","o":"1"})", message_kind::mini_ticker},
    {R"({"e":"blockTrade","s":"X"})", message_kind::block_trade},
    {R"({"e":"avgPrice","s":"X"})", message_kind::other},
    {R"({"e":"somethingNew","s":"X"})", message_kind::unknown},
    {R"({"e":7})", message_kind::unknown},
    {R"({})", message_kind::unknown},
  };
  for (const auto& [text, kind] : table) {
    ASSERT_TRUE(decode(text)) << text;
    EXPECT_EQ(only().kind, kind) << text;
  }
}

TEST_F(Codec, TakesListsOfStatisticsRawAndCombined) {
  for (
    const auto text :
    {R"([{"e":"24hrMiniTicker","s":"A","c":"1"},{"e":"24hrMiniTicker","s":"B","c":"2"}])",
     R"({"data":[{"e":"24hrMiniTicker","s":"A","c":"1"},{"e":"24hrMiniTicker","s":"B","c":"2"}],"stream":"!miniTicker@arr"})"}) {
    ASSERT_TRUE(decode(text));
    ASSERT_EQ(codec.messages().size(), 2u);
    EXPECT_EQ(codec.messages()[0].symbol(), "A");
    EXPECT_EQ(codec.messages()[1].symbol(), "B");
    EXPECT_EQ(codec.messages()[1].kind, message_kind::mini_ticker);
  }
}

TEST_F(Codec, FindsTheSymbolInAStreamName) {
  EXPECT_EQ(symbol_of_stream("btcusdt@depth20@100ms"), "btcusdt");
  EXPECT_EQ(symbol_of_stream("!miniTicker@arr"), "!miniTicker");
  EXPECT_EQ(symbol_of_stream("plain"), "plain");
}

constexpr std::string_view directory =
  R"({"timezone":"UTC","rateLimits":[{"limit":6000,"intervalNum":1,"interval":"MINUTE","rateLimitType":"REQUEST_WEIGHT"},)"
  R"({"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":61000}],"symbols":[)"
  R"({"status":"TRADING","symbol":"BTCUSDT","baseAsset":"BTC","quoteAsset":"USDT","filters":[)"
  R"({"stepSize":"1.0","filterType":"MARKET_LOT_SIZE"},{"tickSize":"0.01000000","filterType":"PRICE_FILTER"},)"
  R"({"filterType":"LOT_SIZE","stepSize":"0.00001000"}]},{"symbol":"OLD","status":null,"filters":[]}]})";

TEST(ExchangeInfo, ReadsSymbolsStepsAndTheWeightLimit) {
  const padded bytes{directory};
  exchange_info info;
  ASSERT_TRUE(read_exchange_info(bytes.text(), info));
  EXPECT_EQ(info.weight_per_minute, 6'000u);
  EXPECT_TRUE(info.complete);
  ASSERT_EQ(info.symbols.size(), 2u);
  EXPECT_EQ(info.symbols[0].symbol, "BTCUSDT");
  EXPECT_EQ(info.symbols[0].tick, "0.01000000");
  EXPECT_EQ(info.symbols[0].step, "0.00001000") << "not that of market orders";
  EXPECT_EQ(info.symbols[0].quote, "USDT");
  EXPECT_EQ(info.symbols[1].status, "");
}

TEST(ExchangeInfo, RefusesErrorsAndEmptyOrCutAnswers) {
  for (const std::string_view text :
       {std::string_view{R"({"code":-1003,"msg":"Too much request weight"})"}, std::string_view{R"({"symbols":[]})"},
        std::string_view{""}, std::string_view{"[]"}, std::string_view{R"({"symbols":{}})"},
        directory.substr(0, directory.size() / 2)}) {
    const padded bytes{text};
    exchange_info info;
    EXPECT_FALSE(read_exchange_info(bytes.text(), info)) << text;
  }
  const padded nameless{R"({"symbols":[{"symbol":"A"},{"status":"TRADING"}]})"};
  exchange_info info;
  EXPECT_TRUE(read_exchange_info(nameless.text(), info));
  EXPECT_FALSE(info.complete) << "an entry without a name: what is missing may be it";
}

TEST(ExchangeInfo, TakesEveryUnknownStatusAsNotTrading) {
  bool known = false;
  EXPECT_EQ(state_of("TRADING", known), TP_STATE_TRADING);
  for (const auto word : {"BREAK", "HALT", "CANCEL_ONLY"}) EXPECT_EQ(state_of(word, known), TP_STATE_HALTED);
  EXPECT_EQ(state_of("END_OF_DAY", known), TP_STATE_CLOSED);
  EXPECT_TRUE(known);
  EXPECT_EQ(state_of("SOMETHING", known), TP_STATE_HALTED);
  EXPECT_FALSE(known);
}

} // namespace
} // namespace tickplant::binance::testing
