// The lines of the loop: what publications and tapes add to them, who is told, and how much of it is kept.
#include "runtime/fanout/bits.hpp"
#include "runtime/fanout/hub_core.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::fanout {

uint32_t hub_core::line_of(uint32_t index, uint32_t series, uint32_t depth) {
  const uint32_t levels = series == TP_SERIES_BOOK ? depth : 0;
  auto& instrument = instruments_[index];
  for (const uint32_t number : instrument.lines)
    if (lines_[number]->line.series() == series && lines_[number]->line.depth() == levels) return number;
  uint32_t number = static_cast<uint32_t>(lines_.size());
  if (free_lines_.empty()) {
    lines_.emplace_back();
  } else {
    number = free_lines_.back();
    free_lines_.pop_back();
  }
  lines_[number] = std::make_unique<hub::line_slot>(index, series, levels);
  auto& made = *lines_[number];
  made.line.ring().set_bound(limits_.resume_bytes);
  instrument.lines.push_back(number);
  ++counters_.lines;
  // What is known may be enough to begin with.
  if (!instrument.is_known) return number;
  if (series == TP_SERIES_BOOK)
    made.line.take_book(instrument.state, true);
  else
    made.line.take_tape_end(instrument.state);
  return number;
}

void hub_core::rest_line(uint32_t number) {
  lines_[number]->idle_since_ns = 1; // since now, which drop_idle_lines knows
  idle_lines_.push_back(number);
}

void hub_core::drop_line(uint32_t number) {
  auto& gone = *lines_[number];
  auto& instrument = instruments_[gone.instrument];
  std::erase(instrument.lines, number);
  note_change(gone.instrument, instrument.slots == 0 ? std::max<uint64_t>(instrument.idle_since_ns, 1) : 0);
  counters_.line_bytes -= gone.counted;
  --counters_.lines;
  if (gone.is_touched) std::erase(touched_, number);
  lines_[number].reset();
  free_lines_.push_back(number);
}

void hub_core::drop_idle_lines(uint64_t monotonic_ns) {
  for (size_t i = 0; i < idle_lines_.size();) {
    const uint32_t number = idle_lines_[i];
    auto* on = lines_[number].get();
    const bool is_idle = on && on->idle_since_ns != 0;
    if (is_idle && on->idle_since_ns == 1) on->idle_since_ns = monotonic_ns;
    if (is_idle && monotonic_ns - on->idle_since_ns < linger_ns) {
      ++i;
      continue;
    }
    if (is_idle) drop_line(number);
    idle_lines_.erase(idle_lines_.begin() + static_cast<ptrdiff_t>(i));
  }
}

// Behind the tapes of the same batch.
void hub_core::take_states(instrument_slot& slot, const book::publication& item, bool is_void, uint64_t wall_ns) {
  for (const uint32_t number : slot.lines) {
    auto& line = lines_[number]->line;
    if (line.is_full()) make_room(number, wall_ns);
    line_changed(number, line.series() == TP_SERIES_BOOK ? line.take_book(item, is_void) : line.take_tape_end(item));
  }
}

void hub_core::take_tapes(const book::publication_batch& batch, uint64_t wall_ns) {
  for (const auto& tape : batch.tapes) {
    for (const auto& entry : *tape) {
      const auto index = model::index_of(entry.id);
      if (index >= instruments_.size()) continue;
      for (const uint32_t number : instruments_[index].lines) {
        auto& line = lines_[number]->line;
        if (line.series() != TP_SERIES_TRADES) continue;
        if (line.is_full()) make_room(number, wall_ns);
        line_changed(number, line.take(entry));
      }
    }
  }
}

void hub_core::line_changed(uint32_t number, line::outcome what) {
  if (what == line::outcome::nothing) return;
  auto& on = *lines_[number];
  ++counters_.entries;
  if (what == line::outcome::restart) {
    for (const auto row : on.rows) {
      auto& slot = clients_[row.client].slots[row.slot];
      slot.flags |= hub::slot_wants_snapshot;
      slot.at = on.line.oldest();
    }
    for (auto& log : on.logs) log->reset(log->variant(), 0);
  }
  touch_line(number);
}

void hub_core::touch_line(uint32_t number) {
  if (std::exchange(lines_[number]->is_touched, true)) return;
  touched_.push_back(number);
}

// The ring is about to lose what some have not had yet, although they are not behind: they are served before their
// tick.
void hub_core::make_room(uint32_t number, uint64_t wall_ns) {
  auto& on = *lines_[number];
  if (on.line.ring().first() < on.served) return;
  on.served = on.line.ring().next();
  for (size_t i = 0; i < on.rows.size(); ++i) {
    const auto row = on.rows[i];
    auto& c = clients_[row.client];
    if (c.slots[row.slot].flags & hub::slot_is_paused) continue;
    clear_bit(c.pending, row.slot);
    set_bit(c.ready, row.slot);
    flush(c, wall_ns);
  }
}

void hub_core::mark_touched() {
  for (const uint32_t number : touched_) {
    auto& on = *lines_[number];
    on.is_touched = false;
    for (auto& log : on.logs) log->trim();
    for (const auto row : on.rows) {
      auto& c = clients_[row.client];
      set_bit(c.pending, row.slot);
      groups_[c.slots[row.slot].group].mark(row.client);
      if (c.is_blocked) [[unlikely]]
        watch_patience(c, row.slot);
    }
    count_memory(on);
  }
  touched_.clear();
  if (counters_.line_bytes > limits_.resume_total) reclaim();
}

void hub_core::count_memory(hub::line_slot& on) {
  const size_t bytes_now = on.bytes();
  counters_.line_bytes += bytes_now - on.counted;
  on.counted = bytes_now;
}

// Lines that nobody looks at go first, the longest unused before all; then those in use get smaller, the largest first.
void hub_core::reclaim() {
  while (counters_.line_bytes > limits_.resume_total && !idle_lines_.empty()) {
    const uint32_t number = idle_lines_.front();
    idle_lines_.erase(idle_lines_.begin());
    if (!lines_[number] || lines_[number]->idle_since_ns == 0) continue;
    drop_line(number);
    ++counters_.reclaimed;
  }
  while (counters_.line_bytes > limits_.resume_total) {
    hub::line_slot* largest = nullptr;
    for (const auto& on : lines_)
      if (on && (!largest || on->counted > largest->counted)) largest = on.get();
    auto* ring = largest ? &largest->line.ring() : nullptr;
    if (!ring || ring->bytes() <= resume_ring::least_bytes) return;
    ring->set_bound(ring->bytes() / 2);
    largest->logs.clear();
    count_memory(*largest);
    ++counters_.reclaimed;
  }
}

void hub_core::set_limits(const hub_limits& limits) {
  limits_ = limits;
  for (const auto& on : lines_) {
    if (!on) continue;
    on->line.ring().set_bound(limits_.resume_bytes);
    count_memory(*on);
  }
  if (counters_.line_bytes > limits_.resume_total) reclaim();
}

} // namespace tickplant::fanout
