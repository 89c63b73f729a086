// Issue 5: one client that never reads costs at most 256 KiB, kernel buffers included, whatever it asks; and once it
// reads, no answer is missing (docs/operations.md, "Limits").
#include "support/control.hpp"
#include "support/http_client.hpp"
#include "support/metrics_page.hpp"
#include "support/plant.hpp"
#include "support/socket_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <iostream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tickplant::testing {
namespace {

using nlohmann::json;

constexpr size_t most = 256 * 1024, instruments = 1'024;
/// What OpenSSL has for an open connection, and a record each way, which it does not tell.
constexpr size_t of_openssl = (15 + 2 * 17) * 1'024;

struct cost {
  socket_memory kernel;
  size_t pending = 0, held = 0, tls = 0;
  size_t sum() const { return kernel.sum() + pending + held + tls; }
};

std::ostream& operator<<(std::ostream& to, const cost& of) {
  return to << of.sum() / 1'024 << " KiB: kernel " << of.kernel.to_send << " + " << of.kernel.received << " + "
            << of.kernel.backlog << ", server " << of.pending << " + " << of.held << ", TLS " << of.tls;
}

class NeverReads : public ::testing::TestWithParam<bool> {
protected:
  void SetUp() override {
    std::string safe;
    if (GetParam()) {
      const auto made =
        run_program("/usr/bin/env",
                    {"openssl", "req", "-x509", "-days", "2", "-subj", "/CN=test.example", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("key.pem"), "-out", path("certificate.pem")});
      ASSERT_EQ(made.code, 0) << made.output;
      safe = ", tls: {certificate: \"" + path("certificate.pem") + "\", key: \"" + path("key.pem") + "\"}";
    }
    at_.start_server_from(at_.folder().write(
      "deaf.yaml", "venues:\n  synthetic:\n    plugin: synthetic\n    required: true\n    instruments: 1024\n"
                   "    hz: 4\n"
                   "listeners:\n  - {name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}\n"
                   "  - {name: other, bind: \"127.0.0.1:0\", routes: {/ws: hft}" +
                     safe +
                     "}\n"
                     "admin: {bind: \"127.0.0.1:0\"}\ndialects: {hft: {messages: 0, requests: 0}}\n"
                     "limits: {stall: 5m, ping_interval: 10m}\nloops: {network: 1}\n"));
    at_.wait_ready();
    port_ = listener_port(at_.server(), "other");
    admin_ = admin_port(at_.server());
    ASSERT_NE(port_, 0) << at_.story();
    ASSERT_NE(admin_, 0) << at_.story();
    reader_ = connect(at_);
    reader_->send(subscribe({"SYNTHETIC:*"}, {{"dataTypes", {"QUOTES"}}, {"frequency", 0}}));
    ASSERT_TRUE(reader_->wait_for_type("MARKET_DATA")) << at_.story();
  }
  std::string path(const std::string& name) const { return (at_.folder().path() / name).string(); }

  static std::vector<std::string> names() {
    std::vector<std::string> all;
    for (size_t i = 0; i < instruments; ++i) {
      const auto digits = std::to_string(i);
      all.push_back("SYNTHETIC:S" + std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits);
    }
    return all;
  }
  /// One that has said HELLO and reads nothing behind the answer.
  std::unique_ptr<ws_client> deaf() const {
    connect_options how{"/ws", small_buffer};
    how.has_tls = GetParam();
    auto client = std::make_unique<ws_client>(port_, how);
    client->send({{"type", "HELLO"}});
    if (!client->wait_for_type("WELCOME")) throw std::runtime_error("no WELCOME");
    client->pause_reading();
    return client;
  }
  cost cost_of(uint16_t peer) const {
    cost found;
    found.kernel = memory_of(port_, peer);
    found.tls = GetParam() ? of_openssl : 0;
    const auto clients = json::parse(http_get(admin_, "/admin/clients").body).at("clients");
    for (const auto& row : clients) {
      if (row.at("peer") != "127.0.0.1:" + std::to_string(peer)) continue;
      found.pending = row.at("pending_bytes");
      found.held = row.at("held_bytes");
    }
    return found;
  }
  /// The most that it costs while data goes by.
  cost watch(uint16_t peer, const std::string& what) {
    cost found;
    for (int i = 0; i < 30; ++i) {
      EXPECT_TRUE(read_bytes(*reader_, 64u << 10)) << at_.story();
      if (const auto now = cost_of(peer); now.sum() >= found.sum()) found = now;
    }
    std::cout << (GetParam() ? "TLS, " : "plain, ") << what << ": " << found << '\n';
    RecordProperty(what, static_cast<int>(found.sum()));
    EXPECT_GT(found.pending, 0u) << "or this test proves nothing";
    EXPECT_LE(found.sum(), most) << what << ": " << found << '\n' << at_.story();
    return found;
  }
  /// All that were asked, answered in this order.
  void expect_answers(ws_client& client, const std::vector<std::string>& ids) {
    client.resume_reading();
    for (const auto& id : ids)
      ASSERT_TRUE(client.wait_for([&](const json& one) { return one.value("requestId", json{}) == id; }))
        << id << " has no answer\n"
        << at_.story();
    client.send({{"type", "PING"}, {"pingId", 17}});
    EXPECT_TRUE(client.wait_for_type("PONG")) << "it was closed\n" << at_.story();
  }

