// One loop with a listener and a client_set, raw sockets against it, and everything the set told, written down.
#pragma once

#include "runtime/net/asio_context.hpp"
#include "runtime/net/client/acceptor.hpp"
#include "runtime/net/client/client_set.hpp"
#include "tests/unit/wire/client_frames.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <list>
#include <map>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace tickplant::net::testing {

struct recorded_close {
  client_ref client;
  uint16_t code = 0;
  std::string reason;
  bool clean = false, by_peer = false;
};

struct recording_events : client_events {
  http_response on_http(client_ref client, const http_request& request) override {
    ++requests;
    last_path = request.path;
    last_asked = client;
    return http ? http(request) : http_response::text(200, "hello");
  }
  upgrade_answer on_upgrade(client_ref client, const upgrade_request& request) override {
    last_peer = request.peer;
    return upgrade ? upgrade(client, request) : upgrade_answer::accept();
  }
  void on_open(client_ref client) override {
    opened.push_back(client);
    if (open) open(client);
  }
  void on_message(client_ref client, const inbound_message& inbound) override {
    const auto bytes = inbound.payload;
    unsigned sum = 0;
    for (size_t i = 0; i != wire::frame_padding; ++i) sum += bytes.data()[bytes.size() + i];
    padding_sum = sum;
    messages.push_back(std::string{inbound.is_compressed ? "compressed " : ""} +
                       (inbound.kind == message_kind::text ? "text:" : "binary:") +
                       std::string(bytes.begin(), bytes.end()));
    if (message) message(client, messages.back());
  }
  void on_pong(client_ref, uint64_t round_trip_ns) override { pongs.push_back(round_trip_ns); }
  void on_slow(client_ref client) override {
    ++slow_ones;
    if (slow) slow(client);
  }
  void on_drained(client_ref client) override {
    ++drains;
    if (drain) drain(client);
  }
  void on_closed(client_ref client, const close_report& report) override {
    closed.push_back({client, report.code, std::string{report.reason}, report.clean, report.by_peer});
    if (close) close(client);
  }
  void on_fault(client_ref, std::string_view what) override { faults.emplace_back(what); }

  std::function<http_response(const http_request&)> http;
  std::function<upgrade_answer(client_ref, const upgrade_request&)> upgrade;
  std::function<void(client_ref)> open, drain, close, slow;
  std::function<void(client_ref, const std::string&)> message;
  std::vector<client_ref> opened;
  std::vector<std::string> messages, faults;
  std::vector<recorded_close> closed;
  std::vector<uint64_t> pongs;
  peer_address last_peer;
  client_ref last_asked;
  std::string last_path;
  size_t requests = 0, drains = 0, slow_ones = 0;
  unsigned padding_sum = 0;
};

/// A socket of the test. `received` grows as the harness steps, unless `reads` is off.
struct test_client {
  int descriptor = -1;
  std::string received;
  bool reads = true, ended = false, reset = false;

  ~test_client() { hang_up(); }
  void hang_up() {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
  }
  /// Sends all; the sockets' buffers hold what tests send.
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  void pump(size_t most = SIZE_MAX) {
    char block[65'536];
    while (descriptor >= 0 && reads && !ended && most > 0) {
      const ssize_t got = ::recv(descriptor, block, std::min(sizeof block, most), MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) {
        ended = true;
        reset = got < 0;
        return;
      }
      received.append(block, static_cast<size_t>(got));
      most -= static_cast<size_t>(got);
    }
  }
};

/// A frame as the server sent it.
struct server_frame {
  unsigned code = 0;
  std::string payload;
  friend bool operator==(const server_frame&, const server_frame&) = default;
};

/// Takes all whole frames from the front of `bytes`; anything a server must not send fails the test.
inline std::vector<server_frame> take_frames(std::string& bytes) {
  std::vector<server_frame> out;
  for (;;) {
    const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() < 2) return out;
    EXPECT_EQ(at(0) & 0xF0u, 0x80u) << "fragmented, or reserved bits";
    EXPECT_EQ(at(1) & 0x80u, 0u) << "masked";
    const size_t digits = at(1) == 126 ? 2 : at(1) == 127 ? 8 : 0;
    if (bytes.size() < 2 + digits) return out;
    size_t size = digits == 0 ? at(1) : 0;
    for (size_t i = 0; i != digits; ++i) size = size << 8 | at(2 + i);
    if (bytes.size() < 2 + digits + size) return out;
    out.push_back({at(0) & 0xFu, bytes.substr(2 + digits, size)});
    bytes.erase(0, 2 + digits + size);
  }
}

