// The prints of instruments in the order in which they came, for those who must not miss one: what the TRADES line of a
// client is made of. Immutable once it has left its feed loop.
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
  uint32_t conditions = 0;                    // TP_COND_*
  int64_t price = TP_NONE, quantity = TP_NONE; // mantissas; of BREAK not told
  uint64_t trade_id = 0, venue_ns = 0;
};

using tape = std::vector<tape_entry>;
using tape_ptr = std::shared_ptr<const tape>;

} // namespace tickplant::book
