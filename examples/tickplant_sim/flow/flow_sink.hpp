// What a simulated matching engine tells of what happens in its books. Each exchange writes it in its own protocol.
#pragma once

#include "tickplant_sim/flow/flow_book.hpp"

namespace tickplant::sim {

enum class auction : std::uint8_t { open, reopen, close };

struct flow_execution {
  std::uint32_t shares = 0;
  std::uint64_t match = 0;
  tick_count tick = 0;
  bool printable = true;
  /// False when the price is the order's own and goes without saying.
  bool states_price = false;
};

struct flow_imbalance {
  auction kind = auction::open;
  std::uint64_t paired_shares = 0;
  std::uint64_t imbalance_shares = 0;
  char direction = 'N'; // B, S, N
  tick_count reference = 0;
  tick_count far = 0; // where the auction would clear with auction interest alone
};

/// `symbol` is the index in the flow's list. Orders come as they were before what is told, except for new ones.
class flow_sink {
public:
  virtual ~flow_sink() = default;

  virtual void add(std::size_t symbol, const resting_order& order, bool attributed) = 0;
  virtual void execute(std::size_t symbol, const resting_order& order, const flow_execution& execution) = 0;
  /// A part of the order is cancelled; at least one share stays.
  virtual void reduce(std::size_t symbol, const resting_order& order, std::uint32_t shares) = 0;
  virtual void remove(std::size_t symbol, const resting_order& order) = 0;
  virtual void replace(std::size_t symbol, const resting_order& old_order, const resting_order& order) = 0;
  virtual void hidden_trade(std::size_t symbol, std::uint32_t shares, tick_count tick, std::uint64_t match) = 0;
  /// The one print of an auction, whose single executions are not printable.
  virtual void cross(std::size_t symbol, auction kind, std::uint64_t shares, tick_count tick, std::uint64_t match) = 0;
  virtual void imbalance(std::size_t symbol, const flow_imbalance& imbalance) = 0;
  virtual void break_trade(std::size_t symbol, std::uint64_t match) = 0;
};

} // namespace tickplant::sim
