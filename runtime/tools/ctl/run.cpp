#include "runtime/tools/ctl/run.hpp"

#include "runtime/config/loader.hpp"
#include "runtime/tools/ctl/tables.hpp"
#include "runtime/tools/keys/keys.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <ostream>

namespace tickplant::ctl {

namespace {

using nlohmann::json;

struct request {
  std::string_view method;
  std::string target;
  std::string (*show)(const json&);
};

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string made;
  for (const char c : text) {
    const bool is_plain =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (is_plain) {
      made += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    made += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return made;
}

std::string with_words(std::string path, std::initializer_list<std::pair<const char*, std::string>> words) {
  char mark = '?';
  for (const auto& [name, value] : words) {
    if (value.empty()) continue;
    path += std::exchange(mark, '&') + std::string{name} + '=' + encoded(value);
  }
  return path;
}

request request_of(const ctl_options& o) {
  const std::string limit = o.limit == 0 ? "" : std::to_string(o.limit);
  switch (o.what) {
    case verb::status: return {"GET", "/admin/health", show_status};
    case verb::tree: return {"GET", with_words("/admin/tree", {{"limit", limit}}), show_tree};
    case verb::venues: return {"GET", "/admin/venues" + (o.name.empty() ? "" : '/' + encoded(o.name)), show_venues};
    case verb::clients:
      return {"GET", with_words("/admin/clients", {{"slow", o.only_slow ? "1" : ""}, {"limit", limit}}), show_clients};
    case verb::subscriptions:
      return {"GET", with_words("/admin/subscriptions", {{"symbol", o.name}}), show_subscriptions};
    case verb::plugins: return {"GET", "/admin/plugins", show_plugins};
    case verb::config_show: return {"GET", "/admin/config", show_config};
    case verb::config_diff: return {"GET", "/admin/config/diff", show_outcome};
    case verb::config_reload:
      return {"POST", with_words("/admin/config/reload", {{"dry_run", o.is_dry_run ? "1" : ""}}), show_outcome};
    case verb::config_rollback: return {"POST", "/admin/config/rollback", show_outcome};
    case verb::drain: return {"POST", "/admin/drain", show_outcome};
    case verb::log:
      return {"POST", with_words("/admin/log", {{"component", o.name == "all" ? "" : o.name}, {"level", o.level}}),
              show_outcome};
    case verb::kill: return {"POST", with_words("/admin/kill", {{"actor", o.name}}), show_outcome};
    case verb::venue_retry: return {"POST", with_words("/admin/venue/retry", {{"venue", o.name}}), show_outcome};
    case verb::venue_lines:
      return {"POST", with_words("/admin/venue/lines", {{"venue", o.name}, {"group", o.group}}), show_outcome};
    default: return {"", "", nullptr};
  }
}

// What the server says is wrong may hold anything: it must not move the terminal's cursor.
std::string without_controls(std::string text) {
  for (auto& c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F) c = ' ';
  return text;
}

int complain(const http_reply& reply, const json& body, std::ostream& err) {
  err << "tickplantctl: ";
  if (body.is_object() && body.contains("error") && body["error"].is_string()) {
    err << without_controls(body["error"].get<std::string>()) << '\n';
    if (body.contains("what to do") && body["what to do"].is_string())
      err << "what to do: " << without_controls(body["what to do"].get<std::string>()) << '\n';
  } else {
    err << "the server answered " << reply.status << ": " << without_controls(reply.body.substr(0, 300)) << '\n';
  }
  return exit_refused;
}

bool is_ready(const json& health) {
  return health.is_object() && health.value("ready", json{}) == json(true);
}

int ask(const ctl_options& o, const caller& call, std::ostream& out, std::ostream& err) {
  const auto wanted = request_of(o);
  const auto reply = call(wanted.method, wanted.target);
  const auto body = json::parse(reply.body, nullptr, false);
  const bool is_good = reply.status >= 200 && reply.status < 300;
  if (o.as_json && !body.is_discarded()) {
    out << reply.body;
    if (!is_good) return exit_refused;
  } else if (!is_good) {
    return complain(reply, body, err);
  } else if (body.is_discarded()) {
    err << "tickplantctl: the server did not answer in JSON; is " << o.admin << " an admin address?\n";
    return exit_refused;
  } else {
    out << wanted.show(body);
  }
  return o.what == verb::status && !is_ready(body) ? exit_not_ready : exit_good;
}

int check(const ctl_options& o, std::ostream& out, std::ostream& err) {
  try {
    config::load_server(o.name);
  } catch (const config::config_fault& fault) {
    if (o.as_json) {
      json list = json::array();
      for (const auto& f : fault.faults)
        list.push_back({{"place", f.where.text()}, {"path", f.path}, {"problem", f.problem}});
      out << json{{"result", "refused"}, {"faults", list}}.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    } else {
      err << config::to_text(fault.faults) << '\n';
    }
    return exit_refused;
  }
  if (o.as_json)
    out << json{{"result", "good"}}.dump(2) << '\n';
  else
    out << o.name << ": good (settings of plugins are checked by tickplantd --check)\n";
  return exit_good;
}

int make_key(const ctl_options& o, std::ostream& out) {
  const auto made = keys::new_api_key({o.name, o.subject, o.tier, o.tenant, o.expires, o.entitlements});
  keys::append_key(o.keys_file, made.line);
  if (o.as_json)
    out << json{{"id", o.name}, {"key", made.text}, {"file", o.keys_file}}.dump(2) << '\n';
  else
    out << made.text << "\nThis key is shown once. A running server knows it after a reload.\n";
  return exit_good;
}

int list_keys(const ctl_options& o, std::ostream& out) {
  json list = json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& key : keys::list_keys(o.keys_file)) {
    rows.push_back({key.id, key.subject, key.tier, key.tenant, key.expires, key.entitlements});
    list.push_back({{"id", key.id},
                    {"subject", key.subject},
                    {"tier", key.tier},
                    {"tenant", key.tenant},
                    {"expires", key.expires},
                    {"entitlements", key.entitlements},
                    {"sha256", key.sha256}});
  }
  if (o.as_json)
    out << json{{"keys", list}}.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  else
    out << table({"KEY", "SUBJECT", "TIER", "TENANT", "EXPIRES", "ENTITLEMENTS"}, rows);
  return exit_good;
}

int revoke_key(const ctl_options& o, std::ostream& out, std::ostream& err) {
  if (!keys::revoke_key(o.keys_file, o.name)) {
    err << "tickplantctl: " << o.keys_file << " has no key '" << o.name << "'\n";
    return exit_refused;
  }
  if (o.as_json)
    out << json{{"revoked", o.name}}.dump(2) << '\n';
  else
    out << o.name << " is revoked. A running server closes its sessions after a reload.\n";
  return exit_good;
}

} // namespace

int run(const ctl_options& o, const caller& call, std::ostream& out, std::ostream& err) {
  try {
    switch (o.what) {
      case verb::config_check: return check(o, out, err);
      case verb::keys_new: return make_key(o, out);
      case verb::keys_list: return list_keys(o, out);
      case verb::keys_revoke: return revoke_key(o, out, err);
      default: return ask(o, call, out, err);
    }
  } catch (const unreachable& fault) {
    err << "tickplantctl: " << fault.what() << '\n';
    return exit_unreachable;
  } catch (const std::exception& fault) {
    err << "tickplantctl: " << fault.what() << '\n';
    return exit_refused;
  }
}

} // namespace tickplant::ctl
