// Real recordings through the whole plugin: the book that a host would build equals the one computed from the files by
// other means (expected.json beside them).
#include "driver.hpp"
#include "recordings.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <map>

namespace tickplant::binance::testing {
namespace {

using nlohmann::json;

/// What the events add up to; everything at 10^-8 whatever the instrument's exponents.
class test_book {
public:
  std::map<wide, wide, std::greater<>> bids;
  std::map<wide, wide> asks;
  uint64_t update_id = 0, applied = 0, snapshots = 0;
  uint64_t trades = 0, last_trade = 0, first_trade = 0, quotes_matched = 0, quotes_compared = 0;
  wide volume = 0, turnover = 0, buys = 0, last = 0, last_quantity = 0, high = 0, low = 0;
  tp_event quote{};                          // the last one
  std::map<uint64_t, tp_event> quotes_ahead; // of the diffs
  std::function<void(const test_book&)> after_diff;

  void apply(const tp_event& e, int price_exponent, int quantity_exponent) {
    const auto price = scale(e.price, price_exponent), quantity = scale(e.quantity, quantity_exponent);
    switch (e.kind) {
      case TP_EV_SNAPSHOT_BEGIN:
        bids.clear();
        asks.clear();
        ++snapshots;
        break;
      case TP_EV_SNAPSHOT_END: update_id = e.sequence; break;
      case TP_EV_LEVEL:
        if ((e.flags & TP_BID) != 0)
          level(bids, price, quantity);
        else
          level(asks, price, quantity);
        if ((e.flags & TP_SNAPSHOT) != 0 || (e.flags & TP_END) == 0) break;
        EXPECT_LE(e.ref, update_id + 1);
        EXPECT_GT(e.sequence, update_id);
        update_id = e.sequence;
        ++applied;
        if (const auto same = quotes_ahead.find(update_id); same != quotes_ahead.end())
          compare_quote(same->second, price_exponent, quantity_exponent);
        quotes_ahead.erase(quotes_ahead.begin(), quotes_ahead.upper_bound(update_id));
        if (after_diff) after_diff(*this);
        break;
      case TP_EV_QUOTE:
        quote = e;
        if (quote.sequence == update_id)
          compare_quote(quote, price_exponent, quantity_exponent);
        else
          quotes_ahead[quote.sequence] = quote;
        break;
      case TP_EV_TRADE: trade(e, price, quantity); break;
      default: break;
    }
  }

private:
  static wide scale(int64_t mantissa, int exponent) {
    wide value = mantissa;
    for (int i = -8; i < exponent; ++i) value *= 10;
    return value;
  }
  template <class Side>
  static void level(Side& side, wide price, wide quantity) {
    if (quantity == 0)
      side.erase(price);
    else
      side[price] = quantity;
  }
  void trade(const tp_event& e, wide price, wide quantity) {
    if (trades++ == 0) first_trade = e.ref, high = low = price;
    last_trade = e.ref;
    volume += quantity;
    turnover += price * quantity;
    if ((e.flags & TP_BID) != 0) buys += quantity;
    last = price;
    last_quantity = quantity;
    high = std::max(high, price);
    low = std::min(low, price);
    EXPECT_NE(e.flags & TP_PRINT, 0);
  }
  void compare_quote(const tp_event& q, int pe, int qe) {
    ++quotes_compared;
    const bool same = !bids.empty() && !asks.empty() && bids.begin()->first == scale(q.price, pe) &&
                      bids.begin()->second == scale(q.quantity, qe) &&
                      asks.begin()->first == scale(static_cast<int64_t>(q.order), pe) &&
                      asks.begin()->second == scale(static_cast<int64_t>(q.ref), qe);
    quotes_matched += same ? 1u : 0u;
  }
};

/// Applies what the host got so far, and forgets it.
void take_events(driver& d, std::map<uint32_t, test_book>& books) {
  for (const tp_event& e : d.host.events) {
    const auto& i = d.host.instruments.at(e.instrument).raw;
    books[e.instrument].apply(e, i.price_exponent, i.quantity_exponent);
  }
  d.host.events.clear();
  d.host.channels.clear();
}

#define EXPECT_DECIMAL(value, digits, text)                                                                            \
  EXPECT_EQ(to_text(value), to_text(whole((text).template get<std::string>(), digits)))

template <class Side>
void expect_top(const Side& side, const json& levels) {
  ASSERT_LE(levels.size(), side.size());
  auto at = side.begin();
  for (const auto& level : levels) {
    EXPECT_DECIMAL(at->first, 8, level[0]);
    EXPECT_DECIMAL(at->second, 8, level[1]);
    ++at;
  }
}

template <class Side>
void expect_best(const Side& side, const json& level) {
  expect_top(side, json::array({level}));
}

template <class Side>
wide sum(const Side& side) {
  wide total = 0;
  for (const auto& [price, quantity] : side) total += quantity;
  return total;
}

void expect_final(const test_book& b, const json& wanted) {
  const json& f = wanted["final"];
  EXPECT_EQ(b.update_id, f["update_id"].get<uint64_t>());
  expect_best(b.bids, f["best_bid"]);
  expect_best(b.asks, f["best_ask"]);
  expect_top(b.bids, f["top10_bids"]);
  expect_top(b.asks, f["top10_asks"]);
  EXPECT_EQ(b.bids.size(), f["bid_levels"].get<size_t>());
  EXPECT_EQ(b.asks.size(), f["ask_levels"].get<size_t>());
  EXPECT_DECIMAL(sum(b.bids), 8, f["bid_qty_sum"]);
  EXPECT_DECIMAL(sum(b.asks), 8, f["ask_qty_sum"]);

  const json& t = wanted["trades"];
  EXPECT_EQ(b.trades, t["count"].get<uint64_t>());
  EXPECT_DECIMAL(b.volume, 8, t["volume"]);
  EXPECT_DECIMAL(b.turnover, 16, t["quote_volume"]);
  EXPECT_DECIMAL(b.buys, 8, t["taker_buy_volume"]);
  EXPECT_DECIMAL(b.last, 8, t["last_price"]);
  EXPECT_DECIMAL(b.last_quantity, 8, t["last_qty"]);
  EXPECT_DECIMAL(b.high, 8, t["high"]);
  EXPECT_DECIMAL(b.low, 8, t["low"]);
  EXPECT_EQ(b.first_trade, t["first_trade_id"].get<uint64_t>());
  EXPECT_EQ(b.last_trade, t["last_trade_id"].get<uint64_t>());

  const json& q = wanted["last_bookTicker"];
  EXPECT_EQ(b.quote.sequence, q["u"].get<uint64_t>());
  EXPECT_DECIMAL(b.quote.price, 8, q["b"]);
  EXPECT_DECIMAL(b.quote.quantity, 8, q["B"]);
  EXPECT_DECIMAL(static_cast<int64_t>(b.quote.order), 8, q["a"]);
  EXPECT_DECIMAL(static_cast<int64_t>(b.quote.ref), 8, q["A"]);
}

/// Compares the book after every 500th diff with the checkpoints, and counts how many were met.
void watch_checkpoints(test_book& b, const json& checkpoints, size_t& met) {
  b.after_diff = [&checkpoints, &met](const test_book& now) {
    for (const auto& c : checkpoints) {
      if (c["n"].get<uint64_t>() != now.applied) continue;
      ++met;
      EXPECT_EQ(now.update_id, c["update_id"].get<uint64_t>());
      expect_best(now.bids, c["best_bid"]);
      expect_best(now.asks, c["best_ask"]);
      EXPECT_EQ(now.bids.size(), c["bid_levels"].get<size_t>());
      EXPECT_EQ(now.asks.size(), c["ask_levels"].get<size_t>());
      EXPECT_EQ(now.trades, c["trades_so_far"].get<uint64_t>());
      EXPECT_DECIMAL(now.volume, 8, c["volume_so_far"]);
    }
  };
}

struct replay_case {
  const char* expected;
  std::vector<const char*> files;
  size_t burst;
};

class SpotReplay : public ::testing::TestWithParam<replay_case> {};

TEST_P(SpotReplay, BuildsTheBookThatTheFilesDescribe) {
  const auto& param = GetParam();
  for (const char* file : param.files)
    if (!has_recording(file)) GTEST_SKIP() << file << " is not in ../shared/data/binance";
  const json wanted = json::parse(read_text("expected.json"))[param.expected];

  const pairs settings{
    {"lines.stream", "ws://127.0.0.1:1/stream"}, {"rest", "http://127.0.0.1:1"}, {"directory", "stream"}};
  driver d{settings};
  d.start();
  d.line_up();
  std::map<uint32_t, test_book> books;
  size_t met = 0;
  watch_checkpoints(books[0], wanted["checkpoints"], met);

  std::vector<padded> kept;
  std::vector<tp_unit> burst;
  const auto flush = [&] {
    d.session.on_units(burst);
    take_events(d, books);
    burst.clear();
    kept.clear();
  };
  for (const char* file : param.files)
    for (const auto& line : read_gzip_recording(file)) {
      d.clock = line.recv_ns;
      if (line.text.starts_with("{\"lastUpdateId\"")) {
        flush();
        ASSERT_EQ(d.host.requests.size(), 1u);
        EXPECT_EQ(d.host.requests[0].url, "http://127.0.0.1:1/api/v3/depth?symbol=BTCUSDT&limit=1000");
        d.answer(d.host.requests[0].id, 200, line.text);
        take_events(d, books);
        continue;
      }
      kept.emplace_back(line.text);
      burst.push_back(kept.back().unit(line.recv_ns));
      if (burst.size() == param.burst) flush();
    }
  flush();

  ASSERT_EQ(d.host.instruments.size(), 1u);
  EXPECT_EQ(d.host.instruments[0].symbol, "BTCUSDT");
  const test_book& b = books[0];
  expect_final(b, wanted);
  EXPECT_EQ(met, wanted["checkpoints"].size());
  const json& counts = wanted["counts"];
  EXPECT_EQ(b.applied, counts["depth_applied"].get<uint64_t>());
  EXPECT_EQ(b.snapshots, 1u);
  EXPECT_EQ(d.counted("messages.depthUpdate"), counts["msg_depth@100ms"].get<uint64_t>());
  EXPECT_EQ(d.counted("messages.bookTicker"), counts["msg_bookTicker"].get<uint64_t>());
  EXPECT_EQ(d.counted("messages.trade"), counts["msg_trade"].get<uint64_t>());
  EXPECT_EQ(d.counted("diffs.before_snapshot"), counts["depth_dropped_old"].get<uint64_t>());
  for (const char* none : {"gaps.seen", "malformed", "unknown", "unknown_symbol", "trades.missed", "duplicates"})
    EXPECT_EQ(d.counted(none), 0u) << none;
  EXPECT_EQ(b.quotes_matched, b.quotes_compared);
  EXPECT_EQ(b.quotes_matched, wanted["checks"]["same_u_match"].get<uint64_t>());
  ASSERT_FALSE(d.host.streams.empty());
  EXPECT_EQ(d.host.streams.back().state, static_cast<uint32_t>(TP_STREAM_LIVE));
}

INSTANTIATE_TEST_SUITE_P(
  Recordings, SpotReplay,
  ::testing::Values(replay_case{"spot_btcusdt_20240808 alone", {"spot_btcusdt_20240808.log.gz"}, 1},
                    replay_case{"spot_btcusdt_20240808 alone", {"spot_btcusdt_20240808.log.gz"}, 32},
                    replay_case{"spot_btcusdt both files in order",
                                {"spot_btcusdt_20240808.log.gz", "spot_btcusdt_20240809.log.gz"},
                                32}));

TEST(SpotReplayByDirectory, FourSymbolsJoinTheirSnapshots) {
  for (const char* file : {"cf_spot_ws.txt", "cf_spot_http_depth.txt", "cf_spot_exchangeinfo.txt"})
    if (!has_recording(file)) GTEST_SKIP() << file << " is not in ../shared/data/binance";
  const json wanted = json::parse(read_text("expected.json"))["cf_spot"];
  const auto snapshots = read_http_recording("cf_spot_http_depth.txt");
  const auto directory = read_http_recording("cf_spot_exchangeinfo.txt");

  const pairs settings{{"lines.stream", "wss://stream.binance.com:9443/stream"},
                       {"rest", "https://api.binance.com"},
                       {"trades", "aggTrade"}};
  driver d{settings};
  d.host.wanted = [&](std::string_view symbol) { return wanted["symbols"].contains(symbol); };
  d.start();
  d.line_up();
  ASSERT_EQ(d.host.requests.size(), 1u);
  ASSERT_TRUE(directory.contains(d.host.requests[0].url));
  d.answer(d.host.requests[0].id, 200, directory.at(d.host.requests[0].url), {{"x-mbx-used-weight-1m", "20"}});
  EXPECT_EQ(d.host.instruments.size(), 1'695u);
  EXPECT_EQ(d.host.streams.back().state, static_cast<uint32_t>(TP_STREAM_DIRECTORY));

  std::map<std::string, uint32_t> number;
  std::vector<tp_interest> interest;
  for (const auto& [n, i] : d.host.instruments)
    if (wanted["symbols"].contains(i.symbol)) {
      number[i.symbol] = n;
      interest.push_back({n, TP_WANT_QUOTE | TP_WANT_TRADES | TP_WANT_BOOK});
    }
  ASSERT_EQ(interest.size(), 4u);
  d.session.on_interest(interest, d.now());
  EXPECT_EQ(d.host.instruments[number["NKNUSDT"]].raw.price_exponent, -4);
  EXPECT_EQ(d.host.instruments[number["BLZETH"]].raw.price_exponent, -8);

  std::map<uint32_t, test_book> books;
  size_t answered = 1;
  for (const auto& line : read_stream_recording("cf_spot_ws.txt")) {
    d.clock = line.recv_ns;
    d.frame(line.text);
    for (; answered < d.host.requests.size(); ++answered) {
      ASSERT_TRUE(snapshots.contains(d.host.requests[answered].url)) << d.host.requests[answered].url;
      d.answer(d.host.requests[answered].id, 200, snapshots.at(d.host.requests[answered].url));
    }
    take_events(d, books);
  }
  uint64_t dropped = 0;
  for (const auto& [symbol, w] : wanted["symbols"].items()) {
    SCOPED_TRACE(symbol);
    const test_book& b = books[number[symbol]];
    EXPECT_EQ(b.update_id, w["final_update_id"].get<uint64_t>());
    EXPECT_EQ(b.applied, w["applied"].get<uint64_t>());
    expect_best(b.bids, w["best_bid"]);
    expect_best(b.asks, w["best_ask"]);
    EXPECT_EQ(b.bids.size(), w["levels"][0].get<size_t>());
    EXPECT_EQ(b.asks.size(), w["levels"][1].get<size_t>());
    EXPECT_EQ(b.trades, w.value("agg_trades", uint64_t{0}));
    if (w.contains("agg_volume")) {
      EXPECT_DECIMAL(b.volume, 8, w["agg_volume"]);
      EXPECT_DECIMAL(b.last, 8, w["last_price"]);
    }
    dropped += w["dropped"].get<uint64_t>();
  }
  EXPECT_EQ(d.counted("diffs.before_snapshot"), dropped);
  EXPECT_EQ(d.counted("messages.bookTicker"), wanted["messages"]["bookTicker"].get<uint64_t>());
  EXPECT_EQ(d.counted("messages.aggTrade"), wanted["messages"]["aggTrade"].get<uint64_t>());
  EXPECT_EQ(d.counted("messages.kline"), wanted["messages"]["kline_1m"].get<uint64_t>());
  for (const char* none : {"gaps.seen", "malformed", "unknown", "unknown_symbol"})
    EXPECT_EQ(d.counted(none), 0u) << none;
}

} // namespace
} // namespace tickplant::binance::testing
