#include "tickplant_sim/nyse/trading_day.hpp"
#include "tickplant_sim/nyse/xdp_packet.hpp"
#include "xdp_book_checker.hpp"

#include <gtest/gtest.h>

namespace tickplant::sim::nyse {
namespace {

constexpr std::int64_t start_ns = 1'790'000'000'000'000'000;
constexpr std::uint64_t ms = 1'000'000;

/// A day played by literals, its packets read by the checker.
struct played_day {
  explicit played_day(trading_day_options options = default_options()) : day{std::move(options)} {}

  static trading_day_options default_options() {
    trading_day_options out;
    out.market.stocks = demo_stocks();
    out.market.flow.live_orders_per_symbol = 60;
    out.halt_every_s = 4;
    out.halt_length_s = 1;
    out.summary_every_s = 5;
    return out;
  }
  day_clock clock() const { return {now_ms * ms, start_ns + static_cast<std::int64_t>(now_ms * ms)}; }
  void send(delivery flag) {
    std::span<const std::uint8_t> rest = messages;
    while (!rest.empty()) {
      packet.begin(flag, sequence);
      for (auto m = first_message(rest); !m.empty() && packet.fits(m); m = first_message(rest)) {
        packet.add(m);
        rest = rest.subspan(m.size());
        ++sequence;
      }
      checker.take(packet.bytes(clock().unix_ns));
    }
    all.insert(all.end(), messages.begin(), messages.end());
    messages.clear();
  }
  void reset(delivery flag) {
    sequence = 1;
    messages = day.reset_message(clock());
    send(flag);
  }
  void begin() {
    reset(delivery::sequence_reset);
    day.begin(clock(), messages);
    send(delivery::original);
  }
  void run(int milliseconds) {
    for (int i = 0; i < milliseconds; ++i) {
      ++now_ms;
      day.advance(clock(), messages);
      send(delivery::original);
    }
  }
  void expect_sound() const {
    EXPECT_EQ(checker.gaps, 0u);
    EXPECT_EQ(checker.malformed, 0u);
    EXPECT_EQ(checker.orphans, 0u);
    EXPECT_EQ(checker.sequence_jumps, 0u);
    EXPECT_EQ(checker.unknown, 0u);
  }
  /// The checker's books are those of the market, order by order.
  void expect_equal_books() const {
    for (std::size_t i = 0; i < day.market().count(); ++i) {
      const auto& stock = day.market().stock(i);
      const auto* read = checker.find(stock.symbol);
      ASSERT_NE(read, nullptr) << stock.symbol;
      std::size_t orders = 0;
      for (const side s : {side::buy, side::sell})
        day.market().flow().book(i).visit_orders(s, [&](const resting_order& o) {
          ++orders;
          const auto found = read->orders.find(o.reference);
          ASSERT_NE(found, read->orders.end()) << stock.symbol;
          EXPECT_EQ(found->second, (xdp_book_checker::order{s == side::buy ? 'B' : 'S', o.tick, o.shares}));
        });
      EXPECT_EQ(read->orders.size(), orders) << stock.symbol;
    }
  }

  trading_day day;
  xdp_packet packet;
  message_buffer messages, all;
  xdp_book_checker checker;
  std::uint32_t sequence = 1;
  std::uint64_t now_ms = 0;
};

TEST(NyseDay, GivesBooksThatAreRebuiltFromItsMessages) {
  played_day day;
  day.begin();
  day.run(60'000);
  day.expect_sound();
  day.expect_equal_books();
  const auto& types = day.checker.by_type;
  for (const int type : {2, 3, 32, 34, 100, 101, 102, 103, 104, 105, 110, 111, 112, 113, 114, 223})
    EXPECT_TRUE(types.contains(type)) << type;
  EXPECT_NEAR(static_cast<double>(day.sequence), 60 * 1'500, 9'000);
  // One time reference for every second.
  EXPECT_NEAR(static_cast<double>(day.checker.times), 60, 1.5);
}

TEST(NyseDay, HaltsAndResumesSymbols) {
  played_day day;
  day.begin();
  int halted = 0;
  for (int i = 0; i < 12; ++i) {
    day.run(1'000);
    for (const auto& [index, s] : day.checker.symbols) halted += s.halt == 'M' ? 1 : 0;
  }
  EXPECT_GE(halted, 2);
  EXPECT_LE(halted, 5);
}

TEST(NyseDay, TellsTheWholeStateWhenABackupTakesOver) {
  played_day day;
  day.begin();
  day.run(3'000);
  day.reset(delivery::failover);
  day.day.fail_over(day.clock(), day.messages);
  day.send(delivery::failover);
  day.expect_sound();
  day.expect_equal_books();
  day.run(1'000);
  day.expect_sound();
  day.expect_equal_books();
  EXPECT_EQ(day.checker.resets, 2u);
  EXPECT_GT(day.checker.by_type[106], 500u);
}

TEST(NyseDay, BeginsAgainWithEmptyBooks) {
  played_day day;
  day.begin();
  day.run(3'000);
  day.reset(delivery::sequence_reset);
  day.day.restart(day.clock(), day.messages);
  day.send(delivery::original);
  day.run(1'000);
  day.expect_sound();
  day.expect_equal_books();
  EXPECT_FALSE(day.checker.by_type.contains(106));
}

TEST(NyseDay, ClosesEverySymbolAndDropsItsOrders) {
  played_day day;
  day.begin();
  day.run(3'000);
  day.day.finish(day.clock(), day.messages);
  day.send(delivery::original);
  day.expect_sound();
  day.expect_equal_books();
  for (const auto& [index, s] : day.checker.symbols) {
    EXPECT_EQ(s.market, 'X');
    EXPECT_TRUE(s.orders.empty());
  }
}

TEST(NyseDay, NeverCrossesItsOwnBooks) {
  played_day day;
  day.begin();
  for (int i = 0; i < 200; ++i) {
    day.run(20);
    for (const auto& [index, s] : day.checker.symbols) {
      const auto bids = xdp_book_checker::levels(s, 'B');
      const auto asks = xdp_book_checker::levels(s, 'S');
      if (bids.empty() || asks.empty()) continue;
      ASSERT_LT(bids.rbegin()->first, asks.begin()->first) << s.name;
    }
  }
}

TEST(NyseDay, ScalesPricesByTheirSize) {
  const auto stocks = demo_stocks();
  EXPECT_EQ(stocks[0].symbol, "BRK.A");
  EXPECT_EQ(stocks[0].price_scale, 3);
  EXPECT_EQ(raw_price_of(stocks[0], 51'500'000), 515'000'000);
  played_day day;
  day.begin();
  day.run(2'000);
  const auto* brk = day.checker.find("BRK.A");
  ASSERT_NE(brk, nullptr);
  const auto bids = xdp_book_checker::levels(*brk, 'B');
  ASSERT_FALSE(bids.empty());
  EXPECT_NEAR(static_cast<double>(bids.rbegin()->first), 51'500'000, 51'500'000 * 0.02);
}

TEST(NyseDay, IsTheSameForTheSameSeed) {
  played_day one, same;
  auto options = played_day::default_options();
  options.market.flow.seed = 99;
  played_day other{options};
  for (auto* day : {&one, &same, &other}) {
    day->begin();
    day->run(1'500);
  }
  EXPECT_EQ(one.all, same.all);
  EXPECT_NE(one.all, other.all);
}

} // namespace
} // namespace tickplant::sim::nyse
