#include "tickplant_sim/flow/order_flow.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tickplant::sim {
namespace {

constexpr double ticks_per_dollar = 100;    // one tick is a cent
constexpr double highest_tick = 1.5e7 * 10; // 1.5 million dollars
// Removals stop at this many levels a side, which leaves room for the two a step may take.
constexpr std::size_t fewest_levels = 8;
constexpr std::size_t prints_kept = 64;

side opposite(side s) noexcept {
  return s == side::buy ? side::sell : side::buy;
}
tick_count away(side s, tick_count tick, tick_count by) noexcept {
  return s == side::buy ? tick - by : tick + by;
}

} // namespace

order_flow::order_flow(flow_options options) : options_{std::move(options)}, random_{options_.seed} {
  symbols_.reserve(options_.symbols.size());
  for (const auto& listed : options_.symbols) {
    symbol_state symbol;
    symbol.listed = listed;
    symbol.mid_ticks = listed.price * ticks_per_dollar;
    symbol.lowest_mid = std::max(200.0, symbol.mid_ticks * 0.2);
    symbol.highest_mid = std::min(highest_tick, symbol.mid_ticks * 5);
    symbols_.push_back(std::move(symbol));
  }
  prints_.reserve(prints_kept);
  last_reference_ = 1000 + random_.below(1000);
  last_match_ = 10 + random_.below(100);
}

void order_flow::step(std::uint64_t now_ns, flow_sink& out) {
  const std::size_t index = random_.below(static_cast<std::uint32_t>(symbols_.size()));
  auto& symbol = symbols_[index];
  walk(symbol, now_ns);
  if (keep_depth(index, out) || follow_price(index, out)) return;

  const auto& mix = options_.mix;
  const double fill = static_cast<double>(symbol.book.live_count()) / options_.live_orders_per_symbol;
  const double remove_weight = mix.remove * fill * fill * fill * fill;
  // A step that executes writes 4/3 messages on average, see the loop below.
  const double execute_weight = symbol.trading ? mix.execute * 0.75 : 0;
  const double priced_weight = symbol.trading ? mix.execute_with_price : 0;
  const double hidden_weight = symbol.trading ? mix.hidden_trade : 0;
  double choice = random_.unit() * (mix.add + mix.add_attributed + execute_weight + priced_weight + mix.cancel +
                                    remove_weight + mix.replace + hidden_weight);
  const auto chosen = [&choice](double weight) { return (choice -= weight) < 0; };

  const side s = random_.chance(0.5) ? side::buy : side::sell;
  if (chosen(mix.add)) return add_at(index, s, choose_tick(symbol, s), false, out);
  if (chosen(remove_weight)) return remove(index, choose_leaving(symbol), out);
  if (chosen(mix.replace)) return replace(index, out);
  if (chosen(execute_weight)) {
    execute(index, s, false, out);
    for (std::size_t more = 1; more < most_messages_a_step && can_shrink(symbol, s) && random_.chance(0.25); ++more)
      execute(index, s, false, out);
    return;
  }
  if (chosen(mix.add_attributed)) return add_at(index, s, choose_tick(symbol, s), true, out);
  if (chosen(mix.cancel)) return cancel(index, out);
  if (chosen(hidden_weight)) return hidden_trade(index, out);
  if (chosen(priced_weight)) return execute(index, s, true, out);
  add_at(index, s, choose_tick(symbol, s), false, out);
}

void order_flow::add_order(std::size_t index, flow_sink& out) {
  const side s = random_.chance(0.5) ? side::buy : side::sell;
  if (!keep_depth(index, out)) add_at(index, s, choose_tick(symbols_[index], s), false, out);
}

void order_flow::walk(symbol_state& symbol, std::uint64_t now_ns) {
  const double seconds = symbol.walked_ns == 0 || now_ns < symbol.walked_ns
                           ? 0
                           : std::min(1.0, static_cast<double>(now_ns - symbol.walked_ns) * 1e-9);
  symbol.walked_ns = now_ns;
  const double step = (random_.unit() - 0.5) * symbol.listed.volatility * symbol.listed.price * ticks_per_dollar *
                      options_.walk_scale * std::sqrt(seconds);
  symbol.mid_ticks = std::clamp(symbol.mid_ticks + step, symbol.lowest_mid, symbol.highest_mid);
}

