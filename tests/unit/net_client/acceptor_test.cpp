#include "tests/unit/net_client/client_harness.hpp"

#include <fcntl.h>
#include <fstream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>

namespace tickplant::net {
namespace {

using namespace testing;

TEST(Acceptor, HandsOnConnectionsWithTheirAddress) {
  event_loop loop;
  std::vector<peer_address> peers;
  acceptor listener{loop, "127.0.0.1", 0, [&](int descriptor, const peer_address& peer) {
                      peers.push_back(peer);
                      ::close(descriptor);
                    }};
  ASSERT_NE(listener.port(), 0);
  EXPECT_EQ(listener.text(), "127.0.0.1:" + std::to_string(listener.port()));
  std::list<test_client> clients;
  for (int i = 0; i != 200; ++i) clients.emplace_back().descriptor = connect_to(listener.port());
  for (int i = 0; i != 2'000 && peers.size() != 200; ++i) context_of(loop).run_one_for(std::chrono::milliseconds{10});
  ASSERT_EQ(peers.size(), 200u);
  EXPECT_TRUE(peers[0].is_loopback());
  EXPECT_EQ(peers[0].address_text(), "127.0.0.1");
  EXPECT_EQ(listener.counters().accepted, 200u);
}

TEST(Acceptor, AtMost64ConnectionsAreTakenInOneTurn) {
  event_loop loop;
  size_t taken = 0;
  acceptor listener{loop, "127.0.0.1", 0, [&](int descriptor, const peer_address&) { ++taken, ::close(descriptor); }};
  std::list<test_client> clients;
  for (int i = 0; i != 100; ++i) clients.emplace_back().descriptor = connect_to(listener.port());
  while (taken == 0) context_of(loop).run_one_for(std::chrono::milliseconds{10});
  EXPECT_EQ(taken, 64u);
}

TEST(Acceptor, AConnectStormFindsABacklogOf4096) {
  listening_socket socket{"127.0.0.1", 0};
  const int descriptor = socket.release();
  tcp_info info{};
  socklen_t size = sizeof info;
  ASSERT_EQ(getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  uint32_t most = 0;
  std::ifstream{"/proc/sys/net/core/somaxconn"} >> most;
  EXPECT_EQ(info.tcpi_sacked, std::min(4'096u, most)) << "of a listening socket: the longest its queue may be";
  ::close(descriptor);
}

TEST(Acceptor, ListensOnIpv6) {
  event_loop loop;
  try {
    acceptor listener{loop, "::1", 0, [](int descriptor, const peer_address&) { ::close(descriptor); }};
    EXPECT_EQ(listener.text(), "[::1]:" + std::to_string(listener.port()));
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::address_family_not_supported || error.code() == std::errc::address_not_available)
      GTEST_SKIP() << "this machine has no IPv6: " << error.what();
    throw;
  }
}

TEST(Acceptor, ErrorsNameAddressAndCause) {
  event_loop loop;
  const auto refuse = [](int, const peer_address&) {};
  EXPECT_THROW((acceptor{loop, "localhost", 0, refuse}), std::invalid_argument);
  const acceptor first{loop, "127.0.0.1", 0, refuse};
  try {
    const acceptor second{loop, "127.0.0.1", first.port(), refuse};
    FAIL() << "should have thrown";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
    EXPECT_THAT(error.what(), ::testing::HasSubstr(first.text()));
  }
}

TEST(Acceptor, SharesAPortWhenAsked) {
  event_loop loop;
  const auto refuse = [](int, const peer_address&) {};
  const acceptor first{loop, "127.0.0.1", 0, refuse, true};
  const acceptor second{loop, "127.0.0.1", first.port(), refuse, true};
  EXPECT_EQ(first.port(), second.port());
}

TEST(Acceptor, MayBeDestroyedByItsReceiver) {
  event_loop loop;
  std::optional<acceptor> listener;
  int calls = 0;
  listener.emplace(loop, "127.0.0.1", uint16_t{0}, [&](int descriptor, const peer_address&) {
    ++calls;
    ::close(descriptor);
    listener.reset();
  });
  std::list<test_client> clients;
  for (int i = 0; i != 3; ++i) clients.emplace_back().descriptor = connect_to(listener->port());
  for (int i = 0; i != 50; ++i) context_of(loop).run_one_for(std::chrono::milliseconds{2});
  EXPECT_EQ(calls, 1);
}

TEST(Acceptor, AnExceptionOfTheReceiverClosesTheConnection) {
  event_loop loop;
  acceptor listener{loop, "127.0.0.1", 0, [](int, const peer_address&) { throw std::runtime_error("no"); }};
  test_client client;
  client.descriptor = connect_to(listener.port());
  for (int i = 0; i != 3'000 && !client.ended; ++i) {
    context_of(loop).run_one_for(std::chrono::milliseconds{10});
    client.pump();
  }
  EXPECT_TRUE(client.ended);
  EXPECT_EQ(listener.counters().failed, 1u);
}

/// In a process of its own: the limit would hit the test's other descriptors.
int run_out_of_descriptors() {
  event_loop loop;
  std::vector<int> taken;
  acceptor listener{loop, "127.0.0.1", 0, [&](int descriptor, const peer_address&) { taken.push_back(descriptor); }};
  std::list<test_client> clients;
  for (int i = 0; i != 20; ++i) clients.emplace_back().descriptor = connect_to(listener.port());
  // Room for five more descriptors than are in use.
  const int lowest = ::open("/dev/null", O_RDONLY);
  ::close(lowest);
  const rlimit limit{static_cast<rlim_t>(lowest + 5), static_cast<rlim_t>(lowest + 5)};
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return 2;
  size_t turns = 0;
  while (listener.counters().out_of_descriptors < 2) {
    context_of(loop).run_one_for(std::chrono::milliseconds{500});
    if (++turns > 1'000) return 3; // it spins
  }
  if (taken.size() != 5) return 4;
  for (const int descriptor : taken) ::close(descriptor);
  taken.clear();
  for (turns = 0; taken.empty(); ++turns) {
    context_of(loop).run_one_for(std::chrono::milliseconds{500});
    if (turns > 1'000) return 5; // it never recovers
  }
  return 0;
}

TEST(Acceptor, SurvivesBeingOutOfDescriptors) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(run_out_of_descriptors());
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

} // namespace
} // namespace tickplant::net
