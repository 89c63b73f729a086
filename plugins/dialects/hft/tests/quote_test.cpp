#include "recorder.hpp"
#include "sample.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tickplant::hft::testing {
namespace {

const std::string quote =
  R"({"symbol":"AAPL","exchange":"NASDAQ","price":175.26,"bid":175.25,"ask":175.27,"bidSize":1000,)"
  R"("askSize":800,"volume":12500000,"change":2.15,"changePercent":1.24,"high":176.5,"low":173.8,)"
  R"("open":174.1,"previousClose":173.11,"timestamp":1699459199950)";
const std::string book =
  R"(,"bids":[{"price":175.25,"size":1000,"orders":5},{"price":175.24,"size":2500,"orders":12}],)"
  R"("asks":[{"price":175.27,"size":800,"orders":3},{"price":175.28,"size":1500,"orders":7}])";

struct hft_quote : ::testing::Test {
  std::string printed(uint32_t types, uint32_t depth = 5, uint32_t extras = 0) {
    const std::string text = host.element(sample.element, {sizeof(tp_variant), types, depth, extras, 0, 0});
    EXPECT_TRUE(text.empty() || nlohmann::json::accept(text)) << text;
    return text;
  }
  recorder host;
  sample_quote sample;
};

TEST_F(hft_quote, ReproducesTheSampleOfTheDocument) {
  const tp_envelope envelope{sizeof envelope, 1, 1699459200000, 12345, 0, 0};
  const std::string head = host.envelope(envelope);
  EXPECT_EQ(head,
            R"({"type":"MARKET_DATA","timestamp":1699459200000,"id":"md_1699459200000","sequence":12345,"symbols":[)");
  const std::string entry = printed(TP_DATA_QUOTES | TP_DATA_ORDER_BOOK);
  EXPECT_EQ(entry, quote + book + "}");
  const std::string message = head + entry + std::string{sdk::view(host.ops->tail)};
  const auto sample_of_document = nlohmann::ordered_json::parse(R"({
    "type": "MARKET_DATA", "timestamp": 1699459200000, "id": "md_1699459200000", "sequence": 12345,
    "symbols": [{"symbol": "AAPL", "exchange": "NASDAQ", "price": 175.26, "bid": 175.25, "ask": 175.27, "bidSize": 1000,
      "askSize": 800, "volume": 12500000, "change": 2.15, "changePercent": 1.24, "high": 176.50, "low": 173.80,
      "open": 174.10, "previousClose": 173.11, "timestamp": 1699459199950,
      "bids": [{"price": 175.25, "size": 1000, "orders": 5}, {"price": 175.24, "size": 2500, "orders": 12}],
      "asks": [{"price": 175.27, "size": 800, "orders": 3}, {"price": 175.28, "size": 1500, "orders": 7}]}]})");
  EXPECT_EQ(nlohmann::ordered_json::parse(message), sample_of_document);
}

TEST_F(hft_quote, JoinsElementsWithTheSeparator) {
  const tp_envelope envelope{sizeof envelope, 2, 1, 2, 0, 0};
  const std::string entry = printed(TP_DATA_QUOTES);
  const std::string message = host.envelope(envelope) + entry + std::string{sdk::view(host.ops->separator)} + entry +
                              std::string{sdk::view(host.ops->tail)};
  EXPECT_EQ(nlohmann::json::parse(message)["symbols"].size(), 2u);
}

TEST_F(hft_quote, PrintsTheBookOnlyIfAskedForAndNoDeeperThanAsked) {
  EXPECT_EQ(printed(TP_DATA_QUOTES), quote + "}");
  EXPECT_EQ(printed(TP_DATA_QUOTES | TP_DATA_STATISTICS), quote + "}");
  EXPECT_EQ(printed(TP_DATA_TRADES), quote + "}");
  EXPECT_EQ(printed(TP_DATA_ORDER_BOOK, 0), quote + "}");
  EXPECT_EQ(printed(TP_DATA_ORDER_BOOK, 1), quote + R"(,"bids":[{"price":175.25,"size":1000,"orders":5}],)"
                                                    R"("asks":[{"price":175.27,"size":800,"orders":3}]})");
  sample.element.bid_count = sample.element.ask_count = 0;
  EXPECT_EQ(printed(TP_DATA_ORDER_BOOK), quote + R"(,"bids":[],"asks":[]})");
}

