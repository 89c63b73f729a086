// Issue 5, parts 1 to 3: snapshots and changes of the book, trades one by one, resuming, and clients that are behind.
#include "tests/support/hub_lines.hpp"

#include <gmock/gmock.h>

#include <set>

using namespace tickplant;
using namespace tickplant::fanout;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

namespace {

using HubLines = tests::hub_lines;

// ---- BOOK ----

TEST_F(HubLines, BookIsASnapshotAndThenTheChangesOfItsDepth) {
  subscribe(0, options(book, 1));
  subscribe(1, options(book, 2));
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("BOOK! 1;AAPL 1 1 0 0 100 b 100:5 a 101:4"));
  EXPECT_THAT(port.take(1), ElementsAre("BOOK! 1;AAPL 1 1 0 0 100 b 100:5 99:3 a 101:4 102:6"));
  bids[1].quantity = 7; // below the first
  publish();
  EXPECT_THAT(port.take(0), IsEmpty()) << "nothing changed at its depth";
  EXPECT_THAT(port.take(1), ElementsAre("BOOK 1;AAPL 1 2 1 0 - b 99:7 a"));
  bids.erase(bids.begin());
  asks.insert(asks.begin(), {100, 1, 1, 0});
  sequence += 2;
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("BOOK 1;AAPL 1 5 1 2 - b 100:0 99:7 a 100:1 101:0"));
  EXPECT_THAT(port.take(1), ElementsAre("BOOK 1;AAPL 1 5 2 2 - b 100:0 a 100:1 102:0"));
}

TEST_F(HubLines, BookOfOneWhoComesLaterLeadsOnToTheSameChanges) {
  subscribe(0, options(book, 1));
  publish();
  bids[1].quantity = 7; // no change at this depth
  publish();
  subscribe(1, options(book, 1));
  tick();
  EXPECT_THAT(port.take(1), ElementsAre("BOOK! 1;AAPL 1 1 0 0 100 b 100:5 a 101:4")) << "of the last change";
  bids[0].quantity = 9;
  publish();
  EXPECT_THAT(port.take(1), ElementsAre("BOOK 1;AAPL 1 3 1 0 - b 100:9 a"));
}

TEST_F(HubLines, BookWaitsUntilTheFeedTellsItDeepEnough) {
  subscribe(0, options(book, 5));
  auto shallow = state();
  shallow.depth = 2;
  take(shallow);
  EXPECT_THAT(port.take(0), IsEmpty());
  publish();
  EXPECT_THAT(port.take(0), ElementsAre(StartsWith("BOOK! 1;AAPL 1 2 ")));
  EXPECT_EQ(hub.take_interest(now)[0].wanted.depth, 5u);
}

TEST_F(HubLines, BookThatWasStaleBeginsAnewBehindItsStatus) {
  subscribe(0, options(book, 1));
  publish();
  port.take(0);
  auto stale = state();
  stale.state = book::trust::stale;
  take(stale);
  EXPECT_THAT(port.take(0), ElementsAre("status AAPL 2"));
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("status AAPL 1", "BOOK! 1;AAPL 1 3 0 0 100 b 100:5 a 101:4"));
  epoch = 2;
  publish();
  EXPECT_THAT(port.take(0), ElementsAre(StartsWith("BOOK! 1;AAPL 2 4 ")));
}

TEST_F(HubLines, EntriesArePrintedOnceForAllClientsOfAVariant) {
  for (uint32_t i = 0; i < 50; ++i) subscribe(i, options(book | trades, 1));
  publish();
  tests::line_dialect::printed = 0;
  bids[0].quantity = 9;
  publish();
  trade({1, 2});
  EXPECT_EQ(tests::line_dialect::printed, 3u);
  for (uint32_t i = 0; i < 50; ++i) EXPECT_THAT(port.take(i), SizeIs(4)) << i;
}

// ---- TRADES ----

TEST_F(HubLines, TradesComeOneByOneAndTogetherAtTheTick) {
  subscribe(0, options(trades));
  subscribe(1, options(trades, 0, 100));
  publish();
  EXPECT_TRUE(hub.take_interest(now)[0].wanted.tape);
  trade({1});
  trade({2, 3});
  EXPECT_THAT(port.take(0), ElementsAre("TRADES! 1;AAPL 1 0 0 0 100 b a", "TRADES 1;AAPL 1 1 1 1001",
                                        "TRADES 2;AAPL 1 2 1 1002;AAPL 1 3 1 1003"));
  tick();
  EXPECT_THAT(port.take(1), ElementsAre("TRADES! 1;AAPL 1 0 0 0 100 b a",
                                        "TRADES 3;AAPL 1 1 1 1001;AAPL 1 2 1 1002;AAPL 1 3 1 1003"));
}

