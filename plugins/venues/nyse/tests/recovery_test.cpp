// Holes on both lines: retransmission, what cannot be retransmitted, refreshes and their hand-over to the live flow
// (venue facts, sections 4 to 6 and 11).
#include "feed_builder.hpp"

namespace tickplant::nyse::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

bytes order(uint32_t n, uint32_t index = 1) {
  return add(index, n, n, 'B', 100, 10'000);
}

struct Recovery : ::testing::Test {
  Recovery() {
    w.connect();
    next = w.open(3);
    w.forget();
  }
  /// Loses number `next` (message `n` of symbol 1) on both lines.
  void make_hole() {
    w.both(next + 1, {order(3)});
    w.pass(20 * ms);
  }
  std::vector<bytes> picture(uint32_t index, uint32_t last, uint32_t last_of_symbol) {
    return {refresh_head(1, 1, last, last_of_symbol), mapping(index, "SYM" + std::to_string(index)),
            status(index, last_of_symbol, 'O', '~', 'O'), add_refresh(index, last_of_symbol, 1'000 + index, 'B', 9, 9)};
  }
  world w;
  uint32_t next = 0;
};

TEST_F(Recovery, AsksForWhatBothLinesLostAndGoesOnInOrder) {
  make_hole();
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_GAP));
  EXPECT_EQ(w.host.streams[0].from, next);
  EXPECT_EQ(w.host.streams[0].to, next);
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 10u);
  EXPECT_EQ(asked[0].number, 1u);
  EXPECT_EQ(asked[0].from, next);
  EXPECT_EQ(asked[0].to, next);
  EXPECT_EQ(asked[0].source, "TEST");
  w.answer(1, '0');
  w.retransmit(next, {order(2)}, 13);
  EXPECT_THAT(w.sequences(), ElementsAre(next, next + 1));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_GAP, TP_STREAM_LIVE));
  EXPECT_EQ(w.counted("gaps.seen"), 1u);
  EXPECT_EQ(w.counted("gaps.filled"), 1u);
  EXPECT_EQ(w.counted("gaps.lost"), 0u);
}

TEST_F(Recovery, FindsAGapAtIdleByTheHeartbeat) {
  w.heartbeat(next + 2);
  w.pass(20 * ms);
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].from, next);
  EXPECT_EQ(asked[0].to, next + 1);
}

TEST_F(Recovery, UsesWhatSomebodyElseAskedForAndDropsTheRest) {
  w.both(next + 1, {order(3)});
  w.retransmit(next - 2, {status(2, 1, 'O', '~', 'O'), status(3, 1, 'O', '~', 'O'), order(2), order(3)});
  EXPECT_THAT(w.sequences(), ElementsAre(next, next + 1));
  EXPECT_EQ(w.counted("gaps.seen"), 1u);
  EXPECT_EQ(w.counted("gaps.filled"), 1u);
  w.pass(second);
  EXPECT_THAT(w.requests(), IsEmpty());
}

