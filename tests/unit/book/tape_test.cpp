// The tape: each print, break and correction once and in order, and a missing number wherever some may be missing.
#include "tests/unit/book/feed_fixture.hpp"

namespace tickplant::book::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

tp_event break_of(uint32_t instrument, uint64_t id) {
  tp_event e = event(TP_EV_BREAK, instrument);
  e.ref = id;
  return e;
}

tp_event correction(uint32_t instrument, uint64_t id, int64_t quantity, int64_t price = TP_NONE) {
  tp_event e = event(TP_EV_CORRECT, instrument, price == TP_NONE ? uint16_t{0} : uint16_t{TP_PRICE});
  e.ref = id;
  e.quantity = quantity;
  e.price = price;
  return e;
}

tp_event at_time(tp_event e, uint64_t venue_ns) {
  e.venue_ns = venue_ns;
  return e;
}

constexpr interest wanted{TP_WANT_TRADES, 0, true};

struct Tape : feed_fixture {
  void begin(uint8_t book = TP_BOOK_ORDERS) {
    open_sparse();
    live();
    add_book(0, book);
    at(0).set_interest(wanted);
  }
  /// What has come since the last look.
  std::vector<tape_entry> told() { return std::exchange(dirty.tape(), {}); }
  std::vector<uint64_t> numbers() {
    std::vector<uint64_t> list;
    for (const auto& entry : told()) list.push_back(entry.sequence);
    return list;
  }
  std::vector<uint64_t> ids() {
    std::vector<uint64_t> list;
    for (const auto& entry : told()) list.push_back(entry.trade_id);
    return list;
  }
};

TEST_F(Tape, TellsAnExecutionWithWhatTheEventSays) {
  begin();
  tp_event e = at_time(execute(0, 1, 4, 9), 77);
  e.extra = TP_COND_ISO | TP_COND_ODD_LOT | uint64_t{0x41424344} << 32;
  send({add(0, 1, TP_BID, 100, 10), e});
  const auto entries = told();
  ASSERT_EQ(entries.size(), 1u);
  const auto& entry = entries[0];
  EXPECT_EQ(entry.id, id_of(0));
  EXPECT_EQ(entry.epoch, at(0).epoch());
  EXPECT_EQ(entry.sequence, 1u);
  EXPECT_EQ(entry.kind, TP_TRADE_PRINT);
  EXPECT_EQ(entry.aggressor, TP_AGGRESSOR_SELL);
  EXPECT_EQ(entry.price, 100);
  EXPECT_EQ(entry.quantity, 4);
  EXPECT_EQ(entry.price_exponent, -2);
  EXPECT_EQ(entry.quantity_exponent, 0);
  EXPECT_EQ(entry.trade_id, 9u);
  EXPECT_EQ(entry.venue_ns, 77u);
  EXPECT_EQ(entry.conditions, static_cast<uint32_t>(TP_COND_ISO | TP_COND_ODD_LOT)) << "not the venue's letters";
}

TEST_F(Tape, TakesNoConditionsFromAnExecutionThatSaysWhatIsLeft) {
  begin();
  tp_event e = execute(0, 1, 4, 9, TP_PRINT | TP_LEFT);
  e.extra = 6;
  send({add(0, 1, TP_ASK, 100, 10), e});
  const auto entries = told();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].conditions, 0u);
  EXPECT_EQ(entries[0].aggressor, TP_AGGRESSOR_BUY);
}

