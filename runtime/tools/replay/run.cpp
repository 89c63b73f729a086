#include "runtime/tools/replay/run.hpp"

#include "runtime/config/flatten.hpp"
#include "runtime/plugin/registry.hpp"
#include "runtime/plugin/venue_host.hpp"
#include "runtime/tools/replay/books.hpp"
#include "runtime/tools/replay/checkpoints.hpp"
#include "runtime/tools/replay/itch_file.hpp"
#include "runtime/tools/replay/message_log.hpp"
#include "runtime/tools/replay/pcap_file.hpp"
#include "runtime/tools/replay/player.hpp"
#include "runtime/tools/replay/report.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <ostream>
#include <utility>

#include <time.h>

namespace tickplant::replay {

namespace {

constexpr uint64_t most_log_lines = 1'000;

bool has(const plugin::settings_list& settings, std::string_view key) {
  return std::ranges::any_of(settings, [&](const auto& pair) {
    return pair.first == key ||
           (pair.first.starts_with(key) && pair.first.size() > key.size() && pair.first[key.size()] == '.');
  });
}

/// Turns the capture and the command line into what the plugin needs: a source of records and settings.
class preparation {
public:
  preparation(const replay_options& options, std::ostream& err) : options_(options), err_(err) {}

  void open() {
    switch (options_.format) {
      case capture_format::itch50: open_itch(); break;
      case capture_format::pcap: open_pcap(); break;
      case capture_format::binance_log: open_log(); break;
    }
    for (size_t i = 0; i < options_.symbols.size(); ++i)
      settings.emplace_back("symbols." + std::to_string(i), options_.symbols[i]);
  }
  void read_config() {
    if (options_.config.empty()) return;
    written = config::flatten_file(options_.config);
    settings = config::pairs_of(written);
    if (!options_.symbols.empty()) // the command line's word goes first
      std::erase_if(settings,
                    [](const auto& pair) { return pair.first == "symbols" || pair.first.starts_with("symbols."); });
  }

  std::vector<config::flat_setting> written;
  plugin::settings_list settings;
  std::unique_ptr<record_source> source;
  pcap_file* pcap = nullptr;
  recorded_answers answers;
  world_options io;

private:
  void set(std::string key, std::string value) {
    if (!has(settings, key)) settings.emplace_back(std::move(key), std::move(value));
  }

  void open_itch() {
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

  void open_pcap() {
    io.datagrams = true;
    io.lines = options_.lines;
    if (io.lines.empty() && !has(settings, "lines")) guess_lines();
    for (const auto& line : io.lines) {
      const auto same = [&](const named_line& other) { return other.name == line.name; };
      std::string key = "lines." + line.name;
      if (std::ranges::count_if(io.lines, same) > 1) // several servers: a list
        key += '.' + std::to_string(std::count_if(std::as_const(io.lines).data(), &line, same));
      std::erase_if(settings, [&](const auto& pair) { return pair.first == key; });
      settings.emplace_back(key, "udp://" + to_text(line.at));
    }
    auto file = std::make_unique<pcap_file>(options_.files, options_.time);
    pcap = file.get();
    source = std::move(file);
  }

  /// Without a word about lines: the first two multicast groups of the capture, else the first destination.
  void guess_lines() {
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
      constexpr endpoint discard{0x7F000001, 9}; // stands for blanked addresses, which no plugin would take
      io.lines.push_back({i == 0 ? "a" : "b", groups[i].port == 0 ? discard : groups[i]});
      err_ << "tickplant-replay: no --line given: taking " << to_text(groups[i]) << " as line " << io.lines.back().name
           << '\n';
    }
  }

  void open_log() {
    io.web_sockets = true;
    auto log = std::make_unique<message_log>(options_.files, options_.time, answers);
    set("directory", "stream");
    set("lines.stream", "ws://replay");
    set("rest", "http://replay");
    // A recording that has one kind of trades alone has no others.
    if (const auto kind = log->trade_kind(); !kind.empty()) set("trades", std::string{kind});
    source = std::move(log);
  }

  const replay_options& options_;
  std::ostream& err_;
};

class stderr_log {
public:
  stderr_log(std::ostream& err, bool verbose) : err_(err), least_(verbose ? TP_LOG_DEBUG : TP_LOG_WARNING) {}
  void operator()(int level, std::string_view text) {
    if (level < least_) return;
    if (++lines_ > most_log_lines) return;
    static constexpr std::string_view names[] = {"", "debug", "info", "warning", "error"};
    err_ << "plugin " << names[level] << ": " << text << '\n';
    if (lines_ == most_log_lines) err_ << "plugin: further log lines are left out\n";
  }

private:
  std::ostream& err_;
  int least_;
  uint64_t lines_ = 0;
};

void tell_complaints(const std::vector<plugin::complaint>& complaints, const std::vector<config::flat_setting>& written,
                     std::ostream& err) {
  for (const auto& [key, problem] : complaints) {
    err << "tickplant-replay: ";
    if (!written.empty())
      if (const auto at = config::place_of(written, key).text(); !at.empty()) err << at << ": ";
    if (!key.empty()) err << key << ": ";
    err << problem << '\n';
  }
}

/// What is configured where the command line names no symbols.
std::vector<std::string> wanted_symbols(const replay_options& options, const plugin::settings_list& settings) {
  if (!options.symbols.empty()) return options.symbols;
  std::vector<std::string> symbols;
  for (const auto& [key, value] : settings)
    if (key == "symbols" || key.starts_with("symbols.")) symbols.push_back(value);
  return symbols;
}

uint64_t messages_of(const plugin::venue_host& host) {
  uint64_t messages = 0;
  const auto names = host.counter_names();
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i].starts_with("messages.")) messages += host.counters()[i];
  return messages;
}

