// How a book comes from awaiting to live and back: snapshots, what is held meanwhile, losses, restarts. The rules are
// those of the venue ABI: what a snapshot covers is dropped by its number, the rest is applied in order.
#include "runtime/book/feed_parts.hpp"

#include <unordered_set>

namespace tickplant::book {
namespace {

/// Whether an event changes or needs orders and levels.
bool needs_levels(const tp_event& e) {
  return e.kind <= TP_EV_CLEAR;
}

/// Whether this kind of book has use for this kind of event at all.
bool accepts(uint8_t book, const tp_event& e) {
  return !needs_levels(e) || e.kind == TP_EV_CLEAR || (e.kind < 32 && (short_kinds(book) >> e.kind & 1) != 0);
}

} // namespace

void feed::parts::set_stage(channel_state& c, binding& b, stage to) {
  const bool waited = b.is_waiting();
  b.at = to;
  c.waiting += static_cast<size_t>(b.is_waiting()) - static_cast<size_t>(waited);
  if (b.book == nullptr) return;
  b.book->is_live = to == stage::live;
  b.book->short_kinds = to == stage::live ? short_kinds(b.instrument->book) : 0;
}

/// Events that the short way does not take: rare kinds, and whatever comes for a book that is not live.
void feed::parts::take_slowly(channel_state& c, binding& b, const tp_event& e) {
  if (e.kind == TP_EV_SNAPSHOT_BEGIN) return begin_snapshot(c, b, e);
  if (e.kind == TP_EV_SNAPSHOT_END) return end_snapshot(c, b, e);
  event_context context = context_of(c);
  if (!accepts(b.instrument->book, e)) {
    refuse(context, refusal::unknown_kind);
    return;
  }
  const bool of_snapshot = (e.flags & TP_SNAPSHOT) != 0, with_levels = needs_levels(e);
  if (of_snapshot && with_levels && b.at != stage::rebuilding) {
    refuse(context, refusal::stale_sequence); // of a snapshot that nobody began, or that has been given up
    return;
  }
  // Trades, quotes, status and values of price-level books stand for themselves; those of order books wait, since
  // executions, which wait for their orders, belong between them.
  const bool stands_alone = !with_levels && !b.is(TP_BOOK_ORDERS);
  if (b.at != stage::live && !stands_alone && !(of_snapshot && b.at == stage::rebuilding)) return hold(c, b.held, e);
  book_state& book = *b.book;
  if (b.at == stage::rebuilding && with_levels) {
    // Not shown before the snapshot is whole.
    if (e.kind == TP_EV_CLEAR)
      drop_levels(book, &c.store, memory);
    else if (apply_event(context, book, e) == outcome::broken)
      return give_up(c, b, "the snapshot does not fit into the feed's limits");
    ++counters.applied;
    ++counters.rebuilt;
    return;
  }
  if (e.kind != TP_EV_CLEAR) return take_event(c, context, book, e);
  drop_levels(book, &c.store, memory);
  book.is_changed = true;
  ++counters.applied;
  book.venue_sequence = std::max(book.venue_sequence, e.sequence);
  if (e.flags & TP_END) {
    if (!book.is_half) complete(c, book, e);
  } else if (!book.is_half) {
    book.is_half = true;
    c.half.push_back(book.number);
  }
}

void feed::parts::dispatch_all(channel_state& c, const tp_event& e) {
  if (e.kind == TP_EV_SNAPSHOT_END) adopt_unresolved(c, open_books(c.numbers));
  tp_event one = e;
  for (const uint32_t number : c.numbers) {
    const binding& b = bindings[number];
    if (!b.is_wanted) continue;
    one.instrument = number;
    // Marks of a snapshot of the whole channel mean those that take part in it.
    if (e.kind == TP_EV_SNAPSHOT_END && b.book != nullptr && b.at != stage::rebuilding) continue;
    dispatch(c, one);
  }
  if (e.kind == TP_EV_SNAPSHOT_BEGIN) c.begun = e;
  if (e.kind == TP_EV_SNAPSHOT_END) {
    c.begun.reset();
    c.is_complete = c.is_up = true;
    owner.snapshot_ended(c.number, TP_ALL);
  }
  if ((e.flags & TP_END) && !c.half.empty()) finish_half(c, e);
}

void feed::parts::hold(channel_state& c, held_events::list& to, const tp_event& e) {
  bool has_room = false;
  try {
    has_room = c.holds.push(to, e, c.arrival);
  } catch (const std::bad_alloc&) {
    // As if the limit had been reached: the event may be any book's.
  }
  if (!has_room) return overflow(c, e.sequence);
  ++counters.held;
}

/// Later events may name the orders of this one alone, and have to keep their places behind it.
void feed::parts::hold_without_engine(channel_state& c, binding& b, const tp_event& e) {
  if (c.holds.size() == 0) c.named.clear();
  if (b.is(TP_BOOK_ORDERS) && (e.kind == TP_EV_ADD || e.kind == TP_EV_REPLACE)) {
    try {
      c.named[e.kind == TP_EV_ADD ? e.order : e.ref] = b.instrument->number;
    } catch (const std::bad_alloc&) {
      return overflow(c, e.sequence);
    }
  }
  hold(c, b.held, e);
}

/// More comes than may be held: all of it is dropped, and every book that waited needs another snapshot, which has the
/// number of the event for which there was no room.
void feed::parts::overflow(channel_state& c, uint64_t dropped) {
  ++counters.refused[static_cast<size_t>(refusal::hold_overflow)];
  counters.hold_dropped += c.holds.size() + 1;
  const bool was_up = c.is_up; // the line is well, only our books are not
  c.forget();
  c.gone_through = std::max(c.gone_through, dropped);
  c.is_up = was_up;
  for (const uint32_t number : c.numbers) {
    binding& b = bindings[number];
    if (b.is_wanted && (b.at != stage::live || b.book == nullptr))
      lose(number, "too many events while the book was not live");
  }
  owner.resynchronise_wanted(c.number, TP_ALL, "too many events held");
}

void feed::parts::begin_snapshot(channel_state& c, binding& b, const tp_event& e) {
  book_state& book = *b.book;
  b.was_live = b.at == stage::live;
  b.begun_at = c.arrival != 0 ? c.arrival : c.holds.arrivals(); // it may have been held itself
  b.gone_through = std::max(b.gone_through, book.venue_sequence);
  // Trust goes first: it keeps the top that is about to be dropped.
  book.distrust(trust::stale, "rebuilding from a snapshot");
  drop_levels(book, &c.store, memory);
  book.is_changed = false;
  if (e.detail == TP_SNAPSHOT_HISTORY) book.day.restart();
  set_stage(c, b, stage::rebuilding);
}

void feed::parts::end_snapshot(channel_state& c, binding& b, const tp_event& e) {
  if (b.at != stage::rebuilding) {
    ++counters.refused[static_cast<size_t>(refusal::stale_sequence)];
    return;
  }
  // The first level change behind the snapshot has to join it: first update id <= last id of the snapshot + 1
  // (venues/binance.md C1). Other venues' plugins prove it themselves, their numbers are not all seen here.
  bool is_first = true, joins = true;
  c.holds.each(b.held, [&](const tp_event& held) {
    if (held.kind != TP_EV_LEVEL || held.sequence <= e.sequence || !is_first) return;
    is_first = false;
    joins = held.ref <= e.sequence + 1;
  });
  if (!joins && e.sequence != 0) {
    ++counters.refused[static_cast<size_t>(refusal::check_failed)];
    return give_up(c, b, "the snapshot is older than the first change held");
  }
  const bool is_told_again = !is_first; // a change that joins it: the plugin has kept, and repeated, what was dropped
  if (e.sequence != 0 && !is_told_again && e.sequence < std::max(b.gone_through, c.gone_through)) {
    ++counters.refused[static_cast<size_t>(refusal::check_failed)];
    return give_up(c, b, "the snapshot is older than what came before it");
  }
  // A snapshot that was itself held: what lies behind it waits for its turn among what is adopted, in one order.
  if (!b.replaying.is_empty()) {
    c.holds.move_if(b.replaying, [&b](const tp_event&, uint64_t) { return &b.held; });
    c.holds.restore_order(b.held);
  }
  adopt_unresolved(c, {&b.instrument->number, 1});
  if (b.at != stage::rebuilding) return; // an event of the snapshot never reached it
  book_state& book = *b.book;
  b.gone_through = 0; // all of it is inside
  b.covered_through = e.sequence;
  book.venue_sequence = e.sequence;
  book.is_snapshot_due |= !b.was_live;
  c.reach = std::max(c.reach, e.sequence);
  go_live(c, b);
  book.show(e.venue_ns, received_ns);
  replay(c, b, e.sequence);
  if (b.at == stage::live && b.is(TP_BOOK_LEVELS) && !book.is_half && book.is_crossed()) {
    ++counters.crossed;
    give_up(c, b, "the snapshot is crossed");
  }
  if (b.at == stage::live) owner.snapshot_ended(c.number, b.instrument->number);
  judge_unresolved(c);
}

void feed::parts::go_live(channel_state& c, binding& b) {
  set_stage(c, b, stage::live);
  b.had_book = false;
  b.book->become_trusted();
}

/// The channel is known from number `from` on, its first: the book is complete as an empty one.
void feed::parts::begin_complete(channel_state& c, binding& b, uint64_t from) {
  if (b.book == nullptr) {
    set_stage(c, b, stage::live); // the engine that is lent for it takes what is held
    return;
  }
  book_state& book = *b.book;
  // Everything the day had is told again, or for the first time.
  if (b.is(TP_BOOK_ORDERS)) book.day.restart();
  book.venue_sequence = 0;
  book.is_snapshot_due = true;
  b.begun_at = 0;
  b.covered_through = from > 0 ? from - 1 : 0;
  go_live(c, b);
  replay(c, b, b.covered_through);
}

/// Sends what was held for a book through the ordinary way again, but for what its snapshot covers. What has to wait
/// once more (the book may be lost meanwhile, or a snapshot begin) keeps its place.
void feed::parts::replay(channel_state& c, binding& b, uint64_t through) {
  const uint64_t begun_at = b.begun_at;
  ++c.replays;
  held_events::list& waiting = b.replaying;
  waiting = std::exchange(b.held, {});
  try {
    while (!waiting.is_empty()) {
      const held_events::held held = c.holds.pop(waiting);
      // Events of a later snapshot repeat what an earlier one covers: only their place counts.
      const uint64_t sequence = held.event.flags & TP_SNAPSHOT ? 0 : held.event.sequence;
      const bool is_covered = sequence != 0 && through != 0 ? sequence <= through : held.arrival <= begun_at;
      c.arrival = held.arrival;
      if (!is_covered)
        dispatch(c, held.event);
      else if (b.book != nullptr && is_for_tape(held.event))
        b.book->printed.miss();
    }
  } catch (...) {
    c.holds.drop(waiting);
    c.arrival = 0;
    --c.replays;
    throw;
  }
  c.arrival = 0;
  --c.replays;
}

/// Of these, the books that may be given held events: all but those that take them as they come.
std::vector<uint32_t> feed::parts::open_books(std::span<const uint32_t> chosen) const {
  std::vector<uint32_t> open;
  for (const uint32_t number : chosen)
    if (bindings[number].book == nullptr || bindings[number].at != stage::live) open.push_back(number);
  return open;
}

/// Moves the events of unknown orders that belong to these instruments to them: their orders came with the snapshot, or
/// with an event that was held itself. A book that has such an order, and has gone on without the event, is given up.
void feed::parts::adopt_unresolved(channel_state& c, std::span<const uint32_t> chosen) {
  if (c.unresolved.is_empty()) return;
  std::unordered_set<uint32_t> passed_over;
  try {
    // What has been sent through again in vain stands behind what came after it.
    c.holds.restore_order(c.unresolved);
    std::unordered_map<uint64_t, uint32_t> added;
    for (const uint32_t number : chosen)
      c.holds.each(bindings[number].held, [&](const tp_event& e) {
        if (e.kind == TP_EV_ADD)
          added[e.order] = number;
        else if (e.kind == TP_EV_REPLACE)
          added[e.ref] = number;
      });
    const std::unordered_set<uint32_t> wanted(chosen.begin(), chosen.end());
    std::unordered_set<uint32_t> touched;
    c.holds.move_if(c.unresolved, [&](const tp_event& e, uint64_t arrival) -> held_events::list* {
      uint32_t number = c.store.instrument_of(e.order);
      if (const auto known = added.find(e.order); number == order_store::no_instrument && known != added.end())
        number = known->second;
      if (number == order_store::no_instrument) return nullptr;
      binding& b = bindings[number];
      const bool is_lent = b.book != nullptr;
      const bool of_snapshot = (e.flags & TP_SNAPSHOT) != 0;
      if (!wanted.contains(number)) {
        if (is_lent && b.at == stage::live && !b.covers(e)) passed_over.insert(number);
        return nullptr;
      }
      if (of_snapshot && is_lent && b.at == stage::rebuilding && arrival > b.begun_at) passed_over.insert(number);
      if (e.kind == TP_EV_REPLACE) added[e.ref] = number;
      touched.insert(number);
      return &b.held;
    });
    for (const uint32_t number : touched) c.holds.restore_order(bindings[number].held);
  } catch (const std::bad_alloc&) {
    overflow(c, 0);
    return;
  }
  for (const uint32_t number : passed_over) give_up(c, bindings[number], "an event of one of its orders came too late");
}

/// When the last book of the channel is live, what still names an unknown order is an orphan, unless a snapshot covers
/// it.
void feed::parts::judge_unresolved(channel_state& c) {
  // Orders may come with what is still to be replayed.
  if (c.waiting > 0 || c.replays > 0) return;
  while (!c.unresolved.is_empty() && c.waiting == 0) {
    const tp_event e = c.holds.pop(c.unresolved).event;
    const uint32_t number = c.store.instrument_of(e.order);
    if (number == order_store::no_instrument) {
      if (e.sequence == 0 || e.sequence > c.reach) count_orphan(c);
      continue;
    }
    binding& b = bindings[number];
    if (b.covers(e)) {
      if (b.book != nullptr && is_for_tape(e)) b.book->printed.miss();
      continue;
    }
    // Its place among the events of its book has gone by: the book would be wrong without a word.
    b.gone_through = std::max(b.gone_through, e.sequence);
    give_up(c, b, "an event of one of its orders came too late");
  }
  if (c.waiting == 0) c.reach = 0;
}

/// The book is wrong or incomplete, and the venue has to be asked for it.
void feed::parts::give_up(channel_state& c, binding& b, std::string_view reason) {
  lose(b.instrument->number, reason);
  owner.resynchronise_wanted(c.number, b.instrument->number, reason);
}

void feed::parts::fail(binding& b, std::string_view what) noexcept {
  try {
    lose(b.instrument->number, what);
    owner.engine_failed(b.id, what);
  } catch (const std::bad_alloc&) {
    // Nothing is left to tell it with. The book is lost, and asked for again when somebody looks at it.
  }
}

void feed::parts::lose(uint32_t number, std::string_view reason) {
  binding& b = bindings[number];
  channel_state& c = *channel_of(b.instrument->channel);
  b.gone_through = std::max(b.gone_through, c.holds.last_number(b.held));
  c.holds.drop(b.held);
  if (b.is_running()) b.book->printed.miss();
  set_stage(c, b, stage::lost);
  if (b.book == nullptr) return;
  b.gone_through = std::max(b.gone_through, b.book->venue_sequence);
  b.book->distrust(trust::stale, reason);
  b.book->is_half = b.book->is_changed = false;
  drop_levels(*b.book, &c.store, memory);
}

/// Numbers begin anew: nothing of before counts any more.
void feed::parts::restart(channel_state& c, binding& b, std::string_view reason) {
  c.holds.drop(b.held);
  b.gone_through = b.covered_through = 0;
  if (b.is_running()) b.book->printed.miss();
  set_stage(c, b, stage::awaiting);
  if (b.book == nullptr) return;
  book_state& book = *b.book;
  book.printed.is_retold = false;
  drop_levels(book, &c.store, memory);
  book.day.restart();
  book.quote = venue_quote{};
  book.kept = kept_levels{};
  book.venue_sequence = 0;
  book.trading_state = TP_STATE_UNKNOWN;
  book.is_half = book.is_changed = false;
  book.is_interrupted |= book.state == trust::ok;
  book.state = trust::awaiting;
  book.reason.assign(reason);
  book.note();
}

/// What a lost book has seen says nothing about the numbers to come.
void feed::parts::renumber(binding& b) {
  if (b.at != stage::lost && b.at != stage::awaiting) return;
  b.gone_through = b.covered_through = 0;
  if (b.book != nullptr) b.book->venue_sequence = 0;
}

/// Nothing says that the books are wrong, but nobody can tell that they are right: stale, with orders and levels kept.
void feed::parts::silence(std::span<const uint32_t> chosen, std::string_view reason) {
  for (const uint32_t number : chosen)
    if (const binding& b = bindings[number]; b.is_wanted && b.at == stage::live && b.book != nullptr)
      b.book->distrust(trust::stale, reason);
}

void feed::parts::live_from(channel_state& c, std::span<const uint32_t> chosen, uint64_t from) {
  if (from != 0) adopt_unresolved(c, open_books(chosen));
  for (const uint32_t number : chosen) {
    binding& b = bindings[number];
    if (b.is_wanted && b.at == stage::live && b.book != nullptr)
      b.book->become_trusted(); // it was silent, and has missed nothing
    if (!b.is_wanted || b.at == stage::live || b.at == stage::rebuilding) continue;
    // Without its first number only a snapshot makes a book complete.
    if (from != 0 || !b.has_levels()) guarded(b, [&] { begin_complete(c, b, from); });
  }
  judge_unresolved(c);
}

} // namespace tickplant::book
