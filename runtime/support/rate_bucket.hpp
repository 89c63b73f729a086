// How often something may happen: a bucket that holds `burst` and refills evenly, kept as one time. The rule comes in
// with each question, so that a reload holds at once for buckets that exist. protocol.md, row 13. Plain value, no
// clock.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tickplant::support {

struct rate_rule {
  uint32_t count = 0; // per period; 0: no bound
  uint32_t burst = 1; // at once
  uint64_t period_ns = 1'000'000'000;

  bool is_on() const { return count != 0; }
  uint64_t step_ns() const { return std::max<uint64_t>(period_ns / std::max(count, 1u), 1); }
  friend bool operator==(const rate_rule&, const rate_rule&) = default;
};

class rate_bucket {
public:
  /// Takes one out. False, and nothing is taken, if there is none.
  bool take(const rate_rule& rule, uint64_t now_ns) {
    if (!rule.is_on()) return true;
    const uint64_t step = rule.step_ns(), whole = step * std::max(rule.burst, 1u);
    // A clock that was set back, or a rule that was wider, must not hold anybody up for longer than this rule can.
    full_at_ns_ = std::clamp(full_at_ns_, now_ns, now_ns + whole);
    if (full_at_ns_ + step > now_ns + whole) return false;
    full_at_ns_ += step;
    return true;
  }
  /// Until `take` can succeed; 0: now.
  uint64_t wait_ns(const rate_rule& rule, uint64_t now_ns) const {
    if (!rule.is_on()) return 0;
    const uint64_t step = rule.step_ns(), whole = step * std::max(rule.burst, 1u);
    const uint64_t full_at = std::clamp(full_at_ns_, now_ns, now_ns + whole);
    return full_at + step > now_ns + whole ? full_at + step - now_ns - whole : 0;
  }
  /// Nothing is missing: forgetting the bucket changes nothing.
  bool is_full(uint64_t now_ns) const { return full_at_ns_ <= now_ns; }

private:
  uint64_t full_at_ns_ = 0; // when everything taken has come back
};

} // namespace tickplant::support