TEST_F(Tape, TellsTradesBreaksAndCorrectionsInTheirOrder) {
  begin();
  tp_event cross = trade(0, 101, 7, 5, TP_PRINT | TP_BID);
  cross.extra = TP_COND_CROSS;
  send({cross, trade(0, 102, 8, 6), correction(0, 6, 3, 99), break_of(0, 5), correction(0, 6, 2)});
  const auto entries = told();
  ASSERT_EQ(entries.size(), 5u);
  for (size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].sequence, i + 1);
  EXPECT_EQ(entries[0].kind, TP_TRADE_PRINT);
  EXPECT_EQ(entries[0].aggressor, TP_AGGRESSOR_BUY);
  EXPECT_EQ(entries[0].conditions, static_cast<uint32_t>(TP_COND_CROSS));
  EXPECT_EQ(entries[1].aggressor, TP_AGGRESSOR_UNKNOWN);
  EXPECT_EQ(entries[2].kind, TP_TRADE_CORRECT);
  EXPECT_EQ(entries[2].trade_id, 6u);
  EXPECT_EQ(entries[2].price, 99);
  EXPECT_EQ(entries[2].quantity, 3);
  EXPECT_EQ(entries[3].kind, TP_TRADE_BREAK);
  EXPECT_EQ(entries[3].trade_id, 5u);
  EXPECT_EQ(entries[3].price, TP_NONE);
  EXPECT_EQ(entries[3].quantity, TP_NONE);
  EXPECT_EQ(entries[4].price, TP_NONE) << "the known price stands";
}

TEST_F(Tape, TellsABreakOfATradeThatIsNotKnownAnyMore) {
  begin();
  send({break_of(0, 5), break_of(0, 0)});
  EXPECT_THAT(ids(), ElementsAre(5)) << "a client may know it; without an id nobody can";
  EXPECT_EQ(feed_->counters().unknown_trades, 2u);
}

