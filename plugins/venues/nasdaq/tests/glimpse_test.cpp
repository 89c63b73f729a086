// GLIMPSE pictures: after a late start, after an unfillable gap, for single books; their proof, their failures (notes,
// section 5; the rules of the ABI for snapshots).
#include "feed_builder.hpp"

namespace tickplant::nasdaq::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr uint32_t glimpse_number = line_set::glimpse;

std::vector<bytes> part(const std::vector<bytes>& all, uint64_t from, uint64_t to) {
  return {all.begin() + static_cast<long>(from - 1), all.begin() + static_cast<long>(to)};
}

/// A session of three stocks: message n > 8 adds order n.
std::vector<bytes> session(size_t messages) {
  auto all = opening(3);
  for (uint16_t i = 1; i <= 3; ++i) all.push_back(trading_action(i, 'T'));
  while (all.size() < messages) {
    const uint64_t n = all.size() + 1;
    all.push_back(add(static_cast<uint16_t>(n % 3 + 1), n, 'B', 100, 10'000));
  }
  return all;
}

/// The snapshot of that session before message `next`.
bytes snapshot(const std::vector<bytes>& all, uint64_t next) {
  std::vector<bytes> messages;
  for (uint16_t i = 1; i <= 3; ++i) messages.push_back(directory(i, "SYM" + std::to_string(i)));
  for (uint16_t i = 1; i <= 3; ++i) messages.push_back(trading_action(i, 'T'));
  for (uint64_t n = 9; n < std::min<uint64_t>(next, all.size()); ++n) messages.push_back(all[n - 1]);
  messages.push_back(end_of_snapshot(next));
  return soup_data(messages);
}

struct Glimpse : ::testing::Test {
  std::unique_ptr<world> w;
  std::vector<bytes> all = session(120);

  void make(std::initializer_list<std::pair<std::string, std::string>> more = {}) {
    std::vector<std::pair<std::string, std::string>> settings{
      {"lines.a", "udp://239.1.1.1:26400"}, {"lines.b", "udp://239.1.1.2:26400"}, {"lines.glimpse", "tcp://glimpse:1"}};
    settings.insert(settings.end(), more.begin(), more.end());
    w = std::make_unique<world>(settings);
  }
  void a(uint64_t from, uint64_t to) { w->a(mold(session_a, from, part(all, from, to))); }
  void serve(uint64_t next) {
    w->connect(glimpse_number);
    w->stream(glimpse_number, joined({soup_accepted("GLIMPSE", 1), snapshot(all, next)}));
  }
  std::vector<tp_event> of_kind(uint8_t kind) const {
    std::vector<tp_event> found;
    for (const auto& e : w->host.events)
      if (e.kind == kind) found.push_back(e);
    return found;
  }
  /// The orders that a host would have: those of the last picture, and live ones behind it.
  std::vector<uint64_t> orders(uint32_t instrument) const {
    std::vector<uint64_t> picture, book;
    std::vector<std::pair<uint64_t, uint64_t>> live; // number, order
    for (const auto& e : w->host.events) {
      if (e.instrument != instrument && e.instrument != TP_ALL) continue;
      if (e.kind == TP_EV_SNAPSHOT_BEGIN) {
        picture.clear();
      } else if (e.kind == TP_EV_SNAPSHOT_END) {
        book = picture;
        for (const auto& [n, order] : live)
          if (n > e.sequence) book.push_back(order);
      } else if (e.kind == TP_EV_ADD && (e.flags & TP_SNAPSHOT)) {
        picture.push_back(e.order);
      } else if (e.kind == TP_EV_ADD) {
        live.emplace_back(e.sequence, e.order);
        book.push_back(e.order);
      }
    }
    return book;
  }
  /// Every order of the session from message `from` up to `last`, of an instrument.
  static std::vector<uint64_t> expected(uint32_t instrument, uint64_t last, uint64_t from = 9) {
    std::vector<uint64_t> list;
    for (uint64_t n = from; n <= last; ++n)
      if (n % 3 + 1 == instrument) list.push_back(n);
    return list;
  }
  void expect_whole(uint64_t last) const {
    for (uint32_t i = 1; i <= 3; ++i) EXPECT_EQ(orders(i), expected(i, last)) << "instrument " << i;
  }
};

TEST_F(Glimpse, TakesThePlaceOfThePastAfterALateStart) {
  make();
  a(40, 44);
  EXPECT_EQ(w->opened(glimpse_number), 0u) << "the other line may bring the beginning";
  w->pass(5 * ms);
  ASSERT_EQ(w->opened(glimpse_number), 1u);
  EXPECT_EQ(w->host.lines.back().kind, TP_LINE_TCP);
  EXPECT_EQ(w->host.lines.back().role, TP_ROLE_SNAPSHOT);
  EXPECT_THAT(w->states(), ElementsAre(TP_STREAM_LOST));
  EXPECT_THAT(w->host.streams[0].reason, HasSubstr("GLIMPSE"));
  a(45, 50);
  serve(43);
  EXPECT_EQ(w->last_sent(glimpse_number).substr(0, 3), std::string("\0\1O", 3)) << "it logs out";
  EXPECT_THAT(w->host.closed_lines, ElementsAre(glimpse_number));
  const auto end = of_kind(TP_EV_SNAPSHOT_END);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].sequence, 42u) << "message G is the first one behind the picture";
  EXPECT_EQ(end[0].instrument, TP_ALL);
  EXPECT_EQ(of_kind(TP_EV_SNAPSHOT_BEGIN).at(0).detail, TP_SNAPSHOT_PICTURE);
  a(51, 60);
  expect_whole(60);
  EXPECT_EQ(w->states().back(), TP_STREAM_LIVE);
  EXPECT_THAT(w->states(), Contains(TP_STREAM_DIRECTORY));
  EXPECT_EQ(w->counted("unknown_locate"), 0u);
  EXPECT_EQ(w->counted("glimpse.pictures"), 1u);
  EXPECT_EQ(w->counted("messages.A"), 21u) << "live ones alone";
}

