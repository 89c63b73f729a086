// Tells a feed that has begun anew, at number 1 after a failover, from old packets that stray in and from a line that
// merely lags (notes A3 and E, sequence reset). Pure: time comes in.
#pragma once

#include "unit.hpp"

#include <algorithm>
#include <vector>

namespace tickplant::lse {

/// Keeps the units of what may be a new epoch until it is believed: several of them in order, over some time, and
/// nothing new under the old numbers meanwhile. One thread; allocates only when there is something to keep.
class restart_watch {
public:
  struct kept_unit {
    uint32_t line;
    std::vector<uint8_t> bytes;
  };

  explicit restart_watch(uint64_t window_ns) : window_ns_(window_ns < least_window ? least_window : window_ns) {}

  /// A unit of a live line that brings nothing new under the numbers in force; `line_next` is what its line expected.
  /// True if it was kept.
  bool offer(const feed_unit& unit, const uint8_t* data, size_t size, uint32_t line, uint64_t line_next,
             uint64_t now_ns) {
    if (unit.sequence >= line_next) return false;                 // its line lags, or repeats the last number
    if (unit.sequence == 1 && is_first(data, size)) return false; // overtaken, and no other one
    if (is_active() && now_ns - last_ns_ > forget_ns) clear();
    const bool begins = unit.sequence == 1 || line_next - unit.sequence > far;
    if (!is_active() || (begins && unit.sequence + far < next_ && unit.sequence < from_)) {
      if (!begins) return false;
      clear();
      from_ = next_ = unit.sequence;
      since_ns_ = now_ns;
    } else if (unit.sequence < from_ || unit.sequence > next_ + far) {
      return false;
    }
    if (unit.end() > next_ || (unit.count == 0 && unit.sequence == next_)) ++in_order_;
    next_ = std::max(next_, unit.end());
    last_ns_ = now_ns;
    if (bytes_ + size > most_bytes) return true; // the rest is a gap of the new epoch
    bytes_ += size;
    units_.push_back({line, {data, data + size}});
    return true;
  }

  /// The unit with number 1 under the numbers in force, which may come again late.
  void note_first(const uint8_t* data, size_t size) {
    first_.assign(data + std::min(size, unit_header_size), data + size);
  }

  /// New messages came under the numbers in force.
  void note_progress(uint64_t now_ns) {
    in_order_ = 0;
    since_ns_ = now_ns;
  }

  bool is_active() const { return !units_.empty(); }
  bool is_believed(uint64_t now_ns) const {
    const uint32_t wanted = from_ == 1 ? 2 : 4;
    return is_active() && in_order_ >= wanted && now_ns - since_ns_ >= window_ns_;
  }
  uint64_t window_ns() const { return window_ns_; }
  uint64_t first() const { return from_; }
  std::vector<kept_unit> take() {
    auto units = std::move(units_);
    clear();
    return units;
  }
  void clear() {
    units_.clear();
    bytes_ = 0;
    in_order_ = 0;
    from_ = next_ = 0;
  }

private:
  /// But for the header, whose letter may tell the lines apart.
  bool is_first(const uint8_t* data, size_t size) const {
    return !first_.empty() && size == first_.size() + unit_header_size &&
           std::equal(first_.begin(), first_.end(), data + unit_header_size);
  }

  static constexpr uint64_t far = 1'024, least_window = 5'000'000, forget_ns = 1'000'000'000;
  static constexpr size_t most_bytes = 1 << 20;

  uint64_t window_ns_;
  std::vector<kept_unit> units_;
  std::vector<uint8_t> first_;
  size_t bytes_ = 0;
  uint64_t from_ = 0, next_ = 0;
  uint32_t in_order_ = 0;
  uint64_t since_ns_ = 0, last_ns_ = 0;
};

} // namespace tickplant::lse
