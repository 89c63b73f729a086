// What the gateway goes by, as values that a reload replaces as a whole: the rules of one listener, and the settings
// that all sessions share. Immutable once handed over; any thread reads them.
#pragma once

#include "runtime/fanout/session.hpp"
#include "runtime/net/client/client_set.hpp"
#include "runtime/net/client/static_files.hpp"
#include "runtime/plugin/auth_host.hpp"
#include "runtime/policy/entitlement.hpp"
#include "runtime/policy/origin.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::actors {

/// One login policy at work: a name of the configuration with an instance of its plugin.
struct auth_policy {
  std::string name;
  std::shared_ptr<plugin::auth_host> host;
};

/// What one listener serves and whom it lets in.
struct listener_rules {
  std::string name;
  std::map<std::string, std::string, std::less<>> dialects; // by path
  std::shared_ptr<const net::static_files> page;            // null: none
  std::shared_ptr<const auth_policy> auth;
  std::string compression; // a policy's name; empty: none
  policy::origin_list origins;
  bool takes_query_token = false, serves_metrics = false, has_stamps = false;
  net::listener_settings sockets;
};
using listener_rules_ptr = std::shared_ptr<const listener_rules>;

/// What sessions of all listeners share.
struct gateway_settings {
  fanout::session_limits session;
  policy::tier_table tiers;
  std::chrono::milliseconds auth_deadline{10'000};
  std::chrono::nanoseconds window{0}; // of unconflated updates
  fanout::hub_limits lines;           // what is kept of them
  std::vector<std::string> required; // venues without which the gateway is not ready
  net::client_options clients;
};
using gateway_settings_ptr = std::shared_ptr<const gateway_settings>;

} // namespace tickplant::actors
