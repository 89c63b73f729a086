#include "runtime/book/resync_queue.hpp"

#include <algorithm>

namespace tickplant::book {

namespace {

uint64_t doubled(uint64_t first_ns, uint64_t max_ns, uint32_t times) {
  for (uint32_t i = 0; i < times && first_ns < max_ns; ++i) first_ns *= 2;
  return std::min(first_ns, max_ns);
}

} // namespace

bool resync_queue::want(uint32_t channel, uint32_t number, std::string_view reason, uint64_t now_ns) {
  if (number != TP_ALL && entries_.contains({channel, TP_ALL})) {
    // The channel is asked for as a whole already. Whether that brings this book too is looked at when it is over.
    return false;
  }
  const auto [at, is_new] = entries_.try_emplace(key{channel, number});
  entry& e = at->second;
  if (is_new) e.reason.assign(reason);
  if (e.is_running) postpone(e, now_ns);
  is_due_ = true;
  if (is_new && number == TP_ALL)
    for (auto other = entries_.lower_bound({channel, 0}); other != entries_.end() && other->first.first == channel;) {
      const auto next = std::next(other);
      if (other->first.second != TP_ALL) erase(other);
      other = next;
    }
  return is_new;
}

void resync_queue::postpone(entry& e, uint64_t now_ns) {
  if (e.is_running) --running_;
  e.is_running = false;
  e.not_before_ns = now_ns + doubled(rules_.again_first_ns, rules_.again_max_ns, e.tries > 0 ? e.tries - 1 : 0);
}

/// The channel in the place of a book that cannot be asked for alone. Where its snapshots do not bring the book, each
/// comes later than the one before.
void resync_queue::widen(uint32_t channel, const std::string& reason, uint64_t now_ns) {
  if (!want(channel, TP_ALL, reason, now_ns)) return;
  widening& w = widenings_[channel];
  if (now_ns > w.last_ns + rules_.again_max_ns * 2) w.times = 0;
  if (w.times > 0)
    entries_.at({channel, TP_ALL}).not_before_ns =
      w.last_ns + doubled(rules_.again_first_ns, rules_.again_max_ns, w.times - 1);
  ++w.times;
  w.last_ns = std::max(now_ns, entries_.at({channel, TP_ALL}).not_before_ns);
}

void resync_queue::erase(std::map<key, entry>::iterator at) {
  if (at->second.is_running) --running_;
  entries_.erase(at);
  is_due_ = true; // there is room for another
}

void resync_queue::done(uint32_t channel, uint32_t number) {
  if (entries_.empty()) return;
  if (number != TP_ALL) {
    if (const auto at = entries_.find({channel, number}); at != entries_.end()) erase(at);
    return;
  }
  for (auto at = entries_.lower_bound({channel, 0}); at != entries_.end() && at->first.first == channel;) {
    const auto next = std::next(at);
    erase(at);
    at = next;
  }
}

uint64_t resync_queue::timeout_of(const entry& e) const {
  return doubled(rules_.timeout_ns, rules_.timeout_ns * 8, e.tries > 0 ? e.tries - 1 : 0);
}

void resync_queue::progress(uint64_t now_ns) {
  for (auto& [of, e] : entries_)
    if (e.is_running) e.deadline_ns = std::max(e.deadline_ns, now_ns + rules_.timeout_ns);
}

void resync_queue::find_late(uint64_t now_ns) {
  for (auto& [of, e] : entries_) {
    if (!e.is_running || now_ns < e.deadline_ns) continue;
    ++counts_.timeouts;
    --running_;
    e.is_running = false;
    e.not_before_ns = now_ns;
  }
}

void resync_queue::run(uint64_t now_ns, const asking& ask, const hopeless& give_up) {
  is_due_ = false;
  find_late(now_ns);
  if (now_ns < blocked_until_ns_) return;
  std::vector<key> due;
  for (const auto& [of, e] : entries_)
    if (!e.is_running && e.not_before_ns <= now_ns) due.push_back(of);
  // Who has waited longest comes first, so that one book cannot starve the others.
  std::stable_sort(due.begin(), due.end(), [this](const key& a, const key& b) {
    return entries_.at(a).not_before_ns < entries_.at(b).not_before_ns;
  });
  for (const auto& of : due) {
    if (running_ >= rules_.most_running || now_ns < blocked_until_ns_) return;
    const auto at = entries_.find(of);
    if (at == entries_.end() || at->second.is_running) continue; // an answer before made it needless
    entry& e = at->second;
    ++e.tries;
    e.is_running = true; // before it is asked for: its snapshot may end inside the call
    e.deadline_ns = now_ns + timeout_of(e);
    ++running_;
    judge(of, ask(of.first, of.second), now_ns, give_up);
  }
}

void resync_queue::judge(const key& of, int32_t answer, uint64_t now_ns, const hopeless& give_up) {
  const auto at = entries_.find(of);
  if (answer == TP_OK) {
    ++counts_.asked;
    limits_ = 0;
    return;
  }
  if (at == entries_.end()) return;
  entry& e = at->second;
  if (answer == TP_E_UNSUPPORTED) {
    const std::string reason = e.reason;
    erase(at);
    if (of.second != TP_ALL) {
      widen(of.first, reason, now_ns);
    } else {
      ++counts_.unsupported;
      give_up(of.first, of.second, reason);
    }
    return;
  }
  postpone(e, now_ns);
  if (answer != TP_E_LIMIT) {
    ++counts_.postponed;
    return;
  }
  ++counts_.limited;
  blocked_until_ns_ = now_ns + doubled(rules_.limit_first_ns, rules_.limit_max_ns, limits_++);
}

} // namespace tickplant::book
