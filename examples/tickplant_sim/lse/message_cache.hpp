// The last 65,000 messages of the channel by their numbers, as the replay service resends them. Bounded. A replay under
// way keeps what it still has to send, whatever leaves the cache or however the channel restarts meanwhile.
#pragma once

#include "tickplant_sim/lse/message_buffer.hpp"

#include <deque>
#include <memory>

namespace tickplant::sim::lse {

class message_cache {
public:
  static constexpr std::uint32_t capacity = 65'000;

  /// Gives the message the next number; the first is 1.
  void append(std::span<const std::uint8_t> message);
  /// Numbers begin at 1 again, and nothing is left to replay.
  void restart();

  std::uint32_t next() const noexcept { return next_; }
  /// The oldest number that can still be asked for; `next` when there is none.
  std::uint32_t first() const noexcept;

private:
  struct chunk {
    std::uint32_t first = 0;
    byte_buffer bytes;
    std::vector<std::uint32_t> ends;
  };
  static constexpr std::size_t chunk_messages = 1'000;

public:
  /// A run of cached messages.
  class run {
  public:
    std::uint32_t first() const noexcept { return first_; }
    std::uint32_t count() const noexcept { return count_; }
    /// Precondition: a number of the run.
    std::span<const std::uint8_t> message(std::uint32_t sequence) const noexcept;

  private:
    friend class message_cache;
    std::uint32_t first_ = 0;
    std::uint32_t count_ = 0;
    std::vector<std::shared_ptr<const chunk>> chunks_;
  };

  bool holds(std::uint32_t sequence, std::uint32_t count) const noexcept;
  /// Precondition: `holds`.
  run take(std::uint32_t sequence, std::uint32_t count) const;

private:
  std::uint32_t next_ = 1;
  std::deque<std::shared_ptr<chunk>> chunks_;
};

} // namespace tickplant::sim::lse
