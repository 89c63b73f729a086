// S0-36 to S0-43: what a client asks and what it is answered, apart from the bytes of a dialect.
#include "runtime/fanout/session.hpp"

#include "tests/support/fanout_builders.hpp"
#include "tests/support/plain_dialect.hpp"

#include <gmock/gmock.h>

using namespace tickplant;
using namespace tickplant::fanout;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

struct Session : testing::Test {
  directory names;
  std::unique_ptr<plugin::dialect_host> dialect = tests::make_plain_dialect();
  printer print{*dialect};
  std::map<uint32_t, book::publication> states;
  session_limits limits;
  std::optional<session> client;

  Session() {
    limits.max_symbols = 3;
    limits.max_problems = 5;
    names.set_venues({"NASDAQ"});
    uint32_t id = 0;
    for (const auto* symbol : {"AAPL", "MSFT", "TSLA", "AMZN", "META"})
      names.add(model::instrument_id{id++}, tests::make_instrument(symbol));
    names.complete("NASDAQ");
    start();
  }
  void start() {
    client.emplace(
      "1-1", print, names,
      [this](model::instrument_id id) -> const book::publication* {
        const auto found = states.find(model::index_of(id));
        return found == states.end() ? nullptr : &found->second;
      },
      limits);
  }
  session_actions say(std::string text) {
    const auto size = static_cast<uint32_t>(text.size());
    text.resize(size + TP_FRAME_PADDING);
    return client->on_frame({reinterpret_cast<const uint8_t*>(text.data()), size, TP_FRAME_TEXT}, *dialect, 1);
  }
  static std::vector<std::string> texts(const session_actions& actions) {
    std::vector<std::string> list;
    for (const auto& reply : actions.replies) list.emplace_back(reply.begin(), reply.end());
    return list;
  }
};

TEST_F(Session, SaysWelcome) {
  EXPECT_THAT(texts(client->welcome(1)), ElementsAre("welcome"));
}

TEST_F(Session, SubscribesAndAnswersPerSymbol) {
  const auto actions = say("+AAPL,NASDAQ:MSFT");
  EXPECT_THAT(texts(actions), ElementsAre("subscribed AAPL6 MSFT6"));
  ASSERT_EQ(actions.changes.size(), 1u);
  EXPECT_THAT(actions.changes[0].add, ElementsAre("AAPL", "NASDAQ:MSFT"));
  EXPECT_EQ(actions.changes[0].options.frequency_ms, 100u) << "absent means 100";
  EXPECT_EQ(client->symbols(), 2u);
}

TEST_F(Session, NamesUnknownSymbolsAndSubscribesTheRest) {
  const auto actions = say("+AAPL,NOPE,NADA");
  EXPECT_THAT(texts(actions), ElementsAre("subscribed AAPL6 NOPE! NADA!", "error 4306 Unknown symbol: NOPE, NADA"));
  EXPECT_THAT(actions.changes[0].add, ElementsAre("AAPL"));
}

TEST_F(Session, AnswersOnlyAnErrorWhereNothingIsGranted) {
  const auto actions = say("+NOPE");
  EXPECT_THAT(texts(actions), ElementsAre("error 4306 Unknown symbol: NOPE"));
  EXPECT_THAT(actions.changes, IsEmpty());
}

TEST_F(Session, KeepsANamePendingWhileAVenueHasNotToldAll) {
  names.incomplete("NASDAQ");
  EXPECT_THAT(texts(say("+LATE")), ElementsAre("subscribed LATE6"));
  EXPECT_THAT(texts(client->settled({}, {"LATE"}, 2)), ElementsAre("error 4306 Unknown symbol: LATE"));
  EXPECT_EQ(client->symbols(), 0u);
}

TEST_F(Session, SaysThatABookIsStale) {
  states[0] = tests::make_state(0, tests::make_instrument("AAPL"), 1);
  states[0].state = book::trust::stale;
  EXPECT_THAT(texts(say("+AAPL")), ElementsAre("subscribed AAPL2"));
}

TEST_F(Session, RefusesSymbolsBeyondTheLimit) {
  const auto actions = say("+AAPL,MSFT,TSLA,AMZN");
  EXPECT_THAT(texts(actions), ElementsAre("subscribed AAPL6 MSFT6 TSLA6 AMZN!",
                                          "error 4304 At most 3 symbols a connection; refused: AMZN"));
  say("-AAPL");
  EXPECT_THAT(texts(say("+AMZN")), ElementsAre("subscribed AMZN6"));
}

TEST_F(Session, TakesTheSameSymbolTwiceAsOne) {
  say("+AAPL");
  const auto again = say("+AAPL");
  EXPECT_THAT(texts(again), ElementsAre("subscribed AAPL6"));
  EXPECT_THAT(again.changes, IsEmpty());
}

TEST_F(Session, MovesASymbolToItsNewFrequency) {
  say("+AAPL");
  const auto moved = say("@250 +AAPL");
  ASSERT_EQ(moved.changes.size(), 2u);
  EXPECT_THAT(moved.changes[0].remove, ElementsAre("AAPL"));
  EXPECT_EQ(moved.changes[0].options.frequency_ms, 100u);
  EXPECT_THAT(moved.changes[1].add, ElementsAre("AAPL"));
  EXPECT_EQ(moved.changes[1].options.frequency_ms, 250u);
}

TEST_F(Session, UnsubscribesAndSaysWhatWasNotSubscribed) {
  say("+AAPL");
  const auto actions = say("-AAPL,MSFT");
  EXPECT_THAT(texts(actions), ElementsAre("unsubscribed AAPL5 MSFT!"));
  EXPECT_THAT(actions.changes[0].remove, ElementsAre("AAPL"));
}

TEST_F(Session, AnswersPings) {
  EXPECT_THAT(texts(say("?")), ElementsAre("pong"));
}

TEST_F(Session, ClosesAfterTooManyWrongMessages) {
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(say("rubbish").close);
  const auto last = say("rubbish");
  EXPECT_THAT(texts(last), ElementsAre("error 4300 Invalid message format"));
  ASSERT_TRUE(last.close);
  EXPECT_EQ(last.close->first, 4009);
}

TEST_F(Session, ForgivesOneWrongMessagePerGoodOne) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(say("rubbish").close);
    say("?");
  }
}

} // namespace
