#include "runtime/net/client/http_call.hpp"

#include "runtime/net/client/acceptor.hpp"
#include "runtime/net/client/client_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace tickplant::net {
namespace {

using ::testing::HasSubstr;

/// Tells what it was asked.
struct echo : client_events {
  http_response on_http(client_ref, const http_request& request) override {
    if (request.path == "/never") return http_response::later();
    auto out = http_response::text(request.path == "/teapot" ? 418 : 200,
                                   std::string{request.method} + " " + std::string{request.target} + " " +
                                     std::string{request.field("Host")} + " " +
                                     std::string{request.field("Authorization")} + " " + std::string{request.body});
    out.fields = {{"X-Answer", "42"}};
    return out;
  }
  upgrade_answer on_upgrade(client_ref, const upgrade_request&) override { return upgrade_answer::refuse(404, "no"); }
  void on_message(client_ref, const inbound_message&) override {}
  void on_drained(client_ref) override {}
  void on_closed(client_ref, const close_report&) override {}
};

class HttpCall : public ::testing::Test {
protected:
  HttpCall() {
    listener_settings settings;
    settings.methods = {"GET", "HEAD", "POST"};
    settings.body_limit = 100'000;
    set.set_listener(0, settings);
    serving = std::thread{[this] { loop.run(); }};
  }
  ~HttpCall() override {
    loop.stop();
    serving.join();
  }
  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(listener.port()) + std::string{path};
  }
  static std::string refusal(const std::function<void()>& calling) {
    try {
      calling();
    } catch (const std::runtime_error& fault) {
      return fault.what();
    }
    return "nothing was thrown";
  }

  event_loop loop;
  echo events;
  client_set set{loop, events};
  acceptor listener{loop, "127.0.0.1", 0,
                    [this](int descriptor, const peer_address& peer) { set.adopt(descriptor, peer, 0); }};
  std::thread serving;
};

TEST_F(HttpCall, AsksAndIsAnswered) {
  const auto host = "127.0.0.1:" + std::to_string(listener.port());
  const auto reply = call("GET", url("/a?b=c"), {}, {{"Authorization", "Bearer x"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "GET /a?b=c " + host + " Bearer x ");
  EXPECT_EQ(reply.field("x-answer"), "42");
  EXPECT_EQ(reply.field("none"), "");
  const std::string large(90'000, 'b');
  EXPECT_EQ(call("POST", url("/in"), large).body, "POST /in " + host + "  " + large);
  EXPECT_EQ(call("POST", url()).body, "POST / " + host + "  ");
  EXPECT_EQ(call("HEAD", url()).body, "");
  EXPECT_EQ(call("GET", "http://" + host + "?q").body, "GET /?q " + host + "  ");
  EXPECT_EQ(call("GET", "http://localhost:" + std::to_string(listener.port())).status, 200);
}

TEST_F(HttpCall, EveryStatusIsAReply) {
  EXPECT_EQ(call("GET", url("/teapot")).status, 418);
  EXPECT_EQ(call("DELETE", url()).status, 405);
  EXPECT_EQ(call("POST", url(), std::string(100'001, 'x')).status, 413);
}

TEST_F(HttpCall, SaysWhatIsWrongWithTheCall) {
  EXPECT_THAT(refusal([&] { call("GET", "https://x/"); }), HasSubstr("must begin with http://"));
  EXPECT_THAT(refusal([&] { call("GET", "http://x:99999/"); }), HasSubstr("port is not 1 to 65535"));
  EXPECT_THAT(refusal([&] { call("GET", "http://x:/"); }), HasSubstr("port is not 1 to 65535"));
  EXPECT_THAT(refusal([&] { call("GET", "http:///a"); }), HasSubstr("no host"));
  EXPECT_THAT(refusal([&] { call("GET", "http://[::1/a"); }), HasSubstr("bracket"));
  EXPECT_THAT(refusal([&] { call("GET", "http://u:p@x/"); }), HasSubstr("user names"));
  EXPECT_THAT(refusal([&] { call("GET", url("/a b")); }), HasSubstr("blanks"));
  EXPECT_THAT(refusal([&] { call("GET /", url()); }), HasSubstr("no method"));
  EXPECT_THAT(refusal([&] { call("GET", url(), {}, {{"A", "b\r\nC: d"}}); }), HasSubstr("breaks the line"));
}

TEST_F(HttpCall, NamesAddressAndCauseWhenNobodyAnswers) {
  uint16_t free_port = 0;
  {
    event_loop other;
    const acceptor gone{other, "127.0.0.1", 0, [](int descriptor, const peer_address&) { ::close(descriptor); }};
    free_port = gone.port();
  }
  const auto nobody = "http://127.0.0.1:" + std::to_string(free_port);
  EXPECT_THAT(refusal([&] { call("GET", nobody + "/x"); }), HasSubstr(nobody + ": connecting: Connection refused"));
  const auto silent = refusal([&] { call("GET", url("/never"), {}, {}, std::chrono::milliseconds{60}); });
  EXPECT_THAT(silent, HasSubstr("no answer within 60 ms (waiting for the answer)"));
}

TEST(HttpCallRaw, AnAnswerThatIsNoHttpIsAFault) {
  event_loop loop;
  const acceptor listener{loop, "127.0.0.1", 0, [](int descriptor, const peer_address&) {
                            (void)!::send(descriptor, "220 smtp\r\n\r\n", 12, MSG_NOSIGNAL);
                            ::close(descriptor);
                          }};
  std::thread serving{[&] { loop.run(); }};
  const auto url = "http://127.0.0.1:" + std::to_string(listener.port());
  EXPECT_THROW(call("GET", url), std::runtime_error);
  loop.stop();
  serving.join();
}

} // namespace
} // namespace tickplant::net
