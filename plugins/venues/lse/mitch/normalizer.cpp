#include "normalizer.hpp"

namespace tickplant::lse::mitch {

namespace {

constexpr std::array<uint16_t, 256> sides = [] {
  std::array<uint16_t, 256> table{};
  table['B'] = TP_BID;
  table['S'] = TP_ASK;
  return table;
}();

constexpr bool names_its_order_alone(uint8_t type) {
  return type == 'E' || type == 'C' || type == 'U' || type == 'D';
}

} // namespace

void normalizer::live(uint64_t sequence, const uint8_t* message, uint32_t count, const decode_context& context) {
  auto flags = static_cast<uint16_t>(context.flags | live_time_.flag());
  for (; count > 0; --count, ++sequence) {
    const uint8_t type = type_of(message);
    this->count(type);
    if (message[0] < least_lengths[type]) [[unlikely]]
      damaged(message, false);
    else if (symbols_.size() == 0 && names_its_order_alone(type)) [[unlikely]]
      counters_.add(unknown_instrument); // the host knows no instrument either
    else
      decode(sequence, message, context, live_time_, flags);
    if (type == 'T') flags = static_cast<uint16_t>(context.flags | live_time_.flag());
    message += message[0];
  }
}

void normalizer::snapshot(const uint8_t* message, const decode_context& context) {
  const uint8_t type = type_of(message);
  if (message[0] < least_lengths[type]) return damaged(message, true);
  decode(0, message, context, snapshot_time_, static_cast<uint16_t>(context.flags | snapshot_time_.flag()));
}

// Order messages here, since they are nearly all of the flow.
inline void normalizer::decode(uint64_t sequence, const uint8_t* m, const decode_context& context, channel_time& time,
                               uint16_t flags) {
  const message_call c{m, sequence, time.of(m, context.now_ns), flags, context};
  switch (type_of(m)) {
    case 'A':
    case 'F': return add_order(c);
    case 'D': return delete_order(c);
    case 'U': return modify_order(c);
    case 'E':
      batch_.next() = {TP_EV_EXECUTE,
                       0,
                       static_cast<uint16_t>(flags | TP_PRINT | TP_END),
                       TP_OF_ORDER,
                       order_id(m),
                       TP_NONE,
                       executed::quantity(m),
                       executed::match(m),
                       0,
                       sequence,
                       c.venue_ns};
      return;
    case 'C':
      batch_.next() = {
        TP_EV_EXECUTE,
        0,
        static_cast<uint16_t>(flags | TP_PRICE | TP_LEFT | TP_END | (executed_at::is_printable(m) ? +TP_PRINT : 0)),
        TP_OF_ORDER,
        order_id(m),
        executed_at::price(m),
        executed_at::quantity(m),
        executed_at::match(m),
        executed_at::left(m),
        sequence,
        c.venue_ns};
      return;
    default: decode_rare(c, time);
  }
}

inline void normalizer::add_order(const message_call& c) {
  const uint8_t* m = c.data;
  if (!is_directory_told() && is_complete && symbols_.size() > 0) [[unlikely]]
    tell_directory();
  auto* of = known(add::instrument(m));
  if (of == nullptr) [[unlikely]]
    return;
  const bool is_attributed = m[1] == 'F';
  const uint8_t bits = add::flags(m);
  const auto kind = is_attributed ? (bits & bit_firm_quote ? book_kind::firm_quotes : book_kind::orders)
                                  : (bits & bit_rfq ? book_kind::requests : book_kind::orders);
  const uint32_t number = number_of(*of, kind, c);
  if (!is_number(number)) return;
  const uint16_t side = sides[add::side(m)];
  if (side == 0) [[unlikely]] // an order without a side must not be guessed
    return damaged(m, c.is_snapshot());
  const uint64_t firm = is_attributed ? participant(add::firm(m)) : 0;
  const auto market = static_cast<uint16_t>(bits & bit_market ? +TP_NO_LIMIT : 0);
  batch_.next() = {TP_EV_ADD,        0,           static_cast<uint16_t>(c.flags | side | market | TP_END),
                   number,           order_id(m), market != 0 ? TP_NONE : add::price(m),
                   add::quantity(m), 0,           firm,
                   c.sequence,       c.venue_ns};
}

// Where the message names its instrument the book needs no look-up of the order. The flag tells firm quotes apart, but
// not private requests: of an instrument that has some the order has to tell.
inline void normalizer::delete_order(const message_call& c) {
  const uint8_t* m = c.data;
  uint32_t number = TP_OF_ORDER;
  if (deleted::has_instrument(m)) {
    auto* of = known(deleted::instrument(m));
    if (of == nullptr) [[unlikely]]
      return;
    const bool is_quote = (deleted::flags(m) & bit_firm_quote) != 0;
    const bool has_requests = of->emits[static_cast<size_t>(book_kind::requests)] != instrument::undefined;
    if (is_quote || !has_requests) {
      number = of->emits[static_cast<size_t>(is_quote ? book_kind::firm_quotes : book_kind::orders)];
      if (number == instrument::unwanted) return;
      if (number == instrument::undefined) number = TP_OF_ORDER; // an order of before we joined
    }
  }
  batch_.next() = {
    TP_EV_DELETE, 0,         static_cast<uint16_t>(c.flags | TP_END), number, order_id(m), TP_NONE, TP_NONE, 0, 0,
    c.sequence,   c.venue_ns};
}

inline void normalizer::modify_order(const message_call& c) {
  const uint8_t* m = c.data;
  const uint32_t quantity = modified::quantity(m);
  tp_event& e = batch_.next();
  e = {TP_EV_MODIFY, 0,           static_cast<uint16_t>(c.flags | TP_END),
       TP_OF_ORDER,  order_id(m), modified::price(m),
       quantity,     0,           0,
       c.sequence,   c.venue_ns};
  if (modified::flags(m) & bit_kept_priority) e.flags |= TP_KEEP;
  if (e.price == 0) e.flags |= TP_NO_LIMIT; // a market order stays one: 0 is no limit
  if (quantity == 0) [[unlikely]] {
    e.kind = TP_EV_DELETE;
    e.flags = static_cast<uint16_t>(c.flags | TP_END);
    e.price = e.quantity = TP_NONE;
  }
}

// A message that is too short, or whose side is no side, may have changed a book.
void normalizer::damaged(const uint8_t* m, bool is_snapshot) {
  counters_.add(malformed);
  if (is_snapshot) return;
  switch (type_of(m)) {
    case 'A':
    case 'F': m[0] >= 23 ? suspect(add::instrument(m)) : suspect(0); break;
    case 'y': m[0] >= 10 ? suspect(instrument_id(m)) : suspect(0); break;
    case 'D':
    case 'U':
    case 'E':
    case 'C': suspect(0); break;
    default: break; // touches no book
  }
}

void normalizer::suspect(uint64_t instrument) {
  const auto* of = instrument == 0 ? nullptr : symbols_.find(instrument);
  if (of == nullptr)
    is_suspect = true;
  else
    suspects.push_back(of->numbers[0]);
}

} // namespace tickplant::lse::mitch
