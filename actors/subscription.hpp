// The actor of one option set of one client: the rows in the hub's tables that have these options. The rows outlive the
// actor: a successor finds them where they are, and its client misses nothing.
#pragma once

#include "actors/gateway_context.hpp"
#include "actors/interfaces.hpp"
#include "actors/loop.hpp"

#include <vector>

namespace tickplant::actors {

struct subscription_state {
  static inline const char* name = "tp.subscription";
  struct row {
    model::instrument_id id{};
    bool is_paused = false;
  };
  gateway_context* context = nullptr;
  fanout::client_key client;
  fanout::options_ptr options;
  std::vector<row> rows; // by id
};

subscription_actor::behavior_type subscription(loop_pointer<subscription_actor, subscription_state> self,
                                               gateway_context* context, fanout::client_key client,
                                               fanout::options_ptr options);

} // namespace tickplant::actors
