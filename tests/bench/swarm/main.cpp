// tickplant-swarm: a load of WebSocket clients from the command line.
#include "process_figures.hpp"
#include "swarm.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <thread>

namespace {

using namespace tickplant::load;
using nlohmann::json;
using clock_type = std::chrono::steady_clock;

constexpr int exit_clean = 0, exit_faults = 1, exit_usage = 2;

struct command_line {
  swarm_options swarm;
  std::string url = "ws://127.0.0.1:8081/ws";
  double seconds = 10, patience = 30;
  pid_t process = 0;
  size_t numbered = 0;
  bool as_json = false, neighbours = false;
};

struct outcome {
  swarm_counts before, after; // the measured time lies between
  double seconds = 0;
  uint64_t sends = 0;
  std::optional<process_figures> process_before, process_after;
};

void declare(CLI::App& app, command_line& to) {
  app.add_option("--url", to.url, "ws://ADDRESS:PORT/PATH, or wss")->capture_default_str();
  app.add_option("--clients", to.swarm.clients, "connections")->capture_default_str();
  app.add_option("--symbols", to.swarm.symbols, "comma-separated")->delimiter(',');
  app.add_option("--numbered", to.numbered, "so many symbols S000, S001 and so on, as of configs/bench.yaml");
  app.add_option("--each", to.swarm.symbols_each, "symbols of each client; 0: all")->capture_default_str();
  app.add_flag("--neighbours", to.neighbours, "with --each: those that follow each other, else random ones");
  app.add_option("--silent", to.swarm.silent, "so many clients read nothing once they have subscribed");
  app.add_option("--rate", to.swarm.connects_per_second, "connects a second; 0: as fast as they are taken");
  app.add_option("--check-every", to.swarm.check_every, "of the other clients entries are counted only")
    ->capture_default_str();
  app.add_option("--frequency", to.swarm.frequency_ms, "milliseconds between updates; 0: every event")
    ->capture_default_str();
  app.add_option("--data-types", to.swarm.data_types, "QUOTES, TRADES, ORDER_BOOK, STATISTICS")->delimiter(',');
  app.add_option("--depth", to.swarm.depth, "levels a side");
  app.add_option("--header", to.swarm.headers, "'Name: value' for the handshake; may be repeated");
  app.add_option("--send", to.swarm.first, "a JSON message before SUBSCRIBE; may be repeated");
  app.add_flag("--poll", to.swarm.polls, "never sleep: no send of the server has to wake the clients' core");
  app.add_flag("--deflate", to.swarm.deflate, "offer compression, without context");
  app.add_option("--seconds", to.seconds, "measured time, after all are subscribed")->capture_default_str();
  app.add_option("--patience", to.patience, "seconds for all to connect and subscribe")->capture_default_str();
  app.add_option("--pid", to.process, "the server's process: its CPU time and memory are told too");
  app.add_flag("--json", to.as_json, "one JSON object");
}

bool is_up(const swarm_counts& now, const swarm_options& wanted) {
  return (wanted.symbols.empty() ? now.open : now.subscribed) == wanted.clients;
}

outcome measure(const command_line& line) {
  swarm all{line.swarm};
  outcome seen;
  const auto give_up = clock_type::now() + std::chrono::duration<double>{line.patience};
  while (!is_up(seen.before = all.counts(), line.swarm) && seen.before.failed_handshakes.empty() &&
         clock_type::now() < give_up)
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  seen.before = all.counts();
  const uint64_t sends = all.sends();
  all.begin_measuring();
  if (line.process > 0) seen.process_before = figures_of(line.process);
  const auto begin = clock_type::now();
  std::this_thread::sleep_for(std::chrono::duration<double>{line.seconds});
  if (line.process > 0) seen.process_after = figures_of(line.process);
  seen.after = all.counts();
  seen.sends = all.sends() - sends;
  seen.seconds = std::chrono::duration<double>(clock_type::now() - begin).count();
  return seen;
}

template <class Map>
json by_key(const Map& map) {
  json all = json::object();
  for (const auto& [key, count] : map) {
    if constexpr (std::is_same_v<std::decay_t<decltype(key)>, std::string>)
      all[key] = count;
    else
      all[std::to_string(key)] = count;
  }
  return all;
}

json to_json(const outcome& seen, const swarm_options& wanted) {
  const auto& now = seen.after;
  const double updates = static_cast<double>(now.updates - seen.before.updates);
  json told{{"clients", wanted.clients},
            {"connected", now.open},
            {"subscribed", now.subscribed},
            {"seconds", seen.seconds},
            {"messages", now.messages - seen.before.messages},
            {"updates", now.updates - seen.before.updates},
            {"bytes", now.bytes - seen.before.bytes},
            {"sends", seen.sends},
            {"updatesPerSecond", updates / seen.seconds},
            {"leastUpdates", now.least_updates},
            {"numbered", now.numbered},
            {"ordered", now.ordered},
            {"missed", now.missed},
            {"changes", now.changes - seen.before.changes},
            {"holes", now.holes},
            {"pings", now.pings},
            {"compressed", now.compressed},
            {"longestStallMs", static_cast<double>(now.longest_stall_us) / 1e3},
            {"failedHandshakes", by_key(now.failed_handshakes)},
            {"disconnects", by_key(now.disconnects)},
            {"errors", by_key(now.errors)},
            {"refused", by_key(now.refused)},
            {"statuses", by_key(now.statuses)},
            {"gaps", now.gaps},
            {"wentBack", now.went_back},
            {"unreadable", now.unreadable},
            {"faults", now.faults}};
  if (now.latency.count() > 0)
    told["latencyUs"] = {{"count", now.latency.count()},
                         {"p50", now.latency.percentile(0.5)},
                         {"p90", now.latency.percentile(0.9)},
                         {"p99", now.latency.percentile(0.99)},
                         {"p999", now.latency.percentile(0.999)}};
  if (seen.process_before && seen.process_after) {
    const double cpu = seen.process_after->cpu_seconds - seen.process_before->cpu_seconds;
    told["server"] = {{"cpuSeconds", cpu},
                      {"memoryKiB", seen.process_after->memory_kib},
                      {"memoryKiBBefore", seen.process_before->memory_kib}};
    if (updates > 0) told["server"]["cpuSecondsPerMillionUpdates"] = cpu / updates * 1e6;
  }
  return told;
}

void print(const json& told) {
  for (const auto& [key, value] : told.items()) {
    if (key == "faults") continue;
    std::cout << key << std::string(key.size() < 18 ? 18 - key.size() : 1, ' ') << value.dump() << '\n';
  }
  for (const auto& fault : told.at("faults")) std::cout << "  " << fault.get<std::string>() << '\n';
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"tickplant-swarm: many WebSocket clients that check what they get\n"
               "Exit codes: 0 all connected and nothing wrong, 1 something was, 2 usage"};
  std::signal(SIGPIPE, SIG_IGN); // of OpenSSL, which knows no MSG_NOSIGNAL
  command_line line;
  declare(app, line);
  try {
    app.parse(argc, argv);
    for (size_t i = 0; i < line.numbered; ++i) line.swarm.symbols.push_back(numbered_symbol(i));
    if (line.neighbours) line.swarm.chosen = choice::neighbours;
    if (!read_url(line.url, line.swarm)) throw CLI::ValidationError{"--url", "ws://ADDRESS:PORT/PATH is wanted"};
    if (!(line.seconds >= 0 && line.seconds <= 1e6 && line.patience >= 0 && line.patience <= 1e6))
      throw CLI::ValidationError{"--seconds, --patience", "0 to 1000000 are wanted"};
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? exit_clean : exit_usage;
  }
  try {
    const auto seen = measure(line);
    const auto told = to_json(seen, line.swarm);
    if (line.as_json)
      std::cout << told.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
    else
      print(told);
    return seen.after.is_clean() && is_up(seen.after, line.swarm) ? exit_clean : exit_faults;
  } catch (const std::exception& fault) {
    std::cerr << "tickplant-swarm: " << fault.what() << '\n';
    return exit_usage;
  }
}
