// Plays synthetic markets in real time.
#pragma once

#include "tickplant_sim/binance/feed.hpp"
#include "tickplant_sim/binance/market.hpp"
#include "tickplant_sim/binance/product.hpp"
#include "tickplant_sim/binance/stream_hub.hpp"
#include "tickplant_sim/run_state.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

namespace tickplant::sim::binance {

struct synthetic_feed_options {
  std::vector<market_options> markets;
  double updates_per_second = 400; // level changes over all markets
  product which = product::spot;
  feed_faults faults;
};

/// BTCUSDT around 65,000 and ETHUSDT around 3,500.
std::vector<market_options> demo_markets(std::uint64_t seed);

class synthetic_feed final : public feed {
public:
  /// `hub` must outlive the feed.
  synthetic_feed(boost::asio::io_context& io, stream_hub& hub, synthetic_feed_options options,
                 const run_state& state = always_running);

  void start() override;
  void stop() override { timer_.cancel(); }
  const std::vector<listed_market>& markets() const override { return listed_; }
  void depth(std::string_view symbol, std::size_t limit, depth_reply reply) override;
  bool at_end() const override { return false; }
  nlohmann::json summary() const override;
  std::optional<book_view> truth(std::string_view symbol) const override;

private:
  struct stream_names {
    std::string fast_depth, slow_depth, quote, trade, aggregate, ticker, mark;
  };
  struct played_market {
    market source;
    stream_names streams;
    std::string stale_snapshot;
    std::string held_fast, held_slow;          // diffs that wait for the next one
    bool lost_fast = false, lost_slow = false; // the newest diff was left out, and nothing since has shown it
  };

  void wait_for_tick();
  void tick();
  void publish_event(const played_market& from, const market_event& event, std::int64_t now_ms);
  void publish_diff(const played_market& from, const std::string& stream, std::string& held, bool& lost,
                    const std::optional<depth_diff>& diff, std::int64_t now_ms);
  std::string snapshot_of(const played_market& from, std::size_t limit) const;

  boost::asio::steady_timer timer_;
  stream_hub& hub_;
  synthetic_feed_options options_;
  const run_state& state_;
  random_source random_;
  std::vector<played_market> markets_;
  std::vector<listed_market> listed_;
  std::vector<market_event> events_;
  std::chrono::steady_clock::time_point last_tick_;
  std::uint64_t ticks_ = 0;
  double credit_ = 0;
  std::uint64_t updates_ = 0;
  std::uint64_t gaps_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t reordered_ = 0;
  std::uint64_t stale_answers_ = 0;
};

} // namespace tickplant::sim::binance
