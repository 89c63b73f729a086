#include "runtime/fanout/session.hpp"

#include <algorithm>

namespace tickplant::fanout {

namespace {

tp_str to_tp(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view(tp_str text) {
  return {text.data, text.size};
}

constexpr int32_t number(wire::error_code code) {
  return static_cast<int32_t>(wire::number_of(code));
}

std::string join(const std::vector<std::string_view>& names) {
  constexpr size_t shown = 10;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), shown); ++i) {
    if (i > 0) text += ", ";
    text += names[i];
  }
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

void add_to(std::vector<session_actions::change>& changes, const option_set& options, bool is_added,
            std::string_view name) {
  auto found = std::find_if(changes.begin(), changes.end(), [&](const auto& c) { return c.options == options; });
  if (found == changes.end()) found = changes.insert(changes.end(), {options, {}, {}});
  (is_added ? found->add : found->remove).emplace_back(name);
}

} // namespace

session::session(std::string id, const printer& print, const directory& names, state_lookup states,
                 session_limits limits)
  : id_(std::move(id)), print_(print), directory_(names), states_(std::move(states)), limits_(limits) {}

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
  return reply;
}

void session::put_identity(tp_reply& reply) const {
  reply.subject = to_tp(identity_.subject);
  reply.tier = to_tp(identity_.tier);
  if (identity_.expires_ns != TP_NONE) reply.expires_ms = identity_.expires_ns / 1'000'000;
}

void session::print(const tp_reply& reply) {
  bytes text;
  if (print_.reply(reply, text)) actions_.replies.push_back(std::move(text));
}

session_actions session::welcome(uint64_t wall_ns) {
  wall_ns_ = wall_ns;
  auto reply = reply_of(TP_REPLY_WELCOME);
  reply.session = to_tp(id_);
  reply.protocol_version = 1;
  reply.heartbeat_ms = limits_.heartbeat_ms;
  reply.max_message = limits_.max_message;
  reply.max_symbols = limits_.max_symbols;
  reply.needs_auth = needs_login_ ? 1 : 0;
  reply.auth_deadline_ms = login_deadline_ms_;
  put_identity(reply);
  print(reply);
  return take_actions();
}

session_actions session::goodbye(uint64_t wall_ns, uint32_t retry_after_ms) {
  wall_ns_ = wall_ns;
  auto reply = reply_of(TP_REPLY_SHUTDOWN);
  reply.retry_after_ms = retry_after_ms;
  print(reply);
  return take_actions();
}

session_actions session::on_frame(const tp_frame& frame, plugin::dialect_host& dialect, uint64_t wall_ns) {
  wall_ns_ = wall_ns;
  if (dialect.decode(frame, *this) < 0)
    refuse(wire::error_code::server_error, "", "The message could not be worked on: the dialect failed", {});
  return take_actions();
}

