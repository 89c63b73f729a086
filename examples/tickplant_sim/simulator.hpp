// One run: the loop, the exchanges on it, and what is common to them.
#pragma once

#include "tickplant_sim/control/port.hpp"
#include "tickplant_sim/options.hpp"

#include <boost/asio/steady_timer.hpp>

namespace tickplant::sim {

/// Not thread safe; everything lives on the loop that `run` turns.
class simulator {
public:
  /// Binds everything; throws what the parts throw. Errors at run time go to `report`.
  simulator(const options& wanted, std::function<void(const std::string&)> report);
  ~simulator();

  boost::asio::io_context& io() noexcept { return io_; }
  void start();
  /// Returns after `stop`, when everything has ended.
  void run() { io_.run(); }
  /// Orderly stop of all services; stops the loop within two seconds.
  void stop();

  /// One JSON object per service.
  std::vector<nlohmann::json> ready_lines() const;
  nlohmann::json summary() const { return api_.summary(); }

private:
  bool all_files_played() const;
  void wait_for_end();
  void one_has_stopped();

  // Waiting handlers go with the loop and may still use what is kept here, so it is destroyed last.
  std::vector<std::shared_ptr<void>> beyond_loop_;
  boost::asio::io_context io_{1};
  run_state state_;
  boost::asio::steady_timer timer_{io_};
  std::vector<std::unique_ptr<simulated_exchange>> exchanges_;
  control::api api_;
  std::optional<control::port> control_;
  std::size_t running_ = 0;
  bool exit_at_end_;
  bool stopping_ = false;
};

} // namespace tickplant::sim
