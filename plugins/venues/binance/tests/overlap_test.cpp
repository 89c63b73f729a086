// The change-over between two connections that both deliver: nothing missed, nothing twice, whatever the order in which
// their frames come (venue document, A3, "planned change-over").
#include "session_fixture.hpp"

#include <random>

namespace tickplant::binance::testing {
namespace {

using chance = std::mt19937_64;

uint64_t below(chance& random, uint64_t limit) {
  return limit == 0 ? 0 : random() % limit;
}

/// What the exchange sent, in order, on one symbol's streams.
struct history {
  struct event {
    std::string text;
    uint64_t update = 0, trade = 0; // of a diff, of a trade
  };
  std::vector<event> events;
  uint64_t last_update = 100, last_trade = 500;

  void add(chance& random, bool futures) {
    if (below(random, 3) == 0) {
      const uint64_t id = ++last_trade;
      std::string text = R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":)";
      text.append(std::to_string(id)).append(R"(,"p":"100.00","q":"0.5","T":1723161255342,"m":true}})");
      events.push_back({text, 0, id});
      return;
    }
    const uint64_t previous = last_update;
    const uint64_t first = previous + 1 + (futures ? below(random, 5) : 0);
    last_update = first + below(random, 4);
    std::string text = diff(first, last_update, R"(["100.00","1"])");
    if (futures) text.insert(text.find(R"("b":)"), R"("pu":)" + std::to_string(previous) + ",");
    events.push_back({text, last_update, 0});
  }
};

struct seen {
  std::vector<uint64_t> updates, trades;
};

seen of(const recording_host& host) {
  seen out;
  for (const auto& e : host.events) {
    if (e.kind == TP_EV_LEVEL && (e.flags & TP_SNAPSHOT) == 0) out.updates.push_back(e.sequence);
    if (e.kind == TP_EV_TRADE) out.trades.push_back(e.ref);
  }
  return out;
}

class Overlap : public ::testing::TestWithParam<bool> {
protected:
  static constexpr uint64_t millisecond = 1'000'000;
  bool futures() const { return GetParam(); }

