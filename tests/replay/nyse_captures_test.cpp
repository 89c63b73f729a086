// The whole tool with the NYSE plugin over recorded and synthetic captures; expected results lie beside those.
#include "tests/replay/tool.hpp"

#include <gmock/gmock.h>

#include <array>
#include <map>

namespace tickplant::replay::testing {
namespace {

using nlohmann::json;

/// Raw integers of the expected files carry the symbol's own price scale.
std::string price(int64_t raw, int scale) {
  std::string digits = std::to_string(raw);
  while (digits.size() <= static_cast<size_t>(scale)) digits.insert(digits.begin(), '0');
  digits.insert(digits.size() - static_cast<size_t>(scale), 1, '.');
  return plain(digits);
}

json side(const json& expected, int scale) {
  if (expected.is_null()) return nullptr;
  return json::array({price(expected[0].get<int64_t>(), scale), std::to_string(expected[1].get<int64_t>())});
}

const std::string config_text = "lines:\n"
                                "  a: udp://239.2.1.1:27001\n"
                                "  b: udp://239.2.1.2:27001\n"
                                "  retransmission: udp://239.2.1.3:27002\n"
                                "  refresh: udp://239.2.1.4:27003\n";

// Price scales and symbols of session a, which the refresh's expected file does not repeat.
std::map<uint32_t, std::pair<std::string, int>> symbols_of_session(const json& session) {
  std::map<uint32_t, std::pair<std::string, int>> known;
  for (const auto& [name, symbol] : session["symbols"].items())
    known[symbol["symbol_index"].get<uint32_t>()] = {name, symbol["price_scale_code"].get<int>()};
  return known;
}

struct Session : ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Session, GivesTheExpectedBooksThroughLossReorderingAndRetransmission) {
  const auto path = shared("nyse/synthetic_xdp_session_a.pcap");
  TP_NEEDS("nyse", path);
  const auto want = read_json(shared("nyse/synthetic_xdp_session_a.expected.json"));
  const scratch_file config{"nyse.yaml", config_text};
  std::vector<std::string> words{"--plugin", "nyse", "--format", "pcap", "--json", "--config", config.path()};
  words.insert(words.end(), GetParam().begin(), GetParam().end());
  words.push_back(path);
  const auto result = run_tool(words);
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const auto& got = result.last();
  auto messages = want["messages_by_type"];
  messages.erase("999"); // no message of the venue: counted as unknown
  messages["1"] = 1;     // the reset, which the expected file counts apart
  EXPECT_EQ(got["messages"], messages);
  EXPECT_EQ(got["unknown"], want["faults"]["unknown_type_messages"]);
  EXPECT_EQ(got["malformed"], 1); // the packet that line A cut short
  EXPECT_EQ(got["refused"], json::object());
  EXPECT_EQ(got["gaps"]["seen"], 1);
  EXPECT_EQ(got["gaps"]["filled"], 1);
  EXPECT_EQ(got["gaps"]["open"], 0);
  EXPECT_EQ(got["symbols"].size(), want["symbols"].size());
  size_t orders = 0;
  for (const auto& [name, expected] : want["symbols"].items()) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(got["symbols"].contains(name));
    const auto& symbol = got["symbols"][name];
    const int scale = expected["price_scale_code"].get<int>();
    EXPECT_EQ(symbol["state"], "live");
    EXPECT_EQ(symbol["bid"], side(expected["best_bid"], scale));
    EXPECT_EQ(symbol["ask"], side(expected["best_ask"], scale));
    EXPECT_EQ(symbol["volume"], std::to_string(expected["total_traded_volume"].get<int64_t>()));
    EXPECT_EQ(symbol["last"], price(expected["last_price"].get<int64_t>(), scale));
    EXPECT_EQ(symbol["status"], "trading"); // halt ~, market O for all five at the end
    orders += symbol["orders"].get<size_t>();
  }
  EXPECT_EQ(orders, want["live_orders_at_end"].get<size_t>());
}

INSTANTIATE_TEST_SUITE_P(NyseCaptures, Session,
                         ::testing::Values(std::vector<std::string>{}, std::vector<std::string>{"--burst", "64"},
                                           std::vector<std::string>{"--time", "--burst", "8"}));

TEST(NyseCaptures, OneLineAloneWithoutRetransmissionsLosesItsGapAndSaysSo) {
  const auto path = shared("nyse/synthetic_xdp_session_a.pcap");
  TP_NEEDS("nyse", path);
  const auto result = run_tool({"--plugin", "nyse", "--format", "pcap", "--json", "--line", "a=239.2.1.1:27001", path});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const auto& gaps = result.last()["gaps"];
  EXPECT_GT(gaps["seen"].get<int>(), gaps["filled"].get<int>());
  for (const auto& [name, symbol] : result.last()["symbols"].items()) EXPECT_NE(symbol["state"], "live") << name;
}

