// From a recording through the exchange's protocols, the server and a client's socket, and nothing got lost: what the
// client has at the end is what tickplant-replay makes of the same file.
#include "support/market_view.hpp"
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tickplant::testing {
namespace {

using nlohmann::json;

constexpr auto long_patience = 120s;

double number(const json& text) {
  return std::strtod(text.get<std::string>().c_str(), nullptr);
}

/// [["61602.01","1.67"], ...] as the client should see it.
void expect_levels(const json& shown, const json& expected, size_t count, const std::string& what) {
  ASSERT_EQ(shown.size(), std::min(count, expected.size())) << what;
  for (size_t i = 0; i < shown.size(); ++i) {
    EXPECT_EQ(shown[i]["price"].get<double>(), number(expected[i][0])) << what << ' ' << i;
    EXPECT_EQ(shown[i]["size"].get<double>(), number(expected[i][1])) << what << ' ' << i;
  }
}

json replay(std::vector<std::string> words) {
  words.insert(words.end(), {"--json", "--depth", "5"});
  child_process tool{TP_REPLAY, std::move(words)};
  const auto code = tool.wait_exit(long_patience);
  if (code != 0) throw std::runtime_error("tickplant-replay failed:\n" + tool.output());
  return json::parse(tool.newest_line("{\"plugin\""));
}

/// Follows until `is_over` and for as long as anything comes after it.
bool follow_to_the_end(market_view& view, ws_client& client, const std::function<bool()>& is_over) {
  const auto ended = [&] {
    while (const auto one = client.next(0ms)) view.take(one->body);
    return is_over();
  };
  if (!eventually(ended, long_patience)) return false;
  while (const auto one = client.next(1s)) view.take(one->body); // ten times the subscription's period
  return client.is_open();
}

void expect_as_replayed(const json& entry, const json& expected) {
  EXPECT_EQ(entry["price"].get<double>(), number(expected["last"]));
  EXPECT_EQ(entry["volume"].get<double>(), number(expected["volume"]));
  EXPECT_EQ(entry["open"].get<double>(), number(expected["open"]));
  EXPECT_EQ(entry["high"].get<double>(), number(expected["high"]));
  EXPECT_EQ(entry["low"].get<double>(), number(expected["low"]));
  EXPECT_EQ(entry["lastTrade"]["price"].get<double>(), number(expected["last"]));
  EXPECT_EQ(entry["lastTrade"]["size"].get<double>(), number(expected["lastQuantity"]));
  expect_levels(entry["bids"], expected["bids"], 5, "bids");
  expect_levels(entry["asks"], expected["asks"], 5, "asks");
}

json recorded_subscription() {
  return {{"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}}, {"depth", 5}, {"frequency", 100}};
}

class BinanceRecording : public ::testing::TestWithParam<const char*> {};

TEST_P(BinanceRecording, EndsAtTheClientAsInTheReplayAndInTheFilesOwnNumbers) {
  const std::string folder = std::string{TP_SHARED_DIR} + "/data/binance/";
  const std::vector<std::string> files{folder + "spot_btcusdt_20240808.log.gz",
                                       folder + "spot_btcusdt_20240809.log.gz"};
  for (const auto& file : files)
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "no capture " << file;

  plant whole{plant::venues::binance};
  whole.start_simulator({"--speed", GetParam(), "--binance-recording", files[0], files[1]});
  whole.start_server();
  whole.wait_ready();
  const auto client = connect(whole);
  client->send(subscribe({"BTCUSDT"}, recorded_subscription()));
  market_view view;
  const auto is_over = [&] { return whole.summary()["binance"]["feed"]["at_end"].get<bool>(); };
  ASSERT_TRUE(follow_to_the_end(view, *client, is_over)) << whole.story();
  ASSERT_EQ(view.status("BTCUSDT"), "ok") << whole.story();
  const auto& entry = view.entry("BTCUSDT");
  SCOPED_TRACE(entry.dump());

  const auto replayed =
    replay({"--plugin", "binance", "--format", "binance-log", files[0], files[1]})["symbols"]["BTCUSDT"];
  expect_as_replayed(entry, replayed);
  EXPECT_EQ(entry["bid"].get<double>(), number(replayed["quote"]["bid"][0]));
  EXPECT_EQ(entry["bidSize"].get<double>(), number(replayed["quote"]["bid"][1]));
  EXPECT_EQ(entry["ask"].get<double>(), number(replayed["quote"]["ask"][0]));
  EXPECT_EQ(entry["askSize"].get<double>(), number(replayed["quote"]["ask"][1]));

  // Made from the files without any of our programs.
  std::ifstream told{folder + "expected.json"};
  const auto expected = json::parse(told)["spot_btcusdt both files in order"];
  expect_levels(entry["bids"], expected["final"]["top10_bids"], 5, "bids");
  expect_levels(entry["asks"], expected["final"]["top10_asks"], 5, "asks");
  EXPECT_EQ(entry["price"].get<double>(), number(expected["trades"]["last_price"]));
  EXPECT_EQ(entry["volume"].get<double>(), number(expected["trades"]["volume"]));
  EXPECT_EQ(entry["high"].get<double>(), number(expected["trades"]["high"]));
  EXPECT_EQ(entry["low"].get<double>(), number(expected["trades"]["low"]));
}

INSTANTIATE_TEST_SUITE_P(Recording, BinanceRecording, ::testing::Values("0", "60"),
                         [](const auto& tested) { return std::string{"Speed"} + tested.param; });

/// The first `count` messages of a BinaryFILE day, so that books are full at its end.
std::string cut_day(const std::string& day, size_t count) {
  size_t at = 0;
  for (size_t i = 0; i < count && at + 2 <= day.size(); ++i)
    at += 2 + (static_cast<uint8_t>(day[at]) << 8 | static_cast<uint8_t>(day[at + 1]));
  return day.substr(0, std::min(at, day.size()));
}

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// The same with order books, made from the day's history for a server that came late, and from bad lines.
TEST(NasdaqDay, EndsAtTheClientAsInTheReplayAlthoughTheServerCameLateAndTheLinesAreBad) {
  const scratch_folder folder;
  const auto path = folder.write("20261120.itch", "");
  {
    child_process generator{
      TP_SIMULATOR,
      {"--generate-itch", path, "--messages", "40000", "--symbols", "7", "--live-orders", "2000", "--seed", "11"}};
    ASSERT_EQ(generator.wait_exit(), 0) << generator.output();
  }
  constexpr size_t messages = 36'000;
  folder.write("20261120.itch", cut_day(read_file(path), messages));

  plant whole{plant::venues::nasdaq};
  whole.start_simulator({"--nasdaq-file", path, "--nasdaq-rate", "4000", "--loss", "0.03", "--duplicate", "0.02",
                         "--reorder", "0.03", "--seed", "5"});
  ASSERT_TRUE(eventually([&] { return whole.summary()["nasdaq"]["messages"] > messages / 4; })) << whole.story();
  whole.start_server();
  whole.wait_ready();
  const auto client = connect(whole);
  client->send(subscribe(nasdaq_symbols, recorded_subscription()));
  market_view view;
  ASSERT_TRUE(follow_to_the_end(view, *client, [&] { return whole.summary()["nasdaq"]["messages"] >= messages; }))
    << whole.story();
  const auto summary = whole.summary()["nasdaq"];
  EXPECT_GT(summary["lines"]["a"]["lost"], 0) << summary;
  EXPECT_GT(summary["rerequests"]["messages"], messages / 4) << summary;

  const auto replayed = replay({"--plugin", "nasdaq", "--format", "itch50", "--date", "2026-11-20", path});
  for (const auto& symbol : nasdaq_symbols) {
    const auto& entry = view.entry(symbol);
    SCOPED_TRACE(symbol + ' ' + entry.dump() + ' ' + view.status(symbol));
    ASSERT_FALSE(entry.is_null()) << whole.story();
    EXPECT_EQ(replayed["symbols"][symbol]["bidLevels"].get<int>() > 5, true) << "the day is cut where books are full";
    expect_as_replayed(entry, replayed["symbols"][symbol]);
  }
}

} // namespace
} // namespace tickplant::testing
