// What a message must hold, by its type. The reader has made sure that it is JSON.
#include "message_reader.hpp"

#include <algorithm>
#include <cmath>

namespace tickplant::hft {

namespace {

enum class takes : uint8_t { nothing, some_symbols, symbols, stream, position };

struct message_type {
  std::string_view name;
  uint32_t kind;
  takes what;
  bool has_options;
};

constexpr message_type message_types[] = {
  {"SUBSCRIBE", TP_REQ_SUBSCRIBE, takes::symbols, true},  {"UNSUBSCRIBE", TP_REQ_UNSUBSCRIBE, takes::symbols, false},
  {"HEARTBEAT", TP_REQ_HEARTBEAT, takes::nothing, false}, {"PING", TP_REQ_PING, takes::nothing, false},
  {"AUTH", TP_REQ_AUTH, takes::nothing, false},           {"REFRESH", TP_REQ_REFRESH, takes::nothing, false},
  {"HELLO", TP_REQ_HELLO, takes::nothing, false},         {"UPDATE_SUBSCRIPTION", TP_REQ_UPDATE, takes::symbols, true},
  {"SNAPSHOT", TP_REQ_SNAPSHOT, takes::symbols, true},    {"PAUSE", TP_REQ_PAUSE, takes::some_symbols, false},
  {"LIST", TP_REQ_LIST, takes::some_symbols, false},      {"RESUME", TP_REQ_RESUME, takes::position, true},
  {"HISTORY", TP_REQ_HISTORY, takes::stream, false},      {"ACK", TP_REQ_ACK, takes::nothing, false},
};

/// Longest stream name: VENUE:SYMBOL/LINE.
constexpr size_t max_stream_size = 2 * max_symbol_size + 16;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; });
}

} // namespace

problem message_reader::check_head(tp_request& request) {
  const auto& name = at(type);
  if (name.kind != json::string) {
    words_.say_format()
      .say("type is ")
      .say(words_of(name.kind))
      .say(": name the message, such as \"type\":\"SUBSCRIBE\"");
    return fault(type, parse_error);
  }
  const auto& time = at(timestamp);
  if (time.kind != json::absent && time.kind != json::number) {
    words_.say_format().say("timestamp at byte ").say(uint64_t{time.offset}).say(" is ").say(words_of(time.kind));
    words_.say(": send milliseconds since 1970 as a number, or leave it out");
    return fault(timestamp, parse_error);
  }
  if (time.kind == json::number && std::abs(time.number) < 9e15) request.client_ms = static_cast<int64_t>(time.number);
  for (const key k : {request_id, id, ping_id}) {
    const auto& v = at(k);
    const bool is_usable = !is_named(k) || v.kind == json::string || v.kind == json::number;
    if (is_usable && v.raw.size() <= max_echo_size) continue;
    words_.say_format().say(key_names[k]).say(" at byte ").say(uint64_t{v.offset});
    if (is_usable)
      words_.say(" is longer than ").say(uint64_t{max_echo_size}).say(" bytes");
    else
      words_.say(" is ").say(words_of(v.kind)).say(": send a string or a number");
    return fault(k, parse_error);
  }
  return {};
}

problem message_reader::check(tp_request& request) {
  if (const problem p = check_head(request)) return p;
  const auto* const found = std::ranges::find(message_types, at(type).text, &message_type::name);
  if (found == std::end(message_types)) {
    words_.say("Unknown message type ").say_quoted(at(type).text).say(": send one of");
    for (const auto& known : message_types) words_.say(&known == message_types ? " " : ", ").say(known.name);
    return fault(type, unsupported_action);
  }
  request.kind = found->kind;
  // One that cannot be used is ignored, as W3C Trace Context (section 3.2) asks; the request itself is good.
  if (const auto& v = at(trace_parent); v.kind == json::string && v.text.size() <= max_trace_parent_size)
    request.trace_parent = sdk::to_tp(v.text);
  problem p;
  switch (found->kind) {
    case TP_REQ_PING: request.probe = sdk::to_tp(at(ping_id).raw); break;
    case TP_REQ_AUTH:
    case TP_REQ_REFRESH: p = check_token(request); break;
    case TP_REQ_HELLO: p = check_hello(request); break;
    case TP_REQ_PAUSE: p = check_paused(request); break;
    default: break;
  }
  if (!p && (found->what == takes::symbols || found->what == takes::some_symbols))
    p = check_symbols(request, found->what == takes::symbols);
  if (!p && found->what == takes::stream) p = check_stream(request);
  if (!p && found->what == takes::position) p = check_positions(request);
  if (!p && found->has_options) p = check_options(request, found->what == takes::position);
  if (!p && found->kind == TP_REQ_SUBSCRIBE) p = check_resume(request);
  if (!p && tree_.is_cut()) {
    words_.say_format().say("the message holds more than ").say(uint64_t{json_tree::max_nodes}).say(" values");
    return fault(type, parse_error);
  }
  return p;
}

