// Item 6 of the recovery policy: every gap ends once, as filled, by a snapshot or stale; requests are bounded, repeated
// and never lost.
#include "runtime/book/recovery_ledger.hpp"
#include "runtime/book/resync_queue.hpp"

#include <gmock/gmock.h>

#include <random>
#include <set>

namespace tickplant::book::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t second = 1'000'000'000;

struct Ledger : ::testing::Test {
  std::vector<std::string> ends;
  std::set<std::pair<uint32_t, uint32_t>> lost;
  recovery_ledger ledger{[this](uint32_t c, uint32_t n) {
                           return !lost.contains({c, n});
                         },
                         [this](const ended_gaps& gaps) { ends.push_back(to_text(gaps)); }};

  void tell(uint32_t state, uint64_t now, uint64_t from = 0, uint64_t to = 0, uint32_t instrument = TP_ALL,
            std::string_view why = {}) {
    if (state == TP_STREAM_LOST) lost.insert({1, instrument});
    ledger.stream({sizeof(tp_stream), 1, instrument, state, from, to, {why.data(), why.size()}}, now);
    ledger.settle(now);
  }
  void snapshot(uint32_t instrument, uint64_t now) {
    lost.erase({1, instrument});
    ledger.snapshot_ended(1, instrument);
    ledger.settle(now);
  }
};

TEST_F(Ledger, EndsAGapAsFilledWhenTheStreamLivesAgain) {
  tell(TP_STREAM_GAP, 1 * second, 100, 120);
  EXPECT_EQ(ledger.open(), 1u);
  tell(TP_STREAM_LIVE, 2 * second);
  EXPECT_EQ(ledger.open(), 0u);
  EXPECT_THAT(ends, ElementsAre("channel 1: gap 100..120 filled after 1000.000 ms"));
}

TEST_F(Ledger, EndsALossByASnapshot) {
  tell(TP_STREAM_GAP, 1 * second, 100, 120);
  tell(TP_STREAM_LOST, 2 * second, 100, 120, TP_ALL, "no answer");
  tell(TP_STREAM_LIVE, 3 * second);
  EXPECT_EQ(ledger.open(), 1u) << "live flow does not make lost books good";
  snapshot(TP_ALL, 4 * second);
  EXPECT_THAT(ends, ElementsAre("channel 1: gap 100..120 ended by a snapshot after 3000.000 ms: no answer"));
  EXPECT_EQ(ledger.count(gap_outcome::snapshot), 1u);
}

TEST_F(Ledger, WaitsUntilEveryBookIsLiveAgain) {
  tell(TP_STREAM_LOST, 1 * second, 1, 2);
  ledger.snapshot_ended(1, 7); // one instrument of several
  ledger.settle(2 * second);
  EXPECT_EQ(ledger.open(), 1u);
  lost.clear();
  ledger.snapshot_ended(1, 8);
  ledger.settle(3 * second);
  EXPECT_EQ(ledger.count(gap_outcome::snapshot), 1u);
}

TEST_F(Ledger, EndsALossAsFilledWhereTheChannelIsReplayedFromItsStart) {
  tell(TP_STREAM_LOST, 1 * second, 5, 9);
  lost.clear();
  tell(TP_STREAM_LIVE, 2 * second, 1);
  EXPECT_EQ(ledger.count(gap_outcome::filled), 1u);
}

TEST_F(Ledger, CountsEachInstrumentOfASplitGapAndNotTheGapItself) {
  tell(TP_STREAM_GAP, 1 * second, 100, 120);
  tell(TP_STREAM_LOST, 2 * second, 0, 0, 3);
  tell(TP_STREAM_LOST, 2 * second, 0, 0, 4);
  tell(TP_STREAM_LIVE, 2 * second);
  EXPECT_EQ(ledger.open(), 2u);
  snapshot(3, 3 * second);
  snapshot(4, 4 * second);
  EXPECT_EQ(ledger.open(), 0u);
  EXPECT_EQ(ledger.count(gap_outcome::snapshot), 2u);
  EXPECT_EQ(ledger.count(gap_outcome::filled), 0u);
}

TEST_F(Ledger, CountsGapsOfOneChannelThatEndTogether) {
  tell(TP_STREAM_GAP, 1 * second, 100, 120);
  tell(TP_STREAM_GAP, 1 * second, 110, 120); // the rest of it, told again
  tell(TP_STREAM_GAP, 1 * second, 200, 210);
  EXPECT_EQ(ledger.open(), 2u);
  tell(TP_STREAM_LIVE, 1 * second);
  EXPECT_THAT(ends, ElementsAre("channel 1: 2 gaps 100..210 filled after 0.000 ms"));
}

