// The session of the simulated NYSE that follows the wall clock: start-of-day spin, opening auction, order flow, halts,
// close. Pure: time comes in, messages go out.
#pragma once

#include "tickplant_sim/nyse/market.hpp"

namespace tickplant::sim::nyse {

struct day_clock {
  std::uint64_t elapsed_ns = 0; // since the start of the exchange
  std::int64_t unix_ns = 0;
};

struct trading_day_options {
  market_options market;
  double messages_per_second = 1500;
  double open_after_s = 1;
  double halt_every_s = 70; // 0: never
  double halt_length_s = 5;
  double summary_every_s = 60;
  /// Prices follow the walk that exchanges share (`reference_walk`).
  std::uint64_t price_seed = 1;
};

class trading_day {
public:
  explicit trading_day(trading_day_options options);

  /// The messages after the sequence reset: 3, 32 and 34 of every symbol, then orders before the open.
  void begin(const day_clock& now, message_buffer& out);
  /// What is due. To be called about every millisecond.
  void advance(const day_clock& now, message_buffer& out);
  /// A new day with empty books, `begin` included, which opens at once.
  void restart(const day_clock& now, message_buffer& out);
  /// What a backup publisher tells after its sequence reset: 3, 32, 34, 105 and 106 of every symbol. The books stay.
  void fail_over(const day_clock& now, message_buffer& out);
  /// Closing auctions and the end of every symbol's day.
  void finish(const day_clock& now, message_buffer& out);
  /// The sequence reset message alone, which goes into a packet of its own.
  message_buffer reset_message(const day_clock& now);

  nyse::market& market() noexcept { return market_; }
  const nyse::market& market() const noexcept { return market_; }

private:
  enum class phase : std::uint8_t { before_open, continuous, closed };

  void follow_prices(const day_clock& now);
  void trade(const day_clock& now, const message_buffer& out);
  void announce(const day_clock& now);
  void open();
  void drive_halt(const day_clock& now);

  trading_day_options options_;
  nyse::market market_;
  phase phase_ = phase::before_open;
  double credit_ = 0;
  std::uint64_t last_elapsed_ns_ = 0;
  std::uint64_t open_ns_ = 0;
  std::uint64_t next_imbalance_ns_ = 0;
  std::uint64_t next_rare_ns_ = 0;
  std::uint64_t next_summary_ns_ = 0;
  std::uint64_t next_halt_ns_ = 0;
  std::optional<std::size_t> halted_;
  std::uint64_t restarts_ = 0;
};

} // namespace tickplant::sim::nyse
