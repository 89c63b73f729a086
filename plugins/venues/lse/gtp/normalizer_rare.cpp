// Directory, states, trades and statistics: a small part of the flow, so clarity goes before speed.
#include "normalizer.hpp"

#include "../phases.hpp"

namespace tickplant::lse::gtp {

namespace {

// Letters that MITCH does not have, or means otherwise (notes G2).
uint8_t gtp_state_of(char status) {
  switch (status) {
    case 'J': // partition
    case 'K': // system
    case 'P': // regulatory
    case '2': // suspended
      return TP_STATE_HALTED;
    case '1': return TP_STATE_CLOSED; // inactive
    case 'l': return TP_STATE_UNKNOWN;
    default: return state_of(status);
  }
}

int64_t given(int64_t price) {
  return price == 0 ? TP_NONE : price;
}

int64_t given_size(uint64_t size) {
  return size == 0 || size > INT64_MAX ? TP_NONE : static_cast<int64_t>(size);
}

enum : uint8_t {
  regular,
  auction_bulk,
  auction_individual,
  on_book_cancel = 9,
  correction = 11,
  rfq = 22,
  rfq_cancel,
  rfq_correction
};

} // namespace

void normalizer::decode_rare(const message_call& c) {
  const uint8_t* m = c.data;
  switch (type_of(m)) {
    case 'S':
      if (c.sequence == 0) return; // of no use without its place in the flow
      return day_event(c, m[11]);
    case 'p': return directory_message(c);
    case 'H': return status_message(c);
    case 'y': {
      const auto kind = kind_of(clear::book(m));
      if (!kind) return;
      if (auto* of = known(clear::instrument(m))) clear_book(c, *of, *kind);
      return;
    }
    case 'P': return trade_message(c);
    case 'w': return statistics_message(c);
    case 'j': return update_message(c);
    default: return;
  }
}

void normalizer::directory_message(const message_call& c) {
  const uint8_t* m = c.data;
  directory_entry entry;
  entry.id = instrument_id(m);
  entry.fingerprint = fingerprint_of(m + 19, 122);
  entry.isin = directory::isin(m);
  entry.currency = directory::currency(m);
  entry.segment = directory::segment(m);
  define(c, entry);
}

void normalizer::status_message(const message_call& c) {
  const uint8_t* m = c.data;
  const auto kind = kind_of(instrument_status::book(m));
  if (!kind) return; // off-book trade reporting
  auto* of = known(instrument_id(m));
  if (of == nullptr) return;
  const char status = instrument_status::status(m);
  if (gtp_state_of(status) == TP_STATE_UNKNOWN) note_unknown_value();
  const uint32_t number = of->emits[static_cast<size_t>(*kind)];
  if (!is_number(number)) return; // there are no quotes whose state it could be
  if (*kind == book_kind::orders) of->status = status;
  uint64_t next_ns = time_of_day_ns(instrument_status::new_end(m), 2);
  if (next_ns != 0) next_ns = clock_.time_of(next_ns, c.context.now_ns);
  emit_status(c, number, status, next_ns);
}

void normalizer::emit_status(const message_call& c, uint32_t number, char status, uint64_t next_ns) {
  const uint32_t text = letter(static_cast<uint8_t>(status));
  tp_event& e = push(c, TP_EV_STATUS, gtp_state_of(status), TP_END, number);
  e.ref = text;
  e.extra = next_ns;
}

void normalizer::closing_status(instrument& of, char status, const decode_context& context) {
  if (!is_number(of.emits[0])) return;
  of.status = status;
  const message_call c{nullptr, 0, context.now_ns, static_cast<uint16_t>(context.flags | TP_TIME_GUESSED), context};
  emit_status(c, of.emits[0], status, 0);
}

// Notes G3: bulk and individual trades of an auction are the same shares. Of one auction, told by its price within a
// minute, the kind that came first counts.
bool normalizer::is_counted(instrument& of, const message_call& c) {
  const uint8_t kind = trade::type(c.data);
  if (kind != auction_bulk && kind != auction_individual) return true;
  constexpr uint64_t minute = 60'000'000'000;
  const uint64_t distance = c.venue_ns > of.auction_ns ? c.venue_ns - of.auction_ns : of.auction_ns - c.venue_ns;
  const bool is_same = of.auction_kind != 0 && of.auction_price == trade::price(c.data) && distance < minute;
  if (!is_same) {
    of.auction_kind = kind;
    of.auction_price = trade::price(c.data);
    of.auction_ns = c.venue_ns;
  }
  return of.auction_kind == kind;
}

void normalizer::trade_message(message_call c) {
  const uint8_t* m = c.data;
  auto* of = known(trade::instrument(m));
  if (of == nullptr) return;
  const uint32_t number = of->emits[0];
  if (!is_number(number)) return;
  if (trade::size(m) > INT64_MAX) return counters_.add(malformed);
  c.venue_ns = trade::transaction(m);
  const uint8_t type = trade::type(m), bits = trade::flags(m);
  uint64_t conditions = 0;
  uint8_t kind = TP_EV_TRADE;
  switch (type) {
    case regular: break;
    case auction_bulk: conditions = conditions_of_auction(trade::auction(m)); break;
    case auction_individual: conditions = TP_COND_AUCTION; break;
    case on_book_cancel: kind = TP_EV_BREAK; break;
    case correction: kind = TP_EV_CORRECT; break;
    case rfq: conditions = TP_COND_RFQ; break;
    case rfq_cancel:
      kind = TP_EV_BREAK;
      conditions = TP_COND_RFQ;
      break;
    case rfq_correction:
      kind = TP_EV_CORRECT;
      conditions = TP_COND_RFQ;
      break;
    default: note_unknown_value();
  }
  if (bits & bit_corrected) kind = TP_EV_CORRECT;
  if (bits & bit_cancelled) kind = TP_EV_BREAK;
  if (trade::hidden(m) == 2) conditions |= TP_COND_HIDDEN;
  if (trade::qualifier(m) == 'C') conditions |= TP_COND_CROSS;
  const bool counts = kind == TP_EV_TRADE && is_counted(*of, c);
  tp_event& e = push(c, kind, 0, static_cast<uint16_t>(TP_END | (kind == TP_EV_BREAK ? 0 : +TP_PRICE)), number);
  if (counts) e.flags |= TP_PRINT;
  e.ref = trade::id(m);
  if (kind == TP_EV_BREAK) return;
  e.price = trade::price(m);
  e.quantity = static_cast<int64_t>(trade::size(m));
  e.extra = conditions;
}

// Four decimals here; prices and sizes of the instrument have eight.
void normalizer::statistics_message(const message_call& c) {
  const uint8_t* m = c.data;
  auto* of = known(instrument_id(m));
  if (of == nullptr || !is_number(of->emits[0])) return;
  constexpr uint64_t most = INT64_MAX / 10'000;
  constexpr uint64_t four_decimals = static_cast<uint8_t>(int8_t{-4});
  const uint64_t volume = statistics::volume(m);
  push_value(c, of->emits[0], TP_VAL_VOLUME, TP_NONE, volume > most ? TP_NONE : static_cast<int64_t>(volume * 10'000),
             0);
  push_value(c, of->emits[0], TP_VAL_TRADES, TP_NONE, statistics::trades(m), 0);
  push_value(c, of->emits[0], TP_VAL_VWAP, given(statistics::vwap(m)), TP_NONE, 0, TP_OWN_SCALE).extra = four_decimals;
  push_value(c, of->emits[0], TP_VAL_TURNOVER, statistics::turnover(m), TP_NONE, 0, TP_OWN_SCALE | TP_END).extra =
    four_decimals;
}

void normalizer::update_message(const message_call& c) {
  const uint8_t* m = c.data;
  auto* of = known(instrument_id(m));
  if (of == nullptr || !is_number(of->emits[0])) return;
  const uint32_t number = of->emits[0];
  const int64_t price = statistics_update::price(m);
  enum : uint16_t {
    indicative = 1,
    open,
    close,
    book_high,
    book_low,
    high,
    low,
    year_high,
    year_low,
    closing_bid,
    closing_ask,
    static_reference = 16,
    dynamic_reference
  };
  uint8_t key = TP_VAL_OTHER;
  std::string_view name;
  switch (statistics_update::kind(m)) {
    case indicative: {
      const uint8_t side = statistics_update::imbalance_side(m);
      const auto flags = static_cast<uint16_t>(TP_END | (side == 'B' ? +TP_BID : side == 'S' ? +TP_ASK : 0));
      tp_event& e = push(c, TP_EV_IMBALANCE, auction_of(statistics_update::auction(m)), flags, number);
      e.order = static_cast<uint64_t>(given_size(statistics_update::imbalance(m)));
      e.quantity = statistics_update::size(m) > INT64_MAX ? TP_NONE : static_cast<int64_t>(statistics_update::size(m));
      e.ref = static_cast<uint64_t>(given(price));
      e.extra = static_cast<uint64_t>(TP_NONE);
      return;
    }
    case open: key = TP_VAL_OPEN; break;
    case close: key = TP_VAL_CLOSE; break;
    case book_high: key = TP_VAL_HIGH; break;
    case book_low: key = TP_VAL_LOW; break;
    case high: name = "high with off-book"; break;
    case low: name = "low with off-book"; break;
    case year_high: name = "52 week high"; break;
    case year_low: name = "52 week low"; break;
    case closing_bid: name = "best closing bid"; break;
    case closing_ask: name = "best closing ask"; break;
    case static_reference: key = TP_VAL_REFERENCE; break;
    case dynamic_reference: name = "dynamic reference"; break;
    default: return note_unknown_value();
  }
  const uint32_t text = !name.empty() ? host_.text(name) : letter(statistics_update::origin(m));
  const bool is_cleared = price < 0;
  push_value(c, number, key, is_cleared ? TP_NONE : price, TP_NONE, text,
             static_cast<uint16_t>(is_cleared ? +TP_UNSET | +TP_END : +TP_END));
}

} // namespace tickplant::lse::gtp
