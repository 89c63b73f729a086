// Serves the control API over HTTP on loopback.
#pragma once

#include "tickplant_sim/control/api.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace tickplant::sim::control {

/// Lives on the loop. At most 32 connections; a request has no body, and a header of 8 KiB at most.
class port {
public:
  /// Binds at once (port 0 picks one); throws `boost::system::system_error` when that fails. `requests` must outlive
  /// the loop's work.
  port(boost::asio::io_context& io, const boost::asio::ip::tcp::endpoint& at, api& requests);
  ~port();

  void start() { accept(); }
  void stop();
  nlohmann::json ready_line() const;

private:
  class connection;
  void accept();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint endpoint_;
  api& api_;
  std::vector<std::weak_ptr<connection>> connections_;
};

} // namespace tickplant::sim::control
