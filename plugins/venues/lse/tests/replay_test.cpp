// The replay service: conversations, refusals, cuts, and the rules of connecting (notes A6, A7; S0-53).
#include "feed_builder.hpp"

namespace tickplant::lse::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

bytes order(uint64_t n) {
  return add(101, n, 'B', 1, one);
}
bytes asked(uint32_t first, uint16_t count) {
  return mitch_message(0x03).c('A').n(first, 4).n(count, 2);
}

/// A group with five messages, and then a hole of 6 to 8 that is known to be one.
struct Replay : ::testing::Test {
  world w{{"lines.a", "udp://239.1.1.1:1"},
          {"lines.replay.0", "tcp://192.0.2.1:1"},
          {"lines.replay.1", "tcp://192.0.2.3:1"},
          {"lines.recovery", "tcp://192.0.2.2:1"},
          {"comp_id", "VEC001"},
          {"password", "mit_1234"}};
  void SetUp() override {
    auto all = opening(2);
    all.push_back(order(5));
    w.a(unit(1, all));
    w.forget();
    w.a(unit(9, {order(9)}));
    w.pass(5 * ms);
  }
  std::string address_of_last() const { return w.host.lines.back().address; }
  bytes whole_answer() const {
    return login_response('A') + replay_response(6, 3, 'A') + unit(6, {order(6), order(7)}) + unit(8, {order(8)});
  }
  void expect_filled() {
    EXPECT_THAT(w.sequences(), ElementsAre(6, 7, 8, 9));
    EXPECT_EQ(w.counted("gaps.filled"), 1u);
    EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
    EXPECT_THAT(w.states(), ::testing::Not(Contains(TP_STREAM_LOST)));
  }
};

TEST_F(Replay, LogsInAsksAndLogsOutAgain) {
  ASSERT_EQ(w.opened("replay"), 1u);
  EXPECT_THAT(w.host.sent, IsEmpty()); // not before the connection is there
  w.up("replay");
  ASSERT_EQ(w.host.sent.size(), 1u);
  EXPECT_EQ(w.sent(0x01).at(0), bytes(mitch_message(0x01).t("VEC001", 6).t("mit_1234", 10)));
  EXPECT_THAT(w.sent(0x03), IsEmpty()); // not before the login is accepted
  w.answer("replay", login_response('A'));
  EXPECT_THAT(w.sent(0x03), ElementsAre(asked(6, 3)));
  w.answer("replay", replay_response(6, 3, 'A'));
  w.answer("replay", unit(6, {order(6), order(7), order(8)}));
  expect_filled();
  EXPECT_THAT(w.sent(0x05), IsEmpty());
  w.pass(4 * second);
  EXPECT_EQ(w.sent(0x05).size(), 1u);
  EXPECT_THAT(w.host.closed_lines, Contains(*w.service("replay")));
  EXPECT_EQ(w.counted("replay.logins"), 1u);
  EXPECT_EQ(w.counted("replay.requests"), 1u);
}

TEST_F(Replay, TakesAnswersThatComeAllAtOnce) {
  w.up("replay");
  w.answer("replay", whole_answer());
  expect_filled();
}

TEST_F(Replay, TakesAnswersByteByByte) {
  w.up("replay");
  for (const uint8_t byte : whole_answer()) w.answer("replay", {byte});
  expect_filled();
}

TEST_F(Replay, AsksAgainForWhatACutMessageLost) {
  w.up("replay");
  const auto all = whole_answer();
  w.answer("replay", bytes(all.begin(), all.end() - 20)); // the last unit is cut
  EXPECT_THAT(w.sequences(), ElementsAre(6, 7));
  w.down("replay");
  EXPECT_EQ(w.opened("replay"), 1u); // not at once
  w.pass(3 * second);
  ASSERT_EQ(w.opened("replay"), 2u);
  w.log_in("replay");
  EXPECT_EQ(w.sent(0x03).back(), asked(8, 1));
  w.answer("replay", replay_response(8, 1, 'A') + unit(8, {order(8)}));
  expect_filled();
}

TEST_F(Replay, UsesTheOpenSessionForTheNextHole) {
  w.up("replay");
  w.answer("replay", whole_answer());
  w.a(unit(12, {order(12)}));
  w.pass(5 * ms);
  EXPECT_EQ(w.opened("replay"), 1u);
  EXPECT_EQ(w.sent(0x03).back(), asked(10, 2));
}

TEST_F(Replay, TheOtherLineMayStillFillTheHole) {
  w.a(unit(6, {order(6), order(7), order(8)}));
  expect_filled();
  w.log_in("replay");
  EXPECT_THAT(w.sent(0x03), IsEmpty()); // nothing is left to be asked for
}

