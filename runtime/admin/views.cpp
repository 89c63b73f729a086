#include "runtime/admin/views.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <ctime>

namespace tickplant::admin {

namespace {

using json = nlohmann::ordered_json;

std::string print(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

// "2026-11-21T02:32:27.213Z"; null for never.
json time_of(uint64_t ns) {
  if (ns == 0) return nullptr;
  const auto seconds = static_cast<std::time_t>(ns / 1'000'000'000);
  std::tm parts{};
  if (!gmtime_r(&seconds, &parts)) return nullptr;
  std::array<char, 64> text{};
  const size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> rest{};
  std::snprintf(rest.data(), rest.size(), ".%03uZ", static_cast<unsigned>(ns / 1'000'000 % 1'000));
  return std::string{text.data(), size} + rest.data();
}

json of(const counts& list) {
  json made = json::object();
  for (const auto& [name, count] : list) made[name] = count;
  return made;
}

json of(const tree_row& row) {
  json made{{"id", row.id}, {"kind", row.kind}, {"state", name_of(row.state)}, {"restarts", row.restarts}};
  made["last_error"] = row.last_error;
  made["mailbox"] = row.mailbox ? json(*row.mailbox) : json(nullptr);
  json children = json::array();
  for (const auto& child : row.children) children.push_back(of(child));
  made["children"] = std::move(children);
  if (row.left_out > 0) made["left_out"] = row.left_out;
  return made;
}

json of(const line_row& row) {
  return {{"line", row.line},
          {"name", row.name},
          {"address", row.address},
          {"state", row.state},
          {"why", row.why},
          {"since", time_of(row.since)},
          {"units", row.units},
          {"bytes", row.bytes},
          {"truncated", row.truncated},
          {"foreign", row.foreign},
          {"kernel_drops", row.kernel_drops},
          {"send_refused", row.send_refused}};
}

json of(const venue_row& row) {
  json made{{"name", row.name},
            {"plugin", row.plugin},
            {"state", row.state},
            {"last_error", row.last_error},
            {"restarts", row.restarts}};
  if (!row.breaker.state.empty())
    made["breaker"] = {{"state", row.breaker.state},
                       {"since", time_of(row.breaker.since)},
                       {"next_trial", time_of(row.breaker.next_trial)},
                       {"openings", row.breaker.openings}};
  if (!row.is_answered) {
    made["no answer"] = true;
    return made;
  }
  made["instruments"] = row.instruments;
  made["books"] = of(row.books);
  made["live_orders"] = row.live_orders;
  made["events"] = row.events;
  made["refused"] = row.refused;
  made["resynchronisations"] = row.resynchronisations;
  made["gaps"] = {{"seen", row.gaps_seen}, {"filled", row.gaps_filled}, {"lost", row.gaps_lost}};
  const auto& r = row.recovery;
  made["recovery"] = {{"open", r.open},       {"filled", r.filled},          {"snapshot", r.snapshot},
                      {"stale", r.stale},     {"running", r.running},        {"waiting", r.waiting},
                      {"asked", r.asked},     {"timeouts", r.timeouts},      {"postponed", r.postponed},
                      {"limited", r.limited}, {"unsupported", r.unsupported}};
  made["refused_by_reason"] = of(row.refusals);
  if (!row.lines_in_use.empty()) made["lines_in_use"] = row.lines_in_use, made["line_switches"] = row.line_switches;
  json lines = json::array();
  for (const auto& line : row.lines) lines.push_back(of(line));
  made["lines"] = std::move(lines);
  made["counters"] = of(row.counters);
  return made;
}

json of(const client_row& row) {
  return {{"id", row.id},
          {"peer", row.peer},
          {"listener", row.listener},
          {"dialect", row.dialect},
          {"subject", row.subject},
          {"tier", row.tier},
          {"symbols", row.symbols},
          {"pending_bytes", row.pending_bytes},
          {"held_bytes", row.held_bytes},
          {"slow_since", time_of(row.slow_since)},
          {"messages", row.messages},
          {"since", time_of(row.since)},
          {"compressed", row.is_compressed},
          {"tls", row.is_tls}};
}

json of(const subscription_row& row) {
  json frequencies = json::array();
  for (const auto& [period, count] : row.frequencies)
    frequencies.push_back({{"period_ms", period}, {"subscriptions", count}});
  return {
    {"symbol", row.symbol}, {"status", row.status}, {"clients", row.clients}, {"frequencies", std::move(frequencies)}};
}

json of(const reload_row& row) {
  return {{"attempts", row.attempts},       {"applied", row.applied},         {"refused", row.refused},
          {"rolled_back", row.rolled_back}, {"last", time_of(row.last_time)}, {"last_result", row.last_result},
          {"last_reason", row.last_reason}};
}

template <class Row>
json list_of(const std::vector<Row>& rows) {
  json made = json::array();
  for (const auto& row : rows) made.push_back(of(row));
  return made;
}

} // namespace

std::string_view name_of(state s) {
  switch (s) {
    case state::running: return "running";
    case state::restarting: return "restarting";
    case state::suspended: return "suspended";
    case state::stopped: return "stopped";
    case state::no_answer: break;
  }
  return "no answer";
}

std::string to_json(const tree_row& tree) {
  return print(of(tree));
}

std::string to_json(const std::vector<venue_row>& venues) {
  return print({{"venues", list_of(venues)}});
}

std::string to_json(const venue_row& venue) {
  return print(of(venue));
}

std::string to_json(const client_list& clients) {
  return print({{"total", clients.total},
                {"shown", clients.rows.size()},
                {"no answer", clients.unanswered},
                {"clients", list_of(clients.rows)}});
}

std::string to_json(const subscription_list& subscriptions) {
  return print({{"symbol", subscriptions.asked},
                {"no answer", subscriptions.unanswered},
                {"subscriptions", list_of(subscriptions.rows)}});
}

std::string to_json(const std::vector<plugin_row>& plugins) {
  json rows = json::array();
  for (const auto& row : plugins)
    rows.push_back({{"kind", row.kind},
                    {"name", row.name},
                    {"version", row.version},
                    {"build_id", row.build_id},
                    {"abi", row.abi},
                    {"file", row.file},
                    {"sha256", row.sha256}});
  return print({{"plugins", std::move(rows)}});
}

std::string to_json(const config_view& config) {
  return print({{"files", config.files}, {"reload", of(config.reload)}, {"config", config.text}});
}

std::string to_json(const reload_outcome& outcome) {
  json made{{"result", outcome.result}, {"plan", outcome.plan}};
  if (!outcome.is_good()) made["error"] = outcome.reason;
  return print(made);
}

std::string to_json(const health_view& health) {
  json venues = json::array();
  for (const auto& venue : health.venues)
    venues.push_back(
      {{"name", venue.name}, {"state", venue.state}, {"required", venue.is_required}, {"ready", venue.is_ready}});
  return print({{"node", health.node},
                {"version", health.version},
                {"live", true},
                {"ready", health.is_ready},
                {"draining", health.is_draining},
                {"why not", health.why_not},
                {"started", time_of(health.started)},
                {"venues", std::move(venues)}});
}

} // namespace tickplant::admin
