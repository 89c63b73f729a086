#include "feed_builder.hpp"

namespace tickplant::nasdaq::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Messages of a session with three instruments, order n for instrument n modulo 3 plus 1.
std::vector<bytes> history(size_t orders) {
  auto all = opening(3);
  for (size_t i = 0; i < orders; ++i) all.push_back(add(static_cast<uint16_t>(i % 3 + 1), i + 1, 'B', 100, 10'000));
  return all;
}
std::vector<bytes> part(const std::vector<bytes>& all, uint64_t from, uint64_t to) {
  return {all.begin() + static_cast<long>(from - 1), all.begin() + static_cast<long>(to)};
}
std::vector<tp_event> of_kind(const world& w, uint8_t kind) {
  std::vector<tp_event> found;
  for (const auto& e : w.host.events)
    if (e.kind == kind) found.push_back(e);
  return found;
}
constexpr uint64_t late = 60; // where the late plugin joins

TEST(LateStart, ReplaysTheHistoryBeforeTheLiveFlow) {
  world w;
  const auto all = history(100);
  w.a(mold(session_a, late, part(all, late, late + 4)));
  EXPECT_THAT(w.host.events, IsEmpty());
  w.pass(5 * ms);
  EXPECT_FALSE(w.host.sent.empty());
  w.b(mold(session_a, late + 5, part(all, late + 5, late + 9))); // the live flow goes on meanwhile
  w.serve(all);
  const auto begin = of_kind(w, TP_EV_SNAPSHOT_BEGIN);
  ASSERT_EQ(begin.size(), 1u);
  EXPECT_EQ(begin[0].instrument, TP_ALL);
  EXPECT_EQ(begin[0].detail, TP_SNAPSHOT_HISTORY);
  const auto end = of_kind(w, TP_EV_SNAPSHOT_END);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].sequence, late + 9);
  const auto adds = of_kind(w, TP_EV_ADD);
  ASSERT_EQ(adds.size(), late + 9 - 5);
  for (size_t i = 0; i < adds.size(); ++i) {
    EXPECT_EQ(adds[i].sequence, i + 6);
    EXPECT_TRUE(adds[i].flags & TP_SNAPSHOT);
  }
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_LIVE);
  EXPECT_EQ(w.counted("messages.A"), adds.size());
  w.a(mold(session_a, late + 10, part(all, late + 10, late + 10)));
  EXPECT_EQ(w.host.events.back().sequence, late + 10);
  EXPECT_FALSE(w.host.events.back().flags & TP_SNAPSHOT);
  EXPECT_EQ(w.counted("gaps.seen"), 0u);
}

TEST(LateStart, IsNoneWhenTheOtherLineBringsTheBeginningInTime) {
  world w;
  const auto all = history(10);
  w.a(mold(session_a, 4, part(all, 4, 6)));
  w.pass(1 * ms);
  w.b(mold(session_a, 1, part(all, 1, 3)));
  w.pass(20 * ms);
  EXPECT_THAT(w.host.sent, IsEmpty());
  EXPECT_EQ(w.host.streams.front().state, TP_STREAM_LIVE);
  EXPECT_EQ(w.host.streams.front().from, 1u);
  EXPECT_THAT(of_kind(w, TP_EV_SNAPSHOT_BEGIN), IsEmpty());
  EXPECT_EQ(w.host.events.back().sequence, 6u);
}

