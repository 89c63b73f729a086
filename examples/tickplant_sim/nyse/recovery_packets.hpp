// The packets that answer requests: messages sent again, and pictures of symbols. Pure. Pillar Common Client 2.4p,
// retransmission and refresh.
#pragma once

#include "tickplant_sim/message_store.hpp"
#include "tickplant_sim/nyse/market.hpp"
#include "tickplant_sim/nyse/xdp_packet.hpp"

namespace tickplant::sim::nyse {

using packet_list = std::vector<message_buffer>;

/// Original messages with their original numbers, flag 13 or 15; what is not stored is told by 31 with flag 21.
packet_list retransmission_packets(const message_store& store, std::uint32_t begin, std::uint32_t end,
                                   std::int64_t unix_ns);
message_buffer unavailable_packet(std::uint32_t begin, std::uint32_t end, std::int64_t unix_ns);

/// How one symbol stands in the answer to a refresh request.
enum class refresh_place : std::uint8_t { alone, first, middle, last };

/// The picture of one symbol: 35, 3, 105, 34, then a 106 for each order. `next` is the refresh line's own number.
packet_list refresh_packets(market& source, std::size_t i, std::uint32_t last_sequence, refresh_place where,
                            std::uint32_t& next, std::int64_t unix_ns);

} // namespace tickplant::sim::nyse
