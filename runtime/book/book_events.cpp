#include "runtime/book/book_events.hpp"

#include "runtime/model/decimal.hpp"

namespace tickplant::book {
namespace {

// Breaks and corrections of trades that are not known any more go on the tape all the same: a client may know them.
outcome break_trade(event_context& at, book_state& b, const tp_event& e) {
  if (e.ref != 0) b.print(e, TP_TRADE_BREAK, TP_NONE, TP_NONE, TP_AGGRESSOR_UNKNOWN);
  trade_table::entry* trade = at.trades.find(b.number, b.day.number, e.ref);
  if (trade == nullptr) {
    ++at.counters.unknown_trades;
    return outcome::nothing;
  }
  b.day.take_back(trade->quantity);
  at.trades.forget(*trade); // a broken trade never comes back
  return outcome::changed;
}

outcome correct_trade(event_context& at, book_state& b, const tp_event& e) {
  if (e.quantity < 0) return refuse(at, refusal::bad_quantity);
  const bool has_price = (e.flags & TP_PRICE) != 0;
  if (has_price && !is_price(e.price)) return refuse(at, refusal::bad_price);
  if (e.ref != 0) b.print(e, TP_TRADE_CORRECT, has_price ? e.price : TP_NONE, e.quantity, TP_AGGRESSOR_UNKNOWN);
  trade_table::entry* trade = at.trades.find(b.number, b.day.number, e.ref);
  if (trade == nullptr) {
    ++at.counters.unknown_trades;
    return outcome::nothing;
  }
  b.day.correct(e.ref, trade->quantity, e.quantity, has_price ? e.price : TP_NONE);
  trade->quantity = e.quantity;
  return outcome::changed;
}

outcome take_quote(event_context& at, book_state& b, const tp_event& e) {
  // A late quote goes by its number, never by time.
  if (b.quote.is_given && e.sequence != 0 && e.sequence < b.quote.sequence) return outcome::nothing;
  const auto given = [](int64_t price, int64_t quantity) {
    return is_price(price) && quantity >= 0 ? quantity : TP_NONE;
  };
  const auto ask = static_cast<int64_t>(e.order), ask_quantity = static_cast<int64_t>(e.ref);
  venue_quote quote;
  quote.bid = is_price(e.price) ? e.price : TP_NONE;
  quote.ask = is_price(ask) ? ask : TP_NONE;
  quote.bid_quantity = given(e.price, e.quantity);
  quote.ask_quantity = given(ask, ask_quantity);
  // A side outside of its band is as if not given. The old one must not stand in for it.
  const auto judge = [&](int64_t& price, int64_t& quantity) {
    if (price == TP_NONE || b.day.band.admits(price)) return;
    refuse(at, refusal::outside_band);
    price = quantity = TP_NONE;
  };
  judge(quote.bid, quote.bid_quantity);
  judge(quote.ask, quote.ask_quantity);
  quote.sequence = e.sequence;
  quote.venue_ns = e.venue_ns;
  quote.is_given = true;
  const bool is_same = b.quote.is_given && quote.bid == b.quote.bid && quote.ask == b.quote.ask &&
                       quote.bid_quantity == b.quote.bid_quantity && quote.ask_quantity == b.quote.ask_quantity;
  b.quote = quote;
  return is_same ? outcome::nothing : outcome::changed;
}

outcome take_status(book_state& b, const tp_event& e) {
  const uint8_t state = e.detail <= TP_STATE_NO_DEPTH ? e.detail : uint8_t{TP_STATE_UNKNOWN};
  const bool is_same = b.trading_state == state;
  b.trading_state = state;
  return is_same ? outcome::nothing : outcome::changed;
}

outcome take_phase(book_state& b, const tp_event& e) {
  if (e.detail != TP_PHASE_DAY_START) return outcome::nothing; // told to clients by the trading states
  b.day.begin_day();
  return outcome::changed;
}

outcome take_value(event_context& at, book_state& b, const tp_event& e) {
  const auto set = [&](auto&& assign) {
    if (e.flags & TP_UNSET) {
      assign(TP_NONE);
      return outcome::changed;
    }
    int64_t price = e.price;
    if ((e.flags & TP_OWN_SCALE) && price != TP_NONE) {
      const auto scaled = model::rescale(price, static_cast<int8_t>(e.extra & 0xFF), b.instrument->price_exponent);
      if (!scaled) return refuse(at, refusal::bad_price);
      price = *scaled;
    }
    if (!is_price(price)) return refuse(at, refusal::bad_price);
    assign(price);
    return outcome::changed;
  };
  statistics& shown = b.day.shown;
  switch (e.detail) {
    case TP_VAL_OPEN: return set([&](int64_t price) { b.day.set_open(price); });
    case TP_VAL_HIGH: return set([&](int64_t price) { shown.high = price; });
    case TP_VAL_LOW: return set([&](int64_t price) { shown.low = price; });
    case TP_VAL_CLOSE: return set([&](int64_t price) { shown.close = price; });
    case TP_VAL_PREVIOUS_CLOSE:
      return set([&](int64_t price) {
        shown.previous_close = price;
        if (b.day.band.reference() == TP_NONE) b.day.band.move(price);
      });
    default:
      // VOLUME and TRADES may come from a rolling window (venues/binance.md C4) and never touch our own sums; the other
      // keys are no part of a publication.
      return outcome::nothing;
  }
}

} // namespace

outcome take_rare(event_context& at, book_state& b, const tp_event& e) {
  switch (e.kind) {
    case TP_EV_MODIFY: return modify_order(at, b, e);
    case TP_EV_BREAK: return break_trade(at, b, e);
    case TP_EV_CORRECT: return correct_trade(at, b, e);
    case TP_EV_QUOTE: return take_quote(at, b, e);
    case TP_EV_STATUS: return take_status(b, e);
    case TP_EV_PHASE: return take_phase(b, e);
    case TP_EV_VALUE: return take_value(at, b, e);
    case TP_EV_IMBALANCE: return outcome::nothing; // no part of a publication
    default: return refuse(at, refusal::unknown_kind);
  }
}

void drop_levels(book_state& b, order_store* store, book_memory& memory) {
  const auto drop = [&](uint32_t slot) {
    if (store != nullptr)
      for (uint32_t o = memory.levels[slot].head; o != 0;) {
        const uint32_t next = memory.orders[o].next;
        store->index.erase(memory.orders[o].ref);
        memory.orders.give(o);
        o = next;
      }
    memory.levels.give(slot);
    return true;
  };
  for (ladder& side : b.sides) {
    side.walk(drop);
    side.clear(memory);
  }
  for (uint32_t& slot : b.unpriced) {
    if (slot != 0) drop(slot);
    slot = 0;
  }
}

} // namespace tickplant::book