TEST_F(Recovery, AsksInRequestsOfAtMostAThousandMessages) {
  w.both(next + 2'500, {order(9)});
  w.pass(20 * ms);
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0].to - asked[0].from + 1, 1'000u);
  EXPECT_EQ(asked[2].to, next + 2'499);
}

TEST_F(Recovery, TriesAgainThenRefreshesWhatTheHoleHeld) {
  make_hole();
  w.pass(10 * second);
  std::vector<uint32_t> types;
  for (const auto& r : w.requests()) types.push_back(r.type);
  EXPECT_THAT(std::vector<uint32_t>(types.begin(), types.begin() + 3), ElementsAre(10, 10, 10));
  EXPECT_EQ(types.at(3), 15u);
  EXPECT_EQ(std::count(types.begin(), types.end(), 10u), 3);
  EXPECT_THAT(w.states(0), ElementsAre(TP_STREAM_LOST));
  EXPECT_EQ(w.counted("gaps.lost"), 1u);
  EXPECT_EQ(w.counted("gaps.seen"), 1u);
  EXPECT_THAT(w.sequences(), Contains(next + 1)); // the flow goes on
}

// The symbols' own numbers account for the one message that is missing.
TEST_F(Recovery, UnavailableMessagesCostOnlyTheSymbolsThatTheyWereOf) {
  make_hole();
  w.requests();
  w.retransmit(1, {unavailable(next, next)}, 21);
  EXPECT_THAT(w.states(0), ElementsAre(TP_STREAM_LOST));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_GAP, TP_STREAM_LIVE));
  EXPECT_EQ(w.counted("gaps.proven"), 1u);
  EXPECT_EQ(w.counted("gaps.lost"), 1u);
  EXPECT_EQ(w.counted("retransmission.unavailable"), 1u);
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 15u);
  EXPECT_EQ(asked[0].index, 1u);
  EXPECT_THAT(w.sequences(), ElementsAre(next + 1));
}

TEST_F(Recovery, WithoutProofEveryBookIsRefreshed) {
  w.both(next + 1, {order(2), order(2, 2)}); // number `next` was of symbol 3, of which nothing is heard
  w.pass(20 * ms);
  w.requests();
  w.retransmit(1, {unavailable(next, next)}, 21);
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_LOST))); // a moment for proof
  w.pass(150 * ms);
  EXPECT_THAT(w.states(), Contains(TP_STREAM_LOST));
  EXPECT_EQ(w.counted("gaps.proven"), 0u);
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 15u);
  EXPECT_EQ(asked[0].index, 0u);
}

TEST_F(Recovery, ProofMayComeAMomentLater) {
  w.both(next + 1, {order(2)});
  w.pass(20 * ms);
  w.retransmit(1, {unavailable(next, next)}, 21);
  w.pass(50 * ms);
  w.both(next + 2, {order(3, 3)}); // number 2 of symbol 3 was it
  EXPECT_THAT(w.states(2), ElementsAre(TP_STREAM_LOST));
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_LOST)));
  w.pass(second);
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_LOST)));
  EXPECT_THAT(w.sequences(), ElementsAre(next + 1, next + 2));
}

TEST_F(Recovery, UnavailableRangesOfOthersAreIgnored) {
  make_hole();
  w.retransmit(1, {unavailable(next, next, 59)}, 21);
  w.retransmit(1, {unavailable(next, next, 11, 2)}, 21);
  w.retransmit(1, {unavailable(next + 500, next + 600)}, 21);
  w.pass(second / 2);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_GAP));
  EXPECT_EQ(w.counted("foreign"), 2u);
}

struct rejection {
  char status;
  bool refresh_follows;
};
struct Rejected : Recovery, ::testing::WithParamInterface<rejection> {};

TEST_P(Rejected, NeverAsksForTheSameAgain) {
  make_hole();
  ASSERT_EQ(w.requests().size(), 1u);
  w.answer(1, GetParam().status);
  w.pass(60 * second);
  size_t retransmissions = 0, refreshes = 0;
  for (const auto& r : w.requests()) (r.type == 10 ? retransmissions : refreshes) += 1;
  EXPECT_EQ(retransmissions, 0u);
  EXPECT_EQ(refreshes > 0, GetParam().refresh_follows);
  EXPECT_EQ(w.counted("requests_rejected"), 1u);
  EXPECT_EQ(w.counted("gaps.lost"), 1u);
}

// 4 and 6: a refresh helps. 1, 7, 8, 9: a fault of the settings, nothing is asked any more.
INSTANTIATE_TEST_SUITE_P(Table, Rejected,
                         ::testing::Values(rejection{'1', false}, rejection{'2', true}, rejection{'4', true},
                                           rejection{'6', true}, rejection{'7', false}, rejection{'8', false},
                                           rejection{'9', false}, rejection{'?', true}));

