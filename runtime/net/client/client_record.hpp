// One client of a client_set, as it lies in the table: two cache lines, and side blocks while something is unfinished.
#pragma once

#include "runtime/net/client/http_message.hpp"
#include "runtime/net/client/output_tail.hpp"
#include "runtime/net/client/peer_address.hpp"
#include "runtime/net/client/tls_link.hpp"
#include "runtime/wire/frame_reader.hpp"
#include "runtime/wire/rfc6455.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::net {

enum class client_phase : uint8_t {
  unused,
  head,       ///< a request head is awaited
  deciding,   ///< the host answers later; nothing is read
  answering,  ///< a response is not yet taken by the kernel; nothing is read
  open,       ///< WebSocket
  closing,    ///< our close frame went out or waits; the peer's is awaited
  parting,    ///< the peer's close was answered, the answer waits behind other bytes
  discarding, ///< our last bytes are on their way; input is thrown away until the peer hangs up
  dead        ///< socket closed; on_closed comes at the end of the turn
};

/// Input that waits: a head or body that is not complete, requests behind a response, frames behind an upgrade that is
/// being decided or held back by pause_reading.
struct held_input {
  std::vector<uint8_t> bytes; // with wire::frame_padding bytes behind the last
  size_t size = 0, scanned = 0;
  size_t needed = 0; // of a request with its body: nothing is looked at before they are there
};

/// What is needed of a request to answer it, and the host's answer when it came later.
struct open_request {
  bool is_upgrade = false, is_head = false, keep_alive = false, arrived = false;
  std::string key, if_none_match;
  std::vector<std::string> subprotocols; // offered
  upgrade_answer upgrade;
  http_response response;
};

struct client_record {
  int descriptor = -1;
  uint32_t generation = 0;
  client_phase phase = client_phase::unused;
  bool paused = false, is_ready = false, is_upgraded = false, ping_is_out = false;
  bool clean = false, by_peer = false, head_counted = false, had_request = false, hang_up = false;
  bool was_open = false, may_compress = false, slow_told = false;
  uint16_t close_code = 0;
  uint32_t interest = 0; // as told to epoll
  std::unique_ptr<output_tail> tail;
  wire::frame_reader reader;
  std::unique_ptr<held_input> held;
  std::unique_ptr<std::string> reason;
  std::unique_ptr<open_request> pending; // while deciding
  std::unique_ptr<tls_link> tls;
  uint32_t deadline = 0; // of the phase, in steps of the timer wheel
  uint32_t ping_due = 0; // or, with ping_is_out, when its answer is overdue
  uint32_t progress = 0; // when the tail, or what is untaken, last got shorter
  uint32_t untaken = 0;  // while discarding: bytes that the peer's system had not got when it was looked at
  uint32_t listener = 0;
  peer_address peer;

  bool is_live() const { return phase != client_phase::unused && phase != client_phase::dead; }
};

static_assert(sizeof(client_record) <= 128, "two cache lines");

} // namespace tickplant::net
