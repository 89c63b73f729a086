// A bounded queue from many threads to one. Producers never wait and never allocate: a full queue refuses.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace tickplant::telemetry {

template <class Record>
class record_queue {
  static_assert(std::is_trivially_copyable_v<Record>);

public:
  /// Room for `size` records, rounded up to a power of two.
  explicit record_queue(size_t size)
    : mask_(std::bit_ceil(size < 2 ? size_t{2} : size) - 1), slots_(std::make_unique<slot[]>(mask_ + 1)) {
    for (size_t i = 0; i <= mask_; ++i) slots_[i].turn.store(i, std::memory_order_relaxed);
  }

  size_t capacity() const noexcept { return mask_ + 1; }

  /// Any thread. False: full.
  bool push(const Record& record) noexcept {
    uint64_t at = head_.load(std::memory_order_relaxed);
    for (;;) {
      auto& place = slots_[at & mask_];
      const auto ahead = static_cast<int64_t>(place.turn.load(std::memory_order_acquire) - at);
      if (ahead < 0) return false; // not yet read since the last round
      if (ahead > 0) {
        at = head_.load(std::memory_order_relaxed); // another producer was faster
      } else if (head_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        place.record = record;
        place.turn.store(at + 1, std::memory_order_release);
        return true;
      }
    }
  }

  /// The one consumer. False: empty, or the next record is being written at this moment.
  bool pop(Record& record) noexcept {
    auto& place = slots_[tail_ & mask_];
    if (place.turn.load(std::memory_order_acquire) != tail_ + 1) return false;
    record = place.record;
    place.turn.store(tail_ + mask_ + 1, std::memory_order_release);
    ++tail_;
    return true;
  }

private:
  struct slot {
    std::atomic<uint64_t> turn{0}; ///< equals its place: free; place + 1: filled
    Record record{};
  };

  const size_t mask_;
  const std::unique_ptr<slot[]> slots_;
  alignas(64) std::atomic<uint64_t> head_{0};
  alignas(64) uint64_t tail_ = 0;
};

} // namespace tickplant::telemetry
