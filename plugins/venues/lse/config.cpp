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
constexpr std::string_view ticker_prefix = "tickers.", prefixes[] = {ticker_prefix};
constexpr sdk::known_keys known{keys, list_keys, prefixes, ", tickers.<ISIN>"};
constexpr uint64_t ms = 1'000'000, second = 1'000'000'000, hour = 3'600 * second;

/// Visible ASCII without blanks, of a length that a fixed field has room for.
bool fits(std::string_view text, size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

void fixed(const sdk::config_reader& read, std::string_view key, size_t longest, bool is_secret, std::string& into) {
  const auto value = read.find(key);
  if (!value) return;
  if (fits(*value, longest))
    into = *value;
  else
    read.complain(key, (is_secret ? std::string{} : "'" + std::string{*value} + "' ") + "is not allowed; wanted 1 to " +
                         std::to_string(longest) + " visible ASCII characters without blanks");
}

void tcp(const sdk::config_reader& read, std::string_view key, std::vector<std::string>& into) {
  const auto found = read.list(key);
  if (found.size() > 2)
    read.complain(key,
                  "names " + std::to_string(found.size()) + " addresses; wanted a primary and at most a secondary");
  for (size_t i = 0; i < std::min<size_t>(found.size(), 2); ++i) {
    std::string url;
    read.address(found[i].first, found[i].second, {"tcp://"}, "TCP", "tcp://ADDRESS:PORT", url);
    if (!url.empty()) into.push_back(url);
  }
}

void read_lines(const sdk::config_reader& read, options& result) {
  read.udp("lines.a", result.line_a);
  read.udp("lines.b", result.line_b);
  tcp(read, "lines.replay", result.replay.addresses);
  tcp(read, "lines.recovery", result.recovery.addresses);
  if (!read.has("lines.a") && !read.has("lines.b") && !read.has("lines.replay") && !read.has("lines.recovery"))
    read.complain("lines", "no line is configured; wanted lines.a and lines.b");
  read.refuse_same_lines("lines.a", "lines.b", result.line_a, result.line_b);
  result.only_sources = read.joined("only_sources");
}

void read_identity(const sdk::config_reader& read, options& result) {
  fixed(read, "comp_id", result.is_gtp ? 8 : 6, false, result.comp_id);
  fixed(read, "password", 10, true, result.password);
  if (const auto group = read.find("group")) {
    if (fits(*group, 1))
      result.group = group->front();
    else
      read.refuse("group", *group, "the one character of a market data group");
  }
  for (const auto& [key, value] : read.list("segments")) {
    if (fits(value, 6))
      result.segments.emplace_back(value);
    else
      read.complain(key, "'" + std::string{value} + "' is no segment; wanted 1 to 6 visible ASCII characters");
  }
  for (const auto& pair : read.all().pairs()) {
    const auto key = sdk::view(pair.key), value = sdk::view(pair.value);
    if (!key.starts_with(ticker_prefix)) continue;
    const auto isin = key.substr(ticker_prefix.size());
    if (!fits(isin, 12) || !fits(value, 32))
      read.complain(key, "'" + std::string{value} +
                           "' is no name for an ISIN; wanted tickers.<ISIN of 1 to 12 letters> and 1 to 32 visible "
                           "characters");
    else
      result.tickers.insert_or_assign(std::string{isin}, std::string{value});
  }
}

void read_services(const sdk::config_reader& read, options& result) {
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

options read_options(const sdk::settings& settings, const sdk::complain_fn& complain) {
  options result;
  const sdk::config_reader read{settings, complain};
  for (const auto& pair : settings.pairs()) {
    const auto key = sdk::view(pair.key);
    if (key == "password_file")
      read.complain(key, "is not possible, as venues read no files; write password: ${env:NAME}");
    else if (!known.contains(key))
      read.refuse_unknown(key, known);
  }
  if (const auto protocol = read.find("protocol")) {
    result.is_gtp = *protocol == "gtp";
    if (*protocol != "gtp" && *protocol != "mitch")
      read.refuse("protocol", *protocol, "mitch (Level 2 MITCH) or gtp (Group Ticker Plant)");
  }
  read_lines(read, result);
  read_services(read, result);
  read_identity(read, result);
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
