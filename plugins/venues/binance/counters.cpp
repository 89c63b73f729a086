#include "counters.hpp"

#include <array>

namespace tickplant::binance {

std::span<const tp_str> counter_names() {
  using sdk::to_tp;
  static constexpr std::array<tp_str, static_cast<size_t>(counter::count_)> names{
    to_tp("messages.depthUpdate"),
    to_tp("messages.bookTicker"),
    to_tp("messages.trade"),
    to_tp("messages.aggTrade"),
    to_tp("messages.blockTrade"),
    to_tp("messages.24hrTicker"),
    to_tp("messages.24hrMiniTicker"),
    to_tp("messages.markPriceUpdate"),
    to_tp("messages.partialDepth"),
    to_tp("messages.kline"),
    to_tp("messages.serverShutdown"),
    to_tp("messages.answer"),
    to_tp("messages.snapshot"),
    to_tp("messages.exchangeInfo"),
    to_tp("messages.other"),
    to_tp("gaps.seen"),
    to_tp("gaps.filled"),
    to_tp("duplicates"),
    to_tp("malformed"),
    to_tp("unknown"),
    to_tp("unknown_symbol"),
    to_tp("resynchronised"),
    to_tp("snapshots.asked"),
    to_tp("snapshots.refused"),
    to_tp("diffs.before_snapshot"),
    to_tp("buffer.overflow"),
    to_tp("numbers.restarted"),
    to_tp("trades.missed"),
    to_tp("trades.other_kind"),
    to_tp("values.overflow"),
    to_tp("instruments.rescaled"),
    to_tp("rest.throttled"),
    to_tp("rest.failed"),
    to_tp("control.refused"),
    to_tp("streams.over_limit"),
    to_tp("time_unit.mismatch"),
    to_tp("reconnects"),
    to_tp("connections.renewed"),
    to_tp("overlap.held"),
  };
  return names;
}

} // namespace tickplant::binance
