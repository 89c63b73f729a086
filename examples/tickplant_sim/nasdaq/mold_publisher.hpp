// Sends the session on lines A and B: packs messages, numbers them, and keeps them for re-requests.
#pragma once

#include "tickplant_sim/datagram_line.hpp"
#include "tickplant_sim/message_store.hpp"
#include "tickplant_sim/nasdaq/mold_packet.hpp"

#include <array>

namespace tickplant::sim::nasdaq {

class mold_publisher {
public:
  /// Throws `boost::system::system_error` when a socket cannot be opened. `store` and `state` must outlive it.
  mold_publisher(boost::asio::io_context& io, const std::array<datagram_line_options, 2>& lines,
                 const session_name& session, message_store& store,
                 const boost::asio::ip::address_v4& multicast_interface, const run_state& state = always_running);

  /// Ends the session and begins another one, whose first message gets number 1. The store is emptied.
  void change_session(const session_name& session);

  /// Takes length-prefixed blocks; full packets leave at once. Blocks too long for a datagram are skipped and counted.
  void append(std::span<const std::uint8_t> blocks);
  /// Sends what waits for a full packet.
  void flush();
  void heartbeat();
  void end_of_session();
  /// Sends what late lines still hold and is due; about every millisecond.
  void poll();

  const datagram_line& line(std::size_t index) const noexcept { return lines_[index]; }
  const std::array<std::uint64_t, 256>& messages_by_type() const noexcept { return by_type_; }
  /// Of the running session.
  std::uint64_t messages() const noexcept { return store_.next_sequence() - 1; }
  std::uint64_t packets() const noexcept { return packets_; }
  std::uint64_t skipped() const noexcept { return skipped_; }

private:
  void send_packet();

  std::array<datagram_line, 2> lines_;
  message_store& store_;
  mold_packet packet_;
  std::array<std::uint64_t, 256> by_type_{};
  std::uint64_t packets_ = 0;
  std::uint64_t skipped_ = 0;
};

} // namespace tickplant::sim::nasdaq
