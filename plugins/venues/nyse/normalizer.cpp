#include "normalizer.hpp"

namespace tickplant::nyse {

namespace {

constexpr std::array<uint16_t, 256> make_sides() {
  std::array<uint16_t, 256> sides{};
  sides['B'] = TP_BID;
  sides['S'] = TP_ASK;
  return sides;
}
constexpr auto sides = make_sides();

// An order without a side must not be guessed.
inline bool lacks_side(const message_layout& layout, const uint8_t* data) {
  return (layout.side_mask != 0) & (sides[data[layout.side_at]] == 0);
}

constexpr uint64_t five_bytes = 0xFF'FFFF'FFFF, five_blanks = 0x20'2020'2020;

} // namespace

normalizer::normalizer(sdk::venue_host host, counter_sheet& counters, uint32_t channel, uint32_t& next_instrument,
                       normalizer_owner& owner)
  : host_(host), counters_(counters), channel_(channel), next_instrument_(next_instrument), owner_(owner),
    events_(std::make_unique<event_array>()), letters_(host) {}

void normalizer::flush() {
  if (used_ == 0) return;
  const size_t count = std::exchange(used_, 0);
  if (!stopping_ && host_.emit(channel_, {events_->at, count}) == TP_E_STOPPING) stopping_ = true;
}

void normalizer::mark(uint8_t kind, uint16_t flags, uint32_t instrument, uint64_t sequence) {
  make_room(1);
  tp_event& e = events_->at[used_++];
  e = {};
  e.kind = kind;
  e.flags = flags;
  e.instrument = instrument;
  e.sequence = sequence;
}

void normalizer::count_messages() {
  constexpr uint64_t trading = [] {
    uint64_t bits = 0;
    for (size_t i = 0; i < counted_types.size(); ++i)
      if (counted_types[i] >= type::add && counted_types[i] < type::retail) bits |= uint64_t{1} << i;
    return bits;
  }();
  saw_trading_ |= (seen_ & trading) != 0;
  for (; seen_ != 0; seen_ &= seen_ - 1) {
    const auto i = static_cast<uint32_t>(std::countr_zero(seen_));
    counters_.add(i, counted_[i]);
    counted_[i] = 0;
  }
}

// Writes all eight words; the caller made sure of layout.length bytes and of a side where one is needed. What a message
// lacks is read inside its shortest form and masked, so that no type needs a branch.
inline void normalizer::write(tp_event& e, const message_layout& layout, const symbol_state& symbol, uint64_t sequence,
                              const uint8_t* data, uint32_t size, uint16_t flags) {
  const uint16_t side = sides[data[layout.side_at]] & layout.side_mask;
  const auto print = static_cast<uint16_t>((data[layout.print_at] == 1) * layout.print_mask);
  const auto time = clock_.at(symbol.partition, sdk::le32(data + (layout.index_at - 4)));
  const auto price = static_cast<int32_t>(sdk::le32(data + layout.price_at) & layout.price_mask);
  e.kind = layout.kind;
  e.detail = 0;
  e.flags = static_cast<uint16_t>(layout.flags | side | print | flags | (time.is_guessed ? TP_TIME_GUESSED : 0));
  e.instrument = symbol.instrument;
  e.order = sdk::le64(data + layout.order_at) & layout.order_mask;
  e.price = int64_t{price} * symbol.factor;
  e.quantity = sdk::le32(data + layout.quantity_at) & layout.quantity_mask;
  e.ref = sdk::le64(data + layout.ref_at) >> layout.ref_shift & layout.ref_mask;
  e.extra = 0;
  e.sequence = sequence;
  e.venue_ns = time.ns;
  switch (type_of(data)) {
    case type::add:
      if (const uint64_t firm = sdk::le64(data + 30) >> 24 & five_bytes; firm != five_blanks && firm != 0) [[unlikely]]
        e.extra = participant(data + 33);
      break;
    case type::add_refresh:
      e.venue_ns = uint64_t{sdk::le32(data + 4)} * 1'000'000'000 + sdk::le32(data + 8);
      e.flags &= static_cast<uint16_t>(~TP_TIME_GUESSED);
      if (const uint64_t firm = sdk::le64(data + 34) >> 24 & five_bytes; firm != five_blanks && firm != 0) [[unlikely]]
        e.extra = participant(data + 37);
      break;
    case type::modify:
      if (data[32] != 1) e.flags |= TP_KEEP; // PositionChange
      break;
    case type::execution: e.extra = size < 42 ? 0 : conditions_of(data + 38, 0); break;
    case type::hidden_trade:
      e.extra = size < 33 ? uint64_t{TP_COND_HIDDEN} : conditions_of(data + 29, TP_COND_HIDDEN);
      break;
    case type::cross: {
      const uint8_t kind = data[28];
      uint64_t conditions = TP_COND_AUCTION;
      switch (kind) {
        case 'E': conditions |= TP_COND_EXTENDED; [[fallthrough]];
        case 'O': conditions |= TP_COND_OPENING; break;
        case '5': conditions |= TP_COND_REOPENING; break;
        case '6': conditions |= TP_COND_CLOSING; break;
        default: counters_.add(unknown_values);
      }
      e.extra = conditions | uint64_t{kind} << 32;
      [[fallthrough]];
    }
    case type::cross_correction: e.ref |= cross_bit; break;
    default: break;
  }
}

void normalizer::messages(uint64_t sequence, const uint8_t* data, uint32_t count) {
  if (used_ == capacity) flush();
  for (const uint64_t end = sequence + count; sequence != end; ++sequence, data = next_message(data)) {
    const uint32_t size = size_of(data);
    const message_layout& layout = layout_of(type_of(data));
    const bool is_plain = (layout.kind != 0) & (size >= layout.length) & (snapshot_of_ == 0);
    const uint32_t place = is_plain ? symbols_.find(sdk::le32(data + layout.index_at)) : symbol_map::none;
    if (place == symbol_map::none || symbols_[place].factor == 0 || lacks_side(layout, data)) [[unlikely]] {
      message(sequence, data);
      if (used_ == capacity) flush();
      continue;
    }
    symbol_state& symbol = symbols_[place];
    ++counted_[layout.counter];
    seen_ |= uint64_t{1} << layout.counter;
    const uint32_t number = sdk::le32(data + layout.index_at + 4);
    if (number != symbol.last + 1) [[unlikely]] {
      follow_number(symbol, sequence, number);
      if (used_ == capacity) flush();
    }
    symbol.last = number;
    if (!symbol.is_wanted || (sequence <= symbol.covered && layout.changes_book)) continue;
    write(events_->at[used_], layout, symbol, sequence, data, size, 0);
    if (++used_ == capacity) [[unlikely]]
      flush();
  }
}

void normalizer::message(uint64_t sequence, const uint8_t* data) {
  const uint32_t message_type = type_of(data);
  const message_layout& layout = layout_of(message_type);
  ++counted_[layout.counter];
  seen_ |= uint64_t{1} << layout.counter;
  if (snapshot_of_ != 0 && !continues_snapshot(data)) owner_.snapshot_over(sequence - 1);
  slow(sequence, data, 0);
}

void normalizer::kept_message(uint64_t sequence, const uint8_t* data) {
  slow(sequence, data, 0);
}

// After a message 32 come the symbol's 34, 105 and 106; seconds (2) may stand between them.
bool normalizer::continues_snapshot(const uint8_t* data) const {
  switch (type_of(data)) {
    case type::time_reference: return true;
    case type::security_status:
    case type::imbalance:
    case type::add_refresh: return size_of(data) >= 16 && sdk::le32(data + 12) == snapshot_of_;
    default: return false;
  }
}

void normalizer::picture_message(uint64_t sequence, const uint8_t* data) {
  slow(sequence, data, TP_SNAPSHOT);
}

void normalizer::slow(uint64_t sequence, const uint8_t* data, uint16_t flags) {
  const uint32_t size = size_of(data);
  const message_layout& layout = layout_of(type_of(data));
  if (layout.vital == 0 && layout.length == 0) return; // a type that this edition does not have
  if (size < std::max<uint32_t>(layout.vital, layout.kind == 0 ? layout.length : 0))
    return damaged(sequence, data, size, layout);
  if (layout.kind == 0) return rare(sequence, data, size, flags);
  const uint32_t index = sdk::le32(data + layout.index_at);
  const uint32_t place = symbols_.find(index);
  if (place == symbol_map::none || symbols_[place].factor == 0) {
    if (flags == 0) owner_.unmapped(sequence, data, index);
    return;
  }
  symbol_state& symbol = symbols_[place];
  if (snapshot_of_ != 0 && snapshot_of_ == index) flags |= TP_SNAPSHOT;
  if (size >= layout.length) return table_message(layout, symbol, sequence, data, size, flags);
  // Shorter than the present edition: what it lacks is zero, which means "not told" everywhere.
  std::array<uint8_t, 64> padded{};
  std::memcpy(padded.data(), data, std::min<size_t>(size, padded.size()));
  table_message(layout, symbol, sequence, padded.data(), size, flags);
}

void normalizer::table_message(const message_layout& layout, symbol_state& symbol, uint64_t sequence,
                               const uint8_t* data, uint32_t size, uint16_t flags) {
  if (lacks_side(layout, data)) return damaged(sequence, data, size, layout);
  if ((flags & TP_SNAPSHOT) == 0 || snapshot_of_ != 0) {
    const uint32_t number = sdk::le32(data + layout.index_at + 4);
    if (number != symbol.last + 1) follow_number(symbol, sequence, number);
    symbol.last = number;
  }
  if (!symbol.is_wanted || (flags == 0 && sequence <= symbol.covered && layout.changes_book)) return;
  make_room(1);
  write(events_->at[used_], layout, symbol, sequence, data, size, flags);
  ++used_;
}

// SymbolSeqNum rises by one with each message of the symbol (section 9): a jump says whose data was lost.
void normalizer::follow_number(symbol_state& symbol, uint64_t sequence, uint32_t number) {
  if (symbol.last == 0 || sequence == 0 || number <= symbol.last || symbol.is_lost) return;
  counters_.add(symbol_jumps);
  owner_.spoiled(&symbol, sequence, "messages of this symbol are missing in an unbroken channel");
}

// A message that is too short for its vital fields, or whose side is no side, may have changed a book.
void normalizer::damaged(uint64_t sequence, const uint8_t* data, uint32_t size, const message_layout& layout) {
  counters_.add(malformed);
  if (!layout.changes_book) return;
  if (size < layout.index_at + 4u)
    return owner_.spoiled(nullptr, sequence + 1, "an order message is too short to name its symbol");
  const uint32_t place = symbols_.find(sdk::le32(data + layout.index_at));
  if (place != symbol_map::none)
    owner_.spoiled(&symbols_[place], sequence + 1, "an order message of this symbol cannot be read");
}

// TradeCond1 to 4; binary zeros and DBExecIDs of editions before 2022 are no letters.
uint64_t normalizer::conditions_of(const uint8_t* letters, uint64_t base) const {
  const uint32_t raw = sdk::le32(letters);
  if (raw == 0x2020'2040) [[likely]] // "@   ", the regular trade
    return base | uint64_t{raw} << 32;
  for (int i = 0; i < 4; ++i)
    if (letters[i] < 0x20 || letters[i] > 0x7E) return base;
  uint64_t conditions = base;
  if (letters[0] == 'C') conditions |= TP_COND_CASH;
  switch (letters[1]) {
    case 'F': conditions |= TP_COND_ISO; break;
    case 'O': conditions |= TP_COND_OPENING; break;
    case '5': conditions |= TP_COND_REOPENING; break;
    case '6': conditions |= TP_COND_CLOSING; break;
    case '7': conditions |= TP_COND_CONTINGENT; break;
    default: break;
  }
  switch (letters[2]) {
    case 'T': conditions |= TP_COND_EXTENDED; break;
    case 'U': conditions |= TP_COND_EXTENDED | TP_COND_LATE; break;
    case 'Z': conditions |= TP_COND_LATE; break;
    default: break;
  }
  if (letters[3] == 'I') conditions |= TP_COND_ODD_LOT;
  if (letters[3] == 'V') conditions |= TP_COND_CONTINGENT;
  return conditions | uint64_t{raw} << 32; // the first letter is the lowest byte
}

uint32_t normalizer::participant(const uint8_t* firm) {
  uint64_t key = 0;
  std::memcpy(&key, firm, 5);
  auto& known = firms_[(key * 0x9E37'79B9'7F4A'7C15u) >> 56];
  if (known.handle == 0 || known.letters != key) known = {key, host_.text(sdk::null_terminated(firm, 5))};
  return known.handle;
}

} // namespace tickplant::nyse
