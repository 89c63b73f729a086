#include "runtime/wire/frame_reader.hpp"

#include "runtime/wire/close_code.hpp"
#include "runtime/wire/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace tickplant::wire {

namespace {

constexpr size_t longest_header = 14;
constexpr uint32_t first_capacity = 512;

struct frame_header {
  opcode code = opcode::continuation;
  bool last = false, compressed = false;
  uint64_t length = 0;
  masking_key key{};
};

struct fault {
  uint16_t code = 0;
  std::string_view why;
};

frame_event failed(fault why) {
  frame_event event;
  event.what = frame_event::kind::fault;
  event.close_code = why.code;
  event.why = why.why;
  return event;
}

/// The message that a frame belongs to, before it.
struct message_so_far {
  bool is_open = false;
  uint64_t bytes = 0;
  uint32_t frames = 0;
};

constexpr fault bad_text{close_code::invalid_payload, "text is not UTF-8"};

/// Section 5.2, byte by byte: what a byte forbids is found when it arrives, so that a split of the input changes
/// nothing. Answers the header's size, 0 for "more bytes wanted", or fills `wrong`.
size_t parse_header(std::span<const uint8_t> in, const message_so_far& message, size_t message_limit, bool may_compress,
                    frame_header& out, fault& wrong) {
  if (in.empty()) return 0;
  const bool inside_message = message.is_open;
  const auto refuse = [&wrong](uint16_t code, std::string_view why) {
    wrong = {code, why};
    return size_t{0};
  };
  const unsigned first = in[0];
  const unsigned number = first & 0x0Fu;
  out.compressed = (first & 0x40u) != 0;
  // RFC 7692, section 6: RSV1 on the first frame of a message alone, never on control frames.
  const bool rsv1_is_right = may_compress && !inside_message && (number == 1 || number == 2);
  if ((first & 0x30u) != 0 || (out.compressed && !rsv1_is_right))
    return refuse(close_code::protocol_error, "reserved bits are set");
  if (number > 10 || (number > 2 && number < 8)) return refuse(close_code::protocol_error, "opcode is not known");
  out.code = static_cast<opcode>(number);
  out.last = (first & 0x80u) != 0;
  if (is_control(out.code)) {
    if (!out.last) return refuse(close_code::protocol_error, "control frame is fragmented");
  } else if (out.code == opcode::continuation) {
    if (!inside_message) return refuse(close_code::protocol_error, "continuation without a message");
    // Frames without payload would else go on for ever below any limit of bytes.
    if (message.frames >= max_message_frames)
      return refuse(close_code::message_too_big, "message is in more frames than the limit");
  } else if (inside_message) {
    return refuse(close_code::protocol_error, "message begins inside another");
  }
  if (in.size() < 2) return 0;
  if ((in[1] & 0x80u) == 0) return refuse(close_code::protocol_error, "frame is not masked");
  const unsigned short_length = in[1] & 0x7Fu;
  if (is_control(out.code) && short_length > max_control_payload)
    return refuse(close_code::protocol_error, "control frame is longer than 125 bytes");
  const size_t digits = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  if (digits == 8 && in.size() > 2 && (in[2] & 0x80u) != 0)
    return refuse(close_code::protocol_error, "length has its top bit set");
  if (in.size() < 2 + digits) return 0;
  out.length = short_length;
  if (digits != 0) {
    out.length = 0;
    for (size_t i = 0; i != digits; ++i) out.length = out.length << 8 | in[2 + i];
    if (header_size(out.length) != 2 + digits) return refuse(close_code::protocol_error, "length is not minimal");
  }
  if (!is_control(out.code) && (out.length > message_limit || message.bytes + out.length > message_limit))
    return refuse(close_code::message_too_big, "message is larger than the limit");
  if (in.size() < 2 + digits + 4) return 0;
  std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(2 + digits), 4, out.key.begin());
  return 2 + digits + 4;
}

frame_event control_event(opcode code, std::span<const uint8_t> payload) {
  frame_event event;
  event.payload = payload;
  if (code == opcode::ping || code == opcode::pong) {
    event.what = code == opcode::ping ? frame_event::kind::ping : frame_event::kind::pong;
    return event;
  }
  event.what = frame_event::kind::close;
  event.close_code = close_code::no_status;
  if (payload.empty()) return event;
  if (payload.size() == 1) return failed({close_code::protocol_error, "close code is cut short"});
  event.close_code = static_cast<uint16_t>(payload[0] << 8 | payload[1]);
  event.payload = payload.subspan(2);
  if (!may_be_sent(event.close_code)) return failed({close_code::protocol_error, "close code is not allowed"});
  if (!is_utf8(event.payload)) return failed({close_code::invalid_payload, "close reason is not UTF-8"});
  return event;
}

} // namespace

/// What is unfinished: a torn header, a torn frame, a message in fragments. A control frame may lie torn between the
/// fragments of a message, so it has a place of its own.
struct frame_reader::partial_input {
  std::unique_ptr<uint8_t[]> bytes; // of the message; grows with what arrived, not with what a header promises
  size_t size = 0, capacity = 0;
  uint64_t wanted = 0, done = 0; // payload of the frame under way
  uint32_t frames = 0;           // of the message
  frame_header frame;
  utf8_checker text;
  opcode message_code = opcode::text;
  bool compressed = false;
  bool inside_message = false, inside_frame = false, handed_over = false;
  uint8_t header_bytes = 0;
  std::array<uint8_t, longest_header> header{};
  std::array<uint8_t, max_control_payload + frame_padding> control{};

