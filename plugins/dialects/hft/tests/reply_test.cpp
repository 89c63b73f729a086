#include "names.hpp"
#include "recorder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace tickplant::hft::testing {
namespace {

struct hft_reply : ::testing::Test {
  static tp_reply of(uint32_t kind) {
    tp_reply r{};
    r.struct_size = sizeof r;
    r.kind = kind;
    r.wall_ms = 1699459200000;
    return r;
  }
  static tp_result result(std::string_view asked, std::string_view symbol, std::string_view venue, uint32_t status) {
    return {sizeof(tp_result),
            0,
            status,
            0,
            sdk::to_tp(asked),
            sdk::to_tp(symbol),
            sdk::to_tp(venue),
            {},
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0};
  }
  static tp_result refused(std::string_view asked, int32_t code, std::string_view reason) {
    return {
      sizeof(tp_result), code, 0, 0, sdk::to_tp(asked), {}, {}, sdk::to_tp(reason), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  }
  std::string printed(const tp_reply& r) {
    const std::string text = host.reply(r);
    EXPECT_TRUE(text.empty() || nlohmann::json::accept(text)) << text;
    return text;
  }
  recorder host;
};

TEST_F(hft_reply, WelcomesWithTheWordsOfTheDocumentAndTheLimits) {
  auto r = of(TP_REPLY_WELCOME);
  r.session = sdk::to_tp("s-1");
  r.protocol_version = 1;
  r.heartbeat_ms = 30000;
  r.max_message = 65536;
  r.max_symbols = 1024;
  EXPECT_EQ(printed(r), R"({"type":"ACK","timestamp":1699459200000,"message":"Connected to HFT WebSocket Server",)"
                        R"("sessionId":"s-1","protocolVersion":1,"heartbeatInterval":30000,"maxMessageSize":65536,)"
                        R"("maxSymbols":1024,"resume":false})");
}

// S0-76: AUTH is answered by AUTH_SUCCESS or AUTH_FAILED, and the welcome says that it is wanted.
TEST_F(hft_reply, TellsAboutLogins) {
  auto r = of(TP_REPLY_WELCOME);
  r.needs_auth = 1;
  r.auth_deadline_ms = 10000;
  EXPECT_EQ(nlohmann::json::parse(printed(r)).at("authDeadlineMs"), 10000);
  r = of(TP_REPLY_AUTH_SUCCESS);
  r.subject = sdk::to_tp("ada");
  r.tier = sdk::to_tp("pro");
  r.expires_ms = 1699459260000;
  r.id = sdk::to_tp("7");
  EXPECT_EQ(printed(r), R"({"type":"AUTH_SUCCESS","timestamp":1699459200000,"message":"Authenticated","subject":"ada",)"
                        R"("tier":"pro","expiresAt":1699459260000,"requestId":7})");
  r.kind = TP_REPLY_AUTH_EXPIRING;
  EXPECT_EQ(nlohmann::json::parse(printed(r)).at("expiresAt"), 1699459260000);
  r = of(TP_REPLY_AUTH_FAILED);
  r.code = 4001;
  r.name = sdk::to_tp("AUTHENTICATION_FAILED");
  r.detail = sdk::to_tp("signature does not match");
  EXPECT_EQ(printed(r), R"({"type":"AUTH_FAILED","timestamp":1699459200000,"message":"signature does not match",)"
                        R"("code":4001,"name":"AUTHENTICATION_FAILED"})");
}

TEST_F(hft_reply, AcknowledgesSubscriptionsSymbolBySymbol) {
  const tp_result results[] = {result("AAPL", "AAPL", "NASDAQ", TP_STATUS_OK),
                               result("BINANCE:BTCUSDT", "BTCUSDT", "BINANCE", TP_STATUS_PENDING),
                               refused("NO\"PE", 4306, "no venue has this symbol")};
  auto r = of(TP_REPLY_SUBSCRIBED);
  r.symbol_count = 2;
  r.id = sdk::to_tp("\"r1\"");
  r.frequency_ms = 100;
  r.data_types = TP_DATA_QUOTES | TP_DATA_ORDER_BOOK;
  r.depth = 5;
  r.results = results;
  r.result_count = 3;
  EXPECT_EQ(
    printed(r),
    R"({"type":"ACK","timestamp":1699459200000,"message":"Subscribed to 2 symbols","requestId":"r1","frequency":100,)"
    R"("dataTypes":["QUOTES","ORDER_BOOK"],"depth":5,"results":[)"
    R"({"symbol":"AAPL","exchange":"NASDAQ","stream":"NASDAQ:AAPL/STATE","status":"ok"},)"
    R"({"symbol":"BINANCE:BTCUSDT","exchange":"BINANCE","stream":"BINANCE:BTCUSDT/STATE","status":"pending"},)"
    R"({"symbol":"NO\"PE","code":4306,"name":"INVALID_SYMBOL","reason":"no venue has this symbol"}]})");
  r = of(TP_REPLY_SUBSCRIBED);
  r.symbol_count = 1;
  r.sequence = 3;
  r.data_types = TP_DATA_TRADES;
  EXPECT_EQ(printed(r), R"({"type":"ACK","timestamp":1699459200000,"sequence":3,"message":"Subscribed to 1 symbols",)"
                        R"("frequency":0,"dataTypes":["TRADES"],"results":[]})");
}

