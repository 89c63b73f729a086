// What one client may say and how it is sent away: rates (protocol.md row 13; S0-80, S1-21, S2-51, S2-55, S4-09), idle
// clients (4204), and the times to come back. Whole tree, manual clock.
#include "actors/atoms.hpp"
#include "tests/support/spine_world.hpp"

#include <gmock/gmock.h>

#include <algorithm>

using namespace std::chrono_literals;
using namespace tickplant;
using namespace tickplant::tests;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

namespace {

struct GatewayLimits : spine_world {
  void begin() {
    start({supervision::strategy::one_for_one, {5, 10s}, {100ms, 1s, 0.0}});
    quote_both();
  }
  template <class F>
  void change(F&& edit) {
    auto next = std::make_shared<actors::gateway_settings>(*gateway->settings);
    edit(*next);
    loop->run_here([&] { gateway->change_settings(next); });
    run();
  }
  /// Says it so many times in one instant; answers how often it was answered.
  size_t say_often(uint32_t index, std::string_view text, size_t times, std::string_view answer) {
    size_t answered = 0;
    for (size_t i = 0; i != times; ++i) {
      say(index, text);
      for (const auto& line : got(index)) answered += line.find(answer) != std::string::npos ? 1 : 0;
    }
    return answered;
  }
};

TEST_F(GatewayLimits, MessagesBeyondTheBurstAreDroppedWithOneWarningASecond) {
  begin();
  connect(0);
  connect(1);
  got(0);
  got(1);
  size_t pongs = 0;
  std::vector<std::string> warnings;
  for (int i = 0; i != 150; ++i) {
    say(0, "?");
    for (auto& line : got(0)) line.starts_with("pong") ? (void)++pongs : warnings.push_back(line);
  }
  EXPECT_EQ(pongs, 100u);
  EXPECT_THAT(warnings, ElementsAre("error 4308 Rate limit exceeded. Please slow down."));
  EXPECT_EQ(gateway->counts.messages_dropped, 50u);
  EXPECT_TRUE(is_connected(0)) << "too fast once is no reason to end it";
  say(1, "?");
  EXPECT_THAT(got(1), ElementsAre(StartsWith("pong"))) << "each client has a bucket of its own";
  advance(1s);
  got(0);
  EXPECT_EQ(say_often(0, "?", 60, "pong"), 50u) << "fifty come back in a second";
}

TEST_F(GatewayLimits, WhoGoesOnIsClosedWith4101) {
  begin();
  connect(0);
  size_t seconds = 0;
  for (; is_connected(0) && seconds != 120; ++seconds) {
    for (int i = 0; i != 200 && is_connected(0); ++i) say(0, "?");
    advance(1s);
  }
  EXPECT_EQ(sockets.clients[0].closed, 4101);
  EXPECT_GE(seconds, 10u) << "ten warnings come first";
  EXPECT_LE(seconds, 15u);
  EXPECT_EQ(gateway->counts.rate_closed, 1u);
}

TEST_F(GatewayLimits, WhoStaysAtTheRateIsNeverWarned) {
  begin();
  connect(0);
  size_t pongs = 0;
  for (int i = 0; i != 60 * 50; ++i) {
    say(0, "?");
    for (const auto& line : got(0)) pongs += line.starts_with("pong") ? 1 : 0;
    advance(20ms);
  }
  EXPECT_EQ(pongs, 60u * 50);
  EXPECT_EQ(gateway->counts.messages_dropped, 0u);
}

TEST_F(GatewayLimits, RatesChangeForThoseWhoAreThere) {
  begin();
  connect(0);
  got(0);
  change([](auto& settings) { settings.rates["plain"].messages = {2, 3, 1'000'000'000}; });
  EXPECT_EQ(say_often(0, "?", 20, "pong"), 3u);
  change([](auto& settings) { settings.rates["plain"].messages = {}; });
  EXPECT_EQ(say_often(0, "?", 500, "pong"), 500u) << "0 is no bound";
  change([](auto& settings) {
    settings.rates.clear();
    settings.rates["another"].messages = {1, 1, 1'000'000'000};
  });
  advance(2s); // what the narrow rule still held back comes in
  got(0);
  EXPECT_EQ(say_often(0, "?", 150, "pong"), 100u) << "another dialect's rate is none of its business";
}

TEST_F(GatewayLimits, RequestsAreCountedByTheMinuteAndHeartbeatsAreNot) {
  begin();
  change([](auto& settings) {
    settings.rates["plain"].messages = {};
    settings.rates["plain"].requests = {5, 5, 60'000'000'000};
  });
  connect(0);
  got(0);
  EXPECT_EQ(say_often(0, "?", 50, "pong"), 50u);
  for (int i = 0; i != 5; ++i) say(0, i % 2 == 0 ? "+AAPL" : "-AAPL");
  EXPECT_THAT(got(0), Not(Contains(HasSubstr("4308"))));
  say(0, "+MSFT");
  EXPECT_THAT(got(0), ElementsAre("error 4308 At most 5 requests a minute"));
  advance(200ms);
  EXPECT_THAT(got(0), Not(Contains(HasSubstr("MSFT")))) << "it was not carried out";
  EXPECT_EQ(say_often(0, "?", 50, "pong"), 50u);
  advance(12s);
  got(0);
  say(0, "+MSFT");
  EXPECT_THAT(got(0), Not(Contains(HasSubstr("4308")))) << "one comes back after a fifth of a minute";
}

TEST_F(GatewayLimits, WhoSaysNothingAndLooksAtNothingIsClosedWith4204) {
  begin();
  change([](auto& settings) { settings.idle = 10s; });
  for (uint32_t i = 0; i != 3; ++i) connect(i);
  say(1, "+AAPL");
  advance(9s);
  say(2, "?");
  EXPECT_TRUE(is_connected(0));
  advance(3s);
  EXPECT_EQ(sockets.clients[0].closed, 4204);
  EXPECT_TRUE(is_connected(1)) << "it looks at something";
  EXPECT_TRUE(is_connected(2)) << "it said something";
  say(1, "-AAPL");
  advance(12s);
  EXPECT_EQ(sockets.clients[1].closed, 4204);
  EXPECT_EQ(sockets.clients[2].closed, 4204);
  EXPECT_EQ(gateway->counts.idle_closed, 3u);
}

TEST_F(GatewayLimits, IdleClientsStayWhereNothingIsSaidOfThem) {
  begin();
  connect(0);
  advance(10min);
  EXPECT_TRUE(is_connected(0));
}

TEST_F(GatewayLimits, TimesToComeBackAreSpreadOverTheClients) {
  begin();
  change([](auto& settings) { settings.come_back = {1'000, 4'000}; });
  std::vector<uint32_t> times;
  for (uint32_t i = 0; i != 1'000; ++i) times.push_back(gateway->retry_after_ms({i, 1}));
  std::sort(times.begin(), times.end());
  EXPECT_GE(times.front(), 1'000u);
  EXPECT_LT(times.back(), 5'000u);
  // Evenly: no tenth of the spread is told to more than 12 or fewer than 8 of a hundred.
  for (uint32_t tenth = 0; tenth != 10; ++tenth) {
    const auto in = std::count_if(times.begin(), times.end(), [&](uint32_t t) { return (t - 1'000) / 400 == tenth; });
    EXPECT_GE(in, 80) << tenth;
    EXPECT_LE(in, 120) << tenth;
  }
  for (uint32_t i = 0; i != 20; ++i) connect(i);
  loop->run_here([&] { gateway->send_away(); });
  run();
  for (uint32_t i = 0; i != 20; ++i) {
    EXPECT_EQ(sockets.clients[i].closed, 4200);
    EXPECT_THAT(got(i), Contains(HasSubstr("shutdown"))) << "leaving_test has the times on the wire";
  }
}

} // namespace
