// All clients of one event loop: HTTP heads, WebSocket upgrades, frames both ways, slow clients, deadlines.
//
// The sockets lie in an epoll set of the set's own, whose descriptor is registered with the loop; a client costs one
// record of two cache lines and no object of Asio. Everything runs on the loop's thread.
//
// Memory is bounded per client: the unsent rest of one write, `reply_limit` bytes of packed replies, one message
// of `message_limit` bytes that arrives in pieces (or one request with a body of its listener's `body_limit`), and one
// read buffer of input held back by pause_reading or behind a request that is being decided.
#pragma once

#include "runtime/net/client/address_gate.hpp"
#include "runtime/net/client/client_events.hpp"
#include "runtime/net/client/tls_server.hpp"
#include "runtime/net/event_loop.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::net {

/// All of it may change while clients are there (set_options), but for `timer_step_ns`. Sizes of socket buffers are
/// those of new connections; a deadline that runs keeps its length.
struct client_options {
  uint32_t max_clients = 65'536; ///< records of this loop; more are answered 503
  /// Clients whose request head has begun and is not complete; more are answered 503.
  uint32_t max_partial_heads = 1'024;
  uint32_t head_limit = 16 * 1024; ///< bytes of a request head; more is answered 431. At most 32 KiB
  uint32_t message_limit = 64 * 1024;
  uint32_t reply_limit = 64 * 1024;     ///< memory of replies and control frames behind a blocked write; then 4103
  int send_buffer = 64 * 1024;          ///< SO_SNDBUF; 0 leaves the kernel's own
  int receive_buffer = 32 * 1024;       ///< SO_RCVBUF, else the kernel lets it grow to megabytes; 0 leaves it so
  int unsent_low_watermark = 16 * 1024; ///< TCP_NOTSENT_LOWAT; 0 leaves the kernel's own
  uint64_t handshake_ns =
    5'000'000'000; ///< TLS included, from adoption (or a request's first byte) to a complete request
  uint64_t decide_ns = 10'000'000'000;        ///< for an answer that the host gives later; then 503
  uint64_t http_idle_ns = 30'000'000'000;     ///< keep-alive without a request
  uint64_t ping_interval_ns = 30'000'000'000; ///< 0 = no pings
  uint64_t pong_wait_ns = 10'000'000'000;     ///< without any inbound frame: 4201
  uint64_t stall_ns = 10'000'000'000;         ///< blocked and not a byte taken: 4103
  /// For the peer's close frame, and until it is looked whether the farewell is being taken: then `stall_ns` counts.
  uint64_t close_wait_ns = 1'000'000'000;
  uint64_t timer_step_ns = 250'000'000; ///< deadlines are met within two steps
};

/// Plain numbers, counted on the loop's thread; read them there.
struct client_counters {
  uint64_t adopted = 0, refused_full = 0, refused_address = 0, refused_address_rate = 0, refused_draining = 0;
  uint64_t http_requests = 0, upgrades = 0;
  /// Heads that came to nothing, by what the client was told.
  uint64_t bad_request = 0, method_refused = 0, head_too_large = 0, head_timeout = 0, version_refused = 0;
  uint64_t tls_handshakes = 0;
  uint64_t tls_failed = 0;        ///< handshakes that came to nothing, plain requests on a TLS port among them
  uint64_t body_refused = 0;      ///< too large, chunked, or with an expectation that cannot be met
  uint64_t upgrade_refused = 0;   ///< by the host
  uint64_t decide_timeout = 0;    ///< the host did not answer in time
  uint64_t head_abandoned = 0;    ///< closed by the peer before its head was complete
  uint64_t records = 0, open = 0; ///< now: all adopted / upgraded and not yet closing
  uint64_t messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0;
  uint64_t pings_out = 0, pongs_in = 0, pings_in = 0;
  uint64_t slow = 0;           ///< times that the host was told of a slow one
  uint64_t blocked = 0;        ///< times that a client became blocked
  uint64_t writes_blocked = 0; ///< data writes not taken because the client was blocked
  uint64_t stalled = 0, reply_overflow = 0, heartbeat_timeout = 0, protocol_faults = 0, callback_faults = 0;
  /// Clients that had been open and ended, by code: 1000 to 1015 each, 4000 to 4399 by hundred in the last four, the
  /// rest in [16].
  std::array<uint64_t, 21> closed{};
  static size_t closed_index(uint16_t code);
};

/// What holds for the connections of one listener: the tag given to `adopt`.
struct listener_settings {
  /// Null: plain. Changed live it holds for new connections; open ones keep theirs. Refusals of adopt are silent then.
  std::shared_ptr<const tls_server> tls;
  /// Counts the sockets; shared by the sets of all loops, so that its bounds hold for the listener as a whole. Null:
  /// one of this set's own.
  std::shared_ptr<address_gate> gate;
  address_gate::rules bounds;                      ///< more are answered 503, of one address 429
  std::vector<std::string> methods{"GET", "HEAD"}; ///< of requests; another is answered 405. Upper case
  /// Bytes of a request's body, 0 = none is taken. Up to `max_partial_heads` such bodies may be under way at once.
  uint32_t body_limit = 0;
};

