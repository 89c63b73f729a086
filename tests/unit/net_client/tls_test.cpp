// Clients behind TLS (S0-80, S1-20, S2-56, S4-26: WSS): the same as plain ones, and what only TLS can do wrong.
#include "runtime/net/client/tls_link.hpp"
#include "tests/unit/net_client/tls_peer.hpp"

#include <random>

namespace tickplant::net {
namespace {

using namespace testing;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using wire::testing::frame;
using wire::testing::text;

class Tls : public client_harness {
protected:
  static constexpr uint32_t tag = 7; // of the harness
  void serve_tls(const client_options& options) {
    serve(options);
    use(mine);
  }
  void serve_tls() { serve_tls(patient()); }
  void use(const identity& one) {
    listener_settings settings;
    settings.tls = one.load();
    set->set_listener(tag, settings);
  }
  tls_peer& secure(const tls_peer::wishes& wishes) {
    return *peers.emplace_back(std::make_unique<tls_peer>(connect(), wishes));
  }
  tls_peer& secure() { return secure({}); }
  bool until(const std::function<bool()>& done) {
    return client_harness::until([&] {
      for (auto& one : peers) one->step();
      return done();
    });
  }
  void settle() {
    for (int i = 0; i != 3; ++i) {
      client_harness::settle();
      for (auto& one : peers) one->step();
    }
  }
  tls_peer& open_secure(client_ref& ref) {
    const size_t before = events.opened.size();
    tls_peer& one = secure();
    EXPECT_TRUE(until([&] { return one.is_open(); }));
    one.send(upgrade_head());
    EXPECT_TRUE(until([&] { return one.plain.received.find("\r\n\r\n") != std::string::npos; }));
    EXPECT_THAT(one.plain.received, StartsWith("HTTP/1.1 101 "));
    one.plain.received.erase(0, one.plain.received.find("\r\n\r\n") + 4);
    ref = events.opened.size() > before ? events.opened.back() : client_ref{};
    return one;
  }
  server_frame next_frame(tls_peer& one) {
    auto& waiting = frames[&one.plain];
    if (waiting.empty())
      until([&] {
        for (auto& next : take_frames(one.plain.received)) waiting.push_back(std::move(next));
        return !waiting.empty() || one.plain.ended || one.plain.reset;
      });
    if (waiting.empty()) return {};
    auto out = waiting.front();
    waiting.erase(waiting.begin());
    return out;
  }
  size_t fill(tls_peer& client, client_ref ref, std::string_view payload) {
    const auto bytes_of_frame = text_frame(payload);
    size_t taken = 0;
    // Blocked for good, not until a delayed acknowledgement comes: an unasked pong brings it.
    for (int quiet = 0; quiet != 5 && taken < 100'000; client.send(frame(0x8A, "")), settle(), ++quiet)
      while (!set->is_blocked(ref)) {
        const auto result = set->write(ref, bytes_of_frame);
        if (result == write_result::sent || result == write_result::kept) ++taken;
        quiet = 0;
      }
    EXPECT_TRUE(set->is_blocked(ref));
    return taken;
  }

  const identity mine{"first"};
  std::list<std::unique_ptr<tls_peer>> peers;
};

TEST_F(Tls, ShakesHandsUpgradesAndTalks) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    events.messages.clear();
    serve_tls();
    bool is_tls = false;
    events.upgrade = [&](client_ref, const upgrade_request& request) {
      is_tls = request.is_tls;
      return upgrade_answer::accept();
    };
    tls_peer::wishes wishes;
    wishes.least = wishes.most = version;
    auto& client = secure(wishes);
    EXPECT_TRUE(until([&] { return client.is_open(); }));
    EXPECT_EQ(SSL_version(client.native()), version);
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client.native(), &protocol, &size);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(protocol), size), "http/1.1");
    EXPECT_EQ(client.subject(), "first");
    client.send(upgrade_head() + text("eager"));
    EXPECT_TRUE(until([&] { return events.messages.size() == 1; }));
    client.plain.received.erase(0, client.plain.received.find("\r\n\r\n") + 4);
    EXPECT_TRUE(is_tls);
    EXPECT_EQ(set->reply_text(events.opened.back(), "hello"), write_result::sent);
    EXPECT_EQ(next_frame(client), (server_frame{1, "hello"}));
    client.send(frame(0x89, "ping"));
    EXPECT_EQ(next_frame(client), (server_frame{10, "ping"}));
    EXPECT_EQ(set->counters().tls_handshakes, 1u);
    set->for_each([](client_ref, const client_view& view) { EXPECT_TRUE(view.is_tls); });
    set.reset();
  }
}

