// The order flow written as ITCH messages.
#pragma once

#include "tickplant_sim/flow/order_flow.hpp"
#include "tickplant_sim/nasdaq/itch_encoder.hpp"

namespace tickplant::sim::nasdaq {

inline constexpr price4 tick_value = 100; // one cent

/// The shared flow with Nasdaq's words: locate codes are index + 1, crosses are letters, prices have four decimals.
class order_flow : public sim::order_flow {
public:
  using sim::order_flow::order_flow;

  message_head head(std::size_t index, std::uint64_t now_ns) const noexcept {
    return {static_cast<std::uint16_t>(index + 1), now_ns};
  }
  price4 reference_price(std::size_t index) const noexcept {
    return static_cast<price4>(reference_tick(index)) * tick_value;
  }

  void step(std::uint64_t now_ns, itch_encoder& out);
  void add_order(std::size_t index, std::uint64_t now_ns, itch_encoder& out);
  void hidden_trade(std::size_t index, std::uint64_t now_ns, itch_encoder& out);
  void cross(std::size_t index, char cross_type, std::uint64_t now_ns, itch_encoder& out);
  void announce_imbalance(std::size_t index, char cross_type, std::uint64_t now_ns, itch_encoder& out);
  bool break_trade(std::uint64_t now_ns, itch_encoder& out);
  bool delete_one(std::uint64_t now_ns, itch_encoder& out);
};

} // namespace tickplant::sim::nasdaq
