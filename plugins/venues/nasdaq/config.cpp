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
                                     "silence",
                                     "time_zone",
                                     "market",
                                     "file_lengths",
                                     "plugin",
                                     "required"};
constexpr std::string_view list_keys[] = {"lines.rerequest", "only_sources"};
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

bool is_udp_url(std::string_view url) {
  constexpr std::string_view scheme = "udp://";
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
    if (is_udp_url(value))
      into = value;
    else
      complain_(key, "'" + std::string{value} +
                       "' is no UDP address; wanted udp://ADDRESS:PORT with a port from 1 to 65535");
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

void read_servers(const sdk::settings& settings, const complain_fn& complain, const reader& read, options& result) {
  const auto servers = settings.list("lines.rerequest");
  const bool lone = settings.find("lines.rerequest").has_value();
  if (servers.size() > most_servers)
    complain("lines.rerequest", "names " + std::to_string(servers.size()) + " servers; at most 16 are used");
  for (size_t i = 0; i < std::min(servers.size(), most_servers); ++i) {
    std::string url;
    const size_t number = i - (lone && i > 0 ? 1 : 0);
    read.udp(lone && i == 0 ? "lines.rerequest" : "lines.rerequest." + std::to_string(number), servers[i], url);
    if (!url.empty()) result.servers.push_back(url);
  }
  result.rerequest.servers = static_cast<uint32_t>(result.servers.size());
}

void read_lines(const sdk::settings& settings, const complain_fn& complain, const reader& read, options& result) {
  read.udp("lines.a", result.line_a);
  read.udp("lines.b", result.line_b);
  read_servers(settings, complain, read, result);
  if (const auto file = settings.find("lines.file")) {
    if (file->starts_with("file:///"))
      result.file = *file;
    else
      complain("lines.file", "'" + std::string{*file} + "' is no file address; wanted file:///PATH");
  }
  const bool live = settings.find("lines.a") || settings.find("lines.b");
  const bool file = settings.find("lines.file").has_value();
  if (!live && !file) complain("lines", "no line is configured; wanted lines.a and lines.b, or lines.file");
  if (file && (live || settings.find("lines.rerequest") || settings.find("lines.rerequest.0")))
    complain("lines.file", "cannot go together with UDP lines; make the file an instance of its own");
  if (!result.line_a.empty() && result.line_a == result.line_b)
    complain("lines.b", "is the same address as lines.a; the two lines of a pair have addresses of their own");
}

} // namespace

options read_options(const sdk::settings& settings, const complain_fn& complain) {
  options result;
  for (const auto& pair : settings.pairs())
    if (!is_known(sdk::view(pair.key)))
      complain(sdk::view(pair.key), "is no setting of this plugin; it knows " + known_keys());
  const reader read{settings, complain};
  read_lines(settings, complain, read, result);
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
