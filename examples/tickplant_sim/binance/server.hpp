// The Binance side at run time: one TCP port for stream connections and REST.
#pragma once

#include "tickplant_sim/binance/rest_api.hpp"
#include "tickplant_sim/binance/websocket_session.hpp"
#include "tickplant_sim/service_faults.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>

namespace tickplant::sim::binance {

struct server_options {
  boost::asio::ip::tcp::endpoint listen;
  session_options session;
  product which = product::spot;
  std::uint32_t weight_limit = 6000;
  std::size_t connects_limit = 300; // upgrades in five minutes
  connection_fault_rates connection_faults;
  service_fault_rates rest_faults;
  std::chrono::seconds ban{2};                // Retry-After of a 418
  std::chrono::milliseconds restart_every{0}; // all connections get notice and end; 0: never
  std::uint64_t seed = 1;
  std::size_t most_connections = 256;
};

class http_connection;

/// Plain text connections on loopback. All calls on the loop.
class server {
public:
  /// Binds at once (port 0 picks one); throws `boost::system::system_error` when that fails. `hub` must
  /// outlive `io`, whose waiting handlers hold connections; `source` must outlive the server.
  server(boost::asio::io_context& io, stream_hub& hub, feed& source, const server_options& options,
         const run_state& state = always_running);
  ~server();

  void start();
  /// Closes the port, tells stream clients (serverShutdown, close 1001) and drops REST connections.
  void stop();

  boost::asio::ip::tcp::endpoint endpoint() const { return endpoint_; }
  nlohmann::json ready_line() const;
  nlohmann::json summary() const;

private:
  friend class http_connection;

  void accept();
  void upgrade(boost::beast::tcp_stream stream, const websocket_session::request& request);
  void forget_closed();
  void wait_for_restart();
  bool may_connect();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint endpoint_;
  stream_hub& hub_;
  feed& feed_;
  server_options options_;
  const run_state& state_;
  boost::asio::steady_timer restart_timer_;
  connection_faults faults_;
  service_faults rest_faults_;
  random_source random_;
  std::deque<std::chrono::steady_clock::time_point> upgrades_;
  rest_api rest_;
  std::vector<std::weak_ptr<http_connection>> rest_connections_;
  std::vector<std::weak_ptr<websocket_session>> sessions_;
  session_counts counts_;
  std::uint64_t turned_away_ = 0;
  std::uint64_t over_connects_ = 0;
  std::uint64_t restarts_ = 0;
};

} // namespace tickplant::sim::binance
