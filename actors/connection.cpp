#include "actors/connection.hpp"

#include "actors/atoms.hpp"
#include "actors/client_trace.hpp"
#include "actors/gateway_logins.hpp"
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
// A client whose principal ends is told this long before, so that it can send another token.
constexpr int64_t warning_ahead_ns = 60'000'000'000;

void start_subscription(connection_pointer self, const fanout::option_set& options) {
  auto& state = self->state;
  auto& child = state.subscriptions[options];
  child.actor = spawn_on(self->loop(), subscription, state.context, state.client, options, connection_actor{self},
                         state.session->identity().rights);
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

void carry_out(connection_pointer self, const fanout::session_actions& actions);

void check_login(connection_pointer self, const fanout::login_request& login) {
  auto& state = self->state;
  const auto& opening = state.opening;
  if (state.context->check_login(state.client, opening.rules, policy::secret_text{login.token}, opening.peer,
                                 ++state.login_number))
    return;
  carry_out(self, state.session->login_refused(wire::number_of(wire::error_code::overloaded),
                                               "too many logins are being checked; try again", self->loop().wall_ns()));
}

void audit_login(const client_opening& opening, int32_t code, std::string_view reason) {
  login_event event;
  event.what = "login";
  event.peer = opening.peer;
  event.listener = opening.rules->name;
  event.code = code;
  event.reason = reason;
  if (code == 0 && opening.principal) event.principal = &*opening.principal;
  audit(event);
}

// Asks to be woken at the next time that matters: the end of the wait for a login, the warning, the principal's end.
void set_reminder(connection_pointer self) {
  auto& state = self->state;
  if (state.login_until_ns != 0) return state.context->remind(state.client, state.login_until_ns);
  const auto expires_ns = state.session->identity().expires_ns;
  if (expires_ns == TP_NONE) return;
  const auto wall = static_cast<int64_t>(self->loop().wall_ns());
  const int64_t left = expires_ns - wall - (state.was_warned ? 0 : warning_ahead_ns);
  state.context->remind(state.client, self->loop().monotonic_ns() + static_cast<uint64_t>(std::max<int64_t>(left, 0)));
}

fanout::client_identity identity_of(const client_opening& opening) {
  const auto& who = *opening.principal;
  return {who.subject, who.tier, who.expires_ns, opening.rights, opening.ticket};
}

void tell_rights(connection_pointer self) {
  for (auto& [options, child] : self->state.subscriptions)
    if (child.actor) self->send(child.actor, rights_change{self->state.session->identity().rights});
}

void on_login(connection_pointer self, const login_result& result) {
  auto& state = self->state;
  if (result.request != state.login_number || state.is_closing) return;
  const auto wall = self->loop().wall_ns();
  const auto rules = state.context->sockets->rules_now(state.opening.rules);
  const auto outcome = judged_now(result.outcome, result.judge, *rules);
  auto let_in = enter(*state.context, outcome, &state.opening);
  if (let_in.code != 0) {
    audit_login(state.opening, let_in.code, let_in.reason);
    return carry_out(self, state.session->login_refused(let_in.code, let_in.reason, wall));
  }
  state.opening.principal = outcome.who;
  state.opening.rights = std::move(let_in.rights);
  state.opening.ticket = std::move(let_in.ticket);
  state.context->identified(state.client, *state.opening.principal);
  state.login_until_ns = 0;
  state.was_warned = false;
  audit_login(state.opening, 0, {});
  carry_out(self, state.session->logged_in(identity_of(state.opening), wall));
  tell_rights(self);
  set_reminder(self);
}

void on_deadline(connection_pointer self) {
  auto& state = self->state;
  if (state.is_closing) return;
  const auto wall = self->loop().wall_ns();
  if (state.login_until_ns != 0) {
    if (self->loop().monotonic_ns() < state.login_until_ns) return set_reminder(self);
    const auto code = wire::number_of(wire::error_code::authentication_timeout);
    audit_login(state.opening, code, "no login in time");
    auto actions = state.session->login_refused(code, "Authentication timeout", wall);
    return carry_out(self, actions);
  }
  const auto expires_ns = state.session->identity().expires_ns;
  if (expires_ns == TP_NONE) return;
  if (static_cast<int64_t>(wall) >= expires_ns) return carry_out(self, state.session->expired(wall));
  if (!state.was_warned && static_cast<int64_t>(wall) >= expires_ns - warning_ahead_ns) {
    state.was_warned = true;
    carry_out(self, state.session->expiring(wall));
  }
  set_reminder(self);
}

// A tier that is gone ends the session: what its client may see is not known any more.
void on_rules_changed(connection_pointer self) {
  auto& state = self->state;
  const auto& settings = *state.context->settings;
  if (state.opening.principal) {
    state.opening.rights = rights_of(settings, *state.opening.principal);
    if (!state.opening.rights) {
      const auto code = wire::number_of(wire::error_code::connection_not_entitled);
      audit_login(state.opening, code, "its tier is gone");
      state.is_closing = true;
      return state.context->sockets->close(state.client, code, "this client's tier is no longer configured");
    }
  }
  carry_out(self, state.session->change_rules(settings.session, state.opening.rights, self->loop().wall_ns()));
  tell_rights(self);
}

void carry_out(connection_pointer self, const fanout::session_actions& actions) {
  auto& state = self->state;
  const auto kind = state.opening.dialect->print->opcode();
  for (const auto& reply : actions.replies) state.context->sockets->reply(state.client, kind, reply);
  for (const auto& change : actions.changes) change_rows(self, change);
  if (actions.login) check_login(self, *actions.login);
  if (!actions.close || state.is_closing) return;
  state.is_closing = true;
  state.context->sockets->close(state.client, actions.close->first, actions.close->second);
}

void on_message(connection_pointer self, const client_message& message) {
  auto& state = self->state;
  const tp_frame frame{message.bytes.data(), message.size,
                       static_cast<uint32_t>(message.is_text ? TP_FRAME_TEXT : TP_FRAME_BINARY)};
  const auto start_ns = self->loop().wall_ns();
  const auto actions = state.session->on_frame(frame, *state.opening.dialect->host, start_ns);
  carry_out(self, actions);
  if (!actions.trace_parent.empty() && state.context->tracing.is_on())
    join_request(*state.context, state.client, actions.trace_parent, start_ns);
  state.context->worked_off(state.client);
}

void attach(connection_pointer self) {
  auto& state = self->state;
  const auto* packer = state.opening.compression ? state.opening.compression->packer.get() : nullptr;
  if (auto* hub = state.context->hub_now())
    hub->attach(state.client, *state.opening.dialect->print, packer, state.opening.compression_group);
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
  carry_out(self, state.session->settled(settled.found, settled.unknown, settled.refused, self->loop().wall_ns()));
  for (const auto* list : {&settled.unknown, &settled.refused})
    for (const auto& gone : *list)
      for (auto& [options, child] : state.subscriptions) child.names.erase(gone);
}

} // namespace

