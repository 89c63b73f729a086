#include "runtime/tools/replay/preparation.hpp"

#include "runtime/tools/replay/itch_file.hpp"
#include "runtime/tools/replay/message_log.hpp"
#include "runtime/tools/replay/session_day.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <utility>

namespace tickplant::replay {

namespace {

constexpr endpoint discard{0x7F000001, 9}; // stands for addresses that nothing needs, and that a plugin would not take

bool has(const plugin::settings_list& settings, std::string_view key) {
  return std::ranges::any_of(settings, [&](const auto& pair) {
    return pair.first == key ||
           (pair.first.starts_with(key) && pair.first.size() > key.size() && pair.first[key.size()] == '.');
  });
}

/// The list that a key is a member of, "symbols" of "symbols.0"; else the key.
std::string_view list_of(std::string_view key) {
  const size_t dot = key.rfind('.');
  const bool is_member = dot != std::string_view::npos && dot + 1 < key.size() &&
                         key.find_first_not_of("0123456789", dot + 1) == std::string_view::npos;
  return is_member ? key.substr(0, dot) : key;
}

/// Answers of TCP lines alone.
class empty_source final : public record_source {
public:
  std::span<const record> next(size_t) override { return {}; }
};

} // namespace

void preparation::read_config() {
  if (options_.config.empty()) return;
  written = config::flatten_file(options_.config);
  settings = config::pairs_of(written);
  if (!options_.symbols.empty()) // the command line's word goes first
    std::erase_if(settings,
                  [](const auto& pair) { return pair.first == "symbols" || pair.first.starts_with("symbols."); });
}

void preparation::open() {
  io.answers = options_.answers;
  io.whole = options_.time;
  if (!options_.format)
    open_nothing();
  else
    switch (*options_.format) {
      case capture_format::itch50: open_itch(); break;
      case capture_format::pcap: open_pcap(); break;
      case capture_format::binance_log: open_log(); break;
      case capture_format::capture: open_capture(); break;
    }
  for (const auto& answer : options_.answers) set("lines." + answer.name, "tcp://" + to_text(discard));
  for (size_t i = 0; i < options_.symbols.size(); ++i)
    settings.emplace_back("symbols." + std::to_string(i), options_.symbols[i]);
}

void preparation::set(std::string key, std::string value) {
  if (!has(settings, key)) settings.emplace_back(std::move(key), std::move(value));
}

void preparation::open_nothing() {
  source = std::make_unique<empty_source>();
  constexpr uint64_t noon_ns = 12ull * 3600 * 1'000'000'000;
  start_ns = midnight_of(options_.date, {}) + noon_ns;
}

void preparation::open_itch() {
  auto file = std::make_unique<itch_file>(options_.files, options_.time, options_.date);
  io.files = true;
  set("lines.file", "file://" + std::filesystem::absolute(options_.files.front()).string());
  if (file->has_zero_lengths()) {
    err_ << "tickplant-replay: the length prefixes of " << options_.files.front()
         << " are all zero: setting file_lengths=zero, the plugin takes lengths from the message types\n";
    set("file_lengths", "zero");
  }
  source = std::move(file);
}

/// The settings that the recorded plugin had, but for its secrets; the configuration and the command line go first: a
/// key that the configuration gives, or a list of which it gives a member, is taken from there.
void preparation::open_capture() {
  const auto configured = settings;
  try {
    for (auto& [key, value] : capture::settings_of(options_.files.front())) {
      const bool is_symbol = key == "symbols" || key.starts_with("symbols.");
      if (is_symbol && !options_.symbols.empty()) continue;
      if (!has(configured, list_of(key))) settings.emplace_back(key, value);
    }
    tape = std::make_unique<capture::playback>(options_.files, options_.horizon_ns);
  } catch (const capture::capture_fault& fault) {
    throw input_fault{options_.files.front(), fault.offset, fault.problem};
  }
}

void preparation::open_pcap() {
  io.datagrams = true;
  io.lines = options_.lines;
  if (io.lines.empty() && !has(settings, "lines")) guess_lines();
  name_lines();
  std::vector<endpoint> servers;
  for (const auto& line : io.lines) servers.push_back(line.at);
  auto file = std::make_unique<pcap_file>(options_.files, options_.time, std::move(servers));
  pcap = file.get();
  source = std::move(file);
}

/// Settings for the lines of the command line. Their scheme: as written there, else as configured, else udp.
void preparation::name_lines() {
  for (const auto& line : io.lines) {
    const auto same = [&](const named_line& other) { return other.name == line.name; };
    std::string key = "lines." + line.name;
    std::string scheme = line.scheme;
    for (const auto& [known, value] : settings)
      if (scheme.empty() && (known == key || known.starts_with(key + '.'))) scheme = value.substr(0, value.find("://"));
    const bool is_list = std::ranges::count_if(io.lines, same) > 1; // several servers
    if (is_list) key += '.' + std::to_string(std::count_if(std::as_const(io.lines).data(), &line, same));
    std::erase_if(settings, [&](const auto& pair) { return pair.first == key; });
    if (scheme.empty()) udp_by_default_.push_back(key);
    settings.emplace_back(key, (scheme.empty() ? "udp" : scheme) + "://" + to_text(line.at));
  }
}

bool preparation::make_tcp(std::string_view key) {
  const auto known = std::ranges::find(udp_by_default_, key);
  if (known == udp_by_default_.end()) return false;
  udp_by_default_.erase(known);
  for (auto& [name, value] : settings)
    if (name == key) value.replace(0, value.find("://"), "tcp");
  return true;
}

/// Without a word about lines: the first two multicast groups of the capture, else the first destination.
void preparation::guess_lines() {
  std::vector<endpoint> groups, others;
  pcap_file file{options_.files, false};
  constexpr size_t looked_at = 10'000;
  for (size_t seen = 0; seen < looked_at && groups.size() < 2;) {
    const auto records = file.next(64);
    if (records.empty()) break;
    seen += records.size();
    for (const auto& each : records) {
      auto& list = each.to.address >> 28 == 14 ? groups : others;
      if (list.size() < 2 && std::ranges::find(list, each.to) == list.end()) list.push_back(each.to);
    }
  }
  if (groups.empty() && !others.empty()) groups.push_back(others.front());
  for (size_t i = 0; i < groups.size(); ++i) {
    io.lines.push_back({i == 0 ? "a" : "b", groups[i].port == 0 ? discard : groups[i]});
    err_ << "tickplant-replay: no --line given: taking " << to_text(groups[i]) << " as line " << io.lines.back().name
         << '\n';
  }
}

void preparation::open_log() {
  io.web_sockets = true;
  auto log = std::make_unique<message_log>(options_.files, options_.time, answers);
  set("directory", "stream");
  set("lines.stream", "ws://replay");
  set("rest", "http://replay");
  // A recording that has one kind of trades alone has no others.
  if (const auto kind = log->trade_kind(); !kind.empty()) set("trades", std::string{kind});
  source = std::move(log);
}

} // namespace tickplant::replay
