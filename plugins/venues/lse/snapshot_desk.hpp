// What comes on the recovery channel, book by book: begins and ends the snapshots, judges whether they join the live
// flow, and takes only what is of use. The same for both protocols.
#pragma once

#include "protocol.hpp"

namespace tickplant::lse {

/// One thread. The session asks for snapshots and hears which were no good.
class snapshot_desk {
public:
  snapshot_desk(protocol& speaks, event_batch& batch, counter_sheet& counters, symbol_map& symbols)
    : protocol_(speaks), batch_(batch), counters_(counters), symbols_(symbols) {}

  /// Where the live flow stands; before each of the calls below.
  struct flow {
    uint64_t next = 1;          // numbers below have been emitted
    uint64_t plausible_end = 0; // a snapshot's number lies below
    uint64_t held_from = 1;     // what a book that appears now misses nothing from
  };
  void set_flow(const flow& stands, uint64_t now_ns) {
    flow_ = stands;
    now_ns_ = now_ns;
  }

  /// One message of the channel that is not administrative.
  void take(const uint8_t* message);
  /// The book that was read last is whole as of `includes`. False if no book was begun.
  bool complete_current(uint64_t includes, char trading_status);
  void complete(uint64_t id, book_kind kind, uint64_t includes);
  /// Second books of which nothing came are empty as of the order book's number.
  void finish_instrument();

  /// Ends the snapshots that the live flow has reached; true if there were any.
  bool settle();
  bool is_waiting() const { return !ending_.empty(); }
  /// The host dropped what it had of all books, or of one.
  void spoil_all();
  void spoil(book& b);
  /// The connection is gone: nothing more comes of what has begun.
  void cut();

  /// Books whose snapshot was no good, since the last call.
  std::vector<uint32_t> take_failed() { return std::exchange(failed_, {}); }

private:
  book* open_book(uint64_t id, book_kind kind);
  void begin(book& b);
  void end(book& b, uint64_t includes);

  protocol& protocol_;
  event_batch& batch_;
  counter_sheet& counters_;
  symbol_map& symbols_;
  flow flow_;
  uint64_t now_ns_ = 0;
  std::vector<uint32_t> ending_, failed_;
  uint64_t current_ = 0; // instrument that is being read
  book_kind current_kind_ = book_kind::orders;
  bool has_current_ = false, is_book_open_ = false;
  std::optional<uint64_t> main_includes_; // of the current instrument's order book
};

} // namespace tickplant::lse
