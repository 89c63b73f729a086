// Messages for symbols whose message 3 has not come: kept in order, bounded, until it does (the price scale is not to
// be guessed). Also when each mapping was asked for. Pure.
#pragma once

#include "codec.hpp"

#include <unordered_map>

namespace tickplant::nyse {

class unmapped_messages {
public:
  struct waiting {
    uint32_t head = none, tail = none;
    uint64_t dropped_through = 0; // its messages up to this number are gone
    uint64_t asked_ns = 0;        // 0 = not yet
    uint32_t attempts = 0;
  };

  explicit unmapped_messages(size_t capacity) : capacity_(std::min<size_t>(capacity, 16'384)) {}

  /// How many messages were dropped to make room: 0 or 1.
  size_t push(uint64_t sequence, uint32_t index, const uint8_t* message) {
    if (slots_.empty()) slots_.resize(capacity_);
    if (!symbols_.contains(index) && symbols_.size() >= most_symbols) {
      dropped_through_ = std::max(dropped_through_, sequence);
      return 1;
    }
    const auto place = static_cast<uint32_t>(next_++ % capacity_);
    const size_t dropped = slots_[place].is_used ? drop(place) : 0;
    slot& s = slots_[place];
    s.is_used = true;
    s.index = index;
    s.sequence = sequence;
    s.next = none;
    const auto size = static_cast<uint16_t>(std::min<size_t>(size_of(message), sizeof s.data));
    std::memcpy(s.data, message, size);
    sdk::put_le16(s.data, size);
    waiting& w = symbols_[index];
    if (w.tail == none)
      w.head = place;
    else
      slots_[w.tail].next = place;
    w.tail = place;
    return dropped;
  }

  waiting* find(uint32_t index) {
    const auto found = symbols_.find(index);
    return found == symbols_.end() ? nullptr : &found->second;
  }
  /// Messages of this symbol up to here may be gone.
  uint64_t dropped_through(uint32_t index) {
    const waiting* w = find(index);
    return w ? std::max(w->dropped_through, dropped_through_) : dropped_through_;
  }

  /// Hands over what is kept for a symbol, in order, and forgets it.
  template <class Give>
  void take(uint32_t index, Give&& give) {
    const auto found = symbols_.find(index);
    if (found == symbols_.end()) return;
    uint32_t place = found->second.head;
    symbols_.erase(found);
    while (place != none) {
      slot& s = slots_[place];
      s.is_used = false;
      const uint32_t after = s.next;
      give(s.sequence, s.data);
      place = after;
    }
  }

  /// Every symbol that waits: `call(index, waiting&)`.
  template <class Call>
  void each(Call&& call) {
    for (auto& [index, w] : symbols_) call(index, w);
  }
  size_t symbols() const { return symbols_.size(); }

  void clear() {
    for (auto& s : slots_) s.is_used = false;
    symbols_.clear();
    dropped_through_ = 0;
  }

private:
  static constexpr uint32_t none = UINT32_MAX;
  static constexpr size_t most_symbols = 65'536;
  struct slot {
    bool is_used = false;
    uint32_t index = 0, next = none;
    uint64_t sequence = 0;
    uint8_t data[88];
  };

  // The oldest message of all is the first of its symbol.
  size_t drop(uint32_t place) {
    slot& s = slots_[place];
    s.is_used = false;
    waiting& w = symbols_[s.index];
    w.head = s.next;
    if (w.head == none) w.tail = none;
    w.dropped_through = std::max(w.dropped_through, s.sequence);
    return 1;
  }

  size_t capacity_;
  uint64_t next_ = 0;
  uint64_t dropped_through_ = 0; // of any symbol
  std::vector<slot> slots_;      // allocated when the first message comes
  std::unordered_map<uint32_t, waiting> symbols_;
};

} // namespace tickplant::nyse
