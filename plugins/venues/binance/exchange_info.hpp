// The exchangeInfo answer (venue document, B8): symbols, their steps and status, and the weight limit.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tickplant::binance {

/// One symbol; views that live as long as the exchange_info. Empty where the venue does not tell.
struct symbol_row {
  std::string_view symbol, status, base, quote, tick, step, contract;
};

struct exchange_info {
  std::vector<symbol_row> symbols;
  uint32_t weight_per_minute = 0;    // 0 = not told
  std::shared_ptr<const void> texts; // what the views point into
  bool complete = true;              // false: some entry had no name, so a missing symbol proves nothing
};

/// Reads a body with TP_PADDING readable bytes behind it. False if it is malformed, an error, or lists no symbol.
bool read_exchange_info(std::string_view body, exchange_info& out);

/// TP_STATE_* of the venue's status word; any unknown word is "not trading".
uint8_t state_of(std::string_view status, bool& known);

} // namespace tickplant::binance
