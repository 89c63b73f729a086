// Holes and what becomes of them: filled by the other line, by a request, or given up (specification notes,
// section 3.3).
#include "venue_session_sink.hpp"

namespace tickplant::nasdaq {

namespace {

constexpr size_t most_open_gaps = 256;

} // namespace

// The first packets of a session tell whether we have it from its first message.
void venue_session::establish(uint32_t line, const mold_packet& packet) {
  if (packet.sequence <= 1) {
    const bool is_behind = line == line_set::soup && arbiter_.high() > 1; // the Mold lines are further
    return is_behind ? late_start() : go_live();
  }
  arbiter_.hear_of(packet.sequence);
  if (lines_.servers() == 0 && !soup_.is_configured() && !glimpse_.is_configured())
    return lose(packet.sequence,
                "joined in the middle of the session, and nothing is configured that has its beginning; "
                "set lines.rerequest, lines.soup or lines.glimpse, or wait for the next session");
  // The hold buffer begins at message 1 here, so what lies beyond it cannot wait for the other line.
  if (packet.end() > options_.hold_messages) late_start();
}

void venue_session::go_live() {
  phase_ = phase::live;
  tell(TP_STREAM_LIVE, {}, 1);
}

// Where the session's beginning comes from: the Soup connection, if it is at it; the re-request servers, if it is not
// too much; else a picture takes its place.
void venue_session::late_start() {
  const uint64_t missing = arbiter_.high() - 1;
  const bool few = missing <= options_.late_start_limit;
  if (soup_flows() && (few || !glimpse_.is_configured()))
    return catch_up("joined late: the Soup connection brings the history");
  if (few && lines_.servers() > 0)
    return catch_up("joined late: asking for " + std::to_string(missing) + " messages of history");
  if (glimpse_.is_configured()) {
    tell(TP_STREAM_LOST,
         "joined at message " + std::to_string(arbiter_.lowest_held()) +
           ": a GLIMPSE picture takes the place of the past",
         1, missing);
    join();
    request_picture(recovery_targets::everything);
    return;
  }
  if (soup_may_fill()) return catch_up("joined late: the Soup connection will bring the history");
  lose(arbiter_.high(), few
                          ? "joined at message " + std::to_string(arbiter_.high()) + ", and nobody has what was before"
                          : "joined at message " + std::to_string(arbiter_.high()) + ", beyond late_start_limit (" +
                              std::to_string(options_.late_start_limit) +
                              "); raise the limit, set lines.glimpse, or wait for the next session");
}

void venue_session::catch_up(const std::string& how) {
  normalizer_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT_HISTORY, 0, TP_ALL, 0);
  phase_ = phase::catching_up;
  arbiter_.set_elastic(true);
  host_.log(sdk::log_level::info, how);
}

// Without a directory the books of the messages that come are not known: they wait until the picture has named them.
void venue_session::join() {
  phase_ = phase::joining;
  adrift_ = true;
  arbiter_.set_elastic(true);
  arbiter_.pause();
  sink into{*this};
  arbiter_.skip_to(arbiter_.lowest_held(), into);
  whole_from_ = arbiter_.next();
  overdue_ = std::max(overdue_, whole_from_);
}

void venue_session::end_joining() {
  phase_ = phase::live;
  arbiter_.set_elastic(false);
  sink into{*this};
  arbiter_.go_on(into);
  settle();
}

void venue_session::caught_up() {
  normalizer_.mark(TP_EV_SNAPSHOT_END, 0, TP_END | TP_SNAPSHOT, TP_ALL, arbiter_.next() - 1);
  phase_ = phase::live;
  arbiter_.set_elastic(false);
  requests_.clear();
  owes_live_ = true;
  whole_from_ = 1;
  retold_below_ = 0;
  if (!adrift_) return;
  adrift_ = false; // everything was told again
  jumped_from_.reset();
}

// After every change: declares what is filled, asks for what is missing, closes what is done.
void venue_session::settle() {
  if (arbiter_.complete() && phase_ == phase::live && open_gaps_.empty() && !owes_live_ && end_ == 0) [[likely]]
    return;
  if (phase_ == phase::catching_up) {
    if (arbiter_.complete())
      caught_up();
    else if (arbiter_.high() - 1 > options_.late_start_limit && !soup_.is_configured())
      lose(arbiter_.high(), "the session outgrew late_start_limit (" + std::to_string(options_.late_start_limit) +
                              ") while its history was asked for");
    else
      plan_requests();
  }
  size_t filled = 0;
  while (filled < open_gaps_.size() && open_gaps_[filled].to < arbiter_.next()) ++filled;
  if (filled > 0) {
    open_gaps_.erase(open_gaps_.begin(), open_gaps_.begin() + static_cast<std::ptrdiff_t>(filled));
    counters_.add(gaps_filled, filled);
    if (open_gaps_.empty()) owes_live_ = true;
  }
  if (!open_gaps_.empty() && phase_ == phase::live) plan_requests();
  if (!arbiter_.complete() && !reorder_armed_ && (phase_ == phase::starting || phase_ == phase::live) &&
      overdue_ < arbiter_.high()) {
    armed_high_ = arbiter_.high();
    reorder_armed_ = true;
    host_.set_timer(reorder_timer, options_.reorder_window_ns);
  }
  if (owes_live_ && phase_ == phase::live && arbiter_.complete()) {
    owes_live_ = false;
    if (!adrift_) tell(TP_STREAM_LIVE);
  }
  close_if_done();
}

