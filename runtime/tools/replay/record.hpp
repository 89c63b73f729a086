// What a capture consists of, and what goes wrong with one.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tickplant::replay {

/// A fault in an input file: what() is "FILE: byte OFFSET: what is wrong". Offsets of compressed files count the
/// uncompressed bytes.
struct input_fault : std::runtime_error {
  input_fault(const std::string& file, uint64_t offset, const std::string& problem)
    : std::runtime_error(file + ": byte " + std::to_string(offset) + ": " + problem) {}
};

/// IPv4 address and port, host byte order.
struct endpoint {
  uint32_t address = 0;
  uint16_t port = 0;
  friend bool operator==(const endpoint&, const endpoint&) = default;
};

enum class record_kind : uint8_t {
  file_part, // a message of a file, or a chunk of one that the plugin cuts
  datagram,  // from -> to
  segment,   // of a TCP connection, from -> to, in the order of the capture
  frame,     // a text message of a WebSocket
  answer     // a REST answer to the request for `label`
};

/// One thing that a capture brings. TP_PADDING readable bytes lie behind `data`.
struct record {
  const uint8_t* data = nullptr;
  uint32_t size = 0;
  record_kind kind = record_kind::file_part;
  bool is_truncated = false;
  uint64_t ns = 0; // the capture's clock; may go back, the player's does not
  endpoint from, to;
  std::string_view label;
  struct {
    uint32_t sequence = 0; // of the segment's first byte
    bool is_start = false, is_end = false;
  } tcp = {};
};

/// A reader of captures. One thread.
class record_source {
public:
  virtual ~record_source() = default;
  /// At most `most` records, in order, all valid until the next call; none at the end. Throws input_fault.
  virtual std::span<const record> next(size_t most) = 0;
};

} // namespace tickplant::replay
