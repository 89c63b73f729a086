// What the kernel has counted of one TCP connection.
#pragma once

#include <cstdint>

namespace tickplant::load {

/// Segments with data that the connection has received so far; 0 where the kernel does not tell. Over the loopback
/// interface a segment is what the peer's one send left in the queue: two sends that the peer's kernel put together
/// count once, a send of more than 64 KiB counts more than once.
uint64_t data_segments_of(int descriptor);

} // namespace tickplant::load
