// MoldUDP64 v1.00: the downstream packet (section 2.1 of the specification's layout table) and the request packet.
// Pure.
#pragma once

#include <tickplant/arbiter.hpp>
#include <tickplant/bytes.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tickplant::nasdaq {

inline constexpr size_t mold_header_size = 20;
inline constexpr uint16_t mold_end_of_session = 0xFFFF;

/// The ten session bytes, compared raw as the protocol wants it.
struct mold_session {
  uint64_t head = 0;
  uint16_t tail = 0;
  bool operator==(const mold_session&) const = default;
  /// Ten zero bytes: what anonymised captures carry instead of a session.
  bool is_blank() const { return head == 0 && tail == 0; }
  bool is_printable() const;
  std::array<char, 10> text() const;
  /// Without the blanks on either side: how SoupBinTCP's sessions compare.
  std::string name() const;
  /// Ten bytes of a name, left-justified.
  static mold_session of(std::string_view name);
};

struct mold_packet {
  mold_session session;
  uint64_t sequence = 0; // of the first message; next expected where there is none
  uint32_t count = 0;    // of messages: 0 for heartbeats and the end of session
  bool end_of_session = false;
  const uint8_t* blocks = nullptr; // first message block; borrowed
  uint64_t end() const { return sequence + count; }
};

/// Reads a packet and checks that every announced block lies inside it; nothing for a packet that must be thrown away
/// whole: shorter than its header, cut off inside a block, or numbered beyond what 64 bits can go on counting.
inline std::optional<mold_packet> read_mold(const uint8_t* data, size_t size) {
  if (size < mold_header_size) return std::nullopt;
  mold_packet packet;
  std::memcpy(&packet.session.head, data, 8);
  std::memcpy(&packet.session.tail, data + 8, 2);
  packet.sequence = sdk::be64(data + 10);
  const uint16_t count = sdk::be16(data + 18);
  packet.blocks = data + mold_header_size;
  if (packet.sequence > UINT64_MAX / 2) return std::nullopt;
  if (count == mold_end_of_session) {
    packet.end_of_session = true;
    return packet;
  }
  packet.count = count;
  size_t at = mold_header_size;
  for (uint32_t i = 0; i < count; ++i) {
    if (size - at < 2) return std::nullopt;
    at += 2u + sdk::be16(data + at);
    if (at > size) return std::nullopt;
  }
  return packet;
}

/// The block behind this one.
inline const uint8_t* next_block(const uint8_t* block) {
  return block + 2 + sdk::be16(block);
}

/// How the arbiter walks through a packet; what it holds of a message is the block without its length.
struct mold_blocks {
  using packet = mold_packet;
  const uint8_t* first(const mold_packet& of) const { return of.blocks; }
  const uint8_t* next(const uint8_t* block) const { return next_block(block); }
  std::span<const uint8_t> body(const uint8_t* block) const { return {block + 2, sdk::be16(block)}; }
};
using arbiter = sdk::arbiter<mold_blocks>;
inline constexpr size_t held_bytes = 54; // of a message that is held; nothing reads those behind them

/// Asks for `count` messages from `sequence` on (section 3.1); count must not be 0 or 65535.
std::array<uint8_t, mold_header_size> mold_request(const mold_session& session, uint64_t sequence, uint16_t count);

} // namespace tickplant::nasdaq
