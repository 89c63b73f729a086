// One instance against a host that records: directory, interest, joining, life cycle.
#include "session_fixture.hpp"

namespace tickplant::binance::testing {
namespace {

TEST_F(Session, OpensOneLineAndAsksForTheDirectory) {
  d.start();
  ASSERT_EQ(d.host.lines.size(), 1u);
  EXPECT_EQ(d.host.lines[0].kind, TP_LINE_WEBSOCKET);
  EXPECT_EQ(d.host.lines[0].role, TP_ROLE_LIVE);
  EXPECT_EQ(d.host.lines[0].address, "wss://s/stream");
  ASSERT_EQ(d.host.requests.size(), 1u);
  EXPECT_EQ(d.host.requests[0].url, "https://r/api/v3/exchangeInfo");
  EXPECT_TRUE(d.host.streams.empty());
}

TEST_F(Session, DefinesEverySymbolFromItsSteps) {
  connect({row("BTCUSDT"), row("SHIBUSDT", "BREAK", "0.00000001", "1.00"), row("ODD", "TRADING", "0.00", "")});
  ASSERT_EQ(d.host.instruments.size(), 3u);
  const auto& btc = d.host.instruments[0].raw;
  EXPECT_EQ(btc.book, TP_BOOK_LEVELS);
  EXPECT_EQ(btc.channel, 0u);
  EXPECT_EQ(btc.price_exponent, -2);
  EXPECT_EQ(btc.quantity_exponent, -5);
  EXPECT_EQ(btc.price_step, 1);
  EXPECT_EQ(btc.quantity_step, 1);
  EXPECT_EQ(btc.partial_depth, 0u);
  EXPECT_EQ(btc.parent, TP_ALL);
  const auto& shib = d.host.instruments[1].raw;
  EXPECT_EQ(shib.channel, 1u);
  EXPECT_EQ(shib.price_exponent, -8);
  EXPECT_EQ(shib.quantity_exponent, 0);
  EXPECT_EQ(d.host.instruments[2].raw.price_exponent, -8) << "the rule is off";
  EXPECT_EQ(d.host.instruments[2].raw.price_step, TP_NONE);
  ASSERT_EQ(d.host.events.size(), 3u);
  EXPECT_EQ(d.host.events[0].kind, TP_EV_STATUS);
  EXPECT_EQ(d.host.events[0].detail, TP_STATE_TRADING);
  EXPECT_EQ(d.host.events[1].detail, TP_STATE_HALTED);
  EXPECT_EQ(d.host.texts[d.host.events[1].ref - 1], "BREAK");
  ASSERT_EQ(d.host.streams.size(), 1u);
  EXPECT_EQ(d.host.streams[0].state, static_cast<uint32_t>(TP_STREAM_DIRECTORY));
  EXPECT_EQ(d.host.streams[0].instrument, TP_ALL);
}

TEST_F(Session, AsksAgainForADirectoryThatCannotBeRead) {
  d.start();
  d.answer(last_request(), 200, R"({"symbols":[)");
  EXPECT_TRUE(d.host.streams.empty());
  EXPECT_EQ(d.counted("malformed"), 1u);
  d.pass(2 * second);
  ASSERT_EQ(d.host.requests.size(), 2u);
  d.answer(last_request(), 200, directory_of({row("BTCUSDT")}));
  EXPECT_EQ(d.host.streams.size(), 1u);
}

TEST_F(Session, FollowsTheDirectoryAsItChanges) {
  connect();
  clear();
  d.pass(299 * second);
  EXPECT_TRUE(d.host.requests.empty());
  d.pass(2 * second);
  ASSERT_EQ(d.host.requests.size(), 1u);
  d.answer(last_request(), 200, directory_of({row("BTCUSDT", "HALT"), row("NEWUSDT")}));
  EXPECT_EQ(d.host.retired, (std::vector<uint32_t>{1}));
  EXPECT_EQ(d.host.instruments.at(2).symbol, "NEWUSDT");
  ASSERT_EQ(kinds(), (std::vector<int>{TP_EV_STATUS, TP_EV_STATUS}));
  EXPECT_EQ(d.host.events[0].detail, TP_STATE_HALTED);
  EXPECT_EQ(d.host.streams.size(), 0u) << "the directory is told once";
  d.pass(301 * second);
  clear();
  d.answer(3, 200, directory_of({row("BTCUSDT", "HALT"), row("NEWUSDT"), row("ETHUSDT")}));
  EXPECT_EQ(d.host.instruments.at(3).symbol, "ETHUSDT") << "back under a number of its own";
}

TEST_F(Session, IgnoresSymbolsThatTheHostDoesNotWant) {
  d.host.wanted = [](std::string_view symbol) { return symbol == "BTCUSDT"; };
  connect();
  EXPECT_EQ(d.host.events.size(), 1u) << "the status of the other one is not told";
  d.frame(diff(1, 2, R"(["1","1"])", "", "ETHUSDT"));
  EXPECT_EQ(d.host.requests.size(), 1u);
}

TEST_F(Session, SubscribesByInterestAndUnsubscribesAfterIt) {
  connect();
  EXPECT_TRUE(d.host.sent.empty()) << "nobody listens";
  want(0);
  ASSERT_EQ(d.host.sent.size(), 1u);
  EXPECT_EQ(
    d.host.sent[0].text(),
    R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker","btcusdt@trade","btcusdt@ticker"],"id":1})");
  want(0, TP_WANT_TRADES);
  d.pass(second);
  ASSERT_EQ(d.host.sent.size(), 2u);
  EXPECT_EQ(d.host.sent[1].text(),
            R"({"method":"UNSUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker"],"id":2})");
  want(0, 0);
  d.pass(second);
  EXPECT_EQ(d.host.sent[2].text(), R"({"method":"UNSUBSCRIBE","params":["btcusdt@trade","btcusdt@ticker"],"id":3})");
  want(7);
  want(TP_ALL);
  d.pass(second);
  EXPECT_EQ(d.host.sent.size(), 3u) << "unknown numbers";
}

TEST_F(Session, LeavesOutWhatTheSettingsTurnOff) {
  const pairs other{{"lines.stream", "wss://s/stream"}, {"rest", "https://r"},  {"ticker", "false"},
                    {"book_ticker", "false"},           {"trades", "aggTrade"}, {"depth_speed", "1000ms"}};
  driver e{other};
  e.start();
  e.answer(1, 200, directory_of({row("BTCUSDT")}));
  e.line_up();
  const tp_interest one{0, everything};
  e.session.on_interest({&one, 1}, e.now());
  EXPECT_EQ(e.host.sent.at(0).text(), R"({"method":"SUBSCRIBE","params":["btcusdt@depth","btcusdt@aggTrade"],"id":1})");
}

TEST_F(Session, JoinsDiffsAndSnapshotAndShowsNothingBefore) {
  connect();
  want(0);
  d.frame(diff(95, 98));
  ASSERT_EQ(d.host.requests.size(), 2u);
  EXPECT_EQ(d.host.requests[1].url, "https://r/api/v3/depth?symbol=BTCUSDT&limit=1000");
  d.frame(diff(99, 101, R"(["100.00","2"])"));
  d.host.events.clear();
  d.frame(diff(102, 102, R"(["100.00","3"])"));
  EXPECT_TRUE(d.host.events.empty());
  d.answer(last_request(), 200, picture(100));
  EXPECT_EQ(kinds(), (std::vector<int>{TP_EV_SNAPSHOT_BEGIN, TP_EV_LEVEL, TP_EV_LEVEL, TP_EV_SNAPSHOT_END, TP_EV_LEVEL,
                                       TP_EV_LEVEL}));
  const auto& e = d.host.events;
  EXPECT_EQ(e[0].detail, TP_SNAPSHOT_PICTURE);
  EXPECT_EQ(e[1].flags, TP_SNAPSHOT | TP_BID);
  EXPECT_EQ(e[2].flags, TP_SNAPSHOT | TP_ASK);
  EXPECT_EQ(e[3].sequence, 100u);
  EXPECT_EQ(e[4].sequence, 101u);
  EXPECT_EQ(e[4].flags, TP_BID | TP_END);
  EXPECT_EQ(e[5].sequence, 102u);
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LIVE}));
  EXPECT_EQ(d.counted("snapshots.asked"), 1u);
  EXPECT_EQ(d.counted("diffs.before_snapshot"), 1u);
}

