// The receiving end of one venue instance: takes normalised events, definitions and stream states from a plugin's host
// calls, and applies them to the engines that are lent for its instruments. Owns the order stores, holds what comes
// while a book awaits its snapshot or its owner, refuses what would corrupt a book. One thread; `emit` is the hot path:
// no allocation once warm, no exception leaves it.
#pragma once

#include "runtime/book/engine.hpp"
#include "runtime/book/price_band.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::book {

/// Rare news for the owner of the feed. Called inside `emit`, `define` or `stream`: note it, act later in the turn.
class feed_owner {
public:
  virtual ~feed_owner() = default;
  /// Whether this instrument is wanted and, if so, its identity; asked at each `define`. The engine may be lent later.
  virtual std::optional<model::instrument_id> instrument_defined(const model::instrument& instrument) = 0;
  virtual void instrument_retired(model::instrument_id id) = 0;
  /// Every instrument of the channel is known.
  virtual void directory_complete(uint32_t channel) = 0;
  /// A book needs the venue again: `number` is the plugin's, or TP_ALL for the channel.
  virtual void resynchronise_wanted(uint32_t channel, uint32_t number, std::string_view reason) = 0;
  /// The engine threw: its owner has to die.
  virtual void engine_failed(model::instrument_id id, std::string_view what) = 0;
  /// A channel's or instrument's state changed: TP_STREAM_*.
  virtual void stream_changed(const tp_stream& stream) = 0;
  /// A snapshot was taken over: of one instrument, and at its end of the whole channel with TP_ALL.
  virtual void snapshot_ended(uint32_t channel, uint32_t number) {
    static_cast<void>(channel);
    static_cast<void>(number);
  }
};

/// Why an event was refused; counted, never applied.
enum class refusal : uint8_t {
  unknown_instrument,
  unknown_order,   // execute, reduce, delete, replace or modify of an order that is not there
  duplicate_order, // add of a reference that is live
  bad_price,
  bad_quantity,
  bad_side,
  over_execution, // more than was left: taken as all that was left
  stale_sequence,
  hold_overflow,
  unknown_kind,
  outside_band, // a print, or a side of a quote; order and level stay in the book
  check_failed, // TP_CHECK values disagree, or a snapshot does not reach the first number held
  limit,        // the feed holds all the orders or levels that it may
  count_        // number of reasons
};
std::string_view name_of(refusal reason);

struct feed_options {
  std::string venue = {};             // upper-case name, for definitions
  uint32_t order_refs = TP_REFS_NONE; // TP_REFS_*
  size_t hold_events = 1u << 20;      // most events held per channel while books are not live
  size_t texts = 65'536;              // most interned texts
  size_t orders = 1u << 24;           // most live orders
  size_t levels = 1u << 24;           // most price levels
  size_t present = 0;                 // bytes of memory for books that are made present at once
  /// Whether an order that is not known, or an impossible one, makes its book stale and asks the venue again. Without
  /// it such events are counted, and the book goes on.
  bool orphans_resynchronise = false;
  /// Whether a silent stream makes its books stale until it is live again. Not where a capture simply ends.
  bool silence_is_stale = false;
  /// The price band of a symbol; empty: none has one.
  std::function<band_rule(std::string_view symbol)> band = {};
};

/// Books of the instruments that the configuration names. Stale ones are those that somebody looks at: venues that are
/// followed on demand leave the others alone. `awaiting`: their first picture, or anybody who looks.
struct book_counts {
  uint64_t live = 0, awaiting = 0, stale = 0;
};

struct feed_counters {
  /// `unwanted`: of instruments that nobody wants, or of an order that may be theirs.
  uint64_t events = 0, applied = 0, held = 0, hold_dropped = 0, unwanted = 0;
  uint64_t refused[static_cast<size_t>(refusal::count_)] = {};
  uint64_t unknown_trades = 0; // breaks and corrections of trades that were not counted, or are no longer known
  uint64_t crossed = 0;        // price-level books that crossed, and were given up
  uint64_t rebuilt = 0;        // events of snapshots applied
};

class feed {
public:
  /// `engines`, `dirty` and `owner` outlive the feed. On destruction every engine it fed is marked stale.
  feed(feed_options options, engine_table& engines, dirty_list& dirty, feed_owner& owner);
  ~feed();
  feed(const feed&) = delete;
  feed& operator=(const feed&) = delete;

  /// Receive time of the units that the following calls come from.
  void received(uint64_t recv_ns) { *received_ns_ = recv_ns; }

  /// Makes memory present that books will soon touch: call it at the end of a turn, when what the turn brought has been
  /// passed on. Takes milliseconds once in some ten thousand orders, and a comparison else.
  void make_ready() {
    if (*is_short_) [[unlikely]]
      make_memory();
  }

  // The plugin's host calls, with the ABI's meaning and results.
  int32_t define(const tp_instrument& definition);
  void retire(uint32_t number);
  int32_t emit(uint32_t channel, std::span<const tp_event> events);
  void stream(const tp_stream& stream);
  uint32_t text(std::string_view text);

  /// Tells the feed that an engine has been lent for `id` (its first, or a successor). A first engine of an instrument
  /// whose channel is complete takes what was held for it; a successor awaits a resynchronisation, which is asked for.
  void engine_lent(model::instrument_id id);
  /// The engine of `id` is gone: its orders are dropped, what comes is held.
  void engine_withdrawn(model::instrument_id id);

  std::optional<uint32_t> number_of(model::instrument_id id) const;
  uint32_t channel_of(uint32_t number) const;
  std::string_view text_of(uint32_t handle) const; // empty for 0
  /// Instruments of a channel whose books have an engine and levels, and are not live; looks at all of them.
  std::vector<uint32_t> lost_books(uint32_t channel) const;
  /// Whether there is none, of the channel (TP_ALL) or the one instrument.
  bool is_whole(uint32_t channel, uint32_t number) const;
  const feed_counters& counters() const;
  uint64_t live_orders() const;
  book_counts books() const;
  /// Publications from which the best of a side was left out, as it lay outside of its price band.
  uint64_t hidden_tops() const;

private:
  struct parts;
  void make_memory();

  std::unique_ptr<parts> parts_;
  uint64_t* received_ns_; // inside of them
  const bool* is_short_;
};

} // namespace tickplant::book
