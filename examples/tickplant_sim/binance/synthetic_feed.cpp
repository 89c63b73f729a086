#include "tickplant_sim/binance/synthetic_feed.hpp"

#include "tickplant_sim/binance/texts.hpp"
#include "tickplant_sim/wall_clock.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::sim::binance {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick_interval{5};
constexpr std::uint64_t ticks_a_fast_diff = 20;
constexpr std::uint64_t ticks_a_second = 200;
// Between the stale snapshot and the start, so that no event a client can see covers it.
constexpr int updates_past_stale_snapshot = 1000;

} // namespace

std::vector<market_options> demo_markets(std::uint64_t seed) {
  market_options btc;
  btc.symbol = "BTCUSDT";
  btc.base_asset = "BTC";
  btc.quote_asset = "USDT";
  btc.seed = seed;
  market_options eth = btc;
  eth.symbol = "ETHUSDT";
  eth.base_asset = "ETH";
  eth.price = 3'500;
  eth.step = one / 10'000;
  eth.seed = seed + 1;
  return {btc, eth};
}

synthetic_feed::synthetic_feed(boost::asio::io_context& io, stream_hub& hub, synthetic_feed_options options,
                               const run_state& state)
  : timer_{io}, hub_{hub}, options_{std::move(options)}, state_{state}, random_{options_.faults.seed} {
  for (const auto& m : options_.markets) {
    const auto name = [&m](std::string_view kind) { return stream_name(m.symbol, kind); };
    markets_.push_back({market{m},
                        {name("@depth@100ms"), name("@depth"), name("@bookTicker"), name("@trade"), name("@aggTrade"),
                         name("@ticker"), name("@markPrice@1s")},
                        {},
                        {},
                        {},
                        false,
                        false});
    listed_.push_back({m.symbol, m.base_asset, m.quote_asset, m.tick, m.step});
    auto& played = markets_.back();
    played.stale_snapshot = snapshot_of(played, 1000);
    for (int i = 0; i < updates_past_stale_snapshot; ++i) played.source.step(0.001, events_);
    played.source.take_fast_diff();
    played.source.take_slow_diff();
    events_.clear();
  }
}

void synthetic_feed::start() {
  last_tick_ = clock::now();
  timer_.expires_at(last_tick_ + tick_interval);
  wait_for_tick();
}

void synthetic_feed::wait_for_tick() {
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    tick();
    timer_.expires_at(std::max(timer_.expiry() + tick_interval, clock::now()));
    wait_for_tick();
  });
}

void synthetic_feed::tick() {
  const auto now = clock::now();
  // A stall of the process must not become a burst of seconds.
  const auto passed = std::min(std::chrono::duration<double>(now - last_tick_).count(), 0.1);
  last_tick_ = now;
  ++ticks_;
  const auto now_ms = unix_ms();
  if (!state_.frozen) credit_ += passed * options_.updates_per_second;
  for (; credit_ >= 1 && !state_.frozen; credit_ -= 1) {
    auto& chosen = markets_[random_.below(static_cast<std::uint32_t>(markets_.size()))];
    events_.clear();
    chosen.source.step(static_cast<double>(markets_.size()) / options_.updates_per_second, events_);
    ++updates_;
    for (const auto& event : events_) publish_event(chosen, event, now_ms);
  }
  if (ticks_ % ticks_a_fast_diff != 0) return;
  for (auto& m : markets_) {
    // Without the next diff nobody could know of the one that was left out, and the books of a frozen run would differ.
    if (!state_.faults_active() && (m.lost_fast || m.lost_slow)) {
      events_.clear();
      m.source.step(0.001, events_);
      for (const auto& event : events_) publish_event(m, event, now_ms);
      m.lost_fast = m.lost_slow = false;
    }
    publish_diff(m, m.streams.fast_depth, m.held_fast, m.lost_fast, m.source.take_fast_diff(), now_ms);
    if (ticks_ % ticks_a_second != 0) continue;
    publish_diff(m, m.streams.slow_depth, m.held_slow, m.lost_slow, m.source.take_slow_diff(), now_ms);
    if (options_.which == product::usdm && hub_.is_wanted(m.streams.mark))
      hub_.publish(m.streams.mark, mark_price_text(m.source.options().symbol, m.source.quote().bid.price, now_ms));
    if (hub_.is_wanted(m.streams.ticker)) hub_.publish(m.streams.ticker, ticker_text(m.source, now_ms));
  }
}

