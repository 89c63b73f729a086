// What becomes of a client that does not read for a while, by its onSlow and mode (docs/protocol/lines.md, "Slow
// readers"): each hole is told with its range, the newest comes, or it is warned and closed.
#include "support/line_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tickplant::testing {
namespace {

using nlohmann::json;

constexpr uint16_t slow_consumer = 4103;
constexpr size_t instruments = 4, lines = 2 * instruments;
constexpr uint64_t behind = 1'500;              // entries of each line, several megabytes in all
constexpr int hz = TP_IS_SANITIZED ? 100 : 500; // what a client that reads can keep up with

class SlowPolicy : public ::testing::Test {
protected:
  void SetUp() override {
    const auto rate = std::to_string(hz);
    whole_.start_server_from(whole_.folder().write(
      "slow.yaml", "venues:\n  synthetic:\n    plugin: synthetic\n    required: true\n    walk_scale: 0.05\n"
                   "    instruments: 4\n    spread: true\n    hz: " +
                     rate +
                     "\n"
                     "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n"
                     "limits: {stall: 5m, resume_bytes: 16KiB}\nloops: {network: 1}\n"));
    whole_.wait_ready();
    reader_.connect_again();
    reader_.send(wanted("DROP_OLDEST"));
    ASSERT_TRUE(reader_.follow([&] { return reader_.lines_with(3) == lines; })) << whole_.story();
  }
  static json wanted(const std::string& policy) {
    return {{"type", "SUBSCRIBE"},
            {"symbols", {"SYNTHETIC:*"}},
            {"dataTypes", {"TRADES", "ORDER_BOOK"}},
            {"frequency", 0},
            {"depth", 5},
            {"onSlow", policy}};
  }
  /// A client that has some of everything, and then reads nothing while far more goes by than rings and sockets keep.
  void fall_behind(line_client& client, const std::string& policy) {
    client.connect_again();
    client.send(wanted(policy));
    ASSERT_TRUE(client.follow([&] { return client.lines_with(3) == lines; })) << whole_.story();
    EXPECT_EQ(client.ack.at("onSlow"), policy);
    client.socket().pause_reading();
    let_go_by(behind);
  }
  /// Each line goes on by so many entries, as the one who reads sees it.
  void let_go_by(uint64_t entries) {
    reader_.counts.clear();
    ASSERT_TRUE(reader_.follow([&] { return reader_.lines_with(entries) == lines; })) << whole_.story();
  }
  /// Goes on until every line is where the reader is by now, and beyond.
  void catch_up(line_client& client) {
    const auto there = reader_.places;
    client.socket().resume_reading();
    ASSERT_TRUE(client.follow([&] {
      return std::ranges::all_of(
        there, [&](const auto& one) { return client.places[one.first].sequence > one.second.sequence; });
    }))
      << whole_.story();
    client.counts.clear();
    ASSERT_TRUE(client.follow([&] { return client.lines_with(5) == lines; })) << whole_.story();
  }
  void expect_told(const line_client& client) const {
    EXPECT_TRUE(client.faults.empty()) << client.faults.size() << " faults, the first: " << client.faults.front();
    EXPECT_EQ(client.gaps.size(), lines) << "each line has a hole, and is told of it";
    EXPECT_TRUE(client.slow.is_null()) << client.slow;
  }
  void expect_reader_unharmed() const {
    EXPECT_TRUE(reader_.faults.empty()) << reader_.faults.front();
    EXPECT_TRUE(reader_.gaps.empty()) << "the others miss nothing";
  }

