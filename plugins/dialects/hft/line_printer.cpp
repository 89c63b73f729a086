#include "line_printer.hpp"

#include "entry_parts.hpp"

#include <tickplant/venue.h>

namespace tickplant::hft {

namespace {

std::string_view type_of(const tp_envelope& envelope) {
  if (envelope.is_snapshot) return "SNAPSHOT";
  switch (envelope.series) {
    case TP_SERIES_TRADES: return "TRADE";
    case TP_SERIES_BOOK: return "BOOK_DELTA";
    default: return "MARKET_DATA";
  }
}

struct condition_name {
  uint32_t bit;
  std::string_view name;
};
constexpr condition_name condition_names[] = {{TP_COND_ISO, "ISO"},
                                              {TP_COND_ODD_LOT, "ODD_LOT"},
                                              {TP_COND_EXTENDED, "EXTENDED_HOURS"},
                                              {TP_COND_OPENING, "OPENING"},
                                              {TP_COND_CLOSING, "CLOSING"},
                                              {TP_COND_REOPENING, "REOPENING"},
                                              {TP_COND_AUCTION, "AUCTION"},
                                              {TP_COND_CROSS, "CROSS"},
                                              {TP_COND_BLOCK, "BLOCK"},
                                              {TP_COND_CONTINGENT, "CONTINGENT"},
                                              {TP_COND_LATE, "LATE"},
                                              {TP_COND_HIDDEN, "HIDDEN"},
                                              {TP_COND_RFQ, "RFQ"},
                                              {TP_COND_CASH, "CASH"}};
constexpr size_t conditions_text = 200;

template <class Out>
void put_conditions(Out& out, uint32_t conditions) {
  bool is_first = true;
  for (const auto& c : condition_names) {
    if ((conditions & c.bit) == 0) continue;
    out.put(is_first ? std::string_view{",\"conditions\":[\""} : std::string_view{",\""});
    out.put(c.name);
    out.put('"');
    is_first = false;
  }
  if (!is_first) out.put(']');
}

/// One key of a state, if it is chosen and known.
template <class Out>
struct chosen_keys {
  Out& out;
  uint32_t fields; // 0 = all

