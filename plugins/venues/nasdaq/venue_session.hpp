// One instance of the plugin: ties lines, sequence rules, requests, replays and the normaliser together. All time comes
// in with the calls; nothing here blocks, sleeps or reads a clock.
#pragma once

#include "glimpse_pass.hpp"
#include "history_replay.hpp"
#include "line_set.hpp"
#include "normalizer.hpp"
#include "record_cutter.hpp"

namespace tickplant::nasdaq {

/// The venue class of the SDK's wrapper. States of the channel: README.md.
class venue_session {
public:
  static constexpr uint32_t order_refs = TP_REFS_DENSE;
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
  enum class phase { idle, starting, catching_up, joining, live, closed };
  enum timer : uint32_t { reorder_timer = 1, request_timer, replay_timer, silence_timer, proof_timer };
  struct heard_line {
    uint64_t heard_ns = 0, next = 0; // next: number expected on this line alone, 0 = none seen
    bool silent = false;
  };
  // What the arbiter delivers to, and what the TCP lines do.
  struct sink;
  struct soup_handler;
  struct glimpse_handler;

  // venue_session.cpp: units and sessions
  int32_t take_units(std::span<const tp_unit> units);
  void on_datagram(const tp_unit& unit);
  bool is_own_session(const mold_packet& packet, const tp_unit& unit, bool answer);
  void adopt(const mold_session& session);
  void take(uint32_t line, const mold_packet& packet);
  void take_unsequenced(const mold_packet& packet);
  void note_line(uint32_t line, const mold_packet& packet);
  bool is_wild(const mold_packet& packet);
  void review_jump(const mold_packet& packet);
  void offer(uint32_t line, const mold_packet& packet);
  bool has_chores() const { return replay_.is_active() || picture_.is_read() || normalizer_.has_damaged(); }
  void do_chores();
  void end_burst();
  void tell(uint32_t state, std::string_view reason = {}, uint64_t from = 0, uint64_t to = 0,
            uint32_t instrument = TP_ALL);

  // venue_session_file.cpp
  /// A file's message that comes alone, in a file that only brings messages: `on_units` has little to do for it.
  bool takes_record(const tp_unit& unit) const { return is_plain_ && unit.line == line_set::file; }
  size_t on_records(std::span<const tp_unit> units);
  void on_chunk(const tp_unit& unit);
  void begin_file();
  void end_file(bool cut_off);

  // venue_session_soup.cpp: the live carrier over TCP
  soup_line::wish soup_wish() const;
  bool soup_accepted(std::string_view session, uint64_t sequence);
  bool soup_adopts(std::string_view session);
  void soup_message(const uint8_t* data, uint32_t size);
  void take_soup(uint32_t count, bool is_end);
  void forget_soup(std::string_view why);
  bool soup_flows() const;
  bool soup_may_fill();
  bool retell_by_soup();

  // venue_session_glimpse.cpp: pictures
  int64_t read_picture(const tp_unit& unit);
  bool request_picture(uint32_t instrument, uint64_t from = 0);
  bool picture_accepted(uint64_t sequence);
  void picture_message(const uint8_t* data, uint32_t size);
  void picture_directory_done();
  void advance_picture();
  void finish_picture();
  void fail_picture(std::string_view why, counter which);
  void abandon_picture();
  void heal_damage();

  // venue_session_gaps.cpp: holes, late start, loss, silence
  void establish(uint32_t line, const mold_packet& packet);
  void go_live();
  void late_start();
  void catch_up(const std::string& how);
  void join();
  void end_joining();
  void caught_up();
  void on_reorder_timer();
  void declare_gaps(uint64_t below);
  void declare_answered(const mold_packet& packet);
  void settle();
  void plan_requests();
  void lose(uint64_t upto, const std::string& reason);
  void close_if_done();
  void on_silence_timer();

  // venue_session_replay.cpp: replays for books that lost their state
  void begin_replay();
  void advance_replay();
  void finish_replay();
  void fail_replay();
  bool send_request(uint32_t server, uint64_t from, uint16_t count);
  void arm(timer which, const requester& asks);

  sdk::venue_host host_;
  options options_;
  counter_sheet counters_;
  normalizer normalizer_;
  line_set lines_;
  arbiter arbiter_;
  requester requests_, replay_requests_;
  history_replay replay_;
  record_cutter cutter_;
  soup_line soup_, glimpse_;
  glimpse_pass picture_;

  uint64_t now_ns_ = 0;
  phase phase_ = phase::idle;
  bool adrift_ = false;    // something was lost: only a replay of everything makes the channel whole again
  bool owes_live_ = false; // spoke again after silence: LIVE follows when nothing is missing
  bool silent_ = false, reorder_armed_ = false;
  uint64_t end_ = 0;                         // number behind the last one, once the end of session was heard
  uint64_t armed_high_ = 0;                  // numbers below were heard of when the reorder timer was set
  uint64_t overdue_ = 0;                     // numbers below that are missing were waited for long enough
  std::vector<sdk::number_range> open_gaps_; // told, not filled; bounded
  std::optional<uint64_t> wild_;             // a number far ahead, waiting for another packet to confirm it
  std::optional<uint64_t> jumped_from_;      // where we were before a jump that nothing confirmed yet
  uint64_t whole_from_ = 1;                  // from here on the live flow was handed over without a hole
  uint64_t retold_below_ = 0;                // numbers below are told a second time, by a new login
  uint64_t patience_ns_ = 0; // until when a Soup connection that is down may still bring what is missing
  heard_line heard_[3];      // a, b, soup
  uint64_t heard_ns_ = 0;

  mold_session session_;
  std::vector<mold_session> old_sessions_; // bounded
  std::vector<uint8_t> candidate_;         // first packet of another session, until a second one confirms it
  uint32_t candidate_line_ = 0;
  bool has_candidate_ = false;
  uint64_t soup_next_ = 0;        // number of the next message of the Soup connection, 0 = not logged in
  bool soup_forgets_ = false;     // the server knows the session no more: ask for the current one
  std::vector<uint8_t> soup_run_; // messages of one read, as blocks
  uint32_t soup_run_count_ = 0;
  uint64_t file_next_ = 0;
  bool is_plain_ = false; // records of the file are all that is to do; known at the end of each call
};

} // namespace tickplant::nasdaq
