// A whole synthetic day of a chosen size, for benchmarks and tests that want a day file.
#pragma once

#include "tickplant_sim/nasdaq/order_flow.hpp"

#include <functional>
#include <string>

namespace tickplant::sim::nasdaq {

struct synthetic_day_options {
  std::uint64_t messages = 10'000'000;
  std::uint32_t symbols = 500;
  std::uint32_t live_orders = 400'000; // over all symbols, reached in the first tenth and held until the close
  std::uint64_t seed = 1;
  bool exotic = false;
  double time_spread_s = 23'400; // the order flow is spread over this time from 09:30 on
};

/// What the options need at least, or an empty text when they are possible.
std::string explain_impossible(const synthetic_day_options& options);

/// Real names first, then made-up ones; prices from 5 to 500 dollars.
std::vector<listed_symbol> synthetic_symbols(std::uint32_t count, std::uint64_t seed);

/// Writes exactly `options.messages` messages, ending with empty books and S/C. `write` is called with some hundred
/// kilobytes of whole blocks at a time. Returns the largest number of live orders. Precondition: possible options.
std::size_t write_synthetic_day(const synthetic_day_options& options, const std::function<void(block_buffer&)>& write);

} // namespace tickplant::sim::nasdaq
