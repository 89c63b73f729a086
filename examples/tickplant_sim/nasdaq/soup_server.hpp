// The sockets of a SoupBinTCP service, live flow or GLIMPSE: accepts clients and carries their bytes to a conversation
// each and back. Lives on the loop; at most 64 connections.
#pragma once

#include "tickplant_sim/nasdaq/soup_conversation.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

namespace tickplant::sim::nasdaq {

class soup_server {
public:
  static constexpr std::size_t most_connections = 64;

  /// Binds at once (port 0 picks one); throws `boost::system::system_error` when that fails. `offer` outlives it.
  soup_server(boost::asio::io_context& io, const boost::asio::ip::tcp::endpoint& at, const soup_offer& offer,
              service_faults faults);
  ~soup_server();

  void start();
  /// Says what is still to be said, as far as it fits at once, and closes.
  void stop();
  boost::asio::ip::tcp::endpoint endpoint() const { return at_; }
  const soup_counts& counts() const noexcept { return counts_; }
  nlohmann::json summary() const;

private:
  class connection;

  void accept();
  void wait_for_tick();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint at_;
  boost::asio::steady_timer timer_;
  const soup_offer& offer_;
  service_faults faults_;
  soup_counts counts_;
  std::vector<std::shared_ptr<connection>> connections_;
  std::uint64_t turned_away_ = 0;
  bool stopping_ = false;
};

} // namespace tickplant::sim::nasdaq
