// Raw deflate in pieces that can be put one behind another (RFC 1951, section 3.2). One object per group of clients,
// one thread. Memory: zlib's state for one window, (4 << window_bits) + (512 << mem_level) bytes and about 6 KiB.
//
// After each piece but the last the stream stands inside an empty stored block whose header is written and whose length
// is not: the next piece of text that is not compressed writes its own length there. A whole message ends there too, as
// RFC 7692, section 7.2.1 cuts off the length of the last empty block.
#pragma once

#include "config.hpp"

#include <cstdint>
#include <span>

#include <zlib.h>

namespace tickplant::deflate {

/// Most bytes that one piece takes; more is refused with TP_E_LIMIT.
inline constexpr size_t most_piece = 64 << 20;

/// As one stored block after another: the text in front of the first part, which begins at a block's border and ends at
/// one. Each of these answers bytes of the result; nothing is written where `out` is too small.
int64_t store_head(std::span<const uint8_t> in, std::span<uint8_t> out);
/// Fills the block that stands open, and ends at a border.
int64_t store_seam(std::span<const uint8_t> in, std::span<uint8_t> out);
/// Fills the block that stands open, and opens the one with which the message ends.
int64_t store_tail(std::span<const uint8_t> in, std::span<uint8_t> out);

class packing {
public:
  packing(const config& settings, int window_bits);
  ~packing();
  packing(const packing&) = delete;
  packing& operator=(const packing&) = delete;

  /// One element: begins at a border, refers to nothing before it, leaves a block open. What does not get smaller is
  /// stored. Bytes of the result; above the size of `out`: that much suffices. TP_E_LIMIT, TP_E_INTERNAL.
  int64_t part(std::span<const uint8_t> in, std::span<uint8_t> out) { return pack(in, out, level_, strategy_); }
  /// The same form, smaller and slower: a whole message.
  int64_t whole(std::span<const uint8_t> in, std::span<uint8_t> out);

private:
  int64_t pack(std::span<const uint8_t> in, std::span<uint8_t> out, int level, int strategy);

  z_stream stream_{};
  int level_, strategy_;
  int set_level_, set_strategy_; // what the stream is set to
};

} // namespace tickplant::deflate
