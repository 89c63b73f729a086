// What goes wrong outside, row by row of the venue document's section E, and how the instance lives on.
#include "session_fixture.hpp"

namespace tickplant::binance::testing {
namespace {

TEST_F(Session, LosesAllBooksWithTheConnectionAndRebuildsThem) {
  go_live();
  d.session.on_line(0, TP_LINE_CLOSED, "1006", d.now());
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LOST}));
  EXPECT_EQ(d.host.lines.size(), 1u);
  d.frame(diff(101, 101));
  EXPECT_TRUE(d.host.events.empty()) << "the line is gone";
  d.pass(second);
  ASSERT_EQ(d.host.lines.size(), 2u);
  d.line_up();
  EXPECT_NE(all_sent().find("btcusdt@depth@100ms"), std::string::npos) << "everything is subscribed again";
  d.frame(diff(101, 101));
  ASSERT_EQ(d.host.requests.size(), 1u) << "ids prove no continuity across connections";
  d.answer(last_request(), 200, picture(101));
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LOST, TP_STREAM_LIVE}));
}

TEST_F(Session, ForgetsASnapshotThatWasAskedForOnAnEarlierConnection) {
  connect();
  want(0);
  d.frame(diff(95, 98));
  const uint32_t stale = last_request();
  d.session.on_line(0, TP_LINE_FAILED, "", d.now());
  d.pass(second);
  d.line_up();
  d.answer(stale, 200, picture(200));
  EXPECT_TRUE(stream_states(0).empty() || stream_states(0).back() != TP_STREAM_LIVE);
  d.frame(diff(95, 98));
  EXPECT_NE(last_request(), stale);
}

TEST_F(Session, TriesAgainMoreSlowlyWhileTheVenueIsAway) {
  d.start();
  std::vector<uint64_t> tries;
  for (int i = 0; i < 10; ++i) {
    const size_t before = d.host.lines.size();
    const uint64_t begin = d.now();
    d.session.on_line(0, TP_LINE_FAILED, "refused", d.now());
    while (d.host.lines.size() == before) d.pass(second / 100);
    tries.push_back(d.now() - begin);
  }
  EXPECT_LE(tries[0], second * 6 / 10);
  EXPECT_GE(tries[9], 22 * second);
  EXPECT_LE(tries[9], 31 * second);
}

TEST_F(Session, ForgetsNothingOfWhatGoesOnWhenThereIsNoTimeForAReplacement) {
  go_live();
  d.frame(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}})");
  ASSERT_EQ(d.host.lines.size(), 2u) << "at once";
  EXPECT_TRUE(d.host.closed_lines.empty());
  EXPECT_TRUE(stream_states(0).empty());
  d.line_down(0);
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LOST})) << "the replacement is not up";
  EXPECT_EQ(d.host.streams.back().reason, "1006");
  d.line_up(1);
  d.frame(diff(200, 201), 1);
  d.answer(last_request(), 200, picture(201));
  EXPECT_EQ(stream_states(0).back(), TP_STREAM_LIVE);
  EXPECT_EQ(d.host.lines.size(), 2u);
}

TEST_F(Session, AsksASilentConnectionThenDropsIt) {
  go_live();
  d.pass(35 * second);
  EXPECT_NE(all_sent().find("LIST_SUBSCRIPTIONS"), std::string::npos);
  d.frame(R"({"result":["btcusdt@trade"],"id":9})");
  d.pass(50 * second);
  EXPECT_TRUE(d.host.closed_lines.empty()) << "it answered: nothing happens in the market";
  d.pass(15 * second);
  EXPECT_EQ(d.host.closed_lines.size(), 1u);
  EXPECT_GE(d.host.lines.size(), 2u);
}

