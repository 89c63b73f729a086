// What a client_set tells its host. Every call comes on the loop's thread, from the loop's own turn: never from inside
// a function of the set. An exception closes that client (1011, or 500 before the upgrade) and is told to on_fault.
#pragma once

#include "runtime/net/client/http_message.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace tickplant::net {

/// Names a client of one set: `index` is small and dense (good for tables) and reused, the generation tells apart who
/// had it before.
struct client_ref {
  uint32_t index = UINT32_MAX, generation = 0;
  friend bool operator==(client_ref, client_ref) = default;
};

enum class message_kind : uint8_t { text, binary };

/// A whole message. 64 readable bytes lie behind the payload, which holds during the call.
struct inbound_message {
  message_kind kind = message_kind::text;
  /// Text is checked to be UTF-8 (wire::is_utf8) unless it is compressed: then who inflates it checks it.
  std::span<const uint8_t> payload;
  bool is_compressed = false; ///< as it came, only with upgrade_answer::may_compress; nothing was inflated
};

struct close_report {
  /// Of the close frame that began it; 1005 or 1006 if there was none. Of an upgrade that was accepted or answered
  /// `later` and never opened: 1006 the peer hung up, 1008 the host refused it, 1011 the host failed, 1013 no answer
  /// came within `decide_ns` or the server drains.
  uint16_t code = 1006;
  std::string_view reason; ///< the peer's or ours; untrusted text of at most 123 bytes
  bool clean = false;      ///< close frames went both ways
  bool by_peer = false;    ///< the peer began
};

class client_events {
public:
  virtual ~client_events() = default;

  /// A request that asks for no upgrade. `client` is of use for a later answer only: plain clients are not told the
  /// end of.
  virtual http_response on_http(client_ref client, const http_request& request) = 0;
  /// A WebSocket request that passed every check of RFC 6455, section 4.2.1. `client` cannot be written before on_open.
  /// For every upgrade that is accepted or answered `later` exactly one on_closed follows, also if on_open never came.
  virtual upgrade_answer on_upgrade(client_ref client, const upgrade_request& request) = 0;
  /// The 101 is written: the client can be written to.
  virtual void on_open(client_ref client) { (void)client; }
  virtual void on_message(client_ref client, const inbound_message& message) = 0;
  /// `round_trip_ns` is 0 for a pong that answers none of our pings.
  virtual void on_pong(client_ref client, uint64_t round_trip_ns) { (void)client, (void)round_trip_ns; }
  /// A blocked client takes nothing, or lets replies pile up, and is soon closed for it (4103): half of `stall_ns` or
  /// of `reply_limit` is used up. Once until it drains; a reply given now is the last it can get before the close.
  virtual void on_slow(client_ref client) { (void)client; }
  /// A blocked client can be written again.
  virtual void on_drained(client_ref client) = 0;
  /// The last word about a client; its index may be used anew afterwards.
  virtual void on_closed(client_ref client, const close_report& report) = 0;
  /// A callback threw `what`; the client is being closed. Must not throw.
  virtual void on_fault(client_ref client, std::string_view what) { (void)client, (void)what; }
};

} // namespace tickplant::net
