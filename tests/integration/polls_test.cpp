// GET /api/market/snapshot (protocol.md 7.7 and row 14; S4-06): the newest state for clients that poll.
#include "support/http_client.hpp"
#include "support/plant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Polls : public ::testing::Test {
protected:
  void serve(const std::string& listener = {}, const std::string& more = {}) {
    at.start_server_from(
      at.folder().write("polls.yaml", "venues:\n  synthetic: {plugin: synthetic, required: true}\n"
                                      "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}" +
                                        listener + "}]\n" + more));
    at.wait_ready();
  }
  http_answer poll(const std::string& query, const std::map<std::string, std::string>& fields = {}) {
    return http_get(at.port(), "/api/market/snapshot" + query, fields);
  }
  plant at;
};

TEST_F(Polls, AreAnsweredWithStatesThatHaveSequenceAndEpoch) {
  serve();
  const auto first = poll("?symbols=AAPL,SYNTHETIC:MSFT");
  ASSERT_EQ(first.status, 200u) << first.body << at.story();
  EXPECT_THAT(first.fields.at("content-type"), HasSubstr("application/json"));
  const auto body = json::parse(first.body);
  ASSERT_EQ(body["symbols"].size(), 2u) << body;
  EXPECT_FALSE(body.contains("refused")) << body;
  for (const auto& entry : body["symbols"]) {
    EXPECT_GT(entry["price"], 0) << entry;
    EXPECT_GT(entry["sequence"], 0) << entry;
    EXPECT_GT(entry["epoch"], 0) << entry;
    EXPECT_THAT(entry["stream"].get<std::string>(), HasSubstr("/STATE"));
  }
  EXPECT_EQ(body["symbols"][0]["symbol"], "AAPL");
  EXPECT_EQ(body["symbols"][1]["symbol"], "MSFT");
  // Nobody subscribed: what polls ask for is kept fresh all the same.
  const int64_t sequence = body["symbols"][0]["sequence"];
  EXPECT_TRUE(eventually([&] { return json::parse(poll("?symbols=AAPL").body)["symbols"][0]["sequence"] > sequence; }));
}

TEST_F(Polls, OfWhatHasNotChangedAreAnswered304) {
  serve(); // the walk stands still between its steps
  EXPECT_TRUE(eventually([&] {
    const auto first = poll("?symbols=AAPL");
    if (first.status != 200 || !first.fields.contains("etag")) return false;
    const auto again = poll("?symbols=AAPL", {{"If-None-Match", first.fields.at("etag")}});
    return again.status == 304 && again.body.empty();
  }))
    << at.story();
}

TEST_F(Polls, NameWhatTheyCannotHave) {
  serve();
  const auto some = poll("?symbols=AAPL,NOSUCH");
  EXPECT_EQ(some.status, 200u);
  const auto body = json::parse(some.body);
  ASSERT_EQ(body["refused"].size(), 1u) << body;
  EXPECT_EQ(body["refused"][0]["symbol"], "NOSUCH");
  EXPECT_EQ(body["refused"][0]["code"], 4306);
  EXPECT_EQ(poll("?symbols=NOSUCH").status, 404u);
  for (const auto* bad : {"", "?symbols=", "?symbols=,", "?symbols=%zz", "?symbols=A%22B", "?other=AAPL"}) {
    const auto refused = poll(bad);
    EXPECT_EQ(refused.status, 400u) << bad;
    EXPECT_THAT(refused.body, HasSubstr("symbols")) << bad;
  }
  std::string many = "?symbols=A0";
  for (int i = 1; i != 1'100; ++i) many += ",A" + std::to_string(i);
  EXPECT_EQ(poll(many).status, 400u);
}

TEST_F(Polls, PassTheGatesOfTheListener) {
  serve(", origins: [\"https://good.example\"]");
  EXPECT_EQ(poll("?symbols=AAPL", {{"Origin", "https://good.example"}}).status, 200u);
  const auto foreign = poll("?symbols=AAPL", {{"Origin", "https://evil.example"}});
  EXPECT_EQ(foreign.status, 403u);
  EXPECT_THAT(foreign.body, HasSubstr("4002"));
}

} // namespace
} // namespace tickplant::testing
