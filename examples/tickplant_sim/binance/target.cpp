#include "tickplant_sim/binance/target.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace tickplant::sim::binance {
namespace {

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    unsigned value = 0;
    const auto* digits = text.data() + i + 1;
    const auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
    if (error != std::errc{} || end != digits + 2) return std::nullopt;
    out.push_back(static_cast<char>(value));
    i += 2;
  }
  return out;
}

/// Calls `take(piece)` for every piece between separators that is not empty.
template <class Take>
void split(std::string_view text, char separator, Take take) {
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

} // namespace

std::string_view request_target::value(std::string_view key) const {
  const auto found = query.find(key);
  return found == query.end() ? std::string_view{} : std::string_view{found->second};
}

std::optional<request_target> parse_target(std::string_view target) {
  const auto mark = target.find('?');
  auto path = percent_decoded(target.substr(0, mark));
  if (!path) return std::nullopt;
  request_target out;
  out.path = std::move(*path);
  if (mark == std::string_view::npos) return out;
  bool sound = true;
  split(target.substr(mark + 1), '&', [&](std::string_view pair) {
    const auto equals = pair.find('=');
    auto key = percent_decoded(pair.substr(0, equals));
    auto value = percent_decoded(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
    if (key && value)
      out.query.insert_or_assign(std::move(*key), std::move(*value));
    else
      sound = false;
  });
  if (!sound) return std::nullopt;
  return out;
}

std::optional<stream_request> parse_stream_target(std::string_view target) {
  const auto parsed = parse_target(target);
  if (!parsed) return std::nullopt;
  stream_request out;
  std::string_view names;
  const std::string_view path = parsed->path;
  if (path == "/stream") {
    out.initial.combined = true;
    names = parsed->value("streams");
  } else if (path.starts_with("/ws/")) {
    names = path.substr(4);
  } else if (path != "/ws") {
    return std::nullopt;
  }
  bool sound = true;
  split(names, '/', [&](std::string_view name) {
    sound = sound && name.size() <= longest_stream_name;
    out.initial.streams.emplace(name);
  });
  if (!sound || out.initial.streams.size() > most_streams) return std::nullopt;
  const auto unit = parsed->value("timeUnit");
  out.microseconds = unit == "MICROSECOND" || unit == "microsecond";
  return out;
}

} // namespace tickplant::sim::binance
