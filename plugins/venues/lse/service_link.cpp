#include "service_link.hpp"

#include <algorithm>

namespace tickplant::lse {

void service_link::new_day(int64_t date) {
  if (date == date_) return;
  date_ = date;
  logins_ = requests_ = 0;
}

int32_t service_link::refusal(uint64_t now_ns, int64_t date) const {
  if (!is_configured()) return TP_E_UNSUPPORTED;
  if (blocked_date_ == date) return TP_E_LIMIT;
  return resting_until_ns_ > now_ns ? TP_E_DOWN : TP_OK;
}

void service_link::need(uint64_t now_ns, int64_t date) {
  new_day(date);
  if (state_ == state::lingering) {
    state_ = state::ready;
    arm(limits_.answer_timeout_ns);
    return owner_.ready(*this);
  }
  if (state_ != state::idle || refusal(now_ns, date) != TP_OK) return;
  const uint64_t spaced = last_login_ns_ == 0 ? 0 : last_login_ns_ + limits_.login_gap_ns;
  const uint64_t at = std::max(not_before_ns_, spaced);
  if (at <= now_ns) return open(now_ns);
  state_ = state::waiting;
  arm(at - now_ns);
}

const std::string& service_link::address() const {
  const size_t which = std::min<size_t>(attempt_ / limits_.attempts, limits_.addresses.size() - 1);
  return limits_.addresses[which];
}

void service_link::open(uint64_t now_ns) {
  if (logins_ >= limits_.logins_a_day)
    return block(now_ns, "the day's logins are used up (logins_a_day " + std::to_string(limits_.logins_a_day) + ')');
  ++logins_;
  counters_.add(who_.first_counter);
  last_login_ns_ = now_ns;
  was_of_use_ = false;
  line_ = who_.first_line + (sessions_++ & 1);
  state_ = state::opening;
  tp_line_spec spec{};
  spec.struct_size = sizeof spec;
  spec.line = line_;
  spec.name = sdk::to_tp(who_.name);
  spec.kind = TP_LINE_TCP;
  spec.role = who_.role;
  spec.max_unit = largest_unit + 1;
  spec.address = sdk::to_tp(address());
  arm(limits_.answer_timeout_ns);
  if (const int32_t answer = host_.line_open(spec); answer != TP_OK)
    attempt_failed(now_ns, "it cannot be opened: code " + std::to_string(answer));
}

bool service_link::send_request(const std::vector<uint8_t>& bytes, uint64_t now_ns) {
  if (requests_ >= limits_.requests_a_day) {
    block(now_ns, "the day's requests are used up (requests_a_day " + std::to_string(limits_.requests_a_day) + ')');
    return false;
  }
  ++requests_;
  counters_.add(who_.first_counter + 1);
  if (host_.send(line_, TP_UNIT_BINARY, bytes) != TP_OK) {
    fail(now_ns, "a request cannot be sent");
    return false;
  }
  arm(limits_.answer_timeout_ns);
  return true;
}

void service_link::note_progress(uint64_t) {
  if (state_ == state::ready) arm(limits_.answer_timeout_ns);
}

void service_link::rest_of_requests(uint64_t now_ns) {
  if (state_ == state::waiting) {
    state_ = state::idle;
    host_.cancel_timer(who_.timer);
  }
  if (state_ != state::ready) return;
  if (limits_.linger_ns == 0) return close(now_ns);
  state_ = state::lingering;
  arm(limits_.linger_ns);
}

// Ends the session in good order.
void service_link::close(uint64_t now_ns) {
  if (is_logged_in())
    if (const auto bytes = owner_.logout_bytes(); !bytes.empty()) host_.send(line_, TP_UNIT_BINARY, bytes);
  drop(now_ns);
}

void service_link::drop(uint64_t now_ns) {
  host_.cancel_timer(who_.timer);
  if (state_ >= state::opening) host_.line_close(line_);
  if (state_ >= state::logging_in) last_login_ns_ = now_ns; // the pause counts from the end of a session
  state_ = state::idle;
}

void service_link::fail(uint64_t now_ns, std::string_view why) {
  if (state_ < state::opening) return;
  drop(now_ns);
  attempt_failed(now_ns, why);
}

void service_link::attempt_failed(uint64_t now_ns, std::string_view why) {
  state_ = state::idle;
  host_.cancel_timer(who_.timer);
  const auto most = limits_.attempts * static_cast<uint32_t>(limits_.addresses.size());
  host_.log(sdk::log_level::warning, std::string{who_.name} + " at " + address() + ", attempt " +
                                       std::to_string(attempt_ + 1) + " of " + std::to_string(most) + ": " +
                                       std::string{why});
  not_before_ns_ = now_ns + limits_.retry_ns;
  if (++attempt_ < most) return owner_.down(*this, false);
  attempt_ = 0;
  stop(now_ns, now_ns + limits_.rest_ns, false, why);
}

void service_link::block(uint64_t now_ns, std::string_view why) {
  drop(now_ns);
  stop(now_ns, 0, true, why);
}

void service_link::stop(uint64_t now_ns, uint64_t until_ns, bool for_today, std::string_view why) {
  if (for_today)
    blocked_date_ = date_;
  else
    resting_until_ns_ = until_ns;
  counters_.add(services_stopped);
  host_.log(sdk::log_level::error, "ALARM: " + std::string{who_.name} + " is given up " +
                                     (for_today ? std::string{"for today"}
                                                : "for " + std::to_string((until_ns - now_ns) / 1'000'000'000) + " s") +
                                     ": " + std::string{why});
  owner_.down(*this, true);
}

// MIT303 login response, GTP002 login response; N is in older header files only.
void service_link::on_login_response(char status, uint64_t now_ns) {
  if (state_ != state::logging_in) return;
  if (status == 'A') {
    state_ = state::ready;
    arm(limits_.answer_timeout_ns);
    return owner_.ready(*this);
  }
  counters_.add(who_.first_counter + 2);
  switch (status) {
    case 'a': return block(now_ns, "login refused: the CompID is inactive or locked");
    case 'b': return block(now_ns, "login refused: the venue's limit of logins is reached");
    case 'N': return block(now_ns, "login refused: wrong password");
    case 'f': return block(now_ns, "login refused: wrong CompID or address");
    case 'c': return fail(now_ns, "login refused: the service is not available");
    case 'd': return fail(now_ns, "login refused: too many sessions of this CompID");
    default: return fail(now_ns, std::string{"login refused with status '"} + status + '\'');
  }
}

void service_link::on_line(uint32_t line_state, std::string_view why, uint64_t now_ns) {
  if (line_state == TP_LINE_UP) {
    if (state_ != state::opening) return;
    state_ = state::logging_in;
    arm(limits_.answer_timeout_ns);
    if (host_.send(line_, TP_UNIT_BINARY, owner_.login_bytes()) != TP_OK) fail(now_ns, "the login cannot be sent");
    return;
  }
  // The host has closed it already.
  const auto before = state_;
  state_ = state::idle;
  host_.cancel_timer(who_.timer);
  if (before >= state::logging_in) last_login_ns_ = now_ns;
  // GTP ends a session by itself when all that it was asked for is answered.
  if (before == state::lingering || (before == state::ready && was_of_use_)) return owner_.down(*this, false);
  attempt_failed(now_ns, before == state::logging_in
                           ? "closed without a login response: is comp_id right, and this machine's address known?"
                           : "the connection ended: " + std::string{why});
}

void service_link::on_timer(uint64_t now_ns) {
  switch (state_) {
    case state::idle: return;
    case state::waiting: state_ = state::idle; return open(now_ns);
    case state::lingering: close(now_ns); return owner_.down(*this, false);
    case state::opening: return fail(now_ns, "no connection in time");
    case state::logging_in: return fail(now_ns, "no login response in time");
    case state::ready: return fail(now_ns, "no answer in time");
  }
}

} // namespace tickplant::lse
