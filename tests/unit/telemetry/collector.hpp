// A collector on a free port of 127.0.0.1, good or bad, on a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::telemetry::testing {

struct collected {
  std::string method, target, content_type, body;
};

class collector {
public:
  enum class manner {
    good,        ///< 200 and an empty message
    fails,       ///< 500
    unavailable, ///< 503
    garbage,     ///< bytes that are no HTTP
    hangs,       ///< takes the request and never answers
    hangs_up     ///< takes the request and closes
  };

  explicit collector(manner how);
  ~collector();
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;

  uint16_t port() const;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  /// Whole requests so far.
  std::vector<collected> requests() const;
  /// Waits until there are so many; 30 s at most.
  bool wait_for_requests(size_t count) const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// A port that refuses connections for as long as the object lives.
class closed_port {
public:
  closed_port();
  ~closed_port();
  closed_port(const closed_port&) = delete;
  closed_port& operator=(const closed_port&) = delete;
  std::string url() const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace tickplant::telemetry::testing