TEST_F(HubLines, TradesThatNeverCameAreAGap) {
  subscribe(0, options(trades));
  publish();
  port.take(0);
  trade({1, 4});
  EXPECT_THAT(port.take(0), ElementsAre("TRADES 1;AAPL 1 1 1 1001", "GAP AAPL/TRADES 1 2 3 lost before this server",
                                        "TRADES 1;AAPL 1 4 1 1004"));
  tape_sequence = 6; // the state knows of two more than the tape
  publish();
  EXPECT_THAT(port.take(0), ElementsAre("GAP AAPL/TRADES 1 5 6 lost before this server"));
}

TEST_F(HubLines, TradesOfANewEpochBeginWithASnapshotAndMissNothing) {
  subscribe(0, options(trades));
  publish();
  trade({1});
  port.take(0);
  epoch = 2;
  trade({1, 2});
  EXPECT_THAT(port.take(0), ElementsAre("TRADES! 1;AAPL 2 0 0 0 - b a", "TRADES 2;AAPL 2 1 1 1001;AAPL 2 2 1 1002"));
}

TEST_F(HubLines, ConditionsLetSomeTradesThrough) {
  auto wanted = options(trades | book, 1);
  wanted.filter =
    std::make_shared<const filter>(std::vector<filter::condition>{{TP_FILTER_PRICE, TP_OP_AT_LEAST, -2, 1'002, {}}});
  EXPECT_EQ(hub_core::lines_of(print, wanted), TP_LINE_OF(TP_SERIES_TRADES) | TP_LINE_OF(TP_SERIES_STATE))
    << "changes cannot be left out of a book";
  subscribe(0, wanted);
  publish();
  port.take(0);
  trade({1, 2, 3});
  EXPECT_THAT(port.take(0), ElementsAre("TRADES 2;AAPL 1 2 1 1002;AAPL 1 3 1 1003"));
}

// ---- one write ----

TEST_F(HubLines, AllFramesOfAClientAndTurnGoInOneWrite) {
  subscribe(0, options(quotes | trades | book, 1, 100));
  subscribe(0, options(quotes, 0, 100), {}, 1);
  publish();
  take(state(1));
  trade({1});
  port.writes = 0;
  tick();
  EXPECT_EQ(port.writes, 1u);
  EXPECT_THAT(port.take(0), ElementsAre(StartsWith("STATE! 2;AAPL"), StartsWith("TRADES! 1;AAPL"),
                                        StartsWith("TRADES 1;AAPL"), StartsWith("BOOK! 1;AAPL")));
}

// ---- RESUME ----

TEST_F(HubLines, ResumesWithEverythingMissedInOrder) {
  subscribe(0, options(trades | book | quotes, 1));
  publish();
  trade({1, 2});
  hub.take_interest(now);
  hub.detach(key(0));
  hub.take_interest(now);
  trade({3});
  bids[0].quantity = 9;
  publish();
  bids[0].quantity = 8;
  publish();
  port.take(0);
  subscribe(0, options(trades | book | quotes, 1),
            {{TP_SERIES_TRADES, 1, 2}, {TP_SERIES_BOOK, 1, 1}, {TP_SERIES_STATE, 1, 1}});
  tick();
  EXPECT_THAT(port.take(0),
              ElementsAre("RESUMED AAPL/STATE 1 1 3 AAPL/TRADES 1 2 3 AAPL/BOOK 1 1 3", "STATE 1;AAPL 1 3 1 1 100 b a",
                          "TRADES 1;AAPL 1 3 1 1003", "BOOK 2;AAPL 1 2 1 0 - b 100:9 a;AAPL 1 3 2 0 - b 100:8 a"));
  EXPECT_EQ(hub.counters().resumed, 3u);
}

TEST_F(HubLines, ResumesWhereNothingWasMissed) {
  subscribe(0, options(trades));
  publish();
  trade({1});
  port.take(0);
  subscribe(1, options(trades), {{TP_SERIES_TRADES, 1, 1}});
  tick();
  EXPECT_THAT(port.take(1), ElementsAre("RESUMED AAPL/TRADES 1 1 1"));
}

TEST_F(HubLines, TellsWhyItCannotResumeAndSendsASnapshot) {
  const auto ask = [this](uint32_t index, uint32_t series, uint64_t its_epoch, uint64_t its_sequence) {
    subscribe(index, options(series == TP_SERIES_BOOK ? book : trades, 1), {{series, its_epoch, its_sequence}});
    tick();
    return port.take(index);
  };
  subscribe(0, options(trades | book, 1));
  tape_sequence = 10;
  sequence = 9;
  publish();
  trade({11, 12});
  bids[0].quantity = 9;
  sequence = 14;
  publish();
  EXPECT_THAT(ask(1, TP_SERIES_TRADES, 7, 11),
              ElementsAre("RESUME_FAILED AAPL/TRADES 1 0 12 epoch", "TRADES! 1;AAPL 1 12 0 0 100 b a"));
  EXPECT_THAT(ask(2, TP_SERIES_TRADES, 1, 9), ElementsAre("RESUME_FAILED AAPL/TRADES 1 0 12 too old", testing::_));
  EXPECT_THAT(ask(3, TP_SERIES_TRADES, 1, 13), ElementsAre("RESUME_FAILED AAPL/TRADES 1 0 12 ahead", testing::_));
  EXPECT_THAT(ask(4, TP_SERIES_BOOK, 1, 12),
              ElementsAre("RESUME_FAILED AAPL/BOOK 1 0 15 unknown", "BOOK! 1;AAPL 1 15 0 0 100 b 100:9 a 101:4"))
    << "no change ended at 12";
  EXPECT_EQ(hub.counters().not_resumed, 4u);
}

TEST_F(HubLines, KeepsALineForAMinuteAfterItsLastClient) {
  subscribe(0, options(trades));
  publish();
  hub.take_interest(now);
  hub.detach(key(0));
  EXPECT_THAT(hub.take_interest(now), IsEmpty());
  trade({1});
  EXPECT_EQ(hub.counters().lines, 1u);
  const auto told = hub.take_interest(now + 60'000 * ms);
  EXPECT_EQ(hub.counters().lines, 0u);
  EXPECT_EQ(hub.counters().line_bytes, 0u);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_FALSE(told[0].wanted.tape);
  EXPECT_EQ(told[0].wanted.want, 0u);
}

TEST_F(HubLines, WantsNoTapeOnceTheLastWhoReadsItIsLongGone) {
  subscribe(0, options(trades));
  subscribe(1, options(quotes));
  publish();
  EXPECT_TRUE(hub.take_interest(now)[0].wanted.tape);
  hub.detach(key(0));
  EXPECT_THAT(hub.take_interest(now), IsEmpty());
  const auto told = hub.take_interest(now + 60'000 * ms);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_FALSE(told[0].wanted.tape);
  EXPECT_NE(told[0].wanted.want, 0u);
}

// ---- clients that are behind ----

struct SlowClients : HubLines {
  SlowClients() { hub.set_limits({4 * 1024, 1024 * 1024}); }
  void fall_behind(uint32_t on_slow, uint32_t data_types) {
    subscribe(0, options(data_types, 1, 0, on_slow));
    publish();
    port.take(0);
    port.answers[0] = written::filled;
    next();
    port.take(0);
  }
  void next() {
    bids[0].quantity = static_cast<int64_t>(10 + ++count);
    auto batch = tests::make_batch({});
    batch.tapes.push_back(tape({count}));
    batch.items.push_back(state());
    hub.take(batch, now, now);
  }
  void drain() {
    port.answers.clear();
    hub.drained(key(0), now);
  }
  uint64_t count = 0;
};

TEST_F(SlowClients, GetEverythingThatIsStillKept) {
  fall_behind(TP_SLOW_DROP_OLDEST, trades);
  for (int i = 0; i < 10; ++i) next();
  EXPECT_THAT(port.take(0), IsEmpty());
  drain();
  EXPECT_THAT(port.take(0), ElementsAre(StartsWith("TRADES 10;AAPL 1 2 1 1002;")));
}

TEST_F(SlowClients, LoseTheOldestWithAGap) {
  fall_behind(TP_SLOW_DROP_OLDEST, trades);
  for (int i = 0; i < 500; ++i) next();
  drain();
  const auto told = port.take(0);
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_THAT(told[0], testing::MatchesRegex("GAP AAPL/TRADES 1 2 4[0-9]+ too slow"));
  EXPECT_THAT(told[1], testing::EndsWith("AAPL 1 501 1 1501"));
}

TEST_F(SlowClients, OfABookGetASnapshotBehindTheGap) {
  fall_behind(TP_SLOW_DROP_OLDEST, book);
  for (int i = 0; i < 500; ++i) next();
  drain();
  EXPECT_THAT(port.take(0), ElementsAre("GAP AAPL/BOOK 1 3 502 too slow", StartsWith("BOOK! 1;AAPL 1 502 ")));
  next();
  EXPECT_THAT(port.take(0), ElementsAre(StartsWith("BOOK 1;AAPL 1 503 502 ")));
}

TEST_F(SlowClients, WhoConflateGetTheNewestAlone) {
  fall_behind(TP_SLOW_CONFLATE, trades | book);
  for (int i = 0; i < 5; ++i) next();
  drain();
  EXPECT_THAT(port.take(0), ElementsAre("GAP AAPL/TRADES 1 2 5 too slow", "GAP AAPL/BOOK 1 3 7 too slow",
                                        "TRADES 1;AAPL 1 6 1 1006", StartsWith("BOOK! 1;AAPL 1 7 ")));
}

TEST_F(SlowClients, WhoAskedForItAreWarnedAndClosed) {
  fall_behind(TP_SLOW_DISCONNECT, trades);
  while (port.told[0].empty() && count < 500) next();
  EXPECT_THAT(port.take(0), ElementsAre(StartsWith("SLOW AAPL/TRADES")));
  EXPECT_FALSE(port.closed.contains(0)) << "warned before it is too late";
  for (int i = 0; i < 500; ++i) next();
  EXPECT_EQ(port.closed[0], 4103);
  drain();
  EXPECT_THAT(port.take(0), IsEmpty());
  EXPECT_EQ(hub.counters().slow_closed, 1u);
}

TEST_F(SlowClients, AreNotThoseWhoPaused) {
  const auto wanted = options(trades, 0, 0, TP_SLOW_DISCONNECT);
  subscribe(0, wanted);
  publish();
  port.take(0);
  hub.pause(key(0), wanted, model::instrument_id{0}, true, now);
  for (int i = 0; i < 500; ++i) next();
  hub.pause(key(0), wanted, model::instrument_id{0}, false, now);
  EXPECT_THAT(port.closed, IsEmpty());
  EXPECT_THAT(port.take(0), ElementsAre(StartsWith("GAP AAPL/TRADES 1 1 4"), testing::EndsWith("AAPL 1 500 1 1500")));
}

TEST_F(SlowClients, AreNotMadeOfThoseWhoseTickIsFarAway) {
  subscribe(1, options(trades, 0, 10'000));
  publish();
  tick();
  port.take(1);
  for (int i = 0; i < 300; ++i) next();
  tick(10'000 * ms);
  uint64_t expected = 0;
  for (const auto& frame : port.take(1)) {
    EXPECT_THAT(frame, StartsWith("TRADES "));
    for (size_t at = frame.find(';'); at != std::string::npos; at = frame.find(';', at + 1))
      EXPECT_EQ(std::stoull(frame.substr(at + 8)), ++expected);
  }
  EXPECT_EQ(expected, 300u) << "served early where the ring would have lost some";
}

// ---- rows ----

TEST_F(HubLines, APausedRowGoesOnWhereItWas) {
  const auto wanted = options(quotes | trades, 0);
  subscribe(0, wanted);
  publish();
  trade({1});
  port.take(0);
  hub.pause(key(0), wanted, model::instrument_id{0}, true, now);
  trade({2, 3});
  publish();
  publish();
  EXPECT_THAT(port.take(0), IsEmpty());
  hub.pause(key(0), wanted, model::instrument_id{0}, false, now);
  EXPECT_THAT(port.take(0), ElementsAre("STATE 1;AAPL 1 3 1 1 100 b a", "TRADES 2;AAPL 1 2 1 1002;AAPL 1 3 1 1003"));
}

TEST_F(HubLines, ChangedOptionsLeaveNoGap) {
  const auto first = options(trades | book, 2, 100), second = options(quotes | trades | book, 2, 0);
  subscribe(0, first);
  publish();
  tick();
  port.take(0);
  trade({1});
  bids[0].quantity = 9;
  publish();
  EXPECT_TRUE(hub.change(key(0), first, second, model::instrument_id{0}));
  EXPECT_EQ(hub.rows_of(key(0)), 1u);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("STATE! 1;AAPL 1 2 0 0 100 b a", "TRADES 1;AAPL 1 1 1 1001",
                                        "BOOK 1;AAPL 1 2 1 0 - b 100:9 a"));
  const auto third = options(book, 1, 0);
  EXPECT_TRUE(hub.change(key(0), second, third, model::instrument_id{0}));
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("BOOK! 1;AAPL 1 2 0 0 100 b 100:9 a 101:4")) << "another depth, another line";
  EXPECT_FALSE(hub.change(key(0), second, first, model::instrument_id{0})) << "no such row";
  trade({2});
  EXPECT_THAT(port.take(0), IsEmpty());
}

TEST_F(HubLines, TellsTheNewestPlaceOfEachLine) {
  subscribe(0, options(quotes | trades | book, 1));
  publish();
  trade({1, 2});
  bids[1].quantity = 8;
  publish();
  const auto places = hub.places_of(key(0)).places;
  ASSERT_THAT(places, SizeIs(3));
  EXPECT_EQ(places[0].sequence, 2u);
  EXPECT_EQ(places[1].sequence, 2u);
  EXPECT_EQ(places[2].sequence, 1u) << "nothing changed at this depth";
  EXPECT_EQ(places[2].series, static_cast<uint32_t>(TP_SERIES_BOOK));
}

TEST_F(HubLines, NamesThePlacesOfAllLinesPartByPart) {
  constexpr uint32_t many = hub_core::max_places + 7;
  for (uint32_t id = 0; id < many; ++id) {
    subscribe(0, options(quotes), {}, id);
    take(state(id));
  }
  const auto first = hub.places_of(key(0));
  EXPECT_THAT(first.places, SizeIs(hub_core::max_places));
  EXPECT_EQ(first.more, 7u);
  const auto rest = hub.places_of(key(0), first.next);
  EXPECT_THAT(rest.places, SizeIs(7));
  EXPECT_EQ(rest.more, 0u);
  EXPECT_EQ(rest.next, 0u) << "from the beginning";
  std::set<uint32_t> seen;
  for (const auto* part : {&first, &rest})
    for (const auto& place : part->places) seen.insert(model::index_of(place.id));
  EXPECT_THAT(seen, SizeIs(many));
  EXPECT_THAT(hub.places_of(key(0), 1'000'000).places, SizeIs(hub_core::max_places)) << "rows have gone meanwhile";
}

TEST_F(HubLines, ARetiredInstrumentTakesItsLinesAlong) {
  subscribe(0, options(trades | book, 1));
  publish();
  port.take(0);
  hub.retire(model::instrument_id{0}, now);
  EXPECT_THAT(port.take(0), ElementsAre("status AAPL 5"));
  EXPECT_EQ(hub.rows_of(key(0)), 0u);
  EXPECT_EQ(hub.counters().lines, 0u);
}

// ---- memory ----

TEST_F(HubLines, KeepsToItsBoundOfBytesAndForgetsUnusedLinesFirst) {
  hub.set_limits({64 * 1024, 96 * 1024});
  subscribe(0, options(trades));
  subscribe(1, options(trades), {}, 1);
  publish();
  take(state(1));
  for (uint64_t i = 1; i <= 3'000; ++i) trade({i});
  EXPECT_LE(hub.counters().line_bytes, 200u * 1024) << "two lines, what is printed of them counted";
  hub.detach(key(1));
  hub.take_interest(now);
  EXPECT_EQ(hub.counters().lines, 2u);
  hub.set_limits({64 * 1024, 8 * 1024});
  EXPECT_EQ(hub.counters().lines, 1u);
  EXPECT_GT(hub.counters().reclaimed, 0u);
  port.take(0);
  trade({3'001});
  EXPECT_THAT(port.take(0), ElementsAre("TRADES 1;AAPL 1 3001 1 4001"));
}

} // namespace