TEST_F(Session, DropsBadFramesAndAfterTwentyInARowTheConnection) {
  go_live();
  for (int i = 0; i < 19; ++i) d.frame("{not json");
  d.frame(trade_of(1));
  for (int i = 0; i < 19; ++i) d.frame(R"({"e":"trade","s":"BTCUSDT","t":null,"p":"1","q":"1","m":true})");
  EXPECT_TRUE(d.host.closed_lines.empty());
  d.frame("[");
  EXPECT_EQ(d.host.closed_lines.size(), 1u);
  EXPECT_EQ(d.counted("malformed"), 39u);
}

TEST_F(Session, DropsFramesThatAreTruncatedBinaryTooLargeOrOfNoLine) {
  go_live();
  const padded good{trade_of(1)};
  tp_unit unit = good.unit(d.now());
  unit.flags |= TP_UNIT_TRUNCATED;
  d.session.on_units({&unit, 1});
  unit.flags = TP_UNIT_BINARY;
  d.session.on_units({&unit, 1});
  unit.flags = TP_UNIT_TEXT;
  unit.line = 3;
  d.session.on_units({&unit, 1});
  d.frame(R"({"x":")" + std::string(1 << 20, 'y') + R"("})");
  EXPECT_TRUE(d.host.events.empty());
  EXPECT_EQ(d.counted("malformed"), 2u);
  EXPECT_EQ(d.counted("unknown"), 2u);
}

TEST_F(Session, IgnoresWrongSymbolsAndUnknownEvents) {
  go_live();
  d.frame(diff(1, 2, "", "", "NOSUCH"));
  d.frame(R"({"e":"somethingNew","s":"BTCUSDT"})");
  d.frame(R"({"stream":"btcusdt@kline_1m","data":{"e":"kline","s":"BTCUSDT","k":{}}})");
  d.frame(diff(101, 101, R"(["1","1"])", "", "ETHUSDT")); // known, but nobody wants it
  EXPECT_TRUE(d.host.events.empty());
  EXPECT_TRUE(d.host.requests.empty());
  EXPECT_EQ(d.counted("unknown_symbol"), 1u);
  EXPECT_EQ(d.counted("unknown"), 1u);
  EXPECT_EQ(d.counted("messages.kline"), 1u);
}

TEST_F(Session, StopsRestForAsLongAsTheVenueSaysAndKeepsTheStreams) {
  go_live();
  d.frame(diff(103, 103));
  const uint32_t id = last_request();
  d.answer(id, 418, R"({"code":-1003,"msg":"banned"})", {{"retry-after", "200"}});
  EXPECT_EQ(d.counted("rest.throttled"), 1u);
  EXPECT_TRUE(
    std::any_of(d.host.logs.begin(), d.host.logs.end(), [](const auto& l) { return l.first == TP_LOG_ERROR; }));
  d.frame(trade_of(1));
  EXPECT_EQ(kinds(), (std::vector<int>{TP_EV_TRADE}));
  EXPECT_EQ(d.session.resynchronise(0, 0, d.now()), TP_E_LIMIT);
  for (int i = 0; i < 19; ++i) {
    d.pass(10 * second);
    d.frame(trade_of(static_cast<uint64_t>(i) + 2));
  }
  EXPECT_EQ(last_request(), id);
  d.pass(11 * second);
  ASSERT_NE(last_request(), id);
  d.answer(last_request(), 429, "", {{"retry-after", "5"}});
  d.pass(6 * second);
  d.answer(last_request(), 200, picture(102));
  EXPECT_EQ(stream_states(0).back(), TP_STREAM_LIVE);
}

TEST_F(Session, RetriesServerFaultsAndCutBodies) {
  go_live();
  d.frame(diff(103, 103));
  d.answer(last_request(), 503, "oops");
  d.pass(2 * second);
  ASSERT_EQ(d.host.requests.size(), 2u);
  d.answer(last_request(), TP_E_DOWN, "");
  d.pass(3 * second);
  ASSERT_EQ(d.host.requests.size(), 3u);
  const std::string whole = picture(102);
  d.answer(last_request(), 200, whole.substr(0, whole.size() - 9));
  d.pass(2 * second);
  ASSERT_EQ(d.host.requests.size(), 4u);
  d.answer(last_request(), 200, picture(102, R"(["-99","1"])"));
  d.pass(2 * second);
  ASSERT_EQ(d.host.requests.size(), 5u);
  EXPECT_EQ(d.counted("malformed"), 2u);
  d.answer(last_request(), 200, picture(102));
  EXPECT_EQ(stream_states(0).back(), TP_STREAM_LIVE);
}

