#include "tickplant_sim/nyse/trading_day.hpp"

#include "tickplant_sim/flow/reference_walk.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::sim::nyse {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t second = 1'000 * ms;
constexpr double mean_message_bytes = 38;

std::uint64_t nanoseconds(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e9);
}

trading_day_options with_shared_prices(trading_day_options options) {
  options.market.flow.walk_scale = 0;
  return options;
}

} // namespace

trading_day::trading_day(trading_day_options options)
  : options_{with_shared_prices(std::move(options))}, market_{options_.market} {
  open_ns_ = nanoseconds(options_.open_after_s);
  next_halt_ns_ = nanoseconds(options_.halt_every_s);
  next_summary_ns_ = nanoseconds(options_.summary_every_s);
  next_rare_ns_ = 2 * second;
}

message_buffer trading_day::reset_message(const day_clock& now) {
  message_buffer out;
  market_.begin_writing(out, now.unix_ns);
  market_.reset();
  return out;
}

void trading_day::begin(const day_clock& now, message_buffer& out) {
  last_elapsed_ns_ = now.elapsed_ns;
  follow_prices(now);
  market_.begin_writing(out, now.unix_ns);
  for (std::size_t i = 0; i < market_.count(); ++i) {
    market_.map(i);
    market_.clear(i);
    market_.set_status(i, 'P', '~', 'P');
  }
  for (std::size_t i = 0; i < market_.count(); ++i) {
    market_.set_status(i, 'B', '~', 'P');
    for (std::uint32_t n = 0; n < options_.market.flow.live_orders_per_symbol * 2 / 3; ++n) market_.add_order(i);
  }
}

void trading_day::restart(const day_clock& now, message_buffer& out) {
  auto again = options_.market;
  again.flow.seed += ++restarts_;
  market_ = nyse::market{std::move(again)};
  phase_ = phase::before_open;
  halted_.reset();
  open_ns_ = next_imbalance_ns_ = now.elapsed_ns;
  next_halt_ns_ = now.elapsed_ns + nanoseconds(options_.halt_every_s);
  begin(now, out);
}

void trading_day::fail_over(const day_clock& now, message_buffer& out) {
  market_.begin_writing(out, now.unix_ns);
  for (std::size_t i = 0; i < market_.count(); ++i) {
    market_.map(i);
    market_.clear(i);
    market_.tell_state(i, true);
  }
  market_.source_time_again();
}

void trading_day::advance(const day_clock& now, message_buffer& out) {
  if (phase_ == phase::closed) return;
  market_.begin_writing(out, now.unix_ns);
  follow_prices(now);
  trade(now, out);
  announce(now);
  if (phase_ == phase::before_open && now.elapsed_ns >= open_ns_) open();
  if (phase_ == phase::continuous) drive_halt(now);
  last_elapsed_ns_ = now.elapsed_ns;
}

void trading_day::follow_prices(const day_clock& now) {
  for (std::size_t i = 0; i < market_.count(); ++i) {
    const auto& stock = market_.stock(i);
    market_.flow().set_mid(i, reference_price(stock.symbol, stock.price, options_.price_seed, now.unix_ns) +
                                venue_offset("NYSE", stock.symbol, stock.price, options_.price_seed, now.unix_ns));
  }
}

void trading_day::trade(const day_clock& now, const message_buffer& out) {
  // A stall of the process must not become a burst of seconds.
  const auto passed = std::min<std::uint64_t>(now.elapsed_ns - last_elapsed_ns_, 100 * ms);
  credit_ += options_.messages_per_second * static_cast<double>(passed) * 1e-9;
  while (credit_ >= 1) {
    const auto before = out.size();
    market_.step(now.elapsed_ns);
    credit_ -= std::max(1.0, static_cast<double>(out.size() - before) / mean_message_bytes);
  }
}

void trading_day::announce(const day_clock& now) {
  auto& random = market_.flow().random();
  const auto any = [&] { return random.below(static_cast<std::uint32_t>(market_.count())); };
  if (phase_ == phase::before_open && now.elapsed_ns >= next_imbalance_ns_) {
    next_imbalance_ns_ = now.elapsed_ns + 250 * ms;
    for (std::size_t i = 0; i < market_.count(); ++i) market_.announce_imbalance(i, auction::open);
  }
  if (options_.summary_every_s > 0 && now.elapsed_ns >= next_summary_ns_) {
    next_summary_ns_ = now.elapsed_ns + nanoseconds(options_.summary_every_s);
    for (std::size_t i = 0; i < market_.count(); ++i) market_.summary(i);
  }
  if (phase_ != phase::continuous || now.elapsed_ns < next_rare_ns_) return;
  next_rare_ns_ = now.elapsed_ns + 1 * second + random.below(4000) * ms;
  switch (random.below(4)) {
    case 0: return market_.retail_interest(any(), " ABC"[random.below(4)]);
    case 1: return market_.break_trade();
    case 2: return market_.correct_cross(any());
    default: return market_.announce_imbalance(any(), auction::close);
  }
}

void trading_day::open() {
  for (std::size_t i = 0; i < market_.count(); ++i) {
    market_.set_status(i, 'O', '~', 'O');
    market_.uncross(i, auction::open);
  }
  phase_ = phase::continuous;
}

void trading_day::drive_halt(const day_clock& now) {
  if (options_.halt_every_s <= 0 || now.elapsed_ns < next_halt_ns_) return;
  if (!halted_) {
    halted_ = market_.flow().random().below(static_cast<std::uint32_t>(market_.count()));
    market_.set_status(*halted_, '4', 'M', 'O');
    market_.announce_imbalance(*halted_, auction::reopen);
    next_halt_ns_ = now.elapsed_ns + nanoseconds(options_.halt_length_s);
    return;
  }
  market_.set_status(*halted_, '5', '~', 'O');
  market_.uncross(*halted_, auction::reopen);
  halted_.reset();
  next_halt_ns_ = now.elapsed_ns + nanoseconds(options_.halt_every_s);
}

void trading_day::finish(const day_clock& now, message_buffer& out) {
  if (std::exchange(phase_, phase::closed) == phase::closed) return;
  market_.begin_writing(out, now.unix_ns);
  for (std::size_t i = 0; i < market_.count(); ++i) {
    market_.announce_imbalance(i, auction::close);
    market_.uncross(i, auction::close);
    market_.close(i);
  }
}

} // namespace tickplant::sim::nyse
