// Sends the session on lines A and B: packs messages, numbers them, keeps them for re-requests, and lets the faults of
// each line have their way with the packets.
#pragma once

#include "tickplant_sim/faults.hpp"
#include "tickplant_sim/nasdaq/message_store.hpp"
#include "tickplant_sim/nasdaq/mold_packet.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

namespace tickplant::sim::nasdaq {

struct mold_line_options {
  boost::asio::ip::udp::endpoint to; // unicast or a multicast group
  line_fault_rates faults;
  std::uint64_t fault_seed = 1;
};

/// Sends synchronously without waiting: a datagram the kernel refuses is counted and counts as lost on that line.
class mold_publisher {
public:
  /// Multicast leaves by `multicast_interface` with TTL 0, so it stays on this machine. Throws
  /// `boost::system::system_error` when a socket cannot be opened.
  mold_publisher(boost::asio::io_context& io, const std::array<mold_line_options, 2>& lines,
                 const session_name& session, message_store& store,
                 const boost::asio::ip::address_v4& multicast_interface);

  /// Takes length-prefixed blocks; full packets leave at once. Blocks too long for a datagram are skipped and counted.
  void append(std::span<const std::uint8_t> blocks);
  /// Sends what waits for a full packet.
  void flush();
  void heartbeat();
  void end_of_session();

  struct line_counts {
    line_fault_counts faults;
    std::uint64_t refused = 0;
  };
  line_counts line(std::size_t index) const { return {lines_[index].faults.counts(), lines_[index].refused}; }
  const std::array<std::uint64_t, 256>& messages_by_type() const noexcept { return by_type_; }
  std::uint64_t messages() const noexcept { return store_.next_sequence() - 1; }
  std::uint64_t packets() const noexcept { return packets_; }
  std::uint64_t skipped() const noexcept { return skipped_; }
  boost::asio::ip::udp::endpoint line_target(std::size_t index) const { return lines_[index].to; }

private:
  struct outgoing_line {
    boost::asio::ip::udp::socket socket;
    boost::asio::ip::udp::endpoint to;
    line_faults faults;
    std::uint64_t refused = 0;

    void send(std::span<const std::uint8_t> packet);
  };

  void send_packet();

  std::array<outgoing_line, 2> lines_;
  message_store& store_;
  mold_packet packet_;
  std::array<std::uint64_t, 256> by_type_{};
  std::uint64_t packets_ = 0;
  std::uint64_t skipped_ = 0;
};

} // namespace tickplant::sim::nasdaq
