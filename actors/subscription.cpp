#include "actors/subscription.hpp"

#include "actors/atoms.hpp"
#include "runtime/wire/error_registry.hpp"

#include <algorithm>

namespace tickplant::actors {

namespace {

using kind = row_change::step::kind;
using row = subscription_state::row;

std::vector<row>::iterator place_of(std::vector<row>& rows, model::instrument_id id) {
  return std::lower_bound(rows.begin(), rows.end(), id,
                          [](const row& r, auto wanted) { return model::index_of(r.id) < model::index_of(wanted); });
}

void put_row(subscription_state& state, const row& one, std::vector<fanout::line_point> from) {
  auto& left = state.context->left;
  auto* hub = state.context->hub_now();
  if (!hub) { // the next one gets it
    for (const auto& point : from) left.keep({state.client, one.id, *state.options, point});
    return;
  }
  auto points = left.take(state.client, *state.options, one.id);
  for (const auto& point : from) {
    std::erase_if(points, [&](const auto& other) { return other.series == point.series; });
    points.push_back(point);
  }
  const auto outcome = hub->subscribe(state.client, *state.options, one.id, points);
  if (outcome == fanout::hub_core::added::too_many_variants) {
    // The session has asked for room; somebody else took it since. The client is not to wait for what never comes.
    state.context->sockets->close(state.client, wire::number_of(wire::error_code::overloaded),
                                  "no room for what it subscribed to: come back, and take usual options");
    return;
  }
  if (one.is_paused) hub->pause(state.client, *state.options, one.id, true, state.context->loop.wall_ns());
}

void carry_out(subscription_state& state, const row_change::step& step) {
  auto* hub = state.context->hub_now();
  const auto at = place_of(state.rows, step.id);
  const bool is_there = at != state.rows.end() && at->id == step.id;
  switch (step.what) {
    case kind::adopt:
      // A row that cannot be turned into another, as there is no hub or no room, begins anew.
      if (hub && hub->change(state.client, *step.had, *state.options, step.id)) {
        if (!is_there) state.rows.insert(at, {step.id, step.is_paused});
        return;
      }
      if (hub) hub->unsubscribe(state.client, *step.had, step.id);
      for (auto& point : state.context->left.take(state.client, *step.had, step.id))
        state.context->left.keep({state.client, step.id, *state.options, point});
      [[fallthrough]];
    case kind::add: {
      const row one{step.id, step.is_paused};
      if (!is_there) state.rows.insert(at, one);
      return put_row(state, one, step.from);
    }
    case kind::remove:
      if (hub) hub->unsubscribe(state.client, *state.options, step.id);
      [[fallthrough]];
    case kind::forget:
      if (is_there) state.rows.erase(at);
      return;
    case kind::pause:
      if (is_there) at->is_paused = step.is_paused;
      if (hub) hub->pause(state.client, *state.options, step.id, step.is_paused, state.context->loop.wall_ns());
      return;
  }
}

} // namespace

subscription_actor::behavior_type subscription(loop_pointer<subscription_actor, subscription_state> self,
                                               gateway_context* context, fanout::client_key client,
                                               fanout::options_ptr options) {
  self->state.context = context;
  self->state.client = client;
  self->state.options = std::move(options);
  return {
    [self](const row_change& wanted) {
      if (self->state.rows.empty()) self->state.rows.reserve(wanted.steps.size());
      for (const auto& step : wanted.steps) carry_out(self->state, step);
    },
    [self](atom::hub_up) {
      for (const auto& one : self->state.rows) put_row(self->state, one, {});
    },
  };
}

} // namespace tickplant::actors
