#include "tickplant_sim/lse/listing.hpp"

namespace tickplant::sim::lse {
namespace {

constexpr price8 pence(double value) {
  return static_cast<price8>(value * 100 + 0.5) * (price_one / 100);
}

/// In an ISIN of a British share the seven characters before the check digit are its SEDOL.
listing share(std::uint32_t instrument, std::string ticker, std::string isin, std::string segment, double price,
              double volatility, bool firm_quotes = false) {
  auto sedol = isin.substr(4, 7);
  return {instrument,         std::move(ticker), std::move(isin), std::move(sedol),
          std::move(segment), pence(price),      volatility,      firm_quotes};
}

} // namespace

std::vector<listing> demo_listings() {
  return {
    share(10'101, "VOD", "GB00BH4HKS39", "SET1", 75.34, 0.02),
    share(10'107, "BP", "GB0007980591", "SET1", 482.65, 0.02),
    share(10'112, "HSBA", "GB0005405286", "SET1", 684.2, 0.018),
    share(10'125, "AZN", "GB0009895292", "SET0", 11'824, 0.02),
    share(10'131, "SHEL", "GB00BP6MXD84", "SET0", 2'611.5, 0.018),
    share(10'140, "ULVR", "GB00B10RZP78", "SET0", 4'738, 0.015, true),
    share(10'146, "BARC", "GB0031348658", "SET1", 221.35, 0.025),
    share(10'158, "LLOY", "GB0008706128", "SET1", 55.78, 0.022),
    share(10'163, "RIO", "GB0007188757", "SET0", 5'027, 0.022),
    share(10'170, "GSK", "GB00BN7SWP63", "SET0", 1'486.5, 0.016),
    share(10'181, "TSCO", "GB00BLGZ9862", "SET1", 312.4, 0.015),
    share(10'199, "DGE", "GB0002374006", "SET0", 2'482.5, 0.016, true),
  };
}

price8 tick_size(price8 price) noexcept {
  const auto whole = price / price_one;
  if (whole < 100) return price_one / 50;
  if (whole < 500) return price_one / 20;
  if (whole < 1'000) return price_one / 10;
  if (whole < 3'000) return price_one / 2;
  return whole < 10'000 ? price_one : 2 * price_one;
}

} // namespace tickplant::sim::lse
