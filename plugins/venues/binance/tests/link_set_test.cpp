// How streams are dealt over connections, and how connections come and go (venue document, A3, A4).
#include "link_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace tickplant::binance {
namespace {

constexpr uint64_t second = 1'000'000'000, minute = 60 * second, start = 1'700'000'000 * second;
constexpr uint8_t all = stream_depth | stream_book_ticker | stream_trades | stream_ticker;

link_options options() {
  link_options out;
  out.kinds = all;
  out.addresses = {2, 0};
  return out;
}

/// Plays the host and the venue: opens what is asked for, confirms what is subscribed.
struct world {
  explicit world(link_options o) : set(std::move(o)) {}

  void want(uint32_t count, uint8_t bits = all) {
    for (uint32_t i = 0; i < count; ++i) {
      if (names.size() <= i) names.push_back("s" + std::to_string(i));
      set.want(i, names[i], bits);
    }
  }
  std::vector<link_set::opening> open() {
    std::vector<link_set::opening> out;
    while (const auto next = set.next_opening(now)) out.push_back(*next);
    return out;
  }
  void up(uint32_t link) { set.on_up(link, now, 0); }
  /// Sends all that is due within a minute, and answers it; counts the streams of each connection.
  void talk() {
    const uint64_t end = now + minute;
    for (bool any = true; any;) {
      any = false;
      for (uint32_t l = 0; l < set.size(); ++l) {
        auto* const link = set.open(l);
        if (link == nullptr || link->at != link_set::link::state::up || link->controls.due_ns() > end) continue;
        now = std::max(now, link->controls.due_ns());
        const auto text = link->controls.next(now);
        if (!text) continue;
        any = true;
        const std::string copy{*text};
        link->controls.answered(std::stoull(copy.substr(copy.rfind(':') + 1)), true);
      }
    }
  }
  void tick(uint64_t seconds) {
    for (uint64_t i = 0; i < seconds; ++i) {
      now += second;
      set.tick(now);
    }
  }
  std::map<uint32_t, uint32_t> streams() {
    std::map<uint32_t, uint32_t> out;
    for (uint32_t l = 0; l < set.size(); ++l)
      if (auto* const link = set.open(l)) out[l] = link->controls.active_streams();
    return out;
  }

