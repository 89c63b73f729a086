#include "runtime/book/ladder.hpp"

#include <tickplant/plugin.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace tickplant::book {
namespace {

/// A ladder with levels that know their price only.
struct ladder_under_test {
  explicit ladder_under_test(uint32_t side_, int64_t step = TP_NONE) : side(side_) { side.set_step(step); }
  void insert(int64_t price) {
    const uint32_t slot = memory.levels.take();
    memory.levels[slot] = level{1, price, 1, 0, 0, 0};
    side.insert(price, slot, memory);
  }
  void erase(int64_t price) {
    const uint32_t slot = side.find(price);
    ASSERT_NE(slot, 0u) << price;
    side.erase(price, memory);
    memory.levels.give(slot);
  }
  bool has(int64_t price) const {
    const uint32_t slot = side.find(price);
    return slot != 0 && memory.levels[slot].price == price;
  }
  int64_t best() const {
    const uint32_t slot = side.best();
    return slot == 0 ? TP_NONE : memory.levels[slot].price;
  }
  std::vector<int64_t> prices() const {
    std::vector<int64_t> result;
    side.walk([&](uint32_t slot) {
      result.push_back(memory.levels[slot].price);
      return true;
    });
    return result;
  }
  book_memory memory{1, 1u << 20};
  ladder side;
};

constexpr uint32_t bids = 0, asks = 1;

TEST(Ladder, ListsBestFirst) {
  ladder_under_test b(bids, 100), a(asks, 100);
  for (const int64_t price : {10'000, 9'900, 10'200, 5'000}) {
    b.insert(price);
    a.insert(price);
  }
  EXPECT_EQ(b.prices(), (std::vector<int64_t>{10'200, 10'000, 9'900, 5'000}));
  EXPECT_EQ(a.prices(), (std::vector<int64_t>{5'000, 9'900, 10'000, 10'200}));
  EXPECT_EQ(b.best(), 10'200);
  EXPECT_EQ(a.best(), 5'000);
}

TEST(Ladder, KeepsPricesBetweenTicks) {
  ladder_under_test b(bids, 100);
  b.insert(10'000);
  b.insert(10'050);
  b.insert(10'001);
  EXPECT_EQ(b.best(), 10'050);
  EXPECT_EQ(b.prices(), (std::vector<int64_t>{10'050, 10'001, 10'000}));
  EXPECT_TRUE(b.has(10'001));
  EXPECT_FALSE(b.has(10'002));
  b.erase(10'050);
  EXPECT_EQ(b.best(), 10'001);
  EXPECT_EQ(b.side.levels_outside(), 1u);
}

TEST(Ladder, MovesItsWindowAfterTheTouch) {
  for (const uint32_t side : {bids, asks})
    for (const int64_t direction : {1, -1}) {
      ladder_under_test l(side, 100);
      int64_t price = 50'000'000;
      for (int i = 0; i < 50'000; ++i, price += direction * 100) {
        l.insert(price);
        if (i >= 20) l.erase(price - direction * 2'000);
      }
      EXPECT_LE(l.side.levels_outside(), 20u);
      EXPECT_EQ(l.prices().size(), 20u);
      // And it is quick again where the market is: most of the live levels are in the window.
      for (int i = 0; i < 200; ++i, price += direction * 100) l.insert(price);
      EXPECT_LT(l.side.levels_outside(), 110u);
    }
}

TEST(Ladder, IsNotLedAwayByOneMadPrice) {
  ladder_under_test a(asks, 100);
  a.insert(100); // an ask at one cent
  for (int64_t i = 0; i < 500; ++i) a.insert(1'000'000 + i * 100);
  EXPECT_EQ(a.best(), 100);
  EXPECT_LT(a.side.levels_outside(), 70u) << "the window is where the levels are";
}

TEST(Ladder, FindsTheTickThatNobodyTold) {
  ladder_under_test b(bids);
  for (int64_t i = 0; i < 600; ++i) b.insert(1'000'000 - i * 250);
  EXPECT_LT(b.side.levels_outside(), 70u);
  EXPECT_EQ(b.best(), 1'000'000);
  EXPECT_TRUE(b.has(1'000'000 - 250));
}

TEST(Ladder, TakesTheLeastAndTheGreatestPrices) {
  for (const uint32_t side : {bids, asks}) {
    ladder_under_test l(side, 1);
    const int64_t most = (int64_t{1} << 62) - 1;
    for (const int64_t price : {int64_t{1}, most, int64_t{2}, most - 1, most / 2}) l.insert(price);
    EXPECT_EQ(l.prices().size(), 5u);
    EXPECT_EQ(l.best(), side == bids ? most : 1);
    for (const int64_t price : l.prices()) {
      EXPECT_TRUE(l.has(price));
      l.erase(price);
    }
    EXPECT_TRUE(l.side.is_empty());
    EXPECT_EQ(l.best(), TP_NONE);
  }
}

TEST(Ladder, GivesItsWindowBack) {
  ladder_under_test b(bids, 1);
  EXPECT_EQ(b.memory.blocks.in_use(), 0u) << "none before the first level";
  b.insert(500);
  EXPECT_EQ(b.memory.blocks.in_use(), 1u);
  b.side.clear(b.memory);
  EXPECT_EQ(b.memory.blocks.in_use(), 0u);
  EXPECT_FALSE(b.has(500));
  b.insert(500);
  EXPECT_TRUE(b.has(500));
  EXPECT_EQ(b.prices().size(), 1u) << "the block came back clean";
}

TEST(Ladder, BehavesAsASortedMapUnderRandomUse) {
  for (const int64_t step : {int64_t{100}, int64_t{1}, int64_t{12'500}, int64_t{TP_NONE}})
    for (const uint32_t side : {bids, asks}) {
      ladder_under_test l(side, step);
      std::map<int64_t, bool> twin;
      std::mt19937_64 random{static_cast<uint64_t>(step) + side};
      int64_t middle = 50'000'000;
      for (int i = 0; i < 60'000; ++i) {
        middle += (static_cast<int64_t>(random() % 2'001) - 1'000) * 100;
        middle = std::max<int64_t>(middle, 1'000'000);
        int64_t price = middle + (static_cast<int64_t>(random() % 400) - 200) * 100;
        if (random() % 20 == 0) price += static_cast<int64_t>(random() % 100); // off the grid
        if (random() % 50 == 0) price = 1 + static_cast<int64_t>(random() % (uint64_t{1} << (random() % 61)));
        if (price <= 0 || (twin.size() > 300 && random() % 2 != 0)) {
          const auto at = twin.lower_bound(price);
          price = at == twin.end() ? twin.begin()->first : at->first;
        }
        ASSERT_EQ(l.has(price), twin.contains(price));
        if (twin.contains(price)) {
          l.erase(price);
          twin.erase(price);
        } else {
          l.insert(price);
          twin[price] = true;
        }
        const int64_t best = twin.empty() ? TP_NONE : side == bids ? twin.rbegin()->first : twin.begin()->first;
        ASSERT_EQ(l.best(), best) << i;
        if (i % 500 == 0) {
          std::vector<int64_t> expected;
          for (const auto& [p, unused] : twin) expected.push_back(p);
          if (side == bids) std::reverse(expected.begin(), expected.end());
          ASSERT_EQ(l.prices(), expected);
        }
      }
    }
}

} // namespace
} // namespace tickplant::book
