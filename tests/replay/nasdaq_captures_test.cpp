// The whole tool with the NASDAQ plugin over recorded and synthetic captures; expected results lie beside those.
#include "runtime/tools/replay/pcap_file.hpp"

#include "tests/replay/pcap_writer.hpp"
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

// ---- TCP lines ----

std::string padded(const std::string& text, size_t size) {
  return std::string(size - text.size(), ' ') + text;
}

std::string soup(char type, const std::string& payload = {}) {
  return big(payload.size() + 1, 2) + type + payload;
}

/// Messages of session a, from a BinaryFILE with its zero at the end.
std::vector<std::string> messages_of_session_a() {
  std::ifstream file{shared("nasdaq/synthetic_mold_session_a.itch"), std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{file}, {}};
  std::vector<std::string> messages;
  for (size_t at = 0; at + 2 <= all.size();) {
    const auto size = static_cast<size_t>(static_cast<uint8_t>(all[at]) << 8 | static_cast<uint8_t>(all[at + 1]));
    if (size == 0) break;
    messages.push_back(all.substr(at + 2, size));
    at += 2 + size;
  }
  return messages;
}

/// The packets of both lines of session a from this message on, all as line a's.
std::string packets_of_session_a(uint64_t from) {
  pcap_file file{{shared("nasdaq/synthetic_mold_session_a.pcap")}, false};
  const pcap_writer to{false, true};
  std::string bytes = to.header();
  for (auto batch = file.next(64); !batch.empty(); batch = file.next(64))
    for (const auto& each : batch) {
      if (each.to.port != 26400 || each.size < 20) continue;
      uint64_t sequence = 0;
      for (size_t i = 10; i < 18; ++i) sequence = sequence << 8 | each.data[i];
      if (sequence < from) continue;
      const std::string payload{reinterpret_cast<const char*>(each.data), each.size};
      bytes += to.packet(frame(payload), static_cast<uint32_t>(each.ns / 1'000'000'000),
                         static_cast<uint32_t>(each.ns % 1'000'000'000));
    }
  return bytes;
}

/// Books alone: a picture has no trades of the past in it.
void expect_levels(const json& symbols, const json& expected) {
  EXPECT_EQ(symbols.size(), expected.size());
  for (const auto& [name, want] : expected.items()) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(symbols.contains(name));
    const auto& got = symbols[name];
    EXPECT_EQ(got["state"], "live");
    EXPECT_EQ(got["bid"], side(want["best_bid"]));
    EXPECT_EQ(got["ask"], side(want["best_ask"]));
    EXPECT_EQ(got["bidQuantity"], std::to_string(want["bid_shares"].get<int64_t>()));
    EXPECT_EQ(got["askQuantity"], std::to_string(want["ask_shares"].get<int64_t>()));
    if (want.contains("bid_levels")) {
      EXPECT_EQ(got["bidLevels"], want["bid_levels"]);
    }
    if (want.contains("ask_levels")) {
      EXPECT_EQ(got["askLevels"], want["ask_levels"]);
    }
    EXPECT_EQ(got["status"], "trading");
  }
}

TEST(NasdaqGlimpse, APictureAloneGivesTheSnapshotsBooks) {
  const auto path = shared("nasdaq/synthetic_glimpse_session_a.soup");
  TP_NEEDS("nasdaq", path);
  const auto want = read_json(shared("nasdaq/synthetic_glimpse_session_a.expected.json"));
  const auto result = run_tool({"--plugin", "nasdaq", "--answer", "glimpse=" + path, "--json"});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  EXPECT_EQ(result.err, "");
  expect_levels(result.last()["symbols"], want["snapshot_books"]);
  EXPECT_EQ(result.last()["counters"]["glimpse.pictures"], 1);
  EXPECT_EQ(result.last()["counters"]["glimpse.messages"], want["sequenced_messages"].get<int>() - 1); // but for G
  for (const auto& [name, symbol] : result.last()["symbols"].items()) EXPECT_EQ(symbol["sequence"], "35") << name;
  EXPECT_EQ(result.last()["files"], json::array({path}));
}

struct LateJoin : ::testing::TestWithParam<std::pair<uint64_t, std::vector<std::string>>> {};

TEST_P(LateJoin, APictureAndTheMessagesBehindItGiveTheBooksOfTheFullSession) {
  const auto path = shared("nasdaq/synthetic_glimpse_session_a.soup");
  TP_NEEDS("nasdaq", path);
  const auto& [from, extra] = GetParam();
  const scratch_file pcap{"late.pcap", packets_of_session_a(from)};
  std::vector<std::string> words{"--plugin",          "nasdaq",   "--format",        "pcap",   "--line",
                                 "a=239.1.1.1:26400", "--answer", "glimpse=" + path, "--json", pcap.path()};
  words.insert(words.begin(), extra.begin(), extra.end());
  const auto result = run_tool(words);
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const auto& last = result.last();
  expect_levels(last["symbols"], read_json(shared("nasdaq/synthetic_mold_session_a.expected.json"))["symbols"]);
  expect_levels(last["symbols"],
                read_json(shared("nasdaq/synthetic_glimpse_session_a.expected.json"))["after_live_messages"]);
  EXPECT_EQ(last["counters"]["glimpse.pictures"], 1);
  EXPECT_EQ(last["refused"], json::object());
  EXPECT_EQ(last["gaps"]["open"], 0);
}

INSTANTIATE_TEST_SUITE_P(From, LateJoin,
                         ::testing::Values(std::pair{uint64_t{34}, std::vector<std::string>{}},
                                           std::pair{uint64_t{34}, std::vector<std::string>{"--burst", "32"}},
                                           std::pair{uint64_t{34}, std::vector<std::string>{"--time"}},
                                           std::pair{uint64_t{28}, std::vector<std::string>{}},
                                           std::pair{uint64_t{22}, std::vector<std::string>{}}));

TEST(NasdaqGlimpse, AGapThatNobodyFillsEndsInAPicture) {
  const auto pcap = shared("nasdaq/synthetic_mold_session_a.pcap"),
             glimpse = shared("nasdaq/synthetic_glimpse_session_a.soup");
  TP_NEEDS("nasdaq", pcap);
  // Without the re-request server messages 25 to 27 are lost for good.
  const auto result = run_tool({"--plugin", "nasdaq", "--format", "pcap", "--line", "a=239.1.1.1:26400",
                                "b=239.1.1.2:26400", "--answer", "glimpse=" + glimpse, "--json", pcap});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  expect_levels(result.last()["symbols"],
                read_json(shared("nasdaq/synthetic_mold_session_a.expected.json"))["symbols"]);
  EXPECT_EQ(result.last()["gaps"]["seen"], 1);
  EXPECT_EQ(result.last()["gaps"]["filled"], 0);
  EXPECT_EQ(result.last()["counters"]["glimpse.pictures"], 1);
}

TEST(NasdaqGlimpse, AStalePictureIsFollowedByTheNextAnswer) {
  const auto path = shared("nasdaq/synthetic_glimpse_session_a.soup");
  TP_NEEDS("nasdaq", path);
  const auto messages = messages_of_session_a();
  ASSERT_EQ(messages.size(), 60u);
  // A server that stands at message 20: older than what the late plugin hears first.
  std::string stale = soup('A', padded("TST0000001", 10) + padded("1", 20));
  for (size_t n = 1; n < 20; ++n) stale += soup('S', messages[n - 1]);
  const scratch_file old{"old.soup", stale + soup('S', 'G' + padded("20", 20))};
  const scratch_file pcap{"late.pcap", packets_of_session_a(34)};
  const auto result = run_tool({"--plugin", "nasdaq", "--format", "pcap", "--line", "a=239.1.1.1:26400", "--answer",
                                "glimpse=" + old.path(), "--answer", "glimpse=" + path, "--json", pcap.path()});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  EXPECT_EQ(result.last()["counters"]["glimpse.stale"], 1);
  expect_levels(result.last()["symbols"],
                read_json(shared("nasdaq/synthetic_mold_session_a.expected.json"))["symbols"]);
}

TEST(NasdaqSoup, TheSessionOverTcpGivesTheExpectedBooks) {
  const auto path = shared("nasdaq/synthetic_mold_session_a.itch");
  TP_NEEDS("nasdaq", path);
  const auto want = read_json(shared("nasdaq/synthetic_mold_session_a.expected.json"));
  std::string bytes = soup('A', padded("TST0000001", 10) + padded("1", 20));
  for (const auto& message : messages_of_session_a()) bytes += soup('S', message) + soup('H');
  const scratch_file file{"live.soup", bytes + soup('Z')};
  const auto result = run_tool({"--plugin", "nasdaq", "--answer", "soup=" + file.path(), "--json"});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  auto messages = want["messages_by_type"];
  messages.erase("z");
  EXPECT_EQ(result.last()["messages"], messages);
  EXPECT_EQ(result.last()["unknown"], 1);
  EXPECT_EQ(result.last()["malformed"], 0);
  EXPECT_EQ(result.last()["refused"], json::object());
  expect_books(result.last()["symbols"], want["symbols"]);
}

TEST(NasdaqSoup, ACutConnectionGoesOnWhereItEnded) {
  const auto path = shared("nasdaq/synthetic_mold_session_a.itch");
  TP_NEEDS("nasdaq", path);
  const auto messages = messages_of_session_a();
  ASSERT_EQ(messages.size(), 60u);
  const auto part = [&](size_t from, size_t to) {
    std::string bytes = soup('A', padded("TST0000001", 10) + padded(std::to_string(from), 20));
    for (size_t n = from; n <= to; ++n) bytes += soup('S', messages[n - 1]);
    return bytes;
  };
  auto half = part(1, 31);
  half.resize(half.size() - 9); // in the midst of message 31
  const scratch_file first{"1.soup", half}, second{"2.soup", part(31, 60) + soup('Z')};
  const auto result =
    run_tool({"--plugin", "nasdaq", "--answer", "soup=" + first.path(), "--answer", "soup=" + second.path(), "--json"});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  expect_books(result.last()["symbols"], read_json(shared("nasdaq/synthetic_mold_session_a.expected.json"))["symbols"]);
  EXPECT_EQ(result.last()["gaps"]["seen"], 0);
  EXPECT_EQ(result.last()["counters"]["soup.logins"], 2);
}

TEST(NasdaqSoup, RealHeartbeatsComeThroughAsSegmentsOfALineThatIsTakenForTcp) {
  const auto path = shared("nasdaq/soupbin_packets/ServerHeartbeatPacket.pcap");
  TP_NEEDS("nasdaq", path);
  const auto result = run_tool({"--plugin", "nasdaq", "--format", "pcap", "--line", "soup=206.200.121.231:8003",
                                "--json", "--horizon", "0s", path});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  EXPECT_EQ(result.last()["capture"]["segments"], 1);
  EXPECT_EQ(result.last()["units"]["unrouted"], 0);
  EXPECT_EQ(result.last()["malformed"], 0);
  EXPECT_EQ(result.last()["counters"]["line.soup.packets"], 1);
}

} // namespace
} // namespace tickplant::replay::testing
