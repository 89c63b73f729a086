// The server's half of one SoupBinTCP 3.00 connection: a login, then the session's messages or one GLIMPSE picture,
// with heartbeats both ways. Bytes and time come in, bytes go out; no socket.
#pragma once

#include "tickplant_sim/message_store.hpp"
#include "tickplant_sim/nasdaq/itch_encoder.hpp"
#include "tickplant_sim/service_faults.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tickplant::sim::nasdaq {

using steady_time = std::chrono::steady_clock::time_point;
using byte_buffer = std::vector<std::uint8_t>;

/// What a service offers; the exchange changes it, conversations read it.
struct soup_offer {
  std::string session;
  const message_store* store = nullptr; // the live flow; null: pictures
  /// Length-prefixed messages with the end of the snapshot last; null when there are none to be had.
  std::function<std::shared_ptr<const block_buffer>()> picture = {};
  std::string username = {}, password = {}; // empty: anybody may log in
  bool has_ended = false;                   // nothing more will be stored
};

struct soup_counts {
  std::uint64_t connections = 0, logins = 0, refused = 0, messages = 0, malformed = 0, timeouts = 0, cut = 0;
};

class soup_conversation {
public:
  /// What it refers to must outlive it.
  soup_conversation(const soup_offer& offer, service_faults& faults, soup_counts& counts, steady_time now);

  void receive(std::span<const std::uint8_t> bytes, steady_time now);
  /// Appends what is due, about `room` bytes at most.
  void advance(steady_time now, std::size_t room, byte_buffer& out);
  /// Nothing more is said: the connection is to be closed behind the last byte.
  bool is_over() const noexcept { return stage_ == stage::over; }

private:
  enum class stage : std::uint8_t { silent, answering, talking, over };

  void take(char type, std::span<const std::uint8_t> payload, steady_time now);
  void log_in(std::span<const std::uint8_t> payload, steady_time now);
  void answer(byte_buffer& out);
  /// False when the connection was cut inside the message.
  bool send(std::span<const std::uint8_t> message, byte_buffer& out);
  void send_live(std::size_t room, byte_buffer& out);
  void send_picture(std::size_t room, byte_buffer& out);

  const soup_offer& offer_;
  service_faults& faults_;
  soup_counts& counts_;
  std::string session_; // of the login
  byte_buffer in_;
  stage stage_ = stage::silent;
  char refusal_ = 0;
  steady_time answer_at_, heard_, spoke_;
  std::uint64_t next_ = 1;
  std::shared_ptr<const block_buffer> picture_;
  std::size_t picture_at_ = 0;
};

} // namespace tickplant::sim::nasdaq
