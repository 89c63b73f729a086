// The NYSE side at run time: drives the trading day by the clock, publishes the channel, serves requests.
#pragma once

#include "tickplant_sim/channel_faults.hpp"
#include "tickplant_sim/nyse/recovery_lines.hpp"
#include "tickplant_sim/nyse/request_server.hpp"
#include "tickplant_sim/nyse/trading_day.hpp"
#include "tickplant_sim/simulated_exchange.hpp"

#include <boost/asio/steady_timer.hpp>

namespace tickplant::sim::nyse {

struct exchange_options {
  std::array<datagram_line_options, 2> lines;
  datagram_line_options retransmission;
  datagram_line_options refresh;
  request_server_options server;
  desk_options desk;
  boost::asio::ip::address_v4 multicast_interface = boost::asio::ip::address_v4::loopback();
  std::size_t store_bytes = std::size_t{128} << 20;
  trading_day_options day;
  channel_fault_rates channel_faults;
  service_fault_rates service_faults;
  std::uint64_t seed = 1;
};

class exchange final : public simulated_exchange {
public:
  /// Throws `boost::system::system_error` when a socket cannot be opened or bound.
  exchange(const exchange_context& context, const exchange_options& options);

  std::string_view venue() const override { return "NYSE"; }
  void start() override;
  /// Closing auctions and states, then heartbeats for a moment.
  void stop(std::function<void()> done) override;
  std::vector<nlohmann::json> ready_lines() const override;
  nlohmann::json summary() const override;
  /// Without test symbols, which receivers hide.
  std::vector<std::string> symbols() const override;
  std::optional<truth_book> truth(std::string_view symbol, std::size_t depth) const override;

private:
  /// The answer to one refresh request, told symbol by symbol, so that each picture has its own moment.
  struct refresh_job {
    std::size_t next = 0;
    std::size_t end = 0;
    bool alone = false;
    bool stale = false;
    steady_time due{};
  };

  day_clock now() const;
  void wait_for_tick();
  void tick();
  void publish(delivery flag);
  void restart_channel();
  void add_unknown_message();
  void send_heartbeats(steady_time at);
  void take(const desk_outcome& outcome, std::chrono::milliseconds wait);
  void work_on_refreshes(steady_time at);
  void linger(int heartbeats_left);

  boost::asio::steady_timer timer_;
  const run_state& state_;
  exchange_options options_;
  trading_day day_;
  feed_channel channel_;
  retransmission_line retransmission_;
  refresh_line refresh_;
  request_desk desk_;
  request_server server_;
  sim::channel_faults faults_;
  std::deque<refresh_job> refreshes_;
  message_buffer messages_;
  steady_time started_{};
  steady_time last_sent_{};
  steady_time next_recovery_heartbeat_{};
  std::uint64_t failovers_ = 0;
  std::uint64_t cold_starts_ = 1;
  std::function<void()> done_;
};

} // namespace tickplant::sim::nyse
