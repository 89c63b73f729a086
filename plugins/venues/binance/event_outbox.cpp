#include "event_outbox.hpp"

#include <algorithm>

namespace tickplant::binance {

void event_outbox::make_room(uint32_t channel, size_t count) {
  flush();
  channel_ = channel;
  if (count <= capacity_) return;
  // Bounded by the largest frame: no level takes fewer than eight bytes of it.
  capacity_ = std::max<size_t>(count * 2, most_in_one_call * 2);
  events_ = std::make_unique_for_overwrite<tp_event[]>(capacity_);
}

void event_outbox::flush() {
  for (size_t done = 0; done < used_ && !stopped_; done += most_in_one_call) {
    const size_t count = std::min(most_in_one_call, used_ - done);
    stopped_ = host_.emit(channel_, {events_.get() + done, count}) == TP_E_STOPPING;
  }
  used_ = 0;
}

bool event_outbox::define(const tp_instrument& instrument) {
  flush();
  return host_.define(instrument);
}

void event_outbox::retire(uint32_t instrument) {
  flush();
  host_.retire(instrument);
}

void event_outbox::stream(uint32_t channel, uint32_t instrument, uint32_t state, std::string_view reason, uint64_t from,
                          uint64_t to) {
  flush();
  host_.stream(channel, instrument, state, reason, from, to);
}

} // namespace tickplant::binance