TEST_F(hft_quote, PrintsUnknownOrderCountsAsZero) {
  sample.bids[0].orders = 0;
  EXPECT_NE(printed(TP_DATA_ORDER_BOOK, 1).find(R"({"price":175.25,"size":1000,"orders":0})"), std::string::npos);
}

TEST_F(hft_quote, PrintsTheLastTradeOnlyIfAskedForAndKnown) {
  EXPECT_EQ(printed(TP_DATA_TRADES), quote + "}");
  sample.element.last_price = 17526;
  sample.element.last_quantity = 30;
  sample.element.last_ns = 1699459199940'000'000;
  const std::string trade = R"(,"lastTrade":{"price":175.26,"size":30,"timestamp":1699459199940)";
  EXPECT_EQ(printed(TP_DATA_QUOTES), quote + "}");
  EXPECT_EQ(printed(TP_DATA_TRADES), quote + trade + "}}");
  sample.element.last_aggressor = TP_AGGRESSOR_BUY;
  EXPECT_EQ(printed(TP_DATA_TRADES), quote + trade + R"(,"side":"BUY"}})");
  sample.element.last_aggressor = TP_AGGRESSOR_SELL;
  EXPECT_EQ(printed(TP_DATA_TRADES | TP_DATA_ORDER_BOOK), quote + book + trade + R"(,"side":"SELL"}})");
}

TEST_F(hft_quote, PrintsMissingNumbersAsZero) {
  auto& e = sample.element;
  e.bid = e.ask = e.bid_quantity = e.ask_quantity = e.open = e.high = e.low = e.previous_close = TP_NONE;
  e.change = e.change_percent = TP_NONE;
  e.volume = {0, 0};
  EXPECT_EQ(printed(TP_DATA_QUOTES),
            R"({"symbol":"AAPL","exchange":"NASDAQ","price":175.26,"bid":0,"ask":0,"bidSize":0,"askSize":0,"volume":0,)"
            R"("change":0,"changePercent":0,"high":0,"low":0,"open":0,"previousClose":0,"timestamp":1699459199950})");
}

TEST_F(hft_quote, PrintsNothingWithoutAPriceAboveZero) {
  for (const int64_t price : {TP_NONE, int64_t{0}, int64_t{-1}}) {
    sample.element.price = price;
    EXPECT_EQ(printed(TP_DATA_QUOTES), "");
  }
}

TEST_F(hft_quote, PrintsFinerMidPricesAndFractionsOfCoins) {
  auto& e = sample.element;
  e.shown_exponent = -3;
  e.price = 175255;
  e.change = -5;
  e.quantity_exponent = -8;
  e.bid_quantity = 12'345'678;
  e.volume = {0, 1};
  const std::string text = printed(TP_DATA_QUOTES);
  EXPECT_NE(text.find(R"("price":175.255,"bid":175.25,)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("bidSize":0.12345678,)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("volume":184467440737.09551616,"change":-0.005,)"), std::string::npos) << text;
}

TEST_F(hft_quote, AddsTheSequenceOfTheStreamForClientsThatAskedForIt) {
  EXPECT_EQ(printed(TP_DATA_QUOTES, 0, TP_EXTRA_SEQUENCE),
            quote +
              R"(,"stream":"NASDAQ:AAPL/STATE","epoch":1699000000,"sequence":42,"prevSequence":40,"conflated":1})");
  EXPECT_EQ(printed(TP_DATA_QUOTES, 0, TP_EXTRA_STAMPS), quote + R"(,"sequence":42,"sentUs":1699459200000654})");
  sample.element.conflated = 0;
  EXPECT_EQ(
    printed(TP_DATA_QUOTES, 0, TP_EXTRA_SEQUENCE | TP_EXTRA_STAMPS),
    quote +
      R"(,"stream":"NASDAQ:AAPL/STATE","epoch":1699000000,"sequence":42,"prevSequence":40,"sentUs":1699459200000654})");
}

