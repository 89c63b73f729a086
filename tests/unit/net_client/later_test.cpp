// Answers that the host gives later: upgrades (login checks of S0-76 run elsewhere) and plain requests.
#include "tests/unit/net_client/client_harness.hpp"

#include <stdexcept>

namespace tickplant::net {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using wire::testing::frame;
using wire::testing::text;

class Later : public client_harness {
protected:
  /// A client whose upgrade the host was asked about and did not decide.
  test_client& undecided(std::string_view more = {}, std::string_view behind = {}) {
    events.upgrade = [this](client_ref client, const upgrade_request&) {
      asked.push_back(client);
      return upgrade_answer::later();
    };
    const size_t before = asked.size();
    test_client& one = connect();
    one.send(upgrade_head("/ws", more) + std::string{behind});
    EXPECT_TRUE(until([&] { return asked.size() == before + 1; }));
    return one;
  }
  std::vector<client_ref> asked;
};

TEST_F(Later, AnUpgradeIsAcceptedWhenTheHostSaysSo) {
  serve();
  auto& client = undecided("Sec-WebSocket-Protocol: old, hft\r\n", text("eager"));
  client.send(text("second"));
  settle();
  EXPECT_TRUE(client.received.empty());
  EXPECT_TRUE(events.messages.empty()) << "nothing is read before the answer";
  EXPECT_FALSE(set->is_open(asked[0]));
  EXPECT_EQ(set->reply_text(asked[0], "too early"), write_result::gone);
  EXPECT_TRUE(set->answer_upgrade(asked[0], upgrade_answer::accept("hft")));
  EXPECT_TRUE(events.opened.empty()) << "callbacks come in a turn of their own";
  EXPECT_FALSE(set->answer_upgrade(asked[0], upgrade_answer::accept())) << "one answer each";
  EXPECT_TRUE(until([&] { return events.messages.size() == 2; }));
  EXPECT_THAT(events.messages, ElementsAre("text:eager", "text:second"));
  EXPECT_THAT(events.opened, ElementsAre(asked[0]));
  ASSERT_TRUE(has_head(client));
  EXPECT_THAT(client.received, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(client.received, HasSubstr("Sec-WebSocket-Protocol: hft\r\n"));
  EXPECT_FALSE(set->answer_upgrade(asked[0], upgrade_answer::accept()));
  client.hang_up();
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(set->counters().upgrades, 1u);
}

TEST_F(Later, ARefusalCarriesItsFieldsAndEndsInOneOnClosed) {
  serve();
  auto& client = undecided();
  EXPECT_TRUE(set->answer_upgrade(
    asked[0], upgrade_answer::refuse(401, "Token has expired", {{"WWW-Authenticate", "Bearer realm=\"t\""}})));
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_THAT(client.received, HasSubstr("WWW-Authenticate: Bearer realm=\"t\"\r\n"));
  EXPECT_THAT(client.received, HasSubstr("Token has expired"));
  client.hang_up();
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].client, asked[0]);
  EXPECT_EQ(events.closed[0].code, 1008);
  EXPECT_TRUE(events.opened.empty());
  EXPECT_EQ(set->counters().upgrade_refused, 1u);
  EXPECT_EQ(set->counters().closed[8], 0u) << "it was never open";
}

TEST_F(Later, APeerThatHangsUpMeanwhileIsReportedAtOnce) {
  serve();
  auto& client = undecided({}, text("unread"));
  client.hang_up();
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].client, asked[0]);
  EXPECT_EQ(events.closed[0].code, 1006);
  EXPECT_TRUE(events.closed[0].by_peer);
  EXPECT_FALSE(set->answer_upgrade(asked[0], upgrade_answer::accept()));
  EXPECT_EQ(set->counters().records, 0u);
}

TEST_F(Later, AnAnswerThatCrossesTheHangUpOpensNobody) {
  serve();
  auto& client = undecided();
  EXPECT_TRUE(set->answer_upgrade(asked[0], upgrade_answer::accept()));
  client.hang_up();
  EXPECT_TRUE(until([&] { return set->counters().records == 0; }));
  EXPECT_EQ(events.closed.size(), 1u);
}

TEST_F(Later, AHostThatNeverAnswersCosts503) {
  auto options = patient();
  options.decide_ns = 50'000'000;
  serve(options);
  auto& client = undecided();
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(client.received, HasSubstr("Retry-After: "));
  EXPECT_FALSE(set->answer_upgrade(asked[0], upgrade_answer::accept()));
  client.hang_up();
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 1013);
  EXPECT_EQ(set->counters().decide_timeout, 1u);
}

TEST_F(Later, DrainingBeatsALateYes) {
  serve();
  auto& client = undecided();
  set->begin_drain();
  EXPECT_TRUE(set->answer_upgrade(asked[0], upgrade_answer::accept()));
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 503 "));
  client.hang_up();
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 1013);
}