TEST_F(Tls, HandshakeAndFramesMayArriveByteByByte) {
  serve_tls();
  auto& client = secure();
  client.drips = true;
  EXPECT_TRUE(until([&] { return client.is_open(); }));
  client.send(upgrade_head() + text("first") + text("second"));
  EXPECT_TRUE(until([&] { return events.messages.size() == 2; }));
  EXPECT_THAT(events.messages, ::testing::ElementsAre("text:first", "text:second"));
}

TEST_F(Tls, LargeMessagesGoBothWays) {
  serve_tls();
  client_ref ref;
  auto& client = open_secure(ref);
  for (const size_t size : {16'383u, 16'384u, 16'385u, 65'000u}) {
    const std::string payload(size, static_cast<char>('a' + size % 26));
    client.send(text(payload));
    EXPECT_TRUE(until([&] { return !events.messages.empty(); }));
    EXPECT_TRUE(events.messages.back() == "text:" + payload) << size;
    events.messages.clear();
  }
  std::mt19937 random{5};
  std::string large(3'000'000, ' ');
  for (auto& letter : large) letter = static_cast<char>('a' + random() % 26);
  std::vector<uint8_t> whole = text_frame(large);
  // In pieces of every size, empty ones among them: records are gathered across them.
  std::vector<std::span<const uint8_t>> pieces;
  for (size_t at = 0; at < whole.size();) {
    const size_t size = std::min<size_t>(whole.size() - at, random() % 9'000);
    pieces.push_back(std::span{whole}.subspan(at, size));
    at += size;
  }
  EXPECT_EQ(set->write(ref, pieces), write_result::kept);
  EXPECT_TRUE(next_frame(client) == (server_frame{1, large}));
  EXPECT_FALSE(set->is_blocked(ref));
  EXPECT_EQ(set->reply_text(ref, "small"), write_result::sent);
  EXPECT_EQ(next_frame(client), (server_frame{1, "small"}));
}

TEST_F(Tls, ASlowClientGetsWholeFramesAndNothingGrows) {
  serve_tls();
  client_ref ref;
  auto& client = open_secure(ref);
  for (const size_t size : {700u, 10'000u, 40'000u}) {
    client.raw.reads = false;
    const std::string payload(size, 'p');
    const size_t taken = fill(client, ref, payload);
    EXPECT_LE(set->pending_bytes(ref), size + wire::max_header_size + tls_link::record_size);
    for (int i = 0; i != 100; ++i) EXPECT_EQ(set->write(ref, text_frame("newer")), write_result::blocked);
    for (int i = 0; i != 20; ++i) client.send(frame(0x89, "ping " + std::to_string(i)));
    settle();
    EXPECT_EQ(set->reply_text(ref, "reply"), write_result::kept);
    client.raw.reads = true;
    for (size_t i = 0; i != taken; ++i) ASSERT_TRUE(next_frame(client) == (server_frame{1, payload})) << i;
    EXPECT_EQ(next_frame(client), (server_frame{1, "reply"}));
    EXPECT_EQ(next_frame(client), (server_frame{10, "ping 19"}));
    EXPECT_TRUE(until([&] { return !set->is_blocked(ref); }));
  }
  EXPECT_GE(events.drains, 3u);
}

TEST_F(Tls, AResponseWaitsForASlowReaderAndTheConnectionIsKept) {
  serve_tls();
  events.http = [](const http_request& request) {
    return http_response::text(200, request.path == "/large" ? std::string(5'000'000, 'b') + "end" : "small");
  };
  auto& client = secure();
  EXPECT_TRUE(until([&] { return client.is_open(); }));
  client.raw.reads = false;
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(until([&] { return events.requests == 1; }));
  settle();
  client.raw.reads = true;
  EXPECT_TRUE(until([&] { return client.plain.ended; })) << "close_notify";
  EXPECT_THAT(client.plain.received.substr(client.plain.received.size() - 5), "small");
  EXPECT_NE(client.plain.received.find("bbbendHTTP/1.1 200"), std::string::npos);
  EXPECT_FALSE(client.plain.reset);
}

TEST_F(Tls, ClosingEndsWithCloseFrameAndCloseNotify) {
  serve_tls();
  client_ref ref;
  auto& client = open_secure(ref);
  set->close(ref, 4200, "leaving");
  EXPECT_EQ(next_frame(client), (server_frame{8, close_payload(4200, "leaving")}));
  client.send(frame(0x88, close_payload(4200)));
  EXPECT_TRUE(until([&] { return client.plain.ended; }));
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_TRUE(events.closed[0].clean);
}

TEST_F(Tls, AMessageRightBeforeCloseNotifyIsRead) {
  serve_tls();
  client_ref ref;
  auto& client = open_secure(ref);
  client.send(text("last"));
  client.say_goodbye(); // and the socket stays open
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_THAT(events.messages, ::testing::ElementsAre("text:last"));
  EXPECT_EQ(events.closed[0].code, 1006);
  EXPECT_TRUE(events.closed[0].by_peer);
}

TEST_F(Tls, ARequestRightBeforeCloseNotifyIsAnswered) {
  serve_tls();
  auto& client = secure();
  EXPECT_TRUE(until([&] { return client.is_open(); }));
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.say_goodbye();
  EXPECT_TRUE(until([&] { return client.raw.ended; }));
  client.step();
  EXPECT_TRUE(until([&] { return set->counters().records == 0; }));
  EXPECT_EQ(events.requests, 1u);
}

TEST_F(Tls, PauseHoldsMessagesBackAndALateAnswerComesThrough) {
  serve_tls();
  client_ref asked;
  events.upgrade = [&](client_ref client, const upgrade_request&) {
    asked = client;
    return upgrade_answer::later();
  };
  auto& client = secure();
  EXPECT_TRUE(until([&] { return client.is_open(); }));
  client.send(upgrade_head());
  EXPECT_TRUE(until([&] { return asked.index != UINT32_MAX; }));
  client.send(text("1"));
  settle();
  EXPECT_TRUE(set->answer_upgrade(asked, upgrade_answer::accept()));
  EXPECT_TRUE(until([&] { return events.messages.size() == 1; }));
  set->pause_reading(asked);
  client.send(text("2"));
  client.say_goodbye();
  settle();
  EXPECT_EQ(events.messages.size(), 1u);
  set->resume_reading(asked);
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.messages.size(), 2u);
}

