// A neighbour on the loop watches a book, whether or not a client listens.
#include "tests/unit/book/feed_fixture.hpp"

namespace tickplant::book::testing {
namespace {

struct Watch : feed_fixture {
  void SetUp() override {
    open_sparse();
    live();
    add_book(0);
    at(0).set_watched(true);
    look();
  }
  /// As the watcher does at the end of a burst; nothing if the book is not listed.
  bool look(uint32_t depth = 0) {
    EXPECT_LE(dirty.watched().size(), 1u);
    if (dirty.watched().empty() || !at(0).look(seen, depth)) return false; // what cannot be looked at stays listed
    dirty.watched().clear();
    return true;
  }
  top_state seen;
};

TEST_F(Watch, SeesEachChangeOnceWithoutAnyClient) {
  EXPECT_FALSE(look());
  send(add(0, 1, TP_BID, 100, 7));
  send(add(0, 2, TP_ASK, 110, 8));
  EXPECT_TRUE(dirty.ids().empty()) << "nothing is published for a watcher";
  ASSERT_TRUE(look());
  EXPECT_EQ(seen.state, trust::ok);
  EXPECT_EQ(seen.bid, 100);
  EXPECT_EQ(seen.ask_quantity, 8);
  EXPECT_TRUE(seen.bids.empty());
  EXPECT_FALSE(look());
  send(add(0, 3, TP_BID, 101, 7));
  ASSERT_TRUE(look(5));
  EXPECT_EQ(seen.bids.size(), 2u);
}

TEST_F(Watch, TakesNothingFromPublications) {
  at(0).set_interest({TP_WANT_QUOTE, 0});
  send(add(0, 1, TP_BID, 100, 7));
  EXPECT_EQ(dirty.ids().size(), 1u);
  ASSERT_TRUE(look());
  send(add(0, 2, TP_BID, 101, 7));
  EXPECT_EQ(dirty.ids().size(), 1u) << "still listed, once";
  EXPECT_TRUE(at(0).is_due());
  publication p;
  at(0).publish(p, 1);
  dirty.ids().clear();
  ASSERT_TRUE(look()) << "and publications take nothing from it";
  send(add(0, 3, TP_BID, 102, 7));
  EXPECT_EQ(dirty.ids().size(), 1u);
  EXPECT_TRUE(look());
}

TEST_F(Watch, HearsOfTheLossOfTrust) {
  send(add(0, 1, TP_BID, 100, 7));
  look();
  at(0).mark_stale("a gap");
  ASSERT_TRUE(look(5));
  EXPECT_EQ(seen.state, trust::stale);
  EXPECT_EQ(seen.reason, "a gap");
  EXPECT_TRUE(seen.bids.empty());
}

TEST_F(Watch, LooksAtNothingHalfApplied) {
  auto first = add(0, 1, TP_BID, 100, 7);
  first.flags = static_cast<uint16_t>(first.flags & ~TP_END);
  send(first);
  at(0).set_watched(true);
  EXPECT_FALSE(look()) << "the venue event goes on";
  send(add(0, 2, TP_ASK, 110, 8));
  ASSERT_TRUE(look());
  EXPECT_EQ(seen.bid, 100);
  EXPECT_EQ(seen.ask, 110);
}

TEST_F(Watch, EndsWhenItIsNotWantedAnyMore) {
  at(0).set_watched(false);
  send(add(0, 1, TP_BID, 100, 7));
  EXPECT_FALSE(look());
}

} // namespace
} // namespace tickplant::book::testing
