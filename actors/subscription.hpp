// The actor of one option set of one client: its names, and the rows in the hub's tables that stand for them. The rows
// are lent to the hub while the actor lives.
#pragma once

#include "actors/gateway_context.hpp"
#include "actors/interfaces.hpp"
#include "actors/loop.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace tickplant::actors {

struct subscription_state {
  static inline const char* name = "tp.subscription";
  gateway_context* context = nullptr;
  fanout::client_key client;
  fanout::option_set options;
  std::shared_ptr<const policy::entitlement> rights;                             // null: everything
  std::map<std::string, std::optional<model::instrument_id>, std::less<>> names; // empty: not known yet
  ~subscription_state();
};

subscription_actor::behavior_type subscription(loop_pointer<subscription_actor, subscription_state> self,
                                               gateway_context* context, fanout::client_key client,
                                               fanout::option_set options, connection_actor owner,
                                               std::shared_ptr<const policy::entitlement> rights);

} // namespace tickplant::actors
