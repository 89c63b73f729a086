// Messages of clients (RFC 7692, section 7.2.2). One object per instance, one thread; every message begins anew, as
// client_no_context_takeover is always answered. Memory: one zlib inflater, about 7 KiB and a window of 32 KiB.
#pragma once

#include <cstdint>
#include <span>

#include <zlib.h>

namespace tickplant::deflate {

class unpacking {
public:
  unpacking();
  ~unpacking();
  unpacking(const unpacking&) = delete;
  unpacking& operator=(const unpacking&) = delete;

  /// Bytes written; TP_E_LIMIT if `out` cannot hold what comes out, TP_E_ARGUMENT for bytes that are not deflate, that
  /// end inside a block, or that follow the end of the stream.
  int64_t unpack(std::span<const uint8_t> in, std::span<uint8_t> out);

private:
  enum class step : uint8_t { more, stream_end, too_much, broken };
  step feed(std::span<const uint8_t> in);

  z_stream stream_{};
  bool is_spilled_ = false; // `out` is full, and what may follow goes to spare_
  uint8_t spare_ = 0;
};

} // namespace tickplant::deflate
