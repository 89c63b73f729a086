// What a client is told about its subscriptions: results by name, limits, lists, what rests, what has ended.
#include "runtime/fanout/session_parts.hpp"

#include <algorithm>
#include <string>

namespace tickplant::fanout {

using namespace session_parts;

uint32_t session::lines_of(const option_set& options) const {
  if (!options.is_extended()) return 0;
  constexpr uint32_t states = TP_LINE_OF(TP_SERIES_STATE);
  if (options.mode == TP_MODE_CONFLATE) return states;
  // A snapshot of several is one of the state, with all of it inside.
  if (options.mode == TP_MODE_SNAPSHOT_ONLY)
    return options.data_types == TP_DATA_TRADES && print_.has_series(TP_SERIES_TRADES) ? TP_LINE_OF(TP_SERIES_TRADES)
           : options.data_types == TP_DATA_ORDER_BOOK && print_.has_series(TP_SERIES_BOOK) ? TP_LINE_OF(TP_SERIES_BOOK)
                                                                                           : states;
  uint32_t lines = 0;
  if (options.data_types & (TP_DATA_QUOTES | TP_DATA_STATISTICS)) lines |= states;
  if (options.data_types & TP_DATA_TRADES)
    lines |= print_.has_series(TP_SERIES_TRADES) ? TP_LINE_OF(TP_SERIES_TRADES) : states;
  if (options.data_types & TP_DATA_ORDER_BOOK)
    lines |= print_.has_series(TP_SERIES_BOOK) && !options.filter ? TP_LINE_OF(TP_SERIES_BOOK) : states;
  return lines;
}

tp_result session::result_of(model::instrument_id id) const {
  tp_result result{};
  result.struct_size = sizeof result;
  // The table of the directory keeps these texts for as long as the reply is printed.
  const auto* instrument = directory_.find(id).get();
  if (!instrument) return result;
  result.symbol = to_tp(instrument->symbol);
  result.venue = to_tp(instrument->venue);
  const auto* state = host_.state_of(id);
  // Nobody here looked at it before: the first message will be its whole state.
  result.status = !state                               ? TP_STATUS_PENDING
                  : state->state == book::trust::ok    ? TP_STATUS_OK
                  : state->state == book::trust::stale ? TP_STATUS_STALE
                                                       : TP_STATUS_RECOVERING;
  if (state) result.reason = to_tp(state->reason);
  return result;
}

// What a name stands for at this moment; `code` is set for a name that does not exist.
tp_result session::look_up(std::string_view name) const {
  auto result = result_for(name);
  const auto found = directory_.resolve(name);
  switch (found.what) {
    case resolution::kind::unknown:
      set_code(result, wire::error_code::invalid_symbol,
               name.find_first_of("*>") == std::string_view::npos
                 ? "no venue has this symbol"
                 : "no venue has this symbol; * and > stand for a whole part of VENUE:SYMBOL");
      break;
    case resolution::kind::pending:
      result.status = TP_STATUS_PENDING;
      result.reason = to_tp("a venue has not told all its symbols yet");
      break;
    case resolution::kind::found:
      result = result_of(found.id);
      result.asked = to_tp(name);
      if (!asks_.is_allowed(*directory_.find(found.id)))
        set_code(result, wire::error_code::not_entitled, "not in this client's tier");
      break;
  }
  return result;
}

/// What a client has by this name.
tp_result session::describe(std::string_view name, const ask_list::ask& ask) const {
  const auto* pattern = ask.pattern();
  tp_result result = pattern ? result_for(name) : look_up(name);
  if (pattern) {
    result.status = directory_.is_open(*pattern) ? TP_STATUS_PENDING : TP_STATUS_OK;
    result.matched = ask.matched();
    result.left_out = ask.left_out();
  }
  if (ask.is_paused) result.status = TP_STATUS_PAUSED;
  result.lines = lines_of(*ask.options);
  return result;
}

/// What is wrong with names that look like wildcards and are none.
std::string session::hint_for(const answer& given) const {
  for (const auto name : given.unknown) {
    const auto pattern = wildcard::from(name);
    if (pattern && !pattern->venue().empty() && !directory_.has_venue(pattern->venue()))
      return "; there is no such venue";
    if (!pattern && name.find_first_of("*>") != std::string_view::npos)
      return "; * and > stand for a whole part of VENUE:SYMBOL";
  }
  return {};
}

void session::say_answer(uint32_t kind, const answer& given, const option_set& options, tp_str id,
                         std::string_view field) {
  if (given.granted > 0) {
    auto reply = reply_of(kind);
    reply.id = id;
    reply.symbol_count = given.granted;
    reply.frequency_ms = options.frequency_ms;
    reply.data_types = options.data_types;
    reply.depth = options.depth;
    reply.mode = options.mode;
    reply.on_slow = options.on_slow;
    reply.results = given.results.data();
    reply.result_count = static_cast<uint32_t>(given.results.size());
    print(reply);
  }
  if (!given.unknown.empty())
    refuse(wire::error_code::invalid_symbol, field, "Unknown symbol: " + join(given.unknown) + hint_for(given), id);
  if (!given.foreign.empty())
    refuse(wire::error_code::not_entitled, "symbols", "Not allowed for this client: " + join(given.foreign), id);
  say_limits(given, id);
  say_missing(given, id);
}

void session::say_limits(const answer& given, tp_str id) {
  if (given.beyond.empty() && given.cut.empty()) return;
  const bool is_full = asks_.size() + snapshots_.size() >= limits_.max_symbols || !identity_.rights;
  const auto most = is_full ? limits_.max_symbols : identity_.rights->max_symbols();
  auto text = "At most " + std::to_string(most) + (is_full ? " symbols a connection" : " symbols for this client");
  if (!given.beyond.empty()) text += "; refused: " + join(given.beyond);
  if (!given.cut.empty()) text += "; " + join(given.cut) + " of its symbols";
  refuse(wire::error_code::subscription_limit, "symbols", text, id);
}

/// The subscription by which the client has this instrument, if it is not one of this name.
const ask_list::ask* session::other_by(std::string_view name) const {
  const auto found = directory_.resolve(name);
  const auto* by = found.what == resolution::kind::found ? asks_.owner_of(found.id) : nullptr;
  return by && by->name != name ? by : nullptr;
}

void session::unsubscribe(const tp_request& request) {
  std::vector<tp_result> results;
  std::vector<std::unique_ptr<const std::string>> reasons; // until they are printed
  const auto keep = [&](std::string text) {
    return to_tp(*reasons.emplace_back(std::make_unique<const std::string>(std::move(text))));
  };
  uint32_t removed = 0;
  for (uint32_t i = 0; i < request.symbol_count; ++i) {
    const auto name = view(request.symbols[i]);
    auto result = wildcard::from(name) ? result_for(name) : look_up(name);
    const auto* ask = asks_.find(name);
    result.lines = ask && !ask->pattern() ? lines_of(*ask->options) : 0;
    const bool is_gone = asks_.remove(name);
    const auto* other = other_by(name);
    if (is_gone) {
      result.code = 0;
      result.status = TP_STATUS_CLOSED;
      result.reason = other ? keep("it goes on by " + other->name) : tp_str{};
      ++removed;
    } else {
      set_code(result, wire::error_code::subscription_failed, "not subscribed");
      if (other) result.reason = keep("not subscribed by this name, but by " + other->name);
    }
    results.push_back(result);
  }
  auto reply = reply_of(TP_REPLY_UNSUBSCRIBED);
  reply.id = request.id;
  reply.symbol_count = removed;
  reply.results = results.data();
  reply.result_count = static_cast<uint32_t>(results.size());
  print(reply);
}

void session::pause(const tp_request& request) {
  const bool is_paused = (request.choices & TP_CHOICE_PAUSED) != 0;
  std::vector<tp_result> results;
  std::vector<std::string_view> names, missing;
  for (uint32_t i = 0; i < request.symbol_count; ++i) names.push_back(view(request.symbols[i]));
  if (names.empty())
    for (const auto& ask : asks_.asks()) names.push_back(ask->name);
  uint32_t done = 0;
  for (const auto name : names) {
    const auto* ask = asks_.find(name);
    if (!ask) {
      auto result = look_up(name);
      set_code(result, wire::error_code::subscription_failed, "not subscribed");
      results.push_back(result);
      missing.push_back(name);
      continue;
    }
    asks_.pause(name, is_paused);
    auto result = describe(name, *ask);
    if (!is_paused) result.status = TP_STATUS_OK;
    results.push_back(result);
    ++done;
  }
  if (done > 0 || missing.empty()) {
    auto reply = reply_of(TP_REPLY_PAUSED);
    reply.id = request.id;
    reply.symbol_count = done;
    reply.results = results.data();
    reply.result_count = static_cast<uint32_t>(results.size());
    print(reply);
  }
  if (!missing.empty())
    refuse(wire::error_code::subscription_failed, "symbols", "Not subscribed: " + join(missing), request.id);
}

void session::list(const tp_request& request) {
  std::vector<tp_result> results;
  const auto is_wanted = [&](std::string_view name) {
    if (request.symbol_count == 0) return true;
    return std::any_of(request.symbols, request.symbols + request.symbol_count,
                       [&](const tp_str& s) { return view(s) == name; });
  };
  for (const auto& ask : asks_.asks()) {
    if (!is_wanted(ask->name)) continue;
    auto result = describe(ask->name, *ask);
    put_options(result, *ask->options);
    results.push_back(result);
  }
  auto reply = reply_of(TP_REPLY_LIST);
  if (is_extended()) {
    constexpr size_t most_listed = 1024; // lines
    line_places found = host_.places_of(client_, 0);
    append_places(results, found);
    for (size_t listed = found.places.size(); found.more > 0 && listed < most_listed; listed += found.places.size()) {
      found = host_.places_of(client_, found.next);
      append_places(results, found);
    }
    reply.symbol_count = found.more;
  }
  reply.id = request.id;
  reply.results = results.data();
  reply.result_count = static_cast<uint32_t>(results.size());
  print(reply);
}

void session::append_places(std::vector<tp_result>& to, const line_places& found) const {
  for (const auto& place : found.places) {
    const auto* instrument = directory_.find(place.id).get();
    if (!instrument) continue;
    tp_result result{};
    result.struct_size = sizeof result;
    result.symbol = to_tp(instrument->symbol);
    result.venue = to_tp(instrument->venue);
    result.series = place.series;
    result.epoch = place.epoch;
    result.sequence = place.sequence;
    to.push_back(result);
  }
}

// Each names the lines behind those that the one before it named, so that all of them have their turn.
void session::say_heartbeat(tp_reply& reply) {
  std::vector<tp_result> places;
  if (is_extended()) {
    const auto found = host_.places_of(client_, next_place_);
    next_place_ = found.next;
    append_places(places, found);
    reply.symbol_count = found.more;
  }
  reply.results = places.data();
  reply.result_count = static_cast<uint32_t>(places.size());
  print(reply);
}

} // namespace tickplant::fanout
