// The prints of instruments in the order in which they came, for those who must not miss one: what the TRADES line of a
// client is made of. Immutable once it has left its feed loop. A number that no entry has tells that entries are
// missing.
#pragma once

#include "runtime/model/ids.hpp"

#include <tickplant/dialect.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace tickplant::book {

struct tape_entry {
  model::instrument_id id{};
  uint64_t epoch = 0, sequence = 0; // of the instrument's TRADES line; sequence rises by one
  uint8_t kind = TP_TRADE_PRINT, aggressor = TP_AGGRESSOR_UNKNOWN;
  int8_t price_exponent = 0, quantity_exponent = 0; // the instrument's, which may be redefined while the entry waits
  uint32_t conditions = 0;                          // TP_COND_*
  int64_t price = TP_NONE, quantity = TP_NONE;      // mantissas; TP_NONE: not told, as in each BREAK
  uint64_t trade_id = 0, venue_ns = 0; // the venue's id of the print, which BREAK and CORRECT name; 0: none
};

using tape = std::vector<tape_entry>;
using tape_ptr = std::shared_ptr<const tape>;

} // namespace tickplant::book
