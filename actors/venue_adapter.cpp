#include "actors/venue_adapter.hpp"

#include "actors/atoms.hpp"
#include "actors/venue_session.hpp"

#include <caf/actor_cast.hpp>

namespace tickplant::actors {

namespace {

using adapter_pointer = loop_pointer<venue_adapter_actor, venue_adapter_state>;

// How long a resynchronisation waits that the venue could not take now.
constexpr auto try_again_after = std::chrono::seconds{5};

void settle_later(adapter_pointer self) {
  self->run_delayed(try_again_after, [self] {
    self->state.session->retry();
    settle_later(self);
  });
}

} // namespace

venue_adapter_state::venue_adapter_state() = default;
venue_adapter_state::~venue_adapter_state() = default;

venue_adapter_actor::behavior_type venue_adapter(adapter_pointer self, feed_context* context, venue_place* place,
                                                 std::shared_ptr<const venue_setup> setup) {
  const auto weak = caf::actor_cast<caf::weak_actor_ptr>(self);
  self->state.session =
    std::make_unique<venue_session>(*context, *place, std::move(setup), [weak](std::string_view why) {
      end_with(weak, caf::make_error(caf::sec::runtime_error, "venue plugin", std::string{why}));
    });
  place->adapter = self;
  self->state.session->start();
  settle_later(self);
  return {
    [self](const interest_news& news) { self->state.session->change_interest(news.updates); },
    [self](atom::resynchronise, model::instrument_id id, const std::string& why) {
      self->state.session->resynchronise(id, why);
    },
    [self](atom::status) { return self->state.session->status(); },
  };
}

} // namespace tickplant::actors
