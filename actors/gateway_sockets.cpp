#include "actors/gateway_sockets.hpp"

#include "actors/gateway_logins.hpp"
#include "runtime/policy/token_source.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/wire/close_code.hpp"
#include "runtime/wire/error_registry.hpp"
#include "runtime/wire/utf8.hpp"

#include <algorithm>

namespace tickplant::actors {

namespace {

net::client_ref to_ref(fanout::client_key key) {
  return {key.index, key.generation};
}
fanout::client_key to_key(net::client_ref ref) {
  return {ref.index, ref.generation};
}

// Paths that every listener serves, whatever its own routes are.
constexpr std::string_view fixed_prefix = "/ws/v1/";
// What a client offers in Sec-WebSocket-Protocol to choose a dialect: "tickplant.hft".
constexpr std::string_view protocol_prefix = "tickplant.";

/// Bytes of answers that a client has not taken, beyond which it gets no others.
constexpr size_t most_waiting = 16 * 1024;

constexpr int32_t number(wire::error_code code) {
  return static_cast<int32_t>(wire::number_of(code));
}

/// All values of a field, one per line of the request.
std::vector<std::string_view> values_of(const net::http_request& request, std::string_view name) {
  std::vector<std::string_view> values;
  const auto is_same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  for (const auto& field : request.fields)
    if (std::equal(field.name.begin(), field.name.end(), name.begin(), name.end(), is_same))
      values.push_back(field.value);
  return values;
}

/// The status that tells an HTTP client what a code of the registry means (docs/security.md).
uint16_t http_status_of(int32_t code) {
  switch (static_cast<wire::error_code>(code)) {
    case wire::error_code::origin_refused:
    case wire::error_code::connection_not_entitled: return 403;
    case wire::error_code::connection_limit: return 429;
    case wire::error_code::overloaded:
    case wire::error_code::server_error:
    case wire::error_code::shutting_down:
    case wire::error_code::authentication_timeout: return 503;
    default: return 401;
  }
}

} // namespace

gateway_sockets::gateway_sockets(net::event_loop& loop, gateway_context& context, net::client_options options,
                                 readiness ready)
  : context_(context), ready_(std::move(ready)),
    snapshots_(context, [this](net::client_ref client,
                               net::http_response response) { set_.answer_http(client, std::move(response)); }),
    set_(loop, *this, options) {
  context_.sockets = this;
}

void gateway_sockets::set_rules(uint32_t listener, listener_rules_ptr rules) {
  if (listener >= listeners_.size()) listeners_.resize(listener + 1);
  listeners_[listener] = std::move(rules);
  if (const auto* now = rules_of(listener))
    set_.set_listener(listener, now->sockets);
  else
    set_.close_listener(listener, wire::number_of(wire::error_code::shutting_down), "this listener is going away");
}

const listener_rules* gateway_sockets::rules_of(uint32_t listener) const {
  return listener < listeners_.size() ? listeners_[listener].get() : nullptr;
}

listener_rules_ptr gateway_sockets::rules_now(const listener_rules_ptr& once) const {
  for (const auto& rules : listeners_)
    if (rules && rules->name == once->name) return rules;
  return once;
}

std::string gateway_sockets::listener_name(uint32_t listener) const {
  const auto* rules = rules_of(listener);
  return rules ? rules->name : std::string{};
}

fanout::written gateway_sockets::write(fanout::client_key client, std::span<const uint8_t> frame) {
  switch (set_.write(to_ref(client), frame)) {
    case net::write_result::sent: return fanout::written::sent;
    case net::write_result::kept: return fanout::written::filled;
    case net::write_result::blocked: return fanout::written::blocked;
    case net::write_result::gone: return fanout::written::closed;
  }
  return fanout::written::closed;
}

void gateway_sockets::append_reply(fanout::client_key client, wire::opcode kind, std::span<const uint8_t> payload) {
  const auto packed = packing_.find(client.index);
  unpacked_.clear();
  if (packed == packing_.end() || packed->second.client != to_ref(client) ||
      !packed->second.compression->packer->whole(packed->second.group, payload, unpacked_))
    return wire::append_frame(frame_, kind, payload);
  const size_t at = frame_.size(), header = wire::header_size(unpacked_.size());
  frame_.resize(at + header);
  wire::write_header(frame_.data() + at, kind, unpacked_.size(), true);
  frame_.insert(frame_.end(), unpacked_.begin(), unpacked_.end());
}

void gateway_sockets::reply(fanout::client_key client, wire::opcode kind, std::span<const uint8_t> payload) {
  frame_.clear();
  append_reply(client, kind, payload);
  set_.reply(to_ref(client), frame_);
}

void gateway_sockets::answer(fanout::client_key client, wire::opcode kind, std::span<const fanout::bytes> replies) {
  if (replies.empty()) return;
  frame_.clear();
  for (const auto& one : replies) append_reply(client, kind, one);
  set_.reply(to_ref(client), frame_);
  constexpr size_t kept = 256 * 1024; // an answer may be longer, once in a while
  if (frame_.capacity() > kept) frame_ = {};
}

void gateway_sockets::close(fanout::client_key client, uint16_t code, std::string_view reason) {
  set_.close(to_ref(client), code, reason);
}

void gateway_sockets::abort(fanout::client_key client) {
  set_.abort(to_ref(client));
}
bool gateway_sockets::is_behind(fanout::client_key client) const {
  return set_.waiting_replies(to_ref(client)) > most_waiting;
}
void gateway_sockets::pause_reading(fanout::client_key client) {
  set_.pause_reading(to_ref(client));
}
void gateway_sockets::resume_reading(fanout::client_key client) {
  set_.resume_reading(to_ref(client));
}

net::http_response gateway_sockets::on_http(net::client_ref client, const net::http_request& request) {
  if (request.path == "/health/live") return net::http_response::text(200, "live\n");
  if (request.path == "/health/ready") {
    const auto why_not = ready_();
    return why_not.empty() ? net::http_response::text(200, "ready\n") : net::http_response::text(503, why_not + "\n");
  }
  const auto* rules = rules_of(request.listener);
  if (!rules) return net::http_response::text(503, "This listener is going away\n");
  if (rules->serves_metrics && request.path == "/metrics" && metrics_ && metrics_(client))
    return net::http_response::later();
  if (request.path == gateway_snapshots::path) return take_poll(client, request, *rules);
  if (rules->dialects.contains(request.path) || request.path.starts_with(fixed_prefix)) {
    auto response = net::http_response::text(426, "This path speaks WebSocket: connect with an Upgrade header\n");
    response.fields.emplace_back("Upgrade", "websocket");
    return response;
  }
  if (rules->page) return rules->page->respond(request.path);
  return net::http_response::text(404, "Nothing is served here\n");
}

net::http_response gateway_sockets::refuse_poll(int32_t code, std::string_view reason) const {
  const auto* known = wire::find_error(static_cast<uint32_t>(code));
  auto response = net::http_response::text(http_status_of(code), std::to_string(code) + ' ' +
                                                                   std::string{known ? known->name : "REFUSED"} + ": " +
                                                                   std::string{reason} + '\n');
  if (response.status == 401) response.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"tickplant\"");
  if (response.status == 503) response.fields.emplace_back("Retry-After", "1");
  return response;
}

