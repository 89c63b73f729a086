// Engines, definitions and feeds that come and go.
#include "tests/unit/book/feed_fixture.hpp"

namespace tickplant::book::testing {
namespace {

struct Lifetimes : feed_fixture {
  void SetUp() override { open_sparse(); }
};

TEST_F(Lifetimes, DefineAsksTheOwner) {
  owner.unwanted["S1"] = true;
  EXPECT_EQ(feed_->define(definition(0, TP_BOOK_ORDERS, "S0")), 1);
  EXPECT_EQ(feed_->define(definition(1, TP_BOOK_ORDERS, "S1")), 0);
  EXPECT_EQ(owner.defined, (std::vector<std::string>{"S0", "S1"}));
  EXPECT_EQ(feed_->number_of(id_of(0)), 0u);
  EXPECT_EQ(feed_->channel_of(1), channel);
  EXPECT_EQ(feed_->channel_of(2), TP_ALL);
  send(add(1, 1, TP_BID, 1, 1));
  EXPECT_EQ(feed_->counters().unwanted, 1u);
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(Lifetimes, UnusableDefinitionsAreRefused) {
  tp_instrument d = definition(0, TP_BOOK_ORDERS, "");
  EXPECT_EQ(feed_->define(d), TP_E_ARGUMENT);
  d = definition(0, 9, "S0");
  EXPECT_EQ(feed_->define(d), TP_E_ARGUMENT);
  d = definition(0xFFFFFFF0u, TP_BOOK_ORDERS, "S0");
  EXPECT_EQ(feed_->define(d), TP_E_LIMIT);
  d = definition(0, TP_BOOK_ORDERS, "S0");
  d.struct_size = 8;
  EXPECT_EQ(feed_->define(d), TP_E_ARGUMENT);
  EXPECT_TRUE(owner.defined.empty());
}

TEST_F(Lifetimes, AFirstEngineTakesWhatWasHeldForIt) {
  live();
  ASSERT_EQ(feed_->define(definition(0, TP_BOOK_ORDERS, "S0")), 1);
  send(
    {numbered(add(0, 1, TP_BID, 100, 5), 1), numbered(execute(0, 1, 2, 9), 2), numbered(reduce(TP_OF_ORDER, 1, 1), 3)});
  lend(0);
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 2, 1}}));
  EXPECT_EQ(refusals(), 0u);
  EXPECT_EQ(view(0).day.trades, 1u);
  EXPECT_TRUE(owner.resynchronise.empty());
}

TEST_F(Lifetimes, AFirstEngineAlsoTakesASnapshotThatWasHeld) {
  ASSERT_EQ(feed_->define(definition(0, TP_BOOK_ORDERS, "S0")), 1);
  send({snapshot_begin(TP_ALL), of_snapshot(add(0, 1, TP_BID, 100, 5)), snapshot_end(TP_ALL, 10),
        numbered(add(0, 2, TP_BID, 99, 1), 11)});
  lend(0);
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{100, 5, 1}, {99, 1, 1}}));
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(Lifetimes, ALossWhileNobodyIsThereMeansWaiting) {
  live();
  ASSERT_EQ(feed_->define(definition(0, TP_BOOK_ORDERS, "S0")), 1);
  send(numbered(add(0, 1, TP_BID, 100, 5), 1));
  lost();
  lend(0);
  EXPECT_EQ(at(0).state(), trust::awaiting);
  EXPECT_TRUE(view(0).bids.empty());
}

TEST_F(Lifetimes, ASuccessorAwaitsASnapshotAndNeighboursGoOn) {
  live();
  add_book(0);
  add_book(1);
  send({numbered(add(0, 1, TP_BID, 100, 5), 1), numbered(add(1, 2, TP_BID, 50, 5), 2)});
  withdraw(0);
  EXPECT_EQ(feed_->live_orders(), 1u);
  send({numbered(add(0, 3, TP_BID, 99, 1), 3), numbered(add(1, 4, TP_BID, 51, 1), 4),
        numbered(remove(TP_OF_ORDER, 1), 5)});
  EXPECT_EQ(refusals(), 0u) << "1 may be known again later";
  lend(0);
  EXPECT_EQ(at(0).state(), trust::awaiting);
  ASSERT_EQ(owner.resynchronise.size(), 1u);
  EXPECT_EQ(owner.resynchronise[0].number, 0u);
  EXPECT_EQ(view(1).bids.size(), 2u);
  send({snapshot_begin(0), of_snapshot(add(0, 1, TP_BID, 100, 5)), snapshot_end(0, 2)});
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{99, 1, 1}}));
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(Lifetimes, AnEngineMayBeDestroyedBeforeTheFeedIsTold) {
  live();
  add_book(0);
  send(add(0, 1, TP_BID, 100, 5));
  engines.erase(0);
  table[0] = nullptr;
  EXPECT_EQ(feed_->live_orders(), 0u);
  send(add(0, 2, TP_BID, 100, 5));
  EXPECT_EQ(feed_->counters().held, 1u);
  feed_->engine_withdrawn(id_of(0));
  lend(0);
  EXPECT_EQ(at(0).state(), trust::awaiting);
}

