#include "runtime/support/time_zone.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>

namespace tickplant::support {

namespace {

constexpr size_t most_zones = 256;        // kept; names come from plugins' settings
constexpr size_t largest_file = 1u << 20; // the system's largest is under 4 KiB
constexpr int64_t day_seconds = 86'400;

/// Takes a text apart from the front; `ok` turns false at the first thing that does not fit.
struct text_cursor {
  std::string_view rest;
  bool ok = true;

  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  int64_t number(int64_t least, int64_t most) {
    int64_t value = 0;
    const auto [end, fault] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (fault != std::errc{} || rest.front() == '-' || value < least || value > most) {
      ok = false;
      return 0;
    }
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    return value;
  }
  /// "<+03>" or at least three letters.
  void name() {
    size_t length = 0;
    if (take('<')) {
      length = rest.find('>');
      if (length == std::string_view::npos)
        ok = false;
      else
        rest.remove_prefix(length + 1);
      return;
    }
    while (length < rest.size() && ((rest[length] | 0x20) >= 'a' && (rest[length] | 0x20) <= 'z')) ++length;
    ok = ok && length >= 3;
    rest.remove_prefix(length);
  }
  /// [+-]hh[:mm[:ss]] in seconds. RFC 8536, section 3.3.1 allows hours up to 167 in rules.
  int64_t clock(int64_t most_hours) {
    const bool negative = take('-');
    if (!negative) take('+');
    int64_t seconds = number(0, most_hours) * 3600;
    if (take(':')) {
      seconds += number(0, 59) * 60;
      if (take(':')) seconds += number(0, 59);
    }
    return negative ? -seconds : seconds;
  }
  zone_change change() {
    zone_change result;
    if (take('M')) {
      result.month = static_cast<int>(number(1, 12));
      ok = ok && take('.');
      result.week = static_cast<int>(number(1, 5));
      ok = ok && take('.');
      result.day = static_cast<int>(number(0, 6));
    } else if (take('J')) {
      result.how = zone_change::form::julian;
      result.day = static_cast<int>(number(1, 365));
    } else {
      result.how = zone_change::form::zero_based;
      result.day = static_cast<int>(number(0, 365));
    }
    if (take('/')) result.seconds = clock(167);
    return result;
  }
};

bool is_leap(int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Days since 1970 of a date of the Gregorian calendar.
int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

int64_t year_of(int64_t days) {
  int64_t year = 1970 + days / 366;
  while (days_from_civil(year + 1, 1, 1) <= days) ++year;
  while (days_from_civil(year, 1, 1) > days) --year;
  return year;
}

/// The change's moment in local seconds since 1970.
int64_t local_moment(const zone_change& change, int64_t year) {
  const int64_t new_year = days_from_civil(year, 1, 1);
  int64_t day = new_year + change.day;
  if (change.how == zone_change::form::julian) {
    day = new_year + change.day - 1 + (is_leap(year) && change.day >= 60 ? 1 : 0); // J60 is always 1 March
  } else if (change.how == zone_change::form::month_week_day) {
    const int64_t first = days_from_civil(year, change.month, 1);
    const int64_t next =
      change.month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, change.month + 1, 1);
    const int64_t weekday = ((first + 4) % 7 + 7) % 7; // 1970-01-01 was a Thursday
    day = first + (change.day - weekday + 7) % 7 + (change.week - 1) * 7;
    if (day >= next) day -= 7; // week 5 is the last one
  }
  return day * day_seconds + change.seconds;
}

/// Big-endian numbers of a TZif file.
struct byte_cursor {
  std::string_view rest;
  bool ok = true;

  std::string_view take(size_t count) {
    if (count > rest.size()) {
      ok = false;
      return {};
    }
    const auto taken = rest.substr(0, count);
    rest.remove_prefix(count);
    return taken;
  }
  uint64_t number(size_t bytes) {
    uint64_t value = 0;
    for (const char c : take(bytes)) value = value << 8 | static_cast<uint8_t>(c);
    return value;
  }
};

/// RFC 8536, section 3.1.
struct tzif_header {
  uint8_t version = 0;
  std::array<size_t, 6> counts{}; // isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt

