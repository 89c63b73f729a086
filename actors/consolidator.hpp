// The actor that keeps consolidation going: joins every feed loop, follows what their venues define, and takes what
// legs on other loops show. Lives on consolidation's home loop; its knowledge is the context's, so that a successor
// goes on where it ended.
#pragma once

#include "actors/consolidation_context.hpp"
#include "actors/loop.hpp"

namespace tickplant::actors {

struct consolidator_state {
  static inline const char* name = "tp.consolidator";
  consolidation_context* context = nullptr;
  ~consolidator_state() {
    if (context) context->stopped();
  }
};

consolidator_actor::behavior_type consolidator(loop_pointer<consolidator_actor, consolidator_state> self,
                                               consolidation_context* context, uint32_t feed_count);

} // namespace tickplant::actors