bool order_flow::keep_depth(std::size_t index, flow_sink& out) {
  auto& symbol = symbols_[index];
  for (const side s : {side::buy, side::sell}) {
    if (symbol.book.level_count(s) >= fewest_levels) continue;
    const auto step = static_cast<tick_count>(1 + random_.below(3));
    const auto tick = symbol.book.empty(s) ? choose_tick(symbol, s) : away(s, symbol.book.worst(s), step);
    add_at(index, s, std::max<tick_count>(1, tick), false, out);
    return true;
  }
  return false;
}

bool order_flow::follow_price(std::size_t index, flow_sink& out) {
  auto& symbol = symbols_[index];
  for (const side s : {side::buy, side::sell}) {
    const auto best = static_cast<double>(symbol.book.best(s));
    const bool passed = s == side::buy ? best >= symbol.mid_ticks : best <= symbol.mid_ticks;
    if (!passed) continue;
    if (symbol.trading && random_.chance(0.1))
      execute(index, s, false, out);
    else
      remove(index, symbol.book.front(s), out);
    return true;
  }
  return false;
}

bool order_flow::can_shrink(const symbol_state& symbol, side s) const noexcept {
  return symbol.book.level_count(s) >= fewest_levels;
}

tick_count order_flow::choose_tick(symbol_state& symbol, side s) {
  // Half spread of 0.005 % to 0.015 % of the price, then most orders within a few steps of the touch.
  const double half_spread = std::max(0.5, symbol.mid_ticks * 0.0001 * (0.5 + random_.unit()));
  const double mean_distance = std::max(4.0, symbol.mid_ticks * 0.0003);
  const double mid = symbol.mid_ticks;
  const double touch = s == side::buy ? std::floor(mid - half_spread) : std::ceil(mid + half_spread);
  const auto anchor = static_cast<tick_count>(touch);
  auto tick = away(s, anchor, static_cast<tick_count>(random_.distance(mean_distance)));
  if (const side other = opposite(s); !symbol.book.empty(other)) {
    const auto limit = away(s, symbol.book.best(other), 1);
    tick = s == side::buy ? std::min(tick, limit) : std::max(tick, limit);
  }
  return std::max<tick_count>(1, tick);
}

flow_book::slot order_flow::choose_leaving(symbol_state& symbol) {
  const auto live = static_cast<std::uint32_t>(symbol.book.live_count());
  const auto first = symbol.book.live(random_.below(live));
  const auto second = symbol.book.live(random_.below(live));
  // The farther of two leaves, so that the book stays around a price that wanders.
  const auto distance = [&](flow_book::slot order) {
    return std::abs(static_cast<double>(symbol.book.at(order).tick) - symbol.mid_ticks);
  };
  return distance(first) >= distance(second) ? first : second;
}

std::uint32_t order_flow::choose_shares() {
  if (random_.chance(0.6)) return 100 * (1 + random_.below(5));
  return random_.chance(0.5) ? 1 + random_.below(99) : 100 + random_.below(2000);
}

std::uint64_t order_flow::next_reference() {
  return last_reference_ += 1 + random_.below(8);
}

void order_flow::add_at(std::size_t index, side s, tick_count tick, bool attributed, flow_sink& out) {
  auto& symbol = symbols_[index];
  const auto reference = next_reference();
  const auto shares = choose_shares();
  const auto order = symbol.book.insert(reference, s, tick, shares);
  ++live_orders_;
  out.add(index, symbol.book.at(order), attributed);
}

void order_flow::execute(std::size_t index, side s, bool with_price, flow_sink& out) {
  auto& symbol = symbols_[index];
  const auto order = symbol.book.front(s);
  const resting_order resting = symbol.book.at(order);
  const bool all = random_.chance(0.6) || resting.shares < 2;
  const auto shares = all ? resting.shares : 1 + random_.below(resting.shares - 1);
  const auto match = ++last_match_;
  if (with_price) {
    // Never outside the spread: an improvement towards the other side, or the display price itself.
    const auto better = static_cast<tick_count>(random_.below(2));
    const auto tick = std::max<tick_count>(1, away(opposite(s), resting.tick, better));
    const bool printable = !random_.chance(0.1);
    out.execute(index, resting, {shares, match, tick, printable, true});
    if (printable) remember_print(index, match);
  } else {
    out.execute(index, resting, {shares, match, resting.tick, true, false});
    remember_print(index, match);
  }
  if (symbol.book.reduce(order, shares)) --live_orders_;
}

