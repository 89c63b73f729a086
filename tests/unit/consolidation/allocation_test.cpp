// No memory is allocated per change of a leg once a consolidated book is warm. operator new counts.
#include "tests/unit/consolidation/support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

namespace {
uint64_t allocations = 0;
[[gnu::noinline]] void release(void* memory) {
  std::free(memory);
}
} // namespace

void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, size_t) noexcept {
  release(memory);
}

using namespace tickplant;
using namespace tickplant::tests;

namespace {

TEST(ConsolidatedBookMemory, AllocatesNothingPerChangeOnceWarm) {
  consolidation::consolidated_book book{model::instrument_id{1}, listing_of({-2, -2, -4}), {}, 1};
  book.set_interest({TP_WANT_QUOTE | TP_WANT_BOOK, 5});
  std::vector<book::top_state> says(3);
  for (size_t leg = 0; leg < 3; ++leg) {
    const int64_t unit = leg == 2 ? 100 : 1;
    says[leg] = top(100'00 * unit, 5, 100'10 * unit, 7, leg == 2 ? -4 : -2);
    for (int64_t i = 0; i < 5; ++i) {
      says[leg].bids.push_back({(100'00 - i) * unit, 5, 1, 0});
      says[leg].asks.push_back({(100'10 + i) * unit, 5, 1, 0});
    }
  }
  book::publication out;
  uint64_t now = 0;
  const auto change = [&](size_t leg) {
    says[leg].bid_quantity = static_cast<int64_t>(++now % 90) + 1;
    book.take(leg, says[leg]);
    book.settle(now, now);
    book.publish(out, now);
  };
  for (size_t i = 0; i < 10; ++i) change(i % 3);
  const auto before = allocations;
  for (size_t i = 0; i < 10'000; ++i) change(i % 3);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(out.bids.size(), 5u);
}

} // namespace