policy::credential gateway_sockets::credential_of(policy::token_search found, const net::peer_address& peer,
                                                  const listener_rules& rules) const {
  policy::credential made;
  made.carrier = found.carrier;
  made.secret = std::move(found.secret);
  made.scheme = std::move(found.scheme);
  made.peer = peer.address_text();
  made.listener = rules.name;
  made.now_ns = static_cast<int64_t>(context_.loop.wall_ns());
  return made;
}

// The same gates as for a WebSocket: origin, credential, tier. It always answers later, as logins do.
net::http_response gateway_sockets::take_poll(net::client_ref client, const net::http_request& request,
                                              const listener_rules& rules) {
  const auto origin = request.field("Origin");
  const auto decision = rules.origins.decide(origin.empty() ? std::nullopt : std::optional<std::string_view>{origin});
  if (!policy::is_allowed(decision)) {
    ++counters_.origin_refused;
    return refuse_poll(number(wire::error_code::origin_refused),
                       "this Origin is " + std::string{policy::text_of(decision)});
  }
  std::vector<std::string> names;
  std::string why;
  if (const auto status = gateway_snapshots::read_symbols(request.query_value("symbols"),
                                                          context_.settings->session.max_symbols, names, why))
    return net::http_response::text(status, std::move(why));
  const auto authorization = values_of(request, "Authorization");
  auto found = policy::find_token({authorization, {}, request.target, rules.takes_query_token});
  if (found.code != 0) return refuse_poll(found.code, found.reason);
  if (found.carrier == TP_CARRIER_NONE && rules.auth->host->needs_credential())
    return refuse_poll(number(wire::error_code::authentication_failed), "send your token as Authorization: Bearer");
  auto credential = credential_of(std::move(found), request.peer, rules);
  const auto done = [this, client, names = std::move(names)](const policy::auth_outcome& outcome) {
    if (!outcome.who) {
      ++counters_.login_refused;
      return (void)set_.answer_http(client, refuse_poll(outcome.code, outcome.reason));
    }
    auto rights = rights_of(*context_.settings, *outcome.who);
    if (!rights)
      return (void)set_.answer_http(client, refuse_poll(number(wire::error_code::connection_not_entitled),
                                                        "the tier '" + outcome.who->tier + "' is not configured here"));
    snapshots_.ask(client, names, std::move(rights));
  };
  const bool is_taken =
    context_.desk->submit(rules.auth->host, std::move(credential), context_.settings->auth_deadline,
                          [this, done](policy::auth_outcome outcome) {
                            context_.loop.post([done, outcome = std::move(outcome)] { done(outcome); });
                          });
  if (!is_taken) {
    ++counters_.login_overload;
    return refuse_poll(number(wire::error_code::overloaded), "too many logins are being checked; try again");
  }
  return net::http_response::later();
}

