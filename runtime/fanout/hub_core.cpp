#include "runtime/fanout/hub_core.hpp"

#include "runtime/fanout/bits.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace tickplant::fanout {

hub_core::hub_core(const directory& names, client_port& port, trace_sink* traces)
  : names_(names), port_(port), traces_(traces) {
  frame_.reserve(max_frame);
  packed_.reserve(max_frame);
}
hub_core::~hub_core() = default;

hub_core::client* hub_core::find(client_key key) {
  if (key.index >= clients_.size()) return nullptr;
  auto& c = clients_[key.index];
  return c.is_attached && c.key == key ? &c : nullptr;
}

const hub_core::client* hub_core::find(client_key key) const {
  return const_cast<hub_core*>(this)->find(key);
}

bool hub_core::is_attached(client_key key) const {
  return find(key) != nullptr;
}

hub_core::audience hub_core::audience_of(model::instrument_id id) const {
  audience seen;
  if (model::index_of(id) >= instruments_.size()) return seen;
  std::set<uint32_t> clients;
  std::set<std::pair<uint32_t, uint32_t>> seen_rows; // client and its options: a row may be on several lines
  const auto look = [&](const std::vector<row_ref>& rows) {
    for (const auto row : rows) {
      clients.insert(row.client);
      const auto& c = clients_[row.client];
      const uint32_t options = c.slots[row.slot].options;
      if (seen_rows.emplace(row.client, options).second) ++seen.rows[options_[options].options.frequency_ms];
    }
  };
  const auto& slot = instruments_[model::index_of(id)];
  look(slot.rows);
  for (const uint32_t number : slot.lines) look(lines_[number]->rows);
  seen.clients = clients.size();
  return seen;
}

uint32_t hub_core::rows_of(client_key key) const {
  const auto* c = find(key);
  return c ? c->rows : 0;
}

void hub_core::attach(client_key key, const printer& print, const packer* pack, uint32_t group,
                      std::string_view party) {
  if (key.index >= clients_.size()) clients_.resize(key.index + 1);
  auto& c = clients_[key.index];
  if (c.is_attached) detach(c.key); // the socket's number was given anew before its former client had left
  c = {};
  c.key = key;
  c.print = &print;
  if (pack) c.packing = packing_of(*pack, print, group);
  if (c.packing != none) ++packings_[c.packing].clients;
  c.party = take_party(party);
  c.is_attached = true;
  ++client_count_;
}

void hub_core::detach(client_key key) {
  auto* c = find(key);
  if (!c) return;
  for (uint32_t slot = 0; slot < c->slots.size(); ++slot)
    if (c->slots[slot].instrument != none) remove_slot(*c, slot);
  for (auto& g : groups_) clear_bit(g.dirty, key.index);
  if (c->packing != none) --packings_[c->packing].clients;
  give_party(c->party);
  if (c->rest && c->rest->next_trace) --live_traces_;
  *c = {};
  --client_count_;
}

void hub_core::drained(client_key key, uint64_t wall_ns) {
  if (auto* c = find(key)) {
    if (c->is_closing) return;
    wall_ns_ = wall_ns;
    c->is_blocked = false;
    flush(*c, wall_ns);
  }
}

void hub_core::mark_row(row_ref row) {
  auto& c = clients_[row.client];
  uint32_t group = row.group;
  if (group == row_ref::ask_slot) [[unlikely]] {
    if (c.slots[row.slot].flags & hub::slot_is_silent) return;
    group = c.slots[row.slot].group;
  }
  counters_.conflated += c.pending.test_and_set(row.slot) ? 1 : 0;
  groups_[group].mark(row.client);
}

void hub_core::mark_rows(const instrument_slot& slot) {
  for (const auto row : slot.rows) mark_row(row);
}

void hub_core::take(const book::publication_batch& batch, uint64_t wall_ns, uint64_t monotonic_ns) {
  ++counters_.batches;
  wall_ns_ = wall_ns;
  if (!batch.tapes.empty()) take_tapes(batch, wall_ns);
  for (size_t number = 0; number < batch.items.size(); ++number) {
    const auto& item = batch.items[number];
    auto& slot = slot_of(item.id);
    if (slot.slots == 0 && slot.asked.want == 0) {
      ++counters_.ignored; // another loop's clients asked for it
      continue;
    }
    ++counters_.publications;
    const auto before = slot.is_known ? slot.state.state : trust_before(item.id);
    const bool is_void = !slot.is_known || item.was_interrupted || before != book::trust::ok;
    // Who waits for a stream to be good again learns why it is not, each time that the reason is another.
    const bool is_other_reason = item.state != book::trust::ok && slot.is_known && item.reason != slot.state.reason;
    if (slot.is_known && item.epoch != slot.state.epoch) forget_sequences(slot);
    slot.state = item;
    const bool is_first = !std::exchange(slot.is_known, true);
    ++slot.version;
    if (traces_) mark_trace(slot, batch, number, wall_ns);
    const bool is_back = item.was_interrupted && before == book::trust::ok;
    if (is_back) interrupted_.push_back(model::index_of(item.id));
    if (is_back || item.state != before || is_other_reason) status_changed_.push_back(model::index_of(item.id));
    // A stale state says nothing new; clients keep what they have and are told that it is stale.
    if (item.state == book::trust::ok) mark_rows(slot);
    if (slot.lines.empty()) continue;
    take_states(slot, item, is_void, wall_ns);
    // What came before its instrument was known has waited.
    if (is_first)
      for (const uint32_t line : slot.lines) touch_line(line);
  }
  if (!interrupted_.empty()) {
    tell_status(interrupted_, wall_ns, TP_STATUS_RECOVERING);
    interrupted_.clear();
  }
  if (!status_changed_.empty()) {
    tell_status(status_changed_, wall_ns);
    status_changed_.clear();
  }
  if (!touched_.empty()) mark_touched();
  for (const auto& signal : batch.signals) tell_signal(*signal, wall_ns);
  if (window_ns_ == 0 || (!is_gathering() && monotonic_ns - window_closed_ns_ > 4 * window_ns_)) {
    run_unconflated(wall_ns, monotonic_ns);
  } else if (!is_gathering()) {
    for (const auto& g : groups_)
      if (g.period_ns == 0 && g.is_dirty) window_ends_ns_ = monotonic_ns + window_ns_;
  }
}

