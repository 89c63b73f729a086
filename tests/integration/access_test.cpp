// Who comes in by which key, what his tier lets him see, and what ends his session.
#include "support/control.hpp"
#include "support/logins.hpp"
#include "support/market_view.hpp"
#include "support/reloading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace tickplant::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

/// A plant whose listener asks for keys.
class Keys : public ::testing::Test {
protected:
  static std::string tiers_text(const std::string& basic_symbols) {
    return "tiers:\n  basic: {symbols: " + basic_symbols +
           ", data_types: [QUOTES], min_frequency: 500ms, max_symbols: 3, max_connections: 2}\n"
           "  deep: {symbols: [\"*\"], depth: 2}\n";
  }
  settings_text wanted(const std::string& basic_symbols = "[\"NASDAQ:A*\", MSFT]") const {
    settings_text made;
    made.with_binance = false;
    made.public_more = "    auth: keys\n";
    made.log = "rate: 100000, level: debug"; // as much as there is, for what must not be in it
    made.more_listeners =
      "  - {name: careless, bind: \"127.0.0.1:0\", routes: {/ws: hft}, auth: keys, query_token: true}\n";
    made.more = "auth: {keys: {plugin: api_key, keys_file: \"" + keys_file_ + "\"}}\n" + tiers_text(basic_symbols);
    return made;
  }
  uint16_t port() { return world_.whole().port(); }
  child_process& server() { return world_.whole().server(); }

  scratch_folder folder_;
  const std::string keys_file_ = (folder_.path() / "keys.txt").string();
  const std::string alice_ = make_key(keys_file_, "alice", "deep"), bob_ = make_key(keys_file_, "bob", "basic");
  reloading world_{wanted()};
};

// S0-25, S0-76.
TEST_F(Keys, AreAskedForInTheConnectionWhenNoneCameAlong) {
  json welcome;
  const auto client = welcomed(port(), {}, &welcome);
  EXPECT_EQ(welcome.value("authDeadlineMs", 0), 10'000) << welcome;
  EXPECT_FALSE(welcome.contains("subject"));
  client->send(subscribe({"AAPL"}, {{"requestId", "early"}}));
  const auto early = client->wait_for_type("ERROR");
  ASSERT_TRUE(early);
  EXPECT_EQ(early->body.value("code", 0), 4305);
  EXPECT_EQ(early->body.value("requestId", ""), "early");

  client->send({{"type", "AUTH"}, {"token", alice_}, {"requestId", "login"}});
  const auto answer = client->wait_for_type("AUTH_SUCCESS");
  ASSERT_TRUE(answer) << world_.story();
  EXPECT_EQ(answer->body.value("subject", ""), "alice");
  EXPECT_EQ(answer->body.value("tier", ""), "deep");
  EXPECT_EQ(answer->body.value("requestId", ""), "login");
  market_view view;
  client->send(subscribe({"AAPL"}));
  EXPECT_TRUE(view.follow_entries(*client, {"AAPL"}, 2)) << world_.story();

  const auto stranger = welcomed(port(), {});
  stranger->send({{"type", "AUTH"}, {"token", "tpk_alice_" + std::string(43, 'x')}});
  const auto failed = stranger->wait_for_type("AUTH_FAILED");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->body.value("code", 0), 4001);
  expect_closed(*stranger, 4001, world_);
}

// S0-80, S1-19.
TEST_F(Keys, ComeByHeaderBySubprotocolAndByTheQueryOnlyWhereAllowed) {
  json welcome;
  for (const auto* scheme : {"Bearer ", "ApiKey "}) {
    welcomed(port(), with_header(scheme + alice_), &welcome);
    EXPECT_EQ(welcome.value("subject", ""), "alice") << scheme;
  }
  connect_options offers;
  offers.subprotocols = {"bearer." + bob_, "tickplant.hft"};
  const auto client = welcomed(port(), offers, &welcome);
  EXPECT_EQ(welcome.value("subject", ""), "bob");
  EXPECT_EQ(client->answer_field("Sec-WebSocket-Protocol"), "tickplant.hft");
  offers.subprotocols = {"bearer." + alice_};
  EXPECT_EQ(welcomed(port(), offers)->answer_field("Sec-WebSocket-Protocol"), "");

  connect_options query;
  query.path = "/ws?token=" + alice_;
  welcomed(port(), query, &welcome);
  EXPECT_TRUE(welcome.contains("authDeadlineMs")) << "the query is read where it is not allowed: " << welcome;
  welcomed(listener_port(server(), "careless"), query, &welcome);
  EXPECT_EQ(welcome.value("subject", ""), "alice");

  const auto late = welcomed(port(), {});
  late->send({{"type", "AUTH"}, {"token", bob_}});
  EXPECT_TRUE(late->wait_for_type("AUTH_SUCCESS")) << world_.story();

  const auto wrong = "tpk_alice_" + std::string(43, 'y');
  const auto refused = refusal_of(port(), with_header("Bearer " + wrong));
  EXPECT_EQ(refused.status, 401u);
  EXPECT_THAT(refused.body, HasSubstr("4001"));
  EXPECT_THAT(refused.body, Not(HasSubstr(wrong)));
  EXPECT_TRUE(server().wait_for_line("connect refused code=4001"));
  EXPECT_TRUE(server().wait_for_line("token=***")) << world_.story();
  // Nobody finds a key in the log, whole or in part.
  for (const auto& key : {alice_, bob_, wrong})
    EXPECT_THAT(server().output(), Not(HasSubstr(key.substr(key.rfind('_', 12) + 1, 20))));
}

