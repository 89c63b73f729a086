// A signal: something that was found out about an instrument and is told once, not as a state. Immutable once made.
#pragma once

#include "runtime/model/ids.hpp"
#include "runtime/model/instrument.hpp"

#include <tickplant/dialect.h>

#include <cstdint>
#include <memory>
#include <string>

namespace tickplant::book {

/// Arbitrage: one venue's bid is at or above another's ask, after fees by at least the configured edge. Prices have the
/// price_exponent of `instrument`, sizes its quantity_exponent.
struct signal {
  enum class phase : uint8_t { start = 1, change, end };

  model::instrument_id all{};       // of the stream of all signals
  model::instrument_id id{};        // of the consolidated instrument
  model::instrument_ptr instrument; // the consolidated one
  model::instrument_ptr buy_at, sell_at;
  std::string key; // the same for start, changes and end of one opportunity
  phase what = phase::start;
  bool is_locked = false; // the prices are equal; else crossed
  int64_t buy_price = TP_NONE, sell_price = TP_NONE, quantity = TP_NONE;
  int64_t edge = TP_NONE;                 // sell_price - buy_price
  tp_wide net_edge{0, 0};                 // after fees; exponent price_exponent - 8
  int64_t edge_bps = 0, net_edge_bps = 0; // of the buying price, exponent -4
  uint64_t number = 0;                    // of the instrument's signals, rising by one
  uint64_t start_ns = 0, wall_ns = 0;     // since when the market stands so; of this signal
  uint64_t duration_ns = 0;               // so far
  std::string reason;                     // why it ended
};
using signal_ptr = std::shared_ptr<const signal>;

} // namespace tickplant::book
