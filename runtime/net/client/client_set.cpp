#include "runtime/net/client/client_set.hpp"

#include "runtime/net/client/client_set_implementation.hpp"
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

constexpr size_t read_size = 64 * 1024;
constexpr int events_per_turn = 256;

void check(const client_options& options) {
  const auto want = [](bool right, const char* text) {
    if (!right) throw std::invalid_argument(std::string{"client_options: "} + text);
  };
  want(options.max_clients > 0, "max_clients must be at least 1");
  want(options.head_limit >= 256 && options.head_limit <= 32 * 1024, "head_limit must be 256 to 32768 bytes");
  want(options.message_limit >= 1, "message_limit must be at least 1 byte");
  want(options.timer_step_ns >= 1'000'000, "timer_step_ns must be at least a millisecond");
}

} // namespace

size_t client_counters::closed_index(uint16_t code) {
  if (code >= 1000 && code <= 1015) return static_cast<size_t>(code - 1000);
  if (code >= 4000 && code <= 4399) return static_cast<size_t>(17 + (code - 4000) / 100);
  return 16;
}

client_set::implementation::implementation(event_loop& on, client_events& to, const client_options& given)
  : loop(on), events(to), options(given), table(given.max_clients), start_ns(monotonic_now_ns()) {
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
  const uint32_t index = table.take();
  if (index == UINT32_MAX) {
    ++counters.refused_full;
    constexpr std::string_view full = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                      "Content-Length: 25\r\nRetry-After: 5\r\nConnection: close\r\n\r\n"
                                      "Too many clients, go away";
    // Best effort: there is no record to wait with, and a fresh socket takes this much.
    (void)!::send(descriptor, full.data(), full.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(descriptor, SHUT_WR);
    ::close(descriptor);
    return false;
  }
  // Not all kinds of sockets know these; what matters is that TCP does (fan-out: slow clients).
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (options.unsent_low_watermark > 0)
    setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &options.unsent_low_watermark, sizeof(int));
  if (options.send_buffer > 0) setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &options.send_buffer, sizeof(int));
  client_record& one = table.at(index);
  epoll_event event{};
  event.events = one.interest = EPOLLIN;
  event.data.u64 = static_cast<uint64_t>(one.generation) << 32 | index;
  if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    table.give_back(index);
    ::close(descriptor);
    ++counters.refused_full;
    return false;
  }
  one.descriptor = descriptor;
  one.phase = client_phase::head;
  one.listener = listener;
  one.peer = peer;
  ++counters.adopted;
  ++counters.records;
  set_deadline(index, options.handshake_ns);
  return true;
}

client_record* client_set::implementation::live(client_ref client) {
  client_record* one = table.find(client);
  return one && one->is_live() ? one : nullptr;
}

void client_set::implementation::socket_turn() {
  in_turn = true;
  std::array<epoll_event, events_per_turn> batch;
  const int count = epoll_wait(poll, batch.data(), events_per_turn, 0);
  for (int i = 0; i < count; ++i) {
    const auto& event = batch[static_cast<size_t>(i)];
    const client_ref client{static_cast<uint32_t>(event.data.u64), static_cast<uint32_t>(event.data.u64 >> 32)};
    // A record may have died earlier in this batch.
    if (live(client)) guarded(client.index, [&] { handle(client.index, event.events); });
  }
  bury();
  in_turn = false;
  watch->arm();
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
  if ((what & EPOLLOUT) != 0) flush(index);
  if (!one.is_live() || (what & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  if ((one.interest & EPOLLIN) != 0)
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
    guarded(index, [&] { take_held(index); });
    if (one.is_live()) update_interest(index);
  }
  ready_now.clear();
}

void client_set::implementation::update_interest(uint32_t index) {
  client_record& one = table.at(index);
  bool reads = !one.is_ready && !one.paused;
  if (one.phase == client_phase::answering || one.phase == client_phase::parting) reads = false;
  const uint32_t wanted = (reads ? EPOLLIN : 0u) | (one.tail ? EPOLLOUT : 0u);
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
  if (one.phase == client_phase::open) --counters.open;
  if (one.phase == client_phase::head && one.head_counted) ++counters.head_abandoned;
  release_head(one);
  if (one.close_code == 0) one.close_code = code;
  if (one.tail) one.clean = false; // our close frame, or what stands before it, never left
  one.phase = client_phase::dead;
  one.is_ready = false;
  ::close(one.descriptor);
  one.descriptor = -1;
  one.tail.reset();
  one.held.reset();
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
        ++counters.closed[client_counters::closed_index(one.close_code)];
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

// ---- what others call ----

client_set::client_set(event_loop& loop, client_events& events, client_options options)
  : implementation_(std::make_unique<implementation>(loop, events, options)) {}
client_set::~client_set() = default;

bool client_set::adopt(int descriptor, const peer_address& peer, uint32_t listener) {
  return implementation_->adopt(descriptor, peer, listener);
}

write_result client_set::write(client_ref client, std::span<const uint8_t> frames) {
  return implementation_->live(client) ? implementation_->write(client.index, {&frames, 1}, false) : write_result::gone;
}

write_result client_set::write(client_ref client, std::span<const std::span<const uint8_t>> pieces) {
  return implementation_->live(client) ? implementation_->write(client.index, pieces, false) : write_result::gone;
}

write_result client_set::reply(client_ref client, std::span<const uint8_t> frames) {
  return implementation_->live(client) ? implementation_->write(client.index, {&frames, 1}, true) : write_result::gone;
}

write_result client_set::reply_text(client_ref client, std::string_view text) {
  auto& frame = implementation_->reply_frame;
  frame.clear();
  wire::append_frame(frame, wire::opcode::text, text);
  return reply(client, frame);
}

void client_set::close(client_ref client, uint16_t code, std::string_view reason) {
  const client_record* one = implementation_->live(client);
  if (one && one->phase == client_phase::open)
    implementation_->begin_close(client.index, code, reason, client_phase::closing);
}

void client_set::abort(client_ref client, uint16_t code) {
  if (implementation_->live(client)) implementation_->finish(client.index, code);
}

void client_set::pause_reading(client_ref client) {
  client_record* one = implementation_->live(client);
  if (!one || one->phase != client_phase::open || one->paused) return;
  one->paused = true;
  implementation_->update_interest(client.index);
}

void client_set::resume_reading(client_ref client) {
  client_record* one = implementation_->live(client);
  if (!one || !one->paused) return;
  one->paused = false;
  one->ping_is_out = false; // its answer may lie unread since before the deadline
  implementation_->set_ping(client.index, implementation_->options.ping_interval_ns);
  if (one->held) implementation_->make_ready(client.index);
  implementation_->update_interest(client.index);
}

void client_set::begin_drain() {
  implementation_->draining = true;
}

bool client_set::is_open(client_ref client) const {
  const client_record* one = implementation_->live(client);
  return one && one->phase == client_phase::open;
}

bool client_set::is_blocked(client_ref client) const {
  const client_record* one = implementation_->live(client);
  return one && one->tail;
}

size_t client_set::pending_bytes(client_ref client) const {
  const client_record* one = implementation_->live(client);
  return one && one->tail ? one->tail->waiting() : 0;
}

peer_address client_set::peer(client_ref client) const {
  const client_record* one = implementation_->table.find(client);
  return one ? one->peer : peer_address{};
}

const client_counters& client_set::counters() const {
  return implementation_->counters;
}
const client_options& client_set::options() const {
  return implementation_->options;
}

} // namespace tickplant::net
