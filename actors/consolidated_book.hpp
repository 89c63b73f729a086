// The actor of one consolidated instrument: owns its core and lends it to its loop, which brings what the legs show.
#pragma once

#include "actors/consolidation_context.hpp"
#include "actors/interfaces.hpp"
#include "actors/lending.hpp"
#include "actors/loop.hpp"

#include <optional>

namespace tickplant::actors {

struct consolidated_book_state {
  static inline const char* name = "tp.consolidated_book";
  std::optional<lent<consolidation::consolidated_book>> core;
};

/// Ends at once if the instrument is no longer consolidated. A successor starts in a new epoch.
consolidated_book_actor::behavior_type
consolidated_book(loop_pointer<consolidated_book_actor, consolidated_book_state> self, consolidation_context* context,
                  model::instrument_id id);

} // namespace tickplant::actors
