#include "support.hpp"
#include "tls_support.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <memory>

namespace tickplant::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using testing::HasSubstr;
using testing::StartsWith;

// Accepts again and again; answers each request with the same text, or keeps silent where there is none.
class http_server : public tcp_server {
public:
  http_server(asio::io_context& context, std::string reply) : tcp_server(context), reply_(std::move(reply)) {
    accept();
  }
  std::vector<std::string> requests;
  size_t open_now = 0, open_at_most = 0;

private:
  struct session {
    explicit session(tcp::socket s) : socket(std::move(s)) {}
    tcp::socket socket;
    std::string text;
  };
  void accept() {
    acceptor.async_accept([this](error_code ec, tcp::socket socket) {
      if (ec) return;
      serve(std::make_shared<session>(std::move(socket)));
      accept();
    });
  }
  void serve(std::shared_ptr<session> s) {
    open_at_most = std::max(open_at_most, ++open_now);
    asio::async_read_until(s->socket, asio::dynamic_buffer(s->text), "\r\n\r\n", [this, s](error_code ec, size_t) {
      if (ec) return;
      requests.push_back(s->text);
      if (reply_.empty()) return silent_.push_back(s);
      asio::async_write(s->socket, asio::buffer(reply_), [this, s](error_code, size_t) {
        --open_now;
        error_code ignored;
        s->socket.shutdown(tcp::socket::shutdown_send, ignored);
      });
    });
  }
  std::string reply_;
  std::vector<std::shared_ptr<session>> silent_;
};

class HttpGet : public lines_test {
protected:
  int32_t get(uint32_t id, const std::string& url, const std::function<void(tp_http_request&)>& change = {}) {
    tp_http_request request{};
    request.struct_size = sizeof request;
    request.id = id;
    request.url = to_tp_text(url);
    if (change) change(request);
    sink.is_inside_request = true;
    const auto code = lines->http_get(request);
    sink.is_inside_request = false;
    return code;
  }
  bool run_until_answers(size_t count) {
    return run_until([=, this] { return sink.answers.size() >= count; });
  }
};

TEST_F(HttpGet, BringsStatusHeadersAndBody) {
  start();
  http_server server{context(), "HTTP/1.1 200 OK\r\nX-MBX-Used-Weight-1M: 50\r\nContent-Length: 4\r\n\r\n{\"a\""};
  const tp_pair headers[] = {{to_tp_text("X-MBX-TIME-UNIT"), to_tp_text("MICROSECOND")}};
  ASSERT_EQ(get(7, server.address("http", "/api/v3/depth?symbol=BTCUSDT"),
                [&](tp_http_request& r) {
                  r.headers = headers;
                  r.header_count = 1;
                }),
            TP_OK);
  ASSERT_TRUE(run_until_answers(1));
  EXPECT_EQ(sink.answers[0].id, 7u);
  EXPECT_EQ(sink.answers[0].status, 200);
  EXPECT_EQ(sink.answers[0].body, "{\"a\"");
  EXPECT_EQ(sink.answers[0].header("x-mbx-used-weight-1m"), "50");
  EXPECT_THAT(server.requests[0], StartsWith("GET /api/v3/depth?symbol=BTCUSDT HTTP/1.1\r\n"));
  EXPECT_THAT(server.requests[0], HasSubstr("X-MBX-TIME-UNIT: MICROSECOND\r\n"));
  EXPECT_THAT(server.requests[0], HasSubstr("Host: 127.0.0.1:"));
  EXPECT_EQ(turns_seen, 1u);
}

TEST_F(HttpGet, BringsRefusalsWithTheirHeaders) {
  start();
  http_server server{context(), "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 2\r\n\r\n{}"};
  get(1, server.address("http", "/"));
  ASSERT_TRUE(run_until_answers(1));
  EXPECT_EQ(sink.answers[0].status, 429);
  EXPECT_EQ(sink.answers[0].header("retry-after"), "30");
}

TEST_F(HttpGet, FollowsNoRedirect) {
  start();
  http_server server{context(), "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"};
  get(1, server.address("http", "/"));
  ASSERT_TRUE(run_until_answers(1));
  EXPECT_EQ(sink.answers[0].status, 302);
  EXPECT_EQ(server.requests.size(), 1u);
}

TEST_F(HttpGet, ReadsChunkedBodiesAndSkipsInterimAnswers) {
  start();
  http_server server{context(),
                     "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"};
  get(1, server.address("http", "/"));
  ASSERT_TRUE(run_until_answers(1));
  EXPECT_EQ(sink.answers[0].status, 200);
  EXPECT_EQ(sink.answers[0].body, "abcde");
}

