// What holds per listener, and what may change while clients are there.
#include "runtime/net/client/client_set_implementation.hpp"
#include "runtime/wire/close_code.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tickplant::net {

void client_set::implementation::set_listener(uint32_t listener, listener_settings settings) {
  const auto is_method = [](const std::string& method) {
    return !method.empty() && std::all_of(method.begin(), method.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  };
  if (settings.methods.empty() || !std::all_of(settings.methods.begin(), settings.methods.end(), is_method))
    throw std::invalid_argument("listener_settings: methods must be names in capitals, at least one");
  listener_place& place = listeners[listener];
  place.settings = std::move(settings);
  place.rules = {place.settings.methods, place.settings.body_limit};
  if (!place.settings.gate || place.settings.gate == place.gate) return;
  // Those who are there are counted by the new one from now on.
  for (uint32_t index = 0; index != table.size(); ++index) {
    client_record& one = table.at(index);
    if (!one.is_live() || one.listener != listener) continue;
    place.gate->leave(one.peer);
    place.settings.gate->add(one.peer);
  }
  place.gate = place.settings.gate;
}

void client_set::implementation::set_options(const client_options& next) {
  check(next);
  if (next.timer_step_ns != options.timer_step_ns)
    throw std::invalid_argument("client_options: timer_step_ns cannot change while the set lives");
  const bool other_pings = next.ping_interval_ns != options.ping_interval_ns;
  options = next;
  if (!other_pings) return;
  for (uint32_t index = 0; index != table.size(); ++index)
    if (client_record& one = table.at(index); one.phase == client_phase::open && !one.ping_is_out)
      set_ping(index, options.ping_interval_ns);
}

/// Asks the listener's gate; a connection that it refuses is told why and closed.
bool client_set::implementation::may_enter(listener_place& place, const peer_address& peer, int descriptor) {
  switch (place.gate->enter(peer, place.settings.bounds, monotonic_now_ns())) {
    case address_gate::verdict::may_enter: return true;
    case address_gate::verdict::full:
      ++counters.refused_full;
      tell_refused(place, descriptor, 503, "Too many clients. Try again later.");
      break;
    case address_gate::verdict::too_many:
      ++counters.refused_address;
      tell_refused(place, descriptor, 429, "Too many connections from this address. Close one first.");
      break;
    case address_gate::verdict::too_often:
      ++counters.refused_address_rate;
      tell_refused(place, descriptor, 429, "Too many new connections from this address. Wait before the next.");
      break;
  }
  ++place.counters.refused;
  return false;
}

void client_set::implementation::count_record(client_record& one, int change) {
  listener_place& place = listeners[one.listener];
  place.counters.records += static_cast<uint64_t>(static_cast<int64_t>(change));
  if (change < 0) place.gate->leave(one.peer);
}

void client_set::implementation::count_open(client_record& one, int change) {
  const auto by = static_cast<uint64_t>(static_cast<int64_t>(change));
  counters.open += by;
  listeners[one.listener].counters.open += by;
}

void client_set::implementation::close_listener(uint32_t listener, uint16_t code, std::string_view reason) {
  for (uint32_t index = 0; index != table.size(); ++index)
    if (client_record& one = table.at(index); one.is_live() && one.listener == listener)
      end_politely(index, code, reason);
}

/// Each phase has its own way to end without losing what is owed.
void client_set::implementation::end_politely(uint32_t index, uint16_t code, std::string_view reason) {
  client_record& one = table.at(index);
  switch (one.phase) {
    case client_phase::open: begin_close(index, code, reason, client_phase::closing); break;
    case client_phase::deciding:
      one.hang_up = true;
      if (one.pending->is_upgrade && !one.pending->arrived) undecided(index, "This listener is closing. Try again.");
      break;
    case client_phase::head:
      if (serving == index)
        one.hang_up = true; // its request is being answered
      else
        finish(index, wire::close_code::abnormal);
      break;
    case client_phase::answering: one.hang_up = true; break;
    default: break; // ending already
  }
}

client_view client_set::implementation::view_of(client_record& one) const {
  client_view out;
  out.peer = one.peer;
  out.listener = one.listener;
  out.is_open = one.phase == client_phase::open;
  out.is_deciding = one.phase == client_phase::deciding;
  out.is_closing = one.phase >= client_phase::closing;
  out.is_tls = one.tls != nullptr;
  out.may_compress = one.may_compress;
  out.is_paused = one.paused;
  out.pending_bytes = one.tail ? one.tail->memory() : 0;
  out.held_bytes = (one.held ? one.held->size : 0) + one.reader.held_bytes();
  if (one.tail) out.blocked_ns = std::max<uint64_t>(step_now() - one.tail->since, 1) * options.timer_step_ns;
  return out;
}

} // namespace tickplant::net
