// Local time of the exchange in UTC: MITCH counts seconds from London's midnight (MIT303, Time).
#pragma once

#include <tickplant/venue.hpp>

#include <string>

namespace tickplant::lse {

/// Cheap to copy. The zone's name outlives it.
class session_clock {
public:
  session_clock(sdk::venue_host host, const std::string& zone) : host_(host), zone_(zone) {}

  /// Finds the local midnight before `now_ns`. Where the host does not know the zone, UTC's is taken and is_guessed()
  /// says so.
  void set_day(uint64_t now_ns) {
    int64_t offset = host_.zone_offset(zone_, now_ns);
    guessed_ = offset == TP_NONE;
    if (guessed_) offset = 0;
    const int64_t local = static_cast<int64_t>(now_ns) + offset;
    date_ = local / day_ns - (local % day_ns < 0);
    midnight_ns_ = static_cast<uint64_t>(date_ * day_ns - offset);
  }

  /// The time of day `since_midnight_ns`, of the day that brings it nearest to `now_ns`: around midnight a packet and
  /// its stamp may be of different days.
  uint64_t time_of(uint64_t since_midnight_ns, uint64_t now_ns) {
    const int64_t off = static_cast<int64_t>(midnight_ns_ + since_midnight_ns) - static_cast<int64_t>(now_ns);
    if (off > day_ns / 2 || off < -day_ns / 2) set_day(now_ns);
    const int64_t again = static_cast<int64_t>(midnight_ns_ + since_midnight_ns) - static_cast<int64_t>(now_ns);
    const int64_t shift = again > day_ns / 2 ? -day_ns : again < -day_ns / 2 ? day_ns : 0;
    return static_cast<uint64_t>(static_cast<int64_t>(midnight_ns_ + since_midnight_ns) + shift);
  }

  uint64_t midnight_ns() const { return midnight_ns_; }
  /// The local date as a number that rises by one a day.
  int64_t date() const { return date_; }
  bool is_guessed() const { return guessed_; }

private:
  static constexpr int64_t day_ns = 86'400'000'000'000;

  sdk::venue_host host_;
  std::string_view zone_;
  uint64_t midnight_ns_ = 0;
  int64_t date_ = 0;
  bool guessed_ = false;
};

} // namespace tickplant::lse
