// The actor of one configured port: accepts and deals connections out to the network loops in turn.
#pragma once

#include "actors/gateway_sockets.hpp"
#include "actors/interfaces.hpp"
#include "actors/loop.hpp"
#include "actors/supervisor.hpp"
#include "runtime/net/client/acceptor.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::actors {

/// A network loop with its sockets.
struct network_place {
  net_loop* loop = nullptr;
  gateway_sockets* sockets = nullptr;
};

struct listener_setup {
  std::string name, address;
  uint16_t port = 0;
  uint32_t number = 0;              // of its rules
  std::vector<network_place> loops; // the listener lives on the first
  /// Bound already, for the first life of the actor; empty: it binds by itself, as later lives do.
  std::shared_ptr<std::optional<net::listening_socket>> bound;
};

struct listener_state {
  static inline const char* name = "tp.listener";
  listener_setup setup;
  std::unique_ptr<net::acceptor> acceptor;
  size_t next_loop = 0;
};

/// The child record of a listener, "listener-NAME".
child_spec listener_child(listener_setup setup);

/// Ends with an error that names address and cause if the port cannot be had.
listener_actor::behavior_type listener(loop_pointer<listener_actor, listener_state> self, listener_setup setup);

} // namespace tickplant::actors
