// The rows of the tables: who looks at what in which variant.
#include "runtime/fanout/bits.hpp"
#include "runtime/fanout/hub_core.hpp"

#include <algorithm>

namespace tickplant::fanout {

namespace {

uint16_t flags_of(const option_set& options) {
  uint32_t flags = 0;
  if (options.extras & TP_EXTRA_SEQUENCE) flags |= hub::slot_is_sequenced;
  if (options.is_extended()) flags |= hub::slot_is_extended;
  if (options.mode == TP_MODE_SNAPSHOT_ONLY) flags |= hub::slot_is_once;
  if (options.filter) flags |= hub::slot_has_filter;
  if (options.data_types == TP_DATA_SIGNALS) flags |= hub::slot_is_silent;
  return static_cast<uint16_t>(flags);
}

} // namespace

uint32_t hub_core::take_variant(const printer& print, const tp_variant& wanted, uint32_t group) {
  uint32_t free = none;
  for (uint32_t i = 0; i < variants_.size(); ++i) {
    auto& v = variants_[i];
    if (v.rows == 0) {
      free = std::min(free, i);
    } else if (v.print == &print && v.group == group && v.options.data_types == wanted.data_types &&
               v.options.depth == wanted.depth && v.options.extras == wanted.extras &&
               v.options.fields == wanted.fields && v.options.series == wanted.series) {
      ++v.rows;
      return i;
    }
  }
  if (free == none) {
    if (variants_.size() >= max_variants) {
      ++counters_.refused_variants;
      return none;
    }
    free = static_cast<uint32_t>(variants_.size());
    variants_.emplace_back();
  }
  variants_[free] = {&print, wanted, group, 1};
  for (auto& slot : instruments_)
    if (free < slot.fragments.size()) slot.fragments[free].version = slot.fragments[free].sequence = 0;
  return free;
}

void hub_core::give_variant(uint32_t variant) {
  --variants_[variant].rows;
}

uint32_t hub_core::state_variant(const printer& print, const option_set& options, uint32_t group) {
  tp_variant wanted{};
  wanted.struct_size = sizeof wanted;
  wanted.data_types = options.data_types & ~uint32_t{TP_DATA_SIGNALS}; // which are no part of an element
  wanted.depth = options.depth;
  wanted.extras = options.extras;
  wanted.fields = options.fields;
  wanted.series = TP_SERIES_STATE;
  return take_variant(print, wanted, options.extras & TP_EXTRA_SEQUENCE ? group : none);
}

uint32_t hub_core::take_group(uint32_t frequency_ms) {
  const uint64_t period = uint64_t{frequency_ms} * 1'000'000;
  uint32_t free = none;
  for (uint32_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].rows == 0) {
      free = std::min(free, i);
    } else if (groups_[i].period_ns == period) {
      ++groups_[i].rows;
      return i;
    }
  }
  if (free == none) {
    free = static_cast<uint32_t>(groups_.size());
    groups_.emplace_back();
  }
  auto& g = groups_[free];
  std::fill(g.dirty.begin(), g.dirty.end(), 0);
  g.is_dirty = false;
  g.period_ns = period;
  g.next_ns = 0;
  g.rows = 1;
  return free;
}

hub_core::instrument_slot& hub_core::slot_of(model::instrument_id id) {
  const auto index = model::index_of(id);
  if (index >= instruments_.size()) instruments_.resize(index + 1);
  return instruments_[index];
}

slot_bits& hub_core::mask_of(client& c, uint32_t group) {
  for (auto& [number, bits] : c.masks)
    if (number == group) return bits;
  return c.masks.emplace_back(group, slot_bits{}).second;
}

uint32_t hub_core::find_options(const client& c, const option_set& options) {
  for (uint32_t i = 0; i < c.options.size(); ++i)
    if (c.options[i].slots > 0 && c.options[i].options == options) return i;
  return none;
}

uint32_t hub_core::take_options(client& c, const option_set& options) {
  uint32_t found = find_options(c, options);
  if (found == none) {
    const auto free = std::find_if(c.options.begin(), c.options.end(), [](const auto& o) { return o.slots == 0; });
    found = static_cast<uint32_t>(free - c.options.begin());
    if (free == c.options.end())
      c.options.push_back({options, 0});
    else
      free->options = options;
  }
  ++c.options[found].slots;
  return found;
}

uint32_t hub_core::find_row(const client& c, const option_set& options, model::instrument_id id) const {
  const uint32_t known = find_options(c, options);
  if (known == none) return none;
  for (uint32_t i = 0; i < c.slots.size(); ++i)
    if (c.slots[i].instrument == model::index_of(id) && c.slots[i].options == known) return i;
  return none;
}

uint32_t hub_core::take_slot(client& c) {
  if (c.free_slots.empty()) {
    c.slots.emplace_back();
    return static_cast<uint32_t>(c.slots.size() - 1);
  }
  const uint32_t slot = c.free_slots.back();
  c.free_slots.pop_back();
  return slot;
}

