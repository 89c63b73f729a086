// What one network loop knows, apart from any actor: its clients' sockets, the hub that is lent to it, names of
// instruments, dialects, and which connection belongs to which socket. Outlives the actors of its loop. Used on the
// loop's thread only; after construction, before the loop runs, also by whoever sets it up.
#pragma once

#include "actors/gateway_rules.hpp"
#include "actors/interfaces.hpp"
#include "actors/lending.hpp"
#include "actors/tracing.hpp"
#include "runtime/fanout/directory.hpp"
#include "runtime/fanout/hub_core.hpp"
#include "runtime/fanout/left_places.hpp"
#include "runtime/fanout/packer.hpp"
#include "runtime/fanout/printer.hpp"
#include "runtime/fanout/session.hpp"
#include "runtime/policy/auth_desk.hpp"
#include "runtime/policy/principal_table.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::actors {

/// The loop's client sockets, as far as actors use them. The server's are net::client_set's, a test's are the test's.
class client_sockets : public fanout::client_port {
public:
  virtual void close(fanout::client_key client, uint16_t code, std::string_view reason) = 0;
  /// What one request leads to, in one go: an answer that is long is not a sign of a slow reader.
  virtual void answer(fanout::client_key client, wire::opcode kind, std::span<const fanout::bytes> replies) {
    for (const auto& one : replies) reply(client, kind, one);
  }
  /// At once, without a close frame. Ignored for a socket that is closed already.
  virtual void abort(fanout::client_key client) = 0;
  /// Answers wait for it to such an extent that no further ones are to be made.
  virtual bool is_behind(fanout::client_key) const { return false; }
  virtual void pause_reading(fanout::client_key client) = 0;
  virtual void resume_reading(fanout::client_key client) = 0;
  /// The rules that are in force now for the listener of these; these themselves if it is gone.
  virtual listener_rules_ptr rules_now(const listener_rules_ptr& once) const { return once; }
};

/// One dialect on one loop.
struct dialect_place {
  std::string name;
  std::unique_ptr<plugin::dialect_host> host;
  std::unique_ptr<fanout::printer> print;
};

/// One compression policy on one loop. Shared: a client keeps what it has agreed on when a reload brings another.
struct compression_place {
  std::string name;
  std::unique_ptr<plugin::compression_host> host;
  std::unique_ptr<fanout::packer> packer;
};

using policy::principal_ptr;

/// Everything that is known of a client when its socket opens.
struct client_opening {
  dialect_place* dialect = nullptr;
  listener_rules_ptr rules;
  std::string peer, host;                         // host: of the peer, by which its connections count together
  fanout::client_identity identity;               // of nobody: it has to log in by a message
  std::shared_ptr<compression_place> compression; // null: none agreed
  uint32_t compression_group = 0;
  std::string trace_parent; // of the handshake, not checked
  uint64_t asked_ns = 0;    // when the handshake came, wall clock
  bool is_tls = false;
};

/// Makes spans of what the hub tells of traced updates.
class update_traces final : public fanout::trace_sink {
public:
  update_traces(actor_loop& loop, loop_tracing& tracing) : loop_(loop), tracing_(tracing) {}
  uint64_t now_ns() override { return loop_.wall_ns(); }
  uint64_t slow_ns() override { return tracing_.tracer ? tracing_.tracer->slow_ns() : UINT64_MAX; }
  fanout::traced_spans sent(const fanout::traced_update& update) override;

private:
  fanout::trace_link begin(const fanout::traced_update& update);
  actor_loop& loop_;
  loop_tracing& tracing_;
};

/// What is known of a principal; shared by its clients that come one after the other, as all do where nobody logs in.
struct known_principal {
  gateway_settings_ptr under; // the settings by which it has its rights
  principal_ptr who;
  std::shared_ptr<const policy::entitlement> rights; // null: its tier is not configured
};

struct gateway_context final : fanout::session_host {
  /// `sockets` may be set later, before the first client.
  gateway_context(actor_loop& home, uint32_t loop_number, uint32_t feed_count, std::vector<std::string> venue_names,
                  gateway_settings_ptr settings_of_node);
  gateway_context(const gateway_context&) = delete;

  static constexpr size_t hub_place = 0;     // in `hub`
  static constexpr uint32_t max_queued = 16; // messages of one client that wait for its connection

  struct client_place {
    fanout::client_key key;
    connection_actor connection; // null: none
    uint32_t queued = 0;
    bool is_paused = false;
    size_t put_off_bytes = 0;
    bool is_behind = false;         // with its answers: its connection has put off what it asks
    bool follows_directory = false; // wants to hear of instruments that come
    bool has_said_hello = false;
    uint64_t reminder_ns = 0; // 0: none
    const dialect_place* dialect = nullptr;
    listener_rules_ptr rules;            // by which it came
    principal_ptr who;                   // null: not logged in
    uint64_t since_ns = 0, messages = 0; // wall clock; of the client
    bool is_tls = false, is_compressed = false;
    uint64_t heard_ns = 0; // when it said something last, monotonic
    const client_rates* rates = nullptr;
    support::rate_bucket message_rate, warning_rate;
    uint64_t warned_ns = 0;
  };
  /// Counted on the loop's thread.
  struct counters {
    uint64_t messages_dropped = 0, rate_warnings = 0, rate_closed = 0, idle_closed = 0;
  };

