// A server that runs alone, on the synthetic venue.
#include "support/control.hpp"
#include "support/market_view.hpp"
#include "support/plant.hpp"

#include <gtest/gtest.h>

namespace tickplant::testing {
namespace {

const std::vector<std::string> names{"AAPL", "GOOGL", "MSFT", "TSLA", "AMZN", "META", "NVDA", "BRK.A"};

void start_alone(plant& at, const std::string& settings = {}) {
  at.start_server_from(at.folder().write(
    "alone.yaml", "venues:\n  synthetic:\n    plugin: synthetic\n    required: true\n    walk_scale: 0.05\n" +
                    settings +
                    "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n"
                    "admin: {bind: \"127.0.0.1:0\", allow_kill: true}\n"));
  at.wait_ready();
}

TEST(SyntheticServer, ServesEveryListedNameWithoutAnyExchange) { // S0-56, S0-58, S0-59
  plant at;
  start_alone(at);
  auto client = connect(at);
  client->send(subscribe(names, {{"frequency", 0}, {"depth", 5}, {"dataTypes", {"QUOTES", "ORDER_BOOK"}}}));
  market_view view;
  ASSERT_TRUE(view.follow_entries(*client, names, 3)) << at.story();
  for (const auto& name : names) {
    const auto& entry = view.entry(name);
    EXPECT_EQ(entry.at("exchange"), "SYNTHETIC");
    EXPECT_EQ(book_fault(entry), "") << entry;
    EXPECT_EQ(entry.at("bids").size(), 5u) << entry;
    EXPECT_EQ(entry.at("asks").size(), 5u) << entry;
    EXPECT_GE(entry.at("volume"), 1'000'000) << entry;
    EXPECT_LE(entry.at("volume"), 5'999'999) << entry;
    EXPECT_EQ(entry.at("open"), entry.at("previousClose")) << entry;
  }
  EXPECT_EQ(view.entry("BRK.A").at("open"), 515'000);
}

class SyntheticServerOnLoops : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Loops, SyntheticServerOnLoops, ::testing::Values("loops: {feed: 1}\n", "loops: {feed: 0}\n"));

TEST_P(SyntheticServerOnLoops, ComesBackAfterItsAdapterDied) {
  plant at;
  start_alone(at, std::string{"    instruments: 3\n"} + GetParam());
  const control ctl{admin_port(at.server())};
  auto client = connect(at);
  client->send(subscribe({"S000", "S001", "S002"}, {{"frequency", 0}}));
  market_view view;
  ASSERT_TRUE(view.follow_entries(*client, {"S000", "S001", "S002"}, 2)) << at.story();
  ASSERT_EQ(ctl({"kill", "venues/SYNTHETIC/adapter"}).code, 0);
  ASSERT_TRUE(view.follow(*client,
                          [&] {
                            return view.all_have_status({"S000", "S001", "S002"}, "stale");
                          }))
    << at.story();
  ASSERT_TRUE(view.follow(*client, [&] { return view.all_have_status({"S000", "S001", "S002"}, "ok"); })) << at.story();
  EXPECT_TRUE(view.follow_entries(*client, {"S000", "S001", "S002"}, 2)) << at.story();
  EXPECT_EQ(at.server().stop(), 0) << at.story();
}

} // namespace
} // namespace tickplant::testing
