// Conformance tapes out of the simulated exchanges: a good day of each, and days on which a recovery service has to
// help. Nothing is sent anywhere; the same seed writes the same files. tickplant-replay --conformance plays them.
#pragma once

#include <tape.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tickplant::sim::tapes {

using sdk::testing::step_kind;
using sdk::testing::tape;
using sdk::testing::tape_bytes;
using sdk::testing::tape_expectation;
using sdk::testing::tape_reaction;

/// The wall clock at the beginning of every tape: Monday 30 November 2026, 14:30 UTC, 09:30 in New York.
inline constexpr std::uint64_t start_ns = 1'796'049'000'000'000'000;

std::vector<tape> nasdaq_tapes(std::uint64_t seed);

/// Writes FOLDER/VENUE/NAME.tape for every venue in `only` (empty: all); the paths. Throws std::runtime_error.
std::vector<std::string> write_tapes(const std::string& folder, const std::vector<std::string>& only,
                                     std::uint64_t seed);

// For the makers of tapes.

inline void wait(tape& to, std::uint64_t ns) {
  if (!to.steps.empty() && to.steps.back().kind == step_kind::wait)
    to.steps.back().ns += ns;
  else
    to.steps.push_back({step_kind::wait, ns, {}, {}, 0});
}

inline sdk::testing::tape_step unit(const std::string& line, std::span<const std::uint8_t> bytes) {
  return {step_kind::unit, 0, line, {bytes.begin(), bytes.end()}, 0};
}

} // namespace tickplant::sim::tapes
