#include "runtime/fanout/publisher.hpp"

#include "tests/support/fanout_builders.hpp"

#include <tickplant/venue.h>

#include <gmock/gmock.h>

using namespace tickplant;
using namespace tickplant::fanout;
using testing::ElementsAre;

namespace {

struct Publisher : testing::Test {
  book::engine_table engines;
  book::dirty_list dirty;
  std::vector<std::unique_ptr<book::engine>> owned;
  publisher out{engines, dirty};
  std::vector<std::vector<uint32_t>> first, second; // instruments of each batch

  Publisher() {
    for (uint32_t i = 0; i < 3; ++i) {
      owned.push_back(std::make_unique<book::engine>(model::instrument_id{i},
                                                     tests::make_instrument("S" + std::to_string(i)), 1, dirty));
      engines.push_back(owned.back().get());
    }
    out.set_hub(0, [this](const auto& batch) { first.push_back(ids(*batch)); });
  }
  static std::vector<uint32_t> ids(const book::publication_batch& batch) {
    std::vector<uint32_t> list;
    for (const auto& item : batch.items) list.push_back(model::index_of(item.id));
    return list;
  }
  // A change of interest makes a book due, as any event would.
  void touch(uint32_t id, uint32_t depth = 1) {
    static uint32_t salt = 0;
    owned[id]->set_interest({TP_WANT_QUOTE | TP_WANT_BOOK, depth + ++salt});
  }
};

TEST_F(Publisher, SendsWhatIsDueAsOneBatch) {
  touch(0);
  touch(2);
  out.flush(1);
  EXPECT_THAT(first, ElementsAre(ElementsAre(0, 2)));
  out.flush(2);
  EXPECT_EQ(first.size(), 1u);
}

TEST_F(Publisher, LeavesOutBooksThatNobodyLooksAt) {
  owned[0]->mark_stale("test");
  out.flush(1);
  EXPECT_TRUE(first.empty());
}

TEST_F(Publisher, StopsAtTwoBatchesWithoutCreditAndMergesWhatWaits) {
  for (int i = 0; i < 5; ++i) {
    touch(0);
    if (i == 3) touch(1);
    out.flush(1);
  }
  EXPECT_THAT(first, ElementsAre(ElementsAre(0), ElementsAre(0)));
  out.acknowledge(0);
  out.flush(2);
  EXPECT_THAT(first.back(), testing::UnorderedElementsAre(0, 1)) << "five changes, each book once";
}

TEST_F(Publisher, DoesNotHoldOthersUpForASlowHub) {
  out.set_hub(1, [this](const auto& batch) { second.push_back(ids(*batch)); });
  for (int i = 0; i < 5; ++i) {
    touch(0);
    out.flush(1);
    out.acknowledge(1);
  }
  EXPECT_EQ(first.size(), 2u);
  EXPECT_EQ(second.size(), 5u);
}

TEST_F(Publisher, StartsAHubAnewWithFullCreditAndWhatTheEarlierOneMissed) {
  for (int i = 0; i < 4; ++i) {
    touch(0);
    out.flush(1);
  }
  first.clear();
  out.set_hub(0, [this](const auto& batch) { first.push_back(ids(*batch)); });
  touch(1);
  out.flush(2);
  EXPECT_THAT(first, ElementsAre(testing::UnorderedElementsAre(0, 1)));
}

TEST_F(Publisher, SkipsABookThatHasGone) {
  touch(0);
  touch(1);
  engines[0] = nullptr;
  out.flush(1);
  EXPECT_THAT(first, ElementsAre(ElementsAre(1)));
}

book::signal_ptr numbered(uint64_t number) {
  book::signal made;
  made.number = number;
  return std::make_shared<const book::signal>(made);
}

TEST_F(Publisher, SendsSignalsAlsoWhereNoStateChanged) {
  std::vector<uint64_t> got;
  out.set_hub(0, [&](const auto& batch) {
    EXPECT_TRUE(batch->items.empty());
    for (const auto& signal : batch->signals) got.push_back(signal->number);
  });
  out.add_signal(numbered(1));
  out.add_signal(numbered(2));
  out.flush(1);
  out.flush(2);
  EXPECT_THAT(got, ElementsAre(1, 2));
}

TEST_F(Publisher, KeepsSignalsInOrderForAHubWithoutCreditUpToABound) {
  std::vector<uint64_t> got;
  out.set_hub(0, [&](const auto& batch) {
    for (const auto& signal : batch->signals) got.push_back(signal->number);
  });
  for (uint64_t number = 1; number <= publisher::most_signals + 4; ++number) {
    out.add_signal(numbered(number));
    out.flush(number);
  }
  EXPECT_THAT(got, ElementsAre(1, 2)) << "two batches of credit";
  out.acknowledge(0);
  out.flush(9'999);
  ASSERT_EQ(got.size(), 2 + publisher::most_signals);
  EXPECT_EQ(got[2], 5u) << "the oldest are lost, and counted";
  EXPECT_EQ(got.back(), publisher::most_signals + 4);
  EXPECT_EQ(out.lost_signals(), 2u);
}

struct Prints : Publisher {
  std::vector<uint64_t> got, also_got; // by hub 0 and 1
  uint64_t last = 0;

  Prints() {
    out.set_hub(0, taker(got));
    out.set_hub(1, taker(also_got));
  }
  static publisher::deliver taker(std::vector<uint64_t>& to) {
    return [&to](const auto& batch) {
      for (const auto& tape : batch->tapes) {
        EXPECT_FALSE(tape->empty());
        for (const auto& entry : *tape) to.push_back(entry.sequence);
      }
    };
  }
  void print(size_t count = 1) {
    for (size_t i = 0; i < count; ++i) {
      book::tape_entry entry;
      entry.sequence = ++last;
      dirty.add_print(entry);
    }
  }
};

TEST_F(Prints, GoOutInOneSharedTapeAlsoWhereNoStateChanged) {
  std::vector<book::tape_ptr> shared;
  for (const uint32_t hub : {0u, 1u})
    out.set_hub(hub, [&](const auto& batch) {
      EXPECT_TRUE(batch->items.empty());
      ASSERT_EQ(batch->tapes.size(), 1u);
      shared.push_back(batch->tapes[0]);
    });
  print(3);
  out.flush(1);
  out.flush(2);
  ASSERT_EQ(shared.size(), 2u);
  EXPECT_EQ(shared[0], shared[1]);
  EXPECT_EQ(shared[0]->size(), 3u);
  EXPECT_EQ(out.prints(), 3u);
  EXPECT_TRUE(dirty.tape().empty());
}

TEST_F(Prints, TakeCreditAndAreHeldUpForTheSlowHubAlone) {
  for (int i = 0; i < 5; ++i) {
    print();
    out.flush(1);
    out.acknowledge(1);
  }
  EXPECT_THAT(got, ElementsAre(1, 2)) << "two batches of credit";
  EXPECT_THAT(also_got, ElementsAre(1, 2, 3, 4, 5));
  out.acknowledge(0);
  out.flush(2);
  EXPECT_THAT(got, ElementsAre(1, 2, 3, 4, 5)) << "nothing merged, nothing lost";
  EXPECT_EQ(out.lost_prints(), 0u);
}

TEST_F(Prints, ComeWithWhatElseWaited) {
  for (int i = 0; i < 2; ++i) {
    print();
    out.flush(1);
  }
  touch(0);
  print();
  out.flush(2);
  print();
  out.flush(3);
  out.acknowledge(0);
  print();
  out.flush(4);
  EXPECT_THAT(got, ElementsAre(1, 2, 3, 4, 5)) << "what is new behind what waited, in one batch";
  out.acknowledge(0);
  print();
  out.flush(5);
  EXPECT_EQ(got.back(), 6u) << "and the hub is level again";
}

TEST_F(Prints, AreKeptUpToABoundAndTheHoleIsSeen) {
  print();
  out.flush(1);
  print();
  out.flush(2);
  const size_t bursts = publisher::most_prints / 1'000 + 5;
  for (size_t i = 0; i < bursts; ++i) {
    print(1'000);
    out.flush(3);
    out.acknowledge(1);
  }
  EXPECT_EQ(got.size(), 2u);
  EXPECT_EQ(also_got.size(), last) << "the other hub has them all";
  out.acknowledge(0);
  out.flush(4);
  const size_t kept = publisher::most_prints / 1'000 * 1'000;
  ASSERT_EQ(got.size(), 2 + kept);
  EXPECT_EQ(got[2], last - kept + 1) << "the oldest are lost";
  for (size_t i = 3; i < got.size(); ++i) ASSERT_EQ(got[i], got[i - 1] + 1);
  EXPECT_EQ(got.back(), last);
  EXPECT_EQ(out.lost_prints(), last - got.size());
}

TEST_F(Prints, OfOneBurstBeyondTheBoundLeaveTheNewest) {
  for (int i = 0; i < 2; ++i) {
    print();
    out.flush(1);
  }
  print(publisher::most_prints * 2);
  out.flush(2);
  EXPECT_LE(dirty.tape().capacity(), publisher::most_prints) << "memory of a burst goes back";
  out.acknowledge(0);
  out.flush(3);
  EXPECT_EQ(got.size(), 2 + publisher::most_prints);
  EXPECT_EQ(got.back(), last);
}

TEST_F(Prints, DoNotWaitForAHubThatStartedAnew) {
  for (int i = 0; i < 3; ++i) {
    print();
    out.flush(1);
  }
  std::vector<uint64_t> anew;
  out.set_hub(0, taker(anew));
  print();
  out.flush(2);
  EXPECT_THAT(anew, ElementsAre(4));
  out.remove_hub(0);
  print();
  out.flush(3);
  EXPECT_THAT(anew, ElementsAre(4));
}

TEST_F(Publisher, TakesConsolidatedBooksFromTheirOwnTable) {
  consolidation::candidate one, two;
  one.instrument = tests::make_instrument("AAPL", "NASDAQ");
  two.instrument = tests::make_instrument("AAPL", "NYSE");
  consolidation::consolidated_book book{
    model::instrument_id{7}, consolidation::make_listing("AAPL", {}, {one, two}), {}, 1};
  std::vector<consolidation::consolidated_book*> table(8);
  table[7] = &book;
  out.set_consolidated(table);
  book.set_interest({TP_WANT_QUOTE, 0});
  ASSERT_TRUE(book.has_to_be_listed());
  EXPECT_FALSE(book.has_to_be_listed());
  dirty.add(book.id());
  touch(0);
  out.flush(1);
  EXPECT_THAT(first, ElementsAre(ElementsAre(7, 0)));
  book.settle(2, 2);
  EXPECT_TRUE(book.has_to_be_listed());
  table[7] = nullptr;
  dirty.add(book.id());
  out.flush(2);
  EXPECT_EQ(first.size(), 1u) << "a book that is gone is no fault";
}

} // namespace
