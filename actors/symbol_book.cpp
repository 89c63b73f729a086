#include "actors/symbol_book.hpp"

#include "actors/atoms.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

namespace tickplant::actors {

namespace {

void ask_venue(loop_pointer<symbol_book_actor, symbol_book_state> self, feed_context& context, model::instrument_id id,
               const std::string& why) {
  self->state.core->get().mark_stale(why);
  const auto* place = context.find(id);
  if (place && context.venues[place->venue]->adapter)
    self->send(context.venues[place->venue]->adapter, atom::resynchronise_v, id, why);
}

} // namespace

symbol_book_actor::behavior_type symbol_book(loop_pointer<symbol_book_actor, symbol_book_state> self,
                                             feed_context* context, model::instrument_id id) {
  auto* place = context->find(id);
  if (!place || place->is_retired) {
    self->quit(caf::exit_reason::user_shutdown);
    return symbol_book_actor::behavior_type::make_empty_behavior();
  }
  self->state.core.emplace(id, place->instrument, context->next_epoch(), context->dirty);
  self->state.core->lend(context->books, model::index_of(id), caf::actor_cast<caf::strong_actor_ptr>(self));
  return {
    [self](const interest_change& change) { self->state.core->get().set_interest(change.wanted); },
    [self](atom::snapshot) {
      book::publication view;
      self->state.core->get().view(view, self->state.core->get().wanted().depth);
      return view;
    },
    [self, context, id](atom::resynchronise, const std::string& why) { ask_venue(self, *context, id, why); },
  };
}

} // namespace tickplant::actors