TEST_F(Glimpse, LogsInWithABlankSessionFromMessageOne) {
  make({{"glimpse_username", "GUSER"}, {"glimpse_password", "GPASS"}});
  a(40, 44);
  w->pass(5 * ms);
  w->connect(glimpse_number);
  EXPECT_EQ(w->last_sent(glimpse_number),
            std::string("\0\x2FL", 3) + "GUSER GPASS     " + std::string(10, ' ') + std::string(19, ' ') + "1");
}

TEST_F(Glimpse, LiveMessagesThatComeBeforeTheDirectoryAreNotLost) {
  make();
  a(40, 44);
  w->pass(5 * ms);
  w->connect(glimpse_number);
  const auto picture = joined({soup_accepted("GLIMPSE", 1), snapshot(all, 43)});
  uint64_t next = 45;
  for (size_t at = 0; at < picture.size(); at += 100) { // a slow server, and a flow that never pauses
    w->stream(glimpse_number, {picture.begin() + static_cast<long>(at),
                               picture.begin() + static_cast<long>(std::min(at + 100, picture.size()))});
    a(next, next);
    ++next;
  }
  expect_whole(next - 1);
  EXPECT_EQ(w->counted("unknown_locate"), 0u);
}

TEST_F(Glimpse, AHeartbeatIsEnoughToJoinAnIdleMarket) {
  make();
  w->a(heartbeat(session_a, 40));
  w->pass(5 * ms);
  serve(40);
  a(40, 45);
  expect_whole(45);
  EXPECT_EQ(of_kind(TP_EV_SNAPSHOT_END).at(0).sequence, 39u);
  EXPECT_EQ(w->states().back(), TP_STREAM_LIVE);
}

TEST_F(Glimpse, HealsAGapThatNobodyFills) {
  make();
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  EXPECT_THAT(w->states(), Contains(TP_STREAM_LOST));
  ASSERT_EQ(w->opened(glimpse_number), 1u);
  a(41, 45);
  serve(38);
  a(46, 50);
  expect_whole(50);
  EXPECT_EQ(w->states().back(), TP_STREAM_LIVE);
}

TEST_F(Glimpse, AnotherLossWhileItComesNeedsNoSecondPictureIfThatIsOfBehindIt) {
  make();
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  w->connect(glimpse_number);
  w->stream(glimpse_number, joined({soup_accepted("GLIMPSE", 1), soup_data({directory(1, "SYM1")})}));
  a(44, 50);
  w->pass(10 * ms);
  EXPECT_EQ(std::ranges::count(w->states(), TP_STREAM_LOST), 1) << "a second word would end the snapshot";
  w->stream(glimpse_number, snapshot(all, 46));
  a(51, 55);
  expect_whole(55);
  EXPECT_EQ(w->opened(glimpse_number), 1u);
}

