#include "support.hpp"

#include <boost/asio/write.hpp>

#include <cstring>

namespace tickplant::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::ElementsAre;

class TcpLine : public lines_test {
protected:
  TcpLine() : server(context()), peer(context()) {}
  void connect(uint32_t max_unit = 2048) {
    ASSERT_EQ(open(1, TP_LINE_TCP, server.address("tcp"), [=](tp_line_spec& s) { s.max_unit = max_unit; }), TP_OK);
    peer = server.acceptor.accept();
    ASSERT_TRUE(run_until_state(1, TP_LINE_UP));
  }
  void say(const std::string& text) { asio::write(peer, asio::buffer(text)); }
  std::string hear(size_t size) {
    std::string text(size, '\0');
    size_t got = 0;
    run_until([&] {
      boost::system::error_code none;
      peer.non_blocking(true);
      const auto n = peer.read_some(asio::buffer(text.data() + got, size - got), none);
      got += n;
      return got == size;
    });
    return text;
  }

  tcp_server server;
  tcp::socket peer;
};

// One byte of length, then the text.
int64_t read_one(const tp_unit& u, std::vector<std::string>& out) {
  if (u.size == 0 || u.size < 1u + u.data[0]) return 0;
  out.emplace_back(reinterpret_cast<const char*>(u.data) + 1, u.data[0]);
  return 1 + u.data[0];
}

TEST_F(TcpLine, KeepsWhatThePluginDidNotUse) {
  start();
  connect();
  std::vector<std::string> got;
  sink.reader = [&](const tp_unit& u) { return read_one(u, got); };
  say("\x03"
      "one"
      "\x03"
      "t");
  ASSERT_TRUE(run_until([&] { return sink.stream_views.size() == 2; }));
  EXPECT_THAT(got, ElementsAre("one"));
  say("wo"
      "\x05"
      "three");
  ASSERT_TRUE(run_until([&] { return got.size() == 3; }));
  EXPECT_THAT(got, ElementsAre("one", "two", "three"));
  EXPECT_EQ(sink.stream_views[1], "\x03t");
  EXPECT_EQ(status(1).counters.bytes, 14u);
}

TEST_F(TcpLine, GivesEveryUnitToAPluginThatTakesOneACall) {
  start();
  connect();
  std::vector<std::string> got;
  sink.reader = [&](const tp_unit& u) { return read_one(u, got); };
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += "\x02"
            "ab";
  say(many);
  ASSERT_TRUE(run_until([&] { return got.size() == 1000; }));
  EXPECT_EQ(sink.stream_views.size(), 1000u);
}

TEST_F(TcpLine, TakesAUnitOfExactlyMaxUnit) {
  start();
  connect(100);
  sink.reader = [](const tp_unit& u) { return u.size == 100 ? 100 : 0; };
  say(std::string(100, 'x'));
  ASSERT_TRUE(run_until([&] { return status(1).counters.bytes == 100; }));
  settle();
  EXPECT_FALSE(sink.has_state(1, TP_LINE_FAILED));
}

TEST_F(TcpLine, FailsWhenAUnitIsLargerThanMaxUnit) {
  start();
  connect(100);
  sink.reader = [](const tp_unit&) { return 0; };
  say(std::string(101, 'x'));
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_EQ(sink.why(1, TP_LINE_FAILED), "unit larger than max_unit, 100 bytes");
}

TEST_F(TcpLine, ReportsTheEndAfterTheBytesBeforeIt) {
  start();
  connect();
  std::vector<std::string> got;
  sink.reader = [&](const tp_unit& u) { return read_one(u, got); };
  say("\x03"
      "one"
      "\x09"
      "cut in mid");
  peer.close();
  ASSERT_TRUE(run_until_state(1, TP_LINE_CLOSED));
  EXPECT_NE(sink.why(1, TP_LINE_CLOSED).find("incomplete unit"), std::string::npos);
  EXPECT_THAT(got, ElementsAre("one", "cut in mi"));
}