  /// BTCUSDT live at update 100 with trade 500 the last, and a replacement up and confirmed.
  void begin(driver& d) {
    d.start();
    d.answer(1, 200, directory_of({row("BTCUSDT")}));
    d.line_up(0);
    const tp_interest all{0, TP_WANT_QUOTE | TP_WANT_TRADES | TP_WANT_BOOK};
    d.session.on_interest({&all, 1}, d.now());
    d.confirm_all();
    std::string first = diff(99, 100);
    if (futures()) first.insert(first.find(R"("b":)"), R"("pu":98,)");
    d.frame(first);
    d.answer(d.host.requests.back().id, 200, picture(100));
    d.frame(trade_of(500));
    d.host.events.clear();
    d.host.streams.clear();
    d.host.requests.clear();
    d.frame(R"({"e":"serverShutdown","E":1770123456789})");
    d.line_up(1);
  }
  pairs settings_of() const {
    return {{"lines.stream", "wss://s/stream"},
            {"rest", "https://r"},
            {"trades", "trade"},
            {"product", futures() ? "usdm" : "spot"}};
  }
};

TEST_P(Overlap, MissesNothingAndTellsNothingTwiceInAnyInterleaving) {
  uint64_t handed_over = 0;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    chance random{seed};
    const pairs settings = settings_of();
    driver d{settings};
    begin(d);
    history h;
    for (int i = 0; i < 1'000; ++i) h.add(random, futures());

    // The old connection has everything, the new one what came after its subscription; each in order, with lags of
    // their own. Confirmations come at a moment of their own too.
    const size_t joins = below(random, 100), confirms = joins + below(random, 20);
    size_t old_at = 0, new_at = joins;
    bool old_lives = true;
    while (new_at < h.events.size()) {
      const bool may_old = old_lives && old_at < h.events.size() && old_at < new_at + 30;
      const bool may_new = !old_lives || new_at < old_at + 30;
      if (may_old && (!may_new || below(random, 2) == 0))
        d.frame(h.events[old_at++].text, 0);
      else if (!old_lives || old_at >= joins || below(random, 4) == 0)
        d.frame(h.events[new_at++].text, 1);
      else
        continue;
      if (old_at == confirms) d.confirm_all();
      d.pass(below(random, 12) * millisecond); // so that none is a second behind
      // What the new one has not covered by the time at which the old one is closed must have come by the old one.
      old_lives = d.host.closed_lines.empty();
      if (!old_lives && old_at < joins) break;
    }
    ASSERT_TRUE(old_lives || old_at >= joins) << "the test closed the old connection too early";
    for (; old_lives && old_at < h.events.size(); ++old_at) d.frame(h.events[old_at].text, 0);

    const seen got = of(d.host);
    std::vector<uint64_t> updates, trades;
    for (const auto& e : h.events) {
      if (e.update != 0) updates.push_back(e.update);
      if (e.trade != 0) trades.push_back(e.trade);
    }
    EXPECT_EQ(got.updates, updates);
    EXPECT_EQ(got.trades, trades);
    EXPECT_TRUE(d.host.streams.empty()) << "the book was never lost";
    EXPECT_TRUE(d.host.requests.empty());
    EXPECT_EQ(d.counted("trades.missed"), 0u);
    EXPECT_EQ(d.counted("gaps.seen"), 0u);
    EXPECT_EQ(d.counted("numbers.restarted"), 0u);
    handed_over += d.host.closed_lines.size();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(handed_over, 50u) << "the test has to see the end of the old connection";
}

TEST_P(Overlap, NeverGoesOnWithAHoleWhereverTheOldConnectionDies) {
  uint64_t seamless = 0, rebuilt = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    chance random{seed};
    const pairs settings = settings_of();
    driver d{settings};
    begin(d);
    history h;
    for (int i = 0; i < 200; ++i) h.add(random, futures());
    const size_t joins = below(random, 80), dies = below(random, 120), confirms = below(random, 150);
    size_t old_at = 0, new_at = joins;
    bool dead = false;
    for (size_t step = 0; new_at < h.events.size(); ++step) {
      if (step == confirms) d.confirm_all();
      if (old_at >= dies && !dead) {
        dead = true; // what was on its way by the old connection never arrives
        if (d.host.closed_lines.empty()) d.line_down(0);
      }
      if (!dead && (below(random, 2) == 0 || old_at < joins))
        d.frame(h.events[old_at++].text, 0);
      else
        d.frame(h.events[new_at++].text, 1);
      d.pass(below(random, 60) * millisecond);
      // Snapshots show the book as the newest frame of either connection left it.
      if (!d.host.requests.empty()) {
        uint64_t newest = 100;
        for (size_t k = 0; k < std::max(old_at, new_at); ++k) newest = std::max(newest, h.events[k].update);
        for (const auto& r : std::exchange(d.host.requests, {})) d.answer(r.id, 200, picture(newest));
      }
    }
    d.pass(5 * driver::second);
    for (const auto& r : std::exchange(d.host.requests, {})) d.answer(r.id, 200, picture(h.last_update));

    uint64_t book = 100;
    bool joined = true;
    for (const auto& e : d.host.events) {
      if (e.kind == TP_EV_SNAPSHOT_END) {
        book = e.sequence;
        joined = true;
      }
      if (e.kind != TP_EV_LEVEL || (e.flags & TP_SNAPSHOT) != 0) continue;
      ASSERT_TRUE(joined);
      EXPECT_LE(e.ref, book + 1) << "a hole before " << e.sequence;
      EXPECT_GT(e.sequence, book);
      book = e.sequence;
    }
    EXPECT_EQ(book, h.last_update);
    EXPECT_TRUE(d.host.streams.empty() || d.host.streams.back().state == TP_STREAM_LIVE);
    auto trades = of(d.host).trades;
    const size_t told = trades.size();
    EXPECT_TRUE(std::is_sorted(trades.begin(), trades.end()));
    trades.erase(std::unique(trades.begin(), trades.end()), trades.end());
    EXPECT_EQ(trades.size(), told) << "none twice";
    if (!trades.empty()) {
      EXPECT_EQ(told + d.counted("trades.missed"), trades.back() - 500) << "what is missing is counted";
    }
    ++(d.host.streams.empty() ? seamless : rebuilt);
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(seamless, 20u) << "the test has to see both";
  EXPECT_GT(rebuilt, 20u);
}

TEST_P(Overlap, LosesAQuietBookWhoseReplacementHasNotProvedItself) {
  const pairs settings = settings_of();
  driver d{settings};
  begin(d);
  d.pass(millisecond);
  d.confirm_all();
  d.pass(driver::second);
  d.line_down(0);
  ASSERT_EQ(d.host.streams.size(), 1u) << "a diff may have been on its way, and nothing would ever show it";
  EXPECT_EQ(d.host.streams[0].state, static_cast<uint32_t>(TP_STREAM_LOST));
  d.pass(5 * driver::second);
  ASSERT_FALSE(d.host.requests.empty()) << "it is confirmed over there, so a snapshot misses nothing";
  d.answer(d.host.requests.back().id, 200, picture(150));
  EXPECT_EQ(d.host.streams.back().state, static_cast<uint32_t>(TP_STREAM_LIVE));
}

TEST_P(Overlap, ClosesTheOldConnectionAndTakesStatisticsFromOneOfThem) {
  const pairs settings = settings_of();
  driver d{settings};
  begin(d);
  const std::string ticker =
    R"({"stream":"btcusdt@ticker","data":{"e":"24hrTicker","E":1723161255208,"s":"BTCUSDT","o":"1","v":"2"}})";
  d.frame(ticker, 0);
  const size_t once = d.host.events.size();
  EXPECT_GT(once, 0u);
  d.frame(ticker, 1);
  EXPECT_EQ(d.host.events.size(), once);
  d.pass(millisecond);
  d.confirm_all();
  d.pass(9 * driver::second);
  EXPECT_EQ(d.host.closed_lines, (std::vector<uint32_t>{0}));
  EXPECT_EQ(d.counted("connections.renewed"), 1u);
  EXPECT_EQ(d.counted("reconnects"), 0u);
  d.frame(ticker, 1);
  EXPECT_EQ(d.host.events.size(), 2 * once);
  d.frame(ticker, 0);
  EXPECT_EQ(d.host.events.size(), 2 * once) << "its line is closed";
}

TEST_P(Overlap, GivesUpWaitingAfterASecondAndRebuilds) {
  const pairs settings = settings_of();
  driver d{settings};
  begin(d);
  d.pass(millisecond);
  d.confirm_all();
  std::string ahead = diff(110, 112);
  if (futures()) ahead.insert(ahead.find(R"("b":)"), R"("pu":109,)");
  d.frame(ahead, 1);
  EXPECT_TRUE(d.host.streams.empty());
  EXPECT_EQ(d.counted("overlap.held"), 1u);
  d.pass(driver::second * 12 / 10);
  ASSERT_FALSE(d.host.streams.empty());
  EXPECT_EQ(d.host.streams[0].state, static_cast<uint32_t>(TP_STREAM_LOST));
  EXPECT_EQ(d.counted("gaps.seen"), 1u);
  d.answer(d.host.requests.back().id, 200, picture(111));
  EXPECT_EQ(d.host.streams.back().state, static_cast<uint32_t>(TP_STREAM_LIVE));
  EXPECT_EQ(of(d.host).updates.back(), 112u);
}

INSTANTIATE_TEST_SUITE_P(Products, Overlap, ::testing::Bool(),
                         [](const auto& which) { return which.param ? "UsdmFutures" : "Spot"; });

} // namespace
} // namespace tickplant::binance::testing
