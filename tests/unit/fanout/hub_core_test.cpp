// S0-14, S0-53, S0-54: each client gets its symbols, conflated per frequency, encoded once, and nothing else.
#include "runtime/fanout/hub_core.hpp"

#include "tests/support/fanout_builders.hpp"
#include "tests/support/plain_dialect.hpp"

#include <gmock/gmock.h>

#include <map>

using namespace tickplant;
using namespace tickplant::fanout;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

constexpr uint64_t ms = 1'000'000;

class fake_port final : public client_port {
public:
  std::map<uint32_t, std::vector<std::string>> frames, replies;
  std::map<uint32_t, written> answers;

  written write(client_key client, std::span<const uint8_t> frame) override {
    const auto answer = answers.contains(client.index) ? answers[client.index] : written::sent;
    if (answer == written::sent || answer == written::filled) {
      const size_t header = frame.size() - 2 <= 125 ? 2 : 4;
      EXPECT_EQ(frame[0], 0x81) << "a whole text frame";
      frames[client.index].emplace_back(reinterpret_cast<const char*>(frame.data()) + header, frame.size() - header);
    }
    return answer;
  }
  void reply(client_key client, wire::opcode, std::span<const uint8_t> payload) override {
    replies[client.index].emplace_back(reinterpret_cast<const char*>(payload.data()), payload.size());
  }
  std::vector<std::string> take(uint32_t client) { return std::exchange(frames[client], {}); }
};

struct HubCore : testing::Test {
  directory names;
  fake_port port;
  std::unique_ptr<plugin::dialect_host> dialect = tests::make_plain_dialect();
  printer print{*dialect};
  hub_core hub{names, port};
  uint64_t now = 1'000 * ms;
  std::vector<model::instrument_ptr> instruments;

  HubCore() {
    for (const auto* symbol : {"AAPL", "MSFT", "TSLA"}) instruments.push_back(tests::make_instrument(symbol));
    tests::plain_dialect::printed = 0;
  }
  client_key client(uint32_t index) {
    const client_key key{index, 1};
    if (!hub.is_attached(key)) hub.attach(key, print);
    return key;
  }
  void subscribe(uint32_t index, uint32_t id, uint32_t frequency_ms = 100) {
    EXPECT_EQ(hub.subscribe(client(index), {TP_DATA_QUOTES, 0, 0, frequency_ms}, model::instrument_id{id}),
              hub_core::added::ok);
  }
  void publish(uint32_t id, int64_t price) {
    hub.take(tests::make_batch({tests::make_state(id, instruments[id], price)}), now, now);
  }
  void tick(uint64_t after = 100 * ms) {
    now += after;
    hub.tick(now, now);
  }
};

TEST_F(HubCore, SendsEachClientItsSymbolsInOneFrameAtTheTick) {
  subscribe(0, 0);
  subscribe(0, 1);
  subscribe(1, 1);
  publish(0, 17526);
  publish(1, 33500);
  publish(2, 80000);
  EXPECT_THAT(port.take(0), IsEmpty()) << "not before the tick";
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<2#1:AAPL=175.26;MSFT=335>"));
  EXPECT_THAT(port.take(1), ElementsAre("<1#1:MSFT=335>"));
}

TEST_F(HubCore, SendsNothingWhenNothingChanged) {
  subscribe(0, 0);
  publish(0, 17526);
  tick();
  port.take(0);
  tick();
  EXPECT_THAT(port.take(0), IsEmpty());
}

TEST_F(HubCore, ConflatesToTheNewestValue) {
  subscribe(0, 0);
  for (int64_t price = 100; price <= 105; ++price) publish(0, price);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:AAPL=1.05>"));
  EXPECT_EQ(hub.counters().conflated, 5u);
}

TEST_F(HubCore, EncodesOncePerPublicationForAllClients) {
  for (uint32_t i = 0; i < 50; ++i) subscribe(i, 0);
  publish(0, 100);
  tick();
  for (uint32_t i = 0; i < 50; ++i) EXPECT_THAT(port.take(i), ElementsAre("<1#1:AAPL=1>"));
  EXPECT_EQ(tests::plain_dialect::printed, 1u);
}

TEST_F(HubCore, KeepsOneTickPerFrequency) {
  subscribe(0, 0, 100);
  subscribe(1, 0, 1000);
  subscribe(2, 0, 0);
  publish(0, 100);
  EXPECT_THAT(port.take(2), ElementsAre("<1#1:AAPL=1>")) << "frequency 0 is every event, at once";
  tick(); // the first tick of each group is due at once
  port.take(0);
  port.take(1);
  publish(0, 200);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#2:AAPL=2>"));
  EXPECT_THAT(port.take(1), IsEmpty());
  tick(900 * ms);
  EXPECT_THAT(port.take(1), ElementsAre("<1#2:AAPL=2>"));
}