TEST_F(Session, AsksAgainForAnOldSnapshotWithPatience) {
  connect();
  want(0);
  d.frame(diff(95, 98));
  d.answer(last_request(), 200, picture(93));
  EXPECT_EQ(d.counted("snapshots.refused"), 1u);
  d.frame(diff(99, 99));
  EXPECT_EQ(d.host.requests.size(), 2u) << "not with every diff";
  d.pass(second * 15 / 100);
  EXPECT_EQ(d.host.requests.size(), 2u);
  d.pass(second / 5);
  EXPECT_EQ(d.host.requests.size(), 3u);
  d.answer(last_request(), 200, picture(94));
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LIVE}));
  EXPECT_EQ(d.host.events.back().sequence, 99u) << "the buffer was kept";
}

TEST_F(Session, RebuildsOneSymbolAloneAfterAGap) {
  go_live();
  want(1);
  d.frame(diff(10, 11, R"(["1.00","1"])", "", "ETHUSDT"));
  d.answer(last_request(), 200, picture(11));
  clear();
  d.frame(diff(103, 104));
  EXPECT_TRUE(d.host.events.empty());
  ASSERT_EQ(d.host.streams.size(), 1u);
  EXPECT_EQ(d.host.streams[0].state, static_cast<uint32_t>(TP_STREAM_LOST));
  EXPECT_EQ(d.host.streams[0].instrument, 0u);
  EXPECT_EQ(d.host.streams[0].from, 101u);
  EXPECT_EQ(d.host.streams[0].to, 102u);
  EXPECT_EQ(d.counted("gaps.seen"), 1u);
  d.frame(diff(12, 12, R"(["1.00","1"])", "", "ETHUSDT"));
  EXPECT_EQ(d.host.events.size(), 1u) << "the neighbour goes on";
  ASSERT_EQ(d.host.requests.size(), 1u);
  d.answer(last_request(), 200, picture(102));
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LOST, TP_STREAM_LIVE}));
  EXPECT_EQ(d.counted("gaps.filled"), 1u);
  EXPECT_EQ(d.host.events.back().sequence, 104u);
}

