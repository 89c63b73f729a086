// The client's side of RFC 6455 framing: frames are written masked (5.3) and read unmasked. Pure; written anew here, so
// that an error in the server's framing cannot meet the same error in its load.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tickplant::load {

/// RFC 6455, 5.2.
enum class opcode : uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct frame_header {
  bool is_final = false;
  bool is_compressed = false; ///< RSV1, which belongs to permessage-deflate (RFC 7692, 6)
  opcode code = opcode::continuation;
  uint64_t payload = 0; ///< bytes behind the header
  size_t size = 0;      ///< bytes of the header
};

enum class header_state { whole, partial, broken };

/// Reads the header at the beginning of `bytes`. `broken`: no server may send this; `fault` then says why.
header_state read_header(std::string_view bytes, frame_header& to, const char*& fault);

/// Appends one final frame, masked with `mask`.
void append_frame(std::string& to, opcode code, std::string_view payload, uint32_t mask);

} // namespace tickplant::load
