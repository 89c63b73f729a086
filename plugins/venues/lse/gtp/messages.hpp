// Group Ticker Plant, Level 2 Incremental (GTP002 issue 26.2): the application messages with their lengths, and where
// their fields lie. Notes G2; all offsets count from the first length byte.
#pragma once

#include "../bytes.hpp"

#include <array>
#include <cstddef>

namespace tickplant::lse::gtp {

inline constexpr size_t longest = 142; // of what is read: the Instrument Directory has 141

/// By type: bytes that a message must have, 0 = not read at all.
inline constexpr std::array<uint8_t, 256> least_lengths = [] {
  std::array<uint8_t, 256> table{};
  const auto set = [&](char type, uint8_t length) { table[static_cast<uint8_t>(type)] = length; };
  set('S', 14), set('p', 141), set('H', 30), set('F', 77), set('U', 80), set('D', 55), set('y', 22), set('P', 66);
  set('w', 77), set('j', 50);
  return table;
}();

inline uint8_t type_of(const uint8_t* m) {
  return m[2];
}
inline uint64_t timestamp(const uint8_t* m) {
  return sdk::le64(m + 3);
}

inline constexpr uint8_t bit_cancelled = 0x01, bit_corrected = 0x02, bit_kept_priority = 0x01;
inline constexpr uint8_t firm_quote_book = 1, off_book = 2, electronic_book = 3, rfq_book = 4;

/// Order id of F, U, D.
inline uint64_t order_id(const uint8_t* m) {
  return sdk::le64(m + 11);
}

struct add { // F
  static uint8_t side(const uint8_t* m) { return m[19]; }
  static uint64_t size(const uint8_t* m) { return sdk::le64(m + 20); }
  static uint64_t instrument(const uint8_t* m) { return sdk::le64(m + 28); }
  static int64_t price(const uint8_t* m) { return signed_magnitude(m + 36); }
  static uint64_t transaction(const uint8_t* m) { return sdk::le64(m + 44); }
  static uint8_t book(const uint8_t* m) { return m[54]; }
  static std::string_view participant(const uint8_t* m) { return sdk::alpha_or_null(m + 55, 11); }
  static bool is_market(const uint8_t* m) { return m[66] == 1 || m[66] == 4; }
};

struct modified { // U
  static uint64_t instrument(const uint8_t* m) { return sdk::le64(m + 19); }
  static uint8_t flags(const uint8_t* m) { return m[28]; }
  static uint8_t book(const uint8_t* m) { return m[29]; }
  static uint64_t size(const uint8_t* m) { return sdk::le64(m + 30); }
  static int64_t price(const uint8_t* m) { return signed_magnitude(m + 38); }
  static int64_t old_price(const uint8_t* m) { return signed_magnitude(m + 56); }
  static uint64_t old_size(const uint8_t* m) { return sdk::le64(m + 64); }
  static uint64_t transaction(const uint8_t* m) { return sdk::le64(m + 72); }
};

struct deleted { // D
  static uint64_t instrument(const uint8_t* m) { return sdk::le64(m + 19); }
  static uint8_t book(const uint8_t* m) { return m[28]; }
  static int64_t old_price(const uint8_t* m) { return signed_magnitude(m + 31); }
  static uint64_t old_size(const uint8_t* m) { return sdk::le64(m + 39); }
  static uint64_t transaction(const uint8_t* m) { return sdk::le64(m + 47); }
};

struct clear { // y
  static uint64_t instrument(const uint8_t* m) { return sdk::le64(m + 13); }
  static uint8_t book(const uint8_t* m) { return m[21]; }
};

struct trade { // P
  static uint64_t transaction(const uint8_t* m) { return sdk::le64(m + 11); }
  static uint64_t size(const uint8_t* m) { return sdk::le64(m + 21); }
  static uint64_t instrument(const uint8_t* m) { return sdk::le64(m + 29); }
  static int64_t price(const uint8_t* m) { return signed_magnitude(m + 37); }
  static uint64_t id(const uint8_t* m) { return sdk::le64(m + 53); }
  static uint8_t type(const uint8_t* m) { return m[61]; }
  static uint8_t auction(const uint8_t* m) { return m[62]; }
  static uint8_t flags(const uint8_t* m) { return m[63]; }
  static uint8_t hidden(const uint8_t* m) { return m[64]; }
  static uint8_t qualifier(const uint8_t* m) { return m[65]; }
};

/// Instrument of p, H, w, j.
inline uint64_t instrument_id(const uint8_t* m) {
  return sdk::le64(m + 11);
}

struct directory { // p
  static std::string_view isin(const uint8_t* m) { return sdk::alpha_or_null(m + 19, 12); }
  static std::string_view segment(const uint8_t* m) { return sdk::alpha_or_null(m + 71, 6); }
  static std::string_view currency(const uint8_t* m) { return sdk::alpha_or_null(m + 100, 3); }
};

struct instrument_status { // H
  static char status(const uint8_t* m) { return static_cast<char>(m[21]); }
  static const char* new_end(const uint8_t* m) { return reinterpret_cast<const char*>(m + 23); } // HHMMSS, local
  static uint8_t book(const uint8_t* m) { return m[29]; }
};

struct statistics { // w: four implied decimals
  static uint64_t volume(const uint8_t* m) { return sdk::le64(m + 21); }
  static int64_t vwap(const uint8_t* m) { return signed_magnitude(m + 37); }
  static uint32_t trades(const uint8_t* m) { return sdk::le32(m + 53); }
  static int64_t turnover(const uint8_t* m) { return signed_magnitude(m + 61); }
};

struct statistics_update { // j
  static uint16_t kind(const uint8_t* m) { return sdk::le16(m + 21); }
  static int64_t price(const uint8_t* m) { return signed_magnitude(m + 23); }
  static uint64_t size(const uint8_t* m) { return sdk::le64(m + 31); }
  static uint8_t auction(const uint8_t* m) { return m[39]; }
  static uint64_t imbalance(const uint8_t* m) { return sdk::le64(m + 40); }
  static uint8_t imbalance_side(const uint8_t* m) { return m[48]; }
  static uint8_t origin(const uint8_t* m) { return m[49]; }
};

} // namespace tickplant::lse::gtp
