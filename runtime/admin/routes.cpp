#include "runtime/admin/routes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace tickplant::admin {

namespace {

struct route {
  std::string_view method, path, words; // words: names that its query may have, separated by spaces
  verb what;
};

// A path that ends in a slash takes one name behind it.
constexpr std::array routes{
  route{"GET", "/admin/tree", "limit", verb::tree},
  route{"GET", "/admin/venues", "", verb::venues},
  route{"GET", "/admin/venues/", "", verb::venues},
  route{"GET", "/admin/clients", "slow limit", verb::clients},
  route{"GET", "/admin/subscriptions", "symbol limit", verb::subscriptions},
  route{"GET", "/admin/plugins", "", verb::plugins},
  route{"GET", "/admin/config", "", verb::config},
  route{"GET", "/admin/config/diff", "", verb::config_diff},
  route{"GET", "/admin/health", "", verb::health},
  route{"POST", "/admin/config/reload", "dry_run", verb::reload},
  route{"POST", "/admin/config/rollback", "", verb::rollback},
  route{"POST", "/admin/drain", "", verb::drain},
  route{"POST", "/admin/log", "component level", verb::set_log},
  route{"POST", "/admin/kill", "actor", verb::kill},
  route{"POST", "/admin/venue/retry", "venue", verb::retry},
  route{"POST", "/admin/venue/lines", "venue group", verb::use_lines},
  route{"GET", "/health/live", "", verb::live},
  route{"GET", "/health/ready", "", verb::ready},
  route{"GET", "/metrics", "", verb::metrics},
};

std::string_view asked_method(const net::http_request& request) {
  return request.method == "HEAD" ? "GET" : request.method;
}

bool fits(const route& r, std::string_view path) {
  return r.path.ends_with('/') ? path.size() > r.path.size() && path.starts_with(r.path) : path == r.path;
}

// Only text that can stand in a name: what is shown again in answers and logs has no control characters.
bool is_plain(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool decode(std::string_view raw, std::string& out, bool is_query) {
  return net::percent_decode(raw, out, is_query) && is_plain(out);
}

answer bad_word(std::string_view name, std::string_view wanted) {
  return refuse(400, "the value of '" + std::string{name} + "' cannot be read", wanted);
}

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// A word that a route does not know is an error, since a misspelt dry_run would change the server.
std::optional<answer> unknown_word(const route& r, std::string_view query) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const auto name = pair.substr(0, pair.find('='));
    if (!has_word(r.words, name))
      return refuse(400, "unknown word '" + std::string{name} + "' in the query of " + std::string{r.path},
                    r.words.empty() ? "this address takes none" : "it takes: " + std::string{r.words});
    if (pair.size() <= name.size() + 1)
      return refuse(400, "'" + std::string{name} + "' has no value", "write " + std::string{name} + "=VALUE");
  }
  return std::nullopt;
}

std::optional<answer> read_flag(const net::http_request& request, std::string_view name, bool& out) {
  const auto value = request.query_value(name);
  if (value.empty() || value == "0" || value == "false") return std::nullopt;
  if (value != "1" && value != "true") return bad_word(name, "give 1 or 0");
  out = true;
  return std::nullopt;
}

std::optional<answer> read_limit(const net::http_request& request, uint32_t& out) {
  const auto value = request.query_value("limit");
  if (value.empty()) return std::nullopt;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (fault == std::errc{} && end == value.data() + value.size() && out >= 1 && out <= largest_limit)
    return std::nullopt;
  return bad_word("limit", "give a number from 1 to " + std::to_string(largest_limit));
}

std::optional<answer> read_text(const net::http_request& request, std::string_view name, std::string& out,
                                std::string_view example) {
  if (decode(request.query_value(name), out, true) && !out.empty()) return std::nullopt;
  return refuse(400, "'" + std::string{name} + "' is missing or not readable",
                "add ?" + std::string{name} + "=" + std::string{example} + ", percent-encoded");
}

