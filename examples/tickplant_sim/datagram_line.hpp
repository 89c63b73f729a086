// One line of a feed as the exchange sends it: the socket, and the faults that packets meet on the way.
#pragma once

#include "tickplant_sim/faults.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace tickplant::sim {

struct datagram_line_options {
  boost::asio::ip::udp::endpoint to; // unicast or a multicast group
  line_fault_rates faults;
  std::uint64_t fault_seed = 1;
};

/// Sends synchronously without waiting: a datagram the kernel refuses is counted and counts as lost on this line.
class datagram_line {
public:
  /// Multicast leaves by `multicast_interface` with TTL 0, so it stays on this machine. Throws
  /// `boost::system::system_error` when the socket cannot be opened. `state` must outlive the line.
  datagram_line(boost::asio::io_context& io, const datagram_line_options& options,
                const boost::asio::ip::address_v4& multicast_interface, const run_state& state = always_running);

  void send(std::span<const std::uint8_t> packet, steady_time now);
  /// Sends late packets whose time has come; about every millisecond.
  void poll(steady_time now);
  /// Sends everything that still waits.
  void release_all();

  const boost::asio::ip::udp::endpoint& target() const noexcept { return to_; }
  const line_fault_counts& counts() const noexcept { return faults_.counts(); }
  nlohmann::json summary() const;

private:
  void transmit(std::span<const std::uint8_t> packet);

  boost::asio::ip::udp::socket socket_;
  boost::asio::ip::udp::endpoint to_;
  line_faults faults_;
  std::uint64_t refused_ = 0;
};

/// "udp://127.0.0.1:26400", with brackets around IPv6 addresses.
std::string udp_text(const boost::asio::ip::udp::endpoint& endpoint);

} // namespace tickplant::sim
