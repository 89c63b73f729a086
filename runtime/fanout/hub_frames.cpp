// From marked rows to frames: elements printed once per variant, joined per client, written to its socket.
#include "runtime/fanout/bits.hpp"
#include "runtime/fanout/hub_core.hpp"
#include "runtime/wire/rfc6455.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::fanout {

void hub_core::run_group(uint32_t number, uint64_t wall_ns) {
  auto& g = groups_[number];
  g.is_dirty = false;
  // Clients in the order of their sockets, which walks memory and kernel structures forward.
  for (size_t w = 0; w < g.dirty.size(); ++w) {
    for (uint64_t rest = std::exchange(g.dirty[w], 0); rest != 0; rest &= rest - 1) {
      auto& c = clients_[w * word_bits + static_cast<size_t>(std::countr_zero(rest))];
      if (!c.is_attached) continue;
      c.pending.move(mask_of(c, number), c.ready);
      flush(c, wall_ns);
    }
  }
}

void hub_core::flush(client& c, uint64_t wall_ns) {
  while (!c.is_blocked && flush_once(c, wall_ns)) {
  }
}

// Picks what the next write takes, as much as fits one frame; slots with nothing to show are dropped.
void hub_core::gather(client& c, uint64_t wall_ns) {
  for (auto& part : gathered_) part.clear();
  apart_.clear();
  const size_t most = c.print->ops().max_elements == 0 ? SIZE_MAX : c.print->ops().max_elements;
  size_t size = 0;
  for_each_bit(c.ready, [&](size_t number) {
    auto& row = c.slots[number];
    auto& instrument = instruments_[row.instrument];
    hub::piece one;
    if (row.flags == 0) {
      auto& fragment = fragment_of(instrument, row.variant, wall_ns);
      one = {static_cast<uint32_t>(number), static_cast<uint32_t>(fragment.text.size()), 0, &fragment};
    } else {
      one = special_piece(c, static_cast<uint32_t>(number), wall_ns);
    }
    if (one.size == 0) {
      clear_bit(c.ready, number);
      return true;
    }
    const bool is_snapshot = (row.flags & hub::slot_is_extended) != 0 && row.at == 0;
    auto& part = gathered_[is_snapshot ? hub::state_snapshots : hub::states];
    if (size != 0 && (size + one.size > max_frame || part.pieces.size() == most)) return false;
    size += one.size;
    part.size += one.size;
    part.pieces.push_back(one);
    return true;
  });
}

// A state of a row that has conditions, or is told what it had before: shared if that is what all of its variant had.
hub::piece hub_core::special_piece(const client& c, uint32_t number, uint64_t wall_ns) {
  const auto& row = c.slots[number];
  auto& instrument = instruments_[row.instrument];
  hub::piece nothing{number, 0, 0, nullptr};
  const auto& options = c.options[row.options].options;
  if ((row.flags & hub::slot_has_filter) && !options.filter->admits(instrument.state)) return nothing;
  if ((row.flags & hub::slot_is_once) && (options.data_types & TP_DATA_ORDER_BOOK) &&
      instrument.state.depth < options.depth)
    return nothing; // not the whole of what was asked for yet
  auto& fragment = fragment_of(instrument, row.variant, wall_ns);
  if (!(row.flags & hub::slot_is_sequenced) || row.at == fragment.previous)
    return {number, static_cast<uint32_t>(fragment.text.size()), 0, &fragment};
  if (!fragment.apart) fragment.apart = std::make_unique<hub::apart_fragment>();
  auto& apart = *fragment.apart;
  if (apart.serial != fragment.serial || apart.previous != row.at) {
    apart.serial = fragment.serial;
    apart.previous = row.at;
    print_state(instrument, row.variant, wall_ns, row.at, apart.text);
    ++counters_.apart;
  }
  const auto offset = static_cast<uint32_t>(apart_.size());
  apart_.insert(apart_.end(), apart.text.begin(), apart.text.end());
  return {number, static_cast<uint32_t>(apart.text.size()), offset, nullptr};
}

bool hub_core::print_state(const instrument_slot& slot, uint32_t variant, uint64_t wall_ns, uint64_t previous,
                           bytes& to) {
  to.clear();
  if (!slot.is_known) return false;
  auto element = to_element(slot.state, wall_ns, &legs_);
  if (element.price == TP_NONE) return false;
  const auto& v = variants_[variant];
  const auto depth = v.options.data_types & TP_DATA_ORDER_BOOK ? v.options.depth : 0;
  element.bid_count = std::min(element.bid_count, depth);
  element.ask_count = std::min(element.ask_count, depth);
  element.previous_sequence = previous;
  if (previous != 0 && element.sequence > previous) element.conflated = element.sequence - previous - 1;
  const auto separator = v.print->separator();
  to.insert(to.end(), separator.begin(), separator.end());
  if (!v.print->element(element, v.options, to)) to.clear();
  ++counters_.encoded;
  return true;
}

