// What a client asks for: SUBSCRIBE, SNAPSHOT, UPDATE_SUBSCRIPTION, RESUME, and which options it is granted.
#include "runtime/fanout/option_steps.hpp"
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

/// For a name that is not known yet.
std::vector<line_point> points_of(std::span<const tp_position> positions, std::string_view symbol) {
  std::vector<line_point> points;
  for (const auto& p : positions)
    if (view(p.symbol) == symbol) points.push_back({p.series, p.epoch, p.sequence});
  return points;
}

} // namespace

bool session::intern_filter(const tp_request& request, option_set& options) {
  const std::span conditions{request.filters, request.filter_count};
  if (const auto wrong = filter::problem_of(conditions); !wrong.empty()) {
    refuse(wire::error_code::subscription_failed, "filter", wrong, request.id);
    return false;
  }
  options.filter = filter::from(conditions);
  if (!options.filter) return true;
  // Equal filters have to be one, as the hub compares them by address.
  for (const auto& ask : asks_.asks())
    if (ask->options->filter && *ask->options->filter == *options.filter) {
      options.filter = ask->options->filter;
      break;
    }
  return true;
}

/// `present`: of the subscription that is to be changed; what is not named stays. Nothing: the client has been told
/// why.
std::optional<option_set> session::options_of(const tp_request& request, const option_set* present) {
  const auto& ops = print_.ops();
  option_set options = present ? *present : option_set{};
  if (request.data_types != 0 || !present)
    options.data_types = request.data_types != 0 ? request.data_types : ops.default_data_types;
  if (request.frequency_ms != TP_ABSENT || !present)
    options.frequency_ms = request.frequency_ms != TP_ABSENT ? request.frequency_ms : ops.default_frequency_ms;
  const bool names_depth = request.depth != TP_ABSENT && request.depth != 0;
  if ((options.data_types & TP_DATA_ORDER_BOOK) == 0)
    options.depth = 0;
  else if (names_depth || options.depth == 0)
    options.depth = names_depth ? request.depth : ops.default_depth;
  if ((request.choices & TP_CHOICE_FIELDS) || !present) options.fields = request.fields;
  if (request.mode != TP_MODE_ABSENT) options.mode = request.mode;
  if (request.on_slow != TP_SLOW_ABSENT) options.on_slow = request.on_slow;
  options.extras = extras_;
  if (request.kind == TP_REQ_SNAPSHOT) options.mode = TP_MODE_SNAPSHOT_ONLY;
  if (is_extended()) {
    if (options.mode == TP_MODE_ABSENT) options.mode = TP_MODE_ALL;
    if (options.on_slow == TP_SLOW_ABSENT)
      options.on_slow = options.mode == TP_MODE_ALL ? TP_SLOW_DROP_OLDEST : TP_SLOW_CONFLATE;
  } else if (options.mode != TP_MODE_SNAPSHOT_ONLY) {
    options.mode = TP_MODE_ABSENT; // clients of the document get states, whatever they name
  }
  if (((request.choices & TP_CHOICE_FILTER) || request.filter_count > 0 || !present) &&
      !intern_filter(request, options))
    return std::nullopt;
  options = cut(options);
  if (options.data_types == 0) {
    refuse(wire::error_code::not_entitled, "dataTypes", "This client's tier has none of these data types", request.id);
    return std::nullopt;
  }
  return options;
}

/// What is printed, and how often, costs every loop for all of its clients: one client must not use that up.
bool session::has_room_for(const tp_request& request, const option_set& options) {
  const auto prints_alike = [](const option_set& a, const option_set& b) {
    return a.data_types == b.data_types && a.depth == b.depth && a.frequency_ms == b.frequency_ms &&
           a.fields == b.fields && a.mode == b.mode && a.extras == b.extras;
  };
  std::vector<const option_set*> different;
  const option_set* last = nullptr; // asks that were made together share theirs
  const auto is_known = [&](const options_ptr& one) {
    if (std::exchange(last, one.get()) == one.get()) return false;
    if (std::ranges::none_of(different, [&](const auto* other) { return prints_alike(*other, *one); }))
      different.push_back(one.get());
    return prints_alike(*one, options);
  };
  for (const auto& ask : asks_.asks())
    if (is_known(ask->options)) return true;
  for (const auto& [of, id] : snapshots_)
    if (is_known(of)) return true;
  const auto field = options.fields != 0 ? "fields" : options.data_types & TP_DATA_ORDER_BOOK ? "depth" : "frequency";
  if (different.size() >= max_option_sets) {
    refuse(wire::error_code::subscription_limit, field,
           "At most " + std::to_string(max_option_sets) +
             " different sets of dataTypes, depth, frequency, fields and mode a connection: take one that you have, or "
             "unsubscribe from one",
           request.id);
    return false;
  }
  if (host_.has_room(client_, options)) return true;
  refuse(wire::error_code::subscription_limit, field,
         "This server prints no more selections of fields at a time for this client: leave fields away, take some that "
         "others have, or unsubscribe from some",
         request.id);
  return false;
}

