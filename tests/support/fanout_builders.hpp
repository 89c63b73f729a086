// Instruments and publications for tests of the fan-out.
#pragma once

#include "runtime/book/publication.hpp"

#include <initializer_list>
#include <memory>
#include <string>

namespace tickplant::tests {

inline model::instrument_ptr make_instrument(std::string symbol, std::string venue = "NASDAQ") {
  model::instrument made;
  made.symbol = std::move(symbol);
  made.venue = std::move(venue);
  made.book = TP_BOOK_ORDERS;
  made.price_exponent = -2;
  return std::make_shared<const model::instrument>(std::move(made));
}

inline book::publication make_state(uint32_t id, const model::instrument_ptr& instrument, int64_t price,
                                    uint64_t sequence = 1) {
  book::publication state;
  state.id = model::instrument_id{id};
  state.instrument = instrument;
  state.epoch = 1;
  state.sequence = sequence;
  state.state = book::trust::ok;
  state.day.last.price = price;
  state.depth = 100; // it has all the levels that there are
  return state;
}

inline book::publication_batch make_batch(std::initializer_list<book::publication> items) {
  static uint64_t number = 0;
  book::publication_batch batch;
  batch.number = ++number;
  batch.items = items;
  return batch;
}

} // namespace tickplant::tests
