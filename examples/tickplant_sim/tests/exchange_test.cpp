#include "tickplant_sim/nasdaq/exchange.hpp"
#include "tickplant_sim/nasdaq/trading_day.hpp"

#include <boost/asio/buffer.hpp>
#include <gtest/gtest.h>
#include <set>

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

/// What the simulator gives its exchanges.
struct surroundings {
  run_state state;
  std::vector<std::shared_ptr<void>> beyond_loop;
  asio::io_context io;
  exchange_context context{io, state, [](const std::string&) {}, beyond_loop};
};

std::unique_ptr<trading_day> demo_day() {
  trading_day_options day;
  day.flow.symbols = demo_symbols();
  day.open_after_s = 0.1;
  return std::make_unique<trading_day>(day);
}

TEST(Exchange, SendsBothLinesWithoutGapsAndEndsTheSession) {
  surroundings around;
  auto& io = around.io;
  line_receiver a{io}, b{io};
  exchange nasdaq{around.context, options_for(a, b), demo_day()};
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
  surroundings around;
  auto& io = around.io;
  line_receiver a{io}, b{io};
  auto options = options_for(a, b);
  options.lines[1].faults.loss = 0.3;
  exchange nasdaq{around.context, options, demo_day()};
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

TEST(Exchange, ChangesTheSessionAndBeginsTheDayAgain) {
  surroundings around;
  line_receiver a{around.io}, b{around.io};
  auto options = options_for(a, b);
  options.channel_faults.reset_every = std::chrono::milliseconds{150};
  exchange nasdaq{around.context, options, demo_day()};
  std::set<std::string> sessions;
  bool stopping = false;
  a.on_packet = [&] {
    sessions.emplace(a.packet.begin(), a.packet.begin() + 10);
    if (sessions.size() < 3 || a.next < 500 || std::exchange(stopping, true)) return;
    nasdaq.stop([&] {
      a.socket.close();
      b.socket.close();
    });
  };
  nasdaq.start();
  around.io.run();
  EXPECT_TRUE(sessions.contains("TEST000001"));
  // Each new session begins at number 1, which the receiver counts as a gap: no other gap is there.
  EXPECT_EQ(a.gaps, nasdaq.summary()["channel"]["resets"].get<std::uint64_t>());
  EXPECT_GE(a.gaps, 2u);
  EXPECT_EQ(a.bad, 0u);
}

TEST(Exchange, AddsUnknownMessagesThatAreNumbered) {
  surroundings around;
  line_receiver a{around.io}, b{around.io};
  auto options = options_for(a, b);
  options.channel_faults.unknown = 1;
  exchange nasdaq{around.context, options, demo_day()};
  std::uint64_t unknown = 0;
  bool stopping = false;
  a.on_packet = [&] {
    std::size_t at = 20;
    for (auto left = a.number(18, 2); left > 0; --left, at += 2 + a.number(at, 2))
      unknown += message_length(static_cast<char>(a.packet[at + 2])) == 0 ? 1 : 0;
    if (unknown < 20 || std::exchange(stopping, true)) return;
    nasdaq.stop([&] {
      a.socket.close();
      b.socket.close();
    });
  };
  nasdaq.start();
  around.io.run();
  EXPECT_EQ(a.gaps + a.bad, 0u);
  EXPECT_EQ(nasdaq.summary()["channel"]["unknown"], unknown);
}

TEST(Exchange, TellsTheTruthOfABookAndStandsStillWhenFrozen) {
  surroundings around;
  line_receiver a{around.io}, b{around.io};
  exchange nasdaq{around.context, options_for(a, b), demo_day()};
  std::optional<truth_book> frozen_truth;
  std::uint64_t heartbeats = 0;
  bool stopping = false;
  a.on_packet = [&] {
    if (a.next > 2'000 && !frozen_truth) {
      around.state.frozen = true;
      frozen_truth = nasdaq.truth("AAPL", 3);
    }
    if (!frozen_truth || a.number(18, 2) != 0 || ++heartbeats < 2 || std::exchange(stopping, true)) return;
    const auto later = nasdaq.truth("AAPL", 3);
    ASSERT_TRUE(later.has_value());
    EXPECT_EQ(to_json(*later), to_json(*frozen_truth));
    EXPECT_EQ(later->sequence + 1, a.next);
    nasdaq.stop([&] {
      a.socket.close();
      b.socket.close();
    });
  };
  nasdaq.start();
  around.io.run();
  ASSERT_TRUE(frozen_truth.has_value());
  ASSERT_EQ(frozen_truth->bids.size(), 3u);
  EXPECT_GT(frozen_truth->levels_bid, 3u);
  EXPECT_GT(std::stod(frozen_truth->bids[0].price), std::stod(frozen_truth->bids[1].price));
  EXPECT_LT(std::stod(frozen_truth->bids[0].price), std::stod(frozen_truth->asks[0].price));
  EXPECT_GE(frozen_truth->bids[0].orders, 1u);
  EXPECT_EQ(frozen_truth->state, "trading");
  EXPECT_FALSE(nasdaq.truth("NONE", 3).has_value());
  EXPECT_EQ(nasdaq.symbols().size(), 7u);
}

TEST(Exchange, SaysWhereItsServicesAre) {
  surroundings around;
  auto& io = around.io;
  line_receiver a{io}, b{io};
  const exchange nasdaq{around.context, options_for(a, b), demo_day()};
  const auto line = nasdaq.ready_lines().at(0);
  EXPECT_EQ(line["service"], "nasdaq");
  EXPECT_EQ(line["a"], "udp://127.0.0.1:" + std::to_string(a.socket.local_endpoint().port()));
  EXPECT_NE(line["rerequest"], "udp://127.0.0.1:0");
  EXPECT_EQ(line["session"], "TEST000001");
}

} // namespace
} // namespace tickplant::sim::nasdaq
