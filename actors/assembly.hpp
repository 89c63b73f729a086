// Makes the parts of a server from its options: venues, login and compression policies, rules of listeners, settings.
// All that can fail fails here, before anything that runs is touched; every fault comes with its place in the file. One
// thread at a time, never a loop's: plugins, files and certificates are read.
#pragma once

#include "actors/gateway_context.hpp"
#include "actors/venue_adapter.hpp"
#include "runtime/capture/disk.hpp"
#include "runtime/config/loader.hpp"
#include "runtime/config/options.hpp"
#include "runtime/consolidation/rules.hpp"
#include "runtime/net/event_loop.hpp"
#include "runtime/plugin/registry.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::actors {

using auth_policies = std::map<std::string, std::shared_ptr<const auth_policy>, std::less<>>;

class assembly {
public:
  /// `plugin_folders` are searched for plugins.
  explicit assembly(std::vector<std::string> plugin_folders) : plugins_(std::move(plugin_folders)) {}

  /// What the venues' plugins say to their settings. Throws config_fault with all faults.
  void check_venues(const std::vector<config::venue_options>& venues);
  /// How one venue is started on the feed loop with these events. Throws plugin_fault.
  std::shared_ptr<const venue_setup> venue(const config::venue_options& options, net::event_loop* events);

  /// Instances of every login policy that a listener names. One of `now` is kept where neither its settings nor its
  /// files have changed. Throws config_fault, plugin_fault.
  auth_policies auth(const config::server_options& options, const config::server_options* before,
                     const auth_policies& now);
  /// One instance of every compression policy that a listener names, for one loop. Throws config_fault, plugin_fault.
  std::vector<std::shared_ptr<compression_place>> compressions(const config::server_options& options);
  /// An instance of every dialect that a listener names and that `context` does not have. Throws plugin_fault.
  std::vector<std::unique_ptr<dialect_place>> dialects(const config::server_options& options,
                                                       const gateway_context* context);
  /// Reads certificates and pages. Throws config_fault.
  listener_rules_ptr rules(const config::listener_options& listener, const auth_policies& policies);
  /// Throws config_fault.
  gateway_settings_ptr settings(const config::server_options& options) const;

  /// What consolidation goes by. `options` have been checked.
  static consolidation::rules consolidation_rules(const config::server_options& options);

  /// Files besides the configuration's own whose change means a reload: keys, certificates.
  static std::vector<std::string> watched(const config::server_options& options, const auth_policies& policies);
  const plugin::registry& plugins() const { return plugins_; }

private:
  plugin::registry plugins_;
  std::shared_ptr<capture::disk> disk_;                             // once a venue is recorded
  std::map<std::string, std::shared_ptr<net::address_gate>> gates_; // of listeners, by name; they outlive reloads
};

/// The configured policy of that name, else the plugin of that name without settings.
config::policy_options policy_of(const std::vector<config::policy_options>& configured, const std::string& name,
                                 const config::place& where);

/// A log function for what a plugin says.
plugin::log_function log_as(std::string component);
/// A venue's name as shown.
std::string shown_name(std::string configured);

} // namespace tickplant::actors
