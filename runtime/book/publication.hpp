// What a book tells its listeners: the complete state of one instrument at one moment. Immutable once handed over.
#pragma once

#include "runtime/book/signal.hpp"
#include "runtime/book/tape.hpp"
#include "runtime/model/ids.hpp"
#include "runtime/model/instrument.hpp"

#include <tickplant/dialect.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::book {

/// Why a book is not to be trusted; `ok` otherwise.
enum class trust : uint8_t { ok, awaiting, stale };

struct last_trade {
  int64_t price = TP_NONE, quantity = TP_NONE;
  uint64_t venue_ns = 0;
  uint8_t aggressor = TP_AGGRESSOR_UNKNOWN;
};

/// The day's figures of one instrument. Prices in price_exponent, totals in quantity_exponent.
struct statistics {
  int64_t open = TP_NONE, high = TP_NONE, low = TP_NONE, close = TP_NONE, previous_close = TP_NONE;
  tp_wide volume{0, 0};
  uint64_t trades = 0;
  last_trade last;
};

/// One venue's part of a consolidated instrument, prices and sizes in the consolidated instrument's exponents.
struct leg_view {
  model::instrument_ptr instrument;
  int64_t bid = TP_NONE, ask = TP_NONE, bid_quantity = TP_NONE, ask_quantity = TP_NONE;
  uint32_t status = TP_STATUS_RECOVERING; // TP_STATUS_*; only one that is OK contributes
  uint8_t trading_state = TP_STATE_UNKNOWN;
  std::string reason; // why it does not contribute
};

/// What consolidation adds to a state.
struct consolidated_part {
  static constexpr uint32_t none = UINT32_MAX;
  std::vector<leg_view> legs;                       // empty: an instrument of one venue
  uint32_t bid_leg = none, ask_leg = none;          // whose the best prices are
  int64_t bid_total = TP_NONE, ask_total = TP_NONE; // over all legs at the best price
};

/// State of an instrument: what one STATE element is printed from. Levels best first, at most as deep as somebody
/// asked.
struct publication {
  model::instrument_id id{};
  model::instrument_ptr instrument;
  uint64_t epoch = 0, sequence = 0; // of the STATE line
  uint64_t tape_sequence = 0;       // of the newest print: the TRADES line, in the same epoch
  uint64_t venue_sequence = 0;      // the venue's last applied number
  uint64_t venue_ns = 0, receive_ns = 0, apply_ns = 0;
  trust state = trust::awaiting;
  std::string reason;       // why it is not `ok`
  bool is_snapshot = false; // the first of an epoch, or after interest appeared
  /// It is `ok`, and was so in the last publication, but not all the time between: what was shown before is void.
  bool was_interrupted = false;
  uint8_t trading_state = TP_STATE_UNKNOWN;
  int64_t bid = TP_NONE, ask = TP_NONE, bid_quantity = TP_NONE, ask_quantity = TP_NONE;
  statistics day;
  uint32_t depth = 0;    // levels a side that were wanted when it was made: it has these, or all that there are
  bool is_taped = false; // prints went on the tape when it was made, up to tape_sequence
  std::vector<tp_level> bids, asks;
  consolidated_part consolidated;
};

/// What one delivery of packets cost on its feed loop, for traces; wall clock. All zero: nobody measured.
struct delivery_stamps {
  uint64_t receive_ns = 0;                       // of its first packet
  uint64_t start_ns = 0, end_ns = 0;             // handed to the plugin, given back
  uint64_t apply_start_ns = 0, apply_end_ns = 0; // first event applied, last one; measured where a trace is made
  uint32_t units = 0;                            // packets
  bool is_traced = false;                        // the first item of the batch is traced under these
  std::array<uint8_t, 16> trace_id{};
  std::array<uint8_t, 8> apply_span{}; // parent of what follows
};

/// Everything that one burst changed, for one hub or several. Shared and immutable after it is sent.
struct publication_batch {
  uint64_t number = 0; // of this feed loop, rising by one per batch
  std::vector<publication> items;
  std::vector<signal_ptr> signals; // in the order in which they arose
  std::vector<tape_ptr> tapes;     // prints of instruments whose tape is wanted, in order
  delivery_stamps delivery;
};
using publication_batch_ptr = std::shared_ptr<const publication_batch>;

} // namespace tickplant::book