TEST_F(Session, ResynchronisesWhenTheHostAsks) {
  go_live();
  EXPECT_EQ(d.session.resynchronise(0, 0, d.now()), TP_OK);
  EXPECT_EQ(d.session.resynchronise(0, TP_ALL, d.now()), TP_OK) << "runs already";
  ASSERT_EQ(d.host.requests.size(), 1u);
  d.answer(last_request(), 200, picture(100));
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LIVE}));
  EXPECT_EQ(d.counted("resynchronised"), 1u);
  EXPECT_EQ(d.session.resynchronise(9, 9, d.now()), TP_E_ARGUMENT);
  EXPECT_EQ(d.session.resynchronise(1, 1, d.now()), TP_E_AGAIN) << "not subscribed";
}

TEST_F(Session, ShowsAQuietBookOnceItsSubscriptionIsProved) {
  connect();
  want(0);
  d.frame(R"({"result":null,"id":1})");
  d.pass(2 * second);
  EXPECT_EQ(d.host.requests.size(), 1u);
  d.pass(3 * second);
  ASSERT_EQ(d.host.requests.size(), 2u);
  d.answer(last_request(), 200, picture(100));
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LIVE}));
  d.frame(diff(101, 101));
  EXPECT_EQ(d.host.events.back().sequence, 101u);
}

