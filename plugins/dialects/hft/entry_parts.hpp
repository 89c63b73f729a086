// Pieces that entries of several messages share: levels, the last trade, venues of a consolidated instrument, the place
// on a line. `Out` is byte_cursor, or one whose decimals stand in quotes; the caller has reserved the bytes.
#pragma once

#include "byte_cursor.hpp"
#include "names.hpp"

#include <tickplant/dialect.hpp>

#include <algorithm>
#include <cstdlib>

namespace tickplant::hft {

inline constexpr uint64_t ns_per_ms = 1'000'000, ns_per_us = 1'000;

/// Prices and sizes as strings: for clients whose numbers are doubles.
class quoting_cursor : public byte_cursor {
public:
  using byte_cursor::byte_cursor;
  template <class Mantissa>
  void decimal(Mantissa mantissa, int exponent) {
    put('"');
    byte_cursor::decimal(mantissa, exponent);
    put('"');
  }
};

namespace bounds {
inline constexpr size_t fixed_text = 768; // keys and punctuation outside the levels
inline constexpr size_t level_text = 40;  // {"price":,"size":,"orders":},
inline constexpr size_t fixed_numbers = 28;
inline constexpr size_t level_numbers = 3;
inline constexpr size_t leg_text = 128; // keys and punctuation of an entry of `venues`
inline constexpr size_t leg_numbers = 4;

inline size_t number(std::initializer_list<int8_t> exponents) {
  int most = 0;
  for (const int exponent : exponents) most = std::max(most, std::abs(exponent));
  return byte_cursor::decimal_bound(static_cast<size_t>(most));
}
/// An entry's names come twice: as they are and in the stream's name.
inline size_t entry(tp_str symbol, tp_str venue, size_t number_size, size_t levels) {
  return fixed_text + 2 * byte_cursor::string_bound(symbol.size + venue.size) + fixed_numbers * number_size +
         levels * (level_text + level_numbers * number_size);
}
inline size_t element(const tp_element& e, size_t levels) {
  const size_t size = number({e.price_exponent, e.quantity_exponent, e.shown_exponent});
  size_t legs = 0; // each venue's name may come twice more, as that of the best
  const uint32_t leg_count = e.struct_size >= sizeof e ? e.leg_count : 0; // a host of an older version has none
  for (uint32_t i = 0; i < leg_count; ++i)
    legs += leg_text + leg_numbers * size +
            3 * byte_cursor::string_bound(e.legs[i].venue.size + e.legs[i].symbol.size + e.legs[i].reason.size);
  return entry(e.symbol, e.venue, size, levels) + legs;
}
} // namespace bounds

/// The document's keys are numbers without exception, so what is not known is 0.
inline int64_t known(int64_t value) {
  return value == TP_NONE ? 0 : value;
}

template <class Out>
void put_levels(Out& out, const tp_level* levels, size_t count, int price_exponent, int quantity_exponent) {
  for (size_t i = 0; i < count; ++i) {
    if (i != 0) out.put(',');
    out.text("{\"price\":");
    out.decimal(known(levels[i].price), price_exponent);
    out.text(",\"size\":");
    out.decimal(known(levels[i].quantity), quantity_exponent);
    out.text(",\"orders\":");
    out.number(uint64_t{levels[i].orders});
    out.put('}');
  }
}

template <class Out>
void put_side(Out& out, uint8_t aggressor) {
  if (aggressor == TP_AGGRESSOR_BUY) out.text(",\"side\":\"BUY\"");
  if (aggressor == TP_AGGRESSOR_SELL) out.text(",\"side\":\"SELL\"");
}

template <class Out>
void put_last_trade(Out& out, const tp_element& e) {
  out.text(",\"lastTrade\":{\"price\":");
  out.decimal(e.last_price, e.price_exponent);
  out.text(",\"size\":");
  out.decimal(known(e.last_quantity), e.quantity_exponent);
  out.text(",\"timestamp\":");
  out.number(e.last_ns / ns_per_ms);
  put_side(out, e.last_aggressor);
  out.put('}');
}

/// Whose the best prices are, and what each venue shows.
template <class Out>
void put_legs(Out& out, const tp_element& e) {
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

/// The name of the line and where on it the entry stands.
template <class Out>
void put_place(Out& out, tp_str venue, tp_str symbol, uint32_t series, uint64_t epoch, uint64_t sequence) {
  out.text(",\"stream\":");
  out.string(sdk::view(venue));
  out.continue_string(':', sdk::view(symbol));
  out.continue_string('/', name_of_series(series));
  out.text(",\"epoch\":");
  out.number(epoch);
  out.text(",\"sequence\":");
  out.number(sequence);
}

template <class Out>
void put_step(Out& out, uint64_t previous, uint64_t conflated) {
  out.text(",\"prevSequence\":");
  out.number(previous);
  if (conflated == 0) return;
  out.text(",\"conflated\":");
  out.number(conflated);
}

template <class Out>
void put_stamp(Out& out, uint64_t tick_ns) {
  out.text(",\"sentUs\":");
  out.number(tick_ns / ns_per_us);
}

template <class Out>
void put_names(Out& out, tp_str symbol, tp_str venue) {
  out.text("{\"symbol\":");
  out.string(sdk::view(symbol));
  out.text(",\"exchange\":");
  out.string(sdk::view(venue));
}

} // namespace tickplant::hft
