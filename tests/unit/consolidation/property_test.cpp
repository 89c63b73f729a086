// Random venues against a model that knows no cleverness: every leg's decimal value compared as text of one scale.
#include "tests/unit/consolidation/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace tickplant;
using namespace tickplant::consolidation;
using namespace tickplant::tests;

namespace {

__extension__ using wide = __int128;

struct model_leg {
  bool is_good = false;
  wide bid = 0, ask = 0; // at exponent -8
  bool has_bid = false, has_ask = false;
  int64_t bid_size = 0, ask_size = 0;
  int64_t fee = 0;
};

struct model_best {
  bool is_there = false;
  wide price = 0;
  int64_t total = 0;
};

model_best best_of(const std::vector<model_leg>& legs, bool is_bid) {
  std::map<wide, int64_t> sizes;
  for (const auto& leg : legs)
    if (leg.is_good && (is_bid ? leg.has_bid : leg.has_ask))
      sizes[is_bid ? leg.bid : leg.ask] += is_bid ? leg.bid_size : leg.ask_size;
  if (sizes.empty()) return {};
  const auto& best = is_bid ? *sizes.rbegin() : *sizes.begin();
  return {true, best.first, best.second};
}

/// The greatest edge after fees of any two venues, in 10^-16 of the unit.
bool has_arbitrage(const std::vector<model_leg>& legs, int64_t min_edge, wide& best) {
  bool found = false;
  for (const auto& buy : legs)
    for (const auto& sell : legs) {
      if (&buy == &sell || !buy.is_good || !sell.is_good || !buy.has_ask || !sell.has_bid) continue;
      if (buy.ask_size == 0 || sell.bid_size == 0 || sell.bid < buy.ask) continue;
      const wide net = (sell.bid - buy.ask) * 100'000'000 - buy.ask * buy.fee - sell.bid * sell.fee;
      if (net < buy.ask * min_edge) continue;
      if (!found || net > best) best = net;
      found = true;
    }
  return found;
}

wide power(int exponent) {
  wide made = 1;
  for (; exponent > 0; --exponent) made *= 10;
  return made;
}

TEST(ConsolidatedBookProperty, AgreesWithAModelOverRandomVenues) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random{seed};
    const auto pick = [&](int64_t low, int64_t high) {
      return std::uniform_int_distribution<int64_t>{low, high}(random);
    };
    const auto count = static_cast<size_t>(pick(2, 6));
    std::vector<int> exponents(count);
    for (auto& exponent : exponents) exponent = static_cast<int>(pick(-6, 0));
    arbitrage_rules rules;
    rules.min_edge = pick(0, 3) * 10'000;
    rules.edge_step = 1;
    rules.size_step = 1;
    std::vector<model_leg> legs(count);
    for (size_t i = 0; i < count; ++i) {
      legs[i].fee = pick(0, 2) * 5'000;
      rules.fees[std::string(1, static_cast<char>('A' + i))] = legs[i].fee;
    }
    const auto made_of = listing_of(exponents);
    consolidated_book book{model::instrument_id{1}, made_of, rules, 1};
    const int common = made_of.instrument->price_exponent;
    for (uint64_t step = 1; step <= 200; ++step) {
      const auto number = static_cast<size_t>(pick(0, static_cast<int64_t>(count) - 1));
      auto& leg = legs[number];
      const int exponent = exponents[number];
      const auto unit = static_cast<int64_t>(power(-exponent));
      auto says = top(pick(99 * unit, 101 * unit), pick(0, 50), pick(99 * unit, 102 * unit), pick(0, 50), exponent);
      leg.has_bid = pick(0, 9) != 0;
      leg.has_ask = pick(0, 9) != 0;
      if (!leg.has_bid) says.bid = TP_NONE;
      if (!leg.has_ask) says.ask = TP_NONE;
      leg.bid = says.bid * power(8 + exponent);
      leg.ask = says.ask * power(8 + exponent);
      leg.bid_size = says.bid_quantity;
      leg.ask_size = says.ask_quantity;
      const auto mood = pick(0, 9);
      leg.is_good = mood > 2;
      if (mood == 0) says.state = book::trust::stale;
      if (mood == 1) says.trading_state = TP_STATE_HALTED;
      if (mood == 2) says.state = book::trust::awaiting;
      book.take(number, says);
      book.settle(step, step);

      const auto seen = shown_by(book);
      const bool is_any_good = std::any_of(legs.begin(), legs.end(), [](const model_leg& l) { return l.is_good; });
      ASSERT_EQ(seen.state == book::trust::ok, is_any_good) << "seed " << seed << " step " << step;
      wide edge = 0;
      const bool is_crossed = has_arbitrage(legs, rules.min_edge, edge);
      ASSERT_EQ(book.arbitrage().is_open(), is_crossed) << "seed " << seed << " step " << step;
      if (is_crossed) {
        const auto& open = book.arbitrage().open();
        const wide net = (wide{open.net_edge.high} << 64) + static_cast<wide>(open.net_edge.low);
        ASSERT_EQ(net * power(8 + common), edge) << "seed " << seed << " step " << step;
      }
      if (!is_any_good) continue;
      for (const bool is_bid : {true, false}) {
        const auto best = best_of(legs, is_bid);
        const auto price = is_bid ? seen.bid : seen.ask;
        ASSERT_EQ(price != TP_NONE, best.is_there) << "seed " << seed << " step " << step;
        if (!best.is_there) continue;
        ASSERT_EQ(price * power(8 + common), best.price) << "seed " << seed << " step " << step;
        ASSERT_EQ(is_bid ? seen.consolidated.bid_total : seen.consolidated.ask_total, best.total);
        const auto of = is_bid ? seen.consolidated.bid_leg : seen.consolidated.ask_leg;
        ASSERT_TRUE(legs[of].is_good);
        ASSERT_EQ(is_bid ? legs[of].bid : legs[of].ask, best.price);
      }
    }
  }
}

/// Signals come in whole lives: start, changes, end, with numbers rising by one.
TEST(ArbitrageProperty, TellsWholeLivesInOrder) {
  std::mt19937_64 random{5};
  arbitrage_rules rules;
  rules.min_edge = 0;
  rules.min_duration_ns = 3;
  rules.change_interval_ns = 4;
  consolidated_book book{model::instrument_id{1}, listing_of({-2, -2, -4}), rules, 1};
  std::string open;
  uint64_t number = 0, lives = 0;
  for (uint64_t now = 1; now < 20'000; ++now) {
    const auto leg = random() % 3;
    const int64_t unit = leg == 2 ? 100 : 1;
    const auto bid = static_cast<int64_t>(9'990 + random() % 20);
    auto says = top(bid * unit, static_cast<int64_t>(random() % 9), (bid + 5) * unit, 5, leg == 2 ? -4 : -2);
    if (random() % 20 == 0) says.state = book::trust::stale;
    if (random() % 2 == 0) book.take(leg, says);
    book.settle(now, now);
    for (const auto& told : std::exchange(book.signals(), {})) {
      ASSERT_EQ(told.number, ++number);
      using phase = book::signal::phase;
      if (told.what == phase::start) {
        ASSERT_TRUE(open.empty());
        ASSERT_GE(told.duration_ns, rules.min_duration_ns);
        ASSERT_GE(told.edge, 0);
        open = told.key;
        ++lives;
      } else {
        ASSERT_EQ(told.key, open);
        if (told.what == phase::end) open.clear();
      }
    }
  }
  EXPECT_GT(lives, 100u);
}

} // namespace
