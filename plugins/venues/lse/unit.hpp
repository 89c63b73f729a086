// The unit: an eight-byte header and messages back to back, the same for MITCH and GTP and on all channels; only the
// width of a message's length differs. Pure.
#pragma once

#include <tickplant/arbiter.hpp>
#include <tickplant/bytes.hpp>

#include <cstddef>
#include <optional>
#include <span>

namespace tickplant::lse {

inline constexpr size_t unit_header_size = 8;
inline constexpr size_t largest_unit = 65'535;

/// How many bytes the length in front of a message has.
enum class length_field : uint8_t { one_byte = 1, two_bytes = 2 };

inline uint32_t message_size(const uint8_t* message, length_field width) {
  return width == length_field::one_byte ? message[0] : sdk::le16(message);
}

struct feed_unit {
  uint64_t sequence = 0; // of the first message; the next one expected where there is none
  uint32_t count = 0;    // 0: heartbeat
  char group = 0;
  bool has_trailing = false;         // bytes behind the unit: more of them than one may be in a datagram
  const uint8_t* messages = nullptr; // the first; borrowed
  uint64_t end() const { return sequence + count; }
};

/// Reads a unit out of a datagram, or off the front of a stream, and checks that every message that it announces lies
/// inside it. Nothing for one that must be thrown away whole: cut off, or with a message that is too short to have a
/// type or runs past the end.
inline std::optional<feed_unit> read_unit(const uint8_t* data, size_t size, length_field width) {
  if (size < unit_header_size) return std::nullopt;
  const size_t length = sdk::le16(data);
  if (length < unit_header_size || length > size) return std::nullopt;
  feed_unit unit{sdk::le32(data + 4), data[2], static_cast<char>(data[3]), length < size, data + unit_header_size};
  const auto prefix = static_cast<size_t>(width);
  size_t at = unit_header_size;
  for (uint32_t i = 0; i < unit.count; ++i) {
    if (length - at < prefix + 1) return std::nullopt;
    const size_t message = message_size(data + at, width);
    if (message < prefix + 1 || message > length - at) return std::nullopt;
    at += message;
  }
  return unit;
}

/// How the arbiter walks through a unit.
struct unit_messages {
  using packet = feed_unit;
  length_field width;
  const uint8_t* first(const feed_unit& unit) const { return unit.messages; }
  const uint8_t* next(const uint8_t* message) const { return message + message_size(message, width); }
  std::span<const uint8_t> body(const uint8_t* message) const { return {message, message_size(message, width)}; }
};
using arbiter = sdk::arbiter<unit_messages>;

} // namespace tickplant::lse