TEST_F(Later, WrongLateAnswersAreTheHostsFault) {
  serve();
  auto& first = undecided();
  EXPECT_FALSE(set->answer_upgrade(asked[0], upgrade_answer::later()));
  EXPECT_FALSE(set->answer_http(asked[0], http_response::text(200, ""))) << "it asked for a WebSocket";
  EXPECT_TRUE(set->answer_upgrade(asked[0], upgrade_answer::accept("never offered")));
  EXPECT_TRUE(until([&] { return first.ended; }));
  auto& second = undecided();
  EXPECT_TRUE(set->answer_upgrade(asked[1], upgrade_answer::accept({}, "a\r\nSet-Cookie: evil")));
  EXPECT_TRUE(until([&] { return second.ended; }));
  for (auto* one : {&first, &second}) {
    EXPECT_THAT(one->received, StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(one->received, Not(HasSubstr("evil")));
    one->hang_up();
  }
  EXPECT_TRUE(until([&] { return events.closed.size() == 2; }));
  EXPECT_EQ(events.closed[0].code, 1011);
  EXPECT_EQ(events.faults.size(), 2u);
}

TEST_F(Later, AbortAndDestructionEndTheWaiting) {
  serve();
  auto& client = undecided();
  undecided();
  set->abort(asked[0], 1000);
  EXPECT_TRUE(until([&] { return client.ended && events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 1000);
  set.reset(); // the other one is still undecided
  EXPECT_EQ(events.closed.size(), 1u);
}

TEST_F(Later, ExtensionsAreOfferedRawAndRsv1IsAllowedOnlyIfAgreed) {
  serve();
  std::string offered;
  events.upgrade = [&](client_ref, const upgrade_request& request) {
    offered = request.extensions;
    return request.path == "/plain"
             ? upgrade_answer::accept()
             : upgrade_answer::accept({}, "permessage-deflate; server_no_context_takeover", true);
  };
  auto& client = connect();
  client.send(upgrade_head("/ws", "Sec-WebSocket-Extensions: permessage-deflate; a=\"1, 2\"\r\n"
                                  "Sec-WebSocket-Extensions:  x-other \r\n") +
              frame(0xC1, "\xFF\xFE") + text("plain"));
  EXPECT_TRUE(until([&] { return events.messages.size() == 2; }));
  EXPECT_EQ(offered, "permessage-deflate; a=\"1, 2\", x-other");
  EXPECT_THAT(client.received,
              HasSubstr("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"));
  EXPECT_THAT(events.messages, ElementsAre("compressed text:\xFF\xFE", "text:plain"));
  auto& plain = connect();
  plain.send(upgrade_head("/plain") + frame(0xC1, "a"));
  EXPECT_TRUE(until([&] { return plain.ended; }));
  plain.received.erase(0, plain.received.find("\r\n\r\n") + 4);
  EXPECT_EQ(next_frame(plain), (server_frame{8, close_payload(1002, "reserved bits are set")}));
}

class LaterHttp : public client_harness {
protected:
  void SetUp() override {
    serve();
    events.http = [this](const http_request& request) {
      if (request.path == "/now") return http_response::text(200, "now");
      return http_response::later();
    };
  }
};

TEST_F(LaterHttp, RequestsBehindALateResponseWaitAndTheConnectionStays) {
  auto& client = connect();
  client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\nGET /now HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return events.requests == 1; }));
  settle();
  EXPECT_EQ(events.requests, 1u);
  EXPECT_TRUE(client.received.empty());
  EXPECT_FALSE(set->answer_upgrade(events.last_asked, upgrade_answer::accept()));
  EXPECT_FALSE(set->answer_http(events.last_asked, http_response::later()));
  EXPECT_TRUE(set->answer_http(events.last_asked, http_response::text(200, "late")));
  EXPECT_FALSE(set->answer_http(events.last_asked, http_response::text(200, "again")));
  EXPECT_TRUE(until([&] { return client.received.ends_with("now"); }));
  EXPECT_THAT(client.received, HasSubstr("lateHTTP/1.1 200 OK"));
  EXPECT_THAT(client.received, HasSubstr("Connection: keep-alive\r\n"));
  EXPECT_FALSE(set->answer_http(events.last_asked, http_response::text(200, "unasked")));
  EXPECT_TRUE(events.closed.empty());
}

TEST_F(LaterHttp, HeadEtagAndCloseAreKeptInMind) {
  auto& client = connect();
  client.send("HEAD /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(until([&] { return events.requests == 1; }));
  EXPECT_TRUE(set->answer_http(events.last_asked, http_response::text(200, "12345")));
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(client.received, EndsWith("Connection: close\r\n\r\n"));
  auto& again = connect();
  again.send("GET /late HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"v1\"\r\n\r\n");
  EXPECT_TRUE(until([&] { return events.requests == 2; }));
  auto response = http_response::text(200, "content");
  response.etag = "\"v1\"";
  EXPECT_TRUE(set->answer_http(events.last_asked, response));
  ASSERT_TRUE(has_head(again));
  EXPECT_THAT(again.received, StartsWith("HTTP/1.1 304 "));
}

TEST_F(LaterHttp, AHalfClosedPeerStillGetsItsResponse) {
  auto& client = connect();
  client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  ::shutdown(client.descriptor, SHUT_WR);
  EXPECT_TRUE(until([&] { return events.requests == 1; }));
  settle();
  EXPECT_TRUE(set->answer_http(events.last_asked, http_response::text(200, "late")));
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, EndsWith("late"));
  EXPECT_TRUE(until([&] { return set->counters().records == 0; }));
}

TEST_F(LaterHttp, AHostThatNeverAnswersCosts503) {
  auto options = patient();
  options.decide_ns = 30'000'000;
  set->set_options(options);
  auto& client = connect();
  client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 503 "));
  EXPECT_FALSE(set->answer_http(events.last_asked, http_response::text(200, "late")));
  EXPECT_EQ(set->counters().decide_timeout, 1u);
}

TEST_F(LaterHttp, ABrokenLateResponseIsAnswered500) {
  auto& client = connect();
  client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return events.requests == 1; }));
  auto response = http_response::text(99, "");
  EXPECT_TRUE(set->answer_http(events.last_asked, response));
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 500 "));
  EXPECT_EQ(events.faults.size(), 1u);
}

} // namespace
} // namespace tickplant::net
