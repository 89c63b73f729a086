#include "tickplant_sim/nyse/listing.hpp"

namespace tickplant::sim::nyse {

std::vector<listed_stock> demo_stocks() {
  std::vector<listed_stock> out{{"BRK.A", 515'000}, {"BRK.B", 345},     {"IBM", 140},       {"JPM", 150},
                                {"KO", 60},         {"DIS", 95},        {"BA", 200},        {"GE", 110},
                                {"WMT", 155},       {"XOM", 105},       {"NVR", 6'200},     {"V", 240},
                                {"AAPL", 175, 'Q'}, {"MSFT", 335, 'Q'}, {"NVDA", 450, 'Q'}, {"NTEST.A", 25, 'N', 'T'}};
  std::uint32_t index = 4001;
  for (auto& stock : out) {
    stock.index = index++;
    stock.price_scale = stock.price >= 100'000 ? 3 : stock.price >= 500 ? 4 : 6;
  }
  return out;
}

} // namespace tickplant::sim::nyse
