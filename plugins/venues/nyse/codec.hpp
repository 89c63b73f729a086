// The heads of Pillar packets and messages (Common Client 2.4p, sections on packet and message header) and the messages
// of the request server. Pure; a packet that does not add up is refused whole.
#pragma once

#include <tickplant/arbiter.hpp>
#include <tickplant/bytes.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tickplant::nyse {

inline constexpr size_t packet_head = 16, message_head = 4, largest_packet = 1'400;

/// Delivery flags.
enum class delivery : uint8_t {
  heartbeat = 1,
  failover = 10,
  original = 11,
  reset = 12,
  lone_retransmission = 13,
  retransmission = 15,
  lone_refresh = 17,
  refresh_start = 18,
  refresh_part = 19,
  refresh_end = 20,
  unavailable = 21
};

struct packet {
  uint64_t sequence = 0; // of the first message; next expected in a heartbeat
  uint32_t count = 0;    // of messages
  delivery flag = delivery::original;
  uint64_t send_ns = 0;
  const uint8_t* messages = nullptr; // first message; borrowed
  uint64_t end() const { return sequence + count; }
  bool is_heartbeat() const { return count == 0; }
};

/// Size of a message as it says itself, the head included.
inline uint32_t size_of(const uint8_t* message) {
  return sdk::le16(message);
}
inline uint32_t type_of(const uint8_t* message) {
  return sdk::le16(message + 2);
}
inline const uint8_t* next_message(const uint8_t* message) {
  return message + size_of(message);
}

/// Reads a packet and checks that its messages fill it exactly. Nothing for a packet to be thrown away whole: shorter
/// than it says, a message too short or running out of it, another number of messages than announced. Bytes behind
/// PktSize are ignored.
inline std::optional<packet> read_packet(const uint8_t* data, size_t size) {
  if (size < packet_head) return std::nullopt;
  const size_t whole = sdk::le16(data);
  if (whole < packet_head || whole > size) return std::nullopt;
  packet p;
  p.flag = static_cast<delivery>(data[2]);
  p.count = data[3];
  p.sequence = sdk::le32(data + 4);
  p.send_ns = uint64_t{sdk::le32(data + 8)} * 1'000'000'000 + sdk::le32(data + 12);
  p.messages = data + packet_head;
  size_t at = packet_head;
  for (uint32_t i = 0; i < p.count; ++i) {
    if (whole - at < message_head) return std::nullopt;
    const size_t length = sdk::le16(data + at);
    if (length < message_head || length > whole - at) return std::nullopt;
    at += length;
  }
  if (at != whole) return std::nullopt;
  return p;
}

/// How the arbiter walks through a packet. A message longer than any that is read is held shortened, and says so in its
/// head.
struct packet_messages {
  using packet = nyse::packet;
  const uint8_t* first(const packet& p) const { return p.messages; }
  const uint8_t* next(const uint8_t* message) const { return next_message(message); }
  std::span<const uint8_t> body(const uint8_t* message) const { return {message, size_of(message)}; }
  void shorten(uint8_t* kept, size_t size) const { sdk::put_le16(kept, static_cast<uint16_t>(size)); }
};
using arbiter = sdk::arbiter<packet_messages>;
inline constexpr size_t held_bytes = 86; // of a message that is held

// ---- the request server: what we send ----

/// Who asks, and about which channel.
struct asker {
  std::string source_id; // at most 10 characters
  uint8_t product = 11;
  uint8_t channel = 1;
};

/// A whole packet of one message; `sequence` is the client's running number.
using request_bytes = std::vector<uint8_t>;
request_bytes retransmission_request(uint32_t sequence, uint64_t now_ns, const asker& who, uint32_t from, uint32_t to);
request_bytes refresh_request(uint32_t sequence, uint64_t now_ns, const asker& who, uint32_t symbol_index);
request_bytes mapping_request(uint32_t sequence, uint64_t now_ns, const asker& who, uint32_t symbol_index);
request_bytes heartbeat_response(uint32_t sequence, uint64_t now_ns, const std::string& source_id);

// ---- and what it answers ----

/// Message 11. `status` '0' = accepted.
struct request_response {
  uint32_t request = 0, from = 0, to = 0;
  uint8_t product = 0, channel = 0;
  char status = 0;
};
std::optional<request_response> read_response(const uint8_t* message);
std::string_view meaning_of_status(char status);

/// Message 31: numbers that no retransmission will bring.
struct unavailable_range {
  uint32_t from = 0, to = 0;
  uint8_t product = 0, channel = 0;
};
std::optional<unavailable_range> read_unavailable(const uint8_t* message);

/// Message 1.
struct sequence_reset {
  uint64_t source_ns = 0;
  uint8_t product = 0, channel = 0;
};
std::optional<sequence_reset> read_reset(const uint8_t* message);

/// Message 35. The last numbers are known only in the long form, in the first packet of a symbol.
struct refresh_head {
  uint32_t current = 0, total = 0;
  std::optional<uint32_t> last_sequence;
  uint32_t last_symbol_sequence = 0;
};
std::optional<refresh_head> read_refresh_head(const uint8_t* message);

} // namespace tickplant::nyse
