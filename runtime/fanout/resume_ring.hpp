// The newest entries of one line, the oldest of which go when its bound of bytes is reached: what clients read from at
// their own places, and what those who were cut off go on from. Entries have ordinals that rise by one and never
// repeat. One thread; allocates while it grows to its bound, never beyond it, save for what one entry needs.
#pragma once

#include <tickplant/dialect.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tickplant::fanout {

struct line_entry {
  enum kind_of : uint8_t {
    delta = 0,
    print = TP_TRADE_PRINT,
    undone = TP_TRADE_BREAK,
    correction = TP_TRADE_CORRECT,
    hole
  };
  uint64_t sequence = 0, previous = 0; // it leads from the one to the other
  uint64_t conflated = 0, venue_ns = 0, trade_id = 0;
  int64_t price = TP_NONE, quantity = TP_NONE;
  uint64_t levels = 0; // place of its first, bids before asks
  uint32_t bids = 0, asks = 0, conditions = 0;
  uint8_t kind = delta; // kind_of; a hole stands for entries that never came
  uint8_t aggressor = 0;
  int8_t price_exponent = 0, quantity_exponent = 0;
};

class resume_ring {
public:
  static constexpr size_t least_bytes = 4 * 1024;

  void set_bound(size_t bytes);
  size_t bound() const { return bound_; }
  /// Memory held.
  size_t bytes() const { return entries_.size() * sizeof(line_entry) + levels_.size() * sizeof(tp_level); }

  /// Ordinals of the oldest entry, and of the next that will come.
  uint64_t first() const { return first_; }
  uint64_t next() const { return next_; }
  bool is_empty() const { return first_ == next_; }
  const line_entry& at(uint64_t ordinal) const { return entries_[ordinal & (entries_.size() - 1)]; }
  /// Its levels, bids before asks; valid until the next call.
  std::span<const tp_level> levels_of(const line_entry& entry) const;
  /// Ordinal of the oldest entry that leads beyond `sequence`; next() if none does.
  uint64_t after(uint64_t sequence) const;

  /// Whether a push would drop the oldest entry.
  bool is_full(size_t levels) const;
  void push(line_entry entry, std::span<const tp_level> bids, std::span<const tp_level> asks);
  void clear();

private:
  bool can_grow(size_t more) const { return bytes() + more <= bound_; }
  void drop_oldest();
  void grow_entries(size_t to);
  void grow_levels(size_t to);
  size_t held_levels() const { return static_cast<size_t>(level_next_ - level_first_); }
  void put(const tp_level& level) { levels_[level_next_++ & (levels_.size() - 1)] = level; }

  std::vector<line_entry> entries_; // by ordinal modulo size, a power of two
  std::vector<tp_level> levels_;    // by place modulo size, a power of two
  uint64_t first_ = 0, next_ = 0, level_first_ = 0, level_next_ = 0;
  size_t bound_ = 256 * 1024;
  mutable std::vector<tp_level> joined_; // levels that lie across the end
};

} // namespace tickplant::fanout
