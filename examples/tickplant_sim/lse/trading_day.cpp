#include "tickplant_sim/lse/trading_day.hpp"

#include <utility>

namespace tickplant::sim::lse {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t second = 1'000 * ms;
constexpr double pause_between_days_s = 1;
constexpr double totals_every_s = 5;
// A stall of the process must not become a burst of seconds.
constexpr std::uint64_t longest_catch_up_ns = 100 * ms;
constexpr std::uint64_t most_steps_a_message = 4;
constexpr std::uint8_t market_order_imbalance = 3, price_outside_range = 4;
constexpr std::array<std::string_view, 4> halt_reasons{"102", "9998", "9999", ""};

std::uint64_t nanoseconds(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e9);
}

} // namespace

char auction_type_of(char status) noexcept {
  switch (status) {
    case 'a': return 'O';
    case 'd': return 'C';
    case 'e': return 'A';
    case 'q': return 'B';
    case 'r': return 'E';
    case 'f': return 'F';
    default: return 'G';
  }
}

trading_day::trading_day(trading_day_options options)
  : options_{std::move(options)}, flow_{options_.flow}, own_calls_(flow_.engine().instrument_count()) {}

void trading_day::advance(const feed_time& now, market_feed& feed, const message_buffer& written) {
  const auto before = written.count();
  feed.set_time(now);
  if (phase_ == phase::before_start || (phase_ == phase::closed && now.elapsed_ns >= phase_ends_ns_)) {
    begin(now, feed);
    last_ = now;
  }
  if (phase_ == phase::closed) return;
  trade(now, feed, written);
  announce(now, feed);
  if (phase_ == phase::opening_call && now.elapsed_ns >= phase_ends_ns_) open(now, feed);
  if (phase_ == phase::open) {
    drive_own_calls(now, feed);
    drive_happenings(now, feed);
    if (options_.day_length_s > 0 && now.elapsed_ns >= phase_ends_ns_) call_close(now, feed);
  }
  if (phase_ == phase::closing_call && now.elapsed_ns >= phase_ends_ns_) close(now, feed);
  // Messages beside the order flow count too, at most a second's worth ahead.
  credit_ = std::max(credit_ - static_cast<double>(written.count() - before), -options_.messages_per_second);
  last_ = now;
}

void trading_day::begin(const feed_time& now, market_feed& feed) {
  auto& engine = flow_.engine();
  if (days_begun_ > 0) engine.forget_day();
  ++days_begun_;
  feed.system_event(system_event_ = 'O');
  for (std::size_t i = 0; i < engine.instrument_count(); ++i) feed.directory(engine.at(i).of);
  for (std::size_t i = 0; i < engine.instrument_count(); ++i) engine.set_status(i, {}, feed);
  for (std::size_t i = 0; i < engine.instrument_count(); ++i)
    for (const char kind : {'O', 'C'}) engine.set_official(i, kind, std::nullopt, 'F', feed);
  for (std::size_t i = 0; i < engine.instrument_count(); ++i) {
    begin_call(i, 'a', options_.open_after_s, now, feed);
    flow_.place_quotes(i, now, feed);
    for (std::uint32_t n = 0; n < options_.flow.live_orders_per_instrument * 2 / 3; ++n) flow_.add_order(i, now, feed);
  }
  phase_ = phase::opening_call;
  phase_ends_ns_ = now.elapsed_ns + nanoseconds(options_.open_after_s);
  own_calls_.assign(own_calls_.size(), {});
  for (auto* next : {&next_halt_ns_, &next_monitoring_ns_, &next_intraday_ns_, &next_refresh_ns_, &next_correction_ns_,
                     &next_totals_ns_})
    *next = 0;
}

