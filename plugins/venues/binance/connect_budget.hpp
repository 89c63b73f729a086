// How often connections may be opened: at most so many tries in any five minutes, of all connections of an instance
// together (venue document, A4). Pure; times in ns since 1970.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

namespace tickplant::binance {

class connect_budget {
public:
  static constexpr uint64_t window_ns = 300'000'000'000;

  explicit connect_budget(uint32_t limit) : limit_(std::max(limit, 1u)) {}

  /// Takes one try; false if that would be one too many.
  bool take(uint64_t now_ns) {
    while (!tries_.empty() && tries_.front() + window_ns <= now_ns) tries_.pop_front();
    if (tries_.size() >= limit_) return false;
    tries_.push_back(now_ns);
    return true;
  }
  /// When `take` may succeed.
  uint64_t next_ns(uint64_t now_ns) const {
    if (tries_.size() < limit_) return now_ns;
    return std::max(now_ns, tries_[tries_.size() - limit_] + window_ns);
  }

private:
  uint32_t limit_;
  std::deque<uint64_t> tries_; // never more than the limit
};

} // namespace tickplant::binance
