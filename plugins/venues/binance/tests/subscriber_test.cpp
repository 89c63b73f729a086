#include "subscriber.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tickplant::binance {
namespace {

constexpr uint64_t second = 1'000'000'000;
constexpr uint8_t all = stream_depth | stream_book_ticker | stream_trades | stream_ticker;

std::vector<std::string> drain(subscriber& s, uint64_t& now) {
  std::vector<std::string> out;
  for (uint64_t due = s.due_ns(); due != UINT64_MAX && out.size() < 10'000; due = s.due_ns()) {
    now = std::max(now, due);
    if (const auto text = s.next(now)) out.emplace_back(*text);
  }
  return out;
}

size_t names_in(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '@'));
}

TEST(Subscriber, WritesRequestsAsTheVenueWantsThem) {
  subscriber s{{"@depth", "@aggTrade"}};
  s.want(0, "btcusdt", stream_depth | stream_trades);
  EXPECT_EQ(s.due_ns(), UINT64_MAX) << "there is no connection";
  s.on_up();
  EXPECT_EQ(s.next(second), R"({"method":"SUBSCRIBE","params":["btcusdt@depth","btcusdt@aggTrade"],"id":1})");
  s.want(0, "btcusdt", stream_trades);
  EXPECT_FALSE(s.next(second)) << "too soon";
  EXPECT_EQ(s.next(2 * second), R"({"method":"UNSUBSCRIBE","params":["btcusdt@depth"],"id":2})");
  EXPECT_EQ(s.due_ns(), UINT64_MAX);
}

TEST(Subscriber, BatchesAndStaysWellBelowFiveRequestsASecond) {
  subscriber s{{}};
  for (uint32_t i = 0; i < 256; ++i) s.want(i, "sym" + std::to_string(i) + "usdt", all);
  s.on_up();
  uint64_t now = second, names = 0;
  std::vector<uint64_t> sent;
  for (uint64_t due = s.due_ns(); due != UINT64_MAX; due = s.due_ns()) {
    now = std::max(now, due);
    const auto text = s.next(now);
    ASSERT_TRUE(text);
    EXPECT_LE(text->size(), 4'000u);
    names += names_in(std::string{*text});
    sent.push_back(now);
  }
  // "@depth@100ms" holds two signs.
  EXPECT_EQ(names, 256u * 5);
  EXPECT_EQ(s.active_streams(), 1'024u);
  EXPECT_LE(sent.size(), 12u);
  for (size_t i = 0; i + 4 < sent.size(); ++i) EXPECT_GT(sent[i + 4] - sent[i], second) << "five in one second";
  for (size_t i = 0; i + 3 < sent.size(); ++i) EXPECT_GE(sent[i + 3] - sent[i], second) << "no room for pongs";
}

TEST(Subscriber, KeepsStreamsBeyondTheLimitUntilOthersGo) {
  subscriber s{{}};
  for (uint32_t i = 0; i < 300; ++i) s.want(i, "s" + std::to_string(i), all);
  s.on_up();
  uint64_t now = second;
  drain(s, now);
  EXPECT_EQ(s.active_streams(), 1'024u);
  EXPECT_EQ(s.over_limit(), 1'200u - 1'024u);
  for (uint32_t i = 0; i < 50; ++i) s.want(i, "s" + std::to_string(i), 0);
  const auto texts = drain(s, now);
  EXPECT_EQ(s.active_streams(), 1'000u);
  EXPECT_EQ(s.over_limit(), 0u);
  EXPECT_NE(texts.front().find("UNSUBSCRIBE"), std::string::npos) << "room first";
}

TEST(Subscriber, CancelsOutWhatChangesBeforeItIsSent) {
  subscriber s{{}};
  s.on_up();
  s.want(0, "btcusdt", all);
  s.want(0, "btcusdt", 0);
  uint64_t now = second;
  EXPECT_TRUE(drain(s, now).empty());
}

TEST(Subscriber, SubscribesEverythingAgainOnANewConnection) {
  subscriber s{{}};
  s.want(0, "btcusdt", stream_depth);
  s.want(1, "ethusdt", stream_trades);
  s.on_up();
  uint64_t now = second;
  EXPECT_EQ(drain(s, now).size(), 1u);
  s.on_down();
  EXPECT_EQ(s.active_streams(), 0u);
  s.want(1, "ethusdt", 0);
  s.on_up();
  const auto texts = drain(s, now);
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_NE(texts[0].find("btcusdt@depth@100ms"), std::string::npos);
  EXPECT_EQ(texts[0].find("ethusdt"), std::string::npos);
}

TEST(Subscriber, TellsWhichStreamsAnAnswerProves) {
  subscriber s{{}};
  s.want(3, "btcusdt", stream_depth | stream_ticker);
  s.on_up();
  s.next(second);
  EXPECT_FALSE(s.answered(99, true).known);
  const auto a = s.answered(1, true);
  EXPECT_TRUE(a.known);
  ASSERT_EQ(a.confirmed.size(), 1u);
  EXPECT_EQ(a.confirmed[0], (std::pair<uint32_t, uint8_t>{3, stream_depth | stream_ticker}));
  EXPECT_FALSE(s.answered(1, true).known) << "answered once";
}

TEST(Subscriber, HalvesARefusedBatchUntilTheBadNameIsAlone) {
  subscriber s{{}};
  for (uint32_t i = 0; i < 20; ++i) s.want(i, i == 13 ? "bad" : "s" + std::to_string(i), stream_trades);
  s.on_up();
  uint64_t now = second;
  uint32_t given_up = 0, good = 0, rounds = 0;
  for (uint64_t due = s.due_ns(); due != UINT64_MAX && rounds < 100; due = s.due_ns(), ++rounds) {
    now = std::max(now, due);
    const std::string text{*s.next(now)};
    const uint64_t id = std::stoull(text.substr(text.rfind(':') + 1));
    const auto a = s.answered(id, text.find("bad@") == std::string::npos);
    given_up += a.given_up;
    good += static_cast<uint32_t>(a.confirmed.size());
  }
  EXPECT_EQ(given_up, 1u);
  EXPECT_EQ(good, 19u);
  EXPECT_LT(rounds, 40u);
  EXPECT_EQ(s.active_streams(), 19u);
}

TEST(Subscriber, ProbesAQuietConnectionWithoutChangingAnything) {
  subscriber s{{}};
  s.on_up();
  EXPECT_FALSE(s.next(second));
  s.probe();
  EXPECT_EQ(s.next(second), R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
  EXPECT_EQ(s.due_ns(), UINT64_MAX);
}

} // namespace
} // namespace tickplant::binance
