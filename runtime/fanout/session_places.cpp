// RESUME, and the places that SUBSCRIBE names: where a client was on its lines.
#include "runtime/fanout/session_parts.hpp"

#include <algorithm>
#include <string>

namespace tickplant::fanout {

using namespace session_parts;

namespace {

uint32_t data_types_of(std::span<const tp_position> positions, std::string_view symbol) {
  uint32_t types = 0;
  for (const auto& p : positions) {
    if (view(p.symbol) != symbol) continue;
    types |= p.series == TP_SERIES_TRADES ? TP_DATA_TRADES
             : p.series == TP_SERIES_BOOK ? TP_DATA_ORDER_BOOK
                                          : TP_DATA_QUOTES;
  }
  return types;
}

std::string_view field_of_places(const tp_request& request) {
  if (request.kind != TP_REQ_RESUME) return "resume";
  return request.position_count > 1 ? "streams" : "stream";
}

} // namespace

/// Where the client was, by instrument. What is none is told with the symbols, or by say_unused.
ask_list::places session::places_named(const tp_request& request) const {
  ask_list::places places;
  for (uint32_t i = 0; i < request.position_count; ++i) {
    const auto& p = request.positions[i];
    const auto found = directory_.resolve(view(p.symbol));
    if (found.what == resolution::kind::found) places[found.id].push_back({p.series, p.epoch, p.sequence});
  }
  return places;
}

/// A client that waits for the fate of a place must not wait in vain: those of lines that it does not have are named.
void session::say_unused(const tp_request& request, const answer& given) {
  std::vector<std::string> unused;
  for (uint32_t i = 0; i < request.position_count; ++i) {
    const auto& p = request.positions[i];
    const auto name = view(p.symbol);
    const auto is_it = [&](std::string_view refused) { return refused == name; };
    if (std::ranges::any_of(given.unknown, is_it) || std::ranges::any_of(given.foreign, is_it) ||
        std::ranges::any_of(given.beyond, is_it) ||
        (p.series == TP_SERIES_TRADES && std::ranges::any_of(given.without_trades, is_it)))
      continue; // told already
    const auto found = directory_.resolve(name);
    const auto* by = found.what == resolution::kind::found ? asks_.owner_of(found.id) : asks_.find(name);
    if (by && (lines_of(*by->options) & TP_LINE_OF(p.series)) != 0) continue;
    constexpr std::string_view words[] = {"/STATE", "/TRADES", "/BOOK"};
    unused.push_back(std::string{name}.append(words[p.series]));
  }
  if (unused.empty()) return;
  refuse(wire::error_code::subscription_failed, field_of_places(request),
         "Not among the lines that are subscribed, so not resumed: " + join(unused), request.id);
}

void session::resume(const tp_request& request) {
  if (!is_extended())
    return refuse(wire::error_code::unsupported_action, "type", "Lines are told to those who say HELLO first",
                  request.id);
  const auto from = places_named(request);
  has_subscribed_ = true;
  answer given;
  option_set shown;
  const std::span positions{request.positions, request.position_count};
  for (uint32_t i = 0; i < request.symbol_count; ++i) {
    const auto name = view(request.symbols[i]);
    const uint32_t types = data_types_of(positions, name);
    const auto found = directory_.resolve(name);
    if (found.what == resolution::kind::unknown) {
      given.results.push_back(look_up(name));
      given.unknown.push_back(name);
      continue;
    }
    const auto* present = found.what == resolution::kind::found ? asks_.owner_of(found.id) : nullptr;
    if (!present) present = asks_.find(name);
    if (present && (present->options->data_types & types) == types && found.what == resolution::kind::found) {
      asks_.resume(found.id, from.at(found.id));
      auto result = look_up(name);
      result.lines = lines_of(*present->options);
      given.results.push_back(result);
      ++given.granted;
      shown = *present->options;
      continue;
    }
    auto wanted = request;
    wanted.data_types |= types | (present ? present->options->data_types : 0);
    const auto options = options_of(wanted, present ? present->options.get() : nullptr);
    if (!options) break; // told; those before it go on
    const auto offered = offer_for(*options, name);
    if (!offered.is_empty() && !has_room_for(request, offered.options)) break; // the same
    subscribe_name(request, name, offered, from, given);
    shown = offered.options;
  }
  say_answer(TP_REPLY_SUBSCRIBED, given, shown, request.id, field_of_places(request));
  say_unused(request, given);
}

} // namespace tickplant::fanout
