#include "actors/venue_adapter.hpp"

#include "actors/atoms.hpp"
#include "actors/venue_session.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

namespace tickplant::actors {

namespace {

using adapter_pointer = loop_pointer<venue_adapter_actor, venue_adapter_state>;

// How often the venue's health and what was postponed is looked at.
constexpr auto look_every = std::chrono::seconds{1};

void look_again(adapter_pointer self) {
  self->run_delayed(look_every, [self] {
    self->state.session->tick();
    look_again(self);
  });
}

} // namespace

venue_adapter_state::venue_adapter_state() = default;
venue_adapter_state::~venue_adapter_state() = default;

venue_adapter_actor::behavior_type venue_adapter(adapter_pointer self, feed_context* context, venue_place* place,
                                                 std::shared_ptr<const venue_setup> setup,
                                                 std::shared_ptr<venue_health> health) {
  const auto weak = caf::actor_cast<caf::weak_actor_ptr>(self);
  self->state.session = std::make_unique<venue_session>(
    *context, *place, std::move(setup), std::move(health), [weak](std::string_view why) {
      // Without a reason it is a restart in order, which is no failure.
      end_with(weak, why.empty() ? caf::make_error(caf::exit_reason::user_shutdown)
                                 : caf::make_error(caf::sec::runtime_error, "venue plugin", std::string{why}));
    });
  place->adapter = self;
  self->state.session->start();
  look_again(self);
  return {
    [self](const interest_news& news) { self->state.session->change_interest(news.updates); },
    [self](atom::resynchronise, model::instrument_id id, const std::string& why) {
      self->state.session->resynchronise(id, why);
    },
    [self](atom::use_lines, const std::string& group) { return self->state.session->use_lines(group); },
    [self](atom::status) { return self->state.session->status(); },
  };
}

} // namespace tickplant::actors