TEST_F(HubCore, GathersUnconflatedUpdatesWhileAWindowIsOpen) {
  hub.set_window(2 * ms);
  subscribe(0, 0, 0);
  subscribe(0, 1, 0);
  publish(0, 100);
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:AAPL=1>")) << "after a quiet time the next update waits for nothing";
  EXPECT_FALSE(hub.is_gathering());
  now += ms;
  publish(0, 200);
  EXPECT_TRUE(hub.is_gathering());
  EXPECT_EQ(hub.next_tick_ns(now), now + 2 * ms);
  now += ms;
  publish(1, 300);
  hub.tick(now, now);
  EXPECT_THAT(port.take(0), IsEmpty()) << "the window is open still";
  tick(ms);
  EXPECT_THAT(port.take(0), ElementsAre("<2#2:AAPL=2;MSFT=3>"));
  EXPECT_FALSE(hub.is_gathering());
  EXPECT_EQ(hub.next_tick_ns(now), UINT64_MAX);
  hub.set_window(0);
  publish(0, 400);
  EXPECT_THAT(port.take(0), ElementsAre("<1#3:AAPL=4>"));
}

TEST_F(HubCore, ServesClientsOfMoreSymbolsThanOneWordHasBits) {
  for (uint32_t id = 3; id < 150; ++id) instruments.push_back(tests::make_instrument("S" + std::to_string(id)));
  for (uint32_t id = 0; id < 150; ++id) subscribe(0, id);
  publish(1, 100);
  publish(64, 200);
  publish(149, 300);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<3#1:MSFT=1;S64=2;S149=3>"));
  hub.unsubscribe(client(0), {TP_DATA_QUOTES, 0, 0, 100}, model::instrument_id{149});
  publish(148, 400);
  publish(149, 500);
  publish(1, 600);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<2#2:MSFT=6;S148=4>"));
}

