#include "client.hpp"

#include "tcp_segments.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tickplant::load {

namespace {

constexpr unsigned no_close_frame = 1006, no_code = 1005, protocol_error = 1002, invalid_payload = 1007,
                   too_large = 1009;
constexpr uint64_t longest_message = 64u << 20;
constexpr size_t longest_greeting = 16 * 1024;
// The answer to the key that swarm.cpp sends (RFC 6455, 1.3).
constexpr std::string_view accepted = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
// Masks keep proxies from being tricked by pages (RFC 6455, 10.3); a load has neither.
constexpr uint32_t mask = 0x37fa213d;

unsigned status_of(std::string_view head) {
  return head.starts_with("HTTP/1.1 ") && head.size() >= 12 ? static_cast<unsigned>(std::atoi(head.data() + 9)) : 0;
}

} // namespace

client::~client() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void client::connect() {
  descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  phase_ = phase::connecting;
  ++shared_.opening;
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&shared_.server), sizeof shared_.server) != 0 &&
      errno != EINPROGRESS)
    return end(0, std::strerror(errno));
  watch(true, EPOLL_CTL_ADD);
}

void client::on_ready(uint32_t events) {
  if (phase_ == phase::connecting) return connected(events);
  if (phase_ == phase::securing) return secure();
  if ((events & EPOLLOUT) != 0) flush();
  if (phase_ != phase::ended && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

void client::connected(uint32_t events) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return end(0, std::strerror(error));
  if ((events & EPOLLOUT) == 0) return;
  if (!shared_.tls) return greet();
  phase_ = phase::securing;
  tls_ = std::make_unique<tls_stream>(*shared_.tls, descriptor_);
  secure();
}

void client::secure() {
  switch (tls_->shake()) {
    case tls_stream::step::done: return greet();
    case tls_stream::step::wants_read: return watch(false, EPOLL_CTL_MOD);
    case tls_stream::step::wants_write: return watch(true, EPOLL_CTL_MOD);
    case tls_stream::step::failed: return end(0, "TLS handshake failed");
  }
}

void client::greet() {
  phase_ = phase::greeting;
  waits_to_write_ = false;
  send(shared_.greeting);
  if (!waits_to_write_ && phase_ == phase::greeting) watch(false, EPOLL_CTL_MOD);
}

void client::read() {
  do {
    const ssize_t got = tls_ ? tls_->read(shared_.scratch.data(), shared_.room())
                             : ::recv(descriptor_, shared_.scratch.data(), shared_.room(), 0);
    if (got <= 0) {
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      return end(no_close_frame, got == 0 ? "end of the connection" : std::strerror(errno));
    }
    shared_.counts.bytes += static_cast<uint64_t>(got);
    take(shared_.scratch.data(), static_cast<size_t>(got));
  } while (tls_ && phase_ != phase::ended && tls_->has_more());
}

ssize_t client::send_some(std::string_view bytes) {
  return tls_ ? tls_->write(bytes.data(), bytes.size()) : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void client::take(char* bytes, size_t size) {
  std::string_view all{bytes, size};
  std::string joined;
  if (!rest_.empty()) {
    // simdjson reads a few bytes beyond the text.
    joined.reserve(rest_.size() + size + simdjson::SIMDJSON_PADDING);
    joined.append(rest_).append(all);
    rest_.clear();
    all = joined;
  }
  bool goes_on = true;
  while (goes_on && !all.empty() && phase_ != phase::ended) {
    size_t used = 0;
    goes_on = phase_ == phase::greeting ? take_greeting(all, used) : take_frame(all, used);
    all.remove_prefix(used);
  }
  if (phase_ != phase::ended) rest_.assign(all);
}

bool client::take_greeting(std::string_view bytes, size_t& used) {
  const size_t blank = bytes.find("\r\n\r\n");
  if (blank == std::string_view::npos && bytes.size() < longest_greeting) return false;
  const auto head = bytes.substr(0, blank);
  const unsigned status = status_of(head);
  if (status != 101 || head.find(accepted) == std::string_view::npos) {
    end(status, head);
    return false;
  }
  used = blank + 4;
  phase_ = phase::open;
  --shared_.opening;
  ++shared_.counts.open;
  send(role_.first_frames);
  std::string{}.swap(role_.first_frames);
  return true;
}

bool client::take_frame(std::string_view bytes, size_t& used) {
  frame_header header;
  const char* fault = "";
  switch (read_header(bytes, header, fault)) {
    case header_state::partial: return false;
    case header_state::broken: end(protocol_error, fault); return false;
    case header_state::whole: break;
  }
  if (header.payload > longest_message) {
    end(too_large, "message of more than 64 MiB");
    return false;
  }
  if (header.is_compressed && !shared_.may_compress) {
    end(protocol_error, "compressed without an offer");
    return false;
  }
  const size_t whole = header.size + static_cast<size_t>(header.payload);
  if (bytes.size() < whole) return false;
  used = whole;
  const auto payload = bytes.substr(header.size, static_cast<size_t>(header.payload));
  if (header.code < opcode::close) return take_data(header, payload);
  take_control(header.code, payload);
  return true;
}

void client::take_control(opcode code, std::string_view payload) {
  if (code == opcode::pong) return;
  std::string answer;
  append_frame(answer, code == opcode::ping ? opcode::pong : opcode::close, payload, mask);
  send(answer);
  if (phase_ == phase::ended) return;
  if (code == opcode::ping) {
    ++shared_.counts.pings;
    return;
  }
  const unsigned number = payload.size() < 2 ? no_code
                                             : static_cast<unsigned>(static_cast<uint8_t>(payload[0])) << 8 |
                                                 static_cast<uint8_t>(payload[1]);
  end(number, payload.size() > 2 ? payload.substr(2) : "no reason");
}

bool client::take_data(const frame_header& header, std::string_view payload) {
  if ((header.code == opcode::continuation) != is_in_message_) {
    end(protocol_error, "fragments out of order");
    return false;
  }
  if (header.is_final && !is_in_message_) {
    take_message(payload, header.is_compressed);
    return true;
  }
  if (!is_in_message_) is_fragment_compressed_ = header.is_compressed;
  if (message_.size() + payload.size() > longest_message) {
    end(too_large, "message of more than 64 MiB");
    return false;
  }
  message_.append(payload);
  is_in_message_ = !header.is_final;
  if (!header.is_final) return true;
  message_.reserve(message_.size() + simdjson::SIMDJSON_PADDING);
  take_message(message_, is_fragment_compressed_);
  message_.clear();
  return true;
}

void client::take_message(std::string_view payload, bool is_compressed) {
  ++shared_.counts.messages;
  if (is_compressed) {
    ++shared_.counts.compressed;
    const auto text = shared_.inflate.whole(payload, longest_message);
    if (!text) return end(invalid_payload, "broken compression");
    payload = *text;
  }
  const int64_t now_us = wall_us();
  const uint64_t before = memory_.updates + memory_.changes;
  if (role_.checks_entries)
    shared_.check.read(payload, memory_, now_us);
  else
    shared_.check.skim(payload, memory_, now_us);
  if (memory_.updates + memory_.changes == before) {
    if (role_.reads_nothing && memory_.is_subscribed) fall_silent();
    return;
  }
  shared_.counts.longest_stall_us = std::max(shared_.counts.longest_stall_us, waits_us(now_us));
  last_update_us_ = now_us;
}

uint64_t client::sends() const {
  return phase_ == phase::open ? data_segments_of(descriptor_) : 0;
}

int64_t client::waits_us(int64_t now_us) const {
  if (role_.reads_nothing || last_update_us_ == 0 || shared_.measured_from_us == 0) return 0;
  return now_us - std::max(last_update_us_, shared_.measured_from_us);
}

void client::fall_silent() {
  epoll_event wanted{};
  wanted.data.ptr = this;
  ::epoll_ctl(shared_.epoll, EPOLL_CTL_MOD, descriptor_, &wanted);
}

void client::send(std::string_view bytes) {
  if (bytes.empty()) return;
  if (unsent_.empty()) {
    const ssize_t sent = send_some(bytes);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return end(no_close_frame, std::strerror(errno));
    bytes.remove_prefix(sent > 0 ? static_cast<size_t>(sent) : 0);
  }
  unsent_.append(bytes);
  if (!unsent_.empty() && !waits_to_write_) watch(true, EPOLL_CTL_MOD);
}

void client::flush() {
  std::string waiting;
  waiting.swap(unsent_);
  waits_to_write_ = false;
  send(waiting);
  if (phase_ != phase::ended && !waits_to_write_) watch(false, EPOLL_CTL_MOD);
}

void client::watch(bool for_writing, int how) {
  waits_to_write_ = for_writing && how == EPOLL_CTL_MOD;
  epoll_event wanted{};
  wanted.events = EPOLLIN | (for_writing ? static_cast<uint32_t>(EPOLLOUT) : 0u);
  wanted.data.ptr = this;
  if (::epoll_ctl(shared_.epoll, how, descriptor_, &wanted) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void client::end(unsigned code, std::string_view why) {
  if (phase_ == phase::ended) return;
  if (phase_ == phase::open) {
    --shared_.counts.open;
    shared_.counts.subscribed -= memory_.is_subscribed ? 1 : 0;
    ++shared_.counts.disconnects[code];
    shared_.check.note(memory_, "disconnected with " + std::to_string(code), why);
  } else {
    --shared_.opening;
    ++shared_.counts.failed_handshakes[code == no_close_frame ? 0 : code];
    shared_.check.note(memory_, "handshake failed", why);
  }
  phase_ = phase::ended;
  tls_.reset();
  ::close(descriptor_);
  descriptor_ = -1;
}

void client::leave() {
  if (phase_ == phase::open) {
    std::string goodbye;
    append_frame(goodbye, opcode::close, std::string_view{"\x03\xe8", 2}, mask);
    // Whoever does not take it now learns of the end by the end.
    if (unsent_.empty()) (void)send_some(goodbye);
    --shared_.counts.open;
    shared_.counts.subscribed -= memory_.is_subscribed ? 1 : 0;
  } else if (phase_ == phase::connecting || phase_ == phase::securing || phase_ == phase::greeting) {
    --shared_.opening;
  }
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  phase_ = phase::ended;
}

} // namespace tickplant::load