TEST_F(Lifetimes, ATradesOnlySuccessorNeedsNoSnapshot) {
  live(0);
  add_book(0, TP_BOOK_NONE);
  EXPECT_EQ(at(0).state(), trust::ok);
  withdraw(0);
  send(trade(0, 100, 1, 1));
  lend(0);
  EXPECT_EQ(at(0).state(), trust::ok);
  EXPECT_EQ(view(0).day.trades, 1u);
  EXPECT_TRUE(owner.resynchronise.empty());
}

TEST_F(Lifetimes, MarkStaleDropsTheLevelsAndHolds) {
  live();
  add_book(0);
  send(numbered(add(0, 1, TP_BID, 100, 5), 1));
  at(0).mark_stale("doubtful");
  EXPECT_EQ(at(0).state(), trust::stale);
  EXPECT_EQ(view(0).reason, "doubtful");
  EXPECT_EQ(feed_->live_orders(), 0u);
  send(numbered(add(0, 2, TP_BID, 99, 5), 2));
  EXPECT_EQ(feed_->counters().held, 1u);
  send({snapshot_begin(0), of_snapshot(add(0, 1, TP_BID, 100, 5)), snapshot_end(0, 1)});
  EXPECT_EQ(view(0).bids.size(), 2u);
}

TEST_F(Lifetimes, TheEndOfAFeedMakesItsBooksStale) {
  live();
  add_book(0);
  send(add(0, 1, TP_BID, 100, 5));
  feed_.reset();
  const publication p = view(0);
  EXPECT_EQ(p.state, trust::stale);
  EXPECT_EQ(p.reason, "venue adapter gone");
  EXPECT_EQ(levels(p.bids), (side_levels{{100, 5, 1}}));
  EXPECT_EQ(at(0).figures().orders, 0u);
}

TEST_F(Lifetimes, ASecondFeedTakesTheBooksOver) {
  live();
  add_book(0);
  send({add(0, 1, TP_BID, 100, 5), trade(0, 100, 7, 1)});
  open_sparse();
  ASSERT_EQ(feed_->define(definition(0, TP_BOOK_ORDERS, "S0")), 1);
  EXPECT_EQ(at(0).state(), trust::stale);
  live(1);
  send({add(0, 1, TP_BID, 98, 5), trade(0, 98, 3, 1)});
  const publication p = view(0);
  EXPECT_EQ(p.state, trust::ok);
  EXPECT_TRUE(p.is_snapshot);
  EXPECT_EQ(levels(p.bids), (side_levels{{98, 5, 1}}));
  EXPECT_EQ(p.day.volume.low, 3u) << "the day is told again";
  EXPECT_TRUE(owner.resynchronise.empty());
}

