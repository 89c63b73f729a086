#include "runtime/fanout/filter.hpp"

#include "runtime/fanout/printer.hpp"

#include <algorithm>

namespace tickplant::fanout {

namespace {

__extension__ using wide = __int128;
__extension__ using unsigned_wide = unsigned __int128;

// Exponents of instruments go from -18 to 9, a middle has one digit more; conditions are kept in the same region.
constexpr int max_exponent = 18;

/// A decimal, or nothing known.
struct quantity {
  wide mantissa = 0;
  int exponent = 0;
  bool is_known = false;
};

std::strong_ordering sign_of(wide value) {
  return value < 0   ? std::strong_ordering::less
         : value > 0 ? std::strong_ordering::greater
                     : std::strong_ordering::equal;
}

/// `large` * 10^places against `other`, without rounding. What overflows is farther from zero than anything else.
std::strong_ordering compare_scaled(wide large, int places, wide other) {
  const auto sign = sign_of(large);
  for (; places > 0 && large != 0; --places)
    if (__builtin_mul_overflow(large, wide{10}, &large)) return sign;
  return large < other   ? std::strong_ordering::less
         : large > other ? std::strong_ordering::greater
                         : std::strong_ordering::equal;
}

std::strong_ordering compare(const quantity& a, const quantity& b) {
  if (a.exponent >= b.exponent) return compare_scaled(a.mantissa, a.exponent - b.exponent, b.mantissa);
  return 0 <=> compare_scaled(b.mantissa, b.exponent - a.exponent, a.mantissa);
}

bool holds(std::strong_ordering order, uint8_t op) {
  switch (op) {
    case TP_OP_LESS: return order < 0;
    case TP_OP_AT_MOST: return order <= 0;
    case TP_OP_EQUAL: return order == 0;
    case TP_OP_NOT_EQUAL: return order != 0;
    case TP_OP_AT_LEAST: return order >= 0;
    default: return order > 0;
  }
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

quantity known(int64_t mantissa, int exponent) {
  return {mantissa, exponent, mantissa != TP_NONE};
}

/// `print`: the price of a print, null if a state is asked for.
quantity value_of(uint8_t field, const book::publication& state, const int64_t* print) {
  const int price_exponent = state.instrument->price_exponent;
  switch (field) {
    case TP_FILTER_PRICE: {
      if (print) return known(*print, price_exponent);
      const auto element = to_element(state, 0);
      return known(element.price, element.shown_exponent);
    }
    case TP_FILTER_BID: return known(state.bid, price_exponent);
    case TP_FILTER_ASK: return known(state.ask, price_exponent);
    case TP_FILTER_SPREAD:
      return {static_cast<wide>(state.ask) - state.bid, price_exponent, state.ask != TP_NONE && state.bid != TP_NONE};
    case TP_FILTER_VOLUME: {
      const auto high = static_cast<unsigned_wide>(static_cast<uint64_t>(state.day.volume.high)) << 64;
      return {static_cast<wide>(high | state.day.volume.low), state.instrument->quantity_exponent, true};
    }
    default: return known(to_element(state, 0).change_percent, -4);
  }
}

bool meets(const filter::condition& c, const book::publication& state, const int64_t* print) {
  if (c.field == TP_FILTER_VENUE) return is_same_word(state.instrument->venue, c.text) == (c.op == TP_OP_EQUAL);
  if (c.field == TP_FILTER_PRICE && print && *print == TP_NONE) return true;
  const auto value = value_of(c.field, state, print);
  return value.is_known && holds(compare(value, {c.value, c.exponent, true}), c.op);
}

bool meets_all(const std::vector<filter::condition>& conditions, const book::publication& state, const int64_t* print) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const auto& c) { return meets(c, state, print); });
}

} // namespace

std::string_view filter::problem_of(std::span<const tp_filter> conditions) {
  if (conditions.size() > max_conditions) return "a filter has at most 16 conditions";
  for (const auto& c : conditions) {
    if (c.field < TP_FILTER_PRICE || c.field > TP_FILTER_VENUE) return "a condition is on a value that is not known";
    if (c.op < TP_OP_LESS || c.op > TP_OP_GREATER) return "a condition compares in a way that is not known";
    if (c.field == TP_FILTER_VENUE) {
      if (c.op != TP_OP_EQUAL && c.op != TP_OP_NOT_EQUAL) return "a venue is equal to a name or not";
      if (c.text.size == 0) return "a condition on the venue names none";
    } else if (c.exponent < -max_exponent || c.exponent > max_exponent || c.value == TP_NONE) {
      return "a number is too large or too fine";
    }
  }
  return {};
}

std::shared_ptr<const filter> filter::from(std::span<const tp_filter> conditions) {
  if (conditions.empty()) return nullptr;
  std::vector<condition> made;
  made.reserve(conditions.size());
  for (const auto& c : conditions)
    made.push_back({c.field, c.op, c.exponent, c.value, std::string{c.text.data, c.text.size}});
  return std::make_shared<const filter>(std::move(made));
}

bool filter::admits(const book::publication& state) const {
  return meets_all(conditions_, state, nullptr);
}

bool filter::admits_trade(const book::publication& state, int64_t price) const {
  return meets_all(conditions_, state, &price);
}

} // namespace tickplant::fanout
