// The Nasdaq side at run time: drives a message source by the clock, publishes on both lines, serves re-requests.
#pragma once

#include "tickplant_sim/nasdaq/message_source.hpp"
#include "tickplant_sim/nasdaq/mold_publisher.hpp"
#include "tickplant_sim/nasdaq/rerequest_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace tickplant::sim::nasdaq {

struct exchange_options {
  std::array<mold_line_options, 2> lines;
  boost::asio::ip::udp::endpoint rerequest;
  boost::asio::ip::address_v4 multicast_interface = boost::asio::ip::address_v4::loopback();
  std::string session;
  std::size_t store_bytes = std::size_t{256} << 20;
  std::optional<std::int64_t> utc_offset_s;
};

class exchange {
public:
  /// Throws `boost::system::system_error` when a socket cannot be opened or bound.
  exchange(boost::asio::io_context& io, const exchange_options& options, std::unique_ptr<message_source> source);

  void start();
  /// Ends the session in order: last messages, then end-of-session packets for half a second. Calls `done` once, from
  /// the loop.
  void stop(std::function<void()> done);
  bool at_end() const { return broken_ || source_->at_end(); }
  /// Called with a text when the source breaks; heartbeats go on. Set before `start`.
  void on_source_error(std::function<void(const std::string&)> report) { report_ = std::move(report); }

  nlohmann::json ready_line() const;
  nlohmann::json summary() const;

private:
  source_clock now() const;
  void tick();
  void wait_for_tick();
  void repeat_end_of_session(int left);
  bool pull(const std::function<void(const source_clock&)>& from_source);

  boost::asio::steady_timer timer_;
  exchange_options options_;
  std::unique_ptr<message_source> source_;
  message_store store_;
  mold_publisher publisher_;
  rerequest_server rerequest_;
  block_buffer blocks_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_sent_;
  std::function<void()> done_;
  std::function<void(const std::string&)> report_;
  bool broken_ = false;
};

} // namespace tickplant::sim::nasdaq