TEST_F(Ledger, EndsAsStaleWhatNobodyWillHeal) {
  tell(TP_STREAM_LOST, 1 * second, 5, 9, TP_ALL, "no answer");
  ledger.give_up(1, TP_ALL, "no way", 2 * second);
  EXPECT_THAT(ends, ElementsAre(HasSubstr("its books stay stale after 1000.000 ms: no answer; no way")));
  tell(TP_STREAM_GAP, 3 * second, 15, 19);
  tell(TP_STREAM_RESTARTED, 4 * second);
  tell(TP_STREAM_GAP, 5 * second, 1, 2);
  ledger.end_all("the adapter ended", 6 * second);
  EXPECT_EQ(ledger.count(gap_outcome::stale), 3u);
  EXPECT_EQ(ledger.open(), 0u);
}

TEST_F(Ledger, DoesNotCallBooksStaleWhoseNumbersBeganAnew) {
  tell(TP_STREAM_LOST, 1 * second, 5, 9, TP_ALL, "no answer");
  tell(TP_STREAM_RESTARTED, 2 * second, 0, 0, TP_ALL, "a new day");
  EXPECT_THAT(ends,
              ElementsAre("channel 1: gap 5..9 not filled before the numbers began anew after 1000.000 ms: no answer"));
  EXPECT_EQ(ledger.count(gap_outcome::stale), 1u);
}

TEST(EndedGaps, NameTheInstrumentThatTheCallerKnows) {
  EXPECT_EQ(to_text({3, TP_ALL, 5, 9, 1, gap_outcome::filled, 1'000'000, {}}, " (AAPL)"),
            "channel 3 (AAPL): gap 5..9 filled after 1.000 ms");
}

TEST_F(Ledger, AccountsForEveryGapWhateverHappens) {
  std::mt19937_64 random{11};
  uint64_t now = 0, told = 0;
  for (int i = 0; i < 50'000; ++i) {
    ++now;
    const uint32_t instrument = random() % 2 == 0 ? TP_ALL : static_cast<uint32_t>(random() % 3);
    const auto before = ledger.open() + ledger.count(gap_outcome::filled) + ledger.count(gap_outcome::snapshot) +
                        ledger.count(gap_outcome::stale);
    switch (random() % 6) {
      case 0: tell(TP_STREAM_GAP, now, now, now + 3, instrument); break;
      case 1: tell(TP_STREAM_LOST, now, now, now + 3, instrument); break;
      case 2: tell(TP_STREAM_LIVE, now, random() % 2, 0, instrument); break;
      case 3: snapshot(instrument, now); break;
      case 4: tell(TP_STREAM_RESTARTED, now, 0, 0, instrument); break;
      default: lost.clear();
    }
    told = ledger.open() + ledger.count(gap_outcome::filled) + ledger.count(gap_outcome::snapshot) +
           ledger.count(gap_outcome::stale);
    // Only a split gap leaves the account, as its instruments have entries of their own.
    ASSERT_LE(told, before + 1);
  }
  lost.clear();
  ledger.end_all("over", now);
  EXPECT_EQ(ledger.open(), 0u);
}

// ---- what is asked for ----

struct Queue : ::testing::Test {
  resync_queue queue{{2, 30 * second, 1 * second, 8 * second, 5 * second, 20 * second}};
  std::vector<std::pair<uint32_t, uint32_t>> asked, hopeless;
  std::map<std::pair<uint32_t, uint32_t>, int32_t> answers;

  std::vector<std::pair<uint32_t, uint32_t>> run(uint64_t now) {
    asked.clear();
    queue.run(
      now,
      [this](uint32_t c, uint32_t n) {
        asked.emplace_back(c, n);
        const auto found = answers.find({c, n});
        return found == answers.end() ? TP_OK : found->second;
      },
      [this](uint32_t c, uint32_t n, const std::string&) { hopeless.emplace_back(c, n); });
    return asked;
  }
};
using pairs = std::vector<std::pair<uint32_t, uint32_t>>;

TEST_F(Queue, AsksForSoManyAtOnce) {
  for (uint32_t n = 0; n < 5; ++n) EXPECT_TRUE(queue.want(1, n, "x", 0));
  EXPECT_FALSE(queue.want(1, 0, "x", 0)) << "known";
  EXPECT_EQ(run(0), (pairs{{1, 0}, {1, 1}}));
  EXPECT_EQ(run(1), pairs{});
  queue.done(1, 0);
  EXPECT_TRUE(queue.is_due());
  EXPECT_EQ(run(2), (pairs{{1, 2}}));
  EXPECT_EQ(queue.running(), 2u);
  EXPECT_EQ(queue.waiting(), 2u);
}

TEST_F(Queue, AsksForTheChannelWhereOneBookCannotBeAskedFor) {
  answers[{1, 3}] = TP_E_UNSUPPORTED;
  queue.want(1, 3, "x", 0);
  queue.want(1, 4, "x", 0);
  run(0);
  EXPECT_EQ(run(0), (pairs{{1, TP_ALL}})) << "which covers the others";
  EXPECT_EQ(queue.waiting(), 0u);
  queue.done(1, TP_ALL);
  EXPECT_EQ(queue.running(), 0u);
}

