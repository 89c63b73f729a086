#include "tickplant_sim/nasdaq/exchange.hpp"
#include "tickplant_sim/nasdaq/trading_day.hpp"

#include <boost/asio/buffer.hpp>
#include <gtest/gtest.h>

namespace tickplant::sim::nasdaq {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

/// Receives one line and checks its numbering.
struct line_receiver {
  explicit line_receiver(asio::io_context& io) : socket{io, {asio::ip::address_v4::loopback(), 0}} {
    socket.set_option(asio::socket_base::receive_buffer_size{1 << 20});
    receive();
  }
  void receive() {
    socket.async_receive(asio::buffer(packet), [this](boost::system::error_code error, std::size_t n) {
      if (error) return;
      take(n);
      receive();
    });
  }
  std::uint64_t number(std::size_t at, std::size_t bytes) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | packet[at + i];
    return value;
  }
  void take(std::size_t n) {
    ++packets;
    if (n < 20 || n > 1400) return void(++bad);
    const auto sequence = number(10, 8);
    const auto count = number(18, 2);
    if (count == 0xFFFF) {
      end_sequence = sequence;
      return;
    }
    if (sequence != next) ++gaps;
    std::size_t at = 20;
    for (std::uint64_t i = 0; i < count; ++i) at += 2 + number(at, 2);
    if (at != n) ++bad;
    next = sequence + count;
    if (on_packet) on_packet();
  }

  udp::socket socket;
  std::array<std::uint8_t, 2048> packet{};
  std::uint64_t packets = 0, gaps = 0, bad = 0, next = 1, end_sequence = 0;
  std::function<void()> on_packet;
};

exchange_options options_for(const line_receiver& a, const line_receiver& b) {
  exchange_options o;
  o.lines[0].to = a.socket.local_endpoint();
  o.lines[1].to = b.socket.local_endpoint();
  o.rerequest = {asio::ip::address_v4::loopback(), 0};
  o.session = "TEST000001";
  return o;
}

std::unique_ptr<trading_day> demo_day() {
  trading_day_options day;
  day.flow.symbols = demo_symbols();
  day.open_after_s = 0.1;
  return std::make_unique<trading_day>(day);
}

TEST(Exchange, SendsBothLinesWithoutGapsAndEndsTheSession) {
  asio::io_context io;
  line_receiver a{io}, b{io};
  exchange nasdaq{io, options_for(a, b), demo_day()};
  bool stopping = false;
  a.on_packet = [&] {
    if (a.next < 2'000 || std::exchange(stopping, true)) return;
    nasdaq.stop([&] {
      a.socket.close();
      b.socket.close();
    });
  };
  nasdaq.start();
  io.run();
  EXPECT_EQ(a.gaps + b.gaps, 0u);
  EXPECT_EQ(a.bad + b.bad, 0u);
  EXPECT_EQ(a.end_sequence, a.next);
  EXPECT_EQ(b.end_sequence, a.next);
  const auto summary = nasdaq.summary();
  EXPECT_EQ(summary["messages"], a.next - 1);
  EXPECT_EQ(summary["lines"]["b"]["packets"], b.packets);
  EXPECT_GT(summary["messages_by_type"]["A"], 500);
}

TEST(Exchange, LosesPacketsOnTheLineThatIsTold) {
  asio::io_context io;
  line_receiver a{io}, b{io};
  auto options = options_for(a, b);
  options.lines[1].faults.loss = 0.3;
  exchange nasdaq{io, options, demo_day()};
  bool stopping = false;
  a.on_packet = [&] {
    if (a.next < 2'000 || std::exchange(stopping, true)) return;
    nasdaq.stop([&] {
      a.socket.close();
      b.socket.close();
    });
  };
  nasdaq.start();
  io.run();
  EXPECT_EQ(a.gaps, 0u);
  EXPECT_GT(b.gaps, 0u);
  EXPECT_GT(nasdaq.summary()["lines"]["b"]["lost"], 0);
}

TEST(Exchange, SaysWhereItsServicesAre) {
  asio::io_context io;
  line_receiver a{io}, b{io};
  const exchange nasdaq{io, options_for(a, b), demo_day()};
  const auto line = nasdaq.ready_line();
  EXPECT_EQ(line["service"], "nasdaq");
  EXPECT_EQ(line["a"], "udp://127.0.0.1:" + std::to_string(a.socket.local_endpoint().port()));
  EXPECT_NE(line["rerequest"], "udp://127.0.0.1:0");
  EXPECT_EQ(line["session"], "TEST000001");
}

} // namespace
} // namespace tickplant::sim::nasdaq
