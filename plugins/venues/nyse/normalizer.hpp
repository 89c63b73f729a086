// Messages of one channel -> events of the host: the only place that knows both vocabularies. Order and trade messages
// go by the table of messages.hpp, all others by normalizer_rare.cpp.
#pragma once

#include "codec.hpp"
#include "feed_clock.hpp"
#include "messages.hpp"
#include "symbol_map.hpp"

#include <tickplant/letter_handles.hpp>

#include <functional>
#include <memory>

namespace tickplant::nyse {

/// What the normaliser cannot decide alone. Called in the middle of decoding: the events before are still in the array.
class normalizer_owner {
public:
  virtual ~normalizer_owner() = default;
  /// A message for a symbol whose message 3 has not come.
  virtual void unmapped(uint64_t sequence, const uint8_t* message, uint32_t index) = 0;
  /// A message 3 gave the symbol the scale that it lacked: it appeared, or a new day began.
  virtual void mapped(symbol_state& symbol) = 0;
  /// The book of this symbol (null: of any) cannot be right any more; the flow is good again from `needs_from` on.
  virtual void spoiled(symbol_state* symbol, uint64_t needs_from, std::string_view reason) = 0;
  /// A message 32: the book is empty, and what it holds follows in the flow. True if it makes a lost book whole.
  virtual bool cleared(symbol_state& symbol, uint64_t sequence) = 0;
  /// The symbol's own snapshot inside the live flow ended with this number.
  virtual void snapshot_over(uint64_t sequence) = 0;
};

/// Fills an array of 256 events across messages and packets and emits it when full; flush() at the end of a burst. One
/// thread; no allocation but for instrument definitions.
class normalizer {
public:
  normalizer(sdk::venue_host host, counter_sheet& counters, uint32_t channel, uint32_t& next_instrument,
             normalizer_owner& owner);

  /// Decodes `count` messages that lie one behind the other; the first has number `sequence`.
  void messages(uint64_t sequence, const uint8_t* message, uint32_t count);
  /// Decodes one message of the live flow; `sequence` 0 = it has no number in this channel.
  void message(uint64_t sequence, const uint8_t* message);
  /// Decodes one message of a picture, whose flags get TP_SNAPSHOT.
  void picture_message(uint64_t sequence, const uint8_t* message);
  /// Decodes a message that was counted before, and kept until its symbol was known.
  void kept_message(uint64_t sequence, const uint8_t* message);
  /// Takes a message 3 alone; it has all vital fields.
  void take_mapping(const uint8_t* message);

  /// Events of a symbol's own snapshot inside the live flow (after a failover) are marked as such.
  void set_snapshot_of(uint32_t index) { snapshot_of_ = index; }

  /// An event that no message made: CLEAR, SNAPSHOT_BEGIN, SNAPSHOT_END. Zeroed but for these.
  void mark(uint8_t kind, uint16_t flags, uint32_t instrument, uint64_t sequence);
  /// Moves the counts of the messages decoded by the table to the sheet; once a burst.
  void count_messages();
  /// Emits what was gathered. Needed before every other call of the host that takes effect at once.
  void flush();
  bool is_stopping() const { return stopping_; }
  /// Whether an order or trade message came since this was asked last.
  bool saw_trading() { return std::exchange(saw_trading_, false); }

  symbol_map& symbols() { return symbols_; }
  feed_clock& clock() { return clock_; }
  uint32_t channel() const { return channel_; }

private:
  static constexpr size_t capacity = 256;
  struct alignas(64) event_array {
    tp_event at[capacity];
  };
  struct rare_call {
    uint64_t sequence;
    const uint8_t* data;
    uint32_t size;
    symbol_state& symbol;
    uint64_t venue_ns;
    uint16_t flags;
  };

  void write(tp_event& e, const message_layout& layout, const symbol_state& symbol, uint64_t sequence,
             const uint8_t* data, uint32_t size, uint16_t flags);
  void slow(uint64_t sequence, const uint8_t* data, uint16_t flags);
  void table_message(const message_layout& layout, symbol_state& symbol, uint64_t sequence, const uint8_t* data,
                     uint32_t size, uint16_t flags);
  void follow_number(symbol_state& symbol, uint64_t sequence, uint32_t number);
  bool continues_snapshot(const uint8_t* data) const;
  void damaged(uint64_t sequence, const uint8_t* data, uint32_t size, const message_layout& layout);
  uint64_t conditions_of(const uint8_t* letters, uint64_t base) const;
  uint32_t participant(const uint8_t* firm);

  // normalizer_rare.cpp
  void rare(uint64_t sequence, const uint8_t* data, uint32_t size, uint16_t flags);
  void security_status(const rare_call& c);
  void symbol_clear(const rare_call& c);
  void imbalance(const rare_call& c);
  void retail(const rare_call& c);
  void summary(const rare_call& c);
  tp_event& push(const rare_call& c, uint8_t kind, uint8_t detail, uint16_t flags);
  tp_event& push_value(const rare_call& c, uint8_t key, std::string_view name, int64_t price, int64_t quantity);
  void make_room(size_t events) {
    if (used_ + events > capacity) flush();
  }

  sdk::venue_host host_;
  counter_sheet& counters_;
  uint32_t channel_;
  uint32_t& next_instrument_;
  normalizer_owner& owner_;
  symbol_map symbols_;
  feed_clock clock_;
  size_t used_ = 0;
  bool stopping_ = false, saw_trading_ = false;
  uint32_t snapshot_of_ = 0; // a SymbolIndex, 0 = none
  std::unique_ptr<event_array> events_;
  std::array<uint32_t, counter_end> counted_{};
  uint64_t seen_ = 0; // which of them are not zero
  sdk::letter_handles letters_;
  struct known_firm {
    uint64_t letters = 0;
    uint32_t handle = 0;
  };
  std::array<known_firm, 256> firms_{};
};

} // namespace tickplant::nyse
