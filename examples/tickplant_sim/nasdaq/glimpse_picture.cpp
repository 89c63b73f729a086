#include "tickplant_sim/nasdaq/glimpse_picture.hpp"

#include <string>

namespace tickplant::sim::nasdaq {

block_buffer write_picture(const order_flow& flow, std::uint64_t now_ns, std::uint64_t next) {
  block_buffer blocks;
  itch_encoder out{blocks};
  for (std::size_t i = 0; i < flow.symbol_count(); ++i) out.stock_directory(flow.head(i, now_ns), {flow.stock(i)});
  for (std::size_t i = 0; i < flow.symbol_count(); ++i)
    out.trading_action(flow.head(i, now_ns), flow.stock(i), flow.is_trading(i) ? 'T' : 'H', "");
  for (std::size_t i = 0; i < flow.symbol_count(); ++i)
    for (const side s : {side::buy, side::sell})
      flow.book(i).visit_orders(s, [&](const resting_order& order) {
        out.add_order(flow.head(i, now_ns), order.reference, s, order.shares, flow.stock(i),
                      static_cast<price4>(order.tick) * tick_value);
      });
  constexpr std::size_t digits = 20;
  const auto number = std::to_string(next);
  blocks.push_back(0);
  blocks.push_back(1 + digits);
  blocks.push_back('G');
  blocks.insert(blocks.end(), digits - number.size(), ' ');
  blocks.insert(blocks.end(), number.begin(), number.end());
  return blocks;
}

} // namespace tickplant::sim::nasdaq