TEST_F(Keys, RevokedEndTheirSessionsAlone) {
  const auto alice = welcomed(port(), with_header("Bearer " + alice_));
  const auto asked = welcomed(port(), {});
  asked->send({{"type", "AUTH"}, {"token", alice_}});
  ASSERT_TRUE(asked->wait_for_type("AUTH_SUCCESS")) << world_.story();
  const auto bob = welcomed(port(), with_header("Bearer " + bob_));
  market_view view;
  bob->send(subscribe({"AAPL"}));
  ASSERT_TRUE(view.follow_entries(*bob, {"AAPL"})) << world_.story();

  const auto revoked = run_program(TP_CONTROL, {"keys", "revoke", "--file", keys_file_, "alice"});
  ASSERT_EQ(revoked.code, 0) << revoked.output;
  for (auto* client : {alice.get(), asked.get()}) expect_closed(*client, 4001, world_);
  EXPECT_EQ(refusal_of(port(), with_header("Bearer " + alice_)).status, 401u);
  EXPECT_TRUE(view.follow_entries(*bob, {"AAPL"}, 3)) << world_.story();

  // A new key is known as soon as the file is read again.
  const auto carol = make_key(keys_file_, "carol");
  EXPECT_TRUE(eventually([&] { return refusal_of(port(), with_header("Bearer " + carol)).status == 101; }))
    << world_.story();
  EXPECT_TRUE(bob->is_open());
}

TEST_F(Keys, OldestConnectionGivesWayWhereItsTierSaysSo) {
  auto settings = wanted();
  const std::string limit = "max_connections: 2";
  settings.more.replace(settings.more.find(limit), limit.size(), limit + ", at_limit: close_oldest");
  ASSERT_EQ(world_.apply(settings), "");
  const auto first = welcomed(port(), with_header("Bearer " + bob_));
  const auto second = welcomed(port(), with_header("Bearer " + bob_));
  const auto other = welcomed(port(), with_header("Bearer " + alice_));
  const auto third = welcomed(port(), with_header("Bearer " + bob_));
  expect_closed(*first, 4102, world_);
  market_view of_second, of_third, of_other;
  second->send(subscribe({"AAPL"}));
  third->send(subscribe({"AAPL"}));
  EXPECT_TRUE(of_second.follow_entries(*second, {"AAPL"}, 2)) << world_.story();
  EXPECT_TRUE(of_third.follow_entries(*third, {"AAPL"}, 2)) << world_.story();
  // The same for one that logs in by a message.
  const auto fourth = welcomed(port(), {});
  fourth->send({{"type", "AUTH"}, {"token", bob_}});
  ASSERT_TRUE(fourth->wait_for_type("AUTH_SUCCESS")) << world_.story();
  expect_closed(*second, 4102, world_);
  EXPECT_TRUE(of_third.follow_entries(*third, {"AAPL"}, 2)) << world_.story();
  other->send(subscribe({"AAPL"}));
  EXPECT_TRUE(of_other.follow_entries(*other, {"AAPL"}, 2)) << "somebody else's connections do not count";
  EXPECT_TRUE(fourth->is_open());
}

