#include "runtime/book/engine.hpp"

#include "runtime/book/book_state.hpp"

#include <algorithm>
#include <new>

namespace tickplant::book {
namespace {

void read_levels(const book_state& b, uint32_t side, size_t depth, std::vector<tp_level>& out) {
  out.clear();
  if (depth == 0 || b.memory == nullptr) return;
  b.sides[side].walk([&](uint32_t slot) {
    const level& l = b.memory->levels[slot];
    if (!b.day.band.admits(l.price)) [[unlikely]]
      return true; // in the book, but not shown
    out.push_back(tp_level{l.price, l.quantity, l.orders, 0});
    return out.size() < depth;
  });
}

void copy_levels(const std::vector<tp_level>& from, size_t depth, std::vector<tp_level>& out) {
  out.assign(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(std::min(from.size(), depth)));
}

/// The best level that may be shown; 0: none.
uint32_t best_shown(const book_state& b, uint32_t side) {
  const uint32_t best = b.sides[side].best();
  if (best == 0 || b.day.band.admits(b.memory->levels[best].price)) [[likely]]
    return best;
  uint32_t shown = 0;
  b.sides[side].walk([&](uint32_t slot) {
    if (b.day.band.admits(b.memory->levels[slot].price)) shown = slot;
    return shown == 0;
  });
  return shown;
}

struct top_of_book {
  int64_t bid = TP_NONE, ask = TP_NONE, bid_quantity = TP_NONE, ask_quantity = TP_NONE;
};

top_of_book top_of(const book_state& b) {
  top_of_book top;
  if (b.state == trust::ok && b.memory != nullptr) {
    if (const uint32_t bid = best_shown(b, 0); bid != 0) {
      top.bid = b.memory->levels[bid].price;
      top.bid_quantity = b.memory->levels[bid].quantity;
    }
    if (const uint32_t ask = best_shown(b, 1); ask != 0) {
      top.ask = b.memory->levels[ask].price;
      top.ask_quantity = b.memory->levels[ask].quantity;
    }
  } else {
    if (!b.kept.bids.empty()) {
      top.bid = b.kept.bids.front().price;
      top.bid_quantity = b.kept.bids.front().quantity;
    }
    if (!b.kept.asks.empty()) {
      top.ask = b.kept.asks.front().price;
      top.ask_quantity = b.kept.asks.front().quantity;
    }
  }
  return top;
}

/// Whether the venue's own quote is the better top: always for quote-only books; for price-level books while it is
/// newer than the levels (venues/binance.md C3); for order books while the venue shows no depth (venues/lse.md C2).
bool quote_is_top(const book_state& b) {
  if (!b.quote.is_given) return false;
  switch (b.kind) {
    case TP_BOOK_LEVELS: return b.quote.sequence > b.venue_sequence;
    case TP_BOOK_ORDERS: return b.trading_state == TP_STATE_NO_DEPTH;
    default: return true;
  }
}

void fill(const book_state& b, publication& out, size_t depth) {
  out.id = b.id;
  out.instrument = b.instrument;
  out.epoch = b.epoch;
  out.sequence = b.sequence;
  out.tape_sequence = b.printed.sequence;
  out.venue_sequence = b.venue_sequence;
  out.venue_ns = b.venue_ns;
  out.receive_ns = b.receive_ns;
  out.state = b.state;
  out.reason = b.reason;
  out.is_snapshot = b.is_snapshot_due;
  out.trading_state = b.trading_state;
  out.day = b.day.shown;
  if (b.state == trust::ok) {
    read_levels(b, 0, depth, out.bids);
    read_levels(b, 1, depth, out.asks);
  } else {
    copy_levels(b.kept.bids, depth, out.bids);
    copy_levels(b.kept.asks, depth, out.asks);
  }
  top_of_book top = top_of(b);
  if (quote_is_top(b)) {
    top = {b.quote.bid, b.quote.ask, b.quote.bid_quantity, b.quote.ask_quantity};
    out.venue_sequence = std::max(out.venue_sequence, b.quote.sequence);
  }
  out.bid = top.bid;
  out.ask = top.ask;
  out.bid_quantity = top.bid_quantity;
  out.ask_quantity = top.ask_quantity;
}

} // namespace

// ---- dirty_list ----

void dirty_list::add_print(const tape_entry& entry) noexcept {
  try {
    tape_.push_back(entry);
  } catch (const std::bad_alloc&) {
    ++lost_prints_; // its number is missing
  }
}

// ---- book_state ----

void book_state::put_on_tape(const tp_event& e, uint8_t what, int64_t price, int64_t quantity,
                             uint8_t aggressor) noexcept {
  if (printed.is_retold) {
    if (e.venue_ns != 0 && e.venue_ns <= printed.newest_ns) return;
    printed.is_retold = false;
  }
  printed.newest_ns = std::max(printed.newest_ns, e.venue_ns);
  tape_entry entry;
  entry.id = id;
  entry.epoch = epoch;
  entry.sequence = ++printed.sequence;
  entry.kind = what;
  entry.aggressor = aggressor;
  entry.price_exponent = instrument->price_exponent;
  entry.quantity_exponent = instrument->quantity_exponent;
  // An execution that says what is left has no room for conditions.
  const bool has_conditions = what != TP_TRADE_BREAK && !(e.kind == TP_EV_EXECUTE && (e.flags & TP_LEFT));
  if (has_conditions) entry.conditions = static_cast<uint32_t>(e.extra);
  entry.price = price;
  entry.quantity = quantity;
  entry.trade_id = e.ref;
  entry.venue_ns = e.venue_ns;
  dirty->add_print(entry);
}

void book_state::list() {
  if (wanted.want != 0 && !is_in_dirty) {
    dirty->add(id);
    is_in_dirty = true;
  }
  if (is_watched && !is_in_watched) {
    dirty->add_watched(id);
    is_in_watched = true;
  }
  is_listed = true;
}

void book_state::keep_top() {
  if (kept.is_taken) return;
  read_levels(*this, 0, kept_levels::depth, kept.bids);
  read_levels(*this, 1, kept_levels::depth, kept.asks);
  kept.is_taken = true;
}

void book_state::keep_published(const publication& published) {
  if (wanted.depth > 0) {
    copy_levels(published.bids, kept_levels::depth, kept.bids);
    copy_levels(published.asks, kept_levels::depth, kept.asks);
  } else {
    read_levels(*this, 0, 1, kept.bids);
    read_levels(*this, 1, 1, kept.asks);
  }
}

void book_state::distrust(trust because, std::string_view why) {
  try {
    reason.assign(why);
    if (state == trust::ok) {
      is_interrupted = true;
      keep_top();
    }
  } catch (const std::bad_alloc&) {
    // It may be the lack of memory that the book dies of: then it is stale without its top.
  }
  // A book that never was live goes on awaiting: there is nothing good to be kept.
  if (state != trust::awaiting) state = because;
  note();
}

void book_state::become_trusted() {
  if (state == trust::ok) return;
  state = trust::ok;
  reason.clear();
  kept.is_taken = false;
  note();
}

bool book_state::is_crossed() const {
  const uint32_t bid = sides[0].best(), ask = sides[1].best();
  return bid != 0 && ask != 0 && memory->levels[bid].price >= memory->levels[ask].price;
}

// ---- engine ----

engine::engine(model::instrument_id id, model::instrument_ptr instrument, uint64_t epoch, dirty_list& dirty)
  : parts_(std::make_unique<book_state>(id, std::move(instrument), epoch, dirty)) {}

engine::~engine() {
  if (parts_->host != nullptr) parts_->host->forget_book(parts_->number);
}

model::instrument_id engine::id() const {
  return parts_->id;
}
uint64_t engine::epoch() const {
  return parts_->epoch;
}
trust engine::state() const {
  return parts_->state;
}
const model::instrument_ptr& engine::instrument() const {
  return parts_->instrument;
}
interest engine::wanted() const {
  return parts_->wanted;
}

void engine::set_interest(interest wanted) {
  book_state& b = *parts_;
  const bool is_new = (wanted.want & ~b.wanted.want) != 0;
  b.wanted = wanted;
  b.is_wanted = wanted.want != 0 || b.is_watched;
  b.printed.is_wanted = wanted.want != 0 && wanted.tape;
  b.is_snapshot_due |= is_new;
  // Even if nothing is new in it: whoever asked has not seen the present state.
  if (wanted.want != 0) {
    b.is_listed = false;
    b.note();
  }
  // What was published to the last listener grows old from here on.
  if (wanted.want == 0 && !b.kept.is_taken) b.kept = kept_levels{};
}

void engine::set_watched(bool watched) {
  book_state& b = *parts_;
  b.is_watched = watched;
  b.is_wanted = b.wanted.want != 0 || watched;
  b.is_listed = b.is_in_watched = false;
  if (watched) b.list();
}

bool engine::look(top_state& out, uint32_t depth) {
  book_state& b = *parts_;
  if (b.is_half) return false;
  b.is_listed = b.is_in_watched = false;
  out.state = b.state;
  out.trading_state = b.trading_state;
  out.price_exponent = b.instrument ? b.instrument->price_exponent : int8_t{0};
  out.quantity_exponent = b.instrument ? b.instrument->quantity_exponent : int8_t{0};
  top_of_book top = top_of(b);
  if (quote_is_top(b)) top = {b.quote.bid, b.quote.ask, b.quote.bid_quantity, b.quote.ask_quantity};
  out.bid = top.bid;
  out.ask = top.ask;
  out.bid_quantity = top.bid_quantity;
  out.ask_quantity = top.ask_quantity;
  out.last = b.day.shown.last;
  out.volume = b.day.shown.volume;
  out.trades = b.day.shown.trades;
  out.venue_ns = b.venue_ns;
  out.receive_ns = b.receive_ns;
  out.reason = b.reason;
  const size_t deep = b.state == trust::ok ? depth : 0;
  read_levels(b, 0, deep, out.bids);
  read_levels(b, 1, deep, out.asks);
  return true;
}

void engine::mark_stale(std::string_view reason) {
  book_state& b = *parts_;
  if (b.host != nullptr)
    b.host->lose(b.number, reason);
  else
    b.distrust(trust::stale, reason);
}

bool engine::is_due() const {
  book_state& b = *parts_;
  const bool is_due_now = b.wanted.want != 0 && b.is_due && !b.is_half;
  // Whoever asks drops it from the list; the next change, or the end of the venue event, lists it again.
  if (!is_due_now) b.is_listed = b.is_in_dirty = false;
  return is_due_now;
}

void engine::publish(publication& out, uint64_t now_ns) {
  book_state& b = *parts_;
  fill(b, out, b.wanted.depth);
  out.depth = b.wanted.depth;
  out.is_taped = b.wanted.tape;
  out.apply_ns = now_ns;
  out.was_interrupted = b.is_interrupted && b.state == trust::ok;
  b.is_interrupted = false;
  b.is_due = b.is_listed = b.is_in_dirty = b.is_snapshot_due = false;
  if (b.state != trust::ok) return;
  if (b.day.band.is_on() && b.memory != nullptr &&
      (best_shown(b, 0) != b.sides[0].best() || best_shown(b, 1) != b.sides[1].best()))
    ++b.memory->hidden_tops;
  if (b.kind == TP_BOOK_LEVELS)
    b.keep_published(out);
  else if (out.bid != TP_NONE && out.ask != TP_NONE && out.bid >= out.ask)
    ++b.crossed;
}

void engine::view(publication& out, uint32_t depth) const {
  fill(*parts_, out, depth);
  out.apply_ns = out.receive_ns;
}

book_figures engine::figures() const {
  book_figures f;
  const book_state& b = *parts_;
  f.crossed = b.crossed;
  if (b.memory == nullptr) return f;
  const auto add_up = [&](uint32_t side, uint64_t& levels, tp_wide& quantity) {
    b.sides[side].walk([&](uint32_t slot) {
      const level& l = b.memory->levels[slot];
      ++levels;
      f.orders += l.orders;
      (void)model::add_to(quantity, l.quantity); // 2^24 levels of 2^63 fit
      return true;
    });
    if (b.unpriced[side] != 0) f.orders += b.memory->levels[b.unpriced[side]].orders;
  };
  add_up(0, f.bid_levels, f.bid_quantity);
  add_up(1, f.ask_levels, f.ask_quantity);
  return f;
}

} // namespace tickplant::book
