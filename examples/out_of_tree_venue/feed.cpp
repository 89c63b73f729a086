#include "feed.hpp"

#include <algorithm>

namespace harbour {

bool feed::take(std::span<const uint8_t> datagram) {
  if (datagram.size() < header_bytes || datagram[0] != 'H' || datagram[1] != 'B' || datagram[3] != 0) return false;
  const size_t count = datagram[2];
  const auto session = sdk::le32(&datagram[4]);
  const auto first = sdk::le64(&datagram[8]);
  if (session == 0 || first == 0) return false;
  // The whole datagram is looked at before anything of it is used.
  size_t at = header_bytes;
  for (size_t i = 0; i < count; ++i) {
    if (at >= datagram.size() || datagram[at] < 2 || datagram[at] > datagram.size() - at) return false;
    at += datagram[at];
  }
  if (at != datagram.size()) return false;
  if (session != session_) {
    // One datagram of another session may be a stray; the second one is the word of the venue.
    if (session_ != 0 && stranger_ != session) {
      stranger_ = session;
      return true;
    }
    begin(session);
  }
  if (first > next_ + furthest) return false;
  stranger_ = 0;
  if (count == 0) {
    highest_ = std::max(highest_, first - 1);
    return true;
  }
  highest_ = std::max(highest_, first + count - 1);
  at = header_bytes;
  for (size_t i = 0; i < count; ++i) {
    one(first + i, datagram.subspan(at, datagram[at]));
    at += datagram[at];
  }
  drain();
  return true;
}

void feed::begin(uint32_t session) {
  const bool is_first = session_ == 0;
  session_ = session;
  next_ = 1;
  highest_ = 0;
  held_.clear();
  if (!is_first) restarted();
}

void feed::one(uint64_t number, std::span<const uint8_t> message) {
  if (number < next_) return;
  if (number == next_) {
    ++next_;
    deliver(number, message);
  } else if (held_.size() < most_held) {
    held_.try_emplace(number, message.begin(), message.end());
  }
}

void feed::drain() {
  while (!held_.empty() && held_.begin()->first <= next_) {
    const auto first = held_.extract(held_.begin());
    if (first.key() < next_) continue;
    ++next_;
    deliver(first.key(), first.mapped());
  }
}

void feed::skip_hole() {
  next_ = std::max(next_, end_of_hole());
  drain();
}

} // namespace harbour
