// Clients behind TLS: the handshake, and records in place of plain sends. All else is as for plain clients.
#include "runtime/net/client/client_set_implementation.hpp"
#include "runtime/wire/close_code.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace tickplant::net {

/// As recv into the set's buffer. What is only thrown away needs no decryption.
ssize_t client_set::implementation::receive(client_record& one) {
  const auto room = std::span{buffer}.first(buffer.size() - wire::frame_padding);
  if (one.tls && one.phase != client_phase::discarding) return one.tls->read(room);
  return ::recv(one.descriptor, room.data(), room.size(), MSG_DONTWAIT);
}

/// Input that is there though epoll may not say so.
bool client_set::implementation::has_unread(const client_record& one) {
  return one.held || (one.tls && one.tls->has_ended());
}

bool client_set::implementation::is_shaking(const client_record& one) {
  return one.tls && !one.tls->is_open() && one.phase == client_phase::head;
}

/// Another step of the handshake, whose first byte tells whether it is one at all.
void client_set::implementation::shake(uint32_t index) {
  client_record& one = table.at(index);
  if (!one.tls->is_started()) {
    uint8_t first = 0;
    const ssize_t got = ::recv(one.descriptor, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return finish(index, wire::close_code::abnormal);
    constexpr uint8_t handshake_record = 22; // RFC 8446, section 5.1
    if (first != handshake_record) {
      ++counters.tls_failed;
      ++listeners[one.listener].counters.tls_failed;
      one.tls.reset();
      return refuse(index, 400, "This port speaks TLS: use https:// or wss://.");
    }
    // A handshake holds more memory than a head: their number is bounded together.
    if (partial_heads >= options.max_partial_heads || !one.tls->start(one.descriptor)) {
      ++counters.refused_full;
      return finish(index, wire::close_code::abnormal);
    }
    one.head_counted = true;
    ++partial_heads;
  }
  switch (one.tls->shake()) {
    case tls_link::step::again: return update_interest(index);
    case tls_link::step::done:
      ++counters.tls_handshakes;
      release_head(one);
      return update_interest(index);
    case tls_link::step::failed: break;
  }
  ++counters.tls_failed;
  ++listeners[one.listener].counters.tls_failed;
  release_head(one);
  // OpenSSL's alert says why; closing at once could destroy it on its way.
  one.phase = client_phase::discarding;
  stop_sending(one);
  set_deadline(index, options.close_wait_ns);
  update_interest(index);
}

/// As sendmsg: pieces are gathered into records, each sent as soon as it is full.
ssize_t client_set::implementation::send_records(client_record& one, std::span<const iovec> pieces) {
  size_t total = 0, first = 0, offset = 0;
  for (;;) {
    while (first != pieces.size() && offset == pieces[first].iov_len) ++first, offset = 0;
    if (first == pieces.size()) return static_cast<ssize_t>(total);
    std::span<const uint8_t> next{static_cast<const uint8_t*>(pieces[first].iov_base) + offset,
                                  pieces[first].iov_len - offset};
    if (next.size() < tls_link::record_size && first + 1 != pieces.size()) {
      record.resize(tls_link::record_size);
      size_t size = 0;
      for (size_t i = first, from = offset; i != pieces.size() && size != record.size(); ++i, from = 0) {
        const size_t more = std::min(pieces[i].iov_len - from, record.size() - size);
        if (more != 0) std::memcpy(record.data() + size, static_cast<const uint8_t*>(pieces[i].iov_base) + from, more);
        size += more;
      }
      next = std::span{record}.first(size);
    }
    const ssize_t taken = one.tls->write(next);
    if (taken < 0) return -1;
    if (taken == 0) return static_cast<ssize_t>(total);
    total += static_cast<size_t>(taken);
    for (offset += static_cast<size_t>(taken); first != pieces.size() && offset >= pieces[first].iov_len; ++first)
      offset -= pieces[first].iov_len;
  }
}

} // namespace tickplant::net
