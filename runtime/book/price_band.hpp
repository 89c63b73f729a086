// How far the price of a trade or a shown level may lie from the last good trade of its instrument. Off: everything is
// inside, at the cost of two comparisons. Decision 0012 has the rules and why.
#pragma once

#include <tickplant/venue.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace tickplant::book {

struct band_rule {
  uint32_t ppm = 0;     // millionths of the reference; 0: off
  uint32_t confirm = 3; // prints in a row that agree among themselves move the band
  friend bool operator==(const band_rule&, const band_rule&) = default;
};

class price_band {
public:
  bool is_on() const { return rule_.ppm != 0; }
  /// Whether a price may be shown; true while there is nothing to compare it with.
  bool admits(int64_t price) const { return price >= low_ && price <= high_; }
  int64_t low() const { return low_; }
  int64_t high() const { return high_; }
  int64_t reference() const { return reference_; }

  void set_rule(band_rule rule, int64_t reference) {
    const int64_t before = reference_;
    rule_ = rule;
    move(before != TP_NONE ? before : reference);
  }
  /// The price is good: the band lies around it from now on. TP_NONE: there is none.
  void move(int64_t reference) {
    reference_ = reference;
    agreeing_ = 0;
    place(reference, low_, high_);
  }
  /// A print outside. True if it is to be taken all the same: enough in a row agree that the market has moved.
  bool suspect(int64_t price) {
    int64_t low = 0, high = 0;
    place(candidate_, low, high);
    if (agreeing_ == 0 || price < low || price > high) agreeing_ = 0;
    candidate_ = price;
    return ++agreeing_ >= rule_.confirm;
  }

private:
  void place(int64_t around, int64_t& low, int64_t& high) const {
    low = std::numeric_limits<int64_t>::min();
    high = std::numeric_limits<int64_t>::max();
    if (rule_.ppm == 0 || around == TP_NONE) return;
    __extension__ using wide = __int128;
    const wide width = wide{around} * rule_.ppm / 1'000'000;
    low = static_cast<int64_t>(std::max(wide{around} - width, wide{std::numeric_limits<int64_t>::min()}));
    high = static_cast<int64_t>(std::min(wide{around} + width, wide{std::numeric_limits<int64_t>::max()}));
  }

  band_rule rule_;
  uint32_t agreeing_ = 0; // prints in a row outside that agree with the one before
  int64_t reference_ = TP_NONE, candidate_ = TP_NONE;
  int64_t low_ = std::numeric_limits<int64_t>::min(), high_ = std::numeric_limits<int64_t>::max();
};

} // namespace tickplant::book
