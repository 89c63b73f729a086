// A Binance that has a bad day, through the real server: connections that end as announced, futures, refusals by REST,
// cuts inside messages, silence.
#include "support/market_view.hpp"
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tickplant::testing {
namespace {

using nlohmann::json;

json with_book() {
  return {{"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}}, {"depth", 5}};
}

bool was_stale(const market_view& view, const std::string& symbol) {
  return std::ranges::any_of(view.statuses(symbol), [](const auto& one) { return one == "stale"; });
}

bool are_well(const market_view& view) {
  return std::ranges::all_of(
    binance_symbols, [&](const auto& one) { return view.status(one) == "ok" || view.status(one) == "pending"; });
}

/// Server and simulator with settings of the venue's own.
void start(plant& whole, std::vector<std::string> simulator, const std::string& settings) {
  whole.start_simulator(std::move(simulator));
  whole.start_server_from(
    whole.folder().write("binance.yaml", "node: {name: integration}\nvenues:\n" + whole.binance_text(settings) +
                                           "listeners:\n  - name: public\n    bind: \"127.0.0.1:0\"\n    routes: {/ws: "
                                           "hft}\n"));
  whole.wait_ready();
}

// Each connection lives for 14 s, and its end is announced 7 s before: a second one takes over, and nobody notices.
TEST(BinanceFaults, ConnectionsThatEndAsAnnouncedAreReplacedUnnoticed) {
  plant whole{plant::venues::binance};
  start(whole, {"--connection-lifetime", "14"}, "    overlap: 2s\n");
  const auto client = connect(whole);
  client->send(subscribe(binance_symbols, with_book()));
  market_view view;
  json seen;
  ASSERT_TRUE(eventually([&] {
    EXPECT_TRUE(view.follow_entries(*client, binance_symbols, 3)) << whole.story();
    for (const auto& symbol : binance_symbols) EXPECT_EQ(book_fault(view.entry(symbol)), "");
    seen = whole.summary()["binance"]["connections"];
    return ::testing::Test::HasFailure() || seen["opened"] >= 3;
  }))
    << seen << whole.story();
  ASSERT_TRUE(view.follow_entries(*client, binance_symbols, 5)) << whole.story();
  for (const auto& symbol : binance_symbols) EXPECT_FALSE(was_stale(view, symbol)) << whole.story();
  EXPECT_EQ(seen["expired"], 0) << "the server closed the old ones in time";
  EXPECT_TRUE(whole.server().wait_for_line("was replaced before its end")) << whole.story();
}

TEST(BinanceFaults, FuturesChainByThePreviousIdThroughGaps) {
  plant whole{plant::venues::binance};
  start(whole, {"--binance-product", "usdm", "--binance-gap", "0.05", "--seed", "5"}, "    product: usdm\n");
  const auto client = connect(whole);
  client->send(subscribe(binance_symbols, with_book()));
  market_view view;
  ASSERT_TRUE(view.follow(
    *client,
    [&] { return std::ranges::all_of(binance_symbols, [&](const auto& one) { return was_stale(view, one); }); }))
    << whole.story();
  ASSERT_TRUE(view.follow(*client, [&] { return are_well(view); })) << whole.story();
  ASSERT_TRUE(view.follow_entries(*client, binance_symbols, 5)) << whole.story();
  for (const auto& symbol : binance_symbols) EXPECT_EQ(book_fault(view.entry(symbol)), "");
}

// Everything at once; whoever looks is told of old data, and has good data again.
TEST(BinanceFaults, AStormOfRefusalsCutsGapsAndNonsenseHeals) {
  plant whole{plant::venues::binance};
  start(
    whole,
    {"--recovery-refuse", "0.3",  "--recovery-delay", "30",   "--stale",       "0.2",  "--tcp-cut",           "0.03",
     "--malformed",       "0.02", "--unknown",        "0.02", "--binance-gap", "0.02", "--binance-duplicate", "0.02",
     "--binance-reorder", "0.01", "--binance-ban",    "1",    "--seed",        "11"},
    "    silence: 5s\n");
  const auto client = connect(whole);
  client->send(subscribe(binance_symbols, with_book()));
  market_view view;
  json seen;
  ASSERT_TRUE(eventually(
    [&] {
      EXPECT_TRUE(view.follow_entries(*client, binance_symbols, 2, 120s)) << whole.story();
      seen = whole.summary()["binance"];
      return ::testing::Test::HasFailure() ||
             (seen["faults"]["malformed"] > 3 && seen["faults"]["unknown"] > 3 && seen["faults"]["cut"] > 1 &&
              seen["rest"]["faults"]["refused"] > 1 && seen["feed"]["diffs_left_out"] > 1);
    },
    120s))
    << seen << whole.story();
  ASSERT_TRUE(view.follow(
    *client, [&] { return are_well(view); }, 120s))
    << whole.story();
  ASSERT_TRUE(view.follow_entries(*client, binance_symbols, 3, 120s)) << whole.story();
  EXPECT_TRUE(client->is_open());
}

TEST(BinanceFaults, ASilentConnectionIsGivenUpForAnother) {
  plant whole{plant::venues::binance};
  start(whole, {"--binance-silent-after", "4"}, "    silence: 5s\n");
  const auto client = connect(whole);
  client->send(subscribe(binance_symbols, with_book()));
  market_view view;
  ASSERT_TRUE(view.follow(
    *client,
    [&] { return std::ranges::all_of(binance_symbols, [&](const auto& one) { return was_stale(view, one); }); }))
    << whole.story();
  ASSERT_TRUE(view.follow(*client, [&] { return are_well(view); })) << whole.story();
  ASSERT_TRUE(view.follow_entries(*client, binance_symbols, 2)) << whole.story();
}

} // namespace
} // namespace tickplant::testing
