#include "runtime/model/instrument.hpp"

#include "runtime/model/decimal.hpp"

#include <algorithm>

namespace tickplant::model {
namespace {

constexpr size_t longest_symbol = 64;
constexpr size_t longest_text = 256;

/// Texts that nobody needs whole are cut rather than refused: a venue's long name must not cost us the instrument.
std::string copy(tp_str text) {
  return text.data == nullptr ? std::string{} : std::string{text.data, std::min(text.size, longest_text)};
}

bool is_exponent(int exponent) {
  return exponent >= least_exponent && exponent <= greatest_exponent;
}

bool is_step(int64_t value) {
  return value == TP_NONE || value > 0;
}

} // namespace

instrument instrument::from(std::string venue, const tp_instrument& d) {
  instrument i;
  i.venue = std::move(venue);
  i.symbol = copy(d.symbol);
  i.number = d.number;
  i.channel = d.channel;
  i.parent = d.parent;
  i.book = d.book;
  i.price_exponent = d.price_exponent;
  i.quantity_exponent = d.quantity_exponent;
  i.is_test = d.is_test != 0;
  i.partial_depth = d.partial_depth;
  i.price_step = d.price_step;
  i.quantity_step = d.quantity_step;
  i.lot = d.lot;
  i.previous_close = d.previous_close;
  i.venue_code = copy(d.venue_code);
  i.name = copy(d.name);
  i.currency = copy(d.currency);
  i.isin = copy(d.isin);
  i.segment = copy(d.segment);
  i.security_type = copy(d.security_type);
  return i;
}

std::string instrument::problem_of(const tp_instrument& d) {
  if (d.symbol.data == nullptr || d.symbol.size == 0) return "the symbol is missing";
  if (d.symbol.size > longest_symbol)
    return "the symbol has " + std::to_string(d.symbol.size) + " bytes, at most 64 are allowed";
  if (!is_exponent(d.price_exponent))
    return "price exponent " + std::to_string(d.price_exponent) + " is outside -18..9";
  if (!is_exponent(d.quantity_exponent))
    return "quantity exponent " + std::to_string(d.quantity_exponent) + " is outside -18..9";
  if (d.book > TP_BOOK_QUOTE) return "book kind " + std::to_string(d.book) + " is not known";
  if (!is_step(d.price_step)) return "price step " + std::to_string(d.price_step) + " is not positive";
  if (!is_step(d.quantity_step)) return "quantity step " + std::to_string(d.quantity_step) + " is not positive";
  if (!is_step(d.lot)) return "lot " + std::to_string(d.lot) + " is not positive";
  return {};
}

} // namespace tickplant::model
