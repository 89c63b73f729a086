// Frames of a client, cut into pieces at places that the input chooses.
#include "runtime/wire/frame_reader.hpp"

#include <algorithm>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tickplant::wire;
  if (size < 2) return 0;
  const size_t piece = data[0] / 2 + 1u;
  const bool may_compress = data[0] % 2 != 0;
  frame_reader reader;
  for (size_t at = 1; at < size; at += piece) {
    const size_t length = std::min(piece, size - at);
    std::vector<uint8_t> buffer(data + at, data + at + length);
    buffer.resize(length + frame_padding);
    std::span<uint8_t> input{buffer.data(), length};
    for (;;) {
      const auto event = reader.next(input, 4096, may_compress);
      if (event.what == frame_event::kind::more) break;
      if (event.what == frame_event::kind::fault || event.what == frame_event::kind::close) return 0;
      if (event.payload.size() > 4096) __builtin_trap();
    }
    if (reader.held_bytes() > 64 * 1024) __builtin_trap();
  }
  return 0;
}
