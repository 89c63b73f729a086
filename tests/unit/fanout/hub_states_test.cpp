// Issue 5, part 2: newest states, with trades and books inside where they are asked for, and single snapshots.
#include "tests/support/hub_lines.hpp"

#include <gmock/gmock.h>

using namespace tickplant;
using namespace tickplant::fanout;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

using HubStates = tests::hub_lines;

TEST_F(HubStates, StateBeginsWithASnapshotAndTellsWhatTheClientHadBefore) {
  subscribe(0, options(quotes));
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("STATE! 1;AAPL 1 1 0 0 100 b a"));
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("STATE 1;AAPL 1 2 1 0 100 b a"));
}

TEST_F(HubStates, StateOfAClientBehindNamesItsOwnPreviousOneAndHowManyWereMerged) {
  for (uint32_t i = 0; i < 3; ++i) subscribe(i, options(quotes, 0, 100));
  publish();
  tick();
  for (uint32_t i = 0; i < 3; ++i) port.take(i);
  port.answers[2] = written::filled;
  publish();
  tick(); // client 2 takes it, and is full
  for (uint32_t i = 0; i < 3; ++i) port.take(i);
  publish();
  tick();
  publish();
  publish();
  tests::line_dialect::printed = 0;
  tick();
  port.take(0);
  EXPECT_EQ(tests::line_dialect::printed, 1u) << "shared by those who had the same before";
  port.answers.clear();
  hub.drained(key(2), now);
  EXPECT_THAT(port.take(1), ElementsAre("STATE 1;AAPL 1 3 2 0 100 b a", "STATE 1;AAPL 1 5 3 1 100 b a"));
  EXPECT_THAT(port.take(2), ElementsAre("STATE 1;AAPL 1 5 2 2 100 b a"));
}

TEST_F(HubStates, StateBeginsAnewWithEachEpoch) {
  subscribe(0, options(quotes));
  publish();
  port.take(0);
  epoch = 2;
  sequence = 0;
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("STATE! 1;AAPL 2 1 0 0 100 b a"));
}

TEST_F(HubStates, PlainClientsGetStatesWithTradesAndBooksInsideAndNoSnapshots) {
  auto plain = options(quotes | trades | book, 2);
  plain.mode = TP_MODE_ABSENT;
  plain.extras = 0;
  EXPECT_EQ(hub_core::lines_of(print, plain), TP_LINE_OF(TP_SERIES_STATE));
  subscribe(0, plain);
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("STATE 1;AAPL 1 1 0 0 100 b 100:5 99:3 a 101:4 102:6"));
}

TEST_F(HubStates, ConflateBringsTradesAndBooksInsideStates) {
  auto conflated = options(quotes | trades | book, 1);
  conflated.mode = TP_MODE_CONFLATE;
  EXPECT_EQ(hub_core::lines_of(print, conflated), TP_LINE_OF(TP_SERIES_STATE));
  subscribe(0, conflated);
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("STATE! 1;AAPL 1 1 0 0 100 b 100:5 a 101:4"));
}

// Published again as somebody wants more levels: whoever has it needs it no second time.
TEST_F(HubStates, TheSameStateIsToldOnce) {
  subscribe(0, options(quotes));
  auto first = state();
  take(first);
  EXPECT_THAT(port.take(0), ElementsAre("STATE! 1;AAPL 1 1 0 0 100 b a"));
  take(first);
  EXPECT_THAT(port.take(0), IsEmpty());
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("STATE 1;AAPL 1 2 1 0 100 b a"));
}

TEST_F(HubStates, TheSameStateIsToldOnceWithLevelsInside) {
  auto whole = options(quotes | book, 2);
  whole.mode = TP_MODE_CONFLATE;
  subscribe(0, whole);
  auto first = state();
  first.depth = 1;
  take(first);
  EXPECT_THAT(port.take(0), IsEmpty()) << "not as deep as asked for";
  first.depth = 2;
  take(first);
  EXPECT_THAT(port.take(0), ElementsAre("STATE! 1;AAPL 1 1 0 0 100 b 100:5 99:3 a 101:4 102:6"));
  first.depth = 10;
  take(first);
  EXPECT_THAT(port.take(0), IsEmpty());
}

