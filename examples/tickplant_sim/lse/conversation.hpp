// One client connection of a replay or recovery service, from login to the end, without its socket: bytes and time come
// in, bytes and the wish to close go out.
#pragma once

#include "tickplant_sim/lse/answer_service.hpp"
#include "tickplant_sim/lse/service_desk.hpp"
#include "tickplant_sim/service_faults.hpp"

#include <deque>

namespace tickplant::sim::lse {

struct service_counts {
  std::uint64_t connections = 0;
  std::uint64_t logins = 0;
  std::uint64_t requests = 0;
  std::uint64_t answered = 0;
  std::uint64_t bytes = 0;
  std::uint64_t login_refusals = 0; // with an answer or without
  std::uint64_t request_refusals = 0;
  std::uint64_t beyond_limits = 0; // refusals of both kinds because a day's limit was reached
  std::uint64_t timeouts = 0;
  std::uint64_t malformed = 0; // connections closed for bytes that are no units
  std::uint64_t second_logins = 0;
  std::uint64_t ignored = 0; // messages before the login's answer, unknown ones
};

/// What all connections of a service share; everything outlives them.
struct service_parts {
  const service_protocol& protocol;
  answer_service& answers;
  service_desk& desk;
  service_faults& faults;
  service_counts& counts;
  char group;
};

class conversation {
public:
  static constexpr std::size_t most_waiting_requests = 64;
  static constexpr std::size_t most_gtp_requests = 10;

  conversation(const service_parts& parts, steady_time now);
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;
  ~conversation() { leave(); }

  /// Bytes from the client, in any pieces.
  void receive(std::span<const std::uint8_t> bytes, steady_time now);
  /// Appends what is due; stops at about `room` bytes until it is called again. To be called when bytes came or went,
  /// and every few milliseconds.
  void advance(steady_time now, std::size_t room, byte_buffer& out);
  /// The connection ends once everything appended is sent.
  bool is_over() const noexcept { return over_; }

private:
  struct waiting_request {
    client_message message;
    steady_time due;
  };

  void take(const client_message& message, steady_time now);
  void take_login(const login_request& login, steady_time now);
  void take_request(const client_message& message, steady_time now);
  void answer_login(steady_time now, byte_buffer& out);
  void begin_answer(steady_time now, byte_buffer& out);
  void watch_time(steady_time now);
  void deliver(const byte_buffer& piece, byte_buffer& out);
  void deliver(const message_buffer& messages, byte_buffer& out);
  void end() noexcept;
  void leave() noexcept;

  service_parts parts_;
  byte_buffer unread_;
  std::string comp_id_; // not empty: the service is taken for it
  std::optional<char> login_answer_;
  steady_time login_answer_due_{};
  bool logged_in_ = false;
  bool asked_ = false;
  std::deque<waiting_request> requests_;
  std::unique_ptr<answer_job> job_;
  steady_time quiet_since_; // connected, logged in, or the last message delivered
  byte_buffer piece_;
  bool over_ = false;
};

} // namespace tickplant::sim::lse
