// What goes wrong with a numbered channel itself, on all its lines alike: messages of unknown types, restarts. Pure.
#pragma once

#include "tickplant_sim/faults.hpp"

namespace tickplant::sim {

struct channel_fault_rates {
  /// Probability per packet that it also carries a message of a type that no document has.
  double unknown = 0;
  /// Time between sequence resets or session changes; 0: never.
  std::chrono::milliseconds reset_every{0};
};

struct channel_fault_counts {
  std::uint64_t unknown = 0;
  std::uint64_t resets = 0;
};

/// Decides; the exchange writes the message or restarts its session.
class channel_faults {
public:
  channel_faults(const channel_fault_rates& rates, std::uint64_t seed, const run_state& state = always_running)
    : rates_{rates}, random_{seed}, state_{&state} {}

  /// True when this packet shall carry an unknown message too.
  bool adds_unknown() {
    if (!state_->faults_active() || !random_.chance(rates_.unknown)) return false;
    ++counts_.unknown;
    return true;
  }

  /// True when the channel shall restart now. The first call starts the clock.
  bool resets(steady_time now) {
    if (rates_.reset_every.count() <= 0) return false;
    if (next_reset_ == steady_time{}) next_reset_ = now + rates_.reset_every;
    if (now < next_reset_ || !state_->faults_active()) return false;
    next_reset_ = now + rates_.reset_every;
    ++counts_.resets;
    return true;
  }

  /// For the content of unknown messages.
  random_source& random() noexcept { return random_; }
  const channel_fault_counts& counts() const noexcept { return counts_; }

private:
  channel_fault_rates rates_;
  random_source random_;
  const run_state* state_;
  steady_time next_reset_{};
  channel_fault_counts counts_;
};

} // namespace tickplant::sim
