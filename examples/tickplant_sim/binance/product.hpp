// What differs between the simulated products, spot and USD-M futures, as the venue documents it.
#pragma once

#include <cstdint>
#include <string_view>

namespace tickplant::sim::binance {

enum class product : std::uint8_t { spot, usdm };

struct product_limits {
  std::string_view rest_path;
  std::uint32_t weight_a_minute;
  std::uint32_t exchange_info_weight;
  std::uint32_t most_depth;
  std::size_t streams_a_connection;
  std::uint32_t messages_a_second;
};

constexpr product_limits limits_of(product which) {
  if (which == product::usdm) return {"/fapi/v1", 2400, 1, 1000, 200, 10};
  return {"/api/v3", 6000, 20, 5000, 1024, 5};
}

constexpr std::uint32_t depth_weight(product which, std::uint32_t limit) {
  if (which == product::usdm) return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20;
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
}

/// Futures take these depths alone.
constexpr bool is_depth_limit(product which, std::uint32_t limit) {
  if (which == product::spot) return true;
  for (const std::uint32_t known : {5u, 10u, 20u, 50u, 100u, 500u, 1000u})
    if (limit == known) return true;
  return false;
}

/// Update ids of futures jump, so that only pu proves continuity: every id of the market is this often itself.
constexpr std::uint64_t id_stride(product which) {
  return which == product::usdm ? 3 : 1;
}

} // namespace tickplant::sim::binance
