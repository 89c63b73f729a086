// An HTTP server that takes everything and answers 200 with an empty JSON object at once: a collector of traces.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace tickplant::testing {

/// Serves on a free port of 127.0.0.1 from construction to destruction, on a thread of its own.
class http_sink {
public:
  http_sink();
  ~http_sink();
  http_sink(const http_sink&) = delete;
  http_sink& operator=(const http_sink&) = delete;

  uint16_t port() const;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  /// Requests answered, and bytes of their bodies.
  uint64_t requests() const;
  uint64_t bytes() const;

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickplant::testing
