#include "runtime/consolidation/arbitrage.hpp"

#include "runtime/model/decimal.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::consolidation {

namespace {

__extension__ using wide = __int128;

tp_wide to_tp(wide value) {
  return {static_cast<uint64_t>(value), static_cast<int64_t>(value >> 64)};
}

/// part / whole in basis points with exponent -4, cut towards zero; `part` is in parts of the unit of `whole`.
int64_t bps_of(wide part, int64_t whole) {
  if (whole == 0) return 0;
  const wide bps = part / whole; // 10^-8 of the price = basis points with exponent -4
  return static_cast<int64_t>(std::clamp<wide>(bps, INT64_MIN + 1, INT64_MAX));
}

/// The least whole number of parts (10^-8 of 10^exponent) that is not below the price.
wide parts_at(const factor& price, int exponent) {
  wide value = price.mantissa;
  int power = price.exponent - exponent + 8;
  for (; power > 0 && value < (wide{1} << 120) / 10; --power) value *= 10;
  for (; power < 0; ++power) value = (value + 9) / 10;
  return value;
}

} // namespace

void arbitrage_monitor::configure(model::instrument_id id, model::instrument_ptr instrument,
                                  const std::vector<leg>& legs, const arbitrage_rules& rules, std::string_view why,
                                  uint64_t monotonic_ns, uint64_t wall_ns) {
  close(why, monotonic_ns, wall_ns);
  id_ = id;
  instrument_ = std::move(instrument);
  rules_ = rules;
  legs_.clear();
  fees_.clear();
  for (const auto& leg : legs) {
    const auto fee = rules.fees.find(leg.instrument->venue);
    legs_.push_back(leg.instrument);
    fees_.push_back(fee == rules.fees.end() ? 0 : fee->second);
  }
  least_net_ = parts_at(rules.min_price_edge, instrument_->price_exponent);
  is_configured_ = rules.is_on && legs_.size() > 1;
}

void arbitrage_monitor::close(std::string_view why, uint64_t monotonic_ns, uint64_t wall_ns) {
  if (is_open_) end(why, monotonic_ns, wall_ns);
  is_pending_ = false;
  deadline_ns_ = UINT64_MAX;
}

arbitrage_monitor::chance arbitrage_monitor::chance_of(std::span<const leg_quote> legs, uint32_t buy,
                                                       uint32_t sell) const {
  chance c;
  const auto &a = legs[buy], &b = legs[sell];
  if (!a.is_good || !b.is_good || a.ask == TP_NONE || b.bid == TP_NONE || b.bid < a.ask || a.ask <= 0) return c;
  c.net = (wide{b.bid} - a.ask) * parts_of_one - wide{a.ask} * fees_[buy] - wide{b.bid} * fees_[sell];
  c.buy = buy;
  c.sell = sell;
  const bool is_known = a.ask_quantity != TP_NONE && b.bid_quantity != TP_NONE;
  c.quantity = is_known ? std::min(a.ask_quantity, b.bid_quantity) : TP_NONE;
  c.is_there = c.quantity != 0 && is_enough(c, a.ask);
  return c;
}

bool arbitrage_monitor::is_enough(const chance& c, int64_t buy_price) const {
  return c.net >= least_net_ && c.net >= wide{buy_price} * rules_.min_edge;
}

arbitrage_monitor::chance arbitrage_monitor::best_chance(std::span<const leg_quote> legs) const {
  // Nearly always no market is crossed, which the two best prices tell.
  int64_t bid = TP_NONE, ask = INT64_MAX;
  for (const auto& leg : legs) {
    if (!leg.is_good) continue;
    bid = std::max(bid, leg.bid); // TP_NONE is the least of all numbers
    if (leg.ask != TP_NONE) ask = std::min(ask, leg.ask);
  }
  chance best;
  if (bid == TP_NONE || bid < ask) return best;
  for (uint32_t buy = 0; buy < legs.size(); ++buy)
    for (uint32_t sell = 0; sell < legs.size(); ++sell) {
      if (buy == sell) continue;
      const auto c = chance_of(legs, buy, sell);
      if (c.is_there && (!best.is_there || c.net > best.net || (c.net == best.net && c.quantity > best.quantity)))
        best = c;
    }
  return best;
}

