// One channel: its lines, numbers, holes, refreshes and symbols. All time comes in with the calls. The rules are those
// of the Common Client specification; states and policy: README.md.
#pragma once

#include "hole_proof.hpp"
#include "line_set.hpp"
#include "normalizer.hpp"
#include "refresh_pictures.hpp"
#include "request_line.hpp"
#include "unmapped.hpp"

namespace tickplant::nyse {

/// One thread. Bounded in everything that comes from outside; allocates when symbols appear and when holes or refreshes
/// need it, never in the plain flow.
class channel final : public normalizer_owner {
public:
  enum timer : uint32_t { reorder_timer, request_timer, refresh_timer, silence_timer, timer_count };

  /// What the channels of one instance share.
  struct surroundings {
    sdk::venue_host host;
    const options& opts;
    counter_sheet& counters;
    line_set& lines;
    request_line& requests;
    uint32_t& next_instrument;
    size_t& untold_directories; // channels that do not know all of their symbols yet
  };

  channel(const surroundings& around, size_t place);
  channel(const channel&) = delete;

  uint8_t id() const { return own_.channel; }
  void start(uint64_t now_ns);
  void stop();
  /// A datagram, or a packet out of a stream.
  void on_packet(line_role role, const tp_unit& unit);
  /// After everything of a burst; also after each of the calls below.
  void end_burst();
  void on_timer(uint32_t which, uint64_t now_ns);
  void on_requests_changed(uint64_t now_ns);
  /// True if the answer is to a request of this channel.
  bool on_response(const request_response& response, uint64_t now_ns);
  int32_t resynchronise(uint32_t instrument, uint64_t now_ns);
  bool is_stopping() const { return normalizer_.is_stopping(); }

private:
  enum class phase { idle, starting, live };
  struct heard_line {
    uint64_t heard_ns = 0, next = 0; // next: number expected on this line alone, 0 = none seen
    bool silent = false;
  };
  struct open_gap {
    uint64_t from, to;
    uint64_t opened_ns;
    uint64_t hopeless_ns; // since when nobody can fill it, 0 = it may come
    std::string reason;
  };
  struct single_refresh {
    bool is_active = false;
    uint32_t place = 0, number = 0, attempts = 0;
    uint64_t due_ns = 0;
  };
  struct full_refresh {
    bool is_wanted = false, is_active = false;
    uint32_t number = 0, attempts = 0;
    uint64_t due_ns = 0;
    bool has_begun = false, is_holey = false, saw_others = false; // of the answer that is coming in
  };
  struct late_restart {
    uint32_t seen = 0;
    uint64_t next = 0;
  };
  // What the arbiter delivers to.
  struct sink {
    normalizer& into;
    void messages(uint64_t first, const uint8_t* message, uint32_t count) { into.messages(first, message, count); }
    void held(uint64_t sequence, const uint8_t* message, uint16_t) { into.message(sequence, message); }
  };

  // channel.cpp: packets of the live and retransmission lines
  void on_live(line_role role, const packet& p);
  void on_retransmission(const packet& p);
  void on_summary(const packet& p);
  void note_line(size_t line, const packet& p);
  void establish(const packet& p);
  void go_live(uint64_t from);
  void late_start();
  bool is_wild(const packet& p);
  void offer(std::optional<size_t> line, const packet& p);
  void tell(uint32_t state, std::string_view reason = {}, uint64_t from = 0, uint64_t to = 0,
            uint32_t instrument = TP_ALL);
  void on_silence_timer();

  // channel_reset.cpp: sequence resets, failover, restarts whose reset was lost
  void on_reset(size_t line, const packet& p);
  void restart(const sequence_reset& r, bool is_failover);
  void forget_flow(uint64_t next, bool is_new_day);
  bool is_late_restart(const packet& p);
  void end_failover();
  void begin_spin(symbol_state& symbol, uint64_t sequence);
  void end_spin(uint64_t sequence);

  // channel_gaps.cpp: holes and what becomes of them
  void settle();
  void on_reorder_timer();
  void declare_gaps(uint64_t below);
  void declare_answered(const packet& p);
  void plan_requests();
  void judge_gaps();
  void give_up_hopeless();
  bool prove(const open_gap& gap, sdk::number_range hole);
  void declare_hopeless(uint64_t from, uint64_t to, const std::string& reason);
  void lose_all(uint64_t upto, const std::string& reason);
  void lose_symbol(symbol_state& symbol, uint64_t needs_from, std::string_view reason);
  void refuse_requests(const request_response& response);
  const open_gap* gap_of(uint64_t number) const;

