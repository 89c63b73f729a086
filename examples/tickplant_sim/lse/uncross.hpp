// The price and volume at which an auction call would end: most volume, then least surplus, then nearest to the
// reference price. Pure.
#pragma once

#include "tickplant_sim/lse/instrument_book.hpp"

namespace tickplant::sim::lse {

struct uncross_result {
  price8 price = 0; // 0 when nothing would match
  std::uint64_t volume = 0;
  std::uint64_t buy_surplus = 0;
  std::uint64_t sell_surplus = 0;
};

/// Hidden reserves take part. `reference` is the price when market orders meet market orders only.
uncross_result find_uncross(const instrument_book& book, price8 reference);

} // namespace tickplant::sim::lse