hub_core::printed_fragment& hub_core::fragment_of(instrument_slot& slot, uint32_t variant, uint64_t wall_ns) {
  if (variant >= slot.fragments.size()) slot.fragments.resize(variant + 1);
  auto& fragment = slot.fragments[variant];
  if (fragment.version == slot.version) return fragment;
  const uint64_t merged = fragment.version != 0 ? slot.version - fragment.version - 1 : 0;
  const uint64_t start_ns = slot.trace ? traces_->now_ns() : 0;
  fragment.version = slot.version;
  ++fragment.serial;
  fragment.previous = std::exchange(fragment.sequence, slot.state.sequence);
  if (print_state(slot, variant, wall_ns, fragment.previous, fragment.text) && slot.trace) {
    slot.trace->encode_start_ns = start_ns;
    slot.trace->encode_end_ns = traces_->now_ns();
    slot.trace->conflated = merged;
    slot.trace->encoded = {};
  }
  return fragment;
}

// Appends one frame to frame_; false if the dialect failed. In front of the first one stays what its header does not
// need of the room for headers; the others are moved together.
bool hub_core::put_frame(client& c, const hub::gathered& part, uint32_t series, bool is_snapshot, uint64_t wall_ns) {
  const size_t start = frame_.size();
  frame_.resize(start + wire::max_header_size);
  const auto& variant = variants_[c.slots[part.pieces.front().slot].variant];
  const tp_envelope envelope{sizeof(tp_envelope),
                             static_cast<uint32_t>(part.pieces.size()),
                             static_cast<int64_t>(wall_ns / 1'000'000),
                             c.sequence + frames_built_ + 1,
                             series,
                             is_snapshot ? 1u : 0u};
  if (!c.print->envelope(envelope, variant.options, frame_)) {
    frame_.resize(start);
    return false;
  }
  const size_t room = start + wire::max_header_size;
  const size_t plain = frame_.size() - room + part.size - c.print->separator().size() + c.print->tail().size();
  const bool is_packed = pack_frame(c, part, std::span{frame_}.subspan(room), plain);
  if (!is_packed) {
    append_elements(c, part);
  } else if (start == 0) {
    std::swap(frame_, packed_);
  } else {
    frame_.resize(room);
    frame_.insert(frame_.end(), packed_.begin() + wire::max_header_size, packed_.end());
  }
  // The header's size depends on the payload's, so it is written last, right in front of the payload.
  const size_t payload = frame_.size() - room;
  const size_t spare = wire::max_header_size - wire::header_size(payload);
  wire::write_header(frame_.data() + start + spare, c.print->opcode(), payload, is_packed);
  if (start == 0)
    frame_begin_ = spare;
  else
    frame_.erase(frame_.begin() + static_cast<ptrdiff_t>(start),
                 frame_.begin() + static_cast<ptrdiff_t>(start + spare));
  ++frames_built_;
  if (is_packed) {
    ++packed_built_;
    saved_ += plain - payload;
  }
  return true;
}

void hub_core::append_elements(const client& c, const hub::gathered& part) {
  size_t skip = c.print->separator().size(); // in front of the first element
  for (const auto& one : part.pieces) {
    const auto text = text_of(one).subspan(skip);
    frame_.insert(frame_.end(), text.begin(), text.end());
    skip = 0;
  }
  const auto tail = c.print->tail();
  frame_.insert(frame_.end(), tail.begin(), tail.end());
}

// One write with everything that is due, or as much of it as one may hold. False: nothing is left, or the socket takes
// no more.
bool hub_core::flush_once(client& c, uint64_t wall_ns) {
  gather(c, wall_ns);
  if (gathered_[hub::states].pieces.empty() && gathered_[hub::state_snapshots].pieces.empty()) return false;
  frame_.clear();
  frames_built_ = packed_built_ = saved_ = frame_begin_ = 0;
  for (const auto kind : {hub::state_snapshots, hub::states}) {
    auto& part = gathered_[kind];
    if (part.pieces.empty()) continue;
    if (put_frame(c, part, TP_SERIES_STATE, kind == hub::state_snapshots, wall_ns)) continue;
    for (const auto& one : part.pieces) clear_bit(c.ready, one.slot);
    part.clear();
  }
  if (frames_built_ == 0) return true;
  const bool is_traced = traces_ && is_frame_traced(c);
  const uint64_t write_start_ns = is_traced ? traces_->now_ns() : 0;
  const auto result = port_.write(c.key, std::span{frame_}.subspan(frame_begin_));
  if (result == written::blocked || result == written::filled) {
    c.is_blocked = true;
    counters_.blocked += result == written::blocked ? 1 : 0;
  }
  if (result == written::blocked) return false;
  for (const auto& part : gathered_)
    for (const auto& one : part.pieces) clear_bit(c.ready, one.slot);
  if (result == written::closed) return false;
  if (is_traced) tell_traces(c, write_start_ns, frame_.size() - frame_begin_);
  count_written(c);
  settle(c);
  return true;
}

void hub_core::count_written(client& c) {
  c.sequence += frames_built_;
  counters_.frames += frames_built_;
  for (const auto& part : gathered_) counters_.updates += part.pieces.size();
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
      if (!(row.flags & hub::slot_is_once)) continue;
      finished_.push_back({c.key, c.options[row.options].options, model::instrument_id{row.instrument}});
      remove_row(c, one.slot);
    }
  }
}

} // namespace tickplant::fanout
