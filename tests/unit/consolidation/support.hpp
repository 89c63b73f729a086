// Instruments, listings and what legs say, for tests of consolidation.
#pragma once

#include "runtime/consolidation/consolidated_book.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::tests {

inline model::instrument_ptr traded_at(std::string venue, std::string symbol, int price_exponent = -2,
                                       int quantity_exponent = 0, std::string currency = "USD") {
  model::instrument made;
  made.venue = std::move(venue);
  made.symbol = std::move(symbol);
  made.book = TP_BOOK_ORDERS;
  made.price_exponent = static_cast<int8_t>(price_exponent);
  made.quantity_exponent = static_cast<int8_t>(quantity_exponent);
  made.currency = std::move(currency);
  return std::make_shared<const model::instrument>(std::move(made));
}

inline consolidation::candidate candidate_of(uint32_t id, model::instrument_ptr instrument) {
  consolidation::candidate made;
  made.id = model::instrument_id{id};
  made.instrument = std::move(instrument);
  return made;
}

/// AAPL at venues A, B, C... with these price exponents.
inline consolidation::listing listing_of(const std::vector<int>& price_exponents) {
  std::vector<consolidation::candidate> candidates;
  for (uint32_t i = 0; i < price_exponents.size(); ++i)
    candidates.push_back(
      candidate_of(i, traded_at(std::string(1, static_cast<char>('A' + i)), "AAPL", price_exponents[i])));
  return consolidation::make_listing("AAPL", {}, candidates);
}

inline book::top_state top(int64_t bid, int64_t bid_quantity, int64_t ask, int64_t ask_quantity,
                           int price_exponent = -2) {
  book::top_state made;
  made.state = book::trust::ok;
  made.trading_state = TP_STATE_TRADING;
  made.price_exponent = static_cast<int8_t>(price_exponent);
  made.bid = bid;
  made.ask = ask;
  made.bid_quantity = bid_quantity;
  made.ask_quantity = ask_quantity;
  return made;
}

inline book::publication shown_by(const consolidation::consolidated_book& book, uint32_t depth = 0) {
  book::publication seen;
  book.view(seen, depth);
  return seen;
}

} // namespace tickplant::tests
