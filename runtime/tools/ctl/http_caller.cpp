#include "runtime/tools/ctl/http_caller.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace tickplant::ctl {

namespace {

constexpr size_t largest_reply = 64u << 20;

using steady = std::chrono::steady_clock;

struct place {
  std::string host, port, shown;
};

place place_of(const std::string& base) {
  constexpr std::string_view scheme = "http://";
  std::string_view rest = base;
  if (!rest.starts_with(scheme)) throw std::invalid_argument("the address " + base + " is not http://HOST:PORT");
  rest.remove_prefix(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty() || rest.find_first_of("/?#@ ") != std::string_view::npos)
    throw std::invalid_argument("the address " + base + " is not http://HOST:PORT");
  place made{{}, "80", base};
  const bool is_bracketed = rest.front() == '[';
  const auto end = is_bracketed ? rest.find(']') : rest.find(':');
  if (is_bracketed && end == std::string_view::npos)
    throw std::invalid_argument("the address " + base + " has a '[' without its ']'");
  made.host = rest.substr(is_bracketed ? 1 : 0, end - (is_bracketed ? 1 : 0));
  rest.remove_prefix(std::min(rest.size(), is_bracketed ? end + 1 : end));
  if (!rest.empty()) made.port = rest.substr(1);
  return made;
}

class connection {
public:
  connection(const place& where, steady::time_point end) : where_(where), end_(end) { open(); }
  ~connection() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  connection(const connection&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0)
        bytes.remove_prefix(static_cast<size_t>(sent));
      else if (errno == EAGAIN || errno == EWOULDBLOCK)
        wait(POLLOUT);
      else if (errno != EINTR)
        fail(std::strerror(errno));
    }
  }

  /// False at the end of what the server sends.
  bool receive(std::string& to) {
    char block[16'384];
    for (;;) {
      const auto got = ::recv(descriptor_, block, sizeof block, 0);
      if (got == 0) return false;
      if (got > 0) {
        to.append(block, static_cast<size_t>(got));
        return true;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        wait(POLLIN);
      else if (errno != EINTR)
        fail(std::strerror(errno));
    }
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw unreachable(where_.shown + ": " + why + "; is tickplantd running, and is admin.bind this address?");
  }

private:
  void open() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (const int fault = ::getaddrinfo(where_.host.c_str(), where_.port.c_str(), &hints, &raw))
      fail(gai_strerror(fault));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list{raw, ::freeaddrinfo};
    std::string why = "no address";
    for (const auto* at = list.get(); at; at = at->ai_next) {
      if (try_open(*at, why)) return;
    }
    fail(why);
  }

  bool try_open(const addrinfo& at, std::string& why) {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    descriptor_ = ::socket(at.ai_family, at.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at.ai_protocol);
    int fault = errno;
    if (descriptor_ >= 0) {
      if (::connect(descriptor_, at.ai_addr, at.ai_addrlen) == 0) return true;
      fault = errno;
      if (fault == EINPROGRESS) {
        wait(POLLOUT);
        socklen_t size = sizeof fault;
        ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &fault, &size);
        if (fault == 0) return true;
      }
    }
    why = std::strerror(fault);
    return false;
  }

  void wait(short what) {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - steady::now()).count();
      if (left <= 0) fail("no answer in time");
      pollfd entry{descriptor_, what, 0};
      const int ready = ::poll(&entry, 1, static_cast<int>(left));
      if (ready > 0) return;
      if (ready < 0 && errno != EINTR) fail(std::strerror(errno));
    }
  }

  const place& where_;
  steady::time_point end_;
  int descriptor_ = -1;
};

bool is_equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

std::optional<size_t> content_length(std::string_view head) {
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_equal_without_case(line.substr(0, colon), "content-length")) continue;
    line.remove_prefix(colon + 1);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    size_t length = 0;
    const auto [at, fault] = std::from_chars(line.data(), line.data() + line.size(), length);
    if (fault == std::errc{} && at != line.data()) return length;
  }
  return std::nullopt;
}

int status_of(std::string_view head) {
  int status = 0;
  if (!head.starts_with("HTTP/1.") || head.size() < 12) return 0;
  std::from_chars(head.data() + 9, head.data() + 12, status);
  return status;
}

http_reply read_reply(connection& from) {
  std::string text;
  size_t body = std::string::npos;
  bool is_ended = false;
  while (body == std::string::npos && !is_ended && text.size() <= largest_reply) {
    is_ended = !from.receive(text);
    const auto end = text.find("\r\n\r\n");
    if (end != std::string::npos) body = end + 4;
  }
  const int status = status_of(text);
  if (body == std::string::npos || status < 100) from.fail("what answers there does not speak HTTP");
  const auto length = content_length(std::string_view{text}.substr(0, body));
  while (!is_ended && (!length || text.size() < body + *length)) {
    if (text.size() > largest_reply) from.fail("the answer is larger than 64 MiB");
    is_ended = !from.receive(text);
  }
  if (length && text.size() < body + *length) from.fail("the answer was cut off");
  return {status, length ? text.substr(body, *length) : text.substr(body)};
}

} // namespace

caller make_caller(const std::string& base, std::string token, std::chrono::milliseconds timeout) {
  return
    [where = place_of(base), token = std::move(token), timeout](std::string_view method, const std::string& target) {
      const bool is_v6 = where.host.find(':') != std::string::npos;
      std::string request = std::string{method} + ' ' + target + " HTTP/1.1\r\nHost: ";
      request += (is_v6 ? '[' + where.host + ']' : where.host) + ':' + where.port + "\r\nConnection: close\r\n";
      if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
      if (method != "GET") request += "Content-Length: 0\r\n";
      connection to{where, steady::now() + timeout};
      to.send(request + "\r\n");
      return read_reply(to);
    };
}

} // namespace tickplant::ctl
