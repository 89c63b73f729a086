// The whole tool with the LSE plugin: no capture of the exchange is public, so captures and the servers' answers are
// built here from the field tables. What a run with faults gives must be what the whole run gives.
#include "plugins/venues/lse/tests/mitch_messages.hpp"
#include "tests/replay/pcap_writer.hpp"
#include "tests/replay/tool.hpp"

#include <gmock/gmock.h>

#include <set>

namespace tickplant::replay::testing {
namespace {

using lse::testing::add;
using lse::testing::add_attributed;
using lse::testing::bytes;
using lse::testing::one;
using lse::testing::unit;
using nlohmann::json;
using namespace lse::testing;

std::string text(const bytes& data) {
  return {data.begin(), data.end()};
}

/// A UDP datagram to a group on 239.1.1.x.
std::string datagram(const bytes& payload, uint8_t last_byte) {
  return std::string(12, '\1') + big(0x0800, 2) + big(0x45, 1) + big(0, 1) + big(28 + payload.size(), 2) + big(0, 2) +
         big(0, 2) + big(64, 1) + big(17, 1) + big(0, 2) + big(0xC0000209, 4) + big(0xEF010100u + last_byte, 4) +
         big(18'000, 2) + big(26'400, 2) + big(8 + payload.size(), 2) + big(0, 2) + text(payload);
}

/// One message a unit, a millisecond apart, from number `first` on. A sequence that is in `lost` is on neither line; in
/// `only_b` it is not on line A.
class capture {
public:
  capture& message(const bytes& m, bool is_on_a = true, bool is_on_b = true) {
    ms_ += 1;
    if (is_on_a) packet(unit(next_, {m}), 1);
    if (is_on_b) packet(unit(next_, {m}), 2);
    ++next_;
    return *this;
  }
  capture& packet(const bytes& payload, uint8_t line) {
    const pcap_writer writer;
    text_ += writer.packet(datagram(payload, line), 1'718'175'600 + ms_ / 1'000, ms_ % 1'000 * 1'000);
    return *this;
  }
  capture& pass(uint32_t ms) {
    ms_ += ms;
    return *this;
  }
  capture& skip(uint64_t to) {
    next_ = to;
    return *this;
  }
  uint64_t next() const { return next_; }
  std::string file() const { return pcap_writer{}.header() + text_; }

private:
  std::string text_;
  uint32_t ms_ = 0;
  uint64_t next_ = 1;
};

std::vector<std::string> words(std::initializer_list<std::string> more = {}) {
  std::vector<std::string> all{"--plugin",          "lse",    "--format",         "pcap", "--json", "--line",
                               "a=239.1.1.1:26400", "--line", "b=239.1.1.2:26400"};
  all.insert(all.end(), more);
  return all;
}

/// A morning in two instruments, 30 messages: auction, uncrossing, trading, firm quotes, a market order, a cancelled
/// trade.
std::vector<bytes> morning_messages() {
  constexpr uint8_t market = 0x10, firm_quote = 0x20, rfq = 0x40, kept = 1, cancelled = 1;
  return {time_message(28'800),
          system_event('O'),
          directory(101, "GB00BH4HKS39", "SET1"),
          directory(102, "GB00B16GWD56", "SET1"),
          symbol_status(101, 'a'),
          symbol_status(102, 'T'),
          add(101, 1, 'B', 1'000, 100 * one),
          add(101, 2, 'S', 400, 99 * one),
          add(101, 3, 'S', 300, 0, market),
          executed_at(2, 400, 0, 10, 'N', 100 * one),
          executed_at(1, 400, 600, 10, 'N', 100 * one),
          auction_trade(101, 400, 100 * one, 10, 'O'),
          symbol_status(101, 'T'),
          deleted(3, 101),
          add(101, 4, 'S', 500, 101 * one),
          add(101, 5, 'B', 200, 100 * one, 0, false),
          add_attributed(101, 6, 'B', 9'000, 102 * one, "FIRM", firm_quote), // would cross the order book
          add(101, 7, 'S', 8'000, 50 * one, rfq),
          executed(1, 100, 11),
          modified(5, 250, 100 * one, kept),
          modified(4, 450, 101 * one + one / 2, 0),
          trade(101, 50, 100 * one + one / 4, 12),
          trade(101, 70, 100 * one, 13, 5),
          trade(101, 70, 100 * one, 13, 5, 0, cancelled),
          executed_at(4, 50, 800, 14, 'Y', 101 * one), // an iceberg shows its next part
          add(102, 20, 'B', 10, 20 * one),
          add(102, 21, 'S', 10, 21 * one),
          executed(20, 10, 15),
          deleted_short(21),
          add(102, 22, 'S', 5, 22 * one)};
}

/// Second books are numbered in the order of their appearance.
void expect_morning(const json& result, const std::string& quotes_number = "2",
                    const std::string& requests_number = "3") {
  const auto& symbols = result["symbols"];
  ASSERT_TRUE(symbols.contains("GB00BH4HKS39")) << symbols;
  const auto& first = symbols["GB00BH4HKS39"];
  EXPECT_EQ(first["state"], "live");
  EXPECT_EQ(first["status"], "trading");
  EXPECT_EQ(first["bid"], (json{"100", "750"})); // 500 of order 1, 250 of order 5
  EXPECT_EQ(first["ask"], (json{"101.5", "800"}));
  EXPECT_EQ(first["orders"], 3);
  const auto& second = symbols["GB00B16GWD56"];
  EXPECT_EQ(second["state"], "live");
  EXPECT_EQ(second["bid"], nullptr);
  EXPECT_EQ(second["ask"], (json{"22", "5"}));
  const auto& quotes = symbols["GB00BH4HKS39#" + quotes_number];
  EXPECT_EQ(quotes["bid"], (json{"102", "9000"}));
  EXPECT_EQ(quotes["ask"], nullptr);
  EXPECT_EQ(symbols["GB00BH4HKS39#" + requests_number]["ask"], (json{"50", "8000"}));
}
void expect_volume(const json& result) {
  const auto& first = result["symbols"]["GB00BH4HKS39"];
  EXPECT_EQ(first["volume"], "600"); // 400 in the auction, 100 + 50 + 50; the cross was cancelled
  EXPECT_EQ(first["last"], "101");
  EXPECT_EQ(result["symbols"]["GB00B16GWD56"]["volume"], "10");
}

/// Which messages line A, line B, or both lose.
struct losses {
  const char* name;
  std::set<uint64_t> a, b;
};
struct Lines : ::testing::TestWithParam<losses> {};

TEST_P(Lines, GiveTheWholeMorningTogether) {
  TP_NEEDS("lse", std::string{"built here"});
  capture file;
  for (const auto& m : morning_messages())
    file.message(m, !GetParam().a.contains(file.next()), !GetParam().b.contains(file.next()));
  const scratch_file pcap{"morning.pcap", file.file()};
  for (const char* burst : {"1", "7", "64"}) {
    const auto result = run_tool(words({"--burst", burst, pcap.path()}));
    ASSERT_EQ(result.code, exit_ok) << result.err;
    expect_morning(result.last());
    expect_volume(result.last());
    EXPECT_EQ(result.last()["refused"], json::object());
    EXPECT_EQ(result.last()["gaps"]["open"], 0);
    EXPECT_EQ(result.last()["unknown"], 0);
    EXPECT_EQ(result.last()["messages"]["A"], 9);
    EXPECT_EQ(result.last()["messages"]["E"], 2);
  }
}
INSTANTIATE_TEST_SUITE_P(Lse, Lines,
                         ::testing::Values(losses{"none", {}, {}}, losses{"a", {3, 7, 12, 13, 14, 30}, {}},
                                           losses{"both_in_turn", {2, 8, 20, 21}, {1, 7, 9, 22, 30}}),
                         [](const auto& tested) { return tested.param.name; });

TEST(LseCaptures, AHoleInBothLinesIsFilledByTheReplaysAnswer) {
  TP_NEEDS("lse", std::string{"built here"});
  const auto all = morning_messages();
  capture file;
  for (const auto& m : all) {
    const bool is_lost = file.next() >= 15 && file.next() <= 20;
    file.message(m, !is_lost, !is_lost);
  }
  const scratch_file pcap{"morning.pcap", file.file()};
  const scratch_file answer{"replay.bin",
                            text(login_response('A') + replay_response(15, 6, 'A') + unit(15, {all[14], all[15]}) +
                                 unit(17, {all[16], all[17], all[18], all[19]}))};
  const auto result = run_tool(words({"--answer", "replay=" + answer.path(), pcap.path()}));
  ASSERT_EQ(result.code, exit_ok) << result.err;
  expect_morning(result.last());
  expect_volume(result.last());
  EXPECT_EQ(result.last()["gaps"]["seen"], 1);
  EXPECT_EQ(result.last()["gaps"]["filled"], 1);
  EXPECT_EQ(result.last()["gaps"]["open"], 0);
  EXPECT_EQ(result.last()["refused"], json::object());
}

/// What the recovery service says of the books as of `includes`; the segment's end at the end.
bytes snapshot_of(const std::vector<bytes>& first, const std::vector<bytes>& second, uint64_t includes) {
  const auto with_status = [](std::vector<bytes> orders, uint32_t id) {
    orders.push_back(symbol_status(id, 'T'));
    return orders;
  };
  return login_response('A') + snapshot_response('A') + unit(0, {time_message(28'801)}) +
         unit(0, with_status(first, 101)) + snapshot_complete(includes, 101) + snapshot_complete(includes, 101, 0x20) +
         snapshot_complete(includes, 101, 0x40) + unit(0, with_status(second, 102)) + snapshot_complete(includes, 102) +
         segment_complete("SET1");
}

TEST(LseCaptures, ALossIsHealedByTheRecoverysAnswerThatComesTooEarly) {
  TP_NEEDS("lse", std::string{"built here"});
  const auto all = morning_messages();
  capture file;
  for (const auto& m : all) {
    const bool is_lost = file.next() >= 8 && file.next() <= 16;
    file.message(m, !is_lost, !is_lost);
    if (file.next() == 18) file.pass(20); // time enough to see that 8 to 16 do not come
  }
  const scratch_file pcap{"morning.pcap", file.file()};
  // Made at 22, when the plugin has seen 17.
  const auto snapshot = snapshot_of(
    {add(101, 1, 'B', 500, 100 * one), add(101, 5, 'B', 250, 100 * one), add(101, 4, 'S', 450, 101 * one + one / 2),
     add_attributed(101, 6, 'B', 9'000, 102 * one, "FIRM", 0x20), add(101, 7, 'S', 8'000, 50 * one, 0x40)},
    {}, 22);
  const scratch_file answer{"recovery.bin", text(snapshot)};
  const auto result = run_tool(words({"--answer", "recovery=" + answer.path(), pcap.path()}));
  ASSERT_EQ(result.code, exit_ok) << result.err;
  expect_morning(result.last());
  EXPECT_EQ(result.last()["symbols"]["GB00BH4HKS39"]["volume"], "50"); // what came behind the snapshot
}

TEST(LseCaptures, ALateStartTakesItsNamesFromLaterDirectoryMessages) {
  TP_NEEDS("lse", std::string{"built here"});
  const auto all = morning_messages();
  capture file;
  file.skip(80'001).message(all[0]).message(all[2]).message(all[3]).pass(20);
  const uint64_t base = file.next();
  for (size_t i = 17; i < all.size(); ++i) file.message(all[i]);
  const scratch_file pcap{"late.pcap", file.file()};
  const auto snapshot =
    snapshot_of({add(101, 1, 'B', 600, 100 * one), add(101, 5, 'B', 200, 100 * one), add(101, 4, 'S', 500, 101 * one),
                 add_attributed(101, 6, 'B', 9'000, 102 * one, "FIRM", 0x20)},
                {}, base - 1);
  const scratch_file answer{"recovery.bin", text(snapshot)};
  const auto result = run_tool(words({"--answer", "recovery=" + answer.path(), pcap.path()}));
  ASSERT_EQ(result.code, exit_ok) << result.err;
  expect_morning(result.last(), "3", "2");
}

TEST(LseCaptures, ASnapshotThatIsTooOldLeavesTheBooksStale) {
  TP_NEEDS("lse", std::string{"built here"});
  const auto all = morning_messages();
  capture file;
  for (const auto& m : all) {
    const bool is_lost = file.next() >= 8 && file.next() <= 16;
    file.message(m, !is_lost, !is_lost);
    if (file.next() == 18) file.pass(20);
  }
  const scratch_file pcap{"morning.pcap", file.file()};
  const scratch_file answer{"recovery.bin", text(snapshot_of({add(101, 1, 'B', 1'000, 100 * one)}, {}, 12))};
  const auto result = run_tool(words({"--answer", "recovery=" + answer.path(), pcap.path()}));
  ASSERT_EQ(result.code, exit_ok) << result.err;
  for (const auto& [name, symbol] : result.last()["symbols"].items()) EXPECT_NE(symbol["state"], "live") << name;
}

TEST(LseCaptures, WithoutRecoveryALossIsStaleAndSaysSo) {
  TP_NEEDS("lse", std::string{"built here"});
  capture file;
  for (const auto& m : morning_messages()) {
    const bool is_lost = file.next() == 15;
    file.message(m, !is_lost, !is_lost);
  }
  const scratch_file pcap{"morning.pcap", file.file()};
  const auto result = run_tool(words({"--horizon", "1s", pcap.path()}));
  ASSERT_EQ(result.code, exit_ok) << result.err;
  EXPECT_THAT(result.err, ::testing::HasSubstr("lines.replay"));
  EXPECT_EQ(result.last()["symbols"]["GB00BH4HKS39"]["state"], "stale");
}

TEST(LseCaptures, AnAnswerOfTheRecoveryServiceAloneGivesItsBooks) {
  TP_NEEDS("lse", std::string{"built here"});
  const auto snapshot =
    snapshot_of({directory(101, "GB00BH4HKS39"), add(101, 1, 'B', 600, 100 * one), add(101, 4, 'S', 500, 101 * one)},
                {add(102, 22, 'S', 5, 22 * one)}, 70'025);
  const scratch_file answer{"recovery.bin", text(snapshot)};
  const auto result =
    run_tool({"--plugin", "lse", "--json", "--date", "2024-06-12", "--answer", "recovery=" + answer.path()});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const auto& symbols = result.last()["symbols"];
  EXPECT_EQ(symbols["GB00BH4HKS39"]["state"], "live");
  EXPECT_EQ(symbols["GB00BH4HKS39"]["bid"], (json{"100", "600"}));
  EXPECT_EQ(symbols["#102"]["ask"], (json{"22", "5"})); // named by no directory
}

TEST(LseCaptures, AnAnswerOfTheReplayServiceAloneIsAFlow) {
  TP_NEEDS("lse", std::string{"built here"});
  bytes all = login_response('A') + replay_response(1, 30, 'A');
  uint64_t sequence = 1;
  for (const auto& m : morning_messages()) all = all + unit(sequence++, {m});
  const scratch_file answer{"replay.bin", text(all)};
  const auto result =
    run_tool({"--plugin", "lse", "--json", "--date", "2024-06-12", "--answer", "replay=" + answer.path()});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  expect_morning(result.last());
  expect_volume(result.last());
}

TEST(LseCaptures, TickersNameInstrumentsForClients) {
  TP_NEEDS("lse", std::string{"built here"});
  capture file;
  for (const auto& m : morning_messages()) file.message(m);
  const scratch_file pcap{"morning.pcap", file.file()};
  const scratch_file config{"lse.yaml", "lines:\n  a: udp://239.1.1.1:26400\ntickers:\n  GB00BH4HKS39: VOD\n"};
  const auto result =
    run_tool({"--plugin", "lse", "--format", "pcap", "--json", "--config", config.path(), pcap.path()});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  EXPECT_EQ(result.last()["symbols"]["VOD"]["bid"], (json{"100", "750"}));
  EXPECT_TRUE(result.last()["symbols"].contains("VOD#2"));
}

TEST(LseCaptures, TwoRunsGiveTheSameEvents) {
  TP_NEEDS("lse", std::string{"built here"});
  capture file;
  for (const auto& m : morning_messages()) file.message(m, file.next() % 3 != 0, file.next() % 4 != 0);
  const scratch_file pcap{"morning.pcap", file.file()};
  const auto first = run_tool(words({"--hash", pcap.path()})), second = run_tool(words({"--hash", pcap.path()}));
  ASSERT_EQ(first.code, exit_ok) << first.err;
  EXPECT_EQ(first.out, second.out);
}

} // namespace
} // namespace tickplant::replay::testing
