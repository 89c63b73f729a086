#include "runtime/fanout/session_parts.hpp"

#include <string>

namespace tickplant::fanout {

using namespace session_parts;

namespace {

constexpr uint32_t protocol_version = 1;

/// Rounded up, as whoever comes back too early is refused again.
constexpr uint32_t to_ms(uint64_t ns) {
  return static_cast<uint32_t>((ns + 999'999) / 1'000'000);
}

} // namespace

session::session(client_key client, std::string id, const printer& print, const directory& names,
                 const session_host& host, session_limits limits)
  : client_(client), id_(std::move(id)), print_(print), directory_(names), host_(host), limits_(limits),
    asks_(names, *this) {}

void session::set_identity(client_identity identity) {
  identity_ = std::move(identity);
  asks_.set_rights(identity_.rights);
}

void session::require_login(uint32_t deadline_ms) {
  needs_login_ = true;
  login_deadline_ms_ = deadline_ms;
}

tp_reply session::reply_of(uint32_t kind) const {
  tp_reply reply{};
  reply.struct_size = sizeof reply;
  reply.kind = kind;
  reply.expires_ms = TP_NONE;
  reply.wall_ms = static_cast<int64_t>(wall_ns_ / 1'000'000);
  reply.extras = extras_;
  return reply;
}

void session::put_identity(tp_reply& reply) const {
  if (!identity_.who) return;
  reply.subject = to_tp(identity_.who->subject);
  reply.tier = to_tp(identity_.who->tier);
  if (identity_.who->expires_ns != TP_NONE) reply.expires_ms = identity_.who->expires_ns / 1'000'000;
}

void session::print(const tp_reply& reply) {
  bytes text;
  if (print_.reply(reply, text)) actions_->replies.push_back(std::move(text));
}

session_actions session::call::take() {
  for (auto& order : of_.asks_.take_orders()) actions_.rows.push_back(std::move(order));
  return std::move(actions_);
}

void session::put_welcome(tp_reply& reply) const {
  reply.session = to_tp(id_);
  reply.protocol_version = protocol_version;
  reply.heartbeat_ms = limits_.heartbeat_ms;
  reply.max_message = limits_.max_message;
  reply.max_symbols = limits_.max_symbols;
  reply.needs_auth = needs_login_ ? 1 : 0;
  reply.auth_deadline_ms = login_deadline_ms_;
  put_identity(reply);
}

session_actions session::welcome(uint64_t wall_ns) {
  call now{*this, wall_ns};
  auto reply = reply_of(TP_REPLY_WELCOME);
  put_welcome(reply);
  print(reply);
  return now.take();
}

void session::say_hello(const tp_request& request) {
  if (has_said_hello_)
    return refuse(wire::error_code::unsupported_action, "type", "HELLO is said once, and was", request.id);
  if (has_subscribed_)
    return refuse(wire::error_code::unsupported_action, "type", "HELLO comes before the first SUBSCRIBE", request.id);
  if (request.version != 0 && request.version != protocol_version) {
    const auto detail =
      "This server speaks version " + std::to_string(protocol_version) + ", not " + std::to_string(request.version);
    refuse(wire::error_code::unsupported_version, "version", detail, request.id);
    actions_->close = {wire::number_of(wire::error_code::unsupported_version), detail};
    return;
  }
  has_said_hello_ = true;
  extras_ |= TP_EXTRA_SEQUENCE;
  if (request.choices & TP_CHOICE_STAMPS) extras_ |= TP_EXTRA_STAMPS;
  if (request.choices & TP_CHOICE_NUMBER_STRINGS) extras_ |= TP_EXTRA_NUMBER_STRINGS;
  auto reply = reply_of(TP_REPLY_WELCOME);
  reply.id = request.id;
  reply.is_session = 1;
  put_welcome(reply);
  print(reply);
}

session_actions session::beat(uint64_t wall_ns) {
  call now{*this, wall_ns};
  auto reply = reply_of(TP_REPLY_HEARTBEAT);
  say_heartbeat(reply);
  return now.take();
}

session_actions session::goodbye(uint64_t wall_ns, uint32_t retry_after_ms) {
  call now{*this, wall_ns};
  auto reply = reply_of(TP_REPLY_SHUTDOWN);
  reply.retry_after_ms = retry_after_ms;
  print(reply);
  return now.take();
}

session_actions session::on_frame(const tp_frame& frame, plugin::dialect_host& dialect, uint64_t wall_ns) {
  call now{*this, wall_ns};
  if (dialect.decode(frame, *this) < 0)
    refuse(wire::error_code::server_error, "", "The message could not be worked on: the dialect failed", {});
  return now.take();
}

void session::on_request(const tp_request& request) {
  if (problems_ > 0) --problems_;
  actions_->trace_parent = view(request.trace_parent);
  const bool is_free = request.kind == TP_REQ_AUTH || request.kind == TP_REQ_HELLO ||
                       request.kind == TP_REQ_HEARTBEAT || request.kind == TP_REQ_PING || request.kind == TP_REQ_ACK;
  if (needs_login_ && !is_free)
    return refuse(wire::error_code::not_entitled, "type", "Log in first: send AUTH with your token", request.id);
  if (!is_free && !requests_.take(limits_.requests, wall_ns_))
    return refuse(number(wire::error_code::rate_limit_warning), "type",
                  "At most " + std::to_string(limits_.requests.count) + " requests a minute", request.id,
                  to_ms(requests_.wait_ns(limits_.requests, wall_ns_)));
  switch (request.kind) {
    case TP_REQ_HELLO: return say_hello(request);
    case TP_REQ_SUBSCRIBE:
    case TP_REQ_SNAPSHOT: return subscribe(request);
    case TP_REQ_UNSUBSCRIBE: return unsubscribe(request);
    case TP_REQ_UPDATE: return update(request);
    case TP_REQ_RESUME: return resume(request);
    case TP_REQ_PAUSE: return pause(request);
    case TP_REQ_LIST: return list(request);
    case TP_REQ_HISTORY:
      return refuse(wire::error_code::unsupported_action, "type",
                    "This server keeps no history; RESUME goes back as far as it can", request.id);
    case TP_REQ_HEARTBEAT:
    case TP_REQ_PING: {
      auto reply = reply_of(request.kind == TP_REQ_PING ? TP_REPLY_PONG : TP_REPLY_HEARTBEAT);
      reply.id = request.id;
      reply.probe = request.probe;
      return request.kind == TP_REQ_PING ? print(reply) : say_heartbeat(reply);
    }
    case TP_REQ_ACK: return; // an acknowledgement of a stream that needs none
    case TP_REQ_AUTH:
    case TP_REQ_REFRESH: return log_in(request);
    default:
      return refuse(wire::error_code::unsupported_action, "type", "This server does not know this action here",
                    request.id);
  }
}

void session::log_in(const tp_request& request) {
  if (open_login_)
    return refuse(wire::error_code::unsupported_action, "type", "A login is being checked; wait for its answer",
                  request.id);
  open_login_ = std::make_unique<const std::string>(view(request.id));
  actions_->login = login_request{std::string{view(request.token)}, request.kind == TP_REQ_REFRESH || !needs_login_};
}

session_actions session::logged_in(client_identity identity, uint64_t wall_ns) {
  call now{*this, wall_ns};
  const auto held = static_cast<uint32_t>(asks_.size());
  if (identity_.ticket) identity_.ticket->give_symbols(held);
  identity_ = std::move(identity);
  // What it has already stays within its rights; of its count only new symbols are refused.
  if (identity_.ticket) identity_.ticket->take_symbols(held, UINT32_MAX);
  needs_login_ = false;
  const auto asked = std::exchange(open_login_, nullptr);
  auto reply = reply_of(TP_REPLY_AUTH_SUCCESS);
  if (asked) reply.id = to_tp(*asked);
  put_identity(reply);
  print(reply);
  take_rules(limits_, identity_.rights);
  return now.take();
}

session_actions session::login_refused(int32_t code, std::string_view reason, uint64_t wall_ns) {
  call now{*this, wall_ns};
  const auto asked = std::exchange(open_login_, nullptr);
  const auto* entry = wire::find_error(static_cast<uint32_t>(code));
  auto reply = reply_of(TP_REPLY_AUTH_FAILED);
  if (asked) reply.id = to_tp(*asked);
  reply.code = code;
  reply.name = entry ? to_tp(entry->name) : to_tp("AUTHENTICATION_FAILED");
  reply.detail = to_tp(reason);
  print(reply);
  // Whoever is logged in already keeps its session for as long as the old token lasts.
  if (needs_login_) actions_->close = {static_cast<uint16_t>(code), std::string{reason}};
  return now.take();
}

session_actions session::expiring(uint64_t wall_ns) {
  call now{*this, wall_ns};
  auto reply = reply_of(TP_REPLY_AUTH_EXPIRING);
  put_identity(reply);
  print(reply);
  return now.take();
}

session_actions session::expired(uint64_t wall_ns) {
  call now{*this, wall_ns};
  refuse(wire::error_code::token_expired, "", "Connect again with a new token, or send REFRESH in time", {});
  actions_->close = {wire::number_of(wire::error_code::token_expired), "the token has expired"};
  return now.take();
}

void session::on_problem(const tp_problem& problem) {
  refuse(problem.code, view(problem.field), view(problem.detail), problem.id);
  if (++problems_ < limits_.max_problems) return;
  actions_->close = {wire::number_of(wire::error_code::protocol_violation), "too many wrong messages"};
}

void session::refuse(wire::error_code code, std::string_view field, std::string_view detail, tp_str id) {
  refuse(number(code), field, detail, id);
}

void session::refuse(int32_t code, std::string_view field, std::string_view detail, tp_str id,
                     uint32_t retry_after_ms) {
  const auto* entry = wire::find_error(static_cast<uint32_t>(code));
  auto reply = reply_of(TP_REPLY_ERROR);
  reply.code = code;
  reply.name = entry ? to_tp(entry->name) : to_tp("ERROR");
  reply.field = to_tp(field);
  reply.detail = to_tp(detail);
  reply.id = id;
  reply.recoverable = !entry || entry->recoverable ? 1 : 0;
  reply.retry_after_ms = retry_after_ms;
  print(reply);
}

bool session::take_symbol(size_t held) {
  if (held >= limits_.max_symbols) return false;
  if (!identity_.ticket) return true;
  const auto most = identity_.rights ? identity_.rights->max_symbols() : UINT32_MAX;
  return identity_.ticket->take_symbols(1, most);
}

void session::keep_symbol() {
  if (identity_.ticket) identity_.ticket->take_symbols(1, UINT32_MAX);
}

void session::give_symbol() {
  if (identity_.ticket) identity_.ticket->give_symbols(1);
}

} // namespace tickplant::fanout
