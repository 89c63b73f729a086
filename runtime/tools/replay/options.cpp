#include "runtime/tools/replay/options.hpp"

#include <tickplant/plugin.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

namespace tickplant::replay {

namespace {

constexpr size_t largest_burst = 64;

bool is_date(const std::string& text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
         std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; }) == 8;
}

[[noreturn]] void refuse(const std::string& problem) {
  throw usage_end{2, problem + "\nRun with --help for more information."};
}

} // namespace

std::vector<std::string> usual_plugin_folders() {
  std::error_code fault;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", fault);
  if (fault) return {"plugins"};
  const auto above = program.parent_path().parent_path();
  return {(above / "plugins").string(), (above / "lib/tickplant/plugins").string()};
}

replay_options parse_options(int count, const char* const* words) {
  replay_options options;
  options.plugin_folders = usual_plugin_folders();
  CLI::App app{"Plays captures to a venue plugin and tells what the books look like afterwards.", "tickplant-replay"};
  app.footer(
    "tickplant-replay --conformance PLUGIN --tapes DIR proves a plugin by its faults; its own --help tells how.");
  std::vector<std::string> lines, answers, symbols;
  std::string format, horizon;
  size_t burst = 0;
  app.add_option("--plugin", options.plugin, "name of a venue plugin, or path of a .so file")->required();
  app.add_option("--plugins", options.plugin_folders, "folders with plugins")->allow_extra_args(false);
  app.add_option("--sha256", options.sha256, "digest that the plugin's file has to have");
  app.add_option("--format", format,
                 "itch50 | pcap | binance-log | capture (recorded by the server); none for --answer alone");
  app.add_option("--config", options.config, "YAML file with the venue's settings");
  app.add_option("--symbols", symbols, "only these, comma separated; default: all")
    ->delimiter(',')
    ->allow_extra_args(false);
  app
    .add_option(
      "--line", lines,
      "NAME=ADDR:PORT, a line of the plugin and where its datagrams are in the capture; a TCP line: its server, "
      "whose segments or datagrams are the stream; NAME=tcp://ADDR:PORT says so")
    ->allow_extra_args(false);
  app
    .add_option(
      "--answer", answers,
      "LINE=FILE, bytes of the server of a TCP line: played when the plugin connects, then the connection ends; "
      "given again for the next connection, and none is left: refused")
    ->allow_extra_args(false);
  app.add_option("--every", options.every, "a line of JSON after every N messages applied to books");
  app.add_flag("--json", options.json, "the result as one JSON object; default: a table");
  app.add_flag("--hash", options.hash, "a hash over all events of the plugin, in the result");
  app.add_option("--events", options.events,
                 "file for all events of the plugin: channel (8 bytes), event (64), and so on");
  app.add_flag("--time", options.time, "read everything into memory first, then measure");
  auto* burst_option = app.add_option("--burst", burst, "units in one call, 1 to 64; default: 1, with --time 32");
  auto* present_option =
    app
      .add_option("--present", options.present_mib,
                  "MiB of books' memory to be there from the start, as venues.*.memory.present of the server; default: "
                  "0, with --time 64")
      ->check(CLI::Range(0u, 4'095u));
  app.add_option("--depth", options.depth, "levels a side in the result, beside the best ones; default: none")
    ->check(CLI::Range(0u, 100'000u));
  app.add_option("--date", options.date,
                 "day of an ITCH file or of answers alone, YYYY-MM-DD; default: from the file's name");
  app.add_option("--seed", options.seed, "of the plugin's random numbers");
  app.add_option("--horizon", horizon, "time after the capture's end for what is still on its way, such as 10s");
  app.add_flag("--verbose", options.verbose, "show everything that the plugin logs");
  app.add_option("FILE", options.files, "captures, in order");
  try {
    app.parse(count, words);
  } catch (const CLI::CallForHelp&) {
    throw usage_end{0, app.help()};
  } catch (const CLI::ParseError& fault) {
    refuse(std::string{"tickplant-replay: "} + fault.what());
  }

  for (const auto& answer : answers) {
    auto parsed = parse_answer(answer);
    if (!parsed)
      refuse("tickplant-replay: --answer is '" + answer + "', wanted LINE=FILE such as glimpse=snapshot.soup");
    options.answers.push_back(std::move(*parsed));
  }

  static const std::map<std::string, capture_format> formats{{"itch50", capture_format::itch50},
                                                             {"pcap", capture_format::pcap},
                                                             {"binance-log", capture_format::binance_log},
                                                             {"capture", capture_format::capture}};
  const auto known = formats.find(format);
  if (known != formats.end())
    options.format = known->second;
  else if (!format.empty())
    refuse("tickplant-replay: --format is '" + format + "', wanted itch50, pcap, binance-log or capture");
  else if (options.answers.empty() || !options.files.empty())
    refuse("tickplant-replay: --format is required");

  // "--line a=.. b=.. FILE": further lines may follow without the option's name.
  if (!lines.empty())
    std::erase_if(options.files, [&](const std::string& word) {
      if (!parse_line(word) || std::filesystem::exists(word)) return false;
      lines.push_back(word);
      return true;
    });
  for (const auto& line : lines) {
    const auto parsed = parse_line(line);
    if (!parsed) refuse("tickplant-replay: --line is '" + line + "', wanted NAME=ADDR:PORT such as a=239.1.1.1:26400");
    const auto same = [&](const named_answer& answer) { return answer.name == parsed->name; };
    if (std::ranges::any_of(options.answers, same))
      refuse("tickplant-replay: line '" + parsed->name + "' has both --line and --answer, wanted one of them");
    options.lines.push_back(*parsed);
  }
  if (!lines.empty() && options.format != capture_format::pcap)
    refuse("tickplant-replay: --line goes with --format pcap only");
  if (options.files.empty() && options.format) refuse("tickplant-replay: FILE is required");
  for (auto& symbol : symbols)
    if (!symbol.empty()) options.symbols.push_back(std::move(symbol));
  if (burst_option->count() > 0 && (burst < 1 || burst > largest_burst))
    refuse("tickplant-replay: --burst is " + std::to_string(burst) + ", wanted 1 to 64");
  options.burst = burst != 0 ? burst : options.time ? 32 : 1;
  if (options.time && present_option->count() == 0) options.present_mib = 64;
  if (!options.date.empty() && !is_date(options.date))
    refuse("tickplant-replay: --date is '" + options.date + "', wanted YYYY-MM-DD");
  if (!horizon.empty()) {
    const auto parsed = sdk::to_duration_ns(horizon);
    if (!parsed || *parsed > 3'600'000'000'000)
      refuse("tickplant-replay: --horizon is '" + horizon + "', wanted a duration such as 10s, at most 1h");
    options.horizon_ns = *parsed;
  }
  return options;
}

} // namespace tickplant::replay
