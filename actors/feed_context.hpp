// What one feed loop knows, apart from any actor: the table of lent engines, what changed, who listens, and which
// instruments and venues there are. Outlives the actors of its loop, so that each of them can be started anew. Used on
// the loop's thread only; after construction, before the loop runs, also by whoever sets it up.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/leg_watch.hpp"
#include "actors/lending.hpp"
#include "actors/tracing.hpp"
#include "runtime/book/engine.hpp"
#include "runtime/book/feed.hpp"
#include "runtime/fanout/publisher.hpp"
#include "runtime/telemetry/histogram.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tickplant::actors {

struct feed_context;
class consolidation_context;

/// One venue on its feed loop: what survives its adapter and its books.
struct venue_place {
  std::string name;            // upper case
  bool is_complete = false;    // its directory
  venue_adapter_actor adapter; // null while it is down
  book::feed* feed = nullptr;  // lent by the adapter while it lives
  caf::actor books;            // supervisor of its symbol books, null while it is down
  std::vector<model::instrument_id> instruments;
  bool is_removed = false; // no longer configured; its place waits for a venue of that name
  std::string suspension;  // why its books are stale while nobody feeds them; empty: it is not suspended
};

/// One instrument: what survives its book.
struct instrument_place {
  model::instrument_ptr instrument;
  size_t venue = 0; // in feed_context::venues
  bool is_retired = false;
  std::map<uint32_t, book::interest> wanted; // by hub
  book::interest all() const;                // union over the hubs
  book::interest watched;                    // by consolidation
  book::interest at_venue() const;           // all and watched
};

struct feed_context {
  /// Identities are handed out as number, number + stride, number + 2 * stride..., so that they are unique in the node.
  feed_context(actor_loop& home, uint32_t feed_number, uint32_t feed_count, uint64_t started_ns);
  feed_context(const feed_context&) = delete;

  actor_loop& loop;
  const uint32_t number;
  lending_table<book::engine> books;
  book::dirty_list dirty;
  fanout::publisher publisher;
  std::vector<std::unique_ptr<venue_place>> venues;
  std::map<uint32_t, hub_actor> hubs;
  loop_tracing tracing;
  telemetry::histogram to_book;   // from a unit's arrival to the publication of what it changed
  book::delivery_stamps delivery; // of this turn; all zero where nothing is traced
  feed_loop_actor self;           // the loop's mailbox, null while it is down
  leg_watch legs;
  consolidation_context* consolidation = nullptr; // where this is its home

  /// A place for a venue; one of that name that was removed is taken again. Places never move.
  venue_place& add_venue(std::string name);
  /// The venue is no longer configured and its actors are gone: all its instruments go for good.
  void remove_venue(venue_place& venue);
  /// The identity of a symbol, made at its first sight; announced to the hubs if its definition is another than before.
  model::instrument_id define(venue_place& venue, const model::instrument& instrument);
  void retire(model::instrument_id id);
  /// The venue's directory is complete; or, where the adapter starts anew, not yet again. `gone` is retired in the same
  /// breath: whoever is told that a symbol has ended, and asks for it at once, must not hear that it may yet come.
  void set_complete(venue_place& venue, bool complete, const std::vector<model::instrument_id>& gone = {});
  instrument_place* find(model::instrument_id id);
  /// Books of the venue are stale for this reason, those that are started meanwhile too; empty: no longer.
  void suspend(venue_place& venue, std::string why);
  /// Rising over restarts of books and of the process.
  uint64_t next_epoch() { return epoch_++; }

  void join(uint32_t hub_number, const hub_actor& hub);
  void change_interest(uint32_t hub_number, const std::vector<fanout::interest_update>& updates);
  void join(const consolidator_actor& consolidator);
  void change_watch(const watch_news& news);
  /// The interest of all instruments of a venue, for an adapter that has just started.
  interest_news interest_of(const venue_place& venue) const;
  /// Sends what is due; at the end of each turn and of each delivery of packets.
  void publish();

private:
  void announce(const directory_news& news);
  bool drop(model::instrument_id id); // false: it is retired, or unknown
  directory_news whole_directory() const;
  void tell_book(model::instrument_id id);
  void announce_lost_books();

  std::vector<model::instrument_id> withdrawn_; // in this turn
  uint32_t next_id_, stride_;
  uint64_t epoch_; // begins with microseconds: clients whose numbers are doubles have to get it whole
  std::unordered_map<uint32_t, instrument_place> instruments_;
  std::map<std::pair<size_t, std::string>, model::instrument_id, std::less<>> by_symbol_;
};

struct feed_loop_state {
  static inline const char* name = "tp.feed_loop";
  feed_context* context = nullptr;
  ~feed_loop_state() {
    if (context) context->self = nullptr;
  }
};

/// The loop's mailbox in front of its context.
feed_loop_actor::behavior_type feed_loop(loop_pointer<feed_loop_actor, feed_loop_state> self, feed_context* context);

} // namespace tickplant::actors
