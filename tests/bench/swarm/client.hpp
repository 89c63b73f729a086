// One WebSocket client of a swarm: connects, subscribes, reads everything, answers pings and closes.
#pragma once

#include "frame.hpp"
#include "inflater.hpp"
#include "message_check.hpp"
#include "tls_stream.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <netinet/in.h>

namespace tickplant::load {

inline int64_t wall_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
    .count();
}

/// What the clients of one thread share.
struct shared_parts {
  shared_parts(int epoll_descriptor, swarm_counts& to) : epoll(epoll_descriptor), counts(to), check(to) {}

  int epoll;
  swarm_counts& counts;
  message_check check;
  sockaddr_in server{};
  std::string greeting;      ///< bytes of the handshake
  bool may_compress = false; ///< whether compression was offered
  size_t opening = 0;        ///< clients between connect and the end of their handshake
  int64_t measured_from_us = 0;
  inflater inflate;
  tls_context tls; ///< null: plain
  std::vector<char> scratch = std::vector<char>(256 * 1024 + simdjson::SIMDJSON_PADDING);
  size_t room() const { return scratch.size() - simdjson::SIMDJSON_PADDING; }
};

/// How one client differs from the others.
struct client_role {
  std::string first_frames;   ///< sent once the handshake is done
  bool reads_nothing = false; ///< once it has subscribed
  bool checks_entries = true; ///< else they are counted only
};

/// Used by one thread. The address of the object is what epoll tells, so it stays where it is.
class client {
public:
  client(shared_parts& shared, size_t number, client_role role) : shared_(shared), role_(std::move(role)) {
    memory_.number = number;
  }
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  void connect();
  /// Readable, writable or broken, as epoll tells.
  void on_ready(uint32_t events);
  /// Says goodbye with 1000 and ends; counts as no disconnect.
  void leave();
  uint64_t updates() const { return memory_.updates; }
  /// Of the server, as this side's kernel counts them; 0 before the connection and after its end.
  uint64_t sends() const;
  bool is_silent() const { return role_.reads_nothing; }
  /// How long it has been without an update at `now_us`; 0 for one that cannot have any.
  int64_t waits_us(int64_t now_us) const;

private:
  enum class phase : uint8_t { idle, connecting, securing, greeting, open, ended };

  void connected(uint32_t events);
  void secure();
  void greet();
  void read();
  ssize_t send_some(std::string_view bytes);
  void take(char* bytes, size_t size);
  bool take_greeting(std::string_view bytes, size_t& used);
  bool take_frame(std::string_view bytes, size_t& used);
  void take_control(opcode code, std::string_view payload);
  bool take_data(const frame_header& header, std::string_view payload);
  void take_message(std::string_view payload, bool is_compressed);
  void send(std::string_view bytes);
  void flush();
  void watch(bool for_writing, int how);
  void fall_silent();
  void end(unsigned close_code, std::string_view why);

  shared_parts& shared_;
  client_role role_;
  int descriptor_ = -1;
  std::unique_ptr<tls_stream> tls_;
  phase phase_ = phase::idle;
  bool waits_to_write_ = false;
  bool is_fragment_compressed_ = false, is_in_message_ = false;
  client_memory memory_;
  int64_t last_update_us_ = 0;
  std::string rest_;    // of a frame that is not complete yet
  std::string message_; // fragments of a message so far
  std::string unsent_;
};

} // namespace tickplant::load