TEST_F(Recovery, ATooLongRangeIsSplit) {
  w.both(next + 100, {order(9)});
  w.pass(20 * ms);
  ASSERT_EQ(w.requests().size(), 1u);
  w.answer(1, '3');
  const auto asked = w.requests();
  ASSERT_GE(asked.size(), 2u);
  EXPECT_EQ(asked[0].from, next);
  EXPECT_EQ(asked[0].to, next + 49);
}

TEST_F(Recovery, RequestsOnALostConnectionAreAskedAgain) {
  make_hole();
  ASSERT_EQ(w.requests().size(), 1u);
  w.disconnect();
  w.pass(100 * ms);
  EXPECT_THAT(w.requests(), IsEmpty());
  w.connect();
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].from, next);
  EXPECT_EQ(asked[0].number, 1u); // the client's own running number
}

TEST_F(Recovery, MoreBehindAGapThanMayBeHeldLosesTheChannel) {
  world small{{"lines.a", "udp://239.1.1.1:1"},
              {"lines.request", "tcp://192.0.2.9:1"},
              {"lines.retransmission", "udp://239.1.1.3:1"},
              {"lines.refresh", "udp://239.1.1.4:1"},
              {"hold_messages", "1024"}};
  small.connect();
  uint32_t n = small.open(1) + 1;
  for (uint32_t i = 0; i < 1'100; ++i) small.a(n++, {order(3 + i)});
  EXPECT_THAT(small.states(), Contains(TP_STREAM_LOST));
  EXPECT_EQ(small.sequences().size(), 1'102u); // all that came, with the two of open()'s status
}

// ---- refreshes ----

struct Refresh : Recovery {
  /// All three books are lost; the flow is good from number `next` on.
  void lose_all() {
    w.both(next + 1, {order(2, 2)});
    w.pass(20 * ms);
    w.retransmit(1, {unavailable(next, next)}, 21);
    w.pass(150 * ms);
    w.both(next + 2, {order(2, 3)});
    next += 1;
    requests = w.requests();
    ASSERT_THAT(w.states(), Contains(TP_STREAM_LOST));
    w.forget();
  }
  std::vector<world::request> requests;
};

TEST_F(Refresh, OfAllHandsEachSymbolOverAtItsOwnNumber) {
  lose_all();
  w.answer(requests.back().number, '0');
  w.refresh(18, 1, picture(1, next - 1, 7));
  w.refresh(19, 5, picture(2, next, 8));
  EXPECT_THAT(w.states(), IsEmpty());
  w.refresh(20, 9, picture(3, next + 1, 9));
  std::vector<std::pair<uint32_t, uint64_t>> ends;
  for (const auto& e : w.host.events)
    if (e.kind == TP_EV_SNAPSHOT_END) ends.emplace_back(e.instrument, e.sequence);
  EXPECT_THAT(ends, ElementsAre(std::pair{0u, uint64_t{next - 1}}, std::pair{1u, uint64_t{next}},
                                std::pair{2u, uint64_t{next + 1}}));
  auto kinds = w.kinds();
  kinds.resize(4);
  EXPECT_THAT(kinds, ElementsAre(TP_EV_SNAPSHOT_BEGIN, TP_EV_STATUS, TP_EV_ADD, TP_EV_SNAPSHOT_END));
  EXPECT_EQ(w.host.events[2].flags & TP_SNAPSHOT, TP_SNAPSHOT);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LIVE));
  EXPECT_EQ(w.host.streams.back().from, 0u); // nothing is complete as an empty book
  w.forget();
  w.both(next + 2, {mapping(4, "SYM4"), order(1, 4)});
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u); // a symbol that appears later may have a book already
  EXPECT_EQ(asked[0].index, 4u);
  w.refresh(17, 13, picture(4, next + 3, 1));
  w.pass(3600 * second);
  EXPECT_THAT(w.requests(), IsEmpty());
}

