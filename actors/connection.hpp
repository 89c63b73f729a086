// The actor of one client: its session and its socket's record. Supervises the client's subscriptions: one child per
// option set, started anew from its own spec when it dies.
#pragma once

#include "actors/gateway_context.hpp"
#include "actors/interfaces.hpp"
#include "actors/loop.hpp"
#include "runtime/fanout/session.hpp"
#include "runtime/supervision/policy.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::actors {

/// Rows by instrument, and whether each is paused: eight bytes each, as there is one for each symbol of each client.
class kept_rows {
public:
  struct row {
    model::instrument_id id{};
    bool is_paused = false;
  };
  bool& operator[](model::instrument_id id) {
    const auto at = place_of(id);
    return (at != rows_.end() && at->id == id ? at : rows_.insert(at, row{id, false}))->is_paused;
  }
  void erase(model::instrument_id id) {
    if (const auto at = place_of(id); at != rows_.end() && at->id == id) rows_.erase(at);
  }
  bool empty() const { return rows_.empty(); }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

private:
  std::vector<row>::iterator place_of(model::instrument_id id) {
    return std::lower_bound(rows_.begin(), rows_.end(), id, [](const row& one, auto wanted) {
      return model::index_of(one.id) < model::index_of(wanted);
    });
  }
  std::vector<row> rows_; // by id
};

/// The child record of one subscription.
struct subscription_child {
  subscription_actor actor; // null: waits for its restart
  kept_rows rows;           // what it is started anew with
  uint64_t restarts = 0;
};

struct connection_state {
  static inline const char* name = "tp.connection";
  gateway_context* context = nullptr;
  fanout::client_key client;
  client_opening opening;
  std::optional<fanout::session> session;
  uint64_t login_number = 0;   // of the check whose answer is awaited
  uint64_t login_until_ns = 0; // monotonic; 0: no login is awaited
  uint64_t next_beat_ns = 0;   // monotonic; 0: the client has not said HELLO
  bool was_warned = false;     // that the principal's time ends
  std::map<fanout::option_set, subscription_child> subscriptions;
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
