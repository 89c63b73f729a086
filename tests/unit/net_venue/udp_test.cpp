#include "support.hpp"

#include <boost/asio/ip/multicast.hpp>

namespace tickplant::net {

namespace {

using boost::asio::ip::udp;
using testing::ElementsAre;

std::string local(uint16_t port) {
  return "udp://127.0.0.1:" + std::to_string(port);
}

class UdpLine : public lines_test {
protected:
  uint16_t open_group(uint32_t line, const std::function<void(tp_line_spec&)>& change = {}) {
    const auto port = free_udp_port();
    EXPECT_EQ(open(line, TP_LINE_UDP_GROUP, local(port), change), TP_OK);
    EXPECT_TRUE(run_until_state(line, TP_LINE_UP)) << sink.why(line, TP_LINE_FAILED);
    return port;
  }
};

TEST_F(UdpLine, HandsOverAllWaitingDatagramsAtOnce) {
  start();
  const auto port = open_group(1);
  udp_sender sender{context()};
  for (int i = 0; i < 10; ++i) sender.send("datagram " + std::to_string(i), port);
  ASSERT_TRUE(run_until([&] { return sink.units.size() == 10; }));
  EXPECT_THAT(sink.bursts, ElementsAre(10u));
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(sink.units[i].data, "datagram " + std::to_string(i));
  EXPECT_EQ(sink.units[0].flags, uint32_t{TP_UNIT_BINARY});
  const uint64_t now = wall_now_ns();
  EXPECT_LE(sink.units[9].recv_ns, now);
  EXPECT_GT(sink.units[0].recv_ns, now - 100'000'000'000u);
  EXPECT_EQ(turns_seen, 2u) << "one for UP, one for the burst";
  EXPECT_EQ(status(1).counters.units, 10u);
  EXPECT_EQ(status(1).counters.bytes, 100u);
}

TEST_F(UdpLine, HandsOverBothLinesTogetherInTheOrderOfArrival) {
  start();
  const auto a = open_group(1), b = open_group(2);
  udp_sender sender{context()};
  // The kernel begins to stamp on arrival a moment after the first socket asked for it; until then it stamps when read.
  bool is_stamped_on_arrival = false;
  for (int round = 0; round < 10'000 && !is_stamped_on_arrival; ++round) {
    sink.units.clear();
    sink.bursts.clear();
    sender.send("1", a);
    sender.send("2", b);
    sender.send("3", a);
    sender.send("4", b);
    const uint64_t sent_ns = wall_now_ns();
    ASSERT_TRUE(run_until([&] { return sink.units.size() == 4; }));
    EXPECT_THAT(sink.bursts, ElementsAre(4u));
    is_stamped_on_arrival = true;
    for (const auto& u : sink.units) is_stamped_on_arrival &= u.recv_ns <= sent_ns;
  }
  if (!is_stamped_on_arrival) GTEST_SKIP() << "no time stamps of the kernel here";
  std::string order;
  for (const auto& u : sink.units) order += u.data;
  EXPECT_EQ(order, "1234");
}

TEST_F(UdpLine, ReadsMoreThanOneBatchInSeveralTurns) {
  start();
  const auto port = open_group(1);
  udp_sender sender{context()};
  for (int i = 0; i < 200; ++i) sender.send(std::to_string(i), port);
  ASSERT_TRUE(run_until([&] { return sink.units.size() == 200; }));
  EXPECT_THAT(sink.bursts, ElementsAre(64u, 64u, 64u, 8u));
  for (size_t i = 0; i < 200; ++i) EXPECT_EQ(sink.units[i].data, std::to_string(i));
}

TEST_F(UdpLine, MarksDatagramsLongerThanMaxUnit) {
  start();
  const auto port = open_group(1, [](tp_line_spec& s) { s.max_unit = 8; });
  udp_sender sender{context()};
  sender.send("12345678", port);
  sender.send("123456789", port);
  sender.send("", port);
  ASSERT_TRUE(run_until([&] { return sink.units.size() == 3; }));
  EXPECT_EQ(sink.units[0].flags & TP_UNIT_TRUNCATED, 0u);
  EXPECT_EQ(sink.units[1].flags & TP_UNIT_TRUNCATED, uint32_t{TP_UNIT_TRUNCATED});
  EXPECT_EQ(sink.units[1].data, "12345678");
  EXPECT_EQ(sink.units[2].data, "");
  EXPECT_EQ(status(1).counters.truncated, 1u);
}

TEST_F(UdpLine, CountsWhatTheKernelDropped) {
  start([](venue_lines_options& o) { o.receive_buffer = 8192; });
  const auto port = open_group(1);
  udp_sender sender{context()};
  for (int i = 0; i < 500; ++i) sender.send(std::string(1000, 'x'), port);
  settle();
  const auto received = sink.units.size();
  ASSERT_LT(received, 500u);
  // The sum comes along with the next datagram.
  sender.send("last", port);
  ASSERT_TRUE(run_until([&] { return sink.units.size() == received + 1; }));
  EXPECT_EQ(status(1).counters.kernel_drops, 500u - received);
}

TEST_F(UdpLine, SaysThatTheReceiveBufferIsSmallerThanWanted) {
  start([](venue_lines_options& o) { o.receive_buffer = 1u << 30; });
  open_group(1);
  EXPECT_TRUE(has_log("receive buffer"));
}

TEST_F(UdpLine, DropsSendersThatAreNotWantedOnAPlainAddress) {
  start();
  const std::string only = "127.0.0.2, 127.0.0.3";
  const auto port = open_group(1, [&](tp_line_spec& s) { s.only_sources = to_tp_text(only); });
  udp_sender stranger{context()}, friendly{context(), "127.0.0.2"};
  stranger.send("no", port);
  friendly.send("yes", port);
  ASSERT_TRUE(run_until([&] { return !sink.units.empty(); }));
  EXPECT_THAT(sink.texts(1), ElementsAre("yes"));
  EXPECT_EQ(status(1).counters.foreign, 1u);
}

TEST_F(UdpLine, JoinsAGroupOnTheLoopbackInterface) {
  start();
  const auto port = free_udp_port();
  const std::string group = "239.255.77.1", on = "127.0.0.1";
  ASSERT_EQ(open(1, TP_LINE_UDP_GROUP, "udp://" + group + ":" + std::to_string(port),
                 [&](tp_line_spec& s) { s.from_interface = to_tp_text(on); }),
            TP_OK);
  ASSERT_TRUE(run_until([&] { return !sink.states.empty(); }));
  if (sink.has_state(1, TP_LINE_FAILED)) GTEST_SKIP() << "no multicast here: " << sink.why(1, TP_LINE_FAILED);
  udp_sender sender{context()};
  sender.socket.set_option(boost::asio::ip::multicast::outbound_interface(boost::asio::ip::address_v4::loopback()));
  sender.send("to the group", port, group);
  sender.send("not to the group", port);
  sender.send("again", port, group);
  ASSERT_TRUE(run_until([&] { return sink.units.size() >= 2; }));
  EXPECT_THAT(sink.texts(1), ElementsAre("to the group", "again"));
}

TEST_F(UdpLine, JoinsAGroupForOneSenderOnly) {
  start();
  const auto port = free_udp_port();
  const std::string group = "232.1.77.2", on = "127.0.0.1", only = "127.0.0.2";
  ASSERT_EQ(open(1, TP_LINE_UDP_GROUP, "udp://" + group + ":" + std::to_string(port),
                 [&](tp_line_spec& s) {
                   s.from_interface = to_tp_text(on);
                   s.only_sources = to_tp_text(only);
                 }),
            TP_OK);
  ASSERT_TRUE(run_until([&] { return !sink.states.empty(); }));
  if (sink.has_state(1, TP_LINE_FAILED)) GTEST_SKIP() << "no multicast here: " << sink.why(1, TP_LINE_FAILED);
  udp_sender stranger{context()}, friendly{context(), only};
  for (auto* s : {&stranger, &friendly})
    s->socket.set_option(boost::asio::ip::multicast::outbound_interface(boost::asio::ip::address_v4::loopback()));
  stranger.send("no", port, group);
  friendly.send("yes", port, group);
  ASSERT_TRUE(run_until([&] { return !sink.units.empty(); }));
  EXPECT_THAT(sink.texts(1), ElementsAre("yes"));
}

TEST_F(UdpLine, FailsWithTheNameOfAnUnknownInterface) {
  start();
  const std::string on = "192.0.2.77";
  open(1, TP_LINE_UDP_GROUP, "udp://239.255.77.3:9", [&](tp_line_spec& s) { s.from_interface = to_tp_text(on); });
  EXPECT_TRUE(sink.states.empty()) << "never from inside line_open";
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_NE(sink.why(1, TP_LINE_FAILED).find("192.0.2.77"), std::string::npos);
}

TEST_F(UdpLine, FailsWhereTheAddressIsNotLocal) {
  start();
  open(1, TP_LINE_UDP_GROUP, "udp://192.0.2.77:9000");
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_NE(sink.why(1, TP_LINE_FAILED).find("binding 192.0.2.77"), std::string::npos);
  EXPECT_EQ(status(1).state, uint32_t{TP_LINE_FAILED});
}

TEST_F(UdpLine, PeerSendsAndGetsAnswersOfThePeerOnly) {
  start();
  udp_sender server{context()}, stranger{context()};
  ASSERT_EQ(open(3, TP_LINE_UDP_PEER, local(server.socket.local_endpoint().port())), TP_OK);
  EXPECT_EQ(send(3, "early"), TP_E_DOWN);
  ASSERT_TRUE(run_until_state(3, TP_LINE_UP));
  ASSERT_EQ(send(3, "request"), TP_OK);
  udp::endpoint asker;
  EXPECT_EQ(server.receive(asker), "request");
  stranger.send("forged", asker.port());
  server.send("answer", asker.port());
  ASSERT_TRUE(run_until([&] { return !sink.units.empty(); }));
  EXPECT_THAT(sink.texts(3), ElementsAre("answer"));
  EXPECT_EQ(status(3).counters.foreign, 1u);
  EXPECT_EQ(status(3).counters.sent_units, 1u);
  EXPECT_EQ(send(3, std::string(70'000, 'x')), TP_E_LIMIT);
  lines->line_close(3);
  EXPECT_EQ(send(3, "late"), TP_E_DOWN);
}

TEST_F(UdpLine, LooksUpNames) {
  start();
  const auto port = free_udp_port();
  ASSERT_EQ(open(1, TP_LINE_UDP_GROUP, "udp://localhost:" + std::to_string(port)), TP_OK);
  ASSERT_TRUE(run_until_state(1, TP_LINE_UP));
  udp_sender sender{context()};
  sender.send("by name", port);
  ASSERT_TRUE(run_until([&] { return !sink.units.empty(); }));
}

TEST_F(UdpLine, GroupsCannotBeSentTo) {
  start();
  open_group(1);
  EXPECT_EQ(send(1, "x"), TP_E_UNSUPPORTED);
}

} // namespace
} // namespace tickplant::net
