// USD-M futures: chaining by pu, what counts as a trade, mark prices, the directory, addresses (venue document, G).
#include "session_fixture.hpp"

#include "codec.hpp"

#include <map>

namespace tickplant::binance::testing {
namespace {

std::string futures_diff(uint64_t previous, uint64_t first, uint64_t last, std::string_view bids = R"(["100.00","1"])",
                         std::string_view stream = "btcusdt@depth@100ms") {
  std::string out = R"({"stream":")";
  return out.append(stream)
    .append(R"(","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":)")
    .append(std::to_string(first))
    .append(R"(,"u":)")
    .append(std::to_string(last))
    .append(R"(,"pu":)")
    .append(std::to_string(previous))
    .append(R"(,"b":[)")
    .append(bids)
    .append(R"(],"a":[]}})");
}

class Futures : public ::testing::Test {
protected:
  static constexpr uint64_t second = driver::second;
  const pairs settings{{"lines.stream", "wss://f/stream"}, {"rest", "https://f"}, {"product", "usdm"}};
  driver d{settings};

  void connect() {
    d.start();
    d.answer(1, 200,
             R"({"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400}],)"
             R"("symbols":[{"symbol":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC",)"
             R"("quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.10"},)"
             R"({"filterType":"LOT_SIZE","stepSize":"0.001"}]}]})");
    d.line_up();
    const tp_interest all{0, TP_WANT_QUOTE | TP_WANT_TRADES | TP_WANT_BOOK};
    d.session.on_interest({&all, 1}, d.now());
  }
  void go_live() {
    connect();
    d.frame(futures_diff(90, 95, 99));
    d.answer(d.host.requests.back().id, 200, R"({"lastUpdateId":97,"E":1,"T":2,"bids":[["99.9","5"]],"asks":[]})");
    ASSERT_EQ(d.host.streams.back().state, static_cast<uint32_t>(TP_STREAM_LIVE));
    d.host.events.clear();
    d.host.streams.clear();
  }
};

TEST_F(Futures, AskTheirOwnPathsAndStreams) {
  connect();
  d.frame(futures_diff(90, 95, 99));
  ASSERT_EQ(d.host.requests.size(), 2u);
  EXPECT_EQ(d.host.requests[0].url, "https://f/fapi/v1/exchangeInfo");
  EXPECT_EQ(d.host.requests[1].url, "https://f/fapi/v1/depth?symbol=BTCUSDT&limit=1000");
  ASSERT_EQ(d.host.sent.size(), 1u);
  EXPECT_EQ(d.host.sent[0].text(),
            R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker","btcusdt@aggTrade",)"
            R"("btcusdt@ticker","btcusdt@markPrice@1s"],"id":1})");
  EXPECT_EQ(d.host.instruments.at(0).raw.price_exponent, -1);
  EXPECT_EQ(d.host.instruments.at(0).raw.quantity_exponent, -3);
}

TEST_F(Futures, ChainByThePreviousIdWhateverTheFirstOneSays) {
  go_live();
  d.frame(futures_diff(99, 130, 140));
  d.frame(futures_diff(140, 190, 200));
  ASSERT_EQ(d.host.events.size(), 2u);
  EXPECT_EQ(d.host.events[1].sequence, 200u);
  EXPECT_EQ(d.host.events[1].ref, 141u) << "what it covers begins behind the one before";
  EXPECT_EQ(d.counted("gaps.seen"), 0u);
  d.frame(futures_diff(201, 202, 210));
  EXPECT_EQ(d.host.events.size(), 2u);
  ASSERT_EQ(d.host.streams.size(), 1u);
  EXPECT_EQ(d.host.streams[0].state, static_cast<uint32_t>(TP_STREAM_LOST));
  EXPECT_EQ(d.host.streams[0].from, 201u);
  EXPECT_EQ(d.host.streams[0].to, 201u);
  EXPECT_EQ(d.counted("gaps.seen"), 1u);
}

TEST_F(Futures, JoinASnapshotThatFallsBetweenTwoEvents) {
  connect();
  d.frame(futures_diff(90, 95, 99));
  d.frame(futures_diff(99, 130, 140)); // 110 lies behind the first and before U of the second
  d.answer(d.host.requests.back().id, 200, R"({"lastUpdateId":110,"bids":[["99.9","5"]],"asks":[]})");
  EXPECT_EQ(d.host.streams.back().state, static_cast<uint32_t>(TP_STREAM_LIVE));
  EXPECT_EQ(d.host.events.back().sequence, 140u);
}

