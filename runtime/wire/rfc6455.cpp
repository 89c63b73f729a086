#include "runtime/wire/rfc6455.hpp"

#include "runtime/wire/close_code.hpp"

#include <algorithm>
#include <cstring>

namespace tickplant::wire {

namespace {
constexpr unsigned fin_bit = 0x80, compressed_bit = 0x40;

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
} // namespace

size_t write_header(uint8_t* out, opcode code, uint64_t payload, bool compressed) {
  out[0] = static_cast<uint8_t>(fin_bit | (compressed ? compressed_bit : 0u) | static_cast<unsigned>(code));
  if (payload <= 125) {
    out[1] = static_cast<uint8_t>(payload);
    return 2;
  }
  const bool is_long = payload > 0xFFFF;
  out[1] = is_long ? 127 : 126;
  const size_t digits = is_long ? 8 : 2;
  for (size_t i = 0; i != digits; ++i) out[2 + i] = static_cast<uint8_t>(payload >> (8 * (digits - 1 - i)));
  return 2 + digits;
}

void append_frame(std::vector<uint8_t>& out, opcode code, std::span<const uint8_t> payload) {
  const size_t start = out.size(), header = header_size(payload.size());
  out.resize(start + header + payload.size());
  write_header(out.data() + start, code, payload.size());
  if (!payload.empty()) std::memcpy(out.data() + start + header, payload.data(), payload.size());
}

void append_frame(std::vector<uint8_t>& out, opcode code, std::string_view payload) {
  append_frame(out, code, bytes_of(payload));
}

size_t write_control(std::span<uint8_t, max_control_frame> out, opcode code, std::span<const uint8_t> payload) {
  const size_t size = std::min(payload.size(), max_control_payload);
  const size_t header = write_header(out.data(), code, size);
  if (size != 0) std::memcpy(out.data() + header, payload.data(), size);
  return header + size;
}

size_t write_close(std::span<uint8_t, max_control_frame> out, uint16_t code, std::string_view reason) {
  if (!may_be_sent(code)) return write_control(out, opcode::close, {});
  std::array<uint8_t, max_control_payload> payload;
  const std::string_view clipped = clip_reason(reason);
  payload[0] = static_cast<uint8_t>(code >> 8);
  payload[1] = static_cast<uint8_t>(code & 0xFF);
  if (!clipped.empty()) std::memcpy(payload.data() + 2, clipped.data(), clipped.size());
  return write_control(out, opcode::close, std::span{payload}.first(2 + clipped.size()));
}

void apply_mask(std::span<uint8_t> data, masking_key key, uint64_t offset) {
  uint8_t turned[8];
  for (size_t i = 0; i != 8; ++i) turned[i] = key[(offset + i) & 3];
  uint64_t wide;
  std::memcpy(&wide, turned, sizeof wide);
  uint8_t* at = data.data();
  size_t left = data.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    word ^= wide;
    std::memcpy(at, &word, sizeof word);
  }
  for (size_t i = 0; i != left; ++i) at[i] = static_cast<uint8_t>(at[i] ^ turned[i]);
}

} // namespace tickplant::wire