TEST_F(hft_reply, AcknowledgesTheEndOfSubscriptions) {
  auto r = of(TP_REPLY_UNSUBSCRIBED);
  r.symbol_count = 1;
  r.id = sdk::to_tp("12");
  EXPECT_EQ(printed(r),
            R"({"type":"ACK","timestamp":1699459200000,"message":"Unsubscribed from 1 symbols","requestId":12})");
  const tp_result results[] = {refused("X", 4306, "not subscribed")};
  r.id = {};
  r.symbol_count = 0;
  r.results = results;
  r.result_count = 1;
  EXPECT_EQ(printed(r), R"({"type":"ACK","timestamp":1699459200000,"message":"Unsubscribed from 0 symbols",)"
                        R"("results":[{"symbol":"X","code":4306,"name":"INVALID_SYMBOL","reason":"not subscribed"}]})");
}

TEST_F(hft_reply, AnswersHeartbeatsAndPings) {
  EXPECT_EQ(printed(of(TP_REPLY_HEARTBEAT)), R"({"type":"HEARTBEAT","timestamp":1699459200000})");
  auto r = of(TP_REPLY_PONG);
  EXPECT_EQ(printed(r), R"({"type":"PONG","timestamp":1699459200000})");
  r.probe = sdk::to_tp("\"0.4fzyo82m\"");
  EXPECT_EQ(printed(r), R"({"type":"PONG","timestamp":1699459200000,"pingId":"0.4fzyo82m"})");
  r.probe = sdk::to_tp("17");
  EXPECT_EQ(printed(r), R"({"type":"PONG","timestamp":1699459200000,"pingId":17})");
}

TEST_F(hft_reply, EchoesWhatItDecoded) {
  for (const std::string token : {"7", "-0.5e+3", "\"a\"", R"("\u00e9\"\\")", "1e5"}) {
    host.decode(R"({"type":"PING","pingId":)" + token + "}");
    ASSERT_EQ(host.requests.size(), 1u) << token;
    const std::string probe = host.requests[0].probe;
    auto r = of(TP_REPLY_PONG);
    r.probe = sdk::to_tp(probe);
    EXPECT_EQ(printed(r), R"({"type":"PONG","timestamp":1699459200000,"pingId":)" + token + "}");
  }
}

TEST_F(hft_reply, PrintsEchoesThatAreNoJsonAsStrings) {
  auto r = of(TP_REPLY_PONG);
  for (const std::string text : {"abc", "\"", "\"a", "\"a\"b\"", R"("a\")", R"("\q")", R"("\u12")", "01", "1.", "-",
                                 "1e", "true", "{}", "1 ", "\"a\nb\""}) {
    r.probe = sdk::to_tp(text);
    EXPECT_EQ(nlohmann::json::parse(printed(r))["pingId"], text);
  }
}

