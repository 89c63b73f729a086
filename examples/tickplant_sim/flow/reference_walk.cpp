#include "tickplant_sim/flow/reference_walk.hpp"

#include "tickplant_sim/random_source.hpp"

#include <cmath>

namespace tickplant::sim {
namespace {

/// From -1 to 1, chosen anew at every whole multiple of the period and smooth between.
double noise(std::uint64_t seed, std::int64_t unix_ns, double period_s) noexcept {
  const double position = static_cast<double>(unix_ns) * 1e-9 / period_s;
  const double whole = std::floor(position);
  const double part = position - whole;
  const auto at = [seed](double node) {
    return random_source{seed ^ static_cast<std::uint64_t>(static_cast<std::int64_t>(node))}.unit() * 2 - 1;
  };
  const double blend = part * part * (3 - 2 * part);
  return at(whole) * (1 - blend) + at(whole + 1) * blend;
}

} // namespace

double reference_price(std::string_view symbol, double base, std::uint64_t seed, std::int64_t unix_ns) noexcept {
  const auto own = seed_of(seed, symbol);
  double away = 0;
  double size = 0.008;
  std::uint64_t octave = 0;
  for (double period = 1'250; period > 1.5; period /= 5, size /= 3)
    away += size * noise(seed_of(own + ++octave, "shared"), unix_ns, period);
  return base * (1 + away);
}

double venue_offset(std::string_view venue, std::string_view symbol, double base, std::uint64_t seed,
                    std::int64_t unix_ns) noexcept {
  const auto own = seed_of(seed_of(seed, venue), symbol);
  return base * (0.00012 * noise(own, unix_ns, 11) + 0.00006 * noise(own + 1, unix_ns, 3));
}

} // namespace tickplant::sim
