// S0-52, S0-53, S3-22: the whole way from a venue's event to a client's socket, and what a client sees when a part of
// it dies: nobody is disconnected, stale is told, the state comes again.
#include "actors/atoms.hpp"
#include "actors/connection.hpp"
#include "tests/support/spine_world.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>

using namespace std::chrono_literals;
using namespace tickplant;
using namespace tickplant::tests;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

namespace {

struct listener_state {
  static inline const char* name = "listener";
};

struct Spine : spine_world {
  Spine() = default;

  void begin(size_t restarts = 5) { start({supervision::strategy::one_for_one, {restarts, 10s}, {100ms, 1s, 0.0}}); }

  /// Both books with a bid and an ask, and one client that looks at them.
  void begin_with_client(size_t restarts = 5) {
    begin(restarts);
    quote_both();
    connect(0);
    say(0, "+AAPL,MSFT");
    advance(200ms);
    const auto first = got(0);
    ASSERT_THAT(first, Contains("<2#1:AAPL=100;MSFT=100>"));
  }
  /// Those of the client's connection, by their options.
  std::vector<actors::subscription_child>& subscriptions() {
    using connection = caf::stateful_actor<actors::connection_state, actors::on_loop<actors::connection_actor::base>>;
    const auto actor = caf::actor_cast<caf::strong_actor_ptr>(gateway->clients[0].connection);
    return dynamic_cast<connection*>(caf::actor_cast<caf::abstract_actor*>(actor))->state.subscriptions;
  }
  void kill_subscription(const actors::subscription_child& victim) {
    kill(caf::actor_cast<caf::strong_actor_ptr>(victim.actor));
  }
};

TEST_F(Spine, BringsAnOrderFromTheVenueToTheClient) {
  begin_with_client();
  place("AAPL", TP_BID, 9950);
  EXPECT_THAT(got(0), IsEmpty()) << "not before the tick";
  advance(100ms);
  EXPECT_THAT(got(0), ElementsAre("<1#2:AAPL=100.25>"));
}

// A venue's timer and the window's end come out of one sleep of the loop, and the venue hands over by a further call.
TEST_F(Spine, EndsAWindowAfterWhatWasReadyWithItsEnd) {
  auto gathering = *gateway->settings;
  gathering.window = 1ms;
  gateway->settings = std::make_shared<const actors::gateway_settings>(gathering);
  begin();
  quote_both();
  connect(0);
  say(0, "@0 +AAPL,MSFT");
  advance(100ms);
  (void)got(0);
  place("AAPL", TP_BID, 9910);
  EXPECT_THAT(got(0), ElementsAre("<1#2:AAPL=100.05>")) << "the first after a pause waits for nothing";
  for (int round = 0; round < 3; ++round) {
    loop->run_here(
      [&] { loop->after(1ms, [&] { loop->post([&] { place_in_call("MSFT", TP_BID, 9920 + round); }); }); });
    place("AAPL", TP_BID, 9920 + round);
    EXPECT_THAT(got(0), IsEmpty()) << "the window is open";
    advance(1ms);
    EXPECT_THAT(got(0), ElementsAre(testing::AllOf(testing::HasSubstr("AAPL="), testing::HasSubstr("MSFT="))));
  }
}

TEST_F(Spine, WelcomesAndAcknowledgesBeforeTheFirstData) {
  begin();
  place("AAPL", TP_BID, 9900);
  place("AAPL", TP_ASK, 10100);
  connect(0);
  say(0, "+AAPL,NOPE");
  advance(200ms);
  EXPECT_THAT(got(0), ElementsAre("welcome anonymous", "subscribed AAPL6 NOPE!", "error 4306 Unknown symbol: NOPE",
                                  "<1#1:AAPL=100>"));
}

TEST_F(Spine, StopsAtUnsubscribe) {
  begin_with_client();
  say(0, "-AAPL");
  EXPECT_THAT(got(0), ElementsAre("unsubscribed AAPL5"));
  place("AAPL", TP_BID, 9950);
  place("MSFT", TP_BID, 9950);
  advance(200ms);
  EXPECT_THAT(got(0), ElementsAre("<1#2:MSFT=100.25>"));
}

TEST_F(Spine, ServesOthersWhenOneLeaves) {
  begin_with_client();
  connect(1);
  say(1, "+AAPL");
  advance(200ms);
  got(1);
  loop->run_here([&] { gateway->closed(gateway->clients[0].key, 1000, "bye"); });
  run();
  place("AAPL", TP_BID, 9950);
  advance(100ms);
  EXPECT_THAT(got(0), IsEmpty());
  EXPECT_THAT(got(1), ElementsAre("<1#2:AAPL=100.25>"));
  EXPECT_EQ(children(find("gateway/connections-0")).size(), 1u);
}

TEST_F(Spine, KeepsClientsThroughTheDeathOfTheAdapter) {
  begin_with_client();
  const auto epoch = gateway->hub_now()->state_of(model::instrument_id{0})->epoch;
  kill("venues/SCRIPT/adapter");
  EXPECT_THAT(got(0), ElementsAre("status AAPL2 MSFT2"));
  place("AAPL", TP_BID, 9950); // while nobody listens
  advance(99ms);
  EXPECT_TRUE(worlds.empty()) << "not before its back-off";
  advance(200ms);
  EXPECT_THAT(got(0), ElementsAre("status AAPL1 MSFT1", "<2#2:AAPL=100.25;MSFT=100>"));
  EXPECT_TRUE(is_connected(0));
  EXPECT_EQ(script_exchange::get().instances, 2u);
  place("MSFT", TP_BID, 9950);
  advance(100ms);
  EXPECT_THAT(got(0), ElementsAre("<1#3:MSFT=100.25>"));
  EXPECT_EQ(gateway->hub_now()->state_of(model::instrument_id{0})->epoch, epoch) << "the books lived on";
}

TEST_F(Spine, RestartsAnAdapterWhosePluginBreaks) {
  begin_with_client();
  script_exchange::get().breaks_on_next_unit = true;
  place("AAPL", TP_BID, 9950);
  advance(300ms);
  EXPECT_THAT(got(0), ElementsAre("status AAPL2 MSFT2", "status AAPL1 MSFT1", "<2#2:AAPL=100.25;MSFT=100>"));
  const auto rows = children(find("venues/SCRIPT"));
  EXPECT_EQ(rows[1].restarts, 1u);
}

TEST_F(Spine, LetsOtherBooksGoOnWhenOneDies) {
  begin_with_client();
  kill("venues/SCRIPT/books/AAPL");
  place("MSFT", TP_BID, 9950);
  advance(100ms);
  auto seen = got(0);
  EXPECT_THAT(seen, Contains("<1#2:MSFT=100.25>"));
  place("AAPL", TP_BID, 9950);
  advance(300ms);
  const auto later = got(0);
  seen.insert(seen.end(), later.begin(), later.end());
  EXPECT_THAT(seen, Contains(testing::StartsWith("status AAPL")));
  EXPECT_THAT(seen, Contains("<1#3:AAPL=100.25>")) << "its snapshot has the order placed meanwhile";
  EXPECT_THAT(seen, Not(Contains(testing::HasSubstr("status MSFT"))));
  EXPECT_TRUE(is_connected(0));
}

TEST_F(Spine, GivesASuccessorBookANewEpoch) {
  begin_with_client();
  const auto before = gateway->hub_now()->state_of(model::instrument_id{0})->epoch;
  kill("venues/SCRIPT/books/AAPL");
  advance(300ms);
  EXPECT_GT(gateway->hub_now()->state_of(model::instrument_id{0})->epoch, before);
}

TEST_F(Spine, RestartsASubscriptionWhereItWas) {
  begin_with_client();
  kill_subscription(subscriptions().front());
  place("AAPL", TP_BID, 9950);
  advance(200ms);
  EXPECT_THAT(got(0), ElementsAre("<1#2:AAPL=100.25>")) << "nothing is missed, and nothing told again";
  EXPECT_EQ(subscriptions().front().restarts, 1u);
  say(0, "-AAPL");
  got(0);
  place("AAPL", TP_BID, 9960);
  place("MSFT", TP_BID, 9950);
  advance(100ms);
  EXPECT_THAT(got(0), ElementsAre("<1#3:MSFT=100.25>")) << "the successor has the rows in hand";
}

TEST_F(Spine, RemovesARowWhileItsSubscriptionIsDown) {
  begin_with_client();
  kill_subscription(subscriptions().front());
  say(0, "-AAPL");
  EXPECT_EQ(gateway->hub_now()->rows_of(gateway->clients[0].key), 1u);
  advance(200ms);
  EXPECT_EQ(gateway->hub_now()->rows_of(gateway->clients[0].key), 1u);
  say(0, "-MSFT");
  EXPECT_EQ(gateway->hub_now()->rows_of(gateway->clients[0].key), 0u);
  EXPECT_TRUE(subscriptions().empty());
}

TEST_F(Spine, MovesRowsToOptionsWhoseSubscriptionIsDown) {
  begin_with_client();
  say(0, "@250 +AAPL");
  kill_subscription(subscriptions().back());
  say(0, "@250 +MSFT");
  advance(200ms);
  EXPECT_EQ(gateway->hub_now()->rows_of(gateway->clients[0].key), 2u) << "none is left with the options it had";
  say(0, "-AAPL,MSFT");
  EXPECT_EQ(gateway->hub_now()->rows_of(gateway->clients[0].key), 0u);
}

// Protocol 7.3: wildcards are expanded live.
TEST_F(Spine, ServesAWildcardAndWhatComesUnderItLater) {
  begin_with_client();
  say(0, "-AAPL,MSFT");
  say(0, "+SCRIPT:*");
  advance(200ms);
  got(0);
  place("MSFT", TP_BID, 9950);
  advance(100ms);
  EXPECT_THAT(got(0), ElementsAre(testing::HasSubstr("MSFT=100.25")));
  script_exchange::get().retires_on_next_unit = {1};
  place("AAPL", TP_BID, 9950);
  advance(60s);
  got(0);
  EXPECT_EQ(gateway->hub_now()->rows_of(gateway->clients[0].key), gateway->names.size());
  script_exchange::get().defines_on_next_unit = {1};
  place("MSFT", TP_BID, 9950);
  place("MSFT", TP_ASK, 10100);
  advance(200ms);
  EXPECT_THAT(got(0), AllOf(Contains(testing::StartsWith("status MSFT")), Contains(testing::HasSubstr("MSFT=100.25"))))
    << "nobody asked for it again";
  say(0, "-SCRIPT:*");
  EXPECT_EQ(gateway->hub_now()->rows_of(gateway->clients[0].key), 0u);
}

TEST_F(Spine, MovesRowsToOtherOptionsWithoutTellingThemAgain) {
  begin_with_client();
  say(0, "@250 +AAPL");
  got(0);
  advance(300ms);
  EXPECT_THAT(got(0), IsEmpty()) << "what it has it keeps";
  EXPECT_EQ(gateway->hub_now()->rows_of(gateway->clients[0].key), 2u);
  place("AAPL", TP_BID, 9950);
  advance(250ms);
  EXPECT_THAT(got(0), ElementsAre("<1#2:AAPL=100.25>"));
}

TEST_F(Spine, RebuildsAHubFromItsConnections) {
  begin_with_client();
  kill("gateway/hub-0");
  place("AAPL", TP_BID, 9950);
  advance(99ms);
  EXPECT_THAT(got(0), IsEmpty()) << "streams pause for one restart";
  advance(400ms);
  EXPECT_THAT(got(0), Contains("<2#1:AAPL=100.25;MSFT=100>"));
  EXPECT_TRUE(is_connected(0));
  place("MSFT", TP_BID, 9950);
  advance(100ms);
  EXPECT_THAT(got(0), ElementsAre("<1#2:MSFT=100.25>"));
}

TEST_F(Spine, GoesOnAfterTheDeathOfAFeedLoopsActor) {
  begin_with_client();
  kill("feeds/feed-loop-0");
  advance(400ms);
  got(0);
  place("AAPL", TP_BID, 9950);
  advance(100ms);
  EXPECT_THAT(got(0), Contains(testing::HasSubstr("AAPL=100.25")));
}

TEST_F(Spine, ClosesTheSocketOfAConnectionThatDies) {
  begin_with_client();
  kill("gateway/connections-0/*");
  EXPECT_EQ(sockets.clients[0].closed, 0) << "aborted";
  EXPECT_EQ(gateway->hub_now()->clients(), 0u);
  connect(0);
  say(0, "+AAPL");
  advance(200ms);
  EXPECT_THAT(got(0), Contains("<1#1:AAPL=100>"));
}

TEST_F(Spine, EndsTheNodeWhenAPartThatAllNeedCannotBeKeptAlive) {
  begin_with_client(1);
  int deaths = 0;
  for (; deaths < 20 && node_end.empty(); ++deaths) {
    const auto hub = find("gateway/hub-0");
    if (hub) kill(hub);
    advance(200ms);
  }
  EXPECT_THAT(node_end, testing::HasSubstr("restart intensity reached"));
  EXPECT_LE(deaths, 20);
}

TEST_F(Spine, TellsClientsThatABookIsDownUntilItsSuccessorSpeaks) {
  begin_with_client();
  kill("venues/SCRIPT/books/AAPL");
  EXPECT_THAT(got(0), Contains("status AAPL2")) << "at once, not when the successor is there";
  advance(300ms);
  EXPECT_THAT(got(0), Contains("status AAPL1"));
}

TEST_F(Spine, TellsClientsThatASymbolHasGoneForGood) {
  begin_with_client();
  script_exchange::get().retires_on_next_unit = {1};
  place("AAPL", TP_BID, 9950);
  advance(20s);
  EXPECT_THAT(got(0), AllOf(Contains("status MSFT2"), Not(Contains(testing::HasSubstr("error")))));
  advance(20s);
  EXPECT_THAT(got(0), Contains("error 4306 Unknown symbol: MSFT"));
  say(0, "+MSFT");
  EXPECT_THAT(got(0), ElementsAre("error 4306 Unknown symbol: MSFT"));
  EXPECT_EQ(find("venues/SCRIPT/books/MSFT"), nullptr);
}

// A venue that is started anew without one of its symbols, as by a reload of its list.
TEST_F(Spine, TellsOfASymbolThatANewInstanceDoesNotList) {
  begin_with_client();
  std::vector<actors::directory_news> told;
  actors::hub_actor listener =
    spawn_on(*loop, [&](actors::loop_pointer<actors::hub_actor, listener_state>) -> actors::hub_actor::behavior_type {
      return {[&](const actors::directory_news& news) { told.push_back(news); }, [](const actors::feed_batch&) {},
              [](const actors::feed_joined&) {}, [](actors::atom::status) { return actors::hub_status{}; }};
    });
  keep(caf::actor_cast<caf::actor>(listener));
  loop->run_here([&] { feed->join(7, listener); });
  script_exchange::get().unlisted = {1};
  kill("venues/SCRIPT/adapter");
  advance(300ms);
  EXPECT_THAT(got(0), testing::AllOf(Contains("status MSFT5"), Contains("status AAPL1")));
  say(0, "+MSFT");
  EXPECT_THAT(got(0), ElementsAre("error 4306 Unknown symbol: MSFT"));
  // Whoever is told that it has ended and asks at once must not hear that it may yet come.
  const auto gone = std::find_if(told.begin(), told.end(), [](const auto& news) { return !news.removed.empty(); });
  ASSERT_NE(gone, told.end());
  EXPECT_THAT(gone->complete, ElementsAre("SCRIPT")) << "both are told at once";
}

TEST_F(Spine, LearnsWhatHasGoneWhileTheHubWasDown) {
  begin_with_client();
  kill("gateway/hub-0");
  loop->run_here([&] { feed->retire(model::instrument_id{1}); });
  advance(1s);
  EXPECT_THAT(got(0), Contains("error 4306 Unknown symbol: MSFT"));
  say(0, "+MSFT");
  EXPECT_THAT(got(0), ElementsAre("error 4306 Unknown symbol: MSFT"));
  place("AAPL", TP_BID, 9950);
  advance(100ms);
  EXPECT_THAT(got(0), Contains(testing::HasSubstr("AAPL=100.25"))) << "the others stay";
}

TEST_F(Spine, FollowsASymbolThatGotAnotherIdentityWhileTheHubWasDown) {
  begin_with_client();
  kill("gateway/hub-0");
  loop->run_here([&] { feed->retire(model::instrument_id{1}); });
  kill("venues/SCRIPT/adapter"); // its successor lists the symbol again
  advance(1s);
  got(0);
  place("MSFT", TP_BID, 9950);
  advance(100ms);
  EXPECT_THAT(got(0), Contains(testing::HasSubstr("MSFT=100.25")));
}

TEST_F(Spine, KeepsASymbolThatIsWithdrawnAndToldAgain) {
  begin_with_client();
  script_exchange::get().retires_on_next_unit = {1};
  place("AAPL", TP_BID, 9950);
  script_exchange::get().defines_on_next_unit = {1};
  place("MSFT", TP_BID, 9950); // what appears on a complete channel begins with an empty book
  place("MSFT", TP_ASK, 10100);
  advance(60s);
  const auto seen = got(0);
  EXPECT_THAT(seen, Not(Contains(testing::HasSubstr("error"))));
  EXPECT_THAT(seen, Contains(testing::HasSubstr("MSFT=100.25"))) << "the same stream goes on";
}

TEST_F(Spine, SaysGoodbyeToClientsWhenItStops) {
  begin_with_client();
  finish();
  EXPECT_THAT(got(0), Contains("shutdown"));
  EXPECT_EQ(sockets.clients[0].closed, 4200);
}

TEST_F(Spine, KeepsBooksStaleWhereTheVenueCannotResynchronise) {
  begin_with_client();
  script_exchange::get().has_snapshots = false;
  kill("venues/SCRIPT/books/AAPL");
  advance(1s);
  const auto seen = got(0);
  EXPECT_THAT(seen, Not(Contains(testing::HasSubstr("AAPL=")))) << "nothing is guessed";
  for (int i = 0; i < 50; ++i) place("MSFT", TP_BID, 9900 + i);
  EXPECT_LE(script_exchange::get().asked, 3u) << "a venue that refuses is not asked at every packet";
  script_exchange::get().has_snapshots = true;
  advance(10s);
  EXPECT_THAT(got(0), Contains(testing::HasSubstr("AAPL=100"))) << "asked again later";
}

TEST_F(Spine, StopsReadingAClientThatFloodsItsConnection) {
  begin();
  connect(0);
  const auto key = gateway->clients[0].key;
  loop->run_here([&] {
    for (int i = 0; i < 100; ++i) gateway->message(key, true, {reinterpret_cast<const uint8_t*>("?"), 1});
  });
  EXPECT_TRUE(sockets.clients[0].is_paused);
  run();
  EXPECT_FALSE(sockets.clients[0].is_paused);
  EXPECT_EQ(got(0).size(), 101u) << "welcome, and a pong for each: nothing is lost";
}

/// A hub of a network loop as the feed loop sees it: it takes batches, and wants the tape of what it names.
struct tape_taker {
  std::vector<book::publication_batch_ptr> batches;
  actors::hub_actor self;

