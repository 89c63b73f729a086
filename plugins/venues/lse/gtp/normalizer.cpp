#include "normalizer.hpp"

namespace tickplant::lse::gtp {

namespace {

uint16_t side_of(uint8_t letter) {
  return static_cast<uint16_t>(letter == 'B' ? +TP_BID : letter == 'S' ? +TP_ASK : 0);
}

// A market order has no price; its level has none either.
int64_t given(int64_t price) {
  return price == 0 ? TP_NONE : price;
}

} // namespace

void normalizer::live(uint64_t sequence, const uint8_t* message, uint32_t count, const decode_context& context) {
  for (; count > 0; --count, ++sequence) {
    const uint8_t type = type_of(message);
    const uint16_t size = sdk::le16(message);
    this->count(type);
    if (size < least_lengths[type]) [[unlikely]]
      damaged(message, false, 0);
    else
      decode(sequence, message, context);
    message += size;
  }
}

void normalizer::snapshot(const uint8_t* message, const decode_context& context) {
  if (sdk::le16(message) < least_lengths[type_of(message)]) return damaged(message, true, 0);
  decode(0, message, context);
}

// Order messages here, since they are nearly all of the flow.
inline void normalizer::decode(uint64_t sequence, const uint8_t* m, const decode_context& context) {
  const uint8_t type = type_of(m);
  if (least_lengths[type] == 0) return; // counted only
  const message_call c{m, sequence, timestamp(m), context.flags, context};
  switch (type) {
    case 'F': return add_order(c);
    case 'U': return modify_order(c);
    case 'D': return delete_order(c);
    default: decode_rare(c);
  }
}

inline uint32_t normalizer::book_of(uint64_t id, uint8_t book_type, const message_call& c) {
  auto* of = known(id);
  if (of == nullptr) [[unlikely]]
    return instrument::unwanted;
  if (book_type == electronic_book) [[likely]]
    return of->emits[0];
  const auto kind = kind_of(book_type);
  if (!kind) {
    note_unknown_value();
    return instrument::unwanted;
  }
  return number_of(*of, *kind, c);
}

// Beyond 92 thousand million units: no order's size, and more than an event can carry.
bool normalizer::is_size(uint64_t size, const message_call& c, uint64_t instrument) {
  if (size <= INT64_MAX) [[likely]]
    return true;
  damaged(c.data, c.is_snapshot(), instrument);
  return false;
}

// The time of the transaction is kept where there are two.
inline void normalizer::add_order(message_call c) {
  const uint8_t* m = c.data;
  if (!is_directory_told() && is_complete && symbols_.size() > 0) [[unlikely]]
    tell_directory();
  const uint64_t id = add::instrument(m);
  const uint32_t number = book_of(id, add::book(m), c);
  if (!is_number(number) || !is_size(add::size(m), c, id)) return;
  const uint16_t side = side_of(add::side(m));
  if (side == 0) return damaged(m, c.is_snapshot(), id);
  const uint64_t firm = participant(add::participant(m));
  const bool is_market = add::is_market(m);
  batch_.next() = {TP_EV_ADD,
                   0,
                   static_cast<uint16_t>(c.flags | side | TP_END | (is_market ? +TP_NO_LIMIT : 0)),
                   number,
                   reference_of(order_id(m), number),
                   is_market ? TP_NONE : add::price(m),
                   static_cast<int64_t>(add::size(m)),
                   0,
                   firm,
                   c.sequence,
                   add::transaction(m)};
}

inline void normalizer::modify_order(message_call c) {
  const uint8_t* m = c.data;
  const uint64_t id = modified::instrument(m);
  const uint32_t number = book_of(id, modified::book(m), c);
  if (!is_number(number) || !is_size(modified::size(m) | modified::old_size(m), c, id)) return;
  const auto kept = static_cast<uint16_t>(modified::flags(m) & bit_kept_priority ? +TP_KEEP : 0);
  const auto market = static_cast<uint16_t>(modified::price(m) == 0 ? +TP_NO_LIMIT : 0);
  batch_.next() = {static_cast<uint8_t>(modified::size(m) == 0 ? TP_EV_DELETE : TP_EV_MODIFY),
                   0,
                   static_cast<uint16_t>(c.flags | TP_CHECK | TP_END | (modified::size(m) == 0 ? 0 : kept | market)),
                   number,
                   reference_of(order_id(m), number),
                   given(modified::price(m)),
                   static_cast<int64_t>(modified::size(m)),
                   static_cast<uint64_t>(given(modified::old_price(m))),
                   modified::old_size(m),
                   c.sequence,
                   modified::transaction(m)};
}

inline void normalizer::delete_order(message_call c) {
  const uint8_t* m = c.data;
  const uint64_t id = deleted::instrument(m);
  const uint32_t number = book_of(id, deleted::book(m), c);
  if (!is_number(number) || !is_size(deleted::old_size(m), c, id)) return;
  batch_.next() = {TP_EV_DELETE,
                   0,
                   static_cast<uint16_t>(c.flags | TP_CHECK | TP_END),
                   number,
                   reference_of(order_id(m), number),
                   TP_NONE,
                   TP_NONE,
                   static_cast<uint64_t>(given(deleted::old_price(m))),
                   deleted::old_size(m),
                   c.sequence,
                   deleted::transaction(m)};
}

// A message that is too short, or whose values are impossible, may have changed a book.
void normalizer::damaged(const uint8_t* m, bool is_snapshot, uint64_t instrument) {
  counters_.add(malformed);
  constexpr std::string_view changes_books = "FUDy";
  if (is_snapshot || changes_books.find(static_cast<char>(type_of(m))) == std::string_view::npos) return;
  const auto* of = instrument == 0 ? nullptr : symbols_.find(instrument);
  if (of == nullptr)
    is_suspect = true;
  else
    suspects.push_back(of->numbers[0]);
}

} // namespace tickplant::lse::gtp
