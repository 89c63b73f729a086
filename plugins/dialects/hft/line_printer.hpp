// What clients get that have said HELLO or have chosen keys: MARKET_DATA and SNAPSHOT of states, TRADE, BOOK_DELTA, and
// snapshots of the book. Values that are not known are left out. Holds scratch memory that grows to the largest entry
// seen; one thread.
#pragma once

#include <tickplant/dialect.hpp>

#include <vector>

namespace tickplant::hft {

class line_printer {
public:
  /// Whether entries of this variant are other than those of document 000, and so are printed here.
  static bool is_for(const tp_variant& variant) {
    return (variant.extras & (TP_EXTRA_SEQUENCE | TP_EXTRA_NUMBER_STRINGS)) != 0 || variant.fields != 0;
  }

  static void print_envelope(const tp_envelope&, sdk::text_writer&);
  void print_element(const tp_element&, const tp_variant&, sdk::text_writer&);
  void print_trade(const tp_trade&, const tp_variant&, sdk::text_writer&);
  void print_delta(const tp_book_delta&, const tp_variant&, sdk::text_writer&);

private:
  /// Calls `print` with a cursor into enough scratch, whose decimals are as the variant wants them.
  template <class Print>
  void print(size_t bound, const tp_variant& variant, sdk::text_writer& writer, Print&& print);

  std::vector<char> scratch_;
};

} // namespace tickplant::hft
