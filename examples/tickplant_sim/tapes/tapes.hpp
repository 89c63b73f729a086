// Conformance tapes out of the simulated exchanges: a good day of each, and days on which a recovery service has to
// help. Nothing is sent anywhere; the same seed writes the same files. tickplant-replay --conformance plays them.
#pragma once

#include <tape.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::sim::tapes {

using sdk::testing::step_kind;
using sdk::testing::tape;
using sdk::testing::tape_bytes;
using sdk::testing::tape_expectation;
using sdk::testing::tape_reaction;
using sdk::testing::tape_step;

/// The wall clock at the beginning of every tape: Monday 30 November 2026, 14:30 UTC, 09:30 in New York.
inline constexpr std::uint64_t start_ns = 1'796'049'000'000'000'000;

std::vector<tape> binance_tapes(std::uint64_t seed);
std::vector<tape> binance_usdm_tapes(std::uint64_t seed);
std::vector<tape> lse_tapes(std::uint64_t seed);
std::vector<tape> lse_gtp_tapes(std::uint64_t seed);
std::vector<tape> nasdaq_tapes(std::uint64_t seed);
std::vector<tape> nyse_tapes(std::uint64_t seed);

/// Writes FOLDER/SET/NAME.tape for every venue in `only` (empty: all); the paths. A set is a venue, or its second
/// protocol: lse_gtp, binance_usdm. Throws std::runtime_error.
std::vector<std::string> write_tapes(const std::string& folder, const std::vector<std::string>& only,
                                     std::uint64_t seed);

// For the makers of tapes.

inline void wait(tape& to, std::uint64_t ns) {
  if (!to.steps.empty() && to.steps.back().kind == step_kind::wait)
    to.steps.back().ns += ns;
  else
    to.steps.push_back({step_kind::wait, ns, {}, {}, 0});
}

inline constexpr std::uint64_t ms = 1'000'000;

inline tape_step pause(std::uint64_t ns) {
  return {step_kind::wait, ns, {}, {}, 0};
}

inline tape_step unit(const std::string& line, std::span<const std::uint8_t> bytes) {
  return {step_kind::unit, 0, line, {bytes.begin(), bytes.end()}, 0};
}

/// Of a TCP connection.
inline tape_step stream(const std::string& line, std::span<const std::uint8_t> bytes) {
  return {step_kind::bytes, 0, line, {bytes.begin(), bytes.end()}, 0};
}

/// A text WebSocket message.
inline tape_step text(const std::string& line, std::string_view message) {
  return {step_kind::text, 0, line, {message.begin(), message.end()}, 0};
}

inline tape_step http(const std::string& part, int status, std::string_view body) {
  return {step_kind::http, 0, part, {body.begin(), body.end()}, status};
}

/// Steps that come at moments of their own; those of one moment keep the order in which they were added.
class timeline {
public:
  void add(std::uint64_t at_ns, tape_step step) { steps_.emplace(at_ns, std::move(step)); }
  /// All of them from this moment on.
  void write(tape& to, std::uint64_t from_ns = 0) const {
    std::uint64_t now = from_ns;
    for (auto at = steps_.lower_bound(from_ns); at != steps_.end(); ++at) {
      if (at->first > now) wait(to, at->first - now);
      now = at->first;
      to.steps.push_back(at->second);
    }
  }

private:
  std::multimap<std::uint64_t, tape_step> steps_;
};

} // namespace tickplant::sim::tapes
