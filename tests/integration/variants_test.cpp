// Nobody can use up what all clients share: kinds of messages that a loop prints, and words about a long question.
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <set>

namespace tickplant::testing {
namespace {

using nlohmann::json;

class Shared : public ::testing::Test {
protected:
  std::string configure(const std::string& more, const std::string& venue) const {
    return at_.folder().write("shared.yaml",
                              "venues:\n  synthetic:\n    plugin: synthetic\n    required: true\n" + venue +
                                "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n"
                                "dialects: {hft: {messages: 0, requests: 0}}\nloops: {network: 1}\n" +
                                more);
  }
  void start(const std::string& more = {}, const std::string& venue = "    instruments: 3\n") {
    at_.start_server_from(configure(more, venue));
    at_.wait_ready();
  }
  std::unique_ptr<ws_client> extended(const connect_options& options = {}) {
    auto client = connect(at_, options);
    client->send({{"type", "HELLO"}});
    if (!client->wait_for_type("WELCOME")) throw std::runtime_error("no WELCOME:\n" + at_.story());
    return client;
  }
  /// ACK or ERROR.
  static json answer(ws_client& client, json message) {
    static int number = 0;
    message["id"] = ++number;
    client.send(message);
    const auto found = client.wait_for([&](const json& one) { return one.value("requestId", json{}) == number; });
    return found ? found->body : json{};
  }
  plant at_;
};

std::string symbol(size_t n) {
  const auto digits = std::to_string(n);
  return "S" + std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits;
}

/// The n-th selection of fields.
json fields(size_t n) {
  static const std::vector<std::string> names{"price",  "bid",    "ask",  "bidSize", "askSize",
                                              "volume", "change", "high", "low",     "open"};
  json chosen = json::array();
  for (size_t i = 0; i < names.size(); ++i)
    if ((n + 1) >> i & 1) chosen.push_back(names[i]);
  return chosen;
}

constexpr size_t sets_of_one_connection = 16, selections_of_one_party = 256;

// Connections of one address take all that they can get: selections of fields until they are refused, and every odd
// period and depth. Whoever comes then has every ordinary option set, also those that nobody has yet.
TEST_F(Shared, HostileConnectionsTakeNoKindOfOptionsFromOthers) {
  start("limits: {max_depth: 200}\n", "    instruments: 16\n    hz: 20\n");
  std::vector<std::unique_ptr<ws_client>> greedy;
  json refused;
  size_t kinds = 0;
  for (size_t i = 0; i < 40 && refused.is_null(); ++i) {
    greedy.push_back(extended());
    for (size_t n = 0; n < sets_of_one_connection && refused.is_null(); ++n) {
      const auto told =
        answer(*greedy.back(), subscribe({symbol(n)}, {{"dataTypes", {"QUOTES"}}, {"fields", fields(kinds)}}));
      ASSERT_TRUE(told["type"] == "ACK" || told["type"] == "ERROR") << told;
      if (told["type"] == "ERROR")
        refused = told;
      else
        ++kinds;
    }
  }
  ASSERT_FALSE(refused.is_null());
  EXPECT_EQ(refused["code"], 4304) << refused;
  EXPECT_EQ(refused["field"], "fields");
  EXPECT_NE(refused["message"].get<std::string>().find("leave fields away"), std::string::npos);
  EXPECT_EQ(kinds, selections_of_one_party);
  for (size_t i = 0; i < 30; ++i) {
    greedy.push_back(i % 2 ? extended() : connect(at_));
    for (size_t n = 0; n < sets_of_one_connection; ++n) {
      const size_t number = i * sets_of_one_connection + n;
      const auto told = answer(*greedy.back(), subscribe({symbol(n)}, {{"dataTypes", {"QUOTES", "ORDER_BOOK"}},
                                                                       {"mode", "CONFLATE"},
                                                                       {"depth", 1 + number % 200},
                                                                       {"frequency", 1 + number * 7}}));
      ASSERT_EQ(told["type"], "ACK") << told;
      EXPECT_GE(told["frequency"], 1 + number * 7);
      EXPECT_GE(told["depth"], 1 + number % 200);
    }
  }

  const auto ordinary = extended();
  for (const auto& types :
       std::vector<json>{{"QUOTES"}, {"TRADES"}, {"ORDER_BOOK"}, {"QUOTES", "TRADES", "ORDER_BOOK"}, {"STATISTICS"}}) {
    for (const auto* mode : {"ALL", "CONFLATE"}) {
      for (const int depth : {1, 5, 10, 20, 50}) {
        for (const int frequency : {0, 50, 100, 250, 1'000, 5'000}) {
          const auto told = answer(
            *ordinary,
            subscribe({"S003"}, {{"dataTypes", types}, {"mode", mode}, {"depth", depth}, {"frequency", frequency}}));
          ASSERT_EQ(told["type"], "ACK") << told;
          EXPECT_EQ(told["frequency"], frequency);
        }
      }
    }
  }
  ASSERT_EQ(answer(*ordinary, {{"type", "UPDATE_SUBSCRIPTION"},
                               {"symbols", {"S003"}},
                               {"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}},
                               {"mode", "ALL"},
                               {"frequency", 0}})["type"],
            "ACK");
  for (const auto* kind : {"MARKET_DATA", "BOOK_DELTA", "TRADE"})
    EXPECT_TRUE(
      ordinary->wait_for([&](const json& one) { return one["type"] == kind && one["symbols"][0]["symbol"] == "S003"; }))
      << at_.story();
  EXPECT_EQ(answer(*ordinary, subscribe({"S002"}, {{"dataTypes", {"QUOTES"}}, {"fields", fields(0)}}))["type"], "ACK")
    << "fields that somebody has";

  // Another address has its own part of the selections.
  connect_options elsewhere;
  elsewhere.from = "127.0.0.2";
  const auto other = extended(elsewhere);
  EXPECT_EQ(answer(*other, subscribe({"S001"}, {{"dataTypes", {"QUOTES"}},
                                                {"fields", {"previousClose", "changePercent"}}}))["type"],
            "ACK");
  const auto first = other->wait_for_type("MARKET_DATA");
  ASSERT_TRUE(first) << at_.story();
  EXPECT_FALSE(first->body["symbols"][0].contains("bid"));
  // Those who leave make room.
  EXPECT_EQ(
    answer(*ordinary, subscribe({"S000"}, {{"dataTypes", {"QUOTES"}}, {"fields", {"high", "changePercent"}}}))["code"],
    4304);
  greedy.clear();
  EXPECT_TRUE(eventually([&] {
    return answer(*ordinary, subscribe({"S000"}, {{"dataTypes", {"QUOTES"}},
                                                  {"fields", {"high", "changePercent"}}}))["type"] == "ACK";
  }));
}

// What was granted stays granted when the limits change, and new limits hold.
TEST_F(Shared, StepsOfOptionsHoldThroughUpdatesResumesWildcardsAndReloads) {
  const std::string venue = "    instruments: 4\n    hz: 20\n";
  start("limits: {max_depth: 60}\n", venue);
  const auto reload = [&](const std::string& limits) {
    configure(limits, venue);
    at_.server().send_signal(SIGHUP);
  };
  const auto client = extended();
  auto told = answer(
    *client, subscribe({"SYNTHETIC:*"}, {{"dataTypes", {"QUOTES", "ORDER_BOOK"}}, {"depth", 51}, {"frequency", 3}}));
  EXPECT_EQ(told["frequency"], 5);
  EXPECT_EQ(told["depth"], 60) << "75 is the next step, 60 the server's limit";
  told = answer(*client, {{"type", "UPDATE_SUBSCRIPTION"}, {"symbols", {"SYNTHETIC:*"}}, {"frequency", 101}});
  EXPECT_EQ(told["frequency"], 200);
  EXPECT_EQ(told["depth"], 60);
  auto snapshot = client->wait_for_type("BOOK_DELTA");
  ASSERT_TRUE(snapshot) << at_.story();
  const auto& entry = snapshot->body["symbols"][0];
  told = answer(
    *client,
    {{"type", "RESUME"}, {"stream", entry["stream"]}, {"epoch", entry["epoch"]}, {"sequence", entry["sequence"]}});
  EXPECT_EQ(told["frequency"], 200) << told;
  ASSERT_TRUE(client->wait_for_type("RESUMED")) << at_.story();
  reload("limits: {max_depth: 1000}\n");
  EXPECT_TRUE(eventually([&] {
    told = answer(*client, {{"type", "UPDATE_SUBSCRIPTION"}, {"symbols", {"SYNTHETIC:*"}}, {"depth", 51}});
    return told["depth"] == 75;
  }))
    << told;
  EXPECT_EQ(told["frequency"], 200);
  reload("limits: {max_depth: 20}\n");
  EXPECT_TRUE(eventually([&] {
    return answer(*client, {{"type", "LIST"}})["symbols"][0]["depth"] == 20;
  }))
    << at_.story();
  ASSERT_TRUE(client->wait_for_type("BOOK_DELTA")) << at_.story();
}

// A thousand names: the answer is longer than all that may wait for a client which is behind.
TEST_F(Shared, AQuestionOfAThousandNamesDoesNotCloseAClientThatIsBehind) {
  start("limits: {stall: 5m}\n", "    instruments: 1024\n    hz: 20\n");
  std::vector<std::string> names;
  for (size_t i = 0; i < 1'024; ++i) names.push_back("SYNTHETIC:" + symbol(i));
  const auto client = extended({"/ws", small_buffer}), reader = extended();
  ASSERT_EQ(answer(*client, subscribe({"SYNTHETIC:*"}, {{"dataTypes", {"QUOTES"}}, {"frequency", 0}}))["type"], "ACK");
  ASSERT_TRUE(client->wait_for_type("MARKET_DATA"));
  reader->send(subscribe({"SYNTHETIC:*"}, {{"dataTypes", {"QUOTES"}}, {"frequency", 0}}));
  client->pause_reading();
  ASSERT_TRUE(read_bytes(*reader, 4u << 20)) << at_.story(); // by then its socket is full
  client->send(
    subscribe(names, {{"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}}, {"frequency", 1'000}, {"id", "long"}}));
  ASSERT_TRUE(read_bytes(*reader, 2u << 20)) << at_.story();
  client->resume_reading();
  const auto ack = client->wait_for([](const json& one) { return one.value("requestId", json{}) == "long"; });
  ASSERT_TRUE(ack) << at_.story();
  EXPECT_EQ(ack->body["results"].size(), 1'024u);
  EXPECT_GT(ack->size, 64u * 1024) << "or this test proves nothing";
  EXPECT_TRUE(client->is_open());

  // And of its 3,072 lines each heartbeat names some more, until it has named all.
  ASSERT_TRUE(client->wait_for_type("BOOK_DELTA")) << at_.story();
  std::set<std::string> streams;
  for (int beats = 0; beats < 200; ++beats) {
    client->send({{"type", "HEARTBEAT"}});
    const auto beat = client->wait_for_type("HEARTBEAT");
    ASSERT_TRUE(beat);
    EXPECT_LE(beat->body["streams"].size(), 64u);
    for (const auto& line : beat->body["streams"]) streams.insert(line["stream"].get<std::string>());
    if (streams.size() >= 3'072) break;
  }
  EXPECT_EQ(streams.size(), 3'072u);
}

} // namespace
} // namespace tickplant::testing
