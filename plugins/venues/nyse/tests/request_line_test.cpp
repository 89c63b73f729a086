// The connection to the request server: heartbeats, back-off within the day's logins, backups (venue facts, section 4).
#include "feed_builder.hpp"

namespace tickplant::nyse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

size_t openings(const world& w) {
  size_t count = 0;
  for (const auto& line : w.host.lines) count += line.name == "request";
  return count;
}

TEST(RequestLine, AnswersTheServersHeartbeatAtOnce) {
  world w;
  w.connect();
  EXPECT_EQ(w.server(packet_of(1, 1, {})), 16);
  const auto sent = w.requests();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].type, 12u);
  EXPECT_EQ(sent[0].source, "TEST");
}

TEST(RequestLine, WaitsForTheRestOfAPacket) {
  world w;
  w.connect();
  const auto whole = packet_of(11, 1, {response(1, '0')});
  EXPECT_EQ(w.server(bytes(whole.begin(), whole.begin() + 15)), 0);
  EXPECT_EQ(w.server(bytes(whole.begin(), whole.end() - 1)), 0);
  EXPECT_EQ(w.server(whole), static_cast<int64_t>(whole.size()));
}

TEST(RequestLine, HangsUpOnBytesThatAreNoPacketAndConnectsAgain) {
  world w;
  w.connect();
  EXPECT_EQ(w.server(bytes(64, 0)), 64);
  EXPECT_THAT(w.host.closed_lines, ElementsAre(request_line::line));
  const auto before = openings(w);
  w.pass(2 * second);
  EXPECT_EQ(openings(w), before + 1);
}

TEST(RequestLine, HangsUpWhenTheServerIsSilent) {
  world w;
  w.connect();
  w.pass(150 * second);
  w.server(packet_of(1, 1, {}));
  w.pass(150 * second);
  EXPECT_THAT(w.host.closed_lines, IsEmpty());
  w.pass(60 * second);
  EXPECT_THAT(w.host.closed_lines, ElementsAre(request_line::line));
}

TEST(RequestLine, TriesTheBackupsInTurn) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"lines.request.0", "tcp://one:1"}, {"lines.request.1", "tcp://two:2"}};
  for (int i = 0; i < 3; ++i) {
    w.venue->on_line(request_line::line, TP_LINE_FAILED, "refused", w.host.now_ns);
    w.pass(60 * second);
  }
  std::vector<std::string> addresses;
  for (const auto& line : w.host.lines)
    if (line.name == "request") addresses.push_back(line.address);
  EXPECT_THAT(addresses, ElementsAre("tcp://one:1", "tcp://two:2", "tcp://one:1", "tcp://two:2"));
}

// 100 logins lock us out: a server that hangs up at once must not use them up.
TEST(RequestLine, AServerThatHangsUpAllDayCostsFewerLoginsThanAllowed) {
  world w;
  for (uint64_t passed = 0; passed < 16 * 3600; ++passed) { // from 8 in the morning until midnight is less
    if (openings(w) > w.counted("request_logins")) {
      w.connect();
      w.disconnect();
    }
    w.pass(second);
    w.host.logs.clear();
  }
  EXPECT_LE(w.counted("request_logins"), 180u); // two days' worth, as midnight lies between
  EXPECT_GE(w.counted("request_logins"), 20u);
}

TEST(RequestLine, RefusedConnectionsAreNoLoginsAndTriedWithGrowingPauses) {
  world w;
  for (uint64_t passed = 0; passed < 600; ++passed) {
    if (openings(w) > w.host.closed_lines.size()) {
      w.host.closed_lines.push_back(0);
      w.venue->on_line(request_line::line, TP_LINE_FAILED, "refused", w.host.now_ns);
    }
    w.pass(second);
  }
  EXPECT_EQ(w.counted("request_logins"), 0u);
  EXPECT_GT(openings(w), 15u);
  EXPECT_LT(openings(w), 40u);
}

TEST(RequestLine, AnswersToNobodyAreForeign) {
  world w;
  w.connect();
  w.server(packet_of(11, 1, {response(77, '1', 0, 0, 9)}));
  EXPECT_EQ(w.counted("foreign"), 1u);
}

} // namespace
} // namespace tickplant::nyse::testing
