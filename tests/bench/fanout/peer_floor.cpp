// peer_floor: what the system calls alone cost. One ready message, made once, goes to each client at each tick: nothing
// is printed, looked up or gathered. With --spread each subscriber of a symbol gets a message of one element.
// No server of anything: `fanout_table` measures the others against it.
#include "peer_market.hpp"

#include <CLI/CLI.hpp>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace {

using namespace tickplant::peer;

constexpr int most_events = 256;
constexpr size_t read_size = 64 * 1024;

uint64_t clock_ns() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

std::string frame_of(std::string_view payload) {
  std::string frame{static_cast<char>(0x81)};
  if (payload.size() < 126) {
    frame += static_cast<char>(payload.size());
  } else {
    frame += static_cast<char>(126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xff);
  }
  return frame.append(payload);
}

std::string accept_of(std::string_view key) {
  const auto text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 40> base64;
  const int size = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<size_t>(size)};
}

class floor_server {
public:
  floor_server(uint16_t port, const market_options& options)
    : options_(options), subscribers_(options.symbols), poll_(checked(::epoll_create1(0), "epoll_create1")),
      timer_(checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), "timerfd_create")),
      listener_(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket")), ticks_(options, clock_ns()) {
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    checked(::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at), "bind");
    checked(::listen(listener_, 4096), "listen");
    add(listener_);
    add(timer_);
    arm();
  }

  [[noreturn]] void run() {
    std::array<epoll_event, most_events> events;
    for (;;) {
      const int count = ::epoll_wait(poll_, events.data(), most_events, -1);
      for (int i = 0; i < count; ++i) {
        const int ready = events[static_cast<size_t>(i)].data.fd;
        if (ready == timer_)
          tick();
        else if (ready == listener_)
          accept_some();
        else
          read(ready);
      }
    }
  }

private:
  struct client {
    std::string unread;
    std::vector<uint32_t> symbols;
    bool is_open = false;
  };

  void add(int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    checked(::epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
  }

  void arm() {
    const uint64_t due = ticks_.next_ns();
    itimerspec at{};
    at.it_value.tv_sec = static_cast<time_t>(due / 1'000'000'000);
    at.it_value.tv_nsec = static_cast<long>(due % 1'000'000'000);
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr);
  }

  void tick() {
    uint64_t expired = 0;
    (void)!::read(timer_, &expired, sizeof expired);
    ticks_.run(clock_ns(), [&](uint64_t number) {
      if (options_.is_spread) {
        const auto& ready = message_of(1);
        for (const int to : subscribers_[number % options_.symbols]) send(to, ready);
      } else {
        for (const auto& [to, one] : clients_)
          if (!one->symbols.empty()) send(to, message_of(one->symbols.size()));
      }
    });
    arm();
  }

  /// Made at its first use, and never again.
  const std::string& message_of(size_t elements) {
    auto& made = messages_[elements];
    if (!made.empty()) return made;
    std::string text = R"({"type":"MARKET_DATA","timestamp":1700000000000,"symbols":[)";
    for (uint32_t i = 0; i < elements; ++i) {
      if (i > 0) text += ',';
      quote_writer{i}.append(text, "FLOOR", 1'700'000'000'000'000'000, 0);
    }
    return made = frame_of(text + "]}");
  }

  // What does not fit is lost, as nothing is kept here: a message in part would end the client.
  void send(int to, const std::string& bytes) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0 && static_cast<size_t>(sent) < bytes.size()) ::shutdown(to, SHUT_RDWR);
  }

  void accept_some() {
    for (int i = 0; i < 64; ++i) {
      const int made = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (made < 0) return;
      const int on = 1;
      ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      add(made);
      clients_[made] = std::make_unique<client>();
    }
  }

  void read(int from) {
    std::array<char, read_size> bytes;
    const ssize_t got = ::recv(from, bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return leave(from);
    auto& one = *clients_[from];
    one.unread.append(bytes.data(), static_cast<size_t>(got));
    if (!one.is_open && !open(from, one)) return;
    while (take_frame(from, one)) {
    }
  }

  bool open(int to, client& one) {
    const size_t end = one.unread.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    constexpr std::string_view field = "Sec-WebSocket-Key: ";
    const size_t key = one.unread.find(field);
    if (key == std::string::npos) return false;
    const auto value = one.unread.substr(key + field.size(), one.unread.find("\r\n", key) - key - field.size());
    send(to, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
               accept_of(value) + "\r\n\r\n");
    one.unread.erase(0, end + 4);
    return one.is_open = true;
  }

  bool take_frame(int from, client& one) {
    const auto& all = one.unread;
    if (all.size() < 6) return false;
    size_t size = static_cast<uint8_t>(all[1]) & 0x7f, head = 2;
    if (size == 126) {
      size = static_cast<size_t>(static_cast<uint8_t>(all[2])) << 8 | static_cast<uint8_t>(all[3]);
      head = 4;
    }
    if (all.size() < head + 4 + size) return false;
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(all[head + 4 + i] ^ all[head + i % 4]);
    one.unread.erase(0, head + 4 + size);
    for (const uint32_t number : symbols_in(text, options_.symbols)) {
      one.symbols.push_back(number);
      subscribers_[number].push_back(from);
    }
    if (!one.symbols.empty()) send(from, frame_of(R"({"type":"ACK","results":[]})"));
    return true;
  }

  void leave(int gone) {
    for (const uint32_t number : clients_[gone]->symbols) std::erase(subscribers_[number], gone);
    clients_.erase(gone);
    ::close(gone);
  }

  market_options options_;
  std::map<int, std::unique_ptr<client>> clients_; // in the order of their sockets
  std::vector<std::vector<int>> subscribers_;      // by symbol
  std::map<size_t, std::string> messages_;         // by the number of elements
  int poll_, timer_, listener_;
  tick_clock ticks_;
};

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"peer_floor: ready messages to WebSocket clients, to be measured beside tickplantd"};
  market_options market;
  uint16_t port = 8081;
  app.add_option("--port", port)->capture_default_str();
  app.add_option("--symbols", market.symbols)->capture_default_str();
  app.add_option("--hz", market.hz)->capture_default_str();
  app.add_flag("--spread", market.is_spread);
  CLI11_PARSE(app, argc, argv);
  try {
    floor_server{port, market}.run();
  } catch (const std::exception& fault) {
    std::cerr << "peer_floor: " << fault.what() << '\n';
    return 1;
  }
}
