// Snapshots: what is asked for, in what order and how often, and when the channel is whole again (notes A8 and G5).
#include "venue_session.hpp"

#include <algorithm>

namespace tickplant::lse {

namespace {

constexpr size_t most_wanted = 1 << 17;
constexpr size_t most_single_requests = 64;    // where more books are left over something else is wrong
constexpr size_t most_newborn = 16;            // more at once come with their segment
constexpr uint64_t directory_ns = 200'000'000; // within which directory messages follow each other
constexpr uint64_t quiet_ns = 500'000'000;     // after an order book's end its quotes come at once, or not at all

using scope = snapshot_target::scope;

} // namespace

int32_t venue_session::resynchronise(uint32_t channel, uint32_t number, uint64_t now_ns) {
  set_time(now_ns);
  if (channel != event_batch::channel) return TP_E_ARGUMENT;
  if (number != TP_ALL && (number >= symbols_.books().size() || !symbols_.books()[number].is_wanted))
    return TP_E_ARGUMENT;
  if (phase_ == phase::idle || phase_ == phase::starting) return TP_E_AGAIN;
  if (phase_ == phase::catching_up) return TP_OK; // the history comes anyway
  if (number == TP_ALL && adrift_ && (is_recovery_busy() || !has_lost_books())) return TP_OK;
  const bool was_given_up = number == TP_ALL || symbols_.books()[number].tries >= options_.snapshot_attempts;
  if (was_given_up && given_up_ns_ != 0 && now_ns - given_up_ns_ < options_.recovery.rest_ns) return TP_E_LIMIT;
  if (const int32_t refusal = recovery_.refusal(now_ns, clock_.date()); refusal != TP_OK) return refusal;
  if (number == TP_ALL) {
    lose_books(arbiter_.next());
    tell(TP_STREAM_LOST, "all books are asked for again", arbiter_.next(), arbiter_.next());
    recover_everything();
  } else {
    book& b = symbols_.books()[number];
    desk_.spoil(b);
    b.is_lost = adrift_ = review_recovery_ = true;
    b.held_from = arbiter_.next(); // the host holds what comes from here on
    if (b.tries >= options_.snapshot_attempts) b.tries = 0;
    want_book(b);
    plan_recovery();
  }
  end_burst();
  return TP_OK;
}

// Without any live flow every snapshot is as good as another, and complete at once.
snapshot_desk::flow venue_session::stand() const {
  if (!has_flow()) return {UINT64_MAX, UINT64_MAX, 0};
  return {arbiter_.next(), arbiter_.high() + options_.gap_limit, arbiter_.next()};
}

bool venue_session::has_lost_books() {
  return std::ranges::any_of(symbols_.books(), [](const book& b) { return b.is_lost && b.is_wanted; });
}

bool venue_session::is_broadly_asked() const {
  const auto is_broad = [](const snapshot_ask& ask) { return ask.target.of != scope::instrument; };
  return std::ranges::any_of(wanted_, is_broad) || std::ranges::any_of(asked_, is_broad);
}

void venue_session::recover_everything() {
  if (!recovery_.is_configured()) return;
  wanted_.clear();
  if (protocol_->has_channel_snapshot()) {
    want({scope::directory, 0, {}});
    want({scope::channel, 0, {}});
  } else {
    const auto list = options_.segments.empty() ? symbols_.segments() : std::span<const std::string>{options_.segments};
    for (const auto& segment : list) want({scope::segment, 0, segment});
    if (list.empty())
      host_.log(sdk::log_level::warning,
                "no segment is known to ask snapshots for: set segments, or wait for directory messages");
  }
  // Before the first name is known a moment is left for directory messages. Without anything to ask the service is
  // called all the same, once: it may have something to say.
  if (symbols_.size() == 0 && has_flow()) {
    for (auto& ask : wanted_) ask.due_ns = now_ns_ + directory_ns;
    if (wanted_.empty()) host_.set_timer(newborn_timer, options_.recovery.answer_timeout_ns);
  } else if (wanted_.empty()) {
    recovery_.need(now_ns_, clock_.date());
  }
  plan_recovery();
}

void venue_session::want(snapshot_target target, uint32_t tries, uint64_t after_ns) {
  if (wanted_.size() >= most_wanted) return;
  if (std::ranges::any_of(wanted_, [&](const snapshot_ask& ask) { return ask.target == target; })) return;
  snapshot_ask ask;
  ask.target = std::move(target);
  ask.tries = tries;
  ask.due_ns = after_ns == 0 ? 0 : now_ns_ + after_ns;
  wanted_.push_back(std::move(ask));
}

void venue_session::want_book(const book& b) {
  want({scope::instrument, symbols_.instrument_of(b).id, {}}, b.tries, b.tries == 0 ? 0 : options_.snapshot_retry_ns);
}

void venue_session::plan_recovery() {
  if (phase_ == phase::idle) return;
  const auto due = [&](const snapshot_ask& ask) { return ask.due_ns <= now_ns_; };
  if (!std::ranges::any_of(wanted_, due)) {
    uint64_t first = UINT64_MAX;
    for (const auto& ask : wanted_) first = std::min(first, ask.due_ns);
    if (!wanted_.empty()) host_.set_timer(retry_timer, first - now_ns_);
    if (asked_.empty() && recovery_.is_ready()) recovery_.rest_of_requests(now_ns_);
    return;
  }
  if (!recovery_.is_ready()) {
    recovery_.need(now_ns_, clock_.date());
    // What a service that rests, or is used up for the day, was to be asked is kept.
    if (recovery_.refusal(now_ns_, clock_.date()) != TP_OK) host_.set_timer(retry_timer, options_.recovery.rest_ns);
    return;
  }
  while (asked_.size() < protocol_->snapshots_at_once()) {
    const auto next = std::ranges::find_if(wanted_, due);
    if (next == wanted_.end()) break;
    snapshot_ask ask = std::move(*next);
    wanted_.erase(next);
    ask.request = next_request_++;
    ask.includes.reset();
    asked_.push_back(ask);
    if (!recovery_.send_request(protocol_->snapshot_request(ask.target, options_, ask.request), now_ns_)) return;
  }
}

void venue_session::on_recovery_message(const admin_message& m) {
  desk_.set_flow(stand(), now_ns_);
  review_recovery_ = true;
  recovery_.note_progress(now_ns_);
  // GTP names the request; in MITCH there is but one at a time.
  const auto named = std::ranges::find(asked_, m.request, &snapshot_ask::request);
  const auto which = static_cast<size_t>((named == asked_.end() ? asked_.begin() : named) - asked_.begin());
  const bool is_known = which < asked_.size();
  if (m.what == admin_message::kind::snapshot_response) {
    if (m.status != 'A') {
      counters_.add(recovery_refused);
      if (is_known) refuse_ask(which, m.status);
    } else if (is_known) {
      asked_[which].includes = m.includes;
    }
    stray_includes_ = m.includes;
    return;
  }
  if (m.what != admin_message::kind::complete) return counters_.add(foreign);
  if (m.names_book) {
    desk_.complete(m.instrument, m.book, *m.includes);
    if (is_known && asked_[which].target == snapshot_target{scope::instrument, m.instrument, {}}) {
      const auto* of = symbols_.find(m.instrument);
      const bool is_whole =
        of == nullptr || std::ranges::none_of(of->numbers, [&](uint32_t number) {
          if (number == instrument::undefined) return false;
          const book& b = symbols_.books()[number];
          return b.is_wanted && b.is_lost && (b.stage == book::picture::none || b.stage == book::picture::open);
        });
      if (is_whole || m.book != book_kind::orders)
        finish_ask(which);
      else
        host_.set_timer(quiet_timer, quiet_ns);
    }
    return;
  }
  if (!m.segment.empty()) {
    desk_.finish_instrument();
    const auto of_segment = std::ranges::find_if(asked_, [&](const snapshot_ask& ask) {
      return ask.target.of == scope::segment && ask.target.segment == m.segment;
    });
    if (of_segment != asked_.end()) finish_ask(static_cast<size_t>(of_segment - asked_.begin()));
    return;
  }
  // GTP: one after each book, and one at the end of all.
  const auto includes = is_known ? asked_[which].includes : stray_includes_;
  if (includes && desk_.complete_current(*includes, m.trading_status)) return;
  desk_.finish_instrument();
  if (is_known) finish_ask(which);
}

// An answer is whole. What of it did not bring a book that it should have is asked for by itself.
void venue_session::finish_ask(size_t which) {
  const snapshot_ask ask = std::move(asked_[which]);
  asked_.erase(asked_.begin() + static_cast<std::ptrdiff_t>(which));
  recovery_.note_success();
  host_.cancel_timer(quiet_timer);
  review_recovery_ = true;
  if (ask.target.of == scope::segment || ask.target.of == scope::channel) {
    std::vector<uint32_t> left;
    for (book& b : symbols_.books()) {
      const bool is_of_it = ask.target.of == scope::channel || symbols_.instrument_of(b).segment == ask.target.segment;
      if (is_of_it && b.is_wanted && b.is_lost && b.stage == book::picture::none && b.kind == book_kind::orders &&
          b.tries < options_.snapshot_attempts)
        left.push_back(symbols_.number_of(b));
    }
    if (left.size() <= most_single_requests)
      for (const uint32_t number : left) {
        auto& tries = symbols_.books()[number].tries;
        tries = std::max(tries, 1u);
        want_book(symbols_.books()[number]);
      }
    else
      host_.log(sdk::log_level::error,
                std::to_string(left.size()) + " books were not in the snapshot of their segment");
  }
  plan_recovery();
}

void venue_session::refuse_ask(size_t which, char status) {
  const snapshot_ask ask = asked_[which];
  const std::string why = std::string{"a snapshot was refused with status '"} + status + '\'';
  asked_.erase(asked_.begin() + static_cast<std::ptrdiff_t>(which));
  if (status == 'b') return recovery_.block(now_ns_, why);
  if (status == 'c' || status == 'U') { // another time
    wanted_.push_back(ask);
    wanted_.back().due_ns = now_ns_ + options_.snapshot_retry_ns;
    if (++wanted_.back().tries >= options_.snapshot_attempts) {
      wanted_.pop_back();
      return recovery_.fail(now_ns_, why);
    }
    return plan_recovery();
  }
  host_.log(sdk::log_level::error, why + (ask.target.segment.empty() ? "" : ", segment " + ask.target.segment));
  if (ask.target.of == scope::instrument)
    if (auto* of = symbols_.find(ask.target.instrument))
      for (const uint32_t number : of->numbers)
        if (number != instrument::undefined && symbols_.books()[number].is_lost) give_up(symbols_.books()[number], why);
  recovery_.note_success();
  plan_recovery();
}

// Nothing more came of an instrument whose order book is whole.
void venue_session::on_quiet_timer() {
  desk_.set_flow(stand(), now_ns_);
  desk_.finish_instrument();
  if (!asked_.empty() && asked_.front().target.of == scope::instrument) finish_ask(0);
}

void venue_session::give_up(book& b, std::string_view reason) {
  given_up_ns_ = now_ns_;
  b.stage = book::picture::none;
  b.tries = options_.snapshot_attempts;
  if (b.is_wanted) tell(TP_STREAM_LOST, reason, 0, 0, symbols_.number_of(b));
}

// Books that came into being without a beginning; or, after a loss with no segment known, nothing at all.
void venue_session::on_newborn_timer() {
  newborn_armed_ = false;
  if (!recovery_.is_configured() || phase_ == phase::catching_up) return;
  const auto newborn = symbols_.take_newborn();
  for (const uint32_t number : newborn) {
    const book& b = symbols_.books()[number];
    if (!b.is_lost) continue;
    adrift_ = review_recovery_ = true;
    const snapshot_target segment{scope::segment, 0, symbols_.instrument_of(b).segment};
    const bool by_segment = !protocol_->has_channel_snapshot() && options_.segments.empty() && !segment.segment.empty();
    if (by_segment && (is_broadly_asked() || newborn.size() > most_newborn))
      want(segment);
    else if (!is_broadly_asked())
      want_book(b);
  }
  if (wanted_.empty() && asked_.empty() && symbols_.size() == 0) recovery_.need(now_ns_, clock_.date());
  plan_recovery();
}

// Once a burst: ends that the flow has reached, snapshots that were no good, books that began without one.
void venue_session::settle_recovery() {
  desk_.set_flow(stand(), now_ns_);
  review_recovery_ |= desk_.settle();
  if (phase_ == phase::catching_up) return;
  for (const uint32_t number : desk_.take_failed()) {
    book& b = symbols_.books()[number];
    if (b.tries >= options_.snapshot_attempts)
      give_up(b, "its snapshots were older than the messages held for it");
    else
      want_book(b);
    review_recovery_ = true;
  }
  // Directory messages come in numbers: what they bring is asked for together.
  if (symbols_.has_newborn() && !newborn_armed_) {
    newborn_armed_ = true;
    host_.set_timer(newborn_timer, directory_ns);
  }
  if (!review_recovery_) return;
  review_recovery_ = false;
  plan_recovery();
  if (!adrift_ || is_recovery_busy() || has_lost_books() || symbols_.size() == 0) return;
  adrift_ = false;
  if (open_gaps_.empty()) tell(TP_STREAM_LIVE);
}

} // namespace tickplant::lse
