// The messages of the Integrated Feed (client specification 2.5g) by type: what each needs, and where order and trade
// messages have their fields, as a table that the normaliser decodes by.
#pragma once

#include "counters.hpp"

#include <array>

namespace tickplant::nyse {

namespace type {
inline constexpr uint32_t sequence_reset = 1, time_reference = 2, mapping = 3, retransmission_request = 10,
                          request_response = 11, heartbeat_response = 12, mapping_request = 13, refresh_request = 15,
                          unavailable = 31, symbol_clear = 32, security_status = 34, refresh_head = 35, add = 100,
                          modify = 101, erase = 102, execution = 103, replace = 104, imbalance = 105, add_refresh = 106,
                          hidden_trade = 110, cross = 111, trade_cancel = 112, cross_correction = 113, retail = 114,
                          summary = 223;
} // namespace type

/// Longest part of a message that anything reads; what lies behind it is of later editions.
inline constexpr size_t longest_message = 74;

struct message_layout {
  uint16_t length = 0;  // up to here the table reads
  uint16_t vital = 0;   // without the fields before this place the message says nothing; 0: type not known
  uint8_t kind = 0;     // TP_EV_* of the table's event, 0: normalizer_rare.cpp decodes it
  uint8_t index_at = 8; // SymbolIndex; SymbolSeqNum lies behind it
  uint8_t order_at = 0, price_at = 0, quantity_at = 0, side_at = 0, print_at = 0, ref_at = 0, ref_shift = 0;
  bool has_symbol_number = false; // SymbolSeqNum
  bool changes_book = false;
  uint8_t counter = static_cast<uint8_t>(unknown_types);
  uint16_t flags = 0, side_mask = 0, print_mask = 0;
  uint32_t price_mask = 0, quantity_mask = 0;
  uint64_t order_mask = 0, ref_mask = 0;
};

namespace detail {

constexpr message_layout rare(uint16_t vital, uint8_t index_at, bool has_symbol_number, bool changes_book) {
  message_layout l;
  l.length = l.vital = vital;
  l.index_at = index_at;
  l.has_symbol_number = has_symbol_number;
  l.changes_book = changes_book;
  return l;
}

constexpr message_layout plain(uint16_t length, uint16_t vital, uint8_t kind, uint16_t flags) {
  message_layout l;
  l.length = length;
  l.vital = vital;
  l.kind = kind;
  l.flags = flags;
  l.has_symbol_number = true;
  l.changes_book = kind < TP_EV_LEVEL;
  return l;
}

constexpr message_layout with_order(message_layout l, uint8_t order_at) {
  l.order_at = order_at;
  l.order_mask = UINT64_MAX;
  return l;
}

constexpr message_layout with_price(message_layout l, uint8_t price_at) {
  l.price_at = price_at;
  l.price_mask = UINT32_MAX;
  l.quantity_at = static_cast<uint8_t>(price_at + 4);
  l.quantity_mask = UINT32_MAX;
  return l;
}

constexpr message_layout with_side(message_layout l, uint8_t side_at) {
  l.side_at = side_at;
  l.side_mask = TP_BID | TP_ASK;
  return l;
}

constexpr message_layout with_print(message_layout l, uint8_t print_at) {
  l.print_at = print_at;
  l.print_mask = TP_PRINT;
  return l;
}

/// The table loads eight bytes at `ref_at`, which must lie inside the message.
constexpr message_layout with_ref(message_layout l, uint8_t ref_at, uint8_t shift, uint64_t mask) {
  l.ref_at = ref_at;
  l.ref_shift = shift;
  l.ref_mask = mask;
  return l;
}

constexpr std::array<message_layout, 256> make_layouts() {
  constexpr uint64_t id32 = UINT32_MAX;
  std::array<message_layout, 256> all{};
  all[type::sequence_reset] = rare(14, 0, false, false);
  all[type::time_reference] = rare(16, 0, false, false);
  all[type::mapping] = rare(25, 4, false, false);
  all[type::symbol_clear] = rare(16, 12, false, true);
  all[type::security_status] = rare(22, 12, true, false);
  all[type::imbalance] = rare(40, 12, true, false);
  all[type::retail] = rare(17, 8, true, false);
  all[type::summary] = rare(36, 12, false, false);
  all[type::add] = with_side(with_price(with_order(plain(38, 33, TP_EV_ADD, TP_END), 16), 24), 32);
  all[type::modify] = with_price(with_order(plain(33, 32, TP_EV_MODIFY, TP_END), 16), 24);
  all[type::erase] = with_order(plain(24, 24, TP_EV_DELETE, TP_END), 16);
  all[type::execution] = with_ref(
    with_print(with_price(with_order(plain(42, 37, TP_EV_EXECUTE, TP_PRICE | TP_END), 16), 28), 36), 24, 0, id32);
  all[type::replace] =
    with_ref(with_price(with_order(plain(40, 40, TP_EV_REPLACE, TP_END), 16), 32), 24, 0, UINT64_MAX);
  all[type::add_refresh] = with_side(with_price(with_order(plain(42, 37, TP_EV_ADD, TP_END), 20), 28), 36);
  all[type::add_refresh].index_at = 12;
  all[type::hidden_trade] =
    with_ref(with_print(with_price(plain(33, 29, TP_EV_TRADE, TP_PRICE | TP_END), 20), 28), 16, 0, id32);
  all[type::cross] = with_ref(with_price(plain(29, 28, TP_EV_TRADE, TP_PRICE | TP_PRINT | TP_END), 20), 16, 0, id32);
  all[type::trade_cancel] = with_ref(plain(20, 20, TP_EV_BREAK, TP_END), 12, 32, id32);
  all[type::cross_correction] = with_ref(plain(24, 24, TP_EV_CORRECT, TP_END), 16, 0, id32);
  all[type::cross_correction].quantity_at = 20;
  all[type::cross_correction].quantity_mask = UINT32_MAX;
  for (size_t i = 0; i < counted_types.size(); ++i) all[counted_types[i]].counter = static_cast<uint8_t>(i);
  return all;
}

} // namespace detail

inline constexpr auto message_layouts = detail::make_layouts();
inline constexpr message_layout unknown_layout{};

inline const message_layout& layout_of(uint32_t message_type) {
  return message_type < message_layouts.size() ? message_layouts[message_type] : unknown_layout;
}

/// CrossIDs and TradeIDs are counted apart, so those of crosses get a bit of their own in events.
inline constexpr uint64_t cross_bit = uint64_t{1} << 32;

} // namespace tickplant::nyse
