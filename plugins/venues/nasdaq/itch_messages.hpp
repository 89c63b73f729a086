// TotalView-ITCH 5.0 as a table: every message type with its length, and for the order and trade messages where their
// fields lie. Section 7 of the specification notes; all offsets are 0-based.
#pragma once

#include "counters.hpp"

#include <array>

namespace tickplant::nasdaq {

inline constexpr size_t longest_message = 50; // 'I'
inline constexpr size_t head_size = 11;       // type, stock locate, tracking number, timestamp

/// How to read one message type. The fields of an order message are found without a branch: an absent field points at
/// offset 11, where even the shortest of them ('D', 19 bytes) has 8 bytes, and is masked out.
struct alignas(64) message_layout {
  uint8_t length = 0; // 0: no such type
  uint8_t counter = static_cast<uint8_t>(unknown_types);
  uint8_t kind = 0;   // TP_EV_* of an order or trade message, else 0
  bool plain = false; // the table says all: no further work
  uint8_t side_at = head_size, print_at = head_size, quantity_at = head_size, price_at = head_size, ref_at = head_size;
  uint16_t flags = 0, side_mask = 0, print_mask = 0;
  uint32_t quantity_mask = 0, price_mask = 0;
  int64_t price_absent = 0;
  uint64_t ref_mask = 0;
};

constexpr std::array<message_layout, 256> make_message_layouts() {
  std::array<message_layout, 256> table{};
  constexpr uint8_t lengths[] = {12, 39, 25, 20, 26, 35, 12, 28, 35, 21, 36, 40,
                                 31, 36, 23, 19, 35, 44, 40, 19, 50, 20, 48};
  for (size_t i = 0; i < itch_types.size(); ++i) {
    auto& entry = table[static_cast<uint8_t>(itch_types[i])];
    entry.length = lengths[i];
    entry.counter = static_cast<uint8_t>(i);
  }
  const auto quantity = [](message_layout& m, uint8_t at) { m.quantity_at = at, m.quantity_mask = UINT32_MAX; };
  const auto price = [](message_layout& m, uint8_t at) { m.price_at = at, m.price_mask = UINT32_MAX; };
  const auto ref = [](message_layout& m, uint8_t at) { m.ref_at = at, m.ref_mask = UINT64_MAX; };
  const auto base = [&](char type, uint8_t kind, uint16_t flags) -> message_layout& {
    auto& m = table[static_cast<uint8_t>(type)];
    m.kind = kind;
    m.plain = true;
    m.flags = static_cast<uint16_t>(flags | TP_END);
    return m;
  };
  for (const char type : {'A', 'F'}) {
    auto& add = base(type, TP_EV_ADD, 0);
    add.side_at = 19;
    add.side_mask = TP_BID | TP_ASK;
    quantity(add, 20);
    price(add, 32);
  }
  table['F'].plain = false; // the participant needs a text handle
  auto& executed = base('E', TP_EV_EXECUTE, TP_PRINT);
  quantity(executed, 19);
  executed.price_absent = TP_NONE;
  ref(executed, 23);
  auto& priced = base('C', TP_EV_EXECUTE, TP_PRICE);
  quantity(priced, 19);
  ref(priced, 23);
  priced.print_at = 31;
  priced.print_mask = TP_PRINT;
  price(priced, 32);
  quantity(base('X', TP_EV_REDUCE, 0), 19);
  base('D', TP_EV_DELETE, 0);
  auto& replaced = base('U', TP_EV_REPLACE, 0);
  ref(replaced, 19);
  quantity(replaced, 27);
  price(replaced, 31);
  auto& trade = base('P', TP_EV_TRADE, TP_PRINT | TP_PRICE); // its side is always 'B' since 2014: worthless
  quantity(trade, 20);
  price(trade, 32);
  ref(trade, 36);
  return table;
}

inline constexpr std::array<message_layout, 256> message_layouts = make_message_layouts();

} // namespace tickplant::nasdaq
