// What is configured of consolidation, in the units that it computes with.
#pragma once

#include "runtime/consolidation/listing.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tickplant::consolidation {

/// Parts of a price are whole numbers of 10^-8: a basis point is 10^4 of them.
inline constexpr int64_t parts_of_one = 100'000'000;

struct arbitrage_rules {
  bool is_on = true;
  int64_t min_edge = 10'000;                        // after fees, of the buying price, in parts
  factor min_price_edge{0, 0};                      // after fees, as a price; both have to be reached
  uint64_t min_duration_ns = 0;                     // that the market has to stand so
  uint64_t change_interval_ns = 0;                  // least time between two signals of one opportunity, its end aside
  int64_t edge_step = 10'000;                       // a change of the edge after fees that is told, in parts
  uint32_t size_step = 20;                          // a change of the size that is told, in percent of what was told
  std::map<std::string, int64_t, std::less<>> fees; // by venue, of the price, in parts
  friend bool operator==(const arbitrage_rules&, const arbitrage_rules&) = default;
};

/// Instruments of different names, currencies or ratios that are one.
struct cross_listing {
  std::string name;                                         // symbol of the consolidated instrument
  std::vector<std::string> legs;                            // VENUE:SYMBOL
  std::string currency;                                     // empty: the first leg's
  std::map<std::string, factor, std::less<>> prices, sizes; // by leg
  friend bool operator==(const cross_listing&, const cross_listing&) = default;
};

struct rules {
  bool by_symbol = true;           // symbols that two venues have are consolidated by themselves
  std::vector<std::string> venues; // the order of legs
  std::vector<cross_listing> listings;
  arbitrage_rules arbitrage;
  friend bool operator==(const rules&, const rules&) = default;
};

} // namespace tickplant::consolidation
