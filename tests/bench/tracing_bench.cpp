// What traces cost: the fan-out of the real server with tracing off and on, by turns in one run of one process, since
// the machine's moods are larger than what is looked for. Settings change by live reload under the same clients.
#include "support/http_sink.hpp"
#include "support/reloading.hpp"
#include "swarm/process_figures.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace {

using namespace tickplant;
using namespace tickplant::testing;

struct wanted {
  int rounds = 30, rate = 20'000;
  size_t clients = 50;
  double seconds = 1;
};

struct mode {
  std::string name;
  std::string telemetry; // the flow map's inside
  double most_cost;      // the target, as a part; 0: none
  std::vector<double> ratios, cpu, rates;
};

/// One stretch of time: CPU seconds of the server a million updates, and updates a second.
struct figures {
  double cpu_per_million = 0, rate = 0;
};

void wait(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>{seconds});
}

figures measure(pid_t server, const load::swarm& clients, double seconds) {
  const auto cpu_before = load::figures_of(server);
  const auto updates_before = clients.counts().updates;
  const auto begin = steady_clock::now();
  wait(seconds);
  const auto updates = static_cast<double>(clients.counts().updates - updates_before);
  const auto cpu_after = load::figures_of(server);
  const auto took = std::chrono::duration<double>(steady_clock::now() - begin).count();
  if (!cpu_before || !cpu_after || updates <= 0) throw std::runtime_error("the server is gone, or delivers nothing");
  return {(cpu_after->cpu_seconds - cpu_before->cpu_seconds) / updates * 1e6, updates / took};
}

double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  const size_t half = all.size() / 2;
  return all.size() % 2 == 1 ? all[half] : (all[half - 1] + all[half]) / 2;
}

/// Of the median, from the median distance to it, as other work on the machine makes wild values.
double median_error(const std::vector<double>& all) {
  constexpr double of_normal = 1.4826 * 1.2533; // to a standard deviation, and from the mean's error to the median's
  std::vector<double> distances;
  for (const double one : all) distances.push_back(std::abs(one - median(all)));
  return of_normal * median(std::move(distances)) / std::sqrt(static_cast<double>(all.size()));
}

settings_text settings_with(const std::string& telemetry) {
  settings_text made;
  made.more = "reload: {watch: false}\n";
  if (!telemetry.empty()) made.more += "telemetry: {" + telemetry + "}\n";
  return made;
}

load::swarm_options clients_of(uint16_t port, const wanted& by) {
  load::swarm_options options;
  options.port = port;
  options.clients = by.clients;
  options.symbols = all_symbols();
  options.frequency_ms = 0;
  return options;
}

// The first mode is what the others are compared with, within the round.
void play_round(reloading& world, const load::swarm& clients, std::vector<mode>& modes, int round, const wanted& by) {
  constexpr double settling = 0.3; // after a reload
  std::vector<figures> got(modes.size());
  for (size_t i = 0; i < modes.size(); ++i) {
    const size_t at = (i + static_cast<size_t>(round)) % modes.size(); // nobody is always first
    if (const auto fault = world.apply_by_signal(settings_with(modes[at].telemetry)); !fault.empty())
      throw std::runtime_error(fault);
    wait(settling);
    got[at] = measure(world.whole().server().pid(), clients, by.seconds);
  }
  for (size_t i = 0; i < modes.size(); ++i) {
    modes[i].ratios.push_back(got[i].cpu_per_million / got[0].cpu_per_million);
    modes[i].cpu.push_back(got[i].cpu_per_million);
    modes[i].rates.push_back(got[i].rate);
  }
}

/// Whether no target is missed by more than the figures' own spread.
bool print(const std::vector<mode>& modes) {
  std::printf("\n%-44s %12s %12s %9s %18s %9s\n", "", "CPU s / 1e6", "updates/s", "ratio", "spread", "error");
  bool is_met = true;
  for (const auto& one : modes) {
    const auto [least, most] = std::minmax_element(one.ratios.begin(), one.ratios.end());
    const double ratio = median(one.ratios), error = median_error(one.ratios);
    std::printf("%-44s %12.3f %12.0f %9.4f %8.4f .. %.4f %9.4f", one.name.c_str(), median(one.cpu), median(one.rates),
                ratio, *least, *most, error);
    if (one.most_cost > 0) {
      const double most_ratio = 1 + one.most_cost;
      const bool is_missed = ratio - 2 * error > most_ratio, is_shown = ratio + 2 * error <= most_ratio;
      std::printf("  target <= %.3f: %s", most_ratio,
                  is_missed  ? "missed"
                  : is_shown ? "met"
                             : "not decided, the error is too large: more rounds");
      is_met = is_met && !is_missed;
    }
    std::printf("\n");
  }
  std::printf("Ratios of CPU seconds an update to the first line of the same round: median, least and most, error "
              "of the median.\n");
  return is_met;
}

int run(const wanted& by) {
  http_sink collector;
  const udp_port dead; // its TCP port of the same number is bound and nobody listens there
  const auto dead_url = "otlp: \"http://127.0.0.1:" + std::to_string(dead.number()) + "\", ";
  const auto live_url = "otlp: \"" + collector.url() + "\", ";
  std::vector<mode> modes{{"off", "", 0, {}, {}, {}},
                          {"off once more: the error of the method", "service: again", 0.005, {}, {}, {}},
                          {"on, nothing sampled, dead collector", dead_url + "sample: 0", 0.005, {}, {}, {}},
                          {"1/1000, dead collector", dead_url + "sample: 1/1000", 0.02, {}, {}, {}},
                          {"1/1000, collector that answers", live_url + "sample: 1/1000", 0.02, {}, {}, {}}};
  reloading world{settings_with("service: first"),
                  {"--nasdaq-rate", std::to_string(by.rate), "--binance-rate", "2000", "--seed", "1"}};
  load::swarm clients{clients_of(world.whole().port(), by)};
  if (!eventually([&] { return clients.counts().subscribed == by.clients; }))
    throw std::runtime_error("not all clients are subscribed\n" + world.story());
  wait(2); // caches, and the books' first fill
  for (int round = 0; round < by.rounds; ++round) {
    play_round(world, clients, modes, round, by);
    std::printf("round %d of %d:", round + 1, by.rounds);
    for (const auto& one : modes) std::printf(" %.4f", one.ratios.back());
    std::printf("\n");
    std::fflush(stdout);
  }
  const bool is_met = print(modes);
  const auto seen = clients.counts();
  std::printf("collector: %llu requests, %llu bytes\n", static_cast<unsigned long long>(collector.requests()),
              static_cast<unsigned long long>(collector.bytes()));
  for (const auto& fault : seen.faults) std::printf("  %s\n", fault.c_str());
  if (collector.requests() == 0) throw std::runtime_error("no traces came to the collector\n" + world.story());
  return is_met && seen.disconnects.empty() && seen.errors.empty() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"tracing_bench: what traces cost the fan-out"};
  wanted by;
  app.add_option("--rounds", by.rounds)->check(CLI::Range(1, 1'000))->capture_default_str();
  app.add_option("--seconds", by.seconds, "of each stretch")->check(CLI::Range(0.1, 600.0))->capture_default_str();
  app.add_option("--clients", by.clients)->check(CLI::Range(1, 10'000))->capture_default_str();
  app.add_option("--rate", by.rate, "NASDAQ messages a second")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(by);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "tracing_bench: %s\n", fault.what());
    return 2;
  }
}