double cpu_seconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

int play(const replay_options& options, preparation& prepared, const plugin::venue_plugin& plugin, std::ostream& out,
         std::ostream& err) {
  stderr_log log{err, options.verbose};
  const auto complaints = plugin::venue_host::validate(plugin, prepared.settings, std::ref(log));
  if (!complaints.empty()) {
    tell_complaints(complaints, prepared.written, err);
    err << "tickplant-replay: plugin " << plugin.name() << " does not take these settings\n";
    return exit_plugin;
  }
  books state{plugin.name(), plugin.ops().order_refs, wanted_symbols(options, prepared.settings),
              !options.time}; // what is timed ends at the book
  world io{prepared.io, prepared.answers};
  plugin::venue_host host{plugin, state.feed(), io, {prepared.settings, std::ref(log), options.seed}};
  if (!host.create()) {
    tell_complaints(host.complaints(), prepared.written, err);
    err << "tickplant-replay: plugin " << plugin.name() << ": " << host.why_broken() << '\n';
    return exit_plugin;
  }

  const play_counts none;
  const play_counts* played = &none;
  std::unique_ptr<checkpoints> marks;
  std::optional<measurement> time;
  const auto input = [&] {
    return report_input{
      host, state,        *marks, io, *played, options.files, prepared.pcap ? &prepared.pcap->counts() : nullptr,
      time, options.depth};
  };
  marks = std::make_unique<checkpoints>(state, options.every, [&](uint64_t applied, const std::set<uint32_t>& numbers) {
    out << checkpoint_json(input(), applied, numbers) << '\n';
  });
  // Books of levels have quotes with numbers of their own beside them, so the levels' are followed here.
  if (options.every > 0 || plugin.ops().order_refs == TP_REFS_NONE)
    host.set_emit_filter(
      [&](uint32_t channel, std::span<const tp_event> events) { return marks->emit(channel, events); });

  player play{host, io, state, options.burst};
  played = &play.counts();
  int code = exit_ok;
  const auto began = std::chrono::steady_clock::now();
  const double cpu_began = cpu_seconds();
  try {
    play.play(*prepared.source, options.horizon_ns);
  } catch (const input_fault& fault) {
    err << "tickplant-replay: " << fault.what() << "; the result holds what came before\n";
    code = exit_input;
  } catch (const std::runtime_error& fault) {
    err << "tickplant-replay: plugin " << plugin.name() << ": " << fault.what() << '\n';
    code = exit_plugin;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const double cpu = cpu_seconds() - cpu_began;
  if (host.is_broken()) {
    err << "tickplant-replay: plugin " << plugin.name() << " broke: " << host.why_broken() << '\n';
    code = exit_plugin;
  }
  for (const auto& name : io.unopened())
    err << "tickplant-replay: warning: the plugin opened no line '" << name << "'\n";
  for (const auto& note : state.notes()) err << "tickplant-replay: note: " << note << '\n';
  if (options.time) {
    const uint64_t messages = std::max<uint64_t>(messages_of(host), 1);
    const double each = 1e9 / static_cast<double>(messages);
    time = measurement{seconds * each, cpu * each, seconds, messages};
  }
  out << (options.json ? to_json(input()) + '\n' : to_table(input())) << std::flush;
  return code;
}

} // namespace

int run(const replay_options& options, std::ostream& out, std::ostream& err) {
  preparation prepared{options, err};
  try {
    prepared.read_config();
  } catch (const config::document_fault& fault) {
    err << "tickplant-replay: " << fault.what() << '\n';
    return exit_usage;
  }
  plugin::registry plugins{options.plugin_folders};
  std::optional<plugin::venue_plugin> plugin;
  try {
    plugin = plugins.venue(options.plugin, {options.sha256, false});
  } catch (const plugin::plugin_fault& fault) {
    err << "tickplant-replay: " << fault.what() << '\n';
    return exit_plugin;
  }
  try {
    prepared.open();
  } catch (const input_fault& fault) {
    err << "tickplant-replay: " << fault.what() << '\n';
    return exit_input;
  }
  return play(options, prepared, *plugin, out, err);
}

} // namespace tickplant::replay
