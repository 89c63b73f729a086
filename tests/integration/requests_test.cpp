// Messages that a client gets wrong: a documented answer each, and the connection lives on (protocol.md 7.6).
#include "support/http_client.hpp"
#include "support/market_view.hpp"
#include "support/plant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Requests : public ::testing::Test {
protected:
  // One pair of programs serves all cases of this file when they run in one process.
  static void SetUpTestSuite() {
    whole_ = std::make_unique<plant>();
    whole_->start();
  }
  static void TearDownTestSuite() { whole_.reset(); }

  static std::unique_ptr<ws_client> open_client() { return connect(*whole_); }

  /// The connection still answers: PING with its own number gets PONG with it (S0-43).
  static void expect_alive(ws_client& client, const std::string& why) {
    static int number = 0;
    const auto id = "probe-" + std::to_string(++number);
    client.send({{"type", "PING"}, {"pingId", id}, {"timestamp", 1}});
    const auto pong = client.wait_for_type("PONG");
    ASSERT_TRUE(pong) << why;
    EXPECT_EQ(pong->body["pingId"], id) << why;
  }

  static json error_after(ws_client& client, const std::string& why) {
    const auto error = client.wait_for_type("ERROR");
    if (!error) ADD_FAILURE() << "no ERROR: " << why << '\n' << whole_->story();
    return error ? error->body : json::object();
  }

  static inline std::unique_ptr<plant> whole_;
};

void expect_error(const json& error, int code, const std::string& name, const std::string& type) {
  EXPECT_EQ(error["code"], code) << error;
  EXPECT_EQ(error["name"], name) << error;
  EXPECT_EQ(error["errorType"], type) << error;
  EXPECT_EQ(error["recoverable"], true) << error;
  EXPECT_TRUE(error["timestamp"].is_number_integer()) << error;
  EXPECT_FALSE(error["message"].get<std::string>().empty()) << error;
}

// S0-40.
TEST_F(Requests, ThatAreNotJsonAreAnsweredWithTheTextOfTheDocument) {
  const auto client = open_client();
  for (const std::string text :
       {"{\"type\":", "not JSON", "", "[]", "42", "{\"type\":\"SUBSCRIBE\",}", "{\"type\":7}", "{}"}) {
    client->send_text(text);
    const auto error = error_after(*client, text);
    expect_error(error, 4300, "MESSAGE_PARSE_ERROR", error["errorType"]);
    EXPECT_THAT(error["message"].get<std::string>(), StartsWith("Invalid message format")) << text;
    expect_alive(*client, text);
  }
}

TEST_F(Requests, OfBinaryRubbishAreAnsweredLikeTextThatIsNoJson) {
  const auto client = open_client();
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  for (const auto& bytes :
       {every_byte, std::string(1000, '\xFF'), std::string(30'000, '{'), std::string(30'000, '\0')}) {
    client->send_binary(bytes);
    const auto error = error_after(*client, "binary rubbish");
    EXPECT_EQ(error["code"], 4300) << error;
    EXPECT_LT(error.dump().size(), 2'000u) << "rubbish is not sent back";
    expect_alive(*client, "binary rubbish");
  }
}

// S0-41: connection kept.
TEST_F(Requests, OfAnUnknownTypeNameItAndTheKnownOnes) {
  const auto client = open_client();
  client->send({{"type", "SUBSCRYBE"}, {"symbols", {"AAPL"}}, {"requestId", 17}});
  const auto error = error_after(*client, "unknown type");
  EXPECT_EQ(error["code"], 4301) << error;
  EXPECT_EQ(error["name"], "UNSUPPORTED_ACTION");
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("SUBSCRYBE"));
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("UNSUBSCRIBE"));
  EXPECT_EQ(error["requestId"], 17) << "a number comes back as a number";
  expect_alive(*client, "unknown type");
}

