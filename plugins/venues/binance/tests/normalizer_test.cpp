// The words of the events, per message (ABI, section "The words of an event" and "Every message of the four venues").
#include "session_fixture.hpp"

#include <map>

namespace tickplant::binance::testing {
namespace {

class Normalizer : public Session {
protected:
  void SetUp() override { go_live(); }
};

TEST_F(Normalizer, TurnsADiffIntoLevelsThatEndTogether) {
  d.frame(diff(101, 104, R"(["100.00","1.5"],["99.99","0.00000000"])", R"(["101.5","2"])"));
  ASSERT_EQ(d.host.events.size(), 3u);
  const auto& e = d.host.events;
  EXPECT_EQ(kinds(), (std::vector<int>{TP_EV_LEVEL, TP_EV_LEVEL, TP_EV_LEVEL}));
  EXPECT_EQ(e[0].flags, TP_BID);
  EXPECT_EQ(e[0].price, 10'000);
  EXPECT_EQ(e[0].quantity, 150'000);
  EXPECT_EQ(e[1].quantity, 0);
  EXPECT_EQ(e[2].flags, TP_ASK | TP_END);
  EXPECT_EQ(e[2].price, 10'150);
  for (const auto& one : e) {
    EXPECT_EQ(one.ref, 101u);
    EXPECT_EQ(one.sequence, 104u);
    EXPECT_EQ(one.venue_ns, 1723161255208000000u);
    EXPECT_EQ(one.instrument, 0u);
    EXPECT_EQ(one.order, 0u);
  }
  EXPECT_EQ(d.host.channels, (std::vector<uint32_t>{0, 0, 0}));
}

TEST_F(Normalizer, TurnsTradesIntoPrintsWithTheAggressorsSide) {
  d.frame(trade_of(7, "61837.63", true));
  d.frame(trade_of(8, "61837.64", false));
  ASSERT_EQ(d.host.events.size(), 2u);
  const auto& e = d.host.events;
  EXPECT_EQ(e[0].kind, TP_EV_TRADE);
  EXPECT_EQ(e[0].flags, TP_PRINT | TP_ASK | TP_END) << "the buyer made the order: the aggressor sells";
  EXPECT_EQ(e[1].flags, TP_PRINT | TP_BID | TP_END);
  EXPECT_EQ(e[0].ref, 7u);
  EXPECT_EQ(e[0].sequence, 0u);
  EXPECT_EQ(e[0].price, 6'183'763);
  EXPECT_EQ(e[0].quantity, 50'000);
  EXPECT_EQ(e[0].venue_ns, 1723161255342000000u);
}

TEST_F(Normalizer, TurnsABookTickerIntoAQuoteOfTheDepthIds) {
  d.frame(R"({"u":105,"s":"BTCUSDT","b":"100.01","B":"3","a":"100.02","A":"4"})");
  d.frame(R"({"u":105,"s":"BTCUSDT","b":"100.01","B":"9","a":"100.02","A":"9"})");
  d.frame(R"({"u":106,"s":"BTCUSDT","b":"0.00000000","B":"0.00","a":"100.02","A":"4"})");
  ASSERT_EQ(d.host.events.size(), 2u);
  const auto& e = d.host.events[0];
  EXPECT_EQ(e.kind, TP_EV_QUOTE);
  EXPECT_EQ(e.price, 10'001);
  EXPECT_EQ(static_cast<int64_t>(e.order), 10'002);
  EXPECT_EQ(e.quantity, 300'000);
  EXPECT_EQ(e.ref, 400'000u);
  EXPECT_EQ(e.sequence, 105u);
  EXPECT_EQ(d.host.events[1].price, TP_NONE) << "an empty side";
  EXPECT_EQ(d.counted("duplicates"), 1u);
}

TEST_F(Normalizer, GivesEachRollingFigureAsAValueOfItsOwn) {
  d.frame(
    R"({"e":"24hrTicker","E":5,"s":"BTCUSDT","x":"90.5","c":"99","o":"91.00","h":"105.25","l":"90.00","v":"1200.5",)"
    R"("q":"98765432109.12345","n":77,"b":"1","B":"2","a":"3","A":"4"})");
  std::map<int, tp_event> by_key;
  for (const auto& e : d.host.events) {
    ASSERT_EQ(e.kind, TP_EV_VALUE);
    by_key[e.detail] = e;
  }
  ASSERT_EQ(by_key.size(), 7u);
  EXPECT_EQ(by_key[TP_VAL_OPEN].price, 9'100);
  EXPECT_EQ(by_key[TP_VAL_HIGH].price, 10'525);
  EXPECT_EQ(by_key[TP_VAL_LOW].price, 9'000);
  EXPECT_EQ(by_key[TP_VAL_PREVIOUS_CLOSE].price, 9'050);
  EXPECT_EQ(by_key[TP_VAL_VOLUME].quantity, 120'050'000);
  EXPECT_EQ(by_key[TP_VAL_VOLUME].price, TP_NONE);
  EXPECT_EQ(by_key[TP_VAL_TRADES].quantity, 77);
  EXPECT_EQ(by_key[TP_VAL_TRADES].extra, 0u);
  EXPECT_EQ(by_key[TP_VAL_TURNOVER].quantity, 9'876'543'210'912'345);
  EXPECT_EQ(static_cast<int8_t>(by_key[TP_VAL_TURNOVER].extra), -5);
  EXPECT_NE(by_key[TP_VAL_TURNOVER].flags & TP_OWN_SCALE, 0);
  EXPECT_EQ(by_key[TP_VAL_HIGH].flags & TP_OWN_SCALE, 0);

  d.host.events.clear();
  d.frame(
    R"([{"e":"24hrMiniTicker","E":5,"s":"BTCUSDT","c":"99","o":"91.001","h":"105","l":"9e99","v":"1","q":null}])");
  by_key.clear();
  for (const auto& e : d.host.events) by_key[e.detail] = e;
  EXPECT_EQ(by_key.size(), 3u) << "one does not fit and is counted, one is not told";
  EXPECT_EQ(by_key[TP_VAL_OPEN].price, 91'001);
  EXPECT_EQ(static_cast<int8_t>(by_key[TP_VAL_OPEN].extra), -3) << "an old tick: a scale of its own, no redefinition";
  EXPECT_EQ(d.counted("values.overflow"), 1u);
}

TEST_F(Normalizer, ShowsBlockTradesOutsideTheVolume) {
  d.frame(R"({"e":"blockTrade","E":1,"s":"BTCUSDT","t":1,"p":"100","q":"2","T":3,"m":false})");
  ASSERT_EQ(d.host.events.size(), 1u);
  EXPECT_EQ(d.host.events[0].flags & TP_PRINT, 0);
  EXPECT_EQ(d.host.events[0].extra, static_cast<uint64_t>(TP_COND_BLOCK));
}

TEST_F(Normalizer, TellsTimesApartByMagnitude) {
  d.frame(R"({"e":"trade","s":"BTCUSDT","t":9,"p":"1","q":"1","T":1723161255342123,"m":true})");
  ASSERT_EQ(d.host.events.size(), 1u);
  EXPECT_EQ(d.host.events[0].venue_ns, 1723161255342123000u);
  EXPECT_EQ(d.counted("time_unit.mismatch"), 1u);
}

TEST_F(Normalizer, EmitsNothingOfADiffWithOneBadLevel) {
  for (const auto bad : {R"(["100.00","1"],["-1","1"])", R"(["100.00","1"],["99","NaN"])",
                         R"(["100.00","1"],[null,"1"])", R"(["100.00","1"],["99999999999999999999","1"])"})
    d.frame(diff(101, 102, bad));
  EXPECT_TRUE(d.host.events.empty());
  EXPECT_EQ(d.counted("malformed"), 4u);
  d.frame(diff(103, 103));
  EXPECT_TRUE(d.host.events.empty());
  EXPECT_EQ(d.counted("gaps.seen"), 1u) << "the next diff proves that something is missing";
}

TEST_F(Normalizer, RedefinesAnInstrumentThatGetsFinerDecimals) {
  d.frame(diff(101, 102, R"(["100.0001","1"],["99.5","0.0000001"])"));
  EXPECT_TRUE(d.host.events.empty());
  EXPECT_EQ(d.host.instruments[0].raw.price_exponent, -4);
  EXPECT_EQ(d.host.instruments[0].raw.quantity_exponent, -7);
  EXPECT_EQ(d.host.instruments[0].raw.price_step, 100);
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LOST}));
  ASSERT_EQ(d.host.requests.size(), 1u);
  d.answer(last_request(), 200, picture(100));
  EXPECT_EQ(kinds(), (std::vector<int>{TP_EV_SNAPSHOT_BEGIN, TP_EV_LEVEL, TP_EV_LEVEL, TP_EV_SNAPSHOT_END, TP_EV_LEVEL,
                                       TP_EV_LEVEL}));
  EXPECT_EQ(d.host.events[1].price, 990'000);
  EXPECT_EQ(d.host.events[4].price, 1'000'001);
  EXPECT_EQ(stream_states(0).back(), TP_STREAM_LIVE);
  EXPECT_EQ(d.counted("instruments.rescaled"), 1u);
  EXPECT_EQ(d.counted("gaps.seen"), 0u);
}

TEST_F(Normalizer, RedefinesForATradeAndForASnapshotToo) {
  d.frame(trade_of(1, "100.001"));
  ASSERT_EQ(d.host.events.size(), 1u);
  EXPECT_EQ(d.host.events[0].price, 100'001);
  EXPECT_EQ(stream_states(0), (std::vector<int>{TP_STREAM_LOST}));
  ASSERT_EQ(d.host.requests.size(), 1u);
  clear();
  d.session.on_timer(3, d.now());
  d.answer(2 + 1, 200, picture(100, R"(["99.00005","5"])"));
  EXPECT_EQ(d.host.instruments[0].raw.price_exponent, -5);
  ASSERT_EQ(kinds().front(), TP_EV_SNAPSHOT_BEGIN);
  EXPECT_EQ(d.host.events[1].price, 9'900'005);
  EXPECT_EQ(stream_states(0).back(), TP_STREAM_LIVE);
}

} // namespace
} // namespace tickplant::binance::testing
