// The server's main program.
#include "actors/server.hpp"
#include "runtime/config/loader.hpp"
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

// Everything that can be known without a socket: the file, the plugins, and what they say to their settings.
int check_only(const std::string& file) {
  actors::init_types();
  actors::system_config system_options;
  caf::actor_system system{system_options};
  const actors::server server{system, config::load_server(file), own_plugin_folders()};
  std::cout << file << ": good\n";
  return exit_ok;
}

int run(const std::string& file) {
  auto options = config::load_server(file);
  auto level = telemetry::level::info;
  telemetry::parse_level(options.log.level, level);
  telemetry::set_log_level(level);
  // Before any thread exists, so that all inherit it and sigwait gets every signal.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  actors::init_types();
  actors::system_config system_options;
  caf::actor_system system{system_options};
  actors::server server{system, std::move(options), own_plugin_folders()};
  std::atomic<bool> has_failed{false}, is_stopping{false};
  server.start([&](const std::string& why) {
    if (is_stopping) return;
    has_failed = true;
    telemetry::log(telemetry::level::error, "node", "ended: " + why);
    ::kill(::getpid(), SIGTERM);
  });
  int number = 0;
  sigwait(&signals, &number);
  is_stopping = true;
  telemetry::log(telemetry::level::info, "node", "stopping");
  // Past the budget nothing orderly is left to do: whoever started us restarts us.
  if (!server.stop(stop_budget)) std::_Exit(exit_failed);
  return has_failed ? exit_failed : exit_ok;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"tickplantd: exchange feeds in, WebSocket streams out"};
  std::string file;
  bool check = false;
  app.add_option("-c,--config", file, "the configuration, YAML")->required();
  app.add_flag("--check", check, "check the configuration and end");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? exit_ok : exit_usage;
  }
  try {
    return check ? check_only(file) : run(file);
  } catch (const std::exception& fault) {
    std::cerr << "tickplantd: " << fault.what() << '\n';
    return exit_config;
  }
}