TEST_F(Futures, RefuseASnapshotOlderThanTheFirstEvent) {
  connect();
  d.frame(futures_diff(90, 95, 99));
  d.answer(d.host.requests.back().id, 200, R"({"lastUpdateId":89,"bids":[],"asks":[]})");
  EXPECT_EQ(d.counted("snapshots.refused"), 1u);
  EXPECT_TRUE(d.host.streams.back().state != TP_STREAM_LIVE);
}

TEST_F(Futures, CountADiffWithoutItsPreviousIdAsMalformed) {
  go_live();
  d.frame(R"({"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","U":100,"u":110,"b":[],"a":[]})");
  d.frame(futures_diff(120, 100, 110));
  EXPECT_EQ(d.counted("malformed"), 2u);
  EXPECT_TRUE(d.host.streams.empty());
}

TEST_F(Futures, NeverTakePartialDepthForDiffs) {
  go_live();
  d.frame(futures_diff(99, 130, 140, R"(["100.00","1"])", "btcusdt@depth20@100ms"));
  EXPECT_TRUE(d.host.events.empty());
  EXPECT_EQ(d.counted("messages.partialDepth"), 1u);
}

TEST_F(Futures, TellMarkPriceIndexAndFundingAsValues) {
  go_live();
  d.frame(R"({"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1723161256299,"s":"BTCUSDT",)"
          R"("p":"61800.10","i":"61801.12345678","P":"61799.5","r":"-0.00010000","T":1723190400000}})");
  ASSERT_EQ(d.host.events.size(), 3u);
  std::map<std::string, tp_event> values;
  for (const auto& e : d.host.events) {
    EXPECT_EQ(e.kind, TP_EV_VALUE);
    EXPECT_EQ(e.detail, TP_VAL_OTHER);
    values[d.host.texts.at(e.ref - 1)] = e;
  }
  EXPECT_EQ(values.at("mark price").price, 618'001);
  EXPECT_EQ(values.at("mark price").flags & TP_OWN_SCALE, 0);
  EXPECT_EQ(values.at("mark price").extra, 1'723'161'256'299'000'000u);
  EXPECT_EQ(values.at("index price").price, 6'180'112'345'678);
  EXPECT_EQ(static_cast<int8_t>(values.at("index price").extra), -8);
  EXPECT_EQ(values.at("funding rate").price, -1);
  EXPECT_EQ(static_cast<int8_t>(values.at("funding rate").extra), -4);
  EXPECT_NE(values.at("funding rate").flags & TP_OWN_SCALE, 0);
}

TEST(FuturesTrades, OfTheInsuranceFundDoNotCountForVolumeAndLastPrice) {
  const pairs settings{{"lines.stream", "ws://s"},
                       {"rest", "http://r"},
                       {"directory", "stream"},
                       {"product", "usdm"},
                       {"trades", "trade"}};
  driver d{settings};
  d.start();
  d.line_up();
  const auto trade = [&](int id, std::string_view word) {
    d.frame(R"({"e":"trade","E":1,"T":1,"s":"A","t":)" + std::to_string(id) + R"(,"p":"1","q":"2")" +
            std::string{word} + R"(,"m":false})");
  };
  trade(1, R"(,"X":"MARKET")");
  trade(2, R"(,"X":"INSURANCE_FUND")");
  trade(3, "");
  ASSERT_EQ(d.host.events.size(), 3u);
  EXPECT_EQ(d.host.events[0].flags & TP_PRINT, TP_PRINT);
  EXPECT_EQ(d.host.events[1].flags & TP_PRINT, 0);
  EXPECT_EQ(d.host.events[1].kind, TP_EV_TRADE);
  EXPECT_EQ(d.host.events[2].flags & TP_PRINT, TP_PRINT);
}

TEST(FuturesPictures, OfARecordingAreShownAsTheTopOfTheBook) {
  const pairs settings{{"lines.stream", "ws://s"}, {"rest", "http://r"}, {"directory", "stream"}, {"product", "coinm"}};
  driver d{settings};
  d.start();
  d.line_up();
  d.frame(futures_diff(90, 95, 99, R"(["100.00","1"],["99.00","2"])", "btcusdt@depth5@100ms"));
  EXPECT_EQ(d.host.instruments.at(0).raw.partial_depth, 5u);
  ASSERT_EQ(d.host.events.size(), 4u);
  EXPECT_EQ(d.host.events[3].kind, TP_EV_SNAPSHOT_END);
  EXPECT_EQ(d.host.events[3].sequence, 99u);
}

} // namespace
} // namespace tickplant::binance::testing
