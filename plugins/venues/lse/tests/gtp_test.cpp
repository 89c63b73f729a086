// GTP: messages one by one, and its replay and recovery conversations (notes G; S0-53).
#include "gtp_builder.hpp"

#include "gtp/normalizer.hpp"

namespace tickplant::lse::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
namespace g = gtp_feed;

struct Gtp : ::testing::Test {
  world w{{"lines.a", "udp://239.1.1.1:1"},
          {"lines.b", "udp://239.1.1.2:1"},
          {"lines.replay", "tcp://192.0.2.1:1"},
          {"lines.recovery", "tcp://192.0.2.2:1"},
          {"protocol", "gtp"},
          {"comp_id", "VEC001"}};
  uint64_t next = 1;
  void SetUp() override {
    feed({g::system_event('O'), g::directory(7'001, "GB0000000001"), g::directory(7'002, "GB0000000002"),
          g::add(7'001, 1, 'B', 100, one)});
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
  std::vector<uint32_t> requests(uint8_t type, size_t at) const {
    std::vector<uint32_t> ids;
    for (const auto& s : w.host.sent)
      if (s.bytes.size() > 10 && s.bytes[10] == type) ids.push_back(sdk::le32(&s.bytes[8 + at]));
    return ids;
  }
  std::vector<uint32_t> instruments_of(uint8_t kind) const {
    std::vector<uint32_t> list;
    for (const auto& e : w.of_kind(kind)) list.push_back(e.instrument);
    return list;
  }
};

TEST_F(Gtp, TimesAreTheTransactionsInUtc) {
  EXPECT_EQ(only(g::add(7'001, 2, 'S', 5, 2 * one)).venue_ns, g::traded);
  EXPECT_EQ(only(g::status(7'001, 'T')).venue_ns, g::stamp);
  EXPECT_EQ(only(g::status(7'001, 'a', 3, "080030")).extra, midnight + (8 * 3'600 + 30) * second);
}

TEST_F(Gtp, ChangesCarryWhatTheyChanged) {
  const auto e = only(g::modify(7'001, 1, 90, 2 * one, 100, one, 1));
  EXPECT_EQ(e.kind, TP_EV_MODIFY);
  EXPECT_EQ(e.flags, TP_CHECK | TP_KEEP | TP_END);
  EXPECT_EQ(e.price, 2 * one);
  EXPECT_EQ(e.quantity, 90 * one);
  EXPECT_EQ(static_cast<int64_t>(e.ref), one);
  EXPECT_EQ(e.extra, 100u * one);
  const auto gone = only(g::modify(7'001, 1, 0, 2 * one, 90, 2 * one, 1));
  EXPECT_EQ(gone.kind, TP_EV_DELETE);
  EXPECT_EQ(gone.flags, TP_CHECK | TP_END);
  EXPECT_EQ(gone.extra, 90u * one);
}

TEST_F(Gtp, MarketOrdersHaveNoPriceInTheirChecks) {
  const auto e = only(g::add(7'001, 2, 'S', 5, 0, 3, 1));
  EXPECT_TRUE(e.flags & TP_NO_LIMIT);
  EXPECT_EQ(e.price, TP_NONE);
  const auto changed = only(g::modify(7'001, 2, 4, 0, 5, 0));
  EXPECT_TRUE(changed.flags & TP_NO_LIMIT);
  EXPECT_EQ(changed.price, TP_NONE);
  EXPECT_EQ(static_cast<int64_t>(changed.ref), TP_NONE);
}

TEST_F(Gtp, TheSameOrderIdInAnotherBookIsAnotherOrder) {
  const auto here = only(g::add(7'001, 5, 'B', 1, one)), there = only(g::add(7'002, 5, 'B', 1, one)),
             quote = only(g::add(7'001, 5, 'B', 1, one, 1)), request = only(g::add(7'001, 5, 'B', 1, one, 4));
  EXPECT_EQ(std::set<uint64_t>({here.order, there.order, quote.order, request.order}).size(), 4u);
  EXPECT_THAT(std::vector<uint32_t>({here.instrument, there.instrument, quote.instrument, request.instrument}),
              ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(only(g::remove(7'001, 5, 1, one, 1)).order, quote.order);
  EXPECT_EQ(only(g::clear(7'001, 1)).instrument, 2u);
  EXPECT_EQ(w.host.instruments[2].name, "firm quotes");
}

struct trade_case {
  const char* name;
  bytes message;
  uint8_t kind;
  uint16_t flags;
  uint64_t conditions;
};
struct GtpTrades : Gtp, ::testing::WithParamInterface<trade_case> {};

TEST_P(GtpTrades, CountOnceUnderTheirConditions) {
  const auto e = only(GetParam().message);
  EXPECT_EQ(e.kind, GetParam().kind);
  EXPECT_EQ(e.flags, GetParam().flags);
  EXPECT_EQ(e.extra, GetParam().conditions);
  EXPECT_EQ(e.ref, 77u);
}
constexpr uint16_t printed = TP_PRINT | TP_PRICE | TP_END, corrected = TP_PRICE | TP_END;
INSTANTIATE_TEST_SUITE_P(
  Gtp, GtpTrades,
  ::testing::Values(trade_case{"regular", g::trade(7'001, 5, one, 77), TP_EV_TRADE, printed, 0},
                    trade_case{"hidden", g::trade(7'001, 5, one, 77, 0, 0, 2), TP_EV_TRADE, printed, TP_COND_HIDDEN},
                    trade_case{"bulk", g::trade(7'001, 5, one, 77, 1), TP_EV_TRADE, printed,
                               TP_COND_AUCTION | TP_COND_CLOSING | uint64_t{'C'} << 32},
                    trade_case{"rfq", g::trade(7'001, 5, one, 77, 22), TP_EV_TRADE, printed, TP_COND_RFQ},
                    trade_case{"cancel", g::trade(7'001, 5, one, 77, 9), TP_EV_BREAK, TP_END, 0},
                    trade_case{"cancel_bit", g::trade(7'001, 5, one, 77, 0, 1), TP_EV_BREAK, TP_END, 0},
                    trade_case{"rfq_cancel", g::trade(7'001, 5, one, 77, 23), TP_EV_BREAK, TP_END, 0},
                    trade_case{"correction", g::trade(7'001, 5, one, 77, 11), TP_EV_CORRECT, corrected, 0},
                    trade_case{"correction_bit", g::trade(7'001, 5, one, 77, 0, 2), TP_EV_CORRECT, corrected, 0},
                    trade_case{"rfq_correction", g::trade(7'001, 5, one, 77, 24), TP_EV_CORRECT, corrected,
                               TP_COND_RFQ}),
  [](const auto& tested) { return tested.param.name; });

TEST_F(Gtp, BulkAndIndividualTradesOfAnAuctionCountOnce) {
  const auto prints = [&](const bytes& message) { return (only(message).flags & TP_PRINT) != 0; };
  EXPECT_TRUE(prints(g::trade(7'001, 50, one, 1, 1)));
  EXPECT_FALSE(prints(g::trade(7'001, 20, one, 2, 2)));
  EXPECT_FALSE(prints(g::trade(7'001, 30, one, 3, 2)));
  EXPECT_TRUE(prints(g::trade(7'002, 30, one, 4, 2))); // without a bulk trade the single ones count
  EXPECT_TRUE(prints(g::trade(7'002, 20, one, 5, 2)));
  EXPECT_FALSE(prints(g::trade(7'002, 50, one, 6, 1)));
  EXPECT_TRUE(prints(g::trade(7'001, 5, one, 7, 2, 0, 1, g::traded + 3'600 * second))); // of another auction
  EXPECT_TRUE(prints(g::trade(7'001, 5, 2 * one, 8, 1)));
}

TEST_F(Gtp, StatisticsHaveFourDecimals) {
  feed({g::stamped('w').n(7'001, 8).n(1, 2).n(20'000, 8).n(10'000, 8).p(15'000).p(0).n(3, 4).n(2, 4).p(30'000).p(0)});
  const auto values = w.of_kind(TP_EV_VALUE);
  ASSERT_EQ(values.size(), 4u);
  EXPECT_EQ(values[0].detail, TP_VAL_VOLUME);
  EXPECT_EQ(values[0].quantity, 2 * one);
  EXPECT_EQ(values[1].quantity, 3);
  EXPECT_EQ(values[2].detail, TP_VAL_VWAP);
  EXPECT_EQ(values[2].price, 15'000);
  EXPECT_EQ(static_cast<int8_t>(values[2].extra), -4);
  EXPECT_TRUE(values[2].flags & TP_OWN_SCALE);
  EXPECT_EQ(values[3].detail, TP_VAL_TURNOVER);
  EXPECT_TRUE(values[3].flags & TP_END);
  EXPECT_FALSE(values[0].flags & TP_END);
}

TEST_F(Gtp, StatisticsUpdatesAreValuesAndAnIndication) {
  const auto update = [](uint16_t kind, int64_t price) {
    return g::stamped('j').n(7'001, 8).n(1, 2).n(kind, 2).p(price).n(500 * one, 8).c('O').n(20 * one, 8).c('S').c('A');
  };
  const auto e = only(update(1, one));
  EXPECT_EQ(e.kind, TP_EV_IMBALANCE);
  EXPECT_EQ(e.detail, TP_AUCTION_OPENING);
  EXPECT_EQ(e.flags, TP_ASK | TP_END);
  EXPECT_EQ(e.quantity, 500 * one);
  EXPECT_EQ(e.order, 20u * one);
  EXPECT_EQ(e.ref, uint64_t{one});
  EXPECT_EQ(only(update(2, one)).detail, TP_VAL_OPEN);
  EXPECT_EQ(only(update(3, -one)).flags, TP_UNSET | TP_END);
  EXPECT_EQ(only(update(4, one)).detail, TP_VAL_HIGH);
  EXPECT_EQ(only(update(16, one)).detail, TP_VAL_REFERENCE);
  EXPECT_EQ(w.text(only(update(8, one)).ref), "52 week high");
  feed({update(99, one)});
  EXPECT_EQ(w.counted("unknown_values"), 1u);
}

TEST_F(Gtp, InformationOnlyMessagesAreCounted) {
  w.host.events.clear();
  feed({g::stamped('W').n(0, 83), g::stamped('i').n(0, 76), bytes{4, 0, '?', 0}});
  EXPECT_THAT(w.host.events, IsEmpty());
  EXPECT_EQ(w.counted("messages.W"), 1u);
  EXPECT_EQ(w.counted("unknown"), 1u);
}

TEST_F(Gtp, StatesOfItsOwnAreKnown) {
  EXPECT_EQ(only(g::status(7'001, 'J')).detail, TP_STATE_HALTED);
  EXPECT_EQ(only(g::status(7'001, 'P')).detail, TP_STATE_HALTED);
  EXPECT_EQ(only(g::status(7'001, '1')).detail, TP_STATE_CLOSED);
  EXPECT_EQ(only(g::status(7'001, 'G')).detail, TP_STATE_UNKNOWN); // was MITCH's
  w.host.events.clear();
  feed({g::status(7'001, 'T', 2)}); // off-book
  EXPECT_THAT(w.host.events, IsEmpty());
}

TEST_F(Gtp, TheSecondLineHasTheLetterInLowerCase) {
  w.b(unit(next, {g::add(7'001, 9, 'B', 1, one)}, 'a'));
  EXPECT_EQ(w.of_kind(TP_EV_ADD).size(), 1u);
  w.b(unit(next + 1, {g::add(7'001, 10, 'B', 1, one)}, 'b'));
  EXPECT_EQ(w.counted("foreign"), 1u);
}

TEST_F(Gtp, ImpossibleSizesAskForTheBookAgain) {
  auto huge = g::add(7'001, 9, 'B', 1, one);
  huge[27] = 0xFF;
  feed({huge});
  EXPECT_EQ(w.counted("malformed"), 1u);
  EXPECT_THAT(w.states(0), ElementsAre(TP_STREAM_LOST));
}

TEST_F(Gtp, HolesAreReplayedByRequestNumber) {
  w.a(unit(next + 2, {g::add(7'001, 12, 'B', 1, one)}));
  w.pass(5 * ms);
  w.up("replay");
  EXPECT_EQ(w.host.sent.at(0).bytes, unit(0, {g::message(0x01).t("VEC001", 8)}, ' '));
  w.answer("replay", g::login_response('A'));
  const auto ids = requests(0x03, 11);
  ASSERT_EQ(ids.size(), 1u);
  EXPECT_EQ(w.host.sent.back().bytes, unit(0, {g::message(0x03).n(next, 4).n(2, 4).n(ids[0], 4)}, ' '));
  w.answer("replay", g::replay_response(5, 2, 'A', ids[0]) +
                       unit(next, {g::add(7'001, 10, 'B', 1, one), g::add(7'001, 11, 'B', 1, one)}) +
                       g::complete(ids[0]));
  EXPECT_THAT(w.sequences(), ElementsAre(5, 6, 7));
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
  w.down("replay"); // the venue ends the session
  w.pass(60 * second);
  EXPECT_EQ(w.opened("replay"), 1u);
  EXPECT_EQ(w.counted("services.stopped"), 0u);
}

TEST_F(Gtp, AReplayThatEndsTooSoonIsALoss) {
  w.a(unit(next + 2, {g::add(7'001, 12, 'B', 1, one)}));
  w.pass(5 * ms);
  w.up("replay");
  w.answer("replay", g::login_response('A'));
  const auto id = requests(0x03, 11).at(0);
  w.answer("replay",
           g::replay_response(5, 2, 'A', id) + unit(next, {g::add(7'001, 10, 'B', 1, one)}) + g::complete(id));
  EXPECT_THAT(w.states(), Contains(TP_STREAM_LOST));
  EXPECT_EQ(w.opened("recovery"), 1u);
}

struct GtpRecovery : Gtp {
  uint32_t directory_id = 0, book_id = 0;
  void SetUp() override {
    Gtp::SetUp();
    w.a(unit(next + 70'000, {g::add(7'001, 50, 'B', 1, one)})); // 70,005: confirmed by the next one
    w.a(unit(next + 70'001, {g::add(7'001, 51, 'B', 1, one)}));
    next += 70'002;
    w.up("recovery");
    w.answer("recovery", g::login_response('A'));
    const auto ids = requests(0x81, 26);
    ASSERT_EQ(ids.size(), 2u);
    directory_id = ids[0];
    book_id = ids[1];
  }
  bytes books(uint32_t id) const {
    return unit(0, {g::clear(7'001), g::add(7'001, 50, 'B', 1, one), g::add(7'001, 60, 'S', 2, 2 * one)}) +
           g::complete(id, 'T') + unit(0, {g::clear(7'002), g::add(7'002, 61, 'S', 2, 2 * one)}) + g::complete(id, 'd');
  }
};

TEST_F(GtpRecovery, AsksForDirectoryAndBooksOfTheChannel) {
  EXPECT_THAT(w.states(), Contains(TP_STREAM_LOST));
  const auto& sent = w.host.sent;
  EXPECT_EQ(
    sent[1].bytes,
    unit(0, {g::message(0x81).n(2, 1).n(0, 8).t("", 6).n(0, 1).n(1, 2).n(0, 1).n(0, 4).n(directory_id, 4)}, ' '));
  EXPECT_EQ(sent[2].bytes,
            unit(0, {g::message(0x81).n(2, 1).n(0, 8).t("", 6).n(0, 1).n(1, 2).n(1, 1).n(0, 4).n(book_id, 4)}, ' '));
  w.forget();
  const bytes all = g::recovery_response(0, 3, 'A', directory_id) +
                    unit(0, {g::directory(7'001, "GB0000000001"), g::directory(7'003, "GB0000000003")}) +
                    g::complete(directory_id) + g::recovery_response(70'006, 5, 'A', book_id) + books(book_id) +
                    unit(0, {g::clear(7'003)}) + g::complete(book_id, 'T') + g::complete(book_id);
  for (const uint8_t byte : all) w.answer("recovery", {byte});
  EXPECT_EQ(w.host.instruments[2].symbol, "GB0000000003");
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_BEGIN), ElementsAre(0, 1, 2));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0, 1, 2)); // the third is held from 70,007 on
  for (const auto& e : w.of_kind(TP_EV_SNAPSHOT_END)) EXPECT_EQ(e.sequence, 70'006u);
  EXPECT_THAT(instruments_of(TP_EV_CLEAR), IsEmpty());
  EXPECT_EQ(w.of_kind(TP_EV_ADD).size(), 3u);
  EXPECT_EQ(w.of_kind(TP_EV_STATUS).at(1).detail, TP_STATE_AUCTION);
}

TEST_F(GtpRecovery, EndsLiveWithoutAFailedAttemptWhenTheVenueCloses) {
  w.answer("recovery", g::recovery_response(0, 0, 'A', directory_id) + g::complete(directory_id) +
                         g::recovery_response(70'006, 5, 'A', book_id) + books(book_id) + g::complete(book_id));
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
  w.down("recovery");
  w.pass(60 * second);
  EXPECT_EQ(w.opened("recovery"), 1u);
}

TEST_F(GtpRecovery, AStaleResponseIsAskedForAgainByInstrument) {
  w.answer("recovery", g::recovery_response(0, 0, 'A', directory_id) + g::complete(directory_id) +
                         g::recovery_response(69'000, 5, 'A', book_id) + books(book_id) + g::complete(book_id));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), IsEmpty());
  EXPECT_EQ(w.counted("recovery.stale"), 2u);
  w.forget();
  w.pass(second);
  const auto ids = requests(0x81, 26);
  ASSERT_EQ(ids.size(), 2u);
  for (const uint32_t id : ids)
    w.answer("recovery", g::recovery_response(70'006, 1, 'A', id) + unit(0, {g::clear(id == ids[0] ? 7'001 : 7'002)}) +
                           g::complete(id, 'T') + g::complete(id));
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
}

TEST_F(GtpRecovery, RefusalsNameTheirRequest) {
  w.answer("recovery", g::recovery_response(0, 0, 'O', directory_id));
  w.answer("recovery", g::recovery_response(70'006, 5, 'A', book_id) + books(book_id) + g::complete(book_id));
  EXPECT_EQ(w.states().back(), TP_STREAM_LIVE);
  EXPECT_EQ(w.counted("recovery.refused"), 1u);
}

TEST_F(GtpRecovery, AnswersToSomebodyElsesRequestsAreTakenByContent) {
  w.answer("recovery", g::recovery_response(70'006, 5, 'A', 900) + books(900) + g::complete(900));
  EXPECT_THAT(instruments_of(TP_EV_SNAPSHOT_END), ElementsAre(0, 1));
}

} // namespace
} // namespace tickplant::lse::testing
