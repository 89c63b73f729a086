// What one network loop knows, apart from any actor: its clients' sockets, the hub that is lent to it, names of
// instruments, dialects, and which connection belongs to which socket. Outlives the actors of its loop. Used on the
// loop's thread only; after construction, before the loop runs, also by whoever sets it up.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/lending.hpp"
#include "runtime/fanout/directory.hpp"
#include "runtime/fanout/hub_core.hpp"
#include "runtime/fanout/printer.hpp"
#include "runtime/fanout/session.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::actors {

/// The loop's client sockets, as far as actors use them. The server's are net::client_set's, a test's are the test's.
class client_sockets : public fanout::client_port {
public:
  virtual void close(fanout::client_key client, uint16_t code, std::string_view reason) = 0;
  /// At once, without a close frame. Ignored for a socket that is closed already.
  virtual void abort(fanout::client_key client) = 0;
  virtual void pause_reading(fanout::client_key client) = 0;
  virtual void resume_reading(fanout::client_key client) = 0;
};

/// One dialect on one loop.
struct dialect_place {
  std::string name;
  std::unique_ptr<plugin::dialect_host> host;
  std::unique_ptr<fanout::printer> print;
};

struct gateway_context {
  /// `sockets` may be set later, before the first client.
  gateway_context(actor_loop& home, uint32_t loop_number, uint32_t feed_count, std::vector<std::string> venue_names,
                  fanout::session_limits limits_of_session);
  gateway_context(const gateway_context&) = delete;

  static constexpr size_t hub_place = 0;     // in `hub`
  static constexpr uint32_t max_queued = 16; // messages of one client that wait for its connection

  struct client_place {
    fanout::client_key key;
    connection_actor connection; // null: none
    uint32_t queued = 0;
    bool is_paused = false;
  };

  actor_loop& loop;
  const uint32_t number;
  const uint32_t feed_count;
  const fanout::session_limits limits;
  lending_table<fanout::hub_core> hub;
  fanout::directory names;
  std::vector<std::unique_ptr<dialect_place>> dialects;
  client_sockets* sockets = nullptr;
  std::vector<client_place> clients;       // by socket index
  caf::actor connections;                  // their supervisor, null while it is down
  std::vector<feed_loop_actor> feeds;      // by number; null: not joined
  std::vector<subscription_actor> waiting; // subscriptions with names that are not known yet

  dialect_place* find_dialect(std::string_view name);
  fanout::hub_core* hub_now() { return hub.find(hub_place); }
  fanout::state_lookup states();

  // What the sockets tell.
  void opened(fanout::client_key client, dialect_place& dialect, std::string peer);
  void message(fanout::client_key client, bool is_text, std::span<const uint8_t> bytes);
  void drained(fanout::client_key client);
  void closed(fanout::client_key client, uint16_t code, std::string_view reason);

  /// A connection has worked off one message of its client.
  void worked_off(fanout::client_key client);
  /// The connection is gone, in whatever way: its rows and its socket go as well.
  void release(fanout::client_key client);
  client_place* find(fanout::client_key client);

  /// A new hub has been lent: connections and feeds are told.
  void hub_started();
  void apply(const directory_news& news);
  /// Sends changed interest to the feeds and sees to the next tick. At the end of each turn.
  void end_turn();

private:
  void arm_tick();
  void on_tick();
  void send_interest();
  /// Calls the hub; what it throws ends the hub's actor, not the caller.
  template <class Call>
  void with_hub(Call&& call);

  uint64_t armed_for_ns_ = UINT64_MAX;
  uint64_t last_sweep_ns_ = 0;
  uint64_t session_number_ = 0;
};

} // namespace tickplant::actors
