#include "runtime/supervision/circuit_breaker.hpp"

#include <algorithm>

namespace tickplant::supervision {

std::string_view name_of(breaker_state state) {
  switch (state) {
    case breaker_state::closed: return "closed";
    case breaker_state::open: return "open";
    case breaker_state::half_open: break;
  }
  return "half-open";
}

void circuit_breaker::change(breaker_state to, nanoseconds now) {
  state_ = to;
  since_ = now;
  well_since_ = nanoseconds{-1};
}

void circuit_breaker::open(nanoseconds now, double unit) {
  const backoff wait{rules_.open_first, rules_.open_max, rules_.jitter};
  const auto time = std::min(delay_after(wait, in_a_row_, unit), rules_.open_max);
  ++in_a_row_;
  ++openings_;
  change(breaker_state::open, now);
  until_ = now + time;
  failures_.clear();
}

nanoseconds circuit_breaker::fail(nanoseconds now, double unit) {
  well_since_ = nanoseconds{-1};
  if (state_ == breaker_state::open) return std::max(nanoseconds{0}, until_ - now); // of before it opened
  if (state_ == breaker_state::closed) {
    while (!failures_.empty() && now - failures_.front() > rules_.period) failures_.pop_front();
    failures_.push_back(now);
    if (failures_.size() < rules_.failures) return nanoseconds{0};
  }
  open(now, unit);
  return until_ - now;
}

void circuit_breaker::begin(nanoseconds now) {
  if (state_ == breaker_state::open && now >= until_) change(breaker_state::half_open, now);
}

bool circuit_breaker::observe(nanoseconds now, bool is_well) {
  if (!is_well) well_since_ = nanoseconds{-1};
  if (is_well && well_since_ < nanoseconds{0}) well_since_ = now;
  if (!is_well || state_ != breaker_state::half_open || now - well_since_ < rules_.healthy) return false;
  close(now);
  return true;
}

void circuit_breaker::close(nanoseconds now) {
  if (state_ != breaker_state::closed) change(breaker_state::closed, now);
  failures_.clear();
  in_a_row_ = 0;
  until_ = nanoseconds{0};
}

} // namespace tickplant::supervision
