#include "runtime/net/venue/timer_table.hpp"

#include "runtime/net/venue/guarded.hpp"

#include <algorithm>
#include <string>

namespace tickplant::net::venue {

timer_table::timer_table(std::shared_ptr<turns> world) : world_(std::move(world)), clock_(world_->context()) {}

timer_table::entry* timer_table::find(uint32_t id) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), id,
                                   [](const entry& e, uint32_t wanted) { return e.id < wanted; });
  return at != entries_.end() && at->id == id ? &*at : nullptr;
}

void timer_table::set(uint32_t id, uint64_t after_ns) {
  if (is_over_) return;
  auto* e = find(id);
  if (after_ns == UINT64_MAX) {
    if (e) e->due_ns = off;
    return;
  }
  const uint64_t now_ns = monotonic_now_ns();
  const uint64_t due_ns = after_ns < off - 1 - now_ns ? now_ns + after_ns : off - 1;
  if (!e) {
    if (entries_.size() == timer_limit) std::erase_if(entries_, [](const entry& old) { return old.due_ns == off; });
    if (entries_.size() == timer_limit) {
      world_->log(TP_LOG_ERROR,
                  "timer " + std::to_string(id) + " not set: " + std::to_string(timer_limit) + " timers run already");
      return;
    }
    const auto at = std::upper_bound(entries_.begin(), entries_.end(), id,
                                     [](uint32_t wanted, const entry& x) { return wanted < x.id; });
    entries_.insert(at, {id, due_ns});
  } else {
    e->due_ns = due_ns;
  }
  if (due_ns < armed_ns_) arm(due_ns);
}

void timer_table::arm(uint64_t due_ns) {
  constexpr uint64_t longest_ns =
    3'600'000'000'000; // far times are looked at again every hour: no overflow to think of
  armed_ns_ = due_ns;
  const uint64_t now_ns = monotonic_now_ns();
  const uint64_t wait_ns = due_ns > now_ns ? std::min(due_ns - now_ns, longest_ns) : 0;
  clock_.expires_after(std::chrono::nanoseconds{static_cast<int64_t>(wait_ns)});
  auto self = std::static_pointer_cast<timer_table>(shared_from_this());
  clock_.async_wait(guarded(std::move(self), [count = ++armed_count_](timer_table& t, boost::system::error_code fault) {
    if (fault || t.is_over_ || count != t.armed_count_) return;
    t.armed_ns_ = off;
    t.world().schedule(t.shared_from_this());
  }));
}

void timer_table::arm_earliest() {
  uint64_t earliest = off;
  for (const auto& e : entries_) earliest = std::min(earliest, e.due_ns);
  if (earliest < armed_ns_) arm(earliest);
}

void timer_table::deliver(turns& out) {
  out.flush();
  if (is_over_ || out.is_stopped()) return;
  const uint64_t now_ns = monotonic_now_ns();
  due_.clear();
  for (const auto& e : entries_)
    if (e.due_ns <= now_ns) due_.push_back(e);
  std::stable_sort(due_.begin(), due_.end(), [](const entry& a, const entry& b) { return a.due_ns < b.due_ns; });
  // A callback may move or stop timers that are due as well; one that it sets to zero waits for the next turn.
  for (const auto& d : due_) {
    auto* e = find(d.id);
    if (!e || e->due_ns != d.due_ns) continue;
    e->due_ns = off;
    out.timer(d.id);
    if (is_over_ || out.is_stopped()) return;
  }
  arm_earliest();
}

void timer_table::shut() noexcept {
  is_over_ = true;
  boost::system::error_code ignored;
  clock_.cancel(ignored);
}

} // namespace tickplant::net::venue
