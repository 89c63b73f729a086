// What is known of one instrument: the owning twin of the ABI's tp_instrument. Immutable once published; a changed
// definition is a new object.
#pragma once

#include <tickplant/venue.h>

#include <cstdint>
#include <memory>
#include <string>

namespace tickplant::model {

struct instrument {
  std::string venue;  // the configured name in upper case: "NASDAQ"
  std::string symbol; // as the venue writes it
  uint32_t number = 0, channel = 0, parent = TP_ALL;
  uint8_t book = TP_BOOK_NONE; // TP_BOOK_*
  int8_t price_exponent = 0, quantity_exponent = 0;
  bool is_test = false;
  uint32_t partial_depth = 0;
  int64_t price_step = TP_NONE, quantity_step = TP_NONE, lot = TP_NONE, previous_close = TP_NONE;
  std::string venue_code, name, currency, isin, segment, security_type;

  /// Copies a definition that has passed `problem_of`.
  static instrument from(std::string venue, const tp_instrument& definition);

  /// Why a definition cannot be used, empty if it can: symbol missing or longer than 64 bytes, exponents outside
  /// -18..9, a book kind that is not known, steps that are not positive.
  static std::string problem_of(const tp_instrument& definition);
};

using instrument_ptr = std::shared_ptr<const instrument>;

} // namespace tickplant::model