TEST_F(Lifetimes, ANewScaleEmptiesTheBook) {
  live();
  add_book(0);
  send({add(0, 1, TP_BID, 100, 5), trade(0, 100, 7, 1)});
  tp_instrument d = definition(0, TP_BOOK_ORDERS, "S0");
  d.name = text_of("a longer name");
  EXPECT_EQ(feed_->define(d), 1);
  EXPECT_EQ(at(0).state(), trust::ok) << "a new name is no reason";
  EXPECT_EQ(view(0).instrument->name, "a longer name");
  d.price_exponent = -4;
  EXPECT_EQ(feed_->define(d), 1);
  const publication p = view(0);
  EXPECT_EQ(p.state, trust::stale);
  EXPECT_EQ(p.instrument->price_exponent, -4);
  EXPECT_TRUE(p.bids.empty()) << "old prices would be read at the new scale";
  EXPECT_EQ(p.day.last.price, 10'000) << "the day goes on, at the new scale";
  EXPECT_EQ(owner.resynchronise.size(), 1u);
  EXPECT_EQ(feed_->live_orders(), 0u);
}

TEST_F(Lifetimes, AnotherKindOfBookIsAnotherBook) {
  live();
  add_book(0);
  send(add(0, 1, TP_BID, 100, 5));
  EXPECT_EQ(feed_->define(definition(0, TP_BOOK_LEVELS, "S0")), 1);
  EXPECT_EQ(feed_->live_orders(), 0u);
  EXPECT_EQ(owner.resynchronise.size(), 1u);
  send({snapshot_begin(0), of_snapshot(set_level(0, TP_BID, 90, 1)), snapshot_end(0, 3)});
  EXPECT_EQ(levels(view(0).bids), (side_levels{{90, 1, 0}}));
}

TEST_F(Lifetimes, RetiredInstrumentsAreUnknown) {
  live();
  add_book(0);
  send(add(0, 1, TP_BID, 100, 5));
  feed_->retire(0);
  feed_->retire(0);
  feed_->retire(77);
  EXPECT_EQ(owner.retired.size(), 1u);
  EXPECT_EQ(feed_->live_orders(), 0u);
  EXPECT_EQ(at(0).state(), trust::stale);
  send(add(0, 1, TP_BID, 100, 5));
  EXPECT_EQ(refused(refusal::unknown_instrument), 1u);
  ASSERT_EQ(feed_->define(definition(0, TP_BOOK_ORDERS, "S0")), 1);
  EXPECT_EQ(at(0).state(), trust::ok);
}

TEST_F(Lifetimes, AnInstrumentMayGetAnotherNumber) {
  live();
  add_book(0);
  send(add(0, 1, TP_BID, 100, 5));
  ASSERT_EQ(feed_->define(definition(8, TP_BOOK_ORDERS, "S0")), 1);
  EXPECT_EQ(feed_->number_of(id_of(0)), 8u);
  send({add(0, 2, TP_BID, 100, 5), add(8, 2, TP_BID, 101, 5)});
  EXPECT_EQ(refused(refusal::unknown_instrument), 1u);
  EXPECT_EQ(levels(view(0).bids), (side_levels{{101, 5, 1}}));
}

TEST_F(Lifetimes, TextsAreInternedAndBounded) {
  open({.texts = 2});
  const uint32_t a = feed_->text("halted"), b = feed_->text("news");
  EXPECT_NE(a, 0u);
  EXPECT_NE(a, b);
  EXPECT_EQ(feed_->text("halted"), a);
  EXPECT_EQ(feed_->text("more"), 0u);
  EXPECT_EQ(feed_->text(""), 0u);
  EXPECT_EQ(feed_->text_of(b), "news");
  EXPECT_EQ(feed_->text_of(0), "");
  EXPECT_EQ(feed_->text_of(99), "");
}

TEST_F(Lifetimes, TheDirectoryIsReported) {
  stream(TP_STREAM_DIRECTORY);
  EXPECT_EQ(owner.directories, std::vector<uint32_t>{channel});
  add_book(0);
  stream(TP_STREAM_DIRECTORY);
  EXPECT_EQ(owner.directories.size(), 2u);
}

TEST_F(Lifetimes, EveryRefusalHasAName) {
  for (size_t i = 0; i < static_cast<size_t>(refusal::count_); ++i)
    EXPECT_NE(name_of(static_cast<refusal>(i)), "unknown");
}

TEST_F(Lifetimes, BooksLiveAlikeInMemoryThatIsThereFromTheStart) {
  for (const uint32_t refs : {TP_REFS_DENSE, TP_REFS_SPARSE, TP_REFS_NONE}) {
    owner = {};
    open({.order_refs = refs, .present = 8u << 20});
    add_book(0, refs == TP_REFS_NONE ? TP_BOOK_LEVELS : TP_BOOK_ORDERS);
    live();
    for (int64_t i = 1; i <= 20'000; ++i) {
      if (refs == TP_REFS_NONE) {
        tp_event level = event(TP_EV_LEVEL, 0, TP_BID);
        level.price = i;
        level.quantity = 10;
        send(level);
      } else {
        send(add(0, static_cast<uint64_t>(i), TP_BID, i, 10));
      }
      feed_->make_ready();
    }
    EXPECT_EQ(at(0).figures().bid_levels, 20'000u);
    EXPECT_EQ(feed_->live_orders(), refs == TP_REFS_NONE ? 0u : 20'000u);
    EXPECT_EQ(refusals(), 0u);
    engines.clear();
    table.clear();
  }
}

} // namespace
} // namespace tickplant::book::testing
