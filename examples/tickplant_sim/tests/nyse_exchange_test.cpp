#include "tickplant_sim/nyse/exchange.hpp"
#include "xdp_book_checker.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace tickplant::sim::nyse {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using namespace std::chrono_literals;

/// One line's receiver.
struct line_receiver {
  line_receiver(asio::io_context& io, std::function<void(std::span<const std::uint8_t>)> take)
    : socket{io, {asio::ip::address_v4::loopback(), 0}}, take_{std::move(take)} {
    socket.set_option(asio::socket_base::receive_buffer_size{1 << 20});
    receive();
  }
  void receive() {
    socket.async_receive(asio::buffer(packet), [this](boost::system::error_code error, std::size_t n) {
      if (error) return;
      take_(std::span{packet}.first(n));
      receive();
    });
  }
  udp::socket socket;
  std::array<std::uint8_t, 2048> packet{};
  std::function<void(std::span<const std::uint8_t>)> take_;
};

/// An exchange with receivers on all its lines; `on_line_a` is called after each packet of line A.
struct NyseExchange : testing::Test {
  exchange_options options() {
    exchange_options o;
    o.lines[0].to = a.socket.local_endpoint();
    o.lines[1].to = b.socket.local_endpoint();
    o.retransmission.to = retransmission.socket.local_endpoint();
    o.refresh.to = refresh.socket.local_endpoint();
    o.server.listen = {asio::ip::address_v4::loopback(), 0};
    o.day.market.stocks = demo_stocks();
    o.day.market.flow.live_orders_per_symbol = 60;
    o.day.open_after_s = 0.1;
    return o;
  }
  void open(const exchange_options& o) {
    nyse.emplace(context, o);
    nyse->start();
  }
  void connect() {
    const auto address = nyse->ready_lines().at(0)["request"].get<std::string>();
    const auto port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
    client.emplace(io);
    client->connect({asio::ip::address_v4::loopback(), port});
  }
  void ask(std::uint16_t type, std::initializer_list<std::uint32_t> numbers, bool method = false) {
    message_buffer m{0, 0, static_cast<std::uint8_t>(type), 0};
    for (const auto value : numbers)
      for (int i = 0; i < 4; ++i) m.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    const std::string source{"TICKPLANT\0", 10};
    m.insert(m.end(), source.begin(), source.end());
    m.push_back(product_id);
    m.push_back(channel_id);
    if (method) m.push_back(0);
    m[0] = static_cast<std::uint8_t>(m.size());
    xdp_packet packet;
    packet.begin(delivery::original, 1);
    packet.add(m);
    const auto bytes = packet.bytes(0);
    asio::write(*client, asio::buffer(bytes.data(), bytes.size()));
  }
  void stop() {
    nyse->stop([this] { io.stop(); });
  }
  /// Every book that was put together from the lines is the exchange's own.
  void expect_true_books(const std::map<std::uint32_t, xdp_book_checker::symbol>& symbols) {
    std::size_t compared = 0;
    for (const auto& [index, s] : symbols) {
      const auto truth = nyse->truth(s.name, 100'000);
      EXPECT_EQ(truth.has_value(), s.type != 'T') << s.name;
      if (!truth) continue;
      for (const char side : {'B', 'S'}) {
        const auto levels = xdp_book_checker::levels(s, side);
        const auto& told = side == 'B' ? truth->bids : truth->asks;
        ASSERT_EQ(told.size(), levels.size()) << s.name;
        for (const auto& level : told) {
          const auto cents = std::llround(std::stod(level.price) * 100);
          ASSERT_TRUE(levels.contains(cents)) << s.name << ' ' << level.price;
          EXPECT_EQ(std::to_string(levels.at(cents)), level.size);
        }
      }
      ++compared;
    }
    EXPECT_EQ(compared, nyse->symbols().size());
  }

  run_state state;
  std::vector<std::shared_ptr<void>> beyond_loop;
  asio::io_context io;
  exchange_context context{io, state, [](const std::string&) {}, beyond_loop};
  xdp_book_checker checker, checker_b;
  std::function<void()> on_line_a, on_refresh, on_retransmission;
  line_receiver a{io, [this](std::span<const std::uint8_t> p) {
                    checker.take(p);
                    if (on_line_a) on_line_a();
                  }};
  line_receiver b{io, [this](std::span<const std::uint8_t> p) { checker_b.take(p); }};
  line_receiver retransmission{io, [this](std::span<const std::uint8_t> p) {
                                 checker.take_retransmission(p);
                                 if (on_retransmission) on_retransmission();
                               }};
  line_receiver refresh{io, [this](std::span<const std::uint8_t> p) {
                          checker.take_refresh(p);
                          if (on_refresh) on_refresh();
                        }};
  std::optional<asio::ip::tcp::socket> client;
  std::optional<exchange> nyse;
};

TEST_F(NyseExchange, SendsBothLinesAlikeFromTheResetOn) {
  bool stopping = false;
  on_line_a = [&] {
    if (checker.next > 4'000 && !std::exchange(stopping, true)) stop();
  };
  open(options());
  io.run();
  for (const auto* one : {&checker, &checker_b}) {
    EXPECT_EQ(one->gaps + one->malformed + one->orphans + one->sequence_jumps, 0u);
    EXPECT_EQ(one->resets, 1u);
  }
  EXPECT_EQ(checker.next, checker_b.next);
  const auto summary = nyse->summary();
  EXPECT_EQ(summary["messages"].get<std::uint64_t>() + 1, checker.next);
  EXPECT_GT(summary["messages_by_type"]["100"], 500);
}

TEST_F(NyseExchange, RefreshesAllSymbolsToTheTrueBooks) {
  bool asked = false, counted = false;
  on_line_a = [&] {
    if (checker.next > 3'000 && !std::exchange(asked, true)) {
      state.frozen = true;
      connect();
      ask(15, {0});
    }
  };
  on_refresh = [&] {
    if (checker.complete.size() < demo_stocks().size() || std::exchange(counted, true)) return;
    expect_true_books(checker.refreshed);
    expect_true_books(checker.symbols);
    for (const auto& [index, last] : checker.refreshed_at) EXPECT_EQ(last + 1, checker.next);
    for (const auto& [index, s] : checker.refreshed) EXPECT_EQ(s.sequence, checker.symbols[index].sequence);
    io.stop();
  };
  open(options());
  io.run();
  EXPECT_TRUE(counted);
  EXPECT_EQ(checker.malformed, 0u);
  EXPECT_GE(checker.refresh_flags[18], 1u);
  EXPECT_GE(checker.refresh_flags[19], 14u);
  EXPECT_GE(checker.refresh_flags[20], 1u);
}

TEST_F(NyseExchange, RetransmitsWhatItHasAndNamesWhatItHasNot) {
  bool asked = false;
  std::uint32_t last = 0;
  on_line_a = [&] {
    if (checker.next > 3'000 && !std::exchange(asked, true)) {
      state.frozen = true;
      last = checker.next - 1;
      connect();
      ask(10, {101, 900});
      ask(10, {7, 7});
      ask(10, {last, last + 50});
    }
  };
  on_retransmission = [&] {
    if (checker.retransmitted.size() == 802 && !checker.unavailable.empty()) io.stop();
  };
  open(options());
  io.run();
  EXPECT_EQ(checker.retransmitted.begin()->first, 7u);
  EXPECT_TRUE(checker.retransmitted.contains(101) && checker.retransmitted.contains(900));
  EXPECT_EQ(checker.unavailable.at(0), (std::pair{last + 1, last + 50}));
  EXPECT_GE(checker.retransmission_flags[15], 10u);
  EXPECT_EQ(checker.retransmission_flags[13], 2u);
  EXPECT_EQ(checker.retransmission_flags[21], 1u);
}

TEST_F(NyseExchange, MapsSymbolsOnRequest) {
  bool asked = false;
  on_line_a = [&] {
    if (std::exchange(asked, true)) return;
    connect();
    ask(13, {0}, true);
    ask(13, {4001}, true);
  };
  on_refresh = [&] {
    if (checker.refresh_flags[17] > 0 && checker.refresh_flags[20] > 0) io.stop();
  };
  open(options());
  io.run();
  EXPECT_EQ(checker.refreshed.size(), demo_stocks().size());
  EXPECT_EQ(checker.refreshed.at(4001).name, "BRK.A");
  EXPECT_EQ(checker.refreshed.at(4001).scale, 3);
}

TEST_F(NyseExchange, RestartsItsNumbersByTurnsWithAndWithoutItsBooks) {
  auto o = options();
  o.channel_faults.reset_every = 300ms;
  bool frozen = false;
  on_line_a = [&] {
    // Three resets: the start, a failover, a cold one; some time into the last the books are compared.
    if (checker.resets < 3 || checker.next < 800 || std::exchange(frozen, true)) return;
    state.frozen = true;
  };
  std::uint64_t beats = 0;
  on_retransmission = [&] {
    // Its heartbeats come each second: by the second one, everything sent before has arrived.
    if (frozen && ++beats == 2) io.stop();
  };
  open(o);
  io.run();
  EXPECT_EQ(checker.gaps + checker.malformed + checker.orphans + checker.sequence_jumps, 0u);
  EXPECT_GE(checker.by_flag[10], 3u);
  EXPECT_GE(checker.by_flag[12], 6u);
  EXPECT_GT(checker.by_type[106], 500u);
  expect_true_books(checker.symbols);
  const auto summary = nyse->summary();
  EXPECT_EQ(summary["failovers"].get<int>() + summary["cold_starts"].get<int>(), checker.resets);
}

TEST_F(NyseExchange, HasTheFaultsItIsToldAndCountsThem) {
  auto o = options();
  o.lines[0].faults.loss = 0.2;
  o.channel_faults.unknown = 0.3;
  bool stopping = false;
  on_line_a = [&] {
    if (checker.next > 4'000 && !std::exchange(stopping, true)) stop();
  };
  open(o);
  io.run();
  EXPECT_GT(checker.gaps, 50u);
  EXPECT_EQ(checker_b.gaps, 0u);
  EXPECT_EQ(checker_b.malformed, 0u);
  const auto summary = nyse->summary();
  EXPECT_EQ(summary["channel"]["unknown"], checker_b.unknown);
  EXPECT_GT(summary["lines"]["a"]["lost"], 50);
}

} // namespace
} // namespace tickplant::sim::nyse
