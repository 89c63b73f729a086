// What a book really is at the simulated exchange, for whoever wants to check a receiver's book against it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tickplant::sim {

/// Price and size as exact decimal text without needless zeros: "175.31", "300", "0.00412".
struct truth_level {
  std::string price;
  std::string size;
  std::uint32_t orders = 0; // 0 where the exchange does not tell orders
};

struct truth_book {
  std::uint64_t sequence = 0;   // of the last message sent that this picture contains, in the exchange's own numbering
  std::uint64_t levels_bid = 0; // of the whole side
  std::uint64_t levels_ask = 0;
  std::string state;             // "trading", "halted", "auction" or "closed"
  std::vector<truth_level> bids; // best first, at most as many as asked for
  std::vector<truth_level> asks;
};

/// `units` times 10^-decimals: 1753100 with 4 is "175.31".
std::string decimal_text(std::int64_t units, unsigned decimals);

nlohmann::json to_json(const truth_book& book);

} // namespace tickplant::sim
