#include "runtime/fanout/publisher.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::fanout {

publisher::publisher(book::engine_table& engines, book::dirty_list& dirty, uint32_t credit)
  : engines_(engines), dirty_(dirty), credit_(credit) {}

void publisher::hub_place::add(model::instrument_id id) {
  const auto index = model::index_of(id);
  if (index >= is_pending.size()) is_pending.resize(index + 1);
  if (is_pending[index]) return;
  is_pending[index] = true;
  pending.push_back(id);
}

void publisher::set_hub(uint32_t number, deliver to) {
  if (number >= hubs_.size()) hubs_.resize(number + 1);
  // What the earlier hub still waited for is not forgotten: its books count as changed, but stand in no list.
  for (const auto id : hubs_[number].pending) dirty_.add(id);
  // Its signals and prints are: nobody is there who waits for them.
  hubs_[number] = {std::move(to), credit_, {}, {}, {}, {}, 0};
}

void publisher::remove_hub(uint32_t number) {
  if (number < hubs_.size()) hubs_[number] = {};
}

void publisher::acknowledge(uint32_t number) {
  if (number < hubs_.size() && hubs_[number].credit < credit_) ++hubs_[number].credit;
}

// Splits the dirty list into what is due and what has to wait for the rest of its venue event.
void publisher::take_dirty() {
  due_.clear();
  auto& ids = dirty_.ids();
  size_t kept = 0;
  for (const auto id : ids) {
    const auto index = model::index_of(id);
    auto* engine = index < engines_.size() ? engines_[index] : nullptr;
    if (!engine) {
      if (auto* consolidated = find_consolidated(id); consolidated && consolidated->is_due()) due_.push_back(id);
      continue;
    }
    if (engine->is_due())
      due_.push_back(id);
    else if (engine->wanted().want != 0)
      ids[kept++] = id;
  }
  ids.resize(kept);
}

// One tape as a rule, several after a burst.
void publisher::take_prints() {
  tapes_.clear();
  auto& prints = dirty_.tape();
  for (size_t at = 0; at < prints.size(); at += tape_prints) {
    const auto first = prints.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = static_cast<std::ptrdiff_t>(std::min(prints.size() - at, tape_prints));
    tapes_.push_back(std::make_shared<const book::tape>(first, first + count));
  }
  prints_ += prints.size();
  prints.clear();
  if (prints.capacity() > most_prints) prints.shrink_to_fit(); // of a burst that may not come again
}

consolidation::consolidated_book* publisher::find_consolidated(model::instrument_id id) const {
  const auto index = model::index_of(id);
  return consolidated_ && index < consolidated_->size() ? (*consolidated_)[index] : nullptr;
}

book::publication_batch_ptr publisher::make_batch(const std::vector<model::instrument_id>& ids,
                                                  std::vector<book::signal_ptr> signals,
                                                  std::vector<book::tape_ptr> tapes, uint64_t now_ns,
                                                  const book::delivery_stamps& delivery) {
  auto batch = std::make_shared<book::publication_batch>();
  batch->delivery = delivery;
  batch->signals = std::move(signals);
  batch->tapes = std::move(tapes);
  batch->number = ++batch_number_;
  batch->items.reserve(ids.size());
  for (const auto id : ids) {
    const auto index = model::index_of(id);
    if (auto* engine = index < engines_.size() ? engines_[index] : nullptr)
      engine->publish(batch->items.emplace_back(), now_ns);
    else if (auto* consolidated = find_consolidated(id))
      consolidated->publish(batch->items.emplace_back(), now_ns);
  }
  publications_ += batch->items.size();
  return batch;
}

// What the hub has no credit for waits: states as their newest, signals and prints as they are.
void publisher::keep_for(hub_place& hub) {
  for (const auto id : due_) hub.add(id);
  hub.signals.insert(hub.signals.end(), signals_.begin(), signals_.end());
  if (hub.signals.size() > most_signals) {
    const auto lost = hub.signals.size() - most_signals;
    lost_signals_ += lost;
    hub.signals.erase(hub.signals.begin(), hub.signals.begin() + static_cast<std::ptrdiff_t>(lost));
  }
  for (const auto& tape : tapes_) {
    hub.tapes.push_back(tape);
    hub.prints += tape->size();
    while (hub.prints > most_prints) {
      const auto lost = hub.tapes.front()->size();
      hub.prints -= lost;
      lost_prints_ += lost;
      hub.tapes.pop_front();
    }
  }
}

book::publication_batch_ptr publisher::flush(uint64_t now_ns, const book::delivery_stamps& delivery) {
  if (!dirty_.ids().empty())
    take_dirty();
  else
    due_.clear();
  take_prints();
  book::publication_batch_ptr shared; // for all hubs that missed nothing
  for (auto& hub : hubs_) {
    if (!hub.to) continue;
    if (hub.credit > 0 && hub.is_level()) {
      if (due_.empty() && signals_.empty() && tapes_.empty()) continue;
      if (!shared) shared = make_batch(due_, signals_, tapes_, now_ns, delivery);
      --hub.credit;
      hub.to(shared);
      continue;
    }
    keep_for(hub);
    if (hub.credit == 0 || hub.is_level()) continue;
    // What waited belongs to earlier deliveries.
    const auto batch =
      make_batch(hub.pending, std::exchange(hub.signals, {}), {hub.tapes.begin(), hub.tapes.end()}, now_ns, {});
    hub.pending.clear();
    hub.tapes.clear();
    hub.prints = 0;
    std::fill(hub.is_pending.begin(), hub.is_pending.end(), false);
    --hub.credit;
    hub.to(batch);
  }
  signals_.clear();
  tapes_.clear();
  return shared;
}

} // namespace tickplant::fanout
