// What is listed on the simulated London exchange: tickers with their real ISINs, prices in pence, invented ids.
#pragma once

#include "tickplant_sim/lse/message_buffer.hpp"

#include <string>
#include <vector>

namespace tickplant::sim::lse {

struct listing {
  std::uint32_t instrument = 0;
  std::string ticker;
  std::string isin;
  std::string sedol;
  std::string segment;
  price8 previous_close = 0; // pence
  /// The width of one step of the walk as a part of the price.
  double volatility = 0.02;
  /// Market makers show firm quotes in a book of their own beside the order book.
  bool firm_quotes = false;
};

inline constexpr std::string_view currency = "GBX";

/// A dozen names of the FTSE 100 in the segments SET0 and SET1.
std::vector<listing> demo_listings();

/// The tick of a share at this price.
price8 tick_size(price8 price) noexcept;

} // namespace tickplant::sim::lse
