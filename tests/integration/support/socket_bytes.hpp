// What the kernel has counted of a connection. Apart from its users, as the kernel's header and Asio's do not go
// together.
#pragma once

#include <cstdint>

namespace tickplant::testing {

/// Bytes that came over a TCP socket so far; 0 if it is closed.
uint64_t received_bytes(int socket);

} // namespace tickplant::testing
