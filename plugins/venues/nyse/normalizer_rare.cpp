// Definitions, states, auctions and summaries: a small part of the flow, so clarity goes before speed.
#include "normalizer.hpp"

#include <string>

namespace tickplant::nyse {

namespace {

constexpr int8_t price_exponent = -6; // the venue's finest scale, whatever a symbol's own scale is today
constexpr uint64_t second = 1'000'000'000;

int32_t factor_of(uint8_t scale) {
  constexpr int32_t factors[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  return scale < std::size(factors) ? factors[scale] : 0;
}

int64_t price_at(const uint8_t* at, const symbol_state& symbol) {
  return int64_t{static_cast<int32_t>(sdk::le32(at))} * symbol.factor;
}

// A price of zero is none: the venue sends it for what does not apply.
int64_t given_price(const uint8_t* at, const symbol_state& symbol) {
  return sdk::le32(at) == 0 ? TP_NONE : price_at(at, symbol);
}

uint8_t auction_of(uint8_t letter) {
  switch (letter) {
    case 'O':
    case 'M': return TP_AUCTION_OPENING;
    case 'H': return TP_AUCTION_REOPENING;
    case 'C': return TP_AUCTION_CLOSING;
    case 'P':
    case 'R': return TP_AUCTION_CLOSING; // extreme and significant closing imbalances of NYSE
    default: return TP_AUCTION_UNKNOWN;
  }
}

bool is_halting(char halt) {
  return halt != 0 && halt != '~' && halt != ' ';
}

// Halt and market state are independent (section 7): a session change does not lift a halt.
uint8_t state_of(const symbol_state& symbol) {
  if (is_halting(symbol.halt)) return symbol.halt == 'M' ? TP_STATE_PAUSED : TP_STATE_HALTED;
  switch (symbol.market) {
    case 'P': return TP_STATE_PRE_OPEN;
    case 'E':
    case 'O':
    case 'L': return TP_STATE_TRADING;
    case 'X': return TP_STATE_CLOSED;
    default: return TP_STATE_UNKNOWN;
  }
}

} // namespace

// Room for every event of one message was made before.
tp_event& normalizer::push(const rare_call& c, uint8_t kind, uint8_t detail, uint16_t flags) {
  tp_event& e = events_->at[used_++];
  e = {kind,       detail,    static_cast<uint16_t>(flags | c.flags), c.symbol.instrument, 0, 0, 0, 0, 0,
       c.sequence, c.venue_ns};
  return e;
}

tp_event& normalizer::push_value(const rare_call& c, uint8_t key, std::string_view name, int64_t price,
                                 int64_t quantity) {
  const uint32_t handle = name.empty() ? 0 : host_.text(name);
  tp_event& e = push(c, TP_EV_VALUE, key, 0);
  e.price = price;
  e.quantity = quantity;
  e.ref = handle;
  return e;
}

void normalizer::rare(uint64_t sequence, const uint8_t* data, uint32_t size, uint16_t flags) {
  const uint32_t message_type = type_of(data);
  const message_layout& layout = layout_of(message_type);
  switch (message_type) {
    case type::sequence_reset: return; // outside of its own packet it is a number like any other
    case type::time_reference:
      if (!clock_.set_seconds(sdk::le32(data + 4), sdk::le32(data + 12))) counters_.add(bad_times);
      return;
    case type::mapping: return take_mapping(data);
    default: break;
  }
  const uint32_t index = sdk::le32(data + layout.index_at);
  const uint32_t place = symbols_.find(index);
  if (place == symbol_map::none || symbols_[place].factor == 0) {
    if (flags == 0 && sequence != 0)
      owner_.unmapped(sequence, data, index);
    else if (flags == 0)
      counters_.add(unknown_index);
    return;
  }
  symbol_state& symbol = symbols_[place];
  if (snapshot_of_ != 0 && snapshot_of_ == index) flags |= TP_SNAPSHOT;
  if (layout.has_symbol_number && ((flags & TP_SNAPSHOT) == 0 || snapshot_of_ != 0)) {
    const uint32_t number = sdk::le32(data + layout.index_at + 4);
    if (number != symbol.last + 1) follow_number(symbol, sequence, number);
    symbol.last = number;
  }
  make_room(16);
  const auto guessed = clock_.at(symbol.partition, sdk::le32(data + 4));
  const bool is_whole_time = layout.index_at == 12; // seconds and nanoseconds, else nanoseconds alone
  if (!is_whole_time && guessed.is_guessed) flags |= TP_TIME_GUESSED;
  const uint64_t venue_ns = is_whole_time ? sdk::le32(data + 4) * second + sdk::le32(data + 8) : guessed.ns;
  const rare_call c{sequence, data, size, symbol, venue_ns, flags};
  const size_t before = used_;
  switch (message_type) {
    case type::symbol_clear: return symbol_clear(c);
    case type::security_status: security_status(c); break;
    case type::imbalance:
      if (symbol.is_wanted) imbalance(c);
      break;
    case type::retail:
      if (symbol.is_wanted) retail(c);
      break;
    case type::summary:
      if (symbol.is_wanted) summary(c);
      break;
    default: break;
  }
  if (used_ > before) events_->at[used_ - 1].flags |= TP_END;
}

void normalizer::take_mapping(const uint8_t* data) {
  const uint32_t size = size_of(data);
  const uint32_t index = sdk::le32(data + 4);
  const uint8_t scale = data[24];
  const int32_t factor = factor_of(scale);
  if (index == 0 || factor == 0) { // 0 means "all" in requests; a finer scale than 6 cannot be kept exactly
    counters_.add(unknown_values);
    return;
  }
  const uint64_t fingerprint = sdk::fnv1a(data + 4, std::min<size_t>(size, 44) - 4);
  uint32_t place = symbols_.find(index);
  if (place != symbol_map::none && symbols_[place].fingerprint == fingerprint && symbols_[place].factor != 0) return;
  if (place == symbol_map::none && !symbols_.has_room()) return counters_.add(unknown_index);
  flush();
  const bool is_new = place == symbol_map::none;
  symbol_state& symbol = is_new ? symbols_.add(index, next_instrument_++) : symbols_[place];
  const auto has = [&](size_t end) { return size >= end; };
  const bool had_no_scale = symbol.factor == 0;
  symbol.fingerprint = fingerprint;
  symbol.factor = factor; // a later scale holds from here on
  symbol.partition = data[22];
  const std::string code = std::to_string(index);
  const uint8_t listing = data[23];
  tp_instrument instrument{};
  instrument.struct_size = sizeof instrument;
  instrument.number = symbol.instrument;
  instrument.channel = channel_;
  instrument.parent = TP_ALL;
  instrument.book = TP_BOOK_ORDERS;
  instrument.price_exponent = price_exponent;
  const uint8_t security_type = has(26) ? data[25] : 0;
  instrument.is_test = security_type == 'T';
  // The MPV is in hundredths of a cent; sub-penny prices are legal beside it.
  const uint16_t step = has(40) ? sdk::le16(data + 38) : 0;
  instrument.price_step = step == 0 ? 10'000 : int64_t{step} * 100;
  instrument.quantity_step = 1;
  instrument.lot = has(28) ? int64_t{sdk::le16(data + 26)} : TP_NONE;
  instrument.previous_close = has(32) ? given_price(data + 28, symbol) : TP_NONE;
  instrument.symbol = sdk::to_tp(sdk::null_terminated(data + 8, 11));
  instrument.venue_code = sdk::to_tp(code);
  instrument.currency = sdk::to_tp("USD");
  instrument.segment = sdk::to_tp(sdk::null_terminated(&listing, 1));
  instrument.security_type = sdk::to_tp(sdk::null_terminated(&security_type, 1));
  // Test symbols are told as such and hidden by the host.
  symbol.is_wanted = host_.define(instrument);
  if (had_no_scale) owner_.mapped(symbol);
}

void normalizer::symbol_clear(const rare_call& c) {
  // NextSourceSeqNum names the number of the symbol's next message.
  if (c.size >= 20) c.symbol.last = sdk::le32(c.data + 16) - 1;
  if (owner_.cleared(c.symbol, c.sequence)) return;
  if (c.symbol.is_wanted) {
    make_room(1);
    push(c, TP_EV_CLEAR, 0, TP_END);
  }
}

void normalizer::security_status(const rare_call& c) {
  symbol_state& symbol = c.symbol;
  const uint8_t status = c.data[20];
  const auto halt = static_cast<char>(c.data[21]);
  const char market_before = symbol.market;
  symbol.halt = halt == 0 ? (status == '4' || status == '6' ? static_cast<char>(status) : '~') : halt;
  if ((status == '4' || status == '6') && !is_halting(symbol.halt)) symbol.halt = static_cast<char>(status);
  const char short_sale_before = symbol.short_sale;
  if (c.size >= 44 && c.data[43] != 0) symbol.short_sale = static_cast<char>(c.data[43]);
  if (c.size >= 45 && c.data[44] != 0)
    symbol.market = static_cast<char>(c.data[44]);
  else if (status == 'P' || status == 'E' || status == 'O' || status == 'L' || status == 'X')
    symbol.market = static_cast<char>(status);
  if (!symbol.is_wanted) return;
  const uint8_t state = state_of(symbol);
  if (state == TP_STATE_UNKNOWN) counters_.add(unknown_values);
  const bool is_indication = (status == 'I' || status == 'G') && c.size >= 34;
  // The reason of a halt says more than the letter of what happened.
  const uint32_t reason = letters_.of(is_halting(symbol.halt) ? static_cast<uint8_t>(symbol.halt) : status);
  tp_event& e = push(c, TP_EV_STATUS, state, 0);
  e.price = is_indication ? given_price(c.data + 26, symbol) : TP_NONE;
  e.quantity = is_indication ? given_price(c.data + 30, symbol) : TP_NONE;
  e.ref = reason;
  const bool is_triggered = status == 'A' || status == 'C' || status == 'D';
  if (symbol.short_sale != 0 && (is_triggered || symbol.short_sale != short_sale_before)) {
    const uint32_t handle = letters_.of(is_triggered ? status : static_cast<uint8_t>(symbol.short_sale));
    const int64_t trigger = status == 'A' && c.size >= 30 ? given_price(c.data + 26, symbol) : TP_NONE;
    push_value(c, TP_VAL_SHORT_RESTRICTED, {}, trigger, symbol.short_sale == 'E').ref = handle;
  }
  // The venue sends no deletes at the end of the day.
  if (status == 'X' || (symbol.market == 'X' && market_before != 'X')) push(c, TP_EV_CLEAR, 0, 0);
}

void normalizer::imbalance(const rare_call& c) {
  const uint8_t* d = c.data;
  const auto has = [&](size_t end) { return c.size >= end; };
  const auto side_of = [](uint8_t l) { return static_cast<uint16_t>(l == 'B' ? +TP_BID : l == 'S' ? +TP_ASK : 0); };
  const auto price_if = [&](size_t at) { return has(at + 4) ? given_price(d + at, c.symbol) : TP_NONE; };
  const int64_t book_clearing = price_if(40), auction_clearing = price_if(44), indicative = price_if(52);
  tp_event& e = push(c, TP_EV_IMBALANCE, auction_of(d[38]), side_of(d[39]));
  e.order = sdk::le32(d + 28);
  e.price = given_price(d + 20, c.symbol);
  e.quantity = sdk::le32(d + 24);
  e.ref = static_cast<uint64_t>(indicative != TP_NONE ? indicative : book_clearing);
  e.extra = static_cast<uint64_t>(auction_clearing);
  if (e.detail == TP_AUCTION_UNKNOWN) counters_.add(unknown_values);
  const auto price_value = [&](uint8_t key, std::string_view name, int64_t price) {
    if (price != TP_NONE) push_value(c, key, name, price, TP_NONE);
  };
  price_value(TP_VAL_OTHER, "continuous book clearing price", book_clearing);
  price_value(TP_VAL_OTHER, "SSR filing price", price_if(48));
  price_value(TP_VAL_COLLAR_UPPER, {}, price_if(56));
  price_value(TP_VAL_COLLAR_LOWER, {}, price_if(60));
  if (sdk::le32(d + 32) != 0) push_value(c, TP_VAL_OTHER, "market imbalance", TP_NONE, sdk::le32(d + 32));
  if (sdk::le16(d + 36) != 0)
    push_value(c, TP_VAL_OTHER, "auction time", TP_NONE, sdk::le16(d + 36)); // hhmm as a number
  if (has(65)) push_value(c, TP_VAL_OTHER, "auction status", TP_NONE, d[64]);
  if (has(66)) push_value(c, TP_VAL_OTHER, "auction freeze", TP_NONE, d[65]);
  if (has(67) && d[66] != 0) push_value(c, TP_VAL_OTHER, "auction extensions", TP_NONE, d[66]);
  if (has(72)) push_value(c, TP_VAL_OTHER, "unpaired", TP_NONE, sdk::le32(d + 67)).flags |= side_of(d[71]);
}

void normalizer::retail(const rare_call& c) {
  const uint8_t interest = c.data[16];
  uint16_t side = 0;
  switch (interest) {
    case 'A': side = TP_BID; break;
    case 'B': side = TP_ASK; break;
    case 'C': side = TP_BID | TP_ASK; break;
    case ' ': break;
    default: counters_.add(unknown_values);
  }
  const uint32_t handle = letters_.of(interest);
  tp_event& e = push_value(c, TP_VAL_RETAIL_INTEREST, {}, TP_NONE, side);
  e.ref = handle;
  e.flags |= side;
}

void normalizer::summary(const rare_call& c) {
  constexpr std::pair<uint8_t, size_t> prices[] = {
    {TP_VAL_HIGH, 16}, {TP_VAL_LOW, 20}, {TP_VAL_OPEN, 24}, {TP_VAL_CLOSE, 28}};
  for (const auto& [key, at] : prices)
    if (const int64_t price = given_price(c.data + at, c.symbol); price != TP_NONE)
      push_value(c, key, {}, price, TP_NONE);
  push_value(c, TP_VAL_VOLUME, {}, TP_NONE, sdk::le32(c.data + 32));
}

} // namespace tickplant::nyse