TEST_F(hft_quote, EscapesNames) {
  sample.element.symbol = sdk::to_tp("A\"\\\n€\xFF");
  const std::string text = printed(TP_DATA_QUOTES, 0, TP_EXTRA_SEQUENCE);
  EXPECT_EQ(nlohmann::json::parse(text)["symbol"], "A\"\\\n€\xEF\xBF\xBD");
  EXPECT_EQ(nlohmann::json::parse(text)["stream"], "NASDAQ:A\"\\\n€\xEF\xBF\xBD/STATE");
}

TEST_F(hft_quote, FitsTheWidestValuesOfEveryField) {
  auto& e = sample.element;
  const std::string name(300, '\x01');
  e.symbol = e.venue = sdk::to_tp(name);
  e.price_exponent = e.shown_exponent = e.quantity_exponent = INT8_MIN;
  e.price = e.bid = e.ask = e.bid_quantity = e.ask_quantity = e.open = e.high = e.low = INT64_MAX;
  e.previous_close = e.change = e.change_percent = INT64_MIN + 1;
  e.last_price = e.last_quantity = INT64_MIN + 1;
  e.last_ns = e.venue_ns = e.epoch = e.sequence = e.previous_sequence = e.conflated = e.tick_ns = UINT64_MAX;
  e.last_aggressor = TP_AGGRESSOR_SELL;
  e.volume = {0, INT64_MIN};
  const std::vector<tp_level> levels(500, {INT64_MIN + 1, INT64_MIN + 1, UINT32_MAX, 0});
  e.bids = e.asks = levels.data();
  e.bid_count = e.ask_count = 500;
  const std::string text = printed(15, UINT32_MAX, TP_EXTRA_SEQUENCE | TP_EXTRA_STAMPS);
  EXPECT_EQ(nlohmann::json::parse(text)["asks"].size(), 500u);
}

TEST_F(hft_quote, PrintsEnvelopesOfChangingMilliseconds) {
  for (const int64_t ms : {int64_t{5}, int64_t{5}, INT64_MAX, INT64_MIN, int64_t{0}}) {
    const tp_envelope envelope{sizeof envelope, 1, ms, UINT64_MAX, 0, 0};
    EXPECT_EQ(host.envelope(envelope), R"({"type":"MARKET_DATA","timestamp":)" + std::to_string(ms) + R"(,"id":"md_)" +
                                         std::to_string(ms) + R"(","sequence":18446744073709551615,"symbols":[)");
  }
}

TEST_F(hft_quote, NamesTheVenuesOfAConsolidatedInstrument) {
  tp_leg legs[2] = {};
  legs[0] = {sdk::to_tp("NASDAQ"), sdk::to_tp("AAPL"), 17525, 17528, 1000, 300, TP_STATUS_OK, 1, {}, {}};
  legs[1] = {sdk::to_tp("LSE"),   sdk::to_tp("AA\"PL"), TP_NONE, 17527, TP_NONE, 800, TP_STATUS_HALTED, 2, {},
             sdk::to_tp("halted")};
  sample.element.legs = legs;
  sample.element.leg_count = 2;
  sample.element.bid_leg = 0;
  sample.element.ask_leg = TP_NO_LEG;
  sample.element.bid_total = 1500;
  sample.element.ask_total = TP_NONE;
  EXPECT_EQ(printed(TP_DATA_QUOTES),
            quote +
              R"(,"bidVenue":"NASDAQ","bidTotal":1500,"askTotal":0,"venues":[)"
              R"({"venue":"NASDAQ","symbol":"AAPL","status":"ok","bid":175.25,"ask":175.28,"bidSize":1000,)"
              R"("askSize":300},{"venue":"LSE","symbol":"AA\"PL","status":"halted","bid":0,"ask":175.27,"bidSize":0,)"
              R"("askSize":800,"reason":"halted"}]})");
  sample.element.struct_size = offsetof(tp_element, legs);
  EXPECT_EQ(printed(TP_DATA_QUOTES), quote + "}") << "a host of an older version has none";
}

} // namespace
} // namespace tickplant::hft::testing
