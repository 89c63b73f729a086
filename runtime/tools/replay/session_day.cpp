#include "runtime/tools/replay/session_day.hpp"

#include "runtime/support/time_zone.hpp"

#include <charconv>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>

namespace tickplant::replay {

namespace {

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return value;
}

std::optional<std::chrono::year_month_day> date_of(std::optional<int> year, std::optional<int> month,
                                                   std::optional<int> day) {
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok() ? std::optional{date} : std::nullopt;
}

/// The public archive's names: 01302019.NASDAQ_ITCH50, S022717-v50.txt.
std::optional<std::chrono::year_month_day> date_in(const std::string& path) {
  const std::string name = std::filesystem::path{path}.filename().string();
  if (name.size() >= 8)
    if (const auto date = date_of(digits(name.substr(4, 4)), digits(name.substr(0, 2)), digits(name.substr(2, 2))))
      return date;
  if (name.size() >= 7 && name[0] == 'S')
    if (const auto year = digits(name.substr(5, 2)))
      return date_of(2000 + *year, digits(name.substr(1, 2)), digits(name.substr(3, 2)));
  return std::nullopt;
}

} // namespace

uint64_t midnight_of(const std::string& date, const std::string& path) {
  using namespace std::chrono;
  auto day = year{2000} / January / 3;
  if (!date.empty()) {
    const auto given = date.size() == 10
                         ? date_of(digits(date.substr(0, 4)), digits(date.substr(5, 2)), digits(date.substr(8, 2)))
                         : std::nullopt;
    if (given) day = *given;
  } else if (const auto named = date_in(path)) {
    day = *named;
  }
  const auto noon_utc = sys_days{day} + 12h; // no zone changes its clocks at noon
  const auto noon_ns = static_cast<uint64_t>(duration_cast<nanoseconds>(noon_utc.time_since_epoch()).count());
  constexpr int64_t eastern_standard = -5ll * 3600 * 1'000'000'000;
  const int64_t offset = support::time_zones{}.offset_ns("America/New_York", noon_ns).value_or(eastern_standard);
  return static_cast<uint64_t>(static_cast<int64_t>(noon_ns) - 12ll * 3600 * 1'000'000'000 - offset);
}

} // namespace tickplant::replay
