// What the gateway goes by, as values that a reload replaces as a whole: the rules of one listener, and the settings
// that all sessions share. Immutable once handed over; any thread reads them.
#pragma once

#include "runtime/fanout/session.hpp"
#include "runtime/net/client/client_set.hpp"
#include "runtime/net/client/static_files.hpp"
#include "runtime/plugin/auth_host.hpp"
#include "runtime/policy/entitlement.hpp"
#include "runtime/policy/origin.hpp"
#include "runtime/support/rate_bucket.hpp"

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

/// How much clients of one dialect may say (protocol.md, row 13).
struct client_rates {
  support::rate_rule messages{50, 100, 1'000'000'000};
  support::rate_rule requests{100, 100, 60'000'000'000};
  support::rate_rule warnings{10, 10, 60'000'000'000}; // off: nobody is closed
};

/// When clients are told to come back, if the server sends them away.
struct return_times {
  uint32_t after_ms = 1'000, spread_ms = 4'000;
};

/// What sessions of all listeners share.
struct gateway_settings {
  fanout::session_limits session;
  policy::tier_table tiers;
  std::chrono::milliseconds auth_deadline{10'000};
  std::chrono::nanoseconds window{0}; // of unconflated updates
  fanout::hub_limits lines;           // what is kept of them
  std::vector<std::string> required;  // venues without which the gateway is not ready
  net::client_options clients;
  std::map<std::string, client_rates, std::less<>> rates; // of dialects that have their own
  std::chrono::milliseconds idle{0};                      // 0: nobody is closed for saying nothing
  return_times come_back;

  const client_rates& rates_of(std::string_view dialect) const {
    static const client_rates standard;
    const auto found = rates.find(dialect);
    return found == rates.end() ? standard : found->second;
  }
};
using gateway_settings_ptr = std::shared_ptr<const gateway_settings>;

} // namespace tickplant::actors
