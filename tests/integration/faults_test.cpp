// What goes wrong between the exchanges and the server, and what a client sees of it.
#include "support/market_view.hpp"
#include "support/plant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <set>

namespace tickplant::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json with_book() {
  return {{"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}}, {"depth", 5}};
}

bool was_told(const market_view& view, const std::string& symbol, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(view.statuses(symbol),
                             [&](const auto& one) { return std::ranges::count(wanted, one) > 0; });
}

std::string words_of(const market_view& view, const std::vector<std::string>& symbols) {
  std::string text;
  for (const auto& symbol : symbols)
    text += symbol + ' ' + view.status(symbol) + ' ' + std::to_string(view.entries(symbol)) + "  ";
  return text;
}

/// All have been told to be good. A symbol told "pending" has its first entry as the sign that it is.
bool are_well(const market_view& view, const std::vector<std::string>& symbols) {
  return std::ranges::all_of(
    symbols, [&](const auto& one) { return view.status(one) == "ok" || view.status(one) == "pending"; });
}

/// Follows until every symbol has been told to be bad, then to be good again, and then has new data.
void expect_bad_then_good(plant& whole, ws_client& client, const std::vector<std::string>& symbols) {
  market_view view;
  const auto were_bad = [&] {
    return std::ranges::all_of(symbols, [&](const auto& one) {
      return was_told(view, one, {"stale", "recovering", "closed"});
    });
  };
  ASSERT_TRUE(view.follow(client, were_bad)) << "nobody said that the data is old\n" << whole.story();
  ASSERT_TRUE(view.follow(client, [&] { return are_well(view, symbols); }))
    << "not well again: " << words_of(view, symbols) << '\n'
    << whole.story();
  ASSERT_TRUE(view.follow_entries(client, symbols)) << "no data any more\n" << whole.story();
  EXPECT_TRUE(client.is_open());
}

// Every packet has its twin on the other line; what both lines lose is asked for again.
TEST(Faults, LossDuplicationAndDisorderOnBothLinesLeaveGoodBooks) {
  plant whole{plant::venues::nasdaq};
  whole.start({"--loss", "0.05", "--duplicate", "0.02", "--reorder", "0.05", "--seed", "7"});
  const auto client = connect(whole);
  client->send(subscribe(nasdaq_symbols, with_book()));
  market_view view;
  // Until both lines have lost packets of the same numbers, which the server had to ask for.
  json summary;
  ASSERT_TRUE(eventually([&] {
    EXPECT_TRUE(view.follow_entries(*client, nasdaq_symbols, 3)) << whole.story();
    for (const auto& symbol : nasdaq_symbols) EXPECT_EQ(book_fault(view.entry(symbol)), "");
    summary = whole.summary()["nasdaq"];
    return ::testing::Test::HasFailure() ||
           (summary["lines"]["a"]["lost"] > 100 && summary["lines"]["b"]["lost"] > 100 &&
            summary["rerequests"]["answered"] > 5);
  }))
    << summary << whole.story();
  EXPECT_GT(summary["lines"]["a"]["reordered"], 0);
  EXPECT_GT(summary["lines"]["b"]["duplicated"], 0);
  // A symbol may wait for an answer at this moment; then it is well again soon.
  EXPECT_TRUE(view.follow(*client, [&] { return are_well(view, nasdaq_symbols); })) << whole.story();
  EXPECT_TRUE(view.follow_entries(*client, nasdaq_symbols)) << whole.story();
  EXPECT_TRUE(client->is_open());
}

// One line dead from the start: nobody notices.
TEST(Faults, OneLineAloneIsEnough) {
  plant whole{plant::venues::nasdaq};
  whole.start({"--loss-a", "1"});
  const auto client = connect(whole);
  client->send(subscribe(nasdaq_symbols, with_book()));
  market_view view;
  ASSERT_TRUE(view.follow_entries(*client, nasdaq_symbols, 20)) << whole.story();
  for (const auto& symbol : nasdaq_symbols) EXPECT_FALSE(was_told(view, symbol, {"stale"})) << symbol;
  EXPECT_EQ(whole.summary()["nasdaq"]["lines"]["a"]["packets"], 0);
}

TEST(Faults, CutOfTheStreamIsToldAndHealsWithoutTheClientsDoing) {
  plant whole{plant::venues::binance};
  whole.start({"--binance-cut-after", "3"});
  const auto client = connect(whole);
  client->send(subscribe(binance_symbols, with_book()));
  for (int cut = 0; cut < 2; ++cut) ASSERT_NO_FATAL_FAILURE(expect_bad_then_good(whole, *client, binance_symbols));
}

// A diff is left out: the numbers show it, and the book is joined anew with a snapshot.
TEST(Faults, GapInDiffsAndOldSnapshotsHeal) {
  plant whole{plant::venues::binance};
  whole.start({"--binance-gap", "0.05", "--stale-snapshot", "2", "--seed", "3"});
  const auto client = connect(whole);
  client->send(subscribe(binance_symbols, with_book()));
  for (int gap = 0; gap < 2; ++gap) ASSERT_NO_FATAL_FAILURE(expect_bad_then_good(whole, *client, binance_symbols));
}

class RestartedSimulator : public ::testing::TestWithParam<int> {};

// Nasdaq's new session may be complete with its first packet, so that nobody sees a stale book; its totals begin anew.
TEST_P(RestartedSimulator, IsServedFromItsNewSession) {
  plant whole;
  whole.start({"--seed", "1"});
  const auto client = connect(whole);
  client->send(subscribe(all_symbols(), with_book()));
  market_view view;
  ASSERT_TRUE(view.follow_entries(*client, all_symbols(), 3)) << whole.story();
  const auto before = whole.summary()["nasdaq"];
  ASSERT_TRUE(eventually([&] { return whole.summary()["nasdaq"]["messages"] > 6'000; })) << whole.story(); // about 3 s
  while (const auto one = client->next(0ms)) view.take(one->body);
  std::map<std::string, double> volumes; // the same seed begins with less
  for (const auto& symbol : nasdaq_symbols) volumes[symbol] = view.entry(symbol)["volume"];

  whole.simulator().send_signal(GetParam());
  ASSERT_TRUE(whole.simulator().wait_exit()) << whole.story();
  whole.start_simulator({"--seed", "1"});
  EXPECT_NE(whole.summary()["nasdaq"]["session"], before["session"]);
  market_view after;
  std::set<std::string> renewed;
  const auto is_renewed = [&] {
    for (const auto& [symbol, volume] : volumes)
      if (const auto& entry = after.entry(symbol); !entry.is_null() && entry["volume"] < volume) renewed.insert(symbol);
    return renewed.size() == volumes.size() &&
           std::ranges::all_of(binance_symbols, [&](const auto& one) { return was_told(after, one, {"stale"}); });
  };
  ASSERT_TRUE(after.follow(*client, is_renewed)) << words_of(after, all_symbols()) << whole.story();
  ASSERT_TRUE(after.follow(*client, [&] { return are_well(after, binance_symbols); })) << whole.story();
  ASSERT_TRUE(after.follow_entries(*client, all_symbols(), 5)) << words_of(after, all_symbols()) << whole.story();
  EXPECT_TRUE(client->is_open());
  for (const auto& symbol : all_symbols()) {
    EXPECT_EQ(book_fault(after.entry(symbol)), "");
    EXPECT_EQ(after.entry(symbol)["bids"].size(), 5u)
      << "the book of the new session is whole: " << after.entry(symbol);
    const auto status = after.status(symbol);
    EXPECT_TRUE(status.empty() || status == "ok" || status == "pending") << symbol << ' ' << status;
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, RestartedSimulator, ::testing::Values(SIGTERM, SIGKILL), [](const auto& tested) {
  return tested.param == SIGTERM ? "AfterAnOrderlyEnd" : "AfterBeingKilled";
});

// The day began without the server: it asks for what it missed.
TEST(Faults, LateStartMakesWholeBooksFromHistory) {
  plant whole{plant::venues::nasdaq};
  whole.start_simulator();
  ASSERT_TRUE(eventually([&] { return whole.summary()["nasdaq"]["messages"] > 6'000; })) << whole.story(); // about 3 s
  whole.start_server();
  whole.wait_ready();
  const auto client = connect(whole);
  client->send(subscribe(nasdaq_symbols, with_book()));
  market_view view;
  ASSERT_TRUE(view.follow_entries(*client, nasdaq_symbols, 5)) << whole.story();
  EXPECT_TRUE(whole.server().wait_for_line("joined late")) << whole.story();
  EXPECT_GT(whole.summary()["nasdaq"]["rerequests"]["messages"], 5'000);
  for (const auto& symbol : nasdaq_symbols) {
    const auto& entry = view.entry(symbol);
    EXPECT_EQ(entry["bids"].size(), 5u) << entry;
    EXPECT_EQ(entry["asks"].size(), 5u) << entry;
    EXPECT_EQ(book_fault(entry), "");
    EXPECT_FALSE(was_told(view, symbol, {"stale"})) << symbol;
  }
}

// A machine that sleeps for seconds: what came meanwhile is in the sockets or asked for again.
TEST(Faults, StallOfTheWholeServerHeals) {
  plant whole;
  whole.start({"--nasdaq-rate", "5000"});
  const auto client = connect(whole);
  client->send(subscribe(all_symbols(), with_book()));
  market_view view;
  ASSERT_TRUE(view.follow_entries(*client, all_symbols(), 3)) << whole.story();
  const auto played = [&] { return whole.summary()["nasdaq"]["messages"].get<int64_t>(); };
  const auto before = played();
  whole.server().send_signal(SIGSTOP);
  const bool went_on = eventually([&] { return played() > before + 15'000; });
  whole.server().send_signal(SIGCONT);
  ASSERT_TRUE(went_on);
  client->forget_waiting();
  ASSERT_TRUE(view.follow_entries(*client, all_symbols(), 10)) << words_of(view, all_symbols()) << whole.story();
  ASSERT_TRUE(view.follow(*client, [&] { return are_well(view, all_symbols()); })) << words_of(view, all_symbols());
  for (const auto& symbol : all_symbols()) EXPECT_EQ(book_fault(view.entry(symbol)), "");
}

} // namespace
} // namespace tickplant::testing