TEST_F(Tls, KeyUpdatesAndTicketsWork) {
  serve_tls();
  client_ref ref;
  auto& client = open_secure(ref);
  ASSERT_EQ(SSL_key_update(client.native(), SSL_KEY_UPDATE_REQUESTED), 1);
  client.send(text("under new keys"));
  EXPECT_TRUE(until([&] { return events.messages.size() == 1; }));
  EXPECT_EQ(set->reply_text(ref, "both ways"), write_result::sent);
  EXPECT_EQ(next_frame(client), (server_frame{1, "both ways"}));
  ASSERT_NE(client.ticket, nullptr);
  tls_peer::wishes wishes;
  wishes.session = client.ticket;
  auto& again = secure(wishes);
  EXPECT_TRUE(until([&] { return again.is_open(); }));
  EXPECT_EQ(SSL_session_reused(again.native()), 1);
}

TEST_F(Tls, ANewCertificateIsForNewConnections) {
  serve_tls();
  client_ref ref;
  auto& old = open_secure(ref);
  const identity next{"second"};
  use(next);
  auto& young = secure();
  EXPECT_TRUE(until([&] { return young.is_open(); }));
  EXPECT_EQ(young.subject(), "second");
  EXPECT_EQ(old.subject(), "first");
  EXPECT_EQ(set->reply_text(ref, "still here"), write_result::sent);
  EXPECT_EQ(next_frame(old), (server_frame{1, "still here"}));
  set->set_listener(tag, {}); // and plain again
  EXPECT_TRUE(set->is_open(ref));
  open_client();
}

