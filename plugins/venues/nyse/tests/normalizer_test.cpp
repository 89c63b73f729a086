// Every message of the Integrated Feed to its events, in its present form, longer and shorter. Tables: venue facts,
// sections 7 to 9; mapping: venue-abi section 4.
#include "feed_builder.hpp"

namespace tickplant::nyse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Normalizer : ::testing::Test {
  Normalizer() {
    next = w.open(1);
    w.both(next++, {seconds(noon_s - 1)});
    w.forget();
  }
  /// The events of one message, which gets the next numbers.
  std::vector<tp_event> events_of(const bytes& message) {
    w.host.events.clear();
    w.a(next++, {message});
    return w.host.events;
  }
  tp_event one(const bytes& message) {
    const auto events = events_of(message);
    EXPECT_EQ(events.size(), 1u);
    if (events.size() != 1) return {};
    EXPECT_EQ(events[0].sequence, next - 1);
    EXPECT_EQ(events[0].instrument, 0u);
    EXPECT_TRUE(events[0].flags & TP_END);
    return events[0];
  }
  world w;
  uint32_t next = 0;
  uint32_t n = 2; // SymbolSeqNum: number 1 was the status of open()
};

TEST_F(Normalizer, AddIsAnAddAtSixDecimals) {
  const auto e = one(add(1, n, 77, 'B', 300, 1'000'000));
  EXPECT_EQ(e.kind, TP_EV_ADD);
  EXPECT_EQ(e.flags, TP_BID | TP_END);
  EXPECT_EQ(e.order, 77u);
  EXPECT_EQ(e.price, 100'000'000); // 100.0000 at scale 4
  EXPECT_EQ(e.quantity, 300);
  EXPECT_EQ(e.extra, 0u);
  EXPECT_EQ(e.venue_ns, noon - second + 5);
  const auto ask = one(add(1, n + 1, 78, 'S', 1, 1, "FIRM "));
  EXPECT_EQ(ask.flags, TP_ASK | TP_END);
  EXPECT_EQ(w.text(ask.extra), "FIRM");
}

