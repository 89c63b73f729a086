#include "tickplant_sim/binance/rest_api.hpp"

#include <gtest/gtest.h>

namespace tickplant::sim::binance {
namespace {

using nlohmann::json;

struct fixed_feed final : feed {
  void start() override {}
  void stop() override {}
  const std::vector<listed_market>& markets() const override { return listed; }
  void depth(std::string_view symbol, std::size_t limit, depth_reply reply) override {
    reply(std::string{symbol} + " " + std::to_string(limit));
  }
  bool at_end() const override { return false; }
  std::optional<book_view> truth(std::string_view) const override { return std::nullopt; }
  json summary() const override { return {}; }

  std::vector<listed_market> listed{{"BTCUSDT", "BTC", "USDT"}, {"ETHUSDT", "ETH", "USDT", one / 100, one / 10'000}};
};

struct RestApi : testing::Test {
  rest_answer get(std::string_view target, std::int64_t now_ms = 0, std::string_view method = "GET") {
    std::optional<rest_answer> got;
    api.handle(method, target, now_ms, [&](rest_answer a) { got = std::move(a); });
    return got.value();
  }
  int code(const rest_answer& a) { return json::parse(a.body)["code"].get<int>(); }

  fixed_feed source;
  rest_api api{source, 300};
};

TEST_F(RestApi, AnswersPingAndTime) {
  EXPECT_EQ(get("/api/v3/ping").body, "{}");
  const auto time = get("/api/v3/time", 42);
  EXPECT_EQ(json::parse(time.body)["serverTime"], 42);
  EXPECT_EQ(time.used_weight, 2u);
}

TEST_F(RestApi, DescribesTheWantedSymbols) {
  const auto one_symbol = json::parse(get("/api/v3/exchangeInfo?symbol=BTCUSDT").body);
  ASSERT_EQ(one_symbol["symbols"].size(), 1u);
  const auto& btc = one_symbol["symbols"][0];
  EXPECT_EQ(btc["status"], "TRADING");
  EXPECT_EQ(btc["filters"][0]["tickSize"], "0.01000000");
  EXPECT_EQ(btc["filters"][1]["stepSize"], "0.00001000");
  EXPECT_EQ(btc["permissionSets"], json::parse(R"([["SPOT"]])"));
  EXPECT_EQ(one_symbol["rateLimits"][0]["limit"], 300);
  EXPECT_EQ(json::parse(get("/api/v3/exchangeInfo").body)["symbols"].size(), 2u);
  const auto listed = json::parse(get("/api/v3/exchangeInfo?symbols=%5B%22ETHUSDT%22%5D").body);
  EXPECT_EQ(listed["symbols"][0]["symbol"], "ETHUSDT");
  EXPECT_EQ(code(get("/api/v3/exchangeInfo?symbol=NOPE")), -1121);
  EXPECT_EQ(code(get("/api/v3/exchangeInfo?symbols=NOPE")), -1100);
}

TEST_F(RestApi, WeighsDepthByItsLimit) {
  EXPECT_EQ(get("/api/v3/depth?symbol=BTCUSDT").body, "BTCUSDT 100");
  EXPECT_EQ(get("/api/v3/depth?symbol=BTCUSDT&limit=500").used_weight, 5u + 25);
  EXPECT_EQ(get("/api/v3/depth?symbol=BTCUSDT&limit=1000").used_weight, 5u + 25 + 50);
}

TEST_F(RestApi, TakesLimitsAboveFiveThousandAsFiveThousand) {
  EXPECT_EQ(get("/api/v3/depth?symbol=BTCUSDT&limit=99999").body, "BTCUSDT 5000");
}

TEST_F(RestApi, RefusesBadParametersWithTheDocumentedCodes) {
  EXPECT_EQ(code(get("/api/v3/depth")), -1102);
  EXPECT_EQ(code(get("/api/v3/depth?symbol=btc%20")), -1100);
  EXPECT_EQ(code(get("/api/v3/depth?symbol=NOPE")), -1121);
  EXPECT_EQ(code(get("/api/v3/depth?symbol=BTCUSDT&limit=0")), -1100);
  EXPECT_EQ(code(get("/api/v3/depth?symbol=BTCUSDT&limit=1x")), -1100);
  EXPECT_EQ(get("/api/v3/other").status, 404u);
  EXPECT_EQ(get("/api/v3/ping", 0, "POST").status, 405u);
  EXPECT_EQ(get("/api/v3/ping?%").status, 400u);
}

TEST_F(RestApi, Answers429WithRetryAfterUntilTheMinuteEnds) {
  EXPECT_EQ(get("/api/v3/depth?symbol=BTCUSDT&limit=5000", 61'000).status, 200u);
  const auto refused = get("/api/v3/depth?symbol=BTCUSDT&limit=5000", 75'500);
  EXPECT_EQ(refused.status, 429u);
  EXPECT_EQ(refused.retry_after_s, 45u);
  EXPECT_EQ(code(refused), -1003);
  EXPECT_GT(refused.used_weight, 300u);
  EXPECT_EQ(get("/api/v3/depth?symbol=BTCUSDT", 120'000).status, 200u);
}

} // namespace
} // namespace tickplant::sim::binance
