#include "runtime/book/far_levels.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tickplant::book {
namespace {

struct fixture {
  bool is_short = false;
  far_runs memory{is_short};
  far_levels levels;
  std::map<int64_t, uint32_t> twin;

  void insert(int64_t key, uint32_t level) {
    levels.insert(key, level, memory);
    twin[key] = level;
  }
  void erase(int64_t key) {
    levels.erase(key, memory);
    twin.erase(key);
  }
  void expect_same() const {
    ASSERT_EQ(levels.size(), twin.size());
    ASSERT_EQ(levels.best(), twin.empty() ? 0 : twin.rbegin()->second);
    ASSERT_EQ(levels.best_key(), twin.empty() ? INT64_MIN : twin.rbegin()->first);
    auto expected = twin.rbegin();
    for (far_levels::cursor at{levels}; !at.is_over(); at.next(), ++expected) {
      ASSERT_EQ(at.key(), expected->first);
      ASSERT_EQ(at.level(), expected->second);
    }
    ASSERT_EQ(expected, twin.rend());
  }
};

TEST(FarLevels, BehavesAsASortedMapUnderRandomUse) {
  for (const int64_t range : {40, 3'000, 1'000'000'000}) {
    fixture f;
    std::mt19937_64 random{static_cast<uint64_t>(range)};
    for (uint32_t i = 1; i < 60'000; ++i) {
      const int64_t key = static_cast<int64_t>(random() % static_cast<uint64_t>(range)) - range / 2;
      const auto known = f.twin.find(key);
      ASSERT_EQ(f.levels.find(key), known == f.twin.end() ? 0 : known->second);
      // Waves, so that runs fill, split, thin out and join.
      if (known == f.twin.end()) {
        if (i / 10'000 % 2 == 0 || random() % 4 == 0) f.insert(key, i);
      } else if (i / 10'000 % 2 == 1 || random() % 4 == 0) {
        f.erase(key);
      }
      if (!f.twin.empty() && i / 10'000 % 2 == 1)
        f.erase(std::next(f.twin.begin(), static_cast<int64_t>(random() % std::min<size_t>(f.twin.size(), 8)))->first);
      if (i % 500 == 0) f.expect_same();
    }
    f.expect_same();
    ASSERT_EQ(f.memory.in_use(), f.levels.runs());
    f.levels.clear(f.memory);
    EXPECT_EQ(f.memory.in_use(), 0u);
    EXPECT_EQ(f.levels.find(0), 0u);
  }
}

TEST(FarLevels, VisitsARangeInOrder) {
  fixture f;
  for (int64_t key = 0; key < 2'000; key += 2) f.insert(key * 7 % 2'000, 1 + static_cast<uint32_t>(key));
  for (const auto& [least, most] :
       {std::pair<int64_t, int64_t>{-9, -1}, {0, 0}, {101, 301}, {1'900, 9'999}, {-5, 5'000}, {7, 7}}) {
    std::vector<std::pair<int64_t, uint32_t>> seen;
    f.levels.each_between(least, most, [&](int64_t key, uint32_t level) { seen.emplace_back(key, level); });
    const std::vector<std::pair<int64_t, uint32_t>> expected{f.twin.lower_bound(least), f.twin.upper_bound(most)};
    EXPECT_EQ(seen, expected) << least << " to " << most;
  }
}

TEST(FarLevels, WastesAFactorAtMostWhoeverEmptiesThem) {
  fixture f;
  for (int64_t key = 0; key < 100'000; ++key) f.insert(key, 1);
  EXPECT_EQ(f.levels.runs(), (100'000 + far_run::most - 1) / far_run::most) << "in order they are full";
  for (int64_t key = 0; key < 100'000; ++key)
    if (key % 100 != 0) f.erase(key); // one in each run or two would stay
  f.expect_same();
  EXPECT_LE(f.levels.runs(), f.levels.size() / 8);
  EXPECT_EQ(f.memory.in_use(), f.levels.runs());
}

} // namespace
} // namespace tickplant::book
