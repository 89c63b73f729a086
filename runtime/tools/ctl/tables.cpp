#include "runtime/tools/ctl/tables.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tickplant::ctl {

namespace {

using nlohmann::json;

std::string clean(std::string text, bool keeps_lines = false) {
  for (auto& c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && !(keeps_lines && c == '\n')) || c == 0x7F) c = ' ';
  return text;
}

const json& at(const json& of, const char* key) {
  static const json nothing;
  if (!of.is_object()) return nothing;
  const auto found = of.find(key);
  return found == of.end() ? nothing : *found;
}

std::string text_of(const json& value) {
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_string()) return value.dump(-1, ' ', false, json::error_handler_t::replace);
  auto text = clean(value.get<std::string>());
  return text.empty() ? "-" : text;
}

std::string text_of(const json& of, const char* key) {
  return text_of(at(of, key));
}

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Columns of a terminal, near enough: bytes that do not go on a character.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string plural(uint64_t count, const std::string& one) {
  return std::to_string(count) + ' ' + one + (count == 1 ? "" : "s");
}

/// "11 of 12" books are live.
std::string live_books(const json& venue) {
  const auto& books = at(venue, "books");
  uint64_t all = 0;
  for (const auto& count : books) all += count.is_number_unsigned() ? count.get<uint64_t>() : 0;
  return books.is_object() ? text_of(books, "live") + " of " + std::to_string(all) : "-";
}

std::string missing_note(const json& answer) {
  const auto& names = at(answer, "no answer");
  if (!names.is_array() || names.empty()) return {};
  std::string text = "no answer from: ";
  for (size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : ", ") + text_of(names[i]);
  return text + '\n';
}

void add_tree_rows(const json& row, size_t depth, std::vector<std::vector<std::string>>& rows) {
  const std::string indent(depth * 2, ' ');
  rows.push_back({indent + text_of(row, "id"), text_of(row, "state"), text_of(row, "restarts"), text_of(row, "mailbox"),
                  text_of(row, "last_error")});
  const auto& children = at(row, "children");
  if (children.is_array())
    for (const auto& child : children) add_tree_rows(child, depth + 1, rows);
  const auto& left_out = at(row, "left_out");
  if (left_out.is_number_unsigned())
    rows.push_back({indent + "  (" + std::to_string(left_out.get<uint64_t>()) + " more)", {}, {}, {}, {}});
}

std::string one_venue(const json& venue) {
  std::vector<std::vector<std::string>> facts;
  for (const auto* key : {"name", "plugin", "state", "last_error", "restarts", "lines_in_use", "line_switches",
                          "instruments", "live_orders", "events", "refused", "resynchronisations"})
    if (!at(venue, key).is_null()) facts.push_back({key, text_of(venue, key)});
  const auto add_all = [&](const char* part, std::initializer_list<const char*> keys) {
    for (const auto* key : keys)
      if (!at(at(venue, part), key).is_null())
        facts.push_back({std::string{part} + ' ' + key, text_of(at(venue, part), key)});
  };
  add_all("books", {"live", "awaiting", "stale"});
  add_all("breaker", {"state", "since", "next_trial", "openings"});
  add_all("gaps", {"seen", "filled", "lost"});
  add_all("recovery", {"open", "filled", "snapshot", "stale", "running", "waiting", "timeouts"});
  for (const auto& [reason, count] : at(venue, "refused_by_reason").items())
    if (count != json(0)) facts.push_back({"refused " + clean(reason), text_of(count)});
  std::string text = table({}, facts);
  std::vector<std::vector<std::string>> rows;
  for (const auto& line : at(venue, "lines"))
    rows.push_back({text_of(line, "name"), text_of(line, "address"), text_of(line, "state"), text_of(line, "units"),
                    text_of(line, "bytes"), text_of(line, "kernel_drops"), text_of(line, "why")});
  if (!rows.empty()) text += '\n' + table({"LINE", "ADDRESS", "STATE", "UNITS", "BYTES", "DROPPED", "WHY"}, rows);
  rows.clear();
  for (const auto& [name, count] : at(venue, "counters").items()) rows.push_back({clean(name), text_of(count)});
  if (!rows.empty()) text += '\n' + table({"COUNTER", "COUNT"}, rows);
  return text;
}

} // namespace

std::string table(const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows) {
  auto all = rows;
  if (!heads.empty()) all.insert(all.begin(), heads);
  std::vector<size_t> widths;
  std::vector<bool> numbers;
  for (size_t r = 0; r < all.size(); ++r) {
    for (size_t i = 0; i < all[r].size(); ++i) {
      if (i == widths.size()) {
        widths.push_back(0);
        numbers.push_back(true);
      }
      widths[i] = std::max(widths[i], width_of(all[r][i]));
      const bool is_head = r == 0 && !heads.empty();
      if (!is_head && !all[r][i].empty() && all[r][i] != "-" && !is_number(all[r][i])) numbers[i] = false;
    }
  }
  std::string text;
  for (const auto& row : all) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - width_of(row[i]), ' ');
      if (i > 0) line += "  ";
      line += numbers[i] && !heads.empty() ? gap + row[i] : row[i] + gap;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string show_status(const json& health) {
  const auto& ready = at(health, "ready");
  std::string state = ready.is_boolean() && ready.get<bool>() ? "ready" : "not ready: " + text_of(health, "why not");
  if (at(health, "draining").is_boolean() && at(health, "draining").get<bool>()) state += " (draining)";
  std::string text = table({}, {{"node", text_of(health, "node")},
                                {"version", text_of(health, "version")},
                                {"started", text_of(health, "started")},
                                {"state", state}});
  std::vector<std::vector<std::string>> rows;
  for (const auto& venue : at(health, "venues"))
    rows.push_back(
      {text_of(venue, "name"), text_of(venue, "state"), text_of(venue, "required"), text_of(venue, "ready")});
  if (!rows.empty()) text += '\n' + table({"VENUE", "STATE", "REQUIRED", "READY"}, rows);
  return text;
}

