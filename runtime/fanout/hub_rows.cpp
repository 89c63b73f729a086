// The rows of the tables: who looks at what in which variant.
#include "runtime/fanout/bits.hpp"
#include "runtime/fanout/hub_core.hpp"

#include <algorithm>

namespace tickplant::fanout {

namespace {

constexpr uint32_t kept_flags = hub::slot_is_paused | hub::slot_wants_snapshot | hub::slot_resumes;

uint32_t flags_of(const option_set& options) {
  uint32_t flags = 0;
  if (options.extras & TP_EXTRA_SEQUENCE) flags |= hub::slot_is_sequenced;
  if (options.is_extended()) flags |= hub::slot_is_extended;
  if (options.mode == TP_MODE_SNAPSHOT_ONLY) flags |= hub::slot_is_once;
  if (options.filter) flags |= hub::slot_has_filter;
  if (options.data_types == TP_DATA_SIGNALS) flags |= hub::slot_is_silent;
  return flags;
}

} // namespace

hub_core::instrument_slot& hub_core::slot_of(model::instrument_id id) {
  const auto index = model::index_of(id);
  if (index >= instruments_.size()) instruments_.resize(index + 1);
  return instruments_[index];
}

uint32_t hub_core::take_slot(client& c) {
  if (!c.rest || c.rest->free_slots.empty()) {
    c.slots.emplace_back();
    return static_cast<uint32_t>(c.slots.size() - 1);
  }
  const uint32_t slot = c.rest->free_slots.back();
  c.rest->free_slots.pop_back();
  return slot;
}

hub::row_ref hub_core::ref_of(const client& c, uint32_t slot) {
  const auto& row = c.slots[slot];
  const bool is_plain = row.group < row_ref::ask_slot && !(row.flags & hub::slot_is_silent);
  return row_ref{c.key.index, slot, is_plain ? row.group : row_ref::ask_slot};
}

void hub_core::add_slot(client& c, const option_set& options, uint32_t instrument_index, uint32_t series,
                        uint32_t variant, uint32_t group) {
  const uint32_t slot = take_slot(c);
  const uint32_t line = series == TP_SERIES_STATE ? none : line_of(instrument_index, series, options.depth);
  auto& instrument = instruments_[instrument_index];
  auto& rows = line == none ? instrument.rows : lines_[line]->rows;
  auto& made = c.slots[slot];
  made = {};
  made.instrument = instrument_index;
  made.variant = static_cast<uint16_t>(variant);
  made.group = static_cast<uint16_t>(group);
  made.line = line;
  made.position = static_cast<uint32_t>(rows.size());
  made.options = take_options(options);
  made.flags = static_cast<uint16_t>(flags_of(options) | (line == none ? 0u : uint32_t{hub::slot_wants_snapshot}));
  const row_ref row = ref_of(c, slot);
  rows.push_back(row);
  ++instrument.slots;
  ++groups_[group].rows;
  c.special += made.flags != 0 ? 1 : 0;
  join_group(c, slot, group);
  if (line != none) {
    auto& on = *lines_[line];
    on.idle_since_ns = 0;
    made.at = on.line.newest();
    if (on.line.is_live()) mark_row(row);
    return;
  }
  made.place = take_place(instrument, variant);
  if (instrument.is_known) mark_row(row);
}

// Here, not when something is printed: a write that is being built points at fragments. An instrument has as many as
// there are variants that somebody looks at it in, whatever others are printed in.
uint16_t hub_core::take_place(instrument_slot& instrument, uint32_t variant) {
  auto& all = instrument.fragments;
  auto place = std::ranges::find_if(all, [&](const auto& f) { return f.rows > 0 && f.variant == variant; });
  if (place == all.end()) {
    place = std::ranges::find(all, 0u, &printed_fragment::rows);
    if (place == all.end()) place = all.emplace(all.end());
    place->variant = static_cast<uint16_t>(variant);
    place->version = place->sequence = place->previous = 0; // of another variant; its serial goes on
  }
  ++place->rows;
  return static_cast<uint16_t>(place - all.begin());
}

void hub_core::give_place(instrument_slot& instrument, uint16_t place) {
  auto& fragment = instrument.fragments[place];
  if (--fragment.rows > 0) return;
  fragment.text = {};
  fragment.parts = {};
  fragment.apart.reset();
}

void hub_core::remove_slot(client& c, uint32_t slot) {
  auto& row = c.slots[slot];
  auto& instrument = instruments_[row.instrument];
  auto& rows = row.line == none ? instrument.rows : lines_[row.line]->rows;
  // The last row takes the place of the one that goes, and must learn its new position.
  const auto moved = rows.back();
  rows[row.position] = moved;
  clients_[moved.client].slots[moved.slot].position = row.position;
  rows.pop_back();
  if (row.line == none)
    give_place(instrument, row.place);
  else if (rows.empty())
    rest_line(row.line);
  --instrument.slots;
  give_variant(c, row.variant);
  give_options(row.options);
  --groups_[row.group].rows;
  c.special -= row.flags != 0 ? 1 : 0;
  leave_group(c, slot, row.group);
  clear_bit(c.pending, slot);
  clear_bit(c.ready, slot);
  if (row.flags & hub::slot_resumes) drop_point(c, slot);
  note_change(row.instrument, instrument.slots == 0 ? 1 : 0);
  row = {};
  auto& free = rest_of(c).free_slots;
  free.push_back(slot);
  if (free.size() < c.slots.size()) return;
  c.rest->masks.clear();
  c.group = none;
}

void hub_core::drop_point(client& c, uint32_t slot) {
  std::erase_if(rest_of(c).points, [slot](const auto& p) { return p.slot == slot; });
}

template <class Visit>
void hub_core::for_each_slot(client& c, const option_set& options, model::instrument_id id, Visit&& visit) {
  const uint32_t known = find_options(options);
  if (known == none) return;
  const auto count = static_cast<uint32_t>(c.slots.size());
  for (uint32_t i = 0; i < count; ++i)
    if (c.slots[i].instrument == model::index_of(id) && c.slots[i].options == known) visit(i);
}

hub_core::added hub_core::subscribe(client_key key, const option_set& options, model::instrument_id id,
                                    std::span<const line_point> from) {
  auto* c = find(key);
  if (!c) return added::no_client;
  bool is_there = false;
  for_each_slot(*c, options, id, [&](uint32_t slot) {
    is_there = true;
    move_point(*c, slot, from);
  });
  if (is_there) return added::already;
  const uint32_t group = take_group(options.frequency_ms);
  row_variants variants;
  if (!take_variants(*c, options, group, variants)) {
    --groups_[group].rows;
    return added::too_many_variants;
  }
  slot_of(id);
  for (uint32_t series = 0; series < variants.size(); ++series)
    if (variants[series] != none) add_slot(*c, options, model::index_of(id), series, variants[series], group);
  --groups_[group].rows; // each slot has counted itself
  ++c->rows;
  note_change(model::index_of(id), 0);
  if (!from.empty()) for_each_slot(*c, options, id, [&](uint32_t slot) { move_point(*c, slot, from); });
  return added::ok;
}

// Judged when the row has data, as the line may have to begin first.
void hub_core::move_point(client& c, uint32_t slot, std::span<const line_point> from) {
  auto& row = c.slots[slot];
  if (!(row.flags & hub::slot_is_extended) || (row.flags & hub::slot_is_once)) return;
  const uint32_t series = variants_[row.variant].options.series;
  for (const auto& point : from) {
    if (point.series != series) continue;
    if (row.flags & hub::slot_resumes) drop_point(c, slot);
    row.flags |= hub::slot_resumes;
    rest_of(c).points.push_back({slot, point.epoch, point.sequence, point.is_left});
    const bool has_data = row.line == none ? instruments_[row.instrument].is_known : lines_[row.line]->line.is_live();
    if (has_data) mark_row(ref_of(c, slot));
    return;
  }
}

void hub_core::unsubscribe(client_key key, const option_set& options, model::instrument_id id) {
  if (auto* c = find(key)) remove_row(*c, options, id);
}

void hub_core::remove_row(client& c, const option_set& options, model::instrument_id id) {
  bool was_there = false;
  const option_set wanted = options; // may be the row's own
  for_each_slot(c, wanted, id, [&](uint32_t slot) {
    was_there = true;
    remove_slot(c, slot);
  });
  c.rows -= was_there ? 1 : 0;
}

bool hub_core::change(client_key key, const option_set& from, const option_set& to, model::instrument_id id) {
  auto* c = find(key);
  if (!c) return false;
  bool is_there = false, is_taken = false, is_paused = false;
  for_each_slot(*c, from, id, [&](uint32_t slot) {
    is_there = true;
    is_paused = (c->slots[slot].flags & hub::slot_is_paused) != 0;
  });
  for_each_slot(*c, to, id, [&](uint32_t) { is_taken = true; });
  if (!is_there || is_taken) return false;
  const uint32_t group = take_group(to.frequency_ms);
  row_variants variants;
  if (!take_variants(*c, to, group, variants)) {
    --groups_[group].rows;
    return false;
  }
  const option_set old = from; // may be the row's own
  const bool is_once = old.mode == TP_MODE_SNAPSHOT_ONLY || to.mode == TP_MODE_SNAPSHOT_ONLY;
  for_each_slot(*c, old, id, [&](uint32_t slot) {
    const auto& row = c->slots[slot];
    const uint32_t series = row.line == none ? uint32_t{TP_SERIES_STATE} : lines_[row.line]->line.series();
    const bool is_kept = variants[series] != none && !is_once && (series != TP_SERIES_BOOK || old.depth == to.depth);
    if (!is_kept) return remove_slot(*c, slot);
    alter_slot(*c, slot, to, variants[series], group);
    variants[series] = none;
  });
  for (uint32_t series = 0; series < variants.size(); ++series)
    if (variants[series] != none) add_slot(*c, to, model::index_of(id), series, variants[series], group);
  --groups_[group].rows;
  note_change(model::index_of(id), 0);
  if (is_paused) pause(key, to, id, true, 0);
  return true;
}

// The slot takes over the variant that its row has taken for it.
void hub_core::alter_slot(client& c, uint32_t slot, const option_set& to, uint32_t variant, uint32_t group) {
  auto& row = c.slots[slot];
  auto& instrument = instruments_[row.instrument];
  const auto &old = variants_[row.variant].options, &made = variants_[variant].options;
  const bool shows_other = old.data_types != made.data_types || old.depth != made.depth || old.fields != made.fields ||
                           old.extras != made.extras;
  if (row.line == none) {
    const uint16_t place = take_place(instrument, variant);
    give_place(instrument, row.place);
    row.place = place;
    if (shows_other) row.at = 0;
  }
  give_variant(c, row.variant);
  --groups_[row.group].rows;
  ++groups_[group].rows;
  leave_group(c, slot, row.group);
  const uint32_t options = take_options(to);
  give_options(row.options);
  row.options = options;
  row.variant = static_cast<uint16_t>(variant);
  row.group = static_cast<uint16_t>(group);
  c.special -= row.flags != 0 ? 1 : 0;
  row.flags = static_cast<uint16_t>((row.flags & kept_flags) | flags_of(to));
  c.special += row.flags != 0 ? 1 : 0;
  if (!(row.flags & hub::slot_is_paused)) join_group(c, slot, group);
  auto& rows = row.line == none ? instrument.rows : lines_[row.line]->rows;
  rows[row.position] = ref_of(c, slot);
  if (row.line != none || (shows_other && instrument.is_known) || has_bit(c.pending, slot)) mark_row(ref_of(c, slot));
}

// A paused slot is in no group: what is pending stays so.
void hub_core::pause(client_key key, const option_set& options, model::instrument_id id, bool paused,
                     uint64_t wall_ns) {
  auto* c = find(key);
  if (!c) return;
  for_each_slot(*c, options, id, [&](uint32_t slot) {
    auto& row = c->slots[slot];
    if (((row.flags & hub::slot_is_paused) != 0) == paused) return;
    c->special -= row.flags != 0 ? 1 : 0;
    row.flags ^= hub::slot_is_paused;
    c->special += row.flags != 0 ? 1 : 0;
    if (paused) {
      mix_groups(*c);
      leave_group(*c, slot, row.group);
      if (!has_bit(c->ready, slot)) return;
      clear_bit(c->ready, slot);
      set_bit(c->pending, slot);
      return;
    }
    join_group(*c, slot, row.group);
    if (!has_bit(c->pending, slot)) return;
    if (row.line != none) row.flags |= hub::slot_has_rested;
    // At once, not at the next tick: the client has waited long enough.
    clear_bit(c->pending, slot);
    set_bit(c->ready, slot);
  });
  wall_ns_ = wall_ns;
  if (!paused) flush(*c, wall_ns);
}

line_places hub_core::places_of(client_key key, uint32_t from) const {
  line_places found;
  const auto* c = find(key);
  if (!c) return found;
  const auto count = static_cast<uint32_t>(c->slots.size());
  for (uint32_t i = from < count ? from : 0; i < count; ++i) {
    const auto& row = c->slots[i];
    if (row.instrument == none || (row.flags & hub::slot_is_silent)) continue;
    const model::instrument_id id{row.instrument};
    line_place place{id, TP_SERIES_STATE, 0, 0};
    if (row.line != none) {
      const auto& line = lines_[row.line]->line;
      if (!line.is_live()) continue;
      place = {id, line.series(), line.epoch(), line.newest()};
    } else {
      if (!instruments_[row.instrument].is_known) continue;
      const auto& state = instruments_[row.instrument].state;
      place = {id, TP_SERIES_STATE, state.epoch, state.sequence};
    }
    if (found.places.size() < max_places) {
      found.places.push_back(place);
    } else if (found.more++ == 0) {
      found.next = i;
    }
  }
  return found;
}

std::vector<finished_row> hub_core::take_finished() {
  return std::exchange(finished_, {});
}

} // namespace tickplant::fanout
