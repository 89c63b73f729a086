// The instruments of one instance: the venue's symbol, our number, and what each symbol's streams need to go on.
// Numbers count up from 0 and are the channel as well, since every symbol numbers its own updates.
#pragma once

#include "depth_sync.hpp"

#include <tickplant/venue.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tickplant::binance {

/// Where a book's levels come from.
enum class book_source : uint8_t { none, diffs, pictures };

struct instrument {
  instrument(uint32_t number_, std::string_view symbol_, sync_limits limits, buffer_budget& budget);

  const uint32_t number;
  const std::string symbol;      // as the venue's events write it
  const std::string stream_name; // lower case, as stream names want it
  std::string base, quote;       // assets
  std::string type;              // the kind of contract; empty = the product's word
  std::string tick, step;        // as text; empty = unknown
  int8_t price_exponent = -8, quantity_exponent = -8;
  uint8_t state = TP_STATE_UNKNOWN;
  uint8_t want = 0;    // TP_WANT_*
  bool wanted = false; // by the host's configuration or by interest
  bool retired = false;
  bool halted = false; // the venue's status forbids trading: no snapshots are asked for
  bool listed = false; // in the newest exchangeInfo
  book_source source = book_source::none;
  uint32_t partial_depth = 0;
  std::string status; // the venue's word

  depth_sync sync;
  uint32_t snapshot_tries = 0;
  bool snapshot_waits = false; // for its timer, before it is asked for again
  rising_ids quotes, trades, pictures;
  recent_ids blocks;
  /// A replacement of its connection from which a diff came that meets the book; UINT32_MAX = none.
  uint32_t proved_link = UINT32_MAX;
};

class symbol_map {
public:
  symbol_map(sync_limits limits, buffer_budget& budget) : limits_(limits), budget_(&budget) {}

  /// The instrument that carries this symbol now; null if none does. The case is the venue's.
  instrument* find(std::string_view symbol);
  /// The same by the lower-case name of streams.
  instrument* find_stream(std::string_view name);
  instrument* at(uint32_t number) { return number < all_.size() ? &all_[number] : nullptr; }
  /// Adds a symbol; null if it is not one (empty, longer than 64 bytes, quotes or control characters) or the table is
  /// full.
  instrument* add(std::string_view symbol);
  /// The symbol is free again; the number is not.
  void retire(instrument& which);

  std::deque<instrument>& all() { return all_; }

private:
  // The venue lists about 3,500 symbols; a stream of made-up names must not grow the table without end.
  static constexpr size_t most_instruments = 32'768;

  sync_limits limits_;
  buffer_budget* budget_;
  std::deque<instrument> all_; // by number; addresses stay
  std::unordered_map<std::string_view, instrument*> by_symbol_, by_stream_name_;
  instrument* last_found_ = nullptr;
};

} // namespace tickplant::binance