connection_state::~connection_state() {
  for (auto& [options, child] : subscriptions)
    if (child.actor) end_with(caf::actor_cast<caf::strong_actor_ptr>(child.actor), caf::exit_reason::kill);
  if (context) context->release(client);
}

connection_actor::behavior_type connection(connection_pointer self, gateway_context* context, fanout::client_key client,
                                           client_opening opening, std::string session_id) {
  auto& state = self->state;
  state.context = context;
  state.client = client;
  state.opening = std::move(opening);
  const auto& settings = *context->settings;
  state.session.emplace(std::move(session_id), *state.opening.dialect->print, context->names, context->states(),
                        settings.session);
  if (state.opening.rules && state.opening.rules->has_stamps)
    state.session->set_extras(TP_EXTRA_SEQUENCE | TP_EXTRA_STAMPS);
  if (state.opening.principal) {
    state.session->set_identity(identity_of(state.opening));
  } else {
    state.session->require_login(static_cast<uint32_t>(settings.auth_deadline.count()));
    state.login_until_ns =
      self->loop().monotonic_ns() + static_cast<uint64_t>(std::chrono::nanoseconds{settings.auth_deadline}.count());
  }
  set_reminder(self);
  if (!state.opening.trace_parent.empty() && context->tracing.is_on()) join_handshake(*context, client, state.opening);
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
    [self](const login_result& result) { on_login(self, result); },
    [self](atom::deadline) { on_deadline(self); },
    [self](atom::rules_changed) { on_rules_changed(self); },
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
