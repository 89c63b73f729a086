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

struct close_report {
  uint16_t code = 1006;    ///< of the close frame that began it; 1005 or 1006 if there was none
  std::string_view reason; ///< the peer's or ours; untrusted text of at most 123 bytes
  bool clean = false;      ///< close frames went both ways
  bool by_peer = false;    ///< the peer began
};

class client_events {
public:
  virtual ~client_events() = default;

  /// A GET or HEAD that asks for no upgrade.
  virtual http_response on_http(const http_request& request) = 0;
  /// A WebSocket request that passed every check of RFC 6455, section 4.2.1. `client` cannot be written before on_open.
  virtual upgrade_answer on_upgrade(client_ref client, const upgrade_request& request) = 0;
  /// The 101 is written: the client can be written to. For every accepted upgrade exactly one on_closed follows, also
  /// if on_open never came.
  virtual void on_open(client_ref client) { (void)client; }
  /// A whole message; 64 readable bytes lie behind it. The bytes hold during the call.
  virtual void on_message(client_ref client, message_kind kind, std::span<const uint8_t> message) = 0;
  /// `round_trip_ns` is 0 for a pong that answers none of our pings.
  virtual void on_pong(client_ref client, uint64_t round_trip_ns) { (void)client, (void)round_trip_ns; }
  /// A blocked client can be written again.
  virtual void on_drained(client_ref client) = 0;
  /// The last word about a client; its index may be used anew afterwards.
  virtual void on_closed(client_ref client, const close_report& report) = 0;
  /// A callback threw `what`; the client is being closed. Must not throw.
  virtual void on_fault(client_ref client, std::string_view what) { (void)client, (void)what; }
};

} // namespace tickplant::net
