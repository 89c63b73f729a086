// What the two normalisers do alike: events of the rare kinds, second books, day starts, clears, participants. The
// messages themselves are read in mitch/ and gtp/.
#pragma once

#include "protocol.hpp"
#include "session_clock.hpp"

namespace tickplant::lse {

/// One message, and what its events have in common.
struct message_call {
  const uint8_t* data;
  uint64_t sequence; // 0 in a snapshot
  uint64_t venue_ns;
  uint16_t flags; // of all its events
  const decode_context& context;
  bool is_snapshot() const { return (context.flags & TP_SNAPSHOT) != 0; }
};

class normalizer_parts : public protocol {
public:
  normalizer_parts(sdk::venue_host host, counter_sheet& counters, event_batch& batch, symbol_map& symbols)
    : host_(host), counters_(counters), batch_(batch), symbols_(symbols) {}

  void count_messages() final {
    for (; seen_ != 0; seen_ &= seen_ - 1) {
      const auto i = static_cast<uint32_t>(std::countr_zero(seen_));
      counters_.add(i, counted_[i]);
      counted_[i] = 0;
    }
  }

protected:
  void count(uint8_t type) {
    const uint8_t which = counter_of_type[type];
    ++counted_[which];
    seen_ |= uint64_t{1} << which;
  }

  /// An event with the words that are given for most of the rare kinds.
  tp_event& push(const message_call& c, uint8_t kind, uint8_t detail, uint16_t flags, uint32_t instrument) {
    tp_event& e = batch_.next();
    e = {kind,       detail,    static_cast<uint16_t>(c.flags | flags), instrument, 0, TP_NONE, TP_NONE, 0, 0,
         c.sequence, c.venue_ns};
    return e;
  }
  tp_event& push_value(const message_call& c, uint32_t number, uint8_t key, int64_t price, int64_t quantity,
                       uint32_t text, uint16_t flags = 0) {
    tp_event& e = push(c, TP_EV_VALUE, key, flags, number);
    e.price = price;
    e.quantity = quantity;
    e.ref = text;
    return e;
  }
  void note_unknown_value() { counters_.add(unknown_values); }

  /// The number that events of this book go to, or one that says that they go nowhere; makes a second book at its first
  /// sight.
  uint32_t number_of(instrument& of, book_kind kind, const message_call& c) {
    const uint32_t number = of.emits[static_cast<size_t>(kind)];
    return number != instrument::undefined ? number : begin_second(of, kind, c);
  }
  static bool is_number(uint32_t number) { return number < instrument::unwanted; }
  /// The instrument, counted where nobody named it.
  instrument* known(uint64_t id) {
    auto* found = symbols_.find(id);
    if (found == nullptr) [[unlikely]]
      counters_.add(unknown_instrument);
    return found;
  }

  void define(const message_call& c, const directory_entry& entry);
  /// Orders exist, so the directory is whole, if it is known from its beginning.
  void tell_directory();
  bool is_directory_told() const { return directory_told_; }
  void day_event(const message_call& c, uint8_t code);
  void clear_book(const message_call& c, instrument& of, book_kind kind);
  /// The handle of a firm's or client's name.
  uint32_t participant(std::string_view name);
  uint32_t letter(uint8_t byte) { return batch_.letter(byte); }

  sdk::venue_host host_;
  counter_sheet& counters_;
  event_batch& batch_;
  symbol_map& symbols_;

private:
  uint32_t begin_second(instrument& of, book_kind kind, const message_call& c);

  std::array<uint32_t, 64> counted_{};
  uint64_t seen_ = 0; // which of them are not zero
  bool directory_told_ = false;
  struct known_participant {
    char name[12] = {};
    uint8_t size = 0;
    uint32_t handle = 0;
  };
  std::array<known_participant, 256> participants_{};
};

/// To see whether a directory entry says something else than the one before; 0 stands for no entry.
inline uint64_t fingerprint_of(const uint8_t* data, size_t size) {
  return sdk::fnv1a(data, size) | 1;
}

} // namespace tickplant::lse
