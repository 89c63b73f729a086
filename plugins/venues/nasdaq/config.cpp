#include "config.hpp"

namespace tickplant::nasdaq {

namespace {

constexpr std::string_view keys[] = {"lines.a",
                                     "lines.b",
                                     "lines.file",
                                     "interface",
                                     "reorder_window",
                                     "hold_messages",
                                     "gap_limit",
                                     "late_start_limit",
                                     "rerequest_messages",
                                     "rerequest_in_flight",
                                     "rerequest_retry",
                                     "rerequest_attempts",
                                     "soup_username",
                                     "soup_password",
                                     "soup_session",
                                     "soup_sequence",
                                     "soup_version",
                                     "soup_silence",
                                     "soup_refused_pause",
                                     "glimpse_username",
                                     "glimpse_password",
                                     "glimpse_attempts",
                                     "silence",
                                     "time_zone",
                                     "market",
                                     "file_lengths",
                                     "plugin",
                                     "required"};
constexpr std::string_view list_keys[] = {"lines.rerequest", "lines.soup", "lines.glimpse", "only_sources"};
constexpr std::string_view host_prefixes[] = {"symbols", "capture"}; // the host reads these

bool is_known(std::string_view key) {
  for (const auto known : keys)
    if (key == known) return true;
  for (const auto known : list_keys) {
    if (key == known) return true;
    if (key.starts_with(known) && key.size() > known.size() + 1 && key[known.size()] == '.' &&
        sdk::to_number<uint32_t>(key.substr(known.size() + 1)))
      return true;
  }
  for (const auto prefix : host_prefixes)
    if (key.starts_with(prefix)) return true;
  return false;
}

std::string known_keys() {
  std::string all;
  for (const auto key : keys) all.append(all.empty() ? "" : ", ").append(key);
  for (const auto key : list_keys) all.append(", ").append(key);
  return all;
}

bool is_url(std::string_view url, std::string_view scheme) {
  if (!url.starts_with(scheme)) return false;
  url.remove_prefix(scheme.size());
  const size_t colon = url.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = sdk::to_number<uint16_t>(url.substr(colon + 1));
  return port && *port != 0 && url.find_first_of(" /?#") == std::string_view::npos;
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
  void udp(std::string_view key, std::string_view value, std::string& into) const {
    if (is_url(value, "udp://"))
      into = value;
    else
      complain_(key, "'" + std::string{value} +
                       "' is no UDP address; wanted udp://ADDRESS:PORT with a port from 1 to 65535");
  }
  void tcp(std::string_view key, std::string_view value, std::string& into) const {
    if (is_url(value, "tcp://") || is_url(value, "tls://"))
      into = value;
    else
      complain_(key, "'" + std::string{value} +
                       "' is no TCP address; wanted tcp://HOST:PORT or tls://HOST:PORT with a port from 1 to 65535");
  }
  void udp(std::string_view key, std::string& into) const {
    if (const auto value = settings_.find(key)) udp(key, *value, into);
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

/// One address, or a list of them; `check` reads one.
template <class Check>
std::vector<std::string> read_addresses(const sdk::settings& settings, const complain_fn& complain,
                                        const std::string& key, Check&& check) {
  const auto servers = settings.list(key);
  const bool lone = settings.find(key).has_value();
  if (servers.size() > most_servers)
    complain(key, "names " + std::to_string(servers.size()) + " servers; at most 16 are used");
  std::vector<std::string> urls;
  for (size_t i = 0; i < std::min(servers.size(), most_servers); ++i) {
    std::string url;
    const size_t number = i - (lone && i > 0 ? 1 : 0);
    check(lone && i == 0 ? key : key + '.' + std::to_string(number), servers[i], url);
    if (!url.empty()) urls.push_back(url);
  }
  return urls;
}

bool has_any(const sdk::settings& settings, const std::string& key) {
  return settings.find(key) || settings.find(key + ".0");
}

void read_lines(const sdk::settings& settings, const complain_fn& complain, const reader& read, options& result) {
  read.udp("lines.a", result.line_a);
  read.udp("lines.b", result.line_b);
  const auto udp = [&](std::string_view key, std::string_view value, std::string& into) { read.udp(key, value, into); };
  const auto tcp = [&](std::string_view key, std::string_view value, std::string& into) { read.tcp(key, value, into); };
  result.servers = read_addresses(settings, complain, "lines.rerequest", udp);
  result.rerequest.servers = static_cast<uint32_t>(result.servers.size());
  result.soup.addresses = read_addresses(settings, complain, "lines.soup", tcp);
  result.glimpse.addresses = read_addresses(settings, complain, "lines.glimpse", tcp);
  if (const auto file = settings.find("lines.file")) {
    if (file->starts_with("file:///"))
      result.file = *file;
    else
      complain("lines.file", "'" + std::string{*file} + "' is no file address; wanted file:///PATH");
  }
  const bool tcp_lines = has_any(settings, "lines.soup") || has_any(settings, "lines.glimpse");
  const bool live = settings.find("lines.a") || settings.find("lines.b") || tcp_lines;
  const bool file = settings.find("lines.file").has_value();
  if (!live && !file)
    complain("lines", "no line is configured; wanted lines.a and lines.b, lines.soup, lines.file, or lines.glimpse");
  if (file && (live || has_any(settings, "lines.rerequest")))
    complain("lines.file", "cannot go together with other lines; make the file an instance of its own");
  if (!result.line_a.empty() && result.line_a == result.line_b)
    complain("lines.b", "is the same address as lines.a; the two lines of a pair have addresses of their own");
}

void read_logins(const sdk::settings& settings, const complain_fn& complain, const reader& read, options& result) {
  const auto bounded = [&](std::string_view key, size_t most, std::string& into) {
    read.text(key, into);
    if (into.size() <= most) return;
    complain(key, "is longer than " + std::to_string(most) + " letters, which is all that a login has room for");
    into.clear();
  };
  bounded("soup_username", 6, result.soup.username);
  bounded("soup_password", 10, result.soup.password);
  bounded("soup_session", 10, result.soup_session);
  read.number("soup_sequence", 0, UINT64_MAX / 2, result.soup_sequence);
  read.duration("soup_silence", 2'000'000'000, 99'000'000'000, "2s to 99s", result.soup.silence_ns);
  read.duration("soup_refused_pause", 1'000'000'000, 3'600'000'000'000, "1s to 1h", result.soup.refused_pause_ns);
  if (const auto version = settings.find("soup_version")) {
    if (*version == "3.00")
      result.soup.version = soup_version::v3_00;
    else if (*version == "4.00")
      result.soup.version = soup_version::v4_00;
    else if (*version == "4.10")
      result.soup.version = soup_version::v4_10;
    else
      complain("soup_version", "'" + std::string{*version} + "' is not allowed; wanted 3.00, 4.00 or 4.10");
  }
  const auto addresses = std::move(result.glimpse.addresses);
  result.glimpse = result.soup; // what is not said apart is the same
  result.glimpse.addresses = addresses;
  bounded("glimpse_username", 6, result.glimpse.username);
  bounded("glimpse_password", 10, result.glimpse.password);
  read.number("glimpse_attempts", 1, 100, result.glimpse_attempts);
}

} // namespace

options read_options(const sdk::settings& settings, const complain_fn& complain) {
  options result;
  for (const auto& pair : settings.pairs())
    if (!is_known(sdk::view(pair.key)))
      complain(sdk::view(pair.key), "is no setting of this plugin; it knows " + known_keys());
  const reader read{settings, complain};
  read_lines(settings, complain, read, result);
  read_logins(settings, complain, read, result);
  read.text("interface", result.from_interface);
  for (const auto source : settings.list("only_sources"))
    result.only_sources.append(result.only_sources.empty() ? "" : ",").append(source);
  read.duration("reorder_window", 0, 1'000'000'000, "0ms to 1s", result.reorder_window_ns);
  read.duration("silence", 100'000'000, 3'600'000'000'000, "100ms to 1h", result.silence_ns);
  read.number("hold_messages", 1'024, 4'194'304, result.hold_messages);
  read.number("gap_limit", 1, 1'000'000'000, result.gap_limit);
  read.number("late_start_limit", 0, 1'000'000'000, result.late_start_limit);
  read.number("rerequest_messages", 1, 65'534, result.rerequest.messages);
  read.number("rerequest_in_flight", 1, 64, result.rerequest.in_flight);
  read.duration("rerequest_retry", 1'000'000, 60'000'000'000, "1ms to 1m", result.rerequest.retry_ns);
  read.number("rerequest_attempts", 1, 20, result.rerequest.attempts);
  read.text("time_zone", result.time_zone);
  if (const auto market = settings.find("market")) {
    if (*market == "Q" || *market == "B" || *market == "X")
      result.market = market->front();
    else
      complain("market", "'" + std::string{*market} + "' is not allowed; wanted Q (Nasdaq), B (BX, Texas) or X (PSX)");
  }
  if (const auto lengths = settings.find("file_lengths")) {
    if (*lengths == "zero")
      result.zero_lengths = true;
    else if (*lengths != "prefix")
      complain("file_lengths", "'" + std::string{*lengths} +
                                 "' is not allowed; wanted prefix, or zero for files whose " +
                                 "length prefixes are all zero");
  }
  return result;
}

} // namespace tickplant::nasdaq
