// One TCP service of the venue, replay or recovery: when to connect, where, and when to leave it alone (notes A6, G5).
// Knows nothing of what is asked. All time comes in with the calls.
#pragma once

#include "config.hpp"
#include "counters.hpp"
#include "unit.hpp"

#include <string>

namespace tickplant::lse {

/// Connects only while somebody needs it, one session at a time: so many attempts at the primary address, as many at
/// the secondary, then a rest. Its owner hears of `ready` (ask now) and `down` (what was asked is void). One thread.
class service_link {
public:
  class client {
  public:
    virtual ~client() = default;
    virtual std::vector<uint8_t> login_bytes() const = 0;
    virtual std::vector<uint8_t> logout_bytes() const = 0;
    /// Logged in, or free for the next request.
    virtual void ready(service_link& link) = 0;
    /// The session is over. `is_stopped`: and none will be tried for a while, or today.
    virtual void down(service_link& link, bool is_stopped) = 0;
  };
  struct identity {
    std::string_view name; // of the lines
    uint16_t role = 0;
    uint32_t first_line = 0; // two line numbers, used in turn
    uint32_t timer = 0;
    uint32_t first_counter = 0; // logins, requests, refused
  };

  service_link(sdk::venue_host host, counter_sheet& counters, const service_limits& limits, const identity& who,
               client& owner)
    : host_(host), counters_(counters), limits_(limits), who_(who), owner_(owner) {}

  bool is_configured() const { return !limits_.addresses.empty(); }
  bool is_ready() const { return state_ == state::ready; }
  bool is_logged_in() const { return state_ == state::ready || state_ == state::lingering; }
  bool is_open() const { return state_ >= state::opening; }
  bool owns_line(uint32_t line) const { return state_ >= state::opening && line == line_; }
  bool owns_timer(uint32_t id) const { return id == who_.timer; }
  std::string_view name() const { return who_.name; }
  /// Why nothing can be asked at `now`, TP_OK where it can: TP_E_UNSUPPORTED, TP_E_DOWN or TP_E_LIMIT.
  int32_t refusal(uint64_t now_ns, int64_t date) const;

  /// Something is to be asked: connects as soon as the rules allow it, or makes a lingering session ready again.
  void need(uint64_t now_ns, int64_t date);
  /// Sends a request; false, and the service is left alone for the day, if the day's number of them is reached.
  bool send_request(const std::vector<uint8_t>& bytes, uint64_t now_ns);
  /// Bytes came: the time for an answer counts anew.
  void note_progress(uint64_t now_ns);
  /// A request was answered whole: attempts count anew.
  void note_success() {
    attempt_ = 0;
    was_of_use_ = true;
  }
  /// Nothing is left to be asked for now.
  void rest_of_requests(uint64_t now_ns);
  /// What the server sent cannot be read, or an answer does not come: this session is given up.
  void fail(uint64_t now_ns, std::string_view why);
  /// The server refused for the day.
  void block(uint64_t now_ns, std::string_view why);

  void on_login_response(char status, uint64_t now_ns);
  void on_line(uint32_t line_state, std::string_view why, uint64_t now_ns);
  void on_timer(uint64_t now_ns);
  void close(uint64_t now_ns);

private:
  enum class state : uint8_t { idle, waiting, opening, logging_in, ready, lingering };
  void open(uint64_t now_ns);
  void drop(uint64_t now_ns);
  void attempt_failed(uint64_t now_ns, std::string_view why);
  void stop(uint64_t now_ns, uint64_t until_ns, bool for_today, std::string_view why);
  void arm(uint64_t after_ns) { host_.set_timer(who_.timer, after_ns); }
  void new_day(int64_t date);
  const std::string& address() const;

  sdk::venue_host host_;
  counter_sheet& counters_;
  const service_limits& limits_;
  identity who_;
  client& owner_;
  state state_ = state::idle;
  uint32_t line_ = 0;       // of the session that is open
  uint32_t sessions_ = 0;   // opened so far
  uint32_t attempt_ = 0;    // failed since the last success
  bool was_of_use_ = false; // this session answered a request
  uint64_t not_before_ns_ = 0, last_login_ns_ = 0, resting_until_ns_ = 0;
  uint32_t logins_ = 0, requests_ = 0; // today
  int64_t date_ = INT64_MIN, blocked_date_ = INT64_MIN;
};

} // namespace tickplant::lse
