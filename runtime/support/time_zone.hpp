// Offsets of the system's time zones: a reader of TZif files (RFC 8536) and of the POSIX rule in their footer, which
// holds for the years after the last written change. The standard library of g++ 12 has no zones.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::support {

/// One rule for a change between standard and summer time, as in "M3.2.0/2" or "J60" (POSIX, environment variable TZ).
struct zone_change {
  enum class form : uint8_t { month_week_day, julian, zero_based } how = form::month_week_day;
  int month = 1, week = 1, day = 0; // month_week_day: day is the weekday, Sunday 0; otherwise the day of the year
  int64_t seconds = 7200;           // of local time, may be negative or beyond a day
};

/// "EST5EDT,M3.2.0,M11.1.0": offsets in seconds east of Greenwich.
struct zone_rule {
  int64_t standard = 0;
  std::optional<int64_t> summer;
  zone_change begin, end;

  /// Nothing if the text is not such a rule.
  static std::optional<zone_rule> parse(std::string_view text);
  /// Local minus UTC at a moment, in seconds.
  int64_t offset(int64_t utc_seconds) const;
};

/// The history of one zone. Immutable.
class time_zone {
public:
  /// Nothing if the bytes are not a whole TZif file.
  static std::optional<time_zone> parse(std::string_view bytes);
  /// Local minus UTC at a moment, in seconds.
  int64_t offset(int64_t utc_seconds) const;

private:
  std::vector<int64_t> changes_; // rising; from changes_[i] on, offsets_[i] holds
  std::vector<int64_t> offsets_;
  int64_t first_ = 0;             // before the first change
  std::optional<zone_rule> rule_; // after the last one
};

/// The zones of one folder, read at first use and kept. One thread at a time.
class time_zones {
public:
  explicit time_zones(std::string folder = "/usr/share/zoneinfo") : folder_(std::move(folder)) {}

  /// Local minus UTC in nanoseconds; nothing if the name is no zone of the folder. Names like "America/New_York":
  /// letters, digits, '_', '-', '+' and '/', no part of dots.
  std::optional<int64_t> offset_ns(std::string_view zone, uint64_t utc_ns);

  static bool is_name(std::string_view zone);

private:
  const time_zone* find(std::string_view zone);

  std::string folder_;
  std::map<std::string, std::optional<time_zone>, std::less<>> known_; // also names that were not found
};

} // namespace tickplant::support
