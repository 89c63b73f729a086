// Nobody can use up what all clients share: kinds of messages that a loop prints, and words about a long question.
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tickplant::testing {
namespace {

using nlohmann::json;

class Shared : public ::testing::Test {
protected:
  void start(const std::string& more = {}, const std::string& venue = "    instruments: 3\n") {
    at_.start_server_from(
      at_.folder().write("shared.yaml", "venues:\n  synthetic:\n    plugin: synthetic\n    required: true\n" + venue +
                                          "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n"
                                          "dialects: {hft: {messages: 0, requests: 0}}\nloops: {network: 1}\n" +
                                          more));
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

/// The n-th set of fields.
json fields(size_t n) {
  static const std::vector<std::string> names{"price", "bid", "ask", "bidSize", "askSize", "volume", "change"};
  json chosen = json::array();
  for (size_t i = 0; i < names.size(); ++i)
    if ((n + 1) >> i & 1) chosen.push_back(names[i]);
  return chosen;
}

TEST_F(Shared, KindsOfMessagesAreRefusedByNameBeforeTheyRunOutForOthers) {
  start();
  const auto bystander = extended();
  ASSERT_EQ(answer(*bystander, subscribe({"S000"}, {{"dataTypes", {"QUOTES"}}}))["type"], "ACK");
  std::vector<std::unique_ptr<ws_client>> greedy;
  json refused;
  size_t kinds = 0;
  const std::vector<std::string> symbols{"S000", "S001", "S002"};
  for (int i = 0; i < 40 && refused.is_null(); ++i) {
    greedy.push_back(extended());
    for (const auto& symbol : symbols) {
      const auto told =
        answer(*greedy.back(), subscribe({symbol}, {{"dataTypes", {"QUOTES"}}, {"fields", fields(kinds)}}));
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
  EXPECT_GE(kinds, 30u);
  // What others have goes on, and who takes what is usual is let in.
  EXPECT_TRUE(bystander->wait_for_type("MARKET_DATA"));
  const auto newcomer = extended();
  EXPECT_EQ(answer(*newcomer, subscribe({"S001"}, {{"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}}}))["type"], "ACK");
  EXPECT_TRUE(newcomer->wait_for_type("BOOK_DELTA")) << at_.story();
  EXPECT_TRUE(newcomer->wait_for_type("MARKET_DATA"));
  EXPECT_EQ(answer(*newcomer, subscribe({"S002"}, {{"dataTypes", {"QUOTES"}}, {"fields", fields(0)}}))["type"], "ACK")
    << "fields that somebody else has";
  // Those who leave make room.
  greedy.clear();
  EXPECT_TRUE(eventually([&] {
    return answer(*newcomer, subscribe({"S000"}, {{"dataTypes", {"QUOTES"}}, {"fields", {"high", "low"}}}))["type"] ==
           "ACK";
  }));
}

// A thousand names: the answer is longer than all that may wait for a client which is behind.
TEST_F(Shared, AQuestionOfAThousandNamesDoesNotCloseAClientThatIsBehind) {
  start("limits: {stall: 5m}\n", "    instruments: 1024\n    hz: 20\n");
  std::vector<std::string> names;
  for (int i = 0; i < 1'024; ++i) {
    const auto digits = std::to_string(i);
    names.push_back("SYNTHETIC:S" + std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits);
  }
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
