// SUBSCRIBE and UPDATE_SUBSCRIPTION: names and wildcards, symbol by symbol.
#include "runtime/fanout/session_parts.hpp"

#include <string>
#include <utility>

namespace tickplant::fanout {

using namespace session_parts;

namespace {

/// For a name that is not known yet.
std::vector<line_point> points_of(std::span<const tp_position> positions, std::string_view symbol) {
  std::vector<line_point> points;
  for (const auto& p : positions)
    if (view(p.symbol) == symbol) points.push_back({p.series, p.epoch, p.sequence});
  return points;
}

} // namespace

/// A name that is an instrument's own is none: of consolidated instruments one stands for the signals of all.
std::optional<wildcard> session::wildcard_of(std::string_view name, const option_set& options) const {
  auto pattern = wildcard::from(name);
  if (pattern && options.data_types == TP_DATA_SIGNALS && directory_.resolve(name).what == resolution::kind::found)
    pattern.reset();
  return pattern;
}

void session::subscribe_name(const tp_request& request, std::string_view name, const offer& offered,
                             const ask_list::places& from, answer& to) {
  auto result = look_up(name);
  result.lines = lines_of(offered.options);
  if (result.code == number(wire::error_code::not_entitled)) {
    to.foreign.push_back(name);
  } else if (result.code != 0) {
    to.unknown.push_back(name);
  } else if (offered.is_empty()) {
    refuse_offer(name, offered, result, to);
  } else {
    const auto found = directory_.resolve(name);
    std::optional<model::instrument_id> id;
    if (found.what == resolution::kind::found) id = found.id;
    const auto points = id ? from.find(*id) : from.end();
    auto place = points == from.end() ? std::vector<line_point>{} : points->second;
    if (!id) place = points_of(std::span{request.positions, request.position_count}, name);
    if (asks_.put_name(name, id, offered.options, std::move(place)) == ask_list::outcome::done) {
      grant(name, offered, result, to);
    } else {
      set_code(result, wire::error_code::subscription_limit, "the limit of symbols is reached");
      to.beyond.push_back(name);
    }
  }
  if (result.code != 0) result.lines = 0;
  to.results.push_back(result);
}

void session::subscribe_wildcard(std::string_view name, const wildcard& pattern, const offer& offered,
                                 const ask_list::places& from, answer& to) {
  auto result = result_for(name);
  if (!pattern.venue().empty() && !directory_.has_venue(pattern.venue())) {
    set_code(result, wire::error_code::invalid_symbol, "there is no such venue");
    to.unknown.push_back(name);
    return to.results.push_back(result);
  }
  if (offered.is_empty()) {
    refuse_offer(name, offered, result, to);
    return to.results.push_back(result);
  }
  switch (asks_.put_wildcard(name, pattern, offered.options, from)) {
    case ask_list::outcome::done: {
      const auto* ask = asks_.find(name);
      result = describe(name, *ask);
      grant(name, offered, result, to);
      if (ask->left_out() > 0) to.cut.push_back(std::string{name} + " lacks " + std::to_string(ask->left_out()));
      break;
    }
    case ask_list::outcome::no_room:
      set_code(result, wire::error_code::subscription_limit, "the limit of symbols is reached");
      to.beyond.push_back(name);
      break;
    case ask_list::outcome::not_entitled:
      set_code(result, wire::error_code::not_entitled, "not in this client's tier");
      to.foreign.push_back(name);
      break;
  }
  to.results.push_back(result);
}

void session::subscribe(const tp_request& request) {
  auto options = options_of(request, nullptr);
  if (!options) return;
  if (options->mode == TP_MODE_SNAPSHOT_ONLY) return take_snapshots(request, *options);
  const auto offered = offers_for(request, *options);
  if (!offered) return;
  has_subscribed_ = true;
  const auto from = places_named(request);
  answer given;
  asks_.expect(request.symbol_count);
  for (uint32_t i = 0; i < request.symbol_count; ++i) {
    const auto name = view(request.symbols[i]);
    const auto& its = is_consolidated(name) ? offered->consolidated : offered->of_one_venue;
    if (const auto pattern = wildcard_of(name, its.options))
      subscribe_wildcard(name, *pattern, its, from, given);
    else
      subscribe_name(request, name, its, from, given);
  }
  options->data_types = given.data_types;
  say_answer(TP_REPLY_SUBSCRIBED, given, *options, request.id);
  say_unused(request, given);
}

void session::update(const tp_request& request) {
  if (request.mode == TP_MODE_SNAPSHOT_ONLY)
    return refuse(wire::error_code::subscription_failed, "mode",
                  "A subscription does not become a snapshot: send SNAPSHOT, and UNSUBSCRIBE", request.id);
  answer given;
  std::optional<option_set> shown;
  std::vector<std::string_view> missing;
  for (uint32_t i = 0; i < request.symbol_count; ++i) {
    const auto name = view(request.symbols[i]);
    const auto* ask = asks_.find(name);
    if (!ask) {
      auto result = look_up(name);
      set_code(result, wire::error_code::subscription_failed, "not subscribed");
      missing.push_back(name);
      given.results.push_back(result);
      continue;
    }
    const auto wanted = options_of(request, ask->options.get());
    if (!wanted) break; // told; those before it are changed
    const auto offered = offer_for(*wanted, name);
    auto result = describe(name, *ask);
    if (offered.is_empty()) {
      refuse_offer(name, offered, result, given);
      result.lines = 0;
      given.results.push_back(result);
      continue;
    }
    if (!has_room_for(request, offered.options)) break; // the same
    asks_.change(name, offered.options);
    result = describe(name, *ask);
    put_options(result, offered.options);
    grant(name, offered, result, given);
    given.results.push_back(result);
    if (!shown) shown = offered.options;
  }
  say_answer(TP_REPLY_UPDATED, given, shown.value_or(option_set{}), request.id);
  if (!missing.empty())
    refuse(wire::error_code::subscription_failed, "symbols", "Not subscribed: " + join(missing), request.id);
}

} // namespace tickplant::fanout
