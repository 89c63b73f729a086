// What a message must hold, by its type. The reader has made sure that it is JSON.
#include "message_reader.hpp"
#include "names.hpp"

#include <algorithm>
#include <cmath>

namespace tickplant::hft {

namespace {

enum class names { unused, optional, required, stream };

struct message_type {
  std::string_view name;
  uint32_t kind;
  names takes;
  bool has_options;
};

constexpr message_type message_types[] = {
  {"SUBSCRIBE", TP_REQ_SUBSCRIBE, names::required, true},
  {"UNSUBSCRIBE", TP_REQ_UNSUBSCRIBE, names::required, false},
  {"HEARTBEAT", TP_REQ_HEARTBEAT, names::unused, false},
  {"PING", TP_REQ_PING, names::unused, false},
  {"AUTH", TP_REQ_AUTH, names::unused, false},
  {"REFRESH", TP_REQ_REFRESH, names::unused, false},
  {"HELLO", TP_REQ_HELLO, names::unused, false},
  {"UPDATE_SUBSCRIPTION", TP_REQ_UPDATE, names::required, true},
  {"SNAPSHOT", TP_REQ_SNAPSHOT, names::required, true},
  {"PAUSE", TP_REQ_PAUSE, names::optional, false},
  {"LIST", TP_REQ_LIST, names::optional, false},
  {"RESUME", TP_REQ_RESUME, names::stream, false},
  {"HISTORY", TP_REQ_HISTORY, names::stream, false},
  {"ACK", TP_REQ_ACK, names::unused, false},
};

constexpr int32_t parse_error = 4300, unsupported_action = 4301, subscription_failed = 4303, invalid_symbol = 4306;

/// Longest stream name: VENUE:SYMBOL/LINE.
constexpr size_t max_stream_size = 2 * max_symbol_size + 16;

bool has_control(std::string_view text) {
  for (const char c : text)
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) return true;
  return false;
}

} // namespace

message_reader::problem message_reader::check(tp_request& request) {
  const value& name = values_[type];
  if (name.kind != json::string) {
    say_format("type is ");
    say(words_of(name.kind));
    say(": name the message, such as \"type\":\"SUBSCRIBE\"");
    return {parse_error, key_names[type]};
  }
  const value& time = values_[timestamp];
  if (time.kind != json::absent && time.kind != json::number) {
    say_format("timestamp at byte ");
    say_number(time.offset);
    say(" is ");
    say(words_of(time.kind));
    say(": send milliseconds since 1970 as a number, or leave it out");
    return {parse_error, key_names[timestamp]};
  }
  if (time.kind == json::number && std::abs(time.number) < 9e15) request.client_ms = static_cast<int64_t>(time.number);
  for (const key k : {request_id, id, ping_id}) {
    const value& v = values_[k];
    const bool is_usable =
      v.kind == json::absent || v.kind == json::null || v.kind == json::string || v.kind == json::number;
    if (is_usable && v.raw.size() <= max_echo_size) continue;
    say_format(key_names[k]);
    say(" at byte ");
    say_number(v.offset);
    if (is_usable) {
      say(" is longer than ");
      say_number(max_echo_size);
      say(" bytes");
    } else {
      say(" is ");
      say(words_of(v.kind));
      say(": send a string or a number");
    }
    return {parse_error, key_names[k]};
  }
  const message_type* found = nullptr;
  for (const auto& known : message_types)
    if (known.name == name.text) found = &known;
  if (!found) {
    say("Unknown message type ");
    say_quoted(name.text);
    say(": send one of");
    for (const auto& known : message_types) {
      say(&known == message_types ? " " : ", ");
      say(known.name);
    }
    return {unsupported_action, key_names[type]};
  }
  request.kind = found->kind;
  // One that cannot be used is ignored, as W3C Trace Context (section 3.2) asks; the request itself is good.
  if (const value& v = values_[trace_parent]; v.kind == json::string && v.text.size() <= max_trace_parent_size)
    request.trace_parent = sdk::to_tp(v.text);
  if (request.kind == TP_REQ_PING) request.probe = sdk::to_tp(values_[ping_id].raw);
  if (request.kind == TP_REQ_AUTH || request.kind == TP_REQ_REFRESH)
    if (const problem p = check_token(request); p.code != 0) return p;
  if (found->takes == names::stream) return check_stream(request);
  if (found->takes != names::unused)
    if (const problem p = check_symbols(request, found->takes == names::required); p.code != 0) return p;
  return found->has_options ? check_options(request) : problem{};
}