TEST_F(Refresh, APictureOlderThanTheLossIsNotTakenAndAskedForAgain) {
  lose_all();
  w.refresh(18, 1, picture(1, next - 2, 7));
  EXPECT_THAT(w.host.events, IsEmpty());
  EXPECT_EQ(w.counted("refresh.too_old"), 1u);
  w.refresh(19, 5, picture(2, next, 8));
  w.refresh(20, 9, picture(3, next, 9));
  w.pass(second);
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 15u);
  EXPECT_EQ(asked[0].index, 1u);
  w.refresh(17, 13, picture(1, next + 1, 8));
  EXPECT_EQ(w.last_state(), TP_STREAM_LIVE);
}

TEST_F(Refresh, PicturesOfSeveralPacketsAreShownWhole) {
  lose_all();
  w.refresh(18, 1, {refresh_head(1, 2, next, 7), mapping(1, "SYM1"), add_refresh(1, 6, 100, 'B', 1, 1)});
  EXPECT_THAT(w.host.events, IsEmpty());
  w.refresh(18, 4, {refresh_head(2, 2), add_refresh(1, 7, 101, 'B', 1, 1)});
  EXPECT_THAT(w.kinds(), ElementsAre(TP_EV_SNAPSHOT_BEGIN, TP_EV_ADD, TP_EV_ADD, TP_EV_SNAPSHOT_END));
}

TEST_F(Refresh, ALostPacketCostsAnotherRequestForThatSymbol) {
  lose_all();
  w.refresh(18, 1, {refresh_head(1, 2, next, 7), mapping(1, "SYM1"), add_refresh(1, 6, 100, 'B', 1, 1)});
  w.refresh(19, 6, picture(2, next, 8));
  w.refresh(20, 10, picture(3, next, 9));
  w.pass(second);
  std::vector<std::pair<uint32_t, uint32_t>> asked;
  for (const auto& r : w.requests()) asked.emplace_back(r.type, r.index);
  // Numbers of the refresh channel were missing: symbols of which nothing came have to be heard of as well.
  EXPECT_THAT(asked, ElementsAre(std::pair{15u, 1u}, std::pair{13u, 0u}));
}

TEST_F(Refresh, ThatNeverComesIsAskedForAFewTimesAndThenRarely) {
  lose_all();
  w.pass(3600 * second);
  const auto in_the_first_hour = w.requests().size();
  EXPECT_GT(in_the_first_hour, 5u);
  EXPECT_LT(in_the_first_hour, 60u);
  w.pass(20 * 3600 * second);
  EXPECT_LT(w.requests().size(), 500u);
  EXPECT_LE(w.counted("refresh.requests"), 500u);
}

TEST_F(Refresh, SomebodyElsesAnswerIsAsGood) {
  lose_all();
  w.refresh(17, 1, picture(2, next + 1, 8));
  EXPECT_EQ(w.kinds().back(), TP_EV_SNAPSHOT_END);
  w.host.events.clear();
  w.refresh(17, 5, picture(2, next + 1, 8)); // its book is right already
  EXPECT_THAT(w.host.events, IsEmpty());
}

TEST_F(Refresh, WhatAPictureIncludesAlreadyIsNotAppliedAgain) {
  lose_all();
  w.refresh(17, 1, picture(1, next + 3, 9)); // ahead of the live flow
  w.host.events.clear();
  w.both(next + 2, {order(8), order(9)});
  EXPECT_THAT(w.host.events, IsEmpty());
  w.both(next + 4, {order(10)});
  EXPECT_THAT(w.sequences(), ElementsAre(next + 4));
  EXPECT_EQ(w.counted("symbol_jumps"), 0u);
}

