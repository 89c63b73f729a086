// What the plugin counts, by name, and a tally that is handed to the host once per call instead of once per message.
#pragma once

#include <tickplant/counter_sheet.hpp>

#include <cstdint>
#include <span>

namespace tickplant::binance {

enum class counter : uint8_t {
  depth_update,
  book_ticker,
  trade,
  agg_trade,
  block_trade,
  ticker,
  mini_ticker,
  mark_price,
  partial_depth,
  kline,
  server_shutdown,
  answer,
  snapshot,
  exchange_info,
  other,
  gaps_seen,
  gaps_filled,
  duplicates,
  malformed,
  unknown,
  unknown_symbol,
  resynchronised,
  snapshots_asked,
  snapshots_refused,
  diffs_before_snapshot,
  buffer_overflow,
  numbers_restarted,
  trades_missed,
  trades_other_kind,
  values_overflow,
  rescaled,
  rest_throttled,
  rest_failed,
  control_refused,
  streams_over_limit,
  time_unit_mismatch,
  reconnects,
  renewals,
  held_ahead,
  count_
};

/// Names in the order of `counter`, for tp_venue_ops.
std::span<const tp_str> counter_names();

using tally = sdk::counter_sheet<static_cast<size_t>(counter::count_)>;

} // namespace tickplant::binance
