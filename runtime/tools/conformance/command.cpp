#include "runtime/tools/conformance/command.hpp"

#include "runtime/plugin/registry.hpp"
#include "runtime/tools/conformance/score.hpp"
#include "runtime/tools/replay/options.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <ostream>
#include <string_view>

namespace tickplant::conformance {

namespace {

enum : int { exit_passed, exit_tapes, exit_usage, exit_plugin, exit_failed };

std::vector<sdk::testing::tape> read_tapes(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    if (entry.path().extension() == ".tape") files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<sdk::testing::tape> tapes;
  for (const auto& path : files) {
    std::ifstream file{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    try {
      auto& made = tapes.emplace_back(sdk::testing::parse_tape(text));
      made.name = path.stem().string();
    } catch (const sdk::testing::tape_fault& fault) {
      throw std::runtime_error(path.string() + ": " + fault.what());
    }
  }
  if (tapes.empty()) throw std::runtime_error(folder + ": no file *.tape lies here");
  if (std::ranges::all_of(tapes, [](const auto& t) { return !t.like.empty(); }))
    throw std::runtime_error(folder + ": every tape is like another one: one without `like` tells what is right");
  return tapes;
}

void print(const row& one, std::ostream& out) {
  out << (one.is_passed ? "pass  " : "FAIL  ") << one.tape << ": " << one.name;
  if (!one.is_passed) out << ": " << one.why;
  out << std::endl;
}

} // namespace

bool is_wanted(int count, const char* const* words) {
  return std::any_of(words, words + count, [](std::string_view word) { return word.starts_with("--conformance"); });
}

int run(int count, const char* const* words, std::ostream& out, std::ostream& err) {
  CLI::App app{"Plays tapes to a venue plugin, with every fault that they allow, and prints a score card.",
               "tickplant-replay --conformance"};
  std::string plugin_name, folder, only;
  auto folders = replay::usual_plugin_folders();
  score_options options;
  bool json = false, verbose = false;
  app.add_option("--conformance", plugin_name, "name of a venue plugin, or path of a .so file")->required();
  app.add_option("--tapes", folder, "folder of *.tape files")->required()->check(CLI::ExistingDirectory);
  app.add_option("--plugins", folders, "folders with plugins")->allow_extra_args(false);
  app.add_option("--seed", options.seed, "of the faults")->capture_default_str();
  app.add_option("--seconds", options.seconds, "of processor time that one case may take")
    ->capture_default_str()
    ->check(CLI::Range(1u, 3'600u));
  app.add_option("--only", options.only, "cases whose line holds this text; the good days are played in any case");
  app.add_flag("--verbose", verbose, "show what the plugin logs, and what each case came to");
  app.add_flag("--json", json, "the card as one JSON object, instead of a line for each case");
  // Behind --conformance it would be taken for the plugin's name.
  if (std::any_of(words, words + count, [](std::string_view w) { return w == "--help" || w == "-h"; })) {
    out << app.help();
    return exit_passed;
  }
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault, out, err) == 0 ? exit_passed : exit_usage;
  }
  std::vector<sdk::testing::tape> tapes;
  try {
    tapes = read_tapes(folder);
  } catch (const std::exception& fault) {
    err << "tickplant-replay: " << fault.what() << '\n';
    return exit_tapes;
  }
  plugin::registry plugins{folders};
  std::optional<plugin::venue_plugin> plugin;
  try {
    plugin = plugins.venue(plugin_name);
  } catch (const plugin::plugin_fault& fault) {
    err << "tickplant-replay: " << fault.what() << '\n';
    return exit_plugin;
  }
  if (verbose)
    options.log = [](int level, std::string_view text) {
      static constexpr const char* names[] = {"debug", "info", "warning", "error"};
      std::cerr << "    " << names[std::clamp<int>(level, TP_LOG_DEBUG, TP_LOG_ERROR) - TP_LOG_DEBUG] << ": " << text
                << std::endl;
    };
  const auto rows = score(*plugin, tapes, options, [&](const row& one) {
    if (!json) print(one, out);
  });
  const auto passed = static_cast<size_t>(std::ranges::count_if(rows, &row::is_passed));
  if (json) {
    nlohmann::ordered_json card{{"plugin", plugin->name()}, {"cases", rows.size()}, {"passed", passed}};
    card["rows"] = nlohmann::ordered_json::array();
    for (const auto& one : rows)
      card["rows"].push_back({{"tape", one.tape}, {"case", one.name}, {"passed", one.is_passed}, {"why", one.why}});
    out << card.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    out << plugin->name() << ": " << passed << " of " << rows.size() << " cases passed\n";
  }
  return passed == rows.size() ? exit_passed : exit_failed;
}

} // namespace tickplant::conformance