TEST_F(Requests, ForAnUnknownSymbolNameItAndServeTheOthers) {
  const auto client = open_client();
  client->send(subscribe({"NOSUCH", "MSFT"}, {{"requestId", "mixed"}}));
  const auto ack = client->wait_for_type("ACK");
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->body["message"], "Subscribed to 1 symbols");
  ASSERT_EQ(ack->body["results"].size(), 2u);
  EXPECT_EQ(ack->body["results"][0]["symbol"], "NOSUCH");
  EXPECT_EQ(ack->body["results"][0]["code"], 4306);
  EXPECT_EQ(ack->body["results"][1]["symbol"], "MSFT");
  EXPECT_EQ(ack->body["results"][1]["exchange"], "NASDAQ");
  const auto error = error_after(*client, "unknown symbol");
  EXPECT_EQ(error["code"], 4306) << error;
  EXPECT_EQ(error["name"], "INVALID_SYMBOL");
  EXPECT_EQ(error["field"], "symbols");
  EXPECT_EQ(error["requestId"], "mixed");
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("NOSUCH"));
  market_view view;
  EXPECT_TRUE(view.follow_entries(*client, {"MSFT"})) << whole_->story();
  EXPECT_EQ(view.entries("NOSUCH"), 0u);
}

TEST_F(Requests, WithWrongFieldsNameTheField) {
  struct wrong {
    json body;
    int code;
    std::string field;
  };
  const json aapl{"AAPL"};
  const std::vector<wrong> all{
    {{{"type", "SUBSCRIBE"}}, 4303, "symbols"},
    {{{"type", "UNSUBSCRIBE"}}, 4303, "symbols"},
    {{{"type", "SUBSCRIBE"}, {"symbols", json::array()}}, 4303, "symbols"},
    {{{"type", "SUBSCRIBE"}, {"symbols", "AAPL"}}, 4303, "symbols"},
    {{{"type", "SUBSCRIBE"}, {"symbols", {1, 2}}}, 4303, "symbols"},
    {{{"type", "SUBSCRIBE"}, {"symbols", {""}}}, 4306, "symbols"},
    {{{"type", "SUBSCRIBE"}, {"symbols", {std::string(65, 'A')}}}, 4306, "symbols"},
    {{{"type", "SUBSCRIBE"}, {"symbols", std::vector<std::string>(1025, "AAPL")}}, 4303, "symbols"},
    {{{"type", "SUBSCRIBE"}, {"symbols", aapl}, {"frequency", -1}}, 4303, "frequency"},
    {{{"type", "SUBSCRIBE"}, {"symbols", aapl}, {"frequency", 0.5}}, 4303, "frequency"},
    {{{"type", "SUBSCRIBE"}, {"symbols", aapl}, {"frequency", "fast"}}, 4303, "frequency"},
    {{{"type", "SUBSCRIBE"}, {"symbols", aapl}, {"depth", -3}}, 4303, "depth"},
    {{{"type", "SUBSCRIBE"}, {"symbols", aapl}, {"dataTypes", {"CANDLES"}}}, 4303, "dataTypes"},
    {{{"type", "SUBSCRIBE"}, {"symbols", aapl}, {"dataTypes", json::array()}}, 4303, "dataTypes"},
    {{{"type", "SUBSCRIBE"}, {"symbols", aapl}, {"timestamp", "now"}}, 4300, "timestamp"},
    {{{"type", "PING"}, {"pingId", json::object()}}, 4300, "pingId"},
  };
  const auto client = open_client();
  for (const auto& one : all) {
    client->send(one.body);
    const auto what = one.body.dump().substr(0, 120);
    const auto error = error_after(*client, what);
    EXPECT_EQ(error["code"], one.code) << what << error;
    EXPECT_EQ(error["field"], one.field) << what << error;
    expect_alive(*client, what);
  }
}

