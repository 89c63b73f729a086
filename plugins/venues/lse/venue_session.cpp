#include "venue_session.hpp"

#include "gtp/normalizer.hpp"
#include "mitch/normalizer.hpp"
#include "venue_session_sink.hpp"

#include <stdexcept>

namespace tickplant::lse {

namespace {

options checked(const sdk::settings& settings, const sdk::venue_host& host) {
  bool faulty = false;
  auto result = read_options(settings, [&](std::string_view key, std::string_view problem) {
    host.complain(key, problem);
    faulty = true;
  });
  if (faulty) throw std::invalid_argument("lse: the settings have faults");
  return result;
}

std::unique_ptr<protocol> make_protocol(const options& opts, sdk::venue_host host, counter_sheet& counters,
                                        event_batch& batch, symbol_map& symbols) {
  if (opts.is_gtp) return std::make_unique<gtp::normalizer>(host, counters, batch, symbols, opts.time_zone);
  return std::make_unique<mitch::normalizer>(host, counters, batch, symbols, opts.time_zone);
}

} // namespace

void venue_session::validate(sdk::settings settings, sdk::venue_host host) {
  read_options(settings, [&](std::string_view key, std::string_view problem) { host.complain(key, problem); });
}

venue_session::venue_session(sdk::settings settings, sdk::venue_host host)
  : host_(host), options_(checked(settings, host)), batch_(host), symbols_(host, options_),
    clock_(host, options_.time_zone), protocol_(make_protocol(options_, host, counters_, batch_, symbols_)),
    lines_(host, options_), arbiter_(options_.hold_messages, protocol_->longest_message(), {protocol_->width()}),
    restarts_(options_.reorder_window_ns),
    replay_(host, counters_, options_.replay,
            {"replay", TP_ROLE_REREQUEST, line_set::first_service, replay_link_timer, replay_logins}, *this),
    recovery_(host, counters_, options_.recovery,
              {"recovery", TP_ROLE_SNAPSHOT, line_set::first_service + 2, recovery_link_timer, recovery_logins}, *this),
    desk_(*protocol_, batch_, counters_, symbols_), group_(options_.group) {
  open_gaps_.reserve(256);
}

int32_t venue_session::start(uint64_t now_ns) {
  set_time(now_ns);
  heard_ns_ = now_ns;
  for (auto& line : heard_) line.heard_ns = now_ns;
  protocol_->begin_day(now_ns);
  if ((replay_.is_configured() || recovery_.is_configured()) && options_.comp_id.empty())
    host_.log(sdk::log_level::warning,
              "comp_id is not set: the venue's replay and recovery services will refuse the login");
  lines_.open_all();
  if (has_lines()) {
    host_.set_timer(silence_timer, options_.silence_ns);
  } else if (has_flow()) {
    replay_.need(now_ns, clock_.date());
  } else {
    phase_ = phase::live;
    adrift_ = true;
    recover_everything();
  }
  return TP_OK;
}

int32_t venue_session::stop(uint64_t now_ns) {
  set_time(now_ns);
  batch_.flush();
  for (const timer each : {reorder_timer, silence_timer, restart_timer, retry_timer, quiet_timer, newborn_timer})
    host_.cancel_timer(each);
  replay_.close(now_ns);
  recovery_.close(now_ns);
  lines_.close_all();
  counters_.flush(host_);
  return TP_OK;
}

// The day of the limits is looked up once in a while only: a minute more or less does not matter.
void venue_session::set_time(uint64_t now_ns) {
  constexpr uint64_t minute = 60'000'000'000;
  if (now_ns / minute != now_ns_ / minute) clock_.set_day(now_ns);
  now_ns_ = now_ns;
}

void venue_session::tell(uint32_t state, std::string_view reason, uint64_t from, uint64_t to, uint32_t instrument) {
  batch_.flush();
  host_.stream(event_batch::channel, instrument, state, reason, from, to);
}

int32_t venue_session::on_units(std::span<const tp_unit> units) {
  for (const auto& unit : units) {
    if (batch_.is_stopping()) break;
    set_time(unit.recv_ns);
    on_datagram(unit);
  }
  end_burst();
  return TP_OK;
}

void venue_session::end_burst() {
  if (adrift_ || symbols_.has_newborn()) settle_recovery();
  batch_.flush();
  protocol_->count_messages();
  counters_.flush(host_);
}

void venue_session::on_datagram(const tp_unit& unit) {
  if (!line_set::is_live(unit.line)) return counters_.add(foreign);
  counters_.add(line_packets + unit.line * line_b_offset);
  const auto read =
    (unit.flags & TP_UNIT_TRUNCATED) ? std::nullopt : read_unit(unit.data, unit.size, protocol_->width());
  if (!read) return counters_.add(malformed);
  if (!protocol_->is_own_group(read->group, group_)) return counters_.add(foreign);
  if (read->sequence == 0) return counters_.add(foreign); // administrative: has no business here
  if (group_ == 0) group_ = read->group;
  if (read->has_trailing) counters_.add(trailing);
  if (read->count == 0) counters_.add(heartbeats);
  const bool is_old =
    phase_ != phase::idle && read->end() <= arbiter_.next() && read->sequence < heard_[unit.line].next;
  if (is_old) [[unlikely]] {
    if (restarts_.offer(*read, unit.data, unit.size, unit.line, heard_[unit.line].next, now_ns_)) {
      host_.set_timer(restart_timer, restarts_.window_ns());
      counters_.add(duplicates, read->count);
      return restart_if_believed();
    }
  }
  if (read->sequence == 1 && read->count > 0 && arbiter_.next() == 1) restarts_.note_first(unit.data, unit.size);
  take(unit.line, *read);
}

void venue_session::note_line(uint32_t line, const feed_unit& unit) {
  auto& heard = heard_[line];
  heard_ns_ = heard.heard_ns = now_ns_;
  heard.silent = false;
  if (silent_) {
    silent_ = false;
    owes_live_ = true;
  }
  if (heard.next != 0 && unit.sequence > heard.next) counters_.add(line_gaps + line * line_b_offset);
  heard.next = std::max(heard.next, unit.end());
}

// One packet with a number far ahead would make everything that really follows a duplicate for good: it is believed
// only when a second packet confirms it.
bool venue_session::is_wild(const feed_unit& unit) {
  if (phase_ == phase::idle || phase_ == phase::starting) return false;
  if (unit.sequence <= arbiter_.high() + options_.gap_limit) {
    if (unit.end() > arbiter_.next()) wild_.reset();
    return false;
  }
  const bool confirmed = wild_ && unit.sequence >= *wild_ && unit.sequence - *wild_ <= options_.gap_limit;
  wild_ = unit.sequence;
  if (!confirmed) {
    counters_.add(wild);
    return true;
  }
  wild_.reset();
  lose(unit.sequence, "more than gap_limit (" + std::to_string(options_.gap_limit) + ") messages are missing");
  return false;
}

void venue_session::take(uint32_t line, const feed_unit& unit) {
  if (is_wild(unit)) return;
  note_line(line, unit);
  if (phase_ == phase::idle) {
    arbiter_.reset(1);
    phase_ = phase::starting;
  }
  if (phase_ == phase::starting) establish(unit);
  offer(line, unit);
  settle();
}

void venue_session::offer(uint32_t line, const feed_unit& unit) {
  arbiter_.hear_of(unit.sequence);
  if (unit.count == 0) return;
  sink into{*this};
  auto result = arbiter_.offer(unit, into);
  if (result.overflow) {
    lose(unit.sequence,
         "more than hold_messages (" + std::to_string(options_.hold_messages) + ") messages wait behind a gap");
    result = arbiter_.offer(unit, into);
  }
  counters_.add(duplicates, result.known);
  counters_.add((result.fresh > 0 ? line_won : line_duplicates) + line * line_b_offset);
  if (result.fresh > 0 && restarts_.is_active()) restarts_.note_progress(now_ns_);
  after_live();
}

// What the messages themselves told of the day and of books that cannot be trusted.
void venue_session::after_live() {
  protocol& p = *protocol_;
  if (!(p.has_day_started | p.has_day_ended | p.is_suspect | !p.suspects.empty())) [[likely]]
    return;
  if (std::exchange(p.has_day_ended, false)) {
    day_over_ = true;
    tell(TP_STREAM_CLOSED, "the venue's day has ended");
  }
  if (std::exchange(p.has_day_started, false)) {
    day_over_ = false;
    review_recovery_ = true;
  }
  if (std::exchange(p.is_suspect, false)) {
    p.suspects.clear();
    lose(arbiter_.next(), "a message that changes a book could not be read");
  }
  for (const uint32_t number : std::exchange(p.suspects, {})) {
    book& b = symbols_.books()[number];
    if (!b.is_wanted || b.is_lost) continue;
    b.is_lost = adrift_ = true;
    b.held_from = arbiter_.next();
    tell(TP_STREAM_LOST, "a message of this instrument could not be read", 0, 0, number);
    want_book(b);
  }
}

int32_t venue_session::on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) {
  set_time(now_ns);
  if (line_set::is_live(line))
    lines_.on_line(line, state, why);
  else if (replay_.owns_line(line))
    replay_.on_line(state, why, now_ns);
  else if (recovery_.owns_line(line))
    recovery_.on_line(state, why, now_ns);
  end_burst();
  return TP_OK;
}

int32_t venue_session::on_timer(uint32_t id, uint64_t now_ns) {
  set_time(now_ns);
  switch (id) {
    case reorder_timer: on_reorder_timer(); break;
    case silence_timer: on_silence_timer(); break;
    case restart_timer: restart_if_believed(); break;
    case retry_timer: plan_recovery(); break;
    case quiet_timer: on_quiet_timer(); break;
    case newborn_timer: on_newborn_timer(); break;
    case replay_link_timer: replay_.on_timer(now_ns); break;
    case recovery_link_timer: recovery_.on_timer(now_ns); break;
    default: lines_.on_timer(id);
  }
  end_burst();
  return TP_OK;
}

} // namespace tickplant::lse
