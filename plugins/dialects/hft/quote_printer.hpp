// MARKET_DATA of document 000, "Market Data Messages": the envelope of a frame and the entries of its `symbols` array,
// for clients that have not said HELLO.
// Holds scratch memory that grows to the largest element seen; one thread.
#pragma once

#include <tickplant/dialect.hpp>

#include <vector>

namespace tickplant::hft {

class quote_printer {
public:
  void print_envelope(const tp_envelope&, sdk::text_writer&);

  /// Prints nothing if the price is not above zero: the document's validator drops a whole message for one such entry.
  void print_element(const tp_element&, const tp_variant&, sdk::text_writer&);

private:
  std::vector<char> scratch_;
  char prefix_[128];       // the envelope up to its sequence, of prefix_ms_
  size_t prefix_size_ = 0; // 0: none yet
  int64_t prefix_ms_ = 0;
};

} // namespace tickplant::hft
