#include "frame.hpp"

namespace tickplant::load {

namespace {

constexpr uint8_t final_bit = 0x80, first_reserved = 0x40, other_reserved = 0x30, mask_bit = 0x80;
constexpr uint64_t most_control = 125, short_length = 125, medium_length = 126;

uint64_t big_endian(std::string_view bytes, size_t from, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<uint8_t>(bytes[from + i]);
  return value;
}

void append_big_endian(std::string& to, uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) to += static_cast<char>(value >> (8 * i) & 0xff);
}

bool is_known(uint8_t code) {
  return code <= 2 || (code >= 8 && code <= 10);
}

} // namespace

header_state read_header(std::string_view bytes, frame_header& to, const char*& fault) {
  if (bytes.size() < 2) return header_state::partial;
  const auto first = static_cast<uint8_t>(bytes[0]), second = static_cast<uint8_t>(bytes[1]);
  const auto broken = [&](const char* why) {
    fault = why;
    return header_state::broken;
  };
  if ((first & other_reserved) != 0) return broken("reserved bits are set");
  if (!is_known(first & 0x0f)) return broken("unknown opcode");
  if ((second & mask_bit) != 0) return broken("a server's frame is masked");
  to.is_final = (first & final_bit) != 0;
  to.is_compressed = (first & first_reserved) != 0;
  to.code = static_cast<opcode>(first & 0x0f);
  to.payload = second;
  to.size = 2;
  if (second > short_length) {
    const size_t wide = second == medium_length ? 2 : 8;
    if (bytes.size() < 2 + wide) return header_state::partial;
    to.payload = big_endian(bytes, 2, wide);
    to.size += wide;
    if (to.payload <= (wide == 2 ? short_length : uint64_t{0xffff}))
      return broken("length is not in its shortest form");
    if (to.payload >> 63 != 0) return broken("length of 64 bits");
  }
  const bool is_control = (first & 0x08) != 0;
  if (is_control && (!to.is_final || to.is_compressed || to.payload > most_control))
    return broken("control frame is fragmented, compressed or too long");
  return header_state::whole;
}

void append_frame(std::string& to, opcode code, std::string_view payload, uint32_t mask) {
  to += static_cast<char>(final_bit | static_cast<uint8_t>(code));
  if (payload.size() <= short_length) {
    to += static_cast<char>(mask_bit | payload.size());
  } else if (payload.size() <= 0xffff) {
    to += static_cast<char>(mask_bit | 126);
    append_big_endian(to, payload.size(), 2);
  } else {
    to += static_cast<char>(mask_bit | 127);
    append_big_endian(to, payload.size(), 8);
  }
  append_big_endian(to, mask, 4);
  for (size_t i = 0; i < payload.size(); ++i)
    to += static_cast<char>(static_cast<uint8_t>(payload[i]) ^ (mask >> (24 - 8 * (i % 4)) & 0xff));
}

} // namespace tickplant::load