std::variant<command, answer> read_words(const net::http_request& request, const route& r) {
  command c;
  c.what = r.what;
  std::optional<answer> wrong = unknown_word(r, request.query);
  if (!wrong) wrong = read_limit(request, c.limit);
  if (!wrong && r.what == verb::clients) wrong = read_flag(request, "slow", c.only_slow);
  if (!wrong && r.what == verb::reload) wrong = read_flag(request, "dry_run", c.is_dry_run);
  if (!wrong && r.what == verb::subscriptions) wrong = read_text(request, "symbol", c.name, "NASDAQ:AAPL");
  if (!wrong && r.what == verb::kill) wrong = read_text(request, "actor", c.name, "venues/NASDAQ/adapter");
  if (!wrong && (r.what == verb::retry || r.what == verb::use_lines))
    wrong = read_text(request, "venue", c.name, "NASDAQ");
  if (!wrong && r.what == verb::use_lines) wrong = read_text(request, "group", c.group, "primary");
  if (!wrong && r.what == verb::set_log) wrong = read_text(request, "level", c.level, "debug");
  if (!wrong && r.what == verb::set_log && !decode(request.query_value("component"), c.name, true))
    wrong = bad_word("component", "give a component as logs name it, or leave it out for all");
  if (!wrong && r.path.ends_with('/') && !decode(request.path.substr(r.path.size()), c.name, false))
    wrong = bad_word("NAME", "name one of /admin/venues");
  if (wrong) return std::move(*wrong);
  return c;
}

bool is_authorised(const net::http_request& request, const std::string& token) {
  constexpr std::string_view scheme = "bearer ";
  const auto field = request.field("Authorization");
  if (field.size() <= scheme.size()) return false;
  for (size_t i = 0; i < scheme.size(); ++i)
    if ((field[i] | 0x20) != (scheme[i] | 0x20)) return false;
  return is_equal_in_constant_time(field.substr(scheme.size()), token);
}

answer unauthorised() {
  auto made =
    refuse(401, "this address needs the admin token",
           "send 'Authorization: Bearer TOKEN' with the token of the key admin.token; tickplantctl takes it by "
           "--token-file or TICKPLANT_ADMIN_TOKEN");
  made.fields.emplace_back("WWW-Authenticate", "Bearer");
  return made;
}

} // namespace

std::string_view name_of(verb what) {
  switch (what) {
    case verb::reload: return "reload";
    case verb::rollback: return "rollback";
    case verb::drain: return "drain";
    case verb::set_log: return "log level";
    case verb::kill: return "kill";
    case verb::retry: return "retry of venue";
    case verb::use_lines: return "lines of venue";
    default: return "a look";
  }
}

bool is_equal_in_constant_time(std::string_view given, std::string_view wanted) {
  // The loop's length is that of what the caller gave, which is no secret.
  volatile unsigned difference = given.size() == wanted.size() ? 0 : 1;
  for (size_t i = 0; i < given.size(); ++i) {
    const auto other = wanted.empty() ? '\0' : wanted[i % wanted.size()];
    difference =
      difference | static_cast<unsigned>(static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(other));
  }
  return difference == 0;
}

std::string list_of_routes() {
  std::string text;
  for (const auto& r : routes) {
    if (!text.empty()) text += ", ";
    text += r.method;
    text += ' ';
    text += r.path;
    if (r.path.ends_with('/')) text += "NAME";
  }
  return text;
}

std::variant<command, answer> judge(const net::http_request& request, const access_rules& who) {
  const bool is_admin = request.path == "/admin" || request.path.starts_with("/admin/");
  // Before anything else: who may not ask learns nothing of what there is.
  if (is_admin && !who.token.empty() && !is_authorised(request, who.token)) return unauthorised();
  std::string allowed;
  for (const auto& r : routes) {
    if (!fits(r, request.path)) continue;
    if (r.method != asked_method(request)) {
      allowed += (allowed.empty() ? "" : ", ") + std::string{r.method};
      continue;
    }
    if (r.what == verb::kill && !who.allow_kill)
      return refuse(403, "killing actors is not allowed here", "set admin.allow_kill: true for a drill, and reload");
    return read_words(request, r);
  }
  if (allowed.empty()) return refuse(404, "nothing is served at this address", "there is: " + list_of_routes());
  auto made = refuse(405, "the method does not fit this address", "use " + allowed);
  made.fields.emplace_back("Allow", allowed);
  return made;
}

} // namespace tickplant::admin
