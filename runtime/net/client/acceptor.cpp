#include "runtime/net/client/acceptor.hpp"

#include "runtime/net/client/loop_watch.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tickplant::net {

namespace {

constexpr int backlog = 4096;
constexpr int batch = 64;
constexpr uint64_t rest_ns = 100'000'000;

int open_spare() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

struct socket_address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
};

socket_address parse(std::string_view address, uint16_t port) {
  const std::string text{address};
  socket_address out;
  sockaddr_in in{};
  sockaddr_in6 in6{};
  if (inet_pton(AF_INET, text.c_str(), &in.sin_addr) == 1) {
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&out.bytes, &in, out.size = sizeof in);
  } else if (inet_pton(AF_INET6, text.c_str(), &in6.sin6_addr) == 1) {
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    std::memcpy(&out.bytes, &in6, out.size = sizeof in6);
  } else {
    throw std::invalid_argument("'" + text + "' is no address to listen on; give numbers, such as 127.0.0.1 or ::1");
  }
  return out;
}

/// A bound, listening socket; closed again if anything fails.
int listen_on(const socket_address& at, bool reuse_port) {
  const auto failed = [&](const char* step, int descriptor) {
    const int cause = errno;
    if (descriptor >= 0) ::close(descriptor);
    throw std::system_error(cause, std::generic_category(), peer_address::from(at.get()).text() + ": " + step);
  };
  const int descriptor = ::socket(at.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) failed("socket", -1);
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (at.get()->sa_family == AF_INET6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (reuse_port && setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    failed("SO_REUSEPORT", descriptor);
  if (::bind(descriptor, at.get(), at.size) != 0) failed("bind", descriptor);
  if (::listen(descriptor, backlog) != 0) failed("listen", descriptor);
  return descriptor;
}

} // namespace

struct acceptor::implementation : std::enable_shared_from_this<implementation> {
  implementation(event_loop& loop, int listening, receiver to)
    : receive(std::move(to)), descriptor(listening), spare(open_spare()), watch(loop, descriptor, [this] { take(); }),
      pause(loop, [this] { rest_is_over(); }) {
    socket_address real;
    real.size = sizeof real.bytes;
    getsockname(descriptor, real.get(), &real.size);
    bound = peer_address::from(real.get());
    watch.arm();
  }

  void close() {
    if (descriptor >= 0) ::close(descriptor);
    if (spare >= 0) ::close(spare);
    descriptor = spare = -1;
  }

  void rest_is_over() {
    if (spare < 0) spare = open_spare();
    watch.arm();
  }

  void take() {
    const auto alive = shared_from_this(); // `receive` may destroy the acceptor
    for (int i = 0; i != batch && !stopped; ++i) {
      socket_address from;
      from.size = sizeof from.bytes;
      const int client = ::accept4(descriptor, from.get(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (client >= 0) {
        hand_on(client, peer_address::from(from.get()));
        continue;
      }
      if (errno == EAGAIN) break;
      if (errno == EMFILE || errno == ENFILE) return out_of_descriptors();
      ++counters.failed;
      if (errno == ENOBUFS || errno == ENOMEM) return pause.arm_at(monotonic_now_ns() + rest_ns);
    }
    if (!stopped) watch.arm();
  }

  void hand_on(int client, const peer_address& peer) {
    ++counters.accepted;
    try {
      receive(client, peer);
    } catch (...) {
      ::close(client);
      ++counters.failed;
    }
  }

  /// The waiting client would make the listener ready for ever: it is taken with the spare descriptor's place and hung
  /// up on, which tells it more than silence, and the listener rests.
  void out_of_descriptors() {
    ++counters.out_of_descriptors;
    if (spare >= 0) {
      ::close(spare);
      const int client = ::accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC);
      if (client >= 0) ::close(client);
      spare = open_spare();
    }
    pause.arm_at(monotonic_now_ns() + rest_ns);
  }

  receiver receive;
  int descriptor, spare;
  bool stopped = false;
  peer_address bound;
  acceptor_counters counters;
  loop_watch watch;
  loop_timer pause;
};

listening_socket::listening_socket(std::string_view address, uint16_t port, bool reuse_port)
  : descriptor_(listen_on(parse(address, port), reuse_port)) {}

listening_socket::listening_socket(listening_socket&& other) noexcept : descriptor_(other.release()) {}

listening_socket::~listening_socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int listening_socket::release() {
  return std::exchange(descriptor_, -1);
}

acceptor::acceptor(event_loop& loop, listening_socket socket, receiver receive)
  : implementation_(std::make_shared<implementation>(loop, socket.release(), std::move(receive))) {}

acceptor::acceptor(event_loop& loop, std::string_view address, uint16_t port, receiver receive, bool reuse_port)
  : acceptor(loop, listening_socket{address, port, reuse_port}, std::move(receive)) {}

acceptor::~acceptor() {
  implementation_->stopped = true;
  implementation_->watch.release();
  implementation_->close();
}

uint16_t acceptor::port() const {
  return implementation_->bound.port;
}
std::string acceptor::text() const {
  return implementation_->bound.text();
}
const acceptor_counters& acceptor::counters() const {
  return implementation_->counters;
}

} // namespace tickplant::net
