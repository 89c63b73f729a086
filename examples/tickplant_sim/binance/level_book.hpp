// A book of price levels with absolute quantities, and the collector that turns its changes into depth diffs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::sim::binance {

/// Prices and quantities in units of 1e-8, the eight decimals of the venue's texts.
using scaled = std::int64_t;
inline constexpr scaled one = 100'000'000;

/// "61737.63000000"; the value must not be negative.
void append_decimal(std::string& out, scaled value);
/// Exact reading of plain decimal text with at most eight decimals; nothing for anything else.
std::optional<scaled> parse_decimal(std::string_view text) noexcept;

struct level {
  scaled price = 0;
  scaled quantity = 0;
  bool operator==(const level&) const = default;
};

class level_book {
public:
  using bid_levels = std::map<scaled, scaled, std::greater<>>;
  using ask_levels = std::map<scaled, scaled>;

  /// Quantity 0 removes; removing an unknown price does nothing.
  void set_bid(scaled price, scaled quantity) { set(bids_, price, quantity); }
  void set_ask(scaled price, scaled quantity) { set(asks_, price, quantity); }
  scaled bid_quantity(scaled price) const { return quantity(bids_, price); }
  scaled ask_quantity(scaled price) const { return quantity(asks_, price); }
  const bid_levels& bids() const noexcept { return bids_; }
  const ask_levels& asks() const noexcept { return asks_; }
  void clear() {
    bids_.clear();
    asks_.clear();
  }

private:
  template <class Levels>
  static void set(Levels& levels, scaled price, scaled quantity) {
    if (quantity == 0)
      levels.erase(price);
    else
      levels[price] = quantity;
  }
  template <class Levels>
  static scaled quantity(const Levels& levels, scaled price) {
    const auto found = levels.find(price);
    return found == levels.end() ? 0 : found->second;
  }

  bid_levels bids_;
  ask_levels asks_;
};

struct depth_diff {
  std::uint64_t first_id = 0;
  std::uint64_t last_id = 0;
  std::vector<level> bids;
  std::vector<level> asks;
};

/// Which prices changed since the last diff of one stream speed. Bounded by the prices that exist.
class diff_collector {
public:
  explicit diff_collector(std::uint64_t last_id) noexcept : last_id_{last_id} {}

  void touch_bid(scaled price) { bids_.insert(price); }
  void touch_ask(scaled price) { asks_.insert(price); }
  /// The diff up to `last_id` with the quantities of `book`; nothing when no level changed, as on the wire.
  std::optional<depth_diff> take(const level_book& book, std::uint64_t last_id);

private:
  std::uint64_t last_id_;
  std::set<scaled, std::greater<>> bids_;
  std::set<scaled> asks_;
};

} // namespace tickplant::sim::binance
