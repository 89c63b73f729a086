#include "history_replay.hpp"

namespace tickplant::nasdaq {

bool history_replay::request(uint32_t instrument) {
  if (instrument == everything) {
    if (covers_everything() || everything_waits_) return true;
    // Every single request is part of it.
    waiting_.assign(1, 0);
    everything_waits_ = true;
    return true;
  }
  if (covers_everything() || everything_waits_) return true;
  const auto locate = static_cast<uint16_t>(instrument);
  const auto has = [&](const std::vector<uint16_t>& list) {
    return std::find(list.begin(), list.end(), locate) != list.end();
  };
  if ((active_ && has(targets_)) || has(waiting_)) return true;
  if (waiting_.size() >= most_waiting) return false;
  waiting_.push_back(locate);
  return true;
}

void history_replay::begin(const symbol_map& symbols) {
  if (!ring_) ring_ = std::make_unique<message_ring>(hold_messages_);
  ring_->clear();
  position_ = 1;
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
    if (symbols.is_wanted(locate)) filter_[locate] = interest::wanted;
}

void history_replay::end() {
  active_ = false;
  everything_ = false;
  targets_.clear();
}

void history_replay::abandon() {
  end();
  waiting_.clear();
  everything_waits_ = false;
}

} // namespace tickplant::nasdaq
