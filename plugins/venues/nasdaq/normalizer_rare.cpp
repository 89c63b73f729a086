// Directory, states, auctions and prints without an order: a small part of the flow, so clarity goes before speed.
#include "normalizer.hpp"

namespace tickplant::nasdaq {

namespace {

int64_t price4(const uint8_t* at) {
  return sdk::be32(at);
}

// A price of zero is none: auctions send it while there is nothing to cross.
int64_t given_price4(const uint8_t* at) {
  const uint32_t price = sdk::be32(at);
  return price == 0 ? TP_NONE : int64_t{price};
}

uint8_t auction_of(uint8_t letter) {
  switch (letter) {
    case 'O': return TP_AUCTION_OPENING;
    case 'C': return TP_AUCTION_CLOSING;
    case 'H':
    case 'I': return TP_AUCTION_REOPENING;
    case 'A': return TP_AUCTION_EXTENDED;
    default: return TP_AUCTION_UNKNOWN;
  }
}

uint8_t state_of(char letter) {
  switch (letter) {
    case 'H': return TP_STATE_HALTED;
    case 'P': return TP_STATE_PAUSED;
    case 'Q': return TP_STATE_QUOTE_ONLY;
    case 'T': return TP_STATE_TRADING;
    default: return TP_STATE_UNKNOWN;
  }
}

} // namespace

// Room for every event of one message, the direct listing's eight at most, was made before.
tp_event& normalizer::push(const rare_call& c, uint8_t kind, uint8_t detail, uint16_t flags) {
  tp_event& e = events_->at[used_++];
  e = {kind,       detail,    static_cast<uint16_t>(flags | c.context.flags | time_flag_), c.instrument, 0, 0, 0, 0, 0,
       c.sequence, c.venue_ns};
  return e;
}

void normalizer::note(const rare_call& c, counter which) {
  if (!c.context.replay) counters_.add(which);
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

void normalizer::decode_rare(const rare_call& c) {
  if (used_ > capacity - 8 || c.data[0] == 'S') flush(); // a day start flushes in the middle
  const size_t before = used_;
  switch (c.data[0]) {
    case 'S': system_event(c); break;
    case 'R': return directory(c);
    case 'V':
    case 'W': market_wide_message(c); break;
    case 'K': ipo_release(c); break;
    case 'L': return; // market maker positions: counted only
    default: stock_message(c);
  }
  if (used_ > before) events_->at[used_ - 1].flags |= TP_END;
}

void normalizer::system_event(const rare_call& call) {
  rare_call c = call;
  c.instrument = TP_ALL;
  const uint8_t code = c.data[11];
  if (code == 'O' && !c.context.replay) { // section 8: a new day voids orders, books and locates
    if (symbols_.size() > 0)
      begin_session(now_ns_);
    else
      set_day(now_ns_);
    c.venue_ns = clock_.midnight_ns() + (sdk::be64(c.data + 3) & 0xFFFF'FFFF'FFFF);
  }
  if (code == 'S' && !directory_told_ && c.context.complete) tell_directory();
  if (!c.context.market_wide) return;
  uint8_t phase = TP_PHASE_UNKNOWN;
  switch (code) {
    case 'O': phase = TP_PHASE_DAY_START; break;
    case 'S': phase = TP_PHASE_EARLY; break;
    case 'Q': phase = TP_PHASE_CORE; break;
    case 'M': phase = TP_PHASE_LATE; break;
    case 'E': phase = TP_PHASE_CLOSED; break;
    case 'C': phase = TP_PHASE_DAY_END; break;
    default: note(c, unknown_values);
  }
  const uint32_t handle = letters_.of(code);
  tp_event& e = push(c, TP_EV_PHASE, phase, 0);
  e.price = e.quantity = TP_NONE;
  e.ref = handle;
  if (code == 'O' && !c.context.picture) push(c, TP_EV_CLEAR, 0, 0);
}

void normalizer::directory(const rare_call& c) {
  const auto locate = static_cast<uint16_t>(c.instrument);
  const uint64_t fingerprint = sdk::fnv1a(c.data + head_size, 28);
  if (!symbols_.is_news(locate, fingerprint)) return;
  flush();
  const auto optional_letter = [&](size_t at) { return sdk::alpha(c.data + at, 1); };
  tp_instrument instrument{};
  instrument.struct_size = sizeof instrument;
  instrument.number = locate;
  instrument.channel = channel;
  instrument.parent = TP_ALL;
  instrument.book = TP_BOOK_ORDERS;
  instrument.price_exponent = -4;
  instrument.is_test = c.data[29] == 'T';
  instrument.price_step = 100; // a cent: what most stocks quote in; sub-penny prices are legal
  instrument.quantity_step = 1;
  instrument.lot = sdk::be32(c.data + 21);
  instrument.previous_close = TP_NONE;
  const std::string code = std::to_string(locate);
  instrument.symbol = sdk::to_tp(sdk::alpha(c.data + 11, 8));
  instrument.venue_code = sdk::to_tp(code);
  instrument.currency = sdk::to_tp("USD");
  instrument.segment = sdk::to_tp(optional_letter(19));
  instrument.security_type = sdk::to_tp(optional_letter(26));
  const bool is_new = symbols_.interests()[locate] == interest::unknown;
  symbols_.define(locate, sdk::be64(c.data + 11), fingerprint, host_.define(instrument));
  // Section 8: halted until a trading action says otherwise.
  if (!is_new || !symbols_.is_wanted(locate)) return;
  emit_status(c, (*c.context.halts)[locate]);
  events_->at[used_ - 1].flags |= TP_END;
}

void normalizer::market_wide_message(const rare_call& call) {
  if (!call.context.market_wide) return;
  rare_call c = call;
  c.instrument = TP_ALL;
  if (c.data[0] == 'W') {
    const char name[] = {'M', 'W', 'C', static_cast<char>(c.data[11])};
    const uint32_t handle = host_.text({name, sizeof name});
    tp_event& e = push(c, TP_EV_STATUS, TP_STATE_HALTED, 0);
    e.price = e.quantity = TP_NONE;
    e.ref = handle;
    return;
  }
  constexpr std::string_view names[] = {"MWCB level 1", "MWCB level 2", "MWCB level 3"};
  for (size_t i = 0; i < 3; ++i) {
    const uint64_t price = sdk::be64(c.data + 11 + 8 * i); // Price(8)
    if (price > INT64_MAX) {
      note(c, unknown_values);
      continue;
    }
    auto& e = push_value(c, TP_VAL_OTHER, names[i], static_cast<int64_t>(price), TP_NONE);
    e.flags |= TP_OWN_SCALE;
    e.extra = static_cast<uint8_t>(int8_t{-8});
  }
}

// Its locate is documented as 0: the stock is found by its symbol (section 12, point 4).
void normalizer::ipo_release(rare_call c) {
  const auto locate = symbols_.find(sdk::be64(c.data + 11));
  if (!locate) return note(c, unknown_locate);
  if (c.context.interests[*locate] != interest::wanted) return;
  c.instrument = *locate;
  const uint32_t seconds = sdk::be32(c.data + 19);
  auto& e = push_value(c, TP_VAL_OTHER, "IPO release", given_price4(c.data + 24), TP_NONE);
  if (seconds != 0) e.extra = clock_.midnight_ns() + uint64_t{seconds} * 1'000'000'000;
  if (c.data[23] == 'C') e.flags |= TP_UNSET;
}

void normalizer::stock_message(const rare_call& c) {
  const interest wanted = c.context.interests[c.instrument];
  if (wanted == interest::unknown) return note(c, unknown_locate);
  if (c.data[0] == 'H' || c.data[0] == 'h') return trading_status(c); // kept for unwanted stocks too
  if (wanted == interest::unwanted) return;
  switch (c.data[0]) {
    case 'Y': {
      const uint8_t action = c.data[19];
      const bool known = action >= '0' && action <= '2';
      if (!known) note(c, unknown_values);
      const uint32_t handle = letters_.of(action);
      push_value(c, TP_VAL_SHORT_RESTRICTED, {}, TP_NONE, known ? action - '0' : TP_NONE).ref = handle;
      break;
    }
    case 'N': {
      const uint8_t side = c.data[19];
      const auto sides = static_cast<uint16_t>(side == 'B'   ? +TP_BID
                                               : side == 'S' ? +TP_ASK
                                               : side == 'A' ? +TP_BID | +TP_ASK
                                                             : 0);
      if (sides == 0 && side != 'N') note(c, unknown_values);
      const uint32_t handle = letters_.of(side);
      auto& e = push_value(c, TP_VAL_RETAIL_INTEREST, {}, TP_NONE, sides);
      e.ref = handle;
      e.flags |= sides;
      break;
    }
    case 'J': return collar(c);
    case 'O': return direct_listing(c);
    case 'Q': return cross(c);
    case 'B': push(c, TP_EV_BREAK, 0, 0).ref = sdk::be64(c.data + 11); break;
    case 'I': return imbalance(c);
  }
}

void normalizer::trading_status(const rare_call& c) {
  halt_state& state = (*c.context.halts)[c.instrument];
  if (c.data[0] == 'H') {
    state.trading = static_cast<char>(c.data[19]);
    if (state_of(state.trading) == TP_STATE_UNKNOWN) note(c, unknown_values);
    const auto reason = sdk::alpha(c.data + 21, 4);
    state.reason = reason.empty() ? letters_.of(c.data[19]) : host_.text(reason);
    state.trading_at = c.sequence;
  } else {
    if (c.data[19] != market_) return; // section 7.2: only the feed's own market counts
    state.venue_halted = c.data[20] == 'H';
    state.venue_at = c.sequence;
    if (c.data[20] != 'H' && c.data[20] != 'T') note(c, unknown_values);
  }
  if (c.context.interests[c.instrument] == interest::wanted) emit_status(c, state);
}

// Tradable = 'H' says T and this venue has no halt of its own (section 8). A stock without any 'H' is halted.
void normalizer::emit_status(const rare_call& c, const halt_state& state) {
  uint8_t combined = state_of(state.trading == 0 ? 'H' : state.trading);
  const bool is_venue_halt =
    state.venue_halted && (state.trading == 0 || (combined != TP_STATE_HALTED && combined != TP_STATE_PAUSED));
  if (is_venue_halt) combined = TP_STATE_HALTED;
  const uint32_t reason = is_venue_halt ? letters_.of('h') : state.reason;
  tp_event& e = push(c, TP_EV_STATUS, combined, 0);
  e.price = e.quantity = TP_NONE;
  e.ref = reason;
}

void normalizer::tell_status(uint16_t locate, uint64_t sequence) {
  if (!symbols_.is_wanted(locate)) return;
  if (used_ == capacity) flush();
  const auto context = live();
  emit_status({sequence, nullptr, context, locate, now_ns_}, halts_[locate]);
  events_->at[used_ - 1].flags |= TP_END | TP_TIME_GUESSED;
}

void normalizer::collar(const rare_call& c) {
  const int64_t extension = sdk::be32(c.data + 31);
  push_value(c, TP_VAL_REFERENCE, {}, price4(c.data + 19), TP_NONE);
  push_value(c, TP_VAL_COLLAR_UPPER, {}, price4(c.data + 23), extension);
  push_value(c, TP_VAL_COLLAR_LOWER, {}, price4(c.data + 27), extension);
}

void normalizer::direct_listing(const rare_call& c) {
  const uint8_t* d = c.data;
  push_value(c, TP_VAL_OTHER, "DLCR eligible", TP_NONE, d[19] == 'Y');
  push_value(c, TP_VAL_OTHER, "DLCR minimum price", price4(d + 20), TP_NONE);
  push_value(c, TP_VAL_OTHER, "DLCR maximum price", price4(d + 24), TP_NONE);
  push_value(c, TP_VAL_OTHER, "DLCR near price", given_price4(d + 28), TP_NONE);
  const uint64_t near_time = sdk::be64(d + 32);
  auto& e = push_value(c, TP_VAL_OTHER, "DLCR near time", TP_NONE, TP_NONE);
  if (near_time != 0) e.extra = clock_.midnight_ns() + near_time;
  push_value(c, TP_VAL_COLLAR_LOWER, {}, price4(d + 40), TP_NONE);
  push_value(c, TP_VAL_COLLAR_UPPER, {}, price4(d + 44), TP_NONE);
}

void normalizer::cross(const rare_call& c) {
  const uint64_t shares = sdk::be64(c.data + 11);
  const uint8_t type = c.data[39];
  if (shares > INT64_MAX) return note(c, malformed);
  if (shares == 0) { // the cross ended without a trade: no statistics change (section 8)
    const std::string_view name = type == 'O'   ? "opening cross without trade"
                                  : type == 'C' ? "closing cross without trade"
                                                : "cross without trade";
    push_value(c, TP_VAL_OTHER, name, given_price4(c.data + 27), TP_NONE);
    return;
  }
  uint64_t conditions = TP_COND_AUCTION;
  switch (auction_of(type)) {
    case TP_AUCTION_OPENING: conditions |= TP_COND_OPENING; break;
    case TP_AUCTION_CLOSING: conditions |= TP_COND_CLOSING; break;
    case TP_AUCTION_REOPENING: conditions |= TP_COND_REOPENING; break;
    default: note(c, unknown_values);
  }
  tp_event& e = push(c, TP_EV_TRADE, 0, TP_PRINT);
  e.price = price4(c.data + 27);
  e.quantity = static_cast<int64_t>(shares);
  e.ref = sdk::be64(c.data + 31);
  e.extra = conditions | uint64_t{type} << 32;
}

void normalizer::imbalance(const rare_call& c) {
  const uint8_t* d = c.data;
  const uint64_t paired = sdk::be64(d + 11);
  if (paired > INT64_MAX) return note(c, malformed);
  const auto side = static_cast<uint16_t>(d[27] == 'B' ? +TP_BID : d[27] == 'S' ? +TP_ASK : 0);
  tp_event& e = push(c, TP_EV_IMBALANCE, auction_of(d[48]), side);
  e.order = sdk::be64(d + 19);
  e.price = given_price4(d + 44);
  e.quantity = static_cast<int64_t>(paired);
  e.ref = static_cast<uint64_t>(given_price4(d + 40));
  e.extra = static_cast<uint64_t>(given_price4(d + 36));
  if (e.detail == TP_AUCTION_UNKNOWN) note(c, unknown_values);
  // How far the near price lies from the reference, as the lower bound of the venue's class in percent.
  const uint8_t variation = d[49];
  int64_t percent = TP_NONE;
  if (variation == 'L')
    percent = 0;
  else if (variation >= '1' && variation <= '9')
    percent = variation - '0';
  else if (variation >= 'A' && variation <= 'C')
    percent = (variation - 'A' + 1) * 10;
  else if (variation != ' ')
    note(c, unknown_values);
  auto& v = push_value(c, TP_VAL_OTHER, "price variation percent", TP_NONE, percent);
  if (percent == TP_NONE) v.flags |= TP_UNSET;
  // Why there is neither a side nor a price. No side with a price is simply no imbalance ('N').
  switch (d[27]) {
    case 'O': push_value(c, TP_VAL_OTHER, "imbalance not computed: too few orders", TP_NONE, TP_NONE); break;
    case 'P': push_value(c, TP_VAL_OTHER, "imbalance not computed: paused", TP_NONE, TP_NONE); break;
    case 'B':
    case 'S':
    case 'N': break;
    default: note(c, unknown_values);
  }
}

} // namespace tickplant::nasdaq
