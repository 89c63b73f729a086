// One symbol's order book as the simulated matching engine keeps it: every order, first in first out at its price.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tickplant::sim {

enum class side : std::uint8_t { buy, sell };

/// Prices here are whole ticks; the flow knows what a tick is worth.
using tick_count = std::int32_t;

struct resting_order {
  std::uint64_t reference = 0;
  tick_count tick = 0;
  std::uint32_t shares = 0;
  side s = side::buy;
  std::uint32_t earlier = 0; // neighbours in the queue of the level
  std::uint32_t later = 0;
  std::uint32_t live_index = 0;
};

/// Orders are named by slots, which stay valid until the order is erased. Preconditions (a live slot, shares not above
/// the remaining ones) are asserted: the only caller is the flow, which picks slots from this book.
class flow_book {
public:
  using slot = std::uint32_t;
  static constexpr slot none = 0xFFFFFFFF;

  slot insert(std::uint64_t reference, side s, tick_count tick, std::uint32_t shares);

  /// Takes shares off; removes the order when nothing is left and then returns true.
  bool reduce(slot order, std::uint32_t shares);

  void erase(slot order);

  const resting_order& at(slot order) const noexcept { return orders_[order]; }
  std::size_t live_count() const noexcept { return live_.size(); }
  slot live(std::size_t index) const noexcept { return live_[index]; }

  std::size_t level_count(side s) const noexcept { return levels(s).size(); }
  bool empty(side s) const noexcept { return levels(s).empty(); }
  /// Best and worst price of a side that is not empty.
  tick_count best(side s) const noexcept { return tick_of(s, levels(s).back().key); }
  tick_count worst(side s) const noexcept { return tick_of(s, levels(s).front().key); }
  /// Calls `visit(tick, shares, orders)` for at most `most` levels from the best on.
  template <class Visit>
  void visit_levels(side s, std::size_t most, Visit&& visit) const {
    const auto& all = levels(s);
    for (std::size_t n = 0; n < std::min(most, all.size()); ++n) {
      const auto& level = all[all.size() - 1 - n];
      std::uint64_t shares = 0;
      std::uint32_t orders = 0;
      for (slot order = level.head; order != none; order = orders_[order].later, ++orders)
        shares += orders_[order].shares;
      visit(tick_of(s, level.key), shares, orders);
    }
  }
  /// Calls `visit(order)` for every order of the side from the best level on, each level in its queue's order.
  template <class Visit>
  void visit_orders(side s, Visit&& visit) const {
    const auto& all = levels(s);
    for (auto level = all.rbegin(); level != all.rend(); ++level)
      for (slot order = level->head; order != none; order = orders_[order].later) visit(orders_[order]);
  }
  /// The order that executes next on this side, `none` when it is empty.
  slot front(side s) const noexcept { return levels(s).empty() ? none : levels(s).back().head; }

private:
  // Ascending keys with the best level last on both sides, because most changes happen near the best price.
  struct price_level {
    tick_count key;
    slot head;
    slot tail;
  };

  static tick_count key_of(side s, tick_count tick) noexcept { return s == side::buy ? tick : -tick; }
  static tick_count tick_of(side s, tick_count key) noexcept { return s == side::buy ? key : -key; }
  std::vector<price_level>& levels(side s) noexcept { return levels_[s == side::buy ? 0 : 1]; }
  const std::vector<price_level>& levels(side s) const noexcept { return levels_[s == side::buy ? 0 : 1]; }
  std::vector<price_level>::iterator find(side s, tick_count key) noexcept;

  std::array<std::vector<price_level>, 2> levels_;
  std::vector<resting_order> orders_;
  std::vector<slot> free_;
  std::vector<slot> live_;
};

} // namespace tickplant::sim
