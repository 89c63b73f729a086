// Holes and what becomes of them: filled by the other line, by the replay service, or given up for snapshots (notes
// E); starts that come late, numbers that begin anew, silence.
#include "venue_session_sink.hpp"

namespace tickplant::lse {

namespace {

constexpr size_t most_open_gaps = 256;

} // namespace

// The first packets tell whether we have the group from its first message.
void venue_session::establish(const feed_unit& unit) {
  if (unit.sequence <= 1) return go_live();
  arbiter_.hear_of(unit.sequence);
  // The hold buffer begins at message 1 here, so what lies beyond it cannot wait for the other line.
  if (unit.end() > options_.hold_messages || unit.sequence > options_.late_start_limit || !can_replay()) late_start();
}

void venue_session::go_live() {
  phase_ = phase::live;
  protocol_->is_complete = true;
  tell(TP_STREAM_LIVE, {}, 1);
}

// The replay of everything also brings directory and trades, which snapshots do not.
void venue_session::late_start() {
  phase_ = phase::live;
  const uint64_t missing = arbiter_.high() - 1;
  if (missing > options_.late_start_limit || !can_replay())
    return lose(arbiter_.high(), "joined at message " + std::to_string(arbiter_.high()) +
                                   ", and the ones before cannot be had by replay");
  batch_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT_HISTORY, 0, TP_ALL, 0);
  phase_ = phase::catching_up;
  protocol_->is_complete = true;
  arbiter_.set_elastic(true);
  host_.log(sdk::log_level::info, "joined late: asking for " + std::to_string(missing) + " messages of history");
}

void venue_session::caught_up() {
  batch_.mark(TP_EV_SNAPSHOT_END, 0, TP_END | TP_SNAPSHOT, TP_ALL, arbiter_.next() - 1);
  phase_ = phase::live;
  arbiter_.set_elastic(false);
  owes_live_ = true;
}

// After every change: declares what is filled, asks for what is missing, closes what is done.
void venue_session::settle() {
  if (arbiter_.complete() && phase_ == phase::live && open_gaps_.empty() && !owes_live_) [[likely]]
    return;
  if (phase_ == phase::catching_up) {
    if (arbiter_.complete())
      caught_up();
    else if (arbiter_.high() - 1 > options_.late_start_limit)
      lose(arbiter_.high(), "the day outgrew late_start_limit (" + std::to_string(options_.late_start_limit) +
                              ") while its history was asked for");
  }
  size_t filled = 0;
  while (filled < open_gaps_.size() && open_gaps_[filled].to < arbiter_.next()) ++filled;
  if (filled > 0) {
    open_gaps_.erase(open_gaps_.begin(), open_gaps_.begin() + static_cast<std::ptrdiff_t>(filled));
    counters_.add(gaps_filled, filled);
    if (open_gaps_.empty()) owes_live_ = true;
  }
  plan_replay();
  if (!arbiter_.complete() && !reorder_armed_ && (phase_ == phase::starting || phase_ == phase::live) &&
      overdue_ < arbiter_.high()) {
    armed_high_ = arbiter_.high();
    reorder_armed_ = true;
    host_.set_timer(reorder_timer, options_.reorder_window_ns);
  }
  if (owes_live_ && phase_ == phase::live && open_gaps_.empty()) {
    owes_live_ = false;
    if (!adrift_) tell(TP_STREAM_LIVE);
  }
}

void venue_session::on_reorder_timer() {
  reorder_armed_ = false;
  if (phase_ == phase::starting)
    late_start();
  else if (phase_ == phase::live)
    declare_gaps(armed_high_);
  settle();
}

// What is missing below `below` is missing on every line. Which books it concerns is not known, so none can be trusted
// until the replay has brought it (notes E).
void venue_session::declare_gaps(uint64_t below) {
  uint64_t from = std::max(overdue_, arbiter_.next());
  overdue_ = std::max(overdue_, below);
  const bool had_gaps = !open_gaps_.empty();
  while (const auto hole = arbiter_.first_missing(from, overdue_, options_.gap_limit + 1)) {
    counters_.add(gaps_seen);
    const bool too_large = hole->to - hole->from >= options_.gap_limit;
    if (too_large || open_gaps_.size() == most_open_gaps)
      return lose(overdue_, too_large
                              ? "more than gap_limit (" + std::to_string(options_.gap_limit) + ") messages are missing"
                              : "more than " + std::to_string(most_open_gaps) + " gaps are open");
    open_gaps_.push_back(*hole);
    tell(TP_STREAM_GAP, {}, hole->from, hole->to);
    from = hole->to + 1;
  }
  if (!had_gaps && !open_gaps_.empty() && can_replay() && !adrift_)
    tell(TP_STREAM_SILENT, "messages are missing on all lines; they are asked for again");
}

