// The exchange's calendar day: quotas and statistics are counted by it.
#pragma once

#include <tickplant/venue.hpp>

#include <string>

namespace tickplant::nyse {

class venue_day {
public:
  venue_day(sdk::venue_host host, std::string zone) : host_(host), zone_(std::move(zone)) {}

  /// Days since 1970 in local time. Without the zone's rules New York's winter time is taken: the night's feed start
  /// lies far enough from midnight either way.
  int64_t of(uint64_t utc_ns) const {
    constexpr int64_t hour = 3'600'000'000'000;
    int64_t offset = host_.zone_offset(zone_, utc_ns);
    if (offset == TP_NONE) offset = -5 * hour;
    return (static_cast<int64_t>(utc_ns) + offset) / (24 * hour);
  }

private:
  sdk::venue_host host_;
  std::string zone_;
};

} // namespace tickplant::nyse
