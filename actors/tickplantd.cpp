// The server's main program.
#include "actors/server.hpp"
#include "runtime/config/loader.hpp"
#include "runtime/config/print.hpp"
#include "runtime/telemetry/log.hpp"

#include <CLI/CLI.hpp>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <unistd.h>

namespace {

using namespace tickplant;

constexpr int exit_ok = 0, exit_config = 1, exit_usage = 2, exit_failed = 3;
constexpr auto stop_budget = std::chrono::milliseconds{4'800};

// Plugins lie beside the programs: in a build tree, or installed.
std::vector<std::string> own_plugin_folders() {
  const auto bin = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return {(bin / "../plugins").lexically_normal().string(),
          (bin / "../lib/tickplant/plugins").lexically_normal().string()};
}

// Everything that can be known without a socket: the files, the plugins, and what they say to their settings.
int check_only(const config::load_request& request) {
  actors::init_types();
  actors::system_config system_options;
  caf::actor_system system{system_options};
  auto options = config::load(request);
  for (const auto& warning : options.warnings) std::cerr << "tickplantd: warning: " << warning << '\n';
  const actors::server server{system, request, std::move(options), own_plugin_folders()};
  std::cout << request.file << ": good\n";
  return exit_ok;
}

int explain(const std::string& key) {
  if (const auto text = config::explain(key)) {
    std::cout << *text;
    return exit_ok;
  }
  std::cerr << "tickplantd: there is no key '" << key << "'";
  const auto near = config::nearest_keys(key);
  for (size_t i = 0; i < near.size(); ++i) std::cerr << (i == 0 ? ", did you mean " : " or ") << near[i];
  std::cerr << (near.empty() ? "; --print-defaults shows all\n" : "?\n");
  return exit_usage;
}

int run(const config::load_request& request) {
  auto options = config::load(request);
  telemetry::configure_log(actors::logging_of(options));
  for (const auto& warning : options.warnings) telemetry::log(telemetry::level::warning, "config", warning);
  // Before any thread exists, so that all inherit it and sigwait gets every signal.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  actors::init_types();
  actors::system_config system_options;
  caf::actor_system system{system_options};
  actors::server server{system, request, std::move(options), own_plugin_folders()};
  std::atomic<bool> has_failed{false}, is_stopping{false};
  server.start([&](const std::string& why) {
    if (is_stopping) return;
    has_failed = true;
    telemetry::log(telemetry::level::error, "node", "ended: " + why);
    ::kill(::getpid(), SIGTERM);
  });
  for (int number = 0; sigwait(&signals, &number) != 0 || number == SIGHUP;)
    if (number == SIGHUP) server.ask_reload("SIGHUP");
  is_stopping = true;
  telemetry::log(telemetry::level::info, "node", "stopping");
  // Past the budget nothing orderly is left to do: whoever started us restarts us.
  if (!server.stop(stop_budget)) std::_Exit(exit_failed);
  return has_failed ? exit_failed : exit_ok;
}

struct command_line {
  std::string file, key;
  std::vector<std::string> sets;
  bool check = false, defaults = false, reference = false, print = false;
};

void declare(CLI::App& app, command_line& to) {
  auto* file = app.add_option("-c,--config", to.file, "the configuration, YAML");
  app.add_option("--set", to.sets, "PATH=VALUE: a key over files and environment; may be repeated")
    ->expected(1)
    ->take_all()
    ->check([](const std::string& set) {
      return set.find('=') == std::string::npos || set[0] == '=' ? "PATH=VALUE is wanted, not '" + set + "'"
                                                                 : std::string{};
    });
  const std::pair<const char*, const char*> flags[] = {
    {"--check", "check the configuration, tell every fault, and end"},
    {"--print-config", "print the merged configuration with the place of each value, and end"},
    {"--print-defaults", "print every key with its default, as YAML, and end"},
    {"--print-reference", "print the text of configs/README.md, and end"}};
  bool* const targets[] = {&to.check, &to.print, &to.defaults, &to.reference};
  for (size_t i = 0; i < std::size(flags); ++i) app.add_flag(flags[i].first, *targets[i], flags[i].second);
  app.add_option("--explain", to.key, "KEY: tell all about one key, and end");
  app.callback([&to, file] {
    if (file->empty() && !to.defaults && !to.reference && to.key.empty()) throw CLI::RequiredError{"--config"};
  });
}

int obey(const command_line& line) {
  if (line.defaults || line.reference) {
    std::cout << (line.defaults ? config::print_defaults() : config::print_reference());
    return exit_ok;
  }
  if (!line.key.empty()) return explain(line.key);
  config::load_request request{line.file, {}, config::process_environment()};
  for (const auto& set : line.sets) {
    const auto equals = set.find('=');
    request.sets.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  if (line.print) {
    std::cout << config::print_config(config::load_tree(request));
    return exit_ok;
  }
  return line.check ? check_only(request) : run(request);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"tickplantd: exchange feeds in, WebSocket streams out"};
  command_line line;
  declare(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? exit_ok : exit_usage;
  }
  try {
    return obey(line);
  } catch (const std::exception& fault) {
    std::cerr << "tickplantd: " << fault.what() << '\n';
    return exit_config;
  }
}
