// What the operator of a run has said to all exchanges at once, through the control port.
#pragma once

namespace tickplant::sim {

/// Owned by the simulator, read by everything; changed on the loop only.
struct run_state {
  /// No order flow. Heartbeats, recovery and what is already numbered go on.
  bool frozen = false;
  bool faults_on = true;

  /// A frozen run is free of faults, so that every gap can be recovered.
  bool faults_active() const noexcept { return faults_on && !frozen; }
};

/// For parts that are used alone.
inline constexpr run_state always_running{};

} // namespace tickplant::sim