TEST_F(Replay, ConnectsThreeTimesToEachAddressThenRests) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(w.opened("replay"), static_cast<size_t>(i + 1));
    addresses.push_back(address_of_last());
    w.down("replay", TP_LINE_FAILED);
    if (i < 5) {
      EXPECT_EQ(w.opened("replay"), static_cast<size_t>(i + 1)); // never without its pause
      w.pass(3 * second);
    }
  }
  EXPECT_THAT(addresses, ElementsAre("tcp://192.0.2.1:1", "tcp://192.0.2.1:1", "tcp://192.0.2.1:1", "tcp://192.0.2.3:1",
                                     "tcp://192.0.2.3:1", "tcp://192.0.2.3:1"));
  EXPECT_EQ(w.counted("services.stopped"), 1u);
  EXPECT_THAT(w.states(), Contains(TP_STREAM_LOST)); // and the recovery service has its turn
  EXPECT_EQ(w.opened("recovery"), 1u);
  w.pass(30 * second);
  EXPECT_EQ(w.opened("replay"), 6u);
  // After its rest the service is asked again, for the next hole.
  w.pass(60 * second);
  w.a(unit(12, {order(12)}));
  w.pass(5 * ms);
  EXPECT_EQ(w.opened("replay"), 7u);
}

TEST_F(Replay, ASilentServerIsLeft) {
  w.up("replay");
  w.pass(5 * second); // no login response
  w.pass(3 * second);
  ASSERT_EQ(w.opened("replay"), 2u);
  w.log_in("replay");
  w.answer("replay", replay_response(6, 3, 'A'));
  w.pass(5 * second); // and nothing behind it
  w.pass(3 * second);
  EXPECT_EQ(w.opened("replay"), 3u);
}

struct refusal_case {
  char status;
  bool is_final; // not tried again today
};
struct LoginRefused : Replay, ::testing::WithParamInterface<refusal_case> {};

TEST_P(LoginRefused, IsNeverLoopedOn) {
  const auto [status, is_final] = GetParam();
  w.up("replay");
  w.answer("replay", login_response(status));
  EXPECT_EQ(w.counted("replay.refused"), 1u);
  EXPECT_THAT(w.host.closed_lines, Contains(*w.service("replay")));
  EXPECT_THAT(w.sent(0x03), IsEmpty());
  EXPECT_EQ(std::ranges::count(w.states(), uint32_t{TP_STREAM_LOST}), is_final ? 1 : 0);
  w.pass(3 * second);
  EXPECT_EQ(w.opened("replay"), is_final ? 1u : 2u);
  if (!is_final) return;
  w.a(unit(12, {order(12)}));
  w.pass(600 * second);
  EXPECT_EQ(w.opened("replay"), 1u);
  // Another day in London, another try.
  w.pass(24 * 3'600 * second);
  w.a(unit(20, {order(20)}));
  w.pass(5 * ms);
  EXPECT_EQ(w.opened("replay"), 2u);
}
INSTANTIATE_TEST_SUITE_P(Statuses, LoginRefused,
                         ::testing::Values(refusal_case{'a', true}, refusal_case{'b', true}, refusal_case{'N', true},
                                           refusal_case{'c', false}, refusal_case{'d', false},
                                           refusal_case{'e', false}));

struct RequestRefused : Replay, ::testing::WithParamInterface<char> {};

TEST_P(RequestRefused, EndsInSnapshots) {
  w.log_in("replay");
  w.answer("replay", replay_response(0, 0, GetParam()));
  EXPECT_EQ(w.states().back(), TP_STREAM_LOST);
  EXPECT_THAT(w.host.streams.back().reason, HasSubstr(std::string("status '") + GetParam()));
  EXPECT_THAT(w.sequences(), ElementsAre(9)); // the flow goes on, and the host holds it
  EXPECT_EQ(w.opened("recovery"), 1u);
  EXPECT_EQ(w.counted("replay.requests"), 1u);
}
INSTANTIATE_TEST_SUITE_P(Statuses, RequestRefused, ::testing::Values('D', 'I', 'O', 'U', 'd', 'e'));

TEST_F(Replay, TooManyAtOnceIsTriedAgain) {
  w.log_in("replay");
  w.answer("replay", replay_response(0, 0, 'c'));
  w.pass(3 * second);
  ASSERT_EQ(w.opened("replay"), 2u);
  w.up("replay");
  w.answer("replay", whole_answer());
  expect_filled();
}

TEST_F(Replay, BytesThatAreNoUnitsEndTheSession) {
  w.log_in("replay");
  w.answer("replay", {3, 0, 1, 'A', 0, 0, 0, 0});
  EXPECT_EQ(w.counted("malformed"), 1u);
  EXPECT_THAT(w.host.closed_lines, Contains(*w.service("replay")));
  w.pass(3 * second);
  EXPECT_EQ(w.opened("replay"), 2u);
}

TEST(ReplayLimits, OfTheDayAreCountedAndKept) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"lines.replay", "tcp://192.0.2.1:1"}, {"logins_a_day", "2"}};
  w.a(unit(1, opening(1)));
  uint64_t next = 5;
  for (int i = 0; i < 5; ++i, next += 2) {
    w.a(unit(next, {order(next)}));
    w.pass(5 * ms);
    if (!w.service("replay") || w.opened("replay") != static_cast<size_t>(i + 1)) break;
    w.log_in("replay");
    w.answer("replay", unit(next - 1, {order(next - 1)}));
    w.pass(4 * second); // logged out again
  }
  EXPECT_EQ(w.opened("replay"), 2u);
  EXPECT_EQ(w.states().back(), TP_STREAM_LOST);
  EXPECT_EQ(w.counted("services.stopped"), 1u);
}

