// What the venue allows a client a day (Common Client, request limits): counted here, so that nothing ever loops
// against it. Pure: the day comes in.
#pragma once

#include <array>
#include <cstdint>

namespace tickplant::nyse {

enum class quota : uint8_t { retransmissions, refreshes, full_refreshes, full_mappings, logins, count_ };

class daily_quotas {
public:
  using limits = std::array<uint32_t, static_cast<size_t>(quota::count_)>;

  explicit daily_quotas(const limits& most) : most_(most) {}

  /// A new day begins with nothing used.
  void set_day(int64_t day) {
    if (day == day_) return;
    day_ = day;
    used_.fill(0);
    blocked_.fill(false);
  }
  /// Takes one if there is one left.
  bool take(quota which) {
    if (!has(which)) return false;
    ++used_[at(which)];
    return true;
  }
  bool has(quota which) const { return !blocked_[at(which)] && used_[at(which)] < most_[at(which)]; }
  /// The server itself said that there are no more.
  void block(quota which) { blocked_[at(which)] = true; }
  uint32_t used(quota which) const { return used_[at(which)]; }
  uint32_t most(quota which) const { return most_[at(which)]; }

private:
  static size_t at(quota which) { return static_cast<size_t>(which); }

  limits most_;
  std::array<uint32_t, static_cast<size_t>(quota::count_)> used_{};
  std::array<bool, static_cast<size_t>(quota::count_)> blocked_{};
  int64_t day_ = INT64_MIN;
};

} // namespace tickplant::nyse