/// As the server, and then the client's rights, allow it.
option_set session::cut(option_set options) const {
  options.depth = std::min(granted_depth(options.depth), limits_.max_depth);
  options.frequency_ms = granted_frequency(options.frequency_ms);
  if (!identity_.rights) return options;
  const auto granted = identity_.rights->granted({options.data_types, options.frequency_ms, options.depth});
  if (!granted) {
    options.data_types = 0;
    return options;
  }
  options.data_types = granted->data_types;
  options.frequency_ms = granted_frequency(granted->frequency_ms);
  options.depth = options.data_types & TP_DATA_ORDER_BOOK ? granted->depth : 0;
  return options;
}

/// A name that is an instrument's own is none: of consolidated instruments one stands for the signals of all.
std::optional<wildcard> session::wildcard_of(std::string_view name, const option_set& options) const {
  auto pattern = wildcard::from(name);
  if (pattern && options.data_types == TP_DATA_SIGNALS && directory_.resolve(name).what == resolution::kind::found)
    pattern.reset();
  return pattern;
}

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

/// Rows that are done with one snapshot: they stand beside whatever else the client has of these instruments.
void session::take_snapshots(const tp_request& request, const option_set& options) {
  if (options.data_types == TP_DATA_SIGNALS)
    return refuse(wire::error_code::subscription_failed, "dataTypes",
                  "SIGNALS have no snapshot: subscribe to them, or name other data types", request.id);
  if (!has_room_for(request, options)) return;
  has_subscribed_ = true;
  answer given;
  const auto shared = std::make_shared<const option_set>(options);
  const auto take = [&](model::instrument_id id) {
    if (is_awaited(options, id)) return true;
    if (asks_.size() + snapshots_.size() >= limits_.max_symbols) return false;
    snapshots_.emplace_back(shared, id);
    actions_->rows.push_back({row_order::kind::add, false, id, shared, {}, {}});
    return true;
  };
  for (uint32_t i = 0; i < request.symbol_count; ++i) {
    const auto name = view(request.symbols[i]);
    const auto pattern = wildcard_of(name, options);
    auto result = pattern ? result_for(name) : look_up(name);
    if (!pattern && result.status == TP_STATUS_PENDING && directory_.resolve(name).what == resolution::kind::pending)
      set_code(result, wire::error_code::invalid_symbol, "a venue has not told all its symbols yet; ask again later");
    if (!pattern && result.code == 0 && !take(directory_.resolve(name).id)) {
      set_code(result, wire::error_code::subscription_limit, "the limit of symbols is reached");
      given.beyond.push_back(name);
    } else if (result.code == number(wire::error_code::not_entitled)) {
      given.foreign.push_back(name);
    } else if (result.code != 0) {
      given.unknown.push_back(name);
    }
    if (pattern) {
      for (const auto id : directory_.matching(*pattern))
        if (asks_.is_allowed(*directory_.find(id))) ++(take(id) ? result.matched : result.left_out);
      result.status = TP_STATUS_OK;
      if (result.left_out > 0) given.cut.push_back(std::string{name} + " lacks " + std::to_string(result.left_out));
      if (result.matched == 0) {
        set_code(result, wire::error_code::invalid_symbol, "no venue has such symbols");
        given.unknown.push_back(name);
      }
    }
    if (result.code == 0) {
      ++given.granted;
      result.lines = lines_of(options);
    }
    given.results.push_back(result);
  }
  say_answer(TP_REPLY_SUBSCRIBED, given, options, request.id);
}

bool session::is_awaited(const option_set& options, model::instrument_id id) const {
  return std::any_of(snapshots_.begin(), snapshots_.end(),
                     [&](const auto& one) { return one.second == id && *one.first == options; });
}

void session::finished(const option_set& options, model::instrument_id id) {
  std::erase_if(snapshots_, [&](const auto& one) { return one.second == id && *one.first == options; });
}

std::vector<row_order> session::rows_of(const option_set& options) const {
  auto orders = asks_.rows_of(options);
  for (const auto& [shared, id] : snapshots_)
    if (*shared == options) orders.push_back({row_order::kind::add, false, id, shared, {}, {}});
  return orders;
}

bool session::has_row_of(const option_set& options) const {
  return asks_.has_row_of(options) ||
         std::any_of(snapshots_.begin(), snapshots_.end(), [&](const auto& one) { return *one.first == options; });
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
