// Thousands of WebSocket clients on one thread: they connect, subscribe, read everything, check it and count.
#pragma once

#include "counts.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::load {

/// Which of the symbols a client subscribes to, when not to all.
enum class choice : uint8_t {
  neighbours, ///< those that follow each other in the list, from another one on for each client
  random      ///< of a seed of its own, so that each run has the same
};

struct swarm_options {
  std::string address = "127.0.0.1"; ///< IPv4, numeric
  uint16_t port = 0;
  std::string path = "/ws";
  bool is_tls = false; ///< certificates are not checked
  size_t clients = 1;
  std::vector<std::string> symbols;    ///< every client subscribes to all of them; none: it only connects
  size_t symbols_each = 0;             ///< to so many of them; 0: all
  choice chosen = choice::random;      ///< which
  int64_t frequency_ms = 100;          ///< 0: every event
  std::vector<std::string> data_types; ///< empty: the server's default
  int depth = -1;                      ///< levels a side; -1: the server's default
  bool deflate = false;                ///< offers permessage-deflate, without context
  size_t silent = 0;                   ///< so many of the clients read nothing once they have subscribed
  double connects_per_second = 0;      ///< 0: as fast as they are taken
  size_t check_every = 1;              ///< of the others only numbers of messages and counts of entries are looked at
  bool polls = false; ///< never sleeps, so that no send of the server has to wake this thread: wants a core of its own
  std::vector<std::string> headers; ///< of the handshake, "Name: value"
  std::vector<std::string> first;   ///< JSON messages that are sent before SUBSCRIBE
};

/// Reads `ws://ADDRESS:PORT/PATH`, or wss, into the options; false when it is something else.
bool read_url(const std::string& url, swarm_options& to);

/// The name of a symbol of configs/bench.yaml: S000 and so on.
std::string numbered_symbol(size_t number);

/// Runs from construction, on a thread of its own, until stop or destruction. Other members may be called by any
/// thread. At most 256 clients shake hands at once (with a rate: 4,096), so that
/// no listener's queue runs over.
class swarm {
public:
  /// Throws std::system_error or std::invalid_argument. Raises the process's limit of open files as far as allowed.
  explicit swarm(swarm_options options);
  ~swarm();
  swarm(const swarm&) = delete;
  swarm& operator=(const swarm&) = delete;

  swarm_counts counts() const;
  /// Sends of the server that clients now open have received, as their kernels count them (tcp_segments.hpp). Asks the
  /// kernel once for each client.
  uint64_t sends() const;
  /// Latencies and stalls are counted from here on.
  void begin_measuring();
  /// Clients say goodbye; counts stay.
  void stop();

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickplant::load
