#include "quote_printer.hpp"

#include "entry_parts.hpp"

#include <algorithm>

namespace tickplant::hft {

void quote_printer::print_envelope(const tp_envelope& envelope, sdk::text_writer& out) {
  // Printed per client and frame, and all frames of a tick carry the same millisecond.
  if (prefix_size_ == 0 || prefix_ms_ != envelope.wall_ms) {
    byte_cursor prefix{prefix_};
    prefix.text("{\"type\":\"MARKET_DATA\",\"timestamp\":");
    prefix.number(envelope.wall_ms);
    prefix.text(",\"id\":\"md_");
    prefix.number(envelope.wall_ms);
    prefix.text("\",\"sequence\":");
    prefix_size_ = static_cast<size_t>(prefix.at() - prefix_);
    prefix_ms_ = envelope.wall_ms;
  }
  char text[sizeof prefix_ + 48];
  std::memcpy(text, prefix_, sizeof prefix_);
  byte_cursor rest{text + prefix_size_};
  rest.number(envelope.sequence);
  rest.text(",\"symbols\":[");
  out.put(std::string_view{text, static_cast<size_t>(rest.at() - text)});
}

void quote_printer::print_element(const tp_element& e, const tp_variant& variant, sdk::text_writer& writer) {
  if (e.price <= 0) return; // TP_NONE too
  const bool has_book = (variant.data_types & TP_DATA_ORDER_BOOK) != 0 && variant.depth != 0;
  const size_t bids = has_book ? std::min(e.bid_count, variant.depth) : 0;
  const size_t asks = has_book ? std::min(e.ask_count, variant.depth) : 0;
  const size_t needed = bounds::element(e, bids + asks);
  if (scratch_.size() < needed) scratch_.resize(needed);

  byte_cursor out{scratch_.data()};
  const auto shown = [&](int64_t value, int exponent) { out.decimal(known(value), exponent); };
  put_names(out, e.symbol, e.venue);
  out.text(",\"price\":");
  out.decimal(e.price, e.shown_exponent);
  out.text(",\"bid\":");
  shown(e.bid, e.price_exponent);
  out.text(",\"ask\":");
  shown(e.ask, e.price_exponent);
  out.text(",\"bidSize\":");
  shown(e.bid_quantity, e.quantity_exponent);
  out.text(",\"askSize\":");
  shown(e.ask_quantity, e.quantity_exponent);
  out.text(",\"volume\":");
  out.decimal(e.volume, e.quantity_exponent);
  out.text(",\"change\":");
  shown(e.change, e.shown_exponent);
  out.text(",\"changePercent\":");
  shown(e.change_percent, -4);
  out.text(",\"high\":");
  shown(e.high, e.price_exponent);
  out.text(",\"low\":");
  shown(e.low, e.price_exponent);
  out.text(",\"open\":");
  shown(e.open, e.price_exponent);
  out.text(",\"previousClose\":");
  shown(e.previous_close, e.price_exponent);
  out.text(",\"timestamp\":");
  out.number(e.venue_ns / ns_per_ms);
  if (has_book) {
    out.text(",\"bids\":[");
    put_levels(out, e.bids, bids, e.price_exponent, e.quantity_exponent);
    out.text("],\"asks\":[");
    put_levels(out, e.asks, asks, e.price_exponent, e.quantity_exponent);
    out.put(']');
  }
  if ((variant.data_types & TP_DATA_TRADES) != 0 && e.last_price != TP_NONE) put_last_trade(out, e);
  if (e.struct_size >= sizeof e && e.leg_count != 0) put_legs(out, e);
  if (variant.extras & TP_EXTRA_STAMPS) { // of a listener that stamps for all its clients
    out.text(",\"sequence\":");
    out.number(e.sequence);
    put_stamp(out, e.tick_ns);
  }
  out.put('}');
  writer.put(std::string_view{scratch_.data(), static_cast<size_t>(out.at() - scratch_.data())});
}

} // namespace tickplant::hft
