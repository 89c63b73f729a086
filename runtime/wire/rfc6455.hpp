// Frames of RFC 6455 as bytes: headers of the server's side (never masked), the client's mask, close payloads.
// Pure functions; buffers belong to the caller.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tickplant::wire {

enum class opcode : uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

constexpr bool is_control(opcode code) {
  return (static_cast<uint8_t>(code) & 8u) != 0;
}

inline constexpr size_t max_control_payload = 125;
/// The longest header that a server writes.
inline constexpr size_t max_header_size = 10;
/// The longest control frame that a server writes.
inline constexpr size_t max_control_frame = 2 + max_control_payload;

/// Bytes of the header in front of `payload` bytes (section 5.2: the shortest form that holds the length).
constexpr size_t header_size(uint64_t payload) {
  return payload <= 125 ? 2 : payload <= 0xFFFF ? 4 : 10;
}

/// Writes the header of an unfragmented frame; answers its size. `out` has room for `header_size(payload)`.
/// `compressed` sets RSV1 (RFC 7692, section 6).
size_t write_header(uint8_t* out, opcode code, uint64_t payload, bool compressed = false);

/// Appends a whole frame.
void append_frame(std::vector<uint8_t>& out, opcode code, std::span<const uint8_t> payload);
void append_frame(std::vector<uint8_t>& out, opcode code, std::string_view payload);

/// Writes a control frame; answers its size. The payload has at most 125 bytes, longer ones are cut.
size_t write_control(std::span<uint8_t, max_control_frame> out, opcode code, std::span<const uint8_t> payload);

/// Writes a close frame; answers its size. A code that must not be sent (1005, 1006, unknown ones) gives an empty
/// payload; the reason is clipped to what fits.
size_t write_close(std::span<uint8_t, max_control_frame> out, uint16_t code, std::string_view reason);

using masking_key = std::array<uint8_t, 4>;

/// Masks or unmasks in place. `offset` is the position of `data[0]` in the frame's payload.
void apply_mask(std::span<uint8_t> data, masking_key key, uint64_t offset = 0);

} // namespace tickplant::wire
