// The inside of a feed: which instrument is bound to which book, how far each book is synchronised, what is held.
// feed.cpp has the host calls, feed_instruments.cpp what is defined and lent, feed_emit.cpp the loop over events,
// synchroniser.cpp the ways from awaiting to live.
#pragma once

#include "runtime/book/book_events.hpp"
#include "runtime/book/feed.hpp"
#include "runtime/book/held_events.hpp"
#include "runtime/book/text_table.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace tickplant::book {

/// How far a book is synchronised with its feed.
enum class stage : uint8_t {
  awaiting,  // never complete: live events are held
  live,      // takes events as they come
  lost,      // was complete, or its snapshot failed: live events are held
  rebuilding // between SNAPSHOT_BEGIN and SNAPSHOT_END: takes the snapshot's events, holds live ones
};

/// One instrument number of the plugin.
struct binding {
  model::instrument_ptr instrument; // null: number not in use
  model::instrument_id id{};
  book_state* book = nullptr; // while an engine is lent
  stage at = stage::awaiting;
  bool is_wanted = false;
  bool had_book = false; // the next engine is a successor
  bool was_live = false; // when the snapshot began
  uint64_t begun_at = 0; // arrivals of the channel when the snapshot began
  /// Last number that was applied to a book that is no more, or dropped: a snapshot that ends before it lacks events.
  uint64_t gone_through = 0;
  uint64_t covered_through = 0; // by the snapshot that it lives from
  held_events::list held;
  held_events::list replaying; // the rest of what is being sent through again

  /// Whether prints come as they are made: when it ends, some may be missed.
  bool is_running() const { return book != nullptr && (at == stage::live || at == stage::rebuilding); }
  bool is(uint8_t kind) const { return instrument->book == kind; }
  /// Books without levels need no snapshot: each quote or trade stands for itself.
  bool has_levels() const { return is(TP_BOOK_ORDERS) || is(TP_BOOK_LEVELS); }
  /// Whether the snapshot that it lives from has this live event.
  bool covers(const tp_event& e) const { return e.sequence != 0 && e.sequence <= covered_through; }
  /// Whether orders may exist that the store does not know, so that an unknown one is no orphan yet.
  bool is_waiting() const {
    return instrument != nullptr && is_wanted && is(TP_BOOK_ORDERS) && (at != stage::live || book == nullptr);
  }
};

struct channel_state {
  channel_state(uint32_t number_, bool is_dense, book_memory& memory, size_t hold)
    : number(number_), store(is_dense, memory), holds(hold) {}

  uint32_t number;
  bool is_complete = false;  // known from its first number: an instrument that appears has an empty book
  bool is_up = false;        // live, whether or not complete
  size_t waiting = 0;        // bindings that wait, see binding::is_waiting
  size_t unwanted = 0;       // of its instruments: the orders of these are not known
  uint64_t arrival = 0;      // of the held event that is being sent through again, 0 = none
  uint32_t replays = 0;      // under way, one inside the other
  uint64_t gone_through = 0; // last number of an event that was dropped and may be of any book
  uint64_t reach = 0;        // greatest number that a snapshot of this recovery covers
  order_store store;
  held_events holds;
  held_events::list unresolved; // TP_OF_ORDER events whose order is not known yet; not always in order
  /// Orders that were added by events held for books without engines: their instruments.
  std::unordered_map<uint64_t, uint32_t> named;
  std::vector<uint32_t> numbers; // of its instruments
  std::vector<uint32_t> half;    // of its books that have begun a venue event

  /// Nothing that was heard of the channel as a whole holds any more.
  void forget() {
    is_up = is_complete = false;
    gone_through = std::max(gone_through, holds.last_number(unresolved));
    holds.drop(unresolved);
    named.clear();
    begun.reset();
    reach = 0;
  }
  std::optional<tp_event> begun; // SNAPSHOT_BEGIN of the whole channel, until its END: instruments may appear inside
};

/// Kinds of live events that need no thought, as bits, by the kind of book. The others go through `take_slowly`.
uint32_t short_kinds(uint8_t book);

struct feed::parts final : book_host {
  parts(feed_options options_, engine_table& engines_, dirty_list& dirty_, feed_owner& owner_);
  ~parts();

