#include "tickplant_sim/binance/server.hpp"
#include "tickplant_sim/binance/synthetic_feed.hpp"
#include "tickplant_sim/binance/texts.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <gtest/gtest.h>
#include <set>
#include <thread>

namespace tickplant::sim::binance {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using nlohmann::json;

/// The server on a thread of its own; the test's clients block on theirs.
struct Server : testing::Test {
  void serve(server_options options = {}, feed_faults faults = {}) {
    options.listen = {asio::ip::address_v4::loopback(), 0};
    auto markets = demo_markets(1);
    feed_.emplace(io_, hub_, synthetic_feed_options{markets, 2000, options.which, faults});
    server_.emplace(io_, hub_, *feed_, options);
    at_ = server_->endpoint();
    feed_->start();
    server_->start();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  void TearDown() override {
    if (!thread_.joinable()) return;
    io_.stop();
    thread_.join();
  }

  stream_hub hub_;
  asio::io_context io_{1};
  std::optional<synthetic_feed> feed_;
  std::optional<server> server_;
  std::thread thread_;
  tcp::endpoint at_;
};

class ws_client {
public:
  ws_client(const tcp::endpoint& at, const std::string& target) : socket_{io_} {
    socket_.next_layer().connect(at);
    socket_.handshake("127.0.0.1", target);
  }
  void send(const std::string& text) { socket_.write(asio::buffer(text)); }
  json read() {
    beast::flat_buffer buffer;
    socket_.read(buffer);
    return json::parse(beast::buffers_to_string(buffer.data()));
  }
  /// The next answer to a request, skipping events.
  json answer() {
    while (true) {
      auto message = read();
      if (message.contains("id") || message.contains("code")) return message;
    }
  }
  /// Reads until the connection ends; the reason the server gave, or none.
  std::uint16_t read_to_end() {
    boost::system::error_code error;
    while (!error) {
      beast::flat_buffer buffer;
      socket_.read(buffer, error);
    }
    return socket_.reason().code;
  }
  websocket::stream<tcp::socket>& socket() { return socket_; }

private:
  asio::io_context io_;
  websocket::stream<tcp::socket> socket_;
};

http::response<http::string_body> get(const tcp::endpoint& at, const std::string& target) {
  asio::io_context io;
  tcp::socket socket{io};
  socket.connect(at);
  http::request<http::empty_body> request{http::verb::get, target, 11};
  request.set(http::field::host, "127.0.0.1");
  http::write(socket, request);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(socket, buffer, response);
  return response;
}

TEST_F(Server, AnswersControlMessagesAsDocumented) {
  serve();
  ws_client client{at_, "/ws"};
  client.send(R"({"method":"SUBSCRIBE","params":["btcusdt@bookTicker"],"id":1})");
  EXPECT_EQ(client.answer(), json::parse(R"({"result":null,"id":1})"));
  const auto event = client.read();
  EXPECT_EQ(event["s"], "BTCUSDT");
  EXPECT_FALSE(event.contains("stream"));
  client.send(R"({"method":"LIST_SUBSCRIPTIONS","id":2})");
  EXPECT_EQ(client.answer()["result"], json::parse(R"(["btcusdt@bookTicker"])"));
  client.send(R"({"method":"SET_PROPERTY","params":["combined",true],"id":3})");
  EXPECT_EQ(client.answer(), json::parse(R"({"result":null,"id":3})"));
  EXPECT_EQ(client.read()["stream"], "btcusdt@bookTicker");
  client.send("{nonsense");
  EXPECT_EQ(client.answer()["code"], 3);
}

TEST_F(Server, StreamsFromTheAddressAloneInCombinedForm) {
  serve();
  ws_client client{at_, "/stream?streams=btcusdt@trade/ethusdt@aggTrade/btcusdt@ticker"};
  std::set<std::string> seen;
  while (seen.size() < 3) {
    const auto event = client.read();
    seen.insert(event.at("stream").get<std::string>() + " " + event.at("data").at("e").get<std::string>());
  }
  EXPECT_EQ(seen,
            (std::set<std::string>{"btcusdt@ticker 24hrTicker", "btcusdt@trade trade", "ethusdt@aggTrade aggTrade"}));
}

TEST_F(Server, JoinsSnapshotAndDiffsToTheSameBookAsALaterSnapshot) {
  serve();
  ws_client client{at_, "/ws/btcusdt@depth@100ms"};
  std::vector<json> events{client.read()};
  const auto first = json::parse(get(at_, "/api/v3/depth?symbol=BTCUSDT&limit=5000").body());
  for (int i = 0; i < 5; ++i) events.push_back(client.read());
  const auto second = json::parse(get(at_, "/api/v3/depth?symbol=BTCUSDT&limit=5000").body());
  while (events.back()["u"] < second["lastUpdateId"]) events.push_back(client.read());

  std::map<std::string, std::string> bids;
  for (const auto& level : first["bids"]) bids[level[0]] = level[1];
  auto id = first["lastUpdateId"].get<std::uint64_t>();
  std::uint64_t previous = 0;
  for (const auto& event : events) {
    if (previous != 0) {
      ASSERT_EQ(event["U"], previous + 1);
    }
    previous = event["u"].get<std::uint64_t>();
    if (event["u"] <= id) continue;
    ASSERT_LE(event["U"], id + 1);
    id = event["u"].get<std::uint64_t>();
    for (const auto& level : event["b"])
      if (level[1] == "0.00000000")
        bids.erase(level[0]);
      else
        bids[level[0]] = level[1];
    // Both snapshots lie between diffs, so only levels that did not change after them can be compared.
    if (id < second["lastUpdateId"]) continue;
    std::map<std::string, std::string> expected;
    for (const auto& level : second["bids"]) expected[level[0]] = level[1];
    for (const auto& level : event["b"]) {
      expected.erase(level[0]);
      bids.erase(level[0]);
    }
    EXPECT_EQ(bids, expected);
    EXPECT_GT(bids.size(), 100u);
    return;
  }
  FAIL() << "no event reached the second snapshot";
}

TEST_F(Server, ServesRestWithTheWeightHeader) {
  server_options options;
  options.weight_limit = 60;
  serve(options);
  const auto info = get(at_, "/api/v3/exchangeInfo?symbol=BTCUSDT");
  EXPECT_EQ(info.result_int(), 200u);
  EXPECT_EQ(info["X-MBX-USED-WEIGHT-1M"], "20");
  EXPECT_EQ(get(at_, "/api/v3/depth?symbol=BTCUSDT&limit=10").result_int(), 200u);
  // The minute may turn between two requests, which empties the budget once.
  http::response<http::string_body> refused;
  for (int i = 0; i < 4 && refused.result_int() != 429; ++i)
    refused = get(at_, "/api/v3/depth?symbol=BTCUSDT&limit=1000");
  EXPECT_EQ(refused.result_int(), 429u);
  EXPECT_FALSE(refused[http::field::retry_after].empty());
}

TEST_F(Server, DisconnectsAClientThatSendsMoreThanFiveMessagesASecond) {
  serve();
  ws_client client{at_, "/ws"};
  for (int i = 0; i < 6; ++i) client.send(R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
  EXPECT_EQ(client.read_to_end(), websocket::close_code::policy_error);
}

TEST_F(Server, PingsAndAnnouncesTheEndOfAConnectionsLife) {
  server_options options;
  options.session.ping_interval = std::chrono::milliseconds{100};
  options.session.lifetime = std::chrono::milliseconds{500};
  serve(options);
  ws_client client{at_, "/stream"};
  int pings = 0;
  client.socket().control_callback(
    [&](websocket::frame_type kind, beast::string_view) { pings += kind == websocket::frame_type::ping ? 1 : 0; });
  const auto event = client.read();
  EXPECT_EQ(event["stream"], "!serverShutdown");
  EXPECT_EQ(event["data"]["e"], "serverShutdown");
  EXPECT_EQ(client.read_to_end(), websocket::close_code::going_away);
  EXPECT_GE(pings, 2);
}

TEST_F(Server, CutsConnectionsWithoutACloseFrameWhenTold) {
  server_options options;
  options.session.cut_after = std::chrono::milliseconds{100};
  serve(options);
  ws_client client{at_, "/ws/btcusdt@bookTicker"};
  EXPECT_EQ(client.read_to_end(), websocket::close_code::none);
}

TEST_F(Server, LeavesOutDiffsWhenTold) {
  feed_faults faults;
  faults.gap = 0.5;
  serve({}, faults);
  ws_client client{at_, "/ws/btcusdt@depth@100ms"};
  auto last = client.read()["u"].get<std::uint64_t>();
  bool gap = false;
  while (!gap) {
    const auto event = client.read();
    gap = event["U"].get<std::uint64_t>() > last + 1;
    last = event["u"].get<std::uint64_t>();
  }
  EXPECT_TRUE(gap);
}

TEST_F(Server, AnswersStaleSnapshotsFirstWhenTold) {
  feed_faults faults;
  faults.stale_snapshots = 1;
  serve({}, faults);
  ws_client client{at_, "/ws/btcusdt@depth@100ms"};
  const auto first_event = client.read();
  const auto stale = json::parse(get(at_, "/api/v3/depth?symbol=BTCUSDT").body());
  const auto fresh = json::parse(get(at_, "/api/v3/depth?symbol=BTCUSDT").body());
  EXPECT_LT(stale["lastUpdateId"].get<std::uint64_t>() + 1, first_event["U"].get<std::uint64_t>());
  EXPECT_GE(fresh["lastUpdateId"], first_event["u"]);
}

TEST_F(Server, ChainsDiffsOfFuturesByThePreviousIdAlone) {
  server_options options;
  options.which = product::usdm;
  serve(options);
  ws_client client{at_, "/public/stream?streams=btcusdt@depth@100ms"};
  std::uint64_t previous = 0;
  for (int i = 0; i < 4; ++i) {
    const auto event = client.read().at("data");
    if (previous != 0) {
      EXPECT_EQ(event["pu"], previous);
    }
    EXPECT_GT(event["U"].get<std::uint64_t>(), event["pu"].get<std::uint64_t>() + 1);
    EXPECT_TRUE(event.contains("T"));
    previous = event["u"].get<std::uint64_t>();
  }
  EXPECT_EQ(get(at_, "/api/v3/depth?symbol=BTCUSDT").result_int(), 404u) << "that is spot's";
  EXPECT_EQ(get(at_, "/fapi/v1/depth?symbol=BTCUSDT&limit=300").result_int(), 400u);
  const auto depth = json::parse(get(at_, "/fapi/v1/depth?symbol=BTCUSDT&limit=1000").body());
  EXPECT_GE(depth["lastUpdateId"], previous);
  const auto info = json::parse(get(at_, "/fapi/v1/exchangeInfo").body());
  EXPECT_EQ(info["symbols"][0]["contractType"], "PERPETUAL");
  EXPECT_EQ(info["rateLimits"][0]["limit"], 6000) << "as the server was told";
}

TEST_F(Server, EndsAConnectionInTheMiddleOfAMessageWhenTold) {
  server_options options;
  options.connection_faults.cut = 1;
  serve(options);
  ws_client client{at_, "/ws/btcusdt@bookTicker"};
  beast::flat_buffer buffer;
  boost::system::error_code error;
  client.socket().read(buffer, error);
  EXPECT_TRUE(error) << "no message is whole";
  EXPECT_EQ(client.socket().reason().code, websocket::close_code::none);
}

TEST_F(Server, MixesUnreadableAndUnknownMessagesInWhenTold) {
  server_options options;
  options.connection_faults.malformed = 0.5;
  options.connection_faults.unknown = 0.5;
  serve(options);
  ws_client client{at_, "/ws/btcusdt@bookTicker"};
  int bad = 0, unknown = 0, good = 0;
  for (int i = 0; i < 200 && (bad < 5 || unknown < 5 || good < 5); ++i) {
    beast::flat_buffer buffer;
    client.socket().read(buffer);
    const auto message = json::parse(beast::buffers_to_string(buffer.data()), nullptr, false);
    ++(message.is_discarded() ? bad : message.contains("e") ? unknown : good);
  }
  EXPECT_GE(bad, 5);
  EXPECT_GE(unknown, 5);
  EXPECT_GE(good, 5);
}

TEST_F(Server, RefusesRestInEveryWayOfTheVenueWhenTold) {
  server_options options;
  options.rest_faults.refuse = 1;
  options.ban = std::chrono::seconds{7};
  serve(options);
  std::set<std::string> ways;
  for (int i = 0; i < 200 && ways.size() < 5; ++i) {
    try {
      const auto answer = get(at_, "/api/v3/depth?symbol=BTCUSDT");
      std::string way = std::to_string(answer.result_int());
      if (answer.count(http::field::retry_after) > 0) way += " " + std::string(answer[http::field::retry_after]);
      if (answer.result_int() == 200) {
        EXPECT_FALSE(json::accept(answer.body()));
      }
      ways.insert(way);
    } catch (const boost::system::system_error&) {
      ways.insert("closed");
    }
  }
  EXPECT_EQ(ways, (std::set<std::string>{"200", "418 7", "429 1", "503", "closed"}));
}

TEST_F(Server, SendsHalfAnAnswerWhenTold) {
  server_options options;
  options.rest_faults.cut = 1;
  serve(options);
  EXPECT_THROW(get(at_, "/api/v3/depth?symbol=BTCUSDT"), boost::system::system_error);
}

TEST_F(Server, TakesSoManyConnectionsInFiveMinutesAndSoManyStreams) {
  server_options options;
  options.connects_limit = 2;
  options.session.most_streams = 2;
  serve(options);
  ws_client first{at_, "/ws"};
  EXPECT_THROW((ws_client{at_, "/ws/a@trade/b@trade/c@trade"}), boost::system::system_error);
  first.send(R"({"method":"SUBSCRIBE","params":["a@trade","b@trade","c@trade"],"id":1})");
  EXPECT_EQ(first.answer()["code"], 2);
  ws_client second{at_, "/ws"};
  EXPECT_THROW((ws_client{at_, "/ws"}), boost::system::system_error);
}

TEST_F(Server, GivesNoticeToAllConnectionsAtARestart) {
  server_options options;
  options.restart_every = std::chrono::milliseconds{200};
  serve(options);
  ws_client client{at_, "/ws"};
  EXPECT_EQ(client.read()["e"], "serverShutdown");
  EXPECT_EQ(client.read_to_end(), websocket::close_code::going_away);
}

TEST_F(Server, SendsDiffsTwiceAndLateWhenTold) {
  feed_faults faults;
  faults.duplicate = 0.3;
  faults.reorder = 0.3;
  serve({}, faults);
  ws_client client{at_, "/ws/btcusdt@depth@100ms"};
  auto last = client.read()["u"].get<std::uint64_t>();
  bool twice = false, late = false;
  for (int i = 0; i < 300 && (!twice || !late); ++i) {
    const auto id = client.read()["u"].get<std::uint64_t>();
    twice |= id == last;
    late |= id < last;
    last = id;
  }
  EXPECT_TRUE(twice && late);
}

TEST_F(Server, RefusesStreamAddressesItDoesNotHave) {
  serve();
  EXPECT_THROW((ws_client{at_, "/elsewhere"}), boost::system::system_error);
}

TEST_F(Server, GivesMicrosecondsWhenAsked) {
  serve();
  ws_client client{at_, "/ws/btcusdt@depth@100ms?timeUnit=MICROSECOND"};
  EXPECT_GT(client.read()["E"].get<std::uint64_t>(), 1'000'000'000'000'000u);
}

TEST_F(Server, TellsStreamClientsWhenItStops) {
  serve();
  ws_client client{at_, "/ws"};
  client.send(R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
  client.answer();
  asio::post(io_, [this] { server_->stop(); });
  EXPECT_EQ(client.read()["e"], "serverShutdown");
  EXPECT_EQ(client.read_to_end(), websocket::close_code::going_away);
}

} // namespace
} // namespace tickplant::sim::binance
