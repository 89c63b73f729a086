// The retransmission line and the refresh line: answers to everybody's requests, seen by all, each line with faults and
// a heartbeat of its own. Pillar Common Client 2.4p, retransmission and refresh.
#pragma once

#include "tickplant_sim/datagram_line.hpp"
#include "tickplant_sim/nyse/feed_channel.hpp"
#include "tickplant_sim/nyse/recovery_packets.hpp"

#include <deque>

namespace tickplant::sim::nyse {

/// Packets that a request has led to, in the order of sending. Bounded: more than `most_waiting` packets are dropped,
/// as if lost.
class recovery_line {
public:
  static constexpr std::size_t most_waiting = 20'000;

  recovery_line(boost::asio::io_context& io, const datagram_line_options& options,
                const boost::asio::ip::address_v4& multicast_interface, const run_state& state)
    : line_{io, options, multicast_interface, state} {}

  /// The packet leaves at `due` or soon after; its send time is that of the call.
  void enqueue(std::span<const std::uint8_t> packet, steady_time due);
  /// Sends what is due, at most as much as a receiver's buffer takes at once.
  void poll(steady_time now);
  void send(std::span<const std::uint8_t> packet, steady_time now) { line_.send(packet, now); }

  const datagram_line& line() const noexcept { return line_; }
  std::uint64_t dropped() const noexcept { return dropped_; }
  bool idle() const noexcept { return waiting_.empty(); }

private:
  struct waiting_packet {
    message_buffer bytes;
    steady_time due;
  };

  datagram_line line_;
  std::deque<waiting_packet> waiting_;
  std::uint64_t dropped_ = 0;
};

/// Original messages with their original numbers, flag 13 or 15; what is not stored is told by 31 with flag 21.
class retransmission_line : public recovery_line {
public:
  using recovery_line::recovery_line;

  void retransmit(const message_store& store, std::uint32_t begin, std::uint32_t end, steady_time due,
                  std::int64_t unix_ns);
  void tell_unavailable(std::uint32_t begin, std::uint32_t end, steady_time due, std::int64_t unix_ns);
  /// With the real-time channel's next number, for receivers that take this line as a third one.
  void heartbeat(std::uint32_t next_sequence, std::int64_t unix_ns);

private:
  xdp_packet packet_;
};

/// Pictures of symbols: 35, 3, 105, 34, then a 106 for each order. Has a sequence of its own.
class refresh_line : public recovery_line {
public:
  using recovery_line::recovery_line;

  using place = refresh_place;

  void refresh(market& source, std::size_t i, std::uint32_t last_sequence, place where, steady_time due,
               std::int64_t unix_ns);
  /// All mappings or one, without 35.
  void tell_mappings(market& source, std::size_t first, std::size_t count, steady_time due, std::int64_t unix_ns);
  void heartbeat(std::int64_t unix_ns);

private:
  void leave(steady_time due, std::int64_t unix_ns);

  xdp_packet packet_;
  std::uint32_t next_ = 1;
};

} // namespace tickplant::sim::nyse