TEST_F(HttpGet, RefusesBodiesLargerThanAllowed) {
  start();
  http_server announced{context(), "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x')};
  http_server chunked{context(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'x') +
                                   "\r\n0\r\n\r\n"};
  http_server fitting{context(), "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x')};
  const auto limit = [](tp_http_request& r) { r.max_body = 100; };
  for (const auto* server : {&announced, &chunked, &fitting}) {
    sink.answers.clear();
    get(1, server->address("http", "/"), limit);
    ASSERT_TRUE(run_until_answers(1));
    EXPECT_EQ(sink.answers[0].status, server == &fitting ? 200 : int{TP_E_LIMIT});
  }
  EXPECT_TRUE(has_log("larger than max_body, 100 bytes"));
}

TEST_F(HttpGet, RefusesEndlessHeaders) {
  start();
  http_server server{context(), "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"};
  get(1, server.address("http", "/"));
  ASSERT_TRUE(run_until_answers(1));
  EXPECT_EQ(sink.answers[0].status, TP_E_LIMIT);
}

TEST_F(HttpGet, AnswersInTimeWhenTheServerDoesNot) {
  start();
  http_server server{context(), ""};
  get(1, server.address("http", "/slow?key=secret"), [](tp_http_request& r) { r.timeout_ns = 20'000'000; });
  ASSERT_TRUE(run_until_answers(1));
  EXPECT_EQ(sink.answers[0].status, TP_E_AGAIN);
  EXPECT_TRUE(has_log("waiting for the answer"));
  EXPECT_FALSE(has_log("secret"));
}

TEST_F(HttpGet, SaysDownWhenNobodyListensOrTheAnswerIsCutOrNoHttp) {
  start();
  tcp_server closed{context()};
  const auto address = closed.address("http", "/");
  closed.acceptor.close();
  http_server cut{context(), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"};
  http_server noise{context(), "220 mail.example.com ESMTP\r\n\r\n"};
  get(1, address);
  get(2, cut.address("http", "/"));
  get(3, noise.address("http", "/"));
  ASSERT_TRUE(run_until_answers(3));
  for (const auto& answer : sink.answers) EXPECT_EQ(answer.status, TP_E_DOWN) << answer.id;
}

TEST_F(HttpGet, RunsEightAtOnceAndQueuesSixtyFour) {
  start();
  http_server server{context(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  const auto url = server.address("http", "/");
  for (uint32_t id = 0; id < 72; ++id) ASSERT_EQ(get(id, url), TP_OK) << id;
  EXPECT_EQ(get(72, url), TP_E_LIMIT);
  ASSERT_TRUE(run_until_answers(72));
  EXPECT_LE(server.open_at_most, 8u);
  for (const auto& answer : sink.answers) EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(get(73, url), TP_OK);
  ASSERT_TRUE(run_until_answers(73));
}

TEST_F(HttpGet, WaitingRequestsTimeOutAsWell) {
  start();
  http_server server{context(), ""};
  const auto url = server.address("http", "/");
  for (uint32_t id = 0; id < 8; ++id) ASSERT_EQ(get(id, url), TP_OK);
  for (uint32_t id = 8; id < 20; ++id)
    ASSERT_EQ(get(id, url, [](tp_http_request& r) { r.timeout_ns = 20'000'000; }), TP_OK);
  ASSERT_TRUE(run_until_answers(12));
  for (const auto& answer : sink.answers) EXPECT_EQ(answer.status, TP_E_AGAIN);
  EXPECT_TRUE(has_log("waiting for its turn"));
}

TEST_F(HttpGet, RefusesWrongAddressesAtOnce) {
  start();
  EXPECT_EQ(get(1, "ws://127.0.0.1/"), TP_E_ARGUMENT);
  EXPECT_EQ(get(1, "https:/example.com"), TP_E_ARGUMENT);
  EXPECT_TRUE(has_log("request 1 not sent: address 'ws://127.0.0.1/'"));
  const tp_pair bad[] = {{to_tp_text("A B"), to_tp_text("c")}};
  EXPECT_EQ(get(1, "http://127.0.0.1/",
                [&](tp_http_request& r) {
                  r.headers = bad;
                  r.header_count = 1;
                }),
            TP_E_ARGUMENT);
}

TEST_F(HttpGet, ChecksCertificates) {
  const test_authority authority;
  start([&](venue_lines_options& o) { o.ca_file = authority.file(); });
  for (const std::string names : {"IP:127.0.0.1", "DNS:example.com"}) {
    sink.answers.clear();
    auto tls = authority.server_for(names);
    tcp_server server{context()};
    asio::ssl::stream<tcp::socket> peer{context(), tls};
    get(1, server.address("https", "/"));
    server.acceptor.accept(peer.next_layer());
    std::string text;
    const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    peer.async_handshake(asio::ssl::stream_base::server, [&](error_code fault) {
      if (fault) return;
      asio::async_read_until(peer, asio::dynamic_buffer(text), "\r\n\r\n", [&](error_code read_fault, size_t) {
        if (!read_fault) asio::write(peer, asio::buffer(reply));
      });
    });
    ASSERT_TRUE(run_until_answers(1));
    EXPECT_EQ(sink.answers[0].status, names == "IP:127.0.0.1" ? 200 : int{TP_E_DOWN});
    peer.next_layer().close();
    settle();
  }
}

} // namespace
} // namespace tickplant::net