TEST_F(Queue, AsksForTheChannelLaterAndLaterWhereItsSnapshotsDoNotBringTheBook) {
  answers[{1, 3}] = TP_E_UNSUPPORTED;
  std::vector<uint64_t> seconds;
  for (uint64_t ms = 0; ms < 60'000; ++ms) {
    const uint64_t now = ms * (second / 1'000);
    queue.want(1, 3, "the channel's snapshot did not bring it", now);
    for (const auto& key : run(now)) {
      if (key.second != TP_ALL) continue;
      seconds.push_back(ms / 1'000);
      queue.done(1, TP_ALL); // it ends at once
    }
  }
  EXPECT_THAT(seconds, ElementsAre(0, 1, 3, 7, 15, 23, 31, 39, 47, 55));
  queue.done(1, TP_ALL);
  // Long after, the first comes at once.
  queue.want(1, 3, "x", 200 * second);
  run(200 * second);
  EXPECT_EQ(run(200 * second + 1), (pairs{{1, TP_ALL}}));
}

TEST_F(Queue, GivesUpWhereThereIsNoWay) {
  answers[{1, TP_ALL}] = TP_E_UNSUPPORTED;
  queue.want(1, TP_ALL, "x", 0);
  run(0);
  EXPECT_EQ(hopeless, (pairs{{1, TP_ALL}}));
  EXPECT_EQ(run(1'000 * second), pairs{});
}

TEST_F(Queue, AsksAgainLaterAndLater) {
  answers[{1, 3}] = TP_E_AGAIN;
  queue.want(1, 3, "x", 0);
  std::vector<uint64_t> times;
  for (uint64_t t = 0; t < 40; ++t)
    if (!run(t * second).empty()) times.push_back(t);
  EXPECT_THAT(times, ElementsAre(0, 1, 3, 7, 15, 23, 31, 39));
  EXPECT_EQ(queue.counts().postponed, times.size());
}

TEST_F(Queue, AsksForNothingWhileTheVenuesLimitIsReached) {
  answers[{1, 3}] = TP_E_LIMIT;
  queue.want(1, 3, "x", 0);
  queue.want(2, 3, "x", 0);
  EXPECT_EQ(run(0), (pairs{{1, 3}}));
  EXPECT_EQ(run(4 * second), pairs{});
  answers.clear();
  EXPECT_EQ(run(5 * second), (pairs{{2, 3}, {1, 3}})) << "who waited longer comes first";
}

TEST_F(Queue, AsksAgainForASnapshotThatDoesNotEndUnlessItGoesOn) {
  queue.want(1, 3, "x", 0);
  run(0);
  queue.progress(25 * second);
  EXPECT_EQ(run(40 * second), pairs{}) << "it goes on";
  EXPECT_EQ(run(55 * second), (pairs{{1, 3}}));
  EXPECT_EQ(queue.counts().timeouts, 1u);
  EXPECT_EQ(run(90 * second), pairs{}) << "60 s this time";
  EXPECT_EQ(run(115 * second), (pairs{{1, 3}}));
}

TEST_F(Queue, AsksAgainForOneWhoseSnapshotWasInVain) {
  queue.want(1, 3, "x", 0);
  run(0);
  queue.want(1, 3, "the snapshot is older than the first change held", 2 * second);
  EXPECT_EQ(run(2 * second), pairs{}) << "not at once: a venue that is behind stays so for a while";
  EXPECT_EQ(run(3 * second), (pairs{{1, 3}}));
}

TEST_F(Queue, BringsEverythingInTheEndWhateverTheVenueAnswers) {
  std::mt19937_64 random{5};
  std::set<std::pair<uint32_t, uint32_t>> wanted, under_way;
  uint64_t now = 0;
  for (int i = 0; i < 20'000; ++i) {
    now += random() % second;
    const bool is_calm = i > 10'000;
    if (!is_calm && random() % 4 == 0) {
      const uint32_t channel = static_cast<uint32_t>(random() % 3);
      const uint32_t number = random() % 8 == 0 ? TP_ALL : static_cast<uint32_t>(random() % 5);
      queue.want(channel, number, "x", now);
      wanted.insert({channel, number});
    }
    queue.run(
      now,
      [&](uint32_t c, uint32_t n) {
        if (is_calm || random() % 2 == 0) {
          under_way.insert({c, n});
          return TP_OK;
        }
        return random() % 2 == 0 ? TP_E_AGAIN : TP_E_LIMIT;
      },
      [](uint32_t, uint32_t, const std::string&) { FAIL() << "nothing is hopeless here"; });
    ASSERT_LE(queue.running(), 2u);
    if (random() % 3 == 0 && !under_way.empty()) {
      const auto [c, n] = *under_way.begin();
      under_way.erase(under_way.begin());
      queue.done(c, n);
    }
  }
  EXPECT_EQ(queue.running() + queue.waiting(), 0u);
  EXPECT_GT(queue.counts().asked, 100u);
}

} // namespace
} // namespace tickplant::book::testing
