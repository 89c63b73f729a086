// One instance of the plugin: ties lines, sequence rules, services, snapshots and the normaliser together. All time
// comes in with the calls; nothing here blocks, sleeps or reads a clock.
#pragma once

#include "line_set.hpp"
#include "restart_watch.hpp"
#include "service_link.hpp"
#include "session_clock.hpp"
#include "snapshot_desk.hpp"

#include <deque>

namespace tickplant::lse {

/// The venue class of the SDK's wrapper. States of the channel: README.md.
class venue_session final : private service_link::client {
public:
  static constexpr uint32_t order_refs = TP_REFS_SPARSE;
  static std::span<const tp_str> counters() { return counter_names(); }
  static void validate(sdk::settings settings, sdk::venue_host host);

  venue_session(sdk::settings settings, sdk::venue_host host);
  venue_session(const venue_session&) = delete;

  int32_t start(uint64_t now_ns);
  int32_t on_units(std::span<const tp_unit> units);
  int64_t on_stream(const tp_unit& unit);
  int32_t on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns);
  int32_t on_http(const tp_http_answer&) { return TP_OK; }
  int32_t on_timer(uint32_t id, uint64_t now_ns);
  int32_t on_interest(std::span<const tp_interest>, uint64_t) { return TP_OK; } // the feed brings everything anyway
  int32_t resynchronise(uint32_t channel, uint32_t instrument, uint64_t now_ns);
  int32_t stop(uint64_t now_ns);

private:
  enum class phase { idle, starting, catching_up, live };
  enum timer : uint32_t {
    reorder_timer = 1,
    silence_timer,
    restart_timer,
    retry_timer,
    quiet_timer,
    newborn_timer,
    replay_link_timer,
    recovery_link_timer
  };
  struct heard_line {
    uint64_t heard_ns = 0, next = 0; // next: number expected on this line alone, 0 = none seen
    bool silent = false;
  };
  struct replay_ask {
    uint64_t from, to;
    bool is_accepted;
  };
  struct snapshot_ask {
    snapshot_target target;
    uint32_t request = 0;             // GTP
    std::optional<uint64_t> includes; // GTP: from the response
    uint32_t tries = 0;
    uint64_t due_ns = 0; // waiting: not before
  };
  // What the arbiter delivers to.
  struct sink;

  // venue_session.cpp: units and lines
  void on_datagram(const tp_unit& unit);
  void note_line(uint32_t line, const feed_unit& unit);
  bool is_wild(const feed_unit& unit);
  void take(uint32_t line, const feed_unit& unit);
  void offer(uint32_t line, const feed_unit& unit);
  void end_burst();
  void after_live();
  void set_time(uint64_t now_ns);
  void tell(uint32_t state, std::string_view reason = {}, uint64_t from = 0, uint64_t to = 0,
            uint32_t instrument = TP_ALL);

  // venue_session_gaps.cpp: holes, late start, loss, restart, silence
  void establish(const feed_unit& unit);
  void go_live();
  void late_start();
  void caught_up();
  void on_reorder_timer();
  void declare_gaps(uint64_t below);
  void settle();
  void lose(uint64_t upto, const std::string& reason);
  void lose_books(uint64_t held_from);
  void restart_if_believed();
  void restart(std::vector<restart_watch::kept_unit> units);
  void on_silence_timer();

  // venue_session_services.cpp: bytes of the TCP services, and the replay of gaps
  void ready(service_link& link) override;
  void down(service_link& link, bool is_stopped) override;
  std::vector<uint8_t> login_bytes() const override { return protocol_->login(options_); }
  std::vector<uint8_t> logout_bytes() const override { return protocol_->logout(); }
  bool on_service_unit(service_link& link, const feed_unit& unit);
  void on_replay_message(const admin_message& m);
  void plan_replay();
  bool needs_replay() const;
  /// Recorded answers may be played without lines: a replay then stands in for them.
  bool has_lines() const { return lines_.is_configured(line_set::a) || lines_.is_configured(line_set::b); }
  bool has_flow() const { return has_lines() || replay_.is_configured(); }
  bool can_replay() const { return has_lines() && replay_.refusal(now_ns_, clock_.date()) == TP_OK; }

  // venue_session_recovery.cpp: snapshots
  void on_recovery_message(const admin_message& m);
  void recover_everything();
  void want(snapshot_target target, uint32_t tries = 0, uint64_t after_ns = 0);
  void want_book(const book& b);
  void plan_recovery();
  void finish_ask(size_t which);
  void refuse_ask(size_t which, char status);
  void settle_recovery();
  void on_quiet_timer();
  void on_newborn_timer();
  void give_up(book& b, std::string_view reason);
  bool is_recovery_busy() const { return !wanted_.empty() || !asked_.empty() || desk_.is_waiting(); }
  bool is_broadly_asked() const;
  bool has_lost_books();
  snapshot_desk::flow stand() const;

  sdk::venue_host host_;
  options options_;
  counter_sheet counters_;
  event_batch batch_;
  symbol_map symbols_;
  session_clock clock_; // for the day that limits count in
  std::unique_ptr<protocol> protocol_;
  line_set lines_;
  arbiter arbiter_;
  restart_watch restarts_;
  service_link replay_, recovery_;
  snapshot_desk desk_;

  uint64_t now_ns_ = 0;
  phase phase_ = phase::idle;
  char group_ = 0;
  bool adrift_ = false;    // books were lost, and not all of them are back
  bool owes_live_ = false; // LIVE follows when nothing is missing
  bool silent_ = false, reorder_armed_ = false, day_over_ = false;
  bool newborn_armed_ = false;
  bool review_recovery_ = false;             // something changed that may end the recovery
  uint64_t given_up_ns_ = 0;                 // when the last book was, 0 = never
  uint64_t armed_high_ = 0;                  // numbers below were heard of when the reorder timer was set
  uint64_t overdue_ = 0;                     // numbers below that are missing were waited for long enough
  std::vector<sdk::number_range> open_gaps_; // told, not filled; bounded
  std::optional<uint64_t> wild_;             // a number far ahead, waiting for another packet to confirm it
  heard_line heard_[2];
  uint64_t heard_ns_ = 0;

  std::deque<replay_ask> replay_asks_;
  std::vector<snapshot_ask> wanted_, asked_;
  std::optional<uint64_t> stray_includes_; // of the last snapshot response, whoever asked for it
  uint32_t next_request_ = 1;
};

} // namespace tickplant::lse
