// The Nasdaq side at run time: drives a message source by the clock, publishes on both lines, serves re-requests.
#pragma once

#include "tickplant_sim/channel_faults.hpp"
#include "tickplant_sim/nasdaq/message_source.hpp"
#include "tickplant_sim/nasdaq/mold_publisher.hpp"
#include "tickplant_sim/nasdaq/rerequest_server.hpp"
#include "tickplant_sim/nasdaq/soup_server.hpp"
#include "tickplant_sim/simulated_exchange.hpp"

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace tickplant::sim::nasdaq {

struct exchange_options {
  std::array<datagram_line_options, 2> lines;
  boost::asio::ip::udp::endpoint rerequest;
  std::optional<boost::asio::ip::tcp::endpoint> soup, glimpse;
  std::string username, password; // of both TCP services; empty: anybody
  boost::asio::ip::address_v4 multicast_interface = boost::asio::ip::address_v4::loopback();
  std::string session;
  std::size_t store_bytes = std::size_t{256} << 20;
  std::optional<std::int64_t> utc_offset_s;
  channel_fault_rates channel_faults;
  service_fault_rates rerequest_faults, soup_faults, glimpse_faults;
  std::uint64_t seed = 1;
};

class exchange final : public simulated_exchange {
public:
  /// Throws `boost::system::system_error` when a socket cannot be opened or bound. A source that breaks is reported,
  /// and heartbeats go on.
  exchange(const exchange_context& context, const exchange_options& options, std::unique_ptr<message_source> source);

  std::string_view venue() const override { return "NASDAQ"; }
  void start() override;
  /// Ends the session in order: last messages, then end-of-session packets for half a second.
  void stop(std::function<void()> done) override;
  bool plays_a_file() const override { return source_->flow() == nullptr; }
  bool at_end() const override { return broken_ || source_->at_end(); }

  std::vector<nlohmann::json> ready_lines() const override;
  nlohmann::json summary() const override;
  std::vector<std::string> symbols() const override;
  std::optional<truth_book> truth(std::string_view symbol, std::size_t depth) const override;

private:
  source_clock now() const;
  void tick();
  void wait_for_tick();
  void repeat_end_of_session(int left);
  bool pull(const std::function<void(const source_clock&)>& from_source);
  void add_unknown_message();
  void change_session();
  std::shared_ptr<const block_buffer> picture();
  void keep_picture();

  boost::asio::steady_timer timer_;
  const run_state& state_;
  exchange_options options_;
  std::unique_ptr<message_source> source_;
  message_store store_;
  mold_publisher publisher_;
  rerequest_server rerequest_;
  soup_offer live_, pictures_;
  std::optional<soup_server> soup_, glimpse_;
  service_faults stale_;
  std::shared_ptr<const block_buffer> old_picture_;
  std::chrono::steady_clock::time_point old_picture_at_;
  sim::channel_faults faults_;
  block_buffer blocks_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_sent_;
  std::function<void()> done_;
  std::function<void(const std::string&)> report_;
  std::uint64_t sessions_ = 1;
  bool broken_ = false;
};

} // namespace tickplant::sim::nasdaq
