#include "runtime/tools/replay/run.hpp"

#include "runtime/plugin/registry.hpp"
#include "runtime/plugin/venue_host.hpp"
#include "runtime/tools/replay/books.hpp"
#include "runtime/tools/replay/capture_play.hpp"
#include "runtime/tools/replay/checkpoints.hpp"
#include "runtime/tools/replay/event_tape.hpp"
#include "runtime/tools/replay/player.hpp"
#include "runtime/tools/replay/preparation.hpp"
#include "runtime/tools/replay/report.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <ostream>

#include <time.h>

namespace tickplant::replay {

namespace {

constexpr uint64_t most_log_lines = 1'000;

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

/// What the plugin does not like. Whether a line of the command line is TCP the plugin alone knows: where it refuses
/// UDP it is offered TCP.
std::vector<plugin::complaint> validate(preparation& prepared, const plugin::venue_plugin& plugin, stderr_log& log) {
  auto complaints = plugin::venue_host::validate(plugin, prepared.settings, std::ref(log));
  bool has_changed = false;
  for (const auto& [key, problem] : complaints) has_changed |= prepared.make_tcp(key);
  return has_changed ? plugin::venue_host::validate(plugin, prepared.settings, std::ref(log)) : complaints;
}

int play(const replay_options& options, preparation& prepared, const plugin::venue_plugin& plugin, std::ostream& out,
         std::ostream& err) {
  stderr_log log{err, options.verbose};
  const auto complaints = validate(prepared, plugin, log);
  if (!complaints.empty()) {
    tell_complaints(complaints, prepared.written, err);
    err << "tickplant-replay: plugin " << plugin.name() << " does not take these settings\n";
    return exit_plugin;
  }
  books state{plugin.name(), plugin.ops().order_refs, wanted_symbols(options, prepared.settings),
              !options.time, // what is timed ends at the book
              size_t{options.present_mib} << 20};
  world io{prepared.io, prepared.answers};
  io.set_now(prepared.start_ns);
  plugin::venue_io& outside = prepared.tape ? static_cast<plugin::venue_io&>(*prepared.tape) : io;
  plugin::venue_host host{plugin, state.feed(), outside, {prepared.settings, std::ref(log), options.seed}};
  if (!host.create()) {
    tell_complaints(host.complaints(), prepared.written, err);
    err << "tickplant-replay: plugin " << plugin.name() << ": " << host.why_broken() << '\n';
    return exit_plugin;
  }

  play_counts taped;
  const play_counts* played = &taped;
  std::unique_ptr<checkpoints> marks;
  std::optional<event_tape> emitted;
  if (options.hash || !options.events.empty()) try {
      emitted.emplace(options.events);
    } catch (const std::runtime_error& fault) {
      err << "tickplant-replay: --events: " << fault.what() << '\n';
      return exit_usage;
    }
  std::optional<measurement> time;
  auto files = options.files;
  for (const auto& answer : options.answers) files.push_back(answer.path);
  const auto input = [&] {
    return report_input{host,
                        state,
                        *marks,
                        prepared.tape ? prepared.tape->counts().sent : io.sent_count(),
                        prepared.tape ? prepared.tape->counts().answers : io.requests(),
                        *played,
                        files,
                        prepared.pcap ? &prepared.pcap->counts() : nullptr,
                        time,
                        options.depth,
                        options.hash ? emitted->hash() : std::string{}};
  };
  marks = std::make_unique<checkpoints>(state, options.every, [&](uint64_t applied, const std::set<uint32_t>& numbers) {
    out << checkpoint_json(input(), applied, numbers) << '\n';
  });
  // Books of levels have quotes with numbers of their own beside them, so the levels' are followed here.
  const bool is_marked = options.every > 0 || plugin.ops().order_refs == TP_REFS_NONE;
  if (is_marked || emitted)
    host.set_emit_filter([&](uint32_t channel, std::span<const tp_event> events) {
      if (emitted) emitted->take(channel, events);
      return is_marked ? marks->emit(channel, events) : state.feed().emit(channel, events);
    });

  player play{host, io, state, options.burst};
  if (!prepared.tape) played = &play.counts();
  int code = exit_ok;
  const auto began = std::chrono::steady_clock::now();
  const double cpu_began = cpu_seconds();
  try {
    if (prepared.tape)
      play_capture(host, *prepared.tape, state, taped);
    else
      play.play(*prepared.source, options.horizon_ns);
  } catch (const capture::capture_fault& fault) {
    err << "tickplant-replay: " << fault.what() << "; the result holds what came before\n";
    code = exit_input;
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
  if (prepared.tape && prepared.tape->is_cut_off())
    err << "tickplant-replay: note: a file of the capture ends inside a record, as after a crash\n";
  if (prepared.tape && prepared.tape->counts().dropped > 0)
    err << "tickplant-replay: warning: " << prepared.tape->counts().dropped
        << " records are missing, as the disk was too slow for the recorder\n";
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
  try {
    return play(options, prepared, *plugin, out, err);
  } catch (const input_fault& fault) { // an answer's file, before anything was played
    err << "tickplant-replay: " << fault.what() << '\n';
    return exit_input;
  }
}

} // namespace tickplant::replay