TEST_F(Normalizer, ModifyKeepsItsPlaceUnlessItWasLost) {
  const auto kept = one(modify(1, n, 77, 150, 999'900));
  EXPECT_EQ(kept.kind, TP_EV_MODIFY);
  EXPECT_EQ(kept.flags, TP_KEEP | TP_END);
  EXPECT_EQ(kept.price, 99'990'000);
  EXPECT_EQ(kept.quantity, 150);
  EXPECT_EQ(one(modify(1, n + 1, 77, 150, 999'900, 1)).flags, TP_END);
}

TEST_F(Normalizer, DeleteAndReplaceNameTheirOrders) {
  const auto gone = one(erased(1, n, 77));
  EXPECT_EQ(gone.kind, TP_EV_DELETE);
  EXPECT_EQ(gone.order, 77u);
  const auto to = one(replaced(1, n + 1, 77, 0xFFFF'FFFF'FFFF'FFF0, 250, 1'000'100));
  EXPECT_EQ(to.kind, TP_EV_REPLACE);
  EXPECT_EQ(to.order, 77u);
  EXPECT_EQ(to.ref, 0xFFFF'FFFF'FFFF'FFF0u);
  EXPECT_EQ(to.price, 100'010'000);
  EXPECT_EQ(to.quantity, 250);
}

TEST_F(Normalizer, ExecutionsCountOnlyWherePrintable) {
  const auto printed = one(executed(1, n, 77, 9'001, 40, 1'000'000, 1, "@FTI"));
  EXPECT_EQ(printed.kind, TP_EV_EXECUTE);
  EXPECT_EQ(printed.flags, TP_PRICE | TP_PRINT | TP_END);
  EXPECT_EQ(printed.ref, 9'001u);
  EXPECT_EQ(printed.quantity, 40);
  EXPECT_EQ(printed.extra & 0xFFFF'FFFF, uint64_t{TP_COND_ISO | TP_COND_EXTENDED | TP_COND_ODD_LOT});
  EXPECT_EQ(printed.extra >> 32, uint64_t{'@'} | 'F' << 8 | 'T' << 16 | uint64_t{'I'} << 24);
  EXPECT_EQ(one(executed(1, n + 1, 77, 9'002, 40, 1'000'000, 0)).flags, TP_PRICE | TP_END);
  // Before 2022 there was a DBExecID in the place of the letters.
  const auto old = one(executed(1, n + 2, 77, 9'003, 40, 1'000'000, 1, {"\xa8\x0a\x00\x00", 4}));
  EXPECT_EQ(old.extra, 0u);
}

TEST_F(Normalizer, HiddenTradesAndCrossesTouchNoOrder) {
  const auto hidden = one(hidden_trade(1, n, 9'004, 30, 1'000'000));
  EXPECT_EQ(hidden.kind, TP_EV_TRADE);
  EXPECT_EQ(hidden.flags, TP_PRICE | TP_PRINT | TP_END);
  EXPECT_EQ(hidden.order, 0u);
  EXPECT_EQ(hidden.ref, 9'004u);
  EXPECT_EQ(hidden.extra & 0xFFFF'FFFF, uint64_t{TP_COND_HIDDEN | TP_COND_ODD_LOT});
  EXPECT_EQ(one(hidden_trade(1, n + 1, 9'005, 30, 1'000'000, 0)).flags, TP_PRICE | TP_END);
  const auto opening = one(cross(1, n + 2, 77, 300, 1'000'000, 'O'));
  EXPECT_EQ(opening.kind, TP_EV_TRADE);
  EXPECT_EQ(opening.flags, TP_PRICE | TP_PRINT | TP_END);
  EXPECT_EQ(opening.ref, cross_bit | 77);
  EXPECT_EQ(opening.extra, uint64_t{TP_COND_AUCTION | TP_COND_OPENING} | uint64_t{'O'} << 32);
  EXPECT_EQ(one(cross(1, n + 3, 78, 1, 1, '6')).extra & 0xFFFF'FFFF, uint64_t{TP_COND_AUCTION | TP_COND_CLOSING});
  EXPECT_EQ(one(cross(1, n + 4, 78, 1, 1, '5')).extra & 0xFFFF'FFFF, uint64_t{TP_COND_AUCTION | TP_COND_REOPENING});
  EXPECT_EQ(w.counted("unknown_values"), 0u);
  one(cross(1, n + 5, 78, 1, 1, '?'));
  EXPECT_EQ(w.counted("unknown_values"), 1u);
}

TEST_F(Normalizer, CancelsAndCorrectionsNameWhatTheyChange) {
  const auto cancel = one(data(112, 1, n).number(9'007, 4));
  EXPECT_EQ(cancel.kind, TP_EV_BREAK);
  EXPECT_EQ(cancel.ref, 9'007u);
  const auto correction = one(data(113, 1, n + 1).number(77, 4).number(280, 4));
  EXPECT_EQ(correction.kind, TP_EV_CORRECT);
  EXPECT_EQ(correction.flags, TP_END); // no PRICE: the known one stands
  EXPECT_EQ(correction.ref, cross_bit | 77);
  EXPECT_EQ(correction.quantity, 280);
}

TEST_F(Normalizer, AddRefreshInTheFlowIsAnAddWithItsOwnTime) {
  const auto e = one(add_refresh(1, n, 77, 'S', 300, 1'000'000));
  EXPECT_EQ(e.kind, TP_EV_ADD);
  EXPECT_EQ(e.flags, TP_ASK | TP_END);
  EXPECT_EQ(e.price, 100'000'000);
  EXPECT_EQ(e.venue_ns, noon + 5);
}

TEST_F(Normalizer, ClearEmptiesTheBookAndRenumbersTheSymbol) {
  const auto e = one(symbol_clear(1, 500));
  EXPECT_EQ(e.kind, TP_EV_CLEAR);
  one(add(1, 500, 1, 'B', 1, 1));
  EXPECT_EQ(w.counted("symbol_jumps"), 0u);
}

struct status_case {
  char code, halt, market;
  uint8_t state;
  const char* reason;
};
struct Status : Normalizer, ::testing::WithParamInterface<status_case> {};

TEST_P(Status, CombinesHaltAndMarketState) {
  const auto& c = GetParam();
  const auto events = events_of(status(1, n, c.code, c.halt, c.market));
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events[0].kind, TP_EV_STATUS);
  EXPECT_EQ(events[0].detail, c.state);
  EXPECT_EQ(w.text(events[0].ref), c.reason);
  EXPECT_EQ(events[0].price, TP_NONE);
  EXPECT_TRUE(events.back().flags & TP_END);
}

INSTANTIATE_TEST_SUITE_P(
  Table, Status,
  ::testing::Values(
    status_case{'P', '~', 'P', TP_STATE_PRE_OPEN, "P"}, status_case{'B', '~', 'P', TP_STATE_PRE_OPEN, "B"},
    status_case{'E', '~', 'E', TP_STATE_TRADING, "E"}, status_case{'O', '~', 'O', TP_STATE_TRADING, "O"},
    status_case{'L', '~', 'L', TP_STATE_TRADING, "L"}, status_case{'X', '~', 'X', TP_STATE_CLOSED, "X"},
    status_case{'4', 'D', 'O', TP_STATE_HALTED, "D"}, status_case{'4', 'M', 'O', TP_STATE_PAUSED, "M"},
    status_case{'4', '1', 'O', TP_STATE_HALTED, "1"}, status_case{'6', '6', 'O', TP_STATE_HALTED, "6"},
    status_case{'4', '~', 'O', TP_STATE_HALTED, "4"},
    // A session change does not lift a halt.
    status_case{'O', 'P', 'O', TP_STATE_HALTED, "P"}, status_case{'5', '~', 'O', TP_STATE_TRADING, "5"}));

TEST_F(Normalizer, IndicationsCarryTheirPrices) {
  const auto events = events_of(status(1, n, 'I', 'M', 'O', '~', 990'000, 1'010'000));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].detail, TP_STATE_PAUSED);
  EXPECT_EQ(events[0].price, 99'000'000);
  EXPECT_EQ(events[0].quantity, 101'000'000);
}

TEST_F(Normalizer, ShortSaleRestrictionIsAValueOfItsOwn) {
  const auto on = events_of(status(1, n, 'A', '~', 'O', 'E', 950'000));
  ASSERT_EQ(on.size(), 2u);
  EXPECT_EQ(on[0].detail, TP_STATE_TRADING);
  EXPECT_EQ(on[1].kind, TP_EV_VALUE);
  EXPECT_EQ(on[1].detail, TP_VAL_SHORT_RESTRICTED);
  EXPECT_EQ(on[1].quantity, 1);
  EXPECT_EQ(on[1].price, 95'000'000);
  EXPECT_EQ(events_of(status(1, n + 1, 'O', '~', 'O', 'E')).size(), 1u); // nothing new about it
  const auto off = events_of(status(1, n + 2, 'D', '~', 'O', '~'));
  ASSERT_EQ(off.size(), 2u);
  EXPECT_EQ(off[1].quantity, 0);
}

TEST_F(Normalizer, TheEndOfTheDayClearsTheBookOnce) {
  const auto closed = events_of(status(1, n, 'X', '~', 'X'));
  ASSERT_EQ(closed.back().kind, TP_EV_CLEAR);
  const auto again = events_of(status(1, n + 1, 'D', '~', 'X'));
  EXPECT_NE(again.back().kind, TP_EV_CLEAR);
}

TEST_F(Normalizer, ImbalancesOfBothLengthsDecode) {
  const auto events = events_of(imbalance(1, n));
  ASSERT_FALSE(events.empty());
  const auto& e = events[0];
  EXPECT_EQ(e.kind, TP_EV_IMBALANCE);
  EXPECT_EQ(e.detail, TP_AUCTION_OPENING);
  EXPECT_EQ(e.flags & (TP_BID | TP_ASK), TP_ASK);
  EXPECT_EQ(e.order, 300u);
  EXPECT_EQ(e.price, 100'000'000);
  EXPECT_EQ(e.quantity, 500);
  EXPECT_EQ(static_cast<int64_t>(e.ref), 101'000'000);
  EXPECT_EQ(static_cast<int64_t>(e.extra), 102'000'000);
  std::map<std::string, int64_t> named;
  std::map<int, int64_t> keyed;
  for (size_t i = 1; i < events.size(); ++i) {
    EXPECT_EQ(events[i].kind, TP_EV_VALUE);
    EXPECT_EQ((events[i].flags & TP_END) != 0, i + 1 == events.size());
    if (events[i].detail == TP_VAL_OTHER)
      named[w.text(events[i].ref)] = events[i].quantity != TP_NONE ? events[i].quantity : events[i].price;
    else
      keyed[events[i].detail] = events[i].price;
  }
  EXPECT_EQ(keyed, (std::map<int, int64_t>{{TP_VAL_COLLAR_UPPER, 110'000'000}, {TP_VAL_COLLAR_LOWER, 90'000'000}}));
  EXPECT_EQ(named, (std::map<std::string, int64_t>{{"continuous book clearing price", 101'000'000},
                                                   {"market imbalance", 7},
                                                   {"auction time", 930},
                                                   {"auction status", 1},
                                                   {"auction freeze", 0},
                                                   {"auction extensions", 2},
                                                   {"unpaired", 44}}));
  EXPECT_EQ(events_of(imbalance(1, n + 1, true)).size(), events.size() - 1); // no unpaired quantity in 2017
  EXPECT_EQ(w.counted("malformed"), 0u);
}

TEST_F(Normalizer, RetailInterestNamesItsSides) {
  const auto both = one(data(114, 1, n).text("C", 1));
  EXPECT_EQ(both.kind, TP_EV_VALUE);
  EXPECT_EQ(both.detail, TP_VAL_RETAIL_INTEREST);
  EXPECT_EQ(both.flags & (TP_BID | TP_ASK), TP_BID | TP_ASK);
  EXPECT_EQ(one(data(114, 1, n + 1).text(" ", 1)).quantity, 0);
  EXPECT_EQ(one(data(114, 1, n + 2).text("A", 1)).quantity, TP_BID);
}

TEST_F(Normalizer, SummariesAreValuesWithoutANumberOfTheChannel) {
  w.packet(world::line(line_role::summary), packet_of(11, 216'123, {summary(1)}));
  ASSERT_EQ(w.host.events.size(), 4u); // no close yet
  EXPECT_EQ(w.host.events[0].detail, TP_VAL_HIGH);
  EXPECT_EQ(w.host.events[0].price, 110'000'000);
  EXPECT_EQ(w.host.events[3].detail, TP_VAL_VOLUME);
  EXPECT_EQ(w.host.events[3].quantity, 12'345);
  for (const auto& e : w.host.events) EXPECT_EQ(e.sequence, 0u);
  w.host.events.clear();
  w.packet(world::line(line_role::summary), packet_of(11, 216'123, {summary(1)}));
  EXPECT_THAT(w.host.events, IsEmpty());
}

TEST_F(Normalizer, MappingsDefineInstrumentsAtSixDecimals) {
  EXPECT_THAT(events_of(mapping(9, "BRK.A", 3, 'T')), IsEmpty());
  const auto number = w.instrument("BRK.A");
  ASSERT_NE(number, UINT32_MAX);
  const auto& raw = w.host.instruments[number].raw;
  EXPECT_EQ(raw.channel, 1u);
  EXPECT_EQ(raw.book, TP_BOOK_ORDERS);
  EXPECT_EQ(raw.price_exponent, -6);
  EXPECT_TRUE(raw.is_test);
  EXPECT_EQ(raw.lot, 100);
  EXPECT_EQ(raw.price_step, 10'000);
  EXPECT_EQ(raw.previous_close, 123'400'000); // 123.400 at scale 3
  EXPECT_EQ(w.host.instruments[number].venue_code, "9");
  EXPECT_FALSE(w.host.instruments[w.instrument("SYM1")].raw.is_test);
}

TEST_F(Normalizer, ALaterScaleHoldsFromThereOnForTheSameInstrument) {
  one(add(1, n, 1, 'B', 1, 1'000'000));
  events_of(mapping(1, "SYM1", 6));
  EXPECT_EQ(w.host.instruments.size(), 1u);
  EXPECT_EQ(one(add(1, n + 1, 2, 'B', 1, 1'000'000)).price, 1'000'000);
}

TEST_F(Normalizer, AScaleThatCannotBeKeptExactlyIsNotGuessed) {
  events_of(mapping(9, "ODD", 7));
  EXPECT_EQ(w.instrument("ODD"), UINT32_MAX);
  EXPECT_EQ(w.counted("unknown_values"), 1u);
}

TEST_F(Normalizer, UnknownTypesAreCountedAndTheirNumbersConsumed) {
  EXPECT_THAT(events_of(pillar(999).number(0, 8)), IsEmpty());
  EXPECT_THAT(events_of(pillar(140).number(0, 30)), IsEmpty());
  EXPECT_EQ(w.counted("unknown"), 2u);
  one(add(1, n, 1, 'B', 1, 1));
  EXPECT_EQ(w.counted("gaps.seen"), 0u);
}

TEST_F(Normalizer, LongerMessagesDecodeTheirKnownPart) {
  const auto longer = [](bytes m) {
    m.insert(m.end(), {9, 9, 9, 9, 9, 9});
    m[0] = static_cast<uint8_t>(m.size());
    return m;
  };
  EXPECT_EQ(one(longer(add(1, n, 77, 'B', 300, 1'000'000))).price, 100'000'000);
  EXPECT_EQ(one(longer(executed(1, n + 1, 77, 1, 40, 1'000'000))).quantity, 40);
  EXPECT_EQ(events_of(longer(status(1, n + 2, 'O', '~', 'O'))).size(), 1u);
  EXPECT_FALSE(events_of(longer(imbalance(1, n + 3))).empty());
  EXPECT_EQ(w.counted("malformed"), 0u);
}

struct short_case {
  uint16_t type;
  size_t vital; // shortest form that still says something
};
struct ShortForm : Normalizer, ::testing::WithParamInterface<short_case> {};

// "Read a field only if it lies inside MsgSize"; a vital field that is missing spoils the symbol's book.
TEST_P(ShortForm, DecodesWhatIsInsideOrSpoilsTheBook) {
  const std::map<uint16_t, bytes> whole{{100, add(1, n, 77, 'B', 300, 1'000'000)},
                                        {101, modify(1, n, 77, 300, 1'000'000)},
                                        {102, erased(1, n, 77)},
                                        {103, executed(1, n, 77, 5, 300, 1'000'000)},
                                        {104, replaced(1, n, 77, 78, 300, 1'000'000)},
                                        {106, add_refresh(1, n, 77, 'B', 300, 1'000'000)},
                                        {110, hidden_trade(1, n, 5, 300, 1'000'000)},
                                        {111, cross(1, n, 5, 300, 1'000'000, 'O')}};
  auto m = whole.at(GetParam().type);
  m.resize(GetParam().vital);
  m[0] = static_cast<uint8_t>(m.size());
  const auto events = events_of(m);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(w.counted("malformed"), 0u);
  if (GetParam().type != 102) {
    EXPECT_EQ(events[0].quantity, 300);
  }
  m.pop_back();
  m[0] = static_cast<uint8_t>(m.size());
  EXPECT_THAT(events_of(m), IsEmpty());
  EXPECT_EQ(w.counted("malformed"), 1u);
  const bool touches_book = GetParam().type < 110;
  EXPECT_EQ(w.states(0).size(), touches_book ? 1u : 0u);
  if (touches_book) {
    EXPECT_EQ(w.states(0)[0], TP_STREAM_LOST);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, ShortForm,
                         ::testing::Values(short_case{100, 33}, short_case{101, 32}, short_case{102, 24},
                                           short_case{103, 37}, short_case{104, 40}, short_case{106, 37},
                                           short_case{110, 29}, short_case{111, 28}));

TEST_F(Normalizer, AnOrderWithoutASideIsNotGuessed) {
  EXPECT_THAT(events_of(add(1, n, 77, ' ', 300, 1'000'000)), IsEmpty());
  EXPECT_EQ(w.counted("malformed"), 1u);
  EXPECT_THAT(w.states(0), ElementsAre(TP_STREAM_LOST));
}

TEST_F(Normalizer, AMessageTooShortToNameItsSymbolSpoilsAllBooks) {
  events_of(pillar(100).number(0, 4));
  EXPECT_THAT(w.states(), ElementsAre(TP_STREAM_LOST));
}

TEST(NormalizerTime, IsGuessedUntilTheFirstSecondsAndMonthOldSecondsAreNotBelieved) {
  world w;
  uint32_t next = w.open(1);
  w.host.events.clear();
  w.a(next++, {add(1, 2, 1, 'B', 1, 1)});
  EXPECT_TRUE(w.host.events.back().flags & TP_TIME_GUESSED);
  EXPECT_EQ(w.host.events.back().venue_ns, noon + 5);
  w.a(next++, {seconds(noon_s - 30 * 86'400)});
  EXPECT_EQ(w.counted("bad_times"), 1u);
  w.a(next++, {seconds(noon_s, 9)}); // of another partition
  w.a(next++, {add(1, 3, 2, 'B', 1, 1)});
  EXPECT_TRUE(w.host.events.back().flags & TP_TIME_GUESSED);
  w.a(next++, {seconds(noon_s)});
  w.a(next++, {add(1, 4, 3, 'B', 1, 1)});
  EXPECT_FALSE(w.host.events.back().flags & TP_TIME_GUESSED);
}

TEST(NormalizerWanted, UnwantedSymbolsBringNoEvents) {
  world w;
  w.host.wanted = [](std::string_view symbol) { return symbol == "SYM2"; };
  uint32_t next = w.open(2);
  w.a(next++, {add(1, 2, 1, 'B', 1, 1), add(2, 2, 2, 'B', 1, 1), symbol_clear(1, 3), status(1, 3, 'X', '~', 'X'),
               imbalance(1, 4)});
  for (const auto& e : w.host.events)
    if (e.instrument != TP_ALL) {
      EXPECT_EQ(e.instrument, w.instrument("SYM2"));
    }
  EXPECT_EQ(w.counted("messages.100"), 2u);
}

// Guards against an event written behind the array: messages that go the long way may leave it exactly full.
TEST(NormalizerArray, EmitsEverythingHoweverFullItIsBetweenPackets) {
  for (uint32_t first = 250; first <= 260; ++first) {
    world w;
    uint32_t next = w.open(1);
    w.host.events.clear();
    std::vector<bytes> packets;
    uint32_t number = 2;
    const auto fill = [&](uint32_t count, bool is_rare) {
      while (count > 0) {
        std::vector<bytes> some;
        for (uint32_t i = std::min(count, 25u); i > 0; --i, --count, ++number)
          some.push_back(is_rare ? bytes(data(114, 1, number).text("A", 1)) : add(1, number, number, 'B', 1, 1));
        packets.push_back(packet_of(11, next, some));
        next += static_cast<uint32_t>(some.size());
      }
    };
    fill(first, true);
    fill(300, false);
    std::vector<tp_unit> units;
    for (auto& p : packets) {
      const auto size = static_cast<uint32_t>(p.size());
      p.resize(p.size() + TP_PADDING, 0xEE);
      units.push_back({p.data(), size, world::line(line_role::a), w.host.now_ns, 0, 0});
    }
    EXPECT_EQ(w.venue->on_units(units), TP_OK);
    ASSERT_EQ(w.host.events.size(), first + 300) << first;
    for (size_t i = 1; i < w.host.events.size(); ++i)
      ASSERT_EQ(w.host.events[i].sequence, w.host.events[i - 1].sequence + 1) << first;
  }
}

} // namespace
} // namespace tickplant::nyse::testing
