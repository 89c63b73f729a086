// The state of every symbol at the simulated NYSE, and its changes written as XDP messages with symbol sequence
// numbers.
#pragma once

#include "tickplant_sim/flow/order_flow.hpp"
#include "tickplant_sim/nyse/listing.hpp"

#include <optional>

namespace tickplant::sim::nyse {

inline constexpr std::uint8_t product_id = 11; // NYSE Integrated Feed
inline constexpr std::uint8_t channel_id = 1;
inline constexpr std::uint32_t partition = 1;

struct market_options {
  std::vector<listed_stock> stocks;
  flow_options flow; // its symbols are filled in from the stocks
};

/// The order flow's sink. Each message of a symbol takes the symbol's next number. `begin_writing` names the buffer and
/// the time before anything is written; message 2 goes in front of the first message of each second.
class market final : private flow_sink {
public:
  explicit market(market_options options);

  std::size_t count() const noexcept { return states_.size(); }
  const listed_stock& stock(std::size_t i) const noexcept { return stocks_[i]; }
  /// The index in the list, or nothing.
  std::optional<std::size_t> find(std::uint32_t symbol_index) const noexcept;
  order_flow& flow() noexcept { return flow_; }
  const order_flow& flow() const noexcept { return flow_; }
  const security_state& security(std::size_t i) const noexcept { return states_[i].security; }
  std::uint32_t symbol_sequence(std::size_t i) const noexcept { return states_[i].sequence; }

  void begin_writing(message_buffer& out, std::int64_t unix_ns);

  // Order flow.
  void step(std::uint64_t now_ns) { flow_.step(now_ns, *this); }
  void add_order(std::size_t i) { flow_.add_order(i, *this); }
  void announce_imbalance(std::size_t i, auction kind) { flow_.announce_imbalance(i, kind, *this); }
  void uncross(std::size_t i, auction kind);
  void break_trade() { flow_.break_trade(*this); }
  /// Corrects the volume of the symbol's last cross, if it had one.
  void correct_cross(std::size_t i);

  // Control messages.
  void reset();
  void map(std::size_t i);
  void clear(std::size_t i);
  void set_status(std::size_t i, char status, char halt_condition, char market_state);
  /// The symbol's state again, as 34, 105 if an auction is ahead, and one 106 per order. In the real-time channel each
  /// of them takes a number of the symbol; in an answer to a refresh request they take none.
  void tell_state(std::size_t i, bool numbered);
  void retail_interest(std::size_t i, char sides);
  void summary(std::size_t i);
  /// The symbol's day is over: what rests is gone without further words.
  void close(std::size_t i);
  void source_time_again() { second_ = 0; }

private:
  struct symbol_state {
    std::uint32_t sequence = 0;
    security_state security;
    std::optional<auction_imbalance> imbalance;
    day_figures figures;
    std::uint32_t last_cross = 0;
    std::uint32_t last_cross_volume = 0;
  };

  void add(std::size_t i, const resting_order& order, bool attributed) override;
  void execute(std::size_t i, const resting_order& order, const flow_execution& execution) override;
  void reduce(std::size_t i, const resting_order& order, std::uint32_t shares) override;
  void remove(std::size_t i, const resting_order& order) override;
  void replace(std::size_t i, const resting_order& old_order, const resting_order& order) override;
  void hidden_trade(std::size_t i, std::uint32_t shares, tick_count tick, std::uint64_t match) override;
  void cross(std::size_t i, auction kind, std::uint64_t shares, tick_count tick, std::uint64_t match) override;
  void imbalance(std::size_t i, const flow_imbalance& figure) override;
  void break_trade(std::size_t i, std::uint64_t match) override;

  raw_price price(std::size_t i, tick_count tick) const noexcept { return raw_price_of(stocks_[i], tick); }
  message_stamp plain_stamp(std::size_t i);
  message_stamp next_stamp(std::size_t i);
  void count_print(std::size_t i, raw_price at, std::uint32_t volume);

  std::vector<listed_stock> stocks_;
  order_flow flow_;
  std::vector<symbol_state> states_;
  xdp_encoder out_;
  std::uint32_t second_ = 0;
  std::int64_t unix_ns_ = 0;
};

} // namespace tickplant::sim::nyse
