// Start, health, the page, and the end in order.
#include "support/http_client.hpp"
#include "support/market_view.hpp"
#include "support/plant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace tickplant::testing {
namespace {

using ::testing::HasSubstr;

constexpr int exit_ok = 0;
constexpr uint16_t shutting_down = 4200;

TEST(Lifecycle, HealthTellsLiveAtOnceAndReadyWhenTheVenuesHaveToldTheirSymbols) {
  plant whole{plant::venues::nasdaq};
  whole.start_server();
  const auto live = http_get(whole.port(), "/health/live");
  EXPECT_EQ(live.status, 200u);
  const auto early = http_get(whole.port(), "/health/ready");
  EXPECT_EQ(early.status, 503u);
  EXPECT_THAT(early.body, HasSubstr("NASDAQ"));
  // A symbol that may yet come is waited for.
  const auto client = connect(whole);
  client->send(subscribe({"AAPL"}));
  const auto ack = client->wait_for_type("ACK");
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->body["results"][0]["status"], "pending") << ack->body;

  whole.start_simulator();
  whole.wait_ready();
  market_view view;
  EXPECT_TRUE(view.follow_entries(*client, {"AAPL"}, 3)) << whole.story();
  EXPECT_EQ(http_get(whole.port(), "/health/live").status, 200u);
}

TEST(Lifecycle, PageIsServedOnTheSamePortWithAnEtag) {
  plant whole{plant::venues::nasdaq};
  whole.start_server();
  const auto page = http_get(whole.port(), "/");
  EXPECT_EQ(page.status, 200u);
  EXPECT_THAT(page.fields.at("content-type"), HasSubstr("text/html"));
  EXPECT_THAT(page.body, HasSubstr("<html"));
  ASSERT_TRUE(page.fields.contains("etag"));
  const auto again = http_get(whole.port(), "/", {{"If-None-Match", page.fields.at("etag")}});
  EXPECT_EQ(again.status, 304u);
  EXPECT_TRUE(again.body.empty());
  for (const auto* outside : {"/../README.md", "/%2e%2e/README.md", "/nothing.html"}) {
    const auto refused = http_get(whole.port(), outside).status;
    EXPECT_TRUE(refused == 400 || refused == 404) << outside << ' ' << refused;
  }
  EXPECT_EQ(http_get(whole.port(), "/ws").status, 426u) << "a WebSocket's path says so";
}

TEST(Lifecycle, TermEndsWithAFarewellToEachOfFiftyStreamingClients) {
  plant whole;
  whole.start();
  std::vector<std::unique_ptr<ws_client>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(connect(whole));
    clients.back()->send(subscribe(all_symbols(), {{"frequency", i % 2 == 0 ? 0 : 100}}));
  }
  for (const auto& client : clients) ASSERT_TRUE(client->wait_for_type("MARKET_DATA")) << whole.story();
  EXPECT_EQ(http_get(whole.port(), "/health/live").status, 200u);
  EXPECT_EQ(http_get(whole.port(), "/health/ready").status, 200u);

  whole.server().send_signal(SIGTERM);
  const auto code = whole.server().wait_exit(10s);
  ASSERT_TRUE(code) << "it still runs\n" << whole.story();
  EXPECT_EQ(*code, exit_ok) << whole.story();
  for (const auto& client : clients) {
    const auto closed = client->wait_closed();
    ASSERT_TRUE(closed);
    EXPECT_EQ(closed->code, shutting_down) << closed->reason;
    const auto farewell = client->wait_for_type("SHUTDOWN");
    ASSERT_TRUE(farewell);
    EXPECT_GT(farewell->body["retryAfterMs"].get<int>(), 0);
  }
}

TEST(Lifecycle, TermEndsWithinTheTimeAlthoughAClientDoesNotRead) {
  plant whole;
  whole.start();
  const auto deaf = connect(whole, {"/ws", 8 * 1024}), reader = connect(whole);
  for (auto* client : {deaf.get(), reader.get()}) {
    client->send(subscribe(all_symbols(), {{"frequency", 0}, {"depth", 10}}));
    ASSERT_TRUE(client->wait_for_type("MARKET_DATA")) << whole.story();
  }
  deaf->pause_reading();
  for (size_t bytes = 0; bytes < (1u << 20);) { // enough to block the deaf one
    const auto one = reader->next();
    ASSERT_TRUE(one);
    bytes += one->size;
  }
  const auto code = whole.server().stop(10s);
  ASSERT_TRUE(code) << "it still runs\n" << whole.story();
  EXPECT_EQ(*code, exit_ok) << whole.story();
  const auto closed = reader->wait_closed();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->code, shutting_down) << closed->reason;
}

TEST(Lifecycle, InterruptEndsItTooAndEvenWithoutVenuesAnswering) {
  plant whole{plant::venues::nasdaq};
  whole.start_server();
  whole.server().send_signal(SIGINT);
  EXPECT_EQ(whole.server().wait_exit(10s), exit_ok) << whole.story();
}

TEST(Lifecycle, EndsAndStartsAgainOnTheSameVenues) {
  plant whole;
  whole.start();
  for (int round = 0; round < 3; ++round) {
    const auto client = connect(whole);
    client->send(subscribe(all_symbols()));
    market_view view;
    ASSERT_TRUE(view.follow_entries(*client, all_symbols())) << round << whole.story();
    ASSERT_EQ(whole.server().stop(10s), exit_ok) << whole.story();
    whole.start_server();
    whole.wait_ready();
  }
}

} // namespace
} // namespace tickplant::testing