TEST_F(Tape, LeavesOutWhatIsNotPrintedAndWhatIsRefused) {
  open({.order_refs = TP_REFS_SPARSE, .band = [](std::string_view) { return band_rule{100'000, 3}; }});
  live();
  add_book(0);
  at(0).set_interest(wanted);
  send({add(0, 1, TP_ASK, 100, 10), trade(0, 100, 1, 1), execute(0, 1, 4, 2, 0), trade(0, 100, 5, 3, 0),
        trade(0, 900, 1, 4), trade(0, -1, 1, 5), trade(0, 100, 0, 6), execute(0, 77, 1, 7), correction(0, 1, -3)});
  EXPECT_THAT(ids(), ElementsAre(1));
  EXPECT_EQ(refused(refusal::outside_band), 1u);
  EXPECT_EQ(view(0).tape_sequence, 1u);
}

TEST_F(Tape, IsEmptyWhereNobodyWantsItButItsNumbersRise) {
  open_sparse();
  live();
  add_book(0);
  at(0).set_interest({TP_WANT_TRADES, 0, false});
  send({trade(0, 100, 1, 1), trade(0, 100, 1, 2)});
  EXPECT_THAT(numbers(), IsEmpty());
  EXPECT_EQ(view(0).tape_sequence, 2u);
  at(0).set_interest(wanted);
  send(trade(0, 100, 1, 3));
  EXPECT_THAT(numbers(), ElementsAre(3));
  at(0).set_interest({0, 0, true});
  send(trade(0, 100, 1, 4));
  EXPECT_THAT(numbers(), IsEmpty()) << "the tape counts only where something is wanted";
  EXPECT_EQ(view(0).tape_sequence, 4u);
}

TEST_F(Tape, HasNumbersOfItsOwnForEachBookInOneOrder) {
  begin();
  add_book(1);
  at(1).set_interest(wanted);
  send({trade(0, 100, 1, 1), trade(1, 200, 1, 2), trade(0, 100, 1, 3)});
  const auto entries = told();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[1].id, id_of(1));
  EXPECT_EQ(entries[1].sequence, 1u);
  EXPECT_EQ(entries[2].sequence, 2u);
}

TEST_F(Tape, BeginsAnewWithTheEpochOfASuccessor) {
  begin();
  send(trade(0, 100, 1, 1));
  const uint64_t before = at(0).epoch();
  withdraw(0);
  lend(0);
  EXPECT_EQ(view(0).tape_sequence, 0u);
  at(0).set_interest(wanted);
  send({snapshot_begin(0), snapshot_end(0, 0)});
  told();
  send(trade(0, 100, 1, 2));
  const auto entries = told();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_NE(entries[0].epoch, before);
  EXPECT_EQ(entries[0].sequence, 1u);
}

TEST_F(Tape, LeavesOutWhatASnapshotRepeats) {
  begin();
  send({numbered(add(0, 1, TP_ASK, 100, 10), 1), numbered(execute(0, 1, 4, 1), 2)});
  EXPECT_THAT(ids(), ElementsAre(1));
  send({snapshot_begin(0, TP_SNAPSHOT_HISTORY), of_snapshot(numbered(add(0, 1, TP_ASK, 100, 10), 1)),
        of_snapshot(numbered(execute(0, 1, 4, 1), 2)), of_snapshot(numbered(break_of(0, 1), 3)), snapshot_end(0, 3)});
  EXPECT_THAT(ids(), IsEmpty());
  EXPECT_EQ(view(0).tape_sequence, 1u);
  EXPECT_EQ(view(0).day.trades, 1u) << "they count for the day";
}

TEST_F(Tape, TellsWhatWaitedForASnapshotBehindIt) {
  begin();
  send({snapshot_begin(0), numbered(trade(0, 100, 1, 7), 5), numbered(trade(0, 100, 1, 8), 6)});
  EXPECT_THAT(ids(), IsEmpty());
  send(snapshot_end(0, 5));
  const auto entries = told();
  ASSERT_EQ(entries.size(), 1u) << "the snapshot covers the other";
  EXPECT_EQ(entries[0].trade_id, 8u);
  EXPECT_EQ(entries[0].sequence, 2u) << "whose number is missing";
}

TEST_F(Tape, LeavesANumberOutWhereDataWasLost) {
  begin();
  send(trade(0, 100, 1, 1));
  lost();
  EXPECT_EQ(view(0).tape_sequence, 2u) << "told at once, with the stale state";
  lost();
  EXPECT_EQ(view(0).tape_sequence, 2u) << "it is the same loss";
  send({snapshot_begin(0), snapshot_end(0, 0), trade(0, 100, 1, 2)});
  EXPECT_THAT(numbers(), ElementsAre(1, 3));
}

TEST_F(Tape, LeavesNoneOutWhereAVenueWasSilent) {
  open({.order_refs = TP_REFS_SPARSE, .silence_is_stale = true});
  live();
  add_book(0);
  at(0).set_interest(wanted);
  send(trade(0, 100, 1, 1));
  stream(TP_STREAM_SILENT);
  ASSERT_EQ(at(0).state(), trust::stale);
  live();
  send(trade(0, 100, 1, 2));
  EXPECT_THAT(numbers(), ElementsAre(1, 2));
}

TEST_F(Tape, GoesOnForBooksOfPriceLevelsThatAwaitTheirLevels) {
  open_sparse();
  add_book(0, TP_BOOK_LEVELS);
  at(0).set_interest(wanted);
  send({trade(0, 100, 1, 1), trade(0, 100, 1, 2)});
  EXPECT_THAT(numbers(), ElementsAre(1, 2));
}

/// A venue's adapter starts anew, and the book lives on.
TEST_F(Tape, TellsNothingTwiceWhenAnotherFeedTellsTheDayAgain) {
  begin();
  const std::vector<tp_event> day{at_time(trade(0, 100, 1, 1), 10), at_time(trade(0, 101, 1, 2), 20)};
  send(day);
  EXPECT_THAT(ids(), ElementsAre(1, 2));
  feed_.reset();
  open_sparse();
  live();
  ASSERT_EQ(feed_->define(definition(0, TP_BOOK_ORDERS, "S0")), 1);
  send(day);
  EXPECT_THAT(ids(), IsEmpty());
  EXPECT_EQ(view(0).tape_sequence, 3u) << "one number is missing: there may have been more";
  send({at_time(trade(0, 102, 1, 3), 30), at_time(trade(0, 101, 1, 4), 15)});
  EXPECT_THAT(numbers(), ElementsAre(4, 5)) << "once it is past the end, late ones are as good as others";
}

TEST_F(Tape, TakesANewSessionForNewWhateverItsTimes) {
  begin();
  send(at_time(trade(0, 100, 1, 1), 1'000));
  stream(TP_STREAM_RESTARTED);
  live();
  send(at_time(trade(0, 100, 1, 2), 10));
  EXPECT_THAT(numbers(), ElementsAre(1, 3));
}

} // namespace
} // namespace tickplant::book::testing
