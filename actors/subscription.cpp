#include "actors/subscription.hpp"

#include "actors/atoms.hpp"

#include <caf/send.hpp>

namespace tickplant::actors {

namespace {

using subscription_pointer = loop_pointer<subscription_actor, subscription_state>;

void add_row(subscription_state& state, model::instrument_id id) {
  if (auto* hub = state.context->hub_now()) hub->subscribe(state.client, state.options, id);
}

void remove_row(subscription_state& state, model::instrument_id id) {
  if (auto* hub = state.context->hub_now()) hub->unsubscribe(state.client, state.options, id);
}

// Asked here once more, before any data can flow: a name that was pending may turn out to be any venue's.
bool is_allowed(const subscription_state& state, model::instrument_id id) {
  const auto instrument = state.context->names.find(id);
  return !state.rights || !instrument || state.rights->decide(instrument->venue, instrument->symbol) == 0;
}

// Looks names up that are not known yet; answers those that turned out, one way or the other.
row_settlement resolve(subscription_state& state) {
  row_settlement settled;
  for (auto name = state.names.begin(); name != state.names.end();) {
    if (name->second) {
      ++name;
      continue;
    }
    const auto found = state.context->names.resolve(name->first);
    if (found.what == fanout::resolution::kind::unknown) {
      settled.unknown.push_back(name->first);
      name = state.names.erase(name);
      continue;
    }
    if (found.what == fanout::resolution::kind::found && !is_allowed(state, found.id)) {
      settled.refused.push_back(name->first);
      name = state.names.erase(name);
      continue;
    }
    if (found.what == fanout::resolution::kind::found) {
      name->second = found.id;
      add_row(state, found.id);
      settled.found.push_back(name->first);
    }
    ++name;
  }
  return settled;
}

// Names whose instruments have gone are open again: the same symbol may come back, or turn out not to exist any more.
void forget_gone(subscription_state& state) {
  for (auto& [name, id] : state.names)
    if (id && !state.context->names.find(*id)) {
      remove_row(state, *id);
      id.reset();
    }
}

void wait_if_needed(subscription_pointer self) {
  for (const auto& [name, id] : self->state.names)
    if (!id) return self->state.context->waiting.push_back(subscription_actor{self});
}

void change(subscription_pointer self, const connection_actor& owner, const row_change& wanted) {
  auto& state = self->state;
  for (const auto& name : wanted.remove) {
    const auto found = state.names.find(name);
    if (found == state.names.end()) continue;
    if (found->second) remove_row(state, *found->second);
    state.names.erase(found);
  }
  for (const auto& name : wanted.add) state.names.emplace(name, std::nullopt);
  auto settled = resolve(state);
  wait_if_needed(self);
  if (settled.refused.empty()) return;
  settled.found.clear();
  settled.unknown.clear();
  self->send(owner, std::move(settled));
}

} // namespace

subscription_state::~subscription_state() {
  if (!context) return;
  for (const auto& [asked, id] : names)
    if (id) remove_row(*this, *id);
}

subscription_actor::behavior_type subscription(subscription_pointer self, gateway_context* context,
                                               fanout::client_key client, fanout::option_set options,
                                               connection_actor owner,
                                               std::shared_ptr<const policy::entitlement> rights) {
  self->state.rights = std::move(rights);
  self->state.context = context;
  self->state.client = client;
  self->state.options = options;
  return {
    [self, owner](const row_change& wanted) { change(self, owner, wanted); },
    [self](atom::hub_up) {
      for (const auto& [name, id] : self->state.names)
        if (id) add_row(self->state, *id);
    },
    [self, owner](atom::directory_changed) {
      forget_gone(self->state);
      auto settled = resolve(self->state);
      wait_if_needed(self);
      if (!settled.found.empty() || !settled.unknown.empty() || !settled.refused.empty())
        self->send(owner, std::move(settled));
    },
    [self](const rights_change& change) { self->state.rights = change.rights; },
  };
}

} // namespace tickplant::actors
