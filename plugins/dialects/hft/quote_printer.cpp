#include "quote_printer.hpp"

#include "byte_cursor.hpp"
#include "names.hpp"

#include <algorithm>
#include <cstdlib>

namespace tickplant::hft {

namespace {

constexpr uint64_t ns_per_ms = 1'000'000;
constexpr uint64_t ns_per_us = 1'000;

constexpr size_t fixed_text = 768; // keys and punctuation outside the levels
constexpr size_t level_text = 40;  // {"price":,"size":,"orders":},
constexpr size_t fixed_numbers = 28;
constexpr size_t level_numbers = 3;
constexpr size_t leg_text = 128; // keys and punctuation of an entry of `venues`
constexpr size_t leg_numbers = 4;

size_t bound(const tp_element& e, size_t levels) {
  const int exponent =
    std::max({std::abs(int{e.price_exponent}), std::abs(int{e.quantity_exponent}), std::abs(int{e.shown_exponent})});
  const size_t number = byte_cursor::decimal_bound(static_cast<size_t>(exponent));
  size_t legs = 0; // each venue's name may come twice more, as that of the best
  const uint32_t leg_count = e.struct_size >= sizeof e ? e.leg_count : 0; // a host of an older version has none
  for (uint32_t i = 0; i < leg_count; ++i)
    legs += leg_text + leg_numbers * number +
            3 * byte_cursor::string_bound(e.legs[i].venue.size + e.legs[i].symbol.size + e.legs[i].reason.size);
  return fixed_text + 2 * byte_cursor::string_bound(e.symbol.size + e.venue.size) + fixed_numbers * number +
         levels * (level_text + level_numbers * number) + legs;
}

/// The document's keys are numbers without exception, so what is not known is 0.
int64_t known(int64_t value) {
  return value == TP_NONE ? 0 : value;
}

void put_levels(byte_cursor& out, const tp_element& e, const tp_level* levels, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (i != 0) out.put(',');
    out.text("{\"price\":");
    out.decimal(known(levels[i].price), e.price_exponent);
    out.text(",\"size\":");
    out.decimal(known(levels[i].quantity), e.quantity_exponent);
    out.text(",\"orders\":");
    out.number(uint64_t{levels[i].orders});
    out.put('}');
  }
}

void put_last_trade(byte_cursor& out, const tp_element& e) {
  out.text(",\"lastTrade\":{\"price\":");
  out.decimal(e.last_price, e.price_exponent);
  out.text(",\"size\":");
  out.decimal(known(e.last_quantity), e.quantity_exponent);
  out.text(",\"timestamp\":");
  out.number(e.last_ns / ns_per_ms);
  if (e.last_aggressor == TP_AGGRESSOR_BUY) out.text(",\"side\":\"BUY\"");
  if (e.last_aggressor == TP_AGGRESSOR_SELL) out.text(",\"side\":\"SELL\"");
  out.put('}');
}

/// Whose the best prices are, and what each venue shows.
void put_legs(byte_cursor& out, const tp_element& e) {
  if (e.bid_leg < e.leg_count) {
    out.text(",\"bidVenue\":");
    out.string(sdk::view(e.legs[e.bid_leg].venue));
  }
  if (e.ask_leg < e.leg_count) {
    out.text(",\"askVenue\":");
    out.string(sdk::view(e.legs[e.ask_leg].venue));
  }
  out.text(",\"bidTotal\":");
  out.decimal(known(e.bid_total), e.quantity_exponent);
  out.text(",\"askTotal\":");
  out.decimal(known(e.ask_total), e.quantity_exponent);
  out.text(",\"venues\":[");
  for (uint32_t i = 0; i < e.leg_count; ++i) {
    const tp_leg& leg = e.legs[i];
    if (i != 0) out.put(',');
    out.text("{\"venue\":");
    out.string(sdk::view(leg.venue));
    out.text(",\"symbol\":");
    out.string(sdk::view(leg.symbol));
    out.text(",\"status\":\"");
    out.put(name_of_status(leg.status));
    out.text("\",\"bid\":");
    out.decimal(known(leg.bid), e.price_exponent);
    out.text(",\"ask\":");
    out.decimal(known(leg.ask), e.price_exponent);
    out.text(",\"bidSize\":");
    out.decimal(known(leg.bid_quantity), e.quantity_exponent);
    out.text(",\"askSize\":");
    out.decimal(known(leg.ask_quantity), e.quantity_exponent);
    if (leg.reason.size != 0) {
      out.text(",\"reason\":");
      out.string(sdk::view(leg.reason));
    }
    out.put('}');
  }
  out.put(']');
}

void put_extras(byte_cursor& out, const tp_element& e, uint32_t extras) {
  if (extras & TP_EXTRA_SEQUENCE) {
    out.text(",\"stream\":");
    out.string(sdk::view(e.venue));
    out.continue_string(':', sdk::view(e.symbol));
    out.continue_string('/', "STATE");
    out.text(",\"epoch\":");
    out.number(e.epoch);
  }
  out.text(",\"sequence\":");
  out.number(e.sequence);
  if (extras & TP_EXTRA_SEQUENCE) {
    out.text(",\"prevSequence\":");
    out.number(e.previous_sequence);
    if (e.conflated != 0) {
      out.text(",\"conflated\":");
      out.number(e.conflated);
    }
  }
  if (extras & TP_EXTRA_STAMPS) {
    out.text(",\"sentUs\":");
    out.number(e.tick_ns / ns_per_us);
  }
}

} // namespace

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
  const size_t needed = bound(e, bids + asks);
  if (scratch_.size() < needed) scratch_.resize(needed);

  byte_cursor out{scratch_.data()};
  const auto shown = [&](int64_t value, int exponent) { out.decimal(known(value), exponent); };
  out.text("{\"symbol\":");
  out.string(sdk::view(e.symbol));
  out.text(",\"exchange\":");
  out.string(sdk::view(e.venue));
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
    put_levels(out, e, e.bids, bids);
    out.text("],\"asks\":[");
    put_levels(out, e, e.asks, asks);
    out.put(']');
  }
  if ((variant.data_types & TP_DATA_TRADES) != 0 && e.last_price != TP_NONE) put_last_trade(out, e);
  if (e.struct_size >= sizeof e && e.leg_count != 0) put_legs(out, e);
  if (variant.extras != 0) put_extras(out, e, variant.extras);
  out.put('}');
  writer.put(std::string_view{scratch_.data(), static_cast<size_t>(out.at() - scratch_.data())});
}

} // namespace tickplant::hft
