#include "channel.hpp"

namespace tickplant::nyse {

static_assert(held_bytes >= longest_message + 8, "the table loads eight bytes at a time");

channel::channel(const surroundings& around, size_t place)
  : host_(around.host), options_(around.opts), own_(around.opts.channels[place]), counters_(around.counters),
    lines_(around.lines), requests_(around.requests), untold_directories_(around.untold_directories), place_(place),
    first_timer_(16 + static_cast<uint32_t>(place) * 8), day_of_(around.host, around.opts.time_zone),
    normalizer_(around.host, around.counters, own_.channel, around.next_instrument, *this),
    arbiter_(around.opts.hold_messages, held_bytes), retransmissions_(around.opts.retransmission),
    unmapped_(around.opts.hold_messages), singles_(around.opts.refresh.in_flight) {
  static_assert(timer_count <= 8);
}

void channel::start(uint64_t now_ns) {
  now_ns_ = heard_ns_ = now_ns;
  for (auto& line : heard_) line.heard_ns = now_ns;
  set_timer(silence_timer, options_.silence_ns);
}

void channel::stop() {
  end_burst();
  for (uint32_t which = 0; which < timer_count; ++which) cancel_timer(static_cast<timer>(which));
}

void channel::tell(uint32_t state, std::string_view reason, uint64_t from, uint64_t to, uint32_t instrument) {
  normalizer_.flush();
  host_.stream(own_.channel, instrument, state, reason, from, to);
}

void channel::on_packet(line_role role, const tp_unit& unit) {
  now_ns_ = unit.recv_ns;
  const bool is_live = role == line_role::a || role == line_role::b;
  if (is_live) counters_.add(line_packets + static_cast<uint32_t>(role) * line_b_offset);
  const auto p = (unit.flags & TP_UNIT_TRUNCATED) ? std::nullopt : read_packet(unit.data, unit.size);
  if (!p) return counters_.add(malformed);
  if (p->is_heartbeat()) counters_.add(heartbeats);
  switch (role) {
    case line_role::a:
    case line_role::b: return on_live(role, *p);
    case line_role::retransmission: return on_retransmission(*p);
    case line_role::refresh: return on_refresh(*p);
    default: return on_summary(*p);
  }
}

void channel::end_burst() {
  plan_refreshes();
  normalizer_.flush();
  normalizer_.count_messages();
  if (!directory_told_ && !is_adrift_ && is_directory_whole_ && normalizer_.saw_trading()) {
    directory_told_ = true;
    if (--untold_directories_ == 0) tell(TP_STREAM_DIRECTORY);
  }
}

void channel::on_live(line_role role, const packet& p) {
  const auto line = static_cast<size_t>(role);
  if (p.flag != delivery::heartbeat && p.flag != delivery::failover && p.flag != delivery::original &&
      p.flag != delivery::reset)
    return counters_.add(foreign);
  if (p.sequence == 0) return counters_.add(malformed); // numbering begins at 1
  normalizer_.clock().set_send_time(p.send_ns);
  if (!p.is_heartbeat() && p.sequence == 1 && type_of(p.messages) == type::sequence_reset) return on_reset(line, p);
  if (phase_ == phase::idle) establish(p);
  if (is_late_restart(p) || is_wild(p)) return;
  note_line(line, p);
  if (spin_ != symbol_map::none && p.is_heartbeat() && arbiter_.complete()) end_spin(arbiter_.next() - 1);
  if (is_failover_ && p.flag == delivery::original && p.sequence >= arbiter_.next()) end_failover();
  offer(line, p);
  settle();
}

void channel::note_line(size_t line, const packet& p) {
  auto& heard = heard_[line];
  heard_ns_ = heard.heard_ns = now_ns_;
  heard.silent = false;
  if (is_silent_) {
    is_silent_ = false;
    owes_live_ = true;
  }
  if (heard.next != 0 && p.sequence > heard.next)
    counters_.add(line_gaps + static_cast<uint32_t>(line) * line_b_offset);
  heard.next = std::max(heard.next, p.end());
}

// The first packets of a channel tell whether we have it from the start of its day. Number 1 is the reset, which
// carries no data.
void channel::establish(const packet& p) {
  day_ = day_of_.of(p.send_ns);
  if (p.sequence <= 2) return go_live(p.sequence);
  phase_ = phase::starting;
  if (p.sequence < options_.hold_messages)
    arbiter_.reset(2); // the other line may bring what lies before
  else
    arbiter_.reset(p.sequence);
  arbiter_.hear_of(p.sequence);
  if (arbiter_.complete()) late_start();
}

void channel::go_live(uint64_t from) {
  phase_ = phase::live;
  arbiter_.reset(from);
  flow_from_ = from;
  is_complete_ = is_directory_whole_ = true;
  tell(TP_STREAM_LIVE, {}, 1);
}

void channel::late_start() {
  phase_ = phase::live;
  const auto hole = arbiter_.first_missing(arbiter_.next(), arbiter_.high(), UINT64_MAX / 2);
  const uint64_t from = hole ? hole->to + 1 : arbiter_.next();
  const std::string reason = "joined the channel at message " + std::to_string(from) + ", late in its day";
  auto& symbols = normalizer_.symbols().all();
  if (std::ranges::none_of(symbols, [](const symbol_state& symbol) { return symbol.covered != 0; }))
    return lose_all(from, reason);
  // Pictures came before the first packet: those that join the flow here are good.
  is_adrift_ = true;
  flow_from_ = from;
  overdue_ = std::max(overdue_, from);
  for (auto& symbol : symbols)
    if (symbol.covered + 1 < from) lose_symbol(symbol, from, reason);
  sink into{normalizer_};
  arbiter_.skip_to(from, into);
  if (!is_directory_whole_) want_full();
  check_recovered();
}

// One packet with a number far ahead would make everything that really follows a duplicate for good: it is believed
// only when a second packet confirms it.
bool channel::is_wild(const packet& p) {
  if (phase_ == phase::starting) return false;
  if (p.sequence <= arbiter_.high() + options_.gap_limit) {
    if (p.end() > arbiter_.next()) wild_.reset();
    return false;
  }
  const bool is_confirmed = wild_ && p.sequence >= *wild_ && p.sequence - *wild_ <= options_.gap_limit;
  wild_ = p.sequence;
  if (!is_confirmed) {
    counters_.add(wild);
    return true;
  }
  wild_.reset();
  counters_.add(gaps_seen);
  counters_.add(gaps_lost);
  lose_all(p.sequence, "more than gap_limit (" + std::to_string(options_.gap_limit) + ") messages are missing");
  return false;
}

void channel::offer(std::optional<size_t> line, const packet& p) {
  arbiter_.hear_of(p.sequence);
  if (p.is_heartbeat()) return;
  sink into{normalizer_};
  auto result = arbiter_.offer(p, into);
  if (result.overflow) {
    counters_.add(gaps_seen, gaps_.empty());
    counters_.add(gaps_lost, gaps_.empty());
    lose_all(p.sequence,
             "more than hold_messages (" + std::to_string(options_.hold_messages) + ") messages wait behind a gap");
    result = arbiter_.offer(p, into);
  }
  counters_.add(duplicates, result.known);
  if (!line) return;
  if (result.fresh > 0) newest_send_ns_ = std::max(newest_send_ns_, p.send_ns);
  counters_.add((result.fresh > 0 ? line_won : line_duplicates) + static_cast<uint32_t>(*line) * line_b_offset);
}

// A third line: original messages under their own numbers, whoever asked for them (section 5).
void channel::on_retransmission(const packet& p) {
  if (p.is_heartbeat()) return; // its numbers are not those of the live flow
  counters_.add(retransmission_packets);
  if (p.flag == delivery::unavailable || type_of(p.messages) == type::unavailable) {
    const auto range = read_unavailable(p.messages);
    if (!range) return counters_.add(malformed);
    if (range->product != options_.product || range->channel != own_.channel) return counters_.add(foreign);
    counters_.add(retransmission_unavailable);
    counters_.add(static_cast<uint32_t>(layout_of(type::unavailable).counter));
    if (phase_ == phase::live && range->from <= range->to)
      declare_hopeless(range->from, range->to, "the retransmission server does not have them any more");
    return settle();
  }
  if (phase_ != phase::live || p.sequence == 0 || p.sequence > arbiter_.high() + options_.gap_limit)
    return counters_.add(foreign);
  declare_answered(p);
  offer(std::nullopt, p);
  settle();
}

// Stock summaries have a channel and numbers of their own, and come again every minute: what is lost is not missed.
void channel::on_summary(const packet& p) {
  if (p.is_heartbeat()) return;
  if (p.sequence < summary_next_ && p.flag != delivery::reset && p.sequence != 1)
    return counters_.add(duplicates, p.count);
  summary_next_ = p.end();
  const uint8_t* message = p.messages;
  for (uint32_t i = 0; i < p.count; ++i, message = next_message(message))
    if (type_of(message) == type::summary) normalizer_.message(0, message);
}

void channel::on_timer(uint32_t which, uint64_t now_ns) {
  now_ns_ = now_ns;
  switch (which) {
    case reorder_timer: on_reorder_timer(); break;
    case request_timer: settle(); break;
    case silence_timer: on_silence_timer(); break;
    default: break; // end_burst() plans refreshes
  }
}

void channel::on_requests_changed(uint64_t now_ns) {
  now_ns_ = now_ns;
  are_requests_refused_ = false; // another server may know us
  retransmissions_.forget_sent();
  for (auto& single : singles_)
    if (single.is_active) single.due_ns = 0; // what was asked is void
  if (full_.is_active) {
    full_.is_active = false;
    full_.is_wanted = true;
  }
  settle();
}

void channel::on_silence_timer() {
  uint64_t again = options_.silence_ns;
  const uint64_t quiet = now_ns_ > heard_ns_ ? now_ns_ - heard_ns_ : 0;
  if (quiet < options_.silence_ns) {
    again = options_.silence_ns - quiet;
    for (size_t line = 0; line < 2; ++line) {
      auto& heard = heard_[line];
      if (!is_configured(line) || heard.silent || heard.heard_ns + options_.silence_ns > now_ns_) continue;
      heard.silent = true;
      counters_.add(line_silent + static_cast<uint32_t>(line) * line_b_offset);
      host_.log(sdk::log_level::warning, "channel " + std::to_string(own_.channel) + ": line " +
                                           (line == 0 ? "a" : "b") + " is silent while the other one speaks");
    }
  } else if (!is_silent_) {
    is_silent_ = true;
    if (spin_ != symbol_map::none) end_spin(arbiter_.next() - 1);
    tell(TP_STREAM_SILENT, "no packet on any line");
  }
  set_timer(silence_timer, again);
}

} // namespace tickplant::nyse