/// Plain numbers, as client_counters.
struct listener_counters {
  uint64_t accepted = 0, refused = 0;
  uint64_t tls_failed = 0;
  uint64_t records = 0, open = 0; ///< now
};

/// One client as a person is shown it.
struct client_view {
  peer_address peer;
  uint32_t listener = 0;
  bool is_open = false;     ///< a WebSocket that can be written
  bool is_deciding = false; ///< the host owes it an answer
  bool is_tls = false, is_closing = false, may_compress = false, is_paused = false;
  size_t pending_bytes = 0; ///< memory of what is unsent
  size_t held_bytes = 0;    ///< unread or incomplete input
  uint64_t blocked_ns = 0;  ///< since when it takes nothing, in steps of `timer_step_ns`; 0 = it is not blocked
};

enum class write_result : uint8_t {
  sent,    ///< the kernel has all of it
  kept,    ///< taken; the rest waits in the client's memory, which is blocked until on_drained
  blocked, ///< nothing was taken: the client is blocked. Write the newest again from on_drained
  gone     ///< no such client any more, or it is closing
};

class client_set {
public:
  /// `events` must outlive the set. Throws std::system_error if the epoll set cannot be made and std::invalid_argument
  /// for options out of range.
  client_set(event_loop& loop, client_events& events, client_options options = {});
  /// Closes all sockets. Not to be called from inside a callback; no callback comes afterwards.
  ~client_set();
  client_set(const client_set&) = delete;
  client_set& operator=(const client_set&) = delete;

  /// Takes over a connected stream socket. False: refused and closed (answered 503 or 429 as far as possible), counted.
  bool adopt(int descriptor, const peer_address& peer, uint32_t listener);

  /// Sets what holds for one listener; a listener never named has the defaults. May come at any time: bounds and
  /// methods hold from the next connection or request on, nobody is closed. Throws std::invalid_argument.
  void set_listener(uint32_t listener, listener_settings settings);
  /// Changes limits and deadlines. Throws std::invalid_argument for what is out of range or cannot change.
  void set_options(const client_options& options);
  /// Ends all clients of one listener: WebSockets by a close frame, upgrades under way by 503, requests behind their
  /// response, idle connections at once. Stop accepting before.
  void close_listener(uint32_t listener, uint16_t code, std::string_view reason);

  /// The answer to an upgrade that on_upgrade answered `later`. False: there is no such client any more, or it does not
  /// wait; not yet from inside on_upgrade. The rest (101 or refusal, on_open or on_closed) comes in a later turn.
  bool answer_upgrade(client_ref client, upgrade_answer answer);
  /// The same for a request that on_http answered `later`. A connection has one request at a time.
  bool answer_http(client_ref client, http_response response);

  /// One or several whole frames, one send. Data that may be conflated: while the client is blocked nothing is kept.
  write_result write(client_ref client, std::span<const uint8_t> frames);
  /// A hint: this client is written to next.
  void will_write(client_ref client) const;
  /// The same from pieces, gathered by the kernel (for frames above about 16 KiB).
  write_result write(client_ref client, std::span<const std::span<const uint8_t>> pieces);
  /// One or several whole frames that must not be lost. While the client is blocked they wait in order, packed if they
  /// are many. If they take more memory than `reply_limit`, or are sixteen times as many bytes, the client is closed
  /// with 4103. Do not ask for more answers of a client that has not taken those it has (`waiting_replies`).
  write_result reply(client_ref client, std::span<const uint8_t> frames);
  /// Frames `text` and sends it as a reply.
  write_result reply_text(client_ref client, std::string_view text);

  /// A close frame behind everything queued. With the peer's close frame the socket is closed and on_closed comes;
  /// without one, `close_wait_ns` after the peer has got all of it, or when it takes no byte for `stall_ns`. Further
  /// writes are `gone`; inbound messages are dropped.
  void close(client_ref client, uint16_t code, std::string_view reason);
  /// Closes the socket at once, without a close frame. on_closed comes in a later turn with `code`.
  void abort(client_ref client, uint16_t code = 1006);

  /// While paused on_message is not called and nothing is read: the peer's window closes. Heartbeat rests meanwhile.
  void pause_reading(client_ref client);
  void resume_reading(client_ref client);

  /// Upgrades are refused with 503 from here on; plain requests go on (health checks), each with Connection: close.
  void begin_drain();

  bool is_open(client_ref client) const;
  bool is_blocked(client_ref client) const;
  /// Memory that what waits for the client takes.
  size_t pending_bytes(client_ref client) const;
  /// Bytes of replies that wait for it.
  size_t waiting_replies(client_ref client) const;
  peer_address peer(client_ref client) const;
  /// Calls `each` for every client, in no particular order; it must not call the set.
  void for_each(const std::function<void(client_ref, const client_view&)>& each) const;
  const listener_counters& counters(uint32_t listener) const;
  const client_counters& counters() const;
  const client_options& options() const;

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickplant::net
