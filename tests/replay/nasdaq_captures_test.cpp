// The whole tool with the NASDAQ plugin over recorded and synthetic captures; expected results lie beside those.
#include "tests/replay/tool.hpp"

#include <gmock/gmock.h>

#include <array>
#include <map>

namespace tickplant::replay::testing {
namespace {

using nlohmann::json;

/// Raw integers of the expected files have four decimals.
std::string price(int64_t raw) {
  std::string text = std::to_string(raw / 10'000) + '.';
  const std::string fraction = std::to_string(10'000 + raw % 10'000);
  return plain(text + fraction.substr(1));
}

json side(const json& expected) {
  if (expected.is_null()) return nullptr;
  return json::array({price(expected[0].get<int64_t>()), std::to_string(expected[1].get<int64_t>())});
}

void expect_books(const json& symbols, const json& expected) {
  EXPECT_EQ(symbols.size(), expected.size());
  for (const auto& [name, want] : expected.items()) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(symbols.contains(name));
    const auto& got = symbols[name];
    EXPECT_EQ(got["state"], "live");
    EXPECT_EQ(got["bid"], side(want["best_bid"]));
    EXPECT_EQ(got["ask"], side(want["best_ask"]));
    EXPECT_EQ(got["bidLevels"], want["bid_levels"]);
    EXPECT_EQ(got["askLevels"], want["ask_levels"]);
    EXPECT_EQ(got["bidQuantity"], std::to_string(want["bid_shares"].get<int64_t>()));
    EXPECT_EQ(got["askQuantity"], std::to_string(want["ask_shares"].get<int64_t>()));
    EXPECT_EQ(got["volume"], std::to_string(want["total_traded_volume"].get<int64_t>()));
    EXPECT_EQ(got["trades"], want["trade_count"]);
    EXPECT_EQ(got["last"], price(want["last_price"].get<int64_t>()));
    EXPECT_EQ(got["status"], want["trading_state"] == "T" ? "trading" : "other");
  }
}

TEST(NasdaqCaptures, ZeroLengthFileGivesTheExpectedBooks) {
  const auto path = shared("nasdaq/ritch_ex20101224.TEST_ITCH_50");
  TP_NEEDS("nasdaq", path);
  const auto want = read_json(shared("nasdaq/ritch_ex20101224.expected.json"));
  const auto result = run_tool({"--plugin", "nasdaq", "--format", "itch50", "--json", path});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  EXPECT_THAT(result.err, ::testing::HasSubstr("file_lengths=zero"));
  EXPECT_EQ(result.last()["messages"], want["messages_by_type"]);
  EXPECT_EQ(result.last()["orders"], want["live_orders_at_end"]);
  EXPECT_EQ(result.last()["refused"], (json{{"unknown_order", want["orphan_modifies"]}}));
  expect_books(result.last()["symbols"], want["symbols"]);
}

struct SessionA : ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(SessionA, GivesTheExpectedBooksHoweverItIsRead) {
  const auto pcap = shared("nasdaq/synthetic_mold_session_a.pcap");
  TP_NEEDS("nasdaq", pcap);
  const auto want = read_json(shared("nasdaq/synthetic_mold_session_a.expected.json"));
  auto words = GetParam();
  const bool is_file = words.front() == "itch50";
  words.insert(words.begin(), {"--plugin", "nasdaq", "--json", "--format"});
  words.push_back(is_file ? shared("nasdaq/synthetic_mold_session_a.itch") : pcap);
  const auto result = run_tool(words);
  ASSERT_EQ(result.code, exit_ok) << result.err;
  auto messages = want["messages_by_type"];
  messages.erase("z"); // no message of the venue: counted as unknown
  EXPECT_EQ(result.last()["messages"], messages);
  EXPECT_EQ(result.last()["unknown"], 1);
  EXPECT_EQ(result.last()["refused"], json::object());
  EXPECT_EQ(result.last()["gaps"]["open"], 0);
  expect_books(result.last()["symbols"], want["symbols"]);
  if (is_file) return;
  EXPECT_EQ(result.last()["capture"]["packets"], want["packets_total"]);
  EXPECT_EQ(result.last()["gaps"]["seen"], result.last()["gaps"]["filled"]);
  EXPECT_EQ(result.last()["malformed"], 1);         // the packet that line A cut short
  EXPECT_EQ(result.last()["units"]["unrouted"], 2); // the recording machine's own requests
}

INSTANTIATE_TEST_SUITE_P(
  Ways, SessionA,
  ::testing::Values(std::vector<std::string>{"itch50"}, std::vector<std::string>{"itch50", "--burst", "64"},
                    std::vector<std::string>{"itch50", "--time"}, std::vector<std::string>{"itch50", "--every", "5"},
                    std::vector<std::string>{"pcap", "--line", "a=239.1.1.1:26400", "b=239.1.1.2:26400",
                                             "rerequest=192.0.2.9:18000"},
                    std::vector<std::string>{"pcap", "--time", "--burst", "16", "--line", "a=239.1.1.1:26400", "--line",
                                             "b=239.1.1.2:26400", "--line", "rerequest=192.0.2.9:18000"}));

TEST(NasdaqCaptures, OneLineAloneKeepsItsGapOpenAndSaysSo) {
  const auto path = shared("nasdaq/synthetic_mold_session_a.pcap");
  TP_NEEDS("nasdaq", path);
  const auto result =
    run_tool({"--plugin", "nasdaq", "--format", "pcap", "--json", "--line", "b=239.1.1.2:26400", path});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  EXPECT_GT(result.last()["gaps"]["seen"], result.last()["gaps"]["filled"]);
  for (const auto& [name, symbol] : result.last()["symbols"].items()) EXPECT_NE(symbol["state"], "live") << name;
}

struct Checkpoints : ::testing::TestWithParam<const char*> {};

TEST_P(Checkpoints, ShowTheBooksAfterExactlyThatManyMessagesInBurstsToo) {
  const auto path = shared("nasdaq/synthetic_mold_session_a.itch");
  TP_NEEDS("nasdaq", path);
  const auto result =
    run_tool({"--plugin", "nasdaq", "--format", "itch50", "--every", "4", "--burst", GetParam(), "--json", path});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  ASSERT_GE(result.lines.size(), 2u);
  EXPECT_EQ(result.lines[0]["checkpoint"], 4); // messages 13 to 16 are AAAA's orders
  const auto& first = result.lines[0]["symbols"]["AAAA"];
  EXPECT_EQ(first["bid"], (json{"100", "300"}));
  EXPECT_EQ(first["ask"], (json{"100.02", "400"}));
  EXPECT_EQ(first["orders"], 4);
  EXPECT_EQ(result.lines[0]["symbols"].size(), 1u);
}
INSTANTIATE_TEST_SUITE_P(Bursts, Checkpoints, ::testing::Values("1", "7", "64"));

TEST(NasdaqCaptures, SymbolsNotAskedForAreLeftOut) {
  const auto path = shared("nasdaq/synthetic_mold_session_a.itch");
  TP_NEEDS("nasdaq", path);
  const auto result = run_tool({"--plugin", "nasdaq", "--format", "itch50", "--json", "--symbols", "BBBB,DDDD", path});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  EXPECT_EQ(result.last()["symbols"].size(), 2u);
  EXPECT_EQ(result.last()["symbols"]["BBBB"]["volume"], "770");
}

TEST(NasdaqCaptures, RealPacketsHaveTheirPublishedMessageCounts) {
  const auto folder = shared("nasdaq/omi_packets");
  TP_NEEDS("nasdaq", folder);
  // From the table in SOURCE.md; the files not named hold five messages of one type, or one.
  const std::map<std::string, json> counts{{"Multiple.Packets", {{"A", 36}, {"D", 1}, {"F", 2}}}};
  size_t files = 0, messages = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
    if (entry.path().extension() != ".pcap") continue;
    SCOPED_TRACE(entry.path().string());
    const auto result = run_tool({"--plugin", "nasdaq", "--format", "pcap", "--json", entry.path().string()});
    ASSERT_EQ(result.code, exit_ok) << result.err;
    const auto& got = result.last()["messages"];
    if (const auto known = counts.find(entry.path().stem().string()); known != counts.end()) {
      EXPECT_EQ(got, known->second);
    } else {
      ASSERT_EQ(got.size(), 1u) << got;
      EXPECT_EQ(got.begin().value(), result.last()["capture"]["packets"]);
    }
    for (const auto& [type, number] : got.items()) messages += number.get<size_t>();
    ++files;
  }
  EXPECT_EQ(files, 32u);
  EXPECT_EQ(messages, 158u); // the table's sum
}

} // namespace
} // namespace tickplant::replay::testing