  plant at_;
  uint16_t port_ = 0, admin_ = 0;
  std::unique_ptr<ws_client> reader_;
};

json long_subscribe(const std::vector<std::string>& names, const std::string& id) {
  return subscribe(names,
                   {{"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}}, {"frequency", 0}, {"depth", 50}, {"id", id}});
}

TEST_P(NeverReads, OneLongQuestion) {
  const auto client = deaf();
  client->send(long_subscribe(names(), "one"));
  watch(client->local_port(), "subscribe");
  expect_answers(*client, {"one"});
}

// Every kind of question whose answer is long, again and again, in one go.
TEST_P(NeverReads, AllLongQuestionsAtOnce) {
  const auto client = deaf();
  const auto all = names();
  std::vector<std::string> ids;
  for (int round = 0; round < 5; ++round) {
    json places = json::array();
    for (const auto& name : all)
      for (const auto* line : {"/TRADES", "/BOOK"})
        if (places.size() < instruments) places.push_back({{"stream", name + line}, {"epoch", 1}, {"sequence", 1}});
    for (json question : std::vector<json>{
           long_subscribe(all, ""),
           {{"type", "LIST"}},
           {{"type", "PAUSE"}, {"paused", false}},
           {{"type", "UPDATE_SUBSCRIPTION"}, {"symbols", all}, {"frequency", 0}},
           {{"type", "SNAPSHOT"}, {"symbols", all}, {"dataTypes", {"ORDER_BOOK"}}, {"depth", 50}},
           {{"type", "RESUME"}, {"streams", places}},
           {{"type", "UNSUBSCRIBE"}, {"symbols", all}},
         }) {
      ids.push_back(question["type"].get<std::string>() + std::to_string(round));
      question["id"] = ids.back();
      client->send(question);
    }
  }
  watch(client->local_port(), "everything");
  expect_answers(*client, ids);
}

TEST_P(NeverReads, NamesThatNobodyKnows) {
  const auto client = deaf();
  std::vector<std::string> unknown;
  uint64_t state = 88'172'645'463'325'252ull;
  for (size_t i = 0; i < instruments; ++i) {
    std::string name;
    while (name.size() < 50) {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      name += static_cast<char>('A' + state % 26);
    }
    unknown.push_back(name);
  }
  for (const auto* id : {"0", "1", "2"}) client->send(long_subscribe(unknown, id));
  client->send({{"type", "UNSUBSCRIBE"}, {"symbols", unknown}, {"id", "3"}});
  client->send({{"type", "UNSUBSCRIBE"}, {"symbols", unknown}, {"id", "4"}});
  watch(client->local_port(), "unknown names");
  expect_answers(*client, {"0", "1", "2", "3", "4"});
}

// It comes back to lines of which it has missed all that is kept: one long RESUMED and everything behind it.
TEST_P(NeverReads, AReturnToAThousandLines) {
  const auto first = connect(at_);
  first->send({{"type", "HELLO"}});
  first->send(subscribe({"SYNTHETIC:*"}, {{"dataTypes", {"TRADES", "ORDER_BOOK"}}, {"frequency", 0}}));
  std::map<std::string, json> places;
  ASSERT_TRUE(first->wait_for([&](const json& one) {
    if (one["type"] == "BOOK_DELTA" || one["type"] == "TRADE")
      for (const auto& entry : one["symbols"])
        places.emplace(entry["stream"],
                       json{{"stream", entry["stream"]}, {"epoch", entry["epoch"]}, {"sequence", entry["sequence"]}});
    return places.size() >= 900;
  }))
    << at_.story();
  json wanted = json::array();
  for (const auto& [stream, place] : places)
    if (wanted.size() < 700) wanted.push_back(place); // a message has at most 64 KiB
  ASSERT_TRUE(read_bytes(*first, 4u << 20)) << at_.story();
  const auto client = deaf();
  client->send({{"type", "RESUME"}, {"streams", wanted}, {"frequency", 0}, {"id", "back"}});
  watch(client->local_port(), "resume");
  client->resume_reading();
  size_t resumed = 0;
  EXPECT_TRUE(client->wait_for([&](const json& one) {
    if (one["type"] == "RESUMED" || one["type"] == "RESUME_FAILED") resumed += one["streams"].size();
    return resumed == wanted.size();
  }))
    << resumed << " of " << wanted.size();
}

INSTANTIATE_TEST_SUITE_P(Links, NeverReads, ::testing::Values(false, true),
                         [](const auto& one) { return one.param ? "tls" : "plain"; });

/// A request over a socket that reads nothing.
class deaf_request {
public:
  deaf_request(uint16_t port, const std::string& target) {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &small_buffer, sizeof small_buffer);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) return;
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&at), &size);
    own_ = ntohs(at.sin_port);
    const auto text = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (int i = 0; i < 4; ++i) (void)!::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  ~deaf_request() { ::close(descriptor_); }
  deaf_request(const deaf_request&) = delete;
  uint16_t own_port() const { return own_; }
  /// All that comes until the end of the first response.
  std::string read_response() const {
    std::string all;
    char block[65'536];
    size_t wanted = SIZE_MAX;
    while (all.size() < wanted) {
      const ssize_t got = ::recv(descriptor_, block, sizeof block, 0);
      if (got <= 0) return all;
      all.append(block, static_cast<size_t>(got));
      const size_t head = all.find("\r\n\r\n"), length = all.find("Content-Length: ");
      if (wanted == SIZE_MAX && head != std::string::npos && length < head)
        wanted = head + 4 + std::stoul(all.substr(length + 16));
    }
    all.resize(wanted);
    return all;
  }

private:
  int descriptor_ = -1;
  uint16_t own_ = 0;
};

class NeverReadsHttp : public NeverReads {};

TEST_P(NeverReadsHttp, APollOfAThousandSymbols) {
  std::string target = "/api/market/snapshot?symbols=";
  for (const auto& name : names()) target += name.substr(10) + ",";
  target.pop_back();
  const deaf_request client{port_, target};
  ASSERT_NE(client.own_port(), 0);
  cost found;
  for (int i = 0; i < 30; ++i) {
    EXPECT_TRUE(read_bytes(*reader_, 64u << 10)) << at_.story();
    cost now;
    now.kernel = memory_of(port_, client.own_port());
    now.pending =
      static_cast<size_t>(metrics_page{http_get(admin_, "/metrics").body}.sum("tickplant_client_outbox_bytes"));
    if (now.sum() >= found.sum()) found = now;
  }
  std::cout << "poll: " << found << '\n';
  EXPECT_GT(found.pending, 0u) << "or this test proves nothing";
  EXPECT_LE(found.sum(), most) << found;
  const auto response = client.read_response();
  const auto body = json::parse(response.substr(response.find("\r\n\r\n") + 4));
  EXPECT_EQ(body["symbols"].size() + body.value("refused", json::array()).size(), instruments);
}

INSTANTIATE_TEST_SUITE_P(Links, NeverReadsHttp, ::testing::Values(false), [](const auto&) { return "plain"; });

} // namespace
} // namespace tickplant::testing
