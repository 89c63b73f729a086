// The newest entries of one line as one variant prints them, one after the other, so that what any client has to get is
// one piece of it: each entry is printed once for all clients that are not far behind.
#pragma once

#include "runtime/fanout/printer.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace tickplant::fanout {

class print_log {
public:
  /// Above this many bytes the older half goes when entries come.
  static constexpr size_t most_bytes = 64 * 1024;

  bool is_for(uint32_t variant, uint64_t stamp) const { return variant_ == variant && stamp_ == stamp; }
  uint32_t variant() const { return variant_; }
  void reset(uint32_t variant, uint64_t stamp) {
    variant_ = variant;
    stamp_ = stamp;
    text_.clear();
    ends_.clear();
    first_ = next_ = 0;
    packed_.packing = UINT32_MAX; // ordinals may come again after a line began anew
    snapshot_of_ = {};
  }

  /// Ordinals of the entries that lie here.
  uint64_t first() const { return first_; }
  uint64_t next() const { return next_; }
  /// Makes ready to be read from `from` on; `write` is the number of the write that it is for. False: that entry is
  /// too old for what lies here, or to begin anew would take away what the same write has found here.
  bool begin(uint64_t from, uint64_t write) {
    if (next_ == first_ || from > next_) {
      if (next_ != first_ && used_ == write) return false;
      text_.clear();
      ends_.clear();
      first_ = next_ = from;
    }
    if (from < first_) return false;
    used_ = write;
    return true;
  }
  void trim() {
    if (text_.size() <= most_bytes) return;
    const auto count = static_cast<ptrdiff_t>(ends_.size() / 2);
    const uint32_t cut = ends_[static_cast<size_t>(count)];
    text_.erase(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(cut));
    ends_.erase(ends_.begin(), ends_.begin() + count + 1);
    for (auto& end : ends_) end -= cut;
    first_ += static_cast<uint64_t>(count) + 1;
  }
  /// Where the caller prints the next entry, which it then closes.
  bytes& text() { return text_; }
  void close_entry() {
    ends_.push_back(static_cast<uint32_t>(text_.size()));
    ++next_;
  }
  size_t offset_of(uint64_t ordinal) const { return ordinal == first_ ? 0 : ends_[ordinal - first_ - 1]; }
  size_t size_between(uint64_t from, uint64_t to) const { return offset_of(to) - offset_of(from); }
  /// The end of the longest run from `from`, at most to `to`, of no more than `most` bytes, but of one entry at least.
  uint64_t fit(uint64_t from, uint64_t to, size_t most) const {
    const size_t limit = offset_of(from) + most;
    const auto begin = ends_.begin() + static_cast<ptrdiff_t>(from - first_);
    const auto end = ends_.begin() + static_cast<ptrdiff_t>(to - first_);
    const auto fits = std::upper_bound(begin, end, limit, [](size_t a, uint32_t b) { return a < b; });
    return std::max(from + 1, first_ + static_cast<uint64_t>(fits - ends_.begin()));
  }
  std::span<const uint8_t> run(uint64_t from, uint64_t to) const {
    return std::span{text_}.subspan(offset_of(from), size_between(from, to));
  }

  /// A run as one compression packed it.
  struct packed_run {
    uint64_t from = 0, to = 0, stamp = 0; // of the packing
    uint32_t packing = UINT32_MAX;
    bytes text;
  };
  packed_run& packed() { return packed_; }

  /// The snapshot that those get who begin: of which sequence, state and tick it is.
  struct snapshot_key {
    uint64_t sequence = 0, version = 0, tick_ns = 0;
    friend bool operator==(const snapshot_key&, const snapshot_key&) = default;
  };
  /// Whether `snapshot` has to be printed; it is taken for done afterwards.
  bool is_other_snapshot(const snapshot_key& key) { return snapshot_of_ == key ? false : (snapshot_of_ = key, true); }
  bytes snapshot;

  size_t held_bytes() const {
    return text_.capacity() + ends_.capacity() * sizeof(uint32_t) + packed_.text.capacity() + snapshot.capacity();
  }

private:
  uint32_t variant_ = UINT32_MAX;
  uint64_t stamp_ = 0, first_ = 0, next_ = 0, used_ = 0;
  bytes text_;
  std::vector<uint32_t> ends_; // by entry: where its text ends
  packed_run packed_;
  snapshot_key snapshot_of_;
};

} // namespace tickplant::fanout
