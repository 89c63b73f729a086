// The wire protocol of the invented Harbour Exchange. All numbers little-endian.
//
// Lines A and B carry the same datagrams: "HB", count of messages (u8), a zero byte, session (u32), number of the first
// message (u64), then the messages: length (u8, of all of it), type, body. Without messages: a heartbeat, whose number
// is that of the next message.
//   I  id (u16), price exponent (i8), name (8, padded with blanks)        an instrument
//   D                                                                     every instrument has been named
//   L  id (u16), side 'B' or 'S', price (i64), quantity (u32), orders (u16)   a level; quantity 0: gone
//   T  id (u16), price (i64), quantity (u32), trade id (u32)              a trade
// The snapshot server (TCP) takes "SNAP" and an id (u16, 0xFFFF: all), and answers with frames: length (u16, of all of
// it), type, body; B id (u16), number (u64) of the last message that is in it; L as above; E id (u16); after the last
// instrument Z, and the connection ends.
#pragma once

#include <tickplant/bytes.hpp>

namespace harbour {

namespace sdk = tickplant::sdk;

inline constexpr size_t header_bytes = 16, instrument_bytes = 13, level_bytes = 19, trade_bytes = 20;
inline constexpr uint16_t every_instrument = 0xFFFF;

} // namespace harbour
