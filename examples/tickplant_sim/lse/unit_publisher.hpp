// Sends the channel on lines A and B: packs messages into units, numbers them, and keeps them for replay and recovery.
#pragma once

#include "tickplant_sim/datagram_line.hpp"
#include "tickplant_sim/lse/message_cache.hpp"
#include "tickplant_sim/lse/recovery_service.hpp"
#include "tickplant_sim/lse/unit.hpp"

#include <array>

namespace tickplant::sim::lse {

class unit_publisher {
public:
  struct channel {
    message_cache& cache;
    trade_log& trades; // filled in GTP only
  };

  /// `groups` are the letters of lines A and B, which GTP tells apart. Throws `boost::system::system_error` when a
  /// socket cannot be opened. The channel's parts and `state` must outlive it.
  unit_publisher(boost::asio::io_context& io, const std::array<datagram_line_options, 2>& lines,
                 std::array<char, 2> groups, protocol name, channel parts,
                 const boost::asio::ip::address_v4& multicast_interface, const run_state& state = always_running);

  /// Numbers the messages; full units leave at once.
  void append(const message_buffer& messages);
  /// Sends what waits for a full unit.
  void flush();
  /// A unit without messages that tells the next number.
  void heartbeat();
  /// The next message has number 1.
  void restart();
  /// Sends what late lines still hold and is due; about every millisecond.
  void poll();
  /// Sends everything that lines still hold.
  void release_all();

  const datagram_line& line(std::size_t index) const noexcept { return lines_[index]; }
  const std::array<std::uint64_t, 256>& messages_by_type() const noexcept { return by_type_; }
  std::uint64_t messages() const noexcept { return messages_; }
  std::uint64_t units() const noexcept { return units_; }

private:
  void send_unit();

  std::array<datagram_line, 2> lines_;
  std::array<char, 2> groups_;
  protocol protocol_;
  channel channel_;
  unit_writer unit_;
  std::array<std::uint64_t, 256> by_type_{};
  std::uint64_t messages_ = 0;
  std::uint64_t units_ = 0;
};

} // namespace tickplant::sim::lse
