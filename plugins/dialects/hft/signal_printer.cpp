// SIGNAL: arbitrage, told once.
#include "reply_parts.hpp"

namespace tickplant::hft {

namespace {

std::string_view name_of_phase(uint32_t phase) {
  switch (phase) {
    case TP_SIGNAL_START: return "START";
    case TP_SIGNAL_CHANGE: return "CHANGE";
    case TP_SIGNAL_END: return "END";
    default: return "UNKNOWN";
  }
}

template <class Mantissa>
void put_decimal(sdk::text_writer& out, std::string_view key, Mantissa mantissa, int exponent) {
  put_key(out, key);
  out.put_decimal(mantissa, exponent);
}

void put_side(sdk::text_writer& out, std::string_view key, tp_str venue, tp_str symbol, int64_t price, int exponent) {
  put_key(out, key);
  out.put("{\"exchange\":");
  out.put_json_string(sdk::view(venue));
  put_text(out, "symbol", sdk::view(symbol));
  put_decimal(out, "price", price, exponent);
  out.put('}');
}

} // namespace

/// Flat as all messages of the document: one of its types without a shape of its own there.
void put_signal(sdk::text_writer& out, const tp_reply& r) {
  constexpr uint64_t ns_per_ms = 1'000'000, ns_per_us = 1'000;
  if (!r.signal) return;
  const tp_signal& s = *r.signal;
  put_head(out, "SIGNAL", r);
  put_text(out, "signal", "ARBITRAGE");
  put_text(out, "signalId", sdk::view(s.key));
  put_text(out, "phase", name_of_phase(s.phase));
  put_text(out, "market", s.is_locked ? "LOCKED" : "CROSSED");
  put_text(out, "symbol", sdk::view(s.symbol));
  put_text(out, "exchange", sdk::view(s.venue));
  put_side(out, "buy", s.buy_venue, s.buy_symbol, s.buy_price, s.price_exponent);
  put_side(out, "sell", s.sell_venue, s.sell_symbol, s.sell_price, s.price_exponent);
  if (s.quantity != TP_NONE) put_decimal(out, "size", s.quantity, s.quantity_exponent);
  put_decimal(out, "edge", s.edge, s.price_exponent);
  put_decimal(out, "edgeBps", s.edge_bps, -4);
  put_decimal(out, "netEdge", s.net_edge, s.net_exponent);
  put_decimal(out, "netEdgeBps", s.net_edge_bps, -4);
  put_number(out, "startTime", s.start_ns / ns_per_ms);
  put_number(out, "durationUs", s.duration_ns / ns_per_us);
  put_number(out, "signalSequence", s.sequence);
  if (s.reason.size != 0) put_text(out, "reason", sdk::view(s.reason));
  out.put('}');
}

} // namespace tickplant::hft
