// The request server's TCP side: connections, framing, responses, heartbeats. Decisions are the desk's.
#pragma once

#include "tickplant_sim/nyse/request_desk.hpp"
#include "tickplant_sim/nyse/xdp_packet.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

namespace tickplant::sim::nyse {

struct request_server_options {
  boost::asio::ip::tcp::endpoint listen;
  std::chrono::milliseconds heartbeat_interval{60'000};
  /// A client that has not answered a heartbeat after this long is disconnected.
  std::chrono::milliseconds answer_limit{5'000};
  std::size_t most_connections = 64;
};

struct request_server_counts {
  std::uint64_t connections = 0;
  std::uint64_t replaced = 0;  // by a newer connection of the same client
  std::uint64_t malformed = 0; // connections closed for what they sent
  std::uint64_t silent = 0;    // heartbeat not answered
  std::uint64_t turned_away = 0;
};

/// Lives on the loop and must outlive its work.
class request_server {
public:
  /// Takes an outcome whose data shall go out after the wait.
  using take_outcome = std::function<void(const desk_outcome&, std::chrono::milliseconds)>;

  /// Binds at once (port 0 picks one); throws `boost::system::system_error` when that fails.
  request_server(boost::asio::io_context& io, const request_server_options& options, request_desk& desk,
                 take_outcome take);
  ~request_server();

  void start() { accept(); }
  void stop();
  boost::asio::ip::tcp::endpoint endpoint() const { return endpoint_; }
  const request_server_counts& counts() const noexcept { return counts_; }

private:
  class session;
  void accept();
  void on_message(session& from, std::span<const std::uint8_t> message, std::uint32_t request);
  void claim(session& by, const std::string& source);

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint endpoint_;
  request_server_options options_;
  request_desk& desk_;
  take_outcome take_;
  request_server_counts counts_;
  std::vector<std::weak_ptr<session>> sessions_;
};

} // namespace tickplant::sim::nyse
