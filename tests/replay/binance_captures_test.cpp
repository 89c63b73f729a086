// The whole tool with the Binance plugin over real recordings of spot, USD-M and COIN-M; expected results lie beside
// those.
#include "tests/replay/tool.hpp"

namespace tickplant::replay::testing {
namespace {

using nlohmann::json;

json side(const json& expected) {
  return {plain(expected[0]), plain(expected[1])};
}

/// The values that checkpoints and final states share.
void expect_top(const json& got, const json& want) {
  EXPECT_EQ(got["state"], "live");
  EXPECT_EQ(got["bid"], side(want["best_bid"]));
  EXPECT_EQ(got["ask"], side(want["best_ask"]));
  EXPECT_EQ(got["bidLevels"], want["bid_levels"]);
  EXPECT_EQ(got["askLevels"], want["ask_levels"]);
  EXPECT_EQ(got["sequence"], std::to_string(want["update_id"].get<uint64_t>()));
}

struct recording {
  std::string name, symbol, depth_key, config; // key of the expected results, settings in YAML
  std::vector<std::string> words;
};

void PrintTo(const recording& which, std::ostream* out) {
  *out << which.name << " with '" << which.config << '\'';
  for (const auto& word : which.words) *out << ' ' << word;
}

struct Recording : ::testing::TestWithParam<recording> {};

TEST_P(Recording, BooksAndTradesAreTheExpectedOnesAtEveryCheckpoint) {
  const auto& [name, symbol_name, depth_key, config, extra] = GetParam();
  const auto expected = shared("binance/expected.json");
  TP_NEEDS("binance", expected);
  const auto want = read_json(expected)[name];
  std::vector<std::string> words{"--plugin", "binance", "--format", "binance-log", "--json",
                                 "--every",  "500",     "--depth",  "10"};
  words.insert(words.end(), extra.begin(), extra.end());
  const scratch_file settings{"venue.yaml", config};
  if (!config.empty()) words.insert(words.end(), {"--config", settings.path()});
  for (const auto& file : want["files"]) words.push_back(shared("binance/" + file.get<std::string>()));
  const auto result = run_tool(words);
  ASSERT_EQ(result.code, exit_ok) << result.err;

  ASSERT_EQ(result.lines.size(), want["checkpoints"].size() + 1);
  for (size_t i = 0; i < want["checkpoints"].size(); ++i) {
    const auto& point = want["checkpoints"][i];
    SCOPED_TRACE(point["n"]);
    EXPECT_EQ(result.lines[i]["checkpoint"], point["n"]);
    const auto& got = result.lines[i]["symbols"][symbol_name];
    expect_top(got, point);
    EXPECT_EQ(got["trades"], point["trades_so_far"]);
    EXPECT_EQ(got["volume"], plain(point["volume_so_far"]));
  }

  const auto& got = result.last()["symbols"][symbol_name];
  const auto& end = want["final"];
  const auto& trades = want["trades"];
  expect_top(got, end);
  EXPECT_EQ(got["bidQuantity"], plain(end["bid_qty_sum"]));
  EXPECT_EQ(got["askQuantity"], plain(end["ask_qty_sum"]));
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(got["bids"][i], side(end["top10_bids"][i])) << i;
    EXPECT_EQ(got["asks"][i], side(end["top10_asks"][i])) << i;
  }
  EXPECT_EQ(got["trades"], trades["count"]);
  EXPECT_EQ(got["volume"], plain(trades["volume"]));
  EXPECT_EQ(got["last"], plain(trades["last_price"]));
  EXPECT_EQ(got["lastQuantity"], plain(trades["last_qty"]));
  EXPECT_EQ(got["high"], plain(trades["high"]));
  EXPECT_EQ(got["low"], plain(trades["low"]));

