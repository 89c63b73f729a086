#include "tickplant_sim/nyse/request_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace tickplant::sim::nyse {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// A client's message: little-endian fields one after another.
struct client_message {
  explicit client_message(std::uint16_t type) { u(0, 2).u(type, 2); }
  client_message& u(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
  }
  client_message& source(std::string text) {
    text.resize(10, '\0');
    bytes.insert(bytes.end(), text.begin(), text.end());
    return *this;
  }
  message_buffer done() {
    bytes[0] = static_cast<std::uint8_t>(bytes.size());
    return bytes;
  }
  message_buffer bytes;
};

message_buffer retransmission(std::uint32_t begin, std::uint32_t end, const std::string& source = "TICKPLANT",
                              std::uint8_t product = 11, std::uint8_t channel = 1) {
  return client_message{10}.u(begin, 4).u(end, 4).source(source).u(product, 1).u(channel, 1).done();
}
message_buffer refresh(std::uint32_t symbol, const std::string& source = "TICKPLANT") {
  return client_message{15}.u(symbol, 4).source(source).u(11, 1).u(1, 1).done();
}
message_buffer heartbeat_response(const std::string& source = "TICKPLANT") {
  return client_message{12}.source(source).done();
}

char status_of(const desk_outcome& outcome) {
  return outcome.response.size() == 29 ? static_cast<char>(outcome.response[28]) : '?';
}

using kind = desk_outcome::kind;

