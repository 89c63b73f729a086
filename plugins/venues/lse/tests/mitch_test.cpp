// MITCH messages one by one: what of them becomes which event, in all the lengths that the documents name (S0-53).
#include "bytes.hpp"
#include "feed_builder.hpp"

namespace tickplant::lse::testing {
namespace {

using ::testing::IsEmpty;

struct Mitch : ::testing::Test {
  world w;
  uint64_t next = 1;
  void SetUp() override {
    feed(opening(2));
    feed({executed(1, 1, 1), add(101, 1, 'B', 9, one)});
    w.forget();
  }
  void feed(const std::vector<bytes>& messages) {
    w.a(unit(next, messages));
    next += messages.size();
  }
  tp_event only(const bytes& message) {
    w.host.events.clear();
    feed({message});
    EXPECT_EQ(w.host.events.size(), 1u);
    return w.host.events.empty() ? tp_event{} : w.host.events.front();
  }
};

TEST_F(Mitch, AddsAreTheSameInBothLengths) {
  const auto longer = only(add(101, 7, 'S', 300, 5 * one));
  const auto shorter = only(add(101, 7, 'S', 300, 5 * one, 0, false));
  EXPECT_EQ(shorter.kind, TP_EV_ADD);
  EXPECT_EQ(shorter.price, longer.price);
  EXPECT_EQ(shorter.order, longer.order);
  EXPECT_EQ(shorter.quantity, longer.quantity);
  EXPECT_EQ(shorter.flags, longer.flags);
  EXPECT_EQ(only(add(101, 7, 'S', 300, 0, 0x10, false)).flags, TP_ASK | TP_NO_LIMIT | TP_END);
}

TEST_F(Mitch, PricesAreSignAndMagnitude) {
  EXPECT_EQ(only(trade(101, 1, -one, 1)).price, -one);
  const uint8_t minus_one[] = {0x00, 0xe1, 0xf5, 0x05, 0, 0, 0, 0x80};
  EXPECT_EQ(signed_magnitude(minus_one), -one);
  const uint8_t most[] = {255, 255, 255, 255, 255, 255, 255, 255};
  EXPECT_EQ(signed_magnitude(most), -INT64_MAX);
}

TEST_F(Mitch, DeletesNameTheirBookWhereTheMessageDoes) {
  EXPECT_EQ(only(deleted(7, 102)).instrument, 1u);
  EXPECT_EQ(only(deleted_short(7)).instrument, TP_OF_ORDER);
  // Quotes of before we joined are in no book that is known.
  EXPECT_EQ(only(deleted(7, 102, 0x20)).instrument, TP_OF_ORDER);
  feed({add_attributed(102, 8, 'B', 1, one, "FIRM", 0x20)});
  EXPECT_EQ(only(deleted(8, 102, 0x20)).instrument, 2u);
  // The flags do not tell private requests: where there are some the order must.
  feed({add(102, 9, 'B', 1, one, 0x40)});
  EXPECT_EQ(only(deleted(9, 102)).instrument, TP_OF_ORDER);
}

TEST_F(Mitch, SecondBooksHaveNumbersOfTheirOwn) {
  EXPECT_EQ(only(add(101, 1, 'B', 1, one)).instrument, 0u);
  EXPECT_EQ(only(add_attributed(101, 2, 'B', 1, one, "FIRM", 0x20)).instrument, 2u);
  EXPECT_EQ(only(add(101, 3, 'B', 1, one, 0x40)).instrument, 3u);
  EXPECT_EQ(only(clear(101, 0x20)).instrument, 2u);
  EXPECT_EQ(only(clear(101, 0x40)).instrument, 3u);
  EXPECT_EQ(only(clear(101)).instrument, 0u);
  EXPECT_EQ(w.host.instruments[2].symbol, "GB0000000000");
  EXPECT_EQ(w.host.instruments[2].name, "firm quotes");
  EXPECT_EQ(w.host.instruments[2].raw.parent, 0u);
  EXPECT_EQ(w.host.instruments[3].name, "private requests for quotes");
  EXPECT_EQ(w.host.instruments[3].raw.parent, 0u);
  EXPECT_EQ(w.host.instruments[3].raw.book, TP_BOOK_ORDERS);
}

TEST_F(Mitch, NamedMarketOrdersHaveNoLimit) {
  const auto e = only(add_attributed(101, 1, 'B', 5, 0, "FIRM", 0x10));
  EXPECT_EQ(e.flags, TP_BID | TP_NO_LIMIT | TP_END);
  EXPECT_EQ(e.price, TP_NONE);
  EXPECT_EQ(e.instrument, 0u);
}

TEST_F(Mitch, ModificationsKeepTheirPlaceByTheBitAndDeleteAtNothing) {
  EXPECT_EQ(only(modified(1, 5, one, 1)).flags, TP_KEEP | TP_END);
  EXPECT_EQ(only(modified(1, 5, one, 0)).flags, TP_END);
  EXPECT_EQ(only(modified(1, 5, 0, 1)).flags, TP_KEEP | TP_NO_LIMIT | TP_END); // a market order stays one
  const auto gone = only(modified(1, 0, one, 1));
  EXPECT_EQ(gone.kind, TP_EV_DELETE);
  EXPECT_EQ(gone.flags, TP_END);
}

TEST_F(Mitch, ExecutionsWithSizeSetWhatIsLeftAndPrintByTheirLetter) {
  const auto silent = only(executed_at(1, 10, 90, 5, 'N', one));
  EXPECT_EQ(silent.flags, TP_PRICE | TP_LEFT | TP_END);
  EXPECT_EQ(silent.extra, 90u);
  EXPECT_TRUE(only(executed_at(1, 10, 500, 5, 'Y', one)).flags & TP_PRINT); // an iceberg may show more than before
}

struct trade_case {
  const char* name;
  bytes message;
  uint8_t kind;
  uint16_t flags;
  uint64_t conditions;
};
struct Trades : Mitch, ::testing::WithParamInterface<trade_case> {};

TEST_P(Trades, CountOnceUnderTheirConditions) {
  const auto& c = GetParam();
  const auto e = only(c.message);
  EXPECT_EQ(e.kind, c.kind);
  EXPECT_EQ(e.flags, c.flags);
  EXPECT_EQ(e.extra, c.conditions);
  EXPECT_EQ(e.instrument, 0u);
  EXPECT_EQ(e.ref, 77u);
  EXPECT_EQ(e.quantity, c.kind == TP_EV_BREAK ? TP_NONE : 5);
  EXPECT_EQ(e.price, c.kind == TP_EV_BREAK ? TP_NONE : one);
  EXPECT_EQ(w.counted("unknown_values"), 0u);
}

bytes cut(bytes message, uint8_t size) {
  message.resize(size);
  message[0] = size;
  return message;
}
constexpr uint16_t printed = TP_PRINT | TP_PRICE | TP_END;
INSTANTIATE_TEST_SUITE_P(
  Mitch, Trades,
  ::testing::Values(trade_case{"hidden", trade(101, 5, one, 77), TP_EV_TRADE, printed, TP_COND_HIDDEN},
                    trade_case{"old", cut(trade(101, 5, one, 77), 33), TP_EV_TRADE, printed, TP_COND_HIDDEN},
                    trade_case{"cross", trade(101, 5, one, 77, 7), TP_EV_TRADE, printed, TP_COND_CROSS},
                    trade_case{"block", trade(101, 5, one, 77, 8), TP_EV_TRADE, printed, TP_COND_BLOCK},
                    trade_case{"rfq", trade(101, 5, one, 77, 0, 11), TP_EV_TRADE, printed, TP_COND_RFQ},
                    trade_case{"cancelled", trade(101, 5, one, 77, 5, 0, 1), TP_EV_BREAK, TP_END, 0},
                    trade_case{"amended", trade(101, 5, one, 77, 5, 0, 2), TP_EV_CORRECT, TP_PRICE | TP_END,
                               TP_COND_CROSS},
                    trade_case{"opening", auction_trade(101, 5, one, 77, 'O'), TP_EV_TRADE, printed,
                               TP_COND_AUCTION | TP_COND_OPENING | uint64_t{'O'} << 32},
                    trade_case{"old_auction", cut(auction_trade(101, 5, one, 77, 'E'), 33), TP_EV_TRADE, printed,
                               TP_COND_AUCTION | TP_COND_REOPENING | uint64_t{'E'} << 32},
                    trade_case{"auction_cancelled", auction_trade(101, 5, one, 77, 'C', 1), TP_EV_BREAK, TP_END, 0}),
  [](const auto& tested) { return tested.param.name; });

struct status_case {
  char letter;
  uint8_t state;
};
struct States : Mitch, ::testing::WithParamInterface<status_case> {};

TEST_P(States, AreTheHostsWithTheVenuesLetter) {
  const auto e = only(symbol_status(102, GetParam().letter));
  EXPECT_EQ(e.kind, TP_EV_STATUS);
  EXPECT_EQ(e.detail, GetParam().state);
  EXPECT_EQ(e.instrument, 1u);
  EXPECT_EQ(e.extra, 0u);
  EXPECT_EQ(w.text(e.ref), std::string(1, GetParam().letter));
  EXPECT_EQ(w.counted("unknown_values"), GetParam().state == TP_STATE_UNKNOWN ? 1u : 0u);
}

INSTANTIATE_TEST_SUITE_P(Mitch, States,
                         ::testing::Values(status_case{'T', TP_STATE_TRADING}, status_case{'a', TP_STATE_AUCTION},
                                           status_case{'d', TP_STATE_AUCTION}, status_case{'e', TP_STATE_AUCTION},
                                           status_case{'q', TP_STATE_AUCTION}, status_case{'r', TP_STATE_AUCTION},
                                           status_case{'f', TP_STATE_AUCTION}, status_case{'G', TP_STATE_NO_DEPTH},
                                           status_case{'l', TP_STATE_PAUSED}, status_case{'m', TP_STATE_TRADING},
                                           status_case{'n', TP_STATE_TRADING}, status_case{'o', TP_STATE_TRADING},
                                           status_case{'u', TP_STATE_TRADING}, status_case{'b', TP_STATE_CLOSED},
                                           status_case{'x', TP_STATE_CLOSED}, status_case{'c', TP_STATE_CLOSED},
                                           status_case{'t', TP_STATE_CLOSED}, status_case{'w', TP_STATE_CLOSED},
                                           status_case{'H', TP_STATE_HALTED}, status_case{'Z', TP_STATE_UNKNOWN}));

TEST_F(Mitch, HaltsTellTheirReasonAndCallsTheirEnd) {
  EXPECT_EQ(w.text(only(symbol_status(101, 'H', 0, "", "102")).ref), "102");
  EXPECT_EQ(only(symbol_status(101, 'a', 0, "08:00:30")).extra, midnight + (8 * 3'600 + 30) * second);
  EXPECT_EQ(only(symbol_status(101, 'a', 0, "8:00h")).extra, 0u);
}

TEST_F(Mitch, StatusesOfOtherBooksLeaveTheOrderBookAlone) {
  feed({symbol_status(101, 'T', 0, "", "", 2), symbol_status(101, 'w', 0, "", "", 3),
        symbol_status(101, 'T', 0x20)}); // there are no quotes yet
  EXPECT_THAT(w.host.events, IsEmpty());
  feed({add_attributed(101, 2, 'B', 1, one, "FIRM", 0x20)});
  EXPECT_EQ(only(symbol_status(101, 'T', 0x20)).instrument, 2u);
}

TEST_F(Mitch, OfficialPricesAreSetAndWithdrawn) {
  const auto statistics = [](char kind, int64_t price) {
    return timed('w').n(101, 4).n(0, 2).c(kind).p(price).c('A').n(0, 1);
  };
  const auto open = only(statistics('O', 3 * one));
  EXPECT_EQ(open.kind, TP_EV_VALUE);
  EXPECT_EQ(open.detail, TP_VAL_OPEN);
  EXPECT_EQ(open.price, 3 * one);
  EXPECT_FALSE(open.flags & TP_UNSET);
  const auto unset = only(statistics('C', -one));
  EXPECT_EQ(unset.detail, TP_VAL_CLOSE);
  EXPECT_TRUE(unset.flags & TP_UNSET);
  EXPECT_EQ(unset.price, TP_NONE);
}

TEST_F(Mitch, AuctionInfoNeverTouchesBookOrVolume) {
  const auto e = only(timed('I').n(900, 4).n(0, 4).n(0, 1).n(102, 4).n(0, 2).p(2 * one).c('O'));
  EXPECT_EQ(e.kind, TP_EV_IMBALANCE);
  EXPECT_EQ(e.detail, TP_AUCTION_OPENING);
  EXPECT_EQ(e.flags, TP_END); // no side
  EXPECT_EQ(e.instrument, 1u);
  EXPECT_EQ(e.quantity, 900);
  EXPECT_EQ(static_cast<int64_t>(e.ref), 2 * one);
  EXPECT_EQ(e.price, TP_NONE);
  EXPECT_EQ(static_cast<int64_t>(e.order), TP_NONE);
}

TEST_F(Mitch, TopOfBookEndsWithThePhaseThatItBelongsTo) {
  const bytes top = timed('q').n(101, 4).p(one).n(5, 4).p(2 * one).n(6, 4);
  feed({symbol_status(101, 'G')});
  const auto e = only(top);
  EXPECT_EQ(e.kind, TP_EV_QUOTE);
  EXPECT_EQ(e.price, one);
  EXPECT_EQ(e.quantity, 5);
  EXPECT_EQ(static_cast<int64_t>(e.order), 2 * one);
  EXPECT_EQ(e.ref, 6u);
  feed({symbol_status(101, 'T')});
  w.host.events.clear();
  feed({top});
  EXPECT_THAT(w.host.events, IsEmpty());
}

TEST_F(Mitch, TimesAreLondonsAndFollowTheClockMessage) {
  EXPECT_EQ(only(add(101, 1, 'B', 1, one)).venue_ns, morning + 1'000);
  feed({time_message(8 * 3'600 + 5)});
  EXPECT_EQ(only(executed(1, 1, 1)).venue_ns, morning + 5 * second + 1'000);
  EXPECT_FALSE(w.host.events[0].flags & TP_TIME_GUESSED);
}

TEST_F(Mitch, MidnightAndWinterTimeMoveTheDay) {
  w.host.now_ns = midnight + 24 * 3'600 * second + second; // a second after the next midnight
  feed({time_message(23 * 3'600 + 3'599)});                // a stamp of the second before it
  EXPECT_EQ(only(executed(1, 1, 1)).venue_ns, midnight + (24 * 3'600 - 1) * second + 1'000);
  feed({time_message(1)});
  EXPECT_EQ(only(executed(1, 1, 1)).venue_ns, midnight + (24 * 3'600 + 1) * second + 1'000);
  w.host.zones["Europe/London"] = 0;
  w.host.now_ns = 1'704'960'000ull * second; // 11 January 2024, 08:00 UTC
  feed({time_message(8 * 3'600)});
  EXPECT_EQ(only(executed(1, 1, 1)).venue_ns, 1'704'960'000ull * second + 1'000);
}

TEST(MitchClock, IsTheReceiptsUntilTheFirstTimeMessage) {
  world w;
  w.a(unit(1, {directory(101, "GB0000000001"), add(101, 1, 'B', 1, one)}));
  ASSERT_EQ(w.host.events.size(), 1u);
  EXPECT_EQ(w.host.events[0].venue_ns, w.host.now_ns);
  EXPECT_TRUE(w.host.events[0].flags & TP_TIME_GUESSED);
}

TEST(MitchClock, SaysThatItGuessesWithoutTheZone) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"time_zone", "Atlantis/Capital"}};
  w.a(unit(1, {time_message(8 * 3'600), directory(101, "GB0000000001"), add(101, 1, 'B', 1, one)}));
  EXPECT_TRUE(w.host.events.at(0).flags & TP_TIME_GUESSED);
}

TEST(MitchNames, OfOneIsinAreToldApart) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"tickers.GB00BH4HKS39", "VOD"}};
  w.a(unit(1, {directory(1, "GB0000000001"), directory(2, "GB0000000001", "SET1", "USD"),
               directory(3, "GB0000000001", "SET1", "USD"), directory(4, "GB00BH4HKS39"),
               directory(5, "GB00BH4HKS39", "SET1", "EUR"), directory(1, "GB0000000001", "SET1", "GBX", 'H'),
               directory(6, "")}));
  EXPECT_EQ(w.host.instruments[0].symbol, "GB0000000001");
  EXPECT_EQ(w.host.instruments[1].symbol, "GB0000000001.USD");
  EXPECT_EQ(w.host.instruments[2].symbol, "GB0000000001#3");
  EXPECT_EQ(w.host.instruments[3].symbol, "VOD");
  EXPECT_EQ(w.host.instruments[4].symbol, "VOD.EUR");
  EXPECT_EQ(w.host.instruments[5].symbol, "#6");
  EXPECT_THAT(w.host.retired, IsEmpty());
  ASSERT_EQ(w.host.events.size(), 1u); // a directory entry may tell of a halt
  EXPECT_EQ(w.host.events[0].detail, TP_STATE_HALTED);
}

TEST_F(Mitch, RepeatedDirectoryIsNoNews) {
  w.host.instruments.clear();
  feed({opening(2)[2], opening(2)[3]});
  EXPECT_THAT(w.host.instruments, IsEmpty());
  feed({directory(101, "GB0000000000", "SET1", "GBX", ' ', 101 * one)});
  EXPECT_EQ(w.host.instruments.size(), 1u);
}

TEST(MitchDirectory, IsToldWholeBeforeTheFirstOrder) {
  world w;
  auto all = opening(2);
  all.push_back(symbol_status(101, 'a'));
  w.a(unit(1, all));
  EXPECT_THAT(w.states(), ::testing::ElementsAre(TP_STREAM_LIVE));
  w.a(unit(6 - 1, {symbol_status(101, 'a'), add(101, 1, 'B', 1, one)}));
  EXPECT_THAT(w.states(), ::testing::ElementsAre(TP_STREAM_LIVE, TP_STREAM_DIRECTORY));
}

TEST_F(Mitch, UnwantedInstrumentsBringNoEvents) {
  world narrow;
  narrow.host.wanted = [](std::string_view symbol) { return symbol == "GB0000000001"; };
  narrow.a(unit(1, opening(2)));
  narrow.host.events.clear();
  narrow.a(unit(5, {add(101, 1, 'B', 1, one), deleted(1, 101), trade(101, 1, one, 1), symbol_status(101, 'T'),
                    add(102, 2, 'B', 1, one)}));
  ASSERT_EQ(narrow.host.events.size(), 1u);
  EXPECT_EQ(narrow.host.events[0].instrument, 1u);
}

TEST_F(Mitch, WhatIsNotKnownIsSkippedByItsLengthAndUsesItsNumber) {
  feed({mitch_message('?').n(0, 30), timed('x').n(0, 64), add(999, 1, 'B', 1, one), executed(5, 1, 1)});
  EXPECT_EQ(w.counted("unknown"), 1u);
  EXPECT_EQ(w.counted("messages.x"), 1u);
  EXPECT_EQ(w.counted("unknown_instrument"), 1u);
  ASSERT_EQ(w.host.events.size(), 1u);
  EXPECT_EQ(w.host.events[0].sequence, next - 1);
}

TEST_F(Mitch, LongerMessagesAreReadAndShorterOnesAreNot) {
  auto longer = executed(5, 1, 1) + bytes{1, 2, 3};
  longer[0] = static_cast<uint8_t>(longer.size());
  EXPECT_EQ(only(longer).quantity, 1);
  w.host.events.clear();
  feed({cut(add(101, 1, 'B', 1, one), 30), add(101, 2, 'X', 1, one)});
  EXPECT_THAT(w.host.events, IsEmpty());
  EXPECT_EQ(w.counted("malformed"), 2u);
  // Whose book it was is known, so that one alone is asked for again.
  EXPECT_THAT(w.states(), IsEmpty());
  EXPECT_THAT(w.states(0), ::testing::ElementsAre(TP_STREAM_LOST));
  EXPECT_THAT(w.states(1), IsEmpty());
}

TEST_F(Mitch, AMessageThatHidesItsInstrumentLosesTheGroup) {
  feed({cut(executed(5, 1, 1), 20)});
  EXPECT_EQ(w.states().front(), TP_STREAM_LOST);
}

} // namespace
} // namespace tickplant::lse::testing
