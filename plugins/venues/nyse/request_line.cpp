#include "request_line.hpp"

namespace tickplant::nyse {

namespace {

constexpr uint64_t second = 1'000'000'000, minute = 60 * second;
constexpr uint64_t longest_quiet = 200 * second; // three heartbeats of the server, and some

} // namespace

request_line::request_line(sdk::venue_host host, const options& opts, counter_sheet& counters)
  : host_(host), options_(opts), counters_(counters), day_(host, opts.time_zone), quotas_(opts.quotas) {
  alarmed_day_.fill(INT64_MIN);
}

void request_line::open(uint64_t now_ns) {
  if (!is_configured() || is_open_) return;
  if (!has(quota::logins, "logins", now_ns)) {
    host_.set_timer(reconnect_timer, 15 * minute); // the next day brings new ones
    return;
  }
  tp_line_spec spec{};
  spec.struct_size = sizeof spec;
  spec.line = line;
  spec.kind = TP_LINE_TCP;
  spec.role = TP_ROLE_REREQUEST;
  spec.max_unit = 65'535;
  spec.name = sdk::to_tp("request");
  spec.address = sdk::to_tp(options_.servers[server_]);
  is_open_ = true;
  if (const int32_t answer = host_.line_open(spec); answer != TP_OK) {
    is_open_ = false;
    host_.log(sdk::log_level::error, "line request cannot be opened: code " + std::to_string(answer));
    schedule(now_ns);
  }
}

void request_line::close() {
  host_.cancel_timer(reconnect_timer);
  host_.cancel_timer(watch_timer);
}

bool request_line::on_line(uint32_t state, std::string_view why, uint64_t now_ns) {
  if (state == TP_LINE_UP) {
    if (is_up_) return false;
    quotas_.set_day(day_.of(now_ns));
    quotas_.take(quota::logins); // a connection is a login: there is no login message
    counters_.add(request_logins);
    is_up_ = true;
    sequence_ = 0;
    heard_ns_ = now_ns;
    host_.set_timer(watch_timer, longest_quiet);
    return true;
  }
  const bool was_up = std::exchange(is_up_, false);
  is_open_ = false;
  host_.cancel_timer(watch_timer);
  host_.log(sdk::log_level::warning,
            "line request (" + options_.servers[server_] + ") is down, trying again: " + std::string{why});
  server_ = (server_ + 1) % static_cast<uint32_t>(options_.servers.size());
  // What failed to connect was no login, and may be tried at a quicker pace.
  if (!was_up && failures_ < UINT8_MAX) ++failures_;
  schedule(now_ns);
  return was_up;
}

void request_line::drop(std::string_view why, uint64_t now_ns) {
  host_.line_close(line);
  on_line(TP_LINE_CLOSED, why, now_ns);
}

// 1 s, doubling to 32 s. The more of the day's logins are used, the longer the pauses, so that some are left at night.
void request_line::schedule(uint64_t now_ns) {
  quotas_.set_day(day_.of(now_ns));
  uint64_t pause = sdk::backoff_pause_ns(failures_);
  const uint64_t used = quotas_.used(quota::logins), most = quotas_.most(quota::logins);
  if (used * 4 > most * 3)
    pause = std::max(pause, 15 * minute);
  else if (used * 2 > most)
    pause = std::max(pause, 5 * minute);
  else if (used * 10 > most)
    pause = std::max(pause, 10 * second);
  host_.set_timer(reconnect_timer, sdk::jittered_ns(pause, host_.random()));
}

bool request_line::on_timer(uint32_t id, uint64_t now_ns) {
  if (id == reconnect_timer) {
    open(now_ns);
    return true;
  }
  if (id != watch_timer) return false;
  if (!is_up_) return true;
  const uint64_t quiet = now_ns > heard_ns_ ? now_ns - heard_ns_ : 0;
  if (quiet < longest_quiet)
    host_.set_timer(watch_timer, longest_quiet - quiet);
  else
    drop("no heartbeat of the server", now_ns);
  return true;
}

// Within 5 s, or the server hangs up.
void request_line::answer_heartbeat(uint64_t now_ns) {
  send(heartbeat_response(sequence_ + 1, now_ns, options_.source_id));
  failures_ = 0; // a connection that lives is a good one
}

/// Whether there is something left for today; tells it once a day where not.
bool request_line::has(quota which, std::string_view what, uint64_t now_ns) {
  const int64_t day = day_.of(now_ns);
  quotas_.set_day(day);
  if (quotas_.has(which)) return true;
  auto& alarmed = alarmed_day_[static_cast<size_t>(which)];
  if (alarmed != day) {
    alarmed = day;
    counters_.add(quota_exhausted);
    host_.log(sdk::log_level::error, "no " + std::string{what} + " are left for today (" +
                                       std::to_string(quotas_.used(which)) + " of " +
                                       std::to_string(quotas_.most(which)) + " used)");
  }
  return false;
}

request_line::sending request_line::send(const request_bytes& bytes) {
  if (!is_up_ || host_.send(line, TP_UNIT_BINARY, bytes) != TP_OK) return {outcome::not_now, 0};
  return {outcome::sent, ++sequence_};
}

request_line::sending request_line::ask_retransmission(uint8_t channel, uint64_t from, uint64_t to, uint64_t now_ns) {
  if (!has(quota::retransmissions, "retransmission requests", now_ns)) return {outcome::exhausted, 0};
  const auto result = send(retransmission_request(sequence_ + 1, now_ns, who(channel), static_cast<uint32_t>(from),
                                                  static_cast<uint32_t>(to)));
  if (result.what == outcome::sent) {
    quotas_.take(quota::retransmissions);
    counters_.add(retransmission_requests);
  }
  return result;
}

request_line::sending request_line::ask_refresh(uint8_t channel, uint32_t index, uint64_t now_ns) {
  if (!has(quota::refreshes, "refresh requests", now_ns) ||
      (index == 0 && !has(quota::full_refreshes, "refresh requests for all symbols", now_ns)))
    return {outcome::exhausted, 0};
  const auto result = send(refresh_request(sequence_ + 1, now_ns, who(channel), index));
  if (result.what == outcome::sent) {
    quotas_.take(quota::refreshes);
    if (index == 0) quotas_.take(quota::full_refreshes);
    counters_.add(refresh_requests);
  }
  return result;
}

// Mapping requests for one symbol have no limit of their own; they are counted with the refreshes, to be safe.
request_line::sending request_line::ask_mapping(uint8_t channel, uint32_t index, uint64_t now_ns) {
  const quota which = index == 0 ? quota::full_mappings : quota::refreshes;
  if (!has(which, index == 0 ? "mapping requests for all symbols" : "refresh requests", now_ns))
    return {outcome::exhausted, 0};
  const auto result = send(mapping_request(sequence_ + 1, now_ns, who(channel), index));
  if (result.what == outcome::sent) {
    quotas_.take(which);
    counters_.add(mapping_requests);
  }
  return result;
}

} // namespace tickplant::nyse
