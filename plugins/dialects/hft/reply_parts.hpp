// Pieces of replies: keys with their values, the head, echoes of what the client sent.
#pragma once

#include "names.hpp"

#include <tickplant/dialect.hpp>

#include <string>

namespace tickplant::hft {

inline void put_key(sdk::text_writer& out, std::string_view key) {
  out.put(",\"");
  out.put(key);
  out.put("\":");
}

template <std::integral Number>
void put_number(sdk::text_writer& out, std::string_view key, Number value) {
  put_key(out, key);
  out.put_number(value);
}

inline void put_text(sdk::text_writer& out, std::string_view key, std::string_view text) {
  put_key(out, key);
  out.put_json_string(text);
}

/// Whether the client has said HELLO, and so knows more than document 000.
inline bool is_extended(const tp_reply& r) {
  return r.struct_size >= sizeof r && (r.extras & TP_EXTRA_SEQUENCE) != 0;
}

inline void put_head(sdk::text_writer& out, std::string_view type, const tp_reply& r) {
  out.put("{\"type\":\"");
  out.put(type);
  out.put("\",\"timestamp\":");
  out.put_number(r.wall_ms);
  if (is_extended(r)) out.put(",\"v\":1");
  if (r.sequence != 0) put_number(out, "sequence", r.sequence);
}

/// Echoes what the client sent as the JSON type it had; anything else, which is the host's own, becomes a string.
void put_echo(sdk::text_writer& out, std::string_view key, tp_str token);

// The messages about subscriptions and their lines.
void put_subscribed(sdk::text_writer&, const tp_reply&);
void put_unsubscribed(sdk::text_writer&, const tp_reply&);
void put_paused(sdk::text_writer&, const tp_reply&);
void put_list(sdk::text_writer&, const tp_reply&);
void put_heartbeat(sdk::text_writer&, const tp_reply&);
void put_stream_status(sdk::text_writer&, const tp_reply&);
/// HEARTBEAT, RESUMED and RESUME_FAILED: lines and how far they are.
void put_lines(sdk::text_writer&, std::string_view type, const tp_reply&);
void put_gap(sdk::text_writer&, const tp_reply&);
void put_slow_line(sdk::text_writer&, const tp_reply&);
void put_signal(sdk::text_writer&, const tp_reply&);

} // namespace tickplant::hft
