#include "normalizer.hpp"

#include <algorithm>

namespace tickplant::binance {
namespace {

using fault = normalizer::fault;

/// Scales one number into `out`; notes in `r` what is wrong with it. A finer exponent is noted but looked for further,
/// so that one redefinition serves the whole message.
void take(std::string_view text, int8_t exponent, int64_t& out, int8_t normalizer::result::*needed,
          normalizer::result& r) {
  const scaled s = parse_scaled_padded(text, exponent);
  out = s.mantissa;
  if (s.fault == decimal_fault::none) [[likely]]
    return;
  if (s.fault == decimal_fault::finer) {
    r.*needed = std::min(r.*needed, s.exponent);
    if (r.what == fault::none) r.what = fault::finer;
  } else {
    r.what = fault::malformed;
  }
}

normalizer::result clean(const instrument& i) {
  return {fault::none, i.price_exponent, i.quantity_exponent};
}

void take_price(const instrument& i, std::string_view text, int64_t& out, normalizer::result& r) {
  take(text, i.price_exponent, out, &normalizer::result::price_exponent, r);
}

void take_quantity(const instrument& i, std::string_view text, int64_t& out, normalizer::result& r) {
  take(text, i.quantity_exponent, out, &normalizer::result::quantity_exponent, r);
}

/// Instead of an exponent: the figure has a scale of its own.
constexpr int own_scale = 1;

int64_t step_of(std::string_view text, int8_t exponent) {
  const scaled s = parse_scaled(text, exponent);
  return s.fault == decimal_fault::none && s.mantissa > 0 ? s.mantissa : TP_NONE;
}

} // namespace

uint64_t normalizer::to_ns(uint64_t venue_time) {
  // Milliseconds have 13 digits, microseconds 16 (venue document, E, "microsecond option").
  constexpr uint64_t least_microseconds = 100'000'000'000'000;
  constexpr uint64_t most = UINT64_MAX / 1'000;
  if (venue_time == 0 || venue_time > most) return 0;
  const bool micro = venue_time >= least_microseconds;
  if (micro != (unit_ == time_unit::microseconds)) counts_->add(counter::time_unit_mismatch);
  return venue_time * (micro ? 1'000 : 1'000'000);
}

tp_event* normalizer::levels(tp_event* at, const instrument& i, std::span<const level_text> list, const tp_event& form,
                             result& r) {
  for (const level_text& level : list) {
    *at = form;
    take_price(i, level.price, at->price, r);
    take_quantity(i, level.quantity, at->quantity, r);
    ++at;
  }
  return at;
}

normalizer::result normalizer::diff(const instrument& i, const depth_update& d, const message& m) {
  const size_t count = m.bids.size() + m.asks.size();
  result r = clean(i);
  if (count == 0) return r;
  tp_event form{TP_EV_LEVEL, 0, TP_BID, i.number, 0, 0, 0, d.first, 0, d.last, to_ns(d.event_time)};
  tp_event* const begin = out_->stage(i.number, count);
  tp_event* const asks = levels(begin, i, m.bids, form, r);
  form.flags = TP_ASK;
  tp_event* const end = levels(asks, i, m.asks, form, r);
  if (r.what != fault::none) return r;
  end[-1].flags |= TP_END;
  out_->commit(count);
  return r;
}

normalizer::result normalizer::picture(const instrument& i, uint64_t last_update_id, const message& m) {
  const size_t count = m.bids.size() + m.asks.size() + 2;
  result r = clean(i);
  tp_event form{TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT_PICTURE, TP_SNAPSHOT, i.number, 0, 0, 0, 0, 0, last_update_id, 0};
  tp_event* at = out_->stage(i.number, count);
  *at++ = form;
  form.kind = TP_EV_LEVEL;
  form.detail = 0;
  form.flags = TP_SNAPSHOT | TP_BID;
  at = levels(at, i, m.bids, form, r);
  form.flags = TP_SNAPSHOT | TP_ASK;
  at = levels(at, i, m.asks, form, r);
  form.kind = TP_EV_SNAPSHOT_END;
  form.flags = TP_SNAPSHOT | TP_END;
  *at = form;
  if (r.what == fault::none) out_->commit(count);
  return r;
}

normalizer::result normalizer::quote(const instrument& i, const book_ticker& q) {
  result r = clean(i);
  int64_t bid = 0, bid_quantity = 0, ask = 0, ask_quantity = 0;
  take_price(i, q.bid, bid, r);
  take_quantity(i, q.bid_quantity, bid_quantity, r);
  take_price(i, q.ask, ask, r);
  take_quantity(i, q.ask_quantity, ask_quantity, r);
  if (r.what != fault::none) return r;
  // An empty side has the price zero.
  if (bid == 0) bid = TP_NONE;
  if (ask == 0) ask = TP_NONE;
  *out_->stage(i.number, 1) = {TP_EV_QUOTE,
                               0,
                               TP_END,
                               i.number,
                               static_cast<uint64_t>(ask),
                               bid,
                               bid_quantity,
                               static_cast<uint64_t>(ask_quantity),
                               0,
                               q.update,
                               to_ns(q.event_time)};
  out_->commit(1);
  return r;
}

normalizer::result normalizer::one_trade(const instrument& i, std::string_view price, std::string_view quantity,
                                         bool buyer_is_maker, tp_event form) {
  result r = clean(i);
  form.kind = TP_EV_TRADE;
  form.instrument = i.number;
  // m = true: the buyer's order was in the book, so the aggressor sells (venue document, B4).
  form.flags = static_cast<uint16_t>(form.flags | TP_END | (buyer_is_maker ? TP_ASK : TP_BID));
  take_price(i, price, form.price, r);
  take_quantity(i, quantity, form.quantity, r);
  if (r.what == fault::none && (form.price == 0 || form.quantity == 0)) r.what = fault::malformed;
  if (r.what != fault::none) return r;
  *out_->stage(i.number, 1) = form;
  out_->commit(1);
  return r;
}

normalizer::result normalizer::print(const instrument& i, const trade& t) {
  // No sequence: trade ids are not of the number space of the channel, which is that of the depth ids.
  const uint16_t print = t.of_the_market ? TP_PRINT : 0;
  return one_trade(i, t.price, t.quantity, t.buyer_is_maker, {0, 0, print, 0, 0, 0, 0, t.id, 0, 0, to_ns(t.time)});
}

normalizer::result normalizer::print(const instrument& i, const agg_trade& t) {
  return one_trade(i, t.price, t.quantity, t.buyer_is_maker,
                   {0, 0, TP_PRINT, 0, std::max(t.first, t.last), 0, 0, t.first, 0, 0, to_ns(t.time)});
}

normalizer::result normalizer::block(const instrument& i, const trade& t) {
  return one_trade(i, t.price, t.quantity, t.buyer_is_maker,
                   {0, 0, 0, 0, 0, 0, 0, t.id, TP_COND_BLOCK, 0, to_ns(t.time)});
}

void normalizer::value(const instrument& i, uint8_t key, std::string_view text, bool is_price, int exponent,
                       uint64_t ns) {
  if (text.empty()) return;
  tp_event e{TP_EV_VALUE, key, TP_END, i.number, 0, TP_NONE, TP_NONE, 0, 0, 0, ns};
  scaled s{0, decimal_fault::overflow, 0};
  if (exponent != own_scale) s = parse_scaled(text, exponent);
  // Figures of a day need not fit the scale of single orders: they carry their own then.
  if (s.fault != decimal_fault::none) {
    const auto exact = parse_exact(text);
    if (!exact) {
      counts_->add(counter::values_overflow);
      return;
    }
    s = *exact;
    e.flags |= TP_OWN_SCALE;
    e.extra = static_cast<uint8_t>(s.exponent);
  }
  if (is_price && s.mantissa == 0) return; // no trade in the window
  (is_price ? e.price : e.quantity) = s.mantissa;
  *out_->stage(i.number, 1) = e;
  out_->commit(1);
}

void normalizer::statistics(const instrument& i, const message& m) {
  const uint64_t ns = to_ns(parse_id(m['E']).value_or(0));
  value(i, TP_VAL_OPEN, m['o'], true, i.price_exponent, ns);
  value(i, TP_VAL_HIGH, m['h'], true, i.price_exponent, ns);
  value(i, TP_VAL_LOW, m['l'], true, i.price_exponent, ns);
  value(i, TP_VAL_VOLUME, m['v'], false, i.quantity_exponent, ns);
  value(i, TP_VAL_TURNOVER, m['q'], false, own_scale, ns);
  if (m.kind != message_kind::ticker) return;
  value(i, TP_VAL_PREVIOUS_CLOSE, m['x'], true, i.price_exponent, ns);
  value(i, TP_VAL_TRADES, m['n'], false, own_scale, ns);
}

/// A figure that has no key of ours; it may be negative.
void normalizer::named(const instrument& i, uint32_t& handle, std::string_view name, std::string_view text,
                       uint64_t ns) {
  if (text.empty()) return;
  const bool minus = text.front() == '-';
  const auto exact = parse_exact(text.substr(minus ? 1 : 0));
  if (!exact) return counts_->add(counter::values_overflow);
  if (handle == 0) handle = out_->host().text(name);
  // Scale and time share one word; a figure that fits the instrument's scale keeps its time.
  tp_event e{TP_EV_VALUE, TP_VAL_OTHER, TP_END, i.number, 0, exact->mantissa, TP_NONE, handle, ns, 0, ns};
  const scaled common = minus ? scaled{0, decimal_fault::overflow, 0} : parse_scaled(text, i.price_exponent);
  if (common.fault == decimal_fault::none) {
    e.price = common.mantissa;
  } else {
    e.flags |= TP_OWN_SCALE;
    e.extra = static_cast<uint8_t>(exact->exponent);
    if (minus) e.price = -e.price;
  }
  *out_->stage(i.number, 1) = e;
  out_->commit(1);
}

void normalizer::marks(const instrument& i, const message& m) {
  const uint64_t ns = to_ns(parse_id(m['E']).value_or(0));
  named(i, mark_, "mark price", m['p'], ns);
  named(i, index_, "index price", m['i'], ns);
  named(i, funding_, "funding rate", m['r'], ns);
}

void normalizer::status(const instrument& i) {
  *out_->stage(i.number, 1) = {
    TP_EV_STATUS, i.state, TP_END, i.number, 0, TP_NONE, TP_NONE, out_->host().text(i.status), 0, 0, 0};
  out_->commit(1);
}

tp_instrument normalizer::definition(const instrument& i) const {
  using sdk::to_tp;
  tp_instrument d{};
  d.struct_size = sizeof(tp_instrument);
  d.number = d.channel = i.number;
  d.parent = TP_ALL;
  d.book = TP_BOOK_LEVELS;
  d.price_exponent = i.price_exponent;
  d.quantity_exponent = i.quantity_exponent;
  d.partial_depth = i.partial_depth;
  d.price_step = step_of(i.tick, i.price_exponent);
  d.quantity_step = step_of(i.step, i.quantity_exponent);
  d.lot = d.previous_close = TP_NONE;
  d.symbol = d.venue_code = to_tp(i.symbol);
  d.name = to_tp(i.base);
  d.currency = to_tp(i.quote);
  d.security_type = to_tp(i.type.empty() ? facts_of(product_).security_type : std::string_view{i.type});
  return d;
}

} // namespace tickplant::binance
