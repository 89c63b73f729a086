#include "actors/consolidator.hpp"

#include "actors/atoms.hpp"
#include "actors/hub.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>

namespace tickplant::actors {

namespace {

using consolidator_pointer = loop_pointer<consolidator_actor, consolidator_state>;

// A feed loop's actor may not be up yet, or be between two lives.
constexpr auto join_again_after = std::chrono::milliseconds{50};

void join(consolidator_pointer self, uint32_t feed) {
  const auto found = self->system().registry().get<caf::strong_actor_ptr>(feed_registry_name(feed));
  if (!found) {
    self->run_delayed(join_again_after, [=] { join(self, feed); });
    return;
  }
  self->state.context->join(feed, caf::actor_cast<feed_loop_actor>(found));
}

} // namespace

consolidator_actor::behavior_type consolidator(consolidator_pointer self, consolidation_context* context,
                                               uint32_t feed_count) {
  self->state.context = context;
  context->started(consolidator_actor{self});
  for (uint32_t feed = 0; feed < feed_count; ++feed) join(self, feed);
  return {
    [context](const directory_news& news) { context->apply(news); },
    [self, context](const leg_news& news) {
      for (const auto& [id, state] : news.legs) context->see(id, state);
      if (const auto& feed = context->feed(news.feed)) self->send(feed, atom::legs_taken_v);
    },
    [context](const feed_joined& joined) { context->join(joined.number, joined.feed); },
  };
}

} // namespace tickplant::actors