// By subprotocol, then by path (protocol.md, row 1). A subprotocol may name only what the listener serves anyway.
dialect_place* gateway_sockets::choose_dialect(const listener_rules& rules, const net::upgrade_request& request,
                                               std::string& echoed) {
  for (const auto offered : request.subprotocols) {
    if (!offered.starts_with(protocol_prefix) || policy::is_token_protocol(offered)) continue;
    const auto name = offered.substr(protocol_prefix.size());
    const bool is_served = std::any_of(rules.dialects.begin(), rules.dialects.end(),
                                       [&](const auto& route) { return route.second == name; });
    if (!is_served) continue;
    echoed = offered;
    return context_.find_dialect(name);
  }
  if (const auto route = rules.dialects.find(request.path); route != rules.dialects.end())
    return context_.find_dialect(route->second);
  if (request.path.starts_with(fixed_prefix)) return context_.find_dialect(request.path.substr(fixed_prefix.size()));
  return nullptr;
}

void gateway_sockets::negotiate(upgrading& entry, const net::upgrade_request& request) {
  const auto& wanted = entry.opening.rules->compression;
  if (wanted.empty() || request.extensions.empty()) return;
  for (const auto& place : context_.compressions) {
    if (place->name != wanted) continue;
    plugin::agreement agreement;
    if (!place->host->negotiate(request.extensions, agreement)) return;
    entry.answer.extensions = std::move(agreement.answer);
    entry.answer.may_compress = agreement.may_send_compressed;
    entry.opening.compression = place;
    entry.opening.compression_group = agreement.group;
    return;
  }
}