TEST_F(Session, CountsTradesOnceAndNoticesLostOnes) {
  go_live();
  for (const uint64_t id : {5, 5, 4, 6, 10}) d.frame(trade_of(id));
  EXPECT_EQ(d.host.events.size(), 3u);
  EXPECT_EQ(d.counted("duplicates"), 2u);
  EXPECT_EQ(d.counted("trades.missed"), 3u);
  d.frame(R"({"e":"aggTrade","E":1,"s":"BTCUSDT","a":1,"p":"1","q":"1","f":11,"l":12,"T":9,"m":false})");
  EXPECT_EQ(d.host.events.size(), 3u);
  EXPECT_EQ(d.counted("trades.other_kind"), 1u);
}

TEST_F(Session, TakesAggregatesByTheirOwnIdsAndTellsTheTradesInside) {
  const pairs other{{"lines.stream", "ws://s"}, {"rest", "http://r"}, {"directory", "stream"}, {"trades", "aggTrade"}};
  driver e{other};
  e.start();
  e.line_up();
  const auto agg = [&](uint64_t a, uint64_t f, uint64_t l) {
    e.frame(R"({"e":"aggTrade","s":"A","a":)" + std::to_string(a) + R"(,"p":"1","q":"1","f":)" + std::to_string(f) +
            R"(,"l":)" + std::to_string(l) + R"(,"T":9,"m":false})");
  };
  agg(5, 10, 12);
  agg(6, 13, 12); // l = f - 1 was recorded
  agg(5, 10, 12);
  agg(9, 20, 21);
  ASSERT_EQ(e.host.events.size(), 3u);
  EXPECT_EQ(e.host.events[0].ref, 10u);
  EXPECT_EQ(e.host.events[0].order, 12u);
  EXPECT_EQ(e.host.events[1].order, 13u);
  EXPECT_EQ(e.counted("duplicates"), 1u);
  EXPECT_EQ(e.counted("trades.missed"), 2u) << "merged ones";
}

TEST_F(Session, DefinesARecordingsSymbolsWhenFirstSeenAndShowsItsPictures) {
  const pairs other{{"lines.stream", "ws://s"}, {"rest", "http://r"}, {"directory", "stream"}};
  driver e{other};
  e.host.wanted = [](std::string_view symbol) { return symbol != "NOT"; };
  e.start();
  ASSERT_EQ(e.host.streams.size(), 1u);
  EXPECT_EQ(e.host.streams[0].state, static_cast<uint32_t>(TP_STREAM_DIRECTORY));
  EXPECT_TRUE(e.host.requests.empty());
  e.line_up();
  e.frame(R"({"u":1,"s":"SOLUSDT","b":"1","B":"2","a":"3","A":"4"})");
  e.frame(R"({"u":1,"s":"NOT","b":"1","B":"2","a":"3","A":"4"})");
  EXPECT_EQ(e.host.instruments.size(), 2u);
  EXPECT_EQ(e.host.instruments[0].raw.price_exponent, -8);
  EXPECT_EQ(e.host.events.size(), 1u);
  e.host.events.clear();
  e.frame(R"({"stream":"solusdt@depth20@100ms","data":)" + picture(7) + "}");
  EXPECT_EQ(e.host.instruments[0].raw.partial_depth, 20u);
  ASSERT_EQ(e.host.events.size(), 4u);
  EXPECT_EQ(e.host.events[3].sequence, 7u);
  e.frame(picture(8));
  e.frame(R"({"stream":"nosuch@depth20","data":)" + picture(9) + "}");
  EXPECT_EQ(e.host.events.size(), 4u) << "whose picture, nobody knows";
  e.frame(diff(20, 21, R"(["1","1"])", "", "SOLUSDT"));
  EXPECT_EQ(e.host.instruments[0].raw.partial_depth, 0u) << "the whole book from here on";
  EXPECT_EQ(e.host.streams.back().state, static_cast<uint32_t>(TP_STREAM_LOST));
  EXPECT_EQ(e.host.requests.size(), 1u);
}

} // namespace
} // namespace tickplant::binance::testing