TEST(ReplayLimits, LoginsKeepTheirDistance) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"lines.replay", "tcp://192.0.2.1:1"}, {"linger", "0ms"}};
  w.a(unit(1, opening(1)));
  w.a(unit(5, {order(5)}));
  w.pass(5 * ms);
  w.log_in("replay");
  w.answer("replay", unit(4, {order(4)}));
  EXPECT_EQ(w.sent(0x05).size(), 1u); // logged out at once
  w.a(unit(7, {order(7)}));
  w.pass(50 * ms);
  EXPECT_EQ(w.opened("replay"), 1u);
  w.pass(50 * ms);
  EXPECT_EQ(w.opened("replay"), 2u);
}

TEST(ReplaySizes, AreCutToWhatARequestMayAsk) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"lines.replay", "tcp://192.0.2.1:1"}, {"replay_messages", "100"}};
  w.a(unit(1, opening(1)));
  w.a(unit(254, {order(254)}));
  w.pass(5 * ms);
  w.log_in("replay");
  EXPECT_THAT(w.sent(0x03), ElementsAre(asked(4, 100), asked(104, 100), asked(204, 50)));
}

TEST(ReplayAfterLateStart, BringsTheDayFromItsFirstMessage) {
  world w;
  auto all = opening(2);
  for (uint64_t n = 5; n <= 60; ++n) all.push_back(order(n));
  const auto part = [&](uint64_t from, uint64_t to) {
    return std::vector<bytes>(all.begin() + static_cast<long>(from - 1), all.begin() + static_cast<long>(to));
  };
  w.a(unit(40, part(40, 41)));
  EXPECT_THAT(w.host.events, IsEmpty());
  w.pass(5 * ms);
  w.log_in("replay");
  EXPECT_EQ(w.sent(0x03).at(0), asked(1, 39));
  w.a(unit(42, part(42, 50)));
  w.answer("replay", replay_response(1, 39, 'A') + unit(1, part(1, 20)) + unit(21, part(21, 39)));
  const auto begin = w.of_kind(TP_EV_SNAPSHOT_BEGIN), end = w.of_kind(TP_EV_SNAPSHOT_END), adds = w.of_kind(TP_EV_ADD);
  ASSERT_EQ(begin.size(), 1u);
  EXPECT_EQ(begin[0].instrument, TP_ALL);
  EXPECT_EQ(begin[0].detail, TP_SNAPSHOT_HISTORY);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].sequence, 50u);
  ASSERT_EQ(adds.size(), 46u);
  EXPECT_EQ(adds.front().sequence, 5u);
  EXPECT_EQ(adds.front().venue_ns, morning + 1'000);
  EXPECT_TRUE(adds.front().flags & TP_SNAPSHOT);
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
  w.a(unit(51, part(51, 51)));
  EXPECT_EQ(w.host.events.back().sequence, 51u);
  EXPECT_FALSE(w.host.events.back().flags & TP_SNAPSHOT);
}

TEST(ReplayAfterLateStart, FallsBackToSnapshotsWhenRefused) {
  world w;
  w.a(unit(40, {order(40)}));
  w.pass(5 * ms);
  w.log_in("replay");
  w.answer("replay", replay_response(0, 0, 'O'));
  EXPECT_EQ(w.states().back(), TP_STREAM_LOST);
  w.pass(10 * second);
  EXPECT_EQ(w.opened("recovery"), 1u);
}

TEST(ReplayPassword, IsInNoLogLine) {
  world w{{"lines.a", "udp://239.1.1.1:1"},
          {"lines.replay", "tcp://192.0.2.1:1"},
          {"comp_id", "VEC001"},
          {"password", "geheim77"}};
  w.a(unit(5, {order(5)}));
  w.pass(5 * ms);
  w.up("replay");
  for (const char status : {'a', 'e'}) w.answer("replay", login_response(status));
  w.pass(60 * second);
  EXPECT_FALSE(w.host.logs.empty());
  for (const auto& [level, line] : w.host.logs) EXPECT_THAT(line, ::testing::Not(HasSubstr("geheim77")));
}

} // namespace
} // namespace tickplant::lse::testing
