// What the kernel holds for one TCP connection of this machine, as `ss -m` tells it: of any process, by its ports.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tickplant::testing {

/// Memory, not bytes of data: with all that the kernel adds. 0 if there is no such socket.
struct socket_memory {
  size_t to_send = 0, received = 0, backlog = 0;
  size_t sum() const { return to_send + received + backlog; }
};

/// Of the end whose own port is `own`; throws std::runtime_error if the kernel does not say.
socket_memory memory_of(uint16_t own, uint16_t peer);

} // namespace tickplant::testing
