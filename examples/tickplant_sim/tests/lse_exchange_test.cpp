#include "tickplant_sim/lse/exchange.hpp"
#include "tickplant_sim/lse/mitch_encoder.hpp"
#include "tickplant_sim/lse/unit.hpp"
#include "tickplant_sim/tests/lse_book_checker.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace tickplant::sim::lse {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using namespace std::chrono_literals;

/// Receives one line, checks its numbering and keeps its books.
struct line_receiver {
  line_receiver(asio::io_context& io, bool is_gtp)
    : socket{io, {asio::ip::address_v4::loopback(), 0}}, checker{is_gtp}, length_bytes{is_gtp ? 2u : 1u} {
    socket.set_option(asio::socket_base::receive_buffer_size{4 << 20});
    receive();
  }
  void receive() {
    socket.async_receive(asio::buffer(packet), [this](boost::system::error_code error, std::size_t n) {
      if (error) return;
      take(n);
      receive();
    });
  }
  void take(std::size_t n) {
    ++packets;
    const auto header = read_unit_header(std::span{packet}.first(n));
    if (!header || header->length != n || n > most_unit_bytes) return void(++bad);
    group = header->group;
    if (header->count == 0) {
      ++heartbeats;
      heartbeat_next = header->sequence;
    }
    if (header->sequence == 1 && next > 1 && header->count > 0) {
      ++restarts;
      orders_at_restarts.push_back(checker.orders().size());
      faults_at_restarts.push_back(checker.fault());
      checker = test::lse_book_checker{length_bytes == 2};
    } else if (header->sequence != next) {
      ++gaps;
    }
    std::size_t at = unit_header_bytes;
    for (std::uint32_t i = 0; i < header->count; ++i) {
      const std::size_t length = packet[at] + (length_bytes == 2 ? packet[at + 1] << 8 : 0);
      if (gaps == 0) checker.apply(std::span{packet}.subspan(at, length));
      at += length;
    }
    if (at != n) ++bad;
    next = header->sequence + header->count;
    if (on_packet) on_packet();
  }

  udp::socket socket;
  test::lse_book_checker checker;
  std::size_t length_bytes;
  std::array<std::uint8_t, 2048> packet{};
  std::uint64_t packets = 0, gaps = 0, bad = 0, heartbeats = 0, restarts = 0;
  std::uint32_t next = 1, heartbeat_next = 0;
  char group = ' ';
  std::vector<std::size_t> orders_at_restarts;
  std::vector<std::string> faults_at_restarts;
  std::function<void()> on_packet;
};

struct running_exchange {
  explicit running_exchange(protocol name, std::function<void(exchange_options&)> change = {})
    : a{io, name == protocol::gtp}, b{io, name == protocol::gtp} {
    options.name = name;
    options.lines[0].to = a.socket.local_endpoint();
    options.lines[1].to = b.socket.local_endpoint();
    options.replay = options.recovery = {asio::ip::address_v4::loopback(), 0};
    options.day.open_after_s = 0.1;
    options.day.level1_auctions = name == protocol::mitch;
    if (change) change(options);
    london.emplace(exchange_context{io, state, {}, beyond_loop}, options);
  }
  /// Runs until `enough` at a packet of line A, then ends the session.
  void run_until(std::function<bool()> enough) {
    a.on_packet = [this, enough = std::move(enough)] {
      if (!enough() || std::exchange(stopping, true)) return;
      stop();
    };
    london->start();
    io.run();
  }
  void stop() {
    london->stop([this] {
      a.socket.close();
      b.socket.close();
    });
  }

  asio::io_context io;
  run_state state;
  std::vector<std::shared_ptr<void>> beyond_loop;
  line_receiver a, b;
  exchange_options options;
  std::optional<exchange> london;
  bool stopping = false;
};

class LseExchange : public testing::TestWithParam<protocol> {};
INSTANTIATE_TEST_SUITE_P(Protocols, LseExchange, testing::Values(protocol::mitch, protocol::gtp));

