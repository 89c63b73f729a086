#include "actors/hub.hpp"

#include "actors/atoms.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>

namespace tickplant::actors {

namespace {

using hub_pointer = loop_pointer<hub_actor, hub_state>;

// A feed loop's actor may not be up yet, or be between two lives.
constexpr auto join_again_after = std::chrono::milliseconds{50};

void join(hub_pointer self, gateway_context* context, uint32_t feed) {
  const auto found = self->system().registry().get<caf::strong_actor_ptr>(feed_registry_name(feed));
  if (!found) {
    self->run_delayed(join_again_after, [=] { join(self, context, feed); });
    return;
  }
  context->feeds[feed] = caf::actor_cast<feed_loop_actor>(found);
  self->send(context->feeds[feed], hub_joined{context->number, hub_actor{self}});
}

void take(hub_pointer self, gateway_context* context, const feed_batch& batch) {
  auto& loop = self->loop();
  observe_ages(context->to_hub, *batch.batch, loop.wall_ns());
  self->state.core->get().take(*batch.batch, loop.wall_ns(), loop.monotonic_ns());
  if (context->feeds[batch.feed]) self->send(context->feeds[batch.feed], atom::taken_v, context->number);
}

} // namespace

std::string feed_registry_name(uint32_t number) {
  return "tp.feed." + std::to_string(number);
}

hub_actor::behavior_type hub(hub_pointer self, gateway_context* context) {
  self->state.context = context;
  self->state.core.emplace(context->names, *context->sockets, &context->traces);
  self->state.core->get().set_window(static_cast<uint64_t>(context->settings->window.count()));
  self->state.core->get().set_limits(context->settings->lines);
  self->state.core->lend(context->hub, gateway_context::hub_place, caf::actor_cast<caf::strong_actor_ptr>(self));
  for (uint32_t feed = 0; feed < context->feed_count; ++feed) join(self, context, feed);
  context->hub_started();
  return {
    [context](const directory_news& news) { context->apply(news); },
    [self, context](const feed_batch& batch) { take(self, context, batch); },
    [self, context](const feed_joined& joined) {
      context->feeds[joined.number] = joined.feed;
      self->send(joined.feed, hub_joined{context->number, hub_actor{self}});
      self->state.core->get().tell_interest_again();
    },
    [self](atom::status) {
      const auto& core = self->state.core->get();
      return hub_status{core.clients(), core.counters()};
    },
  };
}

} // namespace tickplant::actors
