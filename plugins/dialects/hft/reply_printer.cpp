#include "reply_printer.hpp"

#include "names.hpp"

#include <string>

namespace tickplant::hft {

namespace {

void put_key(sdk::text_writer& out, std::string_view key) {
  out.put(",\"");
  out.put(key);
  out.put("\":");
}

template <std::integral Number>
void put_number(sdk::text_writer& out, std::string_view key, Number value) {
  put_key(out, key);
  out.put_number(value);
}

void put_text(sdk::text_writer& out, std::string_view key, std::string_view text) {
  put_key(out, key);
  out.put_json_string(text);
}

void put_head(sdk::text_writer& out, std::string_view type, const tp_reply& r) {
  out.put("{\"type\":\"");
  out.put(type);
  out.put("\",\"timestamp\":");
  out.put_number(r.wall_ms);
  if (r.sequence != 0) put_number(out, "sequence", r.sequence);
}

bool is_string_token(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (size_t i = 0; i < text.size(); ++i) {
    if (static_cast<uint8_t>(text[i]) < 0x20 || text[i] == '"') return false;
    if (text[i] != '\\') continue;
    if (++i == text.size()) return false;
    if (text[i] == 'u') {
      const auto hex = text.substr(i + 1, 4);
      if (hex.size() < 4 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) return false;
    } else if (std::string_view{"\"\\/bfnrt"}.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_number_token(std::string_view text) {
  size_t i = text.starts_with('-') ? 1 : 0;
  const auto skip_digits = [&] {
    const size_t first = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - first;
  };
  const bool has_zero = i < text.size() && text[i] == '0';
  const size_t whole = skip_digits();
  if (whole == 0 || (has_zero && whole > 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (skip_digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (skip_digits() == 0) return false;
  }
  return i == text.size();
}

/// Echoes what the client sent as the JSON type it had; anything else, which is the host's own, becomes a string.
void put_echo(sdk::text_writer& out, std::string_view key, tp_str token) {
  const std::string_view text = sdk::view(token);
  if (text.empty()) return;
  put_key(out, key);
  if (is_string_token(text) || is_number_token(text))
    out.put(text);
  else
    out.put_json_string(text);
}

void put_result(sdk::text_writer& out, const tp_result& r, std::string_view name) {
  out.put("{\"symbol\":");
  out.put_json_string(name);
  if (r.venue.size != 0) {
    put_text(out, "exchange", sdk::view(r.venue));
    if (r.symbol.size != 0) {
      std::string stream{sdk::view(r.venue)};
      stream.append(":").append(sdk::view(r.symbol)).append("/STATE");
      put_text(out, "stream", stream);
    }
  }
  if (const auto status = name_of_status(r.status); !status.empty()) put_text(out, "status", status);
  if (r.code != 0) {
    put_number(out, "code", r.code);
    put_text(out, "name", name_of_error(r.code).name);
  }
  if (r.reason.size != 0) put_text(out, "reason", sdk::view(r.reason));
  out.put('}');
}

void put_results(sdk::text_writer& out, std::string_view key, const tp_reply& r, bool by_asked_name) {
  put_key(out, key);
  out.put('[');
  for (uint32_t i = 0; i < r.result_count; ++i) {
    if (i != 0) out.put(',');
    const tp_result& result = r.results[i];
    const bool is_asked = by_asked_name ? result.asked.size != 0 : result.symbol.size == 0;
    put_result(out, result, sdk::view(is_asked ? result.asked : result.symbol));
  }
  out.put(']');
}

/// Who the server takes the client for, and until when.
void put_identity(sdk::text_writer& out, const tp_reply& r) {
  if (r.subject.size != 0) put_text(out, "subject", sdk::view(r.subject));
  if (r.tier.size != 0) put_text(out, "tier", sdk::view(r.tier));
  if (r.expires_ms != TP_NONE && r.expires_ms != 0) put_number(out, "expiresAt", r.expires_ms);
}

void put_welcome(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "ACK", r);
  put_text(out, "message", "Connected to HFT WebSocket Server");
  put_text(out, "sessionId", sdk::view(r.session));
  put_number(out, "protocolVersion", r.protocol_version);
  put_number(out, "heartbeatInterval", r.heartbeat_ms);
  put_number(out, "maxMessageSize", r.max_message);
  put_number(out, "maxSymbols", r.max_symbols);
  if (r.needs_auth) put_number(out, "authDeadlineMs", r.auth_deadline_ms);
  put_identity(out, r);
  out.put(",\"resume\":false}");
}

void put_auth_success(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "AUTH_SUCCESS", r);
  put_text(out, "message", "Authenticated");
  put_identity(out, r);
  put_echo(out, "requestId", r.id);
  out.put('}');
}

void put_auth_failed(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "AUTH_FAILED", r);
  put_text(out, "message", sdk::view(r.detail));
  put_number(out, "code", r.code);
  put_text(out, "name", sdk::view(r.name));
  put_echo(out, "requestId", r.id);
  out.put('}');
}

void put_auth_expiring(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "AUTH_EXPIRING", r);
  put_text(out, "message", "The token expires soon: send a new one by REFRESH");
  put_identity(out, r);
  out.put('}');
}

void put_count_message(sdk::text_writer& out, std::string_view words, uint32_t count) {
  put_key(out, "message");
  out.put('"');
  out.put(words);
  out.put_number(count);
  out.put(" symbols\"");
}

void put_subscribed(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "ACK", r);
  put_count_message(out, "Subscribed to ", r.symbol_count);
  put_echo(out, "requestId", r.id);
  put_number(out, "frequency", r.frequency_ms);
  put_key(out, "dataTypes");
  out.put('[');
  bool is_first = true;
  for (const auto& type : data_type_names)
    if (r.data_types & type.bit) {
      if (!is_first) out.put(',');
      is_first = false;
      out.put_json_string(type.name);
    }
  out.put(']');
  if (r.data_types & TP_DATA_ORDER_BOOK) put_number(out, "depth", r.depth);
  put_results(out, "results", r, true);
  out.put('}');
}

void put_unsubscribed(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "ACK", r);
  put_count_message(out, "Unsubscribed from ", r.symbol_count);
  put_echo(out, "requestId", r.id);
  if (r.result_count != 0) put_results(out, "results", r, true);
  out.put('}');
}

void put_error(sdk::text_writer& out, const tp_reply& r) {
  const error_name known = name_of_error(r.code);
  const std::string_view detail = sdk::view(r.detail);
  // The fixed text of a number comes first, whoever raised it: clients compare it (document 000, handleMessage).
  std::string message{detail.starts_with(known.text) ? std::string_view{} : known.text};
  if (!message.empty() && !detail.empty()) message += message.back() == '.' ? " " : ": ";
  message += detail;
  put_head(out, "ERROR", r);
  put_text(out, "message", message.empty() ? known.name : std::string_view{message});
  put_text(out, "errorType", known.type);
  put_number(out, "code", r.code);
  put_text(out, "name", r.name.size != 0 ? sdk::view(r.name) : known.name);
  out.put(r.recoverable ? ",\"recoverable\":true" : ",\"recoverable\":false");
  if (r.field.size != 0) put_text(out, "field", sdk::view(r.field));
  put_echo(out, "requestId", r.id);
  if (r.retry_after_ms != 0) put_number(out, "retryAfterMs", r.retry_after_ms);
  out.put('}');
}

/// HEARTBEAT, SLOW_CONSUMER and SHUTDOWN: a type and what little the struct says beside it.
void put_notice(sdk::text_writer& out, std::string_view type, const tp_reply& r) {
  put_head(out, type, r);
  if (r.detail.size != 0) put_text(out, "message", sdk::view(r.detail));
  if (r.code != 0) put_number(out, "code", r.code);
  put_echo(out, "requestId", r.id);
  if (r.retry_after_ms != 0) put_number(out, "retryAfterMs", r.retry_after_ms);
  out.put('}');
}

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

/// SIGNAL, flat as all messages of the document: one of its types without a shape of its own there.
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

} // namespace

