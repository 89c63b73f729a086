#include "requester.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace tickplant::nasdaq {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using request = std::tuple<uint32_t, uint64_t, uint16_t>; // server, from, count
constexpr uint64_t ms = 1'000'000;

struct fixture {
  explicit fixture(uint32_t servers = 1, uint32_t in_flight = 2)
    : asks(rerequest_policy{10, in_flight, 3, 50 * ms, servers}) {}
  requester asks;
  std::set<uint64_t> missing;
  std::set<uint32_t> down;
  std::vector<request> sent;

  void lack(uint64_t from, uint64_t to) {
    for (; from <= to; ++from) missing.insert(from);
  }
  void get(uint64_t from, uint64_t to) {
    for (; from <= to; ++from) missing.erase(from);
  }
  requester::state plan(uint64_t now) {
    sent.clear();
    return asks.plan(
      now,
      [this](uint64_t from) -> std::optional<sdk::number_range> {
        const auto first = missing.lower_bound(from);
        if (first == missing.end()) return std::nullopt;
        uint64_t to = *first;
        while (missing.contains(to + 1)) ++to;
        return sdk::number_range{*first, to};
      },
      [this](uint32_t server, uint64_t from, uint16_t count) {
        if (down.contains(server)) return false;
        sent.emplace_back(server, from, count);
        return true;
      });
  }
};

TEST(Requester, AsksInChunksAndNoMoreThanAllowedAtATime) {
  fixture f;
  f.lack(5, 40);
  EXPECT_EQ(f.plan(0), requester::state::waiting);
  EXPECT_THAT(f.sent, ElementsAre(request{0, 5, 10}, request{0, 15, 10}));
  f.plan(1);
  EXPECT_THAT(f.sent, IsEmpty());
  f.get(5, 14);
  f.plan(2);
  EXPECT_THAT(f.sent, ElementsAre(request{0, 25, 10}));
}

TEST(Requester, MergesNeighbouringHoles) {
  fixture f;
  f.lack(5, 6);
  f.lack(9, 9);
  f.lack(30, 30);
  f.plan(0);
  EXPECT_THAT(f.sent, ElementsAre(request{0, 5, 5}, request{0, 30, 1}));
}

TEST(Requester, AsksForTheRestOfAShortAnswerAtOnce) {
  fixture f;
  f.lack(25, 27);
  f.plan(0);
  f.get(25, 26);
  f.plan(1);
  EXPECT_THAT(f.sent, ElementsAre(request{0, 27, 1}));
  f.get(27, 27);
  EXPECT_EQ(f.plan(2), requester::state::complete);
  EXPECT_FALSE(f.asks.due());
}

TEST(Requester, WaitsTwiceAsLongEachTimeThenGivesUp) {
  fixture f;
  f.lack(1, 1);
  f.plan(0);
  EXPECT_EQ(*f.asks.due(), 50 * ms);
  f.plan(50 * ms);
  EXPECT_EQ(f.sent.size(), 1u);
  EXPECT_EQ(*f.asks.due(), 150 * ms);
  f.plan(149 * ms);
  EXPECT_THAT(f.sent, IsEmpty());
  f.plan(150 * ms);
  EXPECT_EQ(*f.asks.due(), 350 * ms);
  EXPECT_EQ(f.plan(350 * ms), requester::state::exhausted);
}

TEST(Requester, TurnsToTheNextServerWhenOneIsSilentOrDown) {
  fixture f{3};
  f.lack(1, 1);
  f.plan(0);
  f.plan(50 * ms);
  EXPECT_THAT(f.sent, ElementsAre(request{1, 1, 1}));
  f.down = {2};
  f.plan(150 * ms);
  EXPECT_THAT(f.sent, ElementsAre(request{0, 1, 1}));
}

TEST(Requester, HasNothingToAskWithoutAServer) {
  fixture f{0};
  EXPECT_EQ(f.plan(0), requester::state::complete);
  f.lack(1, 1);
  EXPECT_EQ(f.plan(0), requester::state::exhausted);
}

} // namespace
} // namespace tickplant::nasdaq
