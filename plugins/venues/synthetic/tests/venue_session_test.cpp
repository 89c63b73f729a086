#include "venue_session.hpp"

#include <recording_host.hpp>

#include <gtest/gtest.h>

#include <map>

namespace {

using namespace tickplant::synthetic;
using tickplant::sdk::testing::pairs;
using tickplant::sdk::testing::recording_host;

constexpr uint64_t ms = 1'000'000, start_ns = 1'700'000'000'000 * ms;

struct driver {
  explicit driver(const pairs& settings) : session(settings.view(), host.host()) {
    host.now_ns = start_ns;
    session.start(start_ns);
  }
  void pass(uint64_t ns) {
    const uint64_t end = host.now_ns + ns;
    while (const auto id = host.pop_timer(end)) session.on_timer(*id, host.now_ns);
    host.now_ns = end;
  }
  uint64_t counted(std::string_view name) const { return host.counted(venue_session::counters(), name); }

  recording_host host;
  venue_session session;
};

using book = std::map<int64_t, std::pair<int64_t, uint64_t>>; // price -> quantity, orders

/// Both sides of one instrument after all its events.
std::pair<book, book> books_of(const std::vector<tp_event>& events, uint32_t instrument) {
  std::pair<book, book> made;
  for (const auto& e : events) {
    if (e.instrument != instrument) continue;
    if (e.kind == TP_EV_SNAPSHOT_BEGIN) made = {};
    if (e.kind != TP_EV_LEVEL) continue;
    book& side = e.flags & TP_BID ? made.first : made.second;
    if (e.quantity == 0) {
      EXPECT_EQ(side.erase(e.price), 1u) << "a level that is not there is taken away";
    } else {
      side[e.price] = {e.quantity, e.order};
    }
  }
  return made;
}

TEST(SyntheticVenue, TicksTenTimesASecondWithoutAnyLine) { // S0-05
  driver d{pairs{}};
  d.pass(999 * ms);
  EXPECT_TRUE(d.host.lines.empty());
  EXPECT_EQ(d.host.instruments.size(), 8u);
  EXPECT_EQ(d.counted("messages.tick"), 80u);
}

TEST(SyntheticVenue, TellsBooksThatAreCompleteAfterEachTick) {
  driver d{pairs{}};
  for (int i = 0; i < 200; ++i) {
    d.pass(100 * ms);
    for (uint32_t n = 0; n < 8; ++n) {
      const auto [bids, asks] = books_of(d.host.events, n);
      ASSERT_EQ(bids.size(), levels_a_side);
      ASSERT_EQ(asks.size(), levels_a_side);
      ASSERT_LT(bids.rbegin()->first, asks.begin()->first);
    }
  }
}

// Whoever sees a live book sees its levels: this market is never empty.
TEST(SyntheticVenue, IsLiveWithTheFirstTickOfEachBook) {
  driver d{pairs{{"instruments", "4"}, {"hz", "1"}, {"spread", "true"}}};
  const auto live = [&] {
    return std::count_if(d.host.streams.begin(), d.host.streams.end(),
                         [](const auto& told) { return told.state == TP_STREAM_LIVE; });
  };
  EXPECT_EQ(live(), 0);
  for (int ticks = 1; ticks <= 4; ++ticks) {
    d.pass(ticks == 1 ? 0 : 250 * ms);
    EXPECT_EQ(live(), ticks);
    EXPECT_EQ(d.counted("messages.tick"), static_cast<uint64_t>(ticks));
  }
  d.pass(10'000 * ms);
  EXPECT_EQ(live(), 4) << "told once";
}

TEST(SyntheticVenue, AnswersForABookThatHasNotTickedWithItsFirstTick) {
  driver d{pairs{{"instruments", "2"}, {"hz", "1"}, {"spread", "true"}}};
  EXPECT_EQ(d.session.resynchronise(1, TP_ALL, d.host.now_ns), TP_OK);
  d.pass(499 * ms);
  EXPECT_EQ(d.counted("snapshots"), 0u);
  d.pass(ms);
  EXPECT_EQ(d.host.streams.back().state, uint32_t{TP_STREAM_LIVE});
  EXPECT_EQ(d.host.streams.back().channel, 1u);
}

TEST(SyntheticVenue, EndsEachTickOnce) {
  driver d{pairs{}};
  d.pass(5'000 * ms);
  std::map<uint32_t, uint64_t> ends, last;
  for (const auto& e : d.host.events) {
    if (e.kind == TP_EV_STATUS) continue;
    ends[e.instrument] += (e.flags & TP_END) != 0;
    ASSERT_GE(e.sequence, last[e.instrument]);
    last[e.instrument] = e.sequence;
  }
  for (const auto& [instrument, sequence] : last) EXPECT_EQ(ends[instrument], sequence) << instrument;
}

TEST(SyntheticVenue, IsTheSameForTheSameSeedWhateverTheClockSays) {
  driver one{pairs{{"seed", "42"}}}, other{pairs{{"seed", "42"}, {"hz", "100"}, {"spread", "true"}}};
  one.pass(1'999 * ms); // 20 ticks each
  other.pass(199 * ms);
  for (uint32_t n = 0; n < 8; ++n) EXPECT_EQ(books_of(one.host.events, n), books_of(other.host.events, n)) << n;
}

TEST(SyntheticVenue, SpreadsTicksOverThePeriod) {
  driver d{pairs{{"instruments", "100"}, {"hz", "1"}, {"spread", "true"}}};
  d.pass(499 * ms);
  EXPECT_EQ(d.counted("messages.tick"), 50u);
  d.pass(500 * ms);
  EXPECT_EQ(d.counted("messages.tick"), 100u);
}

TEST(SyntheticVenue, SpreadsTicksInStepsWhereItIsAskedTo) {
  driver d{pairs{{"instruments", "100"}, {"hz", "100"}, {"spread", "true"}, {"step_ms", "2"}}};
  EXPECT_EQ(d.counted("messages.tick"), 0u);
  for (uint64_t wanted = 20; wanted <= 100; wanted += 20) { // those of two milliseconds at once
    d.pass(wanted == 20 ? 0 : ms);
    EXPECT_EQ(d.counted("messages.tick"), wanted);
    d.pass(ms);
    EXPECT_EQ(d.counted("messages.tick"), wanted);
  }
}

TEST(SyntheticVenue, LeavesOutRoundsAfterAStall) {
  driver d{pairs{}};
  d.pass(100 * ms);
  const uint64_t before = d.counted("messages.tick");
  d.host.now_ns += 60'000 * ms; // nobody calls for a minute
  d.pass(100 * ms);
  EXPECT_LE(d.counted("messages.tick"), before + 24);
  EXPECT_GT(d.counted("rounds.skipped"), 500u);
}

TEST(SyntheticVenue, TellsABookAgain) {
  driver d{pairs{}};
  d.pass(1'000 * ms);
  const auto before = books_of(d.host.events, 3);
  EXPECT_EQ(d.session.resynchronise(3, 3, d.host.now_ns), TP_OK);
  EXPECT_EQ(d.session.resynchronise(3, TP_ALL, d.host.now_ns), TP_OK);
  EXPECT_EQ(d.session.resynchronise(3, 4, d.host.now_ns), TP_E_ARGUMENT);
  EXPECT_EQ(d.session.resynchronise(8, TP_ALL, d.host.now_ns), TP_E_ARGUMENT);
  d.host.events.clear();
  d.pass(0);
  ASSERT_FALSE(d.host.events.empty());
  EXPECT_EQ(d.host.events.front().kind, TP_EV_SNAPSHOT_BEGIN);
  EXPECT_EQ(d.host.events.back().kind, TP_EV_SNAPSHOT_END);
  EXPECT_EQ(d.host.events.back().sequence, 11u); // ticks at 0, 100, ... 1000 ms
  EXPECT_EQ(books_of(d.host.events, 3), before);
  EXPECT_EQ(d.counted("snapshots"), 1u);
}

TEST(SyntheticVenue, EmitsOnlyWhatIsWanted) {
  const pairs settings{};
  recording_host host;
  host.wanted = [](std::string_view symbol) { return symbol == "AAPL"; };
  venue_session session{settings.view(), host.host()};
  session.start(start_ns);
  while (const auto id = host.pop_timer(start_ns + 1'000 * ms)) session.on_timer(*id, host.now_ns);
  EXPECT_FALSE(host.events.empty());
  for (const auto& e : host.events) EXPECT_EQ(e.instrument, 0u);
}

} // namespace
