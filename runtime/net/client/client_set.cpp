#include "runtime/net/client/client_set.hpp"

#include "runtime/net/client/client_set_implementation.hpp"
#include "runtime/net/client/http_answer.hpp"
#include "runtime/wire/close_code.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace tickplant::net {

namespace {

/// A TLS record. What is read of a client that is not to be read further is kept.
constexpr size_t read_size = tls_link::record_size;

} // namespace

void check(const client_options& options) {
  const auto want = [](bool right, const char* text) {
    if (!right) throw std::invalid_argument(std::string{"client_options: "} + text);
  };
  want(options.max_clients > 0, "max_clients must be at least 1");
  want(options.head_limit >= 256 && options.head_limit <= 32 * 1024, "head_limit must be 256 to 32768 bytes");
  want(options.message_limit >= 1, "message_limit must be at least 1 byte");
  want(options.timer_step_ns >= 1'000'000, "timer_step_ns must be at least a millisecond");
}

size_t client_counters::closed_index(uint16_t code) {
  if (code >= 1000 && code <= 1015) return static_cast<size_t>(code - 1000);
  if (code >= 4000 && code <= 4399) return static_cast<size_t>(17 + (code - 4000) / 100);
  return 16;
}

client_set::implementation::implementation(event_loop& on, client_events& to, const client_options& given)
  : loop(on), events(to), options(given), start_ns(monotonic_now_ns()) {
  check(options);
  poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) throw std::system_error(errno, std::generic_category(), "client_set: epoll_create1");
  buffer.resize(read_size + wire::frame_padding);
  watch = std::make_unique<loop_watch>(loop, poll, [this] { socket_turn(); });
  clock = std::make_unique<loop_timer>(loop, [this] { clock_turn(); });
  turn_timer = std::make_unique<loop_timer>(loop, [this] { extra_turn(); });
  watch->arm();
  clock->arm_at(start_ns + options.timer_step_ns);
}

client_set::implementation::~implementation() {
  watch.reset();
  for (uint32_t index = 0; index != table.size(); ++index)
    if (const int descriptor = table.at(index).descriptor; descriptor >= 0) ::close(descriptor);
  ::close(poll);
}

bool client_set::implementation::adopt(int descriptor, const peer_address& peer, uint32_t listener) {
  listener_place& place = listeners[listener];
  if (!may_enter(place, peer, descriptor)) return false;
  const uint32_t index = table.take(options.max_clients);
  if (index == UINT32_MAX) {
    place.gate->leave(peer);
    ++counters.refused_full;
    ++place.counters.refused;
    tell_refused(place, descriptor, 503, "Too many clients. Try again later.");
    return false;
  }
  // Not all kinds of sockets know these; what matters is that TCP does (fan-out: slow clients).
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (options.unsent_low_watermark > 0)
    setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &options.unsent_low_watermark, sizeof(int));
  if (options.receive_buffer > 0) setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof(int));
  if (options.send_buffer > 0) setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &options.send_buffer, sizeof(int));
  client_record& one = table.at(index);
  epoll_event event{};
  event.events = one.interest = EPOLLIN;
  event.data.u64 = static_cast<uint64_t>(one.generation) << 32 | index;
  if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    table.give_back(index);
    place.gate->leave(peer);
    ::close(descriptor);
    ++counters.refused_full;
    ++place.counters.refused;
    return false;
  }
  one.descriptor = descriptor;
  one.phase = client_phase::head;
  one.listener = listener;
  one.peer = peer;
  if (place.settings.tls) one.tls = std::make_unique<tls_link>(place.settings.tls);
  ++counters.adopted;
  ++counters.records;
  ++place.counters.accepted;
  count_record(one, 1);
  set_deadline(index, options.handshake_ns);
  return true;
}