void print_reply(const tp_reply& r, sdk::text_writer& out) {
  switch (r.kind) {
    case TP_REPLY_WELCOME: return put_welcome(out, r);
    case TP_REPLY_SUBSCRIBED: return put_subscribed(out, r);
    case TP_REPLY_UNSUBSCRIBED: return put_unsubscribed(out, r);
    case TP_REPLY_HEARTBEAT: return put_notice(out, "HEARTBEAT", r);
    case TP_REPLY_PONG:
      put_head(out, "PONG", r);
      put_echo(out, "pingId", r.probe);
      put_echo(out, "requestId", r.id);
      return out.put('}');
    case TP_REPLY_ERROR: return put_error(out, r);
    case TP_REPLY_STREAM_STATUS:
      put_head(out, "STREAM_STATUS", r);
      put_results(out, "symbols", r, false);
      return out.put('}');
    case TP_REPLY_SLOW_CONSUMER: return put_notice(out, "SLOW_CONSUMER", r);
    case TP_REPLY_SHUTDOWN: return put_notice(out, "SHUTDOWN", r);
    case TP_REPLY_AUTH_SUCCESS: return put_auth_success(out, r);
    case TP_REPLY_AUTH_FAILED: return put_auth_failed(out, r);
    case TP_REPLY_AUTH_EXPIRING: return put_auth_expiring(out, r);
    case TP_REPLY_SIGNAL: return put_signal(out, r);
    default: return;
  }
}

} // namespace tickplant::hft
