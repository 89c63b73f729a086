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
constexpr sdk::known_keys known{keys, list_keys, {}};

void tcp(const sdk::config_reader& read, std::string_view key, std::string_view value, std::string& into) {
  read.address(key, value, {"tcp://", "tls://"}, "TCP", "tcp://HOST:PORT or tls://HOST:PORT", into);
}

/// One address, or a list of them; `check` reads one.
template <class Check>
std::vector<std::string> read_addresses(const sdk::config_reader& read, std::string_view key, Check&& check) {
  const auto servers = read.list(key);
  if (servers.size() > most_servers)
    read.complain(key, "names " + std::to_string(servers.size()) + " servers; at most 16 are used");
  std::vector<std::string> urls;
  for (size_t i = 0; i < std::min(servers.size(), most_servers); ++i) {
    std::string url;
    check(servers[i].first, servers[i].second, url);
    if (!url.empty()) urls.push_back(url);
  }
  return urls;
}

void read_lines(const sdk::config_reader& read, options& result) {
  read.udp("lines.a", result.line_a);
  read.udp("lines.b", result.line_b);
  const auto udp_to = [&](std::string_view key, std::string_view value, std::string& into) {
    read.udp(key, value, into);
  };
  const auto tcp_to = [&](std::string_view key, std::string_view value, std::string& into) {
    tcp(read, key, value, into);
  };
  result.servers = read_addresses(read, "lines.rerequest", udp_to);
  result.rerequest.servers = static_cast<uint32_t>(result.servers.size());
  result.soup.addresses = read_addresses(read, "lines.soup", tcp_to);
  result.glimpse.addresses = read_addresses(read, "lines.glimpse", tcp_to);
  if (const auto file = read.find("lines.file")) {
    if (file->starts_with("file:///"))
      result.file = *file;
    else
      read.complain("lines.file", "'" + std::string{*file} + "' is no file address; wanted file:///PATH");
  }
  const bool tcp_lines = read.has("lines.soup") || read.has("lines.glimpse");
  const bool live = read.find("lines.a") || read.find("lines.b") || tcp_lines;
  const bool file = read.find("lines.file").has_value();
  if (!live && !file)
    read.complain("lines",
                  "no line is configured; wanted lines.a and lines.b, lines.soup, lines.file, or lines.glimpse");
  if (file && (live || read.has("lines.rerequest")))
    read.complain("lines.file", "cannot go together with other lines; make the file an instance of its own");
  read.refuse_same_lines("lines.a", "lines.b", result.line_a, result.line_b);
}

void read_logins(const sdk::config_reader& read, options& result) {
  const auto bounded = [&](std::string_view key, size_t most, std::string& into) {
    read.text(key, into);
    if (into.size() <= most) return;
    read.complain(key, "is longer than " + std::to_string(most) + " letters, which is all that a login has room for");
    into.clear();
  };
  bounded("soup_username", 6, result.soup.username);
  bounded("soup_password", 10, result.soup.password);
  bounded("soup_session", 10, result.soup_session);
  read.number("soup_sequence", 0, UINT64_MAX / 2, result.soup_sequence);
  read.duration("soup_silence", 2'000'000'000, 99'000'000'000, "2s to 99s", result.soup.silence_ns);
  read.duration("soup_refused_pause", 1'000'000'000, 3'600'000'000'000, "1s to 1h", result.soup.refused_pause_ns);
  if (const auto version = read.find("soup_version")) {
    if (*version == "3.00")
      result.soup.version = soup_version::v3_00;
    else if (*version == "4.00")
      result.soup.version = soup_version::v4_00;
    else if (*version == "4.10")
      result.soup.version = soup_version::v4_10;
    else
      read.refuse("soup_version", *version, "3.00, 4.00 or 4.10");
  }
  const auto addresses = std::move(result.glimpse.addresses);
  result.glimpse = result.soup; // what is not said apart is the same
  result.glimpse.addresses = addresses;
  bounded("glimpse_username", 6, result.glimpse.username);
  bounded("glimpse_password", 10, result.glimpse.password);
  read.number("glimpse_attempts", 1, 100, result.glimpse_attempts);
}

} // namespace

options read_options(const sdk::settings& settings, const sdk::complain_fn& complain) {
  options result;
  const sdk::config_reader read{settings, complain};
  read.refuse_unknown(known);
  read_lines(read, result);
  read_logins(read, result);
  read.text("interface", result.from_interface);
  result.only_sources = read.joined("only_sources");
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
  if (const auto market = read.find("market")) {
    if (*market == "Q" || *market == "B" || *market == "X")
      result.market = market->front();
    else
      read.refuse("market", *market, "Q (Nasdaq), B (BX, Texas) or X (PSX)");
  }
  if (const auto lengths = read.find("file_lengths")) {
    if (*lengths == "zero")
      result.zero_lengths = true;
    else if (*lengths != "prefix")
      read.refuse("file_lengths", *lengths, "prefix, or zero for files whose length prefixes are all zero");
  }
  return result;
}

} // namespace tickplant::nasdaq