TEST_F(Glimpse, ALossWhileSingleBooksAreMadeNewTurnsItIntoOneOfEverything) {
  make();
  a(1, 30);
  EXPECT_EQ(w->venue->resynchronise(0, 2, w->host.now_ns), TP_OK);
  w->connect(glimpse_number);
  w->stream(glimpse_number, soup_accepted("GLIMPSE", 1));
  a(34, 40);
  w->pass(10 * ms);
  EXPECT_THAT(w->states(), Contains(TP_STREAM_LOST));
  w->pass(3 * second);
  ASSERT_EQ(w->opened(glimpse_number), 2u);
  serve(38);
  EXPECT_EQ(of_kind(TP_EV_SNAPSHOT_END).at(0).instrument, TP_ALL);
  expect_whole(40);
}

TEST_F(Glimpse, AStalePictureIsThrownAwayAndAskedForAgain) {
  make();
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  serve(33); // of before the loss: 33 itself is missing
  EXPECT_THAT(of_kind(TP_EV_SNAPSHOT_END), IsEmpty());
  EXPECT_EQ(w->counted("glimpse.stale"), 1u);
  EXPECT_THAT(w->host.logs.back().second, HasSubstr("whole from 34 on only"));
  EXPECT_EQ(std::ranges::count(w->states(), TP_STREAM_LOST), 1) << "what the host holds is still good";
  w->pass(3 * second);
  ASSERT_EQ(w->opened(glimpse_number), 2u);
  serve(34);
  expect_whole(40);
}

TEST_F(Glimpse, APictureOfTheFutureWaitsForTheLiveFlowToReachIt) {
  make();
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  serve(44);
  EXPECT_THAT(of_kind(TP_EV_SNAPSHOT_END), IsEmpty());
  a(41, 42);
  EXPECT_THAT(of_kind(TP_EV_SNAPSHOT_END), IsEmpty());
  a(43, 46);
  ASSERT_EQ(of_kind(TP_EV_SNAPSHOT_END).size(), 1u);
  EXPECT_EQ(of_kind(TP_EV_SNAPSHOT_END)[0].sequence, 43u);
  expect_whole(46);
}

TEST_F(Glimpse, APictureThatTheFlowNeverReachesIsGivenUp) {
  make();
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  serve(4'000'000);
  w->pass(11 * second);
  EXPECT_EQ(w->counted("glimpse.stale"), 1u);
  EXPECT_THAT(of_kind(TP_EV_SNAPSHOT_END), IsEmpty());
  w->pass(5 * second);
  serve(41);
  expect_whole(40);
}

TEST_F(Glimpse, AConnectionThatIsCutLeavesNoHalfPicture) {
  make();
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  w->connect(glimpse_number);
  auto half = joined({soup_accepted("GLIMPSE", 1), snapshot(all, 41)});
  half.resize(half.size() / 2);
  w->stream(glimpse_number, half);
  w->disconnect(glimpse_number);
  EXPECT_THAT(of_kind(TP_EV_SNAPSHOT_END), IsEmpty());
  EXPECT_EQ(w->states().back(), TP_STREAM_LOST);
  EXPECT_EQ(w->counted("glimpse.failed"), 1u);
  w->pass(2 * second);
  serve(41);
  expect_whole(40);
}

TEST_F(Glimpse, ManyFailuresAreToldWithTheirReason) {
  make({{"glimpse_attempts", "2"}});
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  for (int i = 0; i < 2; ++i) {
    w->connect(glimpse_number);
    w->disconnect(glimpse_number);
    w->pass(5 * second);
  }
  const auto lost =
    std::ranges::find_if(w->host.streams, [](const auto& s) { return s.reason.starts_with("GLIMPSE"); });
  ASSERT_NE(lost, w->host.streams.end());
  EXPECT_THAT(lost->reason, HasSubstr("2 attempts failed"));
  w->a(heartbeat(session_a, 41));
  serve(41);
  expect_whole(40);
}

TEST_F(Glimpse, ABookLostWhileAPictureComesGetsTheNextOne) {
  make();
  a(1, 30);
  EXPECT_EQ(w->venue->resynchronise(0, 2, w->host.now_ns), TP_OK);
  w->connect(glimpse_number);
  w->stream(glimpse_number, soup_accepted("GLIMPSE", 1));
  EXPECT_EQ(w->venue->resynchronise(0, 2, w->host.now_ns), TP_OK);
  w->stream(glimpse_number, snapshot(all, 31));
  w->pass(2 * second);
  EXPECT_EQ(w->opened(glimpse_number), 2u);
}