TEST_F(Refresh, QuotasAreNeverExceeded) {
  world small{{"lines.a", "udp://239.1.1.1:1"},
              {"lines.request", "tcp://192.0.2.9:1"},
              {"lines.retransmission", "udp://239.1.1.3:1"},
              {"lines.refresh", "udp://239.1.1.4:1"},
              {"quotas.retransmissions", "2"},
              {"quotas.refreshes", "4"},
              {"quotas.full_refreshes", "2"}};
  small.connect();
  uint32_t n = small.open(1);
  uint32_t lost = 0;
  for (uint32_t i = 0; i < 200; ++i) {
    n += 1 + i % 3; // holes again and again
    lost += 1 + i % 3;
    small.a(n, {order(2 + lost + i)});
    ++n;
    small.pass(10 * second);
  }
  size_t retransmissions = 0, refreshes = 0, full = 0;
  for (const auto& r : small.requests()) {
    retransmissions += r.type == 10;
    refreshes += r.type == 15;
    full += r.type == 15 && r.index == 0;
  }
  EXPECT_EQ(retransmissions, 2u);
  EXPECT_LE(refreshes, 4u);
  EXPECT_LE(full, 2u);
  EXPECT_EQ(small.venue->resynchronise(1, TP_ALL, small.host.now_ns), TP_E_LIMIT);
  EXPECT_GT(small.counted("quota_exhausted"), 0u);
  EXPECT_EQ(small.counted("gaps.seen"), small.counted("gaps.filled") + small.counted("gaps.lost"));
  // The next day brings new ones.
  small.pass(24 * 3600 * second);
  EXPECT_EQ(small.venue->resynchronise(1, TP_ALL, small.host.now_ns), TP_OK);
}

TEST_F(Refresh, OfAllThatIsRefusedForTodayStops) {
  lose_all();
  w.answer(requests.back().number, '5');
  w.pass(3600 * second);
  EXPECT_THAT(w.requests(), IsEmpty());
  EXPECT_EQ(w.venue->resynchronise(1, TP_ALL, w.host.now_ns), TP_E_LIMIT);
}

// ---- resynchronise ----

TEST_F(Recovery, ResynchroniseAsksForTheSmallestRefresh) {
  EXPECT_EQ(w.venue->resynchronise(1, 1, w.host.now_ns), TP_OK);
  auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 15u);
  EXPECT_EQ(asked[0].index, 2u);
  EXPECT_EQ(w.venue->resynchronise(1, 1, w.host.now_ns), TP_OK); // runs already
  EXPECT_THAT(w.requests(), IsEmpty());
  w.refresh(17, 1, picture(2, next - 1, 5));
  EXPECT_EQ(w.kinds().back(), TP_EV_SNAPSHOT_END);
  EXPECT_THAT(w.states(1), ElementsAre(TP_STREAM_LIVE));
  EXPECT_EQ(w.venue->resynchronise(1, TP_ALL, w.host.now_ns), TP_OK);
  asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].index, 0u);
}

TEST_F(Recovery, ResynchroniseWithoutAServerSaysSo) {
  world alone{{"lines.a", "udp://239.1.1.1:1"}};
  alone.open(1);
  EXPECT_EQ(alone.venue->resynchronise(1, 0, alone.host.now_ns), TP_E_DOWN);
  EXPECT_EQ(alone.venue->resynchronise(1, 4'711, alone.host.now_ns), TP_OK);
  EXPECT_EQ(alone.venue->resynchronise(9, TP_ALL, alone.host.now_ns), TP_OK);
}

TEST_F(Recovery, ManySymbolsAreRefreshedInOneRequest) {
  world many;
  many.connect();
  many.open(40);
  many.forget();
  for (uint32_t i = 0; i < 40; ++i) EXPECT_EQ(many.venue->resynchronise(1, i, many.host.now_ns), TP_OK);
  many.pass(10 * ms);
  size_t single = 0, full = 0;
  for (const auto& r : many.requests()) (r.index == 0 ? full : single) += 1;
  EXPECT_EQ(full, 1u);
  EXPECT_LE(single, 4u); // in flight before there were many
}

} // namespace
} // namespace tickplant::nyse::testing
