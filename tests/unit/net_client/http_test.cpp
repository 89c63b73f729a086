#include "tests/unit/net_client/client_harness.hpp"

#include <stdexcept>

namespace tickplant::net {
namespace {

using namespace testing;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Http : public client_harness {
protected:
  static size_t count(std::string_view text, std::string_view part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
  }
};

TEST_F(Http, KeepsTheConnectionForMoreRequests) {
  serve();
  auto& client = connect();
  for (size_t i = 1; i != 4; ++i) {
    client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(until([&] { return count(client.received, "hello") == i; }));
  }
  EXPECT_THAT(client.received, HasSubstr("Connection: keep-alive\r\n"));
  client.send("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_EQ(count(client.received, "hello"), 4u);
  EXPECT_EQ(events.last_path, "/last");
  EXPECT_EQ(set->counters().http_requests, 4u);
}

TEST_F(Http, AnswersManyRequestsOfOnePacketInOrder) {
  serve();
  int number = 0;
  events.http = [&](const http_request&) { return http_response::text(200, "<" + std::to_string(number++) + ">"); };
  std::string all, expected;
  for (int i = 0; i != 100; ++i) all += "GET / HTTP/1.1\r\nHost: x\r\n\r\n\r\n";
  auto& client = connect();
  client.send(all);
  EXPECT_TRUE(until([&] { return client.received.find("<99>") != std::string::npos; }));
  size_t at = 0;
  for (int i = 0; i != 100; ++i) {
    at = client.received.find("<" + std::to_string(i) + ">", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(Http, HeadHasTheHeadersOfGetAndNoBody) {
  serve();
  auto& client = connect();
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(has_head(client));
  settle();
  EXPECT_THAT(client.received, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(client.received, EndsWith("\r\n\r\n"));
}

TEST_F(Http, AMatchingEtagIsAnswered304) {
  serve();
  events.http = [](const http_request&) {
    auto out = http_response::text(200, "content");
    out.etag = "\"v7\"";
    return out;
  };
  auto& client = connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"v6\", W/\"v7\"\r\n\r\n");
  ASSERT_TRUE(has_head(client));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_THAT(client.received, HasSubstr("ETag: \"v7\"\r\n"));
  client.received.clear();
  client.send("GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"v6\"\r\n\r\n");
  EXPECT_TRUE(until([&] { return client.received.ends_with("content"); }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(Http, ALargeBodyIsSharedAndWaitsForASlowReaderWhileRequestsBehindItWaitToo) {
  serve();
  const auto body = std::make_shared<const std::string>(std::string(20'000'000, 'b') + "end");
  events.http = [&](const http_request& request) {
    if (request.path != "/large") return http_response::text(200, "small");
    http_response out;
    out.body = body;
    return out;
  };
  auto& client = connect();
  client.reads = false;
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /small HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return events.requests == 1; }));
  settle();
  EXPECT_EQ(events.requests, 1u) << "the second request is not served before the first is answered";
  EXPECT_EQ(body.use_count(), 2);
  client.reads = true;
  EXPECT_TRUE(until([&] { return client.received.ends_with("small"); }));
  EXPECT_NE(client.received.find("bbbendHTTP/1.1 200"), std::string::npos);
  EXPECT_EQ(body.use_count(), 1);
}

TEST_F(Http, AReaderThatNeverReadsItsResponseIsGivenUp) {
  auto options = patient();
  options.stall_ns = 50'000'000;
  serve(options);
  events.http = [](const http_request&) { return http_response::text(200, std::string(20'000'000, 'b')); };
  auto& client = connect();
  client.reads = false;
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return set->counters().stalled == 1 && set->counters().records == 0; }));
}

TEST_F(Http, AnIdleConnectionIsClosedSilently) {
  auto options = patient();
  options.http_idle_ns = 50'000'000;
  serve(options);
  auto& client = connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, EndsWith("hello"));
}

TEST_F(Http, AnExceptionOfTheHostIsAnswered500AndReported) {
  serve();
  events.http = [](const http_request&) -> http_response { throw std::runtime_error("broken page"); };
  auto& client = connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(client.received, Not(HasSubstr("broken page")));
  EXPECT_THAT(events.faults, ::testing::ElementsAre("broken page"));
}

TEST_F(Http, AResponseThatBreaksTheLineIsNotSent) {
  serve();
  events.http = [](const http_request&) {
    auto out = http_response::text(200, "x");
    out.fields = {{"Location", "/a\r\nSet-Cookie: evil"}};
    return out;
  };
  auto& client = connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(client.received, Not(HasSubstr("evil")));
}

TEST_F(Http, AConnectionMayAskFirstAndUpgradeThen) {
  serve();
  auto& client = connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + upgrade_head() + wire::testing::text("hi"));
  EXPECT_TRUE(until([&] { return events.messages.size() == 1; }));
  EXPECT_THAT(client.received, HasSubstr("101 Switching"));
}

} // namespace
} // namespace tickplant::net
