#include "actors/consolidated_book.hpp"

#include "actors/atoms.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

namespace tickplant::actors {

consolidated_book_actor::behavior_type
consolidated_book(loop_pointer<consolidated_book_actor, consolidated_book_state> self, consolidation_context* context,
                  model::instrument_id id) {
  const auto* made_of = context->listing_of(id);
  if (!made_of) {
    self->quit(caf::exit_reason::user_shutdown);
    return consolidated_book_actor::behavior_type::make_empty_behavior();
  }
  self->state.core.emplace(id, *made_of, context->rules().arbitrage, context->home.next_epoch());
  self->state.core->lend(context->books, model::index_of(id), caf::actor_cast<caf::strong_actor_ptr>(self));
  return {
    [self, context](const interest_change& change) {
      auto& core = self->state.core->get();
      core.set_interest(change.wanted);
      if (core.has_to_be_listed()) context->home.dirty.add(core.id());
    },
    [self](atom::snapshot) {
      book::publication view;
      auto& core = self->state.core->get();
      core.view(view, core.wanted().depth);
      return view;
    },
  };
}

} // namespace tickplant::actors