void session::on_request(const tp_request& request) {
  if (problems_ > 0) --problems_;
  actions_.trace_parent = view(request.trace_parent);
  const bool is_free = request.kind == TP_REQ_AUTH || request.kind == TP_REQ_HEARTBEAT || request.kind == TP_REQ_PING ||
                       request.kind == TP_REQ_ACK;
  if (needs_login_ && !is_free)
    return refuse(wire::error_code::not_entitled, "type", "Log in first: send AUTH with your token", request.id);
  switch (request.kind) {
    case TP_REQ_SUBSCRIBE: return subscribe(request);
    case TP_REQ_UNSUBSCRIBE: return unsubscribe(request);
    case TP_REQ_HEARTBEAT:
    case TP_REQ_PING: {
      auto reply = reply_of(request.kind == TP_REQ_PING ? TP_REPLY_PONG : TP_REPLY_HEARTBEAT);
      reply.id = request.id;
      reply.probe = request.probe;
      return print(reply);
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
  if (login_is_open_)
    return refuse(wire::error_code::unsupported_action, "type", "A login is being checked; wait for its answer",
                  request.id);
  login_is_open_ = true;
  login_id_ = view(request.id);
  actions_.login = login_request{std::string{view(request.token)}, request.kind == TP_REQ_REFRESH || !needs_login_};
}

session_actions session::logged_in(client_identity identity, uint64_t wall_ns) {
  wall_ns_ = wall_ns;
  const auto held = static_cast<uint32_t>(names_asked_.size());
  if (identity_.ticket) identity_.ticket->give_symbols(held);
  identity_ = std::move(identity);
  // What it has already stays within its rights; of its count only new symbols are refused.
  if (identity_.ticket) identity_.ticket->take_symbols(held, UINT32_MAX);
  needs_login_ = login_is_open_ = false;
  auto reply = reply_of(TP_REPLY_AUTH_SUCCESS);
  reply.id = to_tp(login_id_);
  put_identity(reply);
  print(reply);
  auto actions = take_actions();
  auto more = change_rules(limits_, identity_.rights, wall_ns);
  for (auto& text : more.replies) actions.replies.push_back(std::move(text));
  actions.changes = std::move(more.changes);
  return actions;
}

session_actions session::login_refused(int32_t code, std::string_view reason, uint64_t wall_ns) {
  wall_ns_ = wall_ns;
  login_is_open_ = false;
  const auto* entry = wire::find_error(static_cast<uint32_t>(code));
  auto reply = reply_of(TP_REPLY_AUTH_FAILED);
  reply.id = to_tp(login_id_);
  reply.code = code;
  reply.name = entry ? to_tp(entry->name) : to_tp("AUTHENTICATION_FAILED");
  reply.detail = to_tp(reason);
  print(reply);
  // Whoever is logged in already keeps its session for as long as the old token lasts.
  if (needs_login_) actions_.close = {static_cast<uint16_t>(code), std::string{reason}};
  return take_actions();
}

session_actions session::expiring(uint64_t wall_ns) {
  wall_ns_ = wall_ns;
  auto reply = reply_of(TP_REPLY_AUTH_EXPIRING);
  put_identity(reply);
  print(reply);
  return take_actions();
}

session_actions session::expired(uint64_t wall_ns) {
  wall_ns_ = wall_ns;
  refuse(wire::error_code::token_expired, "", "Connect again with a new token, or send REFRESH in time", {});
  actions_.close = {wire::number_of(wire::error_code::token_expired), "the token has expired"};
  return take_actions();
}

void session::on_problem(const tp_problem& problem) {
  refuse(problem.code, view(problem.field), view(problem.detail), problem.id);
  if (++problems_ < limits_.max_problems) return;
  actions_.close = {wire::number_of(wire::error_code::protocol_violation), "too many wrong messages"};
}

void session::refuse(wire::error_code code, std::string_view field, std::string_view detail, tp_str id) {
  refuse(number(code), field, detail, id);
}

void session::refuse(int32_t code, std::string_view field, std::string_view detail, tp_str id) {
  const auto* entry = wire::find_error(static_cast<uint32_t>(code));
  auto reply = reply_of(TP_REPLY_ERROR);
  reply.code = code;
  reply.name = entry ? to_tp(entry->name) : to_tp("ERROR");
  reply.field = to_tp(field);
  reply.detail = to_tp(detail);
  reply.id = id;
  reply.recoverable = !entry || entry->recoverable ? 1 : 0;
  print(reply);
}

option_set session::options_of(const tp_request& request) const {
  const auto& ops = print_.ops();
  option_set options;
  options.data_types = request.data_types != 0 ? request.data_types : ops.default_data_types;
  options.frequency_ms = request.frequency_ms != TP_ABSENT ? request.frequency_ms : ops.default_frequency_ms;
  if (options.data_types & TP_DATA_ORDER_BOOK)
    options.depth =
      std::min(request.depth != TP_ABSENT && request.depth != 0 ? request.depth : ops.default_depth, limits_.max_depth);
  options.extras = extras_;
  return cut(options);
}

option_set session::cut(option_set options) const {
  options.depth = std::min(options.depth, limits_.max_depth);
  if (!identity_.rights) return options;
  const auto granted = identity_.rights->granted({options.data_types, options.frequency_ms, options.depth});
  if (!granted) {
    options.data_types = 0;
    return options;
  }
  options.data_types = granted->data_types;
  options.frequency_ms = granted->frequency_ms;
  options.depth = options.data_types & TP_DATA_ORDER_BOOK ? granted->depth : 0;
  return options;
}

bool session::take_symbol() {
  if (names_asked_.size() >= limits_.max_symbols) return false;
  if (!identity_.ticket) return true;
  const auto most = identity_.rights ? identity_.rights->max_symbols() : UINT32_MAX;
  return identity_.ticket->take_symbols(1, most);
}

void session::forget(std::string_view name) {
  const auto found = names_asked_.find(name);
  if (found == names_asked_.end()) return;
  names_asked_.erase(found);
  if (identity_.ticket) identity_.ticket->give_symbols(1);
}

session_actions session::change_rules(const session_limits& limits, std::shared_ptr<const policy::entitlement> rights,
                                      uint64_t wall_ns) {
  wall_ns_ = wall_ns;
  limits_ = limits;
  identity_.rights = std::move(rights);
  std::vector<std::string> lost;
  for (auto& [name, options] : names_asked_) {
    const auto result = look_up(name);
    const auto now = cut(options);
    if (result.code == number(wire::error_code::not_entitled) || now.data_types == 0) {
      add_to(actions_.changes, options, false, name);
      lost.push_back(name);
    } else if (now != options) {
      add_to(actions_.changes, options, false, name);
      options = now;
      add_to(actions_.changes, options, true, name);
    }
  }
  for (const auto& name : lost) forget(name);
  if (!lost.empty())
    refuse(wire::error_code::not_entitled, "symbols",
           "No longer allowed for this client: " + join({lost.begin(), lost.end()}), {});
  return take_actions();
}

// What a name stands for at this moment; `code` is set for a name that does not exist.
tp_result session::look_up(std::string_view name) const {
  tp_result result{};
  result.struct_size = sizeof result;
  result.asked = to_tp(name);
  const auto found = directory_.resolve(name);
  switch (found.what) {
    case resolution::kind::unknown:
      result.code = number(wire::error_code::invalid_symbol);
      result.reason = to_tp("no venue has this symbol");
      break;
    case resolution::kind::pending:
      result.status = TP_STATUS_PENDING;
      result.reason = to_tp("a venue has not told all its symbols yet");
      break;
    case resolution::kind::found: {
      // The table of the directory keeps these texts for as long as the reply is printed.
      const auto* instrument = directory_.find(found.id).get();
      result.symbol = to_tp(instrument->symbol);
      result.venue = to_tp(instrument->venue);
      if (identity_.rights && identity_.rights->decide(instrument->venue, instrument->symbol) != 0) {
        result.code = number(wire::error_code::not_entitled);
        result.reason = to_tp("not in this client's tier");
        break;
      }
      const auto* state = states_(found.id);
      // Nobody here looked at it before: the first message will be its whole state.
      result.status = !state                               ? TP_STATUS_PENDING
                      : state->state == book::trust::ok    ? TP_STATUS_OK
                      : state->state == book::trust::stale ? TP_STATUS_STALE
                                                           : TP_STATUS_RECOVERING;
      if (state) result.reason = to_tp(state->reason);
      break;
    }
  }
  return result;
}

void session::subscribe(const tp_request& request) {
  const auto options = options_of(request);
  if (options.data_types == 0)
    return refuse(wire::error_code::not_entitled, "dataTypes", "This client's tier has none of these data types",
                  request.id);
  std::vector<tp_result> results;
  std::vector<std::string_view> unknown, beyond, foreign;
  for (uint32_t i = 0; i < request.symbol_count; ++i) {
    const auto name = view(request.symbols[i]);
    auto result = look_up(name);
    const auto known = names_asked_.find(name);
    if (result.code == number(wire::error_code::not_entitled)) {
      foreign.push_back(name);
    } else if (result.code != 0) {
      unknown.push_back(name);
    } else if (known == names_asked_.end() && !take_symbol()) {
      result.code = number(wire::error_code::subscription_limit);
      result.reason = to_tp("the limit of symbols is reached");
      beyond.push_back(name);
    } else if (known == names_asked_.end()) {
      names_asked_.emplace(name, options);
      add_to(actions_.changes, options, true, name);
    } else if (known->second != options) {
      // The same symbol under other options: the client means to change them, not to get it twice.
      add_to(actions_.changes, known->second, false, name);
      known->second = options;
      add_to(actions_.changes, options, true, name);
    }
    results.push_back(result);
  }
  const auto granted = request.symbol_count - unknown.size() - beyond.size() - foreign.size();
  if (granted > 0) {
    auto reply = reply_of(TP_REPLY_SUBSCRIBED);
    reply.id = request.id;
    reply.symbol_count = static_cast<uint32_t>(granted);
    reply.frequency_ms = options.frequency_ms;
    reply.data_types = options.data_types;
    reply.depth = options.depth;
    reply.results = results.data();
    reply.result_count = static_cast<uint32_t>(results.size());
    print(reply);
  }
  if (!unknown.empty())
    refuse(wire::error_code::invalid_symbol, "symbols", "Unknown symbol: " + join(unknown), request.id);
  if (!foreign.empty())
    refuse(wire::error_code::not_entitled, "symbols", "Not allowed for this client: " + join(foreign), request.id);
  if (beyond.empty()) return;
  const bool is_full = names_asked_.size() >= limits_.max_symbols;
  const auto most = is_full ? limits_.max_symbols : identity_.rights->max_symbols();
  refuse(wire::error_code::subscription_limit, "symbols",
         "At most " + std::to_string(most) + (is_full ? " symbols a connection" : " symbols for this client") +
           "; refused: " + join(beyond),
         request.id);
}

void session::unsubscribe(const tp_request& request) {
  std::vector<tp_result> results;
  uint32_t removed = 0;
  for (uint32_t i = 0; i < request.symbol_count; ++i) {
    const auto name = view(request.symbols[i]);
    auto result = look_up(name);
    const auto known = names_asked_.find(name);
    if (known == names_asked_.end()) {
      result.code = number(wire::error_code::subscription_failed);
      result.reason = to_tp("not subscribed");
    } else {
      result.code = 0;
      result.status = TP_STATUS_CLOSED;
      result.reason = {};
      add_to(actions_.changes, known->second, false, name);
      forget(name);
      ++removed;
    }
    results.push_back(result);
  }
  auto reply = reply_of(TP_REPLY_UNSUBSCRIBED);
  reply.id = request.id;
  reply.symbol_count = removed;
  reply.results = results.data();
  reply.result_count = static_cast<uint32_t>(results.size());
  print(reply);
}

session_actions session::settled(const std::vector<std::string>& found, const std::vector<std::string>& unknown,
                                 const std::vector<std::string>& refused, uint64_t wall_ns) {
  wall_ns_ = wall_ns;
  std::vector<tp_result> results;
  for (const auto& name : found) results.push_back(look_up(name));
  if (!results.empty()) {
    auto reply = reply_of(TP_REPLY_STREAM_STATUS);
    reply.results = results.data();
    reply.result_count = static_cast<uint32_t>(results.size());
    print(reply);
  }
  const auto give_up = [&](const std::vector<std::string>& gone, wire::error_code code, const char* words) {
    if (gone.empty()) return;
    for (const auto& name : gone) forget(name);
    refuse(code, "symbols", words + join({gone.begin(), gone.end()}), {});
  };
  give_up(unknown, wire::error_code::invalid_symbol, "Unknown symbol: ");
  give_up(refused, wire::error_code::not_entitled, "Not allowed for this client: ");
  return take_actions();
}

} // namespace tickplant::fanout