  // channel_refresh.cpp: pictures, mappings, and asking for them
  void on_refresh(const packet& p);
  void apply(const refresh_picture& picture);
  void finish_full();
  void note_mappings(delivery flag);
  void mend(symbol_state& symbol);
  void queue(uint32_t place);
  void want_full();
  void plan_refreshes();
  void plan_full();
  void plan_singles();
  void plan_mappings();
  void rest(const std::string& reason);
  void check_recovered();
  bool on_refresh_response(const request_response& response);
  bool is_waiting() const;

  // normalizer_owner, in channel_symbols.cpp
  void unmapped(uint64_t sequence, const uint8_t* message, uint32_t index) override;
  void mapped(symbol_state& symbol) override;
  void spoiled(symbol_state* symbol, uint64_t needs_from, std::string_view reason) override;
  bool cleared(symbol_state& symbol, uint64_t sequence) override;
  void snapshot_over(uint64_t sequence) override;

  void set_timer(timer which, uint64_t after_ns) { host_.set_timer(first_timer_ + which, after_ns); }
  void cancel_timer(timer which) { host_.cancel_timer(first_timer_ + which); }
  bool is_configured(size_t line) const { return line == 0 ? !own_.a.empty() : !own_.b.empty(); }
  uint32_t place_of(const symbol_state& symbol) {
    return static_cast<uint32_t>(&symbol - normalizer_.symbols().all().data());
  }

  sdk::venue_host host_;
  const options& options_;
  const channel_options& own_;
  counter_sheet& counters_;
  line_set& lines_;
  request_line& requests_;
  size_t& untold_directories_;
  const size_t place_;
  const uint32_t first_timer_;
  venue_day day_of_;
  normalizer normalizer_;
  arbiter arbiter_;
  retransmissions retransmissions_;
  hole_proof proof_;
  unmapped_messages unmapped_;
  refresh_pictures pictures_;

  uint64_t now_ns_ = 0;
  phase phase_ = phase::idle;
  bool is_complete_ = false;        // the host takes every book of the channel, of new symbols too, as complete
  bool is_directory_whole_ = false; // every symbol of the channel is known
  bool directory_told_ = false;     // to the other channels: the last one tells the host, since it stands for the venue
  bool is_adrift_ = false;          // the whole channel was lost, and not everything is back
  bool owes_live_ = false;          // a gap or silence was told; LIVE follows when nothing is missing
  bool is_silent_ = false, is_reorder_armed_ = false;
  size_t lost_ = 0;         // symbols that wait for a picture
  uint64_t flow_from_ = 1;  // the live flow is whole from here on
  uint64_t armed_high_ = 0; // numbers below were heard of when the reorder timer was set
  uint64_t overdue_ = 0;    // numbers below that are missing were waited for long enough
  std::vector<open_gap> gaps_;
  std::optional<uint64_t> wild_; // a number far ahead, waiting for another packet to confirm it
  heard_line heard_[2];
  uint64_t heard_ns_ = 0;

  uint64_t reset_ns_ = 0;    // SourceTime of the reset that was handled last
  int64_t day_ = INT64_MIN;  // of the flow
  bool is_failover_ = false; // packets come from the backup publisher's refresh
  uint32_t spin_ = symbol_map::none;
  uint64_t spin_until_ns_ = 0; // so long a failover may take before we ask for refreshes ourselves
  uint64_t newest_send_ns_ = 0;
  late_restart late_;

  full_refresh full_;
  std::vector<single_refresh> singles_;
  std::vector<uint32_t> queue_; // places
  bool are_requests_refused_ = false;
  bool mapping_wanted_ = false, all_mappings_wanted_ = false;
  struct {
    bool has_begun = false, is_holey = false, saw_others = false;
  } mappings_; // the answer that is coming
  uint64_t all_mappings_due_ns_ = 0;
  uint32_t all_mappings_attempts_ = 0;
  uint64_t rest_until_ns_ = 0;
  uint32_t rests_ = 0;
  uint64_t refresh_next_ = 0; // of the refresh channel's own numbers
  uint64_t summary_next_ = 0;
};

} // namespace tickplant::nyse
