// Memory: none is allocated per event once a book is warm, a quiet book is small, and when memory ends one book dies,
// not the feed. operator new counts, and fails on demand.
#include "tests/unit/book/feed_fixture.hpp"

#include "runtime/book/book_state.hpp"

#include <array>
#include <cstdlib>
#include <new>
#include <random>

namespace {

uint64_t allocations = 0;
uint64_t allocated_bytes = 0;
bool fails = false;

void* allocate(size_t size, size_t alignment) {
  if (fails) throw std::bad_alloc{};
  ++allocations;
  allocated_bytes += size;
  const size_t whole = alignment == 0 ? size : (size + alignment - 1) / alignment * alignment;
  void* memory = alignment == 0 ? std::malloc(size) : std::aligned_alloc(alignment, whole);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

/// Not inlined, since the compiler takes free after new for a mistake.
[[gnu::noinline]] void release(void* memory) {
  std::free(memory);
}

} // namespace

void* operator new(size_t size) {
  return allocate(size, 0);
}
void* operator new[](size_t size) {
  return allocate(size, 0);
}
void* operator new(size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete[](void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, size_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  release(memory);
}

namespace tickplant::book::testing {
namespace {

/// Of hundreds of thousands of events: a table may still reach a size that it never had, and double.
constexpr uint64_t new_heights = 4;

struct Memory : feed_fixture {
  /// The same kind of flow for ever: orders come, trade, move and go while the market wanders.
  void orders(uint64_t seed, int count) {
    std::mt19937_64 random{seed};
    for (int i = 0; i < count; ++i) {
      middle_ += static_cast<int64_t>(random() % 41) - 20;
      const auto book = static_cast<uint32_t>(random() % 3);
      const uint64_t ref = ++ref_;
      const bool is_bid = random() % 2 == 0;
      const int64_t distance = 1 + static_cast<int64_t>(random() % (random() % 20 == 0 ? 5'000 : 50));
      burst_[used_++] = add(book, ref, is_bid ? TP_BID : TP_ASK, middle_ + (is_bid ? -distance : distance), 10);
      if (ref > 2'000) {
        const uint64_t old = ref - 2'000;
        burst_[used_++] = execute(TP_OF_ORDER, old, 3, old);
        if (old % 2 == 0)
          burst_[used_++] = replace(TP_OF_ORDER, old, (uint64_t{1} << 40) + old, middle_ + (is_bid ? -3 : 3), 4);
        burst_[used_++] = remove(TP_OF_ORDER, old % 2 == 0 ? (uint64_t{1} << 40) + old : old);
      }
      if (used_ > 90) {
        feed_->emit(channel, {burst_.data(), used_});
        used_ = 0;
        for (const model::instrument_id id : dirty.ids())
          if (engine& e = *table[model::index_of(id)]; e.is_due()) e.publish(out_, 1);
        dirty.ids().clear();
        prints_ += dirty.tape().size();
        dirty.tape().clear();
      }
    }
  }
  std::array<tp_event, 100> burst_;
  size_t used_ = 0;
  int64_t middle_ = 1'000'000;
  uint64_t ref_ = 0, prints_ = 0;
  publication out_;
};

TEST_F(Memory, NoneIsAllocatedPerEventOnceWarm) {
  for (const uint32_t refs : {TP_REFS_DENSE, TP_REFS_SPARSE}) {
    ref_ = used_ = 0;
    engines.clear();
    table.clear();
    open({.order_refs = refs});
    live();
    for (uint32_t n = 0; n < 3; ++n) {
      add_book(n);
      at(n).set_interest({TP_WANT_BOOK, 10});
    }
    orders(1, 300'000);
    const uint64_t before = allocations;
    orders(2, 200'000);
    EXPECT_LE(allocations - before, new_heights) << "references " << refs;
    EXPECT_EQ(refusals(), 0u) << refusal_names();
  }
}

TEST_F(Memory, ATapeThatIsWantedNeedsNoneOnceWarm) {
  open_dense();
  live();
  for (uint32_t n = 0; n < 3; ++n) {
    add_book(n);
    at(n).set_interest({TP_WANT_BOOK | TP_WANT_TRADES, 10, true});
  }
  orders(1, 300'000);
  const uint64_t before = allocations, printed = prints_;
  orders(2, 200'000);
  EXPECT_LE(allocations - before, new_heights);
  EXPECT_GE(prints_ - printed, 199'000u);
}

TEST_F(Memory, APrintWithoutMemoryLeavesItsNumberOut) {
  open_dense();
  live();
  add_book(0);
  at(0).set_interest({TP_WANT_TRADES, 0, true});
  send(trade(0, 100, 1, 1));
  dirty.tape() = tape{};
  fails = true;
  send(trade(0, 100, 1, 2));
  fails = false;
  send(trade(0, 100, 1, 3));
  ASSERT_EQ(dirty.tape().size(), 1u);
  EXPECT_EQ(dirty.tape()[0].sequence, 3u);
  EXPECT_EQ(dirty.lost_prints(), 1u);
  EXPECT_EQ(at(0).state(), trust::ok) << "the book has all three";
}

TEST_F(Memory, LevelsNeedNoneOnceWarm) {
  open();
  live();
  add_book(0, TP_BOOK_LEVELS);
  at(0).set_interest({TP_WANT_BOOK, 10});
  std::mt19937_64 random{3};
  const auto flow = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const bool is_bid = random() % 2 == 0;
      const auto distance = static_cast<int64_t>(1 + random() % (random() % 10 == 0 ? 20'000 : 100));
      const int64_t price = 1'000'000 + (is_bid ? -distance : distance);
      send(set_level(0, is_bid ? TP_BID : TP_ASK, price, random() % 2 == 0 ? 0 : 5));
      at(0).publish(out_, 1);
      dirty.ids().clear();
    }
  };
  flow(300'000);
  const uint64_t before = allocations;
  flow(100'000);
  EXPECT_LE(allocations - before, new_heights);
}

TEST_F(Memory, AQuietInstrumentIsSmall) {
  open_dense();
  live();
  add_book(0);
  const uint64_t before = allocated_bytes;
  const auto engine_of_one = std::make_unique<engine>(model::instrument_id{7}, nullptr, 1, dirty);
  EXPECT_LT(allocated_bytes - before, 1'024u);
}

TEST_F(Memory, WhenItEndsOneBookDiesAndTheBurstGoesOn) {
  open_sparse();
  live();
  add_book(0);
  add_book(1);
  // Room for what the owner notes, and for the levels of the second book.
  owner.failed.reserve(100);
  for (uint64_t ref = 1; ref <= 10; ++ref) send(add(1, 1'000 + ref, TP_BID, static_cast<int64_t>(ref), 1));
  std::vector<tp_event> burst;
  for (uint64_t ref = 1; ref <= 50; ++ref)
    burst.push_back(add(0, ref, TP_BID, static_cast<int64_t>(ref * 1'000'000), 1)); // all of them in the overflow
  burst.push_back(add(1, 2'000, TP_BID, 5, 1));
  fails = true;
  send(burst);
  fails = false;
  ASSERT_FALSE(owner.failed.empty());
  EXPECT_EQ(owner.failed[0].first, model::index_of(id_of(0)));
  EXPECT_NE(at(0).state(), trust::ok);
  EXPECT_EQ(at(1).state(), trust::ok);
  EXPECT_EQ(view(1).bids.size(), 10u);
  EXPECT_EQ(levels(view(1).bids)[5], (seen_level{5, 2, 2})) << "the last event of the burst was applied";
  EXPECT_EQ(feed_->live_orders(), 11u);
  send({snapshot_begin(0), of_snapshot(add(0, 1, TP_BID, 7, 1)), snapshot_end(0, 9)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{7, 1, 1}})) << "and the book can be rebuilt";
}

} // namespace
} // namespace tickplant::book::testing
