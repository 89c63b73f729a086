// The actor of one network loop's fan-out: owns the subscription tables and lends them to the loop.
#pragma once

#include "actors/gateway_context.hpp"
#include "actors/interfaces.hpp"
#include "actors/lending.hpp"
#include "actors/loop.hpp"

#include <optional>
#include <string>

namespace tickplant::actors {

struct hub_state {
  static inline const char* name = "tp.hub";
  gateway_context* context = nullptr;
  std::optional<lent<fanout::hub_core>> core;
  ~hub_state() {
    if (context && core) context->hub_ends(core->get());
  }
};

/// The name under which a feed loop's mailbox is found in CAF's registry.
std::string feed_registry_name(uint32_t number);

hub_actor::behavior_type hub(loop_pointer<hub_actor, hub_state> self, gateway_context* context);

} // namespace tickplant::actors