hub_core::added hub_core::subscribe(client_key key, const option_set& options, model::instrument_id id,
                                    std::span<const line_point> from) {
  auto* c = find(key);
  if (!c) return added::no_client;
  if (const uint32_t known = find_row(*c, options, id); known != none) {
    move_point(*c, known, from);
    return added::already;
  }
  const uint32_t group = take_group(options.frequency_ms);
  const uint32_t variant = state_variant(*c->print, options, group);
  if (variant == none) {
    --groups_[group].rows;
    return added::too_many_variants;
  }
  const uint32_t slot = take_slot(*c);
  auto& instrument = slot_of(id);
  auto& made = c->slots[slot];
  made = {};
  made.instrument = model::index_of(id);
  made.variant = static_cast<uint16_t>(variant);
  made.group = group;
  made.position = static_cast<uint32_t>(instrument.rows.size());
  made.options = take_options(*c, options);
  made.flags = flags_of(options);
  const row_ref row{key.index, slot};
  instrument.rows.push_back(row);
  if (variant >= instrument.rows_of_variant.size()) instrument.rows_of_variant.resize(variant + 1);
  ++instrument.rows_of_variant[variant];
  set_bit(mask_of(*c, group), slot);
  note_change(model::index_of(id), 0);
  move_point(*c, slot, from);
  if (instrument.is_known) mark_row(row);
  return added::ok;
}

// A state resumes by its newest value: the client is told what it missed by the sequence that it had.
void hub_core::move_point(client& c, uint32_t slot, std::span<const line_point> from) {
  auto& row = c.slots[slot];
  const auto& instrument = instruments_[row.instrument];
  if (!(row.flags & hub::slot_is_sequenced) || !instrument.is_known) return;
  for (const auto& point : from)
    if (point.series == TP_SERIES_STATE && point.epoch == instrument.state.epoch &&
        point.sequence <= instrument.state.sequence)
      row.at = point.sequence;
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
  give_variant(row.variant);
  --groups_[row.group].rows;
  auto& options = c.options[row.options];
  if (--options.slots == 0) options.options = {};
  clear_bit(mask_of(c, row.group), slot);
  clear_bit(c.pending, slot);
  clear_bit(c.ready, slot);
  note_change(row.instrument, instrument.rows.empty() ? 1 : 0);
  row = {};
  c.free_slots.push_back(slot);
}

bool hub_core::change(client_key key, const option_set& from, const option_set& to, model::instrument_id id) {
  auto* c = find(key);
  if (!c) return false;
  const uint32_t slot = find_row(*c, from, id);
  if (slot == none || find_row(*c, to, id) != none) return false;
  const uint32_t group = take_group(to.frequency_ms);
  const uint32_t variant = state_variant(*c->print, to, group);
  if (variant == none) {
    --groups_[group].rows;
    return false;
  }
  auto& row = c->slots[slot];
  auto& instrument = instruments_[row.instrument];
  const bool shows_other =
    from.data_types != to.data_types || from.depth != to.depth || from.fields != to.fields || from.extras != to.extras;
  if (variant >= instrument.rows_of_variant.size()) instrument.rows_of_variant.resize(variant + 1);
  ++instrument.rows_of_variant[variant];
  --instrument.rows_of_variant[row.variant];
  give_variant(row.variant);
  --groups_[row.group].rows;
  clear_bit(mask_of(*c, row.group), slot);
  const uint32_t options = take_options(*c, to);
  if (--c->options[row.options].slots == 0) c->options[row.options].options = {};
  row.options = options;
  row.variant = static_cast<uint16_t>(variant);
  row.group = group;
  row.flags = static_cast<uint16_t>((row.flags & hub::slot_is_paused) | flags_of(to));
  if (!(row.flags & hub::slot_is_paused)) set_bit(mask_of(*c, group), slot);
  note_change(row.instrument, 0);
  const row_ref ref{key.index, slot};
  if (shows_other) row.at = 0;
  if (instrument.is_known && (shows_other || has_bit(c->pending, slot))) mark_row(ref);
  return true;
}

// A paused slot is in no group: what is pending stays so.
void hub_core::pause(client_key key, const option_set& options, model::instrument_id id, bool paused,
                     uint64_t wall_ns) {
  auto* c = find(key);
  if (!c) return;
  const uint32_t slot = find_row(*c, options, id);
  if (slot == none) return;
  auto& row = c->slots[slot];
  if (((row.flags & hub::slot_is_paused) != 0) == paused) return;
  row.flags ^= hub::slot_is_paused;
  if (paused) {
    clear_bit(mask_of(*c, row.group), slot);
    if (!has_bit(c->ready, slot)) return;
    clear_bit(c->ready, slot);
    set_bit(c->pending, slot);
    return;
  }
  set_bit(mask_of(*c, row.group), slot);
  if (!has_bit(c->pending, slot)) return;
  // At once, not at the next tick: the client has waited long enough.
  clear_bit(c->pending, slot);
  set_bit(c->ready, slot);
  flush(*c, wall_ns);
}

std::vector<line_place> hub_core::places_of(client_key key) const {
  std::vector<line_place> places;
  const auto* c = find(key);
  if (!c) return places;
  for (const auto& row : c->slots) {
    if (places.size() == max_places) break;
    if (row.instrument == none || !instruments_[row.instrument].is_known) continue;
    const auto& state = instruments_[row.instrument].state;
    places.push_back({state.id, TP_SERIES_STATE, state.epoch, state.sequence});
  }
  return places;
}

std::vector<finished_row> hub_core::take_finished() {
  return std::exchange(finished_, {});
}

} // namespace tickplant::fanout