  std::deque<std::string> names; // addresses stay
  link_set set;
  uint64_t now = start;
};

TEST(LinkSet, DealsStreamsOverAsManyConnectionsAsTheLimitAsksFor) {
  world w{options()};
  EXPECT_EQ(w.open().size(), 1u) << "one is there from the start";
  w.up(0);
  w.want(600);
  EXPECT_EQ(w.open().size(), 2u);
  w.up(1);
  w.up(2);
  w.talk();
  EXPECT_EQ(w.streams(), (std::map<uint32_t, uint32_t>{{0, 1'024}, {1, 1'024}, {2, 352}}));
  EXPECT_EQ(w.set.over_limit(), 0u);
  for (uint32_t i = 0; i < 600; ++i) EXPECT_TRUE(w.set.is_served(i, stream_depth)) << i;
  w.want(300, 0);
  w.talk();
  EXPECT_EQ(w.set.next_closing(w.now)->link, 0u) << "nothing is left on it";
  EXPECT_FALSE(w.set.next_closing(w.now));
}

TEST(LinkSet, PartsTheStreamsWhereTheVenueHasTwoEntryPoints) {
  auto o = options();
  o.masks = {stream_depth | stream_book_ticker, stream_trades | stream_ticker};
  o.addresses = {1, 1};
  o.controls.most_streams = 200;
  world w{o};
  w.want(150);
  const auto opened = w.open();
  ASSERT_EQ(opened.size(), 4u);
  EXPECT_EQ(std::count_if(opened.begin(), opened.end(), [](const auto& each) { return each.route == 1; }), 2);
  for (const auto& each : opened) w.up(each.link);
  w.talk();
  for (const auto& [link, count] : w.streams()) EXPECT_LE(count, 200u) << link;
  EXPECT_TRUE(w.set.is_served(149, stream_trades));
}

TEST(LinkSet, MovesTheStreamsOfOneThatFailsToOthersWithRoom) {
  world w{options()};
  w.want(300);
  w.open();
  w.up(0);
  w.up(1);
  w.talk();
  const auto fall = w.set.on_down(1, w.now, 0);
  EXPECT_EQ(fall.instruments.size(), 300u - 256);
  EXPECT_EQ(fall.heir, link_set::none);
  EXPECT_FALSE(fall.is_over) << "the other one is full";
  w.want(100, 0); // makes room
  const auto again = w.set.on_down(0, w.now, 0);
  EXPECT_EQ(again.instruments.size(), 156u);
  EXPECT_FALSE(again.is_over);
  w.now += minute;
  for (const auto& each : w.open()) w.up(each.link);
  w.talk();
  const auto third = w.set.on_down(1, w.now, 0);
  EXPECT_TRUE(third.is_over) << "all of it fits into the first";
  w.talk();
  EXPECT_EQ(w.streams(), (std::map<uint32_t, uint32_t>{{0, 800}}));
}

TEST(LinkSet, TriesTheNextAddressWhileOneFailsAndThenThePrimaryAgain) {
  world w{options()};
  EXPECT_EQ(w.open().at(0).address, 0u);
  w.set.on_down(0, w.now, 0);
  w.now += minute;
  EXPECT_EQ(w.open().at(0).address, 1u);
  w.up(0);
  w.now += 2 * minute;
  w.set.on_down(0, w.now, 0);
  w.now += minute;
  EXPECT_EQ(w.open().at(0).address, 0u);
}

TEST(LinkSet, NeverTriesMoreOftenThanTheVenueBears) {
  auto o = options();
  o.connects_limit = 7;
  world w{o};
  std::vector<uint64_t> tries;
  for (uint64_t i = 0; i < 40'000; ++i, w.now += second / 10)
    for (const auto& each : w.open()) {
      tries.push_back(w.now);
      w.set.on_down(each.link, w.now, i);
      w.want(static_cast<uint32_t>(tries.size()) * 300 % 3'000); // more connections, each with a back-off of its own
    }
  ASSERT_GT(tries.size(), 50u);
  for (size_t i = 0; i + 7 < tries.size(); ++i) EXPECT_GE(tries[i + 7] - tries[i], 5 * minute) << i;
}

TEST(LinkSet, ReplacesAConnectionBeforeItsLifeEndsAndLetsBothDeliver) {
  world w{options()};
  w.want(10);
  w.open();
  w.up(0);
  w.talk();
  w.now = start + 1'410 * minute - 2 * second;
  w.tick(1);
  EXPECT_TRUE(w.open().empty()) << "23 h 30 min have not passed";
  w.tick(61);
  ASSERT_EQ(w.open().size(), 1u);
  EXPECT_FALSE(w.set.is_doubled(*w.set.open(0))) << "not before it is up";
  w.up(1);
  EXPECT_TRUE(w.set.is_doubled(*w.set.open(0)));
  w.tick(60);
  EXPECT_FALSE(w.set.next_closing(w.now)) << "its subscriptions have not been answered";
  w.talk();
  EXPECT_EQ(w.streams(), (std::map<uint32_t, uint32_t>{{0, 40}, {1, 40}}));
  w.tick(5);
  EXPECT_FALSE(w.set.next_closing(w.now)) << "the overlap has only begun";
  w.tick(1);
  const auto done = w.set.next_closing(w.now);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->link, 0u);
  EXPECT_TRUE(done->was_renewed);
  EXPECT_TRUE(w.set.is_served(3, stream_depth));
  EXPECT_FALSE(w.set.is_doubled(*w.set.open(1)));
  EXPECT_GT(w.set.open(1)->settling_until_ns, w.now);
}

TEST(LinkSet, KeepsTheOldConnectionWhileItsReplacementFails) {
  world w{options()};
  w.want(10);
  w.open();
  w.up(0);
  w.talk();
  ASSERT_TRUE(w.set.renew(0));
  EXPECT_FALSE(w.set.renew(0)) << "under way";
  ASSERT_EQ(w.open().size(), 1u);
  const auto fall = w.set.on_down(1, w.now, 0);
  EXPECT_TRUE(fall.instruments.empty());
  EXPECT_FALSE(fall.is_over);
  w.tick(60);
  ASSERT_EQ(w.open().size(), 1u);
  EXPECT_FALSE(w.set.next_closing(w.now));
  const auto end = w.set.on_down(0, w.now, 0);
  EXPECT_EQ(end.instruments.size(), 10u);
  EXPECT_EQ(end.heir, link_set::none) << "it is not up";
  EXPECT_TRUE(end.is_over);
  w.up(1);
  w.talk();
  EXPECT_EQ(w.streams(), (std::map<uint32_t, uint32_t>{{1, 40}}));
}

TEST(LinkSet, TellsWhetherTheReplacementHadLongEnough) {
  for (const uint64_t waited : {uint64_t{1}, uint64_t{4}}) {
    world w{options()};
    w.want(10);
    w.open();
    w.up(0);
    w.talk();
    w.set.renew(0);
    w.open();
    w.up(1);
    w.talk();
    w.tick(waited);
    const auto fall = w.set.on_down(0, w.now, 0);
    EXPECT_EQ(fall.heir, 1u);
    EXPECT_EQ(fall.is_settled, waited > 2) << waited;
  }
}

TEST(LinkSet, GivesNewInstrumentsToTheReplacementAlone) {
  world w{options()};
  w.want(10);
  w.open();
  w.up(0);
  w.talk();
  w.set.renew(0);
  w.open();
  w.up(1);
  w.want(20);
  w.talk();
  EXPECT_EQ(w.streams(), (std::map<uint32_t, uint32_t>{{0, 40}, {1, 80}}));
  w.want(5, 0);
  w.talk();
  EXPECT_EQ(w.streams(), (std::map<uint32_t, uint32_t>{{0, 20}, {1, 60}}));
}

} // namespace
} // namespace tickplant::binance
