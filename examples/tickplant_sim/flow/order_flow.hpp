// The simulated matching engine's order flow: what happens next in which book. Pure: time and chance come in.
#pragma once

#include "tickplant_sim/flow/flow_sink.hpp"
#include "tickplant_sim/random_source.hpp"

#include <string>
#include <vector>

namespace tickplant::sim {

struct listed_symbol {
  std::string stock;
  double price = 100;
  /// The width of one step of the walk as a part of the price, before `flow_options::walk_scale`.
  double volatility = 0.02;
};

/// Weights of the kinds of messages in continuous trading, in any common unit.
struct flow_mix {
  double add = 45;
  double add_attributed = 2;
  double execute = 3;
  double execute_with_price = 0.3;
  double cancel = 1;
  double remove = 40;
  double replace = 8;
  double hidden_trade = 0.5;
};

struct flow_options {
  std::vector<listed_symbol> symbols;
  flow_mix mix;
  /// Where the number of live orders settles; removals grow and shrink around it.
  std::uint32_t live_orders_per_symbol = 150;
  /// 0: the mid stays where `set_mid` puts it. Step of the mid price = (rand - 0.5) x volatility x price x this x
  /// sqrt(seconds since the symbol's last step).
  double walk_scale = 0.035;
  std::uint64_t seed = 1;
};

/// Books of all symbols and what changes them, told to a sink. A book never crosses by its own doing, keeps at least
/// five levels a side once filled, and nothing names an order that is not live.
class order_flow {
public:
  static constexpr std::size_t most_messages_a_step = 8;

  explicit order_flow(flow_options options);

  std::size_t symbol_count() const noexcept { return symbols_.size(); }
  const std::string& stock(std::size_t index) const noexcept { return symbols_[index].listed.stock; }
  std::size_t live_orders() const noexcept { return live_orders_; }
  const flow_book& book(std::size_t index) const noexcept { return symbols_[index].book; }
  random_source& random() noexcept { return random_; }

  /// One happening in one symbol: one to `most_messages_a_step` calls of the sink.
  void step(std::uint64_t now_ns, flow_sink& out);
  /// One more resting order, for filling a book quickly.
  void add_order(std::size_t index, flow_sink& out);
  void hidden_trade(std::size_t index, flow_sink& out);
  /// Orders may still come and go in a symbol that is not trading, but nothing executes.
  void set_trading(std::size_t index, bool trading) noexcept { symbols_[index].trading = trading; }
  bool is_trading(std::size_t index) const noexcept { return symbols_[index].trading; }

  /// An auction: displayed orders take part by executions that are not printable, then one bulk print.
  void cross(std::size_t index, auction kind, flow_sink& out);
  void announce_imbalance(std::size_t index, auction kind, flow_sink& out);
  /// Breaks one of the latest printed trades; false when none is left to break.
  bool break_trade(flow_sink& out);
  /// Deletes one order of the last book that has any; false when all are empty.
  bool delete_one(flow_sink& out);

  /// Empties a book without a word.
  void drop_orders(std::size_t index);

  /// The mid as a whole number of ticks.
  tick_count reference_tick(std::size_t index) const noexcept;
  /// Where the price is; for flows whose price is given from outside.
  void set_mid(std::size_t index, double price) noexcept;
  const listed_symbol& listed(std::size_t index) const noexcept { return symbols_[index].listed; }

private:
  struct symbol_state {
    listed_symbol listed;
    flow_book book;
    double mid_ticks = 0;
    double lowest_mid = 0;
    double highest_mid = 0;
    std::uint64_t walked_ns = 0;
    bool trading = true;
  };
  struct printed_trade {
    std::size_t symbol;
    std::uint64_t match;
  };

  void walk(symbol_state& symbol, std::uint64_t now_ns);
  bool keep_depth(std::size_t index, flow_sink& out);
  bool follow_price(std::size_t index, flow_sink& out);
  bool can_shrink(const symbol_state& symbol, side s) const noexcept;
  tick_count choose_tick(symbol_state& symbol, side s);
  flow_book::slot choose_leaving(symbol_state& symbol);
  std::uint32_t choose_shares();
  std::uint64_t next_reference();
  void add_at(std::size_t index, side s, tick_count tick, bool attributed, flow_sink& out);
  void execute(std::size_t index, side s, bool with_price, flow_sink& out);
  void cancel(std::size_t index, flow_sink& out);
  void remove(std::size_t index, flow_book::slot order, flow_sink& out);
  void replace(std::size_t index, flow_sink& out);
  void remember_print(std::size_t index, std::uint64_t match);

  flow_options options_;
  random_source random_;
  std::vector<symbol_state> symbols_;
  std::vector<printed_trade> prints_;
  std::size_t live_orders_ = 0;
  std::uint64_t last_reference_ = 0;
  std::uint64_t last_match_ = 0;
};

} // namespace tickplant::sim