TEST_F(Glimpse, ARefusedLoginIsTriedAgainLater) {
  make();
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  w->connect(glimpse_number);
  w->stream(glimpse_number, soup('J', {'A'}));
  EXPECT_EQ(w->counted("soup.refused"), 1u);
  w->pass(22 * second);
  EXPECT_EQ(w->opened(glimpse_number), 1u);
  w->pass(16 * second);
  ASSERT_EQ(w->opened(glimpse_number), 2u);
  w->a(heartbeat(session_a, 41));
  serve(41);
  expect_whole(40);
}

TEST_F(Glimpse, ASnapshotThatDoesNotBeginAtItsBeginningIsNoPicture) {
  make();
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  w->connect(glimpse_number);
  w->stream(glimpse_number, joined({soup_accepted("GLIMPSE", 5), snapshot(all, 41)}));
  EXPECT_THAT(of_kind(TP_EV_SNAPSHOT_BEGIN), IsEmpty());
  EXPECT_EQ(w->counted("glimpse.failed"), 1u);
}

TEST_F(Glimpse, EndsWithNonsenseAreRefused) {
  for (const auto& end : {joined({{'G'}, bytes(20, ' ')}), joined({{'G'}, padded("0", 20)}), bytes{'G', '4', '1'}}) {
    make();
    a(1, 30);
    a(34, 40);
    w->pass(10 * ms);
    w->connect(glimpse_number);
    w->stream(glimpse_number, joined({soup_accepted("GLIMPSE", 1), soup_data({end})}));
    EXPECT_THAT(of_kind(TP_EV_SNAPSHOT_END), IsEmpty());
    EXPECT_EQ(w->counted("glimpse.failed"), 1u);
  }
}

TEST_F(Glimpse, OneBookIsMadeNewWithoutTouchingTheOthers) {
  make();
  a(1, 30);
  w->host.events.clear();
  w->host.streams.clear();
  EXPECT_EQ(w->venue->resynchronise(0, 2, w->host.now_ns), TP_OK);
  EXPECT_EQ(w->venue->resynchronise(0, 2, w->host.now_ns), TP_OK);
  a(31, 35);
  serve(33);
  a(36, 40);
  EXPECT_EQ(w->opened(glimpse_number), 1u);
  for (const auto& e : w->host.events)
    if (e.flags & TP_SNAPSHOT) {
      EXPECT_EQ(e.instrument, 2u);
    }
  EXPECT_EQ(orders(2), expected(2, 40));
  EXPECT_EQ(orders(1), expected(1, 40, 31));
  EXPECT_THAT(w->host.streams, IsEmpty());
}

TEST_F(Glimpse, SeveralBooksShareAPictureAndLaterOnesTheNext) {
  make();
  a(1, 30);
  w->host.events.clear();
  EXPECT_EQ(w->venue->resynchronise(0, 1, w->host.now_ns), TP_OK);
  EXPECT_EQ(w->venue->resynchronise(0, 2, w->host.now_ns), TP_OK);
  w->connect(glimpse_number);
  w->stream(glimpse_number, soup_accepted("GLIMPSE", 1));
  EXPECT_EQ(w->venue->resynchronise(0, 3, w->host.now_ns), TP_OK); // too late for this one
  w->stream(glimpse_number, snapshot(all, 31));
  EXPECT_EQ(of_kind(TP_EV_SNAPSHOT_END).size(), 2u);
  w->pass(2 * second);
  ASSERT_EQ(w->opened(glimpse_number), 2u);
  serve(31);
  EXPECT_EQ(of_kind(TP_EV_SNAPSHOT_END).size(), 3u);
  for (uint32_t i = 1; i <= 3; ++i) EXPECT_EQ(orders(i), expected(i, 30)) << i;
}

TEST_F(Glimpse, EverythingIsMadeNewOnRequest) {
  make();
  a(1, 30);
  EXPECT_EQ(w->venue->resynchronise(0, TP_ALL, w->host.now_ns), TP_OK);
  serve(31);
  a(31, 35);
  expect_whole(35);
}

