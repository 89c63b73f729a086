// Events on their way to the host: staged for one venue event at a time, emitted in arrays of one channel. Definitions
// and stream states take effect at once, so they go through here too and push out what was staged before them.
#pragma once

#include <tickplant/venue.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace tickplant::binance {

class event_outbox {
public:
  explicit event_outbox(sdk::venue_host host) : host_(host) {}

  /// Room for `count` events of a channel; write all eight words of each, then `commit`. Without it they are dropped.
  tp_event* stage(uint32_t channel, size_t count) {
    if (channel != channel_ || used_ + count > capacity_) make_room(channel, count);
    return events_.get() + used_;
  }
  void commit(size_t count) {
    used_ += count;
    if (used_ >= most_in_one_call) flush();
  }
  void flush();
  /// The host asked to stop: nothing is emitted any more.
  bool stopped() const { return stopped_; }

  bool define(const tp_instrument& instrument);
  void retire(uint32_t instrument);
  void stream(uint32_t channel, uint32_t instrument, uint32_t state, std::string_view reason, uint64_t from = 0,
              uint64_t to = 0);
  const sdk::venue_host& host() const { return host_; }

private:
  static constexpr size_t most_in_one_call = 256; // 16 KiB: stays in the first cache
  void make_room(uint32_t channel, size_t count);

  sdk::venue_host host_;
  std::unique_ptr<tp_event[]> events_;
  size_t used_ = 0, capacity_ = 0;
  uint32_t channel_ = 0;
  bool stopped_ = false;
};

} // namespace tickplant::binance
