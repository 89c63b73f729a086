// Directory, states, auctions and prints without an order: a small part of the flow, so clarity goes before speed.
#include "normalizer.hpp"

#include "../phases.hpp"

namespace tickplant::lse::mitch {

namespace {

constexpr char level_1_only = 'G';

uint8_t mitch_state_of(char status) {
  return status == level_1_only ? +TP_STATE_NO_DEPTH : state_of(status);
}

// A price of zero is none: sent while there is nothing to tell.
int64_t given(int64_t price) {
  return price == 0 ? TP_NONE : price;
}

} // namespace

void normalizer::decode_rare(const message_call& c, channel_time& time) {
  const uint8_t* m = c.data;
  switch (type_of(m)) {
    case 'T':
      if (sdk::le32(m + 2) >= 2 * 86'400) return note_unknown_value(); // no time of any day
      return time.set(sdk::le32(m + 2), c.context.now_ns);
    case 'S':
      if (c.is_snapshot() && c.sequence == 0) return; // of no use without its place in the flow
      return day_event(c, m[6]);
    case 'R': return directory_message(c);
    case 'H': return status_message(c, time);
    case 'y': {
      if (auto* of = known(instrument_id(m)))
        clear_book(c, *of,
                   m[12] & bit_rfq          ? book_kind::requests
                   : m[12] & bit_firm_quote ? book_kind::firm_quotes
                                            : book_kind::orders);
      return;
    }
    case 'P':
    case 'Q': return trade_message(c);
    case 'I': return auction_info_message(c);
    case 'w': return statistics_message(c);
    case 'q': return top_message(c);
    default: return; // counted only
  }
}

void normalizer::directory_message(const message_call& c) {
  const uint8_t* m = c.data;
  directory_entry entry;
  entry.id = instrument_id(m);
  entry.fingerprint = fingerprint_of(m + 12, 53);
  entry.isin = directory::isin(m);
  entry.currency = directory::currency(m);
  entry.segment = directory::segment(m);
  entry.previous_close = directory::previous_close(m) > 0 ? directory::previous_close(m) : TP_NONE;
  define(c, entry);
  const char status = directory::status(m);
  if (status == ' ' || status == 0) return;
  auto* of = symbols_.find(entry.id);
  if (of == nullptr) return;
  const uint32_t number = number_of(*of, book_kind::orders, c);
  if (!is_number(number)) return;
  uint8_t state = TP_STATE_UNKNOWN;
  switch (status) {
    case 'H':
    case 'S': state = TP_STATE_HALTED; break; // halted, suspended
    case 'a': state = TP_STATE_CLOSED; break; // inactive
    default: note_unknown_value();
  }
  const uint32_t text = letter(static_cast<uint8_t>(status));
  push(c, TP_EV_STATUS, state, TP_END, number).ref = text;
}

// Only the on-book status says whether orders match: T on the off-book side is the start of trade reporting.
void normalizer::status_message(const message_call& c, channel_time& time) {
  const uint8_t* m = c.data;
  const uint8_t book_type = symbol_status::book_type(m);
  if (book_type == 2 || book_type == 3) return;
  auto* of = known(instrument_id(m));
  if (of == nullptr) return;
  const bool is_quote = (symbol_status::flags(m) & bit_firm_quote) != 0;
  const char status = symbol_status::status(m);
  if (mitch_state_of(status) == TP_STATE_UNKNOWN) note_unknown_value();
  if (!is_quote) of->status = status;
  const uint32_t number = is_quote ? of->emits[static_cast<size_t>(book_kind::firm_quotes)] : of->emits[0];
  if (!is_number(number)) return; // there are no quotes whose state it could be
  uint64_t next_ns = 0;
  if (const auto end = symbol_status::new_end(m); end.size() == 8)
    if (const uint64_t since_midnight = time_of_day_ns(end.data(), 3); since_midnight != 0)
      next_ns = time.clock.time_of(since_midnight, c.context.now_ns);
  emit_status(c, number, status, symbol_status::reason(m), next_ns);
}

void normalizer::emit_status(const message_call& c, uint32_t number, char status, std::string_view reason,
                             uint64_t next_ns) {
  const uint32_t text = status == 'H' && !reason.empty() ? host_.text(reason) : letter(static_cast<uint8_t>(status));
  tp_event& e = push(c, TP_EV_STATUS, mitch_state_of(status), TP_END, number);
  e.ref = text;
  e.extra = next_ns;
}

// P: an execution that touches no displayed order. Q: the whole uncrossing, whose order messages do not print.
void normalizer::trade_message(const message_call& c) {
  const uint8_t* m = c.data;
  auto* of = known(trade::instrument(m));
  if (of == nullptr) return;
  const uint32_t number = number_of(*of, book_kind::orders, c);
  if (!is_number(number)) return;
  uint64_t conditions = 0;
  if (type_of(m) == 'Q') {
    conditions = conditions_of_auction(trade::auction(m));
    if (auction_of(trade::auction(m)) == TP_AUCTION_UNKNOWN) note_unknown_value();
  } else {
    switch (trade::cross_type(m)) {
      case 0: break;
      case 5:
      case 7: conditions |= TP_COND_CROSS; break;
      case 6:
      case 8: conditions |= TP_COND_BLOCK; break;
      default: note_unknown_value();
    }
    switch (trade::sub_book(m)) {
      case 0: break;
      case 11: conditions |= TP_COND_RFQ; break;
      default: note_unknown_value();
    }
    if (conditions == 0) conditions = TP_COND_HIDDEN;
  }
  const uint8_t bits = trade::flags(m);
  const uint8_t kind = bits & bit_cancelled ? +TP_EV_BREAK : bits & bit_amended ? +TP_EV_CORRECT : +TP_EV_TRADE;
  const auto flags = static_cast<uint16_t>(kind == TP_EV_TRADE     ? +TP_PRINT | +TP_PRICE | +TP_END
                                           : kind == TP_EV_CORRECT ? +TP_PRICE | +TP_END
                                                                   : +TP_END);
  tp_event& e = push(c, kind, 0, flags, number);
  e.ref = trade::match(m);
  if (kind == TP_EV_BREAK) return;
  e.price = trade::price(m);
  e.quantity = trade::quantity(m);
  e.extra = conditions;
}

void normalizer::auction_info_message(const message_call& c) {
  const uint8_t* m = c.data;
  auto* of = known(auction_info::instrument(m));
  if (of == nullptr) return;
  const uint32_t number = number_of(*of, book_kind::orders, c);
  if (!is_number(number)) return;
  const uint8_t auction = auction_of(auction_info::auction(m));
  if (auction == TP_AUCTION_UNKNOWN) note_unknown_value();
  tp_event& e = push(c, TP_EV_IMBALANCE, auction, TP_END, number);
  e.order = static_cast<uint64_t>(TP_NONE); // which side is larger, and by how much, is not told
  e.quantity = auction_info::paired(m);
  e.ref = static_cast<uint64_t>(given(auction_info::price(m)));
  e.extra = static_cast<uint64_t>(TP_NONE);
}

void normalizer::statistics_message(const message_call& c) {
  const uint8_t* m = c.data;
  auto* of = known(instrument_id(m));
  if (of == nullptr) return;
  const uint32_t number = number_of(*of, book_kind::orders, c);
  if (!is_number(number)) return;
  uint8_t key = TP_VAL_OTHER;
  switch (statistics::kind(m)) {
    case 'O': key = TP_VAL_OPEN; break;
    case 'C': key = TP_VAL_CLOSE; break;
    default: return note_unknown_value();
  }
  const int64_t price = statistics::price(m);
  const bool is_cleared = price < 0; // -1
  push_value(c, number, key, is_cleared ? TP_NONE : price, TP_NONE, letter(statistics::origin(m)),
             static_cast<uint16_t>(is_cleared ? +TP_UNSET | +TP_END : +TP_END));
}

// Sent while the book is closed to view; a late one must not stand beside the depth.
void normalizer::top_message(const message_call& c) {
  const uint8_t* m = c.data;
  auto* of = known(instrument_id(m));
  if (of == nullptr || of->status != level_1_only) return;
  const uint32_t number = number_of(*of, book_kind::orders, c);
  if (!is_number(number)) return;
  const int64_t bid = given(top_of_book::bid(m)), ask = given(top_of_book::ask(m));
  tp_event& e = push(c, TP_EV_QUOTE, 0, TP_END, number);
  e.order = static_cast<uint64_t>(ask);
  e.price = bid;
  e.quantity = bid == TP_NONE ? TP_NONE : int64_t{top_of_book::bid_size(m)};
  e.ref = static_cast<uint64_t>(ask == TP_NONE ? TP_NONE : int64_t{top_of_book::ask_size(m)});
}

} // namespace tickplant::lse::mitch
