// The array of events that a burst fills across messages and packets, emitted when full and at the end of the burst.
#pragma once

#include "counters.hpp"

#include <tickplant/letter_handles.hpp>

#include <memory>

namespace tickplant::lse {

/// What a normaliser has to know of where a message comes from.
struct decode_context {
  uint16_t flags = 0;  // TP_SNAPSHOT where the past is repeated
  uint64_t now_ns = 0; // of the receipt
  uint64_t next = 0;   // snapshots: the live number that comes next
};

/// One thread; no allocation after construction.
class event_batch {
public:
  static constexpr uint32_t channel = 0;
  static constexpr size_t capacity = 256;

  explicit event_batch(sdk::venue_host host) : host_(host), events_(std::make_unique<event_array>()), letters_(host) {}

  /// The next event to be written, all eight words of it; its bytes are those of an older one.
  tp_event& next() {
    if (used_ == capacity) [[unlikely]]
      flush();
    return events_->at[used_++];
  }
  /// An event that no message made: CLEAR, SNAPSHOT_BEGIN, SNAPSHOT_END. Zeroed but for these.
  tp_event& mark(uint8_t kind, uint8_t detail, uint16_t flags, uint32_t instrument, uint64_t sequence) {
    tp_event& e = next();
    e = {kind, detail, flags, instrument, 0, 0, 0, 0, 0, sequence, 0};
    return e;
  }
  /// Emits what was gathered. Needed before every other call of the host that takes effect at once.
  void flush() {
    if (used_ == 0) return;
    if (!stopping_ && host_.emit(channel, {events_->at, used_}) == TP_E_STOPPING) stopping_ = true;
    used_ = 0;
  }
  bool is_stopping() const { return stopping_; }

  /// The interned text of one byte.
  uint32_t letter(uint8_t byte) { return letters_.of(byte); }

private:
  struct alignas(64) event_array {
    tp_event at[capacity];
  };
  sdk::venue_host host_;
  std::unique_ptr<event_array> events_;
  size_t used_ = 0;
  bool stopping_ = false;
  sdk::letter_handles letters_;
};

} // namespace tickplant::lse
