#include "tickplant_sim/control/api.hpp"

#include "tickplant_sim/request_target.hpp"

#include <algorithm>
#include <charconv>

namespace tickplant::sim::control {
namespace {

using nlohmann::json;

constexpr std::size_t default_depth = 10;
constexpr std::size_t most_depth = 100'000;

answer refusal(unsigned status, const std::string& why) {
  return {status, {{"error", why}}};
}

/// Text from an address may be any bytes, which JSON would refuse.
std::string quoted(std::string_view text) {
  std::string out{"'"};
  for (const char c : text.substr(0, 40)) out.push_back(c >= ' ' && c <= '~' ? c : '.');
  return out + "'";
}

std::string lower_case(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

} // namespace

answer api::handle(std::string_view method, std::string_view target) {
  const auto parsed = parse_target(target);
  if (!parsed) return refusal(400, "the request's target is not percent-encoded as it should be");
  const std::string_view path = parsed->path;
  const bool reads = path == "/books" || path == "/symbols" || path == "/summary";
  const bool writes = path == "/freeze" || path == "/thaw" || path == "/faults";
  if (!reads && !writes)
    return refusal(404, "no such path " + quoted(path) +
                          "; there are GET /books, /symbols, /summary and POST /freeze, /thaw, /faults");
  if (const std::string_view wanted = reads ? "GET" : "POST"; method != wanted)
    return refusal(405, quoted(path) + " is asked with " + std::string{wanted});
  if (path == "/books") return books(parsed->value("venue"), parsed->value("symbol"), parsed->value("depth"));
  if (path == "/summary") return {200, summary()};
  if (path == "/faults") return set_faults(parsed->value("on"));
  if (path == "/symbols") {
    json body = json::object();
    for (const auto& exchange : exchanges_) body[std::string{exchange->venue()}] = exchange->symbols();
    return {200, std::move(body)};
  }
  state_.frozen = path == "/freeze";
  return state();
}

answer api::set_faults(std::string_view on) {
  if (on != "0" && on != "1") return refusal(400, "on=" + quoted(on) + ": write on=0 or on=1");
  state_.faults_on = on == "1";
  return state();
}

answer api::state() const {
  return {200, {{"frozen", state_.frozen}, {"faults", state_.faults_on}}};
}

answer api::books(std::string_view venue, std::string_view symbol, std::string_view depth_text) const {
  std::size_t depth = default_depth;
  if (!depth_text.empty()) {
    const auto* end = depth_text.data() + depth_text.size();
    const auto read = std::from_chars(depth_text.data(), end, depth);
    if (read.ec != std::errc{} || read.ptr != end || depth == 0 || depth > most_depth)
      return refusal(400, "depth=" + quoted(depth_text) + " is not a number from 1 to " + std::to_string(most_depth));
  }
  std::string venues;
  for (const auto& exchange : exchanges_) venues += (venues.empty() ? "" : ", ") + std::string{exchange->venue()};
  if (venue.empty()) return refusal(400, "venue is missing; one of " + venues);
  if (symbol.empty()) return refusal(400, "symbol is missing; GET /symbols lists them");
  const auto found = std::find_if(exchanges_.begin(), exchanges_.end(),
                                  [&](const auto& exchange) { return exchange->venue() == venue; });
  if (found == exchanges_.end()) return refusal(404, "venue " + quoted(venue) + " is not played; one of " + venues);
  const auto truth = (*found)->truth(symbol, depth);
  if (!truth)
    return refusal(404, "no book of " + quoted(symbol) + " at " + std::string{venue} +
                          "; GET /symbols lists those that it keeps");
  json body = to_json(*truth);
  body["venue"] = venue;
  body["symbol"] = symbol;
  body["frozen"] = state_.frozen;
  return {200, std::move(body)};
}

nlohmann::json api::summary() const {
  json out = json::object();
  for (const auto& exchange : exchanges_) out[lower_case(exchange->venue())] = exchange->summary();
  return out;
}

} // namespace tickplant::sim::control