  const auto& messages = result.last()["messages"];
  EXPECT_EQ(messages["depthUpdate"], want["counts"][depth_key]);
  EXPECT_EQ(messages["bookTicker"], want["counts"]["msg_bookTicker"]);
  EXPECT_EQ(messages["trade"], want["counts"]["msg_trade"]);
  EXPECT_EQ(result.last()["gaps"], (json{{"seen", 0}, {"filled", 0}, {"open", 0}}));
  EXPECT_EQ(result.last()["refused"], json::object());
  EXPECT_EQ(result.last()["malformed"], 0);
}

const std::string alone = "spot_btcusdt_20240808 alone", both = "spot_btcusdt both files in order";
const std::string usdm = "usdm_btcusdt_20240808", coinm = "coinm_btcusd_perp_20240808";
const std::string spot_diffs = "msg_depth@100ms", futures_diffs = "msg_depth@0ms";
INSTANTIATE_TEST_SUITE_P(
  Files, Recording,
  ::testing::Values(recording{alone, "BTCUSDT", spot_diffs, "", {}}, recording{both, "BTCUSDT", spot_diffs, "", {}},
                    recording{alone, "BTCUSDT", spot_diffs, "product: spot\n", {"--time"}},
                    recording{both, "BTCUSDT", spot_diffs, "", {"--burst", "64"}},
                    recording{usdm, "BTCUSDT", futures_diffs, "product: usdm\n", {}},
                    recording{usdm, "BTCUSDT", futures_diffs, "product: usdm\n", {"--burst", "32", "--time"}},
                    recording{coinm, "BTCUSD_PERP", futures_diffs, "product: coinm\n", {}},
                    recording{coinm, "BTCUSD_PERP", futures_diffs, "product: usdm\n", {"--burst", "16"}}));

void expect_symbols(const tool_result& result, const json& want) {
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const auto& symbols = result.last()["symbols"];
  EXPECT_EQ(symbols.size(), want["symbols"].size());
  for (const auto& [name, book] : want["symbols"].items()) {
    SCOPED_TRACE(name);
    const auto& got = symbols[name];
    EXPECT_EQ(got["state"], "live");
    EXPECT_EQ(got["bid"], side(book["best_bid"]));
    EXPECT_EQ(got["ask"], side(book["best_ask"]));
    EXPECT_EQ(got["bidLevels"], book["levels"][0]);
    EXPECT_EQ(got["askLevels"], book["levels"][1]);
    EXPECT_EQ(got["sequence"], std::to_string(book["final_update_id"].get<uint64_t>()));
    if (!book.contains("agg_volume")) continue;
    EXPECT_EQ(got["volume"], plain(book["agg_volume"]));
    EXPECT_EQ(got["last"], plain(book["last_price"]));
  }
  EXPECT_EQ(result.last()["messages"]["depthUpdate"], want["messages"]["depth@100ms"]);
  EXPECT_EQ(result.last()["messages"]["bookTicker"], want["messages"]["bookTicker"]);
  EXPECT_EQ(result.last()["messages"]["aggTrade"], want["messages"]["aggTrade"]);
  EXPECT_EQ(result.last()["requests"], want["symbols"].size()); // each snapshot fitted at its first try
}

TEST(BinanceCaptures, SnapshotsFromTheirOwnFileComeAtTheirTime) {
  const auto expected = shared("binance/expected.json");
  TP_NEEDS("binance", expected);
  const auto want = read_json(expected)["cf_spot"];
  const std::string http = shared("binance/cf_spot_http_depth.txt"), ws = shared("binance/cf_spot_ws.txt");
  expect_symbols(run_tool({"--plugin", "binance", "--format", "binance-log", "--json", http, ws}), want);
  expect_symbols(run_tool({"--plugin", "binance", "--format", "binance-log", "--json", ws, http}), want);
}

struct FuturesOfSeveralSymbols : ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(FuturesOfSeveralSymbols, JoinTheirSnapshotsByThePreviousId) {
  const auto& [name, product] = GetParam();
  const auto expected = shared("binance/expected.json");
  TP_NEEDS("binance", expected);
  const scratch_file settings{"venue.yaml", "product: " + product + "\n"};
  expect_symbols(run_tool({"--plugin", "binance", "--format", "binance-log", "--json", "--config", settings.path(),
                           shared("binance/" + name + "_http_depth.txt"), shared("binance/" + name + "_ws.txt")}),
                 read_json(expected)[name]);
}

INSTANTIATE_TEST_SUITE_P(Files, FuturesOfSeveralSymbols,
                         ::testing::Values(std::pair{"cf_usdm", "usdm"}, std::pair{"cf_coinm", "coinm"}));

TEST(BinanceCaptures, FuturesReadAsSpotAreNeverShownAsLive) {
  const auto path = shared("binance/usdm_btcusdt_20240808.log.gz");
  TP_NEEDS("binance", path);
  const auto result = run_tool({"--plugin", "binance", "--format", "binance-log", "--json", path});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  EXPECT_NE(result.last()["symbols"]["BTCUSDT"]["state"], "live") << "its ids jump, which is a gap on spot";
}

TEST(BinanceCaptures, WithoutSnapshotsNoBookIsShown) {
  const auto ws = shared("binance/cf_spot_ws.txt");
  TP_NEEDS("binance", ws);
  const auto result = run_tool({"--plugin", "binance", "--format", "binance-log", "--json", ws});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  for (const auto& [name, symbol] : result.last()["symbols"].items()) {
    EXPECT_EQ(symbol["state"], "awaiting") << name;
    EXPECT_EQ(symbol["bid"], nullptr) << name;
  }
}

TEST(BinanceCaptures, TheSecondFileAloneHasTradesButNoBook) {
  const auto path = shared("binance/spot_btcusdt_20240809.log.gz");
  TP_NEEDS("binance", path);
  const auto result = run_tool({"--plugin", "binance", "--format", "binance-log", "--json", path});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const auto& symbol = result.last()["symbols"]["BTCUSDT"];
  EXPECT_NE(symbol["state"], "live");
  EXPECT_EQ(symbol["trades"], 19'904 - 9'757);
}

} // namespace
} // namespace tickplant::replay::testing
