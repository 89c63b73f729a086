// The whole tool with the Binance plugin over real recordings of the spot market; expected results lie beside those.
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

struct SpotPair : ::testing::TestWithParam<std::pair<std::string, std::vector<std::string>>> {};

TEST_P(SpotPair, BooksAndTradesAreTheExpectedOnesAtEveryCheckpoint) {
  const auto& [name, extra] = GetParam();
  const auto expected = shared("binance/expected.json");
  TP_NEEDS("binance", expected);
  const auto want = read_json(expected)[name];
  std::vector<std::string> words{"--plugin", "binance", "--format", "binance-log", "--json",
                                 "--every",  "500",     "--depth",  "10"};
  words.insert(words.end(), extra.begin(), extra.end());
  for (const auto& file : want["files"]) words.push_back(shared("binance/" + file.get<std::string>()));
  const auto result = run_tool(words);
  ASSERT_EQ(result.code, exit_ok) << result.err;

  ASSERT_EQ(result.lines.size(), want["checkpoints"].size() + 1);
  for (size_t i = 0; i < want["checkpoints"].size(); ++i) {
    const auto& point = want["checkpoints"][i];
    SCOPED_TRACE(point["n"]);
    EXPECT_EQ(result.lines[i]["checkpoint"], point["n"]);
    const auto& got = result.lines[i]["symbols"]["BTCUSDT"];
    expect_top(got, point);
    EXPECT_EQ(got["trades"], point["trades_so_far"]);
    EXPECT_EQ(got["volume"], plain(point["volume_so_far"]));
  }

  const auto& got = result.last()["symbols"]["BTCUSDT"];
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
  EXPECT_EQ(messages["depthUpdate"], want["counts"]["msg_depth@100ms"]);
  EXPECT_EQ(messages["bookTicker"], want["counts"]["msg_bookTicker"]);
  EXPECT_EQ(messages["trade"], want["counts"]["msg_trade"]);
  EXPECT_EQ(result.last()["gaps"], (json{{"seen", 0}, {"filled", 0}, {"open", 0}}));
  EXPECT_EQ(result.last()["refused"], json::object());
  EXPECT_EQ(result.last()["malformed"], 0);
}

const std::string alone = "spot_btcusdt_20240808 alone", both = "spot_btcusdt both files in order";
INSTANTIATE_TEST_SUITE_P(Files, SpotPair,
                         ::testing::Values(std::pair{alone, std::vector<std::string>{}},
                                           std::pair{both, std::vector<std::string>{}},
                                           std::pair{alone, std::vector<std::string>{"--time"}},
                                           std::pair{both, std::vector<std::string>{"--burst", "64"}}));

void expect_four_symbols(const tool_result& result, const json& want) {
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
  expect_four_symbols(run_tool({"--plugin", "binance", "--format", "binance-log", "--json", http, ws}), want);
  expect_four_symbols(run_tool({"--plugin", "binance", "--format", "binance-log", "--json", ws, http}), want);
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
