// SoupBinTCP as a live carrier: alone, and as a third source beside the Mold lines (notes, section 4.4).
#include "feed_builder.hpp"

namespace tickplant::nasdaq::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr uint32_t soup_number = line_set::soup;

std::vector<bytes> history(size_t orders) {
  auto all = opening(3);
  for (size_t i = 0; i < orders; ++i) all.push_back(add(static_cast<uint16_t>(i % 3 + 1), i + 1, 'B', 100, 10'000));
  return all;
}
std::vector<bytes> part(const std::vector<bytes>& all, uint64_t from, uint64_t to) {
  return {all.begin() + static_cast<long>(from - 1), all.begin() + static_cast<long>(to)};
}
std::vector<uint64_t> adds(const world& w) {
  std::vector<uint64_t> numbers;
  for (const auto& e : w.host.events)
    if (e.kind == TP_EV_ADD) numbers.push_back(e.sequence);
  return numbers;
}
std::string login(const std::string& session, uint64_t sequence) {
  const std::string number = std::to_string(sequence);
  return std::string("\0\x2FL", 3) + "USER  " + "PASSWORD  " + session + std::string(10 - session.size(), ' ') +
         std::string(20 - number.size(), ' ') + number;
}

struct SoupAlone : ::testing::Test {
  world w{{"lines.soup.0", "tcp://primary:1"},
          {"lines.soup.1", "tcp://backup:2"},
          {"soup_username", "USER"},
          {"soup_password", "PASSWORD"}};
  std::vector<bytes> all = history(60);

  void open(uint64_t upto) {
    w.connect(soup_number);
    w.stream(soup_number, soup_accepted(session_a, 1));
    w.stream(soup_number, soup_data(part(all, 1, upto)));
  }
};

TEST_F(SoupAlone, LogsInForTheWholeSessionAndIsLiveFromItsFirstMessage) {
  ASSERT_EQ(w.host.lines.size(), 1u);
  EXPECT_EQ(w.host.lines[0].name, "soup");
  EXPECT_EQ(w.host.lines[0].address, "tcp://primary:1");
  EXPECT_EQ(w.host.lines[0].kind, TP_LINE_TCP);
  EXPECT_EQ(w.host.lines[0].role, TP_ROLE_LIVE);
  open(10);
  EXPECT_EQ(w.host.sent.at(0).text(), login("", 1));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LIVE, TP_STREAM_DIRECTORY));
  EXPECT_EQ(w.host.streams[0].from, 1u);
  EXPECT_THAT(adds(w), ElementsAre(6, 7, 8, 9, 10));
  EXPECT_EQ(w.counted("messages.A"), 5u);
  EXPECT_EQ(w.counted("soup.logins"), 1u);
  EXPECT_GT(w.counted("line.soup.won"), 0u);
}

TEST_F(SoupAlone, TakesBytesInAnyPieces) {
  w.connect(soup_number);
  const bytes flow = joined({soup('+', {'x'}), soup_accepted(session_a, 1), soup_data(part(all, 1, 20)), soup('H'),
                             soup('U', {1, 2}), soup('?', {3}), soup_data(part(all, 21, 40))});
  for (size_t at = 0; at < flow.size(); at += 7)
    w.stream(soup_number,
             {flow.begin() + static_cast<long>(at), flow.begin() + static_cast<long>(std::min(at + 7, flow.size()))});
  ASSERT_EQ(adds(w).size(), 35u);
  EXPECT_EQ(adds(w).back(), 40u);
  EXPECT_EQ(w.counted("malformed"), 0u);
}

TEST_F(SoupAlone, SaysSomethingEverySecondAndHearsTheServer) {
  open(10);
  w.host.sent.clear();
  for (int i = 0; i < 40; ++i) {
    w.pass(second);
    w.stream(soup_number, soup('H'));
  }
  EXPECT_EQ(w.host.sent.size(), 40u);
  for (const auto& sent : w.host.sent) EXPECT_EQ(sent.text(), std::string("\0\1R", 3));
  EXPECT_THAT(w.states(), ::testing::Not(Contains(TP_STREAM_SILENT)));
  EXPECT_THAT(w.host.closed_lines, IsEmpty());
}

