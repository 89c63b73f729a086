// The actor of one client: its session and its socket's record. Supervises the client's subscriptions: one child per
// option set, started anew from its own spec when it dies.
#pragma once

#include "actors/gateway_context.hpp"
#include "actors/interfaces.hpp"
#include "actors/loop.hpp"
#include "runtime/fanout/session.hpp"
#include "runtime/supervision/policy.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::actors {

/// The child record of one subscription; which rows it is started anew with, the session knows.
struct subscription_child {
  fanout::options_ptr options;
  subscription_actor actor; // null: waits for its restart
  uint64_t restarts = 0;
};

struct connection_state {
  static inline const char* name = "tp.connection";
  gateway_context* context = nullptr;
  fanout::client_key client;
  dialect_place* dialect = nullptr;
  listener_rules_ptr rules; // by which it came
  std::string peer, host;
  std::shared_ptr<compression_place> compression; // null: none agreed
  uint32_t compression_group = 0;
  std::optional<fanout::session> session;
  uint64_t login_number = 0;                     // of the check whose answer is awaited
  uint64_t login_until_ns = 0;                   // monotonic; 0: no login is awaited
  uint64_t next_beat_ns = 0;                     // monotonic; 0: the client has not said HELLO
  bool was_warned = false;                       // that the principal's time ends
  std::vector<client_message> put_off;           // until the client has taken the answers that wait for it
  std::vector<subscription_child> subscriptions; // by options
  supervision::history deaths;
  bool is_closing = false;
  ~connection_state();
};

connection_actor::behavior_type connection(loop_pointer<connection_actor, connection_state> self,
                                           gateway_context* context, fanout::client_key client, client_opening opening,
                                           std::string session_id);

/// Supervises the connections of one loop: temporary children, as a client that is gone has to come back by itself.
/// Messages: (adopt, handle), (children) -> rows, (status) -> how many there are. On exit it says goodbye to all first.
struct connections_state {
  static inline const char* name = "tp.connections";
  std::unordered_map<caf::actor_id, caf::strong_actor_ptr> children;
  gateway_context* context = nullptr;
  std::optional<caf::error> quitting;
  ~connections_state();
};

caf::behavior connections(untyped_loop_pointer<connections_state> self, gateway_context* context);

} // namespace tickplant::actors
