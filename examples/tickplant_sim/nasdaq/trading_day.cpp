#include "tickplant_sim/nasdaq/trading_day.hpp"

#include "tickplant_sim/flow/reference_walk.hpp"
#include "tickplant_sim/nasdaq/day_script.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::sim::nasdaq {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t second = 1'000 * ms;

std::uint64_t nanoseconds(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e9);
}

} // namespace

std::vector<listed_symbol> demo_symbols() {
  return {{"AAPL", 175, 0.02},   {"GOOGL", 2850, 0.025}, {"MSFT", 335, 0.018}, {"TSLA", 800, 0.04},
          {"AMZN", 3200, 0.022}, {"META", 280, 0.03},    {"NVDA", 450, 0.035}};
}

trading_day::trading_day(trading_day_options options) : options_{std::move(options)}, flow_{{}} {
  if (options_.price_seed) options_.flow.walk_scale = 0;
  flow_ = order_flow{options_.flow};
  next_rare_ns_ = 3 * second;
  next_break_ns_ = 20 * second;
  next_halt_ns_ = nanoseconds(options_.halt_every_s);
  open_ns_ = nanoseconds(options_.open_after_s);
}

bool trading_day::restart(const source_clock& now) {
  auto again = options_.flow;
  again.seed += ++restarts_;
  flow_ = order_flow{std::move(again)};
  phase_ = phase::before_start;
  halt_phase_ = halt_phase::none;
  next_halt_ns_ = now.elapsed_ns + nanoseconds(options_.halt_every_s);
  next_announcement_ns_ = open_ns_ = now.elapsed_ns;
  return true;
}

void trading_day::advance(const source_clock& now, block_buffer& blocks) {
  itch_encoder out{blocks};
  if (phase_ == phase::closed) return;
  follow_prices(now);
  if (phase_ == phase::before_start) {
    begin(now.day_ns, out);
    phase_ = phase::before_open;
    last_ = now;
  }
  trade(now, out);
  announce(now, out);
  if (phase_ == phase::before_open && now.elapsed_ns >= open_ns_) {
    open_market(flow_, now.day_ns, out);
    phase_ = phase::continuous;
  }
  if (phase_ == phase::continuous) drive_halt(now, out);
  // Messages beside the order flow count too, at most a second's worth ahead.
  credit_ = std::max(credit_ - static_cast<double>(out.count()), -options_.messages_per_second);
  last_ = now;
}

void trading_day::begin(std::uint64_t day_ns, itch_encoder& out) {
  begin_day(flow_, day_ns, out);
  for (std::size_t i = 0; i < flow_.symbol_count(); ++i) {
    flow_.set_trading(i, false);
    for (std::uint32_t n = 0; n < options_.flow.live_orders_per_symbol * 2 / 3; ++n) flow_.add_order(i, day_ns, out);
  }
}

void trading_day::follow_prices(const source_clock& now) {
  if (!options_.price_seed) return;
  for (std::size_t i = 0; i < flow_.symbol_count(); ++i) {
    const auto& [stock, base, volatility] = flow_.listed(i);
    flow_.set_mid(i, reference_price(stock, base, *options_.price_seed, now.unix_ns) +
                       venue_offset("NASDAQ", stock, base, *options_.price_seed, now.unix_ns));
  }
}

void trading_day::trade(const source_clock& now, itch_encoder& out) {
  // A stall of the process must not become a burst of seconds.
  const auto passed = std::min<std::uint64_t>(now.elapsed_ns - last_.elapsed_ns, 100 * ms);
  credit_ += options_.messages_per_second * static_cast<double>(passed) * 1e-9;
  const auto due = credit_ >= 1 ? static_cast<std::uint64_t>(credit_) : 0;
  const auto before = out.count();
  for (std::uint64_t done = 0; done < due; done = out.count() - before)
    flow_.step(now.day_ns - passed + passed * done / due, out);
}

void trading_day::announce(const source_clock& now, itch_encoder& out) {
  if (phase_ == phase::before_open && now.elapsed_ns >= next_announcement_ns_) {
    next_announcement_ns_ = now.elapsed_ns + 250 * ms;
    for (std::size_t i = 0; i < flow_.symbol_count(); ++i) flow_.announce_imbalance(i, 'O', now.day_ns, out);
  }
  if (phase_ != phase::continuous) return;
  if (now.elapsed_ns >= next_rare_ns_) {
    next_rare_ns_ = now.elapsed_ns + 2 * second + flow_.random().below(6000) * ms;
    rare_message(flow_, false, now.day_ns, out);
  }
  if (now.elapsed_ns >= next_break_ns_) {
    next_break_ns_ = now.elapsed_ns + 15 * second + flow_.random().below(60'000) * ms;
    flow_.break_trade(now.day_ns, out);
  }
}

void trading_day::drive_halt(const source_clock& now, itch_encoder& out) {
  if (options_.halt_every_s <= 0 || now.elapsed_ns < next_halt_ns_) return;
  const auto half = nanoseconds(options_.halt_length_s / 2);
  switch (halt_phase_) {
    case halt_phase::none:
      halted_symbol_ = flow_.random().below(static_cast<std::uint32_t>(flow_.symbol_count()));
      halt(flow_, halted_symbol_, now.day_ns, out);
      halt_phase_ = halt_phase::halted;
      next_halt_ns_ = now.elapsed_ns + half;
      break;
    case halt_phase::halted:
      begin_quotation(flow_, halted_symbol_, now.day_ns, out);
      halt_phase_ = halt_phase::quoting;
      next_halt_ns_ = now.elapsed_ns + half;
      break;
    case halt_phase::quoting:
      resume(flow_, halted_symbol_, now.day_ns, out);
      halt_phase_ = halt_phase::none;
      next_halt_ns_ = now.elapsed_ns + nanoseconds(options_.halt_every_s);
      break;
  }
}

void trading_day::finish(const source_clock& now, block_buffer& blocks) {
  if (phase_ == phase::before_start || phase_ == phase::closed) return;
  itch_encoder out{blocks};
  close_market(flow_, now.day_ns, out);
  end_trading(now.day_ns, out);
  while (flow_.delete_one(now.day_ns, out)) {
  }
  end_day(now.day_ns, out);
  phase_ = phase::closed;
}

} // namespace tickplant::sim::nasdaq
