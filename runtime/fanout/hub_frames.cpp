// From marked rows to frames: elements printed once per variant, joined per client, written to its socket.
#include "runtime/fanout/bits.hpp"
#include "runtime/fanout/hub_core.hpp"
#include "runtime/wire/rfc6455.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::fanout {

// Always inline, as g++ 12 drops calls of functions that only prefetch.
[[gnu::always_inline]] inline void hub_core::prefetch(const client& c) {
  __builtin_prefetch(&c);
  __builtin_prefetch(reinterpret_cast<const char*>(&c) + 64);
}

[[gnu::always_inline]] inline void hub_core::prepare(const client& c) {
  const auto* slots = reinterpret_cast<const char*>(c.slots.data());
  const size_t size = std::min<size_t>(c.slots.size(), 16) * sizeof(client_slot);
  for (size_t at = 0; at < size; at += 64) __builtin_prefetch(slots + at);
  port_.will_write(c.key);
}

void hub_core::run_group(uint32_t number, uint64_t wall_ns) {
  auto& g = groups_[number];
  g.is_dirty = false;
  // Clients in the order of their sockets, which walks memory and kernel structures forward. What the next ones need is
  // on its way while the system call of this one runs.
  std::array<uint32_t, word_bits> due;
  for (size_t w = 0; w < g.dirty.size(); ++w) {
    size_t count = 0;
    for (uint64_t rest = std::exchange(g.dirty[w], 0); rest != 0; rest &= rest - 1)
      due[count++] = static_cast<uint32_t>(w * word_bits + static_cast<size_t>(std::countr_zero(rest)));
    for (size_t i = 0; i < count; ++i) {
      if (i + 2 < count) prefetch(clients_[due[i + 2]]);
      if (i + 1 < count) prepare(clients_[due[i + 1]]);
      auto& c = clients_[due[i]];
      if (!c.is_attached) continue;
      if (c.group == number)
        c.pending.move(c.ready);
      else if (c.group == client::mixed)
        c.pending.move(mask_of(c, number), c.ready);
      flush(c, wall_ns);
    }
  }
}

void hub_core::flush(client& c, uint64_t wall_ns) {
  while (!c.is_blocked && flush_once(c, wall_ns)) {
  }
  if (!c.is_blocked) c.was_blocked = false; // it has everything
}

// Picks what the next write takes, as much as fits one frame; slots with nothing to show are dropped.
void hub_core::gather(client& c, uint64_t wall_ns) {
  const size_t most = c.print->ops().max_elements == 0 ? SIZE_MAX : c.print->ops().max_elements;
  size_t size = 0;
  auto& shared = gathered_[hub::states];
  for_each_bit(c.ready, [&](size_t number) {
    const auto& row = c.slots[number];
    if (row.flags != 0) [[unlikely]]
      return gather_special(c, static_cast<uint32_t>(number), wall_ns, size);
    auto& fragment = fragment_of(instruments_[row.instrument], row.place, wall_ns);
    const size_t more = fragment.text.size();
    if (more == 0) {
      clear_bit(c.ready, number);
      return true;
    }
    if (size != 0 && (size + more > max_frame || shared.pieces.size() == most)) return false;
    size += more;
    shared.size += more;
    shared.pieces.push_back({static_cast<uint32_t>(number), static_cast<uint32_t>(more), 0, &fragment});
    return true;
  });
}

bool hub_core::gather_special(client& c, uint32_t number, uint64_t wall_ns, size_t& size) {
  auto& row = c.slots[number];
  if (row.line != none) return gather_line(c, number, wall_ns, size);
  const auto& instrument = instruments_[row.instrument];
  const bool resumes = (row.flags & hub::slot_resumes) && instrument.is_known && size < max_frame;
  if (resumes && can_show(instrument.state, variants_[row.variant].options)) {
    judge_state(c, number);
    if (row.at != 0 && row.at == instrument.state.sequence) { // it has the newest already
      moves_.push_back({number, hub::slot_resumes, false, row.at});
      return true;
    }
  }
  if (has_state(row)) {
    clear_bit(c.ready, number);
    return true;
  }
  const auto one = special_piece(c, number, wall_ns);
  if (one.size == 0) {
    clear_bit(c.ready, number);
    if (is_kept_back(row)) moves_.push_back({number, 0, false, 0}); // it is done
    return true;
  }
  const size_t most = c.print->ops().max_elements == 0 ? SIZE_MAX : c.print->ops().max_elements;
  const bool is_snapshot = (row.flags & hub::slot_is_extended) != 0 && row.at == 0;
  auto& part = gathered_[is_snapshot ? hub::state_snapshots : hub::states];
  if (size != 0 && (size + one.size > max_frame || part.pieces.size() == most)) return false;
  size += one.size;
  part.size += one.size;
  part.pieces.push_back(one);
  return true;
}

