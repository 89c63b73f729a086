// Traced updates: marked when they are taken, told when they are written.
#include "runtime/fanout/hub_core.hpp"

#include <utility>

namespace tickplant::fanout {

namespace {
// Clients of one update that are told one by one; the rest are as these.
constexpr uint32_t most_clients = 16;
} // namespace

// What nobody has been sent yet keeps its trace, although newer values are merged into it.
void hub_core::mark_trace(instrument_slot& slot, const book::publication_batch& batch, size_t item, uint64_t wall_ns) {
  const auto& delivery = batch.delivery;
  const bool is_sampled = item == 0 && delivery.is_traced;
  const auto received = batch.items[item].receive_ns;
  const bool is_fresh = delivery.start_ns != 0 && received >= delivery.receive_ns && wall_ns > received;
  const bool is_slow = is_fresh && wall_ns - received >= traces_->slow_ns();
  if (!is_sampled && !is_slow) {
    if (slot.trace && slot.trace->left < most_clients) drop_trace(slot);
    return;
  }
  if (!slot.trace) ++live_traces_;
  slot.trace = std::make_unique<hub::slot_trace>();
  slot.trace->delivery = delivery;
  slot.trace->left = most_clients;
  if (is_sampled) slot.trace->parent = {delivery.trace_id, delivery.apply_span};
}

void hub_core::drop_trace(instrument_slot& slot) {
  slot.trace.reset();
  --live_traces_;
}

bool hub_core::is_frame_traced(const client& c) const {
  if (live_traces_ == 0) return false;
  if (c.rest && c.rest->next_trace) return true;
  for (const auto& part : gathered_)
    for (const auto& one : part.pieces)
      if (instruments_[c.slots[one.slot].instrument].trace) return true;
  return false;
}

void hub_core::tell_traces(client& c, uint64_t write_start_ns, size_t size) {
  const uint64_t end_ns = traces_->now_ns();
  for (const auto& part : gathered_)
    for (const auto& one : part.pieces)
      tell_trace(c, instruments_[c.slots[one.slot].instrument], write_start_ns, end_ns, size);
}

void hub_core::tell_trace(client& c, instrument_slot& slot, uint64_t write_start_ns, uint64_t end_ns, size_t size) {
  auto* trace = slot.trace.get();
  if (!trace && !(c.rest && c.rest->next_trace)) return;
  static const book::delivery_stamps nothing;
  traced_update update{
    slot.state, trace ? trace->delivery : nothing, {}, {}, false, 0, 0, write_start_ns, end_ns, 0, size, c.key.index};
  if (trace) {
    update.encode_start_ns = trace->encode_start_ns;
    update.encode_end_ns = trace->encode_end_ns;
    update.conflated = trace->conflated;
  }
  if (const auto begun = c.rest ? std::exchange(c.rest->next_trace, nullptr) : nullptr) {
    --live_traces_;
    update.parent = *begun;
    update.is_begun_by_client = true;
    traces_->sent(update);
  }
  if (!trace) return;
  update.parent = trace->parent;
  update.encoded = trace->encoded;
  update.is_begun_by_client = false;
  const auto spans = traces_->sent(update);
  trace->parent = spans.parent;
  trace->encoded = spans.encoded;
  if (--trace->left == 0) drop_trace(slot);
}

void hub_core::trace_next(client_key key, const trace_link& link) {
  auto* c = find(key);
  if (!c || !traces_) return;
  auto& next = rest_of(*c).next_trace;
  if (!next) ++live_traces_;
  next = std::make_unique<trace_link>(link);
}

} // namespace tickplant::fanout
