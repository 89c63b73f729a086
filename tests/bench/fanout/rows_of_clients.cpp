#include "rows_of_clients.hpp"

#include "table.hpp"

#include <algorithm>
#include <cstdio>

namespace tickplant::bench {

trial_options load_of(const run_options& run, size_t clients, size_t symbols_each, double hz, bool is_spread,
                      load::choice chosen) {
  trial_options trial;
  trial.seconds = run.seconds;
  trial.market.hz = hz;
  trial.market.is_spread = is_spread;
  for (size_t i = 0; i < trial.market.symbols; ++i) trial.clients.symbols.push_back(load::numbered_symbol(i));
  trial.clients.clients = clients;
  trial.market.wait_for = static_cast<uint32_t>(clients);
  trial.clients.symbols_each = symbols_each;
  trial.clients.chosen = chosen;
  trial.clients.frequency_ms = 0;
  trial.clients.polls = run.clients_poll;
  // The load must not be what is measured.
  trial.clients.check_every = std::max<size_t>(1, clients / 100);
  return trial;
}

std::vector<contestant> contestants(const run_options& run) {
  return run.with_peers ? everybody(run.at) : std::vector<contestant>{ours()};
}

namespace {

std::vector<contestant> without_floor(const run_options& run) {
  auto all = contestants(run);
  std::erase_if(all, [](const contestant& one) { return one.what == kind::floor; });
  return all;
}

bool print_held(const std::vector<line>& lines, size_t wanted) {
  bool is_good = true;
  std::printf("  %-24s %12s %12s %18s\n", "", "held", "lost", "KiB a connection");
  for (const auto& one : lines) {
    is_good = print_faults(one) && is_good;
    if (one.rounds.empty()) continue;
    std::printf("  %-24s %12.0f %12.0f %18.2f\n", one.who.name.c_str(),
                one.of([](const auto& r) { return static_cast<double>(r.connected); }),
                one.of([](const auto& r) { return static_cast<double>(r.disconnected + r.refused); }),
                one.of([&](const auto& r) {
                  return (static_cast<double>(r.memory_kib) - static_cast<double>(r.memory_before_kib)) /
                         static_cast<double>(wanted);
                }));
  }
  return is_good;
}

trial_options idle_load(const run_options& run) {
  constexpr size_t connections = 15'000;
  auto trial = load_of(run, connections, 8, 0.1, false);
  trial.settle = 2;
  trial.seconds = 1;
  trial.patience = 180;
  return trial;
}

} // namespace

bool held(const run_options& run) {
  auto once = run;
  once.rounds = 1;
  const auto trial = idle_load(run);
  return print_held(play(without_floor(run), once, trial), trial.clients.clients);
}

bool held_tls(const run_options& run) {
  if (run.at.certificate.empty() || run.at.key.empty()) {
    std::printf("  left out: --certificate and --key are not given\n");
    return true;
  }
  auto once = run;
  once.rounds = 1;
  auto trial = idle_load(run);
  trial.clients.is_tls = true;
  const std::vector<std::string> sets{"listeners.0.tls.certificate=" + run.at.certificate,
                                      "listeners.0.tls.key=" + run.at.key};
  return print_held(play({ours("tickplantd, TLS", sets)}, once, trial), trial.clients.clients);
}

bool storm(const run_options& run) {
  constexpr size_t newcomers = 5'000;
  constexpr double a_second = 1'000;
  auto trial = load_of(run, 500, 8, 10, false);
  trial.clients.polls = false; // two crowds share the core
  trial.seconds = static_cast<double>(newcomers) / a_second + 1;
  trial.storm = trial.clients;
  trial.storm->clients = newcomers;
  trial.storm->connects_per_second = a_second;
  trial.storm->check_every = 1'000;
  trial.clients.check_every = 5;
  auto all = play(without_floor(run), run, trial);
  bool is_good = true;
  std::printf("  %-24s %14s %9s %22s %16s %9s\n", "", "newcomers in", "refused", "delivered to the 500",
              "longest stall ms", "p99 ms");
  for (const auto& one : all) {
    is_good = print_faults(one) && is_good;
    if (one.rounds.empty()) continue;
    std::printf("  %-24s %14.0f %9.0f %20.2f %% %16.1f %9.1f\n", one.who.name.c_str(),
                one.of([](const auto& r) { return static_cast<double>(r.storm_connected); }),
                one.of([](const auto& r) { return static_cast<double>(r.refused); }),
                one.of([](const auto& r) { return r.in_sequence * 100; }),
                one.of([](const auto& r) { return r.longest_stall_ms; }),
                one.of([](const auto& r) { return r.p99_ms; }));
  }
  return is_good;
}

bool slow(const run_options& run) {
  constexpr double hz_of_node = 20;
  auto trial = load_of(run, 500, 8, 100, false);
  trial.clients.silent = 50;
  trial.clients.check_every = 5;
  trial.seconds = std::max(run.seconds, 3.0);
  auto alone = trial;
  alone.clients.silent = 0;
  alone.clients.clients = alone.market.wait_for = 450;
  bool is_good = true;
  std::printf("  %-34s %22s %16s %9s %12s\n", "", "delivered to others", "longest stall ms", "p99 ms", "memory MiB");
  for (const auto& who : without_floor(run)) {
    for (const bool are_there : {false, true}) {
      auto load = are_there ? trial : alone;
      if (who.what == kind::node) load.market.hz = hz_of_node; // at 100 it delivers next to nothing to anybody
      std::vector<line> lines = play({who}, run, load);
      auto& one = lines.front();
      one.who.name += are_there ? ", 50 do not read" : ", all read";
      if (who.what == kind::node) one.who.name += ", 20 Hz";
      is_good = print_faults(one) && is_good;
      if (one.rounds.empty()) continue;
      std::printf("  %-34s %20.2f %% %16.1f %9.1f %12.0f\n", one.who.name.c_str(),
                  one.of([](const auto& r) { return r.in_sequence * 100; }),
                  one.of([](const auto& r) { return r.longest_stall_ms; }),
                  one.of([](const auto& r) { return r.p99_ms; }),
                  one.of([](const auto& r) { return static_cast<double>(r.memory_kib) / 1'024; }));
    }
  }
  return is_good;
}

} // namespace tickplant::bench
