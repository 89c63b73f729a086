// What holds per listener: methods and bodies, bounds, live changes, closing one listener of several.
#include "tests/unit/net_client/client_harness.hpp"

#include <stdexcept>
#include <thread>

namespace tickplant::net {
namespace {

using namespace testing;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using wire::testing::frame;
using wire::testing::text;

class Listener : public client_harness {
protected:
  static constexpr uint32_t tag = 7; // of the harness
  void take_bodies(uint32_t limit) {
    listener_settings settings;
    settings.methods = {"GET", "POST"};
    settings.body_limit = limit;
    set->set_listener(tag, settings);
    events.http = [this](const http_request& request) {
      bodies.emplace_back(request.body);
      return http_response::text(200, "got " + std::to_string(request.body.size()));
    };
  }
  static std::string post(std::string_view body, std::string_view more = {}) {
    return "POST /admin HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string{more} + "\r\n" + std::string{body};
  }
  std::vector<std::string> bodies;
};

TEST_F(Listener, TakesBodiesHoweverTheyAreSplit) {
  serve();
  take_bodies(1'000'000);
  const auto all = post("first") + post("") + post("third\r\n\r\nwith lines") + "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const size_t piece : {all.size(), size_t{1}, size_t{7}}) {
    bodies.clear();
    auto& client = connect();
    for (size_t at = 0; at < all.size(); at += piece) {
      client.send(std::string_view{all}.substr(at, piece));
      settle();
    }
    EXPECT_TRUE(until([&] { return bodies.size() == 4; }));
    EXPECT_THAT(bodies, ::testing::ElementsAre("first", "", "third\r\n\r\nwith lines", ""));
  }
  bodies.clear();
  auto& client = connect();
  const std::string large(999'999, 'b');
  std::thread sender{[&] { client.send(post(large) + post("tail")); }};
  EXPECT_TRUE(until([&] { return bodies.size() == 2; }));
  sender.join();
  EXPECT_TRUE(bodies[0] == large);
  EXPECT_EQ(bodies[1], "tail");
}

struct refused_body {
  const char* name;
  std::string request;
  const char* status;
  const char* also;
};
class ListenerRefuses : public Listener, public ::testing::WithParamInterface<refused_body> {};

TEST_P(ListenerRefuses, BodiesItCannotTake) {
  serve();
  take_bodies(10);
  auto& client = connect();
  client.send(GetParam().request);
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_FALSE(client.reset);
  EXPECT_THAT(client.received, StartsWith(std::string{"HTTP/1.1 "} + GetParam().status));
  EXPECT_THAT(client.received, HasSubstr(GetParam().also));
  EXPECT_TRUE(bodies.empty());
}

std::string posting(std::string_view fields) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string{fields} + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
  Net, ListenerRefuses,
  ::testing::Values(
    refused_body{"too_large", posting("Content-Length: 11\r\n") + "hello world", "413", "larger than 10 bytes"},
    refused_body{"huge", posting("Content-Length: 99999999999999999999\r\n"), "400", "cannot be read"},
    refused_body{"negative", posting("Content-Length: -1\r\n"), "400", "cannot be read"},
    refused_body{"twice", posting("Content-Length: 5\r\nContent-Length: 5\r\n") + "hello", "400", "Content-Length"},
    refused_body{"differing", posting("Content-Length: 5\r\nContent-Length: 6\r\n") + "hello", "400", "cannot be read"},
    refused_body{"chunked", posting("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n", "411", "Content-Length"},
    refused_body{"both_lengths", posting("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", "400",
                 ""},
    refused_body{"expectation", posting("Content-Length: 3\r\nExpect: wonders\r\n") + "abc", "417", "100-continue"},
    refused_body{"method", "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "405", "Allow: GET, POST\r\n"},
    refused_body{"upgrade_with_body", upgrade_head("/", "Content-Length: 3\r\n") + "abc", "400", "no body"}),
  [](const auto& one) { return one.param.name; });

TEST_F(Listener, TellsAClientThatWaitsForItToGoOn) {
  serve();
  take_bodies(100);
  auto& client = connect();
  const auto request = post("payload", "Expect: 100-continue\r\n");
  client.send(request.substr(0, request.size() - 7));
  ASSERT_TRUE(has_head(client));
  EXPECT_EQ(client.received, "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("payload");
  EXPECT_TRUE(until([&] { return bodies.size() == 1; }));
  EXPECT_EQ(bodies[0], "payload");
}

TEST_F(Listener, ABodyThatNeverComesIsGivenUp) {
  auto options = patient();
  options.handshake_ns = 50'000'000;
  serve(options);
  take_bodies(100);
  auto& client = connect();
  client.send(posting("Content-Length: 50\r\n") + "part");
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(set->counters().head_timeout, 1u);
}

TEST_F(Listener, UnfinishedBodiesCountAsUnfinishedHeads) {
  auto options = patient();
  options.max_partial_heads = 1;
  serve(options);
  take_bodies(100);
  auto& first = connect();
  first.send(posting("Content-Length: 5\r\n") + "par");
  settle();
  auto& second = connect();
  second.send(posting("Content-Length: 5\r\n") + "par");
  EXPECT_TRUE(until([&] { return second.ended; }));
  EXPECT_THAT(second.received, StartsWith("HTTP/1.1 503 "));
  first.send("ty");
  EXPECT_TRUE(until([&] { return bodies.size() == 1; }));
  EXPECT_EQ(bodies[0], "party");
}

TEST_F(Listener, BoundsItsClientsAndThoseOfOneAddress) {
  serve();
  listener_settings settings;
  settings.bounds.per_address = 2;
  set->set_listener(tag, settings);
  client_ref ref;
  auto& one = open_client(ref);
  open_client();
  auto& third = connect();
  EXPECT_TRUE(until([&] { return third.ended; }));
  EXPECT_THAT(third.received, StartsWith("HTTP/1.1 429 "));
  EXPECT_EQ(set->counters().refused_address, 1u);
  one.hang_up();
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  open_client();
  settings = {};
  settings.bounds.sockets = 2;
  set->set_listener(tag, settings); // nobody is closed by a lower bound
  auto& fourth = connect();
  EXPECT_TRUE(until([&] { return fourth.ended; }));
  EXPECT_THAT(fourth.received, StartsWith("HTTP/1.1 503 "));
  const auto& counted = set->counters(tag);
  EXPECT_EQ(counted.accepted, 3u);
  EXPECT_EQ(counted.refused, 2u);
  EXPECT_EQ(counted.records, 2u);
  EXPECT_EQ(counted.open, 2u);
}

TEST_F(Listener, AnAddressBoundThatComesLaterCountsThoseThatAreThere) {
  serve();
  open_client();
  open_client();
  listener_settings settings;
  settings.bounds.per_address = 2;
  set->set_listener(tag, settings);
  auto& third = connect();
  EXPECT_TRUE(until([&] { return third.ended; }));
  EXPECT_THAT(third.received, StartsWith("HTTP/1.1 429 "));
}

/// S1-25, S2-55; protocol.md row 13: new connections of one address.
TEST_F(Listener, BoundsHowOftenAnAddressComes) {
  serve();
  listener_settings settings;
  settings.bounds.connects = {3, 3, 3'600'000'000'000};
  set->set_listener(tag, settings);
  for (int i = 0; i != 3; ++i) {
    auto& one = open_client();
    one.hang_up();
  }
  EXPECT_TRUE(until([&] { return events.closed.size() == 3; }));
  auto& fourth = connect();
  EXPECT_TRUE(until([&] { return fourth.ended; }));
  EXPECT_THAT(fourth.received, StartsWith("HTTP/1.1 429 "));
  EXPECT_THAT(fourth.received, HasSubstr("Retry-After: "));
  EXPECT_THAT(fourth.received, HasSubstr("Wait before the next"));
  EXPECT_EQ(set->counters().refused_address_rate, 1u);
  settings.bounds.connects = {};
  set->set_listener(tag, settings);
  open_client();
}

TEST_F(Listener, SetsOfSeveralLoopsShareOneGate) {
  serve();
  recording_events other_events;
  client_set other{loop, other_events, patient()};
  listener_settings settings;
  settings.gate = std::make_shared<address_gate>();
  settings.bounds.per_address = 2;
  set->set_listener(tag, settings);
  other.set_listener(tag, settings);
  open_client();
  open_client();
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  EXPECT_FALSE(other.adopt(pair[0], events.last_peer, tag)) << "both places are taken on the other loop";
  ::close(pair[1]);
  EXPECT_EQ(settings.gate->sockets(), 2u);
  EXPECT_EQ(other.counters().refused_address, 1u);
}

TEST_F(Listener, LimitsChangeWhileClientsAreThere) {
  serve();
  client_ref ref;
  auto& client = open_client(ref);
  auto options = set->options();
  options.message_limit = 10;
  options.max_clients = 1;
  options.ping_interval_ns = 20'000'000;
  set->set_options(options);
  auto& second = connect();
  EXPECT_TRUE(until([&] { return second.ended; }));
  EXPECT_THAT(second.received, StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(next_frame(client).code, 9u) << "pings come to clients that were there before";
  client.send(text("eleven bytes"));
  EXPECT_TRUE(until([&] { return client.ended; }));
  options.timer_step_ns *= 2;
  EXPECT_THROW(set->set_options(options), std::invalid_argument);
  options = set->options();
  options.head_limit = 1;
  EXPECT_THROW(set->set_options(options), std::invalid_argument);
  listener_settings bad;
  bad.methods = {};
  EXPECT_THROW(set->set_listener(tag, bad), std::invalid_argument);
  bad.methods = {"get"};
  EXPECT_THROW(set->set_listener(tag, bad), std::invalid_argument);
}

TEST_F(Listener, ClosingOneListenerLeavesTheOthersClientsAlone) {
  serve();
  client_ref ref;
  auto& socket = open_client(ref);
  acceptor other{loop, "127.0.0.1", 0,
                 [&](int descriptor, const peer_address& peer) { set->adopt(descriptor, peer, tag + 1); }};
  auto& stays = clients.emplace_back();
  stays.descriptor = connect_to(other.port());
  auto &idle = connect(), &asking = connect(), &waiting = connect();
  stays.send(upgrade_head());
  EXPECT_TRUE(until([&] { return events.opened.size() == 2; }));
  events.upgrade = [](client_ref, const upgrade_request&) { return upgrade_answer::later(); };
  events.http = [](const http_request&) { return http_response::later(); };
  waiting.send(upgrade_head());
  asking.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return events.requests == 1 && set->counters().records == 5; }));
  settle();
  set->close_listener(tag, 4200, "listener is leaving");
  EXPECT_TRUE(set->answer_http(events.last_asked, http_response::text(200, "last words")));
  EXPECT_TRUE(until([&] { return idle.ended && asking.ended && waiting.ended; }));
  EXPECT_EQ(next_frame(socket), (server_frame{8, close_payload(4200, "listener is leaving")}));
  EXPECT_TRUE(idle.received.empty());
  EXPECT_THAT(asking.received, EndsWith("last words"));
  EXPECT_THAT(asking.received, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(waiting.received, StartsWith("HTTP/1.1 503 "));
  EXPECT_TRUE(set->is_open(events.opened[1]));
  for (auto* one : {&socket, &idle, &asking, &waiting}) one->hang_up();
  EXPECT_TRUE(until([&] { return set->counters(tag).records == 0; }));
  EXPECT_EQ(set->counters(tag + 1).records, 1u);
}

TEST_F(Listener, ARequestThatClosesItsOwnListenerIsStillAnswered) {
  serve();
  events.http = [&](const http_request&) {
    set->close_listener(tag, 1001, "");
    return http_response::text(200, "goodbye");
  };
  auto& client = connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_THAT(client.received, EndsWith("goodbye"));
}

TEST_F(Listener, ShowsItsClients) {
  serve();
  client_ref ref;
  auto& slow = open_client(ref);
  slow.reads = false;
  while (!set->is_blocked(ref)) set->write(ref, text_frame(std::string(10'000, 'x')));
  connect().send("GET / HT");
  settle();
  size_t shown = 0;
  set->for_each([&](client_ref client, const client_view& view) {
    ++shown;
    EXPECT_EQ(view.listener, tag);
    EXPECT_TRUE(view.peer.is_loopback());
    EXPECT_EQ(view.is_open, client == ref);
    EXPECT_EQ(view.pending_bytes > 0, client == ref);
    EXPECT_EQ(view.blocked_ns > 0, client == ref);
    EXPECT_EQ(view.held_bytes, client == ref ? 0u : 8u);
  });
  EXPECT_EQ(shown, 2u);
}

} // namespace
} // namespace tickplant::net
