#include "runtime/book/order_index.hpp"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace tickplant::book {
namespace {

constexpr uint64_t page = order_index::page_refs;

TEST(OrderIndex, FindsWhatWasPutAndNothingElse) {
  for (const bool is_dense : {true, false}) {
    order_index index(is_dense);
    EXPECT_EQ(index.find(0), 0u);
    EXPECT_EQ(index.find(UINT64_MAX), 0u);
    index.put(0, 7);
    index.put(UINT64_MAX, 8);
    index.put(uint64_t{1} << 40, 9);
    EXPECT_EQ(index.find(0), 7u);
    EXPECT_EQ(index.find(UINT64_MAX), 8u);
    EXPECT_EQ(index.find(uint64_t{1} << 40), 9u);
    EXPECT_EQ(index.find(1), 0u);
    index.erase(UINT64_MAX);
    index.erase(0);
    EXPECT_EQ(index.find(UINT64_MAX), 0u);
    EXPECT_EQ(index.find(0), 0u);
    EXPECT_EQ(index.find(uint64_t{1} << 40), 9u);
  }
}

TEST(OrderIndex, GivesPagesBackWhenTheyAreEmpty) {
  order_index index(true);
  for (uint64_t ref = 0; ref < 100 * page; ++ref) {
    index.put(ref, 1);
    if (ref >= page) index.erase(ref - page); // at most one page of orders lives
  }
  EXPECT_LE(index.pages_in_use(), 4u);
  EXPECT_EQ(index.hashed(), 0u) << "a page that is emptied in order never needs the hash for long";
}

TEST(OrderIndex, DoesNotKeepAnOldPageForAHandfulOfOrders) {
  order_index index(true);
  for (uint64_t ref = 0; ref < 50 * page; ++ref) index.put(ref, static_cast<uint32_t>(ref + 1));
  EXPECT_EQ(index.pages_in_use(), 50u);
  for (uint64_t ref = 0; ref < 50 * page; ++ref)
    if (ref % 1000 != 0) index.erase(ref);
  EXPECT_LE(index.pages_in_use(), 3u);
  for (uint64_t ref = 0; ref < 50 * page; ++ref) ASSERT_EQ(index.find(ref), ref % 1000 == 0 ? ref + 1 : 0) << ref;
  for (uint64_t ref = 0; ref < 50 * page; ref += 1000) index.erase(ref);
  EXPECT_EQ(index.hashed(), 0u);
}

TEST(OrderIndex, TakesTheHashWhenPagesRunOut) {
  order_index index(true, 2);
  for (uint64_t p = 0; p < 10; ++p) index.put(p * page + 5, static_cast<uint32_t>(p + 1));
  EXPECT_EQ(index.pages_in_use(), 2u);
  EXPECT_EQ(index.hashed(), 8u);
  for (uint64_t p = 0; p < 10; ++p) EXPECT_EQ(index.find(p * page + 5), p + 1);
}

TEST(OrderIndex, FindsWhatWasHashedForWantOfAPageThatCameLater) {
  order_index index(true, 2);
  for (uint64_t p = 0; p < 2; ++p)
    for (uint64_t i = 0; i <= order_index::thin_page + 1; ++i) index.put(p * page + i, static_cast<uint32_t>(i + 1));
  index.put(2 * page, 7);
  ASSERT_EQ(index.hashed(), 1u);
  for (uint64_t i = 0; i <= order_index::thin_page + 1; ++i) index.erase(i);
  index.put(1 * page + 5'000, 8);
  index.put(2 * page + 1, 9);
  EXPECT_EQ(index.find(2 * page), 7u);
  EXPECT_EQ(index.find(2 * page + 1), 9u);
  index.erase(2 * page);
  EXPECT_EQ(index.find(2 * page), 0u);
}

TEST(OrderIndex, GrowsInAdvanceOrWhenItMust) {
  order_index index(false);
  for (uint32_t i = 1; i <= 300'000; ++i) {
    if (i % 100'000 == 1) index.make_room(1'000);
    index.put(uint64_t{i} << 32, i); // differ in high bits only
  }
  for (uint32_t i = 1; i <= 300'000; ++i) ASSERT_EQ(index.find(uint64_t{i} << 32), i);
  EXPECT_EQ(index.find(5), 0u);
}

TEST(OrderIndex, BehavesAsAMapUnderRandomUse) {
  for (const bool is_dense : {true, false}) {
    order_index index(is_dense, 8);
    std::unordered_map<uint64_t, uint32_t> twin;
    std::vector<uint64_t> live;
    std::mt19937_64 random{3};
    uint64_t counter = 0;
    for (uint32_t i = 1; i < 300'000; ++i) {
      if (live.empty() || random() % 100 < 52) {
        counter += 1 + random() % 3;
        const uint64_t ref = random() % 50 == 0 ? random() : counter;
        if (!twin.emplace(ref, i).second) continue;
        index.put(ref, i);
        live.push_back(ref);
      } else {
        const size_t at = random() % live.size();
        index.erase(live[at]);
        twin.erase(live[at]);
        live[at] = live.back();
        live.pop_back();
      }
      if (i % 1'000 == 0) {
        for (const auto& [ref, slot] : twin) ASSERT_EQ(index.find(ref), slot);
        ASSERT_EQ(index.find(counter + 1), 0u);
      }
    }
    index.clear();
    for (const auto& [ref, slot] : twin) ASSERT_EQ(index.find(ref), 0u);
  }
}

} // namespace
} // namespace tickplant::book