TEST_F(HubCore, SkipsPeriodsThatWereMissed) {
  subscribe(0, 0);
  publish(0, 100);
  tick(1'050 * ms);
  port.take(0);
  publish(0, 200);
  EXPECT_EQ(hub.next_tick_ns(now), 2'100 * ms) << "on the grid, not 100 ms after the late tick";
}

TEST_F(HubCore, GivesANewSubscriberTheStateThatIsKnown) {
  subscribe(0, 0);
  publish(0, 100);
  tick();
  subscribe(1, 0);
  tick();
  EXPECT_THAT(port.take(1), ElementsAre("<1#1:AAPL=1>"));
}

TEST_F(HubCore, HoldsOnlyTheNewestForABlockedClient) {
  subscribe(0, 0);
  subscribe(0, 1);
  publish(0, 100);
  port.answers[0] = written::filled;
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:AAPL=1>"));
  for (int64_t price = 200; price < 300; ++price) {
    publish(0, price);
    publish(1, price);
    tick();
  }
  EXPECT_THAT(port.take(0), IsEmpty()) << "nothing is offered to a full socket";
  port.answers[0] = written::sent;
  hub.drained(client(0), now);
  EXPECT_THAT(port.take(0), ElementsAre("<2#2:AAPL=2.99;MSFT=2.99>"));
}

TEST_F(HubCore, OffersAgainWhatWasNotTaken) {
  subscribe(0, 0);
  publish(0, 100);
  port.answers[0] = written::blocked;
  tick();
  port.answers.clear();
  publish(0, 101);
  hub.drained(client(0), now);
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:AAPL=1.01>")) << "the newest, not what was refused";
}

TEST_F(HubCore, StopsAtUnsubscribeAndDetach) {
  subscribe(0, 0);
  subscribe(0, 1);
  subscribe(1, 0);
  hub.unsubscribe(client(0), {TP_DATA_QUOTES, 0, 0, 100}, model::instrument_id{0});
  hub.detach(client_key{1, 1});
  publish(0, 100);
  publish(1, 100);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:MSFT=1>"));
  EXPECT_THAT(port.take(1), IsEmpty());
  EXPECT_EQ(hub.clients(), 1u);
}

TEST_F(HubCore, IgnoresAnEarlierClientOfTheSameSocket) {
  subscribe(0, 0);
  const client_key successor{0, 2};
  hub.attach(successor, print);
  hub.detach(client_key{0, 1}); // comes late
  EXPECT_TRUE(hub.is_attached(successor));
  publish(0, 100);
  tick();
  EXPECT_THAT(port.take(0), IsEmpty()) << "the successor has subscribed to nothing";
}

TEST_F(HubCore, MovesRowsRightWhenOneGoes) {
  for (uint32_t i = 0; i < 20; ++i) subscribe(i, 0);
  for (uint32_t i = 0; i < 20; i += 3) hub.detach(client_key{i, 1});
  publish(0, 100);
  tick();
  for (uint32_t i = 0; i < 20; ++i) EXPECT_EQ(port.take(i).size(), i % 3 == 0 ? 0u : 1u) << i;
}

TEST_F(HubCore, ServesMoreThanSixtyFourSlotsOfOneClient) {
  for (uint32_t id = 3; id < 200; ++id) instruments.push_back(tests::make_instrument("S" + std::to_string(id)));
  for (uint32_t id = 0; id < 200; ++id) subscribe(0, id);
  for (uint32_t id = 0; id < 200; ++id) publish(id, 100);
  tick();
  const auto frames = port.take(0);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_TRUE(frames[0].starts_with("<200#1:AAPL=1;MSFT=1;"));
}

TEST_F(HubCore, TellsSubscribersThatABookIsStaleAndKeepsTheirData) {
  subscribe(0, 0);
  subscribe(1, 1);
  publish(0, 100);
  publish(1, 100);
  tick();
  port.take(0);
  auto stale = tests::make_state(0, instruments[0], 100, 2);
  stale.state = book::trust::stale;
  stale.reason = "venue adapter gone";
  hub.take(tests::make_batch({stale}), now, now);
  EXPECT_THAT(port.replies[0], ElementsAre("status AAPL2"));
  EXPECT_THAT(port.replies[1], IsEmpty()) << "it looks at another symbol";
  tick();
  EXPECT_THAT(port.take(0), IsEmpty());
  publish(0, 101);
  EXPECT_THAT(port.replies[0], ElementsAre("status AAPL2", "status AAPL1"));
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#2:AAPL=1.01>")) << "status ok, then the snapshot";
}

TEST_F(HubCore, TellsOfAnInterruptionThatIsOverAlready) {
  subscribe(0, 0);
  publish(0, 100);
  tick();
  port.take(0);
  auto back = tests::make_state(0, instruments[0], 200, 2);
  back.was_interrupted = true;
  hub.take(tests::make_batch({back}), now, now);
  EXPECT_THAT(port.replies[0], ElementsAre("status AAPL4", "status AAPL1"));
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#2:AAPL=2>"));
}

TEST_F(HubCore, TellsInterestOnceAndWithdrawsItAfterAMinute) {
  subscribe(0, 0);
  subscribe(1, 0);
  auto told = hub.take_interest(now);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].wanted.want, static_cast<uint32_t>(TP_WANT_QUOTE | TP_WANT_TRADES));
  EXPECT_THAT(hub.take_interest(now), IsEmpty());
  hub.subscribe(client(1), {TP_DATA_ORDER_BOOK, 10, 0, 100}, model::instrument_id{0});
  told = hub.take_interest(now);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].wanted.depth, 10u);
  hub.detach(client(0));
  hub.detach(client_key{1, 1});
  EXPECT_THAT(hub.take_interest(now), IsEmpty()) << "it lingers";
  EXPECT_THAT(hub.take_interest(now + 59'000 * ms), IsEmpty());
  told = hub.take_interest(now + 60'000 * ms);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].wanted.want, 0u);
}

TEST_F(HubCore, KeepsLingeringInterestForOneWhoComesBack) {
  subscribe(0, 0);
  hub.take_interest(now);
  hub.detach(client(0));
  hub.take_interest(now);
  subscribe(0, 0);
  EXPECT_THAT(hub.take_interest(now + 1'000 * ms), IsEmpty());
  EXPECT_THAT(hub.take_interest(now + 120'000 * ms), IsEmpty()) << "somebody is there";
}

// Who polls has no row: what it looks at is kept fresh for a minute behind each look.
TEST_F(HubCore, ALookAsksForInterestThatLingers) {
  const model::instrument_id id{0};
  hub.look_at(id, now);
  auto told = hub.take_interest(now);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].id, id);
  EXPECT_EQ(told[0].wanted.want, static_cast<uint32_t>(TP_WANT_QUOTE | TP_WANT_TRADES));
  hub.look_at(id, now + 50'000 * ms);
  EXPECT_THAT(hub.take_interest(now + 100'000 * ms), IsEmpty()) << "the second look keeps it";
  told = hub.take_interest(now + 110'000 * ms);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].wanted.want, 0u);
  subscribe(0, 0);
  ASSERT_EQ(hub.take_interest(now + 120'000 * ms).size(), 1u);
  hub.look_at(id, now + 120'000 * ms);
  EXPECT_THAT(hub.take_interest(now + 120'000 * ms), IsEmpty()) << "a row asks for as much";
  hub.detach(client(0));
  hub.look_at(id, now + 121'000 * ms);
  EXPECT_THAT(hub.take_interest(now + 121'000 * ms), IsEmpty());
  told = hub.take_interest(now + 181'000 * ms);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].wanted.want, 0u);
}

TEST_F(HubCore, LeavesOutAnInstrumentWithoutAPrice) {
  subscribe(0, 0);
  subscribe(0, 1);
  publish(0, TP_NONE);
  publish(1, 100);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:MSFT=1>"));
}

// Somebody looked at the quotes alone when it was made: without levels it is not an empty book.
TEST_F(HubCore, SendsNoBookThatIsNotAsDeepAsWasAskedFor) {
  auto shallow = tests::make_state(0, instruments[0], 100);
  shallow.depth = 0;
  subscribe(0, 0);
  hub.take(tests::make_batch({shallow}), now, now);
  EXPECT_EQ(hub.subscribe(client(1), {TP_DATA_QUOTES | TP_DATA_ORDER_BOOK, 2, 0, 100}, model::instrument_id{0}),
            hub_core::added::ok);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:AAPL=1>"));
  EXPECT_THAT(port.take(1), IsEmpty()) << "its levels are not known yet";
  auto deep = tests::make_state(0, instruments[0], 100, 2);
  deep.depth = 2;
  hub.take(tests::make_batch({deep}), now, now);
  tick();
  EXPECT_THAT(port.take(1), testing::SizeIs(1));
}

TEST_F(HubCore, TakesARetiredInstrumentOut) {
  subscribe(0, 0);
  publish(0, 100);
  hub.retire(model::instrument_id{0}, now);
  EXPECT_THAT(port.replies[0], ElementsAre("status AAPL5")) << "closed";
  EXPECT_EQ(hub.rows_of(client(0)), 0u);
  tick();
  EXPECT_THAT(port.take(0), IsEmpty());
}

TEST_F(HubCore, DropsAFrameForAClientThatIsLeaving) {
  subscribe(0, 0);
  publish(0, 100);
  port.answers[0] = written::closed;
  tick();
  port.answers.clear();
  tick();
  EXPECT_THAT(port.take(0), IsEmpty());
}

struct HubSignals : HubCore {
  static constexpr uint32_t all = 9;
  void listen(uint32_t index, uint32_t id, uint32_t data_types = TP_DATA_SIGNALS) {
    EXPECT_EQ(hub.subscribe(client(index), {data_types, 0, 0, 0}, model::instrument_id{id}), hub_core::added::ok);
  }
  /// Of AAPL, which is instrument 0.
  void tell() {
    book::signal made;
    made.id = model::instrument_id{0};
    made.all = model::instrument_id{all};
    made.instrument = tests::make_instrument("AAPL", "CONS");
    made.buy_at = instruments[0];
    made.sell_at = tests::make_instrument("AAPL", "NYSE");
    made.edge = 10;
    book::publication_batch batch;
    batch.signals.push_back(std::make_shared<const book::signal>(made));
    hub.take(batch, now, now);
  }
};

// S0-10: a signal goes once to each client that looks at its instrument's signals or at those of all.
TEST_F(HubSignals, GoToThoseWhoSubscribedOnce) {
  listen(0, 0);
  listen(1, all);
  listen(2, 0);
  listen(2, all);
  listen(3, 0, TP_DATA_QUOTES);
  listen(4, 1);
  tell();
  EXPECT_THAT(port.replies[0], ElementsAre("signal start AAPL NASDAQ NYSE 0.1"));
  EXPECT_EQ(port.replies[1].size(), 1u);
  EXPECT_EQ(port.replies[2].size(), 1u);
  EXPECT_THAT(port.replies[3], IsEmpty());
  EXPECT_THAT(port.replies[4], IsEmpty());
  EXPECT_EQ(hub.counters().signals, 3u);
  tell();
  EXPECT_EQ(port.replies[2].size(), 2u);
}

TEST_F(HubSignals, BringNoStateToThoseWhoWantSignalsAlone) {
  listen(0, 0);
  listen(1, 0, TP_DATA_SIGNALS | TP_DATA_QUOTES);
  hub.take(tests::make_batch({tests::make_state(0, instruments[0], 17526)}), now, now);
  EXPECT_THAT(port.take(0), IsEmpty());
  EXPECT_EQ(port.take(1).size(), 1u);
  EXPECT_EQ(hub.take_interest(now).size(), 1u) << "its status is wanted nonetheless";
}

} // namespace
