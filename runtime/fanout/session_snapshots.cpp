// SNAPSHOT, and SUBSCRIBE of that mode: rows that end by themselves, beside those of subscriptions.
#include "runtime/fanout/session_parts.hpp"

#include <algorithm>
#include <string>

namespace tickplant::fanout {

using namespace session_parts;

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

} // namespace tickplant::fanout
