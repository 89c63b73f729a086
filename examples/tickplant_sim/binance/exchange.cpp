#include "tickplant_sim/binance/exchange.hpp"

#include "tickplant_sim/binance/recording_feed.hpp"
#include "tickplant_sim/binance/synthetic_feed.hpp"

#include <utility>

namespace tickplant::sim::binance {
namespace {

// Time for close frames to go out and be answered.
constexpr std::chrono::milliseconds time_to_close{200};

std::unique_ptr<feed> make_feed(const exchange_context& context, stream_hub& hub, const exchange_options& options) {
  if (options.recordings.empty())
    return std::make_unique<synthetic_feed>(context.io, hub,
                                            synthetic_feed_options{demo_markets(options.seed),
                                                                   options.updates_per_second, options.server.which,
                                                                   options.faults},
                                            context.state);
  auto recorded = std::make_unique<recording_feed>(
    context.io, hub, recording_feed_options{options.recordings, options.speed, options.faults}, context.state);
  recorded->on_error(context.report);
  return recorded;
}

template <class Levels>
std::vector<truth_level> truth_of(const Levels& levels, std::size_t depth) {
  std::vector<truth_level> out;
  for (auto at = levels.begin(); at != levels.end() && out.size() < depth; ++at)
    out.push_back({decimal_text(at->first, 8), decimal_text(at->second, 8), 0});
  return out;
}

} // namespace

exchange::exchange(const exchange_context& context, const exchange_options& options)
  : hub_{std::make_shared<stream_hub>()}, feed_{make_feed(context, *hub_, options)},
    server_{std::make_unique<server>(context.io, *hub_, *feed_, options.server, context.state)}, timer_{context.io},
    plays_recording_{!options.recordings.empty()} {
  context.beyond_loop.push_back(hub_);
}

void exchange::start() {
  feed_->start();
  server_->start();
}

void exchange::stop(std::function<void()> done) {
  feed_->stop();
  server_->stop();
  timer_.expires_after(time_to_close);
  timer_.async_wait([done = std::move(done)](const boost::system::error_code&) { done(); });
}

std::vector<std::string> exchange::symbols() const {
  std::vector<std::string> out;
  for (const auto& market : feed_->markets()) out.push_back(market.symbol);
  return out;
}

std::optional<truth_book> exchange::truth(std::string_view symbol, std::size_t depth) const {
  const auto view = feed_->truth(symbol);
  if (!view) return std::nullopt;
  truth_book out;
  out.sequence = view->last_update_id;
  out.state = "trading";
  out.levels_bid = view->book->bids().size();
  out.levels_ask = view->book->asks().size();
  out.bids = truth_of(view->book->bids(), depth);
  out.asks = truth_of(view->book->asks(), depth);
  return out;
}

} // namespace tickplant::sim::binance
