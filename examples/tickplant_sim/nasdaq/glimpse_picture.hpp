// The answer of a GLIMPSE service: directory, trading states, every displayed order in its queue's order, and the
// number of the live message that comes next (GLIMPSE 5.0).
#pragma once

#include "tickplant_sim/nasdaq/order_flow.hpp"

namespace tickplant::sim::nasdaq {

/// Length-prefixed messages. `next`: the number that the flow's next message will have.
block_buffer write_picture(const order_flow& flow, std::uint64_t now_ns, std::uint64_t next);

} // namespace tickplant::sim::nasdaq
