// Bytes in: one recv per event, then heads or frames. Input that cannot be used yet is held, within bounds.
#include "runtime/net/client/client_set_implementation.hpp"
#include "runtime/wire/close_code.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace tickplant::net {

namespace {

/// Each ping is answered up to this many in one piece of input; of more, the newest alone (RFC 6455, section 5.5.3).
constexpr int pongs_per_read = 16;
/// Requests behind one another in one piece of input; the rest waits for the next turn.
constexpr int requests_per_turn = 8;

/// Size of the head at the start of `input`, 0 if its end is not there. A bare line feed ends lines too: the parser
/// then refuses the head at once instead of waiting for an end that never comes.
size_t head_size(std::span<const uint8_t> input, size_t from) {
  for (size_t at = from; at < input.size(); ++at) {
    if (input[at] != '\n') continue;
    if (at + 1 < input.size() && input[at + 1] == '\n') return at + 2;
    if (at + 2 < input.size() && input[at + 1] == '\r' && input[at + 2] == '\n') return at + 3;
  }
  return 0;
}

/// Whether the first bytes are an HTTP method or may become one; the start of a TLS handshake cannot.
bool may_become_http(std::span<const uint8_t> input) {
  const auto is_letter = [](uint8_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-'; };
  const auto start = input.first(std::min<size_t>(input.size(), 24));
  const auto end = std::find(start.begin(), start.end(), uint8_t{' '});
  if (end == start.begin() || (end == start.end() && start.size() == 24)) return false;
  return std::all_of(start.begin(), end, is_letter);
}

} // namespace

void client_set::implementation::read(uint32_t index) {
  client_record& one = table.at(index);
  if (is_shaking(one)) return shake(index);
  const ssize_t got = receive(one);
  if (got < 0) {
    if (errno != EAGAIN && errno != EINTR) return finish(index, wire::close_code::abnormal);
    if (one.tls) update_interest(index); // it may wait for the other direction
    return;
  }
  if (got == 0) {
    one.by_peer = one.by_peer || one.phase == client_phase::open;
    finish(index, wire::close_code::abnormal);
    return;
  }
  counters.bytes_in += static_cast<uint64_t>(got);
  if (one.ping_is_out) {
    // Any inbound byte proves life; the pong may well lie behind other frames.
    one.ping_is_out = false;
    set_ping(index, options.ping_interval_ns);
  }
  take_input(index, std::span{buffer}.first(static_cast<size_t>(got)));
  if (!one.is_live()) return;
  if (one.tls && one.tls->has_ended()) make_ready(index);
  update_interest(index);
}

void client_set::implementation::take_input(uint32_t index, std::span<uint8_t> input) {
  switch (table.at(index).phase) {
    case client_phase::head: take_heads(index, input); break;
    case client_phase::open:
    case client_phase::closing: take_frames(index, input); break;
    default: break; // discarding
  }
}

void client_set::implementation::make_ready(uint32_t index) {
  client_record& one = table.at(index);
  if (one.is_ready) return;
  one.is_ready = true;
  ready.push_back(index);
  ask_turn();
}

void client_set::implementation::take_held(uint32_t index) {
  client_record& one = table.at(index);
  if (!one.held || one.paused || one.phase == client_phase::answering || one.phase == client_phase::deciding) return;
  if (one.phase == client_phase::head) return take_heads(index, {});
  const auto held = std::move(one.held);
  take_input(index, std::span{held->bytes}.first(held->size));
}

/// Puts `input` behind what is held already. Callers see to the bound: a head limit or one read buffer.
void client_set::implementation::hold(client_record& one, std::span<const uint8_t> input, size_t scanned) {
  if (input.empty()) return;
  if (!one.held) one.held = std::make_unique<held_input>();
  held_input& held = *one.held;
  held.bytes.resize(held.size + input.size() + wire::frame_padding);
  std::memcpy(held.bytes.data() + held.size, input.data(), input.size());
  held.size += input.size();
  held.scanned = scanned;
}

void client_set::implementation::take_heads(uint32_t index, std::span<uint8_t> input) {
  client_record& one = table.at(index);
  std::unique_ptr<held_input> joined;
  size_t scanned = 0;
  if (one.held) {
    hold(one, input, one.held->scanned);
    if (one.held->size < one.held->needed) return;
    joined = std::move(one.held);
    scanned = joined->scanned;
    input = std::span{joined->bytes}.first(joined->size);
  }
  release_head(one);
  for (int served = 0; one.phase == client_phase::head && !input.empty(); ++served) {
    // RFC 9112, section 2.2: empty lines before a request are skipped.
    while (scanned == 0 && !input.empty() && (input[0] == '\r' || input[0] == '\n')) input = input.subspan(1);
    if (input.empty()) return;
    if (served == requests_per_turn) {
      hold(one, input, 0);
      return make_ready(index);
    }
    const size_t used = take_head(index, input, scanned, joined);
    if (used == 0) return;
    scanned = 0;
    input = input.subspan(used);
  }
  if (input.empty()) return;
  if (one.phase == client_phase::open || one.phase == client_phase::closing) return take_frames(index, input);
  if (one.phase == client_phase::answering || one.phase == client_phase::deciding) hold(one, input, 0);
}

/// One request off the front of `input`. Answers the bytes used, 0 if it was refused or more of it is awaited.
size_t client_set::implementation::take_head(uint32_t index, std::span<uint8_t> input, size_t scanned,
                                             std::unique_ptr<held_input>& joined) {
  client_record& one = table.at(index);
  if (!may_become_http(input)) {
    ++counters.bad_request;
    refuse(index, 400, "This is not an HTTP request. Is it TLS on a plain port?");
    return 0;
  }
  const size_t size = head_size(input, scanned > 2 ? scanned - 2 : 0);
  if (size > options.head_limit || (size == 0 && input.size() >= options.head_limit)) {
    ++counters.head_too_large;
    refuse(index, 431, "Request head is larger than " + std::to_string(options.head_limit) + " bytes.");
    return 0;
  }
  if (size == 0) {
    await_more(index, input, scanned, joined);
    if (one.held) one.held->scanned = one.held->size;
    return 0;
  }
  http_head head;
  const auto bytes = input.first(size);
  const auto refusal = head.parse({reinterpret_cast<const char*>(bytes.data()), size}, listeners[one.listener].rules);
  if (refusal.status != 0) {
    one.had_request = true;
    refuse_head(index, refusal);
    return 0;
  }
  const size_t whole = size + head.body_size;
  if (whole > input.size()) {
    if (head.expects_continue && input.size() == size) {
      constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      if (send_some(one, go_on.data(), go_on.size()) != static_cast<ssize_t>(go_on.size())) {
        finish(index, wire::close_code::abnormal);
        return 0;
      }
    }
    await_more(index, input, scanned, joined);
    if (one.held) one.held->scanned = 0, one.held->needed = whole; // the head is read anew then
    return 0;
  }
  head.request.body = {reinterpret_cast<const char*>(input.data()) + size, head.body_size};
  take_request(index, head);
  return whole;
}

/// Holds a request that is not complete, within the bound on their number.
void client_set::implementation::await_more(uint32_t index, std::span<uint8_t> input, size_t scanned,
                                            std::unique_ptr<held_input>& joined) {
  client_record& one = table.at(index);
  if (partial_heads >= options.max_partial_heads) {
    ++counters.refused_full;
    return refuse(index, 503, "Too many requests are being received. Try again.", {{"Retry-After", "1"}});
  }
  // The clock of a request runs from its first byte; for a fresh connection it does since its adoption.
  if (one.had_request && scanned == 0) set_deadline(index, options.handshake_ns);
  one.head_counted = true;
  ++partial_heads;
  if (!joined || input.data() != joined->bytes.data()) return hold(one, input, 0);
  one.held = std::move(joined);
}

void client_set::implementation::take_frames(uint32_t index, std::span<uint8_t> input) {
  client_record& one = table.at(index);
  int pongs = 0;
  std::array<uint8_t, wire::max_control_payload> newest_ping;
  size_t newest_size = 0;
  while (one.phase == client_phase::open || one.phase == client_phase::closing) {
    if (one.paused) {
      hold(one, input, 0);
      break;
    }
    const auto event = one.reader.next(input, options.message_limit, one.may_compress);
    if (event.what == wire::frame_event::kind::more) break;
    switch (event.what) {
      case wire::frame_event::kind::message:
        if (one.phase != client_phase::open) break;
        ++counters.messages_in;
        guarded(index, [&] {
          const auto kind = event.code == wire::opcode::text ? message_kind::text : message_kind::binary;
          events.on_message(ref_of(index), {kind, event.payload, event.is_compressed});
        });
        break;
      case wire::frame_event::kind::ping:
        ++counters.pings_in;
        if (one.phase != client_phase::open) break;
        if (++pongs <= pongs_per_read) {
          send_control(index, wire::opcode::pong, event.payload);
        } else {
          newest_size = event.payload.size();
          std::copy(event.payload.begin(), event.payload.end(), newest_ping.begin());
        }
        break;
      case wire::frame_event::kind::pong: {
        ++counters.pongs_in;
        uint64_t sent = 0;
        if (event.payload.size() == sizeof sent) std::memcpy(&sent, event.payload.data(), sizeof sent);
        const uint64_t now = monotonic_now_ns();
        // Ours carry the time they were sent at; a stamp before the set began or in the future is none of ours.
        const uint64_t round_trip = sent >= start_ns && sent < now ? now - sent : 0;
        if (one.phase == client_phase::open) guarded(index, [&] { events.on_pong(ref_of(index), round_trip); });
        break;
      }
      case wire::frame_event::kind::close:
        return peer_closed(index, event.close_code,
                           {reinterpret_cast<const char*>(event.payload.data()), event.payload.size()});
      case wire::frame_event::kind::fault:
        ++counters.protocol_faults;
        if (one.phase == client_phase::closing) return finish(index, event.close_code);
        return begin_close(index, event.close_code, event.why, client_phase::discarding);
      case wire::frame_event::kind::more: break;
    }
  }
  if (pongs > pongs_per_read && one.phase == client_phase::open)
    send_control(index, wire::opcode::pong, std::span{newest_ping}.first(newest_size));
}

void client_set::implementation::peer_closed(uint32_t index, uint16_t code, std::string_view reason) {
  client_record& one = table.at(index);
  one.clean = true;
  if (one.phase == client_phase::closing) return finish(index, one.close_code);
  one.by_peer = true;
  begin_close(index, code, reason, client_phase::parting);
}

} // namespace tickplant::net