void order_flow::cancel(std::size_t index, flow_sink& out) {
  auto& symbol = symbols_[index];
  const auto order = symbol.book.live(random_.below(static_cast<std::uint32_t>(symbol.book.live_count())));
  const resting_order resting = symbol.book.at(order);
  if (resting.shares < 2) return remove(index, order, out);
  const auto shares = 1 + random_.below(resting.shares - 1);
  out.reduce(index, resting, shares);
  symbol.book.reduce(order, shares);
}

void order_flow::remove(std::size_t index, flow_book::slot order, flow_sink& out) {
  auto& symbol = symbols_[index];
  out.remove(index, symbol.book.at(order));
  symbol.book.erase(order);
  --live_orders_;
}

void order_flow::replace(std::size_t index, flow_sink& out) {
  auto& symbol = symbols_[index];
  const auto order = choose_leaving(symbol);
  const resting_order resting = symbol.book.at(order);
  const auto tick = choose_tick(symbol, resting.s);
  const auto reference = next_reference();
  const auto shares = random_.chance(0.5) ? resting.shares : choose_shares();
  symbol.book.erase(order);
  out.replace(index, resting, symbol.book.at(symbol.book.insert(reference, resting.s, tick, shares)));
}

void order_flow::hidden_trade(std::size_t index, flow_sink& out) {
  const auto match = ++last_match_;
  out.hidden_trade(index, choose_shares(), reference_tick(index), match);
  remember_print(index, match);
}

void order_flow::cross(std::size_t index, auction kind, flow_sink& out) {
  auto& symbol = symbols_[index];
  const auto price = reference_tick(index);
  std::uint64_t shares = 100 * (10 + random_.below(900));
  for (const side s : {side::buy, side::sell}) {
    if (!can_shrink(symbol, s)) continue;
    const auto order = symbol.book.front(s);
    const resting_order resting = symbol.book.at(order);
    out.execute(index, resting, {resting.shares, ++last_match_, price, false, true});
    shares += resting.shares;
    symbol.book.erase(order);
    --live_orders_;
  }
  out.cross(index, kind, shares, price, ++last_match_);
}

void order_flow::announce_imbalance(std::size_t index, auction kind, flow_sink& out) {
  const auto price = reference_tick(index);
  const auto imbalance = random_.chance(0.2) ? 0 : 100 * random_.below(300);
  const char direction = imbalance == 0 ? 'N' : random_.chance(0.5) ? 'B' : 'S';
  const auto shift = static_cast<tick_count>(random_.below(5));
  out.imbalance(index, {kind, 100u * random_.below(2000), imbalance, direction, price, price + shift});
}

bool order_flow::break_trade(flow_sink& out) {
  if (prints_.empty()) return false;
  const auto chosen = random_.below(static_cast<std::uint32_t>(prints_.size()));
  out.break_trade(prints_[chosen].symbol, prints_[chosen].match);
  prints_[chosen] = prints_.back();
  prints_.pop_back();
  return true;
}

bool order_flow::delete_one(flow_sink& out) {
  if (live_orders_ == 0) return false;
  std::size_t index = random_.below(static_cast<std::uint32_t>(symbols_.size()));
  while (symbols_[index].book.live_count() == 0) index = (index + 1) % symbols_.size();
  remove(index, symbols_[index].book.live(symbols_[index].book.live_count() - 1), out);
  return true;
}

void order_flow::drop_orders(std::size_t index) {
  live_orders_ -= symbols_[index].book.live_count();
  symbols_[index].book = flow_book{};
}

tick_count order_flow::reference_tick(std::size_t index) const noexcept {
  return static_cast<tick_count>(std::lround(symbols_[index].mid_ticks));
}

void order_flow::set_mid(std::size_t index, double price) noexcept {
  auto& symbol = symbols_[index];
  symbol.mid_ticks = std::clamp(price * ticks_per_dollar, symbol.lowest_mid, symbol.highest_mid);
}

void order_flow::remember_print(std::size_t index, std::uint64_t match) {
  const printed_trade print{index, match};
  if (prints_.size() < prints_kept)
    prints_.push_back(print);
  else
    prints_[random_.below(prints_kept)] = print;
}

} // namespace tickplant::sim
