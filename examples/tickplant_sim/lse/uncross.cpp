#include "tickplant_sim/lse/uncross.hpp"

#include <tuple>

namespace tickplant::sim::lse {
namespace {

struct offered {
  std::uint64_t buy = 0;
  std::uint64_t sell = 0;
};

price8 distance(price8 a, price8 b) {
  return a > b ? a - b : b - a;
}

} // namespace

uncross_result find_uncross(const instrument_book& book, price8 reference) {
  std::map<price8, offered> at;
  std::uint64_t buys = 0, sells = 0; // that would trade at the price looked at
  book.for_each(side::buy, [&](const book_order& order) {
    const std::uint64_t quantity = order.shown + order.hidden;
    if (!order.market) at[order.price].buy += quantity;
    buys += quantity;
  });
  book.for_each(side::sell, [&](const book_order& order) {
    const std::uint64_t quantity = order.shown + order.hidden;
    if (order.market)
      sells += quantity;
    else
      at[order.price].sell += quantity;
  });
  if (at.empty()) at[reference];
  uncross_result best;
  const auto rank = [reference](const uncross_result& r) {
    return std::tuple{r.volume, -static_cast<std::int64_t>(r.buy_surplus + r.sell_surplus),
                      -distance(r.price, reference)};
  };
  for (const auto& [price, here] : at) {
    sells += here.sell;
    const auto volume = std::min(buys, sells);
    const uncross_result candidate{price, volume, buys - volume, sells - volume};
    if (volume > 0 && (best.volume == 0 || rank(candidate) > rank(best))) best = candidate;
    buys -= here.buy;
  }
  return best;
}

} // namespace tickplant::sim::lse
