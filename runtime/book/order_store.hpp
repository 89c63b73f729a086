// The records that books are made of: orders, price levels, and the blocks of the price ladders. One set per feed, so
// that an order is 32 bytes and finds its level, queue neighbours and book without a search. One order_store per
// channel.
#pragma once

#include "runtime/book/block_pool.hpp"
#include "runtime/book/far_levels.hpp"
#include "runtime/book/order_index.hpp"
#include "runtime/book/reserved_array.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace tickplant::book {

/// Place 0 of every pool is a dummy: links to it may be followed and written, which saves the branches.
struct order {
  uint64_t ref;
  int64_t quantity;
  uint32_t level;
  uint32_t previous, next; // in the queue of the level; `next` links free records
  uint32_t participant;    // text handle, 0 = not told
};
static_assert(sizeof(order) == 32);

struct level {
  int64_t quantity, price;
  uint32_t orders;     // how many; of a price-level book as the venue says, 0 = not told
  uint32_t head, tail; // the queue, oldest first; `head` links free levels
  uint32_t owner;      // instrument number, owner_unpriced, side
};
static_assert(sizeof(level) == 32);

/// The parts of `level::owner`. Unpriced levels hold market orders, which are outside the price levels.
inline constexpr uint32_t owner_side = 1, owner_unpriced = 2, owner_shift = 2;
inline constexpr uint32_t most_instruments = 1u << 20;
inline constexpr uint32_t most_index_pages = 32'768; // of a channel, 32 KiB each
inline constexpr uint32_t owner_of(uint32_t number, uint32_t side) {
  return number << owner_shift | side;
}

/// A bounded pool of records with a free list in last-freed, first-taken order, which keeps them in the cache.
template <class T, uint32_t T::*Link>
class record_pool {
public:
  /// Sets `shortage` when `make_ready` should be called.
  record_pool(size_t capacity, bool& shortage) : shortage_(&shortage), most_(static_cast<uint32_t>(capacity)) {}

  /// A record with old contents; 0 if the pool is exhausted. Throws std::bad_alloc when the first one cannot be had.
  TP_HOT uint32_t take() {
    if (free_ == 0) [[unlikely]]
      refill();
    const uint32_t slot = free_;
    free_ = records_[slot].*Link;
    in_use_ += slot != 0;
    return slot;
  }
  TP_HOT void give(uint32_t slot) {
    records_[slot].*Link = free_;
    free_ = slot;
    --in_use_;
  }
  T& operator[](uint32_t slot) { return records_[slot]; }
  const T& operator[](uint32_t slot) const { return records_[slot]; }
  uint32_t next_free() const { return free_; }
  size_t in_use() const { return in_use_; }

  /// The dummy exists from here on; before it, the pool costs nothing.
  void open() {
    if (!records_) records_ = reserved_array<T>(size_t{most_} + 1);
  }

  /// Makes the memory present that will be touched next, where half of what is present is used.
  void make_ready() {
    if (made_ != 0 && present_.use(bytes_made())) present_.extend_to(bytes_made() + huge_page, records_);
  }
  /// Makes memory present for the first records.
  void make_present(size_t bytes) { present_.extend_to(bytes, records_); }

private:
  TP_COLD void refill() {
    open();
    constexpr uint32_t batch = 4096;
    const uint32_t first = made_ + 1, last = most_ - made_ > batch ? made_ + batch : most_;
    for (uint32_t slot = first; slot <= last; ++slot) records_[slot].*Link = slot < last ? slot + 1 : 0;
    made_ = last;
    free_ = first <= last ? first : 0;
    if (present_.use(bytes_made())) *shortage_ = true;
    // An exhausted pool hands out the dummy, whose link has to be 0 for the next asker.
    records_[0].*Link = 0;
  }

  size_t bytes_made() const { return (size_t{made_} + 1) * sizeof(T); }

  reserved_array<T> records_;
  present_part present_;
  bool* shortage_;
  uint32_t most_, made_ = 0, free_ = 0;
  size_t in_use_ = 0;
};

using order_pool = record_pool<order, &order::next>;
using level_pool = record_pool<level, &level::head>;

/// The window of a ladder: allocated when a book gets its first level.
struct ladder_block {
  static constexpr uint32_t width = 1024, words = width / 64;
  uint64_t bits[words];
  uint32_t slots[width]; // level of base + place * tick, 0 = none
};
using ladder_blocks = block_pool<ladder_block>;

/// A level that changes between a ladder's window and its overflow.
struct moved_level {
  int64_t key;
  uint32_t level;
};

struct book_memory {
  book_memory(size_t most_orders, size_t most_levels)
    : orders(most_orders, is_short), levels(most_levels, is_short), blocks(is_short), far(is_short) {}
  book_memory(const book_memory&) = delete;
  book_memory& operator=(const book_memory&) = delete;

  bool is_short = false; // one of the tables will soon touch memory that is not present
  order_pool orders;
  level_pool levels;
  ladder_blocks blocks;
  far_runs far;
  std::vector<moved_level> moving; // of a ladder whose window moves
  uint64_t hidden_tops = 0;        // publications without the best of a side, which is outside of its price band
};

/// The orders of one channel: its references, and the feed's records.
class order_store {
public:
  order_store(bool is_dense, book_memory& shared)
    : index(is_dense, most_index_pages, &shared.is_short), memory(&shared) {}
  /// Whether the order's book is known: the number of its instrument, `no_instrument` for an unknown reference.
  uint32_t instrument_of(uint64_t ref) const {
    const uint32_t slot = index.find(ref);
    return slot == 0 ? no_instrument : memory->levels[memory->orders[slot].level].owner >> owner_shift;
  }
  static constexpr uint32_t no_instrument = 0xFFFFFFFFu;

  order_index index;
  book_memory* memory;
};

} // namespace tickplant::book