void synthetic_feed::publish_event(const played_market& from, const market_event& event, std::int64_t now_ms) {
  const std::string_view symbol = from.source.options().symbol;
  const bool futures = options_.which == product::usdm;
  const auto publish = [this](const std::string& stream, auto text) {
    if (hub_.is_wanted(stream)) hub_.publish(stream, text());
  };
  if (const auto* quote = std::get_if<best_quote>(&event))
    publish(from.streams.quote, [&] {
      return futures ? futures_book_ticker_text(symbol, *quote, now_ms) : book_ticker_text(symbol, *quote);
    });
  else if (const auto* single = std::get_if<trade>(&event))
    publish(from.streams.trade, [&] {
      return futures ? futures_trade_text(symbol, *single, now_ms) : trade_text(symbol, *single, now_ms);
    });
  else if (const auto* whole = std::get_if<aggregate_trade>(&event))
    publish(from.streams.aggregate, [&] { return aggregate_trade_text(symbol, *whole, now_ms); });
}

void synthetic_feed::publish_diff(const played_market& from, const std::string& stream, std::string& held, bool& lost,
                                  const std::optional<depth_diff>& diff, std::int64_t now_ms) {
  if (diff && hub_.is_wanted(stream)) {
    const std::string_view symbol = from.source.options().symbol;
    const auto& rates = options_.faults;
    const bool faulty = state_.faults_active();
    lost = random_.chance(rates.gap) && faulty;
    const bool twice = random_.chance(rates.duplicate) && faulty;
    const bool late = random_.chance(rates.reorder) && faulty && held.empty();
    auto text = options_.which == product::usdm ? futures_depth_update_text(symbol, *diff, now_ms)
                                                : depth_update_text(symbol, *diff, now_ms);
    if (lost) {
      ++gaps_;
    } else if (late) {
      ++reordered_;
      held = std::move(text);
      return;
    } else {
      hub_.publish(stream, text);
      if (twice) hub_.publish(stream, text);
      duplicates_ += twice ? 1 : 0;
    }
  }
  if (!held.empty()) hub_.publish(stream, std::exchange(held, {}));
}

std::string synthetic_feed::snapshot_of(const played_market& from, std::size_t limit) const {
  const auto& source = from.source;
  if (options_.which == product::usdm)
    return futures_snapshot_text(source.book(), source.last_update_id(), limit, unix_ms());
  return snapshot_text(source.book(), source.last_update_id(), limit);
}

void synthetic_feed::depth(std::string_view symbol, std::size_t limit, depth_reply reply) {
  const auto found = std::find_if(markets_.begin(), markets_.end(),
                                  [&](const played_market& m) { return m.source.options().symbol == symbol; });
  if (found == markets_.end()) return reply(std::nullopt);
  const bool is_old = random_.chance(options_.faults.stale) || stale_answers_ < options_.faults.stale_snapshots;
  if (is_old && state_.faults_active()) {
    ++stale_answers_;
    return reply(found->stale_snapshot);
  }
  reply(snapshot_of(*found, limit));
}

std::optional<book_view> synthetic_feed::truth(std::string_view symbol) const {
  for (const auto& m : markets_)
    if (m.source.options().symbol == symbol)
      return book_view{&m.source.book(), m.source.last_update_id() * id_stride(options_.which)};
  return std::nullopt;
}

nlohmann::json synthetic_feed::summary() const {
  return {{"updates", updates_},
          {"diffs_left_out", gaps_},
          {"diffs_twice", duplicates_},
          {"diffs_late", reordered_},
          {"stale_snapshots", stale_answers_}};
}

} // namespace tickplant::sim::binance
