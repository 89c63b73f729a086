#include "tls_support.hpp"
#include "websocket_support.hpp"

#include <boost/asio/write.hpp>

#include <stdexcept>

namespace tickplant::net {

namespace {

using boost::asio::ip::tcp;

std::string local(uint16_t port) {
  return "udp://127.0.0.1:" + std::to_string(port);
}

class Lifetime : public lines_test {
protected:
  Lifetime() : listener(context()), peer(context()) {}
  uint16_t open_udp(uint32_t line) {
    const auto port = free_udp_port();
    EXPECT_EQ(open(line, TP_LINE_UDP_GROUP, local(port)), TP_OK);
    EXPECT_TRUE(run_until_state(line, TP_LINE_UP));
    return port;
  }

  tcp_server listener;
  tcp::socket peer;
};

TEST_F(Lifetime, RefusesWhatMakesNoSense) {
  start();
  const std::string good = "udp://127.0.0.1:9";
  EXPECT_EQ(open(1024, TP_LINE_UDP_GROUP, good), TP_E_ARGUMENT);
  EXPECT_EQ(open(1, 99, good), TP_E_UNSUPPORTED);
  EXPECT_EQ(open(1, TP_LINE_TCP, good), TP_E_ARGUMENT);
  EXPECT_EQ(open(1, TP_LINE_UDP_GROUP, good, [](tp_line_spec& s) { s.max_unit = 0; }), TP_E_ARGUMENT);
  EXPECT_EQ(open(1, TP_LINE_UDP_GROUP, good, [](tp_line_spec& s) { s.max_unit = max_unit_limit + 1; }), TP_E_LIMIT);
  EXPECT_EQ(open(1, TP_LINE_UDP_GROUP, good, [](tp_line_spec& s) { s.struct_size = 8; }), TP_E_ARGUMENT);
  EXPECT_EQ(open(1, TP_LINE_UDP_GROUP, good, [](tp_line_spec& s) { s.only_sources = to_tp_text("1.2.3"); }),
            TP_E_ARGUMENT);
  EXPECT_EQ(open(1, TP_LINE_TCP, "tcp://host:port"), TP_E_ARGUMENT);
  EXPECT_TRUE(has_log("line 1 not opened: address 'tcp://host:port': the port is not a number"));
  settle();
  EXPECT_EQ(sink.calls, 0u);
}

TEST_F(Lifetime, UnknownHostsFailLater) {
  start();
  ASSERT_EQ(open(1, TP_LINE_TCP, "tcp://no-such-host.invalid:1"), TP_OK);
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
}

TEST_F(Lifetime, AClosedLineIsSilentEvenWhereItsReportIsOnTheWay) {
  start();
  ASSERT_EQ(open(1, TP_LINE_UDP_GROUP, local(free_udp_port())), TP_OK);
  lines->line_close(1);
  ASSERT_EQ(open(2, TP_LINE_TCP, listener.address("tcp")), TP_OK);
  lines->line_close(2);
  ASSERT_EQ(open(3, TP_LINE_UDP_GROUP, "udp://192.0.2.77:9"), TP_OK);
  lines->line_close(3);
  lines->line_close(77);
  settle();
  EXPECT_EQ(sink.calls, 0u);
  EXPECT_EQ(status(1).why, "closed by the plugin");
}

TEST_F(Lifetime, AClosedLineIsSilentEvenWhereDatagramsWait) {
  start();
  const auto port = open_udp(1);
  udp_sender sender{context()};
  sender.send("x", port);
  context().run_one_for(std::chrono::seconds{10}); // readable, its turn is posted
  lines->line_close(1);
  settle();
  EXPECT_TRUE(sink.units.empty());
}

TEST_F(Lifetime, ALineMayBeClosedAndOpenedAgainFromInsideItsOwnDelivery) {
  start();
  const auto port = open_udp(1);
  udp_sender sender{context()};
  sink.when_units = [&](std::span<const tp_unit> units) {
    if (sink.bursts.size() > 1) return;
    lines->line_close(1);
    EXPECT_EQ(open(1, TP_LINE_UDP_GROUP, local(port)), TP_OK);
    EXPECT_EQ(units[0].data[0], 'f'); // the units of this call stay readable
  };
  sender.send("first", port);
  ASSERT_TRUE(run_until([&] { return sink.states.size() == 2; }));
  sender.send("second", port);
  ASSERT_TRUE(run_until([&] { return sink.units.size() == 2; }));
  EXPECT_EQ(sink.units[1].data, "second");
}

TEST_F(Lifetime, AStreamMayBeClosedFromInsideItsOwnDelivery) {
  start();
  ASSERT_EQ(open(1, TP_LINE_TCP, listener.address("tcp")), TP_OK);
  peer = listener.acceptor.accept();
  ASSERT_TRUE(run_until_state(1, TP_LINE_UP));
  sink.reader = [&](const tp_unit&) {
    lines->line_close(1);
    return int64_t{1};
  };
  boost::asio::write(peer, boost::asio::buffer(std::string{"abc"}));
  ASSERT_TRUE(run_until([&] { return !sink.stream_views.empty(); }));
  settle();
  EXPECT_EQ(sink.stream_views.size(), 1u);
  EXPECT_EQ(sink.states.size(), 1u);
}

TEST_F(Lifetime, ALineMayBeClosedFromInsideItsUp) {
  start();
  const auto server = serve_websocket(listener.acceptor);
  sink.when_line = [&](const seen_state& s) { lines->line_close(s.line); };
  ASSERT_EQ(open(1, TP_LINE_WEBSOCKET, listener.address("ws", "/")), TP_OK);
  ASSERT_EQ(open(2, TP_LINE_FILE, "file:///proc/self/exe", [](tp_line_spec& s) { s.cut = TP_CUT_TEXT_LINES; }), TP_OK);
  ASSERT_TRUE(run_until([&] { return sink.states.size() == 2; }));
  ASSERT_TRUE(run_until([&] { return server->is_closed; }));
  EXPECT_EQ(sink.calls, 2u);
}

TEST_F(Lifetime, AnotherLineClosedInTheSameTurnStaysSilent) {
  start();
  const auto a = open_udp(1);
  ASSERT_EQ(open(2, TP_LINE_TCP, listener.address("tcp")), TP_OK);
  peer = listener.acceptor.accept();
  ASSERT_TRUE(run_until_state(2, TP_LINE_UP));
  udp_sender sender{context()};
  sink.when_units = [&](auto) { lines->line_close(2); };
  sink.reader = [&](const tp_unit& u) {
    lines->line_close(1);
    return int64_t{u.size};
  };
  sender.send("datagram", a);
  boost::asio::write(peer, boost::asio::buffer(std::string{"stream"}));
  ASSERT_TRUE(run_until([&] { return sink.units.size() + sink.stream_views.size() > 0; }));
  settle();
  EXPECT_EQ(sink.units.size() + sink.stream_views.size(), 1u);
}

TEST_F(Lifetime, NothingIsCalledAfterDestructionWhateverIsPending) {
  const test_authority authority;
  start([&](venue_lines_options& o) { o.ca_file = authority.file(); });
  const auto port = open_udp(1);
  tcp_server web{context()}, secure{context()}, mute{context()};
  auto tls = authority.server_for("IP:127.0.0.1");
  const auto server = serve_websocket(web.acceptor), secure_server = serve_websocket(secure.acceptor, tls);
  ASSERT_EQ(open(2, TP_LINE_TCP, listener.address("tcp")), TP_OK);
  peer = listener.acceptor.accept();
  ASSERT_EQ(open(3, TP_LINE_WEBSOCKET, web.address("ws", "/")), TP_OK);
  ASSERT_EQ(open(4, TP_LINE_WEBSOCKET, secure.address("wss", "/")), TP_OK);
  for (uint32_t line : {2u, 3u, 4u}) ASSERT_TRUE(run_until_state(line, TP_LINE_UP)) << sink.why(line, TP_LINE_FAILED);
  ASSERT_EQ(open(5, TP_LINE_TCP, mute.address("tls")), TP_OK);
  ASSERT_EQ(open(6, TP_LINE_TCP, "tcp://localhost:1"), TP_OK);
  ASSERT_EQ(open(7, TP_LINE_FILE, "file:///proc/self/exe", [](tp_line_spec& s) { s.cut = TP_CUT_TEXT_LINES; }), TP_OK);
  const auto url = mute.address("http", "/");
  tp_http_request request{sizeof request, 1, to_tp_text(url), nullptr, 0, 0, 0};
  for (int i = 0; i < 12; ++i) ASSERT_EQ(lines->http_get(request), TP_OK);
  lines->set_timer(1, 0);
  udp_sender sender{context()};
  sender.send("datagram", port);
  server->write("message");
  secure_server->write("message");
  boost::asio::write(peer, boost::asio::buffer(std::string{"stream"}));
  EXPECT_EQ(send(3, std::string(500'000, 'x')), TP_OK);
  const auto calls = sink.calls;
  lines.reset();
  settle();
  ASSERT_TRUE(run_until([&] { return server->is_closed && secure_server->is_closed; }));
  EXPECT_EQ(sink.calls, calls);
}

TEST_F(Lifetime, TheLoopMayDieWithoutRunningAgain) {
  start();
  open_udp(1);
  const auto server = serve_websocket(listener.acceptor);
  ASSERT_EQ(open(2, TP_LINE_WEBSOCKET, listener.address("ws", "/")), TP_OK);
  ASSERT_TRUE(run_until_state(2, TP_LINE_UP));
  lines->set_timer(1, 1'000'000'000);
  lines.reset();
}

TEST_F(Lifetime, AnExceptionOfTheSinkEndsTheInstanceAndNotTheLoop) {
  start();
  const auto port = open_udp(1);
  open_udp(2);
  udp_sender sender{context()};
  sink.when_units = [](auto) { throw std::runtime_error("the plugin broke"); };
  sender.send("x", port);
  ASSERT_TRUE(run_until([&] { return !faults.empty(); }));
  EXPECT_EQ(faults[0], "the plugin broke");
  const auto calls = sink.calls;
  sender.send("y", port);
  lines->set_timer(1, 0);
  EXPECT_EQ(open(3, TP_LINE_UDP_GROUP, local(port)), TP_E_STOPPING);
  EXPECT_EQ(send(1, "x"), TP_E_STOPPING);
  settle();
  EXPECT_EQ(sink.calls, calls);
  EXPECT_EQ(faults.size(), 1u);
  EXPECT_EQ(status(2).state, uint32_t{TP_LINE_CLOSED});
}

TEST_F(Lifetime, AnExceptionAfterDeliveryEndsTheInstanceToo) {
  start([](venue_lines_options& o) { o.after_delivery = [] { throw std::runtime_error("publishing broke"); }; });
  ASSERT_EQ(open(1, TP_LINE_UDP_GROUP, local(free_udp_port())), TP_OK);
  ASSERT_TRUE(run_until([&] { return !faults.empty(); }));
  EXPECT_EQ(faults[0], "publishing broke");
}

TEST_F(Lifetime, TheOwnerMayDestroyItInTheTurnAfterAFault) {
  start([this](venue_lines_options& o) {
    o.on_fault = [this](std::string_view what) {
      faults.emplace_back(what);
      loop.post([this] { lines.reset(); });
    };
  });
  const auto port = open_udp(1);
  udp_sender sender{context()};
  sink.when_units = [](auto) { throw 42; };
  sender.send("x", port);
  ASSERT_TRUE(run_until([&] { return !lines; }));
  EXPECT_EQ(faults.size(), 1u);
}

TEST_F(Lifetime, AThrowingLogIsIgnored) {
  start(
    [](venue_lines_options& o) { o.log = [](int32_t, std::string_view) { throw std::runtime_error("disk full"); }; });
  open_udp(1);
  EXPECT_TRUE(faults.empty());
}

} // namespace
} // namespace tickplant::net
