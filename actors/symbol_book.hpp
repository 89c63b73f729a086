// The actor of one instrument at one venue: owns its engine and lends it to its feed loop.
#pragma once

#include "actors/feed_context.hpp"
#include "actors/interfaces.hpp"
#include "actors/lending.hpp"
#include "actors/loop.hpp"

#include <optional>

namespace tickplant::actors {

struct symbol_book_state {
  static inline const char* name = "tp.symbol_book";
  std::optional<lent<book::engine>> core;
};

/// Ends at once if the instrument is retired. A successor starts in a new epoch and awaits its venue.
symbol_book_actor::behavior_type symbol_book(loop_pointer<symbol_book_actor, symbol_book_state> self,
                                             feed_context* context, model::instrument_id id);

} // namespace tickplant::actors
