// The server's figures as Prometheus text. The parts count in plain structs on their own loops; the admin actor gathers
// copies at a scrape, and this prints them, with CAF's own registry behind. Labels are names of the configuration,
// loops and fixed words: never a client's.
#pragma once

#include "actors/loop_views.hpp"
#include "runtime/admin/views.hpp"
#include "runtime/telemetry/metrics.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::actors {

struct loop_figures {
  uint64_t turns = 0, resumes = 0, wakes = 0, cut_turns = 0;
};

struct child_figures {
  uint64_t children = 0, restarts = 0;
};

/// What was gathered for one scrape; whoever did not answer in time is not in it.
struct figures {
  std::map<std::string, loop_figures> loops;
  std::map<std::string, feed_counts> feeds;
  std::map<std::string, network_counts> networks;
  std::vector<admin::venue_row> venues;
  std::map<std::string, child_figures> children; // by kind of child: adapter, books, hub
  admin::reload_row reload;
  std::optional<bool> is_ready; // absent: nobody knows
};

/// Counters of a loop; any thread.
loop_figures figures_of(const actor_loop& loop);
void add_figures(telemetry::metrics_text& text, const figures& seen);
/// Lines of the log.
void add_log(telemetry::metrics_text& text);
/// Everything of CAF's registry, in the same format.
std::string caf_metrics(const caf::actor_system& system);

} // namespace tickplant::actors