TEST_F(SoupAlone, GivesASilentServerUpAndGoesOnAtTheBackupWithTheNextNumber) {
  open(10);
  w.pass(20 * second);
  EXPECT_THAT(w.host.closed_lines, ElementsAre(soup_number));
  EXPECT_THAT(w.states(), Contains(TP_STREAM_SILENT));
  ASSERT_EQ(w.opened(soup_number), 2u);
  EXPECT_EQ(w.host.lines.back().address, "tcp://backup:2");
  w.host.sent.clear();
  w.connect(soup_number);
  EXPECT_EQ(w.host.sent.at(0).text(), login(session_a, 11));
  w.stream(soup_number, joined({soup_accepted(session_a, 11), soup_data(part(all, 11, 15))}));
  EXPECT_EQ(adds(w).size(), 10u);
  EXPECT_EQ(adds(w).back(), 15u);
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
  EXPECT_EQ(w.counted("duplicates"), 0u);
}

TEST_F(SoupAlone, CutInTheMidstOfAMessageLosesNothing) {
  open(10);
  auto eleven = soup_data(part(all, 11, 11));
  eleven.resize(eleven.size() / 2);
  w.stream(soup_number, eleven);
  w.disconnect(soup_number);
  w.pass(2 * second);
  w.connect(soup_number);
  EXPECT_EQ(w.last_sent(soup_number), login(session_a, 11));
  w.stream(soup_number, joined({soup_accepted(session_a, 11), soup_data(part(all, 11, 60))}));
  EXPECT_EQ(adds(w).size(), 55u);
  EXPECT_EQ(w.counted("gaps.seen"), 0u);
}

TEST_F(SoupAlone, ComesBackWithGrowingPauses) {
  std::vector<uint64_t> pauses;
  for (int i = 0; i < 14; ++i) {
    w.host.now_ns += second;
    w.disconnect(soup_number);
    const uint64_t from = w.host.now_ns;
    const auto before = w.opened(soup_number);
    while (w.opened(soup_number) == before) {
      const auto id = w.host.pop_timer(UINT64_MAX);
      ASSERT_TRUE(id);
      w.venue->on_timer(*id, w.host.now_ns);
    }
    pauses.push_back(w.host.now_ns - from);
  }
  for (const uint64_t pause : pauses) EXPECT_LE(pause, 40 * second);
  EXPECT_LE(pauses.front(), 2 * second);
  EXPECT_GE(pauses.back(), 24 * second);
}

TEST_F(SoupAlone, ARefusedLoginIsToldAndTriedRarely) {
  w.connect(soup_number);
  w.stream(soup_number, soup('J', {'A'}));
  EXPECT_EQ(w.counted("soup.refused"), 1u);
  EXPECT_THAT(w.host.closed_lines, ElementsAre(soup_number));
  ASSERT_FALSE(w.host.logs.empty());
  EXPECT_EQ(w.host.logs.back().first, TP_LOG_ERROR);
  EXPECT_THAT(w.host.logs.back().second, HasSubstr("not authorised"));
  w.pass(22 * second);
  EXPECT_EQ(w.opened(soup_number), 1u);
  w.pass(16 * second);
  EXPECT_EQ(w.opened(soup_number), 2u);
}

TEST_F(SoupAlone, ASessionThatTheServerForgotGivesWayToTheCurrentOne) {
  open(10);
  w.disconnect(soup_number);
  w.pass(2 * second);
  w.connect(soup_number);
  w.stream(soup_number, soup('J', {'S'}));
  w.pass(10 * second);
  w.connect(soup_number);
  EXPECT_EQ(w.last_sent(soup_number), login("", 1));
  w.host.events.clear();
  w.stream(soup_number, joined({soup_accepted(session_b, 1), soup_data(part(all, 1, 12))}));
  EXPECT_THAT(w.states(), Contains(TP_STREAM_RESTARTED));
  EXPECT_EQ(w.host.events.front().kind, TP_EV_CLEAR);
  EXPECT_EQ(adds(w).size(), 7u);
  EXPECT_EQ(w.states().back(), TP_STREAM_DIRECTORY);
}

