// What the members of the simulated exchange do next: orders around a wandering price, icebergs, market orders in
// auctions, hidden trades. Pure: time and chance come in.
#pragma once

#include "tickplant_sim/lse/matching_engine.hpp"
#include "tickplant_sim/random_source.hpp"

namespace tickplant::sim::lse {

/// Weights of the kinds of happenings in continuous trading, in any common unit.
struct flow_mix {
  double add = 44;
  double add_attributed = 2;
  double add_iceberg = 1.5;
  double take = 4; // an aggressive order
  double shrink = 4;
  double move = 8;
  double remove = 36;
  double hidden_trade = 0.5;
  double firm_quote = 4; // of instruments that have them
};

struct flow_options {
  std::vector<listing> listings = demo_listings();
  flow_mix mix;
  /// Where the number of live orders settles; removals grow and shrink around it.
  std::uint32_t live_orders_per_instrument = 150;
  /// Step of the mid price = (rand - 0.5) x volatility x price x this x sqrt(seconds since the last step).
  double walk_scale = 0.035;
  std::uint64_t seed = 1;
};

/// In continuous trading a book never crosses and keeps at least five levels a side once filled; in auction calls it
/// may cross, and market orders come in; halted and closed instruments stand still.
class order_flow {
public:
  explicit order_flow(flow_options options);

  matching_engine& engine() noexcept { return engine_; }
  const matching_engine& engine() const noexcept { return engine_; }
  random_source& random() noexcept { return random_; }

  /// One happening in one instrument, which may tell nothing.
  void step(const feed_time& now, market_feed& feed);
  /// One more resting order, for filling a book quickly.
  void add_order(std::size_t index, const feed_time& now, market_feed& feed);
  /// Quotes of all market makers of an instrument that has them.
  void place_quotes(std::size_t index, const feed_time& now, market_feed& feed);
  void hidden_trade(std::size_t index, market_feed& feed);
  /// Cancels or amends one of the last trades, when there is one.
  void correct_print(market_feed& feed);

private:
  struct walk {
    double mid = 0;
    double lowest = 0;
    double highest = 0;
    std::uint64_t walked_ns = 0;
  };

  void step_continuous(std::size_t index, const feed_time& now, market_feed& feed);
  void step_call(std::size_t index, const feed_time& now, market_feed& feed);
  void move_mid(std::size_t index, std::uint64_t now_ns);
  bool keep_depth(std::size_t index, const feed_time& now, market_feed& feed);
  bool follow_price(std::size_t index, const feed_time& now, market_feed& feed);
  void add(std::size_t index, side s, price8 price, std::string_view firm, bool iceberg, const feed_time& now,
           market_feed& feed);
  void take(std::size_t index, const feed_time& now, market_feed& feed);
  void take_front(std::size_t index, side passive, std::uint32_t most, matching_event& event, const feed_time& now,
                  market_feed& feed);
  void shrink(std::size_t index, market_feed& feed);
  void move_order(std::size_t index, market_feed& feed);
  void move_quote(std::size_t index, market_feed& feed);
  price8 choose_price(std::size_t index, side s);
  price8 choose_call_price(std::size_t index, side s);
  price8 quote_price(std::size_t index, side s);
  instrument_book::slot choose_leaving(std::size_t index);
  std::uint32_t choose_quantity();
  side choose_side() { return random_.chance(0.5) ? side::buy : side::sell; }
  price8 tick(std::size_t index) const noexcept { return tick_size(engine_.at(index).of.previous_close); }

  flow_options options_;
  random_source random_;
  matching_engine engine_;
  std::vector<walk> walks_;
};

/// Statuses in which orders gather for an uncrossing, and whether trading is continuous.
bool is_call(char status) noexcept;
inline bool is_continuous(char status) noexcept {
  return status == 'T';
}

} // namespace tickplant::sim::lse