TEST_F(Session, LeavesASymbolWithoutSnapshotAloneForAWhile) {
  connect();
  want(0);
  d.frame(diff(95, 98));
  d.answer(last_request(), 400, R"({"code":-1121,"msg":"Invalid symbol."})");
  for (uint64_t id = 99; id < 140; ++id) {
    d.pass(second);
    d.frame(diff(id, id));
  }
  EXPECT_EQ(d.host.requests.size(), 2u);
  d.pass(25 * second);
  EXPECT_EQ(d.host.requests.size(), 3u);
}

TEST_F(Session, KeepsTheBookOfAHaltedSymbolStaleAndAsksForNothing) {
  go_live();
  d.pass(301 * second);
  d.line_up();
  clear();
  // The connection was silent meanwhile; what follows is about a symbol that is halted before its book is there.
  d.frame(diff(200, 200));
  ASSERT_FALSE(d.host.requests.empty());
  const uint32_t depth = last_request();
  d.answer(depth, 200, picture(200));
  clear();
  const auto directory = [&](std::string_view status) {
    for (int i = 0; i < 40; ++i) {
      d.pass(10 * second);
      d.frame(R"({"result":null,"id":99999})");
      const auto asked = std::find_if(d.host.requests.begin(), d.host.requests.end(),
                                      [](const auto& r) { return r.url.ends_with("exchangeInfo"); });
      if (asked == d.host.requests.end()) continue;
      const uint32_t id = asked->id;
      d.host.requests.clear();
      return d.answer(id, 200, directory_of({row("BTCUSDT", status), row("ETHUSDT")}));
    }
    FAIL() << "the directory was not asked for";
  };
  directory("BREAK");
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_SILENT}));
  d.frame(diff(300, 300));
  EXPECT_TRUE(d.host.requests.empty()) << "no snapshot while nothing trades";
  directory("TRADING");
  ASSERT_EQ(d.host.requests.size(), 1u);
  d.answer(last_request(), 200, picture(300));
  EXPECT_EQ(stream_states(0).back(), TP_STREAM_LIVE);
}

TEST_F(Session, DropsTheBookWhenNobodyWantsIt) {
  go_live();
  want(0, 0);
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LOST}));
  d.frame(diff(101, 101));
  d.frame(trade_of(1));
  EXPECT_TRUE(d.host.events.empty()) << "late ones";
  EXPECT_EQ(d.session.resynchronise(0, 0, d.now()), TP_E_AGAIN);
  want(0);
  d.frame(diff(110, 111));
  ASSERT_EQ(d.host.requests.size(), 1u);
  d.answer(last_request(), 200, picture(111));
  EXPECT_EQ(stream_states(0).back(), TP_STREAM_LIVE);
}

