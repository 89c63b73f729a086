#include "tickplant_sim/binance/market.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace tickplant::sim::binance {
namespace {

market_options btc(std::uint64_t seed) {
  market_options o;
  o.symbol = "BTCUSDT";
  o.seed = seed;
  return o;
}

/// A client's book: a snapshot, then diffs by the venue's procedure.
struct client_book {
  std::map<scaled, scaled> bids, asks;
  std::uint64_t id = 0;

  explicit client_book(const market& from) : id{from.last_update_id()} {
    bids.insert(from.book().bids().begin(), from.book().bids().end());
    asks.insert(from.book().asks().begin(), from.book().asks().end());
  }
  static void change(std::map<scaled, scaled>& levels, const std::vector<level>& changes) {
    for (const auto& [price, quantity] : changes)
      if (quantity == 0)
        levels.erase(price);
      else
        levels[price] = quantity;
  }
  void apply(const depth_diff& diff) {
    if (diff.last_id <= id) return;
    ASSERT_LE(diff.first_id, id + 1);
    change(bids, diff.bids);
    change(asks, diff.asks);
    id = diff.last_id;
  }
  void expect_equal(const market& to) const {
    EXPECT_TRUE(std::equal(asks.begin(), asks.end(), to.book().asks().begin(), to.book().asks().end()));
    EXPECT_TRUE(std::equal(bids.rbegin(), bids.rend(), to.book().bids().begin(), to.book().bids().end()));
    EXPECT_EQ(id, to.last_update_id());
  }
};

class Market : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Market, SnapshotAndDiffsGiveTheSameBook) {
  market m{btc(GetParam())};
  std::vector<market_event> events;
  std::vector<depth_diff> diffs;
  std::optional<client_book> client;
  std::uint64_t last = m.last_update_id();
  for (int i = 1; i <= 20'000; ++i) {
    m.step(0.005, events);
    if (i == 777) client.emplace(m); // between two diffs, as a REST answer is
    if (i % 20 != 0) continue;
    const auto diff = m.take_fast_diff();
    ASSERT_TRUE(diff.has_value());
    ASSERT_EQ(diff->first_id, last + 1);
    ASSERT_EQ(diff->last_id, m.last_update_id());
    last = diff->last_id;
    if (client) client->apply(*diff);
  }
  client->expect_equal(m);
}

TEST_P(Market, NeverCrossesAndStaysDeep) {
  market m{btc(GetParam())};
  std::vector<market_event> events;
  for (int i = 0; i < 50'000; ++i) {
    const auto before = m.last_update_id();
    m.step(0.005, events);
    events.clear();
    ASSERT_EQ(m.last_update_id(), before + 1);
    ASSERT_LT(m.quote().bid.price, m.quote().ask.price);
    ASSERT_GT(m.quote().bid.quantity, 0);
    ASSERT_GE(std::min(m.book().bids().size(), m.book().asks().size()), 290u);
    ASSERT_LE(std::max(m.book().bids().size(), m.book().asks().size()), 601u);
  }
  EXPECT_NEAR(static_cast<double>(m.quote().bid.price) / one, 65'000, 2'000);
}

TEST_P(Market, TradesAreNumberedWithoutHolesAndAggregatesCoverThem) {
  market m{btc(GetParam())};
  std::vector<market_event> events;
  for (int i = 0; i < 20'000; ++i) m.step(0.005, events);
  std::uint64_t last_trade = 0, last_aggregate = 0, trades = 0;
  scaled open_quantity = 0;
  for (const auto& event : events) {
    if (const auto* t = std::get_if<trade>(&event)) {
      if (last_trade != 0) {
        ASSERT_EQ(t->id, last_trade + 1);
      }
      last_trade = t->id;
      open_quantity += t->quantity;
      ASSERT_GT(t->quantity, 0);
      ++trades;
    } else if (const auto* a = std::get_if<aggregate_trade>(&event)) {
      if (last_aggregate != 0) {
        ASSERT_EQ(a->id, last_aggregate + 1);
      }
      last_aggregate = a->id;
      ASSERT_EQ(a->last_trade, last_trade);
      ASSERT_EQ(a->quantity, open_quantity);
      open_quantity = 0;
    }
  }
  EXPECT_GT(trades, 1'000u);
  EXPECT_EQ(m.statistics().last_trade, last_trade);
  EXPECT_EQ(m.statistics().last_trade + 1 - m.statistics().first_trade, trades);
}

TEST_P(Market, QuotesAreTheBestOfTheBookAtTheirUpdateId) {
  market m{btc(GetParam())};
  std::vector<market_event> events;
  best_quote last{};
  for (int i = 0; i < 10'000; ++i) {
    events.clear();
    m.step(0.005, events);
    for (const auto& event : events)
      if (const auto* quote = std::get_if<best_quote>(&event)) {
        ASSERT_EQ(*quote, m.quote());
        ASSERT_GT(quote->update_id, last.update_id);
        last = *quote;
      }
    if (last.update_id != 0) {
      ASSERT_EQ(last.bid, m.quote().bid);
      ASSERT_EQ(last.ask, m.quote().ask);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Market, testing::Values(1, 2, 99));

TEST(DiffCollector, GivesNothingWhenNothingChanged) {
  market m{btc(1)};
  std::vector<market_event> events;
  EXPECT_FALSE(m.take_slow_diff().has_value());
  m.step(0.001, events);
  EXPECT_TRUE(m.take_slow_diff().has_value());
  EXPECT_TRUE(m.take_fast_diff().has_value());
  EXPECT_FALSE(m.take_slow_diff().has_value());
}

TEST(Decimal, KeepsEightDecimalsBothWays) {
  std::string text;
  append_decimal(text, 6'173'763'000'000);
  EXPECT_EQ(text, "61737.63000000");
  EXPECT_EQ(parse_decimal(text), 6'173'763'000'000);
  EXPECT_EQ(parse_decimal("0.00000001"), 1);
  EXPECT_EQ(parse_decimal("5"), 5 * one);
  for (const auto* bad : {"", ".5", "1.123456789", "-1", "1e5", "1.2.3", "12345678901", "x"})
    EXPECT_FALSE(parse_decimal(bad).has_value()) << bad;
}

} // namespace
} // namespace tickplant::sim::binance