TEST_F(HubStates, SnapshotOnlyIsOneSnapshotAndDone) {
  auto once = options(quotes | book, 2);
  once.mode = TP_MODE_SNAPSHOT_ONLY;
  subscribe(0, once);
  auto shallow = state();
  shallow.depth = 1;
  take(shallow);
  EXPECT_THAT(port.take(0), IsEmpty()) << "not the whole of what was asked for";
  publish();
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("STATE! 1;AAPL 1 2 0 0 100 b 100:5 99:3 a 101:4 102:6"));
  const auto done = hub.take_finished();
  ASSERT_THAT(done, SizeIs(1));
  EXPECT_EQ(done[0].options, once);
  EXPECT_EQ(hub.rows_of(key(0)), 0u);
  EXPECT_THAT(hub.take_finished(), IsEmpty());
}

TEST_F(HubStates, SnapshotThatItsConditionsKeepBackIsDoneToo) {
  auto once = options(quotes);
  once.mode = TP_MODE_SNAPSHOT_ONLY;
  once.filter = std::make_shared<const filter>(
    std::vector<filter::condition>{{TP_FILTER_PRICE, TP_OP_AT_LEAST, -2, 1'000'000, {}}});
  subscribe(0, once);
  publish();
  EXPECT_THAT(port.take(0), IsEmpty());
  EXPECT_THAT(hub.take_finished(), SizeIs(1));
  EXPECT_EQ(hub.rows_of(key(0)), 0u);
}

/// States of a book that is not to be trusted, and clients who come to it, by what they want of it.
struct HubStatesOfDistrustedBooks : HubStates {
  option_set plain = options(quotes | book, 2), merged = plain, once = plain;

  HubStatesOfDistrustedBooks() {
    plain.mode = TP_MODE_ABSENT;
    plain.extras = 0;
    merged.mode = TP_MODE_CONFLATE;
    once.mode = TP_MODE_SNAPSHOT_ONLY;
  }
  /// Known to the hub, as somebody wants its quotes.
  void tell(book::trust how, bool with_levels) {
    auto told = state();
    told.state = how;
    if (!with_levels) {
      told.bids.clear();
      told.asks.clear();
    }
    told.bid = told_bid;
    told.trading_state = trading_state;
    if (is_consolidated) {
      book::leg_view leg;
      leg.instrument = aapl;
      told.consolidated.legs.assign(2, leg);
    }
    if (!hub.is_attached(key(9))) subscribe(9, options(quotes));
    take(told);
    port.take(9);
  }
  std::vector<std::string> got_by_newcomer(const option_set& wanted) {
    const uint32_t index = next_++;
    subscribe(index, wanted);
    hub.tick(now, now);
    return port.take(index);
  }
  int64_t told_bid = 100;
  uint8_t trading_state = TP_STATE_UNKNOWN;
  bool is_consolidated = false;

private:
  uint32_t next_ = 10;
};

// A stranger takes empty levels for an empty book.
TEST_F(HubStatesOfDistrustedBooks, ABookThatWasNeverLiveIsToldOnceItIs) {
  tell(book::trust::awaiting, false);
  subscribe(0, plain);
  subscribe(1, merged);
  subscribe(2, once);
  subscribe(3, options(quotes));
  hub.tick(now, now);
  for (uint32_t i = 0; i < 3; ++i) EXPECT_THAT(port.take(i), IsEmpty()) << i;
  EXPECT_THAT(port.take(3), ElementsAre("STATE! 1;AAPL 1 1 0 0 100 b a")) << "who wants no levels gets the quote";
  EXPECT_THAT(hub.take_finished(), IsEmpty());
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("plain status AAPL 1", "STATE 1;AAPL 1 2 1 0 100 b 100:5 99:3 a 101:4 102:6"));
  EXPECT_THAT(port.take(1), ElementsAre("status AAPL 1", "STATE! 1;AAPL 1 2 0 0 100 b 100:5 99:3 a 101:4 102:6"));
  EXPECT_THAT(port.take(2), ElementsAre("status AAPL 1", "STATE! 1;AAPL 1 2 0 0 100 b 100:5 99:3 a 101:4 102:6"));
  EXPECT_THAT(hub.take_finished(), SizeIs(1));
}