TEST_F(Session, BoundsWhatWaitsForASnapshot) {
  const pairs small{
    {"lines.stream", "ws://s"}, {"rest", "http://r"}, {"directory", "stream"}, {"buffer_bytes", "65536"}};
  driver e{small};
  e.start();
  e.line_up();
  for (uint64_t id = 1; id <= 2'000; ++id) e.frame(diff(id, id));
  EXPECT_GE(e.counted("buffer.overflow"), 2u);
  EXPECT_EQ(e.host.requests.size(), 1u);
  e.answer(1, 200, picture(1'999));
  EXPECT_EQ(e.host.streams.back().state, static_cast<uint32_t>(TP_STREAM_LIVE));
  EXPECT_EQ(e.host.events.back().sequence, 2'000u);
}

TEST_F(Session, ReturnsAtOnceWhenTheHostStops) {
  go_live();
  d.host.emit_answer = TP_E_STOPPING;
  d.frame(diff(101, 101));
  d.host.events.clear();
  d.frame(diff(102, 102));
  EXPECT_TRUE(d.host.events.empty());
  EXPECT_EQ(d.session.stop(d.now()), TP_OK);
}

TEST_F(Session, StartsAgainWhenAControlRequestCannotBeSent) {
  connect();
  d.host.send_answer = TP_E_AGAIN;
  want(0);
  EXPECT_EQ(d.host.closed_lines.size(), 1u);
  d.host.send_answer = TP_OK;
  d.host.sent.clear();
  d.pass(second);
  d.line_up();
  EXPECT_NE(all_sent().find("btcusdt@depth"), std::string::npos);
}

TEST_F(Session, AsksAtLeisureWhereTheVenueHasNothingButOldSnapshots) {
  connect();
  want(0);
  d.frame(diff(95, 98));
  clear();
  uint64_t asked = 1;
  d.answer(2, 200, picture(50));
  const auto answer_all = [&](uint64_t id) {
    for (const auto& r : std::exchange(d.host.requests, {})) {
      const bool depth = r.url.find("/depth") != std::string::npos;
      asked += depth ? 1u : 0u;
      d.answer(r.id, 200, depth ? picture(id) : directory_of({row("BTCUSDT"), row("ETHUSDT")}));
    }
  };
  for (int i = 0; i < 6'000; ++i) {
    d.frame(R"({"result":[],"id":99})"); // the line lives
    d.pass(second / 10);
    answer_all(50);
  }
  EXPECT_GT(asked, 15u);
  EXPECT_LT(asked, 45u) << "a weight of 50 each";
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LOST})) << "told once";
  EXPECT_NE(d.host.streams.back().reason.find("older"), std::string::npos);
  d.frame(diff(99, 99));
  for (int i = 0; i < 40; ++i) {
    d.pass(second);
    answer_all(98);
  }
  EXPECT_EQ(stream_states(0).back(), TP_STREAM_LIVE) << "the buffer was kept all the time";
  EXPECT_EQ(d.host.events.back().sequence, 99u);
}

TEST(RestAddresses, AreChangedWhenOneDoesNotAnswerAndNotToEvadeABan) {
  const pairs settings{{"lines.stream", "wss://s"}, {"rest.0", "https://a"}, {"rest.1", "https://b"}};
  driver d{settings};
  d.start();
  EXPECT_EQ(d.host.requests.back().url, "https://a/api/v3/exchangeInfo");
  d.answer(d.host.requests.back().id, 503, "");
  d.pass(3 * driver::second);
  EXPECT_EQ(d.host.requests.back().url, "https://b/api/v3/exchangeInfo");
  d.answer(d.host.requests.back().id, 418, "", {{"retry-after", "120"}});
  d.pass(119 * driver::second);
  EXPECT_EQ(d.host.requests.size(), 2u);
  d.pass(3 * driver::second);
  EXPECT_EQ(d.host.requests.back().url, "https://b/api/v3/exchangeInfo");
}

TEST_F(Session, LogsAndCountsEveryGapButNotWithoutEnd) {
  go_live();
  d.frame(diff(105, 106));
  d.answer(last_request(), 200, picture(106));
  ASSERT_EQ(d.host.logs.size(), 2u);
  EXPECT_EQ(d.host.logs[0].second, "BTCUSDT: depth updates 101 to 104 are missing; the book is rebuilt");
  EXPECT_EQ(d.host.logs[1].second, "BTCUSDT: rebuilt by the snapshot at 106");
  for (uint64_t id = 200; id < 4'000; id += 10) {
    d.frame(diff(id, id + 1));
    if (!d.host.requests.empty()) d.answer(last_request(), 200, picture(id + 1));
  }
  EXPECT_LE(d.host.logs.size(), 130u);
}

} // namespace
} // namespace tickplant::binance::testing
