// The TCP services: units out of their streams, administrative messages by content rather than by what was asked last,
// and the replay of gaps (notes A7).
#include "venue_session_sink.hpp"

namespace tickplant::lse {

namespace {

constexpr size_t most_replay_asks = 10; // queued at the server (notes G5)

} // namespace

int64_t venue_session::on_stream(const tp_unit& unit) {
  set_time(unit.recv_ns);
  service_link* link = replay_.owns_line(unit.line) ? &replay_ : recovery_.owns_line(unit.line) ? &recovery_ : nullptr;
  if (link == nullptr) return unit.size; // of a session that we have given up
  size_t at = 0;
  while (unit.size - at >= unit_header_size && !batch_.is_stopping()) {
    const size_t length = sdk::le16(unit.data + at);
    if (length > unit.size - at && length >= unit_header_size) break; // the rest of it is to come
    const auto read = read_unit(unit.data + at, unit.size - at, protocol_->width());
    if (!read) {
      counters_.add(malformed);
      link->fail(now_ns_, "its bytes cannot be cut into units");
      at = unit.size;
      break;
    }
    at += length;
    if (!on_service_unit(*link, *read)) {
      at = unit.size; // the session ended with this unit
      break;
    }
  }
  end_burst();
  return static_cast<int64_t>(at);
}

/// False if the link's session ended by it.
bool venue_session::on_service_unit(service_link& link, const feed_unit& unit) {
  const bool is_replay = &link == &replay_;
  if (unit.sequence != 0) {
    if (is_replay && !has_lines()) {
      if (group_ == 0) group_ = unit.group;
      take(line_set::a, unit);
      return true;
    }
    if (!is_replay || phase_ == phase::idle || !protocol_->is_own_group(unit.group, group_)) {
      counters_.add(foreign);
      return true;
    }
    sink into{*this};
    const auto result = arbiter_.offer(unit, into, arbiter::origin::replay);
    counters_.add(replay_messages, result.fresh);
    counters_.add(duplicates, result.known);
    if (result.fresh > 0) link.note_progress(now_ns_);
    after_live();
    settle();
    return true;
  }
  const uint8_t* message = unit.messages;
  for (uint32_t i = 0; i < unit.count; ++i, message += message_size(message, protocol_->width())) {
    const auto admin = protocol_->read_admin(message);
    if (!admin) {
      if (is_replay)
        counters_.add(foreign);
      else {
        desk_.set_flow(stand(), now_ns_);
        desk_.take(message);
        link.note_progress(now_ns_);
      }
      continue;
    }
    if (admin->what == admin_message::kind::login_response)
      link.on_login_response(admin->status, now_ns_);
    else if (is_replay)
      on_replay_message(*admin);
    else
      on_recovery_message(*admin);
    if (!link.is_open()) return false;
  }
  return true;
}

void venue_session::ready(service_link& link) {
  if (&link == &replay_)
    plan_replay();
  else
    plan_recovery();
}

void venue_session::down(service_link& link, bool is_stopped) {
  if (&link == &replay_) {
    replay_asks_.clear();
    if (needs_replay()) plan_replay();
    return;
  }
  desk_.cut();
  wanted_.insert(wanted_.begin(), std::make_move_iterator(asked_.begin()), std::make_move_iterator(asked_.end()));
  asked_.clear();
  review_recovery_ = true;
  if (is_stopped && (!wanted_.empty() || adrift_))
    host_.log(sdk::log_level::error, "books stay stale until the recovery service can be asked again");
  plan_recovery();
}

bool venue_session::needs_replay() const {
  return phase_ == phase::catching_up || (phase_ == phase::live && !open_gaps_.empty());
}

// Asks for what is missing and not asked for yet. A service that cannot be asked ends the hope for it.
void venue_session::plan_replay() {
  if (!needs_replay()) {
    replay_asks_.clear();
    return replay_.rest_of_requests(now_ns_);
  }
  const bool is_history = phase_ == phase::catching_up;
  const uint64_t below = is_history ? arbiter_.high() : overdue_;
  if (!replay_.is_ready()) {
    replay_.need(now_ns_, clock_.date());
    if (needs_replay() && !can_replay())
      lose(below, replay_.is_configured()
                    ? "the replay service cannot be asked"
                    : "messages are missing on all lines, and no replay service is configured (lines.replay)");
    return;
  }
  while (!replay_asks_.empty()) {
    const auto& front = replay_asks_.front();
    if (arbiter_.first_missing(front.from, front.to + 1, 1)) break;
    replay_asks_.pop_front();
    replay_.note_success();
  }
  uint64_t from = 0;
  for (const auto& ask : replay_asks_) from = std::max(from, ask.to + 1);
  while (replay_asks_.size() < most_replay_asks) {
    const auto hole = arbiter_.first_missing(from, below, options_.replay_messages);
    if (!hole) break;
    const auto count = static_cast<uint32_t>(hole->to - hole->from + 1);
    replay_asks_.push_back({hole->from, hole->to, false});
    if (!replay_.send_request(protocol_->replay_request(group_, hole->from, count, next_request_++), now_ns_)) return;
    from = hole->to + 1;
  }
}

// Requests run one after the other, so an answer is that of the first without one.
void venue_session::on_replay_message(const admin_message& m) {
  if (m.what == admin_message::kind::replay_response) {
    const auto ask = std::ranges::find(replay_asks_, false, &replay_ask::is_accepted);
    if (m.status == 'A') {
      if (ask != replay_asks_.end()) ask->is_accepted = true;
      return replay_.note_progress(now_ns_);
    }
    counters_.add(replay_refused);
    if (ask == replay_asks_.end()) return; // nobody waits for it
    const uint64_t below = phase_ == phase::catching_up ? arbiter_.high() : overdue_;
    const std::string why = std::string{"the replay was refused with status '"} + m.status + '\'';
    if (m.status == 'c') return replay_.fail(now_ns_, why); // too many at once: another time
    if (needs_replay()) lose(below, why);
    if (m.status == 'D') replay_.block(now_ns_, why);
    return;
  }
  if (m.what != admin_message::kind::complete) return counters_.add(foreign);
  // GTP says when an answer is over: what has not come by then does not come.
  plan_replay();
  if (!replay_asks_.empty() && replay_asks_.front().is_accepted && needs_replay())
    lose(overdue_, "the replay ended without all that was asked for");
}

} // namespace tickplant::lse
