// Thousands of WebSocket clients on one thread: they connect, subscribe, read everything, check it and count.
#pragma once

#include "counts.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::load {

struct swarm_options {
  std::string address = "127.0.0.1"; ///< IPv4, numeric
  uint16_t port = 0;
  std::string path = "/ws";
  size_t clients = 1;
  std::vector<std::string> symbols;    ///< every client subscribes to all of them; none: it only connects
  int64_t frequency_ms = 100;          ///< 0: every event
  std::vector<std::string> data_types; ///< empty: the server's default
  int depth = -1;                      ///< levels a side; -1: the server's default
  bool deflate = false;                ///< offers permessage-deflate; compressed messages are counted, not read
  std::vector<std::string> headers;    ///< of the handshake, "Name: value"
  std::vector<std::string> first;      ///< JSON messages that are sent before SUBSCRIBE
};

/// Reads `ws://ADDRESS:PORT/PATH` into the options; false when it is something else.
bool read_url(const std::string& url, swarm_options& to);

/// Runs from construction, on a thread of its own, until stop or destruction. Other members may be called by any
/// thread. At most 256 clients shake hands at once, so that no listener's queue runs over.
class swarm {
public:
  /// Throws std::system_error or std::invalid_argument. Raises the process's limit of open files as far as allowed.
  explicit swarm(swarm_options options);
  ~swarm();
  swarm(const swarm&) = delete;
  swarm& operator=(const swarm&) = delete;

  swarm_counts counts() const;
  /// Clients say goodbye; counts stay.
  void stop();

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickplant::load
