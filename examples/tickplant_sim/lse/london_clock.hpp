// Time of day in London, which MITCH counts from midnight and both protocols use for the ends of auction calls.
#pragma once

#include <cstdint>
#include <optional>

namespace tickplant::sim::lse {

/// Seconds to add to UTC in London at this moment: one hour from the last Sunday of March, 01:00 UTC, to the last
/// Sunday of October, 01:00 UTC (the rule since 1996).
std::int64_t london_offset_s(std::int64_t utc_s) noexcept;

/// Nanoseconds since midnight in London; `fixed_offset_s` replaces the rule.
std::uint64_t london_day_ns(std::int64_t utc_ns, std::optional<std::int64_t> fixed_offset_s = std::nullopt) noexcept;

} // namespace tickplant::sim::lse