  bool has(uint32_t field) const { return fields == 0 || (fields & field) != 0; }
  template <size_t Size>
  void put(uint32_t field, const char (&key)[Size], int64_t value, int exponent) {
    if (value == TP_NONE || !has(field)) return;
    out.text(key);
    out.decimal(value, exponent);
  }
};

template <class Out>
void put_levels_of(Out& out, const tp_element& e, size_t bids, size_t asks) {
  out.text(",\"bids\":[");
  put_levels(out, e.bids, bids, e.price_exponent, e.quantity_exponent);
  out.text("],\"asks\":[");
  put_levels(out, e.asks, asks, e.price_exponent, e.quantity_exponent);
  out.put(']');
}

template <class Out>
void put_state(Out& out, const tp_element& e, const tp_variant& v, bool has_book, size_t bids, size_t asks) {
  chosen_keys<Out> keys{out, v.fields};
  const int price = e.price_exponent, size = e.quantity_exponent;
  keys.put(TP_FIELD_PRICE, ",\"price\":", e.price, e.shown_exponent);
  keys.put(TP_FIELD_BID, ",\"bid\":", e.bid, price);
  keys.put(TP_FIELD_ASK, ",\"ask\":", e.ask, price);
  keys.put(TP_FIELD_BID_SIZE, ",\"bidSize\":", e.bid_quantity, size);
  keys.put(TP_FIELD_ASK_SIZE, ",\"askSize\":", e.ask_quantity, size);
  if (keys.has(TP_FIELD_VOLUME)) {
    out.text(",\"volume\":");
    out.decimal(e.volume, size);
  }
  keys.put(TP_FIELD_CHANGE, ",\"change\":", e.change, e.shown_exponent);
  keys.put(TP_FIELD_CHANGE_PERCENT, ",\"changePercent\":", e.change_percent, -4);
  keys.put(TP_FIELD_HIGH, ",\"high\":", e.high, price);
  keys.put(TP_FIELD_LOW, ",\"low\":", e.low, price);
  keys.put(TP_FIELD_OPEN, ",\"open\":", e.open, price);
  keys.put(TP_FIELD_PREVIOUS_CLOSE, ",\"previousClose\":", e.previous_close, price);
  out.text(",\"timestamp\":");
  out.number(e.venue_ns / ns_per_ms);
  if (has_book && keys.has(TP_FIELD_LEVELS)) put_levels_of(out, e, bids, asks);
  if ((v.data_types & TP_DATA_TRADES) != 0 && e.last_price != TP_NONE && keys.has(TP_FIELD_LAST_TRADE))
    put_last_trade(out, e);
  if (v.fields == 0 && e.struct_size >= sizeof e && e.leg_count != 0) put_legs(out, e);
}

} // namespace

void line_printer::print_envelope(const tp_envelope& envelope, sdk::text_writer& out) {
  char text[128];
  byte_cursor head{text};
  head.text("{\"type\":\"");
  head.put(type_of(envelope));
  head.text("\",\"timestamp\":");
  head.number(envelope.wall_ms);
  head.text(",\"v\":1,\"sequence\":");
  head.number(envelope.sequence);
  head.text(",\"symbols\":[");
  out.put(std::string_view{text, static_cast<size_t>(head.at() - text)});
}

template <class Print>
void line_printer::print(size_t bound, const tp_variant& variant, sdk::text_writer& writer, Print&& print) {
  if (scratch_.size() < bound) scratch_.resize(bound);
  const auto finish = [&](auto out) {
    print(out);
    out.put('}');
    writer.put(std::string_view{scratch_.data(), static_cast<size_t>(out.at() - scratch_.data())});
  };
  if (variant.extras & TP_EXTRA_NUMBER_STRINGS)
    finish(quoting_cursor{scratch_.data()});
  else
    finish(byte_cursor{scratch_.data()});
}

void line_printer::print_element(const tp_element& e, const tp_variant& v, sdk::text_writer& writer) {
  const bool is_state = v.series == TP_SERIES_STATE, is_extended = (v.extras & TP_EXTRA_SEQUENCE) != 0;
  // Clients of the document alone drop a message for an entry without a price, whatever keys they have chosen.
  if (!is_extended && e.price <= 0) return;
  const bool has_book =
    v.series == TP_SERIES_BOOK || (is_state && (v.data_types & TP_DATA_ORDER_BOOK) != 0 && v.depth != 0);
  const size_t bids = has_book ? std::min(e.bid_count, v.depth) : 0;
  const size_t asks = has_book ? std::min(e.ask_count, v.depth) : 0;
  print(bounds::element(e, bids + asks), v, writer, [&](auto& out) {
    put_names(out, e.symbol, e.venue);
    if (is_state) {
      put_state(out, e, v, has_book, bids, asks);
    } else {
      out.text(",\"timestamp\":");
      out.number(e.venue_ns / ns_per_ms);
      if (has_book) put_levels_of(out, e, bids, asks);
      if (v.series == TP_SERIES_TRADES && e.last_price != TP_NONE) put_last_trade(out, e);
    }
    if (is_extended) {
      put_place(out, e.venue, e.symbol, v.series, e.epoch, e.sequence);
      if (is_state) put_step(out, e.previous_sequence, e.conflated);
    } else if (v.extras & TP_EXTRA_STAMPS) {
      out.text(",\"sequence\":");
      out.number(e.sequence);
    }
    if (v.extras & TP_EXTRA_STAMPS) put_stamp(out, e.tick_ns);
  });
}

void line_printer::print_trade(const tp_trade& t, const tp_variant& v, sdk::text_writer& writer) {
  const size_t bound =
    bounds::entry(t.symbol, t.venue, bounds::number({t.price_exponent, t.quantity_exponent}), 0) + conditions_text;
  print(bound, v, writer, [&](auto& out) {
    put_names(out, t.symbol, t.venue);
    switch (t.kind) {
      case TP_TRADE_BREAK: out.text(",\"kind\":\"BREAK\""); break;
      case TP_TRADE_CORRECT: out.text(",\"kind\":\"CORRECT\""); break;
      default: out.text(",\"kind\":\"TRADE\""); break;
    }
    if (t.price != TP_NONE) {
      out.text(",\"price\":");
      out.decimal(t.price, t.price_exponent);
    }
    if (t.quantity != TP_NONE) {
      out.text(",\"size\":");
      out.decimal(t.quantity, t.quantity_exponent);
    }
    put_side(out, t.aggressor);
    out.text(",\"timestamp\":");
    out.number(t.venue_ns / ns_per_ms);
    if (t.trade_id != 0) {
      out.text(",\"tradeId\":\""); // 64 bits are more than a double holds
      out.number(t.trade_id);
      out.put('"');
    }
    put_conditions(out, t.conditions);
    put_place(out, t.venue, t.symbol, TP_SERIES_TRADES, t.epoch, t.sequence);
    if (v.extras & TP_EXTRA_STAMPS) put_stamp(out, t.tick_ns);
  });
}

void line_printer::print_delta(const tp_book_delta& d, const tp_variant& v, sdk::text_writer& writer) {
  const size_t bound = bounds::entry(d.symbol, d.venue, bounds::number({d.price_exponent, d.quantity_exponent}),
                                     size_t{d.bid_count} + d.ask_count);
  print(bound, v, writer, [&](auto& out) {
    put_names(out, d.symbol, d.venue);
    out.text(",\"timestamp\":");
    out.number(d.venue_ns / ns_per_ms);
    out.text(",\"bids\":[");
    put_levels(out, d.bids, d.bid_count, d.price_exponent, d.quantity_exponent);
    out.text("],\"asks\":[");
    put_levels(out, d.asks, d.ask_count, d.price_exponent, d.quantity_exponent);
    out.put(']');
    put_place(out, d.venue, d.symbol, TP_SERIES_BOOK, d.epoch, d.sequence);
    put_step(out, d.previous_sequence, d.conflated);
    if (v.extras & TP_EXTRA_STAMPS) put_stamp(out, d.tick_ns);
  });
}

} // namespace tickplant::hft
