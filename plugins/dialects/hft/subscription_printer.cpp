// What is said about subscriptions and their lines: results symbol by symbol, places on lines, gaps.
#include "reply_parts.hpp"

namespace tickplant::hft {

namespace {

void put_stream(sdk::text_writer& out, tp_str venue, tp_str symbol, uint32_t series) {
  std::string stream{sdk::view(venue)};
  stream.append(":").append(sdk::view(symbol)).append("/").append(name_of_series(series));
  out.put_json_string(stream);
}

void put_data_types(sdk::text_writer& out, uint32_t data_types) {
  put_key(out, "dataTypes");
  out.put('[');
  bool is_first = true;
  for (const auto& type : data_type_names)
    if (data_types & type.bit) {
      if (!is_first) out.put(',');
      is_first = false;
      out.put_json_string(type.name);
    }
  out.put(']');
}

void put_fault(sdk::text_writer& out, const tp_result& r) {
  if (r.code != 0) {
    put_number(out, "code", r.code);
    put_text(out, "name", name_of_error(r.code).name);
  }
  if (r.reason.size != 0) put_text(out, "reason", sdk::view(r.reason));
}

/// Clients of document 000 are told the one line that they have, as everybody is by STREAM_STATUS; others each that
/// their data types bring, and none for what is refused.
void put_streams_of(sdk::text_writer& out, const tp_result& r, bool has_lines) {
  if (r.venue.size == 0 || r.symbol.size == 0) return;
  if (r.lines == 0 && has_lines) return;
  if (r.lines == 0) {
    put_key(out, "stream");
    return put_stream(out, r.venue, r.symbol, r.series);
  }
  put_key(out, "streams");
  out.put('[');
  bool is_first = true;
  for (const uint32_t series : {TP_SERIES_STATE, TP_SERIES_TRADES, TP_SERIES_BOOK}) {
    if ((r.lines & TP_LINE_OF(series)) == 0) continue;
    if (!is_first) out.put(',');
    is_first = false;
    put_stream(out, r.venue, r.symbol, series);
  }
  out.put(']');
}

void put_result(sdk::text_writer& out, const tp_result& r, std::string_view name, bool has_lines) {
  out.put("{\"symbol\":");
  out.put_json_string(name);
  if (r.venue.size != 0) put_text(out, "exchange", sdk::view(r.venue));
  put_streams_of(out, r, has_lines);
  if (r.matched != 0 || r.left_out != 0) put_number(out, "matched", r.matched);
  if (r.left_out != 0) put_number(out, "leftOut", r.left_out);
  if (const auto status = name_of_status(r.status); !status.empty()) put_text(out, "status", status);
  if (r.data_types != 0) { // LIST
    put_data_types(out, r.data_types);
    put_number(out, "frequency", r.frequency_ms);
    if (r.data_types & TP_DATA_ORDER_BOOK) put_number(out, "depth", r.depth);
  }
  put_fault(out, r);
  out.put('}');
}

/// Results about symbols; those about single lines, which have a sequence, are told apart.
void put_results(sdk::text_writer& out, std::string_view key, const tp_reply& r, bool by_asked_name) {
  put_key(out, key);
  out.put('[');
  bool is_first = true;
  for (uint32_t i = 0; i < r.result_count; ++i) {
    const tp_result& result = r.results[i];
    if (r.kind == TP_REPLY_LIST && result.data_types == 0) continue;
    if (!is_first) out.put(',');
    is_first = false;
    const bool is_asked = by_asked_name ? result.asked.size != 0 : result.symbol.size == 0;
    put_result(out, result, sdk::view(is_asked ? result.asked : result.symbol), is_extended(r) && by_asked_name);
  }
  out.put(']');
}

void put_line(sdk::text_writer& out, const tp_result& r) {
  put_key(out, "stream");
  put_stream(out, r.venue, r.symbol, r.series);
  put_number(out, "epoch", r.epoch);
}

void put_place(sdk::text_writer& out, const tp_result& r) {
  out.put("{\"stream\":");
  put_stream(out, r.venue, r.symbol, r.series);
  put_number(out, "epoch", r.epoch);
  if (r.from != 0) put_number(out, "from", r.from);
  put_number(out, "sequence", r.sequence);
  put_fault(out, r);
  out.put('}');
}

void put_places(sdk::text_writer& out, const tp_reply& r) {
  put_key(out, "streams");
  out.put('[');
  bool is_first = true;
  for (uint32_t i = 0; i < r.result_count; ++i) {
    if (r.kind == TP_REPLY_LIST && r.results[i].data_types != 0) continue;
    if (!is_first) out.put(',');
    is_first = false;
    put_place(out, r.results[i]);
  }
  out.put(']');
}

/// Lines of the client that are not among those named.
void put_more(sdk::text_writer& out, const tp_reply& r) {
  if (r.symbol_count != 0) put_number(out, "more", r.symbol_count);
}

void put_count_message(sdk::text_writer& out, std::string_view words, uint32_t count) {
  put_key(out, "message");
  out.put('"');
  out.put(words);
  out.put_number(count);
  out.put(" symbols\"");
}

} // namespace

void put_subscribed(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "ACK", r);
  put_count_message(out,
                    r.kind == TP_REPLY_UPDATED        ? "Updated "
                    : r.mode == TP_MODE_SNAPSHOT_ONLY ? "Snapshots of "
                                                      : "Subscribed to ",
                    r.symbol_count);
  put_echo(out, "requestId", r.id);
  put_number(out, "frequency", r.frequency_ms);
  put_data_types(out, r.data_types);
  if (r.data_types & TP_DATA_ORDER_BOOK) put_number(out, "depth", r.depth);
  if (is_extended(r)) {
    if (const auto mode = name_of_choice(mode_names, r.mode); !mode.empty()) put_text(out, "mode", mode);
    if (const auto slow = name_of_choice(slow_names, r.on_slow); !slow.empty()) put_text(out, "onSlow", slow);
  }
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

void put_paused(sdk::text_writer& out, const tp_reply& r) {
  bool is_paused = false;
  for (uint32_t i = 0; i < r.result_count; ++i) is_paused |= r.results[i].status == TP_STATUS_PAUSED;
  put_head(out, "ACK", r);
  if (r.result_count == 0)
    put_text(out, "message", "Nothing is subscribed");
  else
    put_count_message(out, is_paused ? "Paused " : "Going on with ", r.symbol_count);
  put_echo(out, "requestId", r.id);
  put_results(out, "results", r, true);
  out.put('}');
}

void put_list(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "LIST", r);
  put_echo(out, "requestId", r.id);
  put_results(out, "symbols", r, true);
  put_places(out, r);
  put_more(out, r);
  out.put('}');
}

