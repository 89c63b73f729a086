// Time of day in New York, which ITCH time stamps count from midnight.
#pragma once

#include <cstdint>
#include <optional>

namespace tickplant::sim::nasdaq {

/// Seconds to add to UTC for US Eastern time at this moment: -4 h from the second Sunday of March, 02:00 local time, to
/// the first Sunday of November, 02:00, otherwise -5 h (the rule since 2007).
std::int64_t us_eastern_offset_s(std::int64_t utc_s) noexcept;

/// Nanoseconds since local midnight; `fixed_offset_s` replaces the rule.
std::uint64_t nanoseconds_since_midnight(std::int64_t utc_ns, std::optional<std::int64_t> fixed_offset_s) noexcept;

} // namespace tickplant::sim::nasdaq
