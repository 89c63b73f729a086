// The London side at run time: drives the trading day by the clock, publishes it on both lines, serves replay and
// recovery. Everything lives on the one loop.
#pragma once

#include "tickplant_sim/channel_faults.hpp"
#include "tickplant_sim/lse/recovery_service.hpp"
#include "tickplant_sim/lse/replay_service.hpp"
#include "tickplant_sim/lse/tcp_service.hpp"
#include "tickplant_sim/lse/unit_publisher.hpp"
#include "tickplant_sim/simulated_exchange.hpp"

namespace tickplant::sim::lse {

struct exchange_options {
  protocol name = protocol::mitch;
  char group = 'A'; // the FTSE 100's; the small letter stands on GTP's line B
  trading_day_options day;
  std::array<datagram_line_options, 2> lines;
  boost::asio::ip::tcp::endpoint replay;
  boost::asio::ip::tcp::endpoint recovery;
  boost::asio::ip::address_v4 multicast_interface = boost::asio::ip::address_v4::loopback();
  service_rules rules;
  channel_fault_rates channel_faults;
  service_fault_rates service_faults;
  std::uint64_t seed = 1;
  std::optional<std::int64_t> utc_offset_s; // London's rule when not given
};

class exchange final : public simulated_exchange {
public:
  /// Throws `boost::system::system_error` when a socket cannot be opened or bound.
  exchange(const exchange_context& context, const exchange_options& options);

  std::string_view venue() const override { return "LSE"; }
  void start() override;
  /// Closing auction and end of day, then heartbeats for half a second.
  void stop(std::function<void()> done) override;

  std::vector<nlohmann::json> ready_lines() const override;
  nlohmann::json summary() const override;
  /// ISINs, which name the instruments at the server too.
  std::vector<std::string> symbols() const override;
  /// Takes a ticker or an ISIN. Market orders stand at no price and are left out, and so is everything while a
  /// level-1-only auction hides the depth.
  std::optional<truth_book> truth(std::string_view symbol, std::size_t depth) const override;

private:
  feed_time now() const;
  void tick();
  void wait_for_tick();
  void publish();
  void restart_feed();
  void repeat_heartbeat(int left);

  boost::asio::steady_timer timer_;
  const run_state& state_;
  exchange_options options_;
  trading_day day_;
  message_cache cache_;
  trade_log trades_;
  message_buffer messages_;
  std::unique_ptr<market_feed> feed_;
  unit_publisher publisher_;
  std::unique_ptr<service_protocol> protocol_;
  service_desk desk_;
  replay_service replay_answers_;
  recovery_service recovery_answers_;
  tcp_service replay_;
  tcp_service recovery_;
  sim::channel_faults faults_;
  std::chrono::nanoseconds elapsed_{0}; // without frozen times
  steady_time last_tick_;
  steady_time last_sent_;
  steady_time next_picture_;
  std::uint64_t restarts_ = 0;
  std::uint64_t days_ = 0;
  std::function<void()> done_;
};

} // namespace tickplant::sim::lse