TEST_F(TcpLine, SendsInOrder) {
  start();
  ASSERT_EQ(open(1, TP_LINE_TCP, server.address("tcp")), TP_OK);
  EXPECT_EQ(send(1, "early"), TP_E_DOWN);
  peer = server.acceptor.accept();
  ASSERT_TRUE(run_until_state(1, TP_LINE_UP));
  EXPECT_EQ(send(1, "one "), TP_OK);
  EXPECT_EQ(send(1, "two "), TP_OK);
  EXPECT_EQ(send(1, "three"), TP_OK);
  EXPECT_EQ(hear(13), "one two three");
}

TEST_F(TcpLine, BoundsTheSendQueue) {
  start();
  connect();
  // What the kernel takes does not count; the line's own queue is bounded whatever it took.
  const std::string chunk(64 * 1024, 'x');
  int32_t code = TP_OK;
  size_t accepted = 0;
  for (int i = 0; i < 10'000 && code == TP_OK; ++i) {
    code = send(1, chunk);
    accepted += code == TP_OK;
    context().poll();
  }
  EXPECT_EQ(code, TP_E_LIMIT);
  EXPECT_EQ(status(1).counters.send_refused, 1u);
  EXPECT_EQ(hear(accepted * chunk.size()).size(), accepted * chunk.size());
  EXPECT_EQ(send(1, "again"), TP_OK);
}

TEST_F(TcpLine, FailsWhenNobodyListens) {
  start();
  const auto address = server.address("tcp");
  server.acceptor.close();
  ASSERT_EQ(open(1, TP_LINE_TCP, address), TP_OK);
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_NE(sink.why(1, TP_LINE_FAILED).find("no connection"), std::string::npos);
}

TEST_F(TcpLine, FailsWhenTheConnectionTakesTooLong) {
  start([](venue_lines_options& o) { o.connect_timeout_ns = 1'000'000; });
  // TLS against a server that says nothing: connected, but never through.
  ASSERT_EQ(open(1, TP_LINE_TCP, server.address("tls")), TP_OK);
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_NE(sink.why(1, TP_LINE_FAILED).find("not connected in time"), std::string::npos);
}

TEST_F(TcpLine, FailsWhenThePluginRefusesTheStream) {
  start();
  connect();
  sink.reader = [](const tp_unit&) { return TP_E_BROKEN; };
  say("x");
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_TRUE(faults.empty());
}

TEST_F(TcpLine, ConsumingMoreThanThereIsBreaksTheInstance) {
  start();
  connect();
  sink.reader = [](const tp_unit& u) { return int64_t{u.size} + 1; };
  say("x");
  ASSERT_TRUE(run_until([&] { return !faults.empty(); }));
  EXPECT_NE(faults[0].find("consumed 2 of 1"), std::string::npos);
}

TEST_F(TcpLine, TheNumberIsFreeInsideTheReportOfItsEnd) {
  start();
  connect();
  int32_t reopened = TP_E_INTERNAL;
  sink.when_line = [&](const seen_state& s) {
    if (s.state == TP_LINE_CLOSED) reopened = open(1, TP_LINE_TCP, server.address("tcp"));
  };
  EXPECT_EQ(open(1, TP_LINE_TCP, server.address("tcp")), TP_E_ARGUMENT);
  EXPECT_TRUE(has_log("the number is in use"));
  peer.close();
  ASSERT_TRUE(run_until([&] { return reopened != TP_E_INTERNAL; }));
  EXPECT_EQ(reopened, TP_OK);
  peer = server.acceptor.accept();
  ASSERT_TRUE(run_until([&] { return sink.states.size() == 3; }));
  EXPECT_EQ(sink.states[2].state, uint32_t{TP_LINE_UP});
}

} // namespace
} // namespace tickplant::net
