// All faults of one run as the command line gives them, for every exchange alike, and the mixes called storms.
#pragma once

#include "tickplant_sim/channel_faults.hpp"
#include "tickplant_sim/faults.hpp"
#include "tickplant_sim/service_faults.hpp"

namespace tickplant::sim {

/// Faults of message streams over TCP or WebSocket that have no packets to lose.
struct stream_fault_rates {
  double gap = 0;       // per message: left out
  double malformed = 0; // per message: an unreadable one goes out as well
};

struct fault_rates {
  line_fault_rates line_a;
  line_fault_rates line_b;
  channel_fault_rates channel;
  service_fault_rates service; // recovery and snapshot services, TCP carriers
  stream_fault_rates stream;
};

/// The mix of `--storm LEVEL`, `level` from 0 (nothing) to 1 (wild). At 1: loss 2 % on both lines, duplicates 1 %,
/// reordering 1 %, truncation 0.3 %, unknown messages 0.5 % of packets, line B 15 ms late, a silent line every 40 s for
/// 1.5 s, a reset every 90 s, recovery refused for 10 % of requests and 40 ms slow, 1 % of TCP messages cut, 10 % of
/// snapshots stale, 0.5 % of stream messages left out and 0.5 % malformed. Rates scale with the level; a reset comes
/// at 90 s / level.
fault_rates storm(double level);

} // namespace tickplant::sim
