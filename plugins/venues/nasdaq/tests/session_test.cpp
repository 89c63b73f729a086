#include "feed_builder.hpp"

#include <cstring>

namespace tickplant::nasdaq::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Opens a session with one instrument: messages 1 to 3.
void open(world& w) {
  w.a(mold(session_a, 1, opening(1)));
  w.b(mold(session_a, 1, opening(1)));
}
bytes order(uint64_t number) {
  return add(1, number, 'B', 100, 10'000);
}

TEST(Session, OpensTheLinesOfThePairAndTheServers) {
  world w;
  ASSERT_EQ(w.host.lines.size(), 3u);
  EXPECT_EQ(w.host.lines[0].kind, TP_LINE_UDP_GROUP);
  EXPECT_EQ(w.host.lines[0].pair, w.host.lines[1].pair);
  EXPECT_EQ(w.host.lines[2].kind, TP_LINE_UDP_PEER);
  EXPECT_EQ(w.host.lines[2].role, TP_ROLE_REREQUEST);
}

TEST(Session, IsLiveFromTheFirstNumberBeforeAnyEvent) {
  world w;
  w.a(heartbeat(session_a, 1));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LIVE));
  EXPECT_EQ(w.host.streams[0].from, 1u);
  EXPECT_THAT(w.host.events, IsEmpty());
  open(w);
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LIVE, TP_STREAM_DIRECTORY));
  EXPECT_EQ(w.counted("messages.R"), 1u);
  EXPECT_EQ(w.counted("duplicates"), 3u);
  EXPECT_EQ(w.counted("line.a.won"), 1u);
  EXPECT_EQ(w.counted("line.b.duplicates"), 1u);
  EXPECT_EQ(w.counted("heartbeats"), 1u);
}

