#include "recovery_targets.hpp"

#include <algorithm>

namespace tickplant::nasdaq {

bool recovery_targets::request(uint32_t instrument) {
  const auto locate = static_cast<uint16_t>(instrument);
  const bool is_target = active_ && std::find(targets_.begin(), targets_.end(), locate) != targets_.end();
  return covers_everything() || (instrument != everything && is_target) || request_anew(instrument);
}

bool recovery_targets::request_anew(uint32_t instrument) {
  if (everything_waits_) return true;
  if (instrument == everything) { // every single request is part of it
    waiting_.assign(1, 0);
    everything_waits_ = true;
    return true;
  }
  const auto locate = static_cast<uint16_t>(instrument);
  if (std::find(waiting_.begin(), waiting_.end(), locate) != waiting_.end()) return true;
  if (waiting_.size() >= most_waiting) return false;
  waiting_.push_back(locate);
  return true;
}

void recovery_targets::begin(const symbol_map& known) {
  active_ = true;
  everything_ = everything_waits_;
  everything_waits_ = false;
  targets_.clear();
  if (everything_)
    waiting_.clear();
  else
    targets_.swap(waiting_);
  halts_.assign(locate_count, {});
  filter_.assign(locate_count, interest::unwanted);
  for (const uint16_t locate : targets_)
    if (known.is_wanted(locate)) filter_[locate] = interest::wanted;
}

void recovery_targets::end() {
  active_ = false;
  everything_ = false;
  targets_.clear();
}

void recovery_targets::requeue() {
  if (!active_) return;
  const bool all = everything_;
  const std::vector<uint16_t> again = std::move(targets_);
  end();
  if (all) request(everything);
  for (const uint16_t locate : again) request(locate);
}

void recovery_targets::abandon() {
  end();
  waiting_.clear();
  everything_waits_ = false;
}

} // namespace tickplant::nasdaq
