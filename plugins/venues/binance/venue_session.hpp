// One instance of the plugin: takes the host's calls, keeps the WebSocket lines and the REST queue going, and passes
// messages from the decoder to the syncs and the normaliser. Decides little itself; the rules are in the classes that
// it is made of. One thread; time and chance come from the host.
#pragma once

#include "codec.hpp"
#include "config.hpp"
#include "counters.hpp"
#include "depth_sync.hpp"
#include "event_outbox.hpp"
#include "link_set.hpp"
#include "log_gate.hpp"
#include "normalizer.hpp"
#include "overlap_hold.hpp"
#include "rest_queue.hpp"
#include "symbol_map.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::binance {

struct symbol_row;

class venue_session {
public:
  static constexpr uint32_t order_refs = TP_REFS_NONE;
  static std::span<const tp_str> counters() { return counter_names(); }
  static void validate(sdk::settings settings, sdk::venue_host host);

  /// Throws after complaining if the settings have faults.
  venue_session(sdk::settings settings, sdk::venue_host host);

  int32_t start(uint64_t now_ns);
  int32_t on_units(std::span<const tp_unit> units);
  int64_t on_stream(const tp_unit& unit) { return unit.size; } // no TCP line is ever opened
  int32_t on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns);
  int32_t on_http(const tp_http_answer& answer);
  int32_t on_timer(uint32_t id, uint64_t now_ns);
  int32_t on_interest(std::span<const tp_interest> list, uint64_t now_ns);
  int32_t resynchronise(uint32_t channel, uint32_t number, uint64_t now_ns);
  int32_t stop(uint64_t now_ns);

private:
  static constexpr size_t most_quiet = 4'096;
  struct quiet_book {
    uint32_t instrument;
    uint64_t since_ns;
  };

  /// How the frame came that is being worked on.
  struct arrival {
    uint32_t line = 0;
    bool is_doubled = false;   // its streams come over another connection as well
    bool is_from_heir = false; // from a replacement whose predecessor still delivers
    bool may_restart = true;   // lower ids may be a new numbering
  };

  // The lines: venue_lines.cpp.
  void work_links();
  static std::string line_name(uint32_t line, uint32_t route);
  void open_line(const link_set::opening& next);
  void drop_link(uint32_t line, std::string_view why);
  void link_lost(uint32_t line, std::string_view why);
  void forget_proofs();
  void server_shutdown();
  void on_frame(const tp_unit& unit, link_set::link& l);
  bool hold_ahead(const instrument& i, held_kind kind, uint64_t first, uint64_t last, std::string_view frame);
  void release_held();
  void send_controls();
  void tick();
  void finish_turn();

  // Messages; false: one that could not be read. venue_session.cpp.
  bool on_message(const message& m, std::string_view frame, uint64_t recv_ns);
  bool on_book_ticker(const message& m);
  bool on_trade(const message& m, std::string_view frame);
  bool on_agg_trade(const message& m, std::string_view frame);
  bool wait_for_trades(instrument& i, uint64_t id, std::string_view frame);
  bool on_block_trade(const message& m);
  bool on_answer(const message& m);
  instrument* target(const message& m, stream_bit stream);
  bool check_ids(rising_ids& ids, uint64_t first, uint64_t last, bool count_missed);
  /// Emits through the normaliser; redefines the instrument once if its exponents are too coarse.
  template <class Emit>
  bool emit_scaled(instrument& i, Emit&& emit) {
    normalizer::result r = emit();
    if (r.what == normalizer::fault::finer) {
      rescale(i, r);
      r = emit();
    }
    return r.what == normalizer::fault::none;
  }

  // Books: venue_depth.cpp.
  bool on_depth(const message& m, std::string_view frame, uint64_t recv_ns);
  bool on_depth_of(instrument& i, const depth_update& d, const message& m, std::string_view frame, uint64_t recv_ns);
  bool on_picture(const message& m);
  bool on_futures_picture(const message& m);
  bool show_picture(instrument& i, const depth_picture& p, const message& m);
  void on_snapshot(instrument& i, std::string_view body);
  void feed_buffered(instrument& i);
  void request_snapshot(instrument& i);
  void retry_snapshot(instrument& i, uint64_t after_ns);
  void lose_book(instrument& i, std::string_view why, uint64_t from = 0, uint64_t to = 0);
  void drop_book(instrument& i, std::string_view why);
  void rescale(instrument& i, const normalizer::result& needed);
  void snapshot_refused(instrument& i);
  void snapshot_unreadable(instrument& i);
  void ask_again(instrument& i, std::string_view why);
  void tell(sdk::log_level level, const instrument& i, std::string_view what);

  // Directory, interest and REST: venue_directory.cpp.
  void request_directory();
  void on_directory(std::string_view body);
  void on_row(const symbol_row& row);
  void apply_status(instrument& i, std::string_view status);
  bool apply_steps(instrument& i, std::string_view tick, std::string_view step);
  void retire(instrument& i);
  bool define(instrument& i);
  void update_streams(instrument& i);
  void send_requests();
  bool too_much_weight(const tp_http_answer& answer);

  uint64_t after(uint64_t due_ns) const { return due_ns > now_ns_ ? due_ns - now_ns_ : 0; }

  sdk::venue_host host_;
  config config_;
  chaining chaining_;
  tally counts_;
  event_outbox out_;
  normalizer normalizer_;
  decoder decoder_;
  buffer_budget budget_;
  symbol_map symbols_;
  link_set links_;
  rest_queue rest_;
  overlap_hold hold_;
  log_gate log_gate_;
  arrival arrival_;
  std::vector<quiet_book> quiet_; // subscribed, and no diff so far
  std::string url_;
  uint64_t now_ns_ = 0;
  uint32_t over_limit_told_ = 0, rest_address_ = 0;
  bool is_stopped_ = false, links_changed_ = false, release_due_ = false, directory_told_ = false, rest_work_ = false;
};

} // namespace tickplant::binance
