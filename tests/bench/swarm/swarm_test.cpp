#include "frame.hpp"
#include "inflater.hpp"
#include "latency.hpp"
#include "message_check.hpp"
#include "swarm.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace tickplant::load {
namespace {

header_state state_of(std::string_view bytes, frame_header& to) {
  const char* fault = "";
  return read_header(bytes, to, fault);
}

TEST(SwarmFrame, IsWrittenMasked) {
  std::string bytes;
  append_frame(bytes, opcode::text, "Hello", 0x37fa213d); // RFC 6455, 5.7
  EXPECT_EQ(bytes, (std::string{"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11}));
}

TEST(SwarmFrame, LengthsAreWrittenAndReadInTheirShortestForm) {
  for (const size_t size : {size_t{0}, size_t{125}, size_t{126}, size_t{65'535}, size_t{65'536}}) {
    std::string bytes;
    append_frame(bytes, opcode::binary, std::string(size, 'x'), 0);
    bytes[1] = static_cast<char>(bytes[1] & 0x7f); // a server does not mask
    frame_header header;
    EXPECT_EQ(state_of(bytes.substr(0, 1), header), header_state::partial);
    ASSERT_EQ(state_of(bytes, header), header_state::whole);
    EXPECT_EQ(header.payload, size);
    EXPECT_EQ(header.size + 4 + size, bytes.size());
    EXPECT_TRUE(header.is_final);
  }
}

TEST(SwarmFrame, OfABrokenServerIsRefused) {
  frame_header header;
  using text = std::string_view;
  for (const auto bytes :
       {text{"\xa1\x00", 2}, text{"\x83\x00", 2}, text{"\x81\x80", 2}, text{"\x81\x7e\x00\x05", 4},
        text{"\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff", 10}, text{"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00", 10},
        text{"\x09\x00", 2}, text{"\x89\x7e\x00\x80", 4}, text{"\xc9\x00", 2}})
    EXPECT_EQ(state_of(bytes, header), header_state::broken) << testing::PrintToString(bytes);
}

TEST(SwarmLatency, PercentilesAreExactToASixtyFourth) {
  latency_histogram all;
  EXPECT_EQ(all.percentile(0.5), 0);
  for (int64_t i = 1; i <= 100'000; ++i) all.add(i);
  for (const double part : {0.001, 0.5, 0.9, 0.99, 0.999}) {
    const double wanted = part * 100'000, got = static_cast<double>(all.percentile(part));
    EXPECT_GE(got, wanted);
    EXPECT_LE(got, wanted * 65 / 64 + 1);
  }
  latency_histogram edges;
  edges.add(-5);
  EXPECT_EQ(edges.percentile(1), 0);
  edges.add(INT64_MAX);
  EXPECT_EQ(edges.percentile(1), (int64_t{1} << 40) - 1);
}

class SwarmCheck : public ::testing::Test {
protected:
  void read(std::string text) {
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    check_.read(text, client_, 1'000'000);
  }
  swarm_counts counts_;
  message_check check_{counts_};
  client_memory client_;
};

TEST_F(SwarmCheck, CountsWhatItUnderstands) {
  read(R"({"type":"ACK","message":"Connected","sequence":1})");
  read(R"({"type":"ACK","sequence":2,"results":[{"symbol":"A","exchange":"X","stream":"X:A/STATE","status":"ok"}]})");
  read(R"({"type":"MARKET_DATA","sequence":3,"symbols":[{"symbol":"A","exchange":"X","price":1,"sequence":9,)"
       R"("sentUs":999000,"bids":[{"price":1,"size":2,"orders":0}]},{"symbol":"B","exchange":"X"}]})");
  read(R"({"type":"STREAM_STATUS","symbols":[{"symbol":"A","exchange":"X","status":"ok"}]})");
  EXPECT_TRUE(counts_.is_clean()) << testing::PrintToString(counts_.faults);
  EXPECT_EQ(counts_.subscribed, 1u);
  EXPECT_EQ(counts_.market_data, 1u);
  EXPECT_EQ(counts_.updates, 2u);
  EXPECT_EQ(counts_.latency.percentile(1), 1'007); // 1000, to the end of its bucket
  EXPECT_EQ(counts_.statuses.at("ok"), 1u);
}

TEST_F(SwarmCheck, SeesGapsOfAConnection) {
  read(R"({"type":"HEARTBEAT","sequence":7})");
  read(R"({"type":"HEARTBEAT","sequence":8})");
  EXPECT_EQ(counts_.gaps, 0u);
  read(R"({"type":"HEARTBEAT","sequence":10})");
  read(R"({"type":"HEARTBEAT","sequence":10})");
  EXPECT_EQ(counts_.gaps, 2u);
}

TEST_F(SwarmCheck, SeesStreamsThatGoBackWithinAnEpoch) {
  const auto entry = [](const std::string& keys) {
    return R"({"type":"MARKET_DATA","symbols":[{"symbol":"A","exchange":"X",)" + keys + "}]}";
  };
  read(entry(R"("epoch":5,"sequence":9)"));
  read(entry(R"("epoch":5,"sequence":9)"));
  read(entry(R"("epoch":6,"sequence":1)"));
  EXPECT_EQ(counts_.went_back, 0u);
  read(R"({"type":"MARKET_DATA","symbols":[{"symbol":"A","exchange":"Y","epoch":6,"sequence":0}]})");
  EXPECT_EQ(counts_.went_back, 0u) << "another stream";
  read(entry(R"("epoch":6,"sequence":0)"));
  EXPECT_EQ(counts_.went_back, 1u);
}

TEST_F(SwarmCheck, CountsPassedOverValues) {
  const auto entry = [](const std::string& keys) {
    return R"({"type":"MARKET_DATA","symbols":[{"symbol":"A","exchange":"X",)" + keys + "}]}";
  };
  read(entry(R"("epoch":5,"sequence":9)"));
  read(entry(R"("epoch":5,"sequence":10)"));
  EXPECT_EQ(counts_.missed, 0u);
  read(entry(R"("epoch":5,"sequence":13)"));
  read(entry(R"("epoch":6,"sequence":70)"));
  EXPECT_EQ(counts_.missed, 2u);
}

TEST_F(SwarmCheck, SeesHolesOfLinesThatLeaveNothingOut) {
  const auto print = [](int sequence) {
    return R"({"type":"TRADE","symbols":[{"symbol":"A","stream":"X:A/TRADES","epoch":5,"sequence":)" +
           std::to_string(sequence) + R"(,"sentUs":999000}]})";
  };
  read(print(7));
  read(print(8));
  read(R"({"type":"GAP","v":1,"sequence":1,"stream":"X:A/TRADES","epoch":5,"from":9,"to":11,"reason":"slow"})");
  read(print(12));
  const auto delta = [](int before, int sequence) {
    return R"({"type":"BOOK_DELTA","symbols":[{"symbol":"A","bids":[],"stream":"X:A/BOOK","epoch":5,"sequence":)" +
           std::to_string(sequence) + R"(,"prevSequence":)" + std::to_string(before) + "}]}";
  };
  read(R"({"type":"SNAPSHOT","symbols":[{"symbol":"A","bids":[],"stream":"X:A/BOOK","epoch":5,"sequence":20}]})");
  read(delta(20, 25));
  read(delta(25, 26));
  EXPECT_TRUE(counts_.is_clean()) << testing::PrintToString(counts_.faults);
  EXPECT_EQ(counts_.changes, 5u);
  EXPECT_EQ(counts_.updates, 0u);
  EXPECT_EQ(counts_.latency.count(), 3u);
  read(delta(27, 28));
  read(print(14));
  EXPECT_EQ(counts_.holes, 2u);
  EXPECT_FALSE(counts_.is_clean());
}

TEST_F(SwarmCheck, SkimsCountsOfEntriesAndNumbersOfMessages) {
  const auto skim = [&](std::string text) {
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    check_.skim(text, client_, 1'000'000);
  };
  skim(R"({"type":"ACK","sequence":1,"results":[{"symbol":"A","exchange":"X","status":"ok"}]})");
  EXPECT_EQ(counts_.subscribed, 1u);
  skim(
    R"({"type":"MARKET_DATA","sequence":2,"symbols":[{"symbol":"A","sequence":9,"bids":[{"price":1}]},{"symbol":"B"}]})");
  EXPECT_EQ(counts_.updates, 2u);
  EXPECT_TRUE(counts_.is_clean()) << testing::PrintToString(counts_.faults);
  skim(R"({"type":"MARKET_DATA","sequence":4,"symbols":[{"symbol":"A"}]})");
  EXPECT_EQ(counts_.gaps, 1u);
  EXPECT_EQ(counts_.updates, 3u);
}

TEST(SwarmInflater, ReadsMessagesWithoutContextAndRefusesBrokenAndLargeOnes) {
  // "Hello" of RFC 7692, 7.2.3.1, and with no compression, 7.2.3.3.
  inflater all;
  EXPECT_EQ(all.whole({"\xf2\x48\xcd\xc9\xc9\x07\x00", 7}, 5), "Hello");
  EXPECT_EQ(all.whole({"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11}, 5), "Hello");
  EXPECT_EQ(all.whole({"\xf2\x48\xcd\xc9\xc9\x07\x00", 7}, 4), std::nullopt);
  EXPECT_EQ(all.whole({"\x07\x48\xcd", 3}, 100), std::nullopt);
}

TEST_F(SwarmCheck, CountsWhatShouldNotBe) {
  read(R"({"type":"ERROR","message":"m","code":4300})");
  read(R"({"type":"ACK","results":[{"symbol":"A","code":4306,"name":"INVALID_SYMBOL"}]})");
  read(R"({"type":"STREAM_STATUS","symbols":[{"symbol":"A","exchange":"X","status":"stale"}]})");
  for (const auto* text : {"", "[]", "{", R"({"type":1})", R"({"a":1})"}) read(text);
  EXPECT_EQ(counts_.errors.at(4300), 1u);
  EXPECT_EQ(counts_.refused.at(4306), 1u);
  EXPECT_EQ(counts_.statuses.at("stale"), 1u);
  EXPECT_EQ(counts_.unreadable, 5u);
  EXPECT_FALSE(counts_.is_clean());
}

TEST(Swarm, UrlsAreRead) {
  swarm_options to;
  ASSERT_TRUE(read_url("ws://127.0.0.1:8081/ws", to));
  EXPECT_EQ(to.address, "127.0.0.1");
  EXPECT_EQ(to.port, 8081);
  EXPECT_EQ(to.path, "/ws");
  ASSERT_TRUE(read_url("ws://127.0.0.1:1", to));
  EXPECT_EQ(to.path, "/");
  EXPECT_FALSE(to.is_tls);
  ASSERT_TRUE(read_url("wss://127.0.0.1:8443/ws", to));
  EXPECT_TRUE(to.is_tls);
  EXPECT_EQ(to.port, 8443);
  for (const auto* wrong : {"", "http://127.0.0.1:1/", "ws://127.0.0.1", "ws://127.0.0.1:0/", "ws://127.0.0.1:65536/",
                            "ws://127.0.0.1:/ws", "ws://127.0.0.1:8x/"})
    EXPECT_FALSE(read_url(wrong, to)) << wrong;
}

TEST(Swarm, TellsOfAServerThatIsNotThere) {
  swarm_options options;
  options.port = 1; // tcpmux, which nobody serves on loopback
  options.clients = 3;
  swarm all{options};
  while (all.counts().failed_handshakes[0] < 3) std::this_thread::yield();
  EXPECT_FALSE(all.counts().is_clean());
}

/// A server for one client after another, which says what a test has written down.
class script_server {
public:
  script_server() {
    at_.sin_family = AF_INET;
    at_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at_;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&at_), size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at_), &size) != 0)
      throw std::runtime_error("no port");
  }
  ~script_server() { ::close(listener_); }

  swarm_options options(size_t clients = 1) const {
    swarm_options made;
    made.port = ntohs(at_.sin_port);
    made.clients = clients;
    made.symbols = {"A"};
    return made;
  }

  /// Takes a client, shakes hands, waits for its first frame, says all that, and hangs up once `answer` bytes came
  /// back.
  void serve(std::string_view said, size_t answer = 0, std::string_view status = "101 Switching Protocols") {
    const int client = ::accept(listener_, nullptr, nullptr);
    std::string heard;
    read_until(client, heard, [&] { return heard.find("\r\n\r\n") != std::string::npos; });
    const std::string head = "HTTP/1.1 " + std::string{status} +
                             "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    // Byte by byte, so that every frame is seen incomplete.
    for (const char one : head + std::string{said}) ::send(client, &one, 1, MSG_NOSIGNAL);
    heard_ = heard.substr(heard.find("\r\n\r\n") + 4);
    read_until(client, heard_, [&] { return heard_.size() >= answer; });
    ::close(client);
  }
  const std::string& heard() const { return heard_; }

private:
  template <class Done>
  static void read_until(int from, std::string& to, Done done) {
    char bytes[4096];
    while (!done()) {
      const ssize_t got = ::recv(from, bytes, sizeof bytes, 0);
      if (got <= 0) return;
      to.append(bytes, static_cast<size_t>(got));
    }
  }

  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at_{};
  std::string heard_;
};

std::string frame(int first, std::string_view payload) {
  return std::string{static_cast<char>(first)} + static_cast<char>(payload.size()) + std::string{payload};
}

swarm_counts after_disconnect(const swarm& all) {
  swarm_counts now;
  while ((now = all.counts()).disconnects.empty()) std::this_thread::yield();
  return now;
}

TEST(Swarm, SubscribesAnswersPingsJoinsFragmentsAndTellsTheCloseCode) {
  script_server server;
  swarm all{server.options()};
  const std::string subscribe = R"({"frequency":100,"symbols":["A"],"type":"SUBSCRIBE"})";
  std::string asked, pong, close;
  append_frame(asked, opcode::text, subscribe, 0x37fa213d);
  append_frame(pong, opcode::pong, "hi", 0x37fa213d);
  append_frame(close, opcode::close,
               "\x10\x68"
               "bye",
               0x37fa213d);
  server.serve(frame(0x81, R"({"type":"ACK","results":[]})") + frame(0x01, R"({"type":)") + frame(0x89, "hi") +
                 frame(0x80, R"("HEARTBEAT","sequence":1})") +
                 frame(0x88, "\x10\x68"
                             "bye"),
               asked.size() + pong.size() + close.size());
  EXPECT_EQ(server.heard(), asked + pong + close);
  const auto now = after_disconnect(all);
  EXPECT_EQ(now.disconnects.at(4200), 1u);
  EXPECT_EQ(now.messages, 2u);
  EXPECT_EQ(now.numbered, 1u);
  EXPECT_EQ(now.pings, 1u);
  EXPECT_EQ(now.unreadable, 0u);
  EXPECT_EQ(now.open, 0u);
  EXPECT_EQ(now.subscribed, 0u);
}

TEST(Swarm, TellsWhatAServerMustNotDo) {
  script_server server;
  swarm all{server.options(4)};
  for (const std::string& said : {frame(0xc1, "x"), frame(0x80, "x"), frame(0x83, "x")})
    server.serve(said, SIZE_MAX); // until the client hangs up
  server.serve("");
  swarm_counts now;
  while ((now = all.counts()).disconnects[1002] + now.disconnects[1006] < 4) std::this_thread::yield();
  EXPECT_EQ(now.disconnects.at(1002), 3u);
  EXPECT_EQ(now.disconnects.at(1006), 1u);
}

TEST(Swarm, TellsTheStatusOfARefusedHandshake) {
  script_server server;
  swarm all{server.options()};
  server.serve("", 0, "403 Forbidden");
  swarm_counts now;
  while ((now = all.counts()).failed_handshakes.empty()) std::this_thread::yield();
  EXPECT_EQ(now.failed_handshakes.at(403), 1u);
}

} // namespace
} // namespace tickplant::load
