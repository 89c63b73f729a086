// Takes one write of the server apart into the texts of its frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace tickplant::tests {

/// Whole, unmasked text frames one behind the other; throws std::logic_error for anything else.
inline void append_frame_texts(std::span<const uint8_t> frames, std::vector<std::string>& to) {
  while (!frames.empty()) {
    if (frames.size() < 2) throw std::logic_error("a broken frame");
    size_t size = frames[1], header = 2;
    if (const size_t digits = size == 126 ? 2 : size == 127 ? 8 : 0; digits != 0) {
      header += digits;
      if (frames.size() < header) throw std::logic_error("a broken frame");
      size = 0;
      for (size_t i = 2; i < header; ++i) size = size << 8 | frames[i];
    }
    if (frames[0] != 0x81 || frames.size() < header + size) throw std::logic_error("a broken frame");
    to.emplace_back(reinterpret_cast<const char*>(frames.data()) + header, size);
    frames = frames.subspan(header + size);
  }
}

} // namespace tickplant::tests