TEST_P(LseExchange, SendsBothLinesWithoutGapsAndClosesTheDay) {
  running_exchange at{GetParam()};
  at.run_until([&] { return at.a.next > 3'000; });
  EXPECT_EQ(at.a.gaps + at.b.gaps + at.a.bad + at.b.bad, 0u);
  EXPECT_EQ(at.a.next, at.b.next);
  EXPECT_EQ(at.a.checker.fault(), "");
  EXPECT_EQ(at.a.checker.event(), 'C');
  EXPECT_TRUE(at.a.checker.orders().empty());
  EXPECT_GT(at.a.heartbeats, 0u);
  EXPECT_EQ(at.a.heartbeat_next, at.a.next);
  EXPECT_EQ(at.a.group, 'A');
  EXPECT_EQ(at.b.group, GetParam() == protocol::gtp ? 'a' : 'A');
  const auto summary = at.london->summary();
  EXPECT_EQ(summary["messages"], at.a.next - 1);
  EXPECT_EQ(summary["lines"]["b"]["packets"], at.b.packets);
}

TEST_P(LseExchange, KnowsItsBooksByTickerAndByIsin) {
  running_exchange at{GetParam()};
  std::optional<truth_book> by_ticker, by_isin;
  std::vector<test::lse_book_checker::order> bids;
  at.run_until([&] {
    if (at.a.next < 3'000 || by_ticker) return by_ticker.has_value();
    by_ticker = at.london->truth("VOD", 3);
    by_isin = at.london->truth("GB00BH4HKS39", 3);
    // What is on its way to the socket comes later, so only a frozen market can be compared.
    at.state.frozen = true;
    return false;
  });
  ASSERT_TRUE(by_ticker && by_isin);
  EXPECT_EQ(to_json(*by_ticker), to_json(*by_isin));
  EXPECT_EQ(by_ticker->state, "trading");
  EXPECT_EQ(by_ticker->bids.size(), 3u);
  EXPECT_GE(by_ticker->levels_bid, 5u);
  EXPECT_GT(by_ticker->bids[0].orders, 0u);
  EXPECT_FALSE(at.london->truth("NONE", 3).has_value());
  EXPECT_EQ(at.london->symbols().size(), 12u);
}

TEST_P(LseExchange, SendsHeartbeatsOnlyWhileItIsFrozen) {
  running_exchange at{GetParam()};
  std::uint32_t frozen_at = 0;
  std::optional<truth_book> truth;
  at.run_until([&] {
    if (at.a.next < 2'000) return false;
    at.state.frozen = true;
    if (at.a.heartbeats == 0) return false;
    frozen_at = at.a.next;
    truth = at.london->truth("BP", 1'000);
    return true;
  });
  ASSERT_TRUE(truth.has_value());
  EXPECT_EQ(truth->sequence, frozen_at - 1);
  EXPECT_EQ(at.a.gaps, 0u);
}

TEST_P(LseExchange, LosesPacketsOnTheLineThatIsTold) {
  running_exchange at{GetParam(), [](exchange_options& o) { o.lines[1].faults.loss = 0.3; }};
  at.run_until([&] { return at.a.next > 3'000; });
  EXPECT_EQ(at.a.gaps, 0u);
  EXPECT_GT(at.b.gaps, 0u);
  EXPECT_GT(at.london->summary()["lines"]["b"]["lost"], 0);
}

TEST_P(LseExchange, RestartsItsNumbersAndTellsTheBooksEveryOtherTime) {
  running_exchange at{GetParam(), [](exchange_options& o) { o.channel_faults.reset_every = 400ms; }};
  at.run_until([&] { return at.a.restarts == 3; });
  EXPECT_EQ(at.a.gaps, 0u);
  EXPECT_EQ(at.london->summary()["channel"]["resets"], 3);
  ASSERT_EQ(at.a.orders_at_restarts.size(), 3u);
  // Before the first restart and after it every book is known from the feed alone, after the second none is.
  EXPECT_GT(at.a.orders_at_restarts[0], 700u);
  EXPECT_GT(at.a.orders_at_restarts[1], 700u);
  EXPECT_LT(at.a.orders_at_restarts[2], 600u);
  EXPECT_EQ(at.a.faults_at_restarts[1], "");
}

TEST_P(LseExchange, AddsMessagesOfUnknownTypes) {
  running_exchange at{GetParam(), [](exchange_options& o) { o.channel_faults.unknown = 0.5; }};
  const auto unknown = [&] {
    std::uint64_t count = 0;
    for (char type = '0'; type <= '9'; ++type) count += at.a.checker.count(type);
    return count;
  };
  at.run_until([&] { return unknown() > 20; });
  EXPECT_EQ(at.a.gaps + at.a.bad, 0u);
  EXPECT_EQ(at.london->summary()["channel"]["unknown"], unknown());
}

TEST(LseMitchExchange, AnswersASnapshotRequestOnItsSocket) {
  running_exchange at{protocol::mitch};
  tcp::socket client{at.io};
  byte_buffer answer(8 + 3 + 8 + 11 + 8 + 6);
  bool answered = false;
  message_buffer login, request;
  mitch_encoder{login}.login_request("TICK01", "mit_1234");
  mitch_encoder{request}.snapshot_request(0, {}, 10'101);
  byte_buffer hello, wish;
  append_admin_units(login, ' ', hello);
  append_admin_units(request, ' ', wish);
  const auto ready = at.london->ready_lines().at(0);
  const auto recovery = ready["recovery"].get<std::string>();
  const auto port = static_cast<std::uint16_t>(std::stoul(recovery.substr(recovery.rfind(':') + 1)));
  client.connect({asio::ip::address_v4::loopback(), port});
  asio::write(client, asio::buffer(hello));
  asio::async_read(client, asio::buffer(answer.data(), 11), [&](boost::system::error_code error, std::size_t) {
    ASSERT_FALSE(error);
    EXPECT_EQ(answer[10], 'A');
    asio::write(client, asio::buffer(wish));
    asio::async_read(client, asio::buffer(answer.data(), 19), [&](boost::system::error_code again, std::size_t) {
      ASSERT_FALSE(again);
      EXPECT_EQ(answer[9], 0x82);
      EXPECT_EQ(answer[18], 'A');
      answered = true;
      client.close();
    });
  });
  at.run_until([&] { return answered; });
  EXPECT_TRUE(answered);
  const auto counts = at.london->summary()["recovery"];
  EXPECT_EQ(counts["logins"], 1);
  EXPECT_EQ(counts["answered"], 1);
}

TEST(LseMitchExchange, SaysWhereItsServicesAre) {
  running_exchange at{protocol::mitch};
  const auto line = at.london->ready_lines().at(0);
  EXPECT_EQ(line["service"], "lse");
  EXPECT_EQ(line["protocol"], "mitch");
  EXPECT_EQ(line["a"], "udp://127.0.0.1:" + std::to_string(at.a.socket.local_endpoint().port()));
  EXPECT_NE(line["replay"], "tcp://127.0.0.1:0");
  EXPECT_EQ(line["comp_ids"].at(0), "TICK01");
}

} // namespace
} // namespace tickplant::sim::lse
