// The whole server: makes loops and what they know, starts the node, takes over new configurations while it runs, and
// stops in order. Decisions about a new configuration: runtime/config/plan.hpp; its parts: assembly.hpp.
#pragma once

#include "actors/admin.hpp"
#include "actors/assembly.hpp"
#include "actors/config_watcher.hpp"
#include "actors/gateway_sockets.hpp"
#include "actors/listener.hpp"
#include "actors/node.hpp"
#include "actors/readiness.hpp"
#include "actors/tracing.hpp"
#include "runtime/config/plan.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/telemetry/tracer.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tickplant::actors {

/// CAF's settings for the server: scheduler policy. Call init_types() once before.
struct system_config : caf::actor_system_config {
  system_config();
};
void init_types();

/// Names in CAF's registry.
inline constexpr const char* node_name = "tp.node";
inline constexpr const char* admin_name = "tp.admin";

telemetry::tracer_options tracing_of(const config::server_options& options);
telemetry::log_options logging_of(const config::server_options& options);

class server final : public reloadable {
public:
  /// Loads plugins, reads keys and certificates, and checks everything that can be checked without a socket. Throws
  /// config::config_fault or plugin::plugin_fault with every fault. `plugin_folders` are searched after those of the
  /// options; `request` is how a later configuration is read.
  server(caf::actor_system& system, config::load_request request, config::server_options options,
         std::vector<std::string> plugin_folders);
  ~server() override;
  server(const server&) = delete;

  /// Binds the ports, starts loops and actors. Throws std::system_error for a port that cannot be had. `on_end` is
  /// called once, on any thread, when the node has ended by itself.
  void start(std::function<void(const std::string& why)> on_end);
  /// Ordered stop: listeners, clients (each gets a close frame), venues, loops. False if it took longer than `budget`;
  /// the actors that still lived are logged then, and the process has to end at once.
  bool stop(std::chrono::milliseconds budget);

  /// Asks for a reload, as SIGHUP does. Any thread.
  void ask_reload(const std::string& cause);
  /// No new clients from now on; those that are here are told and closed. Any thread.
  void drain();
  bool is_draining() const { return is_draining_.load(); }

  // The configuration watcher's thread.
  reload_report reload(bool dry_run) override;
  reload_report rollback() override;
  std::vector<std::string> watched_files() override;

  /// A copy of what is in force. Any thread.
  config::server_options options() const;
  /// Everything loaded so far. Any thread.
  std::vector<plugin::plugin_info> plugins() const;
  reload_history history() const;

private:
  friend class reload_work;

  reload_report change_to(config::server_options next, bool dry_run);
  void trace_reload(reload_report& report, uint64_t started_ns);

  void make_loops();
  void make_venues();
  void make_consolidation();
  void make_gateways();
  void make_listeners();
  void make_admin();
  admin_services services();
  void keep_ready_board(size_t number);
  admin::health_view health() const;
  admin::config_view config_now() const;
  std::string set_log_level(const std::string& component, const std::string& level);
  void add_metrics(telemetry::metrics_text& text) const;
  static void describe(const gateway_context& gateway, fanout::client_key key, admin::client_row& row);
  listener_setup listener_of(const config::listener_options& options, net::listening_socket socket);
  uint32_t number_of(const std::string& listener);
  std::vector<network_place> network_places();
  uint32_t feed_count() const { return static_cast<uint32_t>(feed_homes_.size()); }
  readiness readiness_of(gateway_context& gateway) const;

  caf::actor_system& system_;
  const config::load_request request_;
  mutable std::mutex options_lock_; // options_, previous_ and plugins_; held for copies only
  config::server_options options_, previous_;
  std::vector<plugin::plugin_info> plugins_; // a copy for those who ask; the registry is the watcher's alone
  bool has_previous_ = false;
  std::unique_ptr<telemetry::tracer> tracer_;
  assembly assembly_;
  auth_policies auth_;
  node_setup setup_;
  policy::principal_table principals_;
  std::vector<std::string> listener_names_; // by number; a name keeps its number for the life of the process
  std::vector<listener_rules_ptr> rules_;   // by the same number; null: gone
  // Destroyed in reverse: sockets and contexts before their loops, the admin loop last, as all post to it.
  std::unique_ptr<net_loop> admin_loop_;
  std::vector<std::unique_ptr<net_loop>> feed_loops_, network_loops_;
  std::vector<net_loop*> feed_homes_; // by feed: its own loop, or the first network loop
  std::vector<std::unique_ptr<feed_context>> feeds_;
  std::unique_ptr<consolidation_context> consolidation_; // null: switched off
  std::vector<std::unique_ptr<gateway_context>> gateways_;
  std::vector<std::unique_ptr<gateway_sockets>> sockets_;
  std::unique_ptr<policy::auth_desk> desk_;
  std::unique_ptr<readiness_board> board_;
  uint64_t refreshes_ = 0; // of the first loop's entry; that loop's thread
  std::shared_ptr<reload_record> history_;
  caf::actor node_;
  std::atomic<bool> is_draining_{false}, is_stopping_{false};
  bool is_started_ = false;
};

} // namespace tickplant::actors
