// Builds packets: the 16-byte head, then messages. Pillar Common Client 2.4p, packet header and delivery flags.
#pragma once

#include "tickplant_sim/nyse/xdp_encoder.hpp"

namespace tickplant::sim::nyse {

inline constexpr std::size_t packet_header_bytes = 16;
inline constexpr std::size_t most_packet_bytes = 1400;

enum class delivery : std::uint8_t {
  heartbeat = 1,
  failover = 10,
  original = 11,
  sequence_reset = 12,
  retransmission_only = 13,
  retransmission_part = 15,
  refresh_only = 17,
  refresh_start = 18,
  refresh_part = 19,
  refresh_end = 20,
  unavailable = 21
};

/// One reusable packet: `bytes` points into it until the next `begin`.
class xdp_packet {
public:
  xdp_packet();

  void begin(delivery flag, std::uint32_t first_sequence);
  void set_flag(delivery flag) noexcept { bytes_[2] = static_cast<std::uint8_t>(flag); }
  bool fits(std::span<const std::uint8_t> message) const noexcept {
    return bytes_.size() + message.size() <= most_packet_bytes && count_ < 255;
  }
  /// Precondition: it fits.
  void add(std::span<const std::uint8_t> message);

  std::uint8_t count() const noexcept { return count_; }
  std::uint32_t first_sequence() const noexcept { return first_sequence_; }
  std::size_t size() const noexcept { return bytes_.size(); }
  /// The finished packet, sent at this time.
  std::span<const std::uint8_t> bytes(std::int64_t unix_ns) noexcept;

private:
  message_buffer bytes_;
  std::uint32_t first_sequence_ = 0;
  std::uint8_t count_ = 0;
};

} // namespace tickplant::sim::nyse
