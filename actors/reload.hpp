// One change from the configuration in force to another: everything that can fail is made first, then the loops and
// supervisors are told, step by step, and told back if a step fails. The configuration watcher's thread.
#pragma once

#include "actors/server.hpp"
#include "actors/transaction.hpp"

#include <caf/scoped_actor.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::actors {

class reload_work {
public:
  /// Both options outlive the work.
  reload_work(server& of, const config::server_options& before, const config::server_options& next,
              const config::reload_plan& plan);

  /// Makes all new parts; nothing that runs is touched. Throws config_fault, plugin_fault, std::system_error.
  void prepare();
  /// Throws what a step threw, with everything as it was.
  void apply();

private:
  void add_node_settings();
  void add_gateway_settings();
  void add_dialects();
  void add_compressions();
  void add_rules();
  void add_listeners();
  void add_venues();
  void add_venue_order(bool is_final);
  void add_consolidation();

  caf::strong_actor_ptr branch(const std::string& name);
  void stop_child(const std::string& of_branch, const std::string& id);
  void start_child(const std::string& of_branch, child_spec spec);
  placed_venue* find_venue(const std::string& shown);
  void start_venue(const config::venue_options& options);
  void restart_venue(const config::venue_options& options);
  void remove_venue(const std::string& shown);
  void set_rules(const std::string& listener, listener_rules_ptr rules);
  void start_listener(const config::listener_options& options, std::optional<net::listening_socket> socket);
  void recheck_logins();
  template <class Call>
  void on_gateways(Call call);

  server& server_;
  const config::server_options& before_;
  const config::server_options& next_;
  const config::reload_plan& plan_;
  caf::scoped_actor self_;
  transaction steps_;
  auth_policies auth_before_, auth_next_;
  gateway_settings_ptr settings_before_, settings_next_;
  std::map<std::string, listener_rules_ptr> rules_before_, rules_next_;                  // by listener
  std::map<std::string, std::shared_ptr<std::optional<net::listening_socket>>> sockets_; // bound, by listener
  std::vector<std::vector<std::unique_ptr<dialect_place>>> dialects_;                    // by gateway
  std::vector<std::vector<std::shared_ptr<compression_place>>> compressions_before_, compressions_next_;
  std::vector<std::string> changed_policies_;
};

} // namespace tickplant::actors
