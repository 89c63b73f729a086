// Bytes out: one send per write; what the kernel does not take waits in the client's tail. Also the ways to close.
#include "runtime/net/client/client_set_implementation.hpp"
#include "runtime/wire/close_code.hpp"
#include "runtime/wire/error_registry.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace tickplant::net {

namespace {

constexpr size_t pieces_per_send = 256;

/// Bytes were encrypted and not taken: they must follow, whatever else is dropped.
bool owes(const client_record& one) {
  return one.tls && one.tls->owed() != 0;
}

} // namespace

/// The only place that sends. Answers the bytes taken, 0 if the kernel takes none, -1 if the client is lost (finished
/// then). A client behind TLS differs here and in `receive` alone.
ssize_t client_set::implementation::send_some(client_record& one, const iovec* pieces, size_t count) {
  if (one.tls) {
    const ssize_t taken = send_records(one, {pieces, count});
    if (taken > 0) counters.bytes_out += static_cast<uint64_t>(taken);
    return taken;
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = count;
  for (;;) {
    const ssize_t taken = count == 1
                            ? ::send(one.descriptor, pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL | MSG_DONTWAIT)
                            : ::sendmsg(one.descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken >= 0) {
      counters.bytes_out += static_cast<uint64_t>(taken);
      return taken;
    }
    if (errno == EINTR) continue;
    return errno == EAGAIN || errno == ENOBUFS ? 0 : -1;
  }
}

ssize_t client_set::implementation::send_some(client_record& one, const void* bytes, size_t size) {
  const iovec piece{const_cast<void*>(bytes), size};
  return send_some(one, &piece, 1);
}

write_result client_set::implementation::write(uint32_t index, std::span<const std::span<const uint8_t>> pieces,
                                               bool must_keep) {
  client_record& one = table.at(index);
  if (one.phase != client_phase::open) return write_result::gone;
  if (one.tail) {
    if (!must_keep) {
      ++counters.writes_blocked;
      return write_result::blocked;
    }
    output_tail& waits = *one.tail;
    for (const auto& piece : pieces) waits.add_reply(piece, packer);
    ++counters.messages_out;
    if (waits.memory() > most_memory() || waits.waiting_replies() > most_replies()) {
      ++counters.reply_overflow;
      begin_close(index, wire::number_of(wire::error_code::slow_consumer), "replies are not read",
                  client_phase::closing);
      return write_result::gone;
    }
    // Told from a turn of its own: this may be a call of the host's.
    if (!one.slow_told && is_slow(waits)) make_ready(index);
    return write_result::kept;
  }
  size_t first = 0, offset = 0; // the first byte that the kernel has not taken
  bool took_any = false;
  while (first != pieces.size()) {
    std::array<iovec, pieces_per_send> batch;
    const size_t count = std::min(pieces.size() - first, pieces_per_send);
    size_t offered = 0;
    for (size_t i = 0; i != count; ++i) {
      batch[i] = {const_cast<uint8_t*>(pieces[first + i].data()), pieces[first + i].size()};
      offered += pieces[first + i].size();
    }
    const ssize_t taken = offered == 0 ? 0 : send_some(one, batch.data(), count);
    if (taken < 0) {
      finish(index, wire::close_code::abnormal);
      return write_result::gone;
    }
    took_any = took_any || taken > 0 || owes(one);
    if (static_cast<size_t>(taken) == offered) {
      first += count;
      continue;
    }
    for (offset = static_cast<size_t>(taken); offset >= pieces[first].size(); ++first) offset -= pieces[first].size();
    break;
  }
  if (first == pieces.size()) {
    ++counters.messages_out;
    return write_result::sent;
  }
  block(index);
  if (!took_any && !must_keep) {
    ++counters.writes_blocked;
    return write_result::blocked;
  }
  output_tail& tail = *one.tail;
  for (; first != pieces.size(); ++first, offset = 0) {
    const auto rest = pieces[first].subspan(offset);
    must_keep ? tail.add_reply(rest, packer) : tail.add_data(rest, packer);
  }
  ++counters.messages_out;
  return write_result::kept;
}

void client_set::implementation::block(uint32_t index) {
  client_record& one = table.at(index);
  if (one.tail) return;
  one.tail = std::make_unique<output_tail>();
  one.progress = one.tail->since = step_now();
  ++counters.blocked;
  update_interest(index);
  schedule(index);
}

/// Sends what waits, in order: rest and replies, a response's body, the newest pong, our close frame.
void client_set::implementation::flush(uint32_t index) {
  client_record& one = table.at(index);
  if (!one.tail) return;
  output_tail& tail = *one.tail;
  for (;;) {
    std::array<iovec, 2> pieces;
    size_t count = 0;
    const auto next = tail.next(packer);
    if (!next.empty()) pieces[count++] = {const_cast<uint8_t*>(next.data()), next.size()};
    if (tail.body && tail.body_at != tail.body->size())
      pieces[count++] = {const_cast<char*>(tail.body->data()) + tail.body_at, tail.body->size() - tail.body_at};
    if (count == 0) {
      std::array<uint8_t, wire::max_control_frame> frame;
      size_t size = 0;
      if (tail.has_pong) {
        tail.has_pong = false;
        size = wire::write_control(frame, wire::opcode::pong, std::span{tail.pong}.first(tail.pong_size));
      } else if (tail.has_close) {
        tail.has_close = false;
        size = wire::write_close(frame, one.close_code, one.reason ? *one.reason : std::string_view{});
      } else {
        return drained(index);
      }
      tail.add_reply(std::span{frame}.first(size), packer);
      continue;
    }
    const ssize_t taken = send_some(one, pieces.data(), count);
    if (taken < 0) return finish(index, wire::close_code::abnormal);
    if (taken == 0) return;
    one.progress = step_now();
    const size_t of_bytes = std::min(static_cast<size_t>(taken), next.size());
    tail.taken(of_bytes);
    tail.body_at += static_cast<size_t>(taken) - of_bytes;
  }
}

void client_set::implementation::drained(uint32_t index) {
  client_record& one = table.at(index);
  one.tail.reset();
  one.slow_told = false;
  switch (one.phase) {
    case client_phase::open: guarded(index, [&] { events.on_drained(ref_of(index)); }); break;
    case client_phase::answering: answered(index); break;
    case client_phase::closing: set_deadline(index, options.close_wait_ns); break; // the peer's time to answer
    case client_phase::parting: finish(index, one.close_code); break;
    case client_phase::discarding: stop_sending(one); break;
    default: break;
  }
  if (one.is_live()) update_interest(index);
}

/// Pings and pongs. Behind blocked output only the newest pong waits, and a ping is not worth waiting for.
void client_set::implementation::send_control(uint32_t index, wire::opcode code, std::span<const uint8_t> payload) {
  client_record& one = table.at(index);
  if (!one.tail) {
    std::array<uint8_t, wire::max_control_frame> frame;
    const size_t size = wire::write_control(frame, code, payload);
    const ssize_t taken = send_some(one, frame.data(), size);
    if (taken < 0) return finish(index, wire::close_code::abnormal);
    if (static_cast<size_t>(taken) == size) return;
    block(index);
    if (taken > 0 || owes(one)) {
      one.tail->add_data(std::span{frame}.subspan(static_cast<size_t>(taken), size - static_cast<size_t>(taken)),
                         packer);
      return;
    }
  }
  if (code != wire::opcode::pong) return;
  one.tail->has_pong = true;
  one.tail->pong_size = static_cast<uint8_t>(payload.size());
  std::copy(payload.begin(), payload.end(), one.tail->pong.begin());
}

/// From `open` to `phase`: our close frame goes out behind what waits, and the deadline of the farewell begins.
void client_set::implementation::begin_close(uint32_t index, uint16_t code, std::string_view reason,
                                             client_phase phase) {
  client_record& one = table.at(index);
  if (one.phase != client_phase::open) return;
  count_open(one, -1);
  one.phase = phase;
  one.close_code = code == 0 ? wire::close_code::abnormal : code;
  one.reason = std::make_unique<std::string>(wire::clip_reason(reason));
  if (one.paused) {
    // The peer's close frame must be found among what lies unread.
    one.paused = false;
    if (has_unread(one)) make_ready(index);
  }
  set_deadline(index, options.close_wait_ns);
  if (!one.tail) {
    std::array<uint8_t, wire::max_control_frame> frame;
    const size_t size = wire::write_close(frame, one.close_code, *one.reason);
    const ssize_t taken = send_some(one, frame.data(), size);
    if (taken < 0) return finish(index, one.close_code);
    if (static_cast<size_t>(taken) == size) {
      if (phase == client_phase::parting) return finish(index, one.close_code);
      if (phase == client_phase::discarding) stop_sending(one);
    } else {
      block(index);
      one.tail->add_reply(std::span{frame}.subspan(static_cast<size_t>(taken), size - static_cast<size_t>(taken)),
                          packer);
    }
  } else {
    one.tail->has_close = true;
  }
  update_interest(index);
}

/// Half-closes: the peer gets all that was sent, and its end of file ends the client. Closing at once would answer what
/// the peer still sends by a reset, which destroys our last bytes on their way.
void client_set::implementation::stop_sending(client_record& one) {
  one.progress = step_now();
  one.untaken = UINT32_MAX;
  if (one.tls) one.tls->say_goodbye();
  ::shutdown(one.descriptor, SHUT_WR);
}

/// Bytes of ours that the peer's system has not got, behind the end of our direction, which counts as one.
uint32_t client_set::implementation::untaken(const client_record& one) {
  int left = 0;
  return ioctl(one.descriptor, SIOCOUTQ, &left) == 0 && left > 1 ? static_cast<uint32_t>(left - 1) : 0;
}

} // namespace tickplant::net
