// What a loop looks like from the outside: functions that read its plain objects (contexts, tables, sockets, counters).
// They are made by anybody and run on the loop's thread; the admin actor posts them there. Contexts and sockets outlive
// their use: loops are stopped first.
#pragma once

#include "actors/feed_context.hpp"
#include "actors/gateway_context.hpp"
#include "runtime/admin/views.hpp"
#include "runtime/net/client/client_set.hpp"
#include "runtime/telemetry/histogram.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::actors {

struct network_counts {
  net::client_counters sockets;
  fanout::hub_counters hub;
  uint64_t hub_clients = 0, outbox_bytes = 0;
  /// Refused by the gateway, by reason. Filled by whoever knows the gateway's sockets.
  std::vector<std::pair<std::string_view, uint64_t>> refused;
  telemetry::histogram to_hub; // from a unit's arrival to the hub
};

struct feed_counts {
  uint64_t books = 0, lost_books = 0, batches = 0, publications = 0; // lost: instruments whose book is down
  uint64_t prints = 0, lost_prints = 0;                              // put on tapes; lost: each hub counted
  telemetry::histogram to_book;                      // from a unit's arrival to the publication of what it changed
  std::optional<consolidation_counts> consolidation; // of its home
};

/// One network loop.
struct network_view {
  std::string name; // "net-0"
  actor_loop* loop = nullptr;
  std::function<admin::client_list(bool only_slow, uint32_t limit)> clients;
  /// The instrument that a client's name stands for; empty if there is none.
  std::function<std::vector<admin::subscription_row>(const std::string& symbol)> subscriptions;
  std::function<network_counts()> counts;
};

/// One feed loop.
struct feed_view {
  std::string name; // "feed-0"
  actor_loop* loop = nullptr;
  std::function<feed_counts()> counts;
};

/// Adds what sockets do not know of a client: session, subject, tier, dialect. May be empty.
using describe_client = std::function<void(fanout::client_key, admin::client_row&)>;

/// The name of a listener by its number.
using name_of_listener = std::function<std::string(uint32_t)>;

/// `sockets` may be null where there are none (tests).
network_view view_of(gateway_context& gateway, const net::client_set* sockets, name_of_listener listener,
                     describe_client describe = {});
feed_view view_of(feed_context& feed);

} // namespace tickplant::actors