TEST_F(SoupAlone, ClosesAtTheEndOfSessionAndWaitsForTheNextOne) {
  open(20);
  w.stream(soup_number, soup('Z'));
  EXPECT_EQ(w.states().back(), TP_STREAM_CLOSED);
  w.pass(3 * second);
  w.connect(soup_number);
  EXPECT_EQ(w.last_sent(soup_number), login("", 1));
  w.stream(soup_number, soup_accepted(session_a, 1)); // still the old one
  EXPECT_EQ(w.states().back(), TP_STREAM_CLOSED);
  EXPECT_EQ(w.counted("duplicates"), 0u);
  w.pass(10 * second);
  w.connect(soup_number);
  w.stream(soup_number, joined({soup_accepted(session_b, 1), soup_data(part(all, 1, 6))}));
  EXPECT_THAT(w.states(), Contains(TP_STREAM_RESTARTED));
  EXPECT_EQ(adds(w).back(), 6u);
}

TEST_F(SoupAlone, ANumberBeyondTheNextIsAGapThatNobodyFills) {
  open(10);
  w.disconnect(soup_number);
  w.pass(2 * second);
  w.connect(soup_number);
  w.stream(soup_number, joined({soup_accepted(session_a, 15), soup_data(part(all, 15, 20))}));
  w.pass(10 * ms);
  EXPECT_EQ(w.counted("gaps.seen"), 1u);
  EXPECT_THAT(w.states(), Contains(TP_STREAM_LOST));
  EXPECT_EQ(adds(w).back(), 20u);
}

TEST_F(SoupAlone, NonsenseEndsTheConnectionAndIsCounted) {
  open(10);
  w.stream(soup_number, {0, 0, 'S'});
  EXPECT_EQ(w.counted("malformed"), 1u);
  EXPECT_THAT(w.host.closed_lines, ElementsAre(soup_number));
  w.pass(2 * second);
  w.connect(soup_number);
  w.stream(soup_number, soup_data(part(all, 11, 11))); // before the answer to the login
  EXPECT_EQ(w.counted("malformed"), 2u);
  w.pass(4 * second);
  w.connect(soup_number);
  w.stream(soup_number, soup('A', bytes(30, ' ')));
  EXPECT_EQ(w.counted("malformed"), 3u);
  EXPECT_EQ(adds(w).back(), 10u);
}

TEST_F(SoupAlone, ALoginThatNobodyAnswersIsGivenUp) {
  w.connect(soup_number);
  w.pass(12 * second);
  EXPECT_THAT(w.host.closed_lines, ElementsAre(soup_number));
  EXPECT_EQ(w.opened(soup_number), 2u);
}

TEST_F(SoupAlone, ALostBookIsToldAgainByANewLogin) {
  open(30);
  w.host.events.clear();
  EXPECT_EQ(w.venue->resynchronise(0, 2, w.host.now_ns), TP_E_UNSUPPORTED);
  EXPECT_EQ(w.venue->resynchronise(0, TP_ALL, w.host.now_ns), TP_OK);
  EXPECT_EQ(w.host.events.at(0).kind, TP_EV_SNAPSHOT_BEGIN);
  EXPECT_EQ(w.host.events.at(0).detail, TP_SNAPSHOT_HISTORY);
  w.pass(2 * second);
  w.connect(soup_number);
  EXPECT_EQ(w.last_sent(soup_number), login(session_a, 1));
  w.stream(soup_number, joined({soup_accepted(session_a, 1), soup_data(part(all, 1, 40))}));
  ASSERT_EQ(adds(w).size(), 35u);
  EXPECT_EQ(w.host.events.back().kind, TP_EV_SNAPSHOT_END);
  EXPECT_GE(w.host.events.back().sequence, 30u);
  EXPECT_THAT(w.host.retired, IsEmpty());
  EXPECT_EQ(w.counted("messages.A"), 25u + 10u) << "what was told before counts once";
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
}

struct SoupBesideMold : ::testing::Test {
  world w{{"lines.a", "udp://239.1.1.1:26400"}, {"lines.b", "udp://239.1.1.2:26400"}, {"lines.soup", "tcp://soup:1"}};
  std::vector<bytes> all = history(60);
};

