#include "tickplant_sim/binance/control.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace tickplant::sim::binance {
namespace {

using nlohmann::json;

// Stream names from an address may be any bytes, which a strict writer would refuse.
std::string written(const json& answer) {
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string result(json value, const json& id) {
  return written({{"result", std::move(value)}, {"id", id}});
}

std::string refusal(int code, std::string_view text, const json& id = nullptr) {
  json answer{{"code", code}, {"msg", text}};
  if (!id.is_null()) answer["id"] = id;
  return written(answer);
}

bool is_valid_id(const json& id) {
  if (id.is_null() || id.is_number_integer()) return true;
  if (!id.is_string()) return false;
  const auto& text = id.get_ref<const std::string&>();
  return text.size() <= 36 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
         });
}

bool are_stream_names(const json& params) {
  return params.is_array() && !params.empty() && std::all_of(params.begin(), params.end(), [](const json& name) {
           return name.is_string() && name.get_ref<const std::string&>().size() <= longest_stream_name;
         });
}

std::string subscribe(const json& params, const json& id, subscriptions& state, std::size_t most) {
  if (!are_stream_names(params)) return refusal(2, "Invalid request: params must be an array of stream names", id);
  auto wanted = state.streams;
  for (const auto& name : params) wanted.insert(name.get<std::string>());
  if (wanted.size() > most)
    return refusal(2, "Invalid request: more than " + std::to_string(most) + " streams on one connection", id);
  state.streams = std::move(wanted);
  return result(nullptr, id);
}

std::string unsubscribe(const json& params, const json& id, subscriptions& state) {
  if (!are_stream_names(params)) return refusal(2, "Invalid request: params must be an array of stream names", id);
  for (const auto& name : params) state.streams.erase(name.get_ref<const std::string&>());
  return result(nullptr, id);
}

std::string set_property(const json& params, const json& id, subscriptions& state) {
  if (!params.is_array() || params.size() != 2 || !params[0].is_string())
    return refusal(2, "Invalid request: property name must be a string", id);
  if (params[0] != "combined") return refusal(0, "Unknown property", id);
  if (!params[1].is_boolean()) return refusal(1, "Invalid value type: expected Boolean", id);
  state.combined = params[1].get<bool>();
  return result(nullptr, id);
}

std::string get_property(const json& params, const json& id, const subscriptions& state) {
  if (!params.is_array() || params.size() != 1 || !params[0].is_string())
    return refusal(2, "Invalid request: property name must be a string", id);
  if (params[0] != "combined") return refusal(0, "Unknown property", id);
  return result(state.combined, id);
}

} // namespace

std::string answer_control(std::string_view text, subscriptions& state, std::size_t most) {
  // Nesting is bounded by hand: no control message needs more than an array in an object.
  int depth = 0;
  const auto limit_depth = [&depth](int level, json::parse_event_t, json&) {
    depth = std::max(depth, level);
    return level < 8;
  };
  const auto request = json::parse(text.begin(), text.end(), limit_depth, false);
  if (request.is_discarded()) return refusal(3, "Invalid JSON");
  if (!request.is_object() || depth > 4) return refusal(2, "Invalid request: expected an object");
  const auto id = request.value("id", json{});
  if (!is_valid_id(id)) return refusal(2, "Invalid request: request ID must be an integer, text up to 36, or null");
  const auto method = request.find("method");
  if (method == request.end() || !method->is_string()) return refusal(2, "Invalid request: missing field `method`", id);
  const auto& name = method->get_ref<const std::string&>();
  const auto params = request.value("params", json{});
  if (name == "SUBSCRIBE") return subscribe(params, id, state, most);
  if (name == "UNSUBSCRIBE") return unsubscribe(params, id, state);
  if (name == "LIST_SUBSCRIPTIONS") return result(state.streams, id);
  if (name == "SET_PROPERTY") return set_property(params, id, state);
  if (name == "GET_PROPERTY") return get_property(params, id, state);
  return refusal(2,
                 "Invalid request: unknown variant `" + name.substr(0, 64) +
                   "`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, "
                   "`GET_PROPERTY`",
                 id);
}

} // namespace tickplant::sim::binance