void trading_day::begin_call(std::size_t index, char status, double length_s, const feed_time& now, market_feed& feed,
                             std::string_view reason, std::uint8_t change_reason) {
  const auto end_s = static_cast<std::uint32_t>((now.day_ns + nanoseconds(length_s)) / second % 86'400);
  flow_.engine().set_status(index, {status, reason, change_reason, end_s}, feed);
}

void trading_day::end_call(std::size_t index, char auction_type, market_feed& feed) {
  auto& engine = flow_.engine();
  const auto result = engine.uncross(index, auction_type, feed);
  engine.set_status(index, {'T', {}, 0, 0}, feed);
  if (auction_type != 'O') return;
  if (result.volume > 0)
    engine.set_official(index, 'O', result.price, 'A', feed);
  else
    engine.set_official(index, 'O', engine.at(index).of.previous_close, 'I', feed);
}

void trading_day::open(const feed_time& now, market_feed& feed) {
  auto& random = flow_.random();
  const auto count = flow_.engine().instrument_count();
  // Now and then an opening call is extended, because market orders would be left or the price would be far away.
  const std::size_t extended = random.chance(0.5) ? random.below(static_cast<std::uint32_t>(count)) : count;
  for (std::size_t i = 0; i < count; ++i) {
    if (i != extended) {
      end_call(i, 'O', feed);
      continue;
    }
    begin_call(i, 'a', options_.open_after_s, now, feed, {},
               random.chance(0.5) ? market_order_imbalance : price_outside_range);
    own_calls_[i] = {now.elapsed_ns + nanoseconds(options_.open_after_s), 'O', false};
  }
  phase_ = phase::open;
  phase_ends_ns_ = now.elapsed_ns + nanoseconds(options_.day_length_s);
}

void trading_day::trade(const feed_time& now, market_feed& feed, const message_buffer& written) {
  const auto passed = std::min(now.elapsed_ns - last_.elapsed_ns, longest_catch_up_ns);
  credit_ += options_.messages_per_second * static_cast<double>(passed) * 1e-9;
  const auto due = credit_ >= 1 ? static_cast<std::uint64_t>(credit_) : 0;
  const auto before = written.count();
  std::uint64_t done = 0;
  for (std::uint64_t steps = 0; done < due && steps < most_steps_a_message * due; ++steps) {
    const auto back = passed - passed * done / due;
    const feed_time at{now.elapsed_ns - back, now.day_ns - std::min(back, now.day_ns), now.unix_ns - back};
    feed.set_time(at);
    flow_.step(at, feed);
    done = written.count() - before;
  }
  // Halted and undisclosed instruments tell nothing; what they leave over must not come as a burst later.
  if (done < due) credit_ -= static_cast<double>(due - done);
  feed.set_time(now);
}

void trading_day::announce(const feed_time& now, market_feed& feed) {
  if (now.elapsed_ns < next_announcement_ns_) return;
  next_announcement_ns_ = now.elapsed_ns + 250 * ms;
  auto& engine = flow_.engine();
  for (std::size_t i = 0; i < engine.instrument_count(); ++i) {
    const auto& one = engine.at(i);
    if (!is_call(one.status.code)) continue;
    feed.auction_info(one.of, engine.indicative(i), auction_type_of(one.status.code));
    if (one.status.code == 'G') feed.top_of_book(one.of, one.orders);
  }
}

bool trading_day::is_due(std::uint64_t& next_ns, double every_s, const feed_time& now) {
  if (every_s <= 0) return false;
  const bool due = next_ns != 0 && now.elapsed_ns >= next_ns;
  // Between half and one and a half of the time, so that the kinds of happenings meet in ever other ways.
  if (due || next_ns == 0) next_ns = now.elapsed_ns + 1 + nanoseconds(every_s * (0.5 + flow_.random().unit()));
  return due;
}

void trading_day::drive_happenings(const feed_time& now, market_feed& feed) {
  if (intraday_ends_ns_ != 0) {
    if (now.elapsed_ns >= intraday_ends_ns_) end_intraday(now, feed);
    return;
  }
  if (is_due(next_halt_ns_, options_.halt_every_s, now)) begin_halt(now, feed);
  if (is_due(next_monitoring_ns_, options_.monitoring_every_s, now)) begin_monitoring(now, feed);
  if (is_due(next_intraday_ns_, options_.auction_every_s, now)) begin_intraday(now, feed);
  if (is_due(next_correction_ns_, options_.correct_every_s, now)) flow_.correct_print(feed);
  auto& engine = flow_.engine();
  if (is_due(next_refresh_ns_, options_.refresh_every_s, now))
    if (const auto index = choose_open_instrument(); index < engine.instrument_count()) {
      engine.tell_clear(index, feed);
      engine.resend(index, feed);
    }
  if (is_due(next_totals_ns_, totals_every_s, now))
    for (std::size_t i = 0; i < engine.instrument_count(); ++i) engine.tell_totals(i, feed);
}

std::size_t trading_day::choose_open_instrument() {
  const auto count = static_cast<std::uint32_t>(flow_.engine().instrument_count());
  const auto first = flow_.random().below(count);
  for (std::uint32_t i = 0; i < count; ++i)
    if (const auto index = (first + i) % count; is_continuous(flow_.engine().at(index).status.code)) return index;
  return count;
}

void trading_day::begin_halt(const feed_time& now, market_feed& feed) {
  const auto index = choose_open_instrument();
  if (index == flow_.engine().instrument_count()) return;
  const auto reason = halt_reasons[flow_.random().below(halt_reasons.size())];
  flow_.engine().set_status(index, {'H', reason, 0, 0}, feed);
  own_calls_[index] = {now.elapsed_ns + nanoseconds(options_.halt_length_s / 2), 'E', true};
}

void trading_day::begin_monitoring(const feed_time& now, market_feed& feed) {
  const auto index = choose_open_instrument();
  if (index == flow_.engine().instrument_count()) return;
  begin_call(index, 'e', options_.auction_length_s, now, feed);
  own_calls_[index] = {now.elapsed_ns + nanoseconds(options_.auction_length_s), 'A', false};
}

void trading_day::drive_own_calls(const feed_time& now, market_feed& feed) {
  for (std::size_t i = 0; i < own_calls_.size(); ++i) {
    auto& call = own_calls_[i];
    if (call.next_ns == 0 || now.elapsed_ns < call.next_ns) continue;
    if (std::exchange(call.halted, false)) {
      begin_call(i, 'r', options_.halt_length_s / 2, now, feed);
      call.next_ns = now.elapsed_ns + nanoseconds(options_.halt_length_s / 2);
      continue;
    }
    call.next_ns = 0;
    end_call(i, call.auction_type, feed);
  }
}

void trading_day::begin_intraday(const feed_time& now, market_feed& feed) {
  auto& engine = flow_.engine();
  for (std::size_t i = 0; i < engine.instrument_count(); ++i) {
    if (!is_continuous(engine.at(i).status.code)) continue;
    if (options_.level1_auctions) {
      engine.tell_clear(i, feed);
      engine.set_disclosed(i, false);
    }
    begin_call(i, options_.level1_auctions ? 'G' : 'f', options_.auction_length_s, now, feed);
  }
  intraday_ends_ns_ = now.elapsed_ns + nanoseconds(options_.auction_length_s);
}

void trading_day::end_intraday(const feed_time&, market_feed& feed) {
  auto& engine = flow_.engine();
  for (std::size_t i = 0; i < engine.instrument_count(); ++i) {
    const char status = engine.at(i).status.code;
    if (status != 'G' && status != 'f') continue;
    end_call(i, auction_type_of(status), feed);
    if (engine.at(i).disclosed) continue;
    engine.set_disclosed(i, true);
    engine.resend(i, feed);
  }
  intraday_ends_ns_ = 0;
}

void trading_day::call_close(const feed_time& now, market_feed& feed) {
  if (intraday_ends_ns_ != 0) end_intraday(now, feed);
  auto& engine = flow_.engine();
  for (std::size_t i = 0; i < engine.instrument_count(); ++i) {
    own_calls_[i] = {};
    begin_call(i, 'd', options_.close_length_s, now, feed);
  }
  phase_ = phase::closing_call;
  phase_ends_ns_ = now.elapsed_ns + nanoseconds(options_.close_length_s);
}

void trading_day::close(const feed_time& now, market_feed& feed) {
  auto& engine = flow_.engine();
  const auto count = engine.instrument_count();
  for (std::size_t i = 0; i < count; ++i) {
    const auto result = engine.uncross(i, 'C', feed);
    engine.set_official(i, 'C', engine.at(i).last_price, result.volume > 0 ? 'A' : 'D', feed);
    engine.set_status(i, {'u', {}, 0, 0}, feed);
    // The closing price crossing trades at the official close only.
    engine.print(i, 100 * (1 + flow_.random().below(20)), engine.at(i).last_price, 0, 0, feed);
    engine.tell_totals(i, feed);
  }
  for (const char status : {'b', 'x', 'c'})
    for (std::size_t i = 0; i < count; ++i) engine.set_status(i, {status, {}, 0, 0}, feed);
  for (std::size_t i = 0; i < count; ++i) {
    engine.remove_all(i, feed);
    engine.set_status(i, {'t', {}, 0, 0}, feed);
  }
  feed.system_event(system_event_ = 'C');
  phase_ = phase::closed;
  phase_ends_ns_ = now.elapsed_ns + nanoseconds(pause_between_days_s);
}

void trading_day::finish(const feed_time& now, market_feed& feed) {
  if (phase_ == phase::before_start || phase_ == phase::closed) return;
  feed.set_time(now);
  if (phase_ != phase::closing_call) call_close(now, feed);
  for (std::size_t i = 0; i < flow_.engine().instrument_count(); ++i)
    feed.auction_info(flow_.engine().at(i).of, flow_.engine().indicative(i), 'C');
  close(now, feed);
  phase_ends_ns_ = ~std::uint64_t{0};
}

void trading_day::introduce(const feed_time& now, bool books, market_feed& feed) {
  if (phase_ == phase::before_start) return;
  feed.set_time(now);
  auto& engine = flow_.engine();
  feed.system_event(system_event_);
  for (std::size_t i = 0; i < engine.instrument_count(); ++i) {
    const auto& one = engine.at(i);
    feed.directory(one.of);
    feed.status(one.of, one.status, book_kind::orders);
    if (one.of.firm_quotes) feed.status(one.of, one.status, book_kind::firm_quotes);
    if (!books) continue;
    engine.tell_clear(i, feed);
    engine.resend(i, feed);
    engine.resend_quotes(i, feed);
  }
}

} // namespace tickplant::sim::lse
