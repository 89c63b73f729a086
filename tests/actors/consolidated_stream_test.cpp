// S0-10: a consolidated book from what venues define to what a client sees, signals of crossed markets, and what
// happens when a part of it dies. Each with venues on one feed loop (calls) and on two (messages).
#include "tests/support/market_world.hpp"

#include <gmock/gmock.h>

using namespace std::chrono_literals;
using namespace tickplant;
using namespace tickplant::tests;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

namespace {

struct Consolidation : market_world, testing::WithParamInterface<uint32_t> {
  Consolidation() : market_world(GetParam()) {}

  static consolidation::rules plain_rules() {
    consolidation::rules rules;
    rules.arbitrage.min_edge = 10'000;
    return rules;
  }
  /// AAPL at both venues, MSFT at one, a client.
  void begin(consolidation::rules rules = plain_rules()) {
    add_venue("A", {"AAPL", "MSFT"});
    add_venue("B", {"AAPL"});
    start(std::move(rules));
    quote("A", "AAPL", 100'00, 100'10);
    quote("B", "AAPL", 100'02, 100'12);
    connect(0);
  }
  /// As a reload does.
  void change(const consolidation::rules& rules) {
    loop->post([this, rules] { consolidation->set_rules(rules); });
    run();
  }
  std::vector<std::string> after(caf::timespan time, uint32_t client = 0) {
    advance(time);
    return got(client);
  }
};

TEST_P(Consolidation, ServesTheBestOfAllVenues) {
  begin();
  say(0, "+CONS:AAPL");
  EXPECT_THAT(after(200ms), ElementsAre("subscribed AAPL6", "<1#1:AAPL=100.06@B@A>"));
  quote("B", "AAPL", 100'04, 100'08);
  EXPECT_THAT(after(100ms), ElementsAre("<1#2:AAPL=100.06@B@B>"));
  EXPECT_TRUE(find("consolidation/CONS:AAPL"));
  EXPECT_FALSE(find("consolidation/CONS:MSFT")) << "traded at one venue alone";
}

TEST_P(Consolidation, LeavesThePlainNameToTheFirstVenue) {
  begin();
  say(0, "+AAPL");
  EXPECT_THAT(after(200ms), Contains("<1#1:AAPL=100.05>"));
}

TEST_P(Consolidation, KnowsNoConsolidatedNameThatDoesNotExist) {
  begin();
  say(0, "+CONS:MSFT");
  EXPECT_THAT(got(0), Contains("error 4306 Unknown symbol: CONS:MSFT"));
}

TEST_P(Consolidation, MeansNoConsolidatedNameByAWildcardWithoutAVenue) {
  begin();
  say(0, "+*");
  EXPECT_THAT(after(200ms), Not(Contains(testing::HasSubstr("@"))));
  say(0, "+CONS:>");
  EXPECT_THAT(after(200ms), Contains(testing::HasSubstr("@")));
}

TEST_P(Consolidation, ServesLevelsOfAllVenues) {
  begin();
  say(0, "%5 +CONS:AAPL");
  EXPECT_THAT(after(200ms), Contains("<1#1:AAPL=100.06/4@B@A>"));
}

TEST_P(Consolidation, DropsAVenueWhoseAdapterDiesAndTakesItBack) {
  begin();
  say(0, "+CONS:AAPL");
  after(200ms);
  kill("venues/B/adapter");
  EXPECT_THAT(after(200ms), ElementsAre("<1#2:AAPL=100.05@A@A>")) << "no word of staleness: one venue is good";
  market::all()["B"].find("AAPL").bid = 100'06;
  EXPECT_THAT(after(400ms), Contains(HasSubstr("AAPL=100.08@B@A")));
}

TEST_P(Consolidation, IsStaleWhenNoVenueIsGood) {
  begin();
  say(0, "+CONS:AAPL");
  after(200ms);
  kill("venues/B/adapter");
  kill("venues/A/adapter");
  EXPECT_THAT(got(0), Contains("status AAPL2"));
  EXPECT_THAT(after(400ms), Contains("status AAPL1"));
}

TEST_P(Consolidation, DropsAHaltedVenue) {
  begin();
  say(0, "+CONS:AAPL");
  after(200ms);
  set_state("B", "AAPL", TP_STATE_HALTED);
  EXPECT_THAT(after(100ms), ElementsAre("<1#2:AAPL=100.05@A@A>"));
  set_state("B", "AAPL", TP_STATE_TRADING);
  EXPECT_THAT(after(100ms), ElementsAre("<1#3:AAPL=100.06@B@A>"));
}

TEST_P(Consolidation, DropsAVenueWhileItsBookIsStartedAnew) {
  begin();
  say(0, "+CONS:AAPL");
  after(200ms);
  kill("venues/B/books/AAPL");
  EXPECT_THAT(after(200ms), Contains(HasSubstr("AAPL=100.05@A@A")));
  advance(400ms);
  quote("B", "AAPL", 100'04, 100'12);
  EXPECT_THAT(after(100ms), Contains(HasSubstr("AAPL=100.07@B@A")));
}

TEST_P(Consolidation, RepairsAConsolidatedBookThatDies) {
  begin();
  say(0, "+CONS:AAPL");
  after(200ms);
  const auto id = gateway->names.resolve("CONS:AAPL").id;
  const auto epoch = gateway->hub_now()->state_of(id)->epoch;
  kill("consolidation/CONS:AAPL");
  EXPECT_THAT(got(0), ElementsAre("status AAPL2")) << "stale at once";
  quote("B", "AAPL", 100'04, 100'12); // while it is away
  EXPECT_THAT(after(200ms), IsEmpty());
  EXPECT_THAT(after(400ms), ElementsAre("status AAPL1", "<1#2:AAPL=100.07@B@A>"));
  EXPECT_GT(gateway->hub_now()->state_of(id)->epoch, epoch);
  quote("A", "AAPL", 100'05, 100'10);
  EXPECT_THAT(after(100ms), ElementsAre("<1#3:AAPL=100.075@A@A>"));
}

TEST_P(Consolidation, GoesOnAfterTheDeathOfTheConsolidatorTheFeedLoopOrTheHub) {
  begin();
  say(0, "+CONS:AAPL");
  after(200ms);
  int64_t bid = 100'02;
  for (const auto* victim : {"consolidation/consolidator", "feeds/feed-loop-0", "gateway/hub-0"}) {
    kill(victim);
    advance(2s);
    got(0);
    bid += 2; // A's ask stays the best
    quote("B", "AAPL", bid, 100'12);
    EXPECT_THAT(after(200ms), Contains(HasSubstr("@B@A"))) << victim;
    EXPECT_TRUE(find("consolidation/CONS:AAPL")) << victim;
  }
}

TEST_P(Consolidation, FollowsInstrumentsThatComeAndGo) {
  add_venue("A", {"AAPL"});
  add_venue("B", {"AAPL", "MSFT"}).find("AAPL").is_defined = false;
  start(plain_rules());
  quote("A", "AAPL", 100'00, 100'10);
  connect(0);
  say(0, "+CONS:AAPL");
  EXPECT_THAT(got(0), Contains("error 4306 Unknown symbol: CONS:AAPL"));
  market::all()["B"].find("AAPL").bid = 100'02;
  market::all()["B"].find("AAPL").ask = 100'12;
  set_defined("B", "AAPL", true);
  advance(100ms);
  say(0, "+CONS:AAPL");
  EXPECT_THAT(after(200ms), Contains(HasSubstr("AAPL=100.06@B@A")));
  set_defined("B", "AAPL", false);
  advance(10s);
  quote("B", "MSFT", 10'00, 11'00); // what stays away for half a minute is gone
  advance(40s);
  quote("B", "MSFT", 10'00, 11'00);
  advance(1s);
  EXPECT_THAT(got(0), Contains("error 4306 Unknown symbol: CONS:AAPL"));
  EXPECT_FALSE(find("consolidation/CONS:AAPL"));
}

TEST_P(Consolidation, BringsOtherExponentsToACommonOne) {
  add_venue("A", {"AAPL"});
  add_venue("B", {"AAPL"}).find("AAPL").price_exponent = -4;
  start(plain_rules());
  quote("A", "AAPL", 100'00, 100'10);
  quote("B", "AAPL", 100'0250, 100'0950);
  connect(0);
  say(0, "+CONS:AAPL");
  EXPECT_THAT(after(200ms), Contains("<1#1:AAPL=100.06@B@B>"));
}

TEST_P(Consolidation, LeavesOutAnotherCurrency) {
  add_venue("A", {"VOD"});
  add_venue("B", {"VOD"}).find("VOD").currency = "GBX";
  start(plain_rules());
  connect(0);
  say(0, "+CONS:VOD");
  EXPECT_THAT(got(0), Contains("error 4306 Unknown symbol: CONS:VOD"));
  auto rules = plain_rules();
  rules.venues = venues;
  consolidation::cross_listing vodafone{"VODAFONE", {"A:VOD", "B:VOD"}, "USD", {}, {}};
  vodafone.prices["B:VOD"] = {125, -4}; // pence to dollars
  rules.listings = {vodafone};
  change(rules);
  quote("A", "VOD", 1'00, 1'05);
  quote("B", "VOD", 82'00, 83'00);
  say(0, "+CONS:VODAFONE");
  EXPECT_THAT(after(200ms), Contains(HasSubstr("VODAFONE=1.03125@B@B")));
}

TEST_P(Consolidation, WatchesLegsOnlyWhileSomebodyListensWhereArbitrageIsOff) {
  auto rules = plain_rules();
  rules.arbitrage.is_on = false;
  begin(rules);
  EXPECT_EQ(market::all()["B"].find("AAPL").wanted, 0u);
  say(0, "+CONS:AAPL");
  EXPECT_THAT(after(200ms), Contains(HasSubstr("AAPL=100.06@B@A")));
  EXPECT_NE(market::all()["B"].find("AAPL").wanted, 0u) << "the venue is told, which may have to subscribe";
  EXPECT_EQ(market::all()["A"].find("MSFT").wanted, 0u);
  say(0, "-CONS:AAPL");
  advance(70s); // interest lingers a minute
  EXPECT_EQ(market::all()["B"].find("AAPL").wanted, 0u);
}

TEST_P(Consolidation, TellsACrossedMarketToThoseWhoSubscribedToSignals) {
  begin();
  connect(1);
  connect(2);
  say(0, "$+CONS:AAPL");
  say(1, "$+CONS:*");
  say(2, "+CONS:AAPL");
  advance(200ms);
  for (const uint32_t client : {0, 1, 2}) got(client);
  quote("B", "AAPL", 100'20, 100'30);
  EXPECT_THAT(got(0), ElementsAre("signal start AAPL A B 0.1"));
  EXPECT_THAT(got(1), ElementsAre("signal start AAPL A B 0.1"));
  EXPECT_THAT(after(100ms, 2), ElementsAre(StartsWith("<1#"))) << "no signals, but the crossed quote";
  quote("B", "AAPL", 100'00, 100'30);
  EXPECT_THAT(got(0), ElementsAre("signal end AAPL A B 0.1 the edge is gone"));
  EXPECT_EQ(consolidation->counts().starts, 1u);
  EXPECT_EQ(consolidation->counts().ends, 1u);
  EXPECT_EQ(consolidation->counts().open, 0u);
}

TEST_P(Consolidation, WaitsForTheLeastDurationByItsTimer) {
  auto rules = plain_rules();
  rules.arbitrage.min_duration_ns = 50'000'000;
  begin(rules);
  say(0, "$+CONS:AAPL");
  after(200ms);
  quote("B", "AAPL", 100'20, 100'30);
  EXPECT_THAT(after(49ms), IsEmpty());
  EXPECT_THAT(after(1ms), ElementsAre("signal start AAPL A B 0.1")) << "though no venue said anything more";
  quote("B", "AAPL", 100'00, 100'30);
  got(0);
  quote("B", "AAPL", 100'20, 100'30);
  advance(20ms);
  quote("B", "AAPL", 100'00, 100'30);
  EXPECT_THAT(after(200ms), IsEmpty()) << "too short";
  EXPECT_EQ(consolidation->counts().brief, 1u);
}

TEST_P(Consolidation, EndsASignalWhenALegGoesStale) {
  begin();
  say(0, "$+CONS:AAPL");
  after(200ms);
  quote("B", "AAPL", 100'20, 100'30);
  got(0);
  kill("venues/A/adapter");
  EXPECT_THAT(got(0), Contains("signal end AAPL A B 0.1 A: venue adapter gone"));
  EXPECT_THAT(after(400ms), Contains("signal start AAPL A B 0.1")) << "and starts anew when it is back";
}

TEST_P(Consolidation, EndsASignalWhenItsBookDies) {
  begin();
  say(0, "$+CONS:AAPL");
  after(200ms);
  quote("B", "AAPL", 100'20, 100'30);
  got(0);
  kill("consolidation/CONS:AAPL");
  EXPECT_THAT(got(0), Contains("signal end AAPL A B 0.1 the consolidated book is being started anew"));
  EXPECT_THAT(after(400ms), Contains("signal start AAPL A B 0.1"));
  EXPECT_EQ(consolidation->counts().open, 1u);
}

TEST_P(Consolidation, TakesOtherRulesWhileItRuns) {
  begin();
  say(0, "$+CONS:AAPL");
  after(200ms);
  quote("B", "AAPL", 100'20, 100'30);
  got(0);
  auto rules = plain_rules();
  rules.venues = venues;
  rules.arbitrage.fees["B"] = 200'000; // 20 basis points
  change(rules);
  EXPECT_THAT(got(0), Contains(StartsWith("signal end AAPL A B 0.1 its legs or rules have changed")));
  rules.arbitrage.fees.clear();
  change(rules);
  EXPECT_THAT(got(0), Contains("signal start AAPL A B 0.1"));
}

INSTANTIATE_TEST_SUITE_P(FeedLoops, Consolidation, testing::Values(1u, 2u),
                         [](const auto& loops) { return std::to_string(loops.param); });

} // namespace
