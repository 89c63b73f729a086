// One listening TCP socket on an event loop. Connections are taken in batches of at most 64 per turn and handed on as
// descriptors; acceptance is never paused to shed load, since an overflowing backlog costs a client a second (fan-out).
#pragma once

#include "runtime/net/client/peer_address.hpp"
#include "runtime/net/event_loop.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tickplant::net {

struct acceptor_counters {
  uint64_t accepted = 0;
  /// Closed at once because the process had no descriptor left. The listener rests 100 ms behind such a turn.
  uint64_t out_of_descriptors = 0;
  uint64_t failed = 0; ///< other errors of accept, the connection's own (aborted before it was accepted) among them
};

/// A bound, listening socket that nobody accepts from yet: whether a port can be had is known before anything changes.
class listening_socket {
public:
  /// `address` is numeric ("127.0.0.1", "::1", "0.0.0.0"); port 0 takes a free one. Throws std::system_error that names
  /// address, port and cause, and std::invalid_argument for what is no address.
  listening_socket(std::string_view address, uint16_t port, bool reuse_port = false);
  ~listening_socket();
  listening_socket(listening_socket&& other) noexcept;
  listening_socket(const listening_socket&) = delete;
  listening_socket& operator=(const listening_socket&) = delete;
  /// Gives the descriptor away.
  int release();

private:
  int descriptor_ = -1;
};

class acceptor {
public:
  /// Owns the descriptor from here on (non-blocking, close-on-exec); an exception closes it and is counted as failed.
  using receiver = std::function<void(int descriptor, const peer_address& peer)>;

  acceptor(event_loop& loop, listening_socket socket, receiver receive);
  /// The same with a socket of its own. Several acceptors may share a port with `reuse_port`, one per loop.
  acceptor(event_loop& loop, std::string_view address, uint16_t port, receiver receive, bool reuse_port = false);
  /// Stops listening. No call of `receive` afterwards; may be called from inside it.
  ~acceptor();
  acceptor(const acceptor&) = delete;
  acceptor& operator=(const acceptor&) = delete;

  /// The real port.
  uint16_t port() const;
  /// "127.0.0.1:8081"
  std::string text() const;
  const acceptor_counters& counters() const;

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

} // namespace tickplant::net
