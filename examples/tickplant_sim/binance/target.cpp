#include "tickplant_sim/binance/target.hpp"

namespace tickplant::sim::binance {

std::optional<stream_request> parse_stream_target(std::string_view target) {
  const auto parsed = parse_target(target);
  if (!parsed) return std::nullopt;
  stream_request out;
  std::string_view names;
  std::string_view path = parsed->path;
  // Futures have entry points of their own for each kind of stream; all of them serve everything here.
  for (const std::string_view entry : {"/public", "/market"})
    if (path.starts_with(entry)) path.remove_prefix(entry.size());
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
