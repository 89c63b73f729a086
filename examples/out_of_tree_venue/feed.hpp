// Lines A and B made one: each message once and in order, whichever line brings it first. Holds what lies behind a hole
// for as long as its owner waits, and no more than `most_held` messages. Pure: bytes in, calls out.
#pragma once

#include "protocol.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

namespace harbour {

class feed {
public:
  static constexpr size_t most_held = 4'096;
  static constexpr uint64_t furthest = 100'000; // numbers further ahead are no loss but nonsense

  /// One message, with its number.
  std::function<void(uint64_t number, std::span<const uint8_t> message)> deliver;
  /// Another session: numbers begin anew.
  std::function<void()> restarted;

  /// False if the datagram is none of this protocol, or damaged: then it counts as not received.
  bool take(std::span<const uint8_t> datagram);

  bool has_hole() const { return highest_ >= next_; }
  uint64_t next() const { return next_; }
  /// The first number behind the hole that stands open.
  uint64_t end_of_hole() const { return held_.empty() ? highest_ + 1 : held_.begin()->first; }
  /// Gives the hole up and delivers what lies behind it.
  void skip_hole();
  bool has_begun() const { return session_ != 0; }

private:
  void begin(uint32_t session);
  void one(uint64_t number, std::span<const uint8_t> message);
  void drain();

  uint32_t session_ = 0, stranger_ = 0;
  uint64_t next_ = 1;    // the number that is due
  uint64_t highest_ = 0; // the highest that is known to exist
  std::map<uint64_t, std::vector<uint8_t>> held_;
};

} // namespace harbour