std::string show_tree(const json& tree) {
  std::vector<std::vector<std::string>> rows;
  add_tree_rows(tree, 0, rows);
  return table({"ACTOR", "STATE", "RESTARTS", "MAILBOX", "LAST ERROR"}, rows);
}

std::string show_venues(const json& venues) {
  const auto& list = at(venues, "venues");
  if (!list.is_array()) return one_venue(venues);
  std::vector<std::vector<std::string>> rows;
  for (const auto& venue : list) {
    const auto& recovery = at(venue, "recovery");
    const auto& breaker = at(venue, "breaker");
    auto state = text_of(breaker, "state");
    if (!at(breaker, "next_trial").is_null()) state += " until " + text_of(breaker, "next_trial");
    rows.push_back({text_of(venue, "name"), text_of(venue, "state"), state, text_of(venue, "lines_in_use"),
                    text_of(venue, "restarts"), text_of(venue, "instruments"), live_books(venue),
                    text_of(venue, "events"), text_of(venue, "refused"), text_of(recovery, "open"),
                    text_of(recovery, "filled"), text_of(recovery, "snapshot"), text_of(recovery, "stale"),
                    text_of(venue, "last_error")});
  }
  return table({"VENUE", "STATE", "BREAKER", "LINES", "RESTARTS", "INSTRUMENTS", "LIVE BOOKS", "EVENTS", "REFUSED",
                "GAPS", "FILLED", "SNAPSHOT", "STALE", "LAST ERROR"},
               rows);
}

std::string show_clients(const json& clients) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : at(clients, "clients"))
    rows.push_back({text_of(row, "id"), text_of(row, "peer"), text_of(row, "listener"), text_of(row, "dialect"),
                    text_of(row, "subject"), text_of(row, "tier"), text_of(row, "symbols"),
                    text_of(row, "pending_bytes"), text_of(row, "slow_since"), text_of(row, "since")});
  const auto& total = at(clients, "total");
  const uint64_t count = total.is_number_unsigned() ? total.get<uint64_t>() : rows.size();
  auto text = table(
    {"CLIENT", "PEER", "LISTENER", "DIALECT", "SUBJECT", "TIER", "SYMBOLS", "PENDING", "SLOW SINCE", "SINCE"}, rows);
  text += plural(count, "client");
  if (rows.size() < count) text += ", " + std::to_string(rows.size()) + " shown";
  return text + '\n' + missing_note(clients);
}

std::string show_subscriptions(const json& subscriptions) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : at(subscriptions, "subscriptions")) {
    std::string periods;
    for (const auto& each : at(row, "frequencies"))
      periods +=
        (periods.empty() ? "" : ", ") + text_of(each, "subscriptions") + " at " + text_of(each, "period_ms") + " ms";
    rows.push_back(
      {text_of(row, "symbol"), text_of(row, "status"), text_of(row, "clients"), periods.empty() ? "-" : periods});
  }
  return table({"SYMBOL", "STATUS", "CLIENTS", "FREQUENCIES"}, rows) + missing_note(subscriptions);
}

std::string show_plugins(const json& plugins) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : at(plugins, "plugins"))
    rows.push_back({text_of(row, "kind"), text_of(row, "name"), text_of(row, "version"), text_of(row, "abi"),
                    text_of(row, "sha256").substr(0, 16), text_of(row, "file")});
  return table({"KIND", "PLUGIN", "VERSION", "ABI", "SHA-256", "FILE"}, rows);
}

std::string show_config(const json& config) {
  const auto& text = at(config, "config");
  std::string shown = text.is_string() ? clean(text.get<std::string>(), true) : text_of(text);
  if (!shown.ends_with('\n')) shown += '\n';
  const auto& reload = at(config, "reload");
  shown += "# reloads: " + text_of(reload, "attempts") + " tried, " + text_of(reload, "applied") + " applied, " +
           text_of(reload, "refused") + " refused, " + text_of(reload, "rolled_back") + " rolled back";
  if (!at(reload, "last").is_null())
    shown += "; last at " + text_of(reload, "last") + ": " + text_of(reload, "last_result");
  return shown + '\n';
}

std::string show_outcome(const json& outcome) {
  std::string shown;
  if (const auto& plan = at(outcome, "plan"); plan.is_string() && !plan.get<std::string>().empty()) {
    shown = clean(plan.get<std::string>(), true);
    if (!shown.ends_with('\n')) shown += '\n';
  }
  return shown + text_of(outcome, "result") + '\n';
}

} // namespace tickplant::ctl
