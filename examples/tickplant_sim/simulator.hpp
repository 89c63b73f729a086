// All services of one run on one loop: builds them from the options, starts and stops them, sums up.
#pragma once

#include "tickplant_sim/options.hpp"

namespace tickplant::sim {

class simulator {
public:
  /// Binds everything; throws what the parts throw. `hub` must outlive `io`. Errors at run time go to `report`.
  simulator(boost::asio::io_context& io, binance::stream_hub& hub, const options& wanted,
            std::function<void(const std::string&)> report);
  ~simulator();

  void start();
  /// Orderly stop of all services; stops the loop within two seconds.
  void stop();

  /// One JSON object per service.
  std::vector<nlohmann::json> ready_lines() const;
  nlohmann::json summary() const;

private:
  void make_binance_feed(const options& wanted, const std::function<void(const std::string&)>& report);
  void wait_for_end();
  bool all_files_played() const;
  void leave_when_quiet();

  boost::asio::io_context& io_;
  binance::stream_hub& hub_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<nasdaq::exchange> nasdaq_;
  std::unique_ptr<binance::feed> feed_;
  std::unique_ptr<binance::server> binance_;
  bool plays_day_file_;
  bool plays_recording_;
  bool exit_at_end_;
  bool stopping_ = false;
};

} // namespace tickplant::sim
