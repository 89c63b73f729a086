// Data types that never come for some instruments: consolidated ones have no prints of their own, and only they have
// signals. Who asks for them is told, instead of waiting in vain.
#include "runtime/consolidation/listing.hpp"
#include "runtime/fanout/hub_core.hpp"
#include "runtime/fanout/session_parts.hpp"

#include <string>

namespace tickplant::fanout {

using namespace session_parts;

namespace {

constexpr std::string_view no_trades =
  "a consolidated instrument has no TRADES of its own, subscribe to those of its venues";
constexpr std::string_view no_signals = "only consolidated instruments have SIGNALS, subscribe to those of CONS";
constexpr std::string_view nobody_looks = "this server does not look for arbitrage, there are no SIGNALS";

} // namespace

/// A venue's name in front decides, whether or not the instrument is known; without one no consolidated one is meant.
bool session::is_consolidated(std::string_view name) const {
  const auto colon = name.find(':');
  return colon != std::string_view::npos && name.substr(0, colon) == consolidation::venue_name &&
         directory_.has_venue(consolidation::venue_name);
}

session::offer session::offer_of(const option_set& options, bool for_consolidated) const {
  offer made{options};
  // Inside a state the last trade of all venues comes.
  if (for_consolidated && (hub_core::lines_of(print_, options) & TP_LINE_OF(TP_SERIES_TRADES)))
    made.missing |= TP_DATA_TRADES;
  if (!for_consolidated || !limits_.has_signals) made.missing |= options.data_types & TP_DATA_SIGNALS;
  made.options.data_types &= ~made.missing;
  return made;
}

/// Nothing: there is no room for what its symbols would get, and the client has been told.
std::optional<session::offers> session::offers_for(const tp_request& request, const option_set& options) {
  const offers made{offer_of(options, false), offer_of(options, true)};
  bool is_asked[2] = {false, false};
  for (uint32_t i = 0; i < request.symbol_count; ++i) is_asked[is_consolidated(view(request.symbols[i]))] = true;
  const bool has_room =
    (!is_asked[0] || made.of_one_venue.is_empty() || has_room_for(request, made.of_one_venue.options)) &&
    (!is_asked[1] || made.consolidated.is_empty() || has_room_for(request, made.consolidated.options));
  if (!has_room) return std::nullopt;
  return made;
}

void session::note_missing(std::string_view name, const offer& offered, answer& to) {
  if (offered.missing & TP_DATA_TRADES) to.without_trades.push_back(name);
  if (offered.missing & TP_DATA_SIGNALS) to.without_signals.push_back(name);
}

/// A symbol that does not get all data types is told which it gets.
void session::grant(std::string_view name, const offer& offered, tp_result& result, answer& to) {
  ++to.granted;
  to.data_types |= offered.options.data_types;
  if (offered.missing == 0) return;
  put_options(result, offered.options);
  note_missing(name, offered, to);
}

/// Nothing of what was asked for comes for this symbol.
void session::refuse_offer(std::string_view name, const offer& offered, tp_result& result, answer& to) const {
  set_code(result, wire::error_code::subscription_failed,
           offered.missing & TP_DATA_TRADES ? no_trades
           : limits_.has_signals            ? no_signals
                                            : nobody_looks);
  note_missing(name, offered, to);
}

void session::say_missing(const answer& given, tp_str id) {
  const auto tell = [&](const std::vector<std::string_view>& names, std::string_view why) {
    if (names.empty()) return;
    refuse(wire::error_code::subscription_failed, "dataTypes", join(names) + ": " + std::string{why}, id);
  };
  tell(given.without_trades, no_trades);
  tell(given.without_signals, limits_.has_signals ? no_signals : nobody_looks);
}

} // namespace tickplant::fanout
