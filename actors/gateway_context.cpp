#include "actors/gateway_context.hpp"

#include "actors/atoms.hpp"
#include "actors/connection.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/wire/error_registry.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cstring>
#include <unordered_set>

namespace tickplant::actors {

namespace {
// Lingering interest is looked at once a second; it is a matter of a minute.
constexpr uint64_t sweep_ns = 1'000'000'000;
// A principal may end years from now: a timer that far away would leave the clock's range.
constexpr uint64_t longest_wait_ns = 3'600'000'000'000;

// A client has one reminder at most: those of clients that have gone must not pile up until their time.
void drop_reminder(std::multimap<uint64_t, fanout::client_key>& reminders, gateway_context::client_place& place) {
  const auto [first, last] = reminders.equal_range(std::exchange(place.reminder_ns, 0));
  const auto found = std::find_if(first, last, [&](const auto& entry) { return entry.second == place.key; });
  if (found != last) reminders.erase(found);
}
} // namespace

gateway_context::gateway_context(actor_loop& home, uint32_t loop_number, uint32_t feeds_of_node,
                                 std::vector<std::string> venue_names, gateway_settings_ptr settings_of_node)
  : loop(home), number(loop_number), feed_count(feeds_of_node), settings(std::move(settings_of_node)),
    traces(home, tracing), feeds(feeds_of_node) {
  names.set_venues(venue_names);
}

dialect_place* gateway_context::find_dialect(std::string_view name) {
  for (auto& dialect : dialects)
    if (dialect->name == name) return dialect.get();
  return nullptr;
}

const book::publication* gateway_context::state_of(model::instrument_id id) const {
  const auto* core = hub_now();
  return core ? core->state_of(id) : nullptr;
}

fanout::line_places gateway_context::places_of(fanout::client_key client, uint32_t from) const {
  const auto* core = hub_now();
  return core ? core->places_of(client, from) : fanout::line_places{};
}

bool gateway_context::has_room(fanout::client_key client, const fanout::option_set& options) const {
  const auto* core = hub_now();
  return !core || core->has_room(client, options);
}

template <class Call>
void gateway_context::with_hub(Call&& call) {
  auto* core = hub_now();
  if (!core) return;
  try {
    call(*core);
  } catch (const std::exception& fault) {
    hub.fault(hub_place, fault.what());
  }
}

gateway_context::client_place* gateway_context::find(fanout::client_key client) {
  if (client.index >= clients.size()) return nullptr;
  auto& place = clients[client.index];
  return place.connection && place.key == client ? &place : nullptr;
}

void gateway_context::opened(fanout::client_key client, client_opening opening) {
  if (!connections) {
    sockets->close(client, wire::number_of(wire::error_code::overloaded), "the gateway is restarting");
    return;
  }
  if (client.index >= clients.size()) clients.resize(client.index + 1);
  auto id = std::to_string(number) + '-' + std::to_string(++session_number_);
  auto& place = clients[client.index];
  place = {};
  place.key = client;
  place.rules = opening.rules;
  place.dialect = opening.dialect;
  place.who = opening.identity.who;
  place.since_ns = loop.wall_ns();
  place.is_tls = opening.is_tls;
  place.is_compressed = opening.compression != nullptr;
  place.heard_ns = loop.monotonic_ns();
  place.rates = &settings->rates_of(place.dialect->name);
  arm_idle();
  auto actor = spawn_on(loop, connection, this, client, std::move(opening), std::move(id));
  place.connection = actor;
  caf::anon_send(connections, atom::adopt_v, caf::actor_cast<caf::strong_actor_ptr>(actor));
}

void gateway_context::message(fanout::client_key client, bool is_text, std::span<const uint8_t> bytes) {
  auto* place = find(client);
  if (!place) return;
  const uint64_t now = loop.monotonic_ns();
  place->heard_ns = now;
  if (!place->message_rate.take(place->rates->messages, now)) return too_fast(*place, now);
  client_message message{{}, static_cast<uint32_t>(bytes.size()), is_text};
  message.bytes.resize(bytes.size() + TP_FRAME_PADDING);
  std::copy(bytes.begin(), bytes.end(), message.bytes.begin());
  ++place->messages;
  caf::anon_send(place->connection, std::move(message));
  // A mailbox has no bound of its own, so the socket is not read further while too much waits.
  if (++place->queued < max_queued || place->is_paused) return;
  place->is_paused = true;
  sockets->pause_reading(client);
}

// What is too much is dropped unread. Its sender is told once a second, not once a message: a flood must not be
// answered by another.
void gateway_context::too_fast(client_place& place, uint64_t now_ns) {
  constexpr uint64_t between_warnings_ns = 1'000'000'000;
  ++counts.messages_dropped;
  if (place.warned_ns != 0 && now_ns - place.warned_ns < between_warnings_ns) return;
  place.warned_ns = now_ns;
  if (!place.warning_rate.take(place.rates->warnings, now_ns)) {
    ++counts.rate_closed;
    const auto& entry = wire::entry_of(wire::error_code::rate_limit_exceeded);
    return sockets->close(place.key, wire::number_of(entry.code), entry.text);
  }
  ++counts.rate_warnings;
  warn(place, TP_REPLY_ERROR, wire::error_code::rate_limit_warning,
       place.message_rate.wait_ns(place.rates->messages, now_ns));
}

// It stands behind the rest of the frame that the client does not take, and before the close frame.
void gateway_context::slow(fanout::client_key client) {
  if (const auto* place = find(client))
    warn(*place, TP_REPLY_SLOW_CONSUMER, wire::error_code::slow_consumer_warning, 0);
}

void gateway_context::warn(const client_place& place, uint32_t kind, wire::error_code code, uint64_t retry_after_ns) {
  const auto& entry = wire::entry_of(code);
  tp_reply reply{};
  reply.struct_size = sizeof reply;
  reply.kind = kind;
  reply.code = static_cast<int32_t>(wire::number_of(code));
  reply.name = {entry.name.data(), entry.name.size()};
  reply.detail = {entry.text.data(), entry.text.size()};
  reply.recoverable = 1;
  reply.extras = place.has_said_hello ? TP_EXTRA_SEQUENCE : 0;
  reply.expires_ms = TP_NONE;
  reply.wall_ms = static_cast<int64_t>(loop.wall_ns() / 1'000'000);
  if (retry_after_ns != 0) reply.retry_after_ms = static_cast<uint32_t>(retry_after_ns / 1'000'000 + 1);
  fanout::bytes text;
  const auto& print = *place.dialect->print;
  if (print.reply(reply, text)) sockets->reply(place.key, print.opcode(), text);
}

void gateway_context::look_at(const std::vector<std::string>& symbols) {
  with_hub([&](fanout::hub_core& core) {
    for (const auto& symbol : symbols)
      if (const auto found = names.resolve(symbol); found.what == fanout::resolution::kind::found)
        core.look_at(found.id, loop.monotonic_ns());
  });
  send_interest(); // a request over HTTP is no turn of the actors
}

fanout::session_limits gateway_context::limits_of(std::string_view dialect) const {
  auto limits = settings->session;
  limits.requests = settings->rates_of(dialect).requests;
  return limits;
}

// Multiples of the golden ratio fall between one another: any run of indexes is spread evenly.
uint32_t gateway_context::retry_after_ms(fanout::client_key client) const {
  const auto& times = settings->come_back;
  constexpr uint32_t golden = 2'654'435'769; // 2^32 / 1.618...
  const uint32_t place = (client.index + number * 97) * golden;
  return times.after_ms + static_cast<uint32_t>(uint64_t{place} * times.spread_ms >> 32);
}

void gateway_context::arm_idle() {
  if (idle_is_armed_ || settings->idle.count() == 0) return;
  idle_is_armed_ = true;
  const auto again =
    std::clamp<std::chrono::milliseconds>(settings->idle / 8, std::chrono::milliseconds{100}, std::chrono::seconds{60});
  loop.after(again, [this] {
    idle_is_armed_ = false;
    close_idle();
  });
}

// A client that looks at something may well have nothing to say: its socket's pings tell whether it lives.
void gateway_context::close_idle() {
  const auto longest = static_cast<uint64_t>(std::chrono::nanoseconds{settings->idle}.count());
  if (longest == 0) return;
  const auto* core = hub_now();
  const auto& entry = wire::entry_of(wire::error_code::idle_timeout);
  const uint64_t now = loop.monotonic_ns();
  bool any = false;
  for (auto& place : clients) {
    if (!place.connection) continue;
    any = true;
    if (now - place.heard_ns < longest || !core || core->rows_of(place.key) != 0) continue;
    ++counts.idle_closed;
    place.heard_ns = now;
    sockets->close(place.key, wire::number_of(entry.code), entry.text);
  }
  if (any) arm_idle();
}

size_t gateway_context::put_off_bytes(fanout::client_key client) const {
  if (client.index >= clients.size() || clients[client.index].key != client) return 0;
  return clients[client.index].put_off_bytes;
}

void gateway_context::put_off(fanout::client_key client, size_t bytes) {
  auto* place = find(client);
  if (!place) return;
  place->put_off_bytes += bytes;
  place->is_behind = true;
  if (std::exchange(place->is_paused, true)) return;
  sockets->pause_reading(client);
}

void gateway_context::worked_off(fanout::client_key client) {
  auto* place = find(client);
  if (!place) return;
  if (place->queued > 0) --place->queued;
  if (!place->is_paused || place->is_behind || place->queued > max_queued / 2) return;
  place->is_paused = false;
  sockets->resume_reading(client);
}

void gateway_context::drained(fanout::client_key client) {
  with_hub([&](fanout::hub_core& core) { core.drained(client, loop.wall_ns()); });
  tell_finished();
  auto* place = find(client);
  if (!place || !std::exchange(place->is_behind, false)) return;
  place->put_off_bytes = 0;
  caf::anon_send(place->connection, atom::caught_up_v);
}

void gateway_context::closed(fanout::client_key client, uint16_t code, std::string_view reason) {
  with_hub([&](fanout::hub_core& core) { core.detach(client); });
  auto* place = find(client);
  if (!place) return;
  const auto actor = std::exchange(place->connection, nullptr);
  drop_reminder(reminders_, *place);
  *place = {};
  caf::anon_send(actor, client_closed{code, std::string{reason}});
}

void gateway_context::release(fanout::client_key client) {
  with_hub([&](fanout::hub_core& core) { core.detach(client); });
  left.forget(client);
  if (auto* place = find(client)) {
    const auto keep = std::exchange(place->connection, nullptr);
    drop_reminder(reminders_, *place);
    *place = {};
    sockets->abort(client);
  }
}

void gateway_context::hub_ends(const fanout::hub_core& core) noexcept {
  if (!connections) return; // nobody is left to be told
  try {
    for (auto& place : core.places_left()) left.keep(std::move(place));
    distrusted = core.distrusted();
  } catch (const std::exception& fault) { // no memory: clients get snapshots, which is what they must live with
    telemetry::log(telemetry::level::error, "gateway",
                   std::string{"the places of a dead hub are lost: "} + fault.what());
  }
}

void gateway_context::hub_started() {
  with_hub([&](fanout::hub_core& core) { core.expect_distrust(std::exchange(distrusted, {})); });
  for (const auto& place : clients)
    if (place.connection) caf::anon_send(place.connection, atom::hub_up_v);
}

void gateway_context::apply(const directory_news& news) {
  for (const auto& [id, instrument] : news.added) names.add(id, instrument);
  auto gone = news.removed;
  if (news.is_whole) add_missing(news, gone);
  for (const auto id : gone) {
    with_hub([&](fanout::hub_core& core) { core.retire(id, loop.wall_ns()); });
    names.remove(id);
  }
  for (const auto& [id, why] : news.lost)
    with_hub([&](fanout::hub_core& core) { core.mark_lost(id, why, loop.wall_ns()); });
  for (const auto& venue : news.incomplete) names.incomplete(venue);
  for (const auto& venue : news.complete) names.complete(venue);
  std::vector<model::instrument_id> came;
  came.reserve(news.added.size());
  for (const auto& [id, instrument] : news.added) came.push_back(id);
  tell_directory(std::move(came), std::move(gone));
}

// What has gone while no hub listened: it is not in what the feed loop has.
void gateway_context::add_missing(const directory_news& whole, std::vector<model::instrument_id>& gone) const {
  std::unordered_set<uint32_t> told;
  for (const auto& [id, instrument] : whole.added) told.insert(model::index_of(id));
  for (const auto id : names.ids())
    if (model::index_of(id) % feed_count == whole.feed && !told.contains(model::index_of(id))) gone.push_back(id);
}

void gateway_context::tell_directory(std::vector<model::instrument_id> came, std::vector<model::instrument_id> gone) {
  const bool are_all_told = !gone.empty();
  const directory_change change{std::make_shared<const std::vector<model::instrument_id>>(std::move(came)),
                                std::make_shared<const std::vector<model::instrument_id>>(std::move(gone))};
  for (const auto& place : clients)
    if (place.connection && (are_all_told || place.follows_directory)) caf::anon_send(place.connection, change);
}

void gateway_context::follow(fanout::client_key client, bool is_wanted) {
  if (auto* place = find(client)) place->follows_directory = is_wanted;
}

void gateway_context::said_hello(fanout::client_key client) {
  if (auto* place = find(client)) place->has_said_hello = true;
}

void gateway_context::tell_finished() {
  with_hub([&](fanout::hub_core& core) {
    for (const auto& row : core.take_finished())
      if (const auto* place = find(row.client)) caf::anon_send(place->connection, row_finished{row.options, row.id});
  });
}

void gateway_context::change_venues(const std::vector<std::string>& venue_names) {
  names.set_venues(venue_names);
  tell_directory({}, {});
}

void gateway_context::change_settings(gateway_settings_ptr next) {
  const auto before = std::exchange(settings, std::move(next)); // rates of clients point into it
  with_hub([&](fanout::hub_core& core) {
    core.set_window(static_cast<uint64_t>(settings->window.count()));
    core.set_limits(settings->lines);
  });
  for (auto& place : clients) {
    if (!place.connection) continue;
    place.rates = &settings->rates_of(place.dialect->name);
    caf::anon_send(place.connection, atom::rules_changed_v);
  }
  arm_idle();
}

void gateway_context::identified(fanout::client_key client, principal_ptr who) {
  if (auto* place = find(client)) place->who = std::move(who);
}

void gateway_context::give_way(fanout::client_key client) {
  const auto code = wire::number_of(wire::error_code::connection_limit);
  if (find(client)) return sockets->close(client, code, "a newer connection of this client took its place");
  sockets->abort(client); // its upgrade is still under way
}

void gateway_context::send_away() {
  const auto code = wire::number_of(wire::error_code::shutting_down);
  for (const auto& place : clients)
    if (place.connection) caf::anon_send(place.connection, atom::drain_v, code, "the server is being drained");
}

void gateway_context::remind(fanout::client_key client, uint64_t at_monotonic_ns) {
  auto* place = find(client);
  if (!place) return;
  drop_reminder(reminders_, *place);
  place->reminder_ns = at_monotonic_ns;
  reminders_.emplace(at_monotonic_ns, client);
  arm_reminder();
}

void gateway_context::arm_reminder() {
  if (reminders_.empty() || reminders_.begin()->first >= reminder_for_ns_) return;
  const uint64_t now = loop.monotonic_ns(), due = std::min(reminders_.begin()->first, now + longest_wait_ns);
  reminder_for_ns_ = due;
  loop.after(caf::timespan{static_cast<int64_t>(due > now ? due - now : 0)}, [this, due] {
    if (reminder_for_ns_ != due) return;
    reminder_for_ns_ = UINT64_MAX;
    on_reminder();
  });
}

void gateway_context::on_reminder() {
  const uint64_t now = loop.monotonic_ns();
  while (!reminders_.empty() && reminders_.begin()->first <= now) {
    const auto [due, client] = *reminders_.begin();
    reminders_.erase(reminders_.begin());
    auto* place = find(client);
    if (!place || place->reminder_ns != due) continue; // gone, or moved
    place->reminder_ns = 0;
    caf::anon_send(place->connection, atom::deadline_v);
  }
  arm_reminder();
}

bool gateway_context::check_login(fanout::client_key client, const listener_rules_ptr& came_by,
                                  policy::secret_text token, std::string peer, uint64_t request) {
  const auto* place = find(client);
  if (!place || !desk) return false;
  // The keys of now count, not those of the time when the client came.
  const auto rules = sockets->rules_now(came_by);
  policy::credential credential;
  credential.carrier = TP_CARRIER_MESSAGE;
  credential.secret = std::move(token);
  credential.now_ns = static_cast<int64_t>(loop.wall_ns());
  credential.peer = std::move(peer);
  credential.listener = rules->name;
  return desk->submit(rules->auth->host, std::move(credential), settings->auth_deadline,
                      [to = place->connection, request, judge = rules->auth->host.get()](policy::auth_outcome outcome) {
                        caf::anon_send(to, login_result{request, judge, std::move(outcome)});
                      });
}

void gateway_context::send_interest() {
  with_hub([&](fanout::hub_core& core) {
    const auto updates = core.take_interest(loop.monotonic_ns());
    if (updates.empty()) return;
    std::map<uint32_t, interest_news> by_feed;
    for (const auto& update : updates) {
      auto& news = by_feed[model::index_of(update.id) % feed_count];
      news.hub = number;
      news.updates.push_back(update);
    }
    for (auto& [feed, news] : by_feed)
      if (feeds[feed]) caf::anon_send(feeds[feed], std::move(news));
  });
}

void gateway_context::end_turn() {
  tell_finished();
  send_interest();
  arm_tick();
}

void gateway_context::arm_tick() {
  const auto* core = hub_now();
  if (!core) return;
  const uint64_t now = loop.monotonic_ns();
  const uint64_t next = core->next_tick_ns(now);
  if (next >= armed_for_ns_) return; // an earlier timer is on its way and arms the next
  if (next == UINT64_MAX) return;
  armed_for_ns_ = next;
  loop.after(caf::timespan{static_cast<int64_t>(next > now ? next - now : 0)}, [this, next] {
    if (armed_for_ns_ != next) return;
    const auto* present = hub_now();
    if (!present || !present->is_gathering()) return on_tick();
    // What was ready together with the window's end is part of it: sockets and timers of venues hand over by a call
    // that is already in the loop's queue.
    loop.post([this] { on_tick(); });
  });
  // Waking up costs more than what one publication has to do: those that come now are looked at when the window ends.
  if (!core->is_gathering()) return;
  loop.hush();
  loop.rest_until(next);
}

void gateway_context::on_tick() {
  loop.catch_up(); // with armed_for_ns_ of the past, so that its turn arms nothing
  armed_for_ns_ = UINT64_MAX;
  const uint64_t now = loop.monotonic_ns();
  with_hub([&](fanout::hub_core& core) { core.tick(loop.wall_ns(), now); });
  tell_finished();
  if (now - last_sweep_ns_ >= sweep_ns) {
    last_sweep_ns_ = now;
    send_interest();
  }
  arm_tick();
}

} // namespace tickplant::actors
