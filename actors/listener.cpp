#include "actors/listener.hpp"

#include "actors/atoms.hpp"
#include "runtime/telemetry/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/sec.hpp>

namespace tickplant::actors {

namespace {

using listener_pointer = loop_pointer<listener_actor, listener_state>;

void deal_out(listener_state& state, int descriptor, const net::peer_address& peer) {
  const auto& place = state.setup.loops[state.next_loop++ % state.setup.loops.size()];
  const auto number = state.setup.number;
  if (place.loop->here())
    place.sockets->set().adopt(descriptor, peer, number);
  else
    place.loop->post([=] { place.sockets->set().adopt(descriptor, peer, number); });
}

net::listening_socket take_socket(const listener_setup& setup) {
  if (setup.bound && *setup.bound) {
    auto socket = std::move(**setup.bound);
    setup.bound->reset();
    return socket;
  }
  return {setup.address, setup.port};
}

} // namespace

child_spec listener_child(listener_setup setup) {
  const auto id = "listener-" + setup.name;
  return {id,
          [setup = std::move(setup)] {
            return caf::actor_cast<caf::strong_actor_ptr>(spawn_on(*setup.loops.front().loop, listener, setup));
          },
          supervision::restart::permanent, std::chrono::seconds{2}};
}

listener_actor::behavior_type listener(listener_pointer self, listener_setup setup) {
  auto& state = self->state;
  state.setup = std::move(setup);
  auto* home = state.setup.loops.front().loop;
  state.acceptor = std::make_unique<net::acceptor>(
    home->events(), take_socket(state.setup),
    [&state](int descriptor, const net::peer_address& peer) { deal_out(state, descriptor, peer); });
  state.setup.port = state.acceptor->port();
  telemetry::log(telemetry::level::info, "listener", state.setup.name + " on " + state.acceptor->text());
  return {
    [self](atom::drain) { self->state.acceptor.reset(); },
    [self](atom::status) { return self->state.setup.port; },
  };
}

} // namespace tickplant::actors