inline std::string close_payload(uint16_t code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)} + std::string{reason};
}

inline std::string upgrade_head(std::string_view target = "/ws", std::string_view more = {}) {
  return "GET " + std::string{target} +
         " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + std::string{more} + "\r\n";
}

inline int connect_to(uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(descriptor, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0) << errno;
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

class client_harness : public ::testing::Test {
protected:
  /// Deadlines far above what any test waits for, so that a slow machine changes nothing; tests of a deadline lower it.
  static client_options patient() {
    client_options out;
    out.handshake_ns = out.http_idle_ns = out.close_wait_ns = out.stall_ns = 120'000'000'000;
    out.ping_interval_ns = 0;
    out.timer_step_ns = 5'000'000;
    return out;
  }

  void serve(const client_options& options) {
    set.emplace(loop, events, options);
    listener.emplace(loop, "127.0.0.1", uint16_t{0}, [this](int descriptor, const peer_address& peer) {
      adopted = descriptor;
      if (set)
        set->adopt(descriptor, peer, 7);
      else
        ::close(descriptor);
    });
  }
  void serve() { serve(patient()); }

  test_client& connect() {
    clients.emplace_back();
    clients.back().descriptor = connect_to(listener->port());
    return clients.back();
  }

  /// Steps loop and sockets until `done`. False, and a failed test, if that takes half a minute.
  bool until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!done()) {
      context_of(loop).run_one_for(std::chrono::milliseconds{2});
      for (auto& one : clients) one.pump();
      if (std::chrono::steady_clock::now() < end) continue;
      ADD_FAILURE() << "nothing came of it in half a minute";
      return false;
    }
    return true;
  }
  /// Lets everything that is due happen.
  void settle() {
    for (int quiet = 0; quiet != 20;) {
      quiet = context_of(loop).poll() == 0 ? quiet + 1 : 0;
      for (auto& one : clients) one.pump();
    }
  }

  bool has_head(test_client& one) {
    return until([&] { return one.received.find("\r\n\r\n") != std::string::npos || one.ended; }) && !one.ended;
  }
  /// A client that is upgraded and known to the host.
  test_client& open_client(client_ref& ref, std::string_view more = {}) {
    const size_t before = events.opened.size();
    test_client& one = connect();
    one.send(upgrade_head("/ws", more));
    EXPECT_TRUE(until([&] { return events.opened.size() == before + 1; }));
    EXPECT_TRUE(has_head(one));
    EXPECT_THAT(one.received, ::testing::StartsWith("HTTP/1.1 101 "));
    one.received.erase(0, one.received.find("\r\n\r\n") + 4);
    ref = events.opened.empty() ? client_ref{} : events.opened.back();
    return one;
  }
  test_client& open_client() {
    client_ref ignored;
    return open_client(ignored);
  }
  /// Waits for one more frame of the server.
  server_frame next_frame(test_client& one) {
    if (frames[&one].empty())
      until([&] {
        for (auto& frame : take_frames(one.received)) frames[&one].push_back(std::move(frame));
        return !frames[&one].empty() || one.ended;
      });
    if (frames[&one].empty()) return {};
    auto out = frames[&one].front();
    frames[&one].erase(frames[&one].begin());
    return out;
  }

  event_loop loop;
  int adopted = -1; // the server's socket of the client that came last
  recording_events events;
  std::optional<client_set> set;
  std::optional<acceptor> listener;
  std::list<test_client> clients;
  std::map<test_client*, std::vector<server_frame>> frames;
};

inline std::span<const uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::vector<uint8_t> text_frame(std::string_view text) {
  std::vector<uint8_t> out;
  wire::append_frame(out, wire::opcode::text, text);
  return out;
}

} // namespace tickplant::net::testing