TEST(RequestDesk, AcceptsWhatItCanServe) {
  request_desk desk{{}, {{}, 1}};
  const auto range = desk.handle(retransmission(5, 1'004), 77);
  EXPECT_EQ(range.action, kind::retransmit);
  EXPECT_EQ(range.begin, 5u);
  EXPECT_EQ(range.end, 1'004u);
  EXPECT_EQ(status_of(range), accepted);
  EXPECT_EQ(range.response[4], 77); // the request's number
  EXPECT_EQ(desk.handle(refresh(0), 1).action, kind::refresh);
  const auto mapping = desk.handle(client_message{13}.u(4001, 4).source("ME").u(11, 1).u(1, 1).u(0, 1).done(), 1);
  EXPECT_EQ(mapping.action, kind::mapping);
  EXPECT_EQ(mapping.symbol_index, 4001u);
  const auto beat = desk.handle(heartbeat_response(), 1);
  EXPECT_EQ(beat.action, kind::heartbeat);
  EXPECT_TRUE(beat.response.empty());
}

TEST(RequestDesk, RefusesWithTheStatusOfTheReason) {
  desk_options options;
  options.source_ids = {"TICKPLANT"};
  options.retransmissions_a_day = 2;
  options.refreshes_a_day = 1;
  request_desk desk{options, {{}, 1}};
  const auto refused = [&](const message_buffer& message) {
    const auto outcome = desk.handle(message, 1);
    EXPECT_EQ(outcome.action, kind::nothing);
    return status_of(outcome);
  };
  EXPECT_EQ(refused(retransmission(1, 2, "STRANGER")), bad_source);
  EXPECT_EQ(refused(retransmission(1, 2, std::string{"TICK\0X", 6})), bad_source);
  EXPECT_EQ(refused(retransmission(1, 1'001)), range_too_long);
  EXPECT_EQ(refused(retransmission(9, 8)), range_too_long);
  EXPECT_EQ(refused(retransmission(1, 2, "TICKPLANT", 12)), bad_product);
  EXPECT_EQ(refused(retransmission(1, 2, "TICKPLANT", 11, 2)), bad_channel);
  EXPECT_EQ(refused(client_message{99}.u(0, 4).done()), bad_type);
  EXPECT_EQ(refused(client_message{10}.u(1, 4).done()), bad_type);
  EXPECT_EQ(desk.handle(retransmission(1, 2), 1).action, kind::retransmit);
  EXPECT_EQ(desk.handle(retransmission(1, 2), 1).action, kind::retransmit);
  EXPECT_EQ(refused(retransmission(1, 2)), too_many_requests);
  EXPECT_EQ(desk.handle(refresh(0), 1).action, kind::refresh);
  EXPECT_EQ(refused(refresh(0)), too_many_refreshes);
  EXPECT_EQ(desk.counts().refused.at(too_many_requests), 1u);
}

TEST(RequestDesk, RefusesByChanceWithTooOldUnavailableOrSilence) {
  request_desk desk{{}, {{.refuse = 1}, 1}};
  std::map<std::string, int> seen;
  for (int i = 0; i < 100; ++i) {
    const auto range = desk.handle(retransmission(1, 2), 1);
    ++seen[range.action == kind::unavailable ? "unavailable" : std::string(1, status_of(range))];
    const auto picture = desk.handle(refresh(0), 1);
    EXPECT_EQ(picture.action, kind::nothing);
    EXPECT_EQ(status_of(picture), accepted);
  }
  EXPECT_EQ(seen.size(), 1u); // the refresh between takes every other turn
  for (int i = 0; i < 100; ++i) {
    const auto range = desk.handle(retransmission(1, 2), 1);
    ++seen[range.action == kind::unavailable ? "unavailable" : std::string(1, status_of(range))];
  }
  EXPECT_EQ(seen.size(), 2u);
}

/// A client on the loop of the server; remembers what comes.
struct loop_client {
  loop_client(asio::io_context& io, const tcp::endpoint& at) : socket{io} {
    socket.connect(at);
    read();
  }
  void read() {
    socket.async_read_some(asio::buffer(incoming), [this](boost::system::error_code error, std::size_t n) {
      received.insert(received.end(), incoming.begin(), incoming.begin() + static_cast<std::ptrdiff_t>(n));
      if (error) {
        closed = true;
        if (on_close) on_close();
        return;
      }
      if (on_bytes) on_bytes();
      read();
    });
  }
  void send(const message_buffer& message, std::uint32_t number = 1) {
    xdp_packet packet;
    packet.begin(delivery::original, number);
    packet.add(message);
    const auto bytes = packet.bytes(0);
    asio::write(socket, asio::buffer(bytes.data(), bytes.size()));
  }
  tcp::socket socket;
  std::array<std::uint8_t, 2048> incoming{};
  message_buffer received;
  bool closed = false;
  std::function<void()> on_bytes, on_close;
};

struct RequestServer : testing::Test {
  void serve(request_server_options options = {}, service_fault_rates rates = {}) {
    options.listen = {asio::ip::address_v4::loopback(), 0};
    desk.emplace(desk_options{}, service_faults{rates, 3});
    server.emplace(io, options, *desk, [this](const desk_outcome& outcome, std::chrono::milliseconds) {
      actions.push_back(outcome.action);
    });
    server->start();
  }
  asio::io_context io;
  std::optional<request_desk> desk;
  std::optional<request_server> server;
  std::vector<kind> actions;
};

TEST_F(RequestServer, AnswersInPacketsHoweverTheRequestIsCut) {
  serve();
  loop_client client{io, server->endpoint()};
  xdp_packet packet;
  packet.begin(delivery::original, 5);
  packet.add(retransmission(1, 2));
  packet.add(refresh(0));
  const auto whole = packet.bytes(0);
  std::size_t sent = 0;
  std::function<void()> send_next = [&] {
    asio::write(client.socket, asio::buffer(whole.data() + sent, 1));
    if (++sent < whole.size()) asio::post(io, send_next);
  };
  asio::post(io, send_next);
  client.on_bytes = [&] {
    if (client.received.size() == 2 * 45) io.stop();
  };
  io.run();
  ASSERT_EQ(client.received.size(), 2u * 45);
  EXPECT_EQ(client.received[0], 45);
  EXPECT_EQ(client.received[2], 11);
  EXPECT_EQ(client.received[16 + 2], 11); // request response
  EXPECT_EQ(client.received[16 + 4], 5);
  EXPECT_EQ(client.received[44], '0');
  EXPECT_EQ(actions, (std::vector{kind::retransmit, kind::refresh}));
}

TEST_F(RequestServer, DisconnectsAClientThatDoesNotAnswerItsHeartbeat) {
  request_server_options options;
  options.heartbeat_interval = std::chrono::milliseconds{20};
  options.answer_limit = std::chrono::milliseconds{60};
  serve(options);
  loop_client dumb{io, server->endpoint()}, polite{io, server->endpoint()};
  polite.send(heartbeat_response());
  polite.on_bytes = [&] {
    EXPECT_FALSE(polite.received.size() % 16);
    polite.send(heartbeat_response());
  };
  dumb.on_close = [&] { io.stop(); };
  io.run();
  EXPECT_EQ(dumb.received.size(), 16u);
  EXPECT_EQ(dumb.received[2], 1);
  EXPECT_EQ(dumb.received[3], 0);
  EXPECT_FALSE(polite.closed);
  EXPECT_EQ(server->counts().silent, 1u);
}

TEST_F(RequestServer, ClosesTheOlderConnectionOfAClient) {
  serve();
  loop_client older{io, server->endpoint()}, newer{io, server->endpoint()};
  older.send(refresh(0));
  older.on_bytes = [&] { newer.send(refresh(0)); };
  older.on_close = [&] { io.stop(); };
  io.run();
  EXPECT_EQ(server->counts().replaced, 1u);
  EXPECT_FALSE(newer.closed);
}

TEST_F(RequestServer, CutsAConnectionInTheMiddleOfAMessage) {
  serve({}, {.cut = 1});
  loop_client client{io, server->endpoint()};
  client.send(refresh(0));
  client.on_close = [&] { io.stop(); };
  io.run();
  EXPECT_GE(client.received.size(), 1u);
  EXPECT_LT(client.received.size(), 45u);
  EXPECT_EQ(desk->faults().counts().cut, 1u);
}

TEST_F(RequestServer, ClosesConnectionsThatSendNoPackets) {
  serve();
  loop_client client{io, server->endpoint()};
  const std::string nonsense(64, '\xFF');
  asio::write(client.socket, asio::buffer(nonsense));
  client.on_close = [&] { io.stop(); };
  io.run();
  EXPECT_EQ(server->counts().malformed, 1u);
}

} // namespace
} // namespace tickplant::sim::nyse
