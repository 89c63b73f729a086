// What changes under a client: instruments come and go, rights and limits are others.
#include "runtime/fanout/session_parts.hpp"

#include <algorithm>
#include <string>

namespace tickplant::fanout {

using namespace session_parts;

namespace {

constexpr size_t most_told = 256; // entries of one STREAM_STATUS

std::string name_of(const model::instrument& instrument) {
  return instrument.venue + ':' + instrument.symbol;
}

} // namespace

void session::say_status(std::vector<tp_result>& results) {
  for (size_t first = 0; first < results.size(); first += most_told) {
    auto reply = reply_of(TP_REPLY_STREAM_STATUS);
    reply.results = results.data() + first;
    reply.result_count = static_cast<uint32_t>(std::min(most_told, results.size() - first));
    print(reply);
  }
}

session_actions session::directory_changed(std::span<const model::instrument_id> came,
                                           std::span<const model::instrument_id> gone, uint64_t wall_ns) {
  call now{*this, wall_ns};
  for (const auto id : gone) asks_.instrument_gone(id);
  std::vector<std::string> open;
  uint32_t left_out = 0;
  for (const auto& ask : asks_.asks()) {
    if (!ask->pattern() && !ask->id) open.push_back(ask->name);
    left_out += ask->left_out();
  }
  std::vector<tp_result> found;
  std::vector<std::string_view> unknown, foreign;
  for (const auto& name : open) {
    const auto known = directory_.resolve(name);
    if (known.what == resolution::kind::pending) continue;
    if (known.what == resolution::kind::unknown) {
      unknown.push_back(name);
    } else if (!asks_.is_allowed(*directory_.find(known.id))) {
      foreign.push_back(name);
    } else {
      asks_.settle(name, known.id);
      found.push_back(look_up(name));
    }
  }
  for (const auto name : unknown) asks_.remove(name);
  for (const auto name : foreign) asks_.remove(name);
  for (const auto id : came)
    if (asks_.instrument_came(id)) found.push_back(result_of(id));
  for (auto& result : found) result.lines = 0;
  say_status(found);
  if (!unknown.empty()) refuse(wire::error_code::invalid_symbol, "symbols", "Unknown symbol: " + join(unknown), {});
  if (!foreign.empty())
    refuse(wire::error_code::not_entitled, "symbols", "Not allowed for this client: " + join(foreign), {});
  answer beyond;
  uint32_t left_now = 0;
  for (const auto& ask : asks_.asks()) {
    left_now += ask->left_out();
    if (ask->left_out() > 0) beyond.cut.push_back(ask->name + " lacks " + std::to_string(ask->left_out()));
  }
  if (left_now > left_out) say_limits(beyond, {});
  return now.take();
}

session_actions session::change_rules(const session_limits& limits, std::shared_ptr<const policy::entitlement> rights,
                                      uint64_t wall_ns) {
  call now{*this, wall_ns};
  take_rules(limits, std::move(rights));
  return now.take();
}

void session::take_rules(const session_limits& limits, std::shared_ptr<const policy::entitlement> rights) {
  limits_ = limits;
  identity_.rights = rights;
  asks_.set_rights(std::move(rights));
  std::vector<std::string> names, lost;
  for (const auto& ask : asks_.asks()) names.push_back(ask->name);
  answer left;
  for (const auto& name : names) {
    const auto* ask = asks_.find(name);
    const auto granted = cut(*ask->options);
    const bool is_foreign = !ask->pattern() && look_up(name).code == number(wire::error_code::not_entitled);
    if (is_foreign || granted.data_types == 0) {
      asks_.remove(name);
      lost.push_back(name);
      continue;
    }
    const auto offered = offer_for(granted, name);
    note_missing(name, offered, left);
    if (offered.is_empty())
      asks_.remove(name);
    else
      asks_.change(name, offered.options);
  }
  for (const auto id : asks_.hold_to_rights()) lost.push_back(name_of(*directory_.find(id)));
  if (!lost.empty())
    refuse(wire::error_code::not_entitled, "symbols", "No longer allowed for this client: " + join(lost), {});
  say_missing(left, {});
}

} // namespace tickplant::fanout
