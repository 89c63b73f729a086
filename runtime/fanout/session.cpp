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

tp_reply session::reply_of(uint32_t kind) const {
  tp_reply reply{};
  reply.struct_size = sizeof reply;
  reply.kind = kind;
  reply.wall_ms = static_cast<int64_t>(wall_ns_ / 1'000'000);
  return reply;
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
      return refuse(wire::error_code::unsupported_action, "type", "This listener asks for no login; leave AUTH out",
                    request.id);
    default:
      return refuse(wire::error_code::unsupported_action, "type", "This server does not know this action here",
                    request.id);
  }
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
  return options;
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
  std::vector<tp_result> results;
  std::vector<std::string_view> unknown, beyond;
  for (uint32_t i = 0; i < request.symbol_count; ++i) {
    const auto name = view(request.symbols[i]);
    auto result = look_up(name);
    const auto known = names_asked_.find(name);
    if (result.code != 0) {
      unknown.push_back(name);
    } else if (known == names_asked_.end() && names_asked_.size() >= limits_.max_symbols) {
      result.code = number(wire::error_code::subscription_limit);
      result.reason = to_tp("the limit of symbols of this connection is reached");
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
  const auto granted = request.symbol_count - unknown.size() - beyond.size();
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
  if (!beyond.empty())
    refuse(wire::error_code::subscription_limit, "symbols",
           "At most " + std::to_string(limits_.max_symbols) + " symbols a connection; refused: " + join(beyond),
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
      names_asked_.erase(known);
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
                                 uint64_t wall_ns) {
  wall_ns_ = wall_ns;
  std::vector<tp_result> results;
  for (const auto& name : found) results.push_back(look_up(name));
  if (!results.empty()) {
    auto reply = reply_of(TP_REPLY_STREAM_STATUS);
    reply.results = results.data();
    reply.result_count = static_cast<uint32_t>(results.size());
    print(reply);
  }
  std::vector<std::string_view> names;
  for (const auto& name : unknown) {
    names_asked_.erase(name);
    names.push_back(name);
  }
  if (!names.empty()) refuse(wire::error_code::invalid_symbol, "symbols", "Unknown symbol: " + join(names), {});
  return take_actions();
}

} // namespace tickplant::fanout
