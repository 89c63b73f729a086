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
      const auto& mask = mask_of(c, number);
      if (c.ready.size() < c.pending.size()) c.ready.resize(c.pending.size());
      for (size_t i = 0; i < std::min(mask.size(), c.pending.size()); ++i) {
        c.ready[i] |= c.pending[i] & mask[i];
        c.pending[i] &= ~mask[i];
      }
      flush(c, wall_ns);
    }
  }
}

void hub_core::flush(client& c, uint64_t wall_ns) {
  while (!c.is_blocked && flush_frame(c, wall_ns)) {
  }
}

// Picks the slots of the next frame, as many as fit one; slots with nothing to show are dropped.
void hub_core::gather(client& c, uint64_t wall_ns) {
  gathered_.clear();
  const size_t most = c.print->ops().max_elements == 0 ? SIZE_MAX : c.print->ops().max_elements;
  gathered_size_ = 0;
  for_each_bit(c.ready, [&](size_t slot) {
    const auto& row = c.slots[slot];
    const auto& text = fragment_of(instruments_[row.instrument], row.variant, wall_ns);
    if (text.empty()) {
      clear_bit(c.ready, slot);
      return true;
    }
    if (!gathered_.empty() && gathered_size_ + text.size() > max_frame) return false;
    gathered_size_ += text.size();
    gathered_.push_back(static_cast<uint32_t>(slot));
    return gathered_.size() < most;
  });
}

const bytes& hub_core::fragment_of(instrument_slot& slot, uint32_t variant, uint64_t wall_ns) {
  if (variant >= slot.fragments.size()) slot.fragments.resize(variant + 1);
  auto& fragment = slot.fragments[variant];
  if (fragment.version == slot.version) return fragment.text;
  const uint64_t merged = fragment.version != 0 ? slot.version - fragment.version - 1 : 0;
  const uint64_t start_ns = slot.trace ? traces_->now_ns() : 0;
  fragment.version = slot.version;
  ++fragment.serial;
  fragment.text.clear();
  if (!slot.is_known) return fragment.text;
  auto element = to_element(slot.state, wall_ns, &legs_);
  if (element.price == TP_NONE) return fragment.text;
  const auto& v = variants_[variant];
  const auto depth = v.options.data_types & TP_DATA_ORDER_BOOK ? v.options.depth : 0;
  element.bid_count = std::min(element.bid_count, depth);
  element.ask_count = std::min(element.ask_count, depth);
  const auto separator = v.print->separator();
  fragment.text.insert(fragment.text.end(), separator.begin(), separator.end());
  if (!v.print->element(element, v.options, fragment.text)) fragment.text.clear();
  ++counters_.encoded;
  if (slot.trace) {
    slot.trace->encode_start_ns = start_ns;
    slot.trace->encode_end_ns = traces_->now_ns();
    slot.trace->conflated = merged;
    slot.trace->encoded = {};
  }
  return fragment.text;
}

// Leaves room for the header in frame_, whose size is not known yet; false if the dialect failed.
bool hub_core::print_envelope(const client& c, uint64_t wall_ns) {
  frame_.resize(wire::max_header_size);
  const auto& variant = variants_[c.slots[gathered_.front()].variant];
  const tp_envelope envelope{sizeof(tp_envelope), static_cast<uint32_t>(gathered_.size()),
                             static_cast<int64_t>(wall_ns / 1'000'000), c.sequence + 1, TP_SERIES_STATE, 0};
  return c.print->envelope(envelope, variant.options, frame_);
}

void hub_core::append_elements(const client& c) {
  size_t skip = c.print->separator().size(); // in front of the first element
  for (const uint32_t slot : gathered_) {
    const auto& row = c.slots[slot];
    const auto& text = instruments_[row.instrument].fragments[row.variant].text;
    frame_.insert(frame_.end(), text.begin() + static_cast<ptrdiff_t>(skip), text.end());
    skip = 0;
  }
  const auto tail = c.print->tail();
  frame_.insert(frame_.end(), tail.begin(), tail.end());
}

bool hub_core::flush_frame(client& c, uint64_t wall_ns) {
  gather(c, wall_ns);
  if (gathered_.empty()) return false;
  if (!print_envelope(c, wall_ns)) {
    for (const uint32_t slot : gathered_) clear_bit(c.ready, slot);
    return true;
  }
  const size_t plain =
    frame_.size() - wire::max_header_size + gathered_size_ - c.print->separator().size() + c.print->tail().size();
  const bool is_packed = pack_frame(c, plain);
  if (!is_packed) append_elements(c);
  // The header's size depends on the payload's, so it is written last, right in front of the payload.
  auto& built = is_packed ? packed_ : frame_;
  const size_t payload = built.size() - wire::max_header_size;
  const size_t header = wire::header_size(payload);
  uint8_t* first = built.data() + wire::max_header_size - header;
  wire::write_header(first, c.print->opcode(), payload, is_packed);
  const bool is_traced = traces_ && is_frame_traced(c);
  const uint64_t write_start_ns = is_traced ? traces_->now_ns() : 0;
  const auto result = port_.write(c.key, {first, header + payload});
  if (result == written::blocked || result == written::filled) {
    c.is_blocked = true;
    counters_.blocked += result == written::blocked ? 1 : 0;
  }
  if (result == written::blocked) return false;
  for (const uint32_t slot : gathered_) clear_bit(c.ready, slot);
  if (result == written::closed) return false;
  if (is_traced) tell_traces(c, write_start_ns, header + payload);
  ++c.sequence;
  ++counters_.frames;
  counters_.updates += gathered_.size();
  counters_.bytes += header + payload;
  if (is_packed) {
    ++counters_.packed_frames;
    counters_.bytes_saved += plain - payload;
  }
  return true;
}

} // namespace tickplant::fanout
