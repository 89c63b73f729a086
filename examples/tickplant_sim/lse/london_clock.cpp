#include "tickplant_sim/lse/london_clock.hpp"

#include <chrono>

namespace tickplant::sim::lse {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

} // namespace

std::int64_t london_offset_s(std::int64_t utc_s) noexcept {
  using namespace std::chrono;
  const sys_seconds now{seconds{utc_s}};
  const auto year = year_month_day{floor<days>(now)}.year();
  const sys_seconds begin = sys_days{year / March / Sunday[last]} + hours{1};
  const sys_seconds end = sys_days{year / October / Sunday[last]} + hours{1};
  return now >= begin && now < end ? 3600 : 0;
}

std::uint64_t london_day_ns(std::int64_t utc_ns, std::optional<std::int64_t> fixed_offset_s) noexcept {
  const auto offset_s = fixed_offset_s ? *fixed_offset_s : london_offset_s(utc_ns / second_ns);
  constexpr std::int64_t day_ns = 86'400 * second_ns;
  const auto of_day = (utc_ns + offset_s * second_ns) % day_ns;
  return static_cast<std::uint64_t>(of_day < 0 ? of_day + day_ns : of_day);
}

} // namespace tickplant::sim::lse
