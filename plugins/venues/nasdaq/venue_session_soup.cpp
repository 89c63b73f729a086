// SoupBinTCP as a live carrier: a third source of the same numbered messages, alone or beside the Mold lines
// (specification notes, section 4).
#include "venue_session_sink.hpp"

namespace tickplant::nasdaq {

namespace {

constexpr uint64_t soup_patience_ns = 5'000'000'000; // for a connection that is down to come back
constexpr uint32_t longest_run = 256;                // messages that are handed on together

} // namespace

struct venue_session::soup_handler {
  venue_session& owner;

  bool accepted(std::string_view session, uint64_t sequence) { return owner.soup_accepted(session, sequence); }
  void sequenced(const uint8_t* data, uint32_t size) { owner.soup_message(data, size); }
  void ended() {
    owner.take_soup(owner.soup_run_count_, false);
    owner.take_soup(0, true);
    owner.forget_soup("the session ended");
  }
  void rejected(char reason) {
    owner.counters_.add(soup_refused);
    if (reason == 'S') owner.soup_forgets_ = true;
    owner.forget_soup({});
  }
  void broken() {
    owner.counters_.add(malformed);
    owner.take_soup(owner.soup_run_count_, false);
    owner.forget_soup({});
  }
};

int64_t venue_session::on_stream(const tp_unit& unit) {
  now_ns_ = unit.recv_ns;
  normalizer_.set_time(now_ns_);
  int64_t used = unit.size;
  if (unit.line == line_set::soup) {
    counters_.add(line_packets + *line_set::source_of(line_set::soup) * line_block);
    const uint64_t before = soup_next_;
    used = soup_.on_stream(unit, soup_handler{*this});
    if (soup_run_count_ > 0 || soup_next_ == before) take_soup(soup_run_count_, false);
  } else if (unit.line == line_set::glimpse) {
    used = read_picture(unit);
  }
  end_burst();
  return used;
}

// Where to begin: at a reconnect with the next number, so that nothing is lost or told twice.
soup_line::wish venue_session::soup_wish() const {
  if (phase_ == phase::idle) return {options_.soup_session, soup_forgets_ ? 1 : options_.soup_sequence};
  if (phase_ == phase::closed || soup_forgets_) return {{}, 1};
  if (phase_ == phase::starting && options_.soup_sequence == 0) return {session_.name(), 0};
  return {session_.name(), arbiter_.next()};
}

bool venue_session::soup_accepted(std::string_view session, uint64_t sequence) {
  counters_.add(soup_logins);
  soup_forgets_ = false;
  const bool is_same = phase_ != phase::idle && session_.name() == session;
  if (!is_same && !soup_adopts(session)) {
    counters_.add(foreign);
    return false;
  }
  if (is_same && phase_ == phase::closed && sequence <= end_) return false; // it still has the session that ended
  soup_next_ = sequence;
  patience_ns_ = 0;
  take_soup(0, false);
  return true;
}

// Section 2.4, point b, for a server that was logged in to: it is believed unless the Mold lines say otherwise.
bool venue_session::soup_adopts(std::string_view session) {
  const auto is_name = [&](const mold_session& old) { return old.name() == session; };
  if (std::any_of(old_sessions_.begin(), old_sessions_.end(), is_name)) return false;
  if (phase_ != phase::idle && phase_ != phase::closed) {
    for (const uint32_t line : {line_set::a, line_set::b})
      if (lines_.is_configured(line) && heard_[line].next != 0 && !heard_[line].silent && !silent_) return false;
    host_.log(sdk::log_level::error,
              "the session changed to '" + std::string{session} + "' before the end of the old one: books are cleared");
  }
  adopt(mold_session::of(session));
  return true;
}

void venue_session::soup_message(const uint8_t* data, uint32_t size) {
  if (soup_run_count_ == longest_run || soup_run_.size() + size > longest_soup_packet)
    take_soup(soup_run_count_, false);
  const size_t at = soup_run_.size();
  soup_run_.resize(at + 2 + size);
  sdk::put_be16(&soup_run_[at], static_cast<uint16_t>(size));
  if (size > 0) std::memcpy(&soup_run_[at + 2], data, size);
  ++soup_run_count_;
}

// A run of messages is the same as a packet of a Mold line; without any it is a heartbeat.
void venue_session::take_soup(uint32_t count, bool is_end) {
  if (soup_next_ == 0) return;
  const mold_packet packet{session_, soup_next_, count, is_end, soup_run_.data()};
  soup_run_count_ = 0;
  soup_next_ += count;
  if (count > 0) {
    soup_.succeeded();
    patience_ns_ = 0;
  }
  const bool is_known = phase_ == phase::live || phase_ == phase::closed;
  if (is_known && packet.sequence > arbiter_.high() + options_.gap_limit)
    lose(packet.sequence, "more than gap_limit (" + std::to_string(options_.gap_limit) + ") messages are missing");
  take(line_set::soup, packet);
  soup_run_.clear();
}

/// The connection's numbers mean nothing any more. With a reason it is given up, else it was lost already.
void venue_session::forget_soup(std::string_view why) {
  soup_next_ = 0;
  soup_run_.clear();
  soup_run_count_ = 0;
  heard_[*line_set::source_of(line_set::soup)].next = 0;
  if (!why.empty() && soup_.is_connected()) soup_.fail(why, now_ns_);
}

/// The connection brings what is missing next, without being asked.
bool venue_session::soup_flows() const {
  return soup_.is_up() && soup_next_ != 0 && soup_next_ <= arbiter_.next();
}

/// Whether it is worth waiting for a Soup connection to bring what nobody else has.
bool venue_session::soup_may_fill() {
  if (soup_flows()) return true;
  if (!soup_.is_configured() || soup_.is_refused() || soup_.is_up()) return false;
  if (patience_ns_ == 0) patience_ns_ = now_ns_ + soup_patience_ns;
  if (now_ns_ >= patience_ns_) return false;
  host_.set_timer(request_timer, patience_ns_ - now_ns_);
  return true;
}

// Books that lost their state, where neither a picture nor a re-request can be had: the session is told again from its
// first message by a new login.
bool venue_session::retell_by_soup() {
  if (!soup_.is_configured() || soup_.is_refused() || arbiter_.next() <= 1) return false;
  const uint64_t high = arbiter_.high();
  retold_below_ = std::max(retold_below_, arbiter_.next());
  open_gaps_.clear();
  jumped_from_.reset();
  arbiter_.reset(1);
  arbiter_.hear_of(high);
  catch_up("a book lost its state: logging in again for the whole session");
  forget_soup("the session is asked for again");
  return true;
}

} // namespace tickplant::nasdaq