  bool read(byte_cursor& from) {
    if (from.take(4) != "TZif") return false;
    version = static_cast<uint8_t>(from.number(1));
    from.take(15);
    for (auto& count : counts) count = static_cast<size_t>(from.number(4));
    return from.ok && counts[4] > 0 && std::ranges::all_of(counts, [](size_t n) { return n < largest_file; });
  }
  size_t body_size(size_t time_size) const {
    return counts[3] * (time_size + 1) + counts[4] * 6 + counts[5] + counts[2] * (time_size + 4) + counts[1] +
           counts[0];
  }
};

} // namespace

std::optional<zone_rule> zone_rule::parse(std::string_view text) {
  text_cursor from{text};
  zone_rule rule;
  from.name();
  rule.standard = -from.clock(24); // POSIX counts west of Greenwich
  if (from.ok && from.rest.empty()) return rule;
  from.name();
  rule.summer = from.ok && !from.rest.empty() && from.rest.front() != ',' ? -from.clock(24) : rule.standard + 3600;
  from.ok = from.ok && from.take(',');
  if (from.ok) rule.begin = from.change();
  from.ok = from.ok && from.take(',');
  if (from.ok) rule.end = from.change();
  if (!from.ok || !from.rest.empty()) return std::nullopt;
  return rule;
}

int64_t zone_rule::offset(int64_t utc_seconds) const {
  if (!summer) return standard;
  const int64_t local = utc_seconds + standard;
  const int64_t year = year_of(local >= 0 ? local / day_seconds : (local - day_seconds + 1) / day_seconds);
  const int64_t starts = local_moment(begin, year) - standard;
  const int64_t ends = local_moment(end, year) - *summer;
  const bool is_summer = starts < ends ? utc_seconds >= starts && utc_seconds < ends
                                       : utc_seconds >= starts || utc_seconds < ends; // the southern half
  return is_summer ? *summer : standard;
}

std::optional<time_zone> time_zone::parse(std::string_view bytes) {
  byte_cursor from{bytes};
  tzif_header header;
  if (!header.read(from)) return std::nullopt;
  size_t time_size = 4;
  if (header.version != 0) { // the second block has the 64-bit times; the first is for old readers
    from.take(header.body_size(4));
    if (!header.read(from)) return std::nullopt;
    time_size = 8;
  }
  const auto [utc_count, std_count, leap_count, time_count, type_count, char_count] = header.counts;
  time_zone zone;
  for (size_t i = 0; i < time_count && from.ok; ++i) {
    const uint64_t raw = from.number(time_size);
    zone.changes_.push_back(time_size == 8 ? static_cast<int64_t>(raw)
                                           : static_cast<int32_t>(static_cast<uint32_t>(raw)));
  }
  const auto kinds = from.take(time_count);
  std::vector<int64_t> types;
  for (size_t i = 0; i < type_count && from.ok; ++i) {
    types.push_back(static_cast<int32_t>(static_cast<uint32_t>(from.number(4))));
    from.take(2);
  }
  from.take(char_count + leap_count * (time_size + 4) + std_count + utc_count);
  if (!from.ok || !std::ranges::is_sorted(zone.changes_)) return std::nullopt;
  for (const char kind : kinds) {
    if (static_cast<uint8_t>(kind) >= types.size()) return std::nullopt;
    zone.offsets_.push_back(types[static_cast<uint8_t>(kind)]);
  }
  zone.first_ = types.front();
  if (time_size == 8 && from.take(1) == "\n") {
    const size_t end = from.rest.find('\n');
    if (end != std::string_view::npos && end > 0) {
      zone.rule_ = zone_rule::parse(from.rest.substr(0, end));
      if (!zone.rule_) return std::nullopt;
    }
  }
  return zone;
}

int64_t time_zone::offset(int64_t utc_seconds) const {
  const auto after = std::ranges::upper_bound(changes_, utc_seconds);
  if (after == changes_.end() && rule_) return rule_->offset(utc_seconds);
  if (after == changes_.begin()) return first_;
  return offsets_[static_cast<size_t>(after - changes_.begin()) - 1];
}

bool time_zones::is_name(std::string_view zone) {
  if (zone.empty() || zone.size() > 64 || zone.front() == '/' || zone.back() == '/') return false;
  if (zone.find("//") != std::string_view::npos) return false;
  return std::ranges::all_of(zone, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '+' || c == '/';
  });
}

const time_zone* time_zones::find(std::string_view zone) {
  if (const auto found = known_.find(zone); found != known_.end()) return found->second ? &*found->second : nullptr;
  if (!is_name(zone) || known_.size() >= most_zones) return nullptr;
  std::optional<time_zone> parsed;
  std::ifstream file{folder_ + '/' + std::string{zone}, std::ios::binary};
  if (file) {
    std::string bytes(largest_file, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(file.gcount()));
    parsed = time_zone::parse(bytes);
  }
  const auto& kept = known_.emplace(zone, std::move(parsed)).first->second;
  return kept ? &*kept : nullptr;
}

std::optional<int64_t> time_zones::offset_ns(std::string_view zone, uint64_t utc_ns) {
  const auto* found = find(zone);
  if (!found) return std::nullopt;
  return found->offset(static_cast<int64_t>(utc_ns / 1'000'000'000)) * 1'000'000'000;
}

} // namespace tickplant::support