  actor_loop& loop;
  const uint32_t number;
  const uint32_t feed_count;
  gateway_settings_ptr settings;
  loop_tracing tracing;
  update_traces traces;
  telemetry::histogram to_hub; // from a unit's arrival to the hub
  lending_table<fanout::hub_core> hub;
  fanout::directory names;
  std::vector<std::unique_ptr<dialect_place>> dialects;
  std::vector<std::shared_ptr<compression_place>> compressions;
  client_sockets* sockets = nullptr;
  policy::auth_desk* desk = nullptr;             // of the node; outlives the loop's actors
  policy::principal_table* principals = nullptr; // the same
  std::vector<client_place> clients;             // by socket index
  caf::actor connections;                        // their supervisor, null while it is down
  std::vector<feed_loop_actor> feeds;            // by number; null: not joined
  counters counts;
  known_principal newest;                       // of those that came
  fanout::left_places left;                     // by a hub that died, until its successor has the rows
  std::vector<model::instrument_id> distrusted; // by its clients

  dialect_place* find_dialect(std::string_view name);
  fanout::hub_core* hub_now() const { return hub.find(hub_place); }
  const book::publication* state_of(model::instrument_id id) const override;
  fanout::line_places places_of(fanout::client_key client, uint32_t from) const override;
  bool has_room(fanout::client_key client, const fanout::option_set& options) const override;

  // What the sockets tell.
  void opened(fanout::client_key client, client_opening opening);
  void message(fanout::client_key client, bool is_text, std::span<const uint8_t> bytes);
  void slow(fanout::client_key client);
  void drained(fanout::client_key client);
  void closed(fanout::client_key client, uint16_t code, std::string_view reason);

  /// The connection puts off what its client asks: nothing more is read until it has taken its answers, and then the
  /// connection hears (caught_up).
  void put_off(fanout::client_key client, size_t bytes);
  size_t put_off_bytes(fanout::client_key client) const;
  /// A connection has worked off one message of its client.
  void worked_off(fanout::client_key client);
  /// Whether a connection wants to hear of instruments that come; of those that go each one does.
  void follow(fanout::client_key client, bool is_wanted);
  /// The client has said HELLO: what it is told beside its session's answers has their form.
  void said_hello(fanout::client_key client);
  /// Asks for these instruments as if somebody had just stopped looking at them.
  void look_at(const std::vector<std::string>& symbols);
  /// The limits of a session of that dialect.
  fanout::session_limits limits_of(std::string_view dialect) const;
  /// When a client that is sent away shall come back: all over the spread, evenly however many they are.
  uint32_t retry_after_ms(fanout::client_key client) const;
  /// The connection is gone, in whatever way: its rows and its socket go as well.
  void release(fanout::client_key client);
  client_place* find(fanout::client_key client);

  /// Sends (deadline) to the client's connection at or soon after that time. One per client: a later call moves it.
  void remind(fanout::client_key client, uint64_t at_monotonic_ns);
  /// Has a credential checked by the policy that is in force now for the listener by whose rules the client came;
  /// `request` comes back in the login_result that the connection gets. False: the desk is full.
  bool check_login(fanout::client_key client, const listener_rules_ptr& came_by, policy::secret_text token,
                   std::string peer, uint64_t request);
  /// Who the client turned out to be, for the node's questions about all clients.
  void identified(fanout::client_key client, principal_ptr who);
  /// Closes a client whose principal has opened a newer connection than it may have.
  void give_way(fanout::client_key client);
  /// Says goodbye to all clients: the node is being drained.
  void send_away();
  /// Venues were added or removed, in the configuration's order.
  void change_venues(const std::vector<std::string>& venue_names);
  /// Settings were replaced: every connection looks at its limits and rights again.
  void change_settings(gateway_settings_ptr next);

  /// The hub dies: what its clients know is kept for its successor.
  void hub_ends(const fanout::hub_core& core) noexcept;
  /// A new hub has been lent: connections and feeds are told.
  void hub_started();
  void apply(const directory_news& news);
  /// Sends changed interest to the feeds and sees to the next tick. At the end of each turn.
  void end_turn();

private:
  void arm_tick();
  void on_tick();
  void arm_reminder();
  void on_reminder();
  void add_missing(const directory_news& whole, std::vector<model::instrument_id>& gone) const;
  void tell_directory(std::vector<model::instrument_id> came, std::vector<model::instrument_id> gone);
  void tell_finished();
  void send_interest();
  void too_fast(client_place& place, uint64_t now_ns);
  void warn(const client_place& place, uint32_t kind, wire::error_code code, uint64_t retry_after_ns);
  void arm_idle();
  void close_idle();
  /// Calls the hub; what it throws ends the hub's actor, not the caller.
  template <class Call>
  void with_hub(Call&& call);

  uint64_t armed_for_ns_ = UINT64_MAX;
  uint64_t last_sweep_ns_ = 0;
  bool idle_is_armed_ = false;
  uint64_t session_number_ = 0;
  std::multimap<uint64_t, fanout::client_key> reminders_;
  uint64_t reminder_for_ns_ = UINT64_MAX;
};

} // namespace tickplant::actors
