#include "tickplant_sim/binance/market.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace tickplant::sim::binance {
namespace {

// Per root second, so that the walk looks alike at any update rate.
constexpr double walk_scale = 0.005;

} // namespace

market::market(market_options options)
  : options_{std::move(options)}, random_{options_.seed}, mid_{options_.price /
                                                               (static_cast<double>(options_.tick) / one)},
    update_id_{50'000'000'000u + random_.below(1'000'000)}, trade_id_{3'700'000'000u + random_.below(1'000'000)},
    aggregate_id_{3'100'000'000u + random_.below(1'000'000)}, fast_{update_id_}, slow_{update_id_} {
  for (const side s : {side::bid, side::ask})
    while (level_count(s) < options_.levels_a_side * 3 / 4) {
      const auto price = choose_price(s);
      if (s == side::bid)
        book_.set_bid(price, choose_quantity());
      else
        book_.set_ask(price, choose_quantity());
    }
  published_ = quote();
  statistics_.open = statistics_.high = statistics_.low = statistics_.last = best(side::bid);
  statistics_.first_trade = trade_id_ + 1;
  statistics_.last_trade = trade_id_;
}

scaled market::best(side s) const {
  return s == side::bid ? book_.bids().begin()->first : book_.asks().begin()->first;
}

std::size_t market::level_count(side s) const {
  return s == side::bid ? book_.bids().size() : book_.asks().size();
}

best_quote market::quote() const {
  const auto& bid = *book_.bids().begin();
  const auto& ask = *book_.asks().begin();
  return {update_id_, {bid.first, bid.second}, {ask.first, ask.second}};
}

void market::set(side s, scaled price, scaled quantity) {
  ++update_id_;
  if (s == side::bid) {
    book_.set_bid(price, quantity);
    fast_.touch_bid(price);
    slow_.touch_bid(price);
  } else {
    book_.set_ask(price, quantity);
    fast_.touch_ask(price);
    slow_.touch_ask(price);
  }
}

void market::walk(double seconds) {
  const double start = options_.price / (static_cast<double>(options_.tick) / one);
  const double step =
    (random_.unit() - 0.5) * options_.volatility * start * walk_scale * std::sqrt(std::clamp(seconds, 0.0, 1.0));
  mid_ = std::clamp(mid_ + step, start * 0.2, start * 5);
}

scaled market::choose_price(side s) {
  // Most changes stand within a few ticks of the touch, the rest reaches far into the book.
  const double reach = random_.chance(0.4) ? 3 : random_.chance(0.7) ? 100 : mid_ * 0.0008;
  const auto away = 1 + static_cast<std::int64_t>(random_.distance(reach));
  auto tick = static_cast<std::int64_t>(std::llround(mid_)) + (s == side::bid ? -away : away);
  if (s == side::bid && !book_.asks().empty()) tick = std::min(tick, best(side::ask) / options_.tick - 1);
  if (s == side::ask && !book_.bids().empty()) tick = std::max(tick, best(side::bid) / options_.tick + 1);
  return std::max<std::int64_t>(1, tick) * options_.tick;
}

scaled market::choose_quantity() {
  // About 2,000 quote units at the median, with a long tail.
  const double units = 2000 / options_.price * std::exp(3 * (random_.unit() - 0.5)) * (random_.chance(0.05) ? 20 : 1);
  const auto steps = std::llround(units / (static_cast<double>(options_.step) / one));
  return std::max<std::int64_t>(1, steps) * options_.step;
}

scaled market::level_at(side s, std::size_t index_from_best) const {
  const auto offset = static_cast<std::ptrdiff_t>(index_from_best);
  return s == side::bid ? std::next(book_.bids().begin(), offset)->first
                        : std::next(book_.asks().begin(), offset)->first;
}

void market::step(double seconds, std::vector<market_event>& out) {
  walk(seconds);
  const auto mid = static_cast<scaled>(mid_) * options_.tick;
  const side s = random_.chance(0.5) ? side::bid : side::ask;
  const std::size_t fewest = options_.levels_a_side / 2;
  if (level_count(side::bid) < fewest || level_count(side::ask) < fewest) {
    const side thin = level_count(side::bid) < fewest ? side::bid : side::ask;
    set(thin, choose_price(thin), choose_quantity());
  } else if (best(side::ask) <= mid) {
    give_way(side::ask, out);
  } else if (best(side::bid) > mid) {
    give_way(side::bid, out);
  } else if (random_.chance(0.125)) {
    execute(s, out);
  } else {
    change_level(s);
  }
  const auto current = quote();
  if (current.bid != published_.bid || current.ask != published_.ask) {
    published_ = current;
    out.emplace_back(current);
  }
}

void market::give_way(side s, std::vector<market_event>& out) {
  // The price has walked past resting quantity: most of it is withdrawn, some is taken.
  if (random_.chance(0.2))
    execute(s, out);
  else
    set(s, best(s), 0);
}

void market::change_level(side s) {
  const auto count = level_count(s);
  if (count >= options_.levels_a_side) return set(s, level_at(s, count - 1), 0);
  const bool may_remove = count > options_.levels_a_side / 2;
  if (may_remove && random_.chance(0.35)) {
    const auto index = std::min<std::size_t>(random_.distance(20), count - 1);
    return set(s, level_at(s, index), 0);
  }
  set(s, choose_price(s), choose_quantity());
}

void market::execute(side resting, std::vector<market_event>& out) {
  const auto price = best(resting);
  const auto available = resting == side::bid ? book_.bid_quantity(price) : book_.ask_quantity(price);
  const bool all = random_.chance(0.3) && level_count(resting) > options_.levels_a_side / 2;
  const auto steps = static_cast<std::uint32_t>(std::min<scaled>(available / options_.step, 1'000'000'000));
  const scaled taken = all ? available : (1 + random_.below(std::max(1u, steps / 2))) * options_.step;
  const scaled total = std::min(taken, available);
  const auto maker_orders = 1 + (total >= 3 * options_.step ? random_.below(3) : 0);
  aggregate_trade aggregate{++aggregate_id_, trade_id_ + 1, trade_id_ + 1, price, total, resting == side::bid};
  scaled left = total;
  for (std::uint32_t n = maker_orders; n > 0; --n) {
    const scaled part = n == 1 ? left : left / n / options_.step * options_.step;
    const trade t{++trade_id_, price, part, aggregate.buyer_is_maker};
    left -= part;
    count_trade(t);
    out.emplace_back(t);
  }
  aggregate.last_trade = trade_id_;
  out.emplace_back(aggregate);
  set(resting, price, available - total);
}

void market::count_trade(const trade& t) {
  statistics_.last = t.price;
  statistics_.last_quantity = t.quantity;
  statistics_.high = std::max(statistics_.high, t.price);
  statistics_.low = std::min(statistics_.low, t.price);
  statistics_.volume += t.quantity;
  statistics_.quote_volume += static_cast<double>(t.price) / one * static_cast<double>(t.quantity) / one;
  statistics_.last_trade = t.id;
}

} // namespace tickplant::sim::binance
