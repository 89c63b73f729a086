#include "tests/unit/net_client/client_harness.hpp"

#include <stdexcept>

namespace tickplant::net {
namespace {

using namespace testing;
using wire::testing::frame;
using wire::testing::text;

class Frames : public client_harness {};

TEST_F(Frames, GoBothWays) {
  serve();
  client_ref ref;
  auto& client = open_client(ref);
  client.send(text("one") + wire::testing::binary(std::string(60'000, 'x')));
  EXPECT_TRUE(until([&] { return events.messages.size() == 2; }));
  EXPECT_EQ(events.messages[0], "text:one");
  EXPECT_EQ(events.messages[1], "binary:" + std::string(60'000, 'x'));
  EXPECT_EQ(set->write(ref, text_frame("price")), write_result::sent);
  EXPECT_EQ(set->reply_text(ref, "reply"), write_result::sent);
  const std::string head = "\x81\x05", body = "split";
  const std::array<std::span<const uint8_t>, 3> pieces{bytes(head), bytes(""), bytes(body)};
  EXPECT_EQ(set->write(ref, pieces), write_result::sent);
  EXPECT_EQ(next_frame(client), (server_frame{1, "price"}));
  EXPECT_EQ(next_frame(client), (server_frame{1, "reply"}));
  EXPECT_EQ(next_frame(client), (server_frame{1, "split"}));
  EXPECT_EQ(set->counters().messages_in, 2u);
  EXPECT_EQ(set->counters().messages_out, 3u);
}

TEST_F(Frames, ManyPiecesAreOneStream) {
  serve();
  client_ref ref;
  auto& client = open_client(ref);
  std::string payload;
  for (int i = 0; i != 2'000; ++i) payload += std::to_string(i % 10);
  const auto whole = text_frame(payload);
  std::vector<std::span<const uint8_t>> pieces;
  for (size_t i = 0; i != whole.size(); ++i) pieces.push_back(std::span{whole}.subspan(i, 1));
  EXPECT_EQ(set->write(ref, pieces), write_result::sent);
  EXPECT_EQ(next_frame(client).payload, payload);
}

TEST_F(Frames, FragmentsWithControlFramesBetweenBecomeOneMessage) {
  serve();
  auto& client = open_client();
  for (const char byte : frame(0x01, "a\xE2\x82") + frame(0x89, "now") + frame(0x80, "\xAC z")) {
    client.send({&byte, 1});
    settle();
  }
  EXPECT_TRUE(until([&] { return events.messages.size() == 1; }));
  EXPECT_EQ(events.messages[0], "text:a\xE2\x82\xAC z");
  EXPECT_EQ(next_frame(client), (server_frame{10, "now"}));
}

TEST_F(Frames, PingsAreAnsweredAndOfAFloodTheNewest) {
  serve();
  auto& client = open_client();
  std::string flood;
  for (int i = 0; i != 1'000; ++i) flood += frame(0x89, "ping " + std::to_string(i));
  client.send(flood);
  std::string last;
  size_t pongs = 0;
  while (last != "ping 999") {
    const auto pong = next_frame(client);
    ASSERT_EQ(pong.code, 10u);
    last = pong.payload;
    ++pongs;
  }
  EXPECT_LT(pongs, 200u);
  EXPECT_EQ(set->counters().pings_in, 1'000u);
}

TEST_F(Frames, ASilentClientIsPingedAndKeptWhileItAnswers) {
  auto options = patient();
  options.ping_interval_ns = 40'000'000;
  options.pong_wait_ns = 10'000'000'000;
  serve(options);
  auto& client = open_client();
  for (int i = 0; i != 3; ++i) {
    const auto ping = next_frame(client);
    ASSERT_EQ(ping.code, 9u);
    client.send(frame(0x8A, ping.payload));
  }
  EXPECT_TRUE(until([&] { return events.pongs.size() == 3; }));
  for (const uint64_t round_trip : events.pongs) EXPECT_GT(round_trip, 0u);
  client.send(frame(0x8A, "not one of ours"));
  EXPECT_TRUE(until([&] { return events.pongs.size() == 4; }));
  EXPECT_EQ(events.pongs[3], 0u);
  EXPECT_TRUE(events.closed.empty());
}

TEST_F(Frames, AClientThatNeitherAnswersNorSendsIsClosedWith4201) {
  auto options = patient();
  options.ping_interval_ns = options.pong_wait_ns = options.close_wait_ns = 40'000'000;
  serve(options);
  auto& client = open_client();
  EXPECT_EQ(next_frame(client).code, 9u);
  EXPECT_EQ(next_frame(client), (server_frame{8, close_payload(4201, "No answer to heartbeat")}));
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 4201);
  EXPECT_FALSE(events.closed[0].clean);
  EXPECT_EQ(set->counters().heartbeat_timeout, 1u);
}

TEST_F(Frames, AnyInboundFrameAnswersAPing) {
  auto options = patient();
  options.ping_interval_ns = 30'000'000;
  options.pong_wait_ns = 10'000'000'000;
  serve(options);
  auto& client = open_client();
  for (int i = 0; i != 4; ++i) {
    ASSERT_EQ(next_frame(client).code, 9u) << "a ping comes again only if the last one counts as answered";
    client.send(text("busy"));
  }
}

TEST_F(Frames, APausedClientIsNotReadAndLosesNothing) {
  serve();
  client_ref ref;
  auto& client = open_client(ref);
  events.message = [&](client_ref from, const std::string& message) {
    if (message == "text:2") set->pause_reading(from);
  };
  client.send(text("1") + text("2") + text("3") + text("4").substr(0, 3));
  EXPECT_TRUE(until([&] { return events.messages.size() == 2; }));
  client.send(text("4").substr(3) + text("5"));
  settle();
  EXPECT_EQ(events.messages.size(), 2u);
  set->resume_reading(ref);
  EXPECT_EQ(events.messages.size(), 2u) << "never from inside a function of the set";
  EXPECT_TRUE(until([&] { return events.messages.size() == 5; }));
  EXPECT_THAT(events.messages, ::testing::ElementsAre("text:1", "text:2", "text:3", "text:4", "text:5"));
}

TEST_F(Frames, PausingAgainAtEveryMessageKeepsTheOrder) {
  serve();
  client_ref ref;
  auto& client = open_client(ref);
  events.message = [&](client_ref from, const std::string&) { set->pause_reading(from); };
  std::string all, expected;
  for (int i = 0; i != 50; ++i) all += text(std::to_string(i)), expected += "text:" + std::to_string(i);
  client.send(all);
  EXPECT_TRUE(until([&] {
    set->resume_reading(ref);
    return events.messages.size() == 50;
  }));
  std::string seen;
  for (const auto& message : events.messages) seen += message;
  EXPECT_EQ(seen, expected);
}

TEST_F(Frames, APausedClientIsNotPingedToDeath) {
  auto options = patient();
  options.ping_interval_ns = options.pong_wait_ns = 20'000'000;
  serve(options);
  client_ref ref;
  open_client(ref);
  set->pause_reading(ref);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{200};
  EXPECT_TRUE(until([&] { return std::chrono::steady_clock::now() > end; }));
  EXPECT_TRUE(set->is_open(ref));
}

TEST_F(Frames, AnExceptionOfACallbackClosesThatClientAlone) {
  serve();
  client_ref good_ref, bad_ref;
  auto &good = open_client(good_ref), &bad = open_client(bad_ref);
  events.message = [&](client_ref from, const std::string&) {
    if (from == bad_ref) throw std::runtime_error("cannot");
  };
  bad.send(text("x") + text("y"));
  good.send(text("z"));
  EXPECT_EQ(next_frame(bad), (server_frame{8, close_payload(1011, "internal error")}));
  EXPECT_THAT(events.faults, ::testing::ElementsAre("cannot"));
  bad.send(frame(0x88, close_payload(1011)));
  EXPECT_TRUE(until([&] { return events.closed.size() == 1 && events.messages.size() == 2; }));
  EXPECT_EQ(events.closed[0].code, 1011);
  EXPECT_TRUE(events.closed[0].clean);
  EXPECT_TRUE(set->is_open(good_ref));
  EXPECT_EQ(set->counters().callback_faults, 1u);
}

TEST_F(Frames, ExceptionsOfOnOpenAndOnClosedAreCaughtToo) {
  serve();
  events.open = [](client_ref) { throw 42; };
  events.close = [](client_ref) { throw std::runtime_error("late"); };
  auto& client = connect();
  client.send(upgrade_head());
  ASSERT_TRUE(has_head(client));
  client.hang_up();
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_THAT(events.faults, ::testing::ElementsAre("unknown exception", "late"));
}

} // namespace
} // namespace tickplant::net
