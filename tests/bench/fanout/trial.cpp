#include "trial.hpp"

#include "server_process.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include <unistd.h>

namespace tickplant::bench {

namespace {

using clock_type = std::chrono::steady_clock;
constexpr double start_seconds = 20;
constexpr int server_core = 0;

void wait(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>{seconds});
}

double since(clock_type::time_point begin) {
  return std::chrono::duration<double>(clock_type::now() - begin).count();
}

template <class Map>
uint64_t sum(const Map& counts) {
  uint64_t all = 0;
  for (const auto& [key, count] : counts) all += count;
  return all;
}

std::string first_fault(const load::swarm_counts& counts) {
  return counts.faults.empty() ? std::string{} : ": " + counts.faults.front();
}

void wait_until_subscribed(const load::swarm& clients, size_t wanted, double patience) {
  const auto begin = clock_type::now();
  for (;;) {
    const auto counts = clients.counts();
    if (counts.subscribed == wanted) return;
    if (since(begin) > patience || !counts.failed_handshakes.empty() || !counts.disconnects.empty())
      throw std::runtime_error(std::to_string(counts.subscribed) + " of " + std::to_string(wanted) +
                               " clients came to subscribe" + first_fault(counts));
    wait(0.05);
  }
}

load::process_figures figures(pid_t server) {
  const auto now = load::figures_of(server);
  if (!now) throw std::runtime_error("the server is gone");
  return *now;
}

double expected_updates(const trial_options& options, double seconds) {
  const auto& clients = options.clients;
  const size_t each = clients.symbols_each == 0 ? clients.symbols.size() : clients.symbols_each;
  return options.market.hz * seconds * static_cast<double>(each * (clients.clients - clients.silent));
}

void measure(server_process& server, const trial_options& options, uint16_t port, trial_result& to) {
  auto clients_options = options.clients;
  clients_options.port = port;
  to.memory_before_kib = figures(server.pid()).memory_kib;
  load::swarm clients{clients_options};
  wait_until_subscribed(clients, options.clients.clients, options.patience);
  wait(options.settle);
  const auto before = clients.counts();
  const uint64_t sends = clients.sends();
  clients.begin_measuring();
  const auto used = figures(server.pid());
  const auto begin = clock_type::now();
  std::unique_ptr<load::swarm> storm;
  if (options.storm) {
    auto storm_options = *options.storm;
    storm_options.port = port;
    storm = std::make_unique<load::swarm>(storm_options);
  }
  wait(options.seconds);
  const auto after = clients.counts();
  to.sends = clients.sends() - sends;
  to.seconds = since(begin);
  const auto now = figures(server.pid());
  to.cpu_seconds = now.cpu_seconds - used.cpu_seconds;
  to.memory_kib = now.memory_kib;
  to.updates = after.updates - before.updates;
  if (options.counts_changes) to.updates += after.changes - before.changes;
  to.bytes = after.bytes - before.bytes;
  to.messages = after.messages - before.messages;
  to.delivered = static_cast<double>(to.updates) / expected_updates(options, to.seconds);
  uint64_t in_order = after.ordered - before.ordered, out_of_order = after.missed - before.missed;
  if (options.counts_changes) {
    in_order += after.changes - before.changes;
    out_of_order += after.holes - before.holes;
  }
  const auto ordered = static_cast<double>(in_order), missed = static_cast<double>(out_of_order);
  to.in_sequence = ordered + missed == 0 ? 0 : ordered / (ordered + missed);
  const auto ms = [&](double part) { return static_cast<double>(after.latency.percentile(part)) / 1e3; };
  to.p50_ms = ms(0.5);
  to.p90_ms = ms(0.9);
  to.p99_ms = ms(0.99);
  to.p999_ms = ms(0.999);
  to.longest_stall_ms = static_cast<double>(after.longest_stall_us) / 1e3;
  to.connected = after.open;
  to.disconnected = sum(after.disconnects);
  to.refused = sum(after.failed_handshakes);
  if (storm) {
    // Those who came last may still shake hands.
    const auto late = clock_type::now();
    load::swarm_counts came;
    while ((came = storm->counts()).subscribed < options.storm->clients && since(late) < 5 &&
           came.failed_handshakes.empty())
      wait(0.05);
    to.storm_connected = came.subscribed;
    to.refused += sum(came.failed_handshakes);
  }
  if (!after.is_clean()) to.fault = "clients saw what should not be" + first_fault(after);
}

} // namespace

trial_result run_trial(const contestant& who, const places& at, const trial_options& options) {
  trial_result result;
  try {
    const uint16_t port = free_port();
    const auto log = "/tmp/tickplant_fanout_" + std::to_string(::getpid()) + ".log";
    server_process server{command_of(who, at, options.market, port), server_core, log};
    server.wait_until_it_accepts(port, start_seconds);
    wait(0.3); // first snapshots, compiled code
    measure(server, options, port, result);
    if (!server.is_running()) result.fault = "the server ended";
    ::unlink(log.c_str());
  } catch (const std::exception& fault) {
    result.fault = fault.what();
  }
  return result;
}

} // namespace tickplant::bench