TEST_F(Glimpse, HaltsAreThoseOfThePictureUnlessTheFlowKnowsBetter) {
  make();
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  // The loss hid halts of 1 and 2; 2 trades again since, 3 was halted by the venue alone.
  w->a(mold(session_a, 41, {trading_action(2, 'T'), itch('h', 3).text("X", 8).text("Q", 1).text("H", 1)}));
  w->connect(glimpse_number);
  std::vector<bytes> messages;
  for (uint16_t i = 1; i <= 3; ++i) messages.push_back(directory(i, "SYM" + std::to_string(i)));
  messages.push_back(trading_action(1, 'H', "T1"));
  messages.push_back(trading_action(2, 'P', "LUDP"));
  messages.push_back(trading_action(3, 'T'));
  messages.push_back(end_of_snapshot(41));
  w->stream(glimpse_number, joined({soup_accepted("GLIMPSE", 1), soup_data(messages)}));
  w->a(mold(session_a, 43, {itch('h', 1).text("X", 8).text("Q", 1).text("T", 1)}));
  std::map<uint32_t, tp_event> last;
  for (const auto& e : of_kind(TP_EV_STATUS)) last[e.instrument] = e;
  EXPECT_EQ(last[1].detail, TP_STATE_HALTED);
  EXPECT_EQ(w->text(last[1].ref), "T1");
  EXPECT_EQ(last[2].detail, TP_STATE_TRADING);
  EXPECT_EQ(last[3].detail, TP_STATE_HALTED);
  EXPECT_EQ(w->text(last[3].ref), "h");
}

TEST_F(Glimpse, AnUnreadableMessageIsHealedByAPictureOfItsBook) {
  make();
  a(1, 30);
  w->a(mold(session_a, 31, {{'A', 0, 2}}));
  EXPECT_THAT(w->states(2), ElementsAre(TP_STREAM_LOST));
  ASSERT_EQ(w->opened(glimpse_number), 1u);
  a(32, 33);
  serve(32);
  ASSERT_EQ(of_kind(TP_EV_SNAPSHOT_END).size(), 1u);
  EXPECT_EQ(of_kind(TP_EV_SNAPSHOT_END)[0].instrument, 2u);
}

TEST_F(Glimpse, HistoryIsPreferredWhileItIsShortAndThePictureFollowsWhereItFails) {
  make({{"lines.rerequest", "udp://192.0.2.9:18000"}});
  a(40, 44);
  w->pass(10 * ms);
  EXPECT_EQ(w->opened(glimpse_number), 0u);
  EXPECT_FALSE(w->host.sent.empty());
  w->pass(5 * second); // nobody answers
  w->a(heartbeat(session_a, 45));
  ASSERT_EQ(w->opened(glimpse_number), 1u);
  serve(43);
  a(45, 50);
  expect_whole(50);
}

TEST_F(Glimpse, ALongHistoryIsNotAskedFor) {
  make({{"lines.rerequest", "udp://192.0.2.9:18000"}, {"late_start_limit", "10"}});
  a(40, 44);
  w->pass(10 * ms);
  EXPECT_EQ(w->opened(glimpse_number), 1u);
  EXPECT_THAT(w->host.sent, IsEmpty());
  serve(43);
  expect_whole(44);
}

TEST_F(Glimpse, TheEndOfSessionIsNotHeldUpForEverByAServerThatFails) {
  make({{"glimpse_attempts", "2"}});
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  w->a(end_of_session(session_a, 41));
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(w->states(), Not(Contains(TP_STREAM_CLOSED)));
    w->connect(glimpse_number);
    w->disconnect(glimpse_number);
    w->pass(5 * second);
  }
  EXPECT_EQ(w->states().back(), TP_STREAM_CLOSED);
  EXPECT_THAT(w->states(), Contains(TP_STREAM_LOST));
}

TEST_F(Glimpse, ANewSessionEndsThePictureOfTheOldOne) {
  make();
  a(1, 30);
  a(34, 40);
  w->pass(10 * ms);
  w->connect(glimpse_number);
  w->stream(glimpse_number, soup_accepted("GLIMPSE", 1));
  w->a(mold(session_b, 1, part(all, 1, 10)));
  w->a(mold(session_b, 11, part(all, 11, 20)));
  EXPECT_THAT(w->host.closed_lines, ElementsAre(glimpse_number));
  w->host.events.clear();
  w->stream(glimpse_number, snapshot(all, 41));
  EXPECT_THAT(w->host.events, IsEmpty());
}

TEST(GlimpseAlone, ShowsThePictureAndCloses) {
  world w{{"lines.glimpse", "tcp://glimpse:1"}};
  ASSERT_EQ(w.opened(glimpse_number), 1u);
  const auto all = session(30);
  w.connect(glimpse_number);
  w.stream(glimpse_number, joined({soup_accepted("GLIMPSE", 1), snapshot(all, 31)}));
  ASSERT_FALSE(w.host.events.empty());
  EXPECT_EQ(w.host.events.back().kind, TP_EV_SNAPSHOT_END);
  EXPECT_EQ(w.host.events.back().sequence, 30u);
  EXPECT_EQ(w.states().back(), TP_STREAM_CLOSED);
}

} // namespace
} // namespace tickplant::nasdaq::testing
