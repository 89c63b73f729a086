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

#include <algorithm>
#include <map>

namespace tickplant::actors {

namespace {

using connection_pointer = loop_pointer<connection_actor, connection_state>;

// A subscription that dies this often within a minute takes its connection with it: the client comes back afresh.
const supervision::policy subscription_policy{supervision::strategy::one_for_one,
                                              {20, std::chrono::minutes{1}},
                                              {std::chrono::milliseconds{10}, std::chrono::seconds{1}, 0.2}};

// A client whose principal ends is told this long before, so that it can send another token.
constexpr int64_t warning_ahead_ns = 60'000'000'000;

using step_kind = row_change::step::kind;
using order_kind = fanout::row_order::kind;

using children = std::vector<subscription_child>;

children::iterator place_of(children& all, const fanout::option_set& options) {
  return std::lower_bound(all.begin(), all.end(), options,
                          [](const subscription_child& one, const auto& wanted) { return *one.options < wanted; });
}

// Null: there is none.
subscription_child* find_child(children& all, const fanout::option_set& options) {
  const auto at = place_of(all, options);
  return at == all.end() || *at->options != options ? nullptr : &*at;
}

void start_subscription(connection_pointer self, subscription_child& child) {
  child.actor = spawn_on(self->loop(), subscription, self->state.context, self->state.client, child.options);
  self->monitor(child.actor);
}

void restart_subscription(connection_pointer self, subscription_child& child) {
  start_subscription(self, child);
  row_change rows;
  for (const auto& row : self->state.session->rows_of(*child.options))
    rows.steps.push_back({step_kind::add, row.is_paused, row.id, {}, {}});
  self->send(child.actor, std::move(rows));
}

// Changes of rows, gathered for one message to each subscription. The session has them all behind it.
class row_messages {
public:
  explicit row_messages(connection_pointer self) : self_(self), hub_(self->state.context->hub_now()) {}

  void take(const fanout::row_order& order) {
    auto& of = changes_of(order.options);
    switch (order.what) {
      case order_kind::add: return of.put({step_kind::add, order.is_paused, order.id, order.from, {}});
      case order_kind::remove: return remove(order, of);
      case order_kind::change: {
        auto& to = changes_of(order.to);
        if (!to.is_seen_to) return remove(order, of); // it takes nothing over: its successor begins with the row
        // In the hub it is one call of the subscription that takes over, whenever the other one hears of it.
        to.put({step_kind::adopt, order.is_paused, order.id, {}, order.options});
        return of.put({step_kind::forget, false, order.id, {}, {}});
      }
      case order_kind::pause: return of.put({step_kind::pause, order.is_paused, order.id, {}, {}});
    }
  }

  void send() {
    auto& all = self_->state.subscriptions;
    for (auto& [options, changes] : changes_) {
      auto at = place_of(all, *options);
      const bool is_there = at != all.end() && *at->options == *options;
      if (!is_there && !changes.is_wanted) continue;
      if (!is_there) {
        at = all.insert(at, subscription_child{options, {}, 0});
        start_subscription(self_, *at);
      }
      if (at->actor) self_->send(at->actor, std::move(changes.rows)); // else its successor starts with these rows
      if (changes.is_wanted) continue;
      // Nothing is left to look at: the child ends.
      if (at->actor) {
        self_->demonitor(at->actor);
        self_->send_exit(at->actor, caf::exit_reason::user_shutdown);
      }
      all.erase(at);
    }
  }

private:
  struct changes_of_one {
    row_change rows;
    bool is_wanted = false;  // there are rows of these options in the end
    bool is_seen_to = false; // its subscription carries out what it is told: it is not down, or about to end
    void put(row_change::step step) { rows.steps.push_back(std::move(step)); }
  };
  struct by_value {
    bool operator()(const fanout::options_ptr& one, const fanout::options_ptr& other) const { return *one < *other; }
  };

  changes_of_one& changes_of(const fanout::options_ptr& options) {
    const auto [found, is_new] = changes_.try_emplace(options);
    if (is_new) {
      const auto* child = find_child(self_->state.subscriptions, *options);
      found->second.is_wanted = self_->state.session->has_row_of(*options);
      found->second.is_seen_to = found->second.is_wanted && (!child || child->actor);
    }
    return found->second;
  }
  void remove(const fanout::row_order& order, changes_of_one& of) {
    if (!of.is_seen_to && hub_) hub_->unsubscribe(self_->state.client, *order.options, order.id);
    of.put({step_kind::remove, false, order.id, {}, {}});
  }