  bool checks_text() const { return message_code == opcode::text && !compressed; }

  void append(std::span<const uint8_t> more, size_t message_limit) {
    const size_t needed = size + more.size();
    if (needed + frame_padding > capacity) {
      const size_t most = std::max(message_limit, needed) + frame_padding;
      const size_t grown = std::min(most, std::max<size_t>({first_capacity, needed + frame_padding, capacity * 2}));
      auto moved = std::make_unique_for_overwrite<uint8_t[]>(grown);
      if (size != 0) std::memcpy(moved.get(), bytes.get(), size);
      bytes = std::move(moved);
      capacity = grown;
    }
    if (!more.empty()) std::memcpy(bytes.get() + size, more.data(), more.size());
    size = needed;
  }
};

frame_reader::frame_reader() = default;
frame_reader::~frame_reader() = default;
frame_reader::frame_reader(frame_reader&&) noexcept = default;
frame_reader& frame_reader::operator=(frame_reader&&) noexcept = default;

size_t frame_reader::held_bytes() const {
  return partial_ ? sizeof(partial_input) + partial_->capacity : 0;
}

frame_event frame_reader::next(std::span<uint8_t>& input, size_t message_limit, bool may_compress) {
  // The view given out last ends here, and with it the reason to keep its bytes.
  if (partial_ && partial_->handed_over) partial_.reset();
  for (;;) {
    if (!partial_ || !partial_->inside_frame) {
      if (partial_ && !partial_->inside_message && partial_->header_bytes == 0) partial_.reset();
      frame_header header;
      fault wrong;
      message_so_far message;
      if (partial_ && partial_->inside_message) message = {true, partial_->size, partial_->frames};
      const size_t kept = partial_ ? partial_->header_bytes : 0;
      if (kept == 0) {
        const size_t used = parse_header(input, message, message_limit, may_compress, header, wrong);
        if (wrong.code != 0) return failed(wrong);
        if (used == 0) {
          if (!input.empty()) {
            if (!partial_) partial_ = std::make_unique<partial_input>();
            std::copy(input.begin(), input.end(), partial_->header.begin());
            partial_->header_bytes = static_cast<uint8_t>(input.size());
            input = {};
          }
          return {};
        }
        input = input.subspan(used);
      } else {
        // A torn header: complete a copy of it, at most 14 bytes.
        const size_t more = std::min(longest_header - kept, input.size());
        std::copy_n(input.begin(), more, partial_->header.begin() + static_cast<std::ptrdiff_t>(kept));
        const auto seen = std::span<const uint8_t>{partial_->header}.first(kept + more);
        const size_t used = parse_header(seen, message, message_limit, may_compress, header, wrong);
        if (wrong.code != 0) return failed(wrong);
        if (used == 0) {
          partial_->header_bytes = static_cast<uint8_t>(kept + more);
          input = input.subspan(more);
          return {};
        }
        input = input.subspan(used - kept);
        partial_->header_bytes = 0;
      }
      const bool whole = header.length <= input.size();
      if (whole && (is_control(header.code) || (header.last && !message.is_open))) {
        const auto payload = input.first(static_cast<size_t>(header.length));
        input = input.subspan(payload.size());
        apply_mask(payload, header.key);
        if (is_control(header.code)) return control_event(header.code, payload);
        if (header.code == opcode::text && !header.compressed && !is_utf8(payload)) return failed(bad_text);
        frame_event event;
        event.is_compressed = header.compressed;
        event.what = frame_event::kind::message;
        event.code = header.code;
        event.payload = payload;
        return event;
      }
      if (!partial_) partial_ = std::make_unique<partial_input>();
      partial_->frame = header;
      partial_->wanted = header.length;
      partial_->done = 0;
      partial_->inside_frame = true;
      if (!is_control(header.code) && header.code != opcode::continuation) {
        partial_->message_code = header.code;
        partial_->compressed = header.compressed;
        partial_->inside_message = true;
        partial_->frames = 0;
        partial_->size = 0;
        partial_->text.reset();
      }
      if (!is_control(header.code)) ++partial_->frames;
    }
    partial_input& part = *partial_;
    const auto piece = input.first(static_cast<size_t>(std::min<uint64_t>(part.wanted - part.done, input.size())));
    apply_mask(piece, part.frame.key, part.done);
    input = input.subspan(piece.size());
    if (is_control(part.frame.code)) {
      std::copy(piece.begin(), piece.end(), part.control.begin() + static_cast<std::ptrdiff_t>(part.done));
    } else {
      if (part.checks_text() && !part.text.feed(piece)) return failed(bad_text);
      part.append(piece, message_limit);
    }
    part.done += piece.size();
    if (part.done != part.wanted) return {};
    part.inside_frame = false;
    if (is_control(part.frame.code))
      return control_event(part.frame.code,
                           std::span<const uint8_t>{part.control}.first(static_cast<size_t>(part.wanted)));
    if (!part.frame.last) continue;
    part.inside_message = false;
    if (part.checks_text() && !part.text.complete()) return failed(bad_text);
    std::memset(part.bytes.get() + part.size, 0, frame_padding);
    part.handed_over = true;
    frame_event event;
    event.what = frame_event::kind::message;
    event.code = part.message_code;
    event.is_compressed = part.compressed;
    event.payload = {part.bytes.get(), part.size};
    return event;
  }
}

} // namespace tickplant::wire
