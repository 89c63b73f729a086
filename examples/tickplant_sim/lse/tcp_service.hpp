// The sockets of a replay or recovery service: accepts clients, carries their bytes to a conversation each and back.
// Lives on the loop; at most 64 connections.
#pragma once

#include "tickplant_sim/lse/conversation.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

namespace tickplant::sim::lse {

/// Everything about a service that its connections share.
struct service_setup {
  const service_protocol& protocol;
  answer_service& answers;
  service_desk& desk;
  service_faults faults;
  char group;
};

class tcp_service {
public:
  static constexpr std::size_t most_connections = 64;

  /// Binds at once (port 0 picks one); throws `boost::system::system_error` when that fails. What `setup` refers to
  /// must outlive it.
  tcp_service(boost::asio::io_context& io, const boost::asio::ip::tcp::endpoint& at, const service_setup& setup);
  ~tcp_service();

  void start();
  /// Closes everything at once.
  void stop();
  boost::asio::ip::tcp::endpoint endpoint() const { return at_; }
  const service_counts& counts() const noexcept { return counts_; }
  const service_fault_counts& fault_counts() const noexcept { return faults_.counts(); }
  nlohmann::json summary() const;

private:
  class connection;

  void accept();
  void wait_for_tick();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint at_;
  boost::asio::steady_timer timer_;
  service_setup setup_;
  service_faults faults_;
  service_counts counts_;
  std::vector<std::shared_ptr<connection>> connections_;
  std::uint64_t turned_away_ = 0;
  bool stopping_ = false;
};

} // namespace tickplant::sim::lse
