// Seeded mutations of valid messages: every frame gets exactly one answer, and the verdict on JSON agrees with another
// parser.
#include "recorder.hpp"

#include <mutated_text.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <random>

namespace tickplant::hft::testing {
namespace {

const std::array<std::string, 15> seeds{
  R"({"type":"SUBSCRIBE","timestamp":1699459200000,"symbols":["AAPL","GOOGL","MSFT"],"dataTypes":["QUOTES","ORDER_BOOK"],"frequency":100,"depth":5,"requestId":"r1"})",
  R"({"type":"UNSUBSCRIBE","timestamp":1699459200000,"symbols":["AAPL"]})",
  R"({ "type" : "HEARTBEAT" , "timestamp" : 1.5e3 , "id" : 12 })",
  R"({"type":"PING","pingId":"0.4fzyo82m","timestamp":1})",
  R"({"type":"AUTH","token":"eyJhbGciOiJIUzI1NiJ9.e30.x","timestamp":1})",
  R"({"type":"HELLO","version":1,"encodings":["json"],"nested":{"a":[1,{"b":[null,true,false,-0.25E-2]}]}})",
  R"({"symbols":["\u0041\uD83D\uDE00\n","\"\\\/","€"],"type":"SUBSCRIBE"})",
  R"({"type":"RESUME","stream":"NASDAQ:AAPL/STATE","epoch":1,"sequence":2})",
  R"({"type":"SNAPSHOT","symbols":["BINANCE:BTCUSDT"],"depth":20,"dataTypes":["TRADES","STATISTICS"]})",
  R"({"type":"UPDATE_SUBSCRIPTION","symbols":["AAPL"],"fields":["bid","asks"],"mode":"CONFLATE","onSlow":"DISCONNECT"})",
  R"({"type":"SUBSCRIBE","symbols":["A"],"filter":{"min_price":1.5e2,"venue":"LSE","where":["bid > 1 and ask < 2"]}})",
  R"({"type":"RESUME","streams":[{"stream":"N:A/BOOK","epoch":"7","sequence":9}],"depth":5,"filter":"price != 0"})",
  R"({"type":"SUBSCRIBE","symbols":["A"],"dataTypes":["TRADES"],"resume":{"A":{"epoch":1,"sequence":2}}})",
  R"({"type":"PAUSE","symbols":["A"],"paused":false})",
  R"({"type":"HISTORY","stream":"N:A/TRADES","count":5})"};

bool is_json_object(const std::string& text) {
  try {
    return nlohmann::json::parse(text).is_object();
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

TEST(hft_decode_mutations, EveryFrameGetsOneAnswerAndAgreesWithAnotherParser) {
  recorder host;
  std::mt19937_64 random{20250908};
  size_t requests = 0, refused = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = sdk::testing::mutated_text(seeds, 4, random);
    ASSERT_EQ(host.decode(text), TP_OK) << text;
    ASSERT_EQ(host.requests.size() + host.problems.size(), 1u) << text;
    const bool is_object = is_json_object(text);
    if (!host.requests.empty()) {
      ++requests;
      ASSERT_TRUE(is_object) << text;
      continue;
    }
    ++refused;
    const auto& p = host.problems[0];
    ASSERT_GE(p.code, 4300) << text;
    ASSERT_LE(p.code, 4306) << text;
    const bool is_said_not_to_be_json = p.detail.find("not JSON") != std::string::npos;
    // Deep nesting and numbers beyond a double's range are JSON, but refused.
    if (is_said_not_to_be_json && p.detail.find("nested too deep") == std::string::npos &&
        p.detail.find("too large") == std::string::npos) {
      ASSERT_FALSE(is_object) << text << " -> " << p.detail;
    }
    if (!is_object) {
      ASSERT_EQ(p.code, 4300) << text;
    }
  }
  EXPECT_GT(requests, 1'000u);
  EXPECT_GT(refused, 10'000u);
  EXPECT_TRUE(host.logs.empty()) << host.logs.front();
}

TEST(hft_decode_mutations, EveryPrefixOfAMessageGetsOneAnswer) {
  recorder host;
  for (const auto& seed : seeds)
    for (size_t size = 0; size < seed.size(); ++size) {
      host.decode(seed.substr(0, size));
      ASSERT_EQ(host.problems.size(), 1u) << seed.substr(0, size);
      ASSERT_EQ(host.problems[0].code, 4300) << seed.substr(0, size);
    }
}

} // namespace
} // namespace tickplant::hft::testing
