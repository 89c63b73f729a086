#include "tickplant_sim/lse/order_flow.hpp"

#include <cmath>
#include <utility>

namespace tickplant::sim::lse {
namespace {

// Removals stop at this many levels a side, which leaves room for what a step may take.
constexpr std::size_t fewest_levels = 9;
constexpr std::size_t most_executions_a_step = 4;
constexpr std::array<std::string_view, 4> firms{"WINSMM", "PEELMM", "NUMISMM", "CANACMM"};
constexpr std::array<std::uint8_t, 4> crosses{5, 6, 7, 8};
constexpr std::uint8_t rfq_sub_book = 11;

price8 away(side s, price8 price, price8 by) noexcept {
  return s == side::buy ? price - by : price + by;
}

} // namespace

bool is_call(char status) noexcept {
  return std::string_view{"adeqrfG"}.find(status) != std::string_view::npos;
}

order_flow::order_flow(flow_options options)
  : options_{std::move(options)}, random_{options_.seed}, engine_{options_.listings} {
  for (std::size_t i = 0; i < engine_.instrument_count(); ++i) {
    const auto close = static_cast<double>(engine_.at(i).of.previous_close);
    walks_.push_back({close, close * 0.3, close * 4, 0});
  }
}

void order_flow::step(const feed_time& now, market_feed& feed) {
  const std::size_t index = random_.below(static_cast<std::uint32_t>(engine_.instrument_count()));
  move_mid(index, now.elapsed_ns);
  const char status = engine_.at(index).status.code;
  if (is_continuous(status)) return step_continuous(index, now, feed);
  if (is_call(status)) return step_call(index, now, feed);
}

void order_flow::step_continuous(std::size_t index, const feed_time& now, market_feed& feed) {
  if (keep_depth(index, now, feed) || follow_price(index, now, feed)) return;
  const auto& one = engine_.at(index);
  const auto& mix = options_.mix;
  const double fill = static_cast<double>(one.orders.live_count()) / options_.live_orders_per_instrument;
  const double remove_weight = mix.remove * fill * fill * fill * fill;
  const double quote_weight = one.quotes.live_count() > 0 ? mix.firm_quote : 0;
  double choice = random_.unit() * (mix.add + mix.add_attributed + mix.add_iceberg + mix.take + mix.shrink + mix.move +
                                    remove_weight + mix.hidden_trade + quote_weight);
  const auto chosen = [&choice](double weight) { return (choice -= weight) < 0; };
  const side s = choose_side();
  if (chosen(remove_weight)) return engine_.cancel(index, book_kind::orders, choose_leaving(index), feed);
  if (chosen(mix.move)) return move_order(index, feed);
  if (chosen(mix.take)) return take(index, now, feed);
  if (chosen(mix.shrink)) return shrink(index, feed);
  if (chosen(quote_weight)) return move_quote(index, feed);
  if (chosen(mix.add_iceberg)) return add(index, s, choose_price(index, s), {}, true, now, feed);
  if (chosen(mix.hidden_trade)) return hidden_trade(index, feed);
  const auto firm = chosen(mix.add_attributed) ? firms[random_.below(firms.size())] : std::string_view{};
  add(index, s, choose_price(index, s), firm, false, now, feed);
}

void order_flow::step_call(std::size_t index, const feed_time& now, market_feed& feed) {
  const auto& book = engine_.at(index).orders;
  const auto wanted = options_.live_orders_per_instrument * 2 / 3;
  const bool full = book.live_count() > wanted;
  const side s = choose_side();
  if (random_.chance(0.05)) {
    const order_terms terms{s, true, 0, choose_quantity(), 0, random_.chance(0.1) ? firms[0] : std::string_view{}};
    engine_.enter(index, book_kind::orders, terms, now, feed);
  } else if (book.live_count() > 10 && random_.chance(full ? 0.55 : 0.2)) {
    engine_.cancel(index, book_kind::orders, choose_leaving(index), feed);
  } else if (book.live_count() > 10 && random_.chance(0.15)) {
    shrink(index, feed);
  } else {
    add(index, s, choose_call_price(index, s), {}, random_.chance(0.05), now, feed);
  }
}

void order_flow::add_order(std::size_t index, const feed_time& now, market_feed& feed) {
  const side s = choose_side();
  const bool call = is_call(engine_.at(index).status.code);
  if (!call && keep_depth(index, now, feed)) return;
  add(index, s, call ? choose_call_price(index, s) : choose_price(index, s), {}, random_.chance(0.03), now, feed);
}

void order_flow::move_mid(std::size_t index, std::uint64_t now_ns) {
  auto& at = walks_[index];
  const double seconds =
    at.walked_ns == 0 || now_ns < at.walked_ns ? 0 : std::min(1.0, static_cast<double>(now_ns - at.walked_ns) * 1e-9);
  at.walked_ns = now_ns;
  const auto& of = engine_.at(index).of;
  const double step = (random_.unit() - 0.5) * of.volatility * static_cast<double>(of.previous_close) *
                      options_.walk_scale * std::sqrt(seconds);
  at.mid = std::clamp(at.mid + step, at.lowest, at.highest);
}

bool order_flow::keep_depth(std::size_t index, const feed_time& now, market_feed& feed) {
  const auto& book = engine_.at(index).orders;
  for (const side s : both_sides) {
    if (book.level_count(s) >= fewest_levels) continue;
    const auto by = static_cast<price8>(1 + random_.below(3)) * tick(index);
    const auto price = book.has_limit(s) ? away(s, book.worst(s), by) : choose_price(index, s);
    add(index, s, std::max(tick(index), price), {}, false, now, feed);
    return true;
  }
  return false;
}

bool order_flow::follow_price(std::size_t index, const feed_time& now, market_feed& feed) {
  const auto& book = engine_.at(index).orders;
  for (const side s : both_sides) {
    const auto best = static_cast<double>(book.best(s));
    const bool passed = s == side::buy ? best >= walks_[index].mid : best <= walks_[index].mid;
    if (!passed) continue;
    if (random_.chance(0.1)) {
      matching_event event;
      take_front(index, s, choose_quantity(), event, now, feed);
      engine_.tell_matched(index, event, feed);
    } else {
      engine_.cancel(index, book_kind::orders, book.front(s), feed);
    }
    return true;
  }
  return false;
}

void order_flow::add(std::size_t index, side s, price8 price, std::string_view firm, bool iceberg, const feed_time& now,
                     market_feed& feed) {
  order_terms terms{s, false, price, choose_quantity(), 0, firm};
  if (iceberg) terms.hidden = terms.shown * (1 + random_.below(5));
  engine_.enter(index, book_kind::orders, terms, now, feed);
}

void order_flow::take_front(std::size_t index, side passive, std::uint32_t most, matching_event& event,
                            const feed_time& now, market_feed& feed) {
  const auto& book = engine_.at(index).orders;
  execution_style style;
  style.refill = static_cast<refill_form>(random_.below(3));
  const auto price = book.best(passive);
  const bool improves = random_.chance(0.05) && price > 2 * tick(index);
  if (improves) style.improvement = away(passive, 0, -tick(index));
  const auto& front = book.at(book.front(passive));
  // An iceberg's refill says its own price already.
  if (front.hidden > 0) style.improvement = 0;
  event.passive = passive;
  event.far_price = price + style.improvement;
  event.total += engine_.execute_front(index, passive, most, style, now, feed);
}

void order_flow::take(std::size_t index, const feed_time& now, market_feed& feed) {
  const auto& book = engine_.at(index).orders;
  const side passive = choose_side();
  auto wanted = choose_quantity();
  matching_event event;
  for (std::size_t n = 0; n < most_executions_a_step && wanted > 0 && book.level_count(passive) + n >= fewest_levels;
       ++n) {
    const auto before = event.total;
    take_front(index, passive, wanted, event, now, feed);
    wanted -= static_cast<std::uint32_t>(event.total - before);
  }
  if (event.total > 0) engine_.tell_matched(index, event, feed);
}

void order_flow::shrink(std::size_t index, market_feed& feed) {
  const auto& book = engine_.at(index).orders;
  const auto order = book.live(random_.below(static_cast<std::uint32_t>(book.live_count())));
  const auto& resting = book.at(order);
  if (resting.shown < 2) return engine_.cancel(index, book_kind::orders, order, feed);
  const auto shown = 1 + random_.below(resting.shown - 1);
  engine_.change(index, book_kind::orders, order, resting.price, shown, feed);
}

void order_flow::move_order(std::size_t index, market_feed& feed) {
  const auto& book = engine_.at(index).orders;
  const auto order = choose_leaving(index);
  const auto& resting = book.at(order);
  // A larger quantity at the same price loses priority too.
  const bool stays = random_.chance(0.2);
  const auto price = stays ? resting.price : choose_price(index, resting.s);
  const auto shown = stays                 ? resting.shown + choose_quantity()
                     : random_.chance(0.5) ? resting.shown
                                           : choose_quantity();
  engine_.change(index, book_kind::orders, order, price, shown, feed);
}

void order_flow::place_quotes(std::size_t index, const feed_time& now, market_feed& feed) {
  if (!engine_.at(index).of.firm_quotes) return;
  for (std::size_t maker = 0; maker < 3; ++maker)
    for (const side s : both_sides)
      engine_.enter(index, book_kind::firm_quotes,
                    {s, false, quote_price(index, s), 500 * (1 + random_.below(10)), 0, firms[maker]}, now, feed);
}

void order_flow::move_quote(std::size_t index, market_feed& feed) {
  const auto& quotes = engine_.at(index).quotes;
  const auto order = quotes.live(random_.below(static_cast<std::uint32_t>(quotes.live_count())));
  engine_.change(index, book_kind::firm_quotes, order, quote_price(index, quotes.at(order).s),
                 500 * (1 + random_.below(10)), feed);
}

void order_flow::hidden_trade(std::size_t index, market_feed& feed) {
  const auto mid = static_cast<price8>(walks_[index].mid) / tick(index) * tick(index);
  const bool cross = random_.chance(0.2);
  const bool rfq = !cross && random_.chance(0.1);
  engine_.print(index, choose_quantity(), mid, cross ? crosses[random_.below(crosses.size())] : std::uint8_t{0},
                rfq ? rfq_sub_book : std::uint8_t{0}, feed);
}

void order_flow::correct_print(market_feed& feed) {
  if (engine_.remembered_prints() == 0) return;
  const auto which = random_.below(static_cast<std::uint32_t>(engine_.remembered_prints()));
  if (random_.chance(0.5))
    engine_.cancel_print(which, feed);
  else
    engine_.amend_print(which, choose_quantity(), feed);
}

price8 order_flow::choose_price(std::size_t index, side s) {
  // Half spread of 0.01 % to 0.03 % of the price, then most orders within a few steps of the touch.
  const auto step = static_cast<double>(tick(index));
  const double mid = walks_[index].mid;
  const double half_spread = std::max(0.5 * step, mid * 0.0002 * (0.5 + random_.unit()));
  const double mean_distance = std::max(6.0, mid * 0.0005 / step);
  const double touch = s == side::buy ? std::floor((mid - half_spread) / step) : std::ceil((mid + half_spread) / step);
  const auto distance = static_cast<price8>(random_.distance(mean_distance)) * tick(index);
  auto price = away(s, static_cast<price8>(touch) * tick(index), distance);
  const auto& book = engine_.at(index).orders;
  if (const side other = opposite(s); book.has_limit(other)) {
    const auto limit = away(s, book.best(other), tick(index));
    price = s == side::buy ? std::min(price, limit) : std::max(price, limit);
  }
  return std::max(tick(index), price);
}

price8 order_flow::choose_call_price(std::size_t index, side s) {
  const auto step = static_cast<double>(tick(index));
  const auto centre = static_cast<price8>(walks_[index].mid / step);
  const auto distance = static_cast<price8>(random_.distance(8.0)) - static_cast<price8>(random_.distance(3.0));
  return std::max(tick(index), away(s, centre * tick(index), distance * tick(index)));
}

price8 order_flow::quote_price(std::size_t index, side s) {
  const auto step = static_cast<double>(tick(index));
  const auto centre = static_cast<price8>(walks_[index].mid / step);
  return away(s, centre * tick(index), static_cast<price8>(2 + random_.below(6)) * tick(index));
}

instrument_book::slot order_flow::choose_leaving(std::size_t index) {
  const auto& book = engine_.at(index).orders;
  const auto live = static_cast<std::uint32_t>(book.live_count());
  const auto first = book.live(random_.below(live));
  const auto second = book.live(random_.below(live));
  // The farther of two leaves, so that the book stays around a price that wanders.
  const auto distance = [&](instrument_book::slot order) {
    return std::abs(static_cast<double>(book.at(order).price) - walks_[index].mid);
  };
  return distance(first) >= distance(second) ? first : second;
}

std::uint32_t order_flow::choose_quantity() {
  if (random_.chance(0.6)) return 100 * (1 + random_.below(10));
  return random_.chance(0.5) ? 1 + random_.below(99) : 100 + random_.below(4000);
}

} // namespace tickplant::sim::lse
