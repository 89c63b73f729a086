// Cuts a file whose two-byte length prefixes are all zero into messages: their length follows from their type. Such a
// file is not BinaryFILE, but one widely used test file looks so (specification notes, section 6).
#pragma once

#include "itch_messages.hpp"

#include <span>

namespace tickplant::nasdaq {

/// Fed with chunks of the file; keeps what a chunk's end cuts off, at most one record. One thread, no allocation.
class record_cutter {
public:
  /// Calls `deliver(data, size)` per message. False at a record that cannot be cut: a prefix that is not zero, or an
  /// unknown type. Nothing behind it can be read.
  template <class Deliver>
  bool feed(std::span<const uint8_t> chunk, Deliver&& deliver) {
    while (!chunk.empty() && !broken_) {
      if (kept_ == 0) {
        const size_t whole = record_size(chunk);
        if (broken_) break;
        if (whole != 0 && whole <= chunk.size()) {
          deliver(chunk.data() + 2, static_cast<uint32_t>(whole - 2));
          chunk = chunk.subspan(whole);
          continue;
        }
      }
      rest_[kept_++] = chunk.front();
      chunk = chunk.subspan(1);
      const size_t whole = record_size({rest_.data(), kept_});
      if (whole == kept_) {
        kept_ = 0;
        deliver(rest_.data() + 2, static_cast<uint32_t>(whole - 2));
      }
    }
    return !broken_;
  }

  /// Whether the file ended inside a record.
  bool is_cut_off() const { return kept_ != 0; }

private:
  // Size of the record that begins here with its prefix, 0 = not known yet.
  size_t record_size(std::span<const uint8_t> at) {
    for (size_t i = 0; i < 2 && i < at.size(); ++i) broken_ |= at[i] != 0;
    if (broken_ || at.size() < 3) return 0;
    const size_t length = message_layouts[at[2]].length;
    broken_ = length == 0;
    return broken_ ? 0 : 2 + length;
  }

  std::array<uint8_t, 2 + longest_message + 64> rest_{};
  size_t kept_ = 0;
  bool broken_ = false;
};

} // namespace tickplant::nasdaq
