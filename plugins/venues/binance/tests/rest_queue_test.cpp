#include "rest_queue.hpp"

#include "product.hpp"

#include <gtest/gtest.h>

namespace tickplant::binance {
namespace {

constexpr uint64_t second = 1'000'000'000;
constexpr uint64_t now = 1'700'000'000 * second; // 20 s into a minute

class RestQueue : public ::testing::Test {
protected:
  rest_queue queue{5'000};
  using outcome = rest_queue::outcome;

  uint32_t send(uint32_t instrument, uint64_t at = now) {
    EXPECT_TRUE(queue.push({rest_kind::depth, instrument, 50}));
    const auto ticket = queue.next(at);
    EXPECT_TRUE(ticket);
    return ticket ? ticket->id : 0;
  }
};

TEST_F(RestQueue, WeighsDepthByItsLimit) {
  const std::pair<uint32_t, uint32_t> table[] = {{5, 5},    {100, 5},   {101, 25},   {500, 25},
                                                 {501, 50}, {1000, 50}, {1001, 250}, {5000, 250}};
  for (const auto& [limit, weight] : table) EXPECT_EQ(depth_weight(product::spot, limit), weight) << limit;
}

TEST_F(RestQueue, KeepsOneRequestPerSymbolAndTheDirectoryFirst) {
  EXPECT_TRUE(queue.push({rest_kind::depth, 1, 50}));
  EXPECT_FALSE(queue.push({rest_kind::depth, 1, 50}));
  EXPECT_TRUE(queue.push({rest_kind::exchange_info, 0, 20}));
  EXPECT_EQ(queue.next(now)->request.kind, rest_kind::exchange_info);
  EXPECT_EQ(queue.next(now)->request.instrument, 1u);
  EXPECT_FALSE(queue.push({rest_kind::depth, 1, 50})) << "it runs already";
}

TEST_F(RestQueue, RunsFewAtOnce) {
  for (uint32_t i = 0; i < 10; ++i) queue.push({rest_kind::depth, i, 50});
  size_t sent = 0;
  uint32_t last = 0;
  while (const auto t = queue.next(now)) last = t->id, ++sent;
  EXPECT_EQ(sent, 4u);
  EXPECT_EQ(queue.due_ns(now), UINT64_MAX) << "only an answer helps";
  EXPECT_EQ(queue.answered({last, 200, {}, {}}, now, 0).what, outcome::good);
  EXPECT_TRUE(queue.next(now));
}

TEST_F(RestQueue, WaitsForTheNextMinuteWhenTheBudgetIsSpent) {
  const uint32_t id = send(1);
  EXPECT_EQ(queue.answered({id, 200, 4'990u, {}}, now, 0).what, outcome::good);
  queue.push({rest_kind::depth, 2, 50});
  EXPECT_FALSE(queue.next(now)) << "the venue says 4,990 are used, whatever we counted";
  const uint64_t due = queue.due_ns(now);
  EXPECT_GT(due, now + 39 * second);
  EXPECT_LE(due, now + 42 * second);
  EXPECT_FALSE(queue.next(due - 2 * second));
  EXPECT_TRUE(queue.next(due));
}

TEST_F(RestQueue, SpendsItsOwnCountWhereTheVenueTellsNone) {
  rest_queue small{120};
  for (uint32_t i = 0; i < 3; ++i) small.push({rest_kind::depth, i, 50});
  const auto first = small.next(now), other = small.next(now);
  ASSERT_TRUE(first && other);
  EXPECT_FALSE(small.next(now));
  EXPECT_FALSE(small.next(now + 60 * second)) << "both still run, and may be weighed in the next minute";
  small.answered({first->id, 200, {}, {}}, now + 61 * second, 0);
  small.answered({other->id, 200, {}, {}}, now + 61 * second, 0);
  EXPECT_FALSE(small.next(now + 61 * second));
  EXPECT_TRUE(small.next(now + 120 * second));
}

TEST_F(RestQueue, TakesTheSmallerOfItsOwnAndTheVenuesLimit) {
  queue.venue_limit(1'200);
  const uint32_t id = send(1);
  queue.answered({id, 200, 980u, {}}, now, 0);
  queue.push({rest_kind::depth, 2, 50});
  EXPECT_FALSE(queue.next(now));
}

TEST_F(RestQueue, LetsARequestHeavierThanTheBudgetGoAlone) {
  rest_queue tiny{100};
  tiny.push({rest_kind::depth, 1, 250});
  EXPECT_TRUE(tiny.next(now));
}

struct stop_case {
  int32_t status;
  std::optional<uint64_t> retry_after;
  bool body_says_banned;
  rest_queue::outcome wanted;
  uint64_t seconds;
};

TEST_F(RestQueue, StopsAltogetherAtAThrottleOrBanForAsLongAsTold) {
  const stop_case table[] = {
    {429, 7, false, outcome::throttled, 7},
    {429, {}, false, outcome::throttled, 60},
    {418, 3'600, false, outcome::banned, 3'600},
    {418, {}, false, outcome::banned, 120},
    {418, 999'999'999, false, outcome::banned, 3 * 24 * 3'600}, // no longer than the venue's longest ban
    {429, 0, false, outcome::throttled, 1},
    {403, {}, false, outcome::banned, 600},
    {400, {}, true, outcome::banned, 120}, // -1003
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.status);
    rest_queue q{5'000};
    q.push({rest_kind::depth, 1, 50});
    q.push({rest_kind::depth, 2, 50});
    const auto first = q.next(now);
    EXPECT_EQ(q.answered({first->id, row.status, {}, row.retry_after, row.body_says_banned}, now, 0).what, row.wanted);
    EXPECT_EQ(q.blocked_until_ns(), now + row.seconds * second);
    EXPECT_EQ(q.waiting(), 2u) << "the request is not lost";
    EXPECT_FALSE(q.next(now + row.seconds * second - 1));
    EXPECT_EQ(q.due_ns(now), now + row.seconds * second);
    EXPECT_TRUE(q.next(now + row.seconds * second));
    EXPECT_TRUE(q.next(now + row.seconds * second));
  }
}

TEST_F(RestQueue, ObeysABanThatAnswersACancelledRequest) {
  const uint32_t id = send(1);
  queue.cancel_depth(1);
  EXPECT_EQ(queue.answered({id, 418, {}, 100}, now, 0).what, outcome::banned);
  EXPECT_EQ(queue.waiting(), 0u);
  queue.push({rest_kind::depth, 2, 50});
  EXPECT_FALSE(queue.next(now));
}

TEST_F(RestQueue, RetriesServerFaultsLaterAndLater) {
  uint64_t at = now;
  uint64_t last_wait = 0;
  queue.push({rest_kind::depth, 1, 50});
  for (const int32_t status : {500, 502, 503, 504, -4, 0}) {
    const auto t = queue.next(at);
    ASSERT_TRUE(t);
    EXPECT_EQ(queue.answered({t->id, status, {}, {}}, at, 0).what, outcome::retried);
    const uint64_t wait = queue.due_ns(at) - at;
    EXPECT_GE(wait, last_wait);
    EXPECT_LE(wait, 30 * second);
    EXPECT_FALSE(queue.next(at + wait - 1));
    last_wait = wait;
    at += wait;
  }
  EXPECT_GE(last_wait, 10 * second);
}

TEST_F(RestQueue, GivesRefusedRequestsBackToTheirOwner) {
  for (const int32_t status : {400, 404}) {
    const uint32_t id = send(1);
    const auto r = queue.answered({id, status, {}, {}}, now, 0);
    EXPECT_EQ(r.what, outcome::refused);
    EXPECT_EQ(r.request.instrument, 1u);
    EXPECT_EQ(queue.waiting(), 0u);
  }
}

TEST_F(RestQueue, KnowsOnlyItsOwnAnswersAndEachOnce) {
  const uint32_t id = send(1);
  EXPECT_EQ(queue.answered({id + 7, 200, {}, {}}, now, 0).what, outcome::unknown);
  EXPECT_EQ(queue.answered({id, 200, {}, {}}, now, 0).what, outcome::good);
  EXPECT_EQ(queue.answered({id, 200, {}, {}}, now, 0).what, outcome::unknown);
}

TEST_F(RestQueue, DisownsWhatRunsWhenTheStreamEnds) {
  const uint32_t id = send(1);
  queue.push({rest_kind::depth, 2, 50});
  queue.cancel_all_depth();
  EXPECT_EQ(queue.waiting(), 0u);
  EXPECT_TRUE(queue.push({rest_kind::depth, 1, 50})) << "may be asked for anew";
  EXPECT_EQ(queue.answered({id, 200, {}, {}}, now, 0).what, outcome::unknown);
}

TEST_F(RestQueue, GivesUpOnAnswersThatNeverCome) {
  send(1);
  queue.expire(now + 30 * second, 0);
  EXPECT_EQ(queue.running(), 1u);
  queue.expire(now + 61 * second, 0);
  EXPECT_EQ(queue.running(), 0u);
  EXPECT_EQ(queue.waiting(), 1u);
}

} // namespace
} // namespace tickplant::binance
