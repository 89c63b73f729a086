#include "tls_support.hpp"
#include "websocket_support.hpp"

#include <boost/asio/write.hpp>

namespace tickplant::net {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TlsLine : public lines_test {
protected:
  TlsLine() : listener(context()) {}
  void trust(const test_authority& trusted) {
    start([&](venue_lines_options& o) { o.ca_file = trusted.file(); });
  }
  void open_wss(const std::string& host = "127.0.0.1") {
    ASSERT_EQ(open(1, TP_LINE_WEBSOCKET, listener.address("wss", "/ws", host)), TP_OK);
    ASSERT_TRUE(run_until([&] { return !sink.states.empty(); }));
  }

  test_authority authority;
  tcp_server listener;
};

TEST_F(TlsLine, CarriesWebSocketMessagesBothWays) {
  trust(authority);
  auto tls = authority.server_for("DNS:localhost");
  const auto server = serve_websocket(listener.acceptor, tls);
  open_wss("localhost");
  ASSERT_TRUE(sink.has_state(1, TP_LINE_UP)) << sink.why(1, TP_LINE_FAILED);
  for (int i = 0; i < 100; ++i) server->write("message " + std::to_string(i));
  EXPECT_EQ(send(1, "hello"), TP_OK);
  ASSERT_TRUE(run_until([&] { return sink.units.size() == 100 && server->received.size() == 1; }));
  EXPECT_EQ(sink.units[99].data, "message 99");
  server->ping("alive?");
  ASSERT_TRUE(run_until([&] { return !server->pongs.empty(); }));
  lines->line_close(1);
  ASSERT_TRUE(run_until([&] { return server->is_closed; }));
}

TEST_F(TlsLine, TakesACertificateForANumericAddress) {
  trust(authority);
  auto tls = authority.server_for("IP:127.0.0.1");
  const auto server = serve_websocket(listener.acceptor, tls);
  open_wss();
  EXPECT_TRUE(sink.has_state(1, TP_LINE_UP)) << sink.why(1, TP_LINE_FAILED);
}

TEST_F(TlsLine, RefusesACertificateOfAnotherAuthority) {
  const test_authority other;
  trust(other);
  auto tls = authority.server_for("IP:127.0.0.1");
  const auto server = serve_websocket(listener.acceptor, tls);
  open_wss();
  ASSERT_TRUE(sink.has_state(1, TP_LINE_FAILED));
  EXPECT_THAT(sink.why(1, TP_LINE_FAILED), HasSubstr("TLS handshake"));
  EXPECT_THAT(sink.why(1, TP_LINE_FAILED), HasSubstr("issuer certificate"));
}

TEST_F(TlsLine, RefusesItByDefault) {
  start(); // the system's authorities do not know ours
  auto tls = authority.server_for("IP:127.0.0.1");
  const auto server = serve_websocket(listener.acceptor, tls);
  open_wss();
  EXPECT_TRUE(sink.has_state(1, TP_LINE_FAILED));
}

TEST_F(TlsLine, RefusesACertificateForAnotherHost) {
  trust(authority);
  auto tls = authority.server_for("DNS:example.com,IP:127.0.0.2");
  const auto server = serve_websocket(listener.acceptor, tls);
  open_wss();
  EXPECT_TRUE(sink.has_state(1, TP_LINE_FAILED));
}

TEST_F(TlsLine, SaysThatTheAuthoritiesCannotBeRead) {
  start([](venue_lines_options& o) { o.ca_file = "/nonexistent/ca.pem"; });
  open_wss();
  EXPECT_THAT(sink.why(1, TP_LINE_FAILED), HasSubstr("/nonexistent/ca.pem"));
}

TEST_F(TlsLine, FailsAgainstAServerWithoutTls) {
  trust(authority);
  ASSERT_EQ(open(1, TP_LINE_TCP, listener.address("tls")), TP_OK);
  auto socket = listener.acceptor.accept();
  boost::asio::write(socket, boost::asio::buffer(std::string{"220 no TLS here\r\n"}));
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_THAT(sink.why(1, TP_LINE_FAILED), HasSubstr("TLS handshake"));
}

TEST_F(TlsLine, CarriesAStreamBothWays) {
  trust(authority);
  auto tls = authority.server_for("IP:127.0.0.1");
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> peer{context(), tls};
  ASSERT_EQ(open(1, TP_LINE_TCP, listener.address("tls")), TP_OK);
  listener.acceptor.accept(peer.next_layer());
  bool is_up = false;
  peer.async_handshake(boost::asio::ssl::stream_base::server, [&](boost::system::error_code fault) { is_up = !fault; });
  ASSERT_TRUE(run_until([&] { return is_up && sink.has_state(1, TP_LINE_UP); }));
  boost::asio::write(peer, boost::asio::buffer(std::string(5000, 'x')));
  size_t used = 0;
  sink.reader = [&](const tp_unit& u) {
    used += u.size;
    return int64_t{u.size};
  };
  ASSERT_TRUE(run_until([&] { return used == 5000; }));
  EXPECT_EQ(send(1, "login"), TP_OK);
  std::string heard(5, '\0');
  EXPECT_EQ(peer.read_some(boost::asio::buffer(heard)), 5u);
  EXPECT_EQ(heard, "login");
  peer.next_layer().close();
  ASSERT_TRUE(run_until_state(1, TP_LINE_CLOSED));
}

} // namespace
} // namespace tickplant::net
