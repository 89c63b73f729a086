// Reads the frames of one client (RFC 6455, section 5): bytes in, whole messages and control frames out, by pulling.
// Costs one pointer while nothing is unfinished; fragments and torn frames wait in a side block.
#pragma once

#include "runtime/wire/rfc6455.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace tickplant::wire {

/// Readable bytes behind every message that is handed over, for parsers that read ahead.
inline constexpr size_t frame_padding = 64;
/// Frames of one message; those of control not counted.
inline constexpr uint32_t max_message_frames = 4096;

struct frame_event {
  enum class kind : uint8_t {
    more,    ///< all input is used up, nothing is complete
    message, ///< `code` is text or binary; `payload` the whole message, text checked to be UTF-8 unless compressed
    ping,
    pong,
    close, ///< `close_code` (1005 if the peer named none) and `payload`, the reason, checked to be UTF-8
    fault  ///< the connection must be failed with `close_code` and `why`; the reader reads no further
  };
  kind what = kind::more;
  opcode code = opcode::text;
  bool is_compressed = false; ///< RSV1 of a message's first frame (RFC 7692, section 6): who inflates checks the text
  uint16_t close_code = 0;
  std::string_view why; ///< static text
  std::span<const uint8_t> payload;
};

class frame_reader {
public:
  frame_reader();
  ~frame_reader();
  frame_reader(frame_reader&&) noexcept;
  frame_reader& operator=(frame_reader&&) noexcept;

  /// The next event of `input`, which is shortened by what was read; call until `more`, `close` or `fault`. Payloads
  /// are unmasked in place, and `frame_padding` bytes behind `input` must be readable. A view holds until the next call
  /// and as long as the input's buffer. Everything is checked before anything grows: no message above `message_limit`
  /// bytes, or in more than max_message_frames, is ever gathered (1009). With `may_compress` RSV1 on the first frame of
  /// a message is allowed.
  frame_event next(std::span<uint8_t>& input, size_t message_limit, bool may_compress = false);

  /// Whether a frame or a message is unfinished.
  bool is_partial() const { return partial_ != nullptr; }
  /// Heap bytes held.
  size_t held_bytes() const;

private:
  struct partial_input;
  std::unique_ptr<partial_input> partial_;
};

} // namespace tickplant::wire
