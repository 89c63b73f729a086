// How one event changes one book: orders, levels, statistics. Everything that is frequent is inlined into the feed's
// loop. Nothing here knows of snapshots or of what is held; the book is there and takes the event.
#pragma once

#include "runtime/book/book_state.hpp"
#include "runtime/book/feed.hpp"
#include "runtime/book/trade_table.hpp"

namespace tickplant::book {

enum class outcome : uint8_t {
  nothing, // nothing visible changed
  changed,
  refused, // counted; the book is as it was, or what the venue meant cannot be known
  broken   // the book is wrong: only a snapshot helps
};

/// What lies around a book while an event is applied.
struct event_context {
  book_memory& memory;
  order_store& store;
  trade_table& trades;
  feed_counters& counters;
  book_host& host;
  book_state* const* books; // by instrument number
};

// ---- parts of a change ----

TP_COLD inline outcome refuse(event_context& at, refusal why) {
  ++at.counters.refused[static_cast<size_t>(why)];
  return outcome::refused;
}

TP_HOT uint32_t side_of(const tp_event& e) {
  return (e.flags & TP_ASK) >> 1;
}
TP_HOT bool has_side(const tp_event& e) {
  return ((e.flags & TP_BID) != 0) != ((e.flags & TP_ASK) != 0);
}

/// Prices and quantities beyond this are no market's: they leave room for the arithmetic of ladders and levels.
inline constexpr int64_t greatest_price = int64_t{1} << 62;
TP_HOT bool is_price(int64_t price) {
  return price > 0 && price < greatest_price;
}

/// The level at a price, made if it is not there; 0 if the pool is exhausted.
TP_HOT uint32_t level_at(event_context& at, book_state& b, uint32_t side, int64_t price) {
  const uint32_t known = b.sides[side].find(price);
  if (known != 0) [[likely]]
    return known;
  const uint32_t slot = at.memory.levels.take();
  if (slot == 0) [[unlikely]]
    return 0;
  at.memory.levels[slot] = level{0, price, 0, 0, 0, owner_of(b.number, side)};
  try {
    b.sides[side].insert(price, slot, at.memory);
  } catch (...) {
    at.memory.levels.give(slot);
    throw;
  }
  return slot;
}

TP_COLD inline uint32_t unpriced_level(event_context& at, book_state& b, uint32_t side) {
  if (b.unpriced[side] == 0) {
    const uint32_t slot = at.memory.levels.take();
    if (slot != 0) at.memory.levels[slot] = level{0, TP_NONE, 0, 0, 0, owner_of(b.number, side) | owner_unpriced};
    b.unpriced[side] = slot;
  }
  return b.unpriced[side];
}

TP_HOT void drop_level(event_context& at, book_state& b, uint32_t slot) {
  const level& l = at.memory.levels[slot];
  if (l.owner & owner_unpriced) [[unlikely]]
    b.unpriced[l.owner & owner_side] = 0;
  else
    b.sides[l.owner & owner_side].erase(l.price, at.memory);
  at.memory.levels.give(slot);
}

/// `yes` or `no` without a branch: one that waits for a record from memory, and is guessed wrong, stops the processor
/// from working on the next message meanwhile.
TP_HOT uint32_t chosen(bool is_yes, uint32_t yes, uint32_t no) {
  return no ^ ((no ^ yes) & -static_cast<uint32_t>(is_yes));
}

/// Takes an order out of its level and gives its record back; the index still has it.
TP_HOT void unlink_order(event_context& at, book_state& b, uint32_t slot) {
  order_pool& orders = at.memory.orders;
  order& o = orders[slot];
  level& l = at.memory.levels[o.level];
  orders[o.previous].next = o.next;
  orders[o.next].previous = o.previous;
  l.head = chosen(o.previous != 0, l.head, o.next);
  l.tail = chosen(o.next != 0, l.tail, o.previous);
  l.quantity -= o.quantity;
  if (--l.orders == 0) drop_level(at, b, o.level);
  orders.give(slot);
}

TP_HOT void remove_order(event_context& at, book_state& b, uint32_t slot) {
  const uint64_t ref = at.memory.orders[slot].ref;
  unlink_order(at, b, slot);
  at.store.index.erase(ref);
}

/// A reference that lives already: venues say replace it and count (venues/nasdaq.md 8, nyse.md 9, lse.md C2).
TP_COLD inline void displace(event_context& at, book_state& b, uint32_t slot) {
  refuse(at, refusal::duplicate_order);
  const uint32_t number = at.memory.levels[at.memory.orders[slot].level].owner >> owner_shift;
  book_state& other = number == b.number ? b : *at.books[number];
  remove_order(at, other, slot);
  if (&other != &b) other.show(other.venue_ns, other.receive_ns);
}

/// Appends an order to its level. `price` and `quantity` are sound.
TP_HOT outcome append_order(event_context& at, book_state& b, uint64_t ref, uint32_t side, int64_t price,
                            int64_t quantity, uint32_t participant, bool is_unpriced) {
  order_pool& orders = at.memory.orders;
  if (const uint32_t live = at.store.index.find(ref); live != 0) [[unlikely]]
    displace(at, b, live);
  const uint32_t slot = orders.take();
  if (slot == 0) [[unlikely]] {
    refuse(at, refusal::limit);
    return outcome::broken;
  }
  uint32_t place = 0;
  int64_t sum = 0;
  try {
    place = is_unpriced ? unpriced_level(at, b, side) : level_at(at, b, side, price);
    if (place != 0 && !__builtin_add_overflow(at.memory.levels[place].quantity, quantity, &sum)) [[likely]] {
      at.store.index.put(ref, slot);
    } else {
      orders.give(slot);
      if (place == 0) {
        refuse(at, refusal::limit);
        return outcome::broken;
      }
      return refuse(at, refusal::bad_quantity);
    }
  } catch (...) {
    orders.give(slot);
    if (place != 0 && at.memory.levels[place].orders == 0) drop_level(at, b, place);
    throw;
  }
  level& l = at.memory.levels[place];
  l.quantity = sum;
  ++l.orders;
  orders[slot] = order{ref, quantity, place, l.tail, 0, participant};
  orders[l.tail].next = chosen(l.tail != 0, slot, 0);
  l.head = chosen(l.tail != 0, l.head, slot);
  l.tail = slot;
  return outcome::changed;
}

/// The order's record if it is of this book, 0 otherwise.
TP_HOT uint32_t order_of(event_context& at, const book_state& b, uint64_t ref) {
  const uint32_t slot = at.store.index.find(ref);
  const uint32_t owner = at.memory.levels[at.memory.orders[slot].level].owner >> owner_shift;
  return slot != 0 && owner == b.number ? slot : 0;
}

/// Whether a print outside of its price band counts nevertheless: an auction's price does, and what is confirmed.
TP_COLD inline bool passes_band(event_context& at, book_state& b, const tp_event& e, int64_t price) {
  const bool is_auction = e.kind == TP_EV_TRADE && (e.extra & TP_COND_AUCTION) != 0;
  if (price == TP_NONE || is_auction || b.day.band.suspect(price)) return true;
  refuse(at, refusal::outside_band);
  return false;
}

/// False if the print is outside of its price band.
TP_HOT bool count_trade(event_context& at, book_state& b, const tp_event& e, int64_t price, int64_t quantity,
                        uint8_t aggressor) {
  if (!b.day.band.admits(price) && !passes_band(at, b, e, price)) [[unlikely]]
    return false;
  b.day.count(price, quantity, aggressor, e.venue_ns, e.ref);
  at.trades.remember(b.number, b.day.number, e.ref, quantity);
  b.print(e, TP_TRADE_PRINT, price, quantity, aggressor);
  return true;
}

/// Gives back every level and order of a book.
void drop_levels(book_state& b, order_store* store, book_memory& memory);

// ---- events of order books ----

TP_HOT outcome add_order(event_context& at, book_state& b, const tp_event& e) {
  const bool is_unpriced = (e.flags & TP_NO_LIMIT) != 0;
  if (!is_price(e.price) && !is_unpriced) [[unlikely]]
    return refuse(at, refusal::bad_price);
  if (e.quantity <= 0) [[unlikely]]
    return refuse(at, refusal::bad_quantity);
  if (!has_side(e)) [[unlikely]]
    return refuse(at, refusal::bad_side);
  return append_order(at, b, e.order, side_of(e), e.price, e.quantity, static_cast<uint32_t>(e.extra), is_unpriced);
}

TP_HOT outcome execute_order(event_context& at, book_state& b, const tp_event& e) {
  const uint32_t slot = order_of(at, b, e.order);
  if (slot == 0) [[unlikely]]
    return refuse(at, refusal::unknown_order);
  order& o = at.memory.orders[slot];
  level& l = at.memory.levels[o.level];
  int64_t executed = e.quantity, rest = 0;
  if (e.flags & TP_LEFT) {
    // The venue says what is left, which may be more than before: an iceberg shows its next part.
    rest = static_cast<int64_t>(e.extra);
    int64_t sum = 0;
    if (executed < 0 || rest < 0 || __builtin_add_overflow(l.quantity - o.quantity, rest, &sum)) [[unlikely]]
      return refuse(at, refusal::bad_quantity);
  } else {
    if (executed <= 0) [[unlikely]]
      return refuse(at, refusal::bad_quantity);
    if (executed > o.quantity) [[unlikely]] {
      refuse(at, refusal::over_execution);
      executed = o.quantity;
    }
    rest = o.quantity - executed;
  }
  if ((e.flags & TP_PRINT) && executed > 0) {
    const int64_t price = e.flags & TP_PRICE ? e.price : l.price;
    const bool is_ask = (l.owner & owner_side) != 0;
    if (is_price(price) || (l.owner & owner_unpriced && !(e.flags & TP_PRICE))) [[likely]]
      count_trade(at, b, e, price, executed, is_ask ? TP_AGGRESSOR_BUY : TP_AGGRESSOR_SELL);
    else
      refuse(at, refusal::bad_price);
  }
  if (rest == 0) {
    remove_order(at, b, slot);
  } else {
    l.quantity += rest - o.quantity;
    o.quantity = rest;
  }
  return outcome::changed;
}

TP_HOT outcome reduce_order(event_context& at, book_state& b, const tp_event& e) {
  const uint32_t slot = order_of(at, b, e.order);
  if (slot == 0) [[unlikely]]
    return refuse(at, refusal::unknown_order);
  if (e.quantity <= 0) [[unlikely]]
    return refuse(at, refusal::bad_quantity);
  order& o = at.memory.orders[slot];
  if (e.quantity >= o.quantity) {
    if (e.quantity > o.quantity) [[unlikely]]
      refuse(at, refusal::over_execution);
    remove_order(at, b, slot);
  } else {
    at.memory.levels[o.level].quantity -= e.quantity;
    o.quantity -= e.quantity;
  }
  return outcome::changed;
}

/// Whether the venue's picture of the order before this event is ours (venues/lse.md G4).
TP_HOT bool passes_check(event_context& at, const tp_event& e, const order& o) {
  if (!(e.flags & TP_CHECK)) [[likely]]
    return true;
  return static_cast<int64_t>(e.ref) == at.memory.levels[o.level].price && static_cast<int64_t>(e.extra) == o.quantity;
}

TP_COLD inline outcome fail_check(event_context& at) {
  refuse(at, refusal::check_failed);
  return outcome::broken;
}

TP_HOT outcome delete_order(event_context& at, book_state& b, const tp_event& e) {
  const order_index::found known = at.store.index.look(e.order);
  const order& o = at.memory.orders[known.slot];
  if (known.slot == 0 || at.memory.levels[o.level].owner >> owner_shift != b.number) [[unlikely]]
    return refuse(at, refusal::unknown_order);
  if (!passes_check(at, e, o)) [[unlikely]]
    return fail_check(at);
  unlink_order(at, b, known.slot);
  at.store.index.erase(e.order, known.place);
  return outcome::changed;
}

TP_HOT outcome replace_order(event_context& at, book_state& b, const tp_event& e) {
  const uint32_t slot = order_of(at, b, e.order);
  if (slot == 0) [[unlikely]]
    return refuse(at, refusal::unknown_order);
  const order& o = at.memory.orders[slot];
  const uint32_t side = at.memory.levels[o.level].owner & owner_side;
  const uint32_t participant = e.extra != 0 ? static_cast<uint32_t>(e.extra) : o.participant;
  // Whatever the new order is, the old one is gone.
  remove_order(at, b, slot);
  const bool is_unpriced = (e.flags & TP_NO_LIMIT) != 0;
  outcome result = outcome::changed;
  if (!is_price(e.price) && !is_unpriced) [[unlikely]]
    refuse(at, refusal::bad_price);
  else if (e.quantity <= 0) [[unlikely]]
    refuse(at, refusal::bad_quantity);
  else
    result = append_order(at, b, e.ref, side, e.price, e.quantity, participant, is_unpriced);
  return result == outcome::broken ? result : outcome::changed;
}

inline outcome modify_order(event_context& at, book_state& b, const tp_event& e) {
  const uint32_t slot = order_of(at, b, e.order);
  if (slot == 0) [[unlikely]]
    return refuse(at, refusal::unknown_order);
  order& o = at.memory.orders[slot];
  level& l = at.memory.levels[o.level];
  if (!passes_check(at, e, o)) [[unlikely]]
    return fail_check(at);
  const bool is_unpriced = (e.flags & TP_NO_LIMIT) != 0, was_unpriced = (l.owner & owner_unpriced) != 0;
  if (e.quantity < 0) [[unlikely]]
    return refuse(at, refusal::bad_quantity);
  if (e.quantity == 0) { // venues/lse.md C2: nothing left means removed
    remove_order(at, b, slot);
    return outcome::changed;
  }
  if (!is_price(e.price) && !is_unpriced) [[unlikely]]
    return refuse(at, refusal::bad_price);
  const bool same_level = is_unpriced == was_unpriced && (is_unpriced || e.price == l.price);
  if (same_level && (e.flags & TP_KEEP)) {
    int64_t sum = 0;
    if (__builtin_add_overflow(l.quantity - o.quantity, e.quantity, &sum)) [[unlikely]]
      return refuse(at, refusal::bad_quantity);
    l.quantity = sum;
    o.quantity = e.quantity;
    return outcome::changed;
  }
  const uint32_t side = l.owner & owner_side, participant = o.participant;
  remove_order(at, b, slot);
  const outcome result = append_order(at, b, e.order, side, e.price, e.quantity, participant, is_unpriced);
  return result == outcome::broken ? result : outcome::changed;
}

// ---- events of price-level books ----

TP_HOT outcome set_level(event_context& at, book_state& b, const tp_event& e) {
  if (!is_price(e.price)) [[unlikely]]
    return refuse(at, refusal::bad_price);
  if (e.quantity < 0) [[unlikely]]
    return refuse(at, refusal::bad_quantity);
  if (!has_side(e)) [[unlikely]]
    return refuse(at, refusal::bad_side);
  const uint32_t side = side_of(e);
  if (e.quantity == 0) {
    // Removing a level that is not there is normal (venues/binance.md C1).
    const uint32_t slot = b.sides[side].find(e.price);
    if (slot == 0) return outcome::nothing;
    drop_level(at, b, slot);
    return outcome::changed;
  }
  const uint32_t slot = level_at(at, b, side, e.price);
  if (slot == 0) [[unlikely]] {
    refuse(at, refusal::limit);
    return outcome::broken;
  }
  level& l = at.memory.levels[slot];
  const auto orders = static_cast<uint32_t>(std::min<uint64_t>(e.order, UINT32_MAX));
  const bool is_same = l.quantity == e.quantity && l.orders == orders;
  l.quantity = e.quantity;
  l.orders = orders;
  return is_same ? outcome::nothing : outcome::changed;
}

// ---- the rest ----

TP_HOT outcome take_trade(event_context& at, book_state& b, const tp_event& e) {
  if (!is_price(e.price)) [[unlikely]]
    return refuse(at, refusal::bad_price);
  if (e.quantity <= 0) [[unlikely]]
    return refuse(at, refusal::bad_quantity);
  if (!(e.flags & TP_PRINT)) return outcome::nothing;
  uint8_t aggressor = TP_AGGRESSOR_UNKNOWN;
  if (has_side(e)) aggressor = e.flags & TP_BID ? TP_AGGRESSOR_BUY : TP_AGGRESSOR_SELL;
  if (!count_trade(at, b, e, e.price, e.quantity, aggressor)) [[unlikely]]
    return outcome::refused;
  // The price of an opening or closing auction is the official one (venues/nasdaq.md 8, message Q; nyse.md 9).
  if (e.extra & TP_COND_AUCTION) [[unlikely]] {
    if (e.extra & TP_COND_OPENING) b.day.set_open(e.price);
    if (e.extra & TP_COND_CLOSING) b.day.shown.close = e.price;
  }
  return outcome::changed;
}

/// BREAK, CORRECT, QUOTE, STATUS, PHASE, IMBALANCE, VALUE; counts what it does not know.
outcome take_rare(event_context& at, book_state& b, const tp_event& e);

/// Any event but snapshot marks and CLEAR, for a book that takes it.
TP_HOT outcome apply_event(event_context& at, book_state& b, const tp_event& e) {
  switch (e.kind) {
    case TP_EV_ADD: return add_order(at, b, e);
    case TP_EV_DELETE: return delete_order(at, b, e);
    case TP_EV_REPLACE: return replace_order(at, b, e);
    case TP_EV_EXECUTE: return execute_order(at, b, e);
    case TP_EV_REDUCE: return reduce_order(at, b, e);
    case TP_EV_LEVEL: return set_level(at, b, e);
    case TP_EV_TRADE: return take_trade(at, b, e);
    default: return take_rare(at, b, e);
  }
}

} // namespace tickplant::book
