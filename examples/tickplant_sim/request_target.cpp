#include "tickplant_sim/request_target.hpp"

#include <charconv>
#include <utility>

namespace tickplant::sim {
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

} // namespace tickplant::sim