  tape_taker(caf::actor_system& system, actors::feed_context& feed, uint32_t number) : feed_(feed), number_(number) {
    self = system.spawn([this]() -> actors::hub_actor::behavior_type {
      return {
        [](const actors::directory_news&) {},
        [this](const actors::feed_batch& one) { batches.push_back(one.batch); },
        [](const actors::feed_joined&) {},
        [](actors::atom::status) { return actors::hub_status{}; },
      };
    });
    caf::anon_send(feed.self, actors::hub_joined{number, self});
  }
  ~tape_taker() { caf::anon_send_exit(self, caf::exit_reason::kill); }
  void want(uint32_t instrument, book::interest wanted) {
    caf::anon_send(feed_.self, actors::interest_news{number_, {{model::instrument_id{instrument}, wanted}}});
  }
  void acknowledge() { caf::anon_send(feed_.self, actors::atom::taken_v, number_); }
  std::vector<std::string> prints() {
    std::vector<std::string> list;
    for (const auto& batch : std::exchange(batches, {}))
      for (const auto& tape : batch->tapes)
        for (const auto& entry : *tape)
          list.push_back(std::to_string(model::index_of(entry.id)) + "#" + std::to_string(entry.sequence) + "=" +
                         std::to_string(entry.price));
    return list;
  }

private:
  actors::feed_context& feed_;
  uint32_t number_;
};

constexpr book::interest states{TP_WANT_QUOTE | TP_WANT_TRADES, 0, false};
constexpr book::interest states_and_tape{TP_WANT_QUOTE | TP_WANT_TRADES, 0, true};

TEST_F(Spine, BringsEachPrintToTheBatchesOfHubsWhereItIsWanted) {
  begin();
  tape_taker hub{*system, *feed, 1}, other{*system, *feed, 2};
  run();
  hub.want(0, states_and_tape);
  hub.want(1, states);
  run();
  hub.acknowledge();
  run();
  hub.batches.clear();
  print("AAPL", 10'000);
  print("MSFT", 20'000);
  EXPECT_THAT(hub.prints(), ElementsAre("0#1=10000")) << "nobody wants the tape of the second";
  print("AAPL", 10'100);
  print("AAPL", 10'200);
  EXPECT_THAT(hub.prints(), IsEmpty()) << "no credit";
  hub.acknowledge();
  run();
  EXPECT_THAT(hub.prints(), ElementsAre("0#2=10100", "0#3=10200"));
  EXPECT_EQ(feed->publisher.lost_prints(), 0u);

  other.want(0, states);
  hub.want(0, {});
  hub.acknowledge();
  hub.acknowledge();
  run();
  hub.batches.clear();
  print("AAPL", 10'300);
  ASSERT_FALSE(hub.batches.empty());
  EXPECT_THAT(hub.prints(), IsEmpty()) << "the one that wanted it wants it no longer";
}

TEST_F(Spine, BeginsTheTapeOfABookThatDiedInANewEpoch) {
  begin();
  place("AAPL", TP_BID, 9900);
  tape_taker hub{*system, *feed, 1};
  run();
  hub.want(0, states_and_tape);
  run();
  print("AAPL", 10'000);
  ASSERT_FALSE(hub.batches.empty());
  const auto before = hub.batches.back()->tapes.at(0)->at(0).epoch;
  kill("venues/SCRIPT/books/AAPL");
  for (int i = 0; i < 20; ++i) {
    hub.acknowledge();
    advance(100ms);
  }
  hub.batches.clear();
  print("AAPL", 10'100);
  ASSERT_FALSE(hub.batches.empty());
  const auto& batch = *hub.batches.back();
  ASSERT_EQ(batch.tapes.size(), 1u);
  EXPECT_GT(batch.tapes[0]->at(0).epoch, before);
  ASSERT_EQ(batch.items.size(), 1u);
  EXPECT_EQ(batch.items[0].epoch, batch.tapes[0]->at(0).epoch);
  EXPECT_EQ(batch.items[0].tape_sequence, batch.tapes[0]->at(0).sequence);
}

} // namespace
