// One synthetic spot market: a level book that moves by single updates, its trades and its day statistics. Pure.
#pragma once

#include "tickplant_sim/binance/level_book.hpp"
#include "tickplant_sim/random_source.hpp"

#include <variant>

namespace tickplant::sim::binance {

struct market_options {
  std::string symbol; // upper case
  std::string base_asset;
  std::string quote_asset;
  scaled tick = one / 100;
  scaled step = one / 100'000;
  double price = 65'000;
  double volatility = 0.02;
  std::size_t levels_a_side = 600;
  std::uint64_t seed = 1;
};

/// One execution. Several of one taker order at one price make one `aggregate_trade`.
struct trade {
  std::uint64_t id;
  scaled price;
  scaled quantity;
  bool buyer_is_maker;
};

struct aggregate_trade {
  std::uint64_t id;
  std::uint64_t first_trade;
  std::uint64_t last_trade;
  scaled price;
  scaled quantity;
  bool buyer_is_maker;
};

struct best_quote {
  std::uint64_t update_id;
  level bid;
  level ask;
  bool operator==(const best_quote&) const = default;
};

using market_event = std::variant<trade, aggregate_trade, best_quote>;

/// Sums since the start of the market; the venue's window of 24 hours is longer than a run.
struct day_statistics {
  scaled open = 0, high = 0, low = 0, last = 0;
  scaled last_quantity = 0;
  scaled volume = 0;
  double quote_volume = 0;
  std::uint64_t first_trade = 0, last_trade = 0;
};

/// Every `step` raises the update id by one and changes one level. The book never crosses and keeps about half
/// to all of `levels_a_side` a side.
class market {
public:
  explicit market(market_options options);

  /// `seconds` since the step before drives the walk of the price. Appends what is to be published in real time.
  void step(double seconds, std::vector<market_event>& out);

  const market_options& options() const noexcept { return options_; }
  const level_book& book() const noexcept { return book_; }
  std::uint64_t last_update_id() const noexcept { return update_id_; }
  best_quote quote() const;
  const day_statistics& statistics() const noexcept { return statistics_; }

  /// Changes since the last call for `@depth@100ms` and `@depth`.
  std::optional<depth_diff> take_fast_diff() { return fast_.take(book_, update_id_); }
  std::optional<depth_diff> take_slow_diff() { return slow_.take(book_, update_id_); }

private:
  enum class side : std::uint8_t { bid, ask };

  scaled best(side s) const;
  std::size_t level_count(side s) const;
  void set(side s, scaled price, scaled quantity);
  void walk(double seconds);
  scaled choose_price(side s);
  scaled choose_quantity();
  scaled level_at(side s, std::size_t index_from_best) const;
  void give_way(side s, std::vector<market_event>& out);
  void change_level(side s);
  void execute(side resting, std::vector<market_event>& out);
  void count_trade(const trade& t);

  market_options options_;
  random_source random_;
  level_book book_;
  double mid_;
  std::uint64_t update_id_;
  std::uint64_t trade_id_;
  std::uint64_t aggregate_id_;
  diff_collector fast_;
  diff_collector slow_;
  best_quote published_{};
  day_statistics statistics_;
};

} // namespace tickplant::sim::binance
