// The real-time channel: packs messages, numbers them, keeps them for retransmission, sends them on lines A and B.
#pragma once

#include "tickplant_sim/datagram_line.hpp"
#include "tickplant_sim/message_store.hpp"
#include "tickplant_sim/nyse/xdp_packet.hpp"

#include <array>
#include <map>

namespace tickplant::sim::nyse {

class feed_channel {
public:
  /// Throws `boost::system::system_error` when a socket cannot be opened. `state` must outlive it.
  feed_channel(boost::asio::io_context& io, const std::array<datagram_line_options, 2>& lines,
               const boost::asio::ip::address_v4& multicast_interface, std::size_t store_bytes,
               const run_state& state = always_running);

  /// Takes whole messages; full packets leave at once.
  void append(std::span<const std::uint8_t> messages, delivery flag, std::int64_t unix_ns);
  /// Sends what waits for a full packet.
  void flush(std::int64_t unix_ns);
  /// Says the next number without using it.
  void heartbeat(std::int64_t unix_ns);
  /// Restarts the numbering with this message, which gets number 1 and leaves alone, `repeats` times in all.
  void reset(std::span<const std::uint8_t> message, delivery flag, int repeats, std::int64_t unix_ns);
  /// Sends what late lines hold and is due; about every millisecond.
  void poll();
  void release_all();

  std::uint32_t last_sequence() const noexcept { return static_cast<std::uint32_t>(store_.next_sequence() - 1); }
  const message_store& store() const noexcept { return store_; }
  const datagram_line& line(std::size_t i) const noexcept { return lines_[i]; }
  std::uint64_t packets() const noexcept { return packets_; }
  std::uint64_t messages() const noexcept { return messages_; }
  /// Of the whole run, over all resets.
  const std::map<std::uint16_t, std::uint64_t>& messages_by_type() const noexcept { return by_type_; }

private:
  void keep(std::span<const std::uint8_t> message);
  void send_packet(std::int64_t unix_ns);

  std::array<datagram_line, 2> lines_;
  message_store store_;
  xdp_packet packet_;
  std::uint64_t packets_ = 0;
  std::uint64_t messages_ = 0;
  std::map<std::uint16_t, std::uint64_t> by_type_;
};

} // namespace tickplant::sim::nyse
