// fanout_table: what a delivered update costs our server and its peers, row by row of the table in docs/benchmarks.md.
// Servers run on core 0, the load on core 1.
#include "rows.hpp"
#include "server_process.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <thread>

#include <sys/resource.h>

namespace {

using namespace tickplant::bench;

constexpr int exit_clean = 0, exit_faults = 1, exit_usage = 2;
constexpr int load_core = 1;

struct command_line {
  run_options run;
  std::vector<std::string> names;
  bool is_quick = false, lists = false, alone = false;
};

void declare(CLI::App& app, command_line& to) {
  app.add_option("rows", to.names, "rows by name; none: all. 'quick': the short form");
  app.add_option("--seconds", to.run.seconds, "measured in each trial")->check(CLI::Range(0.5, 600.0));
  app.add_option("--rounds", to.run.rounds, "turns of every contestant")->check(CLI::Range(1, 100));
  app.add_option("--config", to.run.at.config, "configs/bench.yaml")->required();
  app.add_option("--node", to.run.at.node_server, "server.js of the Node peer, with its packages beside it");
  app.add_option("--uws", to.run.at.uws_library, "libsocketify_linux_amd64.so, for the uWebSockets peer");
  app.add_option("--certificate", to.run.at.certificate, "PEM file, for rows with TLS");
  app.add_option("--key", to.run.at.key, "PEM file");
  app.add_flag(
    "--sleepy", [&to](int64_t) { to.run.clients_poll = false; },
    "clients sleep while nothing comes, and servers pay for waking their core");
  app.add_flag("--alone", to.alone, "without peers");
  app.add_flag("--list", to.lists, "print the names of the rows, and end");
}

bool is_wanted(const command_line& line, const row& one) {
  if (line.is_quick && one.is_quick) return true;
  if (line.names.empty()) return !line.is_quick;
  return std::find(line.names.begin(), line.names.end(), one.name) != line.names.end();
}

void check_names(const command_line& line) {
  for (const auto& name : line.names)
    if (std::none_of(all_rows().begin(), all_rows().end(), [&](const row& one) { return one.name == name; }))
      throw CLI::ValidationError{"rows", "there is no row '" + name + "'; --list names them"};
}

bool run(command_line line) {
  if (std::thread::hardware_concurrency() < 2 || !stay_on(load_core)) {
    std::printf("This machine has one core: servers and load share it, and figures mean little.\n");
    line.run.clients_poll = false;
  }
  // Servers and clients inherit it; where it is not allowed, neighbours disturb more.
  if (::setpriority(PRIO_PROCESS, 0, -15) != 0)
    std::printf("Priority cannot be raised (root may): what else runs here is in the figures.\n");
  bool is_good = true;
  for (const auto& one : all_rows()) {
    if (!is_wanted(line, one)) continue;
    std::printf("\n%.*s: %.*s\n", static_cast<int>(one.name.size()), one.name.data(),
                static_cast<int>(one.title.size()), one.title.data());
    std::fflush(stdout);
    const auto begin = std::chrono::steady_clock::now();
    const bool row_is_good = one.run(line.run);
    std::printf("  %s in %.0f s\n", row_is_good ? "done" : "FAILED",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    std::fflush(stdout);
    is_good = is_good && row_is_good;
  }
  return is_good;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"fanout_table: the cost of a delivered update, ours and peers'\n"
               "Exit codes: 0 all rows were measured, 1 some were not, 2 usage"};
  std::signal(SIGPIPE, SIG_IGN); // of OpenSSL, which knows no MSG_NOSIGNAL
  command_line line;
  declare(app, line);
  try {
    app.parse(argc, argv);
    const auto quick = std::find(line.names.begin(), line.names.end(), "quick");
    if (quick != line.names.end()) {
      line.names.erase(quick);
      line.is_quick = true;
      line.run.rounds = std::min(line.run.rounds, 1);
      line.run.seconds = std::min(line.run.seconds, 2.0);
    }
    if (line.lists) {
      for (const auto& one : all_rows()) std::cout << one.name << "  " << one.title << '\n';
      return exit_clean;
    }
    check_names(line);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? exit_clean : exit_usage;
  }
  line.run.with_peers = !line.alone;
  line.run.at.programs = std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
  return run(line) ? exit_clean : exit_faults;
}
