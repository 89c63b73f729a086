// Prints user memory per idle client and what one write costs. Usage: measure_clients [clients] [rounds]
#include "runtime/net/asio_context.hpp"
#include "runtime/net/client/acceptor.hpp"
#include "runtime/net/client/client_set.hpp"
#include "runtime/wire/rfc6455.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace tickplant::net;

struct silent_events : client_events {
  http_response on_http(client_ref, const http_request&) override { return {}; }
  upgrade_answer on_upgrade(client_ref, const upgrade_request&) override { return upgrade_answer::accept(); }
  void on_open(client_ref client) override { open.push_back(client); }
  void on_message(client_ref, const inbound_message&) override { ++messages; }
  void on_drained(client_ref) override {}
  void on_closed(client_ref, const close_report&) override { ++closed; }
  std::vector<client_ref> open;
  size_t messages = 0, closed = 0;
};

size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
}

constexpr std::string_view head = "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                                  "User-Agent: measure\r\nAccept: */*\r\nOrigin: http://localhost\r\n\r\n";

} // namespace

int main(int count, char** words) {
  const size_t clients = count > 1 ? std::strtoull(words[1], nullptr, 10) : 5'000;
  const size_t rounds = count > 2 ? std::strtoull(words[2], nullptr, 10) : 50;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (clients * 2 + 32 > limit.rlim_cur) {
    std::fprintf(stderr, "measure_clients: %zu clients need %zu descriptors, the limit is %llu\n", clients,
                 clients * 2 + 32, static_cast<unsigned long long>(limit.rlim_cur));
    return 1;
  }
  event_loop loop;
  silent_events events;
  client_options options;
  options.ping_interval_ns = 0;
  options.max_clients = static_cast<uint32_t>(clients);
  std::optional<client_set> set{std::in_place, loop, events, options};
  acceptor listener{loop, "127.0.0.1", 0,
                    [&](int descriptor, const peer_address& peer) { set->adopt(descriptor, peer, 0); }};
  events.open.reserve(clients);
  std::vector<int> sockets;
  sockets.reserve(clients);

  const size_t before = heap_bytes();
  const auto start = std::chrono::steady_clock::now();
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(listener.port());
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (size_t i = 0; i != clients; ++i) {
    const int one = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(one, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
      std::perror("measure_clients: connect");
      return 1;
    }
    (void)!::write(one, head.data(), head.size());
    sockets.push_back(one);
    if (i % 64 == 63) context_of(loop).poll();
  }
  while (events.open.size() != clients) context_of(loop).run_one();
  const double opened = since(start);
  const size_t after = heap_bytes();
  std::printf("%zu idle clients: %.0f bytes of heap each, %.1f us to connect and upgrade each (both sides)\n", clients,
              static_cast<double>(after - before) / static_cast<double>(clients),
              opened / 1e3 / static_cast<double>(clients));

  std::vector<uint8_t> frame;
  tickplant::wire::append_frame(frame, tickplant::wire::opcode::text, std::string(430, 'x'));
  std::vector<char> sink(1 << 16);
  double writing = 0, sending = 0, reading = 0;
  size_t taken = 0, received = 0;
  const auto drain = [&] {
    for (const int one : sockets)
      for (ssize_t got; (got = ::recv(one, sink.data(), sink.size(), MSG_DONTWAIT)) > 0;)
        received += static_cast<size_t>(got);
  };
  const std::string message = std::string{"\x81\x84\0\0\0\0", 6} + "ping"; // masked with zero
  for (size_t round = 0; round != rounds; ++round) {
    auto begin = std::chrono::steady_clock::now();
    for (const client_ref client : events.open) taken += set->write(client, frame) == write_result::sent ? 1u : 0u;
    writing += since(begin);
    drain();
    // Short messages the other way: by bare send, then read by the set.
    begin = std::chrono::steady_clock::now();
    for (const int one : sockets) (void)!::send(one, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    sending += since(begin);
    begin = std::chrono::steady_clock::now();
    while (events.messages < (round + 1) * clients) context_of(loop).run_one();
    reading += since(begin);
  }
  const double count_of_all = static_cast<double>(clients) * static_cast<double>(rounds);
  std::printf("write of %zu bytes: %.0f ns (%zu of %zu taken, %zu bytes read); bare send of %zu bytes: %.0f ns; "
              "message of %zu bytes read and handed over: %.0f ns\n",
              frame.size(), writing / count_of_all, taken, clients * rounds, received, message.size(),
              sending / count_of_all, message.size(), reading / count_of_all);
  for (const int one : sockets) ::close(one);
  set.reset();
  return 0;
}
