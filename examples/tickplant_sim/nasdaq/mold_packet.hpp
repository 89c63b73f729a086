// Builds MoldUDP64 v1.00 downstream packets: session, sequence number of the first message, count, then the blocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::sim::nasdaq {

/// Fits every path with the usual Ethernet frame size, headers included.
inline constexpr std::size_t most_datagram_bytes = 1400;
inline constexpr std::size_t mold_header_bytes = 20;
inline constexpr std::size_t longest_message = most_datagram_bytes - mold_header_bytes - 2;
inline constexpr std::uint16_t end_of_session_count = 0xFFFF;

/// Ten characters, blank padded.
using session_name = std::array<char, 10>;
session_name make_session_name(std::string_view text);

/// One reusable packet. Not copied per send: `bytes` points into it until the next `begin`.
class mold_packet {
public:
  explicit mold_packet(const session_name& session);

  void begin(std::uint64_t first_sequence);
  /// `block` is one message with its two length bytes.
  bool fits(std::span<const std::uint8_t> block) const noexcept;
  /// Precondition: it fits.
  void add(std::span<const std::uint8_t> block);
  /// Turns the packet into an end-of-session marker. Precondition: nothing was added since `begin`.
  void mark_end_of_session();

  std::uint16_t count() const noexcept { return count_; }
  std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }

private:
  void write_count(std::uint16_t count) noexcept;

  std::vector<std::uint8_t> bytes_;
  std::uint16_t count_ = 0;
};

/// The first block of a run of blocks, with its length bytes; empty when the run ends inside it.
std::span<const std::uint8_t> first_block(std::span<const std::uint8_t> blocks) noexcept;

} // namespace tickplant::sim::nasdaq
