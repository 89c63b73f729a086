#include "venue_session.hpp"

#include "venue_session_sink.hpp"

#include <stdexcept>

namespace tickplant::nasdaq {

static_assert(held_bytes >= longest_message);

namespace {

constexpr size_t most_old_sessions = 8;

options checked(const sdk::settings& settings, const sdk::venue_host& host) {
  bool faulty = false;
  auto result = read_options(settings, [&](std::string_view key, std::string_view problem) {
    host.complain(key, problem);
    faulty = true;
  });
  if (faulty) throw std::invalid_argument("nasdaq: the settings have faults");
  return result;
}

} // namespace

void venue_session::validate(sdk::settings settings, sdk::venue_host host) {
  read_options(settings, [&](std::string_view key, std::string_view problem) { host.complain(key, problem); });
}

venue_session::venue_session(sdk::settings settings, sdk::venue_host host)
  : host_(host), options_(checked(settings, host)), normalizer_(host, counters_, options_.time_zone, options_.market),
    lines_(host, options_), arbiter_(options_.hold_messages, held_bytes), requests_(options_.rerequest),
    replay_requests_(options_.rerequest), replay_(options_.hold_messages),
    soup_(host, options_.soup, line_set::soup, line_set::soup_timer, "soup", TP_ROLE_LIVE,
          [this] { return soup_wish(); }),
    glimpse_(host, options_.glimpse, line_set::glimpse, line_set::glimpse_timer, "glimpse", TP_ROLE_SNAPSHOT, [] {
      return soup_line::wish{{}, 1};
    }) { // section 5: any other start gives a broken picture
  open_gaps_.reserve(256);
  old_sessions_.reserve(most_old_sessions);
  candidate_.reserve(65'536);
  if (soup_.is_configured()) soup_run_.reserve(2 * longest_soup_packet);
}

int32_t venue_session::start(uint64_t now_ns) {
  now_ns_ = heard_ns_ = now_ns;
  for (auto& line : heard_) line.heard_ns = now_ns;
  lines_.open_all();
  soup_.want(now_ns);
  if (options_.is_live())
    host_.set_timer(silence_timer, options_.silence_ns);
  else if (options_.file.empty())
    request_picture(recovery_targets::everything); // GLIMPSE alone
  return TP_OK;
}

int32_t venue_session::stop(uint64_t now_ns) {
  now_ns_ = now_ns;
  end_burst();
  for (const timer each : {reorder_timer, request_timer, replay_timer, silence_timer, proof_timer})
    host_.cancel_timer(each);
  soup_.release(now_ns);
  glimpse_.release(now_ns);
  lines_.close_all();
  return TP_OK;
}

void venue_session::tell(uint32_t state, std::string_view reason, uint64_t from, uint64_t to, uint32_t instrument) {
  normalizer_.flush();
  host_.stream(normalizer::channel, instrument, state, reason, from, to);
}

int32_t venue_session::on_units(std::span<const tp_unit> units) {
  if (units.size() != 1 || !takes_record(units.front()) || !normalizer_.take_record(file_next_, units.front()))
    return take_units(units);
  ++file_next_;
  now_ns_ = units.front().recv_ns;
  return TP_OK;
}

int32_t venue_session::take_units(std::span<const tp_unit> units) {
  for (size_t i = 0; i < units.size() && !normalizer_.is_stopping();) {
    const auto& unit = units[i];
    now_ns_ = unit.recv_ns;
    normalizer_.set_time(now_ns_);
    if (unit.line == line_set::file) {
      i += on_records(units.subspan(i));
    } else {
      on_datagram(unit);
      ++i;
    }
  }
  end_burst();
  return TP_OK;
}

void venue_session::do_chores() {
  if (replay_.is_active()) advance_replay();
  if (picture_.is_read()) advance_picture();
  if (normalizer_.has_damaged()) heal_damage();
}

void venue_session::end_burst() {
  if (has_chores()) [[unlikely]]
    do_chores();
  normalizer_.flush();
  normalizer_.count_messages();
  counters_.flush(host_);
  is_plain_ = file_next_ != 0 && phase_ == phase::live && !options_.zero_lengths && !has_chores();
}

void venue_session::on_datagram(const tp_unit& unit) {
  const bool answer = lines_.is_server(unit.line);
  if (!answer && !line_set::is_live(unit.line)) return counters_.add(foreign);
  if (!answer) counters_.add(line_packets + unit.line * line_block); // numbered as sources are
  const auto packet = (unit.flags & TP_UNIT_TRUNCATED) ? std::nullopt : read_mold(unit.data, unit.size);
  if (!packet) return counters_.add(malformed);
  if (packet->session.is_blank() && packet->sequence == 0 && phase_ == phase::idle && !answer)
    return take_unsequenced(*packet);
  if (!is_own_session(*packet, unit, answer)) return;
  if (packet->sequence == 0) return counters_.add(malformed); // numbering begins at 1
  take(unit.line, *packet);
}

// Captures with blanked headers: worth decoding, not to be sequenced (specification notes 12, point 9).
void venue_session::take_unsequenced(const mold_packet& packet) {
  counters_.add(packet.count == 0 ? heartbeats : unsequenced, std::max(packet.count, 1u));
  auto context = normalizer_.live();
  context.complete = false;
  normalizer_.set_day(now_ns_);
  const uint8_t* block = packet.blocks;
  for (uint32_t i = 0; i < packet.count; ++i, block = next_block(block))
    normalizer_.message(0, block + 2, sdk::be16(block), context);
}

// Section 2.4. A single stray packet must not void a running session: another session is adopted at once only after the
// end of the old one, else when two of its packets come with none of ours between them.
bool venue_session::is_own_session(const mold_packet& packet, const tp_unit& unit, bool answer) {
  if (phase_ != phase::idle && packet.session == session_) {
    if (has_candidate_ && !answer) {
      has_candidate_ = false;
      counters_.add(foreign);
    }
    return true;
  }
  const bool old = std::find(old_sessions_.begin(), old_sessions_.end(), packet.session) != old_sessions_.end();
  if (answer || old || !packet.session.is_printable() || packet.sequence == 0) {
    counters_.add(foreign);
    return false;
  }
  if (phase_ == phase::idle || phase_ == phase::closed) {
    if (soup_next_ != 0) forget_soup("the session changed");
    adopt(packet.session);
    return true;
  }
  const auto first = has_candidate_ ? read_mold(candidate_.data(), candidate_.size()) : std::nullopt;
  if (first && first->session == packet.session) {
    const auto name = packet.session.text();
    host_.log(sdk::log_level::error, "the session changed to '" + std::string{name.data(), name.size()} +
                                       "' before the end of the old one: books are cleared");
    has_candidate_ = false;
    if (soup_next_ != 0) forget_soup("the session changed");
    adopt(packet.session);
    take(candidate_line_, *first);
    return true;
  }
  if (has_candidate_) counters_.add(foreign);
  candidate_.assign(unit.data, unit.data + unit.size);
  candidate_line_ = unit.line;
  has_candidate_ = true;
  return false;
}

void venue_session::adopt(const mold_session& session) {
  if (phase_ != phase::idle) {
    if (old_sessions_.size() == most_old_sessions) old_sessions_.erase(old_sessions_.begin());
    old_sessions_.push_back(session_);
    tell(TP_STREAM_RESTARTED, "a new session began");
    normalizer_.mark(TP_EV_CLEAR, 0, TP_END, TP_ALL, 0);
  }
  normalizer_.begin_session(now_ns_);
  session_ = session;
  phase_ = phase::starting;
  arbiter_.reset(1);
  requests_.clear();
  replay_requests_.clear();
  replay_.abandon();
  abandon_picture();
  open_gaps_.clear();
  wild_.reset();
  jumped_from_.reset();
  adrift_ = silent_ = owes_live_ = reorder_armed_ = false;
  end_ = armed_high_ = overdue_ = retold_below_ = patience_ns_ = 0;
  whole_from_ = 1;
  for (auto& line : heard_) line.next = 0;
  for (const timer each : {reorder_timer, request_timer, replay_timer}) host_.cancel_timer(each);
}

void venue_session::note_line(uint32_t line, const mold_packet& packet) {
  const auto source = line_set::source_of(line);
  if (!source) return;
  auto& heard = heard_[*source];
  heard_ns_ = heard.heard_ns = now_ns_;
  heard.silent = false;
  if (silent_) {
    silent_ = false;
    owes_live_ = true;
  }
  if (heard.next != 0 && packet.sequence > heard.next) counters_.add(line_gaps + *source * line_block);
  heard.next = std::max(heard.next, packet.end());
}

// One packet with a number far ahead would make everything that really follows a duplicate for good: it is believed
// only when a second packet confirms it.
bool venue_session::is_wild(const mold_packet& packet) {
  if (phase_ == phase::starting) return false;
  if (packet.sequence <= arbiter_.high() + options_.gap_limit) {
    if (packet.end() > arbiter_.next()) wild_.reset();
    if (jumped_from_) [[unlikely]]
      review_jump(packet);
    return false;
  }
  if (adrift_ && phase_ == phase::live) { // nothing complete is at stake: believed until the next packet
    jumped_from_ = arbiter_.next();
    lose(packet.sequence, "the numbers jumped ahead");
    return false;
  }
  const bool confirmed = wild_ && packet.sequence >= *wild_ && packet.sequence - *wild_ <= options_.gap_limit;
  wild_ = packet.sequence;
  if (!confirmed) {
    counters_.add(wild);
    return true;
  }
  wild_.reset();
  if (phase_ == phase::live || phase_ == phase::closed)
    lose(packet.sequence, "more than gap_limit (" + std::to_string(options_.gap_limit) + ") messages are missing");
  return false;
}

// A jump that was believed at once is taken back when the numbers go on where they were before.
void venue_session::review_jump(const mold_packet& packet) {
  const bool confirmed = packet.sequence + options_.gap_limit >= arbiter_.next();
  if (!confirmed && packet.end() <= *jumped_from_) return; // an old packet of the slower line
  jumped_from_.reset();
  if (confirmed) return;
  host_.log(sdk::log_level::warning, "a jump of the numbers was a single stray packet: going on where they were");
  arbiter_.reset(packet.sequence);
  overdue_ = whole_from_ = packet.sequence;
}

void venue_session::take(uint32_t line, const mold_packet& packet) {
  const bool answer = lines_.is_server(line);
  if (answer) counters_.add(rerequest_answers);
  if (packet.count == 0 && !packet.end_of_session) counters_.add(heartbeats);
  if (line != line_set::soup && is_wild(packet)) return; // TCP has no stray packets
  note_line(line, packet);
  if (phase_ == phase::starting) establish(line, packet);
  if (phase_ == phase::closed && packet.end() > end_) { // it was not the end: other messages follow
    host_.log(sdk::log_level::warning, "messages follow the end of session: going on");
    phase_ = phase::live;
    end_ = 0;
    owes_live_ = true;
  }
  if (packet.end_of_session) end_ = std::max(end_, packet.sequence);
  if (answer) declare_answered(packet);
  offer(line, packet);
  settle();
}

void venue_session::offer(uint32_t line, const mold_packet& packet) {
  arbiter_.hear_of(packet.sequence);
  if (packet.count == 0) return;
  const bool replayed = lines_.is_server(line) && replay_.is_active() && packet.sequence < arbiter_.next() &&
                        packet.end() > replay_.position();
  if (replayed) replay_.offer(packet);
  sink into{*this};
  auto result = arbiter_.offer(packet, into);
  if (result.overflow) {
    lose(packet.sequence,
         "more than hold_messages (" + std::to_string(options_.hold_messages) + ") messages wait behind a gap");
    result = arbiter_.offer(packet, into);
  }
  if (!replayed) counters_.add(duplicates, result.known);
  if (const auto source = line_set::source_of(line))
    counters_.add((result.fresh > 0 ? line_won : line_duplicates) + *source * line_block);
}

int32_t venue_session::on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) {
  now_ns_ = now_ns;
  normalizer_.set_time(now_ns);
  if (line == line_set::soup) {
    if (soup_.on_line(state, why, now_ns) == soup_line::change::down) forget_soup({});
  } else if (line == line_set::glimpse) {
    if (glimpse_.on_line(state, why, now_ns) == soup_line::change::down)
      fail_picture("the connection ended before the end of the snapshot", glimpse_failed);
  } else {
    lines_.on_line(line, state, why);
  }
  if (line == line_set::file && state == TP_LINE_FILE_END)
    end_file(cutter_.is_cut_off());
  else if (line == line_set::file && state == TP_LINE_FAILED)
    tell(TP_STREAM_LOST, "the file cannot be read: " + std::string{why});
  end_burst();
  return TP_OK;
}

int32_t venue_session::on_timer(uint32_t id, uint64_t now_ns) {
  now_ns_ = now_ns;
  normalizer_.set_time(now_ns);
  switch (id) {
    case reorder_timer: on_reorder_timer(); break;
    case request_timer: plan_requests(); break;
    case replay_timer: break; // end_burst() advances the replay
    case silence_timer: on_silence_timer(); break;
    case proof_timer: break; // end_burst() judges the picture
    default:
      if (soup_.owns_timer(id)) {
        if (soup_.on_timer(id, now_ns) == soup_line::change::down) forget_soup({});
      } else if (glimpse_.owns_timer(id)) {
        if (glimpse_.on_timer(id, now_ns) == soup_line::change::down)
          fail_picture("the server does not answer", glimpse_failed);
      } else {
        lines_.on_timer(id);
      }
  }
  end_burst();
  return TP_OK;
}

} // namespace tickplant::nasdaq
