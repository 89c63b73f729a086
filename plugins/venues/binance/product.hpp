// What differs between the venue's products (venue document, A4, A5 and G): paths, speeds, limits and weights. Facts
// only; the limits are defaults that the settings may lower or raise.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tickplant::binance {

enum class product : uint8_t { spot, usdm, coinm };

constexpr bool is_futures(product p) {
  return p != product::spot;
}

struct depth_speed {
  std::string_view word, suffix; // as configured; what follows the symbol in the stream's name
};

struct product_facts {
  std::string_view rest_path;
  std::string_view security_type; // where the directory does not tell
  std::span<const depth_speed> speeds;
  uint32_t default_speed;
  std::span<const uint32_t> depth_limits; // empty: any up to `deepest`
  uint32_t deepest;
  uint32_t streams_limit;  // of one connection
  uint32_t controls_limit; // client messages a second
  uint32_t weight_limit;   // a minute, with room left for others at the same address
  uint32_t exchange_info_weight;
};

namespace detail {

inline constexpr std::array<depth_speed, 2> spot_speeds{{{"100ms", "@depth@100ms"}, {"1000ms", "@depth"}}};
inline constexpr std::array<depth_speed, 3> futures_speeds{
  {{"100ms", "@depth@100ms"}, {"250ms", "@depth"}, {"500ms", "@depth@500ms"}}};
inline constexpr std::array<uint32_t, 7> futures_depths{5, 10, 20, 50, 100, 500, 1'000};

// 200 streams: older documents and client libraries of the futures say so, newer ones 1,024 (H, "futures streams").
inline constexpr std::array<product_facts, 3> facts{{
  {"/api/v3", "SPOT", spot_speeds, 0, {}, 5'000, 1'024, 5, 5'000, 20},
  {"/fapi/v1", "USDM", futures_speeds, 0, futures_depths, 1'000, 200, 10, 2'000, 1},
  {"/dapi/v1", "COINM", futures_speeds, 0, futures_depths, 1'000, 200, 10, 2'000, 1},
}};

} // namespace detail

constexpr const product_facts& facts_of(product p) {
  return detail::facts[static_cast<size_t>(p)];
}

/// Weight of GET depth by its limit.
constexpr uint32_t depth_weight(product p, uint32_t limit) {
  if (is_futures(p)) return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20;
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1'000 ? 50 : 250;
}

} // namespace tickplant::binance
