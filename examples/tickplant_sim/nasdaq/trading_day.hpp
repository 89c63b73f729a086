// The synthetic session that follows the wall clock: opening, continuous trading at a steady rate, halts, close.
#pragma once

#include "tickplant_sim/nasdaq/message_source.hpp"
#include "tickplant_sim/nasdaq/order_flow.hpp"

#include <optional>

namespace tickplant::sim::nasdaq {

struct trading_day_options {
  flow_options flow;
  double messages_per_second = 2000;
  double open_after_s = 1;
  double halt_every_s = 90; // 0: never
  double halt_length_s = 5;
  /// With a seed, prices follow the walk that exchanges share (`reference_walk`); without, each symbol's own.
  std::optional<std::uint64_t> price_seed;
};

/// The symbols of the source project's simulator that trade on Nasdaq, with their base prices and volatilities.
std::vector<listed_symbol> demo_symbols();

class trading_day final : public message_source {
public:
  explicit trading_day(trading_day_options options);

  void advance(const source_clock& now, block_buffer& out) override;
  void finish(const source_clock& now, block_buffer& out) override;
  bool at_end() const override { return false; }
  bool restart(const source_clock& now) override;
  const order_flow* flow() const override { return &flow_; }

private:
  enum class phase : std::uint8_t { before_start, before_open, continuous, closed };
  enum class halt_phase : std::uint8_t { none, halted, quoting };

  void begin(std::uint64_t day_ns, itch_encoder& out);
  void follow_prices(const source_clock& now);
  void trade(const source_clock& now, itch_encoder& out);
  void announce(const source_clock& now, itch_encoder& out);
  void drive_halt(const source_clock& now, itch_encoder& out);

  trading_day_options options_;
  order_flow flow_;
  phase phase_ = phase::before_start;
  double credit_ = 0;
  source_clock last_;
  std::uint64_t open_ns_ = 0; // elapsed time of the opening cross
  std::uint64_t restarts_ = 0;
  std::uint64_t next_announcement_ns_ = 0;
  std::uint64_t next_rare_ns_ = 0;
  std::uint64_t next_break_ns_ = 0;
  halt_phase halt_phase_ = halt_phase::none;
  std::size_t halted_symbol_ = 0;
  std::uint64_t next_halt_ns_ = 0;
};

} // namespace tickplant::sim::nasdaq
