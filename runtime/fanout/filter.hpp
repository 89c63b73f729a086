// Which states and prints of an instrument a subscription lets through: conditions that all have to hold. Immutable and
// shared; decisions are exact, whatever the exponents, and allocate nothing. A value that is not known meets no
// condition.
#pragma once

#include "runtime/book/publication.hpp"

#include <tickplant/dialect.h>

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::fanout {

class filter {
public:
  static constexpr size_t max_conditions = 16;

  struct condition {
    uint8_t field = 0, op = 0; // TP_FILTER_*, TP_OP_*
    int8_t exponent = 0;       // of value
    int64_t value = 0;
    std::string text; // of TP_FILTER_VENUE
    friend bool operator==(const condition&, const condition&) = default;
  };

  /// The conditions have to be ones of which problem_of says nothing.
  explicit filter(std::vector<condition> conditions) : conditions_(std::move(conditions)) {}

  /// Why these conditions cannot be used, empty if they can.
  static std::string_view problem_of(std::span<const tp_filter> conditions);
  /// The filter of these conditions, null if there are none: everything is let through.
  static std::shared_ptr<const filter> from(std::span<const tp_filter> conditions);

  bool admits(const book::publication& state) const;
  /// The same for one print of the instrument: conditions on the price are asked of the print's. A print whose price is
  /// not told (TP_NONE, of a break) meets those, as it may concern one that was let through.
  bool admits_trade(const book::publication& state, int64_t price) const;

  const std::vector<condition>& conditions() const { return conditions_; }
  friend bool operator==(const filter&, const filter&) = default;

private:
  std::vector<condition> conditions_;
};

} // namespace tickplant::fanout
