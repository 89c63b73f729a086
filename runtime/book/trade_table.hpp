// Counted trades of late, by instrument and trade id, so that a break or a correction can be taken out of the day's
// volume. One per feed, of fixed size: a later trade takes the place of an older one that falls on the same entry. Ids
// that rise by one fill the table in order, hence it holds about the last 131,072 trades.
#pragma once

#include "runtime/book/hot.hpp"
#include "runtime/book/reserved_array.hpp"

#include <cstdint>

namespace tickplant::book {

class trade_table {
public:
  struct entry {
    uint64_t id;
    int64_t quantity;
    uint32_t number;
    uint32_t day; // of the book's statistics, 0 = empty: a trade of a former day is not of this volume
  };

  /// Id 0 is no id, and is not kept. Throws std::bad_alloc at the first trade.
  TP_HOT void remember(uint32_t number, uint32_t day, uint64_t id, int64_t quantity) {
    if (id == 0) return;
    if (!entries_) [[unlikely]]
      open();
    entries_[place_of(number, id)] = entry{id, quantity, number, day};
  }

  /// The trade, null if it is not known any more or has never been counted.
  entry* find(uint32_t number, uint32_t day, uint64_t id) {
    if (!entries_ || id == 0) return nullptr;
    entry& e = entries_[place_of(number, id)];
    return e.id == id && e.number == number && e.day == day ? &e : nullptr;
  }

  void forget(entry& trade) { trade = entry{}; }

private:
  static constexpr size_t size = size_t{1} << 17;
  static size_t place_of(uint32_t number, uint64_t id) { return (id + number * uint64_t{40'503}) & (size - 1); }
  TP_COLD void open() { entries_ = reserved_array<entry>(size); }

  reserved_array<entry> entries_;
};

} // namespace tickplant::book
