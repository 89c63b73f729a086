// What an engine is made of. Private to this folder: the feed works on it directly, listeners go through `engine`.
#pragma once

#include "runtime/book/day.hpp"
#include "runtime/book/engine.hpp"
#include "runtime/book/ladder.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::book {

/// The feed, as a book sees it.
class book_host {
public:
  /// The book's levels and orders are given back and it is stale; what comes for it is held.
  virtual void lose(uint32_t number, std::string_view reason) = 0;
  /// The engine is being destroyed.
  virtual void forget_book(uint32_t number) = 0;

protected:
  ~book_host() = default;
};

/// The venue's own best bid and ask.
struct venue_quote {
  int64_t bid = TP_NONE, ask = TP_NONE, bid_quantity = TP_NONE, ask_quantity = TP_NONE;
  uint64_t sequence = 0, venue_ns = 0;
  bool is_given = false;
};

/// The last good top of a book that is not to be trusted.
struct kept_levels {
  static constexpr uint32_t depth = 20;
  std::vector<tp_level> bids, asks;
  bool is_taken = false;
};

/// How far the book's tape is. Numbers rise with each print, whether or not somebody wants it.
struct tape_place {
  uint64_t sequence = 0;  // of the newest print, break or correction
  uint64_t newest_ns = 0; // the latest venue time that was put on the tape
  bool is_wanted = false;
  bool is_retold = false; // a feed that began anew may tell again what is on the tape

  /// Prints are missing, or may be, and nobody knows how many: a number that no entry has tells it.
  void miss() { ++sequence; }
};

/// Whether an event, if it is applied, is told by the tape: what a snapshot repeats is not.
TP_HOT bool is_for_tape(const tp_event& e) {
  const bool is_print = (e.kind == TP_EV_EXECUTE || e.kind == TP_EV_TRADE) && (e.flags & TP_PRINT) != 0;
  return (is_print || e.kind == TP_EV_BREAK || e.kind == TP_EV_CORRECT) && !(e.flags & TP_SNAPSHOT);
}

struct alignas(64) book_state {
  book_state(model::instrument_id id_, model::instrument_ptr instrument_, uint64_t epoch_, dirty_list& dirty_)
    : id(id_), epoch(epoch_), dirty(&dirty_), instrument(std::move(instrument_)) {
    if (instrument != nullptr) {
      kind = instrument->book;
      day.shown.previous_close = instrument->previous_close;
    }
  }

  // What every event touches.
  ladder sides[2]{ladder{0}, ladder{1}};
  uint32_t short_kinds = 0; // kinds of live events that it takes as they come; 0 unless it is live
  bool is_live = false;
  bool is_half = false;    // a venue event has begun and not ended
  bool is_changed = false; // by the venue event that is being applied
  bool is_due = false;     // changed since the last publication
  bool is_listed = false;  // in every list that it has to be in
  bool is_wanted = false;  // somebody listens or watches
  uint8_t kind = TP_BOOK_NONE;
  uint8_t trading_state = TP_STATE_UNKNOWN;
  uint32_t number = 0, channel = 0;
  uint64_t sequence = 0, venue_sequence = 0, venue_ns = 0, receive_ns = 0;
  model::instrument_id id{};
  std::array<uint32_t, 2> unpriced{}; // level of market orders, by side; 0 until there is one

  day_figures day;
  tape_place printed;

  // The rest is rarely touched.
  bool is_snapshot_due = true;
  bool is_interrupted = false; // trust was lost since the last publication
  bool is_watched = false;     // by a neighbour on the loop
  bool is_in_dirty = false, is_in_watched = false;
  trust state = trust::awaiting;
  uint64_t epoch = 0;
  uint64_t crossed = 0;
  interest wanted;
  venue_quote quote;
  dirty_list* dirty = nullptr;
  book_host* host = nullptr; // while a feed applies events to it
  book_memory* memory = nullptr;
  model::instrument_ptr instrument;
  std::string reason;
  kept_levels kept;

  /// Something visible changed and the venue event is complete.
  TP_HOT void show(uint64_t new_venue_ns, uint64_t new_receive_ns) {
    ++sequence;
    venue_ns = new_venue_ns;
    receive_ns = new_receive_ns;
    note();
  }

  /// Lists the book for publication and for its watcher, if there is anybody.
  TP_HOT void note() {
    is_due = true;
    if (is_wanted && !is_listed) [[unlikely]]
      list();
  }

  /// A print, break or correction that was applied; TP_NONE: not told.
  TP_HOT void print(const tp_event& e, uint8_t what, int64_t price, int64_t quantity, uint8_t aggressor) {
    if (e.flags & TP_SNAPSHOT) [[unlikely]]
      return;
    if (printed.is_wanted) [[unlikely]]
      put_on_tape(e, what, price, quantity, aggressor);
    else
      ++printed.sequence;
  }
  void put_on_tape(const tp_event& e, uint8_t what, int64_t price, int64_t quantity, uint8_t aggressor) noexcept;

  void list();
  /// Keeps the top as it is, for the time in which the book is not to be trusted. Does nothing if it is already kept.
  void keep_top();
  /// Remembers what has just been published as the last good top.
  void keep_published(const publication& published);
  void distrust(trust because, std::string_view why);
  void become_trusted();
  bool is_crossed() const;
};

} // namespace tickplant::book