TEST_F(Tls, OldVersionsAndOtherProtocolsAreRefusedAndCounted) {
  serve_tls();
  tls_peer::wishes old, other;
  old.least = old.most = TLS1_1_VERSION;
  other.protocols = "\x02h2";
  auto &first = secure(old), &second = secure(other);
  EXPECT_TRUE(until([&] { return first.raw.ended && second.raw.ended; }));
  EXPECT_TRUE(first.plain.reset && second.plain.reset) << "an alert told them";
  EXPECT_FALSE(first.raw.reset || second.raw.reset);
  EXPECT_EQ(set->counters().tls_failed, 2u);
  EXPECT_EQ(set->counters(tag).tls_failed, 2u);
  tls_peer::wishes none;
  none.protocols = "";
  auto& third = secure(none);
  EXPECT_TRUE(until([&] { return third.is_open(); }));
}

TEST_F(Tls, PlainRequestsAndGarbageAreToldAndCounted) {
  serve_tls();
  auto &plain = connect(), &noise = connect(), &broken = connect();
  plain.send(upgrade_head());
  noise.send("\x01\x02\x03");
  broken.send(std::string("\x16\x03\x01\x00\x05nosense", 12));
  EXPECT_TRUE(until([&] { return plain.ended && noise.ended && broken.ended; }));
  EXPECT_THAT(plain.received, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(plain.received, HasSubstr("wss://"));
  EXPECT_FALSE(plain.reset);
  EXPECT_EQ(set->counters().tls_failed, 3u);
  clients.clear();
  EXPECT_TRUE(until([&] { return set->counters().records == 0; }));
  EXPECT_TRUE(events.opened.empty());
  EXPECT_TRUE(events.closed.empty());
}

TEST_F(Tls, GarbageBehindTheHandshakeClosesThatClientAlone) {
  serve_tls();
  client_ref witness_ref, ref;
  auto &witness = open_secure(witness_ref), &client = open_secure(ref);
  client.raw.send("this is no record at all, and long enough to be one");
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].client, ref);
  EXPECT_EQ(set->reply_text(witness_ref, "still here"), write_result::sent);
  EXPECT_EQ(next_frame(witness), (server_frame{1, "still here"}));
}

TEST_F(Tls, HalfAHandshakeAndSilenceAreGivenUp) {
  auto options = patient();
  options.handshake_ns = 60'000'000;
  serve_tls(options);
  auto &half = connect(), &silent = connect();
  half.send(std::string("\x16\x03\x01\x01\x00\x01\x00", 7));
  auto& shaken = secure();
  EXPECT_TRUE(until([&] { return half.ended && silent.ended && shaken.raw.ended; }));
  EXPECT_EQ(set->counters().head_timeout, 3u) << "one shook hands and asked nothing";
  EXPECT_EQ(set->counters().records, 0u);
}

TEST_F(Tls, HandshakesUnderWayAreBoundedInNumber) {
  auto options = patient();
  options.max_partial_heads = 1;
  serve_tls(options);
  auto& half = connect();
  half.send(std::string("\x16\x03\x01\x01\x00\x01\x00", 7));
  settle();
  auto& second = secure();
  EXPECT_TRUE(until([&] { return second.raw.ended; }));
  EXPECT_EQ(set->counters().refused_full, 1u);
  half.hang_up();
  EXPECT_TRUE(until([&] { return set->counters().records == 0; }));
  client_ref ref;
  open_secure(ref);
}

TEST_F(Tls, DamagedRecordsNeverDoMoreThanCloseTheirClient) {
  auto options = patient();
  options.close_wait_ns = 20'000'000;
  serve_tls(options);
  client_ref witness_ref;
  auto& witness = open_secure(witness_ref);
  std::mt19937 random{17};
  for (int round = 0; round != 60; ++round) {
    auto& client = connect();
    {
      tls_peer peer{client};
      for (int i = 0; i != 3; ++i) {
        client_harness::settle();
        if (round % 3 == i && !client.received.empty()) client.send(client.received.substr(0, random() % 200 + 1));
        peer.step();
      }
      if (peer.is_open()) peer.send(upgrade_head() + text("x"));
      std::string noise(random() % 300, '\0');
      for (auto& byte : noise) byte = static_cast<char>(random());
      client.send(noise);
    }
    client_harness::settle();
    client.hang_up();
  }
  EXPECT_TRUE(until([&] { return set->counters().records == 1; }));
  EXPECT_EQ(set->reply_text(witness_ref, "still here"), write_result::sent);
  EXPECT_EQ(next_frame(witness), (server_frame{1, "still here"}));
}

} // namespace
} // namespace tickplant::net