book::signal arbitrage_monitor::describe(const chance& c, std::span<const leg_quote> legs, uint64_t monotonic_ns,
                                         uint64_t wall_ns) const {
  book::signal made;
  made.id = id_;
  made.instrument = instrument_;
  made.buy_at = legs_[c.buy];
  made.sell_at = legs_[c.sell];
  made.buy_price = legs[c.buy].ask;
  made.sell_price = legs[c.sell].bid;
  made.is_locked = made.buy_price == made.sell_price;
  made.quantity = c.quantity;
  made.edge = made.sell_price - made.buy_price;
  made.net_edge = to_tp(c.net);
  made.edge_bps = bps_of(wide{made.edge} * parts_of_one, made.buy_price);
  made.net_edge_bps = bps_of(c.net, made.buy_price);
  made.key = instrument_->symbol + '-' + std::to_string(since_wall_ns_);
  made.start_ns = since_wall_ns_;
  made.wall_ns = wall_ns;
  made.duration_ns = monotonic_ns - since_ns_;
  return made;
}

bool arbitrage_monitor::is_told_otherwise(const book::signal& now) const {
  if (now.buy_at != told_.buy_at || now.sell_at != told_.sell_at || now.is_locked != told_.is_locked) return true;
  const int64_t moved = now.net_edge_bps > told_.net_edge_bps ? now.net_edge_bps - told_.net_edge_bps
                                                              : told_.net_edge_bps - now.net_edge_bps;
  if (moved != 0 && moved >= rules_.edge_step) return true;
  if (now.quantity == told_.quantity) return false;
  if (now.quantity == TP_NONE || told_.quantity == TP_NONE) return true;
  const wide grown = wide{now.quantity} - told_.quantity;
  return (grown < 0 ? -grown : grown) * 100 >= wide{told_.quantity} * rules_.size_step;
}

void arbitrage_monitor::look(std::span<const leg_quote> legs, uint64_t monotonic_ns, uint64_t wall_ns) {
  deadline_ns_ = UINT64_MAX;
  if (!is_configured_) return;
  const auto c = best_chance(legs);
  if (!c.is_there) {
    if (is_open_) return end("the edge is gone", monotonic_ns, wall_ns);
    if (std::exchange(is_pending_, false)) ++brief_;
    return;
  }
  if (!is_pending_ && !is_open_) {
    is_pending_ = true;
    since_ns_ = monotonic_ns;
    since_wall_ns_ = std::max(wall_ns, since_wall_ns_ + 1); // keys of opportunities differ
  }
  buy_ = c.buy;
  sell_ = c.sell;
  if (!is_open_) {
    if (monotonic_ns - since_ns_ < rules_.min_duration_ns) {
      deadline_ns_ = since_ns_ + rules_.min_duration_ns;
      return;
    }
    is_pending_ = false;
    is_open_ = true;
    told_ns_ = monotonic_ns;
    ++starts_;
    return tell(describe(c, legs, monotonic_ns, wall_ns), book::signal::phase::start);
  }
  auto now = describe(c, legs, monotonic_ns, wall_ns);
  if (!is_told_otherwise(now)) return;
  if (monotonic_ns - told_ns_ < rules_.change_interval_ns) {
    deadline_ns_ = told_ns_ + rules_.change_interval_ns;
    return;
  }
  told_ns_ = monotonic_ns;
  ++changes_;
  tell(std::move(now), book::signal::phase::change);
}

void arbitrage_monitor::tell(book::signal what, book::signal::phase phase) {
  what.what = phase;
  what.number = ++number_;
  told_ = what;
  signals_.push_back(std::move(what));
}

// What it was last told with stands in its end.
void arbitrage_monitor::end(std::string_view why, uint64_t monotonic_ns, uint64_t wall_ns) {
  is_open_ = is_pending_ = false;
  ++ends_;
  auto last = told_;
  last.wall_ns = wall_ns;
  last.duration_ns = monotonic_ns - since_ns_;
  last.reason = why;
  tell(std::move(last), book::signal::phase::end);
}

} // namespace tickplant::consolidation
