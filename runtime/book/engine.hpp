// The core of one symbol_book: levels (and order queues), statistics, trading status and trust of one instrument at one
// venue. Plain object, one thread, no clock. The symbol_book actor owns it and lends it to its feed loop; book::feed
// finds it by instrument and applies events to it by plain calls. Throws only on exhausted memory.
#pragma once

#include "runtime/book/publication.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tickplant::book {

struct book_state;

/// What listeners want of a book, the union over all of them.
struct interest {
  uint32_t want = 0;  // TP_WANT_*
  uint32_t depth = 0; // levels a side
  bool tape = false;  // each print, break and correction; counts only where something is wanted
  friend bool operator==(const interest&, const interest&) = default;
};

/// Instruments whose state changed since they were last looked at, and what was printed meanwhile; one per feed loop,
/// shared by its feeds and engines. An engine is listed once however often it changes.
class dirty_list {
public:
  void add(model::instrument_id id) { ids_.push_back(id); }
  std::vector<model::instrument_id>& ids() { return ids_; }
  /// The same for those that somebody on the loop watches, whether or not a client listens.
  void add_watched(model::instrument_id id) { watched_.push_back(id); }
  std::vector<model::instrument_id>& watched() { return watched_; }
  /// Prints of books whose tape is wanted, in order. One for which there is no memory is lost, and counted.
  void add_print(const tape_entry& entry) noexcept;
  book::tape& tape() { return tape_; }
  uint64_t lost_prints() const { return lost_prints_; }

private:
  std::vector<model::instrument_id> ids_, watched_;
  book::tape tape_;
  uint64_t lost_prints_ = 0;
};

/// What a neighbour on the loop sees of a book: prices and sizes in the instrument's exponents.
struct top_state {
  trust state = trust::awaiting;
  uint8_t trading_state = TP_STATE_UNKNOWN;
  int8_t price_exponent = 0, quantity_exponent = 0;
  int64_t bid = TP_NONE, ask = TP_NONE, bid_quantity = TP_NONE, ask_quantity = TP_NONE;
  last_trade last;
  tp_wide volume{0, 0};
  uint64_t trades = 0, venue_ns = 0, receive_ns = 0;
  std::string reason;               // why it is not `ok`
  std::vector<tp_level> bids, asks; // as deep as was asked for
};

/// The engines of one feed loop by instrument_id; empty places where no book lives. Written by whoever owns the
/// engines.
using engine_table = std::vector<class engine*>;

/// Sizes of the book for reports and checks.
struct book_figures {
  uint64_t bid_levels = 0, ask_levels = 0, orders = 0;
  uint64_t crossed = 0; // publications with the best bid at or above the best ask
  tp_wide bid_quantity{0, 0}, ask_quantity{0, 0};
};

class engine {
public:
  /// `dirty` outlives the engine. A new engine awaits its feed: trust::awaiting.
  engine(model::instrument_id id, model::instrument_ptr instrument, uint64_t epoch, dirty_list& dirty);
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  model::instrument_id id() const;
  uint64_t epoch() const;
  trust state() const;
  const model::instrument_ptr& instrument() const;

  /// Makes the book due in any case: whoever asked has not seen its present state.
  void set_interest(interest wanted);
  interest wanted() const;

  /// Marks the book stale, keeping what was published last for `publish`. Orders and levels are dropped.
  void mark_stale(std::string_view reason);

  /// Whether `publish` would tell something: somebody listens, a change happened, and no venue event is half applied.
  bool is_due() const;
  /// Fills `out` (reusing its memory) with the current state, and forgets that it was dirty. A stale book gives its
  /// last good state, marked stale with the reason.
  void publish(publication& out, uint64_t now_ns);
  /// The same without any effect on what is due; for snapshots on request, replay and tests.
  void view(publication& out, uint32_t depth) const;

  /// Somebody on the loop wants to hear of changes, apart from publications: lists the book as watched at once, and
  /// whenever it changed after `look`.
  void set_watched(bool watched);
  /// Fills `out` (reusing its memory) for the watcher. False while a venue event is half
  /// applied: it stays listed, to be looked at later.
  bool look(top_state& out, uint32_t depth);

  book_figures figures() const;

private:
  friend class feed;
  std::unique_ptr<book_state> parts_;
};

} // namespace tickplant::book
