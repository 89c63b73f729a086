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

} // namespace

tp_element to_element(const book::publication& state, uint64_t tick_ns) {
  const auto& instrument = *state.instrument;
  tp_element e{};
  e.struct_size = sizeof e;
  e.state = state.trading_state;
  e.stale = state.state == book::trust::ok ? 0 : 1;
  e.price_exponent = instrument.price_exponent;
  e.quantity_exponent = instrument.quantity_exponent;
  e.symbol = {instrument.symbol.data(), instrument.symbol.size()};
  e.venue = {instrument.venue.data(), instrument.venue.size()};
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
  return e;
}

} // namespace tickplant::fanout