TEST(LateStart, AsksAgainForWhatFellOffTheHoldBuffer) {
  world w{
    {"lines.a", "udp://239.1.1.1:26400"}, {"lines.rerequest", "udp://192.0.2.9:18000"}, {"hold_messages", "1024"}};
  const auto all = history(5'000);
  for (uint64_t n = 2'000; n < 4'500; n += 10) w.a(mold(session_a, n, part(all, n, n + 9)));
  w.serve(all, 40);
  EXPECT_EQ(of_kind(w, TP_EV_ADD).size(), 4'499u - 5);
  EXPECT_EQ(of_kind(w, TP_EV_SNAPSHOT_END).back().sequence, 4'499u);
}

TEST(LateStart, BeyondItsLimitIsLostAndGoesOnLive) {
  world w{
    {"lines.a", "udp://239.1.1.1:26400"}, {"lines.rerequest", "udp://192.0.2.9:18000"}, {"late_start_limit", "50"}};
  const auto all = history(100);
  w.a(mold(session_a, late, part(all, late, late + 1)));
  w.pass(5 * ms);
  ASSERT_EQ(w.host.streams.size(), 1u);
  EXPECT_EQ(w.host.streams[0].state, TP_STREAM_LOST);
  EXPECT_THAT(w.host.streams[0].reason, HasSubstr("late_start_limit"));
  EXPECT_THAT(w.host.sent, IsEmpty());
  EXPECT_EQ(w.counted("messages.A"), 2u);
  EXPECT_EQ(w.counted("unknown_locate"), 2u);
  EXPECT_EQ(w.venue->resynchronise(0, TP_ALL, w.host.now_ns), TP_E_LIMIT);
}

TEST(LateStart, WithoutAServerIsLostAtOnceAndGoesOnLive) {
  world w{{"lines.a", "udp://239.1.1.1:26400"}};
  const auto all = history(100);
  w.a(mold(session_a, late, part(all, late, late + 1)));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LOST));
  EXPECT_EQ(w.counted("messages.A"), 2u);
  EXPECT_EQ(w.venue->resynchronise(0, TP_ALL, w.host.now_ns), TP_E_UNSUPPORTED);
}

TEST(LateStart, IsGivenUpWhenNoServerAnswers) {
  world w;
  const auto all = history(100);
  w.a(mold(session_a, late, part(all, late, late + 1)));
  w.pass(10 * second);
  EXPECT_THAT(w.states(), ::testing::Contains(TP_STREAM_LOST));
  EXPECT_EQ(w.counted("messages.A"), 2u); // what was held goes on as live flow
  w.a(mold(session_a, late + 2, part(all, late + 2, late + 2)));
  EXPECT_EQ(w.counted("messages.A"), 3u);
}

struct Resync : ::testing::Test {
  world w;
  std::vector<bytes> all = history(100);
  void SetUp() override {
    w.a(mold(session_a, 1, part(all, 1, 50)));
    w.host.events.clear();
    w.host.streams.clear();
  }
  uint64_t counted_adds() const { return w.counted("messages.A"); }
};

TEST_F(Resync, OfOneInstrumentEmitsOnlyItsPastBesideTheLiveFlow) {
  EXPECT_EQ(w.venue->resynchronise(0, 2, w.host.now_ns), TP_OK);
  EXPECT_EQ(w.venue->resynchronise(0, 2, w.host.now_ns), TP_OK);
  w.a(mold(session_a, 51, part(all, 51, 55)));
  w.serve(all);
  std::vector<uint64_t> live;
  for (const auto& e : w.host.events) {
    if (!(e.flags & TP_SNAPSHOT))
      live.push_back(e.sequence);
    else
      EXPECT_EQ(e.instrument, 2u);
  }
  EXPECT_THAT(live, ElementsAre(51, 52, 53, 54, 55));
  const auto begin = of_kind(w, TP_EV_SNAPSHOT_BEGIN), end = of_kind(w, TP_EV_SNAPSHOT_END);
  ASSERT_EQ(begin.size(), 1u);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].sequence, 55u);
  EXPECT_EQ(end[0].instrument, 2u);
  size_t replayed = 0;
  for (const auto& e : w.host.events) replayed += e.kind == TP_EV_ADD && (e.flags & TP_SNAPSHOT);
  size_t expected = 0;
  for (size_t i = 0; i < 50; ++i) expected += i % 3 + 1 == 2;
  EXPECT_EQ(replayed, expected);
  EXPECT_EQ(counted_adds(), 50u); // each message once, replayed or not
  EXPECT_EQ(w.counted("duplicates"), 0u);
  EXPECT_THAT(w.host.streams, IsEmpty());
}