TEST_F(Requests, LargerThanTheLimitCloseTheConnection) {
  const auto client = open_client(), other = open_client();
  client->send_text("{\"type\":\"SUBSCRIBE\",\"symbols\":[\"" + std::string(70'000, 'A') + "\"]}");
  const auto closed = client->wait_closed();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->code, 1009) << closed->reason;
  expect_alive(*other, "another client's frame was too large");
}

TEST_F(Requests, OfTextThatIsNoUtf8CloseTheConnection) {
  const auto client = open_client();
  client->send_text("{\"type\":\"PING\",\"pingId\":\"\xC3\x28\"}");
  const auto closed = client->wait_closed();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->code, 1007) << closed->reason; // RFC 6455, section 8.1
}

TEST_F(Requests, ThatAreWrongAgainAndAgainCloseTheConnectionForGood) {
  const auto client = open_client();
  for (int i = 0; i < 150; ++i) client->send_text("rubbish");
  const auto closed = client->wait_closed();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->code, 4009) << closed->reason;
}

TEST_F(Requests, ToConnectOnAnotherPathAreRefused) {
  try {
    ws_client refused{whole_->port(), {"/elsewhere"}};
    FAIL() << "connected";
  } catch (const handshake_refused& refusal) {
    EXPECT_EQ(refusal.status, 404u);
    EXPECT_THAT(refusal.body, HasSubstr("/ws (hft)")) << "what there is instead";
  }
  EXPECT_EQ(http_get(whole_->port(), "/health/live").status, 200u);
}

// S0-42, S0-43.
TEST_F(Requests, OfHeartbeatAndPingAreAnswered) {
  const auto client = open_client();
  client->send({{"type", "HEARTBEAT"}, {"timestamp", 1'700'000'000'000}, {"id", 5}});
  const auto heartbeat = client->wait_for_type("HEARTBEAT");
  ASSERT_TRUE(heartbeat);
  EXPECT_EQ(heartbeat->body["requestId"], 5);
  expect_alive(*client, "heartbeat");
}

// What the server says of its own accord has the envelope of its answers.
TEST(RequestLimits, ForMessagesAreToldInTheFormThatTheClientKnows) {
  plant whole;
  whole.start_simulator();
  whole.start_server("dialects: {hft: {messages: 1, burst: 3}}\n");
  whole.wait_ready();
  for (const bool says_hello : {false, true}) {
    const auto client = connect(whole);
    if (says_hello) {
      client->send({{"type", "HELLO"}});
      ASSERT_TRUE(client->wait_for_type("WELCOME")) << whole.story();
    }
    for (int i = 0; i < 5; ++i) client->send({{"type", "PING"}});
    const auto error = client->wait_for_type("ERROR");
    ASSERT_TRUE(error) << whole.story();
    EXPECT_EQ(error->body.value("code", 0), 4308) << error->body;
    EXPECT_EQ(error->body.value("v", 0), says_hello ? 1 : 0) << error->body;
  }
}

TEST(RequestLimits, ForSymbolsAreToldAndTheFirstOnesAreServed) {
  plant whole;
  whole.start_simulator();
  whole.start_server("limits: {max_symbols: 2, max_depth: 3}\n");
  whole.wait_ready();
  const auto client = connect(whole);
  client->send(subscribe({"AAPL", "MSFT", "NVDA"}, {{"depth", 50}}));
  const auto ack = client->wait_for_type("ACK");
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->body["message"], "Subscribed to 2 symbols");
  EXPECT_EQ(ack->body["depth"], 3) << "what is granted, not what was asked";
  const auto error = client->wait_for_type("ERROR");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->body["code"], 4304);
  EXPECT_THAT(error->body["message"].get<std::string>(), HasSubstr("NVDA"));
  market_view view;
  ASSERT_TRUE(view.follow_entries(*client, {"AAPL", "MSFT"}, 3)) << whole.story();
  EXPECT_EQ(view.entries("NVDA"), 0u);
  EXPECT_EQ(view.entry("AAPL")["bids"].size(), 3u);
}

} // namespace
} // namespace tickplant::testing
