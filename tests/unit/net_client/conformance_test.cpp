// RFC 6455 against the real client_set over real sockets: one table of what a client may send and must not, each case
// whole, byte by byte and behind TLS. What a case expects: messages at the host, frames back, and how it ends.
#include "tests/unit/net_client/conformance_cases.hpp"
#include "tests/unit/net_client/tls_peer.hpp"

namespace tickplant::net {
namespace {

using namespace testing;
using ::testing::ElementsAreArray;
using wire::testing::frame;
using wire::testing::text;

enum class transport { whole, bytewise, tls };

struct section {
  const char* name;
  std::vector<rule_case> (*cases)();
};
struct course {
  section of;
  transport over;
};

class Rfc6455 : public client_harness, public ::testing::WithParamInterface<course> {
protected:
  void TearDown() override {
    secure.reset();
    set.reset();
  }

  void open(bool may_compress) {
    events.upgrade = [may_compress](client_ref, const upgrade_request&) {
      return upgrade_answer::accept({}, may_compress ? "permessage-deflate" : "", may_compress);
    };
    secure.reset();
    raw = &connect();
    if (GetParam().over == transport::tls) {
      secure.emplace(*raw);
      ASSERT_TRUE(wait([&] { return secure->is_open(); }));
    }
    send(upgrade_head());
    ASSERT_TRUE(wait([&] { return seen().received.find("\r\n\r\n") != std::string::npos; }));
    seen().received.erase(0, seen().received.find("\r\n\r\n") + 4);
  }
  bool wait(const std::function<bool()>& done) {
    return until([&] {
      if (secure) secure->step();
      return done();
    });
  }
  void send(std::string_view bytes) {
    if (secure)
      secure->send(bytes);
    else
      raw->send(bytes);
  }
  void send_as_the_course_says(const std::string& bytes) {
    if (GetParam().over != transport::bytewise) return send(bytes);
    const size_t piece = bytes.size() < 2'000 ? 1 : 777;
    for (size_t at = 0; at < bytes.size() && !raw->ended; at += piece) {
      send(std::string_view{bytes}.substr(at, piece));
      settle();
    }
  }
  test_client& seen() { return secure ? secure->plain : *raw; }
  bool has_ended() { return seen().ended || seen().reset || raw->ended; }
  /// Whole frames until the server says no more, or `last` came.
  std::vector<server_frame> frames_until(const server_frame& last) {
    std::vector<server_frame> got;
    wait([&] {
      for (auto& one : take_frames(seen().received)) got.push_back(std::move(one));
      return has_ended() || (!got.empty() && got.back() == last);
    });
    return got;
  }

  const identity mine{"conformance"};
  test_client* raw = nullptr;
  std::optional<tls_peer> secure;

