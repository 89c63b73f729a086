// S0-76, S2-53: logins inside a connection, deadlines, expiry, tiers that change under clients; whole tree, manual
// clock.
#include "actors/atoms.hpp"
#include "actors/gateway_logins.hpp"
#include "tests/support/spine_world.hpp"

#include <gmock/gmock.h>

using namespace std::chrono_literals;
using namespace tickplant;
using namespace tickplant::tests;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

struct Logins : spine_world {
  // A desk is there, so that logins are taken; its policy never answers, and the test plays its part.
  policy::auth_desk desk{{1, 8, 100ms}};

  void begin() {
    start({supervision::strategy::one_for_one, {5, 10s}, {100ms, 1s, 0.0}});
    quote_both();
  }
  static policy::principal ada(std::string tier = {}, int64_t expires_ns = TP_NONE) {
    return {"ada", std::move(tier), {}, "key-1", expires_ns, {}, {}};
  }
  void set_tiers(std::vector<policy::tier_rules> tiers) {
    auto next = std::make_shared<actors::gateway_settings>(*gateway->settings);
    next->tiers = policy::tier_table{std::move(tiers)};
    loop->run_here([&] { gateway->change_settings(next); });
    run();
  }
  static policy::tier_rules tier(std::string name, std::vector<std::string> symbols,
                                 uint32_t connections = UINT32_MAX) {
    policy::tier_rules rules;
    rules.name = std::move(name);
    rules.symbols = std::move(symbols);
    rules.max_connections = connections;
    return rules;
  }
};

TEST_F(Logins, GiveNothingBeforeAndDataAfterwards) {
  begin();
  connect_stranger(0);
  EXPECT_THAT(got(0), ElementsAre("welcome login"));
  say(0, "+AAPL");
  advance(200ms);
  EXPECT_THAT(got(0), ElementsAre("error 4305 Log in first: send AUTH with your token"));
  ASSERT_TRUE(gateway->clients[0].connection);
  say(0, "!token");
  got(0);
}

TEST_F(Logins, CloseAfterTheDeadline) {
  begin();
  connect_stranger(0);
  advance(9900ms);
  EXPECT_TRUE(is_connected(0));
  advance(200ms);
  EXPECT_EQ(sockets.clients[0].closed, 4202);
  EXPECT_THAT(got(0), Contains("no 4202 Authentication timeout"));
}

TEST_F(Logins, AreRefusedWhileTheDeskIsFull) {
  begin();
  connect_stranger(0);
  got(0);
  say(0, "!token"); // this world has no desk at all
  EXPECT_THAT(got(0), ElementsAre("no 4104 too many logins are being checked; try again"));
  EXPECT_EQ(sockets.clients[0].closed, 4104);
}

TEST_F(Logins, EndWithThePrincipal) {
  begin();
  const auto now = static_cast<int64_t>(loop->wall_ns());
  connect_stranger(0, ada({}, now + 90'000'000'000));
  got(0);
  advance(31s);
  EXPECT_THAT(got(0), ElementsAre("expiring ada"));
  advance(58s);
  EXPECT_TRUE(is_connected(0));
  advance(2s);
  EXPECT_EQ(sockets.clients[0].closed, 4203);
}

TEST_F(Logins, KeepToTheTierAlsoForNamesThatWerePending) {
  begin();
  set_tiers({tier("basic", {"SCRIPT:MSFT"})});
  connect_stranger(0, ada("basic"));
  loop->run_here([&] { gateway->names.incomplete("SCRIPT"); });
  got(0);
  say(0, "+LATE");
  EXPECT_THAT(got(0), ElementsAre("subscribed LATE6"));
}

TEST_F(Logins, LoseRowsWhenTheTierShrinks) {
  begin();
  set_tiers({tier("basic", {"*"})});
  auto opening = ada("basic");
  connect_stranger(0, opening);
  loop->run_here([&] { gateway->change_settings(gateway->settings); });
  run();
  say(0, "+AAPL,MSFT");
  advance(200ms);
  got(0);
  set_tiers({tier("basic", {"MSFT"})});
  EXPECT_THAT(got(0), ElementsAre("error 4305 No longer allowed for this client: AAPL"));
  place("AAPL", TP_BID, 9950);
  place("MSFT", TP_BID, 9950);
  advance(200ms);
  EXPECT_THAT(got(0), ElementsAre("<1#2:MSFT=100.25>"));
  EXPECT_TRUE(is_connected(0));
}

// Their rows change to the options that the tier grants, and go, in one and the same turn.
TEST_F(Logins, LoseAllRowsOfAWildcardWhenTheTierShrinksInEachWay) {
  begin();
  set_tiers({tier("basic", {"*"})});
  connect_stranger(0, ada("basic"));
  say(0, "+SCRIPT:*");
  advance(200ms);
  got(0);
  auto less = tier("basic", {"NASDAQ:*"});
  less.min_frequency_ms = 500;
  set_tiers({less});
  EXPECT_THAT(got(0), ElementsAre(testing::StartsWith("error 4305 No longer allowed for this client: ")));
  EXPECT_EQ(gateway->hub_now()->rows_of(gateway->clients[0].key), 0u);
  place("AAPL", TP_BID, 9950);
  advance(1s);
  EXPECT_THAT(got(0), IsEmpty());
}

TEST_F(Logins, AreClosedWhenTheirTierIsGone) {
  begin();
  set_tiers({tier("basic", {"*"})});
  connect_stranger(0, ada("basic"));
  set_tiers({});
  EXPECT_EQ(sockets.clients[0].closed, 4003);
}

TEST_F(Logins, ShareWhatIsKnownOfOnePrincipal) {
  begin();
  set_tiers({tier("basic", {"SCRIPT:MSFT"})});
  const auto first = actors::known_as(*gateway, ada("basic"));
  ASSERT_TRUE(first.rights);
  EXPECT_NE(first.rights->decide("SCRIPT", "AAPL"), 0);
  EXPECT_EQ(actors::known_as(*gateway, ada("basic")).who, first.who);
  EXPECT_EQ(actors::known_as(*gateway, ada("basic")).rights, first.rights);
  EXPECT_NE(actors::known_as(*gateway, ada("basic", 5)).who, first.who) << "it ends at another time";
  set_tiers({tier("basic", {"SCRIPT:*"})});
  const auto later = actors::known_as(*gateway, ada("basic"));
  EXPECT_EQ(later.rights->decide("SCRIPT", "AAPL"), 0) << "rights are those of the settings of now";
  EXPECT_FALSE(actors::known_as(*gateway, ada("other")).rights);
}

TEST_F(Logins, TellOthersNothing) {
  begin();
  connect(1);
  say(1, "+AAPL");
  advance(200ms);
  got(1);
  set_tiers({tier("basic", {"*"})});
  advance(200ms);
  EXPECT_THAT(got(1), IsEmpty());
}

} // namespace