// S2-53.
TEST_F(Keys, GetWhatTheirTierAllows) {
  const auto bob = welcomed(port(), with_header("Bearer " + bob_));
  const auto answer =
    granted(*bob, {"AAPL", "TSLA"}, {{"frequency", 0}, {"dataTypes", {"QUOTES", "ORDER_BOOK"}}, {"requestId", 1}});
  EXPECT_EQ(answer.value("frequency", 0), 500) << answer;
  EXPECT_EQ(answer.at("dataTypes"), json({"QUOTES"}));
  ASSERT_EQ(answer.at("results").size(), 2u);
  EXPECT_FALSE(answer["results"][0].contains("code")) << answer;
  EXPECT_EQ(answer["results"][1].value("code", 0), 4305) << answer;
  EXPECT_EQ(next_error(*bob), 4305);
  bob->send(subscribe({"AMZN"}, {{"dataTypes", {"ORDER_BOOK"}}}));
  EXPECT_EQ(next_error(*bob), 4305) << "no data type is left";
  const auto entry = bob->wait_for_type("MARKET_DATA");
  ASSERT_TRUE(entry) << world_.story();
  EXPECT_FALSE(entry->body.at("symbols").at(0).contains("bids")) << entry->body;

  const auto alice = welcomed(port(), with_header("Bearer " + alice_));
  EXPECT_EQ(granted(*alice, {"TSLA"}, {{"dataTypes", {"ORDER_BOOK"}}, {"depth", 10}}).value("depth", 0), 2);
  market_view view;
  ASSERT_TRUE(
    view.follow(*alice, [&] { return view.entry("TSLA").is_object() && !view.entry("TSLA")["bids"].empty(); }));
  EXPECT_LE(view.entry("TSLA").at("bids").size(), 2u);
}

// S2-53.
TEST_F(Keys, OfOnePrincipalShareTheBoundsOfItsTier) {
  const auto first = welcomed(port(), with_header("Bearer " + bob_));
  const auto second = welcomed(port(), with_header("Bearer " + bob_));
  EXPECT_EQ(granted(*first, {"AAPL", "AMZN"}).at("results").size(), 2u);
  const auto answer = granted(*second, {"AAPL", "MSFT"});
  EXPECT_FALSE(answer.at("results").at(0).contains("code")) << answer;
  EXPECT_EQ(answer["results"][1].value("code", 0), 4304) << answer;
  EXPECT_EQ(next_error(*second), 4304);
  first->send(unsubscribe({"AMZN"}));
  ASSERT_TRUE(first->wait_for([](const json& body) { return body.contains("results"); }));
  EXPECT_FALSE(granted(*second, {"MSFT"}).at("results").at(0).contains("code")) << "room that became free is not used";

  const auto third = refusal_of(port(), with_header("Bearer " + bob_));
  EXPECT_EQ(third.status, 429u);
  EXPECT_THAT(third.body, HasSubstr("4102"));
  EXPECT_EQ(refusal_of(port(), with_header("Bearer " + alice_)).status, 101u)
    << "another principal has room of its own";
}

TEST_F(Keys, LeaveTheirRoomToOthersWhenAConnectionEnds) {
  auto first = welcomed(port(), with_header("Bearer " + bob_));
  const auto second = welcomed(port(), with_header("Bearer " + bob_));
  granted(*first, {"AAPL", "AMZN", "MSFT"});
  second->send(subscribe({"AAPL"}));
  EXPECT_EQ(next_error(*second), 4304);
  first.reset();
  EXPECT_TRUE(eventually([&] { return refusal_of(port(), with_header("Bearer " + bob_)).status == 101; }))
    << world_.story();
  const auto answer = granted(*second, {"AAPL", "AMZN", "MSFT"});
  ASSERT_EQ(answer.at("results").size(), 3u);
  for (const auto& result : answer["results"]) EXPECT_FALSE(result.contains("code")) << answer;
}

// A connection that is there already goes by the keys of now, not by those of the time when it came.
TEST_F(Keys, OfNowAreAskedForInConnectionsOfBefore) {
  const auto early = welcomed(port(), {}), late = welcomed(port(), {});
  const auto bob = welcomed(port(), with_header("Bearer " + bob_));
  const auto carol = make_key(keys_file_, "carol", "basic");
  ASSERT_EQ(run_program(TP_CONTROL, {"keys", "revoke", "--file", keys_file_, "alice"}).code, 0);
  ASSERT_TRUE(eventually([&] {
    return refusal_of(port(), with_header("Bearer " + alice_)).status == 401 &&
           refusal_of(port(), with_header("Bearer " + carol)).status == 101;
  }))
    << world_.story();

  early->send({{"type", "AUTH"}, {"token", alice_}});
  const auto refused = early->wait_for([](const json& body) { return body.value("type", "").starts_with("AUTH_"); });
  ASSERT_TRUE(refused) << world_.story();
  EXPECT_EQ(refused->body.value("type", ""), "AUTH_FAILED") << refused->body;
  late->send({{"type", "AUTH"}, {"token", carol}});
  const auto accepted = late->wait_for([](const json& body) { return body.value("type", "").starts_with("AUTH_"); });
  ASSERT_TRUE(accepted) << world_.story();
  EXPECT_EQ(accepted->body.value("type", ""), "AUTH_SUCCESS") << accepted->body;
  bob->send({{"type", "REFRESH"}, {"token", carol}});
  EXPECT_TRUE(bob->wait_for_type("AUTH_SUCCESS")) << world_.story();
}

