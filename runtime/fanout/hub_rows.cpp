// The rows of the tables: who looks at what in which variant, and what the feeds have to deliver for that.
#include "runtime/fanout/bits.hpp"
#include "runtime/fanout/hub_core.hpp"

#include <algorithm>

namespace tickplant::fanout {

uint32_t hub_core::variant_of(const printer& print, const option_set& options) {
  const uint32_t data_types = options.data_types & ~uint32_t{TP_DATA_SIGNALS}; // which are no part of an element
  uint32_t free = none;
  for (uint32_t i = 0; i < variants_.size(); ++i) {
    const auto& v = variants_[i];
    if (v.rows == 0)
      free = std::min(free, i);
    else if (v.print == &print && v.options.data_types == data_types && v.options.depth == options.depth &&
             v.options.extras == options.extras)
      return i;
  }
  if (free == none) {
    if (variants_.size() >= max_variants) return none;
    free = static_cast<uint32_t>(variants_.size());
    variants_.emplace_back();
  }
  variants_[free] = {&print, {sizeof(tp_variant), data_types, options.depth, options.extras, 0, TP_SERIES_STATE}, 0};
  for (auto& slot : instruments_)
    if (free < slot.fragments.size()) slot.fragments[free].version = 0;
  return free;
}

uint32_t hub_core::group_of(uint32_t frequency_ms) {
  const uint64_t period = uint64_t{frequency_ms} * 1'000'000;
  for (uint32_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].period_ns == period) return i;
  groups_.push_back({period, 0, 0, {}, false});
  return static_cast<uint32_t>(groups_.size() - 1);
}

hub_core::instrument_slot& hub_core::slot_of(model::instrument_id id) {
  const auto index = model::index_of(id);
  if (index >= instruments_.size()) instruments_.resize(index + 1);
  return instruments_[index];
}

std::vector<uint64_t>& hub_core::mask_of(client& c, uint32_t group) {
  for (auto& [number, bits] : c.masks)
    if (number == group) return bits;
  return c.masks.emplace_back(group, std::vector<uint64_t>{}).second;
}

uint32_t hub_core::find_row(const client& c, const option_set& options, model::instrument_id id) const {
  for (uint32_t i = 0; i < c.slots.size(); ++i)
    if (c.slots[i].instrument == model::index_of(id) && c.slots[i].options == options) return i;
  return none;
}

hub_core::added hub_core::subscribe(client_key key, const option_set& options, model::instrument_id id) {
  auto* c = find(key);
  if (!c) return added::no_client;
  if (find_row(*c, options, id) != none) return added::already;
  const uint32_t variant = variant_of(*c->print, options);
  if (variant == none) {
    ++counters_.refused_variants;
    return added::too_many_variants;
  }
  uint32_t slot = static_cast<uint32_t>(c->slots.size());
  if (c->free_slots.empty()) {
    c->slots.emplace_back();
  } else {
    slot = c->free_slots.back();
    c->free_slots.pop_back();
  }
  auto& instrument = slot_of(id);
  const uint32_t group = group_of(options.frequency_ms);
  c->slots[slot] = {model::index_of(id), variant, group, static_cast<uint32_t>(instrument.rows.size()), options};
  const row_ref row{key.index, slot};
  instrument.rows.push_back(row);
  if (variant >= instrument.rows_of_variant.size()) instrument.rows_of_variant.resize(variant + 1);
  ++instrument.rows_of_variant[variant];
  ++variants_[variant].rows;
  ++groups_[group].rows;
  set_bit(mask_of(*c, group), slot);
  note_change(model::index_of(id), 0);
  if (instrument.is_known) mark_row(row);
  return added::ok;
}

void hub_core::unsubscribe(client_key key, const option_set& options, model::instrument_id id) {
  auto* c = find(key);
  if (!c) return;
  if (const uint32_t slot = find_row(*c, options, id); slot != none) remove_row(*c, slot);
}

void hub_core::remove_row(client& c, uint32_t slot) {
  auto& row = c.slots[slot];
  auto& instrument = instruments_[row.instrument];
  // The last row takes the place of the one that goes, and must learn its new position.
  const auto moved = instrument.rows.back();
  instrument.rows[row.position] = moved;
  clients_[moved.client].slots[moved.slot].position = row.position;
  instrument.rows.pop_back();
  --instrument.rows_of_variant[row.variant];
  --variants_[row.variant].rows;
  --groups_[row.group].rows;
  clear_bit(mask_of(c, row.group), slot);
  clear_bit(c.pending, slot);
  clear_bit(c.ready, slot);
  note_change(row.instrument, instrument.rows.empty() ? 1 : 0);
  row = {};
  c.free_slots.push_back(slot);
}

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
  for (uint32_t v = 0; v < slot.rows_of_variant.size(); ++v) {
    if (slot.rows_of_variant[v] == 0) continue;
    const auto& options = variants_[v].options;
    // The price shown is the last trade's, so that trades are always looked at.
    wanted.want |= TP_WANT_QUOTE | TP_WANT_TRADES;
    if (options.data_types & TP_DATA_ORDER_BOOK) {
      wanted.want |= TP_WANT_BOOK;
      wanted.depth = std::max(wanted.depth, options.depth);
    }
  }
  return wanted;
}

std::vector<interest_update> hub_core::take_interest(uint64_t monotonic_ns) {
  std::vector<interest_update> updates;
  for (const uint32_t index : changed_) {
    auto& slot = instruments_[index];
    slot.is_changed = false;
    if (slot.rows.empty()) {
      if (slot.asked.want == 0) continue;
      slot.idle_since_ns = monotonic_ns;
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
    if (!slot.rows.empty() || slot.asked.want == 0) return true;
    if (monotonic_ns - slot.idle_since_ns < linger_ns) return false;
    slot.asked = {};
    slot.is_known = false; // nobody keeps it fresh any longer
    updates.push_back({model::instrument_id{index}, {}});
    return true;
  });
  return updates;
}

void hub_core::tell_interest_again() {
  for (uint32_t index = 0; index < instruments_.size(); ++index) {
    auto& slot = instruments_[index];
    slot.asked = {};
    if (!slot.rows.empty()) note_change(index, 0);
  }
}

} // namespace tickplant::fanout