TEST(NyseCaptures, ARefreshAloneGivesThePicturesOfItsSymbols) {
  const auto path = shared("nyse/synthetic_refresh_session_a.pcap");
  TP_NEEDS("nyse", path);
  const auto want = read_json(shared("nyse/synthetic_refresh_session_a.expected.json"));
  const auto known = symbols_of_session(read_json(shared("nyse/synthetic_xdp_session_a.expected.json")));
  const scratch_file config{"nyse.yaml", config_text};
  const auto result = run_tool({"--plugin", "nyse", "--format", "pcap", "--json", "--config", config.path(), path});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const auto& symbols = result.last()["symbols"];
  EXPECT_EQ(symbols.size(), want["symbols"].size());
  EXPECT_EQ(result.last()["refused"], json::object());
  for (const auto& picture : want["symbols"]) {
    const auto& [name, scale] = known.at(picture["symbol_index"].get<uint32_t>());
    SCOPED_TRACE(name);
    ASSERT_TRUE(symbols.contains(name));
    EXPECT_EQ(symbols[name]["state"], "live");
    EXPECT_EQ(symbols[name]["orders"], picture["orders"].size());
    EXPECT_EQ(symbols[name]["sequence"], std::to_string(picture["last_seq_num"].get<uint64_t>()));
    // The best of each side, by hand from the list of orders.
    std::map<int64_t, int64_t> bids, asks;
    for (const auto& order : picture["orders"])
      (order[1] == "B" ? bids : asks)[order[2].get<int64_t>()] += order[3].get<int64_t>();
    ASSERT_FALSE(bids.empty() || asks.empty());
    EXPECT_EQ(symbols[name]["bid"], side({bids.rbegin()->first, bids.rbegin()->second}, scale));
    EXPECT_EQ(symbols[name]["ask"], side({asks.begin()->first, asks.begin()->second}, scale));
  }
}

/// The UDP payloads of a capture one behind the other, which is what a stream of the same packets carries; or the
/// capture without its first records, which is what a late joiner sees. Classic pcap, Ethernet, IPv4.
struct raw_capture {
  explicit raw_capture(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    const std::string all{std::istreambuf_iterator<char>{file}, {}};
    head = all.substr(0, 24);
    for (size_t at = 24; at + 16 <= all.size();) {
      const size_t size = 16u + number(all, at + 8, 4);
      records.push_back(all.substr(at, size));
      at += size;
    }
  }
  static size_t number(const std::string& bytes, size_t at, int size) {
    size_t value = 0;
    for (int i = size - 1; i >= 0; --i)
      value = value << 8 | static_cast<uint8_t>(bytes.at(at + static_cast<size_t>(i)));
    return value;
  }
  static std::string payload(const std::string& record) {
    const size_t ip = 16 + 14, udp = ip + (static_cast<uint8_t>(record.at(ip)) & 15u) * 4u;
    return record.substr(udp + 8);
  }
  std::string stream() const {
    std::string bytes;
    for (const auto& record : records) bytes += payload(record);
    return bytes;
  }
  /// From the first packet whose sequence number is at least this on.
  std::string from(size_t sequence) const {
    size_t first = 0;
    while (first < records.size() && number(payload(records[first]), 4, 4) < sequence) ++first;
    std::string bytes = head;
    for (; first < records.size(); ++first) bytes += records[first];
    return bytes;
  }
  std::string head;
  std::vector<std::string> records;
};

void expect_handed_over(const tool_result& result) {
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const auto want = read_json(shared("nyse/synthetic_refresh_session_a.expected.json"));
  const auto known = symbols_of_session(read_json(shared("nyse/synthetic_xdp_session_a.expected.json")));
  std::map<std::string, int> scales;
  for (const auto& [index, symbol] : known) scales[symbol.first] = symbol.second;
  const auto& symbols = result.last()["symbols"];
  EXPECT_EQ(symbols.size(), want["after_live_messages"].size());
  for (const auto& [name, expected] : want["after_live_messages"].items()) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(symbols.contains(name));
    EXPECT_EQ(symbols[name]["state"], "live");
    EXPECT_EQ(symbols[name]["bid"], side(expected["best_bid"], scales[name]));
    EXPECT_EQ(symbols[name]["ask"], side(expected["best_ask"], scales[name]));
  }
  EXPECT_EQ(result.last()["refused"], json::object());
}

TEST(NyseCaptures, ARefreshAsAStreamGivesTheSamePictures) {
  const auto path = shared("nyse/synthetic_refresh_session_a.pcap");
  TP_NEEDS("nyse", path);
  const scratch_file bytes{"refresh.bytes", raw_capture{path}.stream()};
  const auto result = run_tool({"--plugin", "nyse", "--json", "--answer", "refresh=" + bytes.path()});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const auto& symbols = result.last()["symbols"];
  EXPECT_EQ(symbols.size(), 5u);
  for (const auto& [name, symbol] : symbols.items()) EXPECT_EQ(symbol["state"], "live") << name;
  EXPECT_EQ(symbols["AAA"]["orders"], 3);
  EXPECT_EQ(symbols["AAA"]["bid"], (json{"100", "300"}));
}

