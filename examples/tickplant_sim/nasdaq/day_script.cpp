#include "tickplant_sim/nasdaq/day_script.hpp"

namespace tickplant::sim::nasdaq {
namespace {

constexpr message_head market_wide(std::uint64_t now_ns) {
  return {0, now_ns};
}

void collar(order_flow& flow, std::size_t index, std::uint64_t now_ns, itch_encoder& out) {
  const auto reference = flow.reference_price(index);
  out.auction_collar(flow.head(index, now_ns), flow.stock(index), reference, reference + reference / 20,
                     reference - reference / 20, flow.random().below(3));
}

} // namespace

void begin_day(order_flow& flow, std::uint64_t now_ns, itch_encoder& out) {
  out.system_event(market_wide(now_ns), 'O');
  for (std::size_t i = 0; i < flow.symbol_count(); ++i) out.stock_directory(flow.head(i, now_ns), {flow.stock(i)});
  for (std::size_t i = 0; i < flow.symbol_count(); ++i)
    out.trading_action(flow.head(i, now_ns), flow.stock(i), 'T', "");
  for (std::size_t i = 0; i < flow.symbol_count(); ++i) out.reg_sho(flow.head(i, now_ns), flow.stock(i), '0');
  for (std::size_t i = 0; i < flow.symbol_count(); ++i)
    out.participant_position(flow.head(i, now_ns), "GSCO", flow.stock(i), true);
  out.decline_levels(market_wide(now_ns), 480'000'000'000, 450'000'000'000, 400'000'000'000);
  out.system_event(market_wide(now_ns), 'S');
}

void open_market(order_flow& flow, std::uint64_t now_ns, itch_encoder& out) {
  out.system_event(market_wide(now_ns), 'Q');
  for (std::size_t i = 0; i < flow.symbol_count(); ++i) {
    flow.set_trading(i, true);
    flow.cross(i, 'O', now_ns, out);
  }
}

void close_market(order_flow& flow, std::uint64_t now_ns, itch_encoder& out) {
  out.system_event(market_wide(now_ns), 'M');
  for (std::size_t i = 0; i < flow.symbol_count(); ++i) flow.cross(i, 'C', now_ns, out);
}

void end_trading(std::uint64_t now_ns, itch_encoder& out) {
  out.system_event(market_wide(now_ns), 'E');
}

void end_day(std::uint64_t now_ns, itch_encoder& out) {
  out.system_event(market_wide(now_ns), 'C');
}

void halt(order_flow& flow, std::size_t index, std::uint64_t now_ns, itch_encoder& out) {
  flow.set_trading(index, false);
  out.trading_action(flow.head(index, now_ns), flow.stock(index), 'H', "T1");
}

void begin_quotation(order_flow& flow, std::size_t index, std::uint64_t now_ns, itch_encoder& out) {
  out.trading_action(flow.head(index, now_ns), flow.stock(index), 'Q', "R4");
  flow.announce_imbalance(index, 'H', now_ns, out);
}

void resume(order_flow& flow, std::size_t index, std::uint64_t now_ns, itch_encoder& out) {
  flow.set_trading(index, true);
  out.trading_action(flow.head(index, now_ns), flow.stock(index), 'T', "R4");
  flow.cross(index, 'H', now_ns, out);
}

void market_wide_halt(order_flow& flow, std::uint64_t now_ns, itch_encoder& out) {
  out.decline_breach(market_wide(now_ns), '1');
  for (std::size_t i = 0; i < flow.symbol_count(); ++i)
    out.trading_action(flow.head(i, now_ns), flow.stock(i), 'H', "MWC1");
  for (std::size_t i = 0; i < flow.symbol_count(); ++i)
    out.trading_action(flow.head(i, now_ns), flow.stock(i), 'T', "MWCQ");
}

void rare_message(order_flow& flow, bool exotic, std::uint64_t now_ns, itch_encoder& out) {
  auto& random = flow.random();
  const std::size_t index = random.below(static_cast<std::uint32_t>(flow.symbol_count()));
  const auto head = flow.head(index, now_ns);
  const auto& stock = flow.stock(index);
  const auto price = flow.reference_price(index);
  switch (random.below(exotic ? 10 : 5)) {
    case 0: return out.retail_interest(head, stock, "BSAN"[random.below(4)]);
    case 1: return out.participant_position(head, "MSCO", stock, random.chance(0.5));
    case 2: return collar(flow, index, now_ns, out);
    case 3: return flow.announce_imbalance(index, 'C', now_ns, out);
    case 4:
      // Another market's own halt: a receiver of this feed ignores it.
      out.operational_halt(head, stock, 'B', 'H');
      return out.operational_halt(head, stock, 'B', 'T');
    case 5: return out.quoting_period(market_wide(now_ns), stock, 34'200, random.chance(0.5) ? 'A' : 'C', price);
    case 6:
      return out.direct_listing_price(head, {stock, true, price - price / 10, price + price / 10, price, now_ns,
                                             price - price / 5, price + price / 5});
    case 7: out.operational_halt(head, stock, 'Q', 'H'); return out.operational_halt(head, stock, 'Q', 'T');
    case 8:
      if (!flow.is_trading(index)) return flow.announce_imbalance(index, 'H', now_ns, out);
      halt(flow, index, now_ns, out);
      begin_quotation(flow, index, now_ns, out);
      return resume(flow, index, now_ns, out);
    default:
      if (!flow.break_trade(now_ns, out)) flow.announce_imbalance(index, 'C', now_ns, out);
  }
}

} // namespace tickplant::sim::nasdaq
