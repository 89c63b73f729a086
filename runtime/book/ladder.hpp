// One side of a book: which prices have a level. A window of prices around the touch is an array with an occupancy
// bitmap; every other price (far away, or between two ticks) is in a sorted overflow. The window moves when the trading
// does. Levels themselves live in the feed's level_pool and never move, so that orders may point at them.
#pragma once

#include "runtime/book/order_store.hpp"

#include <bit>
#include <cstdint>
#include <vector>

namespace tickplant::book {

class alignas(64) ladder {
public:
  /// `side`: 0 bids, 1 asks.
  explicit ladder(uint32_t side) : block_(&empty_block_), side_(side) {}
  ladder(const ladder&) = delete;
  ladder& operator=(const ladder&) = delete;

  /// The tick of the window, TP_NONE or less than 1 where it has to be found from the prices. For an empty ladder.
  void set_step(int64_t step) { step_ = step; }

  /// The level at a price, 0 = none.
  TP_HOT uint32_t find(int64_t price) const {
    const uint64_t place = place_of(price);
    return place < ladder_block::width ? block_->slots[place] : find_far(price);
  }

  /// Enters a level at a price that has none. Throws std::bad_alloc, and has changed nothing then.
  TP_HOT void insert(int64_t price, uint32_t level, book_memory& memory) {
    const uint64_t place = place_of(price);
    if (place < ladder_block::width) [[likely]]
      occupy(static_cast<uint32_t>(place), level);
    else
      insert_far(price, level, memory);
  }

  /// The price has a level.
  TP_HOT void erase(int64_t price, book_memory& memory) {
    const uint64_t place = place_of(price);
    if (place < ladder_block::width) [[likely]]
      vacate(static_cast<uint32_t>(place));
    else
      erase_far(price, memory);
  }

  bool is_empty() const { return summary_ == 0 && far_.is_empty(); }

  /// The best level, 0 = none.
  TP_HOT uint32_t best() const {
    if (summary_ == 0) return far_.is_empty() ? 0 : far_.best();
    const uint32_t place = best_place();
    if (far_best_ > key_of(price_at(place))) [[unlikely]]
      return far_.best();
    return block_->slots[place];
  }

  /// Calls `visit(level)` best first until it says false.
  template <class Visit>
  void walk(Visit&& visit) const {
    far_levels::cursor far{far_};
    for (uint32_t n = 0; n < ladder_block::words; ++n) {
      const uint32_t word = side_ == 0 ? ladder_block::words - 1 - n : n;
      for (uint64_t bits = block_->bits[word]; bits != 0;) {
        const uint32_t bit = highest_or_lowest(bits);
        bits &= ~(uint64_t{1} << bit);
        const uint32_t place = word * 64 + bit;
        for (const int64_t key = key_of(price_at(place)); far.key() > key; far.next())
          if (!visit(far.level())) return;
        if (!visit(block_->slots[place])) return;
      }
    }
    for (; !far.is_over(); far.next())
      if (!visit(far.level())) return;
  }

  /// Forgets every level and gives its window back. The levels themselves are the caller's to give back before.
  void clear(book_memory& memory);

  /// Starts the reads of what `find(price)` needs; second, of the level that it finds.
  TP_HOT void prefetch_slot(int64_t price) const { book::prefetch(&block_->slots[place_or_first(price)]); }
  TP_HOT void prefetch_bits(int64_t price) const { book::prefetch(&block_->bits[place_or_first(price) / 64]); }
  TP_HOT uint32_t guess(int64_t price) const { return block_->slots[place_or_first(price)]; }

  size_t levels_outside() const { return far_.size(); }

private:
  /// Rises with quality: the price of a bid, the negative price of an ask.
  int64_t key_of(int64_t price) const { return side_ == 0 ? price : -price; }

  /// Place in the window; `width` or more for a price outside it or between two ticks. Dividing by multiplying with the
  /// tick's inverse modulo 2^64 is exact for multiples of the tick, and gives a huge number for everything else.
  TP_HOT uint64_t place_of(int64_t price) const {
    return std::rotr((static_cast<uint64_t>(price) - base_) * inverse_, static_cast<int>(shift_));
  }
  TP_HOT uint64_t place_or_first(int64_t price) const {
    const uint64_t place = place_of(price);
    return place < ladder_block::width ? place : 0;
  }
  int64_t price_at(uint32_t place) const { return static_cast<int64_t>(base_ + place * static_cast<uint64_t>(tick_)); }

  uint32_t highest_or_lowest(uint64_t bits) const {
    return static_cast<uint32_t>(side_ == 0 ? 63 - std::countl_zero(bits) : std::countr_zero(bits));
  }
  TP_HOT uint32_t best_place() const {
    const uint32_t word = highest_or_lowest(summary_);
    return word * 64 + highest_or_lowest(block_->bits[word]);
  }
  TP_HOT void occupy(uint32_t place, uint32_t level) {
    block_->slots[place] = level;
    block_->bits[place / 64] |= uint64_t{1} << (place % 64);
    summary_ |= 1u << (place / 64);
  }
  TP_HOT void vacate(uint32_t place) {
    block_->slots[place] = 0;
    const uint64_t rest = block_->bits[place / 64] & ~(uint64_t{1} << (place % 64));
    block_->bits[place / 64] = rest;
    summary_ &= ~(static_cast<uint32_t>(rest == 0) << (place / 64));
  }

  struct placement {
    int64_t base, tick;
  };
  TP_COLD uint32_t find_far(int64_t price) const;
  TP_COLD void insert_far(int64_t price, uint32_t level, book_memory& memory);
  TP_COLD void erase_far(int64_t price, book_memory& memory);
  void place_window(book_memory& memory) noexcept;
  placement best_placement(const level_pool& levels) const;
  void move_window(placement to, book_memory& memory);
  void set_tick(int64_t tick);
  void take_far(int64_t key, uint32_t level, book_memory& memory);
  void drop_far(int64_t key, book_memory& memory);

  static ladder_block empty_block_; // read by ladders without a window, never written

  /// Without a window no price, all of them positive, is less than `width` away from this.
  static constexpr uint64_t no_base = uint64_t{1} << 63;
  bool has_window() const { return block_ != &empty_block_; }

  uint64_t base_ = no_base, inverse_ = 1;
  ladder_block* block_;
  int64_t far_best_ = INT64_MIN;
  int64_t tick_ = 1;
  uint32_t shift_ = 0, summary_ = 0, side_;
  uint32_t far_uses_ = 0; // since the window was looked at last
  int64_t step_ = 0;
  far_levels far_;
};

} // namespace tickplant::book