TEST_F(HubStatesOfDistrustedBooks, AnEmptyBookThatIsLiveIsToldAsOne) {
  tell(book::trust::ok, false);
  EXPECT_THAT(got_by_newcomer(plain), ElementsAre("STATE 1;AAPL 1 1 0 0 100 b a"));
}

TEST_F(HubStatesOfDistrustedBooks, AStaleBookIsToldWithItsLastLevels) {
  tell(book::trust::stale, true);
  EXPECT_THAT(got_by_newcomer(plain), ElementsAre("STATE 1;AAPL 1 1 0 0 100 b 100:5 99:3 a 101:4 102:6"));
}

TEST_F(HubStatesOfDistrustedBooks, AStaleBookThatWasEmptyIsToldAsThat) {
  told_bid = TP_NONE;
  tell(book::trust::stale, false);
  EXPECT_THAT(got_by_newcomer(plain), ElementsAre("STATE 1;AAPL 1 1 0 0 100 b a"));
}

TEST_F(HubStatesOfDistrustedBooks, AStaleQuoteWithoutItsLevelsIsToldToThoseWhoWantNone) {
  tell(book::trust::stale, false);
  EXPECT_THAT(got_by_newcomer(plain), IsEmpty());
  EXPECT_THAT(got_by_newcomer(options(quotes)), SizeIs(1));
}

// It keeps no levels, so that it never says how its book was.
TEST_F(HubStatesOfDistrustedBooks, AConsolidatedBookIsToldWhileAVenueIsGood) {
  is_consolidated = true;
  told_bid = TP_NONE;
  tell(book::trust::stale, false);
  EXPECT_THAT(got_by_newcomer(plain), IsEmpty());
  EXPECT_THAT(got_by_newcomer(options(quotes)), SizeIs(1));
  tell(book::trust::ok, true);
  EXPECT_THAT(got_by_newcomer(plain), SizeIs(1));
}

// Nobody waits for levels that do not come: of the venue, or for want of interest.
TEST_F(HubStatesOfDistrustedBooks, WhoChoseFieldsWithoutLevelsDoesNotWaitForThem) {
  tell(book::trust::awaiting, false);
  for (const auto& [fields, count] :
       {std::pair{TP_FIELD_BID | TP_FIELD_ASK, 1u}, {TP_FIELD_BID | TP_FIELD_LEVELS, 0u}}) {
    auto chosen = plain;
    chosen.fields = static_cast<uint32_t>(fields);
    EXPECT_THAT(got_by_newcomer(chosen), SizeIs(count)) << fields;
  }
}

TEST_F(HubStatesOfDistrustedBooks, AQuoteIsAllThatAVenueWithoutDepthHas) {
  trading_state = TP_STATE_NO_DEPTH;
  tell(book::trust::awaiting, false);
  EXPECT_THAT(got_by_newcomer(plain), ElementsAre("STATE 1;AAPL 1 1 0 0 100 b a"));
  trading_state = TP_STATE_UNKNOWN;
  for (const uint8_t kind : {TP_BOOK_NONE, TP_BOOK_QUOTE}) {
    auto without_levels = *aapl;
    without_levels.book = kind;
    aapl = std::make_shared<const model::instrument>(without_levels);
    tell(book::trust::awaiting, false);
    EXPECT_THAT(got_by_newcomer(plain), SizeIs(1)) << uint32_t{kind};
  }
}

TEST_F(HubStatesOfDistrustedBooks, APlaceToResumeFromIsJudgedOnceThereAreLevels) {
  tell(book::trust::awaiting, false);
  subscribe(0, merged, {{TP_SERIES_STATE, 1, 1, false}});
  hub.tick(now, now);
  EXPECT_THAT(port.take(0), IsEmpty());
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("status AAPL 1", "RESUMED AAPL/STATE 1 1 2",
                                        "STATE 1;AAPL 1 2 1 0 100 b 100:5 99:3 a 101:4 102:6"));
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("STATE 1;AAPL 1 3 2 0 100 b 100:5 99:3 a 101:4 102:6"));
}

} // namespace
