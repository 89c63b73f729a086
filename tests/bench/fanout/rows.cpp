#include "rows.hpp"

#include "table.hpp"

#include <algorithm>
#include <cstdio>

namespace tickplant::bench {

namespace {

trial_options load_of(const run_options& run, size_t clients, size_t symbols_each, double hz, bool is_spread,
                      load::choice chosen = load::choice::random) {
  trial_options trial;
  trial.seconds = run.seconds;
  trial.market.hz = hz;
  trial.market.is_spread = is_spread;
  for (size_t i = 0; i < trial.market.symbols; ++i) trial.clients.symbols.push_back(load::numbered_symbol(i));
  trial.clients.clients = clients;
  trial.clients.symbols_each = symbols_each;
  trial.clients.chosen = chosen;
  trial.clients.frequency_ms = 0;
  // The load must not be what is measured.
  trial.clients.check_every = std::max<size_t>(1, clients / 100);
  return trial;
}

std::vector<contestant> contestants(const run_options& run) {
  return run.with_peers ? everybody(run.at) : std::vector<contestant>{ours()};
}

bool together(const run_options& run) {
  return print_costs(play(contestants(run), run, load_of(run, 1'000, 8, 10, false)));
}

bool many(const run_options& run) {
  auto trial = load_of(run, 5'000, 8, 10, false);
  return print_costs(play(contestants(run), run, trial));
}

bool spread(const run_options& run) {
  return print_costs(play(contestants(run), run, load_of(run, 1'000, 8, 10, true, load::choice::neighbours)));
}

/// The highest rate of ticks at which 99 % of the updates arrive: doubled until it fails, then halved in between.
bool rate(const run_options& run) {
  constexpr double enough = 0.99, clients = 1'000, symbols = 8;
  constexpr int refinements = 4;
  bool is_good = true;
  std::printf("  %-24s %14s %8s %9s %10s\n", "", "updates/s", "Hz", "us/update", "p99 ms");
  for (const auto& who : contestants(run)) {
    double good = 0, bad = 0, hz = 40;
    trial_result best;
    for (int step = 0; step < 4 + refinements && hz <= 1'000; ++step) {
      auto result =
        run_trial(who, run.at, load_of(run, static_cast<size_t>(clients), static_cast<size_t>(symbols), hz, false));
      const bool is_held = result.fault.empty() && result.delivered >= enough;
      if (is_held) {
        good = hz;
        best = result;
      } else {
        bad = hz;
      }
      if (bad == 0)
        hz *= 2;
      else if (bad - good < bad * 0.04)
        break;
      else
        hz = (good + bad) / 2;
    }
    is_good = is_good && good > 0;
    std::printf("  %-24s %14.0f %8.0f %9.3f %10.1f\n", who.name.c_str(), best.rate(), good, best.cpu_us(), best.p99_ms);
  }
  return is_good;
}

} // namespace

const std::vector<row>& all_rows() {
  static const std::vector<row> rows{
    {"together", "1,000 clients, 8 of 100 symbols each, all tick together, 10 Hz", true, together},
    {"many", "5,000 clients, 8 random symbols each, 10 Hz", false, many},
    {"spread", "1,000 clients, 8 neighbouring symbols each, one tick a millisecond", true, spread},
    {"rate", "1,000 clients, 8 symbols each: the highest rate at 99 % delivered", false, rate},
  };
  return rows;
}

} // namespace tickplant::bench
