// The core of one consolidated book: best bid and offer over the venues that trade an instrument. Takes what each leg's
// book shows, leaves out legs that are not to be trusted, and publishes as an engine does. Plain object, one thread, no
// clock; its actor owns it and lends it to its feed loop. No allocation per change once warm. Throws only on exhausted
// memory.
#pragma once

#include "runtime/book/engine.hpp"
#include "runtime/consolidation/arbitrage.hpp"
#include "runtime/consolidation/listing.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::consolidation {

/// Without legs it is the stream of all signals: always good, and never a price.
class consolidated_book {
public:
  consolidated_book(model::instrument_id id, const listing& made_of, const arbitrage_rules& rules, uint64_t epoch);
  consolidated_book(const consolidated_book&) = delete;
  consolidated_book& operator=(const consolidated_book&) = delete;

  model::instrument_id id() const { return id_; }
  uint64_t epoch() const { return epoch_; }
  book::trust state() const { return state_; }
  const model::instrument_ptr& instrument() const { return instrument_; }
  const std::vector<leg>& legs() const { return legs_; }

  /// Other legs, exponents or rules, in the same epoch. An open opportunity ends. What the legs said is forgotten: it
  /// is to be told again.
  void change(const listing& made_of, const arbitrage_rules& rules, uint64_t monotonic_ns, uint64_t wall_ns);

  /// What the leg's book shows now.
  void take(size_t leg, const book::top_state& says);
  /// The leg's book is away.
  void lose(size_t leg, std::string_view why);
  /// It is not looked after by anybody, until it is replaced.
  void abandon(std::string_view why);
  /// Merges what was taken since the last call. True if what is shown has changed.
  bool settle(uint64_t monotonic_ns, uint64_t wall_ns);
  /// When to settle again although nothing changed, UINT64_MAX: never. For what has to last for some time.
  uint64_t deadline_ns() const { return arbitrage_.deadline_ns(); }
  /// What was found out since the last call.
  std::vector<book::signal>& signals() { return arbitrage_.signals(); }
  /// Ends what is open, as nobody looks after it any more.
  void close(std::string_view why, uint64_t monotonic_ns, uint64_t wall_ns);

  void set_interest(book::interest wanted);
  book::interest wanted() const { return wanted_; }
  /// Whether it has to be put into the list of what changed; true once until it is published or not due.
  bool has_to_be_listed();
  /// Whether `publish` would tell something. Whoever asks drops it from the list.
  bool is_due();
  void publish(book::publication& out, uint64_t now_ns);
  /// The same without any effect on what is due.
  void view(book::publication& out, uint32_t depth) const;

  const arbitrage_monitor& arbitrage() const { return arbitrage_; }

private:
  struct leg_state {
    book::top_state own; // as its book shows it
    leg_quote shown;     // at common exponents
    uint32_t status = TP_STATUS_RECOVERING;
    std::string_view why = "not live yet"; // where `own` has no reason of its own
  };
  struct best {
    int64_t price = TP_NONE, quantity = TP_NONE, total = TP_NONE;
    uint32_t leg = book::consolidated_part::none;
    friend bool operator==(const best&, const best&) = default;
  };

  void judge(size_t leg);
  best best_of(bool is_bid) const;
  void keep();
  std::string reasons() const;
  void merge(bool is_bid, size_t depth, std::vector<tp_level>& out) const;
  void fill(book::publication& out, size_t depth) const;
  void sum_up(book::publication& out) const;

  const model::instrument_id id_;
  const uint64_t epoch_;
  model::instrument_ptr instrument_;
  std::vector<leg> legs_;
  std::vector<leg_state> states_;
  std::vector<leg_quote> quotes_; // of the good legs, for the arbitrage
  arbitrage_monitor arbitrage_;
  book::interest wanted_;
  book::trust state_ = book::trust::awaiting;
  std::string reason_ = "no venue has told its book yet";
  best bid_, ask_; // as last settled while a leg was good
  uint64_t sequence_ = 0, venue_ns_ = 0, receive_ns_ = 0;
  bool is_touched_ = true, is_due_ = true, is_snapshot_due_ = true, is_interrupted_ = false;
  bool is_listed_ = false;
};

} // namespace tickplant::consolidation