// Begins a frame in frame_ with its envelope; false if the dialect failed. In front of the first frame stays what its
// header does not need of the room for headers; the others are moved together.
bool hub_core::begin_frame(const client& c, uint32_t slot, size_t count, uint32_t series, bool is_snapshot,
                           uint64_t wall_ns) {
  frame_start_ = frame_.size();
  frame_.resize(frame_start_ + wire::max_header_size);
  const tp_envelope envelope{sizeof(tp_envelope),
                             static_cast<uint32_t>(count),
                             static_cast<int64_t>(wall_ns / 1'000'000),
                             c.sequence + frames_built_ + 1,
                             series,
                             is_snapshot ? 1u : 0u};
  if (c.print->envelope(envelope, variants_[c.slots[slot].variant].options, frame_)) return true;
  frame_.resize(frame_start_);
  return false;
}

// The payload is there, in frame_ or, if it is packed, in packed_. The header's size depends on the payload's, so it is
// written last, right in front of the payload.
void hub_core::end_frame(const client& c, bool is_packed, size_t plain) {
  const size_t room = frame_start_ + wire::max_header_size;
  if (is_packed && frame_start_ == 0) {
    std::swap(frame_, packed_);
  } else if (is_packed) {
    frame_.resize(room);
    frame_.insert(frame_.end(), packed_.begin() + wire::max_header_size, packed_.end());
  }
  const size_t payload = frame_.size() - room;
  const size_t spare = wire::max_header_size - wire::header_size(payload);
  wire::write_header(frame_.data() + frame_start_ + spare, c.print->opcode(), payload, is_packed);
  const auto start = frame_.begin() + static_cast<ptrdiff_t>(frame_start_);
  if (frame_start_ == 0)
    frame_begin_ = spare;
  else
    frame_.erase(start, start + static_cast<ptrdiff_t>(spare));
  ++frames_built_;
  if (!is_packed) return;
  ++packed_built_;
  saved_ += plain - payload;
}

template <class Part>
void hub_core::append_elements(const client& c, const Part& part) {
  size_t skip = c.print->separator().size(); // in front of the first element
  for (const auto& one : part.pieces) {
    const auto text = text_of(one);
    frame_.insert(frame_.end(), text.data() + skip, text.data() + text.size());
    skip = 0;
  }
  const auto tail = c.print->tail();
  frame_.insert(frame_.end(), tail.begin(), tail.end());
}

template <class Part>
bool hub_core::put(const client& c, const Part& part, size_t count, uint32_t series, bool is_snapshot,
                   uint64_t wall_ns) {
  if (!begin_frame(c, part.pieces.front().slot, count, series, is_snapshot, wall_ns)) return false;
  const size_t room = frame_start_ + wire::max_header_size;
  const size_t plain = frame_.size() - room + part.size - c.print->separator().size() + c.print->tail().size();
  const bool is_packed = pack(c, part, std::span{frame_}.subspan(room), plain);
  if (!is_packed) append_elements(c, part);
  end_frame(c, is_packed, plain);
  return true;
}

bool hub_core::put_states(const client& c, const hub::gathered& part, bool is_snapshot, uint64_t wall_ns) {
  const uint32_t series = variants_[c.slots[part.pieces.front().slot].variant].options.series;
  return put(c, part, part.pieces.size(), series, is_snapshot, wall_ns);
}

void hub_core::put_entries(const client& c, hub::line_frame kind, uint64_t wall_ns) {
  const auto& part = line_parts_[kind];
  const uint32_t series = kind == hub::trade_snapshots || kind == hub::trades ? TP_SERIES_TRADES : TP_SERIES_BOOK;
  const bool is_snapshot = kind == hub::trade_snapshots || kind == hub::book_snapshots;
  put(c, part, part.count, series, is_snapshot, wall_ns);
}