void venue_session::on_reorder_timer() {
  reorder_armed_ = false;
  if (phase_ == phase::starting)
    late_start();
  else if (phase_ == phase::live)
    declare_gaps(armed_high_);
  settle();
}

// What is missing below `below` is missing on every line.
void venue_session::declare_gaps(uint64_t below) {
  uint64_t from = std::max(overdue_, arbiter_.next());
  overdue_ = std::max(overdue_, below);
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
}

// An answer tells that its numbers were missing on every line, even where somebody else asked (in a capture) and the
// other line's time is not yet over.
void venue_session::declare_answered(const mold_packet& packet) {
  if (phase_ != phase::live || arbiter_.complete() || packet.end() <= arbiter_.next()) return;
  const uint64_t from = std::max({overdue_, arbiter_.next(), packet.sequence});
  const auto touched = arbiter_.first_missing(from, packet.end(), options_.gap_limit + 1);
  if (!touched) return;
  const auto whole = arbiter_.first_missing(touched->from, arbiter_.high(), options_.gap_limit + 1);
  declare_gaps(whole->to + 1);
}

void venue_session::plan_requests() {
  const bool history = phase_ == phase::catching_up;
  if (!history && (phase_ != phase::live || open_gaps_.empty())) return;
  if (history && soup_flows()) return;
  const uint64_t below = history ? arbiter_.high() : overdue_;
  const uint64_t longest = options_.rerequest.messages;
  const bool is_too_much = history && arbiter_.high() - 1 > options_.late_start_limit;
  const auto outcome =
    is_too_much
      ? requester::state::exhausted
      : requests_.plan(
          now_ns_, [&](uint64_t from) { return arbiter_.first_missing(from, below, longest); },
          [this](uint32_t server, uint64_t from, uint16_t count) { return send_request(server, from, count); });
  if (outcome == requester::state::exhausted) {
    if (soup_may_fill()) return;
    lose(below, lines_.servers() == 0 || is_too_much
                  ? "messages are missing on all lines, and no re-request server has them"
                  : "the re-request servers did not answer " + std::to_string(options_.rerequest.attempts) + " times");
    settle();
    return;
  }
  arm(request_timer, requests_);
}

// Gives up all that is missing below `upto` and goes on from there; books stay stale until a replay of everything.
void venue_session::lose(uint64_t upto, const std::string& reason) {
  // A picture of everything on its way is still good if it is of behind this loss; one of some books is void.
  if (picture_.is_active() && !picture_.covers_everything())
    fail_picture("messages were lost meanwhile", glimpse_failed);
  if (!picture_.is_active()) tell(TP_STREAM_LOST, reason, arbiter_.next(), upto - 1);
  host_.log(sdk::log_level::warning, "messages " + std::to_string(arbiter_.next()) + " to " + std::to_string(upto - 1) +
                                       " are not complete: " + reason);
  if (upto > arbiter_.next() + options_.gap_limit) jumped_from_ = arbiter_.next();
  adrift_ = true;
  phase_ = phase::live;
  arbiter_.set_elastic(false);
  requests_.clear();
  host_.cancel_timer(request_timer);
  open_gaps_.clear();
  overdue_ = std::max(overdue_, upto);
  retold_below_ = patience_ns_ = 0;
  // What is held below `upto` follows a hole, but for the part that reaches up to it.
  const uint64_t whole = arbiter_.whole_from(upto);
  const bool must_join = glimpse_.is_configured() && !normalizer_.knows_directory();
  if (must_join) arbiter_.pause();
  sink into{*this};
  arbiter_.skip_to(must_join ? whole : upto, into);
  whole_from_ = std::max(whole_from_, whole);
  if (!glimpse_.is_configured()) return;
  if (must_join) join();
  request_picture(recovery_targets::everything);
}

void venue_session::close_if_done() {
  if (end_ == 0 || phase_ != phase::live || arbiter_.next() < end_ || !arbiter_.complete() || replay_.is_active() ||
      picture_.is_pending())
    return;
  phase_ = phase::closed;
  tell(TP_STREAM_CLOSED, "end of session");
}

void venue_session::on_silence_timer() {
  uint64_t again = options_.silence_ns;
  if (phase_ != phase::closed) {
    const uint64_t quiet = now_ns_ > heard_ns_ ? now_ns_ - heard_ns_ : 0;
    if (quiet < options_.silence_ns) {
      again = options_.silence_ns - quiet;
      for (const uint32_t line : {line_set::a, line_set::b}) {
        auto& heard = heard_[line];
        if (!lines_.is_configured(line) || heard.silent || heard.heard_ns + options_.silence_ns > now_ns_) continue;
        heard.silent = true;
        counters_.add(line_silent + line * line_block);
        host_.log(sdk::log_level::warning,
                  "line " + std::string{line_set::name(line)} + " is silent while the other one speaks");
      }
    } else if (!silent_) {
      silent_ = true;
      if (!adrift_)
        tell(TP_STREAM_SILENT, "no packet on any line");
      else
        host_.log(sdk::log_level::warning, "no packet on any line");
    }
  }
  host_.set_timer(silence_timer, again);
}

} // namespace tickplant::nasdaq
