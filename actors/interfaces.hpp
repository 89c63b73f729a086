// The map of the system: every typed handle and every message between actors. Who sends what is said per message.
// All on-loop actors; only the node and the supervisors above them live on the scheduler. Rules: docs/architecture.md.
#pragma once

#include "actors/fwd.hpp"
#include "runtime/admin/routes.hpp"
#include "runtime/admin/views.hpp"
#include "runtime/book/feed.hpp"
#include "runtime/policy/auth_desk.hpp"
#include "runtime/policy/entitlement.hpp"

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::actors {

/// SYMBOL BOOK: owns one instrument at one venue; its engine is lent to the feed loop, which applies events by calls.
using symbol_book_actor = caf::typed_actor<
  // From its feed loop: what all hubs together want of this book.
  caf::result<void>(interest_change),
  // From anybody: the book as it stands.
  caf::result<book::publication>(atom::snapshot),
  // From its feed loop or an operator: mark stale and rebuild from the venue.
  caf::result<void>(atom::resynchronise, std::string)>;

/// VENUE ADAPTER: owns one plugin instance with its lines and order stores.
using venue_adapter_actor = caf::typed_actor<
  // From its feed loop: what is wanted of which instrument, for venues that subscribe upstream.
  caf::result<void>(interest_news),
  // From a book: it needs the venue again.
  caf::result<void>(atom::resynchronise, model::instrument_id, std::string),
  // From an operator: start anew on these lines, primary or backup. Answers what is wrong with that, or nothing.
  caf::result<std::string>(atom::use_lines, std::string),
  // From anybody: state, counters.
  caf::result<venue_status>(atom::status)>;

/// FEED LOOP: mailbox of a feed loop's plain context: interest in, batches out.
using feed_loop_actor = caf::typed_actor<
  // From a hub that starts: it wants the directory and batches.
  caf::result<void>(hub_joined),
  // From a hub: changes of what its loop wants.
  caf::result<void>(interest_news),
  // From a hub: a batch is taken, credit comes back. The number is the hub's.
  caf::result<void>(atom::taken, uint32_t),
  // From the consolidator: it wants to know of instruments, and of what it watches.
  caf::result<void>(consolidator_joined),
  // From the consolidator: which books it watches.
  caf::result<void>(watch_news),
  // From the consolidator on another loop: what watched books showed is taken, credit comes back.
  caf::result<void>(atom::legs_taken), caf::result<feed_status>(atom::status)>;

/// CONSOLIDATOR: follows what venues define, and decides which consolidated books there are.
using consolidator_actor = caf::typed_actor<
  // From a feed loop: instruments that came or went, directories complete.
  caf::result<void>(directory_news),
  // From a feed loop other than its own: what watched books show.
  caf::result<void>(leg_news),
  // From a feed loop actor that was started anew: join again.
  caf::result<void>(feed_joined)>;

/// CONSOLIDATED BOOK: owns one instrument over several venues; its core is lent to its feed loop, which brings what the
/// legs show by calls.
using consolidated_book_actor = caf::typed_actor<
  // From its feed loop: what all hubs together want of this book.
  caf::result<void>(interest_change),
  // From anybody: the book as it stands.
  caf::result<book::publication>(atom::snapshot)>;

/// HUB: owns the subscription tables of one network loop, lent to its connections and subscriptions.
using hub_actor = caf::typed_actor<
  // From a feed loop: instruments that came or went, directories complete.
  caf::result<void>(directory_news),
  // From a feed loop: what a burst changed.
  caf::result<void>(feed_batch),
  // From a feed loop actor that was started anew: join again.
  caf::result<void>(feed_joined), caf::result<hub_status>(atom::status)>;

/// CONNECTION: one client's session; owns its socket's record and supervises its subscriptions.
using connection_actor = caf::typed_actor<
  // From its socket: a whole message of the client.
  caf::result<void>(client_message),
  // From its socket: closed.
  caf::result<void>(client_closed),
  // From the hub of its loop after a restart: register again.
  caf::result<void>(atom::hub_up),
  // From its loop: instruments have come, and others gone.
  caf::result<void>(directory_change),
  // From its loop: a row that was to have one snapshot has got it.
  caf::result<void>(row_finished),
  // From the supervisor of connections: say goodbye with this close code and reason.
  caf::result<void>(atom::drain, uint16_t, std::string),
  // From the login check: what came of the credential that the client sent.
  caf::result<void>(login_result),
  // From its loop: a time that it asked for has come (login, heartbeat, end of the principal's time).
  caf::result<void>(atom::deadline),
  // From its loop: a reload has changed limits or tiers.
  caf::result<void>(atom::rules_changed),
  // From its loop: the client has taken the answers that waited for it, and what it asked meanwhile may be looked at.
  caf::result<void>(atom::caught_up)>;

/// SUBSCRIPTION: one option set of one client; its symbols are rows in the hub's tables.
using subscription_actor = caf::typed_actor<
  // From its connection: what is to be done to rows.
  caf::result<void>(row_change),
  // From its connection: there is a new hub, put the rows back.
  caf::result<void>(atom::hub_up)>;

/// LISTENER: one configured port.
using listener_actor = caf::typed_actor<
  // From its supervisor: accept nobody any more.
  caf::result<void>(atom::drain),
  // The port that it really listens on.
  caf::result<uint16_t>(atom::status)>;

/// ADMIN: answers the admin API from what the other actors and loops say.
using admin_actor = caf::typed_actor<
  // From its sockets, or from a listener that serves /metrics.
  caf::result<void>(admin_query),
  // From itself: what a loop or a service had to say.
  caf::result<void>(admin_news),
  // From its supervisor: accept nobody any more.
  caf::result<void>(atom::drain),
  // The port that it really listens on; 0: none.
  caf::result<uint16_t>(atom::status)>;

/// What a feed loop tells hubs about instruments, in the order in which it happened.
struct directory_news {
  std::vector<std::pair<model::instrument_id, model::instrument_ptr>> added;
  std::vector<model::instrument_id> removed;
  std::vector<std::string> complete, incomplete;                  // venues
  std::vector<std::pair<model::instrument_id, std::string>> lost; // books that are down, and why
  bool is_whole = false;                                          // `added` is all that the feed loop has
  uint32_t feed = 0;                                              // number of the feed loop
};

struct consolidator_joined {
  consolidator_actor consolidator;
};

struct watch_news {
  std::vector<std::pair<model::instrument_id, uint32_t>> watch; // and how many levels a side
  std::vector<model::instrument_id> forget;
};

struct leg_news {
  uint32_t feed = 0; // number of the feed loop, whom to give credit back
  std::vector<std::pair<model::instrument_id, book::top_state>> legs;
};

/// Of consolidation, since the start where a number only grows.
struct consolidation_counts {
  uint64_t books = 0, lost_books = 0, stale_books = 0; // lost: their actor is down
  uint64_t starts = 0, changes = 0, ends = 0;          // signals
  uint64_t brief = 0;                                  // opportunities that were over before they lasted long enough
  uint64_t open = 0, lost_signals = 0;
};

struct feed_batch {
  uint32_t feed = 0; // number of the feed loop, whom to give credit back
  book::publication_batch_ptr batch;
};

struct hub_joined {
  uint32_t number = 0;
  hub_actor hub;
};

struct feed_joined {
  uint32_t number = 0;
  feed_loop_actor feed;
};

struct interest_news {
  uint32_t hub = 0;
  std::vector<fanout::interest_update> updates;
};

struct interest_change {
  book::interest wanted;
};

struct client_message {
  std::vector<uint8_t> bytes; // TP_FRAME_PADDING more than the message has
  uint32_t size = 0;
  bool is_text = true;
};

struct client_closed {
  uint16_t code = 0;
  std::string reason;
};

/// What a subscription has to do to its rows, in this order.
struct row_change {
  struct step {
    enum class kind : uint8_t {
      add,    // and go on from there, if `from` says where
      remove, // from the hub too
      adopt,  // a row that has had other options
      forget, // a row that another subscription has adopted
      pause
    };
    kind what = kind::add;
    bool is_paused = false;
    model::instrument_id id{};
    std::vector<fanout::line_point> from;
    fanout::options_ptr had; // adopt
  };
  std::vector<step> steps;
};

struct directory_change {
  std::shared_ptr<const std::vector<model::instrument_id>> came, gone;
};

struct row_finished {
  fanout::option_set options;
  model::instrument_id id{};
};

struct login_result {
  uint64_t request = 0;
  const void* judge = nullptr; // which instance of the policy answered; to be compared, never used
  policy::auth_outcome outcome;
};

struct venue_status {
  std::string name, plugin, state, last_error;
  uint64_t instruments = 0, live_orders = 0, events = 0, refused = 0, resynchronisations = 0;
  book::book_counts books;
  std::vector<std::pair<std::string, uint64_t>> counters; // the plugin's own
  uint64_t lost = 0; // times that a channel or book could be helped by a snapshot only
  std::vector<std::pair<std::string, uint64_t>> refusals; // by reason
  std::string lines_in_use;                               // primary, backup; empty: there is one group only
  uint64_t line_switches = 0;
  admin::recovery_figures recovery;
  std::vector<admin::line_row> lines;
};

struct feed_status {
  uint64_t books = 0, batches = 0, publications = 0;
};

struct hub_status {
  uint64_t clients = 0;
  fanout::hub_counters counters;
};

/// A request that is fine. `reply` is called once, on the admin loop; if the actor dies before, never.
struct admin_query {
  admin::command wanted;
  std::string peer; // for the log
  std::function<void(admin::answer)> reply;
};

struct admin_news {
  std::function<void()> take;
};

} // namespace tickplant::actors