  connection_pointer self_;
  fanout::hub_core* hub_;
  std::map<fanout::options_ptr, changes_of_one, by_value> changes_;
};

void carry_out(connection_pointer self, const fanout::session_actions& actions);

void check_login(connection_pointer self, const fanout::login_request& login) {
  auto& state = self->state;
  if (state.context->check_login(state.client, state.rules, policy::secret_text{login.token}, state.peer,
                                 ++state.login_number))
    return;
  carry_out(self, state.session->login_refused(wire::number_of(wire::error_code::overloaded),
                                               "too many logins are being checked; try again", self->loop().wall_ns()));
}

// `who`: was let in.
void audit_login(const connection_state& state, int32_t code, std::string_view reason,
                 const policy::principal* who = nullptr) {
  login_event event;
  event.what = "login";
  event.peer = state.peer;
  event.listener = state.rules->name;
  event.code = code;
  event.reason = reason;
  event.principal = who;
  audit(event);
}

// When the principal's end matters next: the warning, or the end itself; monotonic.
uint64_t next_of_principal(connection_pointer self) {
  auto& state = self->state;
  const auto expires_ns = state.session->identity().expires_ns();
  if (expires_ns == TP_NONE) return UINT64_MAX;
  const auto wall = static_cast<int64_t>(self->loop().wall_ns());
  const int64_t left = expires_ns - wall - (state.was_warned ? 0 : warning_ahead_ns);
  return self->loop().monotonic_ns() + static_cast<uint64_t>(std::max<int64_t>(left, 0));
}

// Asks to be woken at the next time that matters: the end of the wait for a login, a heartbeat, the principal's end.
void set_reminder(connection_pointer self) {
  auto& state = self->state;
  uint64_t next = state.login_until_ns != 0 ? state.login_until_ns : next_of_principal(self);
  if (state.next_beat_ns != 0) next = std::min(next, state.next_beat_ns);
  if (next != UINT64_MAX) state.context->remind(state.client, next);
}

// A client that has said HELLO is told regularly how far its lines are: a quiet one and a dead one look different then.
void start_beats(connection_pointer self) {
  auto& state = self->state;
  if (state.next_beat_ns != 0 || !state.session->is_extended()) return;
  state.context->said_hello(state.client);
  state.next_beat_ns = self->loop().monotonic_ns() + uint64_t{state.session->heartbeat_ms()} * 1'000'000;
  set_reminder(self);
}

// With whom it shares its part of what is bounded for all: whoever has shown a key or token with those of the same
// principal, else with those of its address.
std::string party_of(const connection_state& state) {
  const auto& who = state.session->identity().who;
  return who && !who->credential.empty() ? "principal " + who->subject : "address " + state.host;
}

void attach(connection_pointer self) {
  auto& state = self->state;
  const auto* packer = state.compression ? state.compression->packer.get() : nullptr;
  if (auto* hub = state.context->hub_now())
    hub->attach(state.client, *state.dialect->print, packer, state.compression_group, party_of(state));
}

void on_login(connection_pointer self, const login_result& result) {
  auto& state = self->state;
  if (result.request != state.login_number || state.is_closing) return;
  const auto wall = self->loop().wall_ns();
  const auto rules = state.context->sockets->rules_now(state.rules);
  const auto outcome = judged_now(result.outcome, result.judge, *rules);
  auto let_in = enter(*state.context, state.client, outcome, &state.session->identity());
  if (let_in.code != 0) {
    audit_login(state, let_in.code, let_in.reason);
    return carry_out(self, state.session->login_refused(let_in.code, let_in.reason, wall));
  }
  const auto who = let_in.identity.who;
  const bool was_known = !state.session->waits_for_login();
  state.context->identified(state.client, who);
  state.login_until_ns = 0;
  state.was_warned = false;
  audit_login(state, 0, {}, who.get());
  auto actions = state.session->logged_in(std::move(let_in.identity), wall);
  if (auto* hub = state.context->hub_now(); hub && !was_known) hub->set_party(state.client, party_of(state));
  carry_out(self, actions);
  set_reminder(self);
}

void on_deadline(connection_pointer self) {
  auto& state = self->state;
  if (state.is_closing) return;
  const auto wall = self->loop().wall_ns();
  const auto now = self->loop().monotonic_ns();
  if (state.next_beat_ns != 0 && now >= state.next_beat_ns) {
    state.next_beat_ns = now + std::max<uint64_t>(uint64_t{state.session->heartbeat_ms()} * 1'000'000, 1'000'000);
    carry_out(self, state.session->beat(wall));
  }
  if (state.login_until_ns != 0) {
    if (now < state.login_until_ns) return set_reminder(self);
    const auto code = wire::number_of(wire::error_code::authentication_timeout);
    audit_login(state, code, "no login in time");
    auto actions = state.session->login_refused(code, "Authentication timeout", wall);
    return carry_out(self, actions);
  }
  const auto expires_ns = state.session->identity().expires_ns();
  if (expires_ns == TP_NONE) return set_reminder(self);
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
  std::shared_ptr<const policy::entitlement> rights;
  if (const auto& who = state.session->identity().who) {
    rights = known_as(*state.context, *who).rights;
    if (!rights) {
      const auto code = wire::number_of(wire::error_code::connection_not_entitled);
      audit_login(state, code, "its tier is gone");
      state.is_closing = true;
      return state.context->sockets->close(state.client, code, "this client's tier is no longer configured");
    }
  }
  carry_out(self, state.session->change_rules(state.context->limits_of(state.dialect->name), std::move(rights),
                                              self->loop().wall_ns()));
}

void carry_out(connection_pointer self, const fanout::session_actions& actions) {
  auto& state = self->state;
  state.context->sockets->answer(state.client, state.dialect->print->opcode(), actions.replies);
  row_messages rows{self};
  for (const auto& order : actions.rows) rows.take(order);
  rows.send();
  state.context->follow(state.client, state.session->follows_directory());
  if (actions.login) check_login(self, *actions.login);
  if (!actions.close || state.is_closing) return;
  state.is_closing = true;
  state.context->sockets->close(state.client, actions.close->first, actions.close->second);
}

void work_off(connection_pointer self, const client_message& message) {
  auto& state = self->state;
  const tp_frame frame{message.bytes.data(), message.size,
                       static_cast<uint32_t>(message.is_text ? TP_FRAME_TEXT : TP_FRAME_BINARY)};
  const auto start_ns = self->loop().wall_ns();
  const auto actions = state.session->on_frame(frame, *state.dialect->host, start_ns);
  carry_out(self, actions);
  start_beats(self);
  if (!actions.trace_parent.empty() && state.context->tracing.is_on())
    join_request(*state.context, state.client, actions.trace_parent, start_ns);
  state.context->worked_off(state.client);
}

// A client that does not take its answers gets no more of them, however much it asks: they are what may be long.
void on_message(connection_pointer self, const client_message& message) {
  auto& state = self->state;
  if (state.put_off.empty() && !state.context->sockets->is_behind(state.client)) return work_off(self, message);
  state.put_off.push_back(message);
  state.context->put_off(state.client, message.bytes.capacity());
}

void on_caught_up(connection_pointer self) {
  auto& state = self->state;
  const auto waiting = std::exchange(state.put_off, {});
  for (const auto& message : waiting) on_message(self, message);
}

void on_subscription_down(connection_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  for (auto& child : state.subscriptions) {
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
    self->run_delayed(decision.delay, [self, again = child.options] {
      auto* found = find_child(self->state.subscriptions, *again);
      if (found && !found->actor) restart_subscription(self, *found);
    });
    return;
  }
}

void on_directory(connection_pointer self, const directory_change& news) {
  carry_out(self, self->state.session->directory_changed(*news.came, *news.gone, self->loop().wall_ns()));
}

void on_finished(connection_pointer self, const row_finished& done) {
  auto& state = self->state;
  state.session->finished(done.options, done.id);
  row_messages rows{self};
  rows.take({order_kind::remove, false, done.id, std::make_shared<const fanout::option_set>(done.options), {}, {}});
  rows.send();
}

} // namespace

connection_state::~connection_state() {
  for (const auto& child : subscriptions)
    if (child.actor) end_with(caf::actor_cast<caf::strong_actor_ptr>(child.actor), caf::exit_reason::kill);
  if (context) context->release(client);
}

connection_actor::behavior_type connection(connection_pointer self, gateway_context* context, fanout::client_key client,
                                           client_opening opening, std::string session_id) {
  auto& state = self->state;
  state.context = context;
  state.client = client;
  state.dialect = opening.dialect;
  state.rules = opening.rules;
  state.peer = opening.peer;
  state.host = std::move(opening.host);
  state.compression = std::move(opening.compression);
  state.compression_group = opening.compression_group;
  const auto& settings = *context->settings;
  state.session.emplace(client, std::move(session_id), *opening.dialect->print, context->names, *context,
                        context->limits_of(opening.dialect->name));
  if (opening.rules && opening.rules->has_stamps) state.session->set_extras(TP_EXTRA_STAMPS);
  if (opening.identity.who) {
    state.session->set_identity(std::move(opening.identity));
  } else {
    state.session->require_login(static_cast<uint32_t>(settings.auth_deadline.count()));
    state.login_until_ns =
      self->loop().monotonic_ns() + static_cast<uint64_t>(std::chrono::nanoseconds{settings.auth_deadline}.count());
  }
  set_reminder(self);
  if (!opening.trace_parent.empty() && context->tracing.is_on()) join_handshake(*context, client, opening);
  self->set_down_handler([self](caf::down_msg& down) { on_subscription_down(self, down); });
  attach(self);
  carry_out(self, state.session->welcome(self->loop().wall_ns()));
  return {
    [self](const client_message& message) { on_message(self, message); },
    [self](const client_closed&) { self->quit(); },
    [self](atom::hub_up) {
      attach(self);
      for (const auto& child : self->state.subscriptions)
        if (child.actor) self->send(child.actor, atom::hub_up_v);
    },
    [self](const directory_change& news) { on_directory(self, news); },
    [self](const row_finished& done) { on_finished(self, done); },
    [self](const login_result& result) { on_login(self, result); },
    [self](atom::deadline) { on_deadline(self); },
    [self](atom::rules_changed) { on_rules_changed(self); },
    [self](atom::caught_up) { on_caught_up(self); },
    [self](atom::drain, uint16_t code, const std::string& reason) {
      auto goodbye =
        self->state.session->goodbye(self->loop().wall_ns(), self->state.context->retry_after_ms(self->state.client));
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
