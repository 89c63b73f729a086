// The root of the actor tree: which supervisor has which children, in which order. Start: feed loops, venues, gateway;
// stop: the reverse. Works over the contexts of loops, whatever kind of loops they are.
#pragma once

#include "actors/consolidation_context.hpp"
#include "actors/feed_context.hpp"
#include "actors/gateway_context.hpp"
#include "actors/supervisor.hpp"
#include "actors/venue_adapter.hpp"
#include "runtime/telemetry/tracer.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <string>
#include <vector>

namespace tickplant::actors {

/// A venue with its place on a feed loop.
struct placed_venue {
  std::shared_ptr<const venue_setup> setup;
  feed_context* feed = nullptr;
  venue_place* place = nullptr;
};

/// What the tree is made of. Contexts outlive the node.
struct node_setup {
  std::vector<feed_context*> feeds;
  std::vector<placed_venue> venues;
  consolidation_context* consolidation = nullptr; // null: none
  std::vector<gateway_context*> gateways;
  std::vector<child_spec> listeners;
  std::vector<child_spec> services; // started last, stopped first: what changes the rest
  std::vector<child_spec> views;    // started first, stopped last: what shows it, also while it comes and goes
  supervision::policy policy;       // of every supervisor but the root, which restarts nothing
  uint64_t seed = 1;
  telemetry::tracer* tracer = nullptr; // gets a span per restart; null: none
};

/// The child of the supervisor of venues that stands for one venue; under the venue's name.
child_spec venue_child(const node_setup& setup, const placed_venue& venue);

/// Starts the tree. The node ends with an error when a part of it could not be kept alive.
caf::actor start_node(caf::actor_system& system, const node_setup& setup);

} // namespace tickplant::actors
