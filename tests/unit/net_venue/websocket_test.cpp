#include "websocket_support.hpp"

#include <boost/asio/write.hpp>

namespace tickplant::net {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class WebsocketLine : public lines_test {
protected:
  WebsocketLine() : listener(context()) {}
  void connect(uint32_t max_unit = 4096) {
    server = serve_websocket(listener.acceptor);
    ASSERT_EQ(open(1, TP_LINE_WEBSOCKET, listener.address("ws", "/ws/btcusdt@depth?x=1"),
                   [=](tp_line_spec& s) { s.max_unit = max_unit; }),
              TP_OK);
    ASSERT_TRUE(run_until_state(1, TP_LINE_UP)) << sink.why(1, TP_LINE_FAILED);
  }
  bool run_until_units(size_t count) {
    return run_until([=, this] { return sink.units.size() >= count; });
  }

  tcp_server listener;
  std::unique_ptr<websocket_server> server;
};

TEST_F(WebsocketLine, UpgradesWithTheHeadersOfThePlugin) {
  start();
  server = serve_websocket(listener.acceptor);
  const tp_pair headers[] = {{to_tp_text("X-MBX-APIKEY"), to_tp_text("key")}};
  ASSERT_EQ(open(1, TP_LINE_WEBSOCKET, listener.address("ws", "/stream?streams=a"),
                 [&](tp_line_spec& s) {
                   s.headers = headers;
                   s.header_count = 1;
                 }),
            TP_OK);
  EXPECT_EQ(send(1, "early"), TP_E_DOWN);
  ASSERT_TRUE(run_until_state(1, TP_LINE_UP));
  EXPECT_EQ(server->upgrade["X-MBX-APIKEY"], "key");
  EXPECT_EQ(server->upgrade["Host"], "127.0.0.1:" + std::to_string(listener.port()));
  EXPECT_EQ(server->upgrade.target(), "/stream?streams=a");
}

TEST_F(WebsocketLine, RefusesHeadersThatWouldSmuggleOthersIn) {
  start();
  const tp_pair bad[] = {{to_tp_text("X-A"), to_tp_text("b\r\nX-C: d")}};
  EXPECT_EQ(open(1, TP_LINE_WEBSOCKET, listener.address("ws", "/"),
                 [&](tp_line_spec& s) {
                   s.headers = bad;
                   s.header_count = 1;
                 }),
            TP_E_ARGUMENT);
}

TEST_F(WebsocketLine, TellsTextFromBinary) {
  start();
  connect();
  server->write("{}");
  server->write(std::string{"\x00\x01", 2}, true);
  ASSERT_TRUE(run_until_units(2));
  EXPECT_EQ(sink.units[0].flags, uint32_t{TP_UNIT_TEXT});
  EXPECT_EQ(sink.units[1].flags, uint32_t{TP_UNIT_BINARY});
  EXPECT_EQ(sink.units[1].data.size(), 2u);
  EXPECT_GT(sink.units[0].recv_ns, 0u);
}

TEST_F(WebsocketLine, HandsOverSeveralReadableMessagesTogether) {
  start();
  connect();
  for (int i = 0; i < 300; ++i) server->write("message " + std::to_string(i));
  ASSERT_TRUE(run_until_units(300));
  for (size_t i = 0; i < 300; ++i) EXPECT_EQ(sink.units[i].data, "message " + std::to_string(i));
  EXPECT_LT(sink.bursts.size(), 60u);
  for (const auto size : sink.bursts) EXPECT_LE(size, 64u);
}

TEST_F(WebsocketLine, HandsOverMessagesOfEverySizeUnchanged) {
  start();
  connect(1u << 20);
  std::vector<std::string> expected;
  for (const size_t size : {size_t{1}, size_t{125}, size_t{126}, size_t{65'535}, size_t{65'536}, size_t{1} << 20,
                            size_t{7}, size_t{400'000}, size_t{3}})
    expected.emplace_back(size, static_cast<char>('a' + expected.size()));
  for (const auto& text : expected) {
    server->write_large(text);
    ASSERT_TRUE(run_until_units(static_cast<size_t>(&text - expected.data()) + 1));
  }
  EXPECT_EQ(sink.texts(1), expected);
}

TEST_F(WebsocketLine, JoinsFragments) {
  start();
  connect();
  server->write_part("one ", false);
  settle();
  EXPECT_TRUE(sink.units.empty());
  server->write_part("two ", false);
  server->write_part("three", true);
  ASSERT_TRUE(run_until_units(1));
  EXPECT_THAT(sink.texts(1), ElementsAre("one two three"));
}

TEST_F(WebsocketLine, AnswersPingsWithTheirPayload) {
  start();
  connect();
  server->ping("1700000000000");
  ASSERT_TRUE(run_until([&] { return !server->pongs.empty(); }));
  EXPECT_THAT(server->pongs, ElementsAre("1700000000000"));
  EXPECT_TRUE(sink.units.empty());
}

TEST_F(WebsocketLine, AnswersPingsBetweenFragments) {
  start();
  connect();
  server->write_part("one ", false);
  server->ping("in between");
  server->write_part("two", true);
  ASSERT_TRUE(run_until([&] { return !server->pongs.empty() && !sink.units.empty(); }));
  EXPECT_THAT(sink.texts(1), ElementsAre("one two"));
}

TEST_F(WebsocketLine, TakesAMessageOfExactlyMaxUnitAndFailsBeyond) {
  start();
  connect(1000);
  server->write(std::string(1000, 'x'));
  ASSERT_TRUE(run_until_units(1));
  server->write(std::string(1001, 'y'));
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_EQ(sink.why(1, TP_LINE_FAILED), "message larger than max_unit, 1000 bytes");
  EXPECT_EQ(sink.units.size(), 1u);
}

TEST_F(WebsocketLine, BoundsTheSumOfFragments) {
  start();
  connect(1000);
  for (int i = 0; i < 11; ++i) server->write_part(std::string(100, 'x'), false);
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_THAT(sink.why(1, TP_LINE_FAILED), HasSubstr("larger than max_unit"));
}

TEST_F(WebsocketLine, SendsTextAndBinaryInOrder) {
  start();
  connect();
  EXPECT_EQ(send(1, R"({"method":"SUBSCRIBE"})"), TP_OK);
  EXPECT_EQ(send(1, "bytes", TP_UNIT_BINARY), TP_OK);
  EXPECT_EQ(send(1, "text", TP_UNIT_TEXT), TP_OK);
  EXPECT_EQ(send(1, "?", TP_UNIT_TEXT | TP_UNIT_BINARY), TP_E_ARGUMENT);
  ASSERT_TRUE(run_until([&] { return server->received.size() == 3; }));
  EXPECT_THAT(server->received, ElementsAre(R"(text:{"method":"SUBSCRIBE"})", "binary:bytes", "text:text"));
}

TEST_F(WebsocketLine, BoundsTheSendQueue) {
  start();
  connect();
  const std::string chunk(100'000, 'x');
  int32_t code = TP_OK;
  int accepted = 0;
  for (; accepted < 100 && code == TP_OK; accepted += code == TP_OK) code = send(1, chunk);
  EXPECT_EQ(code, TP_E_LIMIT);
  EXPECT_LE(accepted, 10);
  EXPECT_EQ(status(1).counters.send_refused, 1u);
}

TEST_F(WebsocketLine, ReportsTheCloseCode) {
  start();
  connect();
  server->write("last words");
  server->close(1001, "going away");
  ASSERT_TRUE(run_until_state(1, TP_LINE_CLOSED));
  EXPECT_EQ(sink.why(1, TP_LINE_CLOSED), "closed by the other side, code 1001: going away");
  EXPECT_THAT(sink.texts(1), ElementsAre("last words"));
}

TEST_F(WebsocketLine, FailsWhenTheConnectionIsCut) {
  start();
  connect();
  server->cut();
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
}

TEST_F(WebsocketLine, FailsWhenTheServerAnswersNoPing) {
  start([](venue_lines_options& o) { o.silence_timeout_ns = 40'000'000; });
  server = serve_websocket(listener.acceptor);
  server->is_deaf = true;
  ASSERT_EQ(open(1, TP_LINE_WEBSOCKET, listener.address("ws", "/")), TP_OK);
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_EQ(sink.why(1, TP_LINE_FAILED), "silent for too long, also after a ping");
}

TEST_F(WebsocketLine, NamesTheStatusOfARefusedUpgrade) {
  start();
  ASSERT_EQ(open(1, TP_LINE_WEBSOCKET, listener.address("ws", "/")), TP_OK);
  auto socket = listener.acceptor.accept();
  ASSERT_TRUE(run_until([&] { return socket.available() > 0; }));
  boost::asio::write(socket, boost::asio::buffer(std::string{"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\n"
                                                             "Content-Length: 0\r\n\r\n"}));
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_EQ(sink.why(1, TP_LINE_FAILED), "upgrade refused with HTTP 429, Retry-After 7");
}

TEST_F(WebsocketLine, ASilentServerThatAnswersPingsStaysUp) {
  start([](venue_lines_options& o) { o.silence_timeout_ns = 40'000'000; });
  connect();
  const auto begin = monotonic_now_ns();
  ASSERT_TRUE(run_until([&] { return monotonic_now_ns() - begin > 200'000'000; }));
  EXPECT_FALSE(sink.has_state(1, TP_LINE_FAILED)) << sink.why(1, TP_LINE_FAILED);
}

TEST_F(WebsocketLine, FailsWhenTheUpgradeIsNotAnswered) {
  start([](venue_lines_options& o) { o.connect_timeout_ns = 20'000'000; });
  ASSERT_EQ(open(1, TP_LINE_WEBSOCKET, listener.address("ws", "/")), TP_OK);
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_EQ(sink.why(1, TP_LINE_FAILED), "not connected in time (in the WebSocket handshake)");
}

TEST_F(WebsocketLine, FailsOnAnAnswerThatIsNotHttp) {
  start();
  ASSERT_EQ(open(1, TP_LINE_WEBSOCKET, listener.address("ws", "/")), TP_OK);
  auto socket = listener.acceptor.accept();
  boost::asio::write(socket, boost::asio::buffer(std::string{"SSH-2.0-OpenSSH_9.2\r\n\r\n"}));
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_THAT(sink.why(1, TP_LINE_FAILED), HasSubstr("WebSocket handshake"));
}

} // namespace
} // namespace tickplant::net
