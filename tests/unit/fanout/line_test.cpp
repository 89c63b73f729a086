// The pieces of a line, apart from any client: rings of entries, changes of levels, places that are judged.
#include "runtime/fanout/line.hpp"
#include "runtime/fanout/print_log.hpp"

#include "tests/support/fanout_builders.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>

using namespace tickplant;
using namespace tickplant::fanout;

namespace {

line_entry entry(uint64_t previous, uint64_t sequence) {
  line_entry made;
  made.previous = previous;
  made.sequence = sequence;
  return made;
}

std::vector<tp_level> levels(size_t count, int64_t first) {
  std::vector<tp_level> made;
  for (size_t i = 0; i < count; ++i) made.push_back({first + static_cast<int64_t>(i), first, 1, 0});
  return made;
}

TEST(ResumeRing, KeepsTheNewestWithinItsBytesAndFindsThem) {
  resume_ring ring;
  ring.set_bound(16 * 1024);
  std::mt19937_64 random{3};
  uint64_t sequence = 0;
  for (int i = 0; i < 5'000; ++i) {
    const uint64_t next = sequence + 1 + random() % 3;
    const auto first = static_cast<int64_t>(next);
    ring.push(entry(sequence, next), levels(random() % 5, first), levels(random() % 5, first));
    sequence = next;
    ASSERT_LE(ring.bytes(), 16u * 1024);
    ASSERT_EQ(ring.after(sequence), ring.next());
    const uint64_t some = ring.first() + random() % (ring.next() - ring.first());
    const auto& found = ring.at(some);
    ASSERT_EQ(ring.after(found.previous), some);
    ASSERT_EQ(ring.after(found.sequence - 1), some);
    for (const auto& level : ring.levels_of(found)) ASSERT_EQ(level.quantity, static_cast<int64_t>(found.sequence));
    ASSERT_EQ(ring.levels_of(found).size(), size_t{found.bids} + found.asks);
  }
  EXPECT_EQ(ring.after(0), ring.first());
  EXPECT_GT(ring.first(), 4'000u);
  const uint64_t newest = ring.next();
  ring.set_bound(resume_ring::least_bytes);
  EXPECT_LE(ring.bytes(), resume_ring::least_bytes);
  EXPECT_EQ(ring.next(), newest);
  EXPECT_EQ(ring.at(newest - 1).sequence, sequence);
}

TEST(ResumeRing, TakesOneEntryThatIsLargerThanItsBound) {
  resume_ring ring;
  ring.set_bound(resume_ring::least_bytes);
  for (uint64_t i = 0; i < 10; ++i) ring.push(entry(i, i + 1), levels(500, 7), {});
  ASSERT_FALSE(ring.is_empty());
  EXPECT_EQ(ring.levels_of(ring.at(ring.next() - 1)).size(), 500u);
}

TEST(CompareLevels, TellsWhatMakesTheOneOfTheOther) {
  std::mt19937_64 random{5};
  const auto any_side = [&](bool is_bid) {
    std::map<int64_t, tp_level> made;
    for (uint64_t n = random() % 12; n > 0; --n) {
      const auto price = static_cast<int64_t>(random() % 16);
      made[is_bid ? -price : price] = {price, static_cast<int64_t>(1 + random() % 3), 1, 0};
    }
    std::vector<tp_level> sorted;
    for (const auto& [key, level] : made) sorted.push_back(level);
    return sorted;
  };
  for (int i = 0; i < 2'000; ++i) {
    const bool is_bid = i % 2 == 0;
    const size_t depth = 1 + random() % 8;
    const auto from = any_side(is_bid), to = any_side(is_bid);
    std::vector<tp_level> changes;
    compare_levels(from, to, depth, is_bid, changes);
    std::map<int64_t, int64_t> book, wanted;
    for (size_t k = 0; k < std::min(depth, from.size()); ++k) book[from[k].price] = from[k].quantity;
    for (size_t k = 0; k < std::min(depth, to.size()); ++k) wanted[to[k].price] = to[k].quantity;
    for (const auto& change : changes) {
      ASSERT_NE(book.contains(change.price) ? book[change.price] : 0, change.quantity) << "nothing that did not change";
      if (change.quantity == 0)
        book.erase(change.price);
      else
        book[change.price] = change.quantity;
    }
    ASSERT_EQ(book, wanted);
  }
}

TEST(PrintLog, GivesRunsThatFitAndForgetsTheOlderHalf) {
  print_log log;
  log.reset(1, 1);
  ASSERT_TRUE(log.begin(5, 1));
  for (int i = 0; i < 4; ++i) {
    log.text().insert(log.text().end(), 10, static_cast<uint8_t>('a' + i));
    log.close_entry();
  }
  EXPECT_EQ(log.fit(5, 9, 25), 7u);
  EXPECT_EQ(log.fit(5, 9, 3), 6u) << "one at least";
  EXPECT_EQ(log.run(6, 8)[0], 'b');
  EXPECT_EQ(log.run(6, 8).size(), 20u);
  EXPECT_FALSE(log.begin(4, 2)) << "older than what lies here";
  EXPECT_TRUE(log.begin(9, 2));
  EXPECT_FALSE(log.begin(11, 2)) << "the same write reads from it";
  EXPECT_TRUE(log.begin(11, 3));
  EXPECT_EQ(log.next(), 11u);
  for (int i = 0; i < 100; ++i) {
    log.text().insert(log.text().end(), 1'000, static_cast<uint8_t>(i));
    log.close_entry();
  }
  log.trim();
  EXPECT_EQ(log.next(), 111u);
  EXPECT_GT(log.first(), 50u);
  EXPECT_EQ(log.run(110, 111)[0], 99);
}

} // namespace