// The key stays, what it stands for changes: its clients are to log in again.
TEST_F(Keys, WhoseRightsChangeAreAskedForAgain) {
  const auto alice = welcomed(port(), with_header("Bearer " + alice_));
  const auto bob = welcomed(port(), with_header("Bearer " + bob_));
  std::ifstream file{keys_file_};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto at = text.find("deep");
  ASSERT_NE(at, text.npos) << text;
  std::filesystem::rename(folder_.write("keys.new", text.replace(at, 4, "basic")), keys_file_);
  expect_closed(*alice, 4203, world_);
  json welcome;
  welcomed(port(), with_header("Bearer " + alice_), &welcome);
  EXPECT_EQ(welcome.value("tier", ""), "basic");
  bob->send(subscribe({"AAPL"}));
  EXPECT_TRUE(bob->wait_for_type("MARKET_DATA")) << world_.story();
}

TEST_F(Keys, OfATierThatIsGoneAreOfNoUse) {
  const auto alice = welcomed(port(), with_header("Bearer " + alice_));
  const auto bob = welcomed(port(), with_header("Bearer " + bob_));
  auto without = wanted();
  without.more = without.more.substr(0, without.more.find("  deep:"));
  ASSERT_EQ(world_.apply(without), "");
  expect_closed(*alice, 4003, world_);
  const auto refused = refusal_of(port(), with_header("Bearer " + alice_));
  EXPECT_EQ(refused.status, 403u);
  EXPECT_THAT(refused.body, HasSubstr("4003"));
  bob->send(subscribe({"AAPL"}));
  EXPECT_TRUE(bob->wait_for_type("MARKET_DATA")) << world_.story();
}

TEST_F(Keys, LoseWhatTheirTierLosesAndStayConnected) {
  const auto bob = welcomed(port(), with_header("Bearer " + bob_));
  granted(*bob, {"AAPL", "MSFT"});
  market_view view;
  ASSERT_TRUE(view.follow_entries(*bob, {"AAPL", "MSFT"})) << world_.story();
  ASSERT_EQ(world_.apply(wanted("[\"NASDAQ:A*\"]")), "");
  const auto told = bob->wait_for_type("ERROR");
  ASSERT_TRUE(told) << world_.story();
  EXPECT_EQ(told->body.value("code", 0), 4305);
  EXPECT_THAT(told->body.value("message", ""), HasSubstr("MSFT"));
  ASSERT_TRUE(view.follow_entries(*bob, {"AAPL"})) << world_.story(); // what was on its way has come
  const auto before = view.entries("MSFT");
  ASSERT_TRUE(view.follow_entries(*bob, {"AAPL"}, 4)) << world_.story();
  EXPECT_EQ(view.entries("MSFT"), before);
}

// S0-76.
TEST_F(Keys, AreAwaitedNoLongerThanTheDeadline) {
  auto hurried = wanted();
  hurried.limits_more = ", auth_deadline: 1s";
  ASSERT_EQ(world_.apply(hurried), "");
  json welcome;
  const auto client = welcomed(port(), {}, &welcome);
  EXPECT_EQ(welcome.value("authDeadlineMs", 0), 1'000);
  const auto failed = client->wait_for_type("AUTH_FAILED");
  ASSERT_TRUE(failed) << world_.story();
  EXPECT_EQ(failed->body.value("code", 0), 4202);
  expect_closed(*client, 4202, world_);
  EXPECT_TRUE(server().wait_for_line("login refused code=4202")) << world_.story();
}

// S4-04, S4-26.
TEST_F(Keys, DoNotHelpAForeignPage) {
  auto fenced = wanted();
  fenced.public_more += "    origins: [\"https://app.example.com\", \"https://*.example.org\"]\n";
  ASSERT_EQ(world_.apply(fenced), "");
  const auto from = [&](const std::string& origin) {
    auto options = with_header("Bearer " + alice_);
    if (!origin.empty()) options.fields["Origin"] = origin;
    return refusal_of(port(), options);
  };
  for (const auto* foreign : {"https://evil.example.com", "https://example.org", "http://app.example.com", "null"}) {
    const auto refused = from(foreign);
    EXPECT_EQ(refused.status, 403u) << foreign;
    EXPECT_THAT(refused.body, HasSubstr("4002")) << foreign;
  }
  for (const auto* own : {"https://app.example.com", "https://a.b.example.org", ""})
    EXPECT_EQ(from(own).status, 101u) << own;
  EXPECT_TRUE(server().wait_for_line("Blocked connection from unauthorized origin https://evil.example.com"));
  const auto line = server().wait_for_line("connect refused code=4002");
  ASSERT_TRUE(line) << world_.story();
  EXPECT_THAT(*line, HasSubstr("origin=https://evil.example.com"));
  EXPECT_THAT(server().output(), Not(HasSubstr(alice_.substr(alice_.size() - 20))));
}

} // namespace
} // namespace tickplant::testing