// One write with everything that is due, or as much of it as one may hold. False: nothing is left, or the socket takes
// no more.
bool hub_core::flush_once(client& c, uint64_t wall_ns) {
  for (auto& part : gathered_) part.clear();
  if (c.special != 0) [[unlikely]]
    clear_special();
  frame_.clear();
  frames_built_ = packed_built_ = saved_ = frame_begin_ = 0;
  gather(c, wall_ns);
  if (c.special != 0) [[unlikely]] {
    tell_resumed(c, wall_ns);
    frame_.insert(frame_.end(), replies_.begin(), replies_.end());
  }
  for (const auto kind : {hub::state_snapshots, hub::states}) {
    auto& part = gathered_[kind];
    if (part.pieces.empty() || put_states(c, part, kind == hub::state_snapshots, wall_ns)) continue;
    for (const auto& one : part.pieces) clear_bit(c.ready, one.slot);
    part.clear();
  }
  if (c.special != 0) [[unlikely]]
    for (uint8_t kind = 0; kind < hub::line_frames; ++kind)
      if (!line_parts_[kind].pieces.empty()) put_entries(c, static_cast<hub::line_frame>(kind), wall_ns);
  if (c.is_closing) return false;
  if (frame_.empty()) {
    if (c.special != 0) settle(c); // moved on without anything to say
    return !c.ready.is_empty();
  }
  const bool is_traced = traces_ && is_frame_traced(c);
  const uint64_t write_start_ns = is_traced ? traces_->now_ns() : 0;
  const auto result = port_.write(c.key, std::span{frame_}.subspan(frame_begin_));
  if (result == written::blocked || result == written::filled) {
    c.is_blocked = c.was_blocked = true;
    counters_.blocked += result == written::blocked ? 1 : 0;
  }
  if (result == written::blocked) return false;
  for (const auto& part : gathered_)
    for (const auto& one : part.pieces) clear_bit(c.ready, one.slot);
  if (result == written::closed) {
    for (const auto& move : moves_) clear_bit(c.ready, move.slot);
    return false;
  }
  if (is_traced) tell_traces(c, write_start_ns, frame_.size() - frame_begin_);
  count_written(c);
  if (c.special != 0) [[unlikely]]
    settle(c);
  return true;
}

void hub_core::clear_special() {
  for (auto& part : line_parts_) part.clear();
  moves_.clear();
  replies_.clear();
  resumed_.clear();
  not_resumed_.clear();
  apart_.clear();
  ++write_number_;
}

void hub_core::count_written(client& c) {
  c.sequence += frames_built_;
  counters_.frames += frames_built_;
  for (const auto& part : gathered_) counters_.updates += part.pieces.size();
  if (c.special != 0) [[unlikely]] {
    counters_.trades += line_parts_[hub::trades].count;
    counters_.deltas += line_parts_[hub::deltas].count;
    counters_.snapshots += line_parts_[hub::trade_snapshots].count + line_parts_[hub::book_snapshots].count +
                           gathered_[hub::state_snapshots].pieces.size();
  }
  counters_.bytes += frame_.size() - frame_begin_;
  counters_.packed_frames += packed_built_;
  counters_.bytes_saved += saved_;
}

// What was written is what these rows have; those that wanted no more are done.
void hub_core::settle(client& c) {
  for (const auto& part : gathered_) {
    for (const auto& one : part.pieces) {
      auto& row = c.slots[one.slot];
      if (row.flags == 0) continue;
      row.at = instruments_[row.instrument].state.sequence;
      if (row.flags & hub::slot_resumes) end_resume(c, one.slot);
      if (row.flags & hub::slot_is_once) finish(c, row);
    }
  }
  for (const auto& move : moves_) {
    auto& row = c.slots[move.slot];
    if (row.flags & hub::slot_is_once) {
      finish(c, row);
      continue;
    }
    row.at = move.at;
    if (move.done & hub::slot_resumes) end_resume(c, move.slot);
    row.flags &= static_cast<uint16_t>(~move.done);
    if (!move.is_ready) clear_bit(c.ready, move.slot);
    row.flags &= static_cast<uint16_t>(~uint32_t{hub::slot_is_warned | hub::slot_has_rested});
  }
}

void hub_core::finish(client& c, const client_slot& once) {
  finished_.push_back({c.key, options_[once.options].options, model::instrument_id{once.instrument}});
  remove_row(c, finished_.back().options, finished_.back().id);
}

void hub_core::end_resume(client& c, uint32_t slot) {
  c.slots[slot].flags &= static_cast<uint16_t>(~hub::slot_resumes);
  drop_point(c, slot);
}

} // namespace tickplant::fanout