net::upgrade_answer gateway_sockets::on_upgrade(net::client_ref client, const net::upgrade_request& request) {
  const auto* rules = rules_of(request.listener);
  if (!rules) return net::upgrade_answer::refuse(503, "This listener is going away\n");
  upgrading entry;
  entry.client = client;
  entry.answer = net::upgrade_answer::accept();
  entry.opening.rules = listeners_[request.listener];
  entry.opening.peer = request.peer.text();
  entry.opening.host = request.peer.host_text();
  entry.opening.trace_parent = request.field("traceparent");
  entry.opening.is_tls = request.is_tls;
  entry.opening.asked_ns = context_.loop.wall_ns();
  entry.target = policy::redact_target(request.target);
  entry.origin = request.origin;
  entry.opening.dialect = choose_dialect(*rules, request, entry.answer.subprotocol);
  if (!entry.opening.dialect) {
    std::string known;
    for (const auto& [path, name] : rules->dialects) known += (known.empty() ? "" : ", ") + path + " (" + name + ")";
    tell(entry, 404, "no WebSocket at this path");
    return net::upgrade_answer::refuse(404, "No WebSocket at this path; there is: " + known + "\n");
  }
  const bool has_origin = !request.origin.empty();
  const auto decision =
    rules->origins.decide(has_origin ? std::optional<std::string_view>{request.origin} : std::nullopt);
  if (!policy::is_allowed(decision)) {
    ++counters_.origin_refused;
    telemetry::log(telemetry::level::warning, "gateway",
                   "Blocked connection from unauthorized origin " + std::string{request.origin});
    return refuse(entry, number(wire::error_code::origin_refused),
                  "this Origin is " + std::string{policy::text_of(decision)} + " (`origins` of the listener)");
  }
  if (!context_.connections) {
    tell(entry, 503, "restarting or leaving");
    return net::upgrade_answer::refuse(503, "The gateway is restarting or leaving; try again\n");
  }
  negotiate(entry, request);
  return check(std::move(entry), request);
}

// The login check runs on the desk's workers; the socket waits, and nothing of it is read meanwhile.
net::upgrade_answer gateway_sockets::check(upgrading entry, const net::upgrade_request& request) {
  const auto& rules = *entry.opening.rules;
  const auto authorization = values_of(request, "Authorization");
  const auto protocols = values_of(request, "Sec-WebSocket-Protocol");
  auto found = policy::find_token({authorization, protocols, request.target, rules.takes_query_token});
  if (found.code != 0) {
    ++counters_.login_refused;
    return refuse(entry, found.code, found.reason);
  }
  if (found.query_ignored)
    telemetry::log(telemetry::level::warning, "gateway",
                   "listener " + rules.name + ": a token in the query was ignored (`query_token` is off)");
  const auto client = entry.client;
  if (found.carrier == TP_CARRIER_NONE && rules.auth->host->needs_credential()) {
    // It may still log in by a message, within the deadline that the welcome tells.
    tell(entry, 0, "login awaited");
    auto answer = entry.answer;
    upgrading_[client.index] = std::move(entry);
    return answer;
  }
  auto credential = credential_of(std::move(found), request.peer, rules);
  const bool is_taken = context_.desk->submit(
    rules.auth->host, std::move(credential), context_.settings->auth_deadline,
    [this, client, judge = rules.auth->host.get()](policy::auth_outcome outcome) {
      context_.loop.post([this, client, judge, outcome = std::move(outcome)] { checked(client, judge, outcome); });
    });
  if (!is_taken) {
    ++counters_.login_overload;
    return refuse(entry, number(wire::error_code::overloaded), "too many logins are being checked; try again");
  }
  upgrading_[client.index] = std::move(entry);
  return net::upgrade_answer::later();
}

