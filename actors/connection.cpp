#include "actors/connection.hpp"

#include "actors/atoms.hpp"
#include "actors/subscription.hpp"
#include "actors/supervisor.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/wire/close_code.hpp"
#include "runtime/wire/error_registry.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

namespace tickplant::actors {

namespace {

using connection_pointer = loop_pointer<connection_actor, connection_state>;

// A subscription that dies this often within a minute takes its connection with it: the client comes back afresh.
const supervision::policy subscription_policy{supervision::strategy::one_for_one,
                                              {20, std::chrono::minutes{1}},
                                              {std::chrono::milliseconds{10}, std::chrono::seconds{1}, 0.2}};

constexpr uint32_t retry_after_ms = 1'000;

void start_subscription(connection_pointer self, const fanout::option_set& options) {
  auto& state = self->state;
  auto& child = state.subscriptions[options];
  child.actor = spawn_on(self->loop(), subscription, state.context, state.client, options, connection_actor{self});
  self->monitor(child.actor);
  if (!child.names.empty()) self->send(child.actor, row_change{{child.names.begin(), child.names.end()}, {}});
}

void change_rows(connection_pointer self, const fanout::session_actions::change& change) {
  auto& children = self->state.subscriptions;
  const auto [found, is_new] = children.try_emplace(change.options);
  auto& child = found->second;
  child.names.insert(change.add.begin(), change.add.end());
  for (const auto& gone : change.remove) child.names.erase(gone);
  if (is_new) return start_subscription(self, change.options);
  if (!child.actor) return; // its successor starts with these names
  self->send(child.actor, row_change{change.add, change.remove});
  if (!child.names.empty()) return;
  // Nothing is left to look at: the child ends, and with it whatever it still has in the tables.
  self->demonitor(child.actor);
  self->send_exit(child.actor, caf::exit_reason::user_shutdown);
  children.erase(found);
}

void carry_out(connection_pointer self, const fanout::session_actions& actions) {
  auto& state = self->state;
  const auto kind = state.dialect->print->opcode();
  for (const auto& reply : actions.replies) state.context->sockets->reply(state.client, kind, reply);
  for (const auto& change : actions.changes) change_rows(self, change);
  if (!actions.close || state.is_closing) return;
  state.is_closing = true;
  state.context->sockets->close(state.client, actions.close->first, actions.close->second);
}

void on_message(connection_pointer self, const client_message& message) {
  auto& state = self->state;
  const tp_frame frame{message.bytes.data(), message.size,
                       static_cast<uint32_t>(message.is_text ? TP_FRAME_TEXT : TP_FRAME_BINARY)};
  carry_out(self, state.session->on_frame(frame, *state.dialect->host, self->loop().wall_ns()));
  state.context->worked_off(state.client);
}

void attach(connection_pointer self) {
  auto& state = self->state;
  if (auto* hub = state.context->hub_now()) hub->attach(state.client, *state.dialect->print);
}

void on_subscription_down(connection_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  for (auto& [options, child] : state.subscriptions) {
    if (!child.actor || child.actor.id() != down.source.id()) continue;
    child.actor = nullptr;
    const auto now = std::chrono::nanoseconds{static_cast<int64_t>(self->loop().monotonic_ns())};
    const auto decision =
      supervision::decide(subscription_policy, supervision::restart::permanent, true, 0, 1, state.deaths, now, 0.5);
    if (decision.what == supervision::decision::kind::escalate) {
      state.context->sockets->close(state.client, wire::number_of(wire::error_code::server_error),
                                    "a subscription keeps failing");
      return;
    }
    ++child.restarts;
    self->run_delayed(decision.delay, [self, again = options] {
      const auto found = self->state.subscriptions.find(again);
      if (found != self->state.subscriptions.end() && !found->second.actor) start_subscription(self, again);
    });
    return;
  }
}

void settle(connection_pointer self, const row_settlement& settled) {
  auto& state = self->state;
  carry_out(self, state.session->settled(settled.found, settled.unknown, self->loop().wall_ns()));
  for (const auto& gone : settled.unknown)
    for (auto& [options, child] : state.subscriptions) child.names.erase(gone);
}

} // namespace

connection_state::~connection_state() {
  for (auto& [options, child] : subscriptions)
    if (child.actor) end_with(caf::actor_cast<caf::strong_actor_ptr>(child.actor), caf::exit_reason::kill);
  if (context) context->release(client);
}

connection_actor::behavior_type connection(connection_pointer self, gateway_context* context, fanout::client_key client,
                                           dialect_place* dialect, std::string session_id, std::string peer) {
  auto& state = self->state;
  state.context = context;
  state.client = client;
  state.dialect = dialect;
  state.peer = std::move(peer);
  state.session.emplace(std::move(session_id), *dialect->print, context->names, context->states(), context->limits);
  self->set_down_handler([self](caf::down_msg& down) { on_subscription_down(self, down); });
  attach(self);
  carry_out(self, state.session->welcome(self->loop().wall_ns()));
  return {
    [self](const client_message& message) { on_message(self, message); },
    [self](const client_closed&) { self->quit(); },
    [self](atom::hub_up) {
      attach(self);
      for (auto& [options, child] : self->state.subscriptions)
        if (child.actor) self->send(child.actor, atom::hub_up_v);
    },
    [self](atom::directory_changed) {
      for (auto& [options, child] : self->state.subscriptions)
        if (child.actor) self->send(child.actor, atom::directory_changed_v);
    },
    [self](const row_settlement& settled) { settle(self, settled); },
    [self](atom::drain, uint16_t code, const std::string& reason) {
      auto goodbye = self->state.session->goodbye(self->loop().wall_ns(), retry_after_ms);
      goodbye.close = {code, reason};
      carry_out(self, goodbye);
    },
  };
}

connections_state::~connections_state() {
  if (context) context->connections = nullptr;
  for (const auto& [id, child] : children) end_with(child, caf::exit_reason::kill);
}

caf::behavior connections(untyped_loop_pointer<connections_state> self, gateway_context* context) {
  self->state.context = context;
  context->connections = caf::actor{self};
  self->set_down_handler([self](caf::down_msg& down) {
    self->state.children.erase(down.source.id());
    if (self->state.quitting && self->state.children.empty()) self->quit(*self->state.quitting);
  });
  self->set_exit_handler([self](caf::exit_msg& exit) {
    auto& state = self->state;
    if (state.quitting) return;
    state.quitting = exit.reason;
    state.context->connections = nullptr; // no new ones
    if (state.children.empty()) return self->quit(exit.reason);
    const auto code = wire::number_of(wire::error_code::shutting_down);
    for (const auto& [id, child] : state.children)
      self->send(caf::actor_cast<connection_actor>(child), atom::drain_v, code, "the server is shutting down");
  });
  return {
    [self](atom::adopt, const caf::strong_actor_ptr& child) {
      self->state.children.emplace(child->id(), child);
      self->monitor(child);
    },
    [self](atom::children) {
      std::vector<child_info> rows;
      for (const auto& [id, child] : self->state.children)
        rows.push_back({"client-" + std::to_string(id), child, 0, {}});
      return rows;
    },
  };
}

} // namespace tickplant::actors