problem message_reader::check_symbols(tp_request& request, bool is_required) {
  const auto& list = at(symbols);
  if (!is_named(symbols)) {
    if (!is_required) return {};
    words_.say("symbols is ").say(words_of(list.kind)).say(": send an array of names, such as [\"AAPL\",\"MSFT\"]");
    return fault(symbols);
  }
  if (list.kind != json::array) {
    words_.say("symbols is ").say(words_of(list.kind));
    words_.say(", not an array: send names, such as [\"AAPL\",\"MSFT\"]");
    return fault(symbols);
  }
  if (list.count == 0 && is_required) {
    words_.say("symbols is empty: name at least one");
    return fault(symbols);
  }
  const uint32_t place = places_[symbols];
  uint32_t n = 0;
  for (uint32_t i = tree_.first(place); i < tree_.end(place); i = tree_[i].next, ++n) {
    if (tree_[i].kind == json::string) continue;
    words_.say("symbols[").say(uint64_t{n}).say("] is ").say(words_of(tree_[i].kind));
    words_.say(", not a string: send names, such as [\"AAPL\",\"MSFT\"]");
    return fault(symbols);
  }
  if (list.count > max_symbols) {
    words_.say("symbols has ").say(uint64_t{list.count}).say(" entries: send at most ").say(uint64_t{max_symbols});
    words_.say(" in one message");
    return fault(symbols);
  }
  n = 0;
  for (uint32_t i = tree_.first(place); i < tree_.end(place); i = tree_[i].next, ++n) {
    const std::string_view symbol = tree_[i].text;
    symbols_.push_back(sdk::to_tp(symbol));
    const bool is_long = symbol.size() > max_symbol_size;
    if (!symbol.empty() && !is_long && !has_control(symbol)) continue;
    words_.say("symbols[").say(uint64_t{n}).say("] ").say_quoted(symbol);
    if (symbol.empty())
      words_.say(" is empty: name an instrument");
    else if (is_long)
      words_.say(" is longer than ").say(uint64_t{max_symbol_size}).say(" bytes");
    else
      words_.say(" holds a control character: send printable text");
    return fault(symbols, invalid_symbol);
  }
  request.symbols = symbols_.data();
  request.symbol_count = static_cast<uint32_t>(symbols_.size());
  return {};
}

problem message_reader::check_stream(tp_request& request) {
  const auto& name = at(stream);
  if (name.kind == json::string && !name.text.empty() && name.text.size() <= max_stream_size &&
      !has_control(name.text)) {
    symbols_.assign(1, sdk::to_tp(name.text));
    request.symbols = symbols_.data();
    request.symbol_count = 1;
    return {};
  }
  words_.say("stream is ");
  if (name.kind == json::string)
    words_.say_quoted(name.text);
  else
    words_.say(words_of(name.kind));
  words_.say(": name one, such as \"NASDAQ:AAPL/STATE\"");
  return fault(stream);
}

problem message_reader::check_token(tp_request& request) {
  const auto& v = at(token);
  if (v.kind == json::string && !v.text.empty() && v.text.size() <= max_token_size) {
    request.token = sdk::to_tp(v.text);
    return {};
  }
  // The token itself is never repeated: replies end up in logs.
  words_.say_format().say("token is ");
  if (v.kind != json::string)
    words_.say(words_of(v.kind));
  else
    words_.say(v.text.empty() ? "empty" : "too long");
  words_.say(": send a string of 1 to ").say(uint64_t{max_token_size}).say(" bytes");
  return fault(token, parse_error);
}

} // namespace tickplant::hft
