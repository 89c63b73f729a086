// What the simulated NYSE lists.
#pragma once

#include "tickplant_sim/flow/order_flow.hpp"
#include "tickplant_sim/nyse/xdp_encoder.hpp"

namespace tickplant::sim::nyse {

struct listed_stock {
  std::string symbol; // NYSE's symbology: "BRK.A"
  double price = 100;
  char listed_on = 'N';
  char security_type = 'C'; // T: a test symbol, which receivers hide
  std::uint32_t index = 0;
  /// 6 below 500, 4 from 500, 3 from 100,000, as the exchange sets it from the last close.
  std::uint8_t price_scale = 6;
};

/// Names of NYSE, three that also trade at the simulated Nasdaq, and a test symbol.
std::vector<listed_stock> demo_stocks();

/// One tick of the flow is a cent: its value in the stock's price scale.
inline raw_price raw_price_of(const listed_stock& stock, tick_count tick) noexcept {
  raw_price factor = 1;
  for (int digits = 2; digits < stock.price_scale; ++digits) factor *= 10;
  return tick * factor;
}

} // namespace tickplant::sim::nyse