TEST_F(hft_reply, PrintsErrorsWithTheWordsOfDocumentAndRegistry) {
  auto r = of(TP_REPLY_ERROR);
  r.code = 4300;
  r.name = sdk::to_tp("MESSAGE_PARSE_ERROR");
  r.detail = sdk::to_tp("Invalid message format: type is missing");
  r.field = sdk::to_tp("type");
  r.recoverable = 1;
  r.id = sdk::to_tp("7");
  EXPECT_EQ(printed(r),
            R"({"type":"ERROR","timestamp":1699459200000,"message":"Invalid message format: type is missing",)"
            R"("errorType":"MESSAGE_PARSE_ERROR","code":4300,"name":"MESSAGE_PARSE_ERROR","recoverable":true,)"
            R"("field":"type","requestId":7})");
  r = of(TP_REPLY_ERROR);
  r.code = 4308;
  r.retry_after_ms = 1500;
  r.recoverable = 1;
  EXPECT_EQ(printed(r),
            R"({"type":"ERROR","timestamp":1699459200000,"message":"Rate limit exceeded. Please slow down.",)"
            R"("errorType":"RATE_LIMIT_EXCEEDED","code":4308,"name":"RATE_LIMIT_WARNING","recoverable":true,)"
            R"("retryAfterMs":1500})");
  r = of(TP_REPLY_ERROR);
  r.code = 4001;
  r.detail = sdk::to_tp("the token has expired");
  EXPECT_EQ(printed(r),
            R"({"type":"ERROR","timestamp":1699459200000,"message":"the token has expired",)"
            R"("errorType":"AUTHENTICATION_FAILED","code":4001,"name":"AUTHENTICATION_FAILED","recoverable":false})");
}

TEST_F(hft_reply, PutsTheFixedTextOfAnErrorFirst) {
  auto r = of(TP_REPLY_ERROR);
  r.code = 4300;
  r.detail = sdk::to_tp("the text is not UTF-8");
  EXPECT_EQ(nlohmann::json::parse(printed(r))["message"], "Invalid message format: the text is not UTF-8");
  r.code = 4308;
  r.detail = sdk::to_tp("120 of 100 requests");
  EXPECT_EQ(nlohmann::json::parse(printed(r))["message"], "Rate limit exceeded. Please slow down. 120 of 100 requests");
  r.code = 4104;
  r.detail = {};
  EXPECT_EQ(nlohmann::json::parse(printed(r))["message"], "OVERLOADED");
  r.code = 9999;
  EXPECT_EQ(nlohmann::json::parse(printed(r))["errorType"], "SERVER_ERROR");
}

TEST_F(hft_reply, MapsEveryErrorToATypeOfTheDocument) {
  const std::set<std::string_view> types{"CONNECTION_FAILED",   "AUTHENTICATION_FAILED", "SUBSCRIPTION_FAILED",
                                         "MESSAGE_PARSE_ERROR", "RATE_LIMIT_EXCEEDED",   "SERVER_ERROR",
                                         "NETWORK_ERROR"};
  for (const auto& row : error_names) EXPECT_TRUE(types.contains(row.type)) << row.code;
  EXPECT_TRUE(std::ranges::is_sorted(error_names, {}, &error_name::code));
}

TEST_F(hft_reply, TellsHowStreamsStand) {
  tp_result results[] = {result("AAPL", "AAPL", "NASDAQ", TP_STATUS_STALE), result("", "VOD", "LSE", TP_STATUS_HALTED)};
  results[0].reason = sdk::to_tp("channel 3 lost 12 messages");
  auto r = of(TP_REPLY_STREAM_STATUS);
  r.results = results;
  r.result_count = 2;
  EXPECT_EQ(printed(r), R"({"type":"STREAM_STATUS","timestamp":1699459200000,"symbols":[)"
                        R"({"symbol":"AAPL","exchange":"NASDAQ","stream":"NASDAQ:AAPL/STATE","status":"stale",)"
                        R"("reason":"channel 3 lost 12 messages"},)"
                        R"({"symbol":"VOD","exchange":"LSE","stream":"LSE:VOD/STATE","status":"halted"}]})");
}