void put_heartbeat(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "HEARTBEAT", r);
  put_echo(out, "requestId", r.id);
  put_places(out, r);
  put_more(out, r);
  out.put('}');
}

void put_stream_status(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "STREAM_STATUS", r);
  put_results(out, "symbols", r, false);
  out.put('}');
}

void put_lines(sdk::text_writer& out, std::string_view type, const tp_reply& r) {
  put_head(out, type, r);
  put_echo(out, "requestId", r.id);
  put_places(out, r);
  out.put('}');
}

/// The line that has gone on too far, and the place that the client has on it, if it is one line that does not wait.
void put_slow_line(sdk::text_writer& out, const tp_reply& r) {
  if (r.result_count == 0 || !is_extended(r)) return;
  put_line(out, r.results[0]);
  put_number(out, "sequence", r.results[0].sequence);
}

void put_gap(sdk::text_writer& out, const tp_reply& r) {
  if (r.result_count == 0) return;
  const tp_result& lost = r.results[0];
  put_head(out, "GAP", r);
  put_line(out, lost);
  put_number(out, "from", lost.from);
  put_number(out, "to", lost.sequence);
  const auto reason = r.detail.size != 0 ? r.detail : lost.reason;
  if (reason.size != 0) put_text(out, "reason", sdk::view(reason));
  out.put('}');
}

} // namespace tickplant::hft