void hub_core::run_unconflated(uint64_t wall_ns, uint64_t monotonic_ns) {
  window_ends_ns_ = 0;
  for (uint32_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].period_ns != 0 || !groups_[i].is_dirty) continue;
    window_closed_ns_ = monotonic_ns;
    run_group(i, wall_ns);
  }
}

// Clients of the hub before this one may have been told that a book is stale: then they are told that it is not.
book::trust hub_core::trust_before(model::instrument_id id) {
  if (distrusted_.empty() || std::erase(distrusted_, id) == 0) return book::trust::ok;
  return book::trust::stale;
}

std::vector<model::instrument_id> hub_core::distrusted() const {
  auto ids = distrusted_; // those that have not said anything yet
  for (uint32_t i = 0; i < instruments_.size(); ++i)
    if (instruments_[i].is_known && instruments_[i].slots > 0 && instruments_[i].state.state != book::trust::ok)
      ids.push_back(model::instrument_id{i});
  return ids;
}

// Numbers of another epoch mean nothing in this one: what is sent next is a snapshot.
void hub_core::forget_sequences(instrument_slot& slot) {
  for (auto& fragment : slot.fragments) fragment.sequence = 0;
  for (const auto row : slot.rows) clients_[row.client].slots[row.slot].at = 0;
}

void hub_core::retire(model::instrument_id id, uint64_t wall_ns) {
  const auto index = model::index_of(id);
  if (index >= instruments_.size()) return;
  auto& slot = instruments_[index];
  slot.state.state = book::trust::stale;
  slot.state.reason = "retired by the venue";
  tell_status({index}, wall_ns, TP_STATUS_CLOSED);
  const auto remove_all = [&](const std::vector<row_ref>& rows) {
    while (!rows.empty()) {
      auto& c = clients_[rows.back().client];
      remove_row(c, options_[c.slots[rows.back().slot].options].options, id);
    }
  };
  remove_all(slot.rows);
  for (const uint32_t number : slot.lines) remove_all(lines_[number]->rows);
  while (!slot.lines.empty()) {
    std::erase(idle_lines_, slot.lines.back());
    drop_line(slot.lines.back());
  }
  slot.is_known = false;
}

void hub_core::mark_lost(model::instrument_id id, std::string_view why, uint64_t wall_ns) {
  const auto index = model::index_of(id);
  if (index >= instruments_.size() || !instruments_[index].is_known) return;
  auto& state = instruments_[index].state;
  const bool is_news = state.state == book::trust::ok || state.reason != why;
  if (state.state == book::trust::ok) state.state = book::trust::stale;
  state.reason.assign(why);
  if (is_news) tell_status({index}, wall_ns);
}

void hub_core::tick(uint64_t wall_ns, uint64_t monotonic_ns) {
  wall_ns_ = wall_ns;
  if (monotonic_ns >= window_ends_ns_) run_unconflated(wall_ns, monotonic_ns);
  for (uint32_t i = 0; i < groups_.size(); ++i) {
    auto& g = groups_[i];
    if (g.period_ns == 0 || monotonic_ns < g.next_ns) continue;
    // Whole periods that were missed are skipped, never made up for by a burst.
    g.next_ns = (monotonic_ns / g.period_ns + 1) * g.period_ns;
    if (g.is_dirty) run_group(i, wall_ns);
  }
}

uint64_t hub_core::next_tick_ns(uint64_t monotonic_ns) const {
  uint64_t next = UINT64_MAX;
  for (const auto& g : groups_) {
    if (g.rows == 0) continue;
    if (g.period_ns != 0)
      next = std::min(next, std::max(g.next_ns, monotonic_ns));
    else if (g.is_dirty)
      next = std::min(next, std::max(window_ends_ns_, monotonic_ns));
  }
  return next;
}

const book::publication* hub_core::state_of(model::instrument_id id) const {
  const auto index = model::index_of(id);
  if (index >= instruments_.size() || !instruments_[index].is_known) return nullptr;
  return &instruments_[index].state;
}

} // namespace tickplant::fanout
