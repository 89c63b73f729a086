// The whole server: loads plugins, makes loops and what they know, starts the node, and stops in order.
#pragma once

#include "actors/gateway_sockets.hpp"
#include "actors/node.hpp"
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

/// CAF's settings for the server: scheduler policy. Call init_types() once before.
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

private:
  void make_loops();
  void make_venues(plugin::registry& plugins);
  void make_routes();
  void make_gateways(plugin::registry& plugins);
  void make_dialects(plugin::registry& plugins, gateway_context& gateway);
  void make_listeners();
  readiness readiness_of(const gateway_context& gateway) const;

  caf::actor_system& system_;
  config::server_options options_;
  node_setup setup_;
  // Destroyed in reverse: sockets and contexts before their loops.
  std::vector<std::unique_ptr<net_loop>> feed_loops_, network_loops_;
  std::vector<std::unique_ptr<feed_context>> feeds_;
  std::vector<std::unique_ptr<gateway_context>> gateways_;
  std::vector<std::unique_ptr<gateway_sockets>> sockets_;
  std::vector<listener_routes> routes_;
  caf::actor node_;
  bool is_started_ = false, is_stopping_ = false;
};

} // namespace tickplant::actors
