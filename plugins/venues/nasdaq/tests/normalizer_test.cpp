#include "feed_builder.hpp"

namespace tickplant::nasdaq::testing {
namespace {

using ::testing::IsEmpty;

constexpr uint64_t day = 86'400 * second;
constexpr uint64_t time_of_day = 34'200'000'000'000;

// New York is five hours behind in the recording host.
uint64_t midnight() {
  const uint64_t local = noon - 5 * 3'600 * second;
  return local - local % day + 5 * 3'600 * second;
}

/// One open session with instruments 1 and 2; each message's events are looked at alone.
struct Normalizer : ::testing::Test {
  world w;
  uint64_t next = 5;
  void SetUp() override { w.a(mold(session_a, 1, opening(2))); }
  const std::vector<tp_event>& events_of(const bytes& message) {
    w.host.events.clear();
    w.a(mold(session_a, next++, {message}));
    for (const auto& e : w.host.events) {
      EXPECT_EQ(e.sequence, next - 1);
      EXPECT_EQ(e.venue_ns, midnight() + time_of_day);
    }
    EXPECT_TRUE(w.host.events.empty() || (w.host.events.back().flags & TP_END));
    return w.host.events;
  }
  tp_event event_of(const bytes& message) {
    EXPECT_EQ(events_of(message).size(), 1u);
    return w.host.events.empty() ? tp_event{} : w.host.events.front();
  }
};

void expect_words(const tp_event& e, uint8_t kind, int flags, uint32_t instrument, uint64_t order, int64_t price,
                  int64_t quantity, uint64_t ref, uint64_t extra) {
  EXPECT_EQ(e.kind, kind);
  EXPECT_EQ(e.flags, flags | TP_END);
  EXPECT_EQ(e.instrument, instrument);
  EXPECT_EQ(e.order, order);
  EXPECT_EQ(e.price, price);
  EXPECT_EQ(e.quantity, quantity);
  EXPECT_EQ(e.ref, ref);
  EXPECT_EQ(e.extra, extra);
}

constexpr uint64_t big = 0xFEDC'BA98'7654'3210;

TEST_F(Normalizer, MapsOrderMessagesWordByWord) {
  expect_words(
    event_of(itch('A', 2).number(big, 8).text("S", 1).number(4'000'000'000, 4).text("SYM2", 8).number(1'999'999, 4)),
    TP_EV_ADD, TP_ASK, 2, big, 1'999'999, 4'000'000'000, 0, 0);
  const auto named =
    event_of(itch('F', 1).number(7, 8).text("B", 1).number(300, 4).text("SYM1", 8).number(10'000, 4).text("GSCO", 4));
  expect_words(named, TP_EV_ADD, TP_BID, 1, 7, 10'000, 300, 0, named.extra);
  EXPECT_EQ(w.text(named.extra), "GSCO");
  expect_words(event_of(executed(1, 7, 50, big)), TP_EV_EXECUTE, TP_PRINT, 1, 7, TP_NONE, 50, big, 0);
  const auto with_price = [](const char* printable) {
    return itch('C', 1).number(7, 8).number(50, 4).number(9, 8).text(printable, 1).number(10'050, 4);
  };
  expect_words(event_of(with_price("Y")), TP_EV_EXECUTE, TP_PRINT | TP_PRICE, 1, 7, 10'050, 50, 9, 0);
  expect_words(event_of(with_price("N")), TP_EV_EXECUTE, TP_PRICE, 1, 7, 10'050, 50, 9, 0);
  expect_words(event_of(itch('X', 1).number(7, 8).number(20, 4)), TP_EV_REDUCE, 0, 1, 7, 0, 20, 0, 0);
  expect_words(event_of(itch('D', 1).number(7, 8)), TP_EV_DELETE, 0, 1, 7, 0, 0, 0, 0);
  expect_words(event_of(itch('U', 1).number(7, 8).number(8, 8).number(60, 4).number(10'100, 4)), TP_EV_REPLACE, 0, 1, 7,
               10'100, 60, 8, 0);
  expect_words(
    event_of(itch('P', 1).number(0, 8).text("B", 1).number(25, 4).text("SYM1", 8).number(10'025, 4).number(11, 8)),
    TP_EV_TRADE, TP_PRINT | TP_PRICE, 1, 0, 10'025, 25, 11, 0);
}

TEST_F(Normalizer, NeverGuessesASide) {
  EXPECT_THAT(events_of(add(1, 5, '?', 100, 10'000)), IsEmpty());
  EXPECT_EQ(w.counted("malformed"), 1u);
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_LOST);
  EXPECT_EQ(w.host.streams.back().instrument, 1u);
}

TEST_F(Normalizer, DefinesInstruments) {
  const auto& one = w.host.instruments.at(1);
  EXPECT_EQ(one.symbol, "SYM1");
  EXPECT_EQ(one.venue_code, "1");
  EXPECT_EQ(one.raw.price_exponent, -4);
  EXPECT_EQ(one.raw.quantity_exponent, 0);
  EXPECT_EQ(one.raw.book, TP_BOOK_ORDERS);
  EXPECT_EQ(one.raw.parent, TP_ALL);
  EXPECT_EQ(one.raw.lot, 100);
  EXPECT_EQ(one.raw.price_step, 100);
  EXPECT_EQ(one.raw.previous_close, TP_NONE);
  EXPECT_FALSE(one.raw.is_test);
  events_of(directory(3, "ZVZZT", 'T'));
  EXPECT_TRUE(w.host.instruments.at(3).raw.is_test);
  w.host.instruments.clear();
  events_of(directory(3, "ZVZZT", 'T'));
  EXPECT_THAT(w.host.instruments, IsEmpty()); // nothing new in it
}

TEST_F(Normalizer, MapsSystemEventsToPhases) {
  const std::pair<char, uint8_t> phases[] = {{'S', TP_PHASE_EARLY},  {'Q', TP_PHASE_CORE},    {'M', TP_PHASE_LATE},
                                             {'E', TP_PHASE_CLOSED}, {'C', TP_PHASE_DAY_END}, {'?', TP_PHASE_UNKNOWN}};
  for (const auto& [code, phase] : phases) {
    const auto e = event_of(itch('S', 0).text({code}, 1));
    EXPECT_EQ(e.kind, TP_EV_PHASE);
    EXPECT_EQ(e.detail, phase);
    EXPECT_EQ(e.instrument, TP_ALL);
    EXPECT_EQ(w.text(e.ref), std::string(1, code));
  }
  EXPECT_EQ(w.counted("unknown_values"), 1u);
  const auto& start = events_of(itch('S', 0).text("O", 1));
  ASSERT_EQ(start.size(), 2u);
  EXPECT_EQ(start[0].detail, TP_PHASE_DAY_START);
  EXPECT_EQ(start[1].kind, TP_EV_CLEAR);
  EXPECT_EQ(start[1].instrument, TP_ALL);
  EXPECT_EQ(w.host.retired.size(), 2u); // locates hold for one day
}

TEST_F(Normalizer, CombinesBothHaltMessages) {
  const auto local = [](char market, char action) {
    return itch('h', 1).text("SYM1", 8).text({market}, 1).text({action}, 1);
  };
  const auto status = [&](const bytes& message, uint8_t state, const std::string& reason) {
    const auto e = event_of(message);
    EXPECT_EQ(e.kind, TP_EV_STATUS);
    EXPECT_EQ(e.detail, state);
    EXPECT_EQ(w.text(e.ref), reason);
    EXPECT_EQ(e.price, TP_NONE);
  };
  status(trading_action(1, 'T'), TP_STATE_TRADING, "T");
  status(trading_action(1, 'P', "LUDP"), TP_STATE_PAUSED, "LUDP");
  status(local('Q', 'H'), TP_STATE_PAUSED, "LUDP");
  status(trading_action(1, 'Q', "T3"), TP_STATE_HALTED, "h");
  status(trading_action(1, 'T', "T3"), TP_STATE_HALTED, "h");
  status(local('Q', 'T'), TP_STATE_TRADING, "T3");
  EXPECT_THAT(events_of(local('B', 'H')), IsEmpty()); // another market's
  status(trading_action(1, 'H', "T1"), TP_STATE_HALTED, "T1");
  status(trading_action(1, 'x', "????"), TP_STATE_UNKNOWN, "????");
  const auto wide = event_of(itch('W', 0).text("2", 1));
  EXPECT_EQ(wide.instrument, TP_ALL);
  EXPECT_EQ(wide.detail, TP_STATE_HALTED);
  EXPECT_EQ(w.text(wide.ref), "MWC2");
}

TEST_F(Normalizer, MapsCrossesAndBreaks) {
  const auto cross = [](uint64_t shares, const char* type) {
    return itch('Q', 1).number(shares, 8).text("SYM1", 8).number(shares ? 10'020 : 0, 4).number(12, 8).text(type, 1);
  };
  expect_words(event_of(cross(uint64_t{1} << 40, "O")), TP_EV_TRADE, TP_PRINT, 1, 0, 10'020, int64_t{1} << 40, 12,
               TP_COND_AUCTION | TP_COND_OPENING | uint64_t{'O'} << 32);
  EXPECT_TRUE(event_of(cross(5, "C")).extra & TP_COND_CLOSING);
  EXPECT_TRUE(event_of(cross(5, "H")).extra & TP_COND_REOPENING);
  const auto none = event_of(cross(0, "C"));
  EXPECT_EQ(none.kind, TP_EV_VALUE);
  EXPECT_EQ(none.quantity, TP_NONE);
  EXPECT_EQ(none.price, TP_NONE);
  EXPECT_EQ(w.text(none.ref), "closing cross without trade");
  EXPECT_THAT(events_of(cross(UINT64_MAX, "O")), IsEmpty());
  EXPECT_EQ(w.counted("malformed"), 1u);
  expect_words(event_of(itch('B', 2).number(12, 8)), TP_EV_BREAK, 0, 2, 0, 0, 0, 12, 0);
}

TEST_F(Normalizer, MapsImbalances) {
  const auto& list = events_of(itch('I', 1)
                                 .number(5'000, 8)
                                 .number(700, 8)
                                 .text("S", 1)
                                 .text("SYM1", 8)
                                 .number(0, 4)
                                 .number(10'010, 4)
                                 .number(10'000, 4)
                                 .text("C", 1)
                                 .text("A", 1));
  ASSERT_EQ(list.size(), 2u);
  const tp_event e = list[0];
  EXPECT_EQ(e.kind, TP_EV_IMBALANCE);
  EXPECT_EQ(e.detail, TP_AUCTION_CLOSING);
  EXPECT_EQ(e.flags, TP_ASK);
  EXPECT_EQ(e.order, 700u);
  EXPECT_EQ(e.quantity, 5'000);
  EXPECT_EQ(e.price, 10'000);
  EXPECT_EQ(e.ref, 10'010u);
  EXPECT_EQ(static_cast<int64_t>(e.extra), TP_NONE); // no far price yet
  EXPECT_EQ(list[1].quantity, 10);
  EXPECT_EQ(w.text(list[1].ref), "price variation percent");
}

TEST_F(Normalizer, MapsValues) {
  auto e = event_of(itch('Y', 1).text("SYM1", 8).text("1", 1));
  EXPECT_EQ(e.detail, TP_VAL_SHORT_RESTRICTED);
  EXPECT_EQ(e.quantity, 1);
  e = event_of(itch('N', 1).text("SYM1", 8).text("A", 1));
  EXPECT_EQ(e.detail, TP_VAL_RETAIL_INTEREST);
  EXPECT_EQ(e.quantity, 3);
  EXPECT_EQ(e.flags, TP_BID | TP_ASK | TP_END);
  e = event_of(itch('K', 0).text("SYM2", 8).number(36'000, 4).text("A", 1).number(250'000, 4));
  EXPECT_EQ(e.instrument, 2u);
  EXPECT_EQ(e.price, 250'000);
  EXPECT_EQ(e.extra, midnight() + 36'000 * second);
  EXPECT_TRUE(event_of(itch('K', 0).text("SYM2", 8).number(0, 4).text("C", 1).number(0, 4)).flags & TP_UNSET);
  EXPECT_THAT(events_of(itch('K', 0).text("NONE", 8).number(0, 4).text("C", 1).number(0, 4)), IsEmpty());
  EXPECT_EQ(w.counted("unknown_locate"), 1u);
  const auto& levels = events_of(itch('V', 0).number(400'000'000'000, 8).number(2, 8).number(3, 8));
  ASSERT_EQ(levels.size(), 3u);
  EXPECT_EQ(levels[0].instrument, TP_ALL);
  EXPECT_EQ(levels[0].price, 400'000'000'000);
  EXPECT_TRUE(levels[0].flags & TP_OWN_SCALE);
  EXPECT_EQ(static_cast<int8_t>(levels[0].extra & 0xFF), -8);
  const auto& collar = events_of(itch('J', 1).text("SYM1", 8).number(100, 4).number(110, 4).number(90, 4).number(2, 4));
  ASSERT_EQ(collar.size(), 3u);
  EXPECT_EQ(collar[0].detail, TP_VAL_REFERENCE);
  EXPECT_EQ(collar[1].detail, TP_VAL_COLLAR_UPPER);
  EXPECT_EQ(collar[1].price, 110);
  EXPECT_EQ(collar[2].price, 90);
  EXPECT_EQ(collar[2].quantity, 2);
  const auto& listing = events_of(itch('O', 1)
                                    .text("SYM1", 8)
                                    .text("Y", 1)
                                    .number(1, 4)
                                    .number(2, 4)
                                    .number(3, 4)
                                    .number(40 * second, 8)
                                    .number(5, 4)
                                    .number(6, 4));
  ASSERT_EQ(listing.size(), 7u);
  EXPECT_EQ(listing[0].quantity, 1);
  EXPECT_EQ(listing[3].price, 3);
  EXPECT_EQ(listing[4].extra, midnight() + 40 * second);
  EXPECT_EQ(listing[5].price, 5);
  EXPECT_EQ(listing[6].detail, TP_VAL_COLLAR_UPPER);
}

TEST_F(Normalizer, OnlyCountsMarketParticipantPositions) {
  EXPECT_THAT(events_of(itch('L', 1).text("GSCO", 4).text("SYM1", 8).text("Y", 1).text("N", 1).text("A", 1)),
              IsEmpty());
  EXPECT_EQ(w.counted("messages.L"), 1u);
}

TEST(NormalizerTime, SaysWhenTheZoneIsUnknown) {
  world w{{"lines.a", "udp://239.1.1.1:26400"}, {"time_zone", "Nowhere/Land"}};
  auto messages = opening(1);
  messages.push_back(add(1, 1, 'B', 1, 1));
  w.a(mold(session_a, 1, messages));
  for (const auto& e : w.host.events) EXPECT_TRUE(e.flags & TP_TIME_GUESSED);
  EXPECT_EQ(w.host.events.back().venue_ns, noon - noon % day + time_of_day);
}

TEST(NormalizerBatches, FillsArraysAcrossPackets) {
  world w{{"lines.a", "udp://239.1.1.1:26400"}};
  w.a(mold(session_a, 1, opening(1)));
  w.host.events.clear();
  std::vector<bytes> packets;
  std::vector<tp_unit> units;
  for (uint64_t n = 4; n < 1'004; ++n) packets.push_back(mold(session_a, n, {add(1, n, 'B', 1, 1)}));
  for (auto& p : packets) {
    const auto size = static_cast<uint32_t>(p.size());
    p.resize(size + TP_PADDING, 0x55);
    units.push_back({p.data(), size, line_set::a, noon, 0, 0});
  }
  w.venue->on_units(units);
  ASSERT_EQ(w.host.events.size(), 1'000u);
  for (size_t i = 0; i < 1'000; ++i) ASSERT_EQ(w.host.events[i].order, i + 4);
}

} // namespace
} // namespace tickplant::nasdaq::testing
