// The Binance side as one exchange: what it plays, and the port where it is served.
#pragma once

#include "tickplant_sim/binance/server.hpp"
#include "tickplant_sim/simulated_exchange.hpp"

#include <boost/asio/steady_timer.hpp>

namespace tickplant::sim::binance {

struct exchange_options {
  server_options server;
  double updates_per_second = 400;
  std::vector<std::string> recordings; // empty: synthetic markets
  double speed = 1;
  feed_faults faults;
  std::uint64_t seed = 1;
};

class exchange final : public simulated_exchange {
public:
  /// Throws `boost::system::system_error` when the port cannot be bound, `std::runtime_error` for a bad recording.
  exchange(const exchange_context& context, const exchange_options& options);

  std::string_view venue() const override { return "BINANCE"; }
  void start() override;
  void stop(std::function<void()> done) override;
  std::vector<nlohmann::json> ready_lines() const override { return {server_->ready_line()}; }
  nlohmann::json summary() const override { return server_->summary(); }
  bool plays_a_file() const override { return plays_recording_; }
  bool at_end() const override { return feed_->at_end() && hub_->waiting_bytes() == 0; }
  std::vector<std::string> symbols() const override;
  std::optional<truth_book> truth(std::string_view symbol, std::size_t depth) const override;

private:
  std::shared_ptr<stream_hub> hub_; // handed on: connections waiting in the loop leave it after this object is gone
  std::unique_ptr<feed> feed_;
  std::unique_ptr<server> server_;
  boost::asio::steady_timer timer_;
  bool plays_recording_;
};

} // namespace tickplant::sim::binance
