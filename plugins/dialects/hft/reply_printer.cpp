#include "reply_printer.hpp"

#include "reply_parts.hpp"

namespace tickplant::hft {

namespace {

/// Who the server takes the client for, and until when.
void put_identity(sdk::text_writer& out, const tp_reply& r) {
  if (r.subject.size != 0) put_text(out, "subject", sdk::view(r.subject));
  if (r.tier.size != 0) put_text(out, "tier", sdk::view(r.tier));
  if (r.expires_ms != TP_NONE && r.expires_ms != 0) put_number(out, "expiresAt", r.expires_ms);
}

/// The welcome of document 000; after HELLO, one of its own with what holds from then on.
void put_welcome(sdk::text_writer& out, const tp_reply& r) {
  const bool is_session = r.struct_size >= sizeof r && r.is_session != 0;
  put_head(out, is_session ? "WELCOME" : "ACK", r);
  if (is_session)
    put_echo(out, "requestId", r.id);
  else
    put_text(out, "message", "Connected to HFT WebSocket Server");
  put_text(out, "sessionId", sdk::view(r.session));
  put_number(out, "protocolVersion", r.protocol_version);
  put_number(out, "heartbeatInterval", r.heartbeat_ms);
  put_number(out, "maxMessageSize", r.max_message);
  put_number(out, "maxSymbols", r.max_symbols);
  if (r.needs_auth) put_number(out, "authDeadlineMs", r.auth_deadline_ms);
  put_identity(out, r);
  if (!is_session) return out.put(",\"resume\":false}");
  put_text(out, "encoding", "json");
  put_text(out, "numbers", r.extras & TP_EXTRA_NUMBER_STRINGS ? "string" : "number");
  out.put(r.extras & TP_EXTRA_STAMPS ? ",\"stamps\":true" : ",\"stamps\":false");
  out.put(",\"resume\":true}");
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

void put_slow_consumer(sdk::text_writer& out, const tp_reply& r) {
  put_head(out, "SLOW_CONSUMER", r);
  put_text(out, "message", sdk::view(r.detail));
  put_number(out, "code", r.code);
  if (is_extended(r) && r.name.size != 0) put_text(out, "name", sdk::view(r.name));
  put_slow_line(out, r);
  out.put('}');
}

/// SHUTDOWN, and HEARTBEAT of document 000: a type and what little the struct says beside it.
void put_notice(sdk::text_writer& out, std::string_view type, const tp_reply& r) {
  put_head(out, type, r);
  if (r.detail.size != 0) put_text(out, "message", sdk::view(r.detail));
  if (r.code != 0) put_number(out, "code", r.code);
  put_echo(out, "requestId", r.id);
  if (r.retry_after_ms != 0) put_number(out, "retryAfterMs", r.retry_after_ms);
  out.put('}');
}

} // namespace

void print_reply(const tp_reply& r, sdk::text_writer& out) {
  switch (r.kind) {
    case TP_REPLY_WELCOME: return put_welcome(out, r);
    case TP_REPLY_SUBSCRIBED:
    case TP_REPLY_UPDATED: return put_subscribed(out, r);
    case TP_REPLY_UNSUBSCRIBED: return put_unsubscribed(out, r);
    case TP_REPLY_HEARTBEAT: return is_extended(r) ? put_heartbeat(out, r) : put_notice(out, "HEARTBEAT", r);
    case TP_REPLY_PONG:
      put_head(out, "PONG", r);
      put_echo(out, "pingId", r.probe);
      put_echo(out, "requestId", r.id);
      return out.put('}');
    case TP_REPLY_ERROR: return put_error(out, r);
    case TP_REPLY_STREAM_STATUS: return put_stream_status(out, r);
    case TP_REPLY_GAP: return put_gap(out, r);
    case TP_REPLY_RESUMED: return put_lines(out, "RESUMED", r);
    case TP_REPLY_RESUME_FAILED: return put_lines(out, "RESUME_FAILED", r);
    case TP_REPLY_LIST: return put_list(out, r);
    case TP_REPLY_PAUSED: return put_paused(out, r);
    case TP_REPLY_SLOW_CONSUMER: return put_slow_consumer(out, r);
    case TP_REPLY_SHUTDOWN: return put_notice(out, "SHUTDOWN", r);
    case TP_REPLY_AUTH_SUCCESS: return put_auth_success(out, r);
    case TP_REPLY_AUTH_FAILED: return put_auth_failed(out, r);
    case TP_REPLY_AUTH_EXPIRING: return put_auth_expiring(out, r);
    case TP_REPLY_SIGNAL: return put_signal(out, r);
    default: return;
  }
}

} // namespace tickplant::hft
