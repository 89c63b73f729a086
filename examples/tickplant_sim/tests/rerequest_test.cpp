#include "tickplant_sim/nasdaq/rerequest_server.hpp"

#include <boost/asio/buffer.hpp>
#include <gtest/gtest.h>

namespace tickplant::sim {
namespace {

using nasdaq::request_outcome;
using bytes = std::vector<std::uint8_t>;

const auto session = nasdaq::make_session_name("SIM0000001");

bytes request(std::string_view name, std::uint64_t sequence, std::uint16_t count) {
  const auto padded = nasdaq::make_session_name(name);
  bytes out{padded.begin(), padded.end()};
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(sequence >> shift));
  out.push_back(static_cast<std::uint8_t>(count >> 8));
  out.push_back(static_cast<std::uint8_t>(count));
  return out;
}

struct Rerequest : testing::Test {
  Rerequest() {
    for (int i = 0; i < 500; ++i)
      store.append(bytes{0,  30, static_cast<std::uint8_t>(i),
                         1,  2,  3,
                         4,  5,  6,
                         7,  8,  9,
                         10, 11, 12,
                         13, 14, 15,
                         16, 17, 18,
                         19, 20, 21,
                         22, 23, 24,
                         25, 26, 27,
                         28, 29});
  }
  request_outcome ask(const bytes& text) { return nasdaq::answer_request(text, session, store, answer); }

  message_store store{1 << 20};
  nasdaq::mold_packet answer{session};
};

TEST_F(Rerequest, AnswersExactlyTheWantedRange) {
  ASSERT_EQ(ask(request("SIM0000001", 100, 3)), request_outcome::answered);
  EXPECT_EQ(answer.count(), 3);
  ASSERT_EQ(answer.bytes().size(), 20u + 3 * 32);
  EXPECT_EQ(answer.bytes()[17], 100);
  EXPECT_EQ(answer.bytes()[22], 99);
  EXPECT_EQ(answer.bytes()[20 + 2 * 32 + 2], 101);
}

TEST_F(Rerequest, ReturnsOnlyWhatFitsOneDatagram) {
  ASSERT_EQ(ask(request("SIM0000001", 1, 400)), request_outcome::answered);
  EXPECT_EQ(answer.count(), 43);
  EXPECT_LE(answer.bytes().size(), 1400u);
}

TEST_F(Rerequest, EndsAtTheLastMessageSent) {
  ASSERT_EQ(ask(request("SIM0000001", 499, 10)), request_outcome::answered);
  EXPECT_EQ(answer.count(), 2);
}

TEST_F(Rerequest, IsSilentForWhatItDoesNotHave) {
  EXPECT_EQ(ask(request("SIM0000001", 501, 1)), request_outcome::not_available);
  EXPECT_EQ(ask(request("SIM0000001", 0, 1)), request_outcome::not_available);
  EXPECT_EQ(ask(request("SIM0000001", 0xFFFFFFFFFFFFFFFF, 10)), request_outcome::not_available);
  EXPECT_EQ(ask(request("OTHER", 1, 1)), request_outcome::other_session);
}

TEST_F(Rerequest, RefusesMalformedRequests) {
  EXPECT_EQ(ask(request("SIM0000001", 1, 0)), request_outcome::malformed);
  EXPECT_EQ(ask(request("SIM0000001", 1, 0xFFFF)), request_outcome::malformed);
  EXPECT_EQ(ask({}), request_outcome::malformed);
  auto longer = request("SIM0000001", 1, 1);
  longer.push_back(0);
  EXPECT_EQ(ask(longer), request_outcome::malformed);
}

TEST_F(Rerequest, ServerAnswersTheSenderOnLoopback) {
  namespace asio = boost::asio;
  using asio::ip::udp;
  asio::io_context io;
  nasdaq::rerequest_server server{io, {asio::ip::address_v4::loopback(), 0}, session, store};
  server.start();
  const auto server_endpoint = server.endpoint();
  udp::socket client{io, {asio::ip::address_v4::loopback(), 0}};
  client.send_to(asio::buffer(bytes{1, 2, 3}), server.endpoint());
  client.send_to(asio::buffer(request("SIM0000001", 7, 2)), server.endpoint());
  std::array<std::uint8_t, 2000> reply{};
  udp::endpoint from;
  std::size_t received = 0;
  client.async_receive_from(asio::buffer(reply), from, [&](boost::system::error_code, std::size_t n) {
    received = n;
    server.stop();
  });
  io.run();
  ASSERT_EQ(received, 20u + 2 * 32);
  EXPECT_EQ(from, server_endpoint);
  EXPECT_EQ(reply[17], 7);
  EXPECT_EQ(server.counts().malformed, 1u);
  EXPECT_EQ(server.counts().answered, 1u);
  EXPECT_EQ(server.counts().messages, 2u);
}

} // namespace
} // namespace tickplant::sim
