// What goes wrong with a service that clients ask: refusals, slow answers, connections cut in mid-message, old
// pictures. Pure and seeded: the same requests in the same order meet the same faults.
#pragma once

#include "tickplant_sim/random_source.hpp"
#include "tickplant_sim/run_state.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tickplant::sim {

struct service_fault_rates {
  double refuse = 0; // per request
  double cut = 0;    // per message of a TCP connection
  double stale = 0;  // per snapshot
  /// Mean time before an answer; each waits half to one and a half of it.
  std::chrono::milliseconds delay{0};
};

struct service_fault_counts {
  std::uint64_t refused = 0;
  std::uint64_t delayed = 0;
  std::uint64_t cut = 0;
  std::uint64_t stale = 0;
};

/// Decides; the service acts in its own protocol.
class service_faults {
public:
  service_faults(const service_fault_rates& rates, std::uint64_t seed, const run_state& state = always_running)
    : rates_{rates}, random_{seed}, state_{&state} {}

  /// True when this request shall be refused: in the protocol's words, by silence, or by closing.
  bool refuses() { return happens(rates_.refuse, counts_.refused); }
  /// True when this snapshot shall be an old one.
  bool gives_stale() { return happens(rates_.stale, counts_.stale); }

  /// How long this answer waits.
  std::chrono::milliseconds delay() {
    const double factor = 0.5 + random_.unit();
    if (!state_->faults_active() || rates_.delay.count() <= 0) return std::chrono::milliseconds{0};
    ++counts_.delayed;
    return std::chrono::milliseconds{static_cast<std::int64_t>(static_cast<double>(rates_.delay.count()) * factor)};
  }

  /// When the connection shall be cut inside this message: how many of its bytes still leave, at least 1 and not all.
  std::optional<std::size_t> cut(std::size_t message_bytes) {
    const auto kept = 1 + random_.below(message_bytes > 1 ? static_cast<std::uint32_t>(message_bytes - 1) : 0);
    if (message_bytes < 2 || !happens(rates_.cut, counts_.cut)) return std::nullopt;
    return kept;
  }

  const service_fault_counts& counts() const noexcept { return counts_; }

private:
  bool happens(double rate, std::uint64_t& count) {
    if (!random_.chance(rate) || !state_->faults_active()) return false;
    ++count;
    return true;
  }

  service_fault_rates rates_;
  random_source random_;
  const run_state* state_;
  service_fault_counts counts_;
};

} // namespace tickplant::sim
