// Everything sent in this session, for whoever asks again. Bounded: above the limit the oldest messages go first, and
// what is gone is not available.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace tickplant::sim {

class message_store {
public:
  explicit message_store(std::size_t limit_bytes) noexcept : limit_{limit_bytes} {}

  /// `block` is one message as the protocol packs it; it gets the next sequence number, the first is 1.
  void append(std::span<const std::uint8_t> block);
  /// Forgets everything; the next message gets number 1 again.
  void clear() noexcept {
    chunks_.clear();
    held_bytes_ = 0;
    next_ = 1;
  }

  /// The stored block, or an empty span when it was never sent or is gone. Valid until the next `append`.
  std::span<const std::uint8_t> block(std::uint64_t sequence) const noexcept;

  std::uint64_t next_sequence() const noexcept { return next_; }
  std::uint64_t first_sequence() const noexcept { return chunks_.empty() ? next_ : chunks_.front().first; }

private:
  struct chunk {
    std::uint64_t first;
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint32_t> ends;
  };
  static constexpr std::size_t chunk_bytes = 64 * 1024;

  std::size_t limit_;
  std::size_t held_bytes_ = 0;
  std::uint64_t next_ = 1;
  std::deque<chunk> chunks_;
};

} // namespace tickplant::sim
