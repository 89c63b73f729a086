// The composition root. `server` owns the loops and what they know; the node actor is the root of the tree of
// supervisors. Order of start: feed loops, venues, gateway; of stop: the reverse, then the loops.
#pragma once

#include "actors/feed_context.hpp"
#include "actors/gateway_sockets.hpp"
#include "actors/listener.hpp"
#include "actors/supervisor.hpp"
#include "actors/venue_adapter.hpp"
#include "runtime/config/options.hpp"
#include "runtime/plugin/registry.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::actors {

/// CAF's settings for the server: scheduler policy, this project's types. Call init_types() once before.
struct system_config : caf::actor_system_config {
  system_config();
};
void init_types();

class server {
public:
  /// Loads plugins and checks their settings. Throws config::config_fault or plugin::plugin_fault with every fault.
  /// `plugin_folders` are searched after those of the options.
  server(caf::actor_system& system, config::server_options options, std::vector<std::string> plugin_folders);
  ~server();
  server(const server&) = delete;

  /// Starts loops and actors. `on_end` is called once, on any thread, when the node has ended by itself.
  void start(std::function<void(const std::string& why)> on_end);
  /// Ordered stop: listeners, clients (each gets a close frame), venues, loops. False if it took longer than `budget`;
  /// the actors that still lived are logged then, and the process has to end at once.
  bool stop(std::chrono::milliseconds budget);

  const caf::actor& node() const { return node_; }
  const std::vector<std::unique_ptr<feed_context>>& feeds() const { return feeds_; }
  const std::vector<std::unique_ptr<gateway_context>>& gateways() const { return gateways_; }

private:
  struct placed_venue {
    std::shared_ptr<const venue_setup> setup;
    size_t feed = 0;
    venue_place* place = nullptr;
    bool required = false;
  };
  void make_loops();
  void make_venues(plugin::registry& plugins);
  void make_gateways(plugin::registry& plugins);
  readiness readiness_of(const gateway_context& gateway) const;
  supervision::policy policy() const;
  supervisor_options options_for(const std::string& name);
  child_spec feeds_spec();
  child_spec venues_spec();
  child_spec venue_spec(const placed_venue& venue);
  child_spec gateway_spec();

  caf::actor_system& system_;
  config::server_options options_;
  uint64_t started_ns_;
  // Destroyed in reverse: contexts and sockets before their loops.
  std::vector<std::unique_ptr<net_loop>> feed_loops_, network_loops_;
  std::vector<std::unique_ptr<feed_context>> feeds_;
  std::vector<std::unique_ptr<gateway_context>> gateways_;
  std::vector<std::unique_ptr<gateway_sockets>> sockets_;
  std::vector<placed_venue> venues_;
  std::vector<listener_routes> routes_;
  caf::actor node_;
  bool is_started_ = false, is_stopping_ = false;
};

} // namespace tickplant::actors
