// S0-10: the real server with two venues of one plugin whose prices walk apart: one book over both, and signals.
#include "support/control.hpp"
#include "support/http_client.hpp"
#include "support/market_view.hpp"
#include "support/metrics_page.hpp"
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tickplant::testing {
namespace {

using nlohmann::json;

std::string write_two_venues(plant& at, const std::string& more) {
  const auto venue = [](const std::string& name, int seed) {
    return "  " + name + ": {plugin: synthetic, required: true, seed: " + std::to_string(seed) + ", hz: 20}\n";
  };
  return at.folder().write("two.yaml", "loops: {feed: 2}\nvenues:\n" + venue("east", 1) + venue("west", 2) +
                                         "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n"
                                         "admin: {bind: \"127.0.0.1:0\", allow_kill: true}\n" +
                                         more);
}

void start_two_venues(plant& at, const std::string& more = {}) {
  at.start_server_from(write_two_venues(at, more));
  at.wait_ready();
}

const json& venue_of(const json& entry, const std::string& name) {
  static const json nothing;
  for (const auto& venue : entry.at("venues"))
    if (venue.at("venue") == name) return venue;
  return nothing;
}

bool has_both(const json& entry) {
  return !entry.is_null() && entry.contains("venues") && venue_of(entry, "EAST").value("status", "") == "ok" &&
         venue_of(entry, "WEST").value("status", "") == "ok";
}

TEST(ConsolidatedServer, ServesOneBookOverBothVenues) {
  plant at;
  start_two_venues(at);
  auto client = connect(at);
  client->send(subscribe({"CONS:AAPL"}, {{"frequency", 0}, {"depth", 5}, {"dataTypes", {"QUOTES", "ORDER_BOOK"}}}));
  market_view view;
  ASSERT_TRUE(view.follow(*client, [&] { return has_both(view.entry("AAPL")); })) << at.story();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(view.follow_entries(*client, {"AAPL"})) << at.story();
    const auto& entry = view.entry("AAPL");
    const auto &east = venue_of(entry, "EAST"), &west = venue_of(entry, "WEST");
    EXPECT_EQ(entry.at("exchange"), "CONS");
    EXPECT_EQ(entry.at("bid"), std::max(east.at("bid").get<double>(), west.at("bid").get<double>())) << entry;
    EXPECT_EQ(entry.at("ask"), std::min(east.at("ask").get<double>(), west.at("ask").get<double>())) << entry;
    EXPECT_EQ(entry.at("bid"), venue_of(entry, entry.at("bidVenue")).at("bid")) << entry;
    EXPECT_EQ(entry.at("ask"), venue_of(entry, entry.at("askVenue")).at("ask")) << entry;
    ASSERT_EQ(entry.at("bids").size(), 5u) << entry;
    EXPECT_EQ(entry.at("bids")[0].at("price"), entry.at("bid")) << entry;
    EXPECT_EQ(entry.at("bids")[0].at("size"), entry.at("bidTotal")) << entry;
    EXPECT_GT(entry.at("bids")[0].at("price"), entry.at("bids")[1].at("price")) << entry;
  }
  auto other = connect(at);
  other->send(subscribe({"AAPL"}));
  market_view plain;
  ASSERT_TRUE(plain.follow_entries(*other, {"AAPL"})) << at.story();
  EXPECT_EQ(plain.entry("AAPL").at("exchange"), "EAST") << "the first venue of the configuration";
  EXPECT_FALSE(plain.entry("AAPL").contains("venues"));
}

TEST(ConsolidatedServer, TellsCrossedMarketsToThoseWhoAskForSignals) {
  plant at;
  start_two_venues(at, "consolidation: {arbitrage: {min_duration: 0ms, min_edge_bps: 0.5}, fees: {east: 0.1}}\n");
  auto all = connect(at), one = connect(at);
  one->send({{"type", "HELLO"}});
  all->send(subscribe({"CONS:*"}, {{"dataTypes", {"SIGNALS"}}}));
  one->send(subscribe({"CONS:AAPL"}, {{"dataTypes", {"SIGNALS"}}}));
  for (auto* client : {all.get(), one.get()}) ASSERT_TRUE(client->wait_for_type("ACK"));
  // Markets that were crossed before anybody asked may stay so: they start again when one of them is back.
  const control ctl{admin_port(at.server())};
  ASSERT_EQ(ctl({"kill", "venues/WEST/adapter"}).code, 0);
  const auto is = [](const char* phase) {
    return [phase](const json& body) { return body.value("type", "") == "SIGNAL" && body.value("phase", "") == phase; };
  };
  const auto start = one->wait_for(is("START"));
  ASSERT_TRUE(start) << at.story();
  const auto& body = start->body;
  EXPECT_EQ(body.at("signal"), "ARBITRAGE");
  EXPECT_EQ(body.value("v", 0), 1) << "it has said HELLO";
  EXPECT_EQ(body.at("symbol"), "AAPL");
  EXPECT_EQ(body.at("exchange"), "CONS");
  EXPECT_NE(body.at("buy").at("exchange"), body.at("sell").at("exchange"));
  EXPECT_GE(body.at("sell").at("price"), body.at("buy").at("price"));
  EXPECT_GT(body.at("size"), 0);
  EXPECT_LT(body.at("netEdgeBps"), body.at("edgeBps")) << "one venue has a fee";
  EXPECT_GE(body.at("netEdgeBps"), 0.5);
  EXPECT_TRUE(all->wait_for(
    [&](const json& told) { return told.value("signalId", "") == body.at("signalId").get<std::string>(); }))
    << "whoever listens to all gets it too";
  EXPECT_TRUE(all->wait_for([](const json& told) { return told.value("symbol", "") == "MSFT"; })) << at.story();
  // Without a price of one venue nothing can be crossed.
  ASSERT_EQ(ctl({"kill", "venues/WEST/adapter"}).code, 0);
  EXPECT_TRUE(all->wait_for([](const json& told) {
    return told.value("phase", "") == "END" && told.value("reason", "").find("WEST") != std::string::npos;
  }))
    << at.story();
  const metrics_page page{http_get(admin_port(at.server()), "/metrics").body};
  EXPECT_GE(page.sum("tickplant_arbitrage_signals_total", "phase=\"start\""), 2);
  EXPECT_GE(page.sum("tickplant_consolidation_books"), 8);
}

TEST(ConsolidatedServer, RepairsABookThatIsKilledAndTellsItsClients) {
  plant at;
  start_two_venues(at);
  const control ctl{admin_port(at.server())};
  auto client = connect(at);
  client->send(subscribe({"CONS:AAPL"}, {{"frequency", 0}}));
  market_view view;
  ASSERT_TRUE(view.follow(*client, [&] { return has_both(view.entry("AAPL")); })) << at.story();
  const auto killed = ctl({"kill", "consolidation/CONS:AAPL"});
  ASSERT_EQ(killed.code, 0) << killed.output;
  ASSERT_TRUE(view.follow(*client, [&] { return view.status("AAPL") == "stale"; })) << at.story();
  ASSERT_TRUE(view.follow(*client, [&] { return view.status("AAPL") == "ok"; })) << at.story();
  ASSERT_TRUE(view.follow_entries(*client, {"AAPL"}, 2)) << at.story();
  EXPECT_TRUE(has_both(view.entry("AAPL"))) << view.entry("AAPL");
  ASSERT_EQ(ctl({"kill", "venues/EAST/adapter"}).code, 0);
  EXPECT_TRUE(view.follow(*client, [&] { return venue_of(view.entry("AAPL"), "EAST").at("status") != "ok"; }))
    << at.story();
  EXPECT_EQ(view.entry("AAPL").at("bidVenue"), "WEST");
  EXPECT_TRUE(view.follow(*client, [&] { return has_both(view.entry("AAPL")); })) << "and it is back";
  EXPECT_EQ(std::count(view.statuses("AAPL").begin(), view.statuses("AAPL").end(), "stale"), 1)
    << "one venue's death makes nothing stale";
}

TEST(ConsolidatedServer, TellsWhoHadSignalsThatNobodyLooksForArbitrageAnyMore) {
  plant at;
  start_two_venues(at, "reload: {watch: false}\n");
  auto client = connect(at);
  client->send(subscribe({"CONS:AAPL", "CONS:MSFT"}, {{"dataTypes", {"SIGNALS"}}}));
  ASSERT_TRUE(client->wait_for_type("ACK")) << at.story();
  (void)write_two_venues(at, "reload: {watch: false}\nconsolidation: {arbitrage: {enabled: false}}\n");
  const control ctl{admin_port(at.server())};
  ASSERT_EQ(ctl({"config", "reload"}).code, 0) << at.story();
  const auto told = client->wait_for_type("ERROR");
  ASSERT_TRUE(told) << at.story();
  EXPECT_EQ(told->body.value("code", 0), 4303) << told->body;
  EXPECT_EQ(told->body.value("field", ""), "dataTypes") << told->body;
  client->send(subscribe({"CONS:AAPL"}, {{"dataTypes", {"SIGNALS"}}}));
  const auto refused = client->wait_for_type("ERROR");
  ASSERT_TRUE(refused) << at.story();
  EXPECT_EQ(refused->body.value("code", 0), 4303) << refused->body;
}

TEST(ConsolidatedServer, KnowsNothingOfItWhereItIsOff) {
  plant at;
  start_two_venues(at, "consolidation: {enabled: false}\n");
  auto client = connect(at);
  client->send(subscribe({"CONS:AAPL"}));
  const auto error = client->wait_for_type("ERROR");
  ASSERT_TRUE(error) << at.story();
  EXPECT_EQ(error->body.at("code"), 4306);
}

} // namespace
} // namespace tickplant::testing
