// Sequence resets (section 3): start of day, restart after a failure, failover to the backup publisher, and restarts
// whose reset was lost.
#include "channel.hpp"

namespace tickplant::nyse {

namespace {

constexpr uint64_t second = 1'000'000'000;
constexpr uint64_t spin_time = 10 * second; // a failover's refresh takes a moment for thousands of symbols
constexpr uint32_t packets_of_a_restart = 3;

} // namespace

// Both lines carry it, and publishers repeat it while they start: it acts once.
void channel::on_reset(size_t line, const packet& p) {
  const auto r = read_reset(p.messages);
  if (!r) return counters_.add(malformed);
  if (r->product != options_.product || r->channel != own_.channel) {
    counters_.add(foreign);
    host_.log(sdk::log_level::error, "channel " + std::to_string(own_.channel) + ": a reset of product " +
                                       std::to_string(r->product) + ", channel " + std::to_string(r->channel) +
                                       " came in; is a line's address wrong?");
    return;
  }
  note_line(line, p);
  const bool is_known = phase_ != phase::idle && r->source_ns <= reset_ns_;
  const bool is_priming = phase_ == phase::live && reset_ns_ != 0 && arbiter_.next() == 2 && arbiter_.high() == 2;
  if (is_known || is_priming) {
    counters_.add(resets_repeated);
    counters_.add(duplicates);
    counters_.add(line_duplicates + static_cast<uint32_t>(line) * line_b_offset);
    reset_ns_ = std::max(reset_ns_, r->source_ns);
    return;
  }
  counters_.add(resets);
  counters_.add(layout_of(type::sequence_reset).counter);
  counters_.add(line_won + static_cast<uint32_t>(line) * line_b_offset);
  restart(*r, p.flag == delivery::failover);
  newest_send_ns_ = p.send_ns;
}

// A new day's books and statistics are empty. A restart within the day voids books and numbers, but not the day's
// statistics: that is told as a loss that a picture mends, and new numbers; RESTARTED would begin the totals anew.
void channel::restart(const sequence_reset& r, bool is_failover) {
  const int64_t day = day_of_.of(r.source_ns);
  const bool was_idle = phase_ == phase::idle;
  const bool is_fresh = was_idle || phase_ == phase::starting || arbiter_.next() <= 1 || day != day_;
  day_ = day;
  reset_ns_ = r.source_ns;
  forget_flow(2, is_fresh);
  is_failover_ = is_failover;
  spin_until_ns_ = is_failover ? now_ns_ + spin_time : 0;
  phase_ = phase::live;
  is_directory_whole_ = true; // everything is told from here on
  if (is_fresh) {
    if (!was_idle) tell(TP_STREAM_RESTARTED, "a sequence number reset began a new day");
  } else {
    tell(TP_STREAM_LOST,
         is_failover ? "the channel fails over to the backup publisher" : "a sequence number reset voided the books");
    tell(TP_STREAM_RENUMBERED);
  }
  if (is_failover) {
    is_adrift_ = true;
    for (auto& symbol : normalizer_.symbols().all()) {
      symbol.is_lost = symbol.is_wanted;
      symbol.needs_from = 2;
      lost_ += symbol.is_lost;
    }
    return;
  }
  is_complete_ = true;
  if (is_fresh) {
    tell(TP_STREAM_LIVE, {}, 1);
    if (normalizer_.symbols().size() > 0) normalizer_.mark(TP_EV_CLEAR, TP_END, TP_ALL, 1);
    return;
  }
  normalizer_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT, TP_ALL, 1);
  normalizer_.mark(TP_EV_SNAPSHOT_END, TP_END | TP_SNAPSHOT, TP_ALL, 1);
  tell(TP_STREAM_LIVE);
}

/// Nothing that was known of numbers, holes and requests holds any more; the next number is `next`.
void channel::forget_flow(uint64_t next, bool is_new_day) {
  normalizer_.flush();
  spin_ = symbol_map::none;
  normalizer_.set_snapshot_of(0);
  arbiter_.reset(next);
  flow_from_ = next;
  counters_.add(gaps_lost, gaps_.size());
  gaps_.clear();
  retransmissions_.clear();
  proof_.forget();
  unmapped_.clear();
  pictures_.clear();
  full_ = {};
  for (auto& single : singles_) single = {};
  queue_.clear();
  wild_.reset();
  late_ = {};
  mapping_wanted_ = all_mappings_wanted_ = false;
  untold_directories_ += directory_told_ ? 1 : 0;
  is_complete_ = is_directory_whole_ = directory_told_ = is_adrift_ = owes_live_ = is_reorder_armed_ = false;
  lost_ = 0;
  armed_high_ = overdue_ = rest_until_ns_ = 0;
  rests_ = 0;
  for (auto& line : heard_) line.next = 0;
  for (auto& symbol : normalizer_.symbols().all()) {
    symbol.last = 0;
    symbol.covered = symbol.needs_from = 0;
    symbol.is_lost = symbol.is_queued = false;
    if (!is_new_day) continue;
    symbol.factor = 0; // the scale is set for each day
    symbol.halt = symbol.market = symbol.short_sale = 0;
  }
  if (is_new_day) normalizer_.clock().clear();
  for (const timer which : {reorder_timer, request_timer, refresh_timer}) cancel_timer(which);
}

// Numbers below those that we had, in packets sent clearly later, one behind the other: the channel began anew, and its
// reset did not reach us. Heartbeats with small numbers are priming, and the slower line's packets are not later.
bool channel::is_late_restart(const packet& p) {
  if (p.is_heartbeat() || phase_ != phase::live) return false;
  if (p.end() > arbiter_.next() || p.send_ns <= newest_send_ns_ + second) {
    if (p.end() > arbiter_.next()) late_ = {};
    return false;
  }
  if (late_.seen > 0 && p.end() == late_.next) return false; // the other line's copy
  late_.seen = late_.seen > 0 && p.sequence == late_.next ? late_.seen + 1 : 1;
  late_.next = p.end();
  if (late_.seen < packets_of_a_restart) return false;
  counters_.add(resets);
  const bool is_new_day = day_of_.of(p.send_ns) != day_;
  day_ = day_of_.of(p.send_ns);
  reset_ns_ = 0;
  forget_flow(p.sequence, is_new_day);
  if (is_new_day) tell(TP_STREAM_RESTARTED, "the numbers began anew, and the reset was lost");
  newest_send_ns_ = p.send_ns;
  lose_all(p.sequence, "the numbers began anew, and the reset was lost");
  if (!is_new_day) tell(TP_STREAM_RENUMBERED);
  return false;
}

void channel::end_failover() {
  is_failover_ = false;
  spin_until_ns_ = 0;
  if (spin_ != symbol_map::none) end_spin(arbiter_.next() - 1);
  for (const auto& symbol : normalizer_.symbols().all())
    if (symbol.is_lost) queue(place_of(symbol));
  check_recovered();
}

/// A message 32 of a lost symbol: its whole book follows in the flow, and is shown when it is there.
void channel::begin_spin(symbol_state& symbol, uint64_t sequence) {
  spin_ = place_of(symbol);
  normalizer_.set_snapshot_of(symbol.index);
  normalizer_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT, symbol.instrument, sequence);
}

void channel::end_spin(uint64_t sequence) {
  symbol_state& symbol = normalizer_.symbols()[spin_];
  spin_ = symbol_map::none;
  normalizer_.set_snapshot_of(0);
  normalizer_.mark(TP_EV_SNAPSHOT_END, TP_END | TP_SNAPSHOT, symbol.instrument, sequence);
  mend(symbol);
}

} // namespace tickplant::nyse
