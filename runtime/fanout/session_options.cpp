// Which options a client is granted: what it names, what it has, and what the server and its rights allow.
#include "runtime/fanout/option_steps.hpp"
#include "runtime/fanout/session_parts.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace tickplant::fanout {

using namespace session_parts;

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

} // namespace tickplant::fanout
