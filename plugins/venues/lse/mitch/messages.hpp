// Level 2 MITCH (MIT303 issue 11.9): the application messages with their least lengths, which are those of the oldest
// issue that an adapter may meet, and where their fields lie. Notes B1 and B3; all offsets count from the length byte.
#pragma once

#include "../bytes.hpp"

#include <array>
#include <cstddef>

namespace tickplant::lse::mitch {

inline constexpr size_t longest = 70; // of what is read: the Symbol Directory has 65

/// By type: bytes that a message must have, 0 = not read at all.
inline constexpr std::array<uint8_t, 256> least_lengths = [] {
  std::array<uint8_t, 256> table{};
  const auto set = [&](char type, uint8_t length) { table[static_cast<uint8_t>(type)] = length; };
  set('T', 6), set('S', 7), set('R', 65), set('H', 28), set('A', 34), set('F', 45), set('D', 15), set('U', 27);
  set('y', 13), set('E', 26), set('C', 39), set('P', 33), set('Q', 33), set('I', 30), set('w', 23), set('q', 34);
  return table;
}();

inline uint8_t type_of(const uint8_t* m) {
  return m[1];
}
inline uint32_t nanosecond(const uint8_t* m) {
  return sdk::le32(m + 2);
}

inline constexpr uint8_t bit_cancelled = 0x01, bit_amended = 0x02, bit_kept_priority = 0x01, bit_market = 0x10,
                         bit_firm_quote = 0x20, bit_rfq = 0x40;

/// Order id of A, F, D, U, E, C.
inline uint64_t order_id(const uint8_t* m) {
  return sdk::le64(m + 6);
}

struct add { // A and F
  static uint16_t side(const uint8_t* m) { return m[14]; }
  static uint32_t quantity(const uint8_t* m) { return sdk::le32(m + 15); }
  static uint32_t instrument(const uint8_t* m) { return sdk::le32(m + 19); }
  static int64_t price(const uint8_t* m) { return signed_magnitude(m + 25); }
  static uint8_t flags(const uint8_t* m) { return m[1] == 'A' ? m[33] : m[44]; }
  static std::string_view firm(const uint8_t* m) { return sdk::alpha_or_null(m + 33, 11); } // F
};

struct deleted { // D: 15 bytes end with the flags
  static uint8_t flags(const uint8_t* m) { return m[14]; }
  static bool has_instrument(const uint8_t* m) { return m[0] >= 19; }
  static uint32_t instrument(const uint8_t* m) { return sdk::le32(m + 15); }
};

struct modified { // U
  static uint32_t quantity(const uint8_t* m) { return sdk::le32(m + 14); }
  static int64_t price(const uint8_t* m) { return signed_magnitude(m + 18); }
  static uint8_t flags(const uint8_t* m) { return m[26]; }
};

struct executed { // E
  static uint32_t quantity(const uint8_t* m) { return sdk::le32(m + 14); }
  static uint64_t match(const uint8_t* m) { return sdk::le64(m + 18); }
};

struct executed_at { // C
  static uint32_t quantity(const uint8_t* m) { return sdk::le32(m + 14); }
  static uint32_t left(const uint8_t* m) { return sdk::le32(m + 18); }
  static uint64_t match(const uint8_t* m) { return sdk::le64(m + 22); }
  static bool is_printable(const uint8_t* m) { return m[30] == 'Y'; }
  static int64_t price(const uint8_t* m) { return signed_magnitude(m + 31); }
};

struct trade { // P and Q; before issue 11.8 both had 33 bytes and no flags
  static uint32_t quantity(const uint8_t* m) { return sdk::le32(m + 6); }
  static uint32_t instrument(const uint8_t* m) { return sdk::le32(m + 10); }
  static int64_t price(const uint8_t* m) { return signed_magnitude(m + 16); }
  static uint64_t match(const uint8_t* m) { return sdk::le64(m + 24); }
  static uint8_t cross_type(const uint8_t* m) { return m[32]; }                // P
  static uint8_t sub_book(const uint8_t* m) { return m[0] >= 35 ? m[33] : 0; } // P
  static uint8_t auction(const uint8_t* m) { return m[32]; }                   // Q
  static uint8_t flags(const uint8_t* m) {
    if (m[1] == 'P') return m[0] >= 35 ? m[34] : 0;
    return m[0] >= 34 ? m[33] : 0;
  }
};

/// Instrument of R, H, y, w, q.
inline uint32_t instrument_id(const uint8_t* m) {
  return sdk::le32(m + 6);
}

struct directory { // R
  static char status(const uint8_t* m) { return static_cast<char>(m[12]); }
  static std::string_view isin(const uint8_t* m) { return sdk::alpha_or_null(m + 13, 12); }
  static std::string_view sedol(const uint8_t* m) { return sdk::alpha_or_null(m + 25, 12); }
  static std::string_view segment(const uint8_t* m) { return sdk::alpha_or_null(m + 37, 6); }
  static std::string_view currency(const uint8_t* m) { return sdk::alpha_or_null(m + 49, 3); }
  static int64_t previous_close(const uint8_t* m) { return signed_magnitude(m + 57); }
};

struct symbol_status { // H
  static char status(const uint8_t* m) { return static_cast<char>(m[12]); }
  static uint8_t flags(const uint8_t* m) { return m[13]; }
  static std::string_view reason(const uint8_t* m) { return sdk::alpha_or_null(m + 14, 4); }
  static uint8_t change_reason(const uint8_t* m) { return m[18]; }
  static std::string_view new_end(const uint8_t* m) { return sdk::alpha_or_null(m + 19, 8); } // HH:MM:SS
  static uint8_t book_type(const uint8_t* m) { return m[27]; } // 1 on-book, 2 off-book, 3 private RFQ
};

struct auction_info { // I
  static uint32_t paired(const uint8_t* m) { return sdk::le32(m + 6); }
  static uint32_t instrument(const uint8_t* m) { return sdk::le32(m + 15); }
  static int64_t price(const uint8_t* m) { return signed_magnitude(m + 21); }
  static uint8_t auction(const uint8_t* m) { return m[29]; }
};

struct statistics { // w
  static char kind(const uint8_t* m) { return static_cast<char>(m[12]); }
  static int64_t price(const uint8_t* m) { return signed_magnitude(m + 13); }
  static uint8_t origin(const uint8_t* m) { return m[21]; }
};

struct top_of_book { // q
  static int64_t bid(const uint8_t* m) { return signed_magnitude(m + 10); }
  static uint32_t bid_size(const uint8_t* m) { return sdk::le32(m + 18); }
  static int64_t ask(const uint8_t* m) { return signed_magnitude(m + 22); }
  static uint32_t ask_size(const uint8_t* m) { return sdk::le32(m + 30); }
};

} // namespace tickplant::lse::mitch