// Guards against an event written behind the array: messages that go the long way may leave it exactly full.
TEST(Session, EmitsEverythingHoweverFullTheArrayIsBetweenPackets) {
  for (size_t first = 250; first <= 260; ++first) {
    world w;
    open(w);
    std::vector<bytes> attributed, plain;
    for (size_t i = 0; i < first; ++i) attributed.push_back(add_attributed(1, 4 + i, 'B', 100, 10'000));
    for (size_t i = 0; i < 300; ++i) plain.push_back(order(4 + first + i));
    std::vector<bytes> packets{mold(session_a, 4, attributed), mold(session_a, 4 + first, plain)};
    std::vector<tp_unit> units;
    for (auto& packet : packets) {
      const auto size = static_cast<uint32_t>(packet.size());
      packet.resize(packet.size() + TP_PADDING, 0xEE);
      units.push_back({packet.data(), size, line_set::a, w.host.now_ns, 0, 0});
    }
    w.host.events.clear();
    EXPECT_EQ(w.venue->on_units(units), TP_OK);
    ASSERT_EQ(w.host.events.size(), first + 300) << first;
    for (size_t i = 0; i < w.host.events.size(); ++i) ASSERT_EQ(w.host.events[i].sequence, 4 + i) << first;
  }
}

TEST(Session, FillsAHoleOfOneLineFromTheOtherWithoutARequest) {
  world w;
  open(w);
  w.a(mold(session_a, 5, {order(5)}));
  w.pass(2 * ms);
  w.b(mold(session_a, 4, {order(4)}));
  w.b(mold(session_a, 5, {order(5)}));
  w.pass(50 * ms);
  EXPECT_THAT(w.sequences(), ElementsAre(1, 1, 2, 3, 4, 5));
  EXPECT_EQ(w.counted("gaps.seen"), 0u);
  EXPECT_EQ(w.counted("line.a.gaps"), 1u);
  EXPECT_EQ(w.counted("line.b.gaps"), 0u);
  EXPECT_THAT(w.host.sent, IsEmpty());
}

TEST(Session, AsksForWhatBothLinesLostAndGoesOnInOrder) {
  world w;
  open(w);
  w.a(mold(session_a, 7, {order(7)}));
  EXPECT_THAT(w.host.sent, IsEmpty());
  w.pass(5 * ms);
  ASSERT_EQ(w.host.sent.size(), 1u);
  EXPECT_EQ(world::asked(w.host.sent[0]), (std::pair<uint64_t, uint32_t>{4, 3}));
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_GAP);
  EXPECT_EQ(w.host.streams.back().from, 4u);
  EXPECT_EQ(w.host.streams.back().to, 6u);
  w.answer(mold(session_a, 4, {order(4), order(5)}));
  ASSERT_EQ(w.host.sent.size(), 2u);
  EXPECT_EQ(world::asked(w.host.sent[1]), (std::pair<uint64_t, uint32_t>{6, 1}));
  w.answer(mold(session_a, 6, {order(6)}));
  EXPECT_THAT(w.sequences(), ElementsAre(1, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_LIVE);
  EXPECT_EQ(w.counted("gaps.seen"), 1u);
  EXPECT_EQ(w.counted("gaps.filled"), 1u);
  EXPECT_EQ(w.counted("rerequest.answers"), 2u);
}

TEST(Session, FindsAHoleThatOnlyAHeartbeatShows) {
  world w;
  open(w);
  w.a(heartbeat(session_a, 6));
  w.a(heartbeat(session_a, 3)); // of the slower line
  w.pass(5 * ms);
  ASSERT_EQ(w.host.sent.size(), 1u);
  EXPECT_EQ(world::asked(w.host.sent[0]), (std::pair<uint64_t, uint32_t>{4, 2}));
}

TEST(Session, IsLostWhenTheServersStaySilentAndGoesOn) {
  world w;
  open(w);
  w.a(mold(session_a, 5, {order(5)}));
  w.pass(4 * second);
  EXPECT_EQ(w.host.sent.size(), 5u);
  EXPECT_THAT(w.states(), Contains(TP_STREAM_LOST));
  EXPECT_THAT(w.sequences(), ElementsAre(1, 1, 2, 3, 5));
  w.a(mold(session_a, 6, {order(6)}));
  EXPECT_THAT(w.sequences(), ElementsAre(1, 1, 2, 3, 5, 6));
  EXPECT_NE(w.host.streams.back().state, TP_STREAM_LIVE);
  EXPECT_EQ(w.counted("gaps.filled"), 0u);
}

TEST(Session, IsLostWhenTheHoldBufferOverflows) {
  world w{
    {"lines.a", "udp://239.1.1.1:26400"}, {"hold_messages", "1024"}, {"lines.rerequest", "udp://192.0.2.9:18000"}};
  w.a(mold(session_a, 1, opening(1)));
  for (uint64_t n = 5; n < 1'100; ++n) w.a(mold(session_a, n, {order(n)}));
  EXPECT_THAT(w.host.streams.back().reason, HasSubstr("hold_messages"));
  EXPECT_EQ(w.sequences().back(), 1'099u);
  EXPECT_EQ(w.sequences().size(), 4u + 1'095u);
}

TEST(Session, BelievesAHugeJumpOnlyWhenASecondPacketConfirmsIt) {
  world w;
  open(w);
  w.a(mold(session_a, uint64_t{1} << 60, {order(9)}));
  w.a(mold(session_a, 4, {order(4)}));
  EXPECT_EQ(w.sequences().back(), 4u);
  EXPECT_EQ(w.counted("wild"), 1u);
  w.a(mold(session_a, 1'000'000, {order(9)}));
  w.b(mold(session_a, 1'000'000, {order(9)}));
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_LOST);
  EXPECT_EQ(w.sequences().back(), 1'000'000u);
}

TEST(Session, TakesAJumpBackThatNothingConfirmed) {
  world w{{"lines.a", "udp://239.1.1.1:26400"}};
  w.a(mold(session_a, uint64_t{1} << 60, {order(9)})); // the first packet ever, so it is believed
  w.a(mold(session_a, 500, {order(4)}));
  w.a(mold(session_a, 501, {order(4)}));
  EXPECT_EQ(w.counted("messages.A"), 3u);
  w.a(mold(session_a, 900'000, {order(9)}));
  w.a(mold(session_a, 900'001, {order(9)}));
  w.a(mold(session_a, 502, {order(4)})); // confirmed meanwhile: this one is old
  EXPECT_EQ(w.counted("messages.A"), 5u);
}

TEST(Session, DiscardsATruncatedDatagramWhole) {
  world w;
  open(w);
  bytes cut = mold(session_a, 4, {order(4), order(5)});
  cut.resize(cut.size() - 7);
  w.a(cut);
  w.packet(line_set::a, mold(session_a, 4, {order(4)}), TP_UNIT_TRUNCATED);
  w.a(bytes(19, 'x'));
  EXPECT_EQ(w.counted("malformed"), 3u);
  EXPECT_EQ(w.sequences().back(), 3u);
  w.b(mold(session_a, 4, {order(4), order(5)}));
  EXPECT_EQ(w.sequences().back(), 5u);
}

TEST(Session, ClosesAtItsEndAfterFillingHoles) {
  world w;
  open(w);
  w.a(end_of_session(session_a, 5));
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_CLOSED)));
  w.pass(5 * ms);
  ASSERT_EQ(w.host.sent.size(), 1u);
  w.answer(mold(session_a, 4, {order(4)}));
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_CLOSED);
  w.b(end_of_session(session_a, 5));
  w.pass(10 * second);
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_CLOSED);
  w.a(mold(session_b, 1, opening(1)));
  EXPECT_THAT(w.states(), Contains(TP_STREAM_RESTARTED));
  EXPECT_THAT(w.host.retired, ElementsAre(1));
  w.a(mold(session_a, 5, {order(5)}));
  EXPECT_EQ(w.counted("foreign"), 1u);
}

TEST(Session, ChangesInTheMiddleOnlyWhenConfirmed) {
  world w;
  open(w);
  w.a(mold(session_b, 1, opening(2)));
  w.a(mold(session_a, 4, {order(4)}));
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_RESTARTED)));
  EXPECT_EQ(w.counted("foreign"), 1u);
  w.host.events.clear();
  w.host.streams.clear();
  w.a(mold(session_b, 1, {system_event('O')}));
  w.b(mold(session_b, 2, {directory(1, "NEW")}));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_RESTARTED, TP_STREAM_LIVE));
  EXPECT_EQ(w.host.events.front().kind, TP_EV_CLEAR);
  EXPECT_EQ(w.host.events.front().instrument, TP_ALL);
  EXPECT_EQ(w.host.instruments[1].symbol, "NEW");
  EXPECT_EQ(w.counted("messages.S"), 3u);
}

