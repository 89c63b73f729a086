// GTP messages -> events of the host: the only place that knows both vocabularies. Order messages in normalizer.cpp,
// all others in normalizer_rare.cpp.
#pragma once

#include "../normalizer_parts.hpp"
#include "codec.hpp"
#include "messages.hpp"

namespace tickplant::lse::gtp {

/// Order ids hold within one book only (notes G4), references of events in the whole channel: an id is mixed with the
/// number of its book. One thread; no allocation but for instrument definitions.
class normalizer final : public normalizer_parts {
public:
  normalizer(sdk::venue_host host, counter_sheet& counters, event_batch& batch, symbol_map& symbols,
             const std::string& time_zone)
    : normalizer_parts(host, counters, batch, symbols), clock_{host, time_zone} {}

  length_field width() const override { return length_field::two_bytes; }
  size_t longest_message() const override { return longest; }
  /// The secondary line has the primary's letter in lower case (notes G1).
  bool is_own_group(char group, char own) const override { return own == 0 || (group | 0x20) == (own | 0x20); }
  std::optional<admin_message> read_admin(const uint8_t* message) const override { return gtp::read_admin(message); }
  std::vector<uint8_t> login(const options& opts) const override { return login_request(opts.comp_id); }
  std::vector<uint8_t> logout() const override { return {}; }
  std::vector<uint8_t> replay_request(char, uint64_t first, uint32_t count, uint32_t request) const override {
    return gtp::replay_request(first, count, request);
  }
  std::vector<uint8_t> snapshot_request(const snapshot_target& target, const options& opts,
                                        uint32_t request) const override {
    return recovery_request(target, opts.venue_code, request);
  }
  size_t snapshots_at_once() const override { return 10; }
  bool has_channel_snapshot() const override { return true; }
  snapshot_message read_snapshot(const uint8_t* message) const override { return gtp::read_snapshot(message); }
  bool is_day_start(const uint8_t* m) const override { return m[2] == 'S' && sdk::le16(m) >= 14 && m[11] == 'O'; }

  void live(uint64_t sequence, const uint8_t* message, uint32_t count, const decode_context& context) override;
  void snapshot(const uint8_t* message, const decode_context& context) override;
  void closing_status(instrument& of, char status, const decode_context& context) override;
  void note_gap() override {} // every message has its own time
  void begin_day(uint64_t now_ns) override { clock_.set_day(now_ns); }

  static uint64_t reference_of(uint64_t order, uint32_t number) { return order ^ (number * 0x9E37'79B9'7F4A'7C15u); }

private:
  // normalizer.cpp
  void decode(uint64_t sequence, const uint8_t* m, const decode_context& context);
  uint32_t book_of(uint64_t instrument, uint8_t book_type, const message_call& c);
  void add_order(message_call c);
  void modify_order(message_call c);
  void delete_order(message_call c);
  void damaged(const uint8_t* m, bool is_snapshot, uint64_t instrument);
  bool is_size(uint64_t size, const message_call& c, uint64_t instrument);
  // normalizer_rare.cpp
  void decode_rare(const message_call& c);
  void directory_message(const message_call& c);
  void status_message(const message_call& c);
  void emit_status(const message_call& c, uint32_t number, char status, uint64_t next_ns);
  void trade_message(message_call c);
  bool is_counted(instrument& of, const message_call& c);
  void statistics_message(const message_call& c);
  void update_message(const message_call& c);

  session_clock clock_; // for local times of status messages
};

} // namespace tickplant::lse::gtp