TEST_F(SoupBesideMold, FillsWhatBothLinesLostWithoutARequest) {
  w.a(mold(session_a, 1, part(all, 1, 10)));
  w.connect(soup_number);
  w.stream(soup_number, soup_accepted(session_a, 1));
  w.a(mold(session_a, 14, part(all, 14, 16)));
  w.pass(20 * ms); // 11 to 13 are missing on both lines, and the connection lags
  EXPECT_EQ(w.counted("gaps.seen"), 1u);
  EXPECT_EQ(w.states().back(), TP_STREAM_GAP);
  w.stream(soup_number, soup_data(part(all, 1, 16)));
  EXPECT_EQ(adds(w).size(), 11u);
  EXPECT_EQ(adds(w).back(), 16u);
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
  EXPECT_EQ(w.counted("gaps.filled"), 1u);
}

TEST_F(SoupBesideMold, IsWaitedForWhileItComesBackButNotForEver) {
  w.a(mold(session_a, 1, part(all, 1, 10)));
  w.connect(soup_number);
  w.stream(soup_number, joined({soup_accepted(session_a, 1), soup_data(part(all, 1, 10))}));
  w.disconnect(soup_number);
  w.a(mold(session_a, 14, part(all, 14, 16)));
  w.pass(2 * second);
  EXPECT_EQ(w.states().back(), TP_STREAM_GAP);
  w.connect(soup_number);
  w.stream(soup_number, joined({soup_accepted(session_a, 11), soup_data(part(all, 11, 13))}));
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
  w.disconnect(soup_number);
  w.a(mold(session_a, 20, part(all, 20, 22)));
  w.a(heartbeat(session_a, 23));
  w.pass(6 * second);
  EXPECT_THAT(w.states(), Contains(TP_STREAM_LOST));
  EXPECT_EQ(adds(w).back(), 22u);
}

TEST_F(SoupBesideMold, BringsTheHistoryAfterALateStart) {
  w.a(mold(session_a, 30, part(all, 30, 34)));
  w.connect(soup_number);
  w.stream(soup_number, soup_accepted(session_a, 1));
  w.pass(10 * ms);
  for (uint64_t n = 1; n <= 29; n += 4) w.stream(soup_number, soup_data(part(all, n, std::min<uint64_t>(n + 3, 36))));
  ASSERT_EQ(adds(w).size(), 29u);
  for (size_t i = 0; i < 29; ++i) EXPECT_EQ(adds(w)[i], i + 6);
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
  EXPECT_EQ(w.counted("gaps.seen"), 0u);
}

TEST_F(SoupBesideMold, AnotherSessionOfItsServerIsNotBelievedWhileTheLinesSpeak) {
  w.a(mold(session_a, 1, part(all, 1, 10)));
  w.connect(soup_number);
  w.stream(soup_number, joined({soup_accepted(session_b, 1), soup_data(part(all, 1, 3))}));
  EXPECT_EQ(w.counted("foreign"), 1u);
  EXPECT_THAT(w.host.closed_lines, ElementsAre(soup_number));
  EXPECT_THAT(w.states(), ::testing::Not(Contains(TP_STREAM_RESTARTED)));
  w.a(mold(session_a, 11, part(all, 11, 12)));
  EXPECT_EQ(adds(w).back(), 12u);
}

TEST_F(SoupBesideMold, IsGivenUpWhenTheLinesChangeTheSession) {
  w.connect(soup_number);
  w.stream(soup_number, joined({soup_accepted(session_a, 1), soup_data(part(all, 1, 10))}));
  w.a(mold(session_b, 1, part(all, 1, 2)));
  w.a(mold(session_b, 3, part(all, 3, 7)));
  EXPECT_THAT(w.host.closed_lines, ElementsAre(soup_number));
  w.host.events.clear();
  w.stream(soup_number, soup_data(part(all, 11, 12))); // still on its way
  EXPECT_THAT(w.host.events, IsEmpty());
}

} // namespace
} // namespace tickplant::nasdaq::testing