TEST_F(hft_reply, WarnsOfSlowReadingAndOfTheEnd) {
  auto r = of(TP_REPLY_SLOW_CONSUMER);
  r.detail = sdk::to_tp("reads slower than the market moves: updates are merged");
  r.code = 4309;
  EXPECT_EQ(printed(r), R"({"type":"SLOW_CONSUMER","timestamp":1699459200000,)"
                        R"("message":"reads slower than the market moves: updates are merged","code":4309})");
  r.name = sdk::to_tp("SLOW_CONSUMER_WARNING");
  r.extras = TP_EXTRA_SEQUENCE;
  EXPECT_EQ(printed(r), R"({"type":"SLOW_CONSUMER","timestamp":1699459200000,"v":1,)"
                        R"("message":"reads slower than the market moves: updates are merged","code":4309,)"
                        R"("name":"SLOW_CONSUMER_WARNING"})");
  tp_result line = result("", "AAPL", "NASDAQ", 0);
  line.series = TP_SERIES_TRADES;
  line.epoch = 7;
  line.sequence = 42;
  r.results = &line;
  r.result_count = 1;
  EXPECT_EQ(printed(r), R"({"type":"SLOW_CONSUMER","timestamp":1699459200000,"v":1,)"
                        R"("message":"reads slower than the market moves: updates are merged","code":4309,)"
                        R"("name":"SLOW_CONSUMER_WARNING","stream":"NASDAQ:AAPL/TRADES","epoch":7,"sequence":42})");
  r = of(TP_REPLY_SHUTDOWN);
  r.retry_after_ms = 2000;
  EXPECT_EQ(printed(r), R"({"type":"SHUTDOWN","timestamp":1699459200000,"retryAfterMs":2000})");
}

// S0-10: an arbitrage, as told to those who subscribed to SIGNALS.
TEST_F(hft_reply, TellsSignals) {
  tp_signal signal{};
  signal.struct_size = sizeof signal;
  signal.phase = TP_SIGNAL_END;
  signal.key = sdk::to_tp("AAPL-7");
  signal.symbol = signal.buy_symbol = signal.sell_symbol = sdk::to_tp("AAPL");
  signal.venue = sdk::to_tp("CONS");
  signal.buy_venue = sdk::to_tp("NASDAQ");
  signal.sell_venue = sdk::to_tp("NYSE");
  signal.price_exponent = -2;
  signal.net_exponent = -10;
  signal.buy_price = 10010;
  signal.sell_price = 10020;
  signal.quantity = 300;
  signal.edge = 10;
  signal.net_edge = {499'300'000, 0};
  signal.edge_bps = 99'900;
  signal.net_edge_bps = 49'880;
  signal.sequence = 3;
  signal.start_ns = 1'699'459'199'000'000'000;
  signal.duration_ns = 12'345'678;
  signal.reason = sdk::to_tp("the edge is gone");
  auto r = of(TP_REPLY_SIGNAL);
  r.signal = &signal;
  EXPECT_EQ(printed(r), R"({"type":"SIGNAL","timestamp":1699459200000,"signal":"ARBITRAGE","signalId":"AAPL-7",)"
                        R"("phase":"END","market":"CROSSED","symbol":"AAPL","exchange":"CONS",)"
                        R"("buy":{"exchange":"NASDAQ","symbol":"AAPL","price":100.1},)"
                        R"("sell":{"exchange":"NYSE","symbol":"AAPL","price":100.2},"size":300,"edge":0.1,)"
                        R"("edgeBps":9.99,"netEdge":0.04993,"netEdgeBps":4.988,"startTime":1699459199000,)"
                        R"("durationUs":12345,"signalSequence":3,"reason":"the edge is gone"})");
  r.signal = nullptr;
  EXPECT_EQ(printed(r), "");
}

TEST_F(hft_reply, SaysNothingForUnknownKinds) {
  EXPECT_EQ(printed(of(99)), "");
}

} // namespace
} // namespace tickplant::hft::testing