message_reader::problem message_reader::check_symbols(tp_request& request, bool is_required) {
  const value& list = values_[symbols];
  const std::string_view field = key_names[symbols];
  if (list.kind == json::absent || list.kind == json::null) {
    if (!is_required) return {};
    say("symbols is ");
    say(words_of(list.kind));
    say(": send an array of names, such as [\"AAPL\",\"MSFT\"]");
    return {subscription_failed, field};
  }
  if (list.kind != json::array) {
    say("symbols is ");
    say(words_of(list.kind));
    say(", not an array: send names, such as [\"AAPL\",\"MSFT\"]");
    return {subscription_failed, field};
  }
  if (list.wrong != json::absent) {
    say("symbols[");
    say_number(list.wrong_index);
    say("] is ");
    say(words_of(list.wrong));
    say(", not a string: send names, such as [\"AAPL\",\"MSFT\"]");
    return {subscription_failed, field};
  }
  if (list.count == 0 && is_required) {
    say("symbols is empty: name at least one");
    return {subscription_failed, field};
  }
  if (list.count > max_symbols) {
    say("symbols has ");
    say_number(list.count);
    say(" entries: send at most ");
    say_number(max_symbols);
    say(" in one message");
    return {subscription_failed, field};
  }
  for (size_t i = 0; i < symbols_.size(); ++i) {
    const std::string_view symbol = sdk::view(symbols_[i]);
    const bool is_long = symbol.size() > max_symbol_size;
    if (!symbol.empty() && !is_long && !has_control(symbol)) continue;
    say("symbols[");
    say_number(i);
    say("] ");
    say_quoted(symbol);
    if (symbol.empty())
      say(" is empty: name an instrument");
    else if (is_long) {
      say(" is longer than ");
      say_number(max_symbol_size);
      say(" bytes");
    } else {
      say(" holds a control character: send printable text");
    }
    return {invalid_symbol, field};
  }
  request.symbols = symbols_.data();
  request.symbol_count = static_cast<uint32_t>(symbols_.size());
  return {};
}

message_reader::problem message_reader::check_stream(tp_request& request) {
  const value& name = values_[stream];
  if (name.kind == json::string && !name.text.empty() && name.text.size() <= max_stream_size &&
      !has_control(name.text)) {
    symbols_.assign(1, sdk::to_tp(name.text));
    request.symbols = symbols_.data();
    request.symbol_count = 1;
    return {};
  }
  say("stream is ");
  if (name.kind == json::string)
    say_quoted(name.text);
  else
    say(words_of(name.kind));
  say(": name one, such as \"NASDAQ:AAPL/STATE\"");
  return {subscription_failed, key_names[stream]};
}

message_reader::problem message_reader::check_options(tp_request& request) {
  const value& list = values_[data_types];
  const auto refuse = [&] {
    say(": allowed are");
    for (size_t i = 0; i < data_type_names.size(); ++i) {
      say(i == 0 ? " " : ", ");
      say(data_type_names[i].name);
    }
    return problem{subscription_failed, key_names[data_types]};
  };
  if (list.kind != json::absent && list.kind != json::null) {
    if (list.kind != json::array || list.wrong != json::absent) {
      say("dataTypes");
      if (list.kind == json::array) {
        say("[");
        say_number(list.wrong_index);
        say("]");
      }
      say(" is ");
      say(words_of(list.kind == json::array ? list.wrong : list.kind));
      say(list.kind == json::array ? ", not a string" : ", not an array");
      return refuse();
    }
    if (list.count == 0) {
      say("dataTypes is empty: name at least one or leave the key out");
      return refuse();
    }
    for (size_t i = 0; i < type_names_.size(); ++i) {
      const std::string_view name = sdk::view(type_names_[i]);
      const auto known = std::ranges::find(data_type_names, name, &data_type_name::name);
      if (known == data_type_names.end()) {
        say("dataTypes[");
        say_number(i);
        say("] ");
        say_quoted(name);
        say(" is unknown");
        return refuse();
      }
      request.data_types |= known->bit;
    }
    if (list.count > type_names_.capacity()) {
      say("dataTypes has ");
      say_number(list.count);
      say(" entries");
      return refuse();
    }
  }
  if (const problem p = check_whole(frequency, max_frequency_ms, request.frequency_ms); p.code != 0) return p;
  return check_whole(depth, max_depth, request.depth);
}

message_reader::problem message_reader::check_whole(key k, uint32_t limit, uint32_t& out) {
  const value& v = values_[k];
  if (v.kind == json::absent || v.kind == json::null) return {};
  if (v.kind == json::number && v.number >= 0 && v.number <= limit && v.number == std::floor(v.number)) {
    out = static_cast<uint32_t>(v.number);
    return {};
  }
  say(key_names[k]);
  say(" is ");
  if (v.kind == json::number)
    say(v.raw.substr(0, 32));
  else
    say(words_of(v.kind));
  say(k == frequency ? ": send milliseconds between updates as a whole number, 0 to "
                     : ": send levels a side as a whole number, 0 to ");
  say_number(limit);
  return {subscription_failed, key_names[k]};
}

message_reader::problem message_reader::check_token(tp_request& request) {
  const value& v = values_[token];
  if (v.kind == json::string && !v.text.empty() && v.text.size() <= max_token_size) {
    request.token = sdk::to_tp(v.text);
    return {};
  }
  // The token itself is never repeated: replies end up in logs.
  say_format("token is ");
  if (v.kind != json::string)
    say(words_of(v.kind));
  else
    say(v.text.empty() ? "empty" : "too long");
  say(": send a string of 1 to ");
  say_number(max_token_size);
  say(" bytes");
  return {parse_error, key_names[token]};
}

} // namespace tickplant::hft
