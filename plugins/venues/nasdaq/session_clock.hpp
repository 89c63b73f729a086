// Midnight of the exchange's day in UTC: ITCH counts nanoseconds from it (section 7.1).
#pragma once

#include <tickplant/venue.hpp>

#include <string>

namespace tickplant::nasdaq {

class session_clock {
public:
  session_clock(sdk::venue_host host, std::string zone) : host_(host), zone_(std::move(zone)) {}

  /// Finds the midnight before `now_ns`. Where the host does not know the zone, UTC's is taken and is_guessed() says
  /// so.
  void set(uint64_t now_ns) {
    constexpr int64_t day = 86'400'000'000'000;
    int64_t offset = host_.zone_offset(zone_, now_ns);
    guessed_ = offset == TP_NONE;
    if (guessed_) offset = 0;
    const int64_t local = static_cast<int64_t>(now_ns) + offset;
    const int64_t since_midnight = ((local % day) + day) % day;
    midnight_ns_ = static_cast<uint64_t>(local - since_midnight - offset);
  }
  uint64_t midnight_ns() const { return midnight_ns_; }
  bool is_guessed() const { return guessed_; }

private:
  sdk::venue_host host_;
  std::string zone_;
  uint64_t midnight_ns_ = 0;
  bool guessed_ = false;
};

} // namespace tickplant::nasdaq
