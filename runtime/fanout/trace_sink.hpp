// Where the hub tells what happened to traced updates: those that the feed loop sampled, those that came late, and the
// first data after a client's own traced request. Called for them alone; all others cost one look at a pointer.
#pragma once

#include "runtime/book/publication.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace tickplant::fanout {

/// A place in a trace, as telemetry has it; all zero: none.
struct trace_link {
  std::array<uint8_t, 16> trace_id{};
  std::array<uint8_t, 8> span_id{};
  bool is_set() const { return trace_id != std::array<uint8_t, 16>{}; }
};

/// One update that was encoded and written to one client. Times in ns, wall clock.
struct traced_update {
  const book::publication& state;
  const book::delivery_stamps& delivery;
  trace_link parent;  // not set: a late update that nobody sampled; the sink begins a trace with the delivery's stamps
  trace_link encoded; // the span of its encoding; not set: not told yet
  bool is_begun_by_client = false;
  uint64_t encode_start_ns = 0, encode_end_ns = 0; // of its element; 0: it was encoded before it was traced
  uint64_t write_start_ns = 0, write_end_ns = 0;
  uint64_t conflated = 0; // changes merged into this one
  size_t bytes = 0;       // of the frame
  uint32_t client = 0;    // number of its socket
};

/// What stands for the same update when it is told of further clients.
struct traced_spans {
  trace_link parent, encoded;
};

class trace_sink {
public:
  virtual ~trace_sink() = default;
  virtual uint64_t now_ns() = 0;
  /// An update that is older than this when the hub takes it is traced whether or not it was sampled. UINT64_MAX: none.
  virtual uint64_t slow_ns() = 0;
  virtual traced_spans sent(const traced_update& update) = 0;
};

} // namespace tickplant::fanout
