// The fixed parts of a Nasdaq day around the order flow: what is sent before the open, at the auctions, for a halt and
// at the end. Order of messages as in published day files.
#pragma once

#include "tickplant_sim/nasdaq/order_flow.hpp"

namespace tickplant::sim::nasdaq {

/// S/O, then R, H, Y and L for every symbol, V, and S/S. Writes `4 x symbols + 3` messages.
void begin_day(order_flow& flow, std::uint64_t now_ns, itch_encoder& out);

/// S/Q, then the opening cross of every symbol; trading is on afterwards.
void open_market(order_flow& flow, std::uint64_t now_ns, itch_encoder& out);

/// S/M and the closing crosses. Late trading may follow.
void close_market(order_flow& flow, std::uint64_t now_ns, itch_encoder& out);

/// S/E. Orders stay; `order_flow::delete_one` empties the books afterwards.
void end_trading(std::uint64_t now_ns, itch_encoder& out);

/// S/C, the last message.
void end_day(std::uint64_t now_ns, itch_encoder& out);

void halt(order_flow& flow, std::size_t index, std::uint64_t now_ns, itch_encoder& out);
/// Quotation-only period before the reopening cross.
void begin_quotation(order_flow& flow, std::size_t index, std::uint64_t now_ns, itch_encoder& out);
void resume(order_flow& flow, std::size_t index, std::uint64_t now_ns, itch_encoder& out);

/// A level 1 breach: W, then every symbol halts and resumes. Writes `2 x symbols + 1` messages.
void market_wide_halt(order_flow& flow, std::uint64_t now_ns, itch_encoder& out);

/// One of the messages a day has few of, chosen by chance: N, L, J, I and h, with `exotic` also K, O, B and a halt.
/// Writes at most `order_flow::most_messages_a_step` messages.
void rare_message(order_flow& flow, bool exotic, std::uint64_t now_ns, itch_encoder& out);

} // namespace tickplant::sim::nasdaq