void gateway_sockets::checked(net::client_ref client, const void* judge, const policy::auth_outcome& given) {
  const auto found = upgrading_.find(client.index);
  if (found == upgrading_.end() || found->second.client != client) return; // hung up meanwhile
  auto& entry = found->second;
  const auto outcome = judged_now(given, judge, *rules_now(entry.opening.rules));
  auto let_in = enter(context_, to_key(client), outcome);
  if (let_in.code != 0) {
    ++counters_.login_refused;
    const auto answer = refuse(entry, let_in.code, let_in.reason);
    upgrading_.erase(found);
    set_.answer_upgrade(client, answer);
    return;
  }
  entry.opening.identity = std::move(let_in.identity);
  tell(entry, 0, {});
  set_.answer_upgrade(client, entry.answer);
}

net::upgrade_answer gateway_sockets::refuse(const upgrading& entry, int32_t code, std::string_view reason) {
  tell(entry, code, reason);
  const auto* known = wire::find_error(static_cast<uint32_t>(code));
  std::string text = std::to_string(code) + ' ';
  text += known ? known->name : "REFUSED";
  text += ": ";
  text += reason;
  text += '\n';
  auto answer = net::upgrade_answer::refuse(http_status_of(code), std::move(text));
  if (answer.status == 401) answer.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"tickplant\"");
  if (answer.status == 429 || answer.status == 503) answer.fields.emplace_back("Retry-After", "1");
  return answer;
}

void gateway_sockets::tell(const upgrading& entry, int32_t code, std::string_view reason) const {
  login_event event;
  event.what = "connect";
  event.peer = entry.opening.peer;
  event.listener = entry.opening.rules->name;
  event.target = entry.target;
  event.origin = entry.origin;
  event.code = code;
  event.reason = reason;
  event.principal = entry.opening.identity.who.get();
  event.trace_parent = entry.opening.trace_parent;
  audit(event);
}

void gateway_sockets::on_open(net::client_ref client) {
  const auto found = upgrading_.find(client.index);
  if (found == upgrading_.end() || found->second.client != client) return;
  auto entry = std::move(found->second);
  upgrading_.erase(found);
  if (entry.opening.compression)
    packing_[client.index] = {client, entry.opening.compression, entry.opening.compression_group};
  context_.opened(to_key(client), std::move(entry.opening));
}

void gateway_sockets::on_message(net::client_ref client, const net::inbound_message& message) {
  const bool is_text = message.kind == net::message_kind::text;
  if (!message.is_compressed) return context_.message(to_key(client), is_text, message.payload);
  const auto found = packing_.find(client.index);
  if (found == packing_.end() || found->second.client != client) return;
  unpacked_.clear();
  const auto answer = found->second.compression->host->unpack(found->second.group, message.payload,
                                                              context_.settings->clients.message_limit, unpacked_);
  if (answer == TP_E_LIMIT) {
    ++counters_.unpack_refused;
    return set_.close(client, wire::close_code::message_too_big, "unpacked, the message is too large");
  }
  if (answer < 0 || (is_text && !wire::is_utf8(unpacked_))) {
    ++counters_.unpack_refused;
    return set_.close(client, wire::close_code::invalid_payload, "the compressed message is broken");
  }
  context_.message(to_key(client), is_text, unpacked_);
}

void gateway_sockets::on_slow(net::client_ref client) {
  context_.slow(to_key(client));
}

void gateway_sockets::on_drained(net::client_ref client) {
  context_.drained(to_key(client));
}

void gateway_sockets::on_closed(net::client_ref client, const net::close_report& report) {
  upgrading_.erase(client.index);
  packing_.erase(client.index);
  context_.closed(to_key(client), report.code, report.reason);
}

void gateway_sockets::on_fault(net::client_ref, std::string_view what) {
  telemetry::log(telemetry::level::error, "gateway", "callback failed: " + std::string{what});
}

} // namespace tickplant::actors
