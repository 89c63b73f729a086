#include "runtime/fanout/printer.hpp"

namespace tickplant::fanout {

namespace {

__extension__ using wide = __int128;

bool fits(wide value) {
  return value > INT64_MIN && value <= INT64_MAX;
}

// Rounds half away from zero, as people do when they check a percentage by hand.
int64_t percent_of(int64_t change, int64_t base, int scale_digits) {
  if (base == 0) return TP_NONE;
  wide numerator = static_cast<wide>(change) * 1'000'000; // percent with exponent -4
  wide denominator = base;
  for (int i = 0; i < scale_digits; ++i) denominator *= 10;
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  const wide half = denominator / 2;
  const wide rounded = (numerator + (numerator < 0 ? -half : half)) / denominator;
  return fits(rounded) ? static_cast<int64_t>(rounded) : TP_NONE;
}

void set_price(tp_element& e) {
  e.shown_exponent = e.price_exponent;
  e.price = e.last_price;
  if (e.price == TP_NONE && e.bid != TP_NONE && e.ask != TP_NONE) {
    const wide sum = static_cast<wide>(e.bid) + e.ask;
    if (sum % 2 == 0) {
      e.price = static_cast<int64_t>(sum / 2);
    } else if (fits(sum * 5)) {
      e.price = static_cast<int64_t>(sum * 5);
      e.shown_exponent = static_cast<int8_t>(e.price_exponent - 1);
    }
  }
}

void set_change(tp_element& e) {
  e.change = e.change_percent = TP_NONE;
  const int64_t base = e.previous_close != TP_NONE ? e.previous_close : e.open;
  if (e.price == TP_NONE || base == TP_NONE) return;
  const int finer = e.price_exponent - e.shown_exponent;
  const wide scaled = static_cast<wide>(base) * (finer == 1 ? 10 : 1);
  const wide change = static_cast<wide>(e.price) - scaled;
  if (!fits(change)) return;
  e.change = static_cast<int64_t>(change);
  e.change_percent = percent_of(e.change, base, finer);
}

tp_str to_tp(const std::string& text) {
  return {text.data(), text.size()};
}

void set_legs(tp_element& e, const book::consolidated_part& from, std::vector<tp_leg>& to) {
  to.clear();
  for (const auto& leg : from.legs) {
    auto& made = to.emplace_back();
    made.venue = to_tp(leg.instrument->venue);
    made.symbol = to_tp(leg.instrument->symbol);
    made.bid = leg.bid;
    made.ask = leg.ask;
    made.bid_quantity = leg.bid_quantity;
    made.ask_quantity = leg.ask_quantity;
    made.status = leg.status;
    made.state = leg.trading_state;
    made.reason = to_tp(leg.reason);
  }
  e.legs = to.data();
  e.leg_count = static_cast<uint32_t>(to.size());
  e.bid_leg = from.bid_leg;
  e.ask_leg = from.ask_leg;
  e.bid_total = from.bid_total;
  e.ask_total = from.ask_total;
}

} // namespace

tp_element to_element(const book::publication& state, uint64_t tick_ns, std::vector<tp_leg>* legs) {
  const auto& instrument = *state.instrument;
  tp_element e{};
  e.struct_size = sizeof e;
  e.state = state.trading_state;
  e.stale = state.state == book::trust::ok ? 0 : 1;
  e.price_exponent = instrument.price_exponent;
  e.quantity_exponent = instrument.quantity_exponent;
  e.symbol = to_tp(instrument.symbol);
  e.venue = to_tp(instrument.venue);
  e.bid = state.bid;
  e.ask = state.ask;
  e.bid_quantity = state.bid_quantity;
  e.ask_quantity = state.ask_quantity;
  e.open = state.day.open;
  e.high = state.day.high;
  e.low = state.day.low;
  e.previous_close = state.day.previous_close != TP_NONE ? state.day.previous_close : state.day.open;
  e.last_price = state.day.last.price;
  e.last_quantity = state.day.last.quantity;
  e.last_ns = state.day.last.venue_ns;
  e.last_aggressor = state.day.last.aggressor;
  e.volume = state.day.volume;
  e.trades = state.day.trades;
  e.bids = state.bids.data();
  e.asks = state.asks.data();
  e.bid_count = static_cast<uint32_t>(state.bids.size());
  e.ask_count = static_cast<uint32_t>(state.asks.size());
  e.venue_ns = state.venue_ns != 0 ? state.venue_ns : state.receive_ns; // not every venue message has a time
  e.epoch = state.epoch;
  e.sequence = state.sequence;
  e.tick_ns = tick_ns;
  set_price(e);
  set_change(e);
  e.bid_leg = e.ask_leg = TP_NO_LEG;
  e.bid_total = e.ask_total = TP_NONE;
  if (legs && !state.consolidated.legs.empty()) set_legs(e, state.consolidated, *legs);
  return e;
}

tp_signal to_signal(const book::signal& signal) {
  tp_signal s{};
  s.struct_size = sizeof s;
  s.phase = static_cast<uint32_t>(signal.what);
  s.key = to_tp(signal.key);
  s.symbol = to_tp(signal.instrument->symbol);
  s.venue = to_tp(signal.instrument->venue);
  s.buy_venue = to_tp(signal.buy_at->venue);
  s.buy_symbol = to_tp(signal.buy_at->symbol);
  s.sell_venue = to_tp(signal.sell_at->venue);
  s.sell_symbol = to_tp(signal.sell_at->symbol);
  s.is_locked = signal.is_locked ? 1 : 0;
  s.price_exponent = signal.instrument->price_exponent;
  s.quantity_exponent = signal.instrument->quantity_exponent;
  s.net_exponent = static_cast<int8_t>(s.price_exponent - 8);
  s.buy_price = signal.buy_price;
  s.sell_price = signal.sell_price;
  s.quantity = signal.quantity;
  s.edge = signal.edge;
  s.net_edge = signal.net_edge;
  s.edge_bps = signal.edge_bps;
  s.net_edge_bps = signal.net_edge_bps;
  s.sequence = signal.number;
  s.start_ns = signal.start_ns;
  s.wall_ns = signal.wall_ns;
  s.duration_ns = signal.duration_ns;
  s.reason = to_tp(signal.reason);
  return s;
}

} // namespace tickplant::fanout
