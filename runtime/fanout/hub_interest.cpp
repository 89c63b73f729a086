// What the feeds have to deliver for the rows of this loop, told when it changes.
#include "runtime/fanout/hub_core.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::fanout {

// idle_since_ns 1 stands for "since now": take_interest, which knows the time, puts it right.
void hub_core::note_change(uint32_t instrument, uint64_t idle_since_ns) {
  auto& slot = instruments_[instrument];
  slot.idle_since_ns = idle_since_ns;
  if (slot.is_changed) return;
  slot.is_changed = true;
  changed_.push_back(instrument);
}

book::interest hub_core::wanted_of(const instrument_slot& slot) const {
  book::interest wanted;
  for (const auto& fragment : slot.fragments) {
    if (fragment.rows == 0) continue;
    const auto& options = variants_[fragment.variant].options;
    // The price shown is the last trade's, so that trades are always looked at.
    wanted.want |= TP_WANT_QUOTE | TP_WANT_TRADES;
    if (options.data_types & TP_DATA_ORDER_BOOK) {
      wanted.want |= TP_WANT_BOOK;
      wanted.depth = std::max(wanted.depth, options.depth);
    }
  }
  for (const uint32_t number : slot.lines) {
    const auto& line = lines_[number]->line;
    wanted.want |= TP_WANT_QUOTE | TP_WANT_TRADES;
    wanted.tape |= line.series() == TP_SERIES_TRADES;
    if (line.series() != TP_SERIES_BOOK) continue;
    wanted.want |= TP_WANT_BOOK;
    wanted.depth = std::max(wanted.depth, line.depth());
  }
  return wanted;
}

std::vector<interest_update> hub_core::take_interest(uint64_t monotonic_ns) {
  std::vector<interest_update> updates = std::exchange(looked_at_, {});
  if (!idle_lines_.empty()) drop_idle_lines(monotonic_ns);
  for (const uint32_t index : changed_) {
    auto& slot = instruments_[index];
    slot.is_changed = false;
    if (slot.slots == 0) {
      if (slot.asked.want == 0) continue;
      if (slot.idle_since_ns <= 1) slot.idle_since_ns = monotonic_ns;
      lingering_.push_back(index);
      continue;
    }
    const auto wanted = wanted_of(slot);
    if (wanted == slot.asked) continue;
    slot.asked = wanted;
    updates.push_back({model::instrument_id{index}, wanted});
  }
  changed_.clear();
  std::erase_if(lingering_, [&](uint32_t index) {
    auto& slot = instruments_[index];
    if (slot.slots != 0 || slot.asked.want == 0) return true;
    if (monotonic_ns - slot.idle_since_ns < linger_ns) return false;
    slot.asked = {};
    slot.is_known = false; // nobody keeps it fresh any longer
    updates.push_back({model::instrument_id{index}, {}});
    return true;
  });
  return updates;
}

void hub_core::look_at(model::instrument_id id, uint64_t monotonic_ns) {
  auto& slot = slot_of(id);
  if (slot.slots != 0 || slot.is_changed) return;
  slot.idle_since_ns = monotonic_ns;
  if (slot.asked.want != 0) return; // it lingers already
  slot.asked.want = TP_WANT_QUOTE | TP_WANT_TRADES;
  lingering_.push_back(model::index_of(id));
  looked_at_.push_back({id, slot.asked});
}

void hub_core::tell_interest_again() {
  for (uint32_t index = 0; index < instruments_.size(); ++index) {
    auto& slot = instruments_[index];
    slot.asked = {};
    if (slot.slots != 0) note_change(index, 0);
  }
}

} // namespace tickplant::fanout
