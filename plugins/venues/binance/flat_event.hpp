// The venue's frequent frames at one go: one event, raw or combined, whose keys are single letters (and pu), whose
// values are plain scalars, and whose level lists are pairs of texts, all without white space (venue document, B1 to
// B5). A general parser looks at each character of such a frame twice, which costs more than everything else that is
// done with it. Whatever is not exactly of this form, good or bad, is for the general one.
#pragma once

#include "codec.hpp"

#include <string_view>
#include <vector>

namespace tickplant::binance {

/// The level lists of a frame: their memory, and whether there was one.
struct level_lists {
  std::vector<level_text> bids, asks;
  bool has_bids = false, has_asks = false;

  void clear() {
    bids.clear();
    asks.clear();
    has_bids = has_asks = false;
  }
};

/// Reads a frame with TP_PADDING readable bytes behind it. False: it is not of this form, and what was written to `out`
/// and `lists` means nothing. Both are clear when it begins.
bool read_flat(std::string_view frame, message& out, level_lists& lists);

} // namespace tickplant::binance