  // feed_emit.cpp
  void emit(channel_state& c, std::span<const tp_event> events);
  void emit_one(channel_state& c, const tp_event& e);
  template <class Ahead>
  void emit_burst(channel_state& c, std::span<const tp_event> events, const Ahead& ahead);
  bool is_short(const channel_state& c, const book_state& b, const tp_event& e) const;
  void survive(const tp_event& e, std::string_view what) noexcept;
  void dispatch(channel_state& c, const tp_event& e);
  void take_live(channel_state& c, event_context& context, book_state& b, const tp_event& e);
  void take_event(channel_state& c, event_context& context, book_state& b, const tp_event& e);
  void finish_half(channel_state& c, const tp_event& e);
  void complete(channel_state& c, book_state& b, const tp_event& e);
  void judge(channel_state& c, book_state& b, const tp_event& e, outcome result);
  event_context context_of(channel_state& c) {
    return event_context{memory, c.store, trades, counters, *this, books.data()};
  }

  // synchroniser.cpp
  void take_slowly(channel_state& c, binding& b, const tp_event& e);
  void dispatch_all(channel_state& c, const tp_event& e);
  void hold(channel_state& c, held_events::list& to, const tp_event& e);
  void hold_without_engine(channel_state& c, binding& b, const tp_event& e);
  void overflow(channel_state& c, uint64_t dropped);
  void begin_snapshot(channel_state& c, binding& b, const tp_event& e);
  void end_snapshot(channel_state& c, binding& b, const tp_event& e);
  void begin_complete(channel_state& c, binding& b, uint64_t from);
  void go_live(channel_state& c, binding& b);
  void replay(channel_state& c, binding& b, uint64_t through);
  std::vector<uint32_t> open_books(std::span<const uint32_t> numbers) const;
  void adopt_unresolved(channel_state& c, std::span<const uint32_t> numbers);
  void judge_unresolved(channel_state& c);
  /// An event names an order that is not known, and nothing else: it may be of an instrument that nobody wants.
  void count_orphan(const channel_state& c) {
    ++(c.unwanted > 0 ? counters.unwanted : counters.refused[static_cast<size_t>(refusal::unknown_order)]);
  }
  void give_up(channel_state& c, binding& b, std::string_view reason);
  void fail(binding& b, std::string_view what) noexcept;
  void restart(channel_state& c, binding& b, std::string_view reason);
  void renumber(binding& b);
  void live_from(channel_state& c, std::span<const uint32_t> numbers, uint64_t from);
  void silence(std::span<const uint32_t> numbers, std::string_view reason);
  void set_stage(channel_state& c, binding& b, stage to);
  template <class Change>
  void guarded(binding& b, Change&& change, uint64_t number = 0);

  // feed_instruments.cpp
  void attach(channel_state& c, binding& b, book_state& book);
  void detach(channel_state& c, binding& b);
  int32_t define(const tp_instrument& definition);
  int32_t redefine(channel_state& c, binding& b, model::instrument_ptr instrument);
  void unbind(uint32_t number);
  void forget_book(uint32_t number) override;

  // feed.cpp
  void make_present(size_t bytes);
  TP_HOT channel_state* channel_of(uint32_t number) {
    return last_channel != nullptr && last_channel->number == number ? last_channel : other_channel(number);
  }
  channel_state* other_channel(uint32_t number);
  channel_state& open_channel(uint32_t number);
  void lose(uint32_t number, std::string_view reason) override;

  feed_options options;
  engine_table& engines;
  dirty_list& dirty;
  feed_owner& owner;
  feed_counters counters;
  uint64_t received_ns = 0;
  book_memory memory;
  std::optional<order_index> first_index; // made before its channel is known, so that its memory is present
  trade_table trades;
  text_table texts;
  std::vector<binding> bindings;  // by instrument number
  book_state nobody;              // takes the place of books that are not there: never live
  std::vector<book_state*> books; // by instrument number, and `nobody` at the end
  std::unordered_map<uint32_t, std::unique_ptr<channel_state>> channels;
  channel_state* last_channel = nullptr;          // the one that was asked for last
  std::unordered_map<uint32_t, uint32_t> numbers; // index of id -> instrument number
};

/// What one book's event throws (memory is exhausted) is that book's death, not the feed's. `number`: the event's,
/// which the book then lacks.
template <class Change>
void feed::parts::guarded(binding& b, Change&& change, uint64_t number) {
  try {
    change();
  } catch (const std::exception& x) {
    b.gone_through = std::max(b.gone_through, number);
    fail(b, x.what());
  }
}

} // namespace tickplant::book
