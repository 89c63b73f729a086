#include "runtime/supervision/policy.hpp"

#include <algorithm>

namespace tickplant::supervision {

nanoseconds delay_after(const backoff& wait, uint32_t streak, double unit) {
  auto delay = wait.first;
  for (uint32_t i = 0; i < streak && delay < wait.max; ++i) delay *= 2;
  delay = std::min(delay, wait.max);
  const double shift = static_cast<double>(delay.count()) * wait.jitter * (2 * unit - 1);
  return std::max(nanoseconds{0}, delay + nanoseconds{static_cast<int64_t>(shift)});
}

decision decide(const policy& rules, restart when, bool abnormal, size_t index, size_t count, history& past,
                nanoseconds now, double unit) {
  if (when == restart::temporary || (when == restart::transient && !abnormal))
    return {decision::kind::forget, index, index + 1, nanoseconds{0}};
  std::erase_if(past.restarts, [&](nanoseconds then) { return now - then > rules.limit.period; });
  if (past.restarts.empty()) past.streak = 0;
  past.restarts.push_back(now);
  if (past.restarts.size() > rules.limit.restarts) return {decision::kind::escalate, 0, count, nanoseconds{0}};
  const auto delay = delay_after(rules.wait, past.streak++, unit);
  const size_t first = rules.how == strategy::one_for_all ? 0 : index;
  const size_t last = rules.how == strategy::one_for_one ? index + 1 : count;
  return {decision::kind::restart, first, last, delay};
}

} // namespace tickplant::supervision