/// Closes a connection that gets no record. The words are best effort: a fresh socket takes this much.
void client_set::implementation::tell_refused(const listener_place& place, int descriptor, uint16_t status,
                                              std::string_view why) {
  if (!place.settings.tls) { // a handshake for a few words would cost more than a client
    auto response = http_response::text(status, std::string{why} + "\n");
    response.fields = {{"Retry-After", "5"}};
    print_head(text, response, status, true, wall_now_ns());
    text += *response.body;
    (void)!::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  ::shutdown(descriptor, SHUT_WR);
  ::close(descriptor);
}

client_record* client_set::implementation::live(client_ref client) {
  client_record* one = table.find(client);
  return one && one->is_live() ? one : nullptr;
}

void client_set::implementation::socket_turn() {
  in_turn = true;
  handle_ready();
  bury();
  in_turn = false;
  watch->arm();
}

/// One batch of sockets that are ready; answers their number.
int client_set::implementation::handle_ready() {
  std::array<epoll_event, events_per_turn> batch;
  const int count = epoll_wait(poll, batch.data(), events_per_turn, 0);
  for (int i = 0; i < count; ++i) {
    const auto& event = batch[static_cast<size_t>(i)];
    const client_ref client{static_cast<uint32_t>(event.data.u64), static_cast<uint32_t>(event.data.u64 >> 32)};
    // A record may have died earlier in this batch.
    if (live(client)) guarded(client.index, [&] { handle(client.index, event.events); });
  }
  return count;
}

void client_set::implementation::extra_turn() {
  in_turn = true;
  turn_is_asked = false;
  run_ready();
  bury();
  in_turn = false;
}

void client_set::implementation::ask_turn() {
  if (turn_is_asked) return;
  turn_is_asked = true;
  turn_timer->arm_at(0);
}

void client_set::implementation::handle(uint32_t index, uint32_t what) {
  client_record& one = table.at(index);
  const bool wakes_write = (what & EPOLLIN) != 0 && one.tls && one.tls->wants_read();
  const bool wakes_read = (what & EPOLLOUT) != 0 && one.tls && one.tls->wants_write();
  if ((what & EPOLLOUT) != 0 || wakes_write) flush(index);
  if (wakes_read && one.is_live()) what |= EPOLLIN;
  if (one.phase == client_phase::deciding && (what & EPOLLRDHUP) != 0) {
    one.by_peer = true;
    return finish(index, wire::close_code::abnormal);
  }
  if (!one.is_live() || (what & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  if (reads(one) && !one.is_ready)
    read(index);
  else if ((what & (EPOLLHUP | EPOLLERR)) != 0)
    finish(index, wire::close_code::abnormal); // nothing is read from it, and the event would come for ever
}

void client_set::implementation::run_ready() {
  ready_now.swap(ready);
  for (const uint32_t index : ready_now) {
    client_record& one = table.at(index);
    if (!one.is_ready) continue; // died since, perhaps its index has another owner
    one.is_ready = false;
    guarded(index, [&] {
      if (one.pending && one.pending->arrived) decided(index);
      take_held(index);
      if (one.phase == client_phase::open && one.tail && is_slow(*one.tail)) tell_slow(index);
      if (one.is_live() && one.tls && one.tls->has_ended() && reads(one)) read(index);
    });
    if (one.is_live()) update_interest(index);
  }
  ready_now.clear();
}

/// Whether bytes of this client are wanted now.
bool client_set::implementation::reads(const client_record& one) {
  return !one.paused && one.phase != client_phase::deciding && one.phase != client_phase::answering &&
         one.phase != client_phase::parting;
}

void client_set::implementation::update_interest(uint32_t index) {
  client_record& one = table.at(index);
  const bool reading = !one.is_ready && reads(one);
  const bool in = reading || (one.tls && one.tail && one.tls->wants_read());
  const bool out = one.tail || (one.tls && reading && one.phase != client_phase::discarding && one.tls->wants_write());
  uint32_t wanted = (in ? EPOLLIN : 0u) | (out ? EPOLLOUT : 0u);
  // A WebSocket whose peer says no more is over; a plain request may end its own direction and still be answered.
  if (one.phase == client_phase::deciding && one.pending->is_upgrade) wanted |= EPOLLRDHUP;
  if (wanted == one.interest) return;
  one.interest = wanted;
  epoll_event event{};
  event.events = wanted;
  event.data.u64 = static_cast<uint64_t>(one.generation) << 32 | index;
  epoll_ctl(poll, EPOLL_CTL_MOD, one.descriptor, &event);
}

void client_set::implementation::release_head(client_record& one) {
  if (!one.head_counted) return;
  one.head_counted = false;
  --partial_heads;
}

/// The end of a socket, in whatever way. on_closed and the release of the record come at the end of the turn.
void client_set::implementation::finish(uint32_t index, uint16_t code) {
  client_record& one = table.at(index);
  if (!one.is_live()) return;
  if (one.phase == client_phase::open) count_open(one, -1);
  count_record(one, -1);
  if (one.phase == client_phase::head && one.head_counted) ++counters.head_abandoned;
  release_head(one);
  if (one.close_code == 0) one.close_code = code;
  if (one.tail) one.clean = false; // our close frame, or what stands before it, never left
  if (one.tls && !one.tail) one.tls->say_goodbye();
  one.tls.reset();
  one.phase = client_phase::dead;
  one.is_ready = false;
  ::close(one.descriptor);
  one.descriptor = -1;
  one.tail.reset();
  one.held.reset();
  one.pending.reset();
  wheel.clear(index);
  graves.push_back(index);
  if (!in_turn) ask_turn();
}

void client_set::implementation::bury() {
  while (!graves.empty()) {
    graves_now.swap(graves);
    for (const uint32_t index : graves_now) {
      client_record& one = table.at(index);
      if (one.is_upgraded) {
        if (one.was_open) ++counters.closed[client_counters::closed_index(one.close_code)];
        guarded(index, [&] {
          const close_report report{one.close_code, one.reason ? std::string_view{*one.reason} : std::string_view{},
                                    one.clean, one.by_peer};
          events.on_closed(ref_of(index), report);
        });
      }
      --counters.records;
      table.give_back(index);
    }
    graves_now.clear();
  }
}

void client_set::implementation::fault(uint32_t index, std::string_view what) {
  const std::string kept{what}; // it may lie in the exception of a callback that the next lines outlive
  client_record& one = table.at(index);
  if (one.phase == client_phase::open)
    begin_close(index, wire::close_code::internal_error, "internal error", client_phase::closing);
  else if (one.phase != client_phase::closing)
    finish(index, wire::close_code::internal_error);
  report_fault(index, kept);
}

void client_set::implementation::report_fault(uint32_t index, std::string_view what) {
  ++counters.callback_faults;
  try {
    events.on_fault(ref_of(index), what);
  } catch (...) { // it was told not to throw, and nothing is left to be told of it
  }
}

} // namespace tickplant::net
