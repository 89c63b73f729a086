// tickplantctl against a server that says what the test wants, on loopback, and its exit codes.
#include "runtime/tools/ctl/run.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace tickplant::ctl;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

/// Takes one connection, keeps the request, says its piece and hangs up.
class one_answer {
public:
  explicit one_answer(std::string answer) : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&at), size);
    ::listen(listener_, 1);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~one_answer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string request; // read it after the reply is there

private:
  void serve() {
    const int peer = ::accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    char block[4'096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto got = ::recv(peer, block, sizeof block, 0);
      if (got <= 0) break;
      request.append(block, static_cast<size_t>(got));
    }
    ::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    if (answer_.empty()) ::recv(peer, block, sizeof block, 0); // silent until the other side gives up
    ::close(peer);
  }

  std::string answer_;
  int listener_;
  uint16_t port_ = 0;
  std::thread thread_;
};

std::string http(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Run : testing::Test {
  ctl_options options;
  std::ostringstream out, err;
  std::string request;

  int against(const std::string& answer, std::chrono::milliseconds timeout = std::chrono::seconds{30}) {
    int code = -1;
    one_answer server{answer};
    code = run(options, make_caller(server.address(), options.token, timeout), out, err);
    if (code != exit_unreachable) request = server.request;
    return code;
  }
};

TEST_F(Run, ShowsATable) {
  options.what = verb::plugins;
  options.token = "t0ken";
  EXPECT_EQ(against(http(200, R"({"plugins":[{"kind":"venue","name":"nasdaq"}]})")), exit_good);
  EXPECT_THAT(out.str(), HasSubstr("venue  nasdaq"));
  EXPECT_THAT(request, StartsWith("GET /admin/plugins HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Authorization: Bearer t0ken\r\n"));
}

TEST_F(Run, PassesJsonOnAsItCame) {
  options.as_json = true;
  options.what = verb::tree;
  options.limit = 7;
  EXPECT_EQ(against(http(200, "{\"id\": \"node\"}\n")), exit_good);
  EXPECT_EQ(out.str(), "{\"id\": \"node\"}\n");
  EXPECT_THAT(request, StartsWith("GET /admin/tree?limit=7 "));
}

TEST_F(Run, EncodesWhatGoesIntoAnAddress) {
  options.what = verb::log;
  options.name = "venue A&B";
  options.level = "debug";
  EXPECT_EQ(against(http(200, R"({"result":"applied"})")), exit_good);
  EXPECT_THAT(request, StartsWith("POST /admin/log?component=venue%20A%26B&level=debug "));
  EXPECT_EQ(out.str(), "applied\n");
}

TEST_F(Run, LeavesTheComponentOutForAll) {
  options.what = verb::log;
  options.name = "all";
  options.level = "info";
  EXPECT_EQ(against(http(200, R"({"result":"applied"})")), exit_good);
  EXPECT_THAT(request, StartsWith("POST /admin/log?level=info "));
}

TEST_F(Run, TellsNotReadyByItsCode) {
  EXPECT_EQ(against(http(200, R"({"ready":true})")), exit_good);
  EXPECT_EQ(against(http(200, R"({"ready":false,"why not":"starting"})")), exit_not_ready);
  options.as_json = true;
  EXPECT_EQ(against(http(200, R"({"ready":false})")), exit_not_ready);
}

TEST_F(Run, TellsWhyTheServerRefused) {
  options.what = verb::kill;
  options.name = "gateway/hub-0";
  EXPECT_EQ(against(http(403, R"({"error":"not allowed","what to do":"set admin.allow_kill"})")), exit_refused);
  EXPECT_EQ(err.str(), "tickplantctl: not allowed\nwhat to do: set admin.allow_kill\n");
  EXPECT_THAT(request, StartsWith("POST /admin/kill?actor=gateway%2Fhub-0 "));
  EXPECT_EQ(against(http(500, "oops")), exit_refused);
  options.as_json = true;
  EXPECT_EQ(against(http(403, R"({"error":"not allowed"})")), exit_refused);
  EXPECT_THAT(out.str(), HasSubstr("not allowed"));
}

TEST_F(Run, TellsPlanAndReasonOfARefusedReload) {
  options.what = verb::config_reload;
  options.is_dry_run = true;
  EXPECT_EQ(against(http(422, R"({"result":"refused","plan":"","error":"a.yaml:1:2: no"})")), exit_refused);
  EXPECT_THAT(err.str(), HasSubstr("a.yaml:1:2: no"));
  EXPECT_THAT(request, StartsWith("POST /admin/config/reload?dry_run=1 "));
}

TEST_F(Run, TellsWhoIsNotThere) {
  std::string address;
  {
    const one_answer gone{""};
    address = gone.address();
  }
  EXPECT_EQ(run(options, make_caller(address, {}, std::chrono::seconds{30}), out, err), exit_unreachable);
  EXPECT_THAT(err.str(), AllOf(HasSubstr(address), HasSubstr("is tickplantd running")));
}

TEST_F(Run, GivesUpOnBadServers) {
  EXPECT_EQ(against("SSH-2.0-x\r\n\r\n"), exit_unreachable);
  EXPECT_EQ(against("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"), exit_unreachable);
  EXPECT_EQ(against("", std::chrono::milliseconds{1}), exit_unreachable) << "in time";
  EXPECT_EQ(against(http(200, "<html>")), exit_refused);
}

TEST_F(Run, TakesAnAnswerWithoutALength) {
  EXPECT_EQ(against("HTTP/1.1 200 OK\r\n\r\n{\"ready\":true}"), exit_good);
}

TEST_F(Run, RefusesStrangeAddresses) {
  for (const auto* bad :
       {"", "127.0.0.1:9600", "https://127.0.0.1", "http://", "http://a/b", "http://u@h", "http://[::1"})
    EXPECT_THROW(make_caller(bad, {}, std::chrono::seconds{1}), std::invalid_argument) << bad;
  for (const auto* good : {"http://127.0.0.1:9600", "http://localhost:1/", "http://[::1]:9600", "http://h"})
    EXPECT_NO_THROW(make_caller(good, {}, std::chrono::seconds{1})) << good;
}

struct Files : Run {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("ctl-files-" + std::to_string(::getpid()));
  Files() { std::filesystem::create_directories(folder); }
  ~Files() override { std::filesystem::remove_all(folder); }
  int alone() {
    return run(
      options, [](auto, const auto&) -> http_reply { throw unreachable("nobody is to be asked"); }, out, err);
  }
};

TEST_F(Files, AreCheckedWithoutAServer) {
  options.what = verb::config_check;
  options.name = TP_SOURCE_DIR "/configs/demo.yaml";
  EXPECT_EQ(alone(), exit_good) << err.str();
  options.name = folder / "bad.yaml";
  std::ofstream{options.name} << "node: {nam: x}\n";
  EXPECT_EQ(alone(), exit_refused);
  EXPECT_THAT(err.str(), AllOf(HasSubstr("bad.yaml:1:8"), HasSubstr("did you mean 'name'")));
  options.as_json = true;
  out.str({});
  EXPECT_EQ(alone(), exit_refused);
  const auto shown = nlohmann::json::parse(out.str());
  EXPECT_EQ(shown["faults"][0]["path"], "node.nam");
}

TEST_F(Files, KeepKeys) {
  options.keys_file = folder / "keys";
  options.name = "desk-1";
  options.subject = "alice";
  options.tier = "gold";
  options.what = verb::keys_new;
  EXPECT_EQ(alone(), exit_good) << err.str();
  EXPECT_THAT(out.str(), StartsWith("tpk_desk-1_"));
  const auto secret = out.str().substr(11, 43);
  EXPECT_EQ(alone(), exit_refused) << "the id is taken";
  options.what = verb::keys_list;
  out.str({});
  EXPECT_EQ(alone(), exit_good);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("desk-1"), HasSubstr("alice"), HasSubstr("gold"), Not(HasSubstr(secret))));
  options.what = verb::keys_revoke;
  EXPECT_EQ(alone(), exit_good);
  EXPECT_EQ(alone(), exit_refused) << "it is gone";
}

} // namespace