TEST(Session, TellsSilenceAndSpeech) {
  world w;
  open(w);
  w.pass(2'900 * ms);
  EXPECT_THAT(w.states(), Not(Contains(TP_STREAM_SILENT)));
  w.pass(200 * ms);
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_SILENT);
  w.a(heartbeat(session_a, 4));
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_LIVE);
  const auto told = w.host.streams.size();
  for (int i = 0; i < 8; ++i) {
    w.pass(second);
    w.a(heartbeat(session_a, 4));
  }
  EXPECT_EQ(w.host.streams.size(), told);
  EXPECT_EQ(w.counted("line.b.silent"), 1u);
  EXPECT_EQ(w.counted("line.a.silent"), 0u);
}

TEST(Session, OpensAFailedLineAgainWithGrowingPauses) {
  world w;
  const auto opened = w.host.lines.size();
  w.venue->on_line(line_set::b, TP_LINE_FAILED, "no route", w.host.now_ns);
  w.pass(700 * ms);
  EXPECT_EQ(w.host.lines.size(), opened);
  w.pass(600 * ms);
  ASSERT_EQ(w.host.lines.size(), opened + 1);
  EXPECT_EQ(w.host.lines.back().line, line_set::b);
  w.venue->on_line(line_set::b, TP_LINE_FAILED, "no route", w.host.now_ns);
  w.pass(1'400 * ms);
  EXPECT_EQ(w.host.lines.size(), opened + 1);
  w.pass(1'200 * ms);
  EXPECT_EQ(w.host.lines.size(), opened + 2);
}

TEST(Session, DecodesBlankedHeadersWithoutSequencing) {
  world w;
  w.a(mold(std::string(10, '\0'), 0, {order(1)}));
  w.a(mold(std::string(10, '\0'), 0, {order(2)}));
  EXPECT_EQ(w.counted("unsequenced"), 2u);
  EXPECT_EQ(w.counted("messages.A"), 2u);
  EXPECT_EQ(w.counted("unknown_locate"), 2u);
  EXPECT_THAT(w.host.events, IsEmpty());
  EXPECT_THAT(w.host.streams, IsEmpty());
}

TEST(Session, CountsUnknownTypesAndShortMessagesAndGoesOn) {
  world w;
  open(w);
  bytes shorter = order(5);
  shorter.resize(30);
  bytes longer = order(7);
  longer.resize(60, 'x'); // fields that a later edition adds
  w.a(mold(session_a, 4, {bytes(15, 'z'), shorter, bytes{}, longer}));
  EXPECT_EQ(w.counted("unknown"), 1u);
  EXPECT_EQ(w.counted("malformed"), 2u);
  EXPECT_EQ(w.sequences().back(), 7u);
  EXPECT_THAT(w.states(1), ElementsAre(TP_STREAM_LOST));
  EXPECT_EQ(w.venue->resynchronise(0, 1, w.host.now_ns), TP_E_LIMIT);
}

TEST(Session, EmitsNothingForUnwantedInstruments) {
  world w;
  w.host.wanted = [](std::string_view symbol) { return symbol == "SYM2"; };
  auto messages = opening(2);
  messages.push_back(add(1, 1, 'B', 1, 1));
  messages.push_back(add(2, 2, 'S', 1, 1));
  messages.push_back(trading_action(1, 'T'));
  messages.push_back(trading_action(2, 'T'));
  w.a(mold(session_a, 1, messages));
  EXPECT_EQ(w.counted("messages.A"), 2u);
  EXPECT_EQ(w.counted("unknown_locate"), 0u);
  for (const auto& e : w.host.events) EXPECT_NE(e.instrument, 1u);
}

TEST(Session, StopsAtOnceWhenTheHostStops) {
  world w;
  open(w);
  w.host.emit_answer = TP_E_STOPPING;
  w.a(mold(session_a, 4, {order(4)}));
  const auto emitted = w.host.events.size();
  w.a(mold(session_a, 5, {order(5)}));
  EXPECT_EQ(w.host.events.size(), emitted);
}

// A record that comes alone takes a way of its own: it must lead to the same as one among others, call by call.
TEST(Session, DecodesRecordsOfAFileAloneAsItDoesTogether) {
  std::vector<bytes> day = opening(2);
  day.push_back(order(1));
  day.push_back(add_attributed(2, 2, 'S', 100, 10'100));
  day.push_back(add(9, 3, 'B', 1, 1));   // of a stock that the directory does not have
  day.push_back(add(2, 4, 'X', 100, 1)); // of no side
  day.push_back(order(5));
  day.push_back(bytes{'D', 0, 1});       // too short
  day.push_back(bytes{'?', 0, 1, 2, 3}); // unknown
  day.push_back(executed(1, 1, 40, 7));
  day.push_back(executed(1, 5, 100, 8));
  day.push_back(trading_action(1, 'H'));
  day.push_back(order(6));
  world alone{{"lines.file", "file:///tmp/day.itch"}}, together{{"lines.file", "file:///tmp/day.itch"}};
  uint64_t messages = 0;
  for (const auto& each : day) {
    alone.packet(line_set::file, each);
    ++messages;
    uint64_t counted = alone.counted("unknown");
    for (const auto& name : venue_session::counters())
      if (sdk::view(name).starts_with("messages.")) counted += alone.counted(sdk::view(name));
    EXPECT_EQ(counted, messages);
  }
  std::vector<bytes> padded = day;
  std::vector<tp_unit> units;
  for (auto& each : padded) {
    const auto size = static_cast<uint32_t>(each.size());
    each.resize(each.size() + TP_PADDING, 0x42);
    units.push_back({each.data(), size, line_set::file, together.host.now_ns, TP_UNIT_BINARY, 0});
  }
  EXPECT_EQ(together.venue->on_units(units), TP_OK);
  ASSERT_EQ(alone.host.events.size(), together.host.events.size());
  for (size_t i = 0; i < alone.host.events.size(); ++i)
    EXPECT_EQ(std::memcmp(&alone.host.events[i], &together.host.events[i], sizeof(tp_event)), 0) << i;
  EXPECT_EQ(alone.host.counts, together.host.counts);
  EXPECT_EQ(alone.states(2), together.states(2));
  EXPECT_THAT(alone.states(2), Contains(TP_STREAM_LOST));
}

TEST(Session, TakesNoRecordThatComesAloneOnceTheHostIsStopping) {
  world w{{"lines.file", "file:///tmp/day.itch"}};
  for (const auto& m : opening(1)) w.packet(line_set::file, m);
  w.packet(line_set::file, order(1));
  w.host.emit_answer = TP_E_STOPPING;
  w.packet(line_set::file, order(2));
  const auto events = w.host.events.size();
  w.packet(line_set::file, order(3));
  EXPECT_EQ(w.host.events.size(), events);
  EXPECT_EQ(w.counted("messages.A"), 2u);
}

TEST(File, CountsRecordsFromOneAndEndsAtAnEmptyOne) {
  world w{{"lines.file", "file:///tmp/day.itch"}};
  for (const auto& m : opening(1)) w.packet(line_set::file, m);
  w.packet(line_set::file, order(1));
  w.packet(line_set::file, bytes{});
  EXPECT_THAT(w.sequences(), ElementsAre(1, 1, 2, 3, 4));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LIVE, TP_STREAM_DIRECTORY, TP_STREAM_CLOSED));
  EXPECT_EQ(w.venue->resynchronise(0, TP_ALL, 0), TP_E_UNSUPPORTED);
}

TEST(File, CutsRecordsWithZeroPrefixesInChunksOfAnySize) {
  bytes file;
  auto messages = opening(1);
  messages.push_back(order(1));
  for (const auto& m : messages) {
    file.insert(file.end(), 2, 0);
    file.insert(file.end(), m.begin(), m.end());
  }
  for (size_t chunk = 1; chunk <= file.size(); ++chunk) {
    world w{{"lines.file", "file:///tmp/day.itch"}, {"file_lengths", "zero"}};
    EXPECT_EQ(w.host.lines[0].cut, TP_CUT_NONE);
    for (size_t at = 0; at < file.size(); at += chunk)
      w.packet(line_set::file, bytes(file.begin() + static_cast<long>(at),
                                     file.begin() + static_cast<long>(std::min(file.size(), at + chunk))));
    w.venue->on_line(line_set::file, TP_LINE_FILE_END, "", w.host.now_ns);
    ASSERT_THAT(w.sequences(), ElementsAre(1, 1, 2, 3, 4)) << chunk;
    ASSERT_EQ(w.host.streams.back().state, TP_STREAM_CLOSED);
  }
}

TEST(File, SaysWhereAFileWithZeroPrefixesCannotBeCut) {
  world w{{"lines.file", "file:///tmp/day.itch"}, {"file_lengths", "zero"}};
  w.packet(line_set::file, bytes{0, 0, 'z', 0, 0});
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_LOST);
  EXPECT_THAT(w.host.streams.back().reason, HasSubstr("message 1 "));
  w.packet(line_set::file, bytes(1'000, 0));
  EXPECT_EQ(w.counted("malformed"), 1u);
}

} // namespace
} // namespace tickplant::nasdaq::testing
