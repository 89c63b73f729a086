// A start in the midst of a channel's day: a refresh of everything beside the live flow (venue facts, section 6), also
// where the refresh comes by TCP.
#include "feed_builder.hpp"

namespace tickplant::nyse::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

bytes order(uint32_t n, uint32_t index = 1) {
  return add(index, n, n, 'B', 100, 10'000);
}

TEST(LateStart, IsARefreshOfTheChannelBesideTheLiveFlow) {
  world w;
  w.connect();
  w.both(500, {order(20), seconds(noon_s)});
  EXPECT_THAT(w.requests(), IsEmpty()); // the other line may bring what lies before
  w.pass(20 * ms);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LOST));
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 15u);
  EXPECT_EQ(asked[0].index, 0u);
  w.both(502, {order(21), order(5, 2)});
  EXPECT_THAT(w.host.events, IsEmpty()); // no mapping yet: kept
  w.refresh(18, 1, {refresh_head(1, 1, 501, 20), mapping(1, "SYM1"), add_refresh(1, 20, 20, 'B', 100, 10'000)});
  w.refresh(20, 4, {refresh_head(1, 1, 503, 5), mapping(2, "SYM2"), add_refresh(2, 5, 50, 'B', 100, 10'000)});
  // What was kept comes first: the host holds it, and drops what the picture includes.
  ASSERT_EQ(w.host.instruments.size(), 2u);
  EXPECT_THAT(w.kinds(), ElementsAre(TP_EV_ADD, TP_EV_ADD, TP_EV_SNAPSHOT_BEGIN, TP_EV_ADD, TP_EV_SNAPSHOT_END,
                                     TP_EV_ADD, TP_EV_SNAPSHOT_BEGIN, TP_EV_ADD, TP_EV_SNAPSHOT_END));
  EXPECT_THAT(w.sequences(), ElementsAre(500, 502, 503));
  EXPECT_EQ(w.last_state(), TP_STREAM_LIVE);
  EXPECT_TRUE(w.told(TP_STREAM_DIRECTORY));
  w.pass(600 * second);
  EXPECT_THAT(w.requests(), IsEmpty());
}

// A packet of the refresh was lost: the symbol in it is not known, and the directory is whole by the mappings alone.
TEST(LateStart, WithALostSymbolEndsByTheMappings) {
  world w;
  w.connect();
  w.both(500, {order(20), status(1, 2, 'O', '~', 'O'), seconds(noon_s)});
  w.pass(20 * ms);
  ASSERT_EQ(w.requests().size(), 1u);
  w.refresh(18, 1, {refresh_head(1, 1, 502, 20), mapping(1, "SYM1"), add_refresh(1, 20, 20, 'B', 100, 10'000)});
  // The packet that begins at 4 does not come.
  w.refresh(20, 7, {refresh_head(1, 1, 502, 5), mapping(3, "SYM3"), add_refresh(3, 5, 50, 'B', 100, 10'000)});
  EXPECT_FALSE(w.told(TP_STREAM_DIRECTORY));
  w.pass(10 * ms);
  auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 13u);
  EXPECT_EQ(asked[0].index, 0u);
  w.refresh(20, 10, {mapping(1, "SYM1"), mapping(2, "SYM2"), mapping(3, "SYM3")});
  EXPECT_TRUE(w.told(TP_STREAM_DIRECTORY)); // every name is known, though SYM2 has no book yet
  w.pass(200 * ms);
  asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].type, 15u);
  EXPECT_EQ(asked[0].index, 2u);
  w.refresh(17, 13, {refresh_head(1, 1, 502, 7), add_refresh(2, 7, 60, 'S', 100, 10'100)});
  EXPECT_EQ(w.last_state(), TP_STREAM_LIVE);
}

TEST(LateStart, AMappingAnswerWithAHoleIsAskedForAgain) {
  world w;
  w.connect();
  w.both(500, {order(20), status(1, 2, 'O', '~', 'O'), seconds(noon_s)});
  w.pass(20 * ms);
  w.refresh(18, 1, {refresh_head(1, 1, 502, 20), mapping(1, "SYM1"), add_refresh(1, 20, 20, 'B', 100, 10'000)});
  w.refresh(20, 7, {refresh_head(1, 1, 502, 5), mapping(3, "SYM3"), add_refresh(3, 5, 50, 'B', 100, 10'000)});
  w.pass(10 * ms);
  (void)w.requests();
  w.refresh(18, 10, {mapping(1, "SYM1")});
  w.refresh(20, 12, {mapping(3, "SYM3")}); // the packet that begins at 11 does not come
  EXPECT_FALSE(w.told(TP_STREAM_DIRECTORY));
  w.pass(10 * second);
  const auto asked = w.requests();
  ASSERT_FALSE(asked.empty());
  EXPECT_EQ(asked[0].type, 13u);
}

TEST(LateStart, BehindTheOtherLinesFirstPacketIsNone) {
  world w;
  w.connect();
  w.a(5, {order(1)});
  w.b(1, {reset()}, 12);
  w.b(2, {mapping(1, "SYM1"), status(1, 1, 'O', '~', 'O'), order(2)});
  w.b(5, {order(3)});
  w.pass(second);
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_LOST)));
  EXPECT_THAT(w.sequences(), ElementsAre(3, 3, 4, 5)); // a status is two events
}

TEST(LateStart, KeepsPicturesThatCameBeforeTheFirstPacketAndJoinIt) {
  world w;
  w.connect();
  w.refresh(18, 1, {refresh_head(1, 1, 501, 20), mapping(1, "SYM1"), add_refresh(1, 20, 20, 'B', 100, 10'000)});
  w.refresh(20, 4, {refresh_head(1, 1, 490, 5), mapping(2, "SYM2"), add_refresh(2, 5, 50, 'B', 100, 10'000)});
  w.host.events.clear();
  w.both(500, {order(19), order(20), order(21)});
  w.pass(20 * ms);
  EXPECT_THAT(w.sequences(), ElementsAre(502));
  EXPECT_THAT(w.states(0), ElementsAre(TP_STREAM_LIVE));
  EXPECT_THAT(w.states(1), ElementsAre(TP_STREAM_LIVE, TP_STREAM_LOST)); // 491 to 499 are not known
  const auto asked = w.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].index, 2u);
}

TEST(LateStart, WithoutAServerIsLostAndSaysWhy) {
  world w{{"lines.a", "udp://239.1.1.1:1"}};
  w.a(500, {order(20)});
  w.pass(20 * ms);
  ASSERT_FALSE(w.host.streams.empty());
  EXPECT_EQ(w.host.streams[0].state, TP_STREAM_LOST);
  EXPECT_THAT(w.host.streams[0].reason, HasSubstr("joined the channel at message 500"));
}

TEST(StreamedRefresh, IsCutIntoPacketsWhereverTheBytesBreak) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"lines.refresh", "tcp://192.0.2.9:1"}};
  EXPECT_EQ(w.host.lines.size(), 1u); // opened when a refresh is wanted
  w.a(500, {order(20)});
  w.pass(20 * ms);
  ASSERT_EQ(w.host.lines.size(), 2u);
  EXPECT_EQ(w.host.lines[1].kind, TP_LINE_TCP);
  bytes all;
  for (const auto& p :
       {packet_of(18, 1, {refresh_head(1, 1, 500, 20), mapping(1, "SYM1"), add_refresh(1, 20, 20, 'B', 1, 1)}),
        packet_of(20, 4, {refresh_head(1, 1, 500, 5), mapping(2, "SYM2")})})
    all.insert(all.end(), p.begin(), p.end());
  bytes unread;
  for (const uint8_t byte : all) {
    unread.push_back(byte);
    bytes padded = unread;
    padded.resize(padded.size() + TP_PADDING, 0x42);
    const auto consumed = w.venue->on_stream(
      {padded.data(), static_cast<uint32_t>(unread.size()), w.host.lines[1].line, w.host.now_ns, 0, 0});
    ASSERT_GE(consumed, 0);
    unread.erase(unread.begin(), unread.begin() + consumed);
  }
  EXPECT_TRUE(unread.empty());
  EXPECT_EQ(w.counted("refresh.pictures"), 2u);
  EXPECT_EQ(w.last_state(), TP_STREAM_LIVE);
}

} // namespace
} // namespace tickplant::nyse::testing