  void judge(const rule_case& rule);
};

void Rfc6455::judge(const rule_case& rule) {
  events.closed.clear();
  events.messages.clear();
  const auto faults = set->counters().protocol_faults;
  open(rule.may_compress);
  send_as_the_course_says(rule.bytes);
  const server_frame still_here{10, "still here"};
  if (rule.stays_open()) send(frame(0x89, "still here"));
  auto got = frames_until(still_here);
  EXPECT_FALSE(raw->reset) << "a reset destroys what the client should read";
  if (rule.stays_open()) {
    ASSERT_FALSE(got.empty());
    EXPECT_EQ(got.back(), still_here);
    got.pop_back();
    EXPECT_TRUE(events.closed.empty());
  } else {
    ASSERT_FALSE(got.empty());
    const auto close = got.back();
    got.pop_back();
    EXPECT_EQ(close.code, 8u);
    if (rule.echo) {
      EXPECT_EQ(close.payload, *rule.echo);
    } else {
      EXPECT_EQ(close.payload.substr(0, 2), close_payload(rule.failed_with));
      EXPECT_GT(close.payload.size(), 2u) << "a reason is given";
    }
    raw->hang_up();
    ASSERT_TRUE(wait([&] { return events.closed.size() == 1; }));
    EXPECT_EQ(events.closed[0].clean, rule.echo.has_value());
    EXPECT_EQ(events.closed[0].by_peer, rule.echo.has_value());
    if (rule.failed_with != 0) {
      EXPECT_EQ(events.closed[0].code, rule.failed_with);
    }
    EXPECT_EQ(set->counters().protocol_faults - faults, rule.failed_with != 0 ? 1u : 0u);
  }
  EXPECT_THAT(got, ElementsAreArray(rule.answers));
  EXPECT_THAT(events.messages, ElementsAreArray(rule.messages));
}

TEST_P(Rfc6455, EveryCaseOfTheTable) {
  serve();
  if (GetParam().over == transport::tls) {
    listener_settings settings;
    settings.tls = mine.load();
    set->set_listener(7, settings);
  }
  for (const auto& rule : GetParam().of.cases()) {
    SCOPED_TRACE(rule.name);
    judge(rule);
    if (HasFatalFailure()) return;
  }
}

std::vector<course> courses() {
  std::vector<course> all;
  for (const auto& of : {section{"Fragmentation", fragmentation_cases}, section{"ControlFrames", control_cases},
                         section{"Text", text_cases}, section{"Headers", header_cases},
                         section{"Lengths", length_cases}, section{"Closing", close_cases}})
    for (const auto over : {transport::whole, transport::bytewise, transport::tls}) all.push_back({of, over});
  return all;
}
INSTANTIATE_TEST_SUITE_P(Wire, Rfc6455, ::testing::ValuesIn(courses()), [](const auto& one) {
  const auto over = one.param.over;
  return std::string{one.param.of.name} + (over == transport::whole      ? "Whole"
                                           : over == transport::bytewise ? "ByteByByte"
                                                                         : "BehindTls");
});

class Rfc6455Single : public client_harness {};

/// Text in which the byte at one place is none of UTF-8, and a character cut by a fragment at every byte: too many
/// cases for a name each.
TEST_F(Rfc6455Single, AWrongByteAtAnyPlaceOfATextIs1007) {
  const std::string good = "price \xE2\x82\xAC 175.26 \xF0\x9F\x93\x88 up";
  serve();
  for (const bool in_fragments : {false, true})
    for (size_t at = 0; at != good.size(); ++at) {
      auto bad = good;
      bad[at] = '\xFF';
      auto& client = open_client();
      client.send(in_fragments
                    ? frame(0x01, bad.substr(0, at)) + frame(0x00, bad.substr(at, 1)) + frame(0x80, bad.substr(at + 1))
                    : text(bad));
      const auto close = next_frame(client);
      EXPECT_EQ(close.code, 8u) << at;
      EXPECT_EQ(close.payload.substr(0, 2), close_payload(1007)) << at;
      client.hang_up();
    }
  EXPECT_TRUE(events.messages.empty());
}

TEST_F(Rfc6455Single, ACharacterMayBeCutByFragmentsAtEveryByte) {
  const std::string whole = "\xC2\xB5 \xE2\x82\xAC \xF0\x9F\x93\x88 \xED\x9F\xBF \xF4\x8F\xBF\xBF";
  serve();
  auto& client = open_client();
  for (size_t at = 0; at <= whole.size(); ++at) {
    client.send(frame(0x01, whole.substr(0, at)) + frame(0x89, "between") + frame(0x80, whole.substr(at)));
    ASSERT_EQ(next_frame(client), (server_frame{10, "between"}));
    ASSERT_TRUE(until([&] { return events.messages.size() == at + 1; })) << at;
    EXPECT_EQ(events.messages.back(), "text:" + whole);
  }
}

/// Section 5.5.3: of pings that came before an answer could go, only the newest need be answered.
TEST_F(Rfc6455Single, AFloodOfPingsCostsFewPongsAndTheLastAnswersTheNewest) {
  serve();
  auto& client = open_client();
  std::string flood;
  for (int i = 0; i != 2'000; ++i) flood += frame(0x89, std::to_string(i));
  client.send(flood);
  std::vector<int> answered;
  while (answered.empty() || answered.back() != 1'999) {
    const auto pong = next_frame(client);
    ASSERT_EQ(pong.code, 10u);
    answered.push_back(std::stoi(pong.payload));
  }
  EXPECT_TRUE(std::is_sorted(answered.begin(), answered.end())) << "pongs come in the order of the pings";
  EXPECT_LT(answered.size(), 1'000u);
  EXPECT_TRUE(until([&] { return set->counters().pings_in == 2'000; }));
}

TEST_F(Rfc6455Single, TheServerFailsBeforeAMessageIsComplete) {
  serve();
  auto& client = open_client();
  client.send(frame(0x01, "so far good, then \xFF"));
  EXPECT_EQ(next_frame(client).payload.substr(0, 2), close_payload(1007)) << "the last fragment never came";
}

/// Section 5.5.1: after our close frame no data goes out, and what the peer still sends is not taken for messages.
TEST_F(Rfc6455Single, AfterOurCloseNothingElseIsSentAndThePeersMessagesAreDropped) {
  serve();
  client_ref ref;
  auto& client = open_client(ref);
  set->close(ref, 1000, "that is all");
  EXPECT_EQ(set->write(ref, text_frame("late")), write_result::gone);
  EXPECT_EQ(set->reply_text(ref, "late"), write_result::gone);
  client.send(text("crossing") + frame(0x89, "crossing") + frame(0x88, close_payload(1000)));
  EXPECT_EQ(next_frame(client), (server_frame{8, close_payload(1000, "that is all")}));
  EXPECT_TRUE(until([&] { return client.ended && events.closed.size() == 1; }));
  EXPECT_TRUE(client.received.empty()) << "no pong behind the close frame";
  EXPECT_TRUE(events.messages.empty());
  EXPECT_TRUE(events.closed[0].clean);
  EXPECT_FALSE(events.closed[0].by_peer);
}

} // namespace
} // namespace tickplant::net