TEST(NyseCaptures, ALateJoinerGetsTheBooksOfTheWholeSessionByARefresh) {
  const auto live = shared("nyse/synthetic_xdp_session_a.pcap");
  TP_NEEDS("nyse", live);
  const raw_capture refresh{shared("nyse/synthetic_refresh_session_a.pcap")};
  const scratch_file late{"late.pcap", raw_capture{live}.from(32)}, bytes{"refresh.bytes", refresh.stream()};
  const scratch_file config{"nyse.yaml", config_text};
  SCOPED_TRACE("the refresh comes as a stream when it is wanted");
  expect_handed_over(run_tool({"--plugin", "nyse", "--format", "pcap", "--json", "--line", "a=239.2.1.1:27001",
                               "--line", "b=239.2.1.2:27001", "--line", "retransmission=239.2.1.3:27002", "--answer",
                               "refresh=" + bytes.path(), late.path()}));
}

TEST(NyseCaptures, ARefreshThatCameJustBeforeTheFirstLivePacketIsAsGood) {
  const auto live = shared("nyse/synthetic_xdp_session_a.pcap");
  TP_NEEDS("nyse", live);
  const scratch_file late{"late.pcap", raw_capture{live}.from(32)};
  const scratch_file config{"nyse.yaml", config_text};
  expect_handed_over(run_tool({"--plugin", "nyse", "--format", "pcap", "--json", "--config", config.path(),
                               shared("nyse/synthetic_refresh_session_a.pcap"), late.path()}));
}

TEST(NyseCaptures, RealPacketsDecodeAsTheMessagesThatTheyAre) {
  const auto folder = shared("nyse/omi_packets");
  TP_NEEDS("nyse", folder);
  // From the table in SOURCE.md. Other products' own types are unknown here; resets of another product are not ours.
  const std::map<std::string, json> counts{{"IntegratedFeed.Pillar.v2.5/AddOrderMessage", {{"100", 1}}},
                                           {"IntegratedFeed.Pillar.v2.5/DeleteOrderMessage", {{"102", 1}}},
                                           {"IntegratedFeed.Pillar.v2.5/ImbalanceMessage", {{"105", 1}}},
                                           {"IntegratedFeed.Pillar.v2.5/ReplaceOrderMessage", {{"104", 1}}},
                                           {"IntegratedFeed.Pillar.v2.5/SecurityStatusMessage", {{"34", 1}}},
                                           {"IntegratedFeed.Pillar.v2.5/StockSummaryMessage", {{"223", 1}}},
                                           {"IntegratedFeed.Xdp.v2.1/AddOrderMessage", {{"100", 1}}},
                                           {"IntegratedFeed.Xdp.v2.1/OrderExecutionMessage", {{"103", 1}}},
                                           {"IntegratedFeed.Xdp.v2.1/ReplaceOrderMessage", {{"104", 1}}},
                                           {"IntegratedFeed.Xdp.v2.1/SequenceResetMessage", {{"1", 1}}},
                                           {"IntegratedFeed.Xdp.v2.1/SourceTimeReferenceMessage", {{"2", 1}}},
                                           {"Bbo.Xdp.v2.3a/SymbolIndexMappingMessage", {{"3", 1}}},
                                           {"National.Equities.Bbo.Pillar.v2.5/SecurityStatusMessage", {{"34", 1}}},
                                           {"National.Equities.Bbo.Pillar.v2.5/SourceTimeReferenceMessage", {{"2", 1}}},
                                           {"ImbalancesFeed.Xdp.v2.1.f/ImbalanceMessage", {{"105", 1}}}};
  const std::map<std::string, int> unknown{{"Bbo.Xdp.v2.3a/QuoteMessage", 1},
                                           {"National.Equities.Bbo.Pillar.v2.5/QuoteMessage", 1}};
  size_t files = 0, messages = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
    if (entry.path().extension() != ".pcap") continue;
    const std::string name = entry.path().parent_path().filename().string() + '/' + entry.path().stem().string();
    SCOPED_TRACE(name);
    const auto result = run_tool({"--plugin", "nyse", "--format", "pcap", "--json", entry.path().string()});
    ASSERT_EQ(result.code, exit_ok) << result.err;
    const auto known = counts.find(name);
    EXPECT_EQ(result.last()["messages"], known == counts.end() ? json::object() : known->second);
    const auto other = unknown.find(name);
    EXPECT_EQ(result.last()["unknown"], other == unknown.end() ? 0 : other->second);
    EXPECT_EQ(result.last()["malformed"], 0);
    EXPECT_EQ(result.last()["capture"]["packets"], 1);
    for (const auto& [type, number] : result.last()["messages"].items()) messages += number.get<size_t>();
    ++files;
  }
  EXPECT_EQ(files, 19u);
  EXPECT_EQ(messages, 15u);
}

} // namespace
} // namespace tickplant::replay::testing
