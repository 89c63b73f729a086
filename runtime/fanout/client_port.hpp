// The sockets of a network loop as the fan-out sees them: where frames go, and how full it is there.
#pragma once

#include "runtime/wire/rfc6455.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace tickplant::fanout {

/// A client of the loop: the network's own number for its socket.
struct client_key {
  uint32_t index = 0, generation = 0;
  friend bool operator==(const client_key&, const client_key&) = default;
};

enum class written : uint8_t {
  sent,    // gone, or kept by the port in part: this frame will arrive
  filled,  // as `sent`, but the socket is full: no further frame until drained
  blocked, // not taken: the socket is full
  closed   // the client is going away
};

/// Where frames go. Called from hub_core only, never calls back.
class client_port {
public:
  virtual ~client_port() = default;
  /// A hint: this client is written to next.
  virtual void will_write(client_key) {}
  /// One or several whole frames, all of them or none.
  virtual written write(client_key client, std::span<const uint8_t> frames) = 0;
  /// A reply or notice, queued even while data is blocked, within the port's bound.
  virtual void reply(client_key client, wire::opcode kind, std::span<const uint8_t> payload) = 0;
  /// Behind what is queued. The hub detaches nobody on its own: the port tells of the end as it always does.
  virtual void close(client_key, uint16_t /*code*/, std::string_view /*reason*/) {}
};

} // namespace tickplant::fanout
