// What a consolidated book is made of: the instruments of several venues that are one, with the factors that bring
// their prices and sizes to common exponents exactly.
#pragma once

#include "runtime/model/ids.hpp"
#include "runtime/model/instrument.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::consolidation {

/// The venue's name that consolidated instruments have.
inline constexpr std::string_view venue_name = "CONS";
/// The symbol whose subscribers get the signals of every consolidated instrument.
inline constexpr std::string_view every_symbol = "*";
/// More venues than this are not merged; the first by the configuration's order are.
inline constexpr size_t most_legs = 16;

struct leg {
  model::instrument_id id{};
  model::instrument_ptr instrument;
  int64_t price_scale = 1, quantity_scale = 1; // consolidated mantissa = the leg's mantissa * scale
};

struct listing {
  std::string name; // symbol of the consolidated instrument
  model::instrument_ptr instrument;
  std::vector<leg> legs;                                     // in the venues' order
  std::vector<std::pair<std::string, std::string>> left_out; // VENUE:SYMBOL and why it takes no part
};

/// mantissa * 10^exponent, exactly.
struct factor {
  int64_t mantissa = 1;
  int exponent = 0;
  friend bool operator==(const factor&, const factor&) = default;
};

/// An instrument that is to be a leg, with what one of its units is of the consolidated instrument's.
struct candidate {
  model::instrument_id id{};
  model::instrument_ptr instrument;
  factor price, quantity;
  bool has_factor = false; // configured: its currency does not matter
};

/// Puts a listing together. `currency` is that of the consolidated instrument, empty: the first candidate's. A
/// candidate of another currency without a factor, of another ISIN than the first, or whose numbers cannot be brought
/// to common exponents, is left out. Without two legs there is no listing, but `instrument` null and why.
listing make_listing(std::string name, std::string currency, const std::vector<candidate>& candidates);

} // namespace tickplant::consolidation
