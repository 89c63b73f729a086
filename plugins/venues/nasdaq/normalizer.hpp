// ITCH messages -> events of the host: the only place that knows both vocabularies. Order and trade messages go by the
// table of itch_messages.hpp, all others by normalizer_rare.cpp.
#pragma once

#include "itch_messages.hpp"
#include "mold.hpp"
#include "session_clock.hpp"
#include "symbol_map.hpp"

#include <tickplant/letter_handles.hpp>
#include <tickplant/venue.hpp>

#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace tickplant::nasdaq {

/// From where a message comes, and so what becomes of it. A replay of history may be for some instruments only.
struct decode_context {
  const interest* interests = nullptr; // by locate
  halt_table* halts = nullptr;
  uint16_t flags = 0;      // TP_SNAPSHOT in a replay
  bool replay = false;     // the session's own past: a day start is no news, messages are not counted by type again
  bool market_wide = true; // events for all instruments are emitted too
  bool complete = false;   // every message since the first one was seen: the directory can be whole
  bool picture = false;    // of GLIMPSE: the state at one moment, without a past
};

/// Fills an array of 256 events across messages and packets and emits it when full; flush() at the end of a burst. One
/// thread; no allocation but for instrument definitions.
class normalizer {
public:
  static constexpr uint32_t channel = 0;

  normalizer(sdk::venue_host host, counter_sheet& counters, const std::string& time_zone, char market);

  /// Decodes `count` message blocks that lie whole in memory; the first has number `sequence`.
  void blocks(uint64_t sequence, const uint8_t* block, uint32_t count, const decode_context& context);
  /// The same for units that are one message each.
  void records(uint64_t sequence, std::span<const tp_unit> units, const decode_context& context);
  /// One message of the live flow, between two bursts: emitted and counted at once. False, and nothing done, where it
  /// needs more than the table.
  bool take_record(uint64_t sequence, const tp_unit& unit);
  /// Decodes one message; `sequence` 0 = it has no number.
  void message(uint64_t sequence, const uint8_t* data, uint32_t size, const decode_context& context);

  /// An event that no message made: CLEAR, SNAPSHOT_BEGIN, SNAPSHOT_END. Zeroed but for these.
  void mark(uint8_t kind, uint8_t detail, uint16_t flags, uint32_t instrument, uint64_t sequence);
  /// Moves the counts of the messages decoded by the table to the sheet; once a burst.
  void count_messages();
  /// The trading state of a stock as the messages so far have it, under the number of the last one.
  void tell_status(uint16_t locate, uint64_t sequence);
  /// Every instrument of the session has been defined; told to the host once.
  void tell_directory();
  bool knows_directory() const { return directory_told_; }

  /// Emits what was gathered. Needed before every other call of the host that takes effect at once.
  void flush();
  bool is_stopping() const { return stopping_; }

  /// A new session or day: locates are void; `now_ns` tells the day.
  void begin_session(uint64_t now_ns);
  /// Takes the day from a time without voiding anything.
  void set_day(uint64_t now_ns);
  void set_time(uint64_t now_ns) { now_ns_ = now_ns; }

  symbol_map& symbols() { return symbols_; }
  halt_table& halts() { return halts_; }
  /// A context for the live flow.
  decode_context live() { return {symbols_.interests(), &halts_, 0, false, true, true}; }
  /// A message of the whole feed could not be read: the day's books cannot be trusted any more.
  bool is_feed_suspect() const { return feed_suspect_; }
  void trust_feed() { feed_suspect_ = false; }
  /// Books that became suspect since the last call; TP_ALL for all of them. Bounded.
  std::vector<uint32_t> take_damaged() { return std::exchange(damaged_, {}); }
  bool has_damaged() const { return !damaged_.empty(); }

private:
  static constexpr size_t capacity = 256;
  struct alignas(64) event_array {
    tp_event at[capacity];
  };
  struct rare_call {
    uint64_t sequence;
    const uint8_t* data;
    const decode_context& context;
    uint32_t instrument;
    uint64_t venue_ns;
  };

  struct message_bytes {
    const uint8_t* data;
    uint32_t size;
  };
  template <class Next>
  void run(uint64_t sequence, uint64_t count, const decode_context& context, Next&& next);
  void write_order(tp_event& e, const message_layout& layout, uint64_t sequence, const uint8_t* data, uint64_t extra,
                   uint16_t flags) const;
  void decode_rare(const rare_call& c);
  void damaged(const uint8_t* data, uint32_t size, const decode_context& context);

  tp_event& push(const rare_call& c, uint8_t kind, uint8_t detail, uint16_t flags);
  tp_event& push_value(const rare_call& c, uint8_t key, std::string_view name, int64_t price, int64_t quantity);
  void note(const rare_call& c, counter which);
  void stock_message(const rare_call& c);
  void system_event(const rare_call& c);
  void directory(const rare_call& c);
  void trading_status(const rare_call& c);
  void emit_status(const rare_call& c, const halt_state& state);
  void market_wide_message(const rare_call& c);
  void ipo_release(rare_call c);
  void collar(const rare_call& c);
  void direct_listing(const rare_call& c);
  void cross(const rare_call& c);
  void imbalance(const rare_call& c);
  uint32_t participant(const uint8_t* mpid);
  void note_damage(uint32_t instrument, std::string_view reason);

  sdk::venue_host host_;
  counter_sheet& counters_;
  session_clock clock_;
  uint8_t market_;
  uint64_t now_ns_ = 0;
  size_t used_ = 0;
  bool stopping_ = false, directory_told_ = false, feed_suspect_ = false;
  uint16_t time_flag_ = 0;
  std::unique_ptr<event_array> events_;
  std::array<uint32_t, itch_types.size()> counted_{};
  uint32_t seen_ = 0; // which of them are not zero
  symbol_map symbols_;
  halt_table halts_;
  std::vector<uint32_t> damaged_;
  sdk::letter_handles letters_;
  struct known_participant {
    uint32_t mpid = 0, handle = 0;
  };
  std::array<known_participant, 256> participants_{};
};

} // namespace tickplant::nasdaq
