// One book of one instrument as the simulated matching engine keeps it: every order, in the order in which it would
// execute. Market orders stand before all prices. Not thread safe.
#pragma once

#include "tickplant_sim/lse/message_buffer.hpp"

#include <array>
#include <map>
#include <string_view>

namespace tickplant::sim::lse {

enum class side : std::uint8_t { buy, sell };
inline constexpr std::array both_sides{side::buy, side::sell};

constexpr side opposite(side s) noexcept {
  return s == side::buy ? side::sell : side::buy;
}
constexpr char letter_of(side s) noexcept {
  return s == side::buy ? 'B' : 'S';
}

struct order_terms {
  side s = side::buy;
  bool market = false; // then the price is 0
  price8 price = 0;
  std::uint32_t shown = 0;
  std::uint32_t hidden = 0; // an iceberg's reserve
  std::string_view firm;    // empty: anonymous; must point to static text
};

struct book_order : order_terms {
  std::uint64_t id = 0;
  std::uint32_t peak = 0; // what an iceberg shows at most
  std::uint64_t entered_ns = 0;
  std::uint32_t earlier = 0; // neighbours in the queue of the price
  std::uint32_t later = 0;
  std::uint32_t live_index = 0;
};

/// Orders are named by slots, valid until the order is erased. Preconditions (a live slot) are asserted.
class instrument_book {
public:
  using slot = std::uint32_t;
  static constexpr slot none = 0xFFFFFFFF;

  slot insert(const order_terms& terms, std::uint64_t id, std::uint64_t now_ns);
  /// Keeps the place in the queue.
  void set_quantity(slot order, std::uint32_t shown, std::uint32_t hidden);
  /// To the back of the queue of a price, which may be its own.
  void move(slot order, price8 price, std::uint32_t shown, std::uint32_t hidden);
  void erase(slot order);
  void clear();

  const book_order& at(slot order) const noexcept { return orders_[order]; }
  std::size_t live_count() const noexcept { return live_.size(); }
  slot live(std::size_t index) const noexcept { return live_[index]; }

  /// The order that executes first, `none` on an empty side.
  slot front(side s) const noexcept;
  bool has_limit(side s) const noexcept { return best_level(s) != levels(s).end(); }
  /// Best and worst limit price. Precondition: `has_limit`.
  price8 best(side s) const noexcept { return price_of(s, best_level(s)->first); }
  price8 worst(side s) const noexcept { return price_of(s, levels(s).rbegin()->first); }
  /// Shown quantity at the best limit price, 0 without one.
  std::uint64_t best_size(side s) const noexcept;
  std::size_t level_count(side s) const noexcept { return levels(s).size() - (has_market(s) ? 1 : 0); }
  bool has_market(side s) const noexcept { return !levels(s).empty() && levels(s).begin()->first == market_key; }

  /// Calls `see(const book_order&)` for a side in the order of execution.
  template <class See>
  void for_each(side s, See&& see) const {
    for (const auto& [key, queue] : levels(s))
      for (slot order = queue.head; order != none; order = orders_[order].later) see(orders_[order]);
  }

private:
  struct order_queue {
    slot head = none;
    slot tail = none;
  };
  using level_map = std::map<price8, order_queue>; // ascending keys begin with the best

  static constexpr price8 market_key = INT64_MIN;
  static price8 key_of(const order_terms& terms) noexcept {
    return terms.market ? market_key : terms.s == side::buy ? -terms.price : terms.price;
  }
  static price8 price_of(side s, price8 key) noexcept { return s == side::buy ? -key : key; }
  const level_map& levels(side s) const noexcept { return levels_[s == side::buy ? 0 : 1]; }
  level_map& levels(side s) noexcept { return levels_[s == side::buy ? 0 : 1]; }
  level_map::const_iterator best_level(side s) const noexcept;
  void link(slot order);
  void unlink(slot order);

  std::array<level_map, 2> levels_;
  std::vector<book_order> orders_;
  std::vector<slot> free_;
  std::vector<slot> live_;
};

} // namespace tickplant::sim::lse
