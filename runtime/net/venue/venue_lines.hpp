// The server's world of one venue plugin instance: opens and reads the lines that it asks for (UDP, TCP, TLS,
// WebSocket, files), fetches over HTTP and keeps its timers. Reports to a venue_sink, on the event loop's thread.
//
// Threads: everything, construction and destruction too, on the loop's thread, or before the loop runs.
// Lifetime: the loop and the sink outlive it; it is destroyed at any moment except inside a call of the sink or of a
// hook. No call comes afterwards.
// Errors: what the outside does wrong ends one line (FAILED with a reason, logged) or one request. An exception of the
// sink or of a hook ends the instance: all is closed, on_fault is called once, every later request answers
// TP_E_STOPPING.
#pragma once

#include "runtime/net/event_loop.hpp"
#include "runtime/plugin/venue_io.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::net {

struct venue_lines_options {
  /// Certificates of the authorities that are trusted, PEM; empty: the system's.
  std::string ca_file;
  /// From opening to UP: name, connection, TLS and WebSocket handshake together.
  uint64_t connect_timeout_ns = 10'000'000'000;
  /// WebSocket: a ping goes out after half of it without a frame; FAILED after the whole.
  uint64_t silence_timeout_ns = 60'000'000'000;
  /// Asked for on every UDP socket, bytes; the kernel may grant less, which is logged.
  uint32_t receive_buffer = 8u << 20;
  /// TP_LOG_*; may be empty.
  std::function<void(int32_t level, std::string_view text)> log;
  /// The instance is broken: the owner ends it in a later turn.
  std::function<void(std::string_view what)> on_fault;
  /// Once after the sink calls of each turn.
  std::function<void()> after_delivery;
};

/// Largest `max_unit`; datagrams end at 65,535 bytes anyway.
inline constexpr uint32_t max_unit_limit = 64u << 20;
/// Bytes that wait to be written on one line; beyond, `send` answers TP_E_LIMIT.
inline constexpr size_t send_queue_limit = 1u << 20;
inline constexpr size_t http_active_limit = 8, http_waiting_limit = 64;
inline constexpr size_t timer_limit = 4096;

struct line_counters {
  uint64_t units = 0;        ///< handed over: datagrams, messages, records, calls of on_stream
  uint64_t bytes = 0;        ///< received
  uint64_t truncated = 0;    ///< datagrams longer than max_unit
  uint64_t foreign = 0;      ///< datagrams of other senders, dropped
  uint64_t kernel_drops = 0; ///< datagrams that found the receive buffer full
  uint64_t sent_units = 0, sent_bytes = 0;
  uint64_t send_refused = 0; ///< queue or socket buffer full
};

struct line_status {
  uint32_t line = 0;
  uint16_t kind = 0, role = 0;
  std::string name, address; ///< the address without its query, which may hold secrets
  uint32_t state = 0;        ///< 0 opening, else TP_LINE_*
  std::string why;           ///< of the last change of state
  uint64_t since_ns = 0;     ///< wall clock
  line_counters counters;
};

class venue_lines final : public plugin::venue_io {
public:
  venue_lines(event_loop& loop, plugin::venue_sink& sink, venue_lines_options options);
  ~venue_lines() override;
  venue_lines(const venue_lines&) = delete;
  venue_lines& operator=(const venue_lines&) = delete;

  /// UDP_GROUP: udp://group:port is joined, any other udp://address:port is bound. UDP_PEER: udp://host:port.
  /// TCP: tcp:// or tls://host:port. WEBSOCKET: ws:// or wss://host[:port]/target. FILE: file:///path, cut into units
  /// by `cut`: TP_CUT_NONE the whole file, LENGTH16BE records (a zero length or the end of the file ends it),
  /// TEXT_LINES (blank ones are left out). Names are looked up without blocking. TP_E_LIMIT: max_unit above
  /// max_unit_limit.
  int32_t line_open(const tp_line_spec& spec) override;
  void line_close(uint32_t line) override;
  /// TP_E_DOWN before UP and after the end; TP_E_LIMIT when the send queue is full; TP_E_AGAIN when a datagram finds
  /// the socket's buffer full; TP_E_UNSUPPORTED on files and groups. WebSocket: binary if TP_UNIT_BINARY, else text.
  int32_t send(uint32_t line, uint32_t unit_flags, std::span<const uint8_t> bytes) override;
  /// Redirects are not followed. timeout_ns counts from here, 0 = 10 s; max_body 0 = 16 MiB. Status without an answer:
  /// TP_E_AGAIN time-out, TP_E_LIMIT header or body too large, TP_E_DOWN all else.
  int32_t http_get(const tp_http_request& request) override;
  void set_timer(uint32_t id, uint64_t after_ns) override;

  /// Every line that was ever opened, by number; those that ended keep their last state until the number is used again.
  std::vector<line_status> status() const;

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickplant::net
