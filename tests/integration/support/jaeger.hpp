// A real Jaeger as a child of the test, and questions to its query API. Built by `./dev jaeger --build-only`.
#pragma once

#include "child_process.hpp"
#include "scratch.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::testing {

/// TICKPLANT_JAEGER, or the newest of the cache; nullopt: there is none.
std::optional<std::string> find_jaeger_program();

struct jaeger_span {
  std::string trace_id, span_id, parent_id, operation; ///< ids in hexadecimal; no parent: empty
  uint64_t start_us = 0, duration_us = 0;
  std::map<std::string, std::string> tags; ///< values as text
};

struct jaeger_trace {
  std::string trace_id;
  std::vector<jaeger_span> spans;
  std::map<std::string, std::string> process_tags; ///< of the first span's process

  /// The first span of that name, null if there is none.
  const jaeger_span* span(const std::string& operation) const;
  /// Whether `child`'s parent is the span `parent`.
  bool is_child(const std::string& child, const std::string& parent) const;
  /// Everything, for messages of failed tests.
  std::string text() const;
};

class jaeger {
public:
  /// On free ports of 127.0.0.1, in memory. Throws std::runtime_error with what it said if it is not up in time.
  explicit jaeger(const std::string& program);

  std::string otlp_url() const { return "http://127.0.0.1:" + std::to_string(otlp_port_); }
  uint16_t query_port() const { return query_port_; }
  std::string output() const { return child_->output(); }

private:
  bool start(const std::string& program);
  bool is_up(uint16_t port) const;

  scratch_folder folder_;
  uint16_t otlp_port_ = 0, query_port_ = 0;
  std::unique_ptr<child_process> child_;
};

/// A trace of `service` with a span named `operation`; asks again until there is one that also has all spans named in
/// `complete_with`, or the time is over.
std::optional<jaeger_trace> find_trace(const jaeger& from, const std::string& service, const std::string& operation,
                                       const std::vector<std::string>& complete_with = {},
                                       milliseconds within = patience);

} // namespace tickplant::testing
