// The canonical protocol's messages for clients that have said HELLO: states with chosen keys, trades, book changes.
#include "recorder.hpp"
#include "sample.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <tickplant/venue.h>

namespace tickplant::hft::testing {
namespace {

struct hft_line : ::testing::Test {
  static tp_variant variant(uint32_t series, uint32_t types, uint32_t extras = TP_EXTRA_SEQUENCE, uint32_t fields = 0,
                            uint32_t depth = 5) {
    return {sizeof(tp_variant), types, depth, extras, fields, series};
  }
  static std::string json(std::string text) {
    EXPECT_TRUE(text.empty() || nlohmann::json::accept(text)) << text;
    return text;
  }
  std::string state(uint32_t types, uint32_t extras, uint32_t fields) {
    return json(host.element(sample.element, variant(TP_SERIES_STATE, types, extras, fields)));
  }
  static tp_trade trade() {
    tp_trade t{};
    t.struct_size = sizeof t;
    t.kind = TP_TRADE_PRINT;
    t.aggressor = TP_AGGRESSOR_SELL;
    t.price_exponent = -2;
    t.symbol = sdk::to_tp("AAPL");
    t.venue = sdk::to_tp("NASDAQ");
    t.price = 17526;
    t.quantity = 100;
    t.trade_id = UINT64_MAX;
    t.conditions = TP_COND_ODD_LOT | TP_COND_CLOSING;
    t.venue_ns = 1699459199950'123456;
    t.epoch = 7;
    t.sequence = 43;
    t.tick_ns = 1699459200000'654321;
    return t;
  }
  recorder host;
  sample_quote sample;
};

TEST_F(hft_line, NamesTheMessageByItsSeries) {
  const auto head = [&](uint32_t series, uint32_t is_snapshot) {
    const tp_envelope envelope{sizeof envelope, 1, 1699459200000, 12, series, is_snapshot};
    return host.envelope(envelope, TP_EXTRA_SEQUENCE);
  };
  const std::string rest = R"(,"timestamp":1699459200000,"v":1,"sequence":12,"symbols":[)";
  EXPECT_EQ(head(TP_SERIES_STATE, 0), R"({"type":"MARKET_DATA")" + rest);
  EXPECT_EQ(head(TP_SERIES_TRADES, 0), R"({"type":"TRADE")" + rest);
  EXPECT_EQ(head(TP_SERIES_BOOK, 0), R"({"type":"BOOK_DELTA")" + rest);
  for (const uint32_t series : {TP_SERIES_STATE, TP_SERIES_TRADES, TP_SERIES_BOOK})
    EXPECT_EQ(head(series, 1), R"({"type":"SNAPSHOT")" + rest);
}

// S0-22 to S0-28: a snapshot to a client of the document is MARKET_DATA like any other.
TEST_F(hft_line, KeepsTheDocumentsWordsForItsClients) {
  const tp_envelope envelope{sizeof envelope, 1, 5, 12, TP_SERIES_STATE, 1};
  EXPECT_EQ(host.envelope(envelope), R"({"type":"MARKET_DATA","timestamp":5,"id":"md_5","sequence":12,"symbols":[)");
}

TEST_F(hft_line, PrintsTheKeysThatWereChosenAndThoseThatAlwaysCome) {
  EXPECT_EQ(state(TP_DATA_QUOTES, TP_EXTRA_SEQUENCE, TP_FIELD_BID | TP_FIELD_ASK_SIZE | TP_FIELD_LEVELS),
            R"({"symbol":"AAPL","exchange":"NASDAQ","bid":175.25,"askSize":800,"timestamp":1699459199950,)"
            R"("stream":"NASDAQ:AAPL/STATE","epoch":1699000000,"sequence":42,"prevSequence":40,"conflated":1})");
  EXPECT_EQ(state(TP_DATA_QUOTES | TP_DATA_ORDER_BOOK, 0, TP_FIELD_LEVELS),
            R"({"symbol":"AAPL","exchange":"NASDAQ","timestamp":1699459199950,)"
            R"("bids":[{"price":175.25,"size":1000,"orders":5},{"price":175.24,"size":2500,"orders":12}],)"
            R"("asks":[{"price":175.27,"size":800,"orders":3},{"price":175.28,"size":1500,"orders":7}]})");
  EXPECT_EQ(state(TP_DATA_QUOTES | TP_DATA_ORDER_BOOK, 0, TP_FIELD_PRICE),
            R"({"symbol":"AAPL","exchange":"NASDAQ","price":175.26,"timestamp":1699459199950})");
}

TEST_F(hft_line, EveryFieldIsOneKeyOfTheWholeEntry) {
  sample.element.last_price = 17526;
  const auto whole = nlohmann::json::parse(state(15, TP_EXTRA_SEQUENCE, 0));
  nlohmann::json together;
  for (uint32_t field = 1; field <= TP_FIELD_LEVELS; field *= 2) {
    const auto part = nlohmann::json::parse(state(15, TP_EXTRA_SEQUENCE, field));
    EXPECT_EQ(part.size(), 3u + 5u + (field == TP_FIELD_LEVELS ? 2u : 1u)) << part;
    together.update(part);
  }
  EXPECT_EQ(together, whole);
}

TEST_F(hft_line, PrintsNumbersAsStringsWhereTheClientAskedForIt) {
  EXPECT_EQ(state(TP_DATA_QUOTES, TP_EXTRA_SEQUENCE | TP_EXTRA_NUMBER_STRINGS,
                  TP_FIELD_PRICE | TP_FIELD_VOLUME | TP_FIELD_CHANGE_PERCENT),
            R"({"symbol":"AAPL","exchange":"NASDAQ","price":"175.26","volume":"12500000","changePercent":"1.24",)"
            R"("timestamp":1699459199950,"stream":"NASDAQ:AAPL/STATE","epoch":1699000000,"sequence":42,)"
            R"("prevSequence":40,"conflated":1})");
  const auto v = variant(TP_SERIES_TRADES, TP_DATA_TRADES, TP_EXTRA_SEQUENCE | TP_EXTRA_NUMBER_STRINGS);
  EXPECT_NE(json(host.trade(trade(), v)).find(R"("price":"175.26","size":"100","side":"SELL")"), std::string::npos);
}

TEST_F(hft_line, LeavesOutWhatIsNotKnown) {
  auto& e = sample.element;
  e.price = e.bid = e.ask = e.bid_quantity = e.ask_quantity = e.open = e.high = e.low = e.previous_close = TP_NONE;
  e.change = e.change_percent = TP_NONE;
  EXPECT_EQ(state(TP_DATA_QUOTES, TP_EXTRA_SEQUENCE, 0),
            R"({"symbol":"AAPL","exchange":"NASDAQ","volume":12500000,"timestamp":1699459199950,)"
            R"("stream":"NASDAQ:AAPL/STATE","epoch":1699000000,"sequence":42,"prevSequence":40,"conflated":1})");
  EXPECT_EQ(state(TP_DATA_QUOTES, 0, TP_FIELD_BID), "") << "a client of the document drops what has no price";
}

TEST_F(hft_line, PrintsSnapshotsOfEachLine) {
  sample.element.last_price = 17526;
  sample.element.last_quantity = 30;
  sample.element.last_ns = 1699459199940'000'000;
  EXPECT_EQ(json(host.element(sample.element, variant(TP_SERIES_BOOK, TP_DATA_ORDER_BOOK, TP_EXTRA_SEQUENCE, 0, 1))),
            R"({"symbol":"AAPL","exchange":"NASDAQ","timestamp":1699459199950,)"
            R"("bids":[{"price":175.25,"size":1000,"orders":5}],"asks":[{"price":175.27,"size":800,"orders":3}],)"
            R"("stream":"NASDAQ:AAPL/BOOK","epoch":1699000000,"sequence":42})");
  EXPECT_EQ(json(host.element(sample.element, variant(TP_SERIES_TRADES, TP_DATA_TRADES))),
            R"({"symbol":"AAPL","exchange":"NASDAQ","timestamp":1699459199950,)"
            R"("lastTrade":{"price":175.26,"size":30,"timestamp":1699459199940},)"
            R"("stream":"NASDAQ:AAPL/TRADES","epoch":1699000000,"sequence":42})");
}

TEST_F(hft_line, PrintsAnEmptyBook) {
  sample.element.bid_count = sample.element.ask_count = 0;
  sample.element.price = TP_NONE;
  EXPECT_EQ(json(host.element(sample.element, variant(TP_SERIES_BOOK, TP_DATA_ORDER_BOOK))),
            R"({"symbol":"AAPL","exchange":"NASDAQ","timestamp":1699459199950,"bids":[],"asks":[],)"
            R"("stream":"NASDAQ:AAPL/BOOK","epoch":1699000000,"sequence":42})");
}

TEST_F(hft_line, PrintsTradesWithIdAndConditions) {
  EXPECT_EQ(json(host.trade(trade(), variant(TP_SERIES_TRADES, TP_DATA_TRADES))),
            R"({"symbol":"AAPL","exchange":"NASDAQ","kind":"TRADE","price":175.26,"size":100,"side":"SELL",)"
            R"("timestamp":1699459199950,"tradeId":"18446744073709551615","conditions":["ODD_LOT","CLOSING"],)"
            R"("stream":"NASDAQ:AAPL/TRADES","epoch":7,"sequence":43})");
  auto t = trade();
  t.aggressor = TP_AGGRESSOR_UNKNOWN;
  t.trade_id = t.conditions = 0;
  EXPECT_EQ(json(host.trade(t, variant(TP_SERIES_TRADES, TP_DATA_TRADES, TP_EXTRA_SEQUENCE | TP_EXTRA_STAMPS))),
            R"({"symbol":"AAPL","exchange":"NASDAQ","kind":"TRADE","price":175.26,"size":100,)"
            R"("timestamp":1699459199950,"stream":"NASDAQ:AAPL/TRADES","epoch":7,"sequence":43,)"
            R"("sentUs":1699459200000654})");
}

TEST_F(hft_line, PrintsBreaksAndCorrections) {
  auto t = trade();
  t.kind = TP_TRADE_BREAK;
  t.price = t.quantity = TP_NONE;
  t.aggressor = TP_AGGRESSOR_UNKNOWN;
  t.conditions = 0;
  t.trade_id = 9;
  EXPECT_EQ(json(host.trade(t, variant(TP_SERIES_TRADES, TP_DATA_TRADES))),
            R"({"symbol":"AAPL","exchange":"NASDAQ","kind":"BREAK","timestamp":1699459199950,"tradeId":"9",)"
            R"("stream":"NASDAQ:AAPL/TRADES","epoch":7,"sequence":43})");
  t.kind = TP_TRADE_CORRECT;
  t.price = 17500;
  t.quantity = 20;
  EXPECT_NE(
    json(host.trade(t, variant(TP_SERIES_TRADES, TP_DATA_TRADES))).find(R"("kind":"CORRECT","price":175,"size":20)"),
    std::string::npos);
}

TEST_F(hft_line, PrintsBookChangesWithZeroForWhatIsGone) {
  const tp_level bids[] = {{17525, 0, 0, 0}, {17524, 300, 2, 0}};
  tp_book_delta d{};
  d.struct_size = sizeof d;
  d.price_exponent = -2;
  d.symbol = sdk::to_tp("AAPL");
  d.venue = sdk::to_tp("NASDAQ");
  d.bids = bids;
  d.bid_count = 2;
  d.venue_ns = 1699459199950'123456;
  d.epoch = 7;
  d.sequence = 44;
  d.previous_sequence = 41;
  d.conflated = 2;
  d.tick_ns = 1699459200000'654321;
  const std::string entry =
    R"({"symbol":"AAPL","exchange":"NASDAQ","timestamp":1699459199950,)"
    R"("bids":[{"price":175.25,"size":0,"orders":0},{"price":175.24,"size":300,"orders":2}],"asks":[],)"
    R"("stream":"NASDAQ:AAPL/BOOK","epoch":7,"sequence":44,"prevSequence":41,"conflated":2)";
  EXPECT_EQ(json(host.book_delta(d, variant(TP_SERIES_BOOK, TP_DATA_ORDER_BOOK))), entry + "}");
  EXPECT_EQ(json(host.book_delta(d, variant(TP_SERIES_BOOK, TP_DATA_ORDER_BOOK, TP_EXTRA_SEQUENCE | TP_EXTRA_STAMPS))),
            entry + R"(,"sentUs":1699459200000654})");
}

TEST_F(hft_line, FitsTheWidestValues) {
  const std::string name(300, '\x01');
  const std::vector<tp_level> levels(500, {INT64_MIN + 1, INT64_MIN + 1, UINT32_MAX, 0});
  const uint32_t extras = TP_EXTRA_SEQUENCE | TP_EXTRA_STAMPS | TP_EXTRA_NUMBER_STRINGS;
  auto& e = sample.element;
  e.symbol = e.venue = sdk::to_tp(name);
  e.price_exponent = e.shown_exponent = e.quantity_exponent = INT8_MIN;
  e.price = INT64_MAX;
  e.bid = e.ask = e.bid_quantity = e.ask_quantity = e.open = e.high = e.low = INT64_MIN + 1;
  e.previous_close = e.change = e.change_percent = e.last_price = e.last_quantity = INT64_MIN + 1;
  e.last_ns = e.venue_ns = e.epoch = e.sequence = e.previous_sequence = e.conflated = e.tick_ns = UINT64_MAX;
  e.volume = {0, INT64_MIN};
  e.bids = e.asks = levels.data();
  e.bid_count = e.ask_count = 500;
  EXPECT_TRUE(nlohmann::json::accept(host.element(e, variant(TP_SERIES_STATE, 15, extras, 0, UINT32_MAX))));
  tp_book_delta d{};
  d.struct_size = sizeof d;
  d.price_exponent = d.quantity_exponent = INT8_MIN;
  d.symbol = d.venue = sdk::to_tp(name);
  d.bids = d.asks = levels.data();
  d.bid_count = d.ask_count = 500;
  d.venue_ns = d.epoch = d.sequence = d.previous_sequence = d.conflated = d.tick_ns = UINT64_MAX;
  EXPECT_TRUE(nlohmann::json::accept(host.book_delta(d, variant(TP_SERIES_BOOK, 4, extras))));
  auto t = trade();
  t.symbol = t.venue = sdk::to_tp(name);
  t.price_exponent = t.quantity_exponent = INT8_MIN;
  t.price = t.quantity = INT64_MIN + 1;
  t.conditions = UINT32_MAX;
  t.venue_ns = t.epoch = t.sequence = t.tick_ns = UINT64_MAX;
  EXPECT_TRUE(nlohmann::json::accept(host.trade(t, variant(TP_SERIES_TRADES, 2, extras))));
}

// ---- replies to such clients ----

struct hft_line_reply : ::testing::Test {
  static tp_reply of(uint32_t kind) {
    tp_reply r{};
    r.struct_size = sizeof r;
    r.kind = kind;
    r.wall_ms = 5;
    r.expires_ms = TP_NONE;
    r.extras = TP_EXTRA_SEQUENCE;
    return r;
  }
  static tp_result line(uint32_t series, uint64_t epoch, uint64_t sequence) {
    tp_result r{};
    r.struct_size = sizeof r;
    r.symbol = sdk::to_tp("AAPL");
    r.venue = sdk::to_tp("NASDAQ");
    r.series = series;
    r.epoch = epoch;
    r.sequence = sequence;
    return r;
  }
  std::string printed(const tp_reply& r) {
    const std::string text = host.reply(r);
    EXPECT_TRUE(nlohmann::json::accept(text)) << text;
    return text;
  }
  recorder host;
};

TEST_F(hft_line_reply, WelcomesAfterHello) {
  auto r = of(TP_REPLY_WELCOME);
  r.is_session = 1;
  r.extras |= TP_EXTRA_NUMBER_STRINGS;
  r.session = sdk::to_tp("1-1");
  r.id = sdk::to_tp("\"h\"");
  r.protocol_version = 1;
  r.heartbeat_ms = 30000;
  r.max_message = 65536;
  r.max_symbols = 1024;
  EXPECT_EQ(printed(r),
            R"({"type":"WELCOME","timestamp":5,"v":1,"requestId":"h","sessionId":"1-1","protocolVersion":1,)"
            R"("heartbeatInterval":30000,"maxMessageSize":65536,"maxSymbols":1024,"encoding":"json",)"
            R"("numbers":"string","stamps":false,"resume":true})");
}

TEST_F(hft_line_reply, NamesLinesAndMatchesOfASubscription) {
  tp_result results[2] = {line(0, 0, 0), line(0, 0, 0)};
  results[0].asked = sdk::to_tp("AAPL");
  results[0].status = TP_STATUS_OK;
  results[0].lines = TP_LINE_OF(TP_SERIES_STATE) | TP_LINE_OF(TP_SERIES_TRADES) | TP_LINE_OF(TP_SERIES_BOOK);
  results[1] = {};
  results[1].asked = sdk::to_tp("NASDAQ:*");
  results[1].status = TP_STATUS_OK;
  results[1].matched = 3;
  results[1].left_out = 2;
  results[1].lines = 1;
  auto r = of(TP_REPLY_SUBSCRIBED);
  r.symbol_count = 2;
  r.data_types = TP_DATA_QUOTES | TP_DATA_TRADES | TP_DATA_ORDER_BOOK;
  r.depth = 5;
  r.mode = TP_MODE_ALL;
  r.on_slow = TP_SLOW_DROP_OLDEST;
  r.results = results;
  r.result_count = 2;
  const std::string rest =
    R"("frequency":0,"dataTypes":["QUOTES","TRADES","ORDER_BOOK"],"depth":5,"mode":"ALL","onSlow":"DROP_OLDEST",)"
    R"("results":[{"symbol":"AAPL","exchange":"NASDAQ",)"
    R"("streams":["NASDAQ:AAPL/STATE","NASDAQ:AAPL/TRADES","NASDAQ:AAPL/BOOK"],"status":"ok"},)"
    R"({"symbol":"NASDAQ:*","matched":3,"leftOut":2,"status":"ok"}]})";
  EXPECT_EQ(printed(r), R"({"type":"ACK","timestamp":5,"v":1,"message":"Subscribed to 2 symbols",)" + rest);
  r.kind = TP_REPLY_UPDATED;
  EXPECT_EQ(printed(r), R"({"type":"ACK","timestamp":5,"v":1,"message":"Updated 2 symbols",)" + rest);
}

TEST_F(hft_line_reply, TellsGapsAndResumptions) {
  tp_result results[2] = {line(TP_SERIES_TRADES, 7, 20), line(TP_SERIES_BOOK, 7, 9)};
  results[0].from = 15;
  auto r = of(TP_REPLY_GAP);
  r.results = results;
  r.result_count = 1;
  r.detail = sdk::to_tp("reads too slowly");
  EXPECT_EQ(printed(r),
            R"({"type":"GAP","timestamp":5,"v":1,"stream":"NASDAQ:AAPL/TRADES","epoch":7,"from":15,"to":20,)"
            R"("reason":"reads too slowly"})");
  r = of(TP_REPLY_RESUMED);
  r.results = results;
  r.result_count = 2;
  EXPECT_EQ(printed(r), R"({"type":"RESUMED","timestamp":5,"v":1,"streams":[)"
                        R"({"stream":"NASDAQ:AAPL/TRADES","epoch":7,"from":15,"sequence":20},)"
                        R"({"stream":"NASDAQ:AAPL/BOOK","epoch":7,"sequence":9}]})");
  results[1].code = 4307;
  results[1].reason = sdk::to_tp("too old");
  r = of(TP_REPLY_RESUME_FAILED);
  r.results = results + 1;
  r.result_count = 1;
  EXPECT_EQ(printed(r),
            R"({"type":"RESUME_FAILED","timestamp":5,"v":1,"streams":[{"stream":"NASDAQ:AAPL/BOOK","epoch":7,)"
            R"("sequence":9,"code":4307,"name":"RESUME_FAILED","reason":"too old"}]})");
}

TEST_F(hft_line_reply, TellsHowFarEachLineIs) {
  const tp_result results[] = {line(TP_SERIES_STATE, 7, 100)};
  auto r = of(TP_REPLY_HEARTBEAT);
  r.results = results;
  r.result_count = 1;
  EXPECT_EQ(printed(r), R"({"type":"HEARTBEAT","timestamp":5,"v":1,"streams":[)"
                        R"({"stream":"NASDAQ:AAPL/STATE","epoch":7,"sequence":100}]})");
}

TEST_F(hft_line_reply, ListsSubscriptionsAndLines) {
  tp_result results[2] = {line(0, 0, 0), line(TP_SERIES_TRADES, 7, 100)};
  results[0].asked = sdk::to_tp("AAPL");
  results[0].status = TP_STATUS_PAUSED;
  results[0].data_types = TP_DATA_TRADES | TP_DATA_ORDER_BOOK;
  results[0].depth = 3;
  results[0].frequency_ms = 250;
  results[0].lines = TP_LINE_OF(TP_SERIES_TRADES) | TP_LINE_OF(TP_SERIES_BOOK);
  auto r = of(TP_REPLY_LIST);
  r.results = results;
  r.result_count = 2;
  r.id = sdk::to_tp("4");
  EXPECT_EQ(printed(r),
            R"({"type":"LIST","timestamp":5,"v":1,"requestId":4,"symbols":[{"symbol":"AAPL","exchange":"NASDAQ",)"
            R"("streams":["NASDAQ:AAPL/TRADES","NASDAQ:AAPL/BOOK"],"status":"paused",)"
            R"("dataTypes":["TRADES","ORDER_BOOK"],"frequency":250,"depth":3}],)"
            R"("streams":[{"stream":"NASDAQ:AAPL/TRADES","epoch":7,"sequence":100}]})");
  r.symbol_count = 12;
  EXPECT_TRUE(printed(r).ends_with(R"("sequence":100}],"more":12})"));
  r.kind = TP_REPLY_HEARTBEAT;
  EXPECT_TRUE(printed(r).ends_with(R"("sequence":100}],"more":12})"));
}

TEST_F(hft_line_reply, TellsWhatRestsAndWhatGoesOn) {
  tp_result result = line(0, 0, 0);
  result.asked = sdk::to_tp("AAPL");
  result.status = TP_STATUS_PAUSED;
  result.lines = 1;
  auto r = of(TP_REPLY_PAUSED);
  r.symbol_count = 1;
  r.results = &result;
  r.result_count = 1;
  const std::string entry =
    R"("results":[{"symbol":"AAPL","exchange":"NASDAQ","streams":["NASDAQ:AAPL/STATE"],"status":)";
  EXPECT_EQ(printed(r),
            R"({"type":"ACK","timestamp":5,"v":1,"message":"Paused 1 symbols",)" + entry + R"("paused"}]})");
  result.status = TP_STATUS_OK;
  EXPECT_EQ(printed(r),
            R"({"type":"ACK","timestamp":5,"v":1,"message":"Going on with 1 symbols",)" + entry + R"("ok"}]})");
}

} // namespace
} // namespace tickplant::hft::testing
