#include "tests/unit/net_client/client_harness.hpp"

namespace tickplant::net {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Handshake : public client_harness {};

TEST_F(Handshake, SwitchesAndTellsTheHostWhoCame) {
  serve();
  std::string seen;
  events.upgrade = [&](client_ref, const upgrade_request& request) {
    seen = std::string{request.path} + "|" + std::string{request.query} + "|" + std::string{request.origin} + "|" +
           std::string{request.field("X-Token")} + "|" + std::to_string(request.listener);
    return upgrade_answer::accept("hft");
  };
  auto& client = connect();
  client.send(upgrade_head("/ws?a=b", "Origin: http://o\r\nX-Token: t\r\nSec-WebSocket-Protocol: old, hft\r\n"));
  ASSERT_TRUE(has_head(client));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_THAT(client.received, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(client.received, HasSubstr("Sec-WebSocket-Protocol: hft\r\n"));
  EXPECT_EQ(seen, "/ws|a=b|http://o|t|7");
  ASSERT_EQ(events.opened.size(), 1u);
  EXPECT_TRUE(set->is_open(events.opened[0]));
  EXPECT_TRUE(events.last_peer.is_loopback());
  EXPECT_EQ(set->peer(events.opened[0]), events.last_peer);
  EXPECT_EQ(set->counters().upgrades, 1u);
  EXPECT_EQ(set->counters().open, 1u);
}

TEST_F(Handshake, MayArriveByteByByteWithFramesRightBehind) {
  serve();
  auto& client = connect();
  const auto all = upgrade_head() + wire::testing::text("first") + wire::testing::text("second");
  for (const char byte : all) {
    client.send({&byte, 1});
    settle();
  }
  EXPECT_TRUE(until([&] { return events.messages.size() == 2; }));
  EXPECT_THAT(events.messages, ::testing::ElementsAre("text:first", "text:second"));
}

TEST_F(Handshake, FramesInThePacketOfTheHeadAreRead) {
  serve();
  connect().send(upgrade_head() + wire::testing::text("eager"));
  EXPECT_TRUE(until([&] { return events.messages.size() == 1; }));
}

struct refused_head {
  const char* name;
  std::string head;
  const char* status;
  const char* also;
};
class HandshakeRefuses : public client_harness, public ::testing::WithParamInterface<refused_head> {};

TEST_P(HandshakeRefuses, WithAStatusAndATextThatSaysWhyAndHangsUp) {
  serve();
  auto& client = connect();
  client.send(GetParam().head);
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_FALSE(client.reset) << "the answer could be lost";
  EXPECT_THAT(client.received, StartsWith(std::string{"HTTP/1.1 "} + GetParam().status));
  EXPECT_THAT(client.received, HasSubstr(GetParam().also));
  EXPECT_THAT(client.received, HasSubstr("Connection: close\r\n"));
  client.hang_up();
  EXPECT_TRUE(until([&] { return set->counters().records == 0; }));
  EXPECT_TRUE(events.opened.empty());
  EXPECT_TRUE(events.closed.empty()) << "the host never knew this client";
}

std::string without(std::string_view field) {
  auto head = upgrade_head();
  const auto at = head.find(field);
  return head.erase(at, head.find("\r\n", at) + 2 - at);
}

INSTANTIATE_TEST_SUITE_P(
  Net, HandshakeRefuses,
  ::testing::Values(
    refused_head{"garbage", "NONSENSE\r\n\r\n", "400", "not an HTTP request"},
    refused_head{"no_version_of_http", "GET /\r\n\r\n", "400", "cannot be read"},
    refused_head{"tls", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), "400", "TLS"},
    refused_head{"bare_line_feeds", "GET / HTTP/1.1\nHost: x\n\n", "400", "cannot be read"},
    refused_head{"no_host", without("Host"), "400", "Host"},
    refused_head{"no_key", without("Sec-WebSocket-Key"), "400", "Sec-WebSocket-Key"},
    refused_head{"no_connection", without("Connection"), "400", "Connection"},
    refused_head{"no_version", without("Sec-WebSocket-Version"), "426", "Sec-WebSocket-Version: 13\r\n"},
    refused_head{"post", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", "405", "Allow: GET, HEAD\r\n"},
    refused_head{"too_large", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(17'000, 'a'), "431", "16384"},
    refused_head{"too_large_and_ended", upgrade_head("/", "A: " + std::string(17'000, 'a') + "\r\n"), "431", "16384"}),
  [](const auto& one) { return one.param.name; });

/// Issue 5, part 4, and protocol.md row 4.
TEST(ClientOptions, AreThoseOfTheProtocolUnlessSomebodySaysOtherwise) {
  constexpr uint64_t second = 1'000'000'000;
  const client_options plain;
  EXPECT_EQ(plain.handshake_ns, 5 * second);
  EXPECT_EQ(plain.head_limit, 16u * 1'024);
  EXPECT_EQ(plain.message_limit, 64u * 1'024);
  EXPECT_EQ(plain.ping_interval_ns, 30 * second);
  EXPECT_EQ(plain.pong_wait_ns, 10 * second);
  EXPECT_EQ(plain.send_buffer, 64 * 1'024);
  EXPECT_EQ(plain.unsent_low_watermark, 16 * 1'024);
}

TEST_F(Handshake, TheHostMayRefuse) {
  serve();
  events.upgrade = [](client_ref, const upgrade_request&) {
    return upgrade_answer::refuse(403, "Origin is not allowed");
  };
  auto& client = connect();
  client.send(upgrade_head());
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(client.received, HasSubstr("Origin is not allowed"));
  EXPECT_EQ(set->counters().upgrade_refused, 1u);
}

TEST_F(Handshake, ASubprotocolThatWasNotOfferedIsTheHostsFault) {
  serve();
  events.upgrade = [](client_ref, const upgrade_request&) { return upgrade_answer::accept("never"); };
  auto& client = connect();
  client.send(upgrade_head());
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 500 "));
  EXPECT_EQ(events.faults.size(), 1u);
  client.hang_up();
  // It accepted, so it is told that this came to nothing.
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 1011);
}

TEST_F(Handshake, ASlowHeadIsGivenUpAtItsDeadline) {
  auto options = patient();
  options.handshake_ns = 60'000'000;
  serve(options);
  auto& slow = connect();
  auto& silent = connect();
  const auto head = upgrade_head();
  size_t sent = 0;
  // A byte now and then keeps arriving; the deadline is the head's, not the byte's.
  EXPECT_TRUE(until([&] {
    if (sent < 40 && !slow.ended) slow.send(head.substr(sent++, 1));
    return slow.ended && silent.ended;
  }));
  EXPECT_THAT(slow.received, StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(silent.received, "");
  EXPECT_EQ(set->counters().head_timeout, 2u);
}

TEST_F(Handshake, UnfinishedHeadsAreBoundedInNumber) {
  auto options = patient();
  options.max_partial_heads = 2;
  serve(options);
  auto &first = connect(), &second = connect();
  first.send("GET ");
  second.send("GET /");
  settle();
  auto& third = connect();
  third.send("GET ");
  EXPECT_TRUE(until([&] { return third.ended; }));
  EXPECT_THAT(third.received, StartsWith("HTTP/1.1 503 "));
  first.hang_up(); // makes room
  EXPECT_TRUE(until([&] { return set->counters().head_abandoned == 1; }));
  auto& fourth = connect();
  fourth.send("GET ");
  settle();
  fourth.send(upgrade_head().substr(4));
  EXPECT_TRUE(until([&] { return events.opened.size() == 1; }));
}

TEST_F(Handshake, ClientsAreBoundedInNumber) {
  auto options = patient();
  options.max_clients = 2;
  serve(options);
  client_ref first;
  auto& one = open_client(first);
  open_client();
  auto& third = connect();
  EXPECT_TRUE(until([&] { return third.ended; }));
  EXPECT_THAT(third.received, StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(set->counters().refused_full, 1u);
  one.hang_up();
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  client_ref again;
  open_client(again);
  EXPECT_EQ(again.index, first.index);
  EXPECT_NE(again.generation, first.generation);
  EXPECT_EQ(set->write(first, text_frame("stale")), write_result::gone);
}

TEST_F(Handshake, DrainingRefusesUpgradesAndGoesOnAnsweringRequests) {
  serve();
  client_ref before;
  open_client(before);
  set->begin_drain();
  auto &late = connect(), &health = connect();
  late.send(upgrade_head());
  health.send("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return late.ended && health.ended; }));
  EXPECT_THAT(late.received, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(late.received, HasSubstr("Retry-After: "));
  EXPECT_THAT(health.received, StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(set->is_open(before));
  EXPECT_EQ(set->counters().refused_draining, 1u);
}

TEST_F(Handshake, RejectsOptionsThatMakeNoSense) {
  client_options bad;
  bad.head_limit = 10;
  EXPECT_THROW(client_set(loop, events, bad), std::invalid_argument);
  bad = {};
  bad.max_clients = 0;
  EXPECT_THROW(client_set(loop, events, bad), std::invalid_argument);
}

} // namespace
} // namespace tickplant::net
