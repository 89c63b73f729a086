// The venue's one-letter codes in the host's words, as far as MITCH and GTP share them (notes D).
#pragma once

#include <tickplant/venue.h>

#include <cstdint>

namespace tickplant::lse {

/// A trading status; TP_STATE_UNKNOWN for letters that are not in the documents.
inline uint8_t state_of(char status) {
  switch (status) {
    case 'T': // regular trading
    case 'm':
    case 'n':
    case 'o': // before, in and after the mandatory quote period
    case 'u': // closing price crossing: one price, but open
      return TP_STATE_TRADING;
    case 'a':
    case 'd':
    case 'e':
    case 'q':
    case 'r':
    case 'f': return TP_STATE_AUCTION; // calls of all kinds
    case 'l': return TP_STATE_PAUSED;
    case 'b':
    case 'x':
    case 'c':
    case 't':
    case 'w': return TP_STATE_CLOSED;
    case 'H': return TP_STATE_HALTED;
    default: return TP_STATE_UNKNOWN;
  }
}

/// An auction type. AESP, the extension that follows a price out of range, ends in trading as a resume auction does.
inline uint8_t auction_of(uint8_t type) {
  switch (type) {
    case 'O': return TP_AUCTION_OPENING;
    case 'C': return TP_AUCTION_CLOSING;
    case 'A':
    case 'E': return TP_AUCTION_REOPENING;
    case 'B':
    case 'F':
    case 'G': return TP_AUCTION_INTRADAY;
    default: return TP_AUCTION_UNKNOWN;
  }
}

/// Conditions of a trade in an auction, the venue's letter among the four of the high half.
inline uint64_t conditions_of_auction(uint8_t type) {
  uint64_t conditions = TP_COND_AUCTION | uint64_t{type} << 32;
  switch (auction_of(type)) {
    case TP_AUCTION_OPENING: return conditions | TP_COND_OPENING;
    case TP_AUCTION_CLOSING: return conditions | TP_COND_CLOSING;
    case TP_AUCTION_REOPENING: return conditions | TP_COND_REOPENING;
    default: return conditions;
  }
}

/// Nanoseconds since midnight of two-digit fields, `step` bytes from one to the next; 0 where they hold no time.
inline uint64_t time_of_day_ns(const char* text, uint32_t step) {
  uint64_t seconds = 0;
  constexpr uint32_t most[] = {24, 60, 61};
  for (uint32_t part = 0; part < 3; ++part) {
    const char tens = text[part * step], ones = text[part * step + 1];
    if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return 0;
    const auto value = static_cast<uint32_t>((tens - '0') * 10 + ones - '0');
    if (value >= most[part]) return 0;
    seconds = seconds * 60 + value;
  }
  return seconds * 1'000'000'000;
}

} // namespace tickplant::lse
