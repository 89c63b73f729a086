// Where the price of a symbol is at a moment of wall-clock time. A pure function, so that exchanges that know nothing
// of each other have the same idea of one symbol's price, and each a small opinion of its own about it.
#pragma once

#include <cstdint>
#include <string_view>

namespace tickplant::sim {

/// The price around `base` that all exchanges share: a sum of smooth noises with periods from 2 s to about 20 min, in
/// all at most 1.2 % away from it. `unix_ns` is the time of day of the moment.
double reference_price(std::string_view symbol, double base, std::uint64_t seed, std::int64_t unix_ns) noexcept;

/// How far `venue` is from the shared price: noise with periods of 3 s and 11 s, at most 0.018 % of the price, which is
/// somewhat more than half a spread of the order flow. Two venues drift apart by more than their spreads now and then
/// and cross.
double venue_offset(std::string_view venue, std::string_view symbol, double base, std::uint64_t seed,
                    std::int64_t unix_ns) noexcept;

} // namespace tickplant::sim
