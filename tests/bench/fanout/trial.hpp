// One measurement: a server started for it, clients that connect and subscribe, a settling time, the measured time.
#pragma once

#include "contestant.hpp"
#include "swarm/process_figures.hpp"
#include "swarm/swarm.hpp"

#include <memory>
#include <optional>
#include <string>

namespace tickplant::bench {

struct trial_options {
  peer::market_options market;
  load::swarm_options clients;
  double settle = 1, seconds = 3, patience = 60;
  bool counts_changes = false;              ///< entries of TRADE and BOOK_DELTA count as updates too
  std::optional<load::swarm_options> storm; ///< more clients, who come while the others are measured
};

struct trial_result {
  std::string fault; ///< empty: the figures hold
  double seconds = 0, cpu_seconds = 0;
  uint64_t updates = 0, bytes = 0, messages = 0, sends = 0;
  double delivered = 0;   ///< part of what the market made, by the clock
  double in_sequence = 0; ///< part of the values that streams numbered; 1: none passed over
  double p50_ms = 0, p90_ms = 0, p99_ms = 0, p999_ms = 0; ///< 0 where messages carry no `sentUs`
  double longest_stall_ms = 0;
  uint64_t memory_before_kib = 0, memory_kib = 0;
  uint64_t connected = 0, refused = 0, disconnected = 0, storm_connected = 0;

  double cpu_us() const { return updates == 0 ? 0 : cpu_seconds * 1e6 / static_cast<double>(updates); }
  double rate() const { return seconds == 0 ? 0 : static_cast<double>(updates) / seconds; }
  double bytes_each() const { return updates == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(updates); }
};

/// Never throws: what goes wrong is told in `fault`.
trial_result run_trial(const contestant& who, const places& at, const trial_options& options);

} // namespace tickplant::bench
