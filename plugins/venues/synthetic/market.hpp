// The generated market: per instrument a random walk, a spread around it, five levels a side and one trade a tick
// (S0-56 to S0-59). Pure: the same seed and number of ticks give the same market, whatever the clock says. Prices in
// cents. Draws of one instrument never depend on another's, so that a list of other names does not change its walk.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace tickplant::synthetic {

struct listed_name {
  std::string symbol;
  double base_price = 100; // in the currency's unit
  double volatility = 0.02;
};

/// AAPL, GOOGL, MSFT, TSLA, AMZN, META, NVDA, BRK.A, at the prices of S0-56.
std::vector<listed_name> listed_names();
/// S000, S001 and so on.
std::vector<listed_name> numbered_names(uint32_t count);

inline constexpr size_t levels_a_side = 5;

struct level {
  int64_t price = 0, quantity = 0;
  uint32_t orders = 0;
  friend bool operator==(const level&, const level&) = default;
};

struct day_end {
  static constexpr int64_t most_volume = 5'999'999;
};

/// One instrument after some number of ticks.
struct walker {
  /// What the latest tick made.
  std::array<level, levels_a_side> bids{}, asks{}; // best first
  int64_t last = 0, last_quantity = 0;             // the tick's trade
  int64_t high = 0, low = 0, base = 0;
  int64_t volume = 0;
  bool begins_day = false; // the day's volume was full: this trade is the first of another day
  uint64_t ticks = 0;

  walker(const listed_name& name, uint64_t seed);
  /// Draws the same whatever `levels`, of which there are that many a side.
  void tick(double walk_scale, size_t levels = levels_a_side);

private:
  /// Uniform in [0, 1).
  double draw();
  int64_t draw_whole(int64_t least, int64_t count);
  std::array<level, levels_a_side> draw_side(int64_t best, int64_t step);

  uint64_t state_;
  double price_, ceiling_, volatility_;
};

} // namespace tickplant::synthetic
