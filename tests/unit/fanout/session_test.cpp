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

struct told_host final : session_host {
  std::map<uint32_t, book::publication> states;
  const book::publication* state_of(model::instrument_id id) const override {
    const auto found = states.find(model::index_of(id));
    return found == states.end() ? nullptr : &found->second;
  }
  line_places places_of(client_key, uint32_t) const override { return {}; }
  bool has_room(client_key, const option_set&) const override { return true; }
};

struct Session : testing::Test {
  directory names;
  std::unique_ptr<plugin::dialect_host> dialect = tests::make_plain_dialect();
  printer print{*dialect};
  told_host host;
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
  void start() { client.emplace(client_key{}, "1-1", print, names, host, limits); }
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

/// "+0@100": a row of instrument 0 every 100 ms comes; "-0@100" goes; "0@100>250" changes; "0 rests", "0 goes on".
std::vector<std::string> rows(const session_actions& actions) {
  std::vector<std::string> list;
  for (const auto& order : actions.rows) {
    const auto id = std::to_string(model::index_of(order.id));
    const auto at = '@' + std::to_string(order.options->frequency_ms);
    switch (order.what) {
      case row_order::kind::add: list.push_back('+' + id + at); break;
      case row_order::kind::remove: list.push_back('-' + id + at); break;
      case row_order::kind::change: list.push_back(id + at + '>' + std::to_string(order.to->frequency_ms)); break;
      case row_order::kind::pause: list.push_back(id + (order.is_paused ? " rests" : " goes on")); break;
    }
    for (const auto& p : order.from)
      list.back() +=
        " from " + std::to_string(p.series) + '/' + std::to_string(p.epoch) + '/' + std::to_string(p.sequence);
  }
  return list;
}

TEST_F(Session, SaysWelcome) {
  EXPECT_THAT(texts(client->welcome(1)), ElementsAre("welcome"));
}

TEST_F(Session, SubscribesAndAnswersPerSymbol) {
  const auto actions = say("+AAPL,NASDAQ:MSFT");
  EXPECT_THAT(texts(actions), ElementsAre("subscribed AAPL6 MSFT6"));
  EXPECT_THAT(rows(actions), ElementsAre("+0@100", "+1@100")) << "absent means 100";
  EXPECT_EQ(client->symbols(), 2u);
}

TEST_F(Session, NamesUnknownSymbolsAndSubscribesTheRest) {
  const auto actions = say("+AAPL,NOPE,NADA");
  EXPECT_THAT(texts(actions), ElementsAre("subscribed AAPL6 NOPE! NADA!", "error 4306 Unknown symbol: NOPE, NADA"));
  EXPECT_THAT(rows(actions), ElementsAre("+0@100"));
}

TEST_F(Session, AnswersOnlyAnErrorWhereNothingIsGranted) {
  const auto actions = say("+NOPE");
  EXPECT_THAT(texts(actions), ElementsAre("error 4306 Unknown symbol: NOPE"));
  EXPECT_THAT(actions.rows, IsEmpty());
}

TEST_F(Session, KeepsANamePendingWhileAVenueHasNotToldAll) {
  names.incomplete("NASDAQ");
  EXPECT_THAT(texts(say("+LATE")), ElementsAre("subscribed LATE6"));
  EXPECT_TRUE(client->follows_directory());
  EXPECT_EQ(client->symbols(), 1u);
  EXPECT_THAT(texts(client->directory_changed({}, {}, 2)), IsEmpty());
  names.complete("NASDAQ");
  EXPECT_THAT(texts(client->directory_changed({}, {}, 2)), ElementsAre("error 4306 Unknown symbol: LATE"));
  EXPECT_EQ(client->symbols(), 0u);
}

TEST_F(Session, SaysThatABookIsStale) {
  host.states[0] = tests::make_state(0, tests::make_instrument("AAPL"), 1);
  host.states[0].state = book::trust::stale;
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
  EXPECT_THAT(again.rows, IsEmpty());
}

TEST_F(Session, MovesASymbolToItsNewFrequency) {
  say("+AAPL");
  const auto moved = say("@250 +AAPL");
  EXPECT_THAT(rows(moved), ElementsAre("0@100>250"));
}

TEST_F(Session, UnsubscribesAndSaysWhatWasNotSubscribed) {
  say("+AAPL");
  const auto actions = say("-AAPL,MSFT");
  EXPECT_THAT(texts(actions), ElementsAre("unsubscribed AAPL5 MSFT!"));
  EXPECT_THAT(rows(actions), ElementsAre("-0@100"));
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

// S0-76, S2-53: login by message, and what a tier allows.
struct Login : Session {
  policy::principal_table table;
  static policy::tier_rules basic() {
    policy::tier_rules rules;
    rules.name = "basic";
    rules.symbols = std::vector<std::string>{"NASDAQ:A*", "MSFT"};
    rules.data_types = TP_DATA_QUOTES | TP_DATA_ORDER_BOOK;
    rules.depth = 2;
    rules.min_frequency_ms = 500;
    rules.max_symbols = 2;
    return rules;
  }
  client_identity identity(policy::tier_rules rules = basic(), int64_t expires_ns = TP_NONE) {
    client_identity made;
    made.who =
      std::make_shared<const policy::principal>(policy::principal{"ada", rules.name, {}, {}, expires_ns, {}, {}});
    made.rights =
      std::make_shared<policy::entitlement>(std::make_shared<policy::compiled_tier>(rules), std::vector<std::string>{});
    made.ticket = std::make_shared<policy::principal_table::ticket>(table.enter("ada", policy::no_bound));
    return made;
  }
  Login() { client->require_login(10'000); }
};

TEST_F(Login, IsAskedForInTheWelcomeAndBeforeAnythingElse) {
  EXPECT_THAT(texts(client->welcome(1)), ElementsAre("welcome login"));
  const auto actions = say("+AAPL");
  EXPECT_THAT(texts(actions), ElementsAre("error 4305 Log in first: send AUTH with your token"));
  EXPECT_THAT(actions.rows, IsEmpty());
  EXPECT_THAT(texts(say("?")), ElementsAre("pong"));
}

TEST_F(Login, HandsTheTokenOverOnceAndNowhereElse) {
  const auto actions = say("!secret");
  ASSERT_TRUE(actions.login);
  EXPECT_EQ(actions.login->token, "secret");
  EXPECT_FALSE(actions.login->is_refresh);
  EXPECT_THAT(texts(actions), IsEmpty());
  EXPECT_THAT(texts(say("!again")), ElementsAre("error 4301 A login is being checked; wait for its answer"));
  EXPECT_THAT(texts(client->logged_in(identity(), 2)), ElementsAre("hello ada"));
  EXPECT_FALSE(client->waits_for_login());
  EXPECT_THAT(texts(say("+AAPL")), ElementsAre("subscribed AAPL6"));
}

TEST_F(Login, ClosesWhoIsRefused) {
  say("!wrong");
  const auto actions = client->login_refused(4001, "unknown key", 2);
  EXPECT_THAT(texts(actions), ElementsAre("no 4001 unknown key"));
  ASSERT_TRUE(actions.close);
  EXPECT_EQ(actions.close->first, 4001);
}

TEST_F(Login, KeepsTheSessionWhenARefreshFails) {
  say("!good");
  client->logged_in(identity(), 2);
  EXPECT_TRUE(say("~bad").login->is_refresh);
  const auto actions = client->login_refused(4001, "unknown key", 3);
  EXPECT_THAT(texts(actions), ElementsAre("no 4001 unknown key"));
  EXPECT_FALSE(actions.close);
  EXPECT_THAT(texts(say("+AAPL")), ElementsAre("subscribed AAPL6"));
}

TEST_F(Login, AnswersSymbolBySymbolWhatTheTierAllows) {
  say("!good");
  client->logged_in(identity(), 2);
  EXPECT_THAT(texts(say("+AAPL,TSLA")),
              ElementsAre("subscribed AAPL6 TSLA!", "error 4305 Not allowed for this client: TSLA"));
}

TEST_F(Login, CutsDepthAndFrequencyToTheTier) {
  say("!good");
  client->logged_in(identity(), 2);
  const auto actions = say("%9 @50 +AAPL");
  ASSERT_EQ(actions.rows.size(), 1u);
  EXPECT_EQ(actions.rows[0].options->depth, 2u);
  EXPECT_EQ(actions.rows[0].options->frequency_ms, 500u);
}

TEST_F(Login, CountsSymbolsOverAllConnectionsOfThePrincipal) {
  say("!good");
  client->logged_in(identity(), 2);
  session other{client_key{}, "1-2", print, names, host, limits};
  other.set_identity(identity());
  say("+AAPL,AMZN");
  std::string text = "+MSFT";
  text.resize(5 + TP_FRAME_PADDING);
  const tp_frame frame{reinterpret_cast<const uint8_t*>(text.data()), 5, TP_FRAME_TEXT};
  EXPECT_THAT(texts(other.on_frame(frame, *dialect, 2)),
              ElementsAre("error 4304 At most 2 symbols for this client; refused: MSFT"));
  say("-AMZN");
  EXPECT_THAT(texts(other.on_frame(frame, *dialect, 2)), ElementsAre("subscribed MSFT6"));
}

TEST_F(Login, GivesItsSymbolsBackWhenItEnds) {
  say("!good");
  client->logged_in(identity(), 2);
  say("+AAPL,AMZN");
  start();
  client->set_identity(identity());
  EXPECT_THAT(texts(say("+AAPL,AMZN")), ElementsAre("subscribed AAPL6 AMZN6"));
}

TEST_F(Login, TakesRowsAwayThatANewTierDoesNotAllow) {
  say("!good");
  client->logged_in(identity(), 2);
  say("+AAPL,MSFT");
  auto narrower = basic();
  narrower.symbols = std::vector<std::string>{"NASDAQ:A*"};
  narrower.min_frequency_ms = 1'000;
  const auto actions = client->change_rules(limits, identity(narrower).rights, 3);
  EXPECT_THAT(texts(actions), ElementsAre("error 4305 No longer allowed for this client: MSFT"));
  EXPECT_THAT(rows(actions), ElementsAre("0@500>1000", "-1@500"));
}

TEST_F(Login, TellsThatItsTimeIsOver) {
  say("!good");
  client->logged_in(identity(basic(), 5'000'000'000), 2);
  EXPECT_THAT(texts(client->expiring(3)), ElementsAre("expiring ada"));
  const auto over = client->expired(5'000'000'000);
  EXPECT_EQ(over.close->first, 4203);
}

TEST_F(Session, ForgivesOneWrongMessagePerGoodOne) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(say("rubbish").close);
    say("?");
  }
}

} // namespace
