// The loop over events: look-ahead, and the short way for books that are live. venue-abi section 5 has the measurements
// behind it: three passes of prefetches over bursts of up to 32, a rolling window above, none below 3.
#include "runtime/book/feed_parts.hpp"

namespace tickplant::book {
namespace {

constexpr uint32_t bit(unsigned kind) {
  return 1u << kind;
}

/// What the look-ahead reads may be anything: references and instrument numbers are bounded, never trusted.
struct look_ahead {
  const order_store& store;
  book_memory& memory;
  book_state* const* books;
  size_t last_book;

  TP_HOT const book_state& book_of(const tp_event& e) const {
    return *books[e.instrument < last_book ? e.instrument : last_book];
  }
};

/// For the events of price-level books.
struct level_ahead : look_ahead {
  TP_HOT void first(const tp_event& e) const {
    const book_state& b = book_of(e);
    prefetch(&b.number);
    const ladder& side = b.sides[side_of(e)];
    side.prefetch_slot(e.price);
    side.prefetch_bits(e.price);
  }
  TP_HOT void second(const tp_event& e) const { prefetch(&memory.levels[book_of(e).sides[side_of(e)].guess(e.price)]); }
  TP_HOT void third(const tp_event&) const {}
};

struct order_ahead : look_ahead {
  /// The words that lead to the order and to the level.
  TP_HOT void first(const tp_event& e) const {
    store.index.prefetch(e.order);
    const book_state& b = book_of(e);
    prefetch(&b.number);
    if (e.kind == TP_EV_REPLACE) [[unlikely]] {
      store.index.prefetch(e.ref);
      b.sides[0].prefetch_slot(e.price);
      b.sides[1].prefetch_slot(e.price);
    } else {
      const ladder& side = b.sides[side_of(e)];
      side.prefetch_slot(e.price);
      side.prefetch_bits(e.price);
    }
  }
  /// The order, or the level that one joins.
  TP_HOT void second(const tp_event& e) const {
    prefetch(&memory.orders[store.index.guess(e.order)]);
    const book_state& b = book_of(e);
    if (e.kind == TP_EV_REPLACE) [[unlikely]] {
      prefetch(&memory.levels[b.sides[0].guess(e.price)]);
      prefetch(&memory.levels[b.sides[1].guess(e.price)]);
    } else {
      prefetch(&memory.levels[b.sides[side_of(e)].guess(e.price)]);
    }
  }
  /// The level of the order, and its neighbours in the queue.
  TP_HOT void third(const tp_event& e) const {
    const order& o = memory.orders[store.index.guess(e.order)];
    const uint32_t joined = book_of(e).sides[side_of(e)].guess(e.price);
    const uint32_t level = e.kind == TP_EV_ADD ? joined : o.level;
    prefetch(&memory.levels[level]);
    prefetch(&memory.orders[e.kind == TP_EV_ADD ? memory.levels[joined].tail : o.previous]);
    prefetch(&memory.orders[o.next]);
  }
};

} // namespace

/// Kinds that the short way takes, by the kind of book.
uint32_t short_kinds(uint8_t book) {
  constexpr uint32_t any = bit(TP_EV_TRADE) | bit(TP_EV_QUOTE);
  switch (book) {
    case TP_BOOK_ORDERS:
      return any | bit(TP_EV_ADD) | bit(TP_EV_MODIFY) | bit(TP_EV_EXECUTE) | bit(TP_EV_REDUCE) | bit(TP_EV_DELETE) |
             bit(TP_EV_REPLACE);
    case TP_BOOK_LEVELS: return any | bit(TP_EV_LEVEL);
    default: return any;
  }
}

/// A live event for a book that takes it; also events that do not depend on levels, for a book that awaits them.
TP_HOT void feed::parts::take_live(channel_state& c, event_context& context, book_state& b, const tp_event& e) {
  if (e.sequence < b.venue_sequence && e.sequence != 0 && e.kind <= TP_EV_CLEAR) [[unlikely]] {
    judge(c, b, e, refuse(context, refusal::stale_sequence));
    return;
  }
  const outcome result = apply_event(context, b, e);
  if (result >= outcome::refused) [[unlikely]] {
    judge(c, b, e, result);
    return;
  }
  ++counters.applied;
  // Numbers of trades and quotes say nothing of the levels of a price-level book.
  if (e.sequence != 0 && (b.kind != TP_BOOK_LEVELS || e.kind == TP_EV_LEVEL)) b.venue_sequence = e.sequence;
  b.is_changed |= result == outcome::changed;
  if ((e.flags & TP_END) && c.half.empty()) [[likely]] {
    if (b.kind == TP_BOOK_LEVELS) {
      if (b.is_changed) complete(c, b, e);
    } else if (b.is_changed) {
      b.is_changed = false;
      b.show(e.venue_ns, received_ns);
    }
    return;
  }
  if (!b.is_half) {
    b.is_half = true;
    c.half.push_back(b.number);
  }
  if (e.flags & TP_END) finish_half(c, e);
}

/// Whether an event goes the short way: a live one of a kind that its book takes as it comes.
TP_HOT bool feed::parts::is_short(const channel_state& c, const book_state& b, const tp_event& e) const {
  return e.kind < 32 && (b.short_kinds >> e.kind & 1) != 0 && b.channel == c.number && !(e.flags & TP_SNAPSHOT);
}

/// Memory was exhausted: the book that the event is for dies, the others go on.
TP_COLD void feed::parts::survive(const tp_event& e, std::string_view what) noexcept {
  if (e.instrument >= bindings.size() || bindings[e.instrument].book == nullptr) return;
  bindings[e.instrument].gone_through = std::max(bindings[e.instrument].gone_through, e.sequence);
  fail(bindings[e.instrument], what);
}

/// What most calls bring outside of bursts: nothing to look ahead at.
TP_HOT void feed::parts::emit_one(channel_state& c, const tp_event& e) {
  const size_t last_book = books.size() - 1;
  book_state& b = *books[e.instrument < last_book ? e.instrument : last_book];
  try {
    c.store.index.make_room(1);
    if (is_short(c, b, e)) [[likely]] {
      event_context context = context_of(c);
      take_live(c, context, b, e);
    } else {
      dispatch(c, e);
    }
  } catch (const std::exception& x) {
    survive(e, x.what());
  }
}

template <class Ahead>
void feed::parts::emit_burst(channel_state& c, std::span<const tp_event> events, const Ahead& ahead) {
  event_context context = context_of(c);
  const auto take = [&](const tp_event& e) __attribute__((always_inline)) {
    book_state& b = *context.books[e.instrument < ahead.last_book ? e.instrument : ahead.last_book];
    if (is_short(c, b, e)) [[likely]]
      take_event(c, context, b, e);
    else
      dispatch(c, e);
  };
  constexpr size_t least = 3, block = 32, first = 24, second = 16, third = 8;
  size_t at = 0;
  const auto run = [&] {
    const tp_event* e = events.data();
    const size_t count = events.size();
    c.store.index.make_room(count - at);
    if (count - at <= block) {
      if (count - at >= least) {
        for (size_t i = at; i < count; ++i) ahead.first(e[i]);
        for (size_t i = at; i < count; ++i) ahead.second(e[i]);
        for (size_t i = at; i < count; ++i) ahead.third(e[i]);
      }
      for (; at < count; ++at) take(e[at]);
      return;
    }
    for (size_t i = 0; i < first; ++i) ahead.first(e[at + i]);
    for (size_t i = 0; i < second; ++i) ahead.second(e[at + i]);
    for (size_t i = 0; i < third; ++i) ahead.third(e[at + i]);
    for (; at + first < count; ++at) {
      ahead.first(e[at + first]);
      ahead.second(e[at + second]);
      ahead.third(e[at + third]);
      take(e[at]);
    }
    for (; at < count; ++at) {
      if (at + second < count) ahead.second(e[at + second]);
      if (at + third < count) ahead.third(e[at + third]);
      take(e[at]);
    }
  };
  while (at < events.size()) {
    try {
      run();
    } catch (const std::exception& x) {
      survive(events[at], x.what());
      ++at;
    }
  }
}

void feed::parts::emit(channel_state& c, std::span<const tp_event> events) {
  const look_ahead ahead{c.store, memory, books.data(), books.size() - 1};
  // What a burst begins with is what it consists of, as a rule; if not, it is only less prepared.
  if (!events.empty() && events.front().kind == TP_EV_LEVEL)
    emit_burst(c, events, level_ahead{ahead});
  else
    emit_burst(c, events, order_ahead{ahead});
}

/// The same for callers that are not in a hurry.
void feed::parts::take_event(channel_state& c, event_context& context, book_state& b, const tp_event& e) {
  take_live(c, context, b, e);
}

/// The end of a venue event that consisted of several: every book that it touched may be shown.
void feed::parts::finish_half(channel_state& c, const tp_event& e) {
  for (const uint32_t number : c.half) {
    book_state* b = number < bindings.size() ? bindings[number].book : nullptr;
    if (b == nullptr || !b->is_half) continue;
    b->is_half = false;
    if (b->is_changed) complete(c, *b, e);
  }
  c.half.clear();
}

void feed::parts::complete(channel_state& c, book_state& b, const tp_event& e) {
  b.is_changed = false;
  if (b.kind == TP_BOOK_LEVELS && b.is_crossed()) [[unlikely]] {
    if (b.is_live) {
      ++counters.crossed;
      b.kept.is_taken = true; // the top as it is now is not good: what was published last is
      give_up(c, bindings[b.number], "the book is crossed");
    }
    return;
  }
  b.show(e.venue_ns, received_ns);
}

/// What becomes of a book whose event was refused.
TP_COLD void feed::parts::judge(channel_state& c, book_state& b, const tp_event& e, outcome result) {
  const bool is_book_event = e.kind <= TP_EV_LEVEL;
  const bool is_old = e.sequence != 0 && e.sequence < b.venue_sequence;
  // What was refused may belong into the book: the next snapshot has to have it.
  const auto give_up_at = [&](std::string_view reason) {
    binding& of = bindings[b.number];
    if (b.kind != TP_BOOK_LEVELS || e.kind == TP_EV_LEVEL) of.gone_through = std::max(of.gone_through, e.sequence);
    give_up(c, of, reason);
  };
  if (result == outcome::broken)
    give_up_at("the book disagrees with the venue, or the feed's limits are reached");
  else if (options.orphans_resynchronise && is_book_event && !is_old)
    give_up_at("an event names an order that is not known, or has impossible values");
  // The venue event ends here all the same.
  if (e.flags & TP_END) {
    if (!b.is_half && b.is_changed) complete(c, b, e);
    finish_half(c, e);
  }
}

void feed::parts::dispatch(channel_state& c, const tp_event& e) {
  if (e.instrument == TP_ALL) {
    dispatch_all(c, e);
    return;
  }
  uint32_t number = e.instrument;
  if (number == TP_OF_ORDER) {
    number = c.store.instrument_of(e.order);
    if (const auto at = c.named.find(e.order);
        number == order_store::no_instrument && at != c.named.end() && bindings[at->second].book == nullptr)
      number = at->second;
    if (number == order_store::no_instrument) {
      if (c.waiting > 0)
        hold(c, c.unresolved, e);
      else
        count_orphan(c);
      if (e.flags & TP_END) finish_half(c, e);
      return;
    }
  }
  if (number >= bindings.size() || bindings[number].instrument == nullptr ||
      bindings[number].instrument->channel != c.number) {
    ++counters.refused[static_cast<size_t>(refusal::unknown_instrument)];
  } else if (binding& b = bindings[number]; !b.is_wanted) {
    ++counters.unwanted;
  } else if (b.book == nullptr) {
    hold_without_engine(c, b, e);
  } else {
    guarded(
      b, [&] { take_slowly(c, b, e); }, e.sequence);
  }
  if ((e.flags & TP_END) && !c.half.empty()) finish_half(c, e);
}

int32_t feed::emit(uint32_t channel, std::span<const tp_event> events) {
  parts& p = *parts_;
  p.counters.events += events.size();
  channel_state* c = p.channel_of(channel);
  if (c == nullptr) [[unlikely]] {
    // A snapshot of a whole channel may begin before its first instrument is known.
    const bool begins =
      !events.empty() && events.front().kind == TP_EV_SNAPSHOT_BEGIN && events.front().instrument == TP_ALL;
    if (!begins || p.channels.size() >= most_instruments) {
      p.counters.refused[static_cast<size_t>(refusal::unknown_instrument)] += events.size();
      return TP_OK;
    }
    c = &p.open_channel(channel);
  }
  if (events.size() == 1)
    p.emit_one(*c, events.front());
  else
    p.emit(*c, events);
  return TP_OK;
}

} // namespace tickplant::book
