#include "config.hpp"

#include <algorithm>

namespace tickplant::lse {

namespace {

constexpr std::string_view keys[] = {
  "protocol",        "lines.a",    "lines.b",        "interface",        "comp_id",        "password",
  "group",           "venue_code", "reorder_window", "hold_messages",    "gap_limit",      "late_start_limit",
  "replay_messages", "silence",    "time_zone",      "connect_attempts", "connect_retry",  "login_gap",
  "answer_timeout",  "linger",     "rest",           "logins_a_day",     "requests_a_day", "snapshot_attempts",
  "snapshot_retry",  "plugin",     "required"};
constexpr std::string_view list_keys[] = {"lines.replay", "lines.recovery", "segments", "only_sources"};
constexpr std::string_view host_prefixes[] = {"symbols", "capture"}; // the host reads these
constexpr std::string_view ticker_prefix = "tickers.";
constexpr uint64_t ms = 1'000'000, second = 1'000'000'000, hour = 3'600 * second;

bool is_known(std::string_view key) {
  if (std::ranges::find(keys, key) != std::end(keys)) return true;
  for (const auto known : list_keys) {
    if (key == known) return true;
    if (key.starts_with(known) && key.size() > known.size() + 1 && key[known.size()] == '.' &&
        sdk::to_number<uint32_t>(key.substr(known.size() + 1)))
      return true;
  }
  if (key.starts_with(ticker_prefix)) return true;
  return std::ranges::any_of(host_prefixes, [&](std::string_view prefix) { return key.starts_with(prefix); });
}

std::string known_keys() {
  std::string all;
  for (const auto key : keys) all.append(all.empty() ? "" : ", ").append(key);
  for (const auto key : list_keys) all.append(", ").append(key);
  return all + ", tickers.<ISIN>";
}

bool is_url(std::string_view url, std::string_view scheme) {
  if (!url.starts_with(scheme)) return false;
  url.remove_prefix(scheme.size());
  const size_t colon = url.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = sdk::to_number<uint16_t>(url.substr(colon + 1));
  return port && *port != 0 && url.find_first_of(" /?#") == std::string_view::npos;
}

/// Visible ASCII without blanks, of a length that a fixed field has room for.
bool fits(std::string_view text, size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

class reader {
public:
  reader(const sdk::settings& settings, const complain_fn& complain) : settings_(settings), complain_(complain) {}

  void text(std::string_view key, std::string& into) const {
    if (const auto value = settings_.find(key)) {
      if (value->empty())
        complain_(key, "is empty; leave the key out or give a value");
      else
        into = *value;
    }
  }
  void fixed(std::string_view key, size_t longest, bool is_secret, std::string& into) const {
    const auto value = settings_.find(key);
    if (!value) return;
    if (fits(*value, longest))
      into = *value;
    else
      complain_(key, (is_secret ? std::string{} : "'" + std::string{*value} + "' ") + "is not allowed; wanted 1 to " +
                       std::to_string(longest) + " visible ASCII characters without blanks");
  }
  void udp(std::string_view key, std::string& into) const {
    const auto value = settings_.find(key);
    if (!value) return;
    if (is_url(*value, "udp://"))
      into = *value;
    else
      complain_(key, "'" + std::string{*value} +
                       "' is no UDP address; wanted udp://ADDRESS:PORT with a port from 1 to 65535");
  }
  /// The values of a list with the key that each stands under.
  std::vector<std::pair<std::string, std::string>> list(std::string_view key) const {
    std::vector<std::pair<std::string, std::string>> found;
    const bool has_lone = settings_.find(key).has_value();
    size_t number = 0;
    for (const auto value : settings_.list(key)) {
      const bool is_lone = has_lone && found.empty();
      found.emplace_back(is_lone ? std::string{key} : std::string{key} + '.' + std::to_string(number), value);
      number += is_lone ? 0 : 1;
    }
    return found;
  }
  void tcp(std::string_view key, std::vector<std::string>& into) const {
    const auto found = list(key);
    if (found.size() > 2)
      complain_(key, "names " + std::to_string(found.size()) + " addresses; wanted a primary and at most a secondary");
    for (size_t i = 0; i < std::min<size_t>(found.size(), 2); ++i) {
      if (is_url(found[i].second, "tcp://"))
        into.push_back(found[i].second);
      else
        complain_(found[i].first,
                  "'" + found[i].second + "' is no TCP address; wanted tcp://ADDRESS:PORT with a port from 1 to 65535");
    }
  }
  template <class Number>
  void number(std::string_view key, uint64_t least, uint64_t most, Number& into) const {
    const auto value = settings_.find(key);
    if (!value) return;
    const auto parsed = sdk::to_number<uint64_t>(*value);
    if (parsed && *parsed >= least && *parsed <= most)
      into = static_cast<Number>(*parsed);
    else
      complain_(key, "'" + std::string{*value} + "' is not allowed; wanted a whole number from " +
                       std::to_string(least) + " to " + std::to_string(most));
  }
  void duration(std::string_view key, uint64_t least_ns, uint64_t most_ns, std::string_view allowed,
                uint64_t& into) const {
    const auto value = settings_.find(key);
    if (!value) return;
    const auto parsed = sdk::to_duration_ns(*value);
    if (parsed && *parsed >= least_ns && *parsed <= most_ns)
      into = *parsed;
    else
      complain_(key, "'" + std::string{*value} + "' is not allowed; wanted a duration with its unit, " +
                       std::string{allowed});
  }

private:
  const sdk::settings& settings_;
  const complain_fn& complain_;
};

void read_lines(const sdk::settings& settings, const complain_fn& complain, const reader& read, options& result) {
  read.udp("lines.a", result.line_a);
  read.udp("lines.b", result.line_b);
  read.tcp("lines.replay", result.replay.addresses);
  read.tcp("lines.recovery", result.recovery.addresses);
  const auto has = [&](std::string_view key) { return settings.find(key) || settings.find(std::string{key} + ".0"); };
  if (!has("lines.a") && !has("lines.b") && !has("lines.replay") && !has("lines.recovery"))
    complain("lines", "no line is configured; wanted lines.a and lines.b");
  if (!result.line_a.empty() && result.line_a == result.line_b)
    complain("lines.b", "is the same address as lines.a; the two lines of a pair have addresses of their own");
  for (const auto& [key, value] : read.list("only_sources"))
    result.only_sources.append(result.only_sources.empty() ? "" : ",").append(value);
}

void read_identity(const sdk::settings& settings, const complain_fn& complain, const reader& read, options& result) {
  read.fixed("comp_id", result.is_gtp ? 8 : 6, false, result.comp_id);
  read.fixed("password", 10, true, result.password);
  if (const auto group = settings.find("group")) {
    if (fits(*group, 1))
      result.group = group->front();
    else
      complain("group",
               "'" + std::string{*group} + "' is not allowed; wanted the one character of a market data group");
  }
  for (const auto& [key, value] : read.list("segments")) {
    if (fits(value, 6))
      result.segments.push_back(value);
    else
      complain(key, "'" + value + "' is no segment; wanted 1 to 6 visible ASCII characters");
  }
  for (const auto& pair : settings.pairs()) {
    const auto key = sdk::view(pair.key), value = sdk::view(pair.value);
    if (!key.starts_with(ticker_prefix)) continue;
    const auto isin = key.substr(ticker_prefix.size());
    if (!fits(isin, 12) || !fits(value, 32))
      complain(key, "'" + std::string{value} +
                      "' is no name for an ISIN; wanted tickers.<ISIN of 1 to 12 letters> and 1 to 32 visible "
                      "characters");
    else
      result.tickers.insert_or_assign(std::string{isin}, std::string{value});
  }
}

void read_services(const reader& read, options& result) {
  service_limits shared;
  read.number("connect_attempts", 1, 100, shared.attempts);
  read.duration("connect_retry", ms, hour, "1ms to 1h", shared.retry_ns);
  read.duration("login_gap", ms, hour, "1ms to 1h", shared.login_gap_ns);
  read.duration("answer_timeout", 10 * ms, hour, "10ms to 1h", shared.answer_timeout_ns);
  read.duration("linger", 0, 4 * second, "0ms to 4s", shared.linger_ns);
  read.duration("rest", second, 24 * hour, "1s to 24h", shared.rest_ns);
  read.number("logins_a_day", 1, 1'000'000, shared.logins_a_day);
  read.number("requests_a_day", 1, 1'000'000, shared.requests_a_day);
  for (auto* service : {&result.replay, &result.recovery}) {
    shared.addresses = std::move(service->addresses);
    *service = shared;
  }
}

} // namespace

options read_options(const sdk::settings& settings, const complain_fn& complain) {
  options result;
  for (const auto& pair : settings.pairs()) {
    const auto key = sdk::view(pair.key);
    if (key == "password_file")
      complain(key, "is not possible, as venues read no files; write password: ${env:NAME}");
    else if (!is_known(key))
      complain(key, "is no setting of this plugin; it knows " + known_keys());
  }
  const reader read{settings, complain};
  if (const auto protocol = settings.find("protocol")) {
    result.is_gtp = *protocol == "gtp";
    if (*protocol != "gtp" && *protocol != "mitch")
      complain("protocol", "'" + std::string{*protocol} +
                             "' is not allowed; wanted mitch (Level 2 MITCH) or gtp (Group Ticker Plant)");
  }
  read_lines(settings, complain, read, result);
  read_services(read, result);
  read_identity(settings, complain, read, result);
  read.text("interface", result.from_interface);
  read.text("time_zone", result.time_zone);
  read.number("venue_code", 0, 65'535, result.venue_code);
  read.duration("reorder_window", 0, second, "0ms to 1s", result.reorder_window_ns);
  read.duration("silence", 100 * ms, hour, "100ms to 1h", result.silence_ns);
  read.number("hold_messages", 1'024, 4'194'304, result.hold_messages);
  read.number("gap_limit", 1, 65'000, result.gap_limit);
  read.number("late_start_limit", 0, 65'000, result.late_start_limit);
  read.number("replay_messages", 1, 65'000, result.replay_messages);
  read.number("snapshot_attempts", 1, 100, result.snapshot_attempts);
  read.duration("snapshot_retry", ms, hour, "1ms to 1h", result.snapshot_retry_ns);
  return result;
}

} // namespace tickplant::lse
