// MITCH messages -> events of the host: the only place that knows both vocabularies. Order messages in normalizer.cpp,
// all others in normalizer_rare.cpp.
#pragma once

#include "../normalizer_parts.hpp"
#include "codec.hpp"
#include "messages.hpp"

namespace tickplant::lse::mitch {

/// Keeps the time of the group and that of the recovery channel apart (notes A5). One thread; no allocation but for
/// instrument definitions.
class normalizer final : public normalizer_parts {
public:
  normalizer(sdk::venue_host host, counter_sheet& counters, event_batch& batch, symbol_map& symbols,
             const std::string& time_zone)
    : normalizer_parts(host, counters, batch, symbols), live_time_{{host, time_zone}}, snapshot_time_{
                                                                                         {host, time_zone}} {}

  length_field width() const override { return length_field::one_byte; }
  size_t longest_message() const override { return longest; }
  bool is_own_group(char group, char own) const override { return own == 0 || group == own; }
  std::optional<admin_message> read_admin(const uint8_t* message) const override { return mitch::read_admin(message); }
  std::vector<uint8_t> login(const options& opts) const override { return login_request(opts.comp_id, opts.password); }
  std::vector<uint8_t> logout() const override { return logout_request(); }
  std::vector<uint8_t> replay_request(char group, uint64_t first, uint32_t count, uint32_t) const override {
    return mitch::replay_request(group, first, count);
  }
  std::vector<uint8_t> snapshot_request(const snapshot_target& target, const options&, uint32_t) const override {
    return mitch::snapshot_request(target);
  }
  size_t snapshots_at_once() const override { return 1; } // refusals do not say of what
  bool has_channel_snapshot() const override { return false; }
  snapshot_message read_snapshot(const uint8_t* message) const override { return mitch::read_snapshot(message); }
  bool is_day_start(const uint8_t* m) const override { return m[1] == 'S' && m[0] >= 7 && m[6] == 'O'; }

  void live(uint64_t sequence, const uint8_t* message, uint32_t count, const decode_context& context) override;
  void snapshot(const uint8_t* message, const decode_context& context) override;
  void closing_status(instrument&, char, const decode_context&) override {} // Symbol Status comes before the end
  void note_gap() override { live_time_.is_known = false; }
  void begin_day(uint64_t now_ns) override {
    live_time_.clock.set_day(now_ns);
    live_time_.is_known = false;
  }

private:
  /// The last Time message of a channel. Without one the receipt's time stands in.
  struct channel_time {
    session_clock clock;
    uint64_t second_ns = 0; // UTC
    bool is_known = false;
    uint64_t of(const uint8_t* m, uint64_t now_ns) const { return is_known ? second_ns + nanosecond(m) : now_ns; }
    uint16_t flag() const { return !is_known || clock.is_guessed() ? TP_TIME_GUESSED : 0; }
    void set(uint32_t seconds, uint64_t now_ns) {
      second_ns = clock.time_of(uint64_t{seconds} * 1'000'000'000, now_ns);
      is_known = true;
    }
  };

  // normalizer.cpp
  void decode(uint64_t sequence, const uint8_t* m, const decode_context& context, channel_time& time, uint16_t flags);
  void add_order(const message_call& c);
  void delete_order(const message_call& c);
  void modify_order(const message_call& c);
  void damaged(const uint8_t* m, bool is_snapshot);
  void suspect(uint64_t instrument);
  // normalizer_rare.cpp
  void decode_rare(const message_call& c, channel_time& time);
  void directory_message(const message_call& c);
  void status_message(const message_call& c, channel_time& time);
  void emit_status(const message_call& c, uint32_t number, char status, std::string_view reason, uint64_t next_ns);
  void trade_message(const message_call& c);
  void auction_info_message(const message_call& c);
  void statistics_message(const message_call& c);
  void top_message(const message_call& c);

  channel_time live_time_, snapshot_time_;
};

} // namespace tickplant::lse::mitch
