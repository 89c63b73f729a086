#include "tickplant_sim/simulator.hpp"

#include "tickplant_sim/binance/recording_feed.hpp"
#include "tickplant_sim/binance/synthetic_feed.hpp"

#include <boost/system/system_error.hpp>
#include <stdexcept>
#include <utility>

namespace tickplant::sim {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<nasdaq::message_source> make_source(const nasdaq_side& side) {
  if (side.playback.path.empty()) return std::make_unique<nasdaq::trading_day>(side.day);
  return std::make_unique<nasdaq::day_playback>(side.playback);
}

/// Boost's own text of a failed bind does not say which address was meant.
template <class Make>
auto opened(const std::string& what, const Make& make) {
  try {
    return make();
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error("cannot open " + what + ": " + e.code().message() + "; choose another address or port");
  }
}

template <class Endpoint>
std::string text_of(const Endpoint& endpoint) {
  return endpoint.address().to_string() + " port " + std::to_string(endpoint.port());
}

} // namespace

simulator::simulator(boost::asio::io_context& io, binance::stream_hub& hub, const options& wanted,
                     std::function<void(const std::string&)> report)
  : io_{io}, hub_{hub}, timer_{io}, plays_day_file_{wanted.with_nasdaq && !wanted.nasdaq.playback.path.empty()},
    plays_recording_{wanted.with_binance && !wanted.binance.recordings.empty()}, exit_at_end_{wanted.exit_at_end} {
  if (wanted.with_nasdaq) {
    const auto& side = wanted.nasdaq;
    nasdaq_ = opened("Nasdaq's lines or --nasdaq-rerequest " + text_of(side.exchange.rerequest),
                     [&] { return std::make_unique<nasdaq::exchange>(io, side.exchange, make_source(side)); });
    nasdaq_->on_source_error(report);
  }
  if (wanted.with_binance) {
    make_binance_feed(wanted, report);
    const auto& server = wanted.binance.server;
    binance_ = opened("--binance " + text_of(server.listen),
                      [&] { return std::make_unique<binance::server>(io, hub, *feed_, server); });
  }
}

simulator::~simulator() = default;

void simulator::make_binance_feed(const options& wanted, const std::function<void(const std::string&)>& report) {
  const auto& side = wanted.binance;
  if (side.recordings.empty()) {
    feed_ = std::make_unique<binance::synthetic_feed>(
      io_, hub_,
      binance::synthetic_feed_options{binance::demo_markets(wanted.seed), side.updates_per_second, side.faults});
    return;
  }
  auto recorded = std::make_unique<binance::recording_feed>(
    io_, hub_, binance::recording_feed_options{side.recordings, side.speed, side.faults});
  recorded->on_error(report);
  feed_ = std::move(recorded);
}

void simulator::start() {
  if (nasdaq_) nasdaq_->start();
  if (binance_) {
    feed_->start();
    binance_->start();
  }
  if (exit_at_end_) wait_for_end();
}

bool simulator::all_files_played() const {
  return (!plays_day_file_ || nasdaq_->at_end()) &&
         (!plays_recording_ || (feed_->at_end() && hub_.waiting_bytes() == 0));
}

void simulator::wait_for_end() {
  timer_.expires_after(50ms);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopping_) return;
    if (all_files_played()) return stop();
    wait_for_end();
  });
}

void simulator::stop() {
  if (std::exchange(stopping_, true)) return;
  timer_.cancel();
  if (binance_) {
    feed_->stop();
    binance_->stop();
  }
  if (nasdaq_)
    nasdaq_->stop([this] { leave_when_quiet(); });
  else
    leave_when_quiet();
}

void simulator::leave_when_quiet() {
  // Time for close frames to go out and be answered.
  timer_.expires_after(binance_ ? 200ms : 0ms);
  timer_.async_wait([this](const boost::system::error_code&) { io_.stop(); });
}

std::vector<nlohmann::json> simulator::ready_lines() const {
  std::vector<nlohmann::json> lines;
  if (binance_) lines.push_back(binance_->ready_line());
  if (nasdaq_) lines.push_back(nasdaq_->ready_line());
  return lines;
}

nlohmann::json simulator::summary() const {
  nlohmann::json out = nlohmann::json::object();
  if (nasdaq_) out["nasdaq"] = nasdaq_->summary();
  if (binance_) out["binance"] = binance_->summary();
  return out;
}

} // namespace tickplant::sim