// Gives up all that is missing below `upto` and goes on from there; books stay stale until their snapshots.
void venue_session::lose(uint64_t upto, const std::string& reason) {
  const uint64_t whole_from = arbiter_.whole_from(std::max(upto, arbiter_.next()));
  tell(TP_STREAM_LOST, reason, arbiter_.next(), std::max(whole_from - 1, arbiter_.next()));
  host_.log(sdk::log_level::warning, "messages " + std::to_string(arbiter_.next()) + " to " +
                                       std::to_string(whole_from - 1) + " are not complete: " + reason);
  phase_ = phase::live;
  arbiter_.set_elastic(false);
  open_gaps_.clear();
  replay_asks_.clear();
  overdue_ = std::max(overdue_, upto);
  lose_books(whole_from);
  protocol_->note_gap();
  sink into{*this};
  arbiter_.skip_to(upto, into);
  after_live();
  if (replay_.is_ready()) plan_replay();
  recover_everything();
}

void venue_session::lose_books(uint64_t held_from) {
  adrift_ = review_recovery_ = true;
  owes_live_ = false;
  protocol_->is_complete = false;
  protocol_->whole_from = held_from;
  desk_.spoil_all();
  for (book& b : symbols_.books()) {
    b.is_lost = true;
    b.held_from = held_from;
    b.tries = 0;
  }
}

void venue_session::restart_if_believed() {
  if (restarts_.is_believed(now_ns_)) restart(restarts_.take());
}

// Numbers begin anew. At the start of a day there are no orders yet; after a failover in the middle of it the books
// are somewhere else, and come by clears in the flow or by snapshots.
void venue_session::restart(std::vector<restart_watch::kept_unit> units) {
  counters_.add(restarts);
  host_.log(sdk::log_level::error, "the numbers began anew: the feed was restarted or has failed over");
  tell(TP_STREAM_RESTARTED, "the venue's numbers began anew");
  const auto first = read_unit(units.front().bytes.data(), units.front().bytes.size(), protocol_->width());
  bool is_day_start = false;
  const uint8_t* message = first->messages;
  for (uint32_t i = 0; i < first->count; ++i, message += message_size(message, protocol_->width()))
    is_day_start |= protocol_->is_day_start(message);
  const bool from_start = first->sequence == 1;
  if (from_start) restarts_.note_first(units.front().bytes.data(), units.front().bytes.size());
  arbiter_.reset(from_start ? 1 : first->sequence);
  open_gaps_.clear();
  replay_asks_.clear();
  replay_.close(now_ns_);
  recovery_.close(now_ns_); // its answers count by the old numbers
  desk_.cut();
  wanted_.clear();
  asked_.clear();
  wild_.reset();
  silent_ = owes_live_ = reorder_armed_ = day_over_ = false;
  armed_high_ = overdue_ = 0;
  for (auto& line : heard_) line.next = 0;
  host_.cancel_timer(reorder_timer);
  protocol_->begin_day(now_ns_);
  phase_ = phase::live;
  lose_books(first->sequence);
  if (from_start && is_day_start) {
    adrift_ = false;
    for (book& b : symbols_.books()) b.is_lost = false;
    go_live();
  } else {
    recover_everything();
  }
  for (const auto& kept : units)
    if (const auto unit = read_unit(kept.bytes.data(), kept.bytes.size(), protocol_->width())) take(kept.line, *unit);
}

void venue_session::on_silence_timer() {
  uint64_t again = options_.silence_ns;
  const uint64_t quiet = now_ns_ > heard_ns_ ? now_ns_ - heard_ns_ : 0;
  if (quiet < options_.silence_ns) {
    again = options_.silence_ns - quiet;
    for (const uint32_t line : {line_set::a, line_set::b}) {
      auto& heard = heard_[line];
      if (!lines_.is_configured(line) || heard.silent || heard.heard_ns + options_.silence_ns > now_ns_) continue;
      heard.silent = true;
      counters_.add(line_silent + line * line_b_offset);
      host_.log(sdk::log_level::warning,
                "line " + std::string{line_set::name(line)} + " is silent while the other one speaks");
    }
  } else if (!silent_ && !day_over_) {
    silent_ = true;
    host_.log(sdk::log_level::error, "ALARM: no unit and no heartbeat on any line");
    if (!adrift_) tell(TP_STREAM_SILENT, "no unit and no heartbeat on any line");
  }
  host_.set_timer(silence_timer, again);
}

} // namespace tickplant::lse