  plant whole_;
  line_client reader_{whole_};
};

TEST_F(SlowPolicy, DropOldestTellsTheGapAndGoesOnWithTheOldestThatIsKept) {
  line_client deaf{whole_, {"/ws", small_buffer}};
  fall_behind(deaf, "DROP_OLDEST");
  catch_up(deaf);
  expect_told(deaf);
  expect_reader_unharmed();
}

TEST_F(SlowPolicy, ConflateTellsTheGapAndGoesOnWithTheNewest) {
  line_client deaf{whole_, {"/ws", small_buffer}};
  fall_behind(deaf, "CONFLATE");
  catch_up(deaf);
  expect_told(deaf);
  // Of trades the one before the newest is part of the gap as well: little comes that is old.
  for (const auto& [stream, count] : deaf.missed) EXPECT_GT(count, behind / 2) << stream;
  expect_reader_unharmed();
}

// Warning and close frame lie behind what it has not read; it comes back to them long after they were sent, and has
// talked on meanwhile.
TEST_F(SlowPolicy, DisconnectWarnsAndThenCloses) {
  for (const uint64_t pause : {behind, 3 * behind}) {
    line_client deaf{whole_, {"/ws", small_buffer}};
    deaf.connect_again();
    deaf.send(wanted("DISCONNECT"));
    ASSERT_TRUE(deaf.follow([&] { return deaf.lines_with(3) == lines; })) << whole_.story();
    deaf.socket().pause_reading();
    for (uint64_t gone = 0; gone < pause; gone += pause / 5) {
      let_go_by(pause / 5);
      deaf.send({{"type", "HEARTBEAT"}});
    }
    deaf.socket().resume_reading();
    EXPECT_TRUE(deaf.follow([&] { return !deaf.slow.is_null(); })) << "it was never warned\n" << whole_.story();
    EXPECT_EQ(deaf.slow.value("code", 0), 4309) << deaf.slow;
    EXPECT_EQ(deaf.slow.value("v", 0), 1) << deaf.slow;
    EXPECT_TRUE(deaf.places.contains(deaf.slow.value("stream", ""))) << deaf.slow;
    EXPECT_GT(deaf.slow.value("sequence", 0), 0) << deaf.slow;
    const auto closed = deaf.socket().wait_closed();
    ASSERT_TRUE(closed) << whole_.story();
    EXPECT_EQ(closed->code, slow_consumer) << closed->reason;
    EXPECT_TRUE(deaf.gaps.empty()) << "it is closed instead";
    EXPECT_TRUE(deaf.faults.empty()) << deaf.faults.front();
  }
  expect_reader_unharmed();
}

TEST_F(SlowPolicy, SnapshotOnlyIsOneSnapshotOfEachHoweverLateItIsRead) {
  const auto deaf = connect(whole_, {"/ws", small_buffer});
  deaf->send({{"type", "HELLO"}});
  ASSERT_TRUE(deaf->wait_for_type("WELCOME"));
  deaf->pause_reading();
  deaf->send({{"type", "SUBSCRIBE"},
              {"symbols", {"SYNTHETIC:*"}},
              {"dataTypes", {"QUOTES", "ORDER_BOOK"}},
              {"depth", 5},
              {"mode", "SNAPSHOT_ONLY"},
              {"id", "once"}});
  let_go_by(500);
  deaf->send({{"type", "LIST"}, {"id", "list"}});
  deaf->resume_reading();
  std::vector<std::string> symbols;
  const auto listed = deaf->wait_for([&](const json& message) {
    if (message.at("type") == "SNAPSHOT")
      for (const auto& entry : message.at("symbols")) symbols.push_back(entry.at("symbol"));
    EXPECT_NE(message.at("type"), "MARKET_DATA");
    EXPECT_NE(message.at("type"), "BOOK_DELTA");
    return message.at("type") == "LIST";
  });
  ASSERT_TRUE(listed) << whole_.story();
  EXPECT_TRUE(listed->body.at("symbols").empty()) << "its rows are done: " << listed->body;
  std::ranges::sort(symbols);
  EXPECT_EQ(symbols, (std::vector<std::string>{"S000", "S001", "S002", "S003"}));
}

TEST_F(SlowPolicy, ConflatedModeIsTheNewestStateOfEachOnceItReadsAgain) {
  const auto deaf = connect(whole_, {"/ws", small_buffer});
  deaf->send({{"type", "HELLO"}});
  deaf->send({{"type", "SUBSCRIBE"},
              {"symbols", {"SYNTHETIC:*"}},
              {"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}},
              {"depth", 5},
              {"mode", "CONFLATE"},
              {"frequency", 0}});
  ASSERT_TRUE(deaf->wait_for_type("MARKET_DATA")) << whole_.story();
  deaf->pause_reading();
  let_go_by(behind);
  const auto there = reader_.places;
  deaf->resume_reading();
  std::map<std::string, uint64_t> had;
  uint64_t merged = 0;
  std::vector<std::string> faults;
  const auto reached = deaf->wait_for([&](const json& message) {
    EXPECT_NE(message.at("type"), "GAP") << "of states nothing is missing";
    if (message.at("type") != "MARKET_DATA" && message.at("type") != "SNAPSHOT") return false;
    for (const auto& entry : message.at("symbols")) {
      const std::string stream = entry.at("stream");
      if (had.contains(stream) && entry.value("prevSequence", uint64_t{0}) != had[stream])
        faults.push_back(entry.dump());
      had[stream] = entry.at("sequence");
      merged = std::max(merged, entry.value("conflated", uint64_t{0}));
    }
    return had.size() == instruments && std::ranges::all_of(there, [&](const auto& one) {
             const auto name = one.first.substr(0, one.first.find('/')) + "/STATE";
             return !one.first.ends_with("/BOOK") || had[name] > one.second.sequence;
           });
  });
  EXPECT_TRUE(reached) << whole_.story();
  EXPECT_GT(merged, behind / 4) << "told how much went into one entry";
  EXPECT_TRUE(faults.empty()) << faults.size() << " entries name another previous one, the first: " << faults.front();
}

} // namespace
} // namespace tickplant::testing