TEST_F(Resync, CatchesUpWithAFlowThatNeverPauses) {
  EXPECT_EQ(w.venue->resynchronise(0, TP_ALL, w.host.now_ns), TP_OK);
  for (uint64_t n = 51; n <= 100; ++n) {
    w.a(mold(session_a, n, part(all, n, n)));
    if (!w.host.sent.empty()) { // one answer to each live packet
      const auto [from, count] = world::asked(w.host.sent.front());
      w.host.sent.erase(w.host.sent.begin());
      w.answer(mold(session_a, from, part(all, from, std::min<uint64_t>(from + 4, 100))));
    }
  }
  w.serve(all);
  const auto end = of_kind(w, TP_EV_SNAPSHOT_END);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_LE(end[0].sequence, 100u);
  // The host drops held live events up to the number of the END: nothing may be missing behind it.
  std::vector<uint64_t> numbers;
  for (const auto& e : w.host.events)
    if (e.kind == TP_EV_ADD && ((e.flags & TP_SNAPSHOT) || e.sequence > end[0].sequence)) numbers.push_back(e.sequence);
  ASSERT_EQ(numbers.size(), 95u);
  for (size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], i + 6);
}

TEST_F(Resync, OfSeveralInstrumentsWaitsForTheNextPass) {
  EXPECT_EQ(w.venue->resynchronise(0, 1, w.host.now_ns), TP_OK);
  EXPECT_EQ(w.venue->resynchronise(0, 2, w.host.now_ns), TP_OK);
  EXPECT_EQ(w.venue->resynchronise(0, 3, w.host.now_ns), TP_OK);
  w.serve(all);
  EXPECT_EQ(w.counted("replay.passes"), 2u);
  std::vector<uint32_t> ended;
  for (const auto& e : of_kind(w, TP_EV_SNAPSHOT_END)) ended.push_back(e.instrument);
  EXPECT_THAT(ended, ElementsAre(1, 2, 3));
}

TEST_F(Resync, OfEverythingSwallowsSingleOnes) {
  EXPECT_EQ(w.venue->resynchronise(0, 1, w.host.now_ns), TP_OK);
  EXPECT_EQ(w.venue->resynchronise(0, 2, w.host.now_ns), TP_OK);
  EXPECT_EQ(w.venue->resynchronise(0, TP_ALL, w.host.now_ns), TP_OK);
  EXPECT_EQ(w.venue->resynchronise(0, 3, w.host.now_ns), TP_OK);
  w.serve(all);
  std::vector<uint32_t> ended;
  for (const auto& e : of_kind(w, TP_EV_SNAPSHOT_END)) ended.push_back(e.instrument);
  EXPECT_THAT(ended, ElementsAre(TP_ALL));
}

TEST_F(Resync, RefusesWhatItCannotServe) {
  EXPECT_EQ(w.venue->resynchronise(1, TP_ALL, 0), TP_E_ARGUMENT);
  EXPECT_EQ(w.venue->resynchronise(0, 77, 0), TP_E_ARGUMENT);
  EXPECT_EQ(w.venue->resynchronise(0, 100'000, 0), TP_E_ARGUMENT);
}

TEST_F(Resync, IsToldAsLostWhenNoServerAnswersAndMayBeAskedAgain) {
  EXPECT_EQ(w.venue->resynchronise(0, 2, w.host.now_ns), TP_OK);
  for (int i = 0; i < 4; ++i) {
    w.pass(second);
    w.a(heartbeat(session_a, 51));
  }
  EXPECT_THAT(w.states(2), ElementsAre(TP_STREAM_LOST));
  w.host.sent.clear();
  EXPECT_EQ(w.venue->resynchronise(0, 2, w.host.now_ns), TP_OK);
  w.serve(all);
  EXPECT_EQ(of_kind(w, TP_EV_SNAPSHOT_END).size(), 1u);
}

TEST_F(Resync, OfEverythingHealsALostChannel) {
  w.a(mold(session_a, 55, part(all, 55, 60)));
  w.pass(2'500 * ms); // 51 to 54 are given up
  w.a(heartbeat(session_a, 61));
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_LOST);
  w.host.sent.clear();
  EXPECT_EQ(w.venue->resynchronise(0, TP_ALL, w.host.now_ns), TP_OK);
  w.serve(all);
  EXPECT_EQ(of_kind(w, TP_EV_SNAPSHOT_END).back().sequence, 60u);
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_LIVE);
}

TEST_F(Resync, DelaysTheEndOfSession) {
  EXPECT_EQ(w.venue->resynchronise(0, 2, w.host.now_ns), TP_OK);
  w.a(end_of_session(session_a, 51));
  EXPECT_THAT(w.states(), IsEmpty());
  w.serve(all);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_CLOSED));
}

} // namespace
} // namespace tickplant::nasdaq::testing
