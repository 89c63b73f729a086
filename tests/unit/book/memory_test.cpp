// Memory of books is there before it is touched: whatever takes it says in time that it runs out.
#include "runtime/book/ladder.hpp"
#include "runtime/book/order_store.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <vector>

#include <sys/mman.h>

namespace tickplant::book {
namespace {

bool is_present(const void* at) {
  constexpr uintptr_t page = 4096;
  unsigned char state = 0;
  EXPECT_EQ(mincore(reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(at) / page * page), page, &state), 0);
  return (state & 1) != 0;
}

TEST(ReservedArray, MakesMemoryPresentAndKeepsWhatItHolds) {
  reserved_array<uint64_t> table(4 * huge_page / sizeof(uint64_t));
  const auto at = [&](size_t byte) -> uint64_t& { return table[byte / sizeof(uint64_t)]; };
  at(huge_page) = 7;
  EXPECT_FALSE(is_present(&at(3 * huge_page)));
  table.make_present(huge_page, huge_page + 1);
  EXPECT_EQ(at(huge_page), 7u);
  EXPECT_TRUE(is_present(&at(2 * huge_page - 8)));
  EXPECT_TRUE(is_present(&at(2 * huge_page)));
  EXPECT_FALSE(is_present(&at(3 * huge_page)));
  table.make_present(3 * huge_page, 1u << 30); // as far as it goes
  EXPECT_TRUE(is_present(&at(4 * huge_page - 8)));
  table.make_present(4 * huge_page, 8);
}

size_t resident_bytes() {
  size_t whole = 0, resident = 0;
  std::ifstream{"/proc/self/statm"} >> whole >> resident;
  return resident * 4096;
}

TEST(OrderIndex, OfAChannelWithoutOrdersTakesNoMemory) {
  constexpr size_t channels = 64;
  std::vector<order_index> all;
  const size_t before = resident_bytes();
  for (size_t i = 0; i < channels; ++i) {
    all.emplace_back(false);
    all.back().make_room(32); // as each burst of its events does
    all.back().make_ready();
  }
  EXPECT_LT(resident_bytes() - before, channels * huge_page / 4);
}

TEST(RecordPool, IsReadyForTheNextHugePageWhenHalfOfOneIsUsed) {
  bool is_short = false;
  order_pool pool(1u << 20, is_short);
  constexpr uint32_t in_page = huge_page / sizeof(order);
  uint32_t slot = 0;
  while (!is_short && slot < in_page) slot = pool.take();
  EXPECT_GT(slot, in_page / 4);
  EXPECT_LT(slot, in_page * 3 / 4);
  EXPECT_FALSE(is_present(&pool[in_page + 1]));
  is_short = false;
  pool.make_ready();
  EXPECT_TRUE(is_present(&pool[in_page + 1]));
  EXPECT_FALSE(is_present(&pool[2 * in_page + 1])); // no more than one ahead
  while (slot < in_page) slot = pool.take();
  EXPECT_FALSE(is_short);
  while (!is_short && slot < 2 * in_page) slot = pool.take();
  EXPECT_TRUE(is_short);
}

TEST(RecordPool, HasMemoryFromTheStart) {
  bool is_short = false;
  order_pool pool(1u << 20, is_short);
  pool.open();
  pool.make_present(3 * huge_page);
  constexpr uint32_t in_page = huge_page / sizeof(order);
  EXPECT_TRUE(is_present(&pool[3 * in_page - 1]));
  EXPECT_FALSE(is_present(&pool[3 * in_page]));
  for (uint32_t i = 0; i < 2 * in_page; ++i) pool.take();
  EXPECT_FALSE(is_short);
}

TEST(OrderIndex, SaysInTimeThatPagesAreRunningOut) {
  bool is_short = false;
  order_index index(true, 1'024, &is_short);
  constexpr uint64_t in_page = huge_page / sizeof(uint32_t);
  const auto fill_page = [&](uint64_t first) { // with so many that it stays
    for (uint64_t i = 0; i < 2 * order_index::thin_page; ++i) index.put(first + i, 1);
  };
  uint64_t ref = 0;
  for (; !is_short && ref < in_page; ref += order_index::page_refs) fill_page(ref);
  EXPECT_GT(ref, in_page / 4);
  EXPECT_LT(ref, in_page * 3 / 4);
  is_short = false;
  index.make_ready();
  for (; ref < in_page; ref += order_index::page_refs) fill_page(ref);
  EXPECT_FALSE(is_short);
}

TEST(OrderIndex, GrowsItsHashBeforeABurstHasTo) {
  for (const bool is_dense : {false, true}) {
    bool is_short = false;
    order_index index(is_dense, 8, &is_short);
    index.make_room(1);
    uint64_t refs = 0; // of a dense index without pages for them
    const uint64_t first = is_dense ? order_index::page_refs * order_index::directory_size : 1;
    while (!is_short && refs < 1u << 20) index.put(first + refs++, 1);
    ASSERT_TRUE(is_short);
    is_short = false;
    index.make_ready();
    for (uint64_t i = 0; i < refs; ++i) ASSERT_EQ(index.find(first + i), 1u);
    for (const uint64_t end = refs + refs / 2; refs < end;) index.put(first + refs++, 1);
    EXPECT_FALSE(is_short);
  }
}

TEST(OrderIndex, FindsEverythingInMemoryOfBefore) {
  for (const bool is_dense : {false, true}) {
    bool is_short = false;
    order_index index(is_dense, 1'024, &is_short);
    index.make_present(16u << 20);
    for (uint64_t ref = 1; ref <= 300'000; ++ref) index.put(ref, static_cast<uint32_t>(ref));
    EXPECT_FALSE(is_short);
    for (uint64_t ref = 1; ref <= 300'000; ++ref) ASSERT_EQ(index.find(ref), ref);
    index.clear();
    EXPECT_EQ(index.find(7), 0u);
  }
}

TEST(LadderBlocks, AreReadyInTime) {
  bool is_short = false;
  ladder_blocks blocks(is_short);
  blocks.make_present(1);
  constexpr size_t in_page = huge_page / sizeof(ladder_block);
  std::vector<ladder_block*> taken;
  while (!is_short && taken.size() < in_page) taken.push_back(blocks.take());
  EXPECT_GT(taken.size(), in_page / 4);
  EXPECT_LT(taken.size(), in_page * 3 / 4);
  is_short = false;
  blocks.make_ready();
  for (size_t i = 0; i < in_page; ++i) {
    taken.push_back(blocks.take());
    EXPECT_TRUE(is_present(taken.back()));
    EXPECT_EQ(taken.back()->slots[5], 0u);
  }
  EXPECT_EQ(blocks.in_use(), taken.size());
}

} // namespace
} // namespace tickplant::book
