// Frames as a client sends them, right or wrong on purpose, and a reader's events written down as text.
#pragma once

#include "runtime/wire/frame_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::wire::testing {

struct client_frame {
  unsigned first = 0x81; ///< FIN, reserved bits, opcode
  std::string payload;
  bool masked = true;
  int digits = -1; ///< 0, 2 or 8 bytes of length whatever the payload; -1 = minimal
  masking_key key{0x37, 0xFA, 0x21, 0x3D};
};

inline std::string bytes_of(const client_frame& frame) {
  const uint64_t size = frame.payload.size();
  const int digits = frame.digits >= 0 ? frame.digits : size <= 125 ? 0 : size <= 0xFFFF ? 2 : 8;
  std::string out;
  out += static_cast<char>(frame.first);
  const unsigned length = digits == 0 ? static_cast<unsigned>(size) : digits == 2 ? 126u : 127u;
  out += static_cast<char>((frame.masked ? 0x80u : 0u) | length);
  for (int i = digits - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i) & 0xFF);
  if (!frame.masked) return out + frame.payload;
  for (const uint8_t byte : frame.key) out += static_cast<char>(byte);
  for (size_t i = 0; i != frame.payload.size(); ++i)
    out += static_cast<char>(static_cast<uint8_t>(frame.payload[i]) ^ frame.key[i % 4]);
  return out;
}

inline std::string text(std::string payload) {
  return bytes_of({0x81, std::move(payload)});
}
inline std::string binary(std::string payload) {
  return bytes_of({0x82, std::move(payload)});
}
inline std::string frame(unsigned first, std::string payload) {
  return bytes_of({first, std::move(payload)});
}

/// Feeds `bytes` in pieces of `piece` bytes (0 = whole), each in a heap block of its own so that a sanitizer sees every
/// read beyond the padding, and answers one line per event.
inline std::vector<std::string> events_of(std::string_view bytes, size_t piece = 0, size_t limit = 65'536,
                                          bool may_compress = false) {
  std::vector<std::string> out;
  frame_reader reader;
  if (piece == 0) piece = std::max<size_t>(bytes.size(), 1);
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const auto part = bytes.substr(at, piece);
    std::vector<uint8_t> block(part.size() + frame_padding);
    std::copy(part.begin(), part.end(), block.begin());
    std::span<uint8_t> input = std::span{block}.first(part.size());
    for (;;) {
      const frame_event event = reader.next(input, limit, may_compress);
      if (event.what == frame_event::kind::more) break;
      const std::string payload(event.payload.begin(), event.payload.end());
      switch (event.what) {
        case frame_event::kind::message: {
          unsigned sum = 0;
          for (size_t i = 0; i != frame_padding; ++i) sum += event.payload.data()[event.payload.size() + i];
          out.push_back(std::string{event.is_compressed ? "compressed " : ""} +
                        (event.code == opcode::text ? "text:" : "binary:") + payload + (sum == ~0u ? "!" : ""));
          break;
        }
        case frame_event::kind::ping: out.push_back("ping:" + payload); break;
        case frame_event::kind::pong: out.push_back("pong:" + payload); break;
        case frame_event::kind::close:
          out.push_back("close:" + std::to_string(event.close_code) + ":" + payload);
          return out;
        case frame_event::kind::fault:
          out.push_back("fault:" + std::to_string(event.close_code) + ":" + std::string{event.why});
          return out;
        case frame_event::kind::more: break;
      }
    }
    if (!input.empty()) out.push_back("input left over");
  }
  return out;
}

} // namespace tickplant::wire::testing
