// Small things that the session's files share.
#pragma once

#include "runtime/fanout/session.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::fanout::session_parts {

inline tp_str to_tp(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view view(tp_str text) {
  return {text.data, text.size};
}

constexpr int32_t number(wire::error_code code) {
  return static_cast<int32_t>(wire::number_of(code));
}

/// At most ten names.
template <class Text>
std::string join(const std::vector<Text>& names) {
  constexpr size_t shown = 10;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), shown); ++i) {
    if (i > 0) text += ", ";
    text += names[i];
  }
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

inline void set_code(tp_result& result, wire::error_code code, std::string_view reason) {
  result.code = number(code);
  result.status = 0;
  result.reason = to_tp(reason);
}

inline void put_options(tp_result& result, const option_set& options) {
  result.data_types = options.data_types;
  result.frequency_ms = options.frequency_ms;
  result.depth = options.depth;
}

inline tp_result result_for(std::string_view name) {
  tp_result result{};
  result.struct_size = sizeof result;
  result.asked = to_tp(name);
  return result;
}

} // namespace tickplant::fanout::session_parts
