// Deadlines: one coarse step for all clients of the loop, one place on the wheel per client.
#include "runtime/net/client/client_set_implementation.hpp"
#include "runtime/wire/close_code.hpp"
#include "runtime/wire/error_registry.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace tickplant::net {

/// Rounded up, and one more: a step under way has an unknown part behind it.
uint32_t client_set::implementation::steps(uint64_t ns) const {
  const uint64_t count = ns / options.timer_step_ns + (ns % options.timer_step_ns != 0 ? 1 : 0) + 1;
  return static_cast<uint32_t>(std::min<uint64_t>(count, UINT32_MAX / 4));
}

/// The step of now. The wheel's own is behind while the loop is late, and a time that begins there would end too soon.
uint32_t client_set::implementation::step_now() const {
  const uint64_t step = (monotonic_now_ns() - start_ns) / options.timer_step_ns;
  return std::max(wheel.now(), static_cast<uint32_t>(step));
}

void client_set::implementation::clock_turn() {
  in_turn = true;
  const uint32_t step = step_now();
  // After a time without turns what was awaited may be there, unread, and its deadline over: it came in time.
  if (step > wheel.now() + 1)
    for (size_t round = 0; round <= table.size() / events_per_turn && handle_ready() == events_per_turn; ++round)
      continue;
  wheel.advance(step, due_now);
  for (const uint32_t index : due_now) {
    client_record& one = table.at(index);
    if (!one.is_live()) continue;
    guarded(index, [&] { due(index); });
    if (one.is_live()) schedule(index);
  }
  due_now.clear();
  bury();
  in_turn = false;
  // Whole steps that a late loop missed are skipped.
  clock->arm_at(start_ns + (uint64_t{step} + 1) * options.timer_step_ns);
}

void client_set::implementation::set_deadline(uint32_t index, uint64_t after_ns) {
  table.at(index).deadline = step_now() + steps(after_ns);
  schedule(index);
}

void client_set::implementation::set_ping(uint32_t index, uint64_t after_ns) {
  table.at(index).ping_due = options.ping_interval_ns == 0 ? UINT32_MAX : step_now() + steps(after_ns);
  if (table.at(index).phase == client_phase::open) schedule(index);
}

/// Puts the client where its earliest deadline is.
void client_set::implementation::schedule(uint32_t index) {
  const client_record& one = table.at(index);
  const bool flows = one.phase == client_phase::open || one.phase == client_phase::answering;
  uint32_t when = one.phase == client_phase::open ? one.ping_due : flows ? UINT32_MAX : one.deadline;
  if (flows && one.tail) {
    const bool is_next = one.phase == client_phase::open && !one.slow_told;
    when = std::min(when, one.progress + steps(is_next ? options.stall_ns / 2 : options.stall_ns));
  }
  if (when != UINT32_MAX)
    wheel.set(index, when);
  else
    wheel.clear(index);
}

void client_set::implementation::due(uint32_t index) {
  client_record& one = table.at(index);
  const uint32_t now = wheel.now();
  const bool stalled = one.tail && now >= one.progress + steps(options.stall_ns);
  if (one.phase == client_phase::open) {
    const bool is_slow = one.tail && now >= one.progress + steps(options.stall_ns / 2);
    if (is_slow && !stalled) tell_slow(index);
    if (one.phase != client_phase::open) return; // the host closed it
    if (stalled) {
      ++counters.stalled;
      const auto& slow = wire::entry_of(wire::error_code::slow_consumer);
      begin_close(index, wire::number_of(slow.code), slow.text, client_phase::closing);
    } else if (now >= one.ping_due) {
      ping(index);
    }
    return;
  }
  if (one.phase == client_phase::answering) {
    // Only a stall counts here: a large file over a slow link is no fault.
    if (!stalled) return;
    ++counters.stalled;
    return finish(index, wire::close_code::abnormal);
  }
  if (now < one.deadline) return;
  if (one.phase == client_phase::deciding) {
    if (one.pending->arrived) return; // its turn is asked for
    ++counters.decide_timeout;
    return undecided(index, "The server could not decide in time. Try again.");
  }
  if (one.phase != client_phase::head) return farewell_due(index);
  if (is_shaking(one)) {
    ++counters.head_timeout;
    release_head(one);
    return finish(index, wire::close_code::abnormal); // nothing can be said yet
  }
  if (one.head_counted) {
    ++counters.head_timeout;
    release_head(one);
    one.held.reset();
    return refuse(index, 408, "The request did not arrive in time.");
  }
  // Nothing was asked: a connection opened for later, or an idle one kept alive. Hang up without a word.
  if (!one.had_request) ++counters.head_timeout;
  finish(index, wire::close_code::abnormal);
}

/// The time of a farewell is over. Who takes bytes of it gets all of them, with `stall_ns` from one to the next as for
/// data; closing at once would destroy what is on its way, if the peer sends anything. Not when the server leaves, nor
/// for a peer that is taken for dead.
void client_set::implementation::farewell_due(uint32_t index) {
  client_record& one = table.at(index);
  const uint32_t now = wheel.now();
  if (draining || one.close_code == wire::number_of(wire::error_code::heartbeat_timeout))
    return finish(index, wire::close_code::abnormal);
  if (one.tail) {
    if (now >= one.progress + steps(options.stall_ns)) return finish(index, wire::close_code::abnormal);
    one.deadline = one.progress + steps(options.stall_ns);
    return;
  }
  if (one.phase == client_phase::closing) { // the peer has not answered our close frame, perhaps not come to it
    one.phase = client_phase::discarding;
    one.held.reset();
    stop_sending(one);
    update_interest(index);
  }
  const uint32_t left = untaken(one);
  if (left < one.untaken) one.progress = now;
  one.untaken = left;
  if (left == 0 || now >= one.progress + steps(options.stall_ns)) return finish(index, wire::close_code::abnormal);
  one.deadline = now + steps(options.close_wait_ns);
}

void client_set::implementation::tell_slow(uint32_t index) {
  client_record& one = table.at(index);
  if (one.slow_told) return;
  one.slow_told = true;
  ++counters.slow;
  events.on_slow(ref_of(index));
}

void client_set::implementation::ping(uint32_t index) {
  client_record& one = table.at(index);
  if (one.paused || one.tail) {
    // Its pong would lie unread, or the ping behind data; a dead peer shows by the stall of its tail.
    one.ping_is_out = false;
    return set_ping(index, std::min<uint64_t>(options.ping_interval_ns, 1'000'000'000));
  }
  if (one.ping_is_out) {
    ++counters.heartbeat_timeout;
    const auto& silent = wire::entry_of(wire::error_code::heartbeat_timeout);
    return begin_close(index, wire::number_of(silent.code), silent.text, client_phase::closing);
  }
  ++counters.pings_out;
  const uint64_t now = monotonic_now_ns();
  std::array<uint8_t, sizeof now> stamp;
  std::memcpy(stamp.data(), &now, sizeof now);
  one.ping_is_out = true;
  set_ping(index, options.pong_wait_ns);
  send_control(index, wire::opcode::ping, stamp);
}

} // namespace tickplant::net
